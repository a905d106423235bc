//! `bench find`: the highest rate that keeps the p99 of acknowledgements below a bound.
//!
//! Doubles until a rate fails twice in a row, then halves the distance. A rate holds when everything was acknowledged
//! and delivered without a fault and the p99, counted from the moment each message was due, is below the bound.

use super::door::DoorArgs;
use super::load::{Pace, Plan, drive};
use super::pairs::Floor;
use super::report::{Figures, table, write_json};
use super::wire::Wire;
use serde::Serialize;
use std::time::Duration;

/// The search ends when the two bounds are this close.
const CLOSE_PCT: u32 = 8;

#[derive(Debug, clap::Args)]
pub struct FindArgs {
    #[command(flatten)]
    door: DoorArgs,
    /// Shopper-agent pairs; on Deskbell an agent carries five
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=5000))]
    pairs: u16,
    /// The bound, in milliseconds
    #[arg(long, value_name = "MS", default_value = "50ms", value_parser = parse_ms)]
    p99: Duration,
    /// First rate, in messages a second
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(10..=30_000))]
    from: u32,
    /// Counted seconds of each step
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=60))]
    seconds: u16,
    /// Steps at most
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=30))]
    steps: u16,
}

#[derive(Serialize)]
struct Report {
    target: Wire,
    pairs: u16,
    p99_below_ms: f64,
    /// Zero when not even the first rate held.
    highest_rate: u32,
    at_highest: Option<Figures>,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    rate: u32,
    holds: bool,
    #[serde(flatten)]
    figures: Figures,
}

pub async fn run(args: FindArgs) -> anyhow::Result<()> {
    let door = args.door.open()?;
    let plan = |rate| Plan {
        pace: Pace::Rate(rate),
        warm_up: Duration::from_millis(500),
        counted: Duration::from_secs(args.seconds.into()),
        give_up: Some(Duration::from_millis(1500)),
    };
    let mut search = Search::new(args.from);
    let room = (0..args.steps).fold(0, |room, _| room + plan(MAX_RATE).messages());
    let floor = Floor::open(&door, args.pairs.into(), room.min(MAX_ROOM)).await?;
    // Compilers and caches of every server get their chance first.
    drive(&floor, door.watch, Plan { give_up: None, counted: Duration::from_secs(3), ..plan(args.from) }).await;
    let mut steps = Vec::new();
    while steps.len() < usize::from(args.steps)
        && let Some(rate) = search.next()
    {
        let figures = drive(&floor, door.watch, plan(rate)).await;
        let step = Step { rate, holds: holds(&figures, args.p99), figures };
        eprintln!("{}", step.line());
        search.learn(step.holds);
        steps.push(step);
    }
    floor.close().await?;
    finish(&args, door.wire, search.best(), steps)
}

/// Messages of all steps together: 24 bytes each.
const MAX_ROOM: usize = 6_000_000;

fn finish(args: &FindArgs, target: Wire, highest_rate: u32, steps: Vec<Step>) -> anyhow::Result<()> {
    let at_highest = steps.iter().rev().find(|step| step.holds && step.rate == highest_rate);
    let p99_below_ms = args.p99.as_secs_f64() * 1000.0;
    let at_highest = at_highest.map(|step| step.figures.clone());
    let mut rows = vec![(
        "highest rate",
        format!("{highest_rate} messages/s with p99 below {p99_below_ms} ms, {} pairs", args.pairs),
    )];
    rows.extend(at_highest.iter().flat_map(Figures::rows));
    print!("{}", table(&rows));
    let report = Report { target, pairs: args.pairs, p99_below_ms, highest_rate, at_highest, steps };
    write_json(args.door.json.as_deref(), &report)
}

fn holds(figures: &Figures, bound: Duration) -> bool {
    let below = figures.ack_ms.p99.is_some_and(|p99| p99 < bound.as_secs_f64() * 1000.0);
    below && !figures.gave_up && figures.faults.is_clean()
}

impl Step {
    fn line(&self) -> String {
        let verdict = if self.holds { "holds" } else { "fails" };
        let rows = self.figures.rows();
        let wanted = rows.iter().filter(|(name, _)| matches!(*name, "acknowledged" | "faults"));
        let details: Vec<_> = wanted.map(|(name, value)| format!("{name} {value}")).collect();
        format!("{:>6}/s {verdict}: {}", self.rate, details.join("; "))
    }
}

fn parse_ms(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix("ms").unwrap_or(text).trim();
    match number.parse::<u32>() {
        Ok(ms) if (1..=10_000).contains(&ms) => Ok(Duration::from_millis(ms.into())),
        _ => Err("must be 1 to 10000 milliseconds, for example 50ms".to_owned()),
    }
}

/// Doubling, then bisection; a failure counts once it is repeated, because one disk can hiccup.
#[derive(Debug)]
struct Search {
    holds: u32,
    fails: Option<u32>,
    next: u32,
    doubted: bool,
}

/// No rate above this is tried: the generator could not be trusted there.
const MAX_RATE: u32 = 60_000;

impl Search {
    fn new(from: u32) -> Self {
        Self { holds: 0, fails: None, next: from, doubted: false }
    }

    fn best(&self) -> u32 {
        self.holds
    }

    fn next(&self) -> Option<u32> {
        let close = self.fails.is_some_and(|fails| fails - self.holds <= fails * CLOSE_PCT / 100);
        (!close && self.next > self.holds).then_some(self.next)
    }

    fn learn(&mut self, held: bool) {
        if held {
            self.holds = self.next;
        } else if !self.doubted {
            self.doubted = true;
            return;
        } else {
            self.fails = Some(self.next);
        }
        self.doubted = false;
        self.next = match self.fails {
            Some(fails) => self.holds.midpoint(fails),
            None => (self.holds * 2).min(MAX_RATE),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::Search;

    fn search(limit: u32) -> (u32, usize) {
        let mut search = Search::new(500);
        let mut steps = 0;
        while let Some(rate) = search.next() {
            search.learn(rate <= limit);
            steps += 1;
        }
        (search.best(), steps)
    }

    #[test]
    fn the_search_ends_close_below_the_limit() {
        for limit in [30, 499, 2100, 9000, 31_000, 200_000] {
            let (best, steps) = search(limit);
            assert!(best <= limit && steps <= 24, "{limit}: {best} after {steps}");
            assert!(best >= limit.min(60_000) * 9 / 10, "{limit}: {best}");
        }
    }

    #[test]
    fn one_hiccup_is_forgiven() {
        let mut search = Search::new(500);
        search.learn(false);
        assert_eq!(search.next(), Some(500));
        search.learn(true);
        assert_eq!(search.next(), Some(1000));
    }
}
