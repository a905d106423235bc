//! What the machine says about processes: memory and CPU time, read from `/proc`.
//!
//! On a system without `/proc` every figure is absent, never zero.

use serde::Serialize;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `/proc` counts CPU time in hundredths of a second for every program, whatever the kernel's own tick.
const TICKS_PER_S: f64 = 100.0;
/// `demo.json` and the cluster are at most this many directories apart.
const CLUSTER_DEPTH: usize = 3;

/// The processes whose work is counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watch {
    pub server: Option<u32>,
    /// The postmaster: its children, the living and the ended, count with it.
    pub postgres: Option<u32>,
}

/// CPU time used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    pub server: Option<Duration>,
    pub postgres: Option<Duration>,
    pub generator: Option<Duration>,
    /// All cores together: busy, and busy plus idle.
    pub machine: Option<(Duration, Duration)>,
}

impl Watch {
    pub fn usage(&self) -> Usage {
        Usage {
            server: self.server.and_then(|pid| cpu(pid, Children::None)),
            postgres: self.postgres.and_then(cluster_cpu),
            generator: cpu(std::process::id(), Children::None),
            machine: machine(),
        }
    }
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Memory {
    pub rss: u64,
    pub pss: Option<u64>,
    pub anonymous: Option<u64>,
}

pub fn memory(pid: u32) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    // Readable by the same user and root only.
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    Some(Memory { rss: kib(&status, "VmRSS:")?, pss: kib(&rollup, "Pss:"), anonymous: kib(&rollup, "Anonymous:") })
}

fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Children {
    None,
    Ended,
}

fn cpu(pid: u32, children: Children) -> Option<Duration> {
    let stat = Stat::read(pid)?;
    Some(if children == Children::Ended { stat.own + stat.ended_children } else { stat.own })
}

fn cluster_cpu(postmaster: u32) -> Option<Duration> {
    let mut total = cpu(postmaster, Children::Ended)?;
    for stat in all_pids().filter_map(Stat::read).filter(|stat| stat.parent == postmaster) {
        total += stat.own;
    }
    Some(total)
}

struct Stat {
    parent: u32,
    own: Duration,
    ended_children: Duration,
}

impl Stat {
    fn read(pid: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name stands in parentheses and may hold anything, parentheses included.
        let fields: Vec<&str> = text.get(text.rfind(')')? + 2..)?.split(' ').collect();
        let ticks = |at: usize| fields.get(at)?.parse::<u32>().ok();
        let time = |a: usize, b: usize| Some(from_ticks(f64::from(ticks(a)?) + f64::from(ticks(b)?)));
        Some(Self { parent: ticks(1)?, own: time(11, 12)?, ended_children: time(13, 14)? })
    }
}

fn from_ticks(ticks: f64) -> Duration {
    Duration::from_secs_f64(ticks / TICKS_PER_S)
}

fn all_pids() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn machine() -> Option<(Duration, Duration)> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    // user nice system idle iowait irq softirq steal; guests are in user already
    let ticks: Vec<f64> =
        text.lines().next()?.split_whitespace().skip(1).take(8).filter_map(|field| field.parse().ok()).collect();
    let total: f64 = ticks.iter().sum();
    let idle = ticks.get(3)? + ticks.get(4)?;
    Some((from_ticks(total - idle), from_ticks(total)))
}

/// The process that listens on this port of this machine.
pub fn listener(port: u16) -> Option<u32> {
    let inodes = listening_inodes(port);
    all_pids().find(|pid| {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_link(file.path()).ok()).any(|link| inodes.contains(&link))
    })
}

fn listening_inodes(port: u16) -> HashSet<PathBuf> {
    let suffix = format!(":{port:04X}");
    let mut inodes = HashSet::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in fs::read_to_string(table).unwrap_or_default().lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if let [_, local, _, "0A", _, _, _, _, _, inode, ..] = fields[..]
                && local.ends_with(&suffix)
            {
                inodes.insert(PathBuf::from(format!("socket:[{inode}]")));
            }
        }
    }
    inodes
}

/// The postmaster of the cluster somewhere below this directory.
pub fn postmaster(data: &Path) -> Option<u32> {
    let data = if data.as_os_str().is_empty() { Path::new(".") } else { data };
    let mut level = vec![data.to_owned()];
    for _ in 0..=CLUSTER_DEPTH {
        let found = level.iter().find_map(|dir| fs::read_to_string(dir.join("postmaster.pid")).ok());
        if let Some(text) = found {
            return text.lines().next()?.trim().parse().ok();
        }
        level =
            level.iter().flat_map(|dir| fs::read_dir(dir).into_iter().flatten().flatten()).map(|e| e.path()).collect();
    }
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{Watch, listener, memory, postmaster};

    #[test]
    fn this_process_can_be_read() {
        let me = std::process::id();
        assert!(memory(me).unwrap().rss > 1 << 16);
        let usage = Watch { server: Some(me), postgres: None }.usage();
        assert!(usage.server.is_some() && usage.generator.is_some() && usage.postgres.is_none());
        let (busy, total) = usage.machine.unwrap();
        assert!(busy <= total);
    }

    #[test]
    fn whoever_listens_is_found_by_port() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(listener(socket.local_addr().unwrap().port()), Some(std::process::id()));
    }

    #[test]
    fn no_cluster_is_no_postmaster() {
        assert_eq!(postmaster(&std::env::temp_dir().join("no-such-cluster")), None);
    }
}
