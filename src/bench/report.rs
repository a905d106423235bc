//! Figures of a run, as a table for people and as JSON for programs.

use super::board::{Board, Faults};
use super::load::{Counted, Stretch};
use super::proc::Usage;
use anyhow::Context;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    pub seconds: f64,
    pub sent: u32,
    /// Acknowledged in the counted time, per second.
    pub per_s: f64,
    pub ack_ms: Quantiles,
    pub delivery_ms: Quantiles,
    pub faults: FaultCounts,
    pub cpu: Cpu,
    /// Share of all cores that was busy, and that somebody else kept busy, in percent.
    pub busy_pct: Option<f64>,
    pub others_pct: Option<f64>,
    /// The load was ended early, because the server fell too far behind.
    pub gave_up: bool,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantiles {
    pub count: usize,
    pub p50: Option<f64>,
    pub p99: Option<f64>,
    pub max: Option<f64>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct FaultCounts {
    /// Neither acknowledged nor refused.
    pub unanswered: u64,
    /// Acknowledged, and the other side never got it.
    pub missing: u64,
    pub duplicates: u64,
    pub echoes: u64,
    pub unsent: u64,
    pub lost_sockets: u64,
    pub refused: BTreeMap<String, u64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cpu {
    pub server: Option<Spent>,
    pub postgres: Option<Spent>,
    pub generator: Option<Spent>,
    pub server_and_postgres_us_per_message: Option<f64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spent {
    pub seconds: f64,
    pub us_per_message: f64,
}

impl FaultCounts {
    pub fn is_clean(&self) -> bool {
        self.unanswered + self.missing + self.duplicates + self.echoes + self.unsent + self.lost_sockets == 0
            && self.refused.is_empty()
    }
}

pub fn figures(board: &Board, stretch: &Stretch, counted: &Counted) -> Figures {
    let (mut acks, mut deliveries) = (Vec::new(), Vec::new());
    let (mut unacked, mut missing) = (0, 0);
    for fate in board.fates(stretch.first, stretch.end) {
        unacked += u64::from(fate.ack_us.is_none());
        missing += u64::from(fate.ack_us.is_some() && fate.seen_us.is_none());
        if (counted.from..counted.to).contains(&fate.due) {
            acks.extend(fate.ack_us);
            deliveries.extend(fate.seen_us);
        }
    }
    let seconds = counted.to.saturating_sub(counted.from).as_secs_f64();
    let (busy_pct, others_pct) = shares(&counted.before, &counted.after);
    Figures {
        seconds,
        sent: stretch.end - stretch.first,
        per_s: to_f64(counted.acks) / seconds.max(f64::EPSILON),
        ack_ms: Quantiles::of(acks),
        delivery_ms: Quantiles::of(deliveries),
        faults: FaultCounts::take(&board.faults, unacked, missing),
        cpu: Cpu::between(&counted.before, &counted.after, counted.acks),
        busy_pct,
        others_pct,
        gave_up: stretch.gave_up,
    }
}

impl FaultCounts {
    /// Takes the counts off the board, so that the next run begins at zero.
    fn take(faults: &Faults, unacked: u64, missing: u64) -> Self {
        let take = |count: &AtomicU64| count.swap(0, Relaxed);
        Self {
            unanswered: unacked.saturating_sub(take(&faults.refused)),
            missing,
            duplicates: take(&faults.duplicates),
            echoes: take(&faults.echoes),
            unsent: take(&faults.unsent),
            lost_sockets: take(&faults.lost_sockets),
            refused: std::mem::take(&mut *faults.codes.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

impl Quantiles {
    fn of(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        let at = |per_mille: usize| {
            let rank = (micros.len() * per_mille).div_ceil(1000).max(1) - 1;
            micros.get(rank).map(|us| f64::from(*us) / 1000.0)
        };
        Self { count: micros.len(), p50: at(500), p99: at(990), max: at(1000) }
    }
}

impl Cpu {
    fn between(before: &Usage, after: &Usage, messages: u64) -> Self {
        let spent = |before: Option<Duration>, after: Option<Duration>| {
            let seconds = after?.checked_sub(before?)?.as_secs_f64();
            Some(Spent { seconds, us_per_message: seconds * 1e6 / to_f64(messages.max(1)) })
        };
        let server = spent(before.server, after.server);
        let postgres = spent(before.postgres, after.postgres);
        let sum = server.zip(postgres).map(|(server, postgres)| server.us_per_message + postgres.us_per_message);
        let generator = spent(before.generator, after.generator);
        Self { server, postgres, generator, server_and_postgres_us_per_message: sum }
    }
}

fn shares(before: &Usage, after: &Usage) -> (Option<f64>, Option<f64>) {
    let Some(((busy_0, total_0), (busy_1, total_1))) = before.machine.zip(after.machine) else { return (None, None) };
    let (busy, total) = (busy_1.saturating_sub(busy_0), total_1.saturating_sub(total_0).as_secs_f64());
    if total <= 0.0 {
        return (None, None);
    }
    let ours = [(before.server, after.server), (before.postgres, after.postgres), (before.generator, after.generator)];
    let ours: Duration = ours.iter().filter_map(|(before, after)| after.as_ref()?.checked_sub((*before)?)).sum();
    let percent = |time: Duration| 100.0 * time.as_secs_f64() / total;
    (Some(percent(busy)), Some(percent(busy.saturating_sub(ours))))
}

/// Exact below 2⁵³, and no count comes near.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn to_f64(count: u64) -> f64 {
    count as f64
}

/// `name  value` lines, aligned.
pub fn table(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for (name, value) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:width$}  {value}");
    }
    text
}

impl Figures {
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = vec![
            (
                "messages/s",
                format!("{:.0} over {:.1} s{}", self.per_s, self.seconds, if self.gave_up { ", given up" } else { "" }),
            ),
            ("acknowledged", self.ack_ms.text()),
            ("delivered", self.delivery_ms.text()),
            ("CPU server", Spent::text(self.cpu.server)),
            ("CPU Postgres", Spent::text(self.cpu.postgres)),
            ("CPU generator", Spent::text(self.cpu.generator)),
        ];
        if let Some((busy, others)) = self.busy_pct.zip(self.others_pct) {
            rows.push(("machine busy", format!("{busy:.0} %, by others {others:.0} %")));
        }
        rows.push(("faults", self.faults.text()));
        rows
    }
}

impl Quantiles {
    fn text(&self) -> String {
        let ms = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |value| format!("{value:.1} ms"));
        format!("p50 {}, p99 {}, slowest {} of {}", ms(self.p50), ms(self.p99), ms(self.max), self.count)
    }
}

impl Spent {
    fn text(spent: Option<Self>) -> String {
        let text = |spent: Self| format!("{:.2} s, {:.1} µs a message", spent.seconds, spent.us_per_message);
        spent.map_or_else(|| "not readable".to_owned(), text)
    }
}

impl FaultCounts {
    fn text(&self) -> String {
        if self.is_clean() {
            return "none".to_owned();
        }
        let counts = [
            ("unanswered", self.unanswered),
            ("missing", self.missing),
            ("duplicates", self.duplicates),
            ("echoes", self.echoes),
            ("unsent", self.unsent),
            ("lost sockets", self.lost_sockets),
        ];
        let refused = self.refused.iter().map(|(code, count)| format!("{count} refused {code}"));
        let counts = counts.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}"));
        counts.chain(refused).collect::<Vec<_>>().join(", ")
    }
}

/// Writes the figures where they were asked for.
pub fn write_json(path: Option<&Path>, figures: &impl Serialize) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    std::fs::write(path, serde_json::to_vec_pretty(figures)?).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::Quantiles;

    #[test]
    fn quantiles_are_ranks_of_what_was_measured() {
        let all = Quantiles::of((1..=1000).rev().map(|ms| ms * 1000).collect());
        assert_eq!((all.p50, all.p99, all.max), (Some(500.0), Some(990.0), Some(1000.0)));
        assert_eq!(Quantiles::of(vec![7000]).p99, Some(7.0));
        assert_eq!(Quantiles::of(Vec::new()).p99, None);
    }
}
