//! A real HAProxy with the lines that the README gives, below Debian's own defaults, in front of several nodes.

use super::{eventually, free_address};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// What /etc/haproxy/haproxy.cfg of Debian's package sets, but for logs and error pages.
const DEBIAN: &str = "defaults\n    mode http\n    option dontlognull\n    timeout connect 5000\n    timeout client 50000\n    timeout server 50000\n";

pub struct Haproxy {
    pub base: String,
    home: PathBuf,
    /// A shell that ends HAProxy when this process ends, whatever way.
    keeper: Child,
}

impl Haproxy {
    /// `nodes` are base addresses.
    pub async fn before(nodes: &[&str]) -> Self {
        let home = std::env::temp_dir().join(format!("deskbell-haproxy-{}", deskbell::app::new_id().simple()));
        std::fs::create_dir(&home).unwrap();
        let address = free_address();
        let places: Vec<_> = nodes.iter().map(|node| node.trim_start_matches("http://")).collect();
        let whole = format!("{DEBIAN}\n{}\n", example(&places, &address.to_string()));
        std::fs::write(home.join("haproxy.cfg"), whole).unwrap();
        let script = "PATH=$PATH:/usr/sbin haproxy -db -f \"$1/haproxy.cfg\" >\"$1/log\" 2>&1 & server=$!; read -r _; kill $server";
        let keeper = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(&home)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell can be run");
        let base = format!("http://{address}");
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        eventually("HAProxy answers (it must be installed: bin/setup)", async || {
            http.get(format!("{base}/livez")).send().await.ok().filter(|answer| answer.status() == 200)
        })
        .await;
        Self { base, home, keeper }
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// The README's example with these places in it, and without its certificate.
fn example(places: &[&str], listen: &str) -> String {
    let readme = include_str!("../../../README.md");
    let example = readme.split("```haproxy\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let mut servers: Vec<_> =
        places.iter().enumerate().map(|(n, place)| format!("    server node{n} {place} check")).collect();
    let mut lines = Vec::new();
    for line in example.lines() {
        let word = line.trim();
        if word.starts_with("server ") {
            lines.append(&mut servers);
        } else if word.starts_with("bind ") {
            lines.push(format!("    bind {listen}"));
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n")
}
