//! A PostgreSQL of a drill's own, to be killed, paused, crowded and brought back.

use deskbell::demo::postgres;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::{Connection, PgConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub struct Postgres {
    home: PathBuf,
    server: Option<postgres::Server>,
    pub url: String,
}

impl Postgres {
    pub async fn start(home: &Path) -> Self {
        let server = postgres::start(home).await.expect("a private PostgreSQL can be started");
        Self { home: home.to_owned(), url: server.url(), server: Some(server) }
    }

    /// For more nodes than a machine would have.
    pub async fn take_more_connections(&mut self) {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        sqlx::query("alter system set max_connections = 400").execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        self.crash().await;
        self.start_again().await;
    }

    /// The unix socket that clients connect to.
    pub fn socket(&self) -> PathBuf {
        let url = url::Url::parse(&self.url).unwrap();
        let (_, dir) = url.query_pairs().find(|(key, _)| key == "host").unwrap();
        PathBuf::from(dir.as_ref()).join(".s.PGSQL.5432")
    }

    fn postmaster(&self) -> Pid {
        let file = self.home.join("database/data/postmaster.pid");
        let pid = std::fs::read_to_string(file).unwrap().lines().next().unwrap().parse().unwrap();
        Pid::from_raw(pid)
    }

    /// The server and every process of it.
    fn processes(&self) -> Vec<Pid> {
        let postmaster = self.postmaster();
        let children = std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap();
        let children = children.split_whitespace().map(|pid| Pid::from_raw(pid.parse().unwrap()));
        std::iter::once(postmaster).chain(children).collect()
    }

    /// As `pg_ctl stop -m immediate`: nobody is asked, and the next start recovers.
    pub async fn crash(&mut self) {
        kill(self.postmaster(), Signal::SIGQUIT).unwrap();
        self.server.as_mut().unwrap().ended().await;
    }

    /// Until it answers again; it may have given up, then it is started as its owner would.
    pub async fn answers_again(&mut self) {
        let knock = async |url: &str| PgConnection::connect(url).await.is_ok();
        for _ in 0..50 {
            if knock(&self.url).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::timeout(Duration::from_secs(5), self.server.as_mut().unwrap().ended()).await.expect("it gave up");
        self.start_again().await;
    }

    pub async fn start_again(&mut self) {
        self.server.as_mut().unwrap().start_again().await.unwrap();
    }

    /// Every process stops where it is.
    pub fn pause(&self) -> Paused {
        let pids = self.processes();
        for pid in &pids {
            let _ = kill(*pid, Signal::SIGSTOP);
        }
        Paused(pids)
    }

    pub async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }
}

/// Goes on when this is dropped.
pub struct Paused(Vec<Pid>);

impl Drop for Paused {
    fn drop(&mut self) {
        for pid in &self.0 {
            let _ = kill(*pid, Signal::SIGCONT);
        }
    }
}
