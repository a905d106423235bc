//! When the database is away or hangs: what comes is refused at once, so that nobody waits behind it, and what may have been
//! committed when it went is looked up when it is back. Nothing is confirmed meanwhile.

use super::rows::Locking;
use super::{Append, Desk, Outcome, group, refuse_unread};
use crate::domain::conversation::Refusal;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, timeout};

/// A group that takes longer holds nobody up: what comes after it is refused until it is done.
const STALLED: Duration = Duration::from_secs(1);
/// How often it is tried whether the database is back.
const KNOCK_EVERY: Duration = Duration::from_millis(250);
/// How long those wait whose outcome is unknown; past that their clients ask again.
const SETTLE: Duration = Duration::from_secs(8);

/// Until the work is done. When that takes too long, what comes meanwhile is refused.
pub async fn notice<T>(waiting: &mut Receiver<Append>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    if let Ok(done) = timeout(STALLED, &mut work).await {
        return done;
    }
    tracing::warn!("append: the database hangs; what comes meanwhile is refused");
    match refusing(waiting, &mut work).await {
        Some(done) => done,
        None => work.await,
    }
}

/// Until the database is back. Gives those back whose conversation is locked elsewhere.
pub async fn sit_out(desk: &mut Desk, waiting: &mut Receiver<Append>, mut unsettled: Vec<Append>) -> Vec<Append> {
    // Where only a connection broke, nobody needs to know.
    let is_away = desk.lone.reach().await.is_err();
    desk.doubt();
    if is_away && !wait_for(desk, waiting, &mut unsettled).await {
        return Vec::new();
    }
    let unsettled = unsettled.into_iter().map(tried_before).collect();
    notice(waiting, group::write(&desk.pool, unsettled, Locking::SkipLocked)).await.unwrap_or_default()
}

/// Refuses what comes until the database is back. `false`: nothing will come any more.
async fn wait_for(desk: &mut Desk, waiting: &mut Receiver<Append>, unsettled: &mut Vec<Append>) -> bool {
    metrics::gauge!("deskbell_log_available").set(0);
    let soon = timeout(SETTLE, refusing(waiting, knock(desk))).await;
    let is_back = if let Ok(back) = soon {
        back.is_some()
    } else {
        unsettled.drain(..).for_each(|append| (append.done)(Outcome::Unknown));
        refusing(waiting, knock(desk)).await.is_some()
    };
    if is_back {
        metrics::gauge!("deskbell_log_available").set(1);
        tracing::info!("append: the database is back");
    }
    is_back
}

/// What is found in the log was committed when the connection broke, and nobody has been told of it yet. What cannot be found
/// out now stays unknown.
fn tried_before(mut append: Append) -> Append {
    let done = append.done;
    append.done = Box::new(move |outcome| {
        done(match outcome {
            Outcome::Duplicate(stored) => Outcome::Stored(stored),
            Outcome::Refused(Refusal::Unavailable(_)) => Outcome::Unknown,
            other => other,
        });
    });
    append
}

async fn knock(desk: &mut Desk) {
    while desk.lone.reach().await.is_err() {
        sleep(KNOCK_EVERY).await;
    }
    desk.doubt();
}

/// Refuses what comes until the work is done; `None`: nothing will come any more.
async fn refusing<T>(waiting: &mut Receiver<Append>, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return Some(done),
            append = waiting.recv() => refuse_unread(append?),
        }
    }
}
