//! The private server against the machine's real PostgreSQL.

use super::*;

struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("deskbell-demo-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        Self(dir)
    }

    fn pid(&self) -> i32 {
        let file = std::fs::read_to_string(self.0.join("database/data/postmaster.pid")).unwrap();
        file.lines().next().unwrap().parse().unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn write_a_row(server: &Server) {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    sqlx::query("create table if not exists kept (word text)").execute(&mut connection).await.unwrap();
    sqlx::query("insert into kept values ('kept')").execute(&mut connection).await.unwrap();
}

async fn rows(server: &Server) -> i64 {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connection).await.unwrap()
}

async fn setting(server: &Server, name: &str) -> String {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn a_first_start_makes_a_durable_private_server_and_a_restart_keeps_its_rows() {
    let home = Home::new("ein Bücher, \"regal\"");
    let server = start(&home.0).await.unwrap();
    write_a_row(&server).await;
    assert_eq!(setting(&server, "fsync").await, "on");
    assert_eq!(setting(&server, "synchronous_commit").await, "on");
    assert_eq!(setting(&server, "listen_addresses").await, "");
    assert_eq!(setting(&server, "server_encoding").await, "UTF8");
    for private in ["database", "database/run"] {
        assert_eq!(std::fs::metadata(home.0.join(private)).unwrap().permissions().mode() & 0o777, 0o700);
    }
    server.stop().await;
    assert!(!home.0.join("database/data/postmaster.pid").exists());

    let server = start(&home.0).await.unwrap();
    assert_eq!(rows(&server).await, 1);
    server.stop().await;
}

#[tokio::test]
async fn rows_survive_a_killed_server() {
    let home = Home::new("killed");
    let mut server = start(&home.0).await.unwrap();
    write_a_row(&server).await;
    kill(Pid::from_raw(home.pid()), Signal::SIGKILL).unwrap();
    server.child.wait().await.unwrap();
    drop(server);

    let server = start(&home.0).await.unwrap();
    assert_eq!(rows(&server).await, 1);
    server.stop().await;
}

#[tokio::test]
async fn a_server_left_behind_is_stopped_and_its_rows_are_kept() {
    let home = Home::new("leftover");
    let server = start(&home.0).await.unwrap();
    write_a_row(&server).await;
    let left_behind = home.pid();
    abandon(server);
    assert!(kill(Pid::from_raw(left_behind), None).is_ok(), "the old server must still be running");

    let server = start(&home.0).await.unwrap();
    assert_ne!(home.pid(), left_behind);
    assert_eq!(rows(&server).await, 1);
    server.stop().await;
}

/// What a killed demo leaves: the lock is free, the server runs on.
fn abandon(server: Server) {
    server.lock.unlock().unwrap();
    std::mem::forget(server);
}

#[tokio::test]
async fn a_second_demo_in_the_same_place_is_refused() {
    let home = Home::new("second");
    let server = start(&home.0).await.unwrap();
    let refusal = start(&home.0).await.unwrap_err().to_string();
    assert!(refusal.starts_with("Another demo is already running in "), "{refusal}");
    server.stop().await;
    start(&home.0).await.unwrap().stop().await;
}

#[tokio::test]
async fn an_interrupted_first_run_is_begun_anew() {
    let home = Home::new("interrupted");
    start(&home.0).await.unwrap().stop().await;
    std::fs::rename(home.0.join("database/data"), home.0.join("database/data.new")).unwrap();
    std::fs::remove_file(home.0.join("database/data.new/PG_VERSION")).unwrap();
    start(&home.0).await.unwrap().stop().await;
    assert!(!home.0.join("database/data.new").exists());
}

#[tokio::test]
async fn a_long_path_gets_a_short_socket() {
    let home = Home::new(&"long".repeat(30));
    let server = start(&home.0).await.unwrap();
    assert!(server.sockets.starts_with(std::env::temp_dir()) && !server.sockets.starts_with(&home.0));
    write_a_row(&server).await;
    let sockets = server.sockets.clone();
    server.stop().await;
    std::fs::remove_dir(sockets).unwrap();
}

#[tokio::test]
async fn data_of_another_version_and_foreign_directories_are_explained() {
    let home = Home::new("version");
    start(&home.0).await.unwrap().stop().await;
    let version = home.0.join("database/data/PG_VERSION");
    std::fs::write(&version, "99\n").unwrap();
    let refusal = start(&home.0).await.unwrap_err().to_string();
    assert!(refusal.contains("made by PostgreSQL 99"), "{refusal}");
    std::fs::remove_file(&version).unwrap();
    let refusal = start(&home.0).await.unwrap_err().to_string();
    assert!(refusal.contains("is no PostgreSQL data directory"), "{refusal}");
}

#[tokio::test]
async fn a_server_that_is_killed_is_started_again_with_its_rows() {
    let home = Home::new("killed-and-again");
    let mut server = start(&home.0).await.unwrap();
    write_a_row(&server).await;
    kill(Pid::from_raw(home.pid()), Signal::SIGKILL).unwrap();
    server.ended().await;
    server.start_again().await.unwrap();
    assert_eq!(rows(&server).await, 1);
    server.stop().await;
}
