//! A chat whose agent is gone goes back to the queue at its old place; the shopper is told.

use super::publish;
use crate::app::{self, App};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::EventId;
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::append::Outcome;
use crate::store::conversations::{Effect, Move, apply};
use crate::store::queue::Abandoned;
use serde_json::json;

/// Why an agent has a chat no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Gone longer than the grace.
    Vanished,
    /// Their shift is over.
    OffDuty,
}

/// Answers whether it was still theirs.
pub async fn give_back(app: &App, chat: &Abandoned, why: Why) -> Result<bool> {
    let mut data = json!({ "agent": { "id": chat.assignee_id, "name": chat.assignee_name, "avatar": null } });
    if why == Why::OffDuty {
        data["reason"] = json!("off_duty");
    }
    let draft = Draft {
        id: EventId(app::new_id()),
        cid: None,
        kind: Kind::Left,
        by: Author::System,
        by_name: String::new(),
        body: None,
        data: Some(data),
        files: Vec::new(),
        internal: false,
        oversees: false,
    };
    let step = Move {
        site: chat.site_id,
        conversation: chat.id,
        draft,
        generation: None,
        at: app.clock.now(),
        effect: Effect::Leave { assignee: chat.assignee_id },
    };
    let Outcome::Stored(stored) = apply(&app.db, step).await?.outcome else { return Ok(false) };
    if why == Why::Vanished {
        metrics::counter!("deskbell_lease_expiries_total").increment(1);
    }
    publish(&app.hub, &stored, None);
    let item = Item::Unassigned { conversation: chat.id, generation: 0 };
    app.hub.tell(Topic::Agent(chat.assignee_id), &item);
    Ok(true)
}
