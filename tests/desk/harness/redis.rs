//! A real Redis of a test's own, to be paused, killed and started again.

use super::{eventually, free_address};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Redis {
    address: SocketAddr,
    home: PathBuf,
    cluster: bool,
    /// A shell that ends the server when this process ends, whatever way.
    keeper: Option<Child>,
}

impl Redis {
    pub async fn start() -> Self {
        Self::start_as(false).await
    }

    /// A cluster of one.
    pub async fn start_cluster() -> Self {
        Self::start_as(true).await
    }

    async fn start_as(cluster: bool) -> Self {
        let address = free_address();
        let home = std::env::temp_dir().join(format!("deskbell-redis-{}", deskbell::app::new_id().simple()));
        std::fs::create_dir(&home).unwrap();
        let mut redis = Self { address, home, cluster, keeper: None };
        redis.run().await;
        redis
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Starts the server, empty.
    pub async fn run(&mut self) {
        let script = "redis-server --port \"$1\" --bind 127.0.0.1 --dir \"$2\" --save '' --appendonly no --daemonize no \
            --cluster-enabled \"$3\" --pidfile \"$2/pid\" >\"$2/log\" 2>&1 & server=$!; echo $server >\"$2/pid\"; read -r _; kill -KILL $server";
        let keeper = Command::new("sh")
            .args(["-c", script, "sh", &self.address.port().to_string()])
            .arg(&self.home)
            .arg(if self.cluster { "yes" } else { "no" })
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell can be run");
        self.keeper = Some(keeper);
        eventually("Redis answers (redis-server must be installed: bin/setup)", async || {
            self.ask("PING").await.filter(|answer| answer.starts_with("+PONG"))
        })
        .await;
        if self.cluster {
            self.ask("CLUSTER ADDSLOTSRANGE 0 16383").await;
            eventually("the cluster is whole", async || {
                self.ask("CLUSTER INFO").await.filter(|answer| answer.contains("cluster_state:ok"))
            })
            .await;
        }
    }

    pub async fn ask(&self, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).await.ok()?;
        stream.write_all(format!("{command}\r\n").as_bytes()).await.ok()?;
        let mut answer = vec![0; 4096];
        let length = stream.read(&mut answer).await.ok()?;
        Some(String::from_utf8_lossy(&answer[..length]).into_owned())
    }

    /// The connections that listen to something.
    pub async fn listeners(&self) -> Vec<String> {
        let clients = self.ask("CLIENT LIST").await.unwrap();
        let listening = clients.lines().filter(|client| client.contains(" sub=") && !client.contains(" sub=0 "));
        listening.filter_map(|client| client.split(' ').next().map(str::to_owned)).collect()
    }

    fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(self.home.join("pid")).unwrap();
        let done = Command::new("kill").args([name, pid.trim()]).status().unwrap();
        assert!(done.success(), "kill {name} {pid}");
    }

    pub fn pause(&self) {
        self.signal("-STOP");
    }

    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    pub fn kill(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}
