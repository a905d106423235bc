//! The worker: finds webhooks with something to send, and gives each to a hand of its own.
//!
//! It looks by itself, four times a second: that costs an idle database less than being told by every message would cost the
//! log, and nothing can be lost between nodes.

use super::judge::{Answer, OPENS_AFTER, again_at};
use super::send;
use crate::app::{App, instant, random_below};
use crate::error::Result;
use crate::store::webhooks::deliveries::{self, Delivery, LIFETIME};
use crate::store::webhooks::{self as store, Webhook};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use futures_util::stream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

const LOOK: Duration = Duration::from_millis(250);
/// How long nothing is looked for while the database is away, and how often what waits is counted.
const REST: Duration = Duration::from_secs(5);
/// Webhooks that one node serves at the same time,
const HANDS: usize = 16;
/// and the hands among them that those who fail do not get.
const FOR_THE_WELL: usize = 8;
/// How long a hand serves one before others have their turn.
const TURN: Duration = Duration::from_secs(10);
/// How long a claim holds: past that the webhook of a process that died goes to another. A hand is done long before.
const CLAIM: TimeDelta = TimeDelta::seconds(60);
/// Deliveries read at once,
const BATCH: i64 = 64;
/// and sent at once, each of another conversation.
const AT_ONCE: usize = 8;
/// How often, a second apart, it is tried to write down how a delivery went.
const NOTE_TRIES: usize = 5;

/// Sends until the app stops; what is on its way then is finished first.
pub async fn run(app: Arc<App>) {
    tokio::join!(serve_all(&app), watch(&app));
}

async fn serve_all(app: &Arc<App>) {
    let mut hands = JoinSet::new();
    while !app.stopping.is_cancelled() {
        let rest = match give_out(app, &mut hands).await {
            Ok(()) => LOOK,
            Err(error) => {
                tracing::warn!(error = error.cause(), "what is to be told to webhooks cannot be read");
                REST
            }
        };
        tokio::select! {
            () = app.stopping.cancelled() => {}
            Some(_) = hands.join_next() => {}
            () = app.signals.webhooks.notified() => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
    while hands.join_next().await.is_some() {}
}

/// Every webhook that has something to send gets a hand, while there are any.
async fn give_out(app: &Arc<App>, hands: &mut JoinSet<()>) -> Result<()> {
    while hands.len() < HANDS {
        let now = app.clock.now();
        let only_well = hands.len() >= HANDS - FOR_THE_WELL;
        let Some(hook) = store::claim(&app.db.read, only_well, now, now + CLAIM).await? else { break };
        hands.spawn(serve(Arc::clone(app), hook, now + CLAIM));
    }
    Ok(())
}

/// One webhook in a hand.
struct Turn {
    hook: Webhook,
    failures: AtomicI32,
    until: Instant,
    /// Something arrived, and that is written down.
    has_arrived: AtomicBool,
    /// Nothing more is begun: it failed, or wants no more.
    has_failed: AtomicBool,
}

async fn serve(app: Arc<App>, hook: Webhook, claimed_until: DateTime<Utc>) {
    let id = hook.id;
    let turn = Turn {
        failures: AtomicI32::new(hook.failures),
        hook,
        until: instant() + TURN,
        has_arrived: AtomicBool::new(false),
        has_failed: AtomicBool::new(false),
    };
    while !turn.is_over() && !app.stopping.is_cancelled() {
        match turn.round(&app).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                tracing::warn!(webhook = %id, error = error.cause(), "a webhook cannot be served now; tried again");
                tokio::time::sleep(REST).await;
                break;
            }
        }
    }
    if let Err(error) = store::release(&app.db.read, (id, claimed_until), app.clock.now()).await {
        tracing::warn!(webhook = %id, %error, "a webhook is held until its claim ends");
    }
}

