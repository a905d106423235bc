//! Kept places: a shopper may close the tab and keeps their place in line. When their turn is near they are called by a
//! letter with a link; when it comes and they are still away, a place of an agent is held for them for a while.
//!
//! Whoever is here, or may be, is served like everybody: without Redis nobody on another node is taken for absent.

use super::offers;
use super::positions::Positions;
use crate::app::{self, App};
use crate::auth;
use crate::conversations::site_by_id;
use crate::domain::id::{ConversationId, EventId, LetterId, SiteId};
use crate::domain::line::{Reason, Waiting};
use crate::error::Result;
use crate::presence::shoppers::{self, Presence};
use crate::store::queue::places::{self as store, Call, Kept};
use crate::store::queue::reserve::{self, End, Reserved};
use crate::store::queue::{Claim, DecisionKind};
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::json;
use std::collections::HashSet;

/// Whose turn is near: so far in front,
const NEAR_POSITION: usize = 2;
/// or served within so many seconds at the earliest.
const NEAR_S: u64 = 120;
/// How long a link back holds, if the conversation does.
const LINK_LIFE: TimeDelta = TimeDelta::hours(24);

/// Those in line who asked to be called, and which of them are away, at one moment.
pub struct Places {
    kept: Vec<Kept>,
    away: HashSet<ConversationId>,
}

impl Places {
    pub async fn look(app: &App) -> Result<Self> {
        let kept = store::kept(&app.db.read, super::WAITING_MAX).await?;
        let asked = join_all(kept.iter().map(|place| shoppers::of(app, place.id))).await;
        let left = kept.iter().zip(asked).filter(|(_, presence)| *presence == Presence::Left);
        let away = left.map(|(place, _)| place.id).collect();
        Ok(Self { kept, away })
    }

    /// Whoever came back gets the place that is held for them, or is in line again if it is not held any more.
    pub async fn welcome(&self, app: &App) -> Result<()> {
        for place in self.kept.iter().filter(|place| !self.away.contains(&place.id)) {
            if place.held_by.is_some() {
                take_up(app, place).await?;
            } else if place.has_missed {
                store::came_back(&app.db.read, place.id).await?;
            }
        }
        Ok(())
    }

    /// Notes who is not to be given away while nobody would read what the agent writes.
    pub fn mark(&self, line: &mut [Waiting]) {
        let to_call: HashSet<_> = self.absent().map(|place| place.id).collect();
        for shopper in line.iter_mut().filter(|shopper| to_call.contains(&shopper.id)) {
            shopper.is_to_be_called = true;
        }
    }

    fn absent(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter().filter(|place| place.has_address && self.away.contains(&place.id))
    }

    /// Calls those who are away and whose turn is near.
    pub async fn call_near(&self, app: &App, positions: &Positions) -> Result<()> {
        for place in self.absent().filter(|place| !place.was_called) {
            let Some((position, wait)) = positions.of(place.id) else { continue };
            if position <= NEAR_POSITION || wait.is_some_and(|(low_s, _)| low_s < NEAR_S) {
                call(app, place.id).await?;
            }
        }
        Ok(())
    }
}

/// The shopper is back in time. If the agent has gone meanwhile, the hold ends and the pass that follows picks another.
async fn take_up(app: &App, place: &Kept) -> Result<()> {
    let Some(agent) = place.held_by else { return Ok(()) };
    let reason = "held a place while the shopper was called back";
    let considered = json!([{ "agent": agent, "name": place.held_by_name, "reasons": [reason] }]);
    let claim = Claim {
        conversation: place.id,
        agent,
        event: EventId(app::new_id()),
        cid: None,
        candidates: &considered,
        at: app.clock.now(),
        must_be_available: true,
        takes_reserved: true,
        may_exceed: false,
        kind: DecisionKind::Assigned,
    };
    if super::assign(app, &claim, place.queued_at).await? {
        offers::end(app, (place.id, agent), End::Declined).await?;
    }
    Ok(())
}

/// Holds the place that the claim names; the shopper is called if they were not yet.
pub async fn hold(app: &App, claim: &Claim<'_>, site: SiteId) -> Result<Reserved> {
    call(app, claim.conversation).await?;
    let seconds = site_by_id(app, site).await?.settings.routing.hold_s;
    let until = claim.at + TimeDelta::seconds(i64::from(seconds));
    Ok(reserve::reserve(&app.db, claim, Reason::Hold, until).await?)
}

async fn call(app: &App, conversation: ConversationId) -> Result<()> {
    let (letter, at) = (LetterId(app::new_id()), app.clock.now());
    let code_hash = auth::hash(&auth::place_code(&app.config.secret_key, letter));
    let call = Call { conversation, letter, code_hash: &code_hash, at, expires_at: at + LINK_LIFE };
    if store::call(&app.db, &call).await? {
        app.wake_mail();
    }
    Ok(())
}
