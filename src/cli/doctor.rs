//! `doctor`: tests what Deskbell stands on, reads how the node that runs here does, and says what to do.

mod node;
mod numbers;

use crate::config::{Config, FilesTarget, MailTarget};
use crate::store::Db;
use crate::vault::Vault;
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use secrecy::ExposeSecret;
use std::path::Path;
use std::time::Duration;

type Finding = Result<String, String>;

/// What the node that runs here says may also be worth a look without being wrong.
enum Remark {
    Fine(String),
    Look(String),
    Wrong(String),
}

pub async fn run() -> anyhow::Result<()> {
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(mistakes) => {
            for mistake in &mistakes {
                println!("✗ {} {}", mistake.variable, mistake.advice);
            }
            anyhow::bail!("set the variables above, then run doctor again");
        }
    };
    let mut findings = database(&config).await;
    findings.push(("mail", mail(&config).await));
    if let Some(url) = &config.redis_url {
        findings.push(("redis", redis(url.expose_secret()).await));
    }
    findings.push(("open files", open_files()));
    let tested = findings.into_iter().map(|(name, finding)| (name, finding.map_or_else(Remark::Wrong, Remark::Fine)));
    let remarks: Vec<_> = tested
        .chain([("files", files(&config).await)])
        .chain(node::examine(config.listen).await.into_iter().map(|remark| ("node", remark)))
        .collect();
    for (name, remark) in &remarks {
        match remark {
            Remark::Fine(text) => println!("✓ {name}: {text}"),
            Remark::Look(text) => println!("! {name}: {text}"),
            Remark::Wrong(text) => println!("✗ {name}: {text}"),
        }
    }
    let failed = remarks.iter().filter(|(_, remark)| matches!(remark, Remark::Wrong(_))).count();
    anyhow::ensure!(failed == 0, "{failed} of {} checks failed", remarks.len());
    Ok(())
}

async fn database(config: &Config) -> Vec<(&'static str, Finding)> {
    let db = match Db::connect(config.database_url.expose_secret()).await {
        Ok(db) => db,
        Err(error) => return vec![("database", Err(format!("{error}; check DATABASE_URL and that PostgreSQL runs")))],
    };
    let durable = db
        .check_durable()
        .await
        .map(|()| "reachable, and keeps what it acknowledges".to_owned())
        .map_err(|e| e.to_string());
    let migrated = match db.is_migrated().await {
        Ok(true) => Ok("up to date".to_owned()),
        Ok(false) | Err(_) => Err("older than this program: run `deskbell migrate`".to_owned()),
    };
    let found = search(&db).await;
    let clock = match db.now().await {
        Ok(there) => clock(there),
        Err(error) => Err(error.to_string()),
    };
    vec![("database", durable), ("schema", migrated), ("search", found), ("clock", clock)]
}

/// More than this waits only where nobody takes texts apart.
const UNFOUND: i64 = 10_000;

async fn search(db: &Db) -> Finding {
    let standing = crate::store::search::standing(&db.read).await.map_err(|error| error.to_string())?;
    match (standing.waiting, standing.is_whole) {
        (waiting, _) if waiting > UNFOUND => Err(format!(
            "{waiting} texts or more cannot be found yet: is a node with the role queue running, and does the database keep up?"
        )),
        (_, false) => {
            Ok("what was written before the index is still being taken apart; new texts are found".to_owned())
        }
        (_, true) => Ok("whatever was written can be found; no extension of PostgreSQL is needed".to_owned()),
    }
}

fn clock(there: chrono::DateTime<chrono::Utc>) -> Finding {
    let off = (there - crate::app::Clock::default().now()).num_milliseconds().abs();
    if off > 5_000 {
        return Err(format!("differs from the database's by {off} ms: let both machines follow a time server"));
    }
    Ok(format!("within {off} ms of the database's"))
}

async fn mail(config: &Config) -> Finding {
    match &config.mail {
        MailTarget::Files(dir) => directory(dir),
        MailTarget::Smtp(url) => {
            let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
                .map_err(|e| format!("SMTP_URL: {e}"))?;
            let transport: AsyncSmtpTransport<Tokio1Executor> = builder.timeout(Some(Duration::from_secs(10))).build();
            match transport.test_connection().await {
                Ok(true) => Ok("the mail server answers".into()),
                Ok(false) => Err("the mail server does not answer as expected; check SMTP_URL".into()),
                Err(error) => Err(format!("{error}; check SMTP_URL, the network and the password")),
            }
        }
    }
}

async fn redis(url: &str) -> Finding {
    let found = crate::realtime::examine(url).await;
    found
        .map(|kind| format!("{kind}, reachable"))
        .map_err(|error| format!("{error}; check REDIS_URL and that Redis 6 or newer runs"))
}

fn directory(dir: &Path) -> Finding {
    let probe = dir.join(".deskbell-doctor");
    let written = std::fs::create_dir_all(dir)
        .and_then(|()| std::fs::write(&probe, b"ok"))
        .and_then(|()| std::fs::remove_file(&probe));
    written
        .map(|()| "the directory for captured mail can be written".into())
        .map_err(|e| format!("{}: {e}", dir.display()))
}

/// Writes, reads and removes something where files lie, and looks how much room there is.
async fn files(config: &Config) -> Remark {
    let Some(target) = &config.files else {
        return Remark::Look("FILES_URL is not set: nobody can send files".into());
    };
    let examined = async { Vault::open(target)?.examine().await };
    let examined = tokio::time::timeout(Duration::from_secs(20), examined).await;
    match (examined, target) {
        (Err(_), _) => Remark::Wrong("the store of files does not answer; check FILES_URL and the network".into()),
        (Ok(Err(error)), FilesTarget::Disk(_)) => {
            Remark::Wrong(format!("{error:#}; check FILES_URL, who owns the directory, and the disk"))
        }
        (Ok(Err(error)), FilesTarget::Bucket(_)) => Remark::Wrong(format!(
            "{error:#}; check FILES_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL"
        )),
        (Ok(Ok(())), FilesTarget::Disk(dir)) => room(dir),
        (Ok(Ok(())), FilesTarget::Bucket(_)) => Remark::Fine("the bucket keeps what is put into it".into()),
    }
}

/// Less than this is told, in MiB.
const LITTLE_ROOM: u64 = 1_024;

fn room(dir: &Path) -> Remark {
    let free = nix::sys::statvfs::statvfs(dir).map(|disk| disk.blocks_available() * disk.fragment_size() / 1_048_576);
    match free {
        Ok(free) if free < LITTLE_ROOM => Remark::Look(format!(
            "the directory can be written, but only {free} MiB are free: make room before it is full"
        )),
        Ok(free) => Remark::Fine(format!("the directory keeps what is put into it; {free} MiB are free")),
        Err(error) => Remark::Wrong(format!("{}: {error}", dir.display())),
    }
}

fn open_files() -> Finding {
    use nix::sys::resource::{Resource, getrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|e| e.to_string())?;
    if hard < 4_096 {
        return Err(format!("only {hard} open files are allowed: raise LimitNOFILE, each chat needs one"));
    }
    Ok(format!("{hard} may be open at once"))
}
