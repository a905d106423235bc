//! Handing a conversation on: to a team, to a colleague, or by asking a colleague first.

use super::{Act, is_stored, publish, run, site_by_id, tell_owner_it_left};
use crate::app::{self, App};
use crate::domain::conversation::{Given, Refusal, State};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, ClientId, ConnectionId, ConversationId, EventId, TeamId};
use crate::domain::line::{Reason, Ringing};
use crate::domain::message::check_body;
use crate::domain::people::Agent;
use crate::domain::routing::{Mode, Routing};
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::append::Outcome;
use crate::store::conversations::{self as store, Effect};
use crate::store::people;
use crate::store::queue::reserve::{self, Ask, Asked};
use crate::store::queue::{Claim, DecisionKind, HandOver, HandedOver};
use chrono::TimeDelta;
use serde_json::json;
use std::time::Duration;

/// Back to the queue for a team, at the place the shopper had.
pub async fn transfer_to_team(app: &App, act: &Act, team: TeamId, note: &str) -> Result<Outcome> {
    let note = match note_of(act, note) {
        Ok(note) => note,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    let Some(team) = crate::store::sites::team(&app.db.read, act.site, team).await? else {
        return Ok(Outcome::Refused(Refusal::Forbidden));
    };
    let draft = act.draft(Kind::Transferred, None, Some(json!({ "to": { "team": team.name } })));
    to_line(app, act, draft, (Some(team.id), note)).await
}

/// Back to the queue for whom it was; the shopper hears that somebody else is looked for.
pub async fn put_back(app: &App, act: &Act, note: &str) -> Result<Outcome> {
    let note = match note_of(act, note) {
        Ok(note) => note,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    let moved = to_line(app, act, act.draft(Kind::Left, None, None), (None, note)).await?;
    if matches!(moved, Outcome::Refused(Refusal::Closed))
        && let Some(summary) = store::summary(&app.db.read, act.conversation).await?
        && summary.state == State::Waiting
    {
        return Ok(Outcome::Refused(IN_LINE));
    }
    Ok(moved)
}

async fn to_line(app: &App, act: &Act, draft: Draft, (team, note): (Option<TeamId>, Option<Draft>)) -> Result<Outcome> {
    let summary = store::summary(&app.db.read, act.conversation).await?;
    let moved = run(app, act, draft, Effect::ToLine { team, note }).await?;
    if is_stored(&moved) {
        if let Some(summary) = &summary {
            tell_owner_it_left(app, summary);
        }
        app.wake_queue();
    }
    Ok(moved)
}

/// To a colleague who is here and has a place free: at once, or, where the site offers chats, when they accept.
pub async fn transfer_to_agent(app: &App, act: &Act, to: AgentId, note: &str) -> Result<Outcome> {
    if let Err(refusal) = note_of(act, note) {
        return Ok(Outcome::Refused(refusal));
    }
    let candidates = json!([{ "agent": to, "reasons": ["handed over by a colleague"] }]);
    let claim = handing(app, act.conversation, to, &candidates);
    let routing = site_by_id(app, act.site).await?.settings.routing.clone();
    // Who oversees gives; everybody else asks.
    if routing.mode == Mode::Offer && !act.oversees {
        return ask_over(app, act, claim, (note, &routing)).await;
    }
    let step = HandOver {
        transferred: act.draft(Kind::Transferred, None, None),
        note: note_of(act, note).ok().flatten(),
        generation: act.generation,
        claim,
        site: act.site,
        is_asked: false,
    };
    Ok(outcome(hand_over(app, act.origin, step).await?, FULL))
}

fn outcome(handed: HandedOver, full: Refusal) -> Outcome {
    match handed {
        HandedOver::Yes { transferred, .. } => Outcome::Stored(transferred),
        HandedOver::Again(transferred) => Outcome::Duplicate(transferred),
        HandedOver::Full => Outcome::Refused(full),
        HandedOver::Busy => Outcome::Refused(BUSY),
        HandedOver::Refused(refusal) => Outcome::Refused(refusal),
    }
}

/// How often a supervisor's own row is tried, where the queue is at it, and how long between.
const TAKING_TRIES: usize = 50;
const TAKING_RETRY: Duration = Duration::from_millis(20);

/// A supervisor takes an active chat from whoever has it; beyond their own capacity if need be, within the site's bound.
pub async fn take_over(app: &App, act: &Act, by: AgentId) -> Result<Outcome> {
    let candidates = json!([{ "agent": by, "name": act.by_name, "reasons": ["took it over"] }]);
    for _ in 0..TAKING_TRIES {
        let claim = Claim {
            must_be_available: false,
            may_exceed: true,
            kind: DecisionKind::Taken,
            ..handing(app, act.conversation, by, &candidates)
        };
        let step = HandOver {
            transferred: act.draft(Kind::Transferred, None, None),
            note: None,
            generation: act.generation,
            claim,
            site: act.site,
            is_asked: false,
        };
        match hand_over(app, act.origin, step).await? {
            HandedOver::Busy => tokio::time::sleep(TAKING_RETRY).await,
            handed => return Ok(outcome(handed, ALL_TAKEN)),
        }
    }
    Ok(Outcome::Refused(BUSY))
}

fn handing<'a>(app: &App, conversation: ConversationId, to: AgentId, candidates: &'a serde_json::Value) -> Claim<'a> {
    Claim {
        conversation,
        agent: to,
        event: EventId(app::new_id()),
        cid: None,
        candidates,
        at: app.clock.now(),
        must_be_available: true,
        takes_reserved: false,
        may_exceed: false,
        kind: DecisionKind::HandedOver,
    }
}

