//! Keeping a shopper out, and letting them in again. Their sockets end at once, on every node; whatever no hint told, the sweep
//! and the look at each beginning find.

use super::{Act, publish};
use crate::app::{self, App};
use crate::domain::block::{Length, reason};
use crate::domain::conversation::Refusal;
use crate::domain::event::Author;
use crate::domain::id::{AgentId, BlockId, EventId, ShopperId, SiteId};
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::blocks::{self, Blocked, NewBlock};

const NO_REASON: Refusal = Refusal::BadRequest("Say why, in up to 500 characters.");
const NO_LENGTH: Refusal = Refusal::BadRequest("Choose for how long.");
const ALREADY: Refusal = Refusal::BadRequest("Somebody has blocked this shopper already.");

/// Blocks the shopper of a conversation that this member of staff may see, and ends what they have open.
pub async fn block(
    app: &App,
    (act, shopper): (&Act, ShopperId),
    why: &str,
    length: Option<Length>,
) -> Result<Result<(), Refusal>> {
    let Author::Agent(by) = act.by else { return Ok(Err(Refusal::Forbidden)) };
    let (Some(reason), Some(length)) = (reason(why), length) else {
        return Ok(Err(if length.is_none() { NO_LENGTH } else { NO_REASON }));
    };
    let now = app.clock.now();
    let new = NewBlock {
        site: act.site,
        id: BlockId(app::new_id()),
        shopper,
        conversation: act.conversation,
        reason: &reason,
        by: (by, &act.by_name),
        at: now,
        until: length.until(now),
    };
    let outcome = match blocks::block(&app.db, &new, || EventId(app::new_id())).await? {
        Blocked::Yes(outcome) => outcome,
        Blocked::Already => return Ok(Err(ALREADY)),
        Blocked::Gone => return Ok(Err(Refusal::Forbidden)),
    };
    for line in &outcome.lines {
        publish(&app.hub, line, None);
    }
    app.hub.tell(Topic::Shopper(shopper), &Item::Blocked);
    for (agent, given) in outcome.left {
        let item = Item::Unassigned { conversation: given.conversation, generation: given.generation };
        app.hub.tell(Topic::Agent(agent), &item);
    }
    app.wake_queue();
    Ok(Ok(()))
}

/// Lets them in again; `false`: somebody did before, or its time was over.
pub async fn unblock(app: &App, by: (AgentId, &str), block: (SiteId, BlockId)) -> Result<bool> {
    let lifted = blocks::lift(&app.db, block, by, EventId(app::new_id()), app.clock.now()).await?;
    for line in lifted.iter().flatten() {
        publish(&app.hub, line, None);
    }
    Ok(lifted.is_some())
}
