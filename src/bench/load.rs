//! One load on an open floor: an open loop at a rate, or a closed loop as fast as it goes.

use super::board::Board;
use super::pairs::Floor;
use super::proc::{Usage, Watch};
use super::report::{Figures, figures};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

/// The most messages a closed loop may need room for, per second.
pub const CLOSED_LOOP_PER_S: u32 = 60_000;
/// How long answers may take after the last message.
const DRAIN: Duration = Duration::from_secs(20);
/// Without one more answer for this long, nothing more is coming.
const SILENCE: Duration = Duration::from_secs(4);

#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// Messages a second over all pairs, whatever the server does.
    Rate(u32),
    /// So many unfinished messages in each pair, always.
    Window(u32),
}

#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub pace: Pace,
    /// Same load, not counted.
    pub warm_up: Duration,
    pub counted: Duration,
    /// Stop early when the server is behind by this much of the rate.
    pub give_up: Option<Duration>,
}

impl Plan {
    /// Room this plan needs on the board.
    pub fn messages(&self) -> usize {
        let per_s = match self.pace {
            Pace::Rate(rate) => rate,
            Pace::Window(_) => CLOSED_LOOP_PER_S,
        };
        let messages = (self.warm_up + self.counted).as_secs_f64() * f64::from(per_s);
        usize::try_from(Duration::from_secs_f64(messages).as_secs()).unwrap_or(usize::MAX) + 1
    }
}

/// The counted part of a run, as the machine and the board saw it.
pub struct Counted {
    pub from: Duration,
    pub to: Duration,
    pub acks: u64,
    pub before: Usage,
    pub after: Usage,
}

/// A stretch of the board that belongs to one run.
pub struct Stretch {
    pub first: u32,
    pub end: u32,
    pub gave_up: bool,
}

pub async fn drive(floor: &Floor, watch: Watch, plan: Plan) -> Figures {
    let board = &*floor.board;
    let started = board.elapsed();
    let from = started + plan.warm_up;
    let gave_up = CancellationToken::new();
    let first = board.next_index();
    let answered = (board.acks(), board.deliveries());
    let speak = async {
        match plan.pace {
            Pace::Rate(rate) => open_loop(board, rate, started, &plan, &gave_up).await,
            Pace::Window(window) => closed_loop(board, window, from + plan.counted).await,
        }
    };
    let ((), counted) = tokio::join!(speak, count(board, watch, from, plan.counted, &gave_up));
    let stretch = Stretch { first, end: board.next_index(), gave_up: gave_up.is_cancelled() };
    drain(board, u64::from(stretch.end - first), answered).await;
    figures(board, &stretch, &counted)
}

/// Messages are due evenly; a tick hands over those that came due since the last one.
async fn open_loop(board: &Board, rate: u32, started: Duration, plan: &Plan, gave_up: &CancellationToken) {
    let total = u64::from(rate) * u64::try_from((plan.warm_up + plan.counted).as_millis()).unwrap_or(0) / 1000;
    let behind = plan.give_up.map(|allowed| u64::try_from(allowed.as_millis()).unwrap_or(0) * u64::from(rate) / 1000);
    let (pairs, acked_before) = (u64::try_from(board.pairs().len()).unwrap_or(1), board.acks());
    let mut tick = interval(Duration::from_millis(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut said = 0;
    while said < total {
        tick.tick().await;
        let elapsed = u64::try_from(board.elapsed().saturating_sub(started).as_micros()).unwrap_or(u64::MAX);
        let due = total.min(elapsed * u64::from(rate) / 1_000_000 + 1);
        while said < due {
            let at = started + Duration::from_micros(said * 1_000_000 / u64::from(rate));
            if !board.say(usize::try_from(said % pairs).unwrap_or(0), at) {
                gave_up.cancel();
                return;
            }
            said += 1;
        }
        if behind.is_some_and(|behind| said - (board.acks() - acked_before).min(said) > behind) {
            gave_up.cancel();
            return;
        }
    }
}

async fn closed_loop(board: &Board, window: u32, until: Duration) {
    board.set_refill(true);
    for _ in 0..window {
        for pair in 0..board.pairs().len() {
            board.say(pair, board.elapsed());
        }
    }
    sleep_until(board.instant(until)).await;
    board.set_refill(false);
}

async fn count(board: &Board, watch: Watch, from: Duration, time: Duration, gave_up: &CancellationToken) -> Counted {
    sleep_until(board.instant(from)).await;
    let (from, acks, before) = (board.elapsed(), board.acks(), watch.usage());
    tokio::select! {
        () = sleep_until(board.instant(from + time)) => {}
        () = gave_up.cancelled() => {}
    }
    let (to, acks) = (board.elapsed(), board.acks() - acks);
    Counted { from, to, acks, before, after: watch.usage() }
}

async fn drain(board: &Board, sent: u64, before: (u64, u64)) {
    let (mut last, mut silent) = (0, Duration::ZERO);
    let step = Duration::from_millis(20);
    let deadline = board.elapsed() + DRAIN;
    while board.elapsed() < deadline && silent < SILENCE {
        let (acks, deliveries) = (board.acks() - before.0, board.deliveries() - before.1);
        if acks >= sent && deliveries >= sent {
            return;
        }
        silent = if acks + deliveries > last { Duration::ZERO } else { silent + step };
        last = acks + deliveries;
        sleep(step).await;
    }
}
