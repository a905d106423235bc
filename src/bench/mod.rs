//! `deskbell bench`: a load generator that speaks the public protocol and nothing else.
//!
//! It promises that latency counts from the moment a message was *due*, so that a slow server cannot hide the waiting it
//! causes; that a message counts as delivered only when the other side's socket got it; and that everything it opens is
//! bounded. It drives the peers in `benches/peers/` with the same code. It may not import a room of the server: whatever
//! it knows about Deskbell, an outside client knows too; `search` alone, which nothing outside can fill or time, looks from inside.

mod board;
mod chat;
mod clock;
mod door;
mod find;
mod http;
mod idle;
mod link;
mod load;
mod open;
mod pairs;
mod proc;
mod report;
mod search;
mod wire;
mod words;

use anyhow::Context;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

#[derive(Debug, clap::Args)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Open idle shopper sockets and tell how many bytes one costs the server
    Idle(idle::IdleArgs),
    /// Drive shopper-agent pairs through the durable path, at a rate or as fast as it goes
    Chat(chat::ChatArgs),
    /// Find the highest rate that keeps the p99 of acknowledgements below a bound
    Find(find::FindArgs),
    /// Fill a database of its own with a million messages and tell how long searches take, and what the index costs the log
    Search(search::SearchArgs),
}

/// Runs one benchmark and prints its table. Fails when the server cannot be driven, not when it is slow.
///
/// It keeps to one thread: that costs a quarter less CPU a message than handing sockets between threads, and leaves the
/// other cores to the server that is measured.
pub async fn run(args: BenchArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bench = move || {
        runtime.block_on(async {
            match args.what {
                What::Idle(args) => idle::run(args).await,
                What::Chat(args) => chat::run(args).await,
                What::Find(args) => find::run(args).await,
                What::Search(args) => search::run(args).await,
            }
        })
    };
    tokio::task::spawn_blocking(bench).await?
}

/// Makes room for that many sockets, or says which limit is in the way.
fn allow_sockets(count: usize) -> anyhow::Result<()> {
    let wanted = u64::try_from(count)? + 200;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).context("reading the limit of open files")?;
    if soft >= wanted {
        return Ok(());
    }
    anyhow::ensure!(hard >= wanted, "{count} sockets need {wanted} open files, the limit is {hard}: see `ulimit -Hn`");
    setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).context("raising the limit of open files")
}
