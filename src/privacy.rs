//! Privacy: what is known of a person is handed out and erased when they ask, and what is old goes by itself.
//!
//! Promises: what is handed out is everything that is kept of somebody; what is erased is gone from the database in one transaction,
//! from every page a moment later, and from the store of files within a minute; both are noted, without whose data it was. What a
//! shop keeps for so many days is erased within minutes of its time while a node with the role `queue` runs. Backups are the owner's.

mod export;

pub use export::{Wish, export};

use crate::app::{self, App, look_every};
use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId};
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::privacy::{self as store, Doing, Erasing};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::time::Duration;

const EVERY: Duration = Duration::from_mins(1);
/// Erased in one transaction, and transactions of one shop in one look.
const AT_ONCE: i64 = 200;
const TURNS: usize = 100;
const WALK_EVERY: Duration = Duration::from_hours(12);
const WALKED_AT_ONCE: i64 = 1_000;
/// Between two transactions: who chats goes first.
const BREATH: Duration = Duration::from_millis(50);

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    Yes,
    /// Somebody did before.
    Gone,
    /// They are made of other contacts than those who were shown.
    Changed,
}

/// Erases a person: every contact that staff put together as them, and that whoever asks for it was shown, with all they had.
pub async fn erase(
    app: &App,
    by: AgentId,
    (site, person): (SiteId, ShopperId),
    contacts: &[ShopperId],
) -> Result<Erased> {
    let doing = doing(app, by, (site, person));
    let erased = match store::erase(&app.db.send, contacts, &doing).await? {
        Erasing::Done(erased) => erased,
        Erasing::Gone => return Ok(Erased::Gone),
        Erasing::Changed => return Ok(Erased::Changed),
    };
    for contact in contacts {
        app.hub.tell(Topic::Shopper(*contact), &Item::SignedOut);
    }
    for (agent, conversation, generation) in erased.left {
        app.hub.tell(Topic::Agent(agent), &Item::Unassigned { conversation, generation });
    }
    // Whoever has one of them open looks again whether it may be seen.
    app.hub.tell(Topic::Lists(site), &Item::Rights);
    app.signals.files.notify_one();
    app.wake_queue();
    tracing::info!(%site, conversations = erased.amount.conversations, "erased a person");
    Ok(Erased::Yes)
}

fn doing(app: &App, by: AgentId, (site, person): (SiteId, ShopperId)) -> Doing {
    Doing { id: app::new_id(), site, person, by, at: app.clock.now() }
}

/// Before when a conversation ended that is kept for so many days.
pub fn kept_since(now: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    now - TimeDelta::days(days.into())
}

/// Erases what is old, until the server stops.
pub async fn run(app: Arc<App>) {
    tokio::join!(
        look_every(&app, (EVERY, TimeDelta::zero()), "what is old could not be erased", look),
        look_every(&app, (WALK_EVERY, TimeDelta::zero()), "whoever has nothing left could not be forgotten", walk),
    );
}

/// One walk through all contacts, which forgets those that nothing leads to any more.
pub async fn walk(app: &App) -> Result<()> {
    let mut at = (SiteId(uuid::Uuid::nil()), ShopperId(uuid::Uuid::nil()));
    while !app.stopping.is_cancelled()
        && let Some(next) = store::forget_idle(&app.db.read, at, app.clock.now(), WALKED_AT_ONCE).await?
    {
        at = next;
        tokio::time::sleep(BREATH).await;
    }
    Ok(())
}

/// One look at every shop.
pub async fn look(app: &App) -> Result<()> {
    for (site, days) in store::keeping(&app.db.read).await? {
        let before = kept_since(app.clock.now(), days.unsigned_abs());
        let (mut erased, mut most) = (0, AT_ONCE);
        for _ in 0..TURNS {
            match store::age(&app.db.read, (app::new_id(), site), before, app.clock.now(), most).await {
                Ok(amount) if amount.conversations == 0 => break,
                Ok(amount) => erased += amount.conversations,
                // What is too much for one transaction is not for several.
                Err(error) if most > 1 => {
                    most = (most / 8).max(1);
                    tracing::warn!(%site, %error, most, "what is old could not be erased; less is tried");
                }
                Err(error) => {
                    tracing::error!(%site, %error, "what is old could not be erased");
                    break;
                }
            }
            if app.stopping.is_cancelled() {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
        if erased > 0 {
            tracing::info!(%site, conversations = erased, "erased what was old");
            let changed = Item::Changed { site, conversation: ConversationId(uuid::Uuid::nil()) };
            app.hub.tell(Topic::Lists(site), &changed);
            app.signals.files.notify_one();
        }
    }
    while store::forget_expired(&app.db.read, app.clock.now(), AT_ONCE).await? > 0 && !app.stopping.is_cancelled() {
        tokio::time::sleep(BREATH).await;
    }
    Ok(store::sweep(&app.db.read, app.clock.now()).await?)
}
