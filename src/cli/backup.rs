//! `backup` and `restore`: everything Deskbell knows, in one file, by PostgreSQL's own tools. The bytes of files lie elsewhere and
//! are backed up there, after this, so that no message carries what is missing.
//!
//! A restored database is an earlier one: numbers that clients have seen will be given again, to other events. So a restore
//! gives the database a new epoch; whoever comes back with the old one is told to load anew. Sessions do not come back from a
//! backup, because a sign-out may have come after it; shoppers' tokens do, because a browser has nothing else.

use crate::store::Db;
use crate::store::restored::{self, Arrived};
use anyhow::{Context, bail, ensure};
use chrono::SecondsFormat;
use clap::Args;
use percent_encoding::percent_decode_str;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;
use url::Url;

#[derive(Args)]
pub struct BackupArgs {
    /// The file to write; it appears when it is complete
    file: PathBuf,
}

#[derive(Args)]
pub struct RestoreArgs {
    /// A file that `deskbell backup` wrote
    file: PathBuf,
    /// Put it in the place of what the database holds now
    #[arg(long)]
    replace: bool,
}

pub async fn backup(args: BackupArgs) -> anyhow::Result<()> {
    let url = super::database_url()?;
    let unfinished = args.file.with_added_extension("part");
    let outcome = write(&url, &unfinished, &args.file).await;
    if outcome.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    outcome?;
    let size = std::fs::metadata(&args.file)?.len();
    println!("{} holds everything up to now: {} KiB.", args.file.display(), size.div_ceil(1024));
    if std::env::var_os("FILES_URL").is_some_and(|url| !url.is_empty()) {
        println!("Files that were sent are not in it: back up what FILES_URL names as well, from now on.");
    }
    Ok(())
}

/// For its owner alone from the first byte, because it holds what people said; on the disk before it has its name.
async fn write(url: &str, unfinished: &Path, file: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let unwritable = || format!("{} cannot be written", file.display());
    let _ = std::fs::remove_file(unfinished);
    let mut options = std::fs::File::options();
    options.write(true).create_new(true).mode(0o600).open(unfinished).with_context(unwritable)?;
    Tool::new("pg_dump", url)?.args(["--format=custom"]).arg("--file", unfinished).run().await?;
    keep(unfinished, file).with_context(unwritable)
}

fn keep(unfinished: &Path, file: &Path) -> std::io::Result<()> {
    std::fs::File::open(unfinished)?.sync_all()?;
    std::fs::rename(unfinished, file)?;
    let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::File::open(dir)?.sync_all()
}

pub async fn restore(args: RestoreArgs) -> anyhow::Result<()> {
    let url = super::database_url()?;
    Tool::new("pg_restore", &url)?.arg("--list", &args.file).run().await.context("this is no backup")?;
    let open = restored::connections(&url).await.context("PostgreSQL cannot be reached; check DATABASE_URL")?;
    ensure!(open == 0, "{open} connections of Deskbell are open: stop every node first, then restore");
    let db = super::connect_for_upkeep().await?;
    ensure!(
        !restored::is_unfinished(&db).await?,
        "an earlier restore was interrupted, and what was there before it is in the schema deskbell_before. Bring it back with psql: {}",
        restored::BRING_BACK
    );
    if !restored::is_empty(&db).await? && !args.replace {
        bail!("this database holds something already: give an empty one, or --replace what is there");
    }
    restored::put_aside(&db).await?;
    if let Err(cause) = replace(&db, &url, &args.file).await {
        restored::put_back(&db).await.with_context(|| {
            format!(
                "what was there before is in the schema deskbell_before; bring it back with psql: {}",
                restored::BRING_BACK
            )
        })?;
        return Err(cause.context("nothing was changed"));
    }
    restored::forget_before(&db)
        .await
        .context("restored; but drop the schema deskbell_before, which is not needed any more")?;
    tell(&restored::arrived(&db).await?);
    db.close().await;
    Ok(())
}

/// The epoch first: whatever fails after that, nobody takes these numbers for the old ones.
async fn replace(db: &Db, url: &str, file: &Path) -> anyhow::Result<()> {
    let restoring = Tool::new("pg_restore", url)?.args(["--single-transaction", "--exit-on-error", "--dbname="]);
    restoring.last(file).run().await?;
    restored::begin_anew(db, crate::app::new_id()).await?;
    db.migrate().await.context("the backup's schema is not one that this program knows")
}

