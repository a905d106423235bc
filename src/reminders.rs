//! Telling shoppers who have left that they were answered: by notification where they agreed to it, else by mail where
//! their address is known.
//!
//! Promises: nobody is forgotten, because what decides is what they have read, looked at every few seconds, and not a call
//! that may be lost; nobody is told twice of the same, on however many nodes; whoever is here, or has read, is not told.
//! Both are rows of the database before anything is sent.

use crate::app::{self, App};
use crate::auth;
use crate::domain::id::{LetterId, PushId};
use crate::error::Result;
use crate::presence::shoppers::{self, Presence};
use crate::push;
use crate::store::reminders::{self as store, Answers, Due};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use std::time::Duration;

const LOOK: Duration = Duration::from_secs(3);
/// Conversations of one page; a look turns them all, so that many who are here hide nobody who has left.
const PAGE: i64 = 200;
/// After a start nobody is here yet: they come back within moments.
const SETTLING: TimeDelta = TimeDelta::seconds(30);
/// How long somebody may be away, or read without saying so, before they are notified,
const PUSH_AFTER: TimeDelta = TimeDelta::seconds(10);
/// and before they are written to. A notification that fails is followed by a letter as well.
const MAIL_AFTER: TimeDelta = TimeDelta::minutes(3);
/// While Redis is away nobody knows who is on another node; what was written there has expired after so long.
const UNKNOWN_AFTER: TimeDelta = TimeDelta::minutes(1);
/// How long the link in a letter leads back to the conversation.
const LINK: TimeDelta = TimeDelta::days(7);

/// Looks and tells until the server stops.
pub async fn run(app: Arc<App>) {
    app::look_every(&app, (LOOK, SETTLING), "who is to be told of answers cannot be found out", look).await;
}

/// One look: who is due is told.
pub async fn look(app: &App) -> Result<()> {
    let now = app.clock.now();
    let mut last: Option<Due> = None;
    loop {
        let page = store::due(&app.db.read, (now - PUSH_AFTER, now), last.as_ref(), PAGE).await?;
        for due in &page {
            if has_left(app, due, now).await {
                tell(app, due, now).await?;
            }
        }
        last = page.into_iter().next_back();
        if last.is_none() || app.stopping.is_cancelled() {
            break;
        }
    }
    push::worker::deliver(app).await
}

async fn has_left(app: &App, due: &Due, now: DateTime<Utc>) -> bool {
    match shoppers::of(app, due.conversation_id).await {
        Presence::Here => false,
        Presence::Left => true,
        Presence::Unknown => now - due.first_at >= UNKNOWN_AFTER,
    }
}

/// A notification first; the letter looks again once that had its time.
async fn tell(app: &App, due: &Due, now: DateTime<Utc>) -> Result<()> {
    if due.may_push {
        store::push(&app.db.read, due, || PushId(app::new_id()), now).await?;
        return Ok(());
    }
    let Some(to) = due.mail_to.as_deref().filter(|_| now - due.first_at >= MAIL_AFTER) else { return Ok(()) };
    let letter = LetterId(app::new_id());
    let code = auth::place_code(&app.config.secret_key, letter);
    let answers = Answers { letter, to, code_hash: &auth::hash(&code), now, expires_at: now + LINK };
    if store::mail(&app.db.read, due, &answers).await? {
        app.wake_mail();
    }
    Ok(())
}