/// Moves the chat and tells everybody concerned.
async fn hand_over(app: &App, origin: Option<ConnectionId>, step: HandOver<'_>) -> Result<HandedOver> {
    let (conversation, to, site) = (step.claim.conversation, step.claim.agent, step.site);
    let why = step.note.as_ref().and_then(|note| note.body.clone()).unwrap_or_default();
    let is_own = step.transferred.by == Author::Agent(to);
    let summary = store::summary(&app.db.read, conversation).await?;
    let handed = crate::store::queue::hand_over(&app.db, step).await?;
    if let HandedOver::Yes { transferred, others, generation, rang_at } = &handed {
        publish(&app.hub, transferred, origin);
        for stored in others {
            publish(&app.hub, stored, None);
        }
        if let Some(summary) = &summary {
            tell_owner_it_left(app, summary);
        }
        let generation = *generation;
        if let Some(other) = rang_at.filter(|other| *other != to) {
            app.hub.tell(Topic::Agent(other), &Item::Unassigned { conversation, generation });
        }
        let by = (transferred.event.by_name.clone(), why);
        let given = Given { conversation, site, generation };
        app.hub.tell(
            Topic::Agent(to),
            &Item::Assigned { given, by: Some(by).filter(|(name, _)| !is_own && !name.is_empty()) },
        );
        app.wake_queue();
    }
    Ok(handed)
}

/// It rings at the colleague; until they accept, the chat stays with whoever has it.
async fn ask_over(app: &App, act: &Act, claim: Claim<'_>, (note, routing): (&str, &Routing)) -> Result<Outcome> {
    let Some(colleague) = people::agent(&app.db.read, claim.agent).await? else {
        return Ok(Outcome::Refused(Refusal::Forbidden));
    };
    let body =
        if note.trim().is_empty() { format!("Asked {} to take this over.", colleague.name) } else { note.into() };
    let data = json!({ "asks": { "agent": colleague.name, "why": note.trim() } });
    let until = claim.at + TimeDelta::seconds(i64::from(routing.offer_s));
    let ask = Ask {
        note: act.draft(Kind::Note, Some(body), Some(data)),
        generation: act.generation,
        claim,
        site: act.site,
        until,
    };
    let to = ask.claim.agent;
    match reserve::ask_over(&app.db, ask).await? {
        Asked::Yes { note, generation } => {
            publish(&app.hub, &note, act.origin);
            let ringing =
                Ringing { site_id: act.site, id: act.conversation, generation, until, reason: Reason::Transfer };
            app.hub.tell(Topic::Agent(to), &Item::Offered(ringing));
            Ok(Outcome::Stored(note))
        }
        Asked::Again(note) => Ok(Outcome::Duplicate(note)),
        Asked::Full => Ok(Outcome::Refused(FULL)),
        Asked::Refused(refusal) => Ok(Outcome::Refused(refusal)),
    }
}

/// Whether a colleague asks this agent to take this conversation over.
pub async fn is_asked_over(app: &App, conversation: ConversationId, agent: AgentId) -> Result<bool> {
    Ok(reserve::is_asked_over(&app.db.read, conversation, agent).await?)
}

/// The colleague who was asked takes it.
pub async fn take_over_as_asked(
    app: &App,
    conversation: ConversationId,
    agent: &Agent,
    cid: Option<ClientId>,
) -> Result<Outcome> {
    let Some(summary) = store::summary(&app.db.read, conversation).await? else {
        return Ok(Outcome::Refused(Refusal::Forbidden));
    };
    let candidates = json!([{ "agent": agent.id, "name": agent.name, "reasons": ["accepted what a colleague asked"] }]);
    let claim = Claim { cid, must_be_available: false, ..handing(app, conversation, agent.id, &candidates) };
    let transferred = Draft {
        id: EventId(app::new_id()),
        cid: None,
        kind: Kind::Transferred,
        by: Author::System,
        by_name: String::new(),
        body: None,
        data: None,
        files: Vec::new(),
        internal: false,
        oversees: false,
    };
    let step = HandOver { transferred, note: None, generation: None, claim, site: summary.site_id, is_asked: true };
    Ok(outcome(hand_over(app, None, step).await?, ALL_TAKEN))
}

const IN_LINE: Refusal = Refusal::BadRequest("Nobody has this chat: it is in line.");
const FULL: Refusal =
    Refusal::BadRequest("They are not available or have no place free. Choose somebody else or a team.");
const ALL_TAKEN: Refusal =
    Refusal::BadRequest("All your places are taken, those beyond your capacity too. Close or transfer a chat first.");
const BUSY: Refusal = Refusal::Unavailable(Duration::from_secs(1));

/// The note that goes with a transfer, stored together with it; `None`: nothing was written.
fn note_of(act: &Act, note: &str) -> Result<Option<Draft>, Refusal> {
    if note.trim().is_empty() {
        return Ok(None);
    }
    check_body(note)?;
    Ok(Some(Draft { cid: None, ..act.draft(Kind::Note, Some(note.to_owned()), None) }))
}
