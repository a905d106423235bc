//! An agent writes first, to a shopper who has the chat open and nothing in it: the chat is theirs from its first moment.

use super::{Act, Said, publish};
use crate::app::{self, App};
use crate::domain::conversation::{Given, Refusal, State};
use crate::domain::event::{Author, Kind};
use crate::domain::id::{ClientId, ConversationId, EventId, TeamId};
use crate::domain::people::{Agent, Shopper};
use crate::domain::route::Route;
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::conversations::{self as store, Opening, WroteFirst};
use crate::store::queue::{Claim, DecisionKind};
use serde_json::json;
use std::time::Duration;

pub struct FirstWord<'a> {
    pub shopper: &'a Shopper,
    pub agent: &'a Agent,
    /// Whose chat it is.
    pub team: TeamId,
    pub cid: ClientId,
    pub said: Said,
}

/// What came of it.
pub enum FirstWritten {
    Yes(ConversationId),
    /// There is an open chat by now, and who has it.
    Open(ConversationId, Option<String>),
    Refused(Refusal),
}

const FULL: Refusal =
    Refusal::BadRequest("All your places are taken, or all of your team. Close or transfer a chat first.");
const GONE: Refusal = Refusal::BadRequest("This shopper may not come in any more: nobody would read it.");

/// How often the agent's own row is tried, where the queue is at it, and how long between.
const TRIES: usize = 50;
const RETRY: Duration = Duration::from_millis(20);

/// Opens the chat with what the agent says, takes a place of theirs for it, and tells everybody: one transaction.
pub async fn write_first(app: &App, first: &FirstWord<'_>) -> Result<FirstWritten> {
    if let Err(refusal) = first.said.check() {
        return Ok(FirstWritten::Refused(refusal));
    }
    for _ in 0..TRIES {
        match attempt(app, first).await? {
            WroteFirst::Busy => tokio::time::sleep(RETRY).await,
            wrote => return Ok(tell(app, first, wrote)),
        }
    }
    Ok(FirstWritten::Refused(Refusal::Unavailable(Duration::from_secs(1))))
}

async fn attempt(app: &App, first: &FirstWord<'_>) -> Result<WroteFirst> {
    let (agent, shopper, at) = (first.agent, first.shopper, app.clock.now());
    let act = Act {
        site: shopper.site_id,
        conversation: ConversationId(app::new_id()),
        by: Author::Agent(agent.id),
        by_name: agent.name.clone(),
        cid: Some(first.cid),
        generation: None,
        origin: None,
        oversees: agent.oversees(),
    };
    let mut opened = act.draft(Kind::Opened, None, None);
    opened.cid = None;
    let considered = json!([{ "agent": agent.id, "name": agent.name, "reasons": ["wrote first"] }]);
    let claim = Claim {
        conversation: act.conversation,
        agent: agent.id,
        event: EventId(app::new_id()),
        cid: None,
        candidates: &considered,
        at,
        must_be_available: false,
        takes_reserved: false,
        may_exceed: false,
        kind: DecisionKind::Taken,
    };
    let opening = Opening {
        site: act.site,
        shopper: shopper.id,
        conversation: act.conversation,
        team: Some(first.team),
        route: Route::default(),
        locale: shopper.locale.clone(),
        state: State::Waiting,
        opened,
        message: act.said(&first.said),
        at,
        name: None,
        email: None,
        answers: None,
        ticket: None,
    };
    Ok(store::write_first(&app.db, opening, &claim).await?)
}

fn tell(app: &App, first: &FirstWord<'_>, wrote: WroteFirst) -> FirstWritten {
    let (lines, generation) = match wrote {
        WroteFirst::Yes { lines, generation } => (lines, generation),
        WroteFirst::Again(conversation) => return FirstWritten::Yes(conversation),
        WroteFirst::Open { conversation, with } => return FirstWritten::Open(conversation, with),
        WroteFirst::Gone => return FirstWritten::Refused(GONE),
        WroteFirst::Full => return FirstWritten::Refused(FULL),
        WroteFirst::Busy => return FirstWritten::Refused(Refusal::Unavailable(RETRY)),
    };
    for line in &lines {
        publish(&app.hub, line, None);
    }
    let Some(conversation) = lines.first().map(|line| line.event.conversation) else {
        return FirstWritten::Refused(Refusal::Forbidden);
    };
    let given = Given { conversation, site: first.shopper.site_id, generation };
    app.hub.tell(Topic::Agent(first.agent.id), &Item::Assigned { given, by: None });
    FirstWritten::Yes(conversation)
}
