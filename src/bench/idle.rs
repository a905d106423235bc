//! `bench idle`: what a silent shopper's socket costs the server in memory.
//!
//! A first batch is opened and left out, so that what the server allocates once is not charged to anybody; it stays
//! open, so that nobody else gets its memory.

use super::door::{Door, DoorArgs};
use super::open::{Opener, Ws};
use super::proc::{self, Memory};
use super::report::{table, to_f64, write_json};
use super::wire::{Heard, Wire};
use anyhow::Context;
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

/// Sockets opened at the same time.
const WORKERS: usize = 16;
/// What the server may still tidy up after the last socket was opened.
const SETTLE: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub struct IdleArgs {
    #[command(flatten)]
    door: DoorArgs,
    /// Sockets that count
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..=20_000))]
    sockets: u16,
    /// Seconds the sockets are held before the memory is read
    #[arg(long, value_name = "SECONDS", default_value = "10s", value_parser = parse_seconds)]
    hold: u16,
}

#[derive(Serialize)]
struct Report {
    target: Wire,
    sockets: u16,
    warm_up_sockets: usize,
    still_open: usize,
    opened_per_s: f64,
    before: Memory,
    after: Memory,
    rss_bytes_a_socket: f64,
    pss_bytes_a_socket: Option<f64>,
    anonymous_bytes_a_socket: Option<f64>,
}

/// Sockets that only listen.
struct Crowd {
    door: Arc<Door>,
    open: Arc<AtomicUsize>,
    tasks: JoinSet<()>,
    count: usize,
}

pub async fn run(args: IdleArgs) -> anyhow::Result<()> {
    let door = args.door.open()?;
    let pid = door.watch.server.context("the server's process was not found: name it with --server-pid")?;
    let sockets = usize::from(args.sockets);
    let warm_up = (sockets / 5).clamp(50, 1000);
    super::allow_sockets(sockets + warm_up)?;

    let mut crowd = Crowd { door: Arc::new(door), open: Arc::default(), tasks: JoinSet::new(), count: 0 };
    crowd.grow(warm_up).await?;
    tokio::time::sleep(SETTLE).await;
    let before = proc::memory(pid).context("the server's memory cannot be read")?;
    let started = super::clock::now();
    crowd.grow(sockets).await?;
    let opening = started.elapsed();
    tokio::time::sleep(SETTLE.max(Duration::from_secs(args.hold.into()))).await;
    let after = proc::memory(pid).context("the server's memory cannot be read")?;
    let still_open = crowd.open.load(Relaxed);
    let target = crowd.door.wire;
    crowd.tasks.shutdown().await;

    let a_socket = |before: u64, after: u64| (to_f64(after) - to_f64(before)) / f64::from(args.sockets);
    let report = Report {
        target,
        sockets: args.sockets,
        warm_up_sockets: warm_up,
        still_open,
        opened_per_s: f64::from(args.sockets) / opening.as_secs_f64(),
        before,
        after,
        rss_bytes_a_socket: a_socket(before.rss, after.rss),
        pss_bytes_a_socket: before.pss.zip(after.pss).map(|(before, after)| a_socket(before, after)),
        anonymous_bytes_a_socket: before.anonymous.zip(after.anonymous).map(|(before, after)| a_socket(before, after)),
    };
    print!("{}", table(&report.rows()));
    write_json(args.door.json.as_deref(), &report)?;
    anyhow::ensure!(
        still_open == sockets + warm_up,
        "{} sockets were closed by the server",
        sockets + warm_up - still_open
    );
    Ok(())
}

impl Crowd {
    async fn grow(&mut self, by: usize) -> anyhow::Result<()> {
        let (first, end) = (self.count, self.count + by);
        let mut workers = JoinSet::new();
        for worker in 0..WORKERS {
            let door = Arc::clone(&self.door);
            workers.spawn(async move {
                let mut opener = Opener::new(&door);
                let mut sockets = Vec::with_capacity(by / WORKERS + 1);
                for nth in (first + worker..end).step_by(WORKERS) {
                    sockets.push(opener.shopper(nth).await.with_context(|| format!("opening socket {nth}"))?);
                }
                anyhow::Ok(sockets)
            });
        }
        while let Some(sockets) = workers.join_next().await {
            for ws in sockets?? {
                self.open.fetch_add(1, Relaxed);
                self.tasks.spawn(listen(ws, self.door.wire, Arc::clone(&self.open)));
            }
        }
        self.count = end;
        Ok(())
    }
}

/// Answers what keeps a socket alive, and nothing else.
async fn listen(mut ws: Ws, wire: Wire, open: Arc<AtomicUsize>) {
    while let Some(Ok(frame)) = ws.next().await {
        if let Message::Text(text) = frame
            && let Heard::Answer(answer) = wire.read(&text)
            && ws.send(Message::text(answer)).await.is_err()
        {
            break;
        }
    }
    open.fetch_sub(1, Relaxed);
}

impl Report {
    fn rows(&self) -> Vec<(&'static str, String)> {
        let kib = |bytes: f64| format!("{:.1} KiB a socket", bytes / 1024.0);
        let mib = |bytes: u64| to_f64(bytes) / f64::from(1 << 20);
        let opened = format!(
            "{} beside {} for warming up, {:.0} opened a second",
            self.sockets, self.warm_up_sockets, self.opened_per_s
        );
        let mut rows = vec![
            ("idle sockets", opened),
            ("server RSS", format!("{:.1} MiB before, {:.1} MiB after", mib(self.before.rss), mib(self.after.rss))),
            ("resident", kib(self.rss_bytes_a_socket)),
        ];
        rows.extend(self.pss_bytes_a_socket.map(|bytes| ("proportional", kib(bytes))));
        rows.extend(self.anonymous_bytes_a_socket.map(|bytes| ("anonymous", kib(bytes))));
        rows
    }
}

fn parse_seconds(text: &str) -> Result<u16, String> {
    match text.strip_suffix('s').unwrap_or(text).parse() {
        Ok(seconds) if seconds <= 600 => Ok(seconds),
        _ => Err("must be 0 to 600 seconds, for example 10s".to_owned()),
    }
}
