//! A server an earlier demo left behind, because that demo was killed and could not stop it.
//!
//! Promises: only a process that is a postgres on our own data directory is ever signalled, and a stale `postmaster.pid`
//! is only removed when it is certain that no postgres works in that directory. The caller holds the demo's lock.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Fast shutdown first; then without a checkpoint; a killed server's data recover at the next start.
pub(super) const WAYS_TO_STOP: [(Signal, Duration); 3] = [
    (Signal::SIGINT, Duration::from_secs(20)),
    (Signal::SIGQUIT, Duration::from_secs(5)),
    (Signal::SIGKILL, Duration::from_secs(5)),
];
const GLANCE: Duration = Duration::from_millis(25);
/// How long the children of a killed server may take to notice.
const MOURNING: Duration = Duration::from_secs(10);

/// Stops the server that runs on `data`, if one does, and removes what says that one does: `postmaster.pid` and the
/// socket's lock.
pub(super) async fn retire(data: &Path, socket_lock: &Path) -> Result<()> {
    let file = data.join("postmaster.pid");
    let pid = std::fs::read_to_string(&file).ok().and_then(|text| named(&text, data));
    if let Some(pid) = pid.filter(|pid| serves(*pid, data)) {
        stop(pid, data).await?;
    }
    clear(data, [&file, socket_lock]).await
}

async fn stop(pid: i32, data: &Path) -> Result<()> {
    tracing::info!(pid, "stopping the PostgreSQL server an earlier demo left behind");
    for (signal, patience) in WAYS_TO_STOP {
        // It may be gone between the look and the signal.
        let _ = kill(Pid::from_raw(pid), signal);
        if tokio::time::timeout(patience, gone(pid, data)).await.is_ok() {
            return Ok(());
        }
    }
    bail!("A PostgreSQL server (process {pid}) still runs on {} and does not stop; end it by hand.", data.display())
}

async fn gone(pid: i32, data: &Path) {
    while serves(pid, data) {
        tokio::time::sleep(GLANCE).await;
    }
}

/// Removes the marks of a server that is dead. PostgreSQL refuses to start while the process number in them exists, and
/// that may be for ever: as a process nobody collects, or as a stranger's. Both are common in containers.
async fn clear(data: &Path, marks: [&Path; 2]) -> Result<()> {
    // Where processes cannot be looked at, PostgreSQL's own judgement has to do.
    if !Path::new("/proc/self/cwd").exists() {
        return Ok(());
    }
    let quiet = async {
        while is_inhabited(data) {
            tokio::time::sleep(GLANCE).await;
        }
    };
    if tokio::time::timeout(MOURNING, quiet).await.is_err() {
        bail!("PostgreSQL processes still work in {}; end them by hand.", data.display());
    }
    for mark in marks {
        match std::fs::remove_file(mark) {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
            removed => removed.with_context(|| format!("{} cannot be removed.", mark.display()))?,
        }
    }
    Ok(())
}

/// Whether a postgres works in this directory; all its processes do, also those whose parent was killed.
fn is_inhabited(data: &Path) -> bool {
    std::fs::read_dir("/proc").into_iter().flatten().flatten().any(|entry| {
        let process = entry.path();
        std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd == data)
            && std::fs::read(process.join("cmdline")).is_ok_and(|line| is_postgres(&line))
    })
}

/// The process number in a `postmaster.pid`, if that file speaks of this directory.
fn named(text: &str, data: &Path) -> Option<i32> {
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse().ok().filter(|pid| *pid > 1)?;
    (Path::new(lines.next()?) == data).then_some(pid)
}

/// Whether this process is a postgres that was started on this directory.
fn serves(pid: i32, data: &Path) -> bool {
    let Some(line) = command_line(pid) else { return false };
    let data = data.as_os_str().as_encoded_bytes();
    line.windows(data.len()).any(|part| part == data) && is_postgres(&line)
}

fn is_postgres(line: &[u8]) -> bool {
    line.windows(8).any(|part| part == b"postgres")
}

/// Empty or absent for a process that has ended and only waits to be collected.
fn command_line(pid: i32) -> Option<Vec<u8>> {
    if Path::new("/proc/self/cmdline").exists() {
        return std::fs::read(format!("/proc/{pid}/cmdline")).ok();
    }
    let out = std::process::Command::new("ps").args(["-ww", "-o", "args=", "-p", &pid.to_string()]).output().ok()?;
    Some(out.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pid_file_about_this_directory_counts() {
        let data = Path::new("/home/anna/demo/database/data");
        let file = "4711\n/home/anna/demo/database/data\n1790000000\n5432\n/home/anna/demo/database/run\n\n";
        assert_eq!(named(file, data), Some(4711));
        assert_eq!(named(file, Path::new("/home/anna/other")), None);
        assert_eq!(named("1\n/home/anna/demo/database/data\n", data), None);
        assert_eq!(named("", data), None);
        assert_eq!(named("-4711\n/home/anna/demo/database/data", data), None);
    }

    #[tokio::test]
    async fn a_stranger_under_a_reused_number_is_left_alone() {
        let data = std::env::temp_dir().join(format!("deskbell-leftover-{}", std::process::id()));
        std::fs::create_dir_all(&data).unwrap();
        let mut stranger = tokio::process::Command::new("sleep").arg("60").kill_on_drop(true).spawn().unwrap();
        let file = format!("{}\n{}\n", stranger.id().unwrap(), data.display());
        std::fs::write(data.join("postmaster.pid"), file).unwrap();
        retire(&data, &data.join("socket.lock")).await.unwrap();
        assert!(stranger.try_wait().unwrap().is_none());
        std::fs::remove_dir_all(data).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_dead_server_that_nobody_collects_does_not_block_the_next_start() {
        let data = std::env::temp_dir().join(format!("deskbell-uncollected-{}", std::process::id()));
        std::fs::create_dir_all(&data).unwrap();
        let mut dead = std::process::Command::new("true").spawn().unwrap();
        let file = format!("{}\n{}\n", dead.id(), data.display());
        std::fs::write(data.join("postmaster.pid"), &file).unwrap();
        std::fs::write(data.join("socket.lock"), &file).unwrap();
        retire(&data, &data.join("socket.lock")).await.unwrap();
        assert!(!data.join("postmaster.pid").exists() && !data.join("socket.lock").exists());
        dead.wait().unwrap();
        std::fs::remove_dir_all(data).unwrap();
    }
}
