//! The database cluster on disk: where it lies, how it is made, and the command that serves it.
//!
//! Promises: the cluster appears under its name only when it is complete. The settings favour safety over speed (fsync,
//! full pages, checksums) and fit a small machine. It may not decide which programs to use.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};
use tokio::process::Child;

use super::account::Account;
use super::programs::Programs;
use super::{NAME, PORT, let_through};

/// A socket's whole path has room for 108 bytes on Linux and 104 on macOS.
const LONGEST_SOCKET: usize = 100;
/// A log larger than this is put aside at start; one old log is kept.
const LONGEST_LOG: u64 = 4 << 20;
const LAST_WORDS: u64 = 4096;

const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "shared_buffers=128MB",
    "effective_cache_size=512MB",
    "work_mem=8MB",
    "maintenance_work_mem=64MB",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "wal_compression=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "min_wal_size=64MB",
    "max_wal_size=512MB",
    "random_page_cost=1.1",
    "jit=off",
    "logging_collector=off",
    "log_destination=stderr",
    "log_checkpoints=off",
    "log_line_prefix=%m [%p] ",
    "log_timezone=UTC",
    "timezone=UTC",
    "lc_messages=C",
];

#[derive(Debug)]
pub(super) struct Cluster {
    dir: PathBuf,
    pub account: Account,
}

impl Cluster {
    /// Makes the private directory, after checking that the account can get there.
    pub(super) fn prepare(home: &Path, account: Account) -> Result<Self> {
        if account.uid() != Account::of_this_process().uid() {
            let_through(home)?;
        }
        account.reaches(home)?;
        let dir = home.join("database");
        account.private_dir(&dir)?;
        Ok(Self { dir, account })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// The major version that made the data, if there are any.
    pub(super) fn made_by(&self) -> Result<Option<u32>> {
        let data = self.data();
        if !data.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(data.join("PG_VERSION"))
            .with_context(|| format!("{} is no PostgreSQL data directory; move it away.", data.display()))?;
        let major =
            text.trim().parse().with_context(|| format!("{} holds data of an unknown version.", data.display()))?;
        Ok(Some(major))
    }

    /// Made beside its place and moved there when complete, so an interrupted first run leaves nothing half-made.
    pub(super) async fn make(&self, programs: &Programs) -> Result<()> {
        let fresh = self.dir.join("data.new");
        let mut complaint = String::new();
        for locale in ["C.UTF-8", "en_US.UTF-8", "C"] {
            if fresh.exists() {
                std::fs::remove_dir_all(&fresh).with_context(|| format!("{} cannot be removed.", fresh.display()))?;
            }
            let mut initdb = self.account.command(&programs.bin.join("initdb"), &self.dir);
            initdb.args(["--username", NAME, "--encoding", "UTF8", "--auth", "trust", "--locale", locale]);
            initdb.args(["--data-checksums", "--no-instructions", "--pgdata"]).arg(&fresh).kill_on_drop(true);
            let out =
                initdb.output().await.with_context(|| format!("initdb cannot be run as {}.", self.account.name()))?;
            if out.status.success() {
                std::fs::rename(&fresh, self.data()).context("The new database cannot be put in its place.")?;
                return File::open(&self.dir)?.sync_all().context("The new database cannot be made durable.");
            }
            complaint = String::from_utf8_lossy(&out.stderr).into_owned();
            if !complaint.contains("locale") {
                break;
            }
        }
        bail!("initdb, run as {}, could not make the database:\n{}", self.account.name(), complaint.trim())
    }

    /// Where the socket lies: beside the data, or in a short place when that path would be too long for a socket.
    pub(super) fn sockets(&self) -> Result<PathBuf> {
        let near = self.dir.join("run");
        let name = format!(".s.PGSQL.{PORT}");
        let fits = near.join(&name).as_os_str().len() <= LONGEST_SOCKET;
        let chosen = if fits {
            near
        } else {
            let hash = Sha256::digest(self.dir.as_os_str().as_encoded_bytes());
            std::env::temp_dir().join(format!("deskbell-{}", hex::encode(&hash[..8])))
        };
        if chosen.join(&name).as_os_str().len() > LONGEST_SOCKET {
            bail!("{} is too long for a socket; set TMPDIR to a short path.", chosen.display());
        }
        self.account.private_dir(&chosen)?;
        Ok(chosen)
    }

    /// Starts the server as a direct child in a process group of its own, so that Ctrl-C reaches only us.
    pub(super) fn launch(&self, programs: &Programs, sockets: &Path) -> Result<Child> {
        let log = self.open_log()?;
        let mut postgres = self.account.command(&programs.bin.join("postgres"), &self.dir);
        postgres.arg("-D").arg(self.data()).arg("-p").arg(PORT.to_string());
        for setting in SETTINGS {
            postgres.arg("-c").arg(setting);
        }
        let Some(place) = sockets.to_str() else {
            bail!("{} is not UTF-8; choose another place with --data-dir.", sockets.display());
        };
        // The setting is a list: quotes keep blanks and commas inside one entry.
        postgres.arg("-c").arg(format!("unix_socket_directories=\"{}\"", place.replace('"', "\"\"")));
        postgres.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log)).process_group(0);
        postgres.spawn().with_context(|| format!("PostgreSQL cannot be run as {}.", self.account.name()))
    }

    fn log(&self) -> PathBuf {
        self.dir.join("postgres.log")
    }

    fn open_log(&self) -> Result<File> {
        let path = self.log();
        if std::fs::metadata(&path).is_ok_and(|log| log.len() > LONGEST_LOG) {
            std::fs::rename(&path, self.dir.join("postgres.log.1")).context("The old log cannot be put aside.")?;
        }
        // The directory belongs to the server's account, so root must not follow a link laid there.
        let flags = nix::fcntl::OFlag::O_NOFOLLOW.bits();
        let log = File::options().create(true).append(true).mode(0o600).custom_flags(flags).open(&path);
        let log = log.with_context(|| format!("{} cannot be opened.", path.display()))?;
        self.account.own_file(&log)?;
        Ok(log)
    }

    /// The end of the server's log.
    pub(super) fn last_words(&self) -> String {
        let read = || -> std::io::Result<String> {
            let mut log = File::open(self.log())?;
            let length = log.metadata()?.len();
            log.seek(SeekFrom::Start(length.saturating_sub(LAST_WORDS)))?;
            let mut bytes = Vec::new();
            log.take(LAST_WORDS).read_to_end(&mut bytes)?;
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let lines: Vec<_> = text.lines().collect();
            Ok(lines[lines.len().saturating_sub(8)..].join("\n"))
        };
        read().unwrap_or_else(|cause| format!("{} cannot be read: {cause}", self.log().display()))
    }
}
