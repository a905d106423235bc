//! The demo's own PostgreSQL server, so that a first run needs no configuration.
//!
//! Promises: the data outlive every kind of end (fsync stays on, a half-made first run leaves nothing behind), nobody but
//! the server's account and root can reach the server (a unix socket in a private directory, no port), and a refusal says
//! what to do. One demo a data directory: the lock is held as long as the [`Server`] lives. It may not install anything
//! and may not touch any other PostgreSQL on the machine.
//!
//! Layout of the data home: `demo.lock`, and `database/` with `data`, `run` (the socket) and `postgres.log`.

mod account;
mod cluster;
mod leftover;
mod programs;
#[cfg(test)]
mod tests;

use std::fs::{File, TryLockError};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection};
use tokio::process::Child;

use account::Account;
use cluster::Cluster;
use programs::{Programs, Search};

/// The name of the database and of its owner.
const NAME: &str = "deskbell";
/// Part of the socket's file name only; no port is opened.
const PORT: u16 = 5432;
const GLANCE: Duration = Duration::from_millis(40);
/// Long enough for a recovery after a crash.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running private server. Dropping it asks the server to stop; [`Server::stop`] also waits until it has.
#[derive(Debug)]
pub struct Server {
    child: Child,
    cluster: Cluster,
    programs: Programs,
    sockets: PathBuf,
    #[cfg_attr(not(test), expect(dead_code, reason = "held, not read"))]
    lock: File,
}

/// Starts the server whose data live under `home`, making both when they are not there yet.
pub async fn start(home: &Path) -> Result<Server> {
    std::fs::create_dir_all(home).with_context(|| format!("{} cannot be made.", home.display()))?;
    let home = home.canonicalize().with_context(|| format!("{} cannot be opened.", home.display()))?;
    let lock = lock(&home).await?;
    let account = Account::choose(&home.join("database/data"))?;
    let cluster = Cluster::prepare(&home, account)?;
    let wanted = cluster.made_by()?;
    let programs = Search::of_this_machine(&home, &cluster.account).await.find(wanted, &cluster.account).await?;
    let sockets = cluster.sockets()?;
    retire(&cluster, &sockets).await?;
    if wanted.is_none() {
        cluster.make(&programs).await?;
    }
    let child = cluster.launch(&programs, &sockets)?;
    let mut server = Server { child, cluster, programs, sockets, lock };
    server.wait_until_ready().await?;
    server.make_database().await?;
    Ok(server)
}

async fn retire(cluster: &Cluster, sockets: &Path) -> Result<()> {
    leftover::retire(&cluster.data(), &sockets.join(format!(".s.PGSQL.{PORT}.lock"))).await
}

/// How often it is tried for the lock, every 20 ms: a process that is being started holds whatever was open until it runs its own
/// program, so that a lock may outlive its owner for a moment.
const TRIES: u32 = 50;

/// Held by this process alone: the standard library's files are closed on exec, so the server does not inherit it.
pub async fn lock(home: &Path) -> Result<File> {
    let path = home.join("demo.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("{} cannot be opened.", path.display()))?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(TryLockError::Error(cause)) => {
                return Err(cause).with_context(|| format!("{} cannot be locked.", path.display()));
            }
        }
    }
    bail!(
        "Another demo is already running in {}. Stop it first, or choose another place with --data-dir.",
        home.display()
    )
}

impl Server {
    /// The address of the database, for sqlx, libpq and anything else that knows unix sockets.
    pub fn url(&self) -> String {
        let dir: String = url::form_urlencoded::byte_serialize(self.sockets.as_os_str().as_encoded_bytes()).collect();
        // Form encoding writes a blank as `+`, which libpq takes literally.
        let dir = dir.replace('+', "%20");
        format!("postgres://{NAME}@localhost:{PORT}/{NAME}?host={dir}&sslmode=disable")
    }

    /// Until the server ends by itself, which it should not.
    pub async fn ended(&mut self) {
        match self.child.wait().await {
            Ok(status) => {
                tracing::error!(%status, "PostgreSQL ended by itself; what it said is in database/postgres.log");
            }
            Err(cause) => tracing::error!(error = %cause, "PostgreSQL cannot be watched"),
        }
    }

    /// Starts the server anew; it recovers by itself whatever was acknowledged.
    pub async fn start_again(&mut self) -> Result<()> {
        retire(&self.cluster, &self.sockets).await?;
        self.child = self.cluster.launch(&self.programs, &self.sockets)?;
        self.wait_until_ready().await
    }

    /// Stops the server and waits: fast shutdown, then harder. Close the pool before.
    pub async fn stop(mut self) {
        for (signal, patience) in leftover::WAYS_TO_STOP {
            self.send(signal);
            if tokio::time::timeout(patience, self.child.wait()).await.is_ok() {
                break;
            }
            tracing::warn!(?signal, "PostgreSQL has not stopped yet");
        }
    }

    fn send(&self, signal: Signal) {
        // No id once the end was noticed, so a reused process number is never signalled.
        if let Some(pid) = self.child.id().and_then(|id| i32::try_from(id).ok()) {
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let mut last = anyhow!("it did not answer");
        let attempts = PATIENCE.as_millis() / GLANCE.as_millis();
        for _ in 0..attempts {
            if let Some(status) = self.child.try_wait().context("PostgreSQL cannot be watched.")? {
                bail!("PostgreSQL stopped while starting ({status}). Its last words:\n{}", self.cluster.last_words());
            }
            match self.connect("postgres").await {
                Ok(connection) => return Ok(connection.close().await?),
                Err(cause) => last = cause.into(),
            }
            tokio::time::sleep(GLANCE).await;
        }
        bail!(
            "PostgreSQL was not ready after {} s: {last:#}. Its last words:\n{}",
            PATIENCE.as_secs(),
            self.cluster.last_words()
        )
    }

    async fn connect(&self, database: &str) -> sqlx::Result<PgConnection> {
        // Everything is named, so nothing is taken from PG… variables or a password file.
        let options = PgConnectOptions::new_without_pgpass()
            .socket(&self.sockets)
            .port(PORT)
            .username(NAME)
            .database(database)
            .ssl_mode(PgSslMode::Disable);
        PgConnection::connect_with(&options).await
    }

    async fn make_database(&self) -> Result<()> {
        let mut connection = self.connect("postgres").await.context("The new server cannot be reached.")?;
        let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = 'deskbell')")
            .fetch_one(&mut connection)
            .await?;
        if !there {
            sqlx::query("create database deskbell").execute(&mut connection).await?;
        }
        Ok(connection.close().await?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.send(Signal::SIGINT);
    }
}

/// Lets the server's account pass through a directory that stays ours.
fn let_through(dir: &Path) -> Result<()> {
    let found = std::fs::metadata(dir).with_context(|| format!("{} cannot be read.", dir.display()))?;
    let mode = found.permissions().mode();
    if mode & 0o011 == 0o011 {
        return Ok(());
    }
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(mode | 0o011))
        .with_context(|| format!("{} cannot be opened to PostgreSQL's account.", dir.display()))
}
