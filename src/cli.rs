//! The command line. Exit codes: 0 done, 1 failed, 2 wrong usage. No command prints a secret it did not just make.

mod backup;
mod doctor;
mod people;
mod replay;
mod serve;
mod transcript;

use crate::{bench, demo};
pub use serve::{raise_file_limit, wait_for_signal};

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tracing::Level;

/// Self-hosted live chat for shops.
#[derive(Parser)]
#[command(name = "deskbell", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A working shop with chat on this machine, and nothing outside it
    Demo(demo::Args),
    /// Serve, configured by the environment
    Serve,
    /// Bring the database's schema up to date (DATABASE_URL)
    Migrate,
    /// Print every configuration mistake at once
    CheckConfig,
    /// Test database, mail, Redis, files and clock, look at the node that runs here, and say what to do
    Doctor,
    /// Write everything into one file (DATABASE_URL)
    Backup(backup::BackupArgs),
    /// Put a backup into the database (DATABASE_URL), with every node stopped
    Restore(backup::RestoreArgs),
    /// Shops: add one, change one
    #[command(subcommand)]
    Site(people::SiteCommand),
    /// Staff: add somebody
    #[command(subcommand)]
    Agent(people::AgentCommand),
    /// Print one conversation's transcript (DATABASE_URL)
    Transcript(transcript::Args),
    /// Replay who came and who was on duty against the shop's rules, and against changed ones (DATABASE_URL)
    Replay(replay::Args),
    /// Load generator over the public protocol
    Bench(bench::BenchArgs),
}

pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let _ = rustls::crypto::ring::default_provider().install_default();
    start_logs(matches!(cli.command, Command::Serve | Command::Demo(_)));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(1);
        }
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(1)
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Demo(args) => demo::run(args).await,
        Command::Serve => serve::run().await,
        Command::Migrate => serve::migrate().await,
        Command::CheckConfig => serve::check_config(),
        Command::Doctor => doctor::run().await,
        Command::Backup(args) => backup::backup(args).await,
        Command::Restore(args) => backup::restore(args).await,
        Command::Site(command) => people::site(command).await,
        Command::Agent(command) => people::agent(command).await,
        Command::Transcript(args) => transcript::run(args).await,
        Command::Replay(args) => replay::run(args).await,
        Command::Bench(args) => bench::run(args).await,
    }
}

/// One line an event; bodies, tokens and addresses are never logged, at any level.
fn start_logs(serving: bool) {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    use tracing_subscriber::{EnvFilter, Layer, fmt};
    let usual = if serving { "info,sqlx=warn" } else { "warn" };
    let filter = EnvFilter::try_from_env("DESKBELL_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = if std::env::var("LOG_FORMAT").is_ok_and(|format| format == "json") {
        lines.json().flatten_event(true).boxed()
    } else {
        lines.with_ansi(false).boxed()
    };
    // Libraries tell whole frames and requests where they are asked to tell more.
    let is_ours = |meta: &tracing::Metadata<'_>| meta.target().starts_with("deskbell") || *meta.level() <= Level::INFO;
    let lines = lines.with_filter(tracing_subscriber::filter::filter_fn(is_ours));
    tracing_subscriber::registry().with(filter).with(lines).init();
}

/// `DATABASE_URL`, for commands that need nothing else.
fn database_url() -> anyhow::Result<String> {
    std::env::var("DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
        .ok_or_else(|| anyhow::anyhow!("DATABASE_URL is not set; for example postgres://deskbell@localhost/deskbell"))
}

/// For what may take its time.
async fn connect_for_upkeep() -> anyhow::Result<crate::store::Db> {
    use anyhow::Context;
    crate::store::Db::connect_unhurried(&database_url()?)
        .await
        .context("PostgreSQL cannot be reached; check DATABASE_URL")
}

async fn connect() -> anyhow::Result<crate::store::Db> {
    use anyhow::Context;
    crate::store::Db::connect(&database_url()?).await.context("PostgreSQL cannot be reached; check DATABASE_URL")
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::Parser;

    #[test]
    fn a_sites_key_may_begin_like_an_option() {
        for line in [
            "deskbell site set -r7rY-71C --limit shopper_burst=10",
            "deskbell agent add a@shop.example --name Ana --role agent --team Support --site -r7rY-71C",
        ] {
            let read = Cli::try_parse_from(line.split(' '));
            assert!(read.is_ok(), "{line}: {}", read.err().map(|error| error.to_string()).unwrap_or_default());
        }
    }
}
