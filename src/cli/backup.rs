//! `backup` and `restore`: everything Deskbell knows, in one file, by PostgreSQL's own tools.
//!
//! A restored database is an earlier one: numbers that clients have seen will be given again, to other events. So a restore
//! gives the database a new epoch; whoever comes back with the old one is told to load anew. Sessions do not come back from a
//! backup, because a sign-out may have come after it.

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
    let outcome = Tool::new("pg_dump", &url)?
        .args(["--format=custom", "--no-owner", "--no-privileges"])
        .arg("--file", &unfinished)
        .run()
        .await;
    if outcome.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    outcome?;
    keep(&unfinished, &args.file).with_context(|| format!("{} cannot be written", args.file.display()))?;
    let size = std::fs::metadata(&args.file)?.len();
    println!("{} holds everything up to now: {} KiB.", args.file.display(), size.div_ceil(1024));
    Ok(())
}

/// On the disk before it has its name, and for its owner alone: it holds what people said.
fn keep(unfinished: &Path, file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(unfinished, std::fs::Permissions::from_mode(0o600))?;
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
    let db = super::connect().await?;
    let is_empty = restored::is_empty(&db).await?;
    if !is_empty && !args.replace {
        bail!("this database holds something already: give an empty one, or --replace what is there");
    }
    restored::put_aside(&db).await?;
    let restoring = Tool::new("pg_restore", &url)?
        .args(["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", "--dbname="])
        .last(&args.file)
        .run()
        .await;
    if let Err(cause) = restoring {
        restored::put_back(&db)
            .await
            .context("what was there is in the schema deskbell_before; bring it back by hand")?;
        return Err(cause.context("nothing was changed"));
    }
    db.migrate().await?;
    let arrived = restored::arrive(&db, crate::app::new_id()).await?;
    db.close().await;
    tell(&arrived);
    Ok(())
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
        ("PGHOST", decoded(url.host_str().unwrap_or("localhost"))),
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
        ];
        for (url, expected) in cases {
            let told: BTreeMap<_, _> = connection(url).unwrap().into_iter().collect();
            let told: Vec<_> = told.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(told.join(" "), expected, "{url}");
        }
        assert!(connection("not an address").is_err());
    }
}
