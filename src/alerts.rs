//! Calling agents while nobody looks: what the console's own tab rings at once is followed by a notification to the browsers
//! where they agreed to it, and by a letter.
//!
//! Promises: nobody is forgotten, because what decides is what was seen, looked at every second, and not a call that may be
//! lost; nobody is called twice for the same, on however many nodes; who has seen it, or looks at the console, gets no
//! notification; one letter in ten minutes says how many wait. Who chose to be away or off duty is left in peace, but for a
//! letter about a chat that is theirs: a shopper waits for them and for nobody else. Both are rows of the database before
//! anything is sent.

use crate::app::{self, App};
use crate::domain::alert::What;
use crate::domain::id::{LetterId, PushId};
use crate::domain::people::Status;
use crate::error::Result;
use crate::push;
use crate::store::alerts::{self as store, AGAIN, Call};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::time::Duration;

/// What rings is over within half a minute.
const LOOK: Duration = Duration::from_secs(1);
/// What waits, of one page; a look turns them all.
const PAGE: i64 = 500;
/// After a start nobody is here yet: they come back within moments.
const SETTLING: TimeDelta = TimeDelta::seconds(30);
/// A page that is loaded again is away for a moment.
const RELOADING: TimeDelta = TimeDelta::seconds(5);

/// Looks and calls until the server stops.
pub async fn run(app: Arc<App>) {
    app::look_every(&app, (LOOK, SETTLING), "which agents are to be called cannot be found out", look).await;
}

/// One look: who is due is called.
pub async fn look(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut last: Option<Call> = None;
    // What waits for one agent stands together, perhaps on two pages.
    let mut theirs: Vec<Call> = Vec::new();
    loop {
        let page = store::waiting(&app.db.read, now, last.as_ref(), PAGE).await?;
        last = page.last().cloned();
        for call in page {
            if wants_push(&call, now) {
                store::push(&app.db.read, &call, || PushId(app::new_id()), now).await?;
            }
            if theirs.first().is_some_and(|first| first.agent_id != call.agent_id) {
                write(app, &theirs, now).await?;
                theirs.clear();
            }
            theirs.push(call);
        }
        if last.is_none() || app.stopping.is_cancelled() {
            break;
        }
    }
    write(app, &theirs, now).await?;
    push::worker::deliver(app).await
}

/// One letter for all that waits for an agent, once something has waited for long enough.
async fn write(app: &App, theirs: &[Call], now: DateTime<Utc>) -> Result<()> {
    let tells: Vec<_> = theirs.iter().filter(|call| may_mail(call)).cloned().collect();
    let is_due = tells.iter().any(|call| wants_mail(call, now));
    if is_due && store::mail(&app.db.read, &tells, LetterId(app::new_id()), now).await? {
        app.wake_mail();
    }
    Ok(())
}

fn is_at_work(call: &Call) -> bool {
    matches!(Status::of(call.available, call.off_as), Status::Available | Status::Busy)
}

/// What rings is told at once, because it does not wait; the rest when it was not seen for a while, or when there is no page
/// to see it in.
fn wants_push(call: &Call, now: DateTime<Utc>) -> bool {
    let after = call.prefs.push_after_s;
    let has_rested = call.pushed_upto <= call.read_upto || call.pushed_at.is_none_or(|at| now - at >= AGAIN);
    let is_news = call.upto > call.pushed_upto && has_rested;
    let is_here = call.here_until.is_some_and(|until| until + RELOADING > now);
    let is_time = call.what == What::Offer || !is_here || now - call.since >= TimeDelta::seconds(i64::from(after));
    after > 0 && call.has_browser && is_news && is_time && is_at_work(call) && !call.is_looking
}

/// Whether a letter may tell of it.
fn may_mail(call: &Call) -> bool {
    match call.what {
        What::Message => true,
        What::Mention => is_at_work(call),
        What::Offer => false,
    }
}

/// A letter is for all that is unseen: the next one comes after they have looked.
fn wants_mail(call: &Call, now: DateTime<Utc>) -> bool {
    let after = call.prefs.mail_after_min;
    let was_seen = call.what == What::Mention || call.mailed_upto <= call.read_upto;
    let is_news = call.upto > call.mailed_upto && was_seen;
    after > 0 && is_news && now - call.since >= TimeDelta::minutes(i64::from(after))
}

#[cfg(test)]
mod tests;