fn tell(arrived: &Arrived) {
    println!("Restored {} conversations and {} events.", arrived.conversations, arrived.events);
    match arrived.newest {
        Some(at) => println!(
            "The newest event is of {}: what was said after that is not in the backup.",
            at.to_rfc3339_opts(SecondsFormat::Secs, true)
        ),
        None => println!("Nothing was said yet when it was made."),
    }
    println!("The database has a new epoch: clients load their conversations anew. Staff sign in again.");
}

/// One of PostgreSQL's client programs. The password goes by the environment, which other accounts cannot read.
struct Tool {
    name: &'static str,
    command: Command,
}

impl Tool {
    fn new(name: &'static str, url: &str) -> anyhow::Result<Self> {
        let program = match std::env::var_os("PG_BIN").filter(|bin| !bin.is_empty()) {
            Some(bin) => Path::new(&bin).join(name),
            None => PathBuf::from(name),
        };
        let mut command = Command::new(program);
        for (variable, value) in connection(url)? {
            command.env(variable, value);
        }
        command.args(["--no-password", "--no-owner", "--no-privileges", "--schema=public"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        Ok(Self { name, command })
    }

    fn args<const N: usize>(mut self, args: [&str; N]) -> Self {
        self.command.args(args);
        self
    }

    fn arg(mut self, option: &str, file: &Path) -> Self {
        self.command.arg(option).arg(file);
        self
    }

    fn last(mut self, file: &Path) -> Self {
        self.command.arg(file);
        self
    }

    async fn run(mut self) -> anyhow::Result<()> {
        let name = self.name;
        let output = self.command.output().await.with_context(|| {
            format!(
                "{name} cannot be run; install PostgreSQL's client programs (Debian: postgresql-client), or set PG_BIN"
            )
        })?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{name}: {}", said.trim());
        Ok(())
    }
}

/// An address as the variables that PostgreSQL's programs read.
fn connection(url: &str) -> anyhow::Result<Vec<(&'static str, String)>> {
    let url = Url::parse(url).context("DATABASE_URL is no address")?;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut variables = vec![
        ("PGUSER", decoded(url.username())),
        ("PGDATABASE", decoded(url.path().trim_start_matches('/'))),
        ("PGHOST", decoded(url.host_str().unwrap_or("localhost")).trim_matches(['[', ']']).to_owned()),
        ("PGPORT", url.port().unwrap_or(5432).to_string()),
    ];
    variables.extend(url.password().map(|password| ("PGPASSWORD", decoded(password))));
    for (key, value) in url.query_pairs() {
        let variable = match key.as_ref() {
            "host" => "PGHOST",
            "port" => "PGPORT",
            "user" => "PGUSER",
            "password" => "PGPASSWORD",
            "dbname" => "PGDATABASE",
            "sslmode" | "ssl-mode" => "PGSSLMODE",
            "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
            "sslcert" | "ssl-cert" => "PGSSLCERT",
            "sslkey" | "ssl-key" => "PGSSLKEY",
            _ => continue,
        };
        variables.retain(|(name, _)| *name != variable);
        variables.push((variable, value.into_owned()));
    }
    variables.retain(|(_, value)| !value.is_empty());
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::connection;
    use std::collections::BTreeMap;

    #[test]
    fn an_address_becomes_what_postgres_programs_read() {
        let cases = [
            (
                "postgres://ana:p%40ss@db.example:5433/desk",
                "PGDATABASE=desk PGHOST=db.example PGPASSWORD=p@ss PGPORT=5433 PGUSER=ana",
            ),
            (
                "postgres://deskbell@localhost:5432/deskbell?host=%2Frun%2Fa%20b&sslmode=disable",
                "PGDATABASE=deskbell PGHOST=/run/a b PGPORT=5432 PGSSLMODE=disable PGUSER=deskbell",
            ),
            ("postgresql://db.example", "PGHOST=db.example PGPORT=5432"),
            ("postgresql://[::1]:5433/desk", "PGDATABASE=desk PGHOST=::1 PGPORT=5433"),
        ];
        for (url, expected) in cases {
            let told: BTreeMap<_, _> = connection(url).unwrap().into_iter().collect();
            let told: Vec<_> = told.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(told.join(" "), expected, "{url}");
        }
        assert!(connection("not an address").is_err());
    }
}
