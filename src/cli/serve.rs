//! `serve`, `migrate`, `check-config`.

use crate::config::{Config, Mistake};
use crate::server;
use axum::Router;
use tokio::signal::unix::{SignalKind, signal};

pub async fn run() -> anyhow::Result<()> {
    let config = Config::from_environment().map_err(|mistakes| anyhow::anyhow!(list(&mistakes)))?;
    if config.files.is_none() {
        tracing::warn!("FILES_URL is not set: nobody can send files");
    }
    raise_file_limit();
    let server = server::start(config, Router::new()).await?;
    tracing::info!(address = %server.address, "serving");
    tokio::select! {
        told = wait_for_signal() => told?,
        () = server.app.stopping.cancelled() => {}
    }
    let was_replaced = server.app.was_database_replaced();
    server.stop().await;
    anyhow::ensure!(!was_replaced, "the database was replaced while this node ran: start it again");
    Ok(())
}

/// SIGTERM or Ctrl-C.
pub async fn wait_for_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Each socket is a descriptor: use as many as the system lets us.
pub fn raise_file_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
        && let Err(error) = setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
    {
        tracing::warn!(%error, soft, "the number of open files could not be raised");
    }
}

pub async fn migrate() -> anyhow::Result<()> {
    let db = super::connect_for_upkeep().await?;
    db.migrate().await?;
    println!("The database's schema is up to date.");
    Ok(())
}

pub fn check_config() -> anyhow::Result<()> {
    match Config::from_environment() {
        Ok(config) => {
            println!("The configuration is complete.");
            if config.files.is_none() {
                println!("FILES_URL is not set: nobody can send files.");
            }
            Ok(())
        }
        Err(mistakes) => Err(anyhow::anyhow!(list(&mistakes))),
    }
}

fn list(mistakes: &[Mistake]) -> String {
    let lines: Vec<_> = mistakes.iter().map(|m| format!("  {} {}", m.variable, m.advice)).collect();
    format!("the configuration needs another look:\n{}", lines.join("\n"))
}