impl Turn {
    fn is_over(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed) || instant() >= self.until
    }

    /// Sends what is due, of one that failed a single delivery; whether there was any.
    async fn round(&self, app: &App) -> Result<bool> {
        let is_well = self.failures.load(Ordering::Relaxed) == 0;
        let (most, at_once) = if is_well { (BATCH, AT_ONCE) } else { (1, 1) };
        let due = deliveries::due(&app.db.read, self.hook.id, app.clock.now(), (most, !is_well)).await?;
        let is_any = !due.is_empty();
        stream::iter(due).for_each_concurrent(at_once, async |delivery| self.deliver(app, &delivery).await).await;
        Ok(is_any)
    }

    async fn deliver(&self, app: &App, delivery: &Delivery) {
        if self.is_over() {
            return;
        }
        let answer = match send::delivery(app, &self.hook, delivery).await {
            Ok(answer) => answer,
            Err(error) => {
                self.has_failed.store(true, Ordering::Relaxed);
                tracing::warn!(delivery = delivery.n, error = error.cause(), "an event cannot be read; tried again");
                return tokio::time::sleep(REST).await;
            }
        };
        let is_good = matches!(answer, None | Some(Answer::Taken(_)));
        if !is_good {
            self.has_failed.store(true, Ordering::Relaxed);
        }
        let failures = match &answer {
            None | Some(Answer::Gone) => 0,
            Some(Answer::Taken(_)) => self.failures.swap(0, Ordering::Relaxed),
            Some(_) => self.count_failure(),
        };
        // What arrived and is not noted as sent goes again when the claim ends, so this is tried for a while.
        for _ in 0..NOTE_TRIES {
            match self.note(app, delivery, answer.as_ref(), failures).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(
                    delivery = delivery.n,
                    error = error.cause(),
                    "what became of it cannot be written down"
                ),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// How many there were in a row. Those that were on their way together when an address fell ill count as no more than make it
    /// be left alone.
    fn count_failure(&self) -> i32 {
        let most = if self.hook.failures < OPENS_AFTER { OPENS_AFTER } else { i32::MAX };
        let count = |failures: i32| Some(failures.saturating_add(1).min(most));
        let before = self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count);
        before.map_or(most, |before| before.saturating_add(1).min(most))
    }

    /// `failures` in a row: before what arrived, or with this one.
    async fn note(&self, app: &App, delivery: &Delivery, answer: Option<&Answer>, failures: i32) -> Result<()> {
        let (db, now, hook, url) = (&app.db.read, app.clock.now(), self.hook.id, self.hook.url.as_str());
        let outcome = match answer {
            None => {
                deliveries::withdraw(db, delivery.n).await?;
                "needless"
            }
            Some(answer @ Answer::Taken(_)) => {
                deliveries::sent(db, delivery.n, &answer.kept(), now).await?;
                if !self.has_arrived.load(Ordering::Relaxed) {
                    store::worked(db, (hook, url), failures >= OPENS_AFTER, now).await?;
                    self.has_arrived.store(true, Ordering::Relaxed);
                }
                "sent"
            }
            Some(answer @ Answer::Gone) => {
                deliveries::failed(db, delivery, &answer.kept(), Some(now), now).await?;
                store::gone(db, (hook, url), now).await?;
                tracing::warn!(webhook = %hook, "a receiver wants no more: its webhook is switched off");
                "gone"
            }
            Some(answer) => self.failed(app, delivery, answer, failures).await?,
        };
        metrics::counter!("deskbell_webhooks_total", "outcome" => outcome).increment(1);
        Ok(())
    }

    async fn failed(&self, app: &App, delivery: &Delivery, answer: &Answer, failures: i32) -> Result<&'static str> {
        let (db, now, hook, kept) = (&app.db.read, app.clock.now(), self.hook.id, answer.kept());
        let is_old = now - delivery.waiting_since >= LIFETIME;
        let again = (!is_old).then(|| again_at(delivery.attempts.saturating_add(1), now, random_below(1_000)));
        deliveries::failed(db, delivery, &kept, again, now).await?;
        let alone_until = answer.alone_until(failures, now, random_below(1_000));
        store::stumbled(db, (hook, &self.hook.url, failures), &kept, alone_until, now).await?;
        if failures >= OPENS_AFTER
            && let Err(error) = deliveries::give_up_old(db, hook, &kept, now).await
        {
            tracing::warn!(webhook = %hook, %error, "what has waited too long could not be given up; tried again");
        }
        tracing::warn!(webhook = %hook, delivery = delivery.n, why = kept, failures, is_dead = is_old, "a webhook was not taken");
        Ok(if is_old { "dead" } else { "again" })
    }
}

async fn watch(app: &App) {
    while !app.stopping.is_cancelled() {
        if let Ok((waiting, dead)) = deliveries::backlog(&app.db.read).await {
            let count = |deliveries| f64::from(u32::try_from(deliveries).unwrap_or(u32::MAX));
            metrics::gauge!("deskbell_webhooks_waiting").set(count(waiting));
            metrics::gauge!("deskbell_webhooks_dead").set(count(dead));
        }
        tokio::select! {
            () = app.stopping.cancelled() => {}
            () = tokio::time::sleep(REST) => {}
        }
    }
}
