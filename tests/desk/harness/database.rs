//! One PostgreSQL for the whole binary, one database a test, copied from a migrated template.
//!
//! A thread keeps the server and makes and drops databases, because every test has a runtime of its own. Whatever way this
//! process ends, a shell that holds the other end of a pipe then stops the private server and removes its files.

use deskbell::app;
use deskbell::demo::postgres;
use deskbell::store::{Db, MIGRATIONS};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{OnceLock, mpsc};
use tokio::sync::oneshot;

enum Job {
    Make { name: String, done: oneshot::Sender<String> },
    Drop { name: String, done: mpsc::Sender<()> },
}

pub struct Database {
    pub url: String,
    name: String,
}

impl Database {
    pub async fn fresh() -> Self {
        let name = format!("desk_{}", app::new_id().simple());
        let (done, made) = oneshot::channel();
        keeper().send(Job::Make { name: name.clone(), done }).expect("the keeper of databases is there");
        let url = made.await.expect("the keeper made a database; its own message says why not");
        Self { url, name }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (done, dropped) = mpsc::channel();
        if keeper().send(Job::Drop { name: self.name.clone(), done }).is_ok() {
            let _ = dropped.recv();
        }
    }
}

fn keeper() -> &'static mpsc::Sender<Job> {
    static KEEPER: OnceLock<mpsc::Sender<Job>> = OnceLock::new();
    KEEPER.get_or_init(|| {
        let (jobs, waiting) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(keep(&waiting));
        });
        jobs
    })
}

async fn keep(jobs: &mpsc::Receiver<Job>) {
    let (root, private) = match std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty()) {
        Some(url) => (url, None),
        None => private_server().await,
    };
    let mut connection = PgConnection::connect(&root).await.expect("the database server can be reached");
    let template = template(&mut connection, &root).await;
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Make { name, done } => {
                make(&mut connection, &name, &template).await;
                let _ = done.send(at(&root, &name));
            }
            Job::Drop { name, done } => {
                drop_database(&mut connection, &name).await;
                let _ = done.send(());
            }
        }
    }
    drop(private);
}

/// A migrated database to copy. It stays on a server that was given, named by the schema, so that the next run finds it; it
/// gets that name when it is complete.
async fn template(connection: &mut PgConnection, root: &str) -> String {
    let checksums: Vec<u8> = MIGRATIONS.iter().flat_map(|migration| migration.checksum.to_vec()).collect();
    let name = format!("desk_template_{}", hex::encode(&Sha256::digest(checksums)[..8]));
    sqlx::query("select pg_advisory_lock(7374)").execute(&mut *connection).await.unwrap();
    let is_there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&name)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    if !is_there {
        let unfinished = format!("desk_{}", app::new_id().simple());
        make(connection, &unfinished, "template1").await;
        let db = Db::connect(&at(root, &unfinished)).await.unwrap();
        db.migrate().await.unwrap();
        db.close().await;
        let rename = format!("alter database {unfinished} rename to {name}");
        // The last connection takes a moment to go.
        while let Err(error) = sqlx::query(AssertSqlSafe(rename.clone())).execute(&mut *connection).await {
            assert!(error.to_string().contains("being accessed"), "{error}");
        }
    }
    sqlx::query("select pg_advisory_unlock(7374)").execute(connection).await.unwrap();
    name
}

async fn make(connection: &mut PgConnection, name: &str, template: &str) {
    // Names are made here and hold hexadecimal digits only.
    let statement = format!("create database {name} template {template}");
    sqlx::query(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .expect("a database can be made: CREATEDB is needed");
}

async fn drop_database(connection: &mut PgConnection, name: &str) {
    let statement = format!("drop database if exists {name} with (force)");
    if let Err(error) = sqlx::query(AssertSqlSafe(statement)).execute(connection).await {
        eprintln!("{name} was not dropped: {error}");
    }
}

/// The same server, another database.
fn at(root: &str, name: &str) -> String {
    let mut url = url::Url::parse(root).expect("DATABASE_URL is an address");
    url.set_path(name);
    url.into()
}

async fn private_server() -> (String, Option<postgres::Server>) {
    let home = std::env::temp_dir().join(format!("deskbell-desk-{}", app::new_id().simple()));
    let server = postgres::start(&home).await.expect("a private PostgreSQL can be started");
    stop_when_we_end(&home);
    (server.url(), Some(server))
}

#[expect(clippy::zombie_processes, reason = "it outlives this process: that is what it is for")]
fn stop_when_we_end(home: &Path) {
    let pid_file: PathBuf = home.join("database/data/postmaster.pid");
    let script = "read -r _; pid=$(head -n 1 \"$1\") && kill -INT \"$pid\"; \
        for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e \"$1\" ] || break; sleep 0.3; done; rm -rf \"$2\"";
    let mut watcher = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(pid_file)
        .arg(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell can be run");
    // Our end of the pipe closes with this process, never before.
    std::mem::forget(watcher.stdin.take());
}
