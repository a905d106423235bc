//! A real nginx with the configuration that the README gives, in front of several nodes.

use super::{eventually, free_address};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

pub struct Nginx {
    pub base: String,
    home: PathBuf,
    /// A shell that ends nginx when this process ends, whatever way.
    keeper: Child,
}

impl Nginx {
    /// `nodes` are base addresses.
    pub async fn before(nodes: &[&str]) -> Self {
        let home = std::env::temp_dir().join(format!("deskbell-nginx-{}", deskbell::app::new_id().simple()));
        std::fs::create_dir(&home).unwrap();
        let address = free_address();
        let places: Vec<_> = nodes.iter().map(|node| node.trim_start_matches("http://")).collect();
        std::fs::write(home.join("nginx.conf"), whole(&example(&places, &address.to_string()), &home)).unwrap();
        let script = "PATH=$PATH:/usr/sbin nginx -c \"$1/nginx.conf\" -p \"$1\" >\"$1/log\" 2>&1 & server=$!; read -r _; kill $server";
        let keeper = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(&home)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell can be run");
        let base = format!("http://{address}");
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        eventually("nginx answers (it must be installed: bin/setup)", async || {
            http.get(format!("{base}/livez")).send().await.ok().filter(|answer| answer.status() == 200)
        })
        .await;
        Self { base, home, keeper }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// The README's example with these places in it, and without its certificate.
fn example(places: &[&str], listen: &str) -> String {
    let readme = include_str!("../../../README.md");
    let example = readme.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let mut places = places.iter();
    let mut lines = Vec::new();
    for line in example.lines() {
        let word = line.trim();
        if word.starts_with("server ") && !word.ends_with('{') {
            let how = word.splitn(3, ' ').nth(2).expect("what holds for a server");
            lines.extend(places.next().map(|place| format!("    server {place} {how}")));
        } else if word.starts_with("listen ") {
            lines.push(format!("    listen {listen};"));
        } else if !word.starts_with("ssl_") {
            lines.push(line.to_owned());
        }
    }
    assert!(places.next().is_none(), "the example has as many nodes");
    lines.join("\n")
}

fn whole(example: &str, home: &std::path::Path) -> String {
    let temp: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {};\n", home.join(kind).display()))
        .concat();
    let pid = home.join("pid");
    format!(
        "daemon off;\nmaster_process off;\npid {};\nerror_log stderr;\nevents {{ worker_connections 8192; }}\nhttp {{\naccess_log off;\n{temp}{example}\n}}\n",
        pid.display()
    )
}
