//! `bench chat`: pairs talk at a rate or as fast as it goes.

use super::door::DoorArgs;
use super::load::{Pace, Plan, drive};
use super::pairs::Floor;
use super::report::{Figures, table, write_json};
use super::wire::Wire;
use serde::Serialize;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct ChatArgs {
    #[command(flatten)]
    door: DoorArgs,
    /// Shopper-agent pairs; on Deskbell an agent carries five
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=5000))]
    pairs: u16,
    /// Messages a second over all pairs; 0 is as fast as it goes. The site's limits hold here too: a shopper sends 2 a
    /// second unless `deskbell site set` says otherwise
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(0..=60_000))]
    rate: u32,
    /// Unfinished messages in each pair, where it goes as fast as it can
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    window: u32,
    /// Counted seconds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=300))]
    seconds: u16,
    /// Seconds of the same load before counting
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(0..=60))]
    warm_up: u16,
}

#[derive(Serialize)]
struct Report {
    target: Wire,
    pairs: u16,
    agent_sockets: usize,
    /// Absent where it went as fast as it could, and then `window` is there.
    rate: Option<u32>,
    window: Option<u32>,
    #[serde(flatten)]
    figures: Figures,
}

pub async fn run(args: ChatArgs) -> anyhow::Result<()> {
    let door = args.door.open()?;
    let plan = Plan {
        pace: if args.rate == 0 { Pace::Window(args.window) } else { Pace::Rate(args.rate) },
        warm_up: Duration::from_secs(args.warm_up.into()),
        counted: Duration::from_secs(args.seconds.into()),
        give_up: None,
    };
    let floor = Floor::open(&door, args.pairs.into(), plan.messages()).await?;
    let figures = drive(&floor, door.watch, plan).await;
    let agent_sockets = floor.agents();
    floor.close().await?;
    let report = Report {
        target: door.wire,
        pairs: args.pairs,
        agent_sockets,
        rate: (args.rate > 0).then_some(args.rate),
        window: (args.rate == 0).then_some(args.window),
        figures,
    };
    print!("{}", table(&report.rows()));
    write_json(args.door.json.as_deref(), &report)
}

impl Report {
    fn rows(&self) -> Vec<(&'static str, String)> {
        let pace = match (self.rate, self.window) {
            (Some(rate), _) => format!("{rate} messages/s asked for"),
            (None, window) => format!("as fast as it goes, {} unfinished a pair", window.unwrap_or_default()),
        };
        let pairs = format!("{} pairs on {} agent sockets, {pace}", self.pairs, self.agent_sockets);
        let mut rows = vec![("load", pairs)];
        rows.extend(self.figures.rows());
        rows
    }
}
