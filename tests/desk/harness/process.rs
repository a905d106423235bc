//! A node as a process of its own, as `deskbell serve` runs it: to be killed.

use super::{Desk, PATIENCE, free_address};
use std::time::Duration;
use tokio::process::{Child, Command};

pub struct Process {
    pub base: String,
    child: Child,
}

impl Process {
    /// Of the same house as `desk`, over this Redis.
    pub async fn start(desk: &Desk, redis: Option<&str>) -> Self {
        Self::start_with(desk, redis, &[]).await
    }

    /// With further variables.
    pub async fn start_with(desk: &Desk, redis: Option<&str>, variables: &[(&str, &str)]) -> Self {
        let base = format!("http://{}", free_address());
        let mut command = command(desk, &base, redis);
        command.envs(variables.iter().copied());
        let child = command.arg("serve").kill_on_drop(true).spawn().unwrap();
        let asking = async {
            while !desk.http.get(format!("{base}/readyz")).send().await.is_ok_and(|answer| answer.status() == 200) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.expect("a node of its own is ready");
        Self { base, child }
    }

    pub fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// `kill -9`.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }
}

/// The program, configured to be a node at `base`.
pub fn command(desk: &Desk, base: &str, redis: Option<&str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command
        .env_remove("ROLES")
        .env_remove("REDIS_URL")
        .env("DATABASE_URL", &desk.database.url)
        .env("SMTP_URL", format!("files:{}", desk.mail.display()))
        .env("FILES_URL", format!("file://{}", super::files_beside(&desk.mail).display()))
        .env("MAIL_FROM", "help@desk.example")
        .env("PUBLIC_URL", base)
        .env("LISTEN", base.trim_start_matches("http://"))
        // The same as of the servers inside the test.
        .env("SECRET_KEY", "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
        .env("DESKBELL_LOG", "error")
        .stdout(std::process::Stdio::null());
    if let Some(redis) = redis {
        command.env("REDIS_URL", redis);
    }
    command
}
