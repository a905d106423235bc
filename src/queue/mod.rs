//! The queue: a promise to people who wait. Nobody is forgotten, nobody is served twice, no agent gets more than they can
//! carry, and everyone can see why.
//!
//! Driven by events (an arrival, a freed place, an agent who becomes available), with a sweep as safety net. Any node may run
//! it: a claim locks both rows, so there is no leader to lose. May not: talk to sockets; it publishes.

mod chance;
pub mod estimate;
pub mod offers;
mod pick;
mod places;
mod plan;
mod positions;
mod rank;
mod rulebook;
pub mod simulate;
mod sweep;
mod trust;

use crate::app::{self, App};
use crate::conversations::publish;
use crate::domain::conversation::Given;
use crate::domain::id::{AgentId, ClientId, ConversationId, EventId};
use crate::domain::line::{Candidate, Waiting};
use crate::domain::people::Agent;
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::patiently;
use crate::store::queue::reserve::Reserved;
use crate::store::queue::{self as store, Claim, Claimed, DecisionKind};
use chrono::{DateTime, Utc};
use pick::{Case, Considered, TeamLoads};
use places::Places;
use plan::{Action, Give, plan};
use positions::Positions;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use trust::Trust;

/// How often the sweep looks, however quiet it is.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
const ASKED_TOGETHER: Duration = Duration::from_millis(200);
/// Most shoppers considered in one pass; the others are behind them in line anyway.
const WAITING_MAX: i64 = 2_000;

/// Runs until the server stops.
pub async fn run(app: Arc<App>) {
    let mut positions = Positions::default();
    let mut trust = Trust::begin(&app).await;
    let mut sweep_at = app::instant();
    loop {
        if app::instant() >= sweep_at {
            let are_leases_true = trust.holds(app::instant(), app.clock.followed());
            let swept = patiently(sweep::run(&app, are_leases_true)).await;
            trust.looked(swept.is_ok(), app::instant(), app.clock.followed());
            if let Err(error) = swept {
                tracing::warn!(error = error.cause(), "queue sweep failed; it is tried again");
            }
            sweep_at = app::instant() + SWEEP_EVERY;
        }
        if let Err(error) = patiently(pass(&app, &mut positions)).await {
            tracing::warn!(error = error.cause(), "queue pass failed; it is tried again");
        }
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = app.signals.queue.notified() => {}
            () = asked_for_a_moment(&app) => {}
            () = tokio::time::sleep_until(sweep_at) => {}
        }
    }
}

/// Those who come back and ask where they are in line are answered together: a pass looks at everybody who waits.
async fn asked_for_a_moment(app: &App) {
    app.signals.asked.notified().await;
    tokio::time::sleep(ASKED_TOGETHER).await;
}

/// One pass: everybody in line, in order, to whoever may have them; then those who still wait are told where they are.
async fn pass(app: &App, positions: &mut Positions) -> Result<()> {
    let now = app.clock.now();
    let places = Places::look(app).await?;
    places.welcome(app).await?;
    let waiting = store::waiting(&app.db.read, WAITING_MAX).await?;
    metrics::gauge!("deskbell_queue_waiting").set(f64::from(u32::try_from(waiting.len()).unwrap_or(u32::MAX)));
    let longest = waiting.iter().map(|shopper| now - shopper.queued_at).max().unwrap_or_default();
    metrics::gauge!("deskbell_queue_oldest_seconds").set(longest.as_seconds_f64());
    if waiting.is_empty() {
        positions.clear();
        return Ok(());
    }
    let mut candidates = store::candidates(&app.db.read, now).await?;
    let rulebook = rulebook::of(app, &waiting).await?;
    let mut loads = team_loads(app).await?;
    let mut line = waiting;
    places.mark(&mut line);
    // Each time around without somebody who turned out to be full.
    loop {
        let plan = plan(now, line, &mut candidates, &rulebook, &mut loads);
        let mut again = Vec::new();
        for give in plan.gives {
            if let Carried::Full(shopper) = carry_out(app, give, &mut candidates).await? {
                again.push(*shopper);
            }
        }
        line = plan.waits;
        if again.is_empty() {
            break;
        }
        line.append(&mut again);
    }
    positions.tell(app, &line, &candidates, &rulebook).await?;
    places.call_near(app, positions).await
}

/// Why somebody who waits is with nobody yet: everybody on duty, and what stands in the way. `None`: nobody waits there.
pub async fn explain(app: &App, conversation: ConversationId) -> Result<Option<Vec<Considered>>> {
    let now = app.clock.now();
    let Some(shopper) = store::waiting_one(&app.db.read, conversation).await? else { return Ok(None) };
    let candidates = store::candidates(&app.db.read, now).await?;
    let rulebook = rulebook::of(app, std::slice::from_ref(&shopper)).await?;
    let loads = team_loads(app).await?;
    let Some(rules) = rulebook.get(&shopper.site_id) else { return Ok(None) };
    Ok(Some(Case::new(&shopper, rules, &loads, now).explain(&candidates, None)))
}

async fn team_loads(app: &App) -> Result<TeamLoads> {
    let loads = store::team_loads(&app.db.read).await?;
    Ok(loads.into_iter().map(|(team, chats)| (team, u32::try_from(chats).unwrap_or(u32::MAX))).collect())
}

enum Carried {
    /// Served, or somebody else serves them, or the next pass sees them again.
    Out,
    Full(Box<Waiting>),
}

async fn carry_out(app: &App, give: Give, candidates: &mut [Candidate]) -> Result<Carried> {
    let considered = json!(give.considered);
    let claim = Claim {
        conversation: give.shopper.id,
        agent: give.agent,
        event: EventId(app::new_id()),
        cid: None,
        candidates: &considered,
        at: app.clock.now(),
        must_be_available: true,
        takes_reserved: false,
        may_exceed: false,
        kind: DecisionKind::Assigned,
    };
    let is_full = match give.action {
        Action::Assign => assign(app, &claim, give.shopper.queued_at).await?,
        Action::Offer => matches!(offers::offer(app, &claim, give.shopper.site_id).await?, Reserved::Full),
        Action::Hold => matches!(places::hold(app, &claim, give.shopper.site_id).await?, Reserved::Full),
    };
    if !is_full {
        return Ok(Carried::Out);
    }
    // This agent is locked elsewhere, gone or full after all: the others are asked.
    if let Some(candidate) = candidates.iter_mut().find(|c| c.id == give.agent) {
        candidate.capacity = 0;
    }
    Ok(Carried::Full(Box::new(give.shopper)))
}

/// Whether the agent was full.
async fn assign(app: &App, claim: &Claim<'_>, queued_at: DateTime<Utc>) -> Result<bool> {
    match counted(store::claim(&app.db, claim).await?) {
        Claimed::Yes { stored, generation, rang_at } => {
            served(app, claim.agent, (&stored, generation, rang_at));
            metrics::histogram!("deskbell_queue_wait_seconds").record((claim.at - queued_at).as_seconds_f64());
            Ok(false)
        }
        Claimed::Full => Ok(true),
        // Locked or taken by another node or a person.
        _ => Ok(false),
    }
}

fn counted(claimed: Claimed) -> Claimed {
    let outcome = match &claimed {
        Claimed::Yes { .. } => "yes",
        Claimed::Taken(_) => "taken",
        Claimed::Busy => "busy",
        Claimed::Gone(_) => "gone",
        Claimed::Again(_) => "again",
        Claimed::Full => "full",
        Claimed::Over => "over",
    };
    metrics::counter!("deskbell_claims_total", "outcome" => outcome).increment(1);
    claimed
}

/// Tells everybody who should know that an agent has a chat now: `(event, generation, at whom it rang until now)`.
fn served(
    app: &App,
    agent: AgentId,
    (stored, generation, rang_at): (&crate::store::append::Stored, i32, Option<AgentId>),
) {
    publish(&app.hub, stored, None);
    let (conversation, site) = (stored.event.conversation, stored.event.site);
    app.hub.tell(Topic::Agent(agent), &Item::Assigned { given: Given { conversation, site, generation }, by: None });
    if let Some(other) = rang_at {
        app.hub.tell(Topic::Agent(other), &Item::Unassigned { conversation, generation });
    }
}

/// How long a person who takes a conversation waits for its row. Nothing is held meanwhile.
const BY_HAND_WAIT: Duration = Duration::from_secs(1);
const BY_HAND_RETRY: Duration = Duration::from_millis(20);

fn by_hand<'a>(
    app: &App,
    conversation: ConversationId,
    agent: &Agent,
    cid: Option<ClientId>,
    considered: &'a serde_json::Value,
) -> Claim<'a> {
    Claim {
        conversation,
        agent: agent.id,
        event: EventId(app::new_id()),
        cid,
        candidates: considered,
        at: app.clock.now(),
        must_be_available: false,
        takes_reserved: false,
        may_exceed: false,
        kind: DecisionKind::Taken,
    }
}

/// A person takes a waiting conversation by hand. They need not be available, but they need a free place.
pub async fn claim_by_hand(
    app: &App,
    conversation: ConversationId,
    agent: &Agent,
    cid: Option<ClientId>,
) -> Result<Claimed> {
    let considered = json!([{ "agent": agent.id, "name": agent.name, "reasons": ["took it by hand"] }]);
    let claim = Claim { may_exceed: agent.oversees(), ..by_hand(app, conversation, agent, cid, &considered) };
    let until = app::instant() + BY_HAND_WAIT;
    let mut claimed = store::claim(&app.db, &claim).await?;
    while matches!(claimed, Claimed::Busy) && app::instant() < until {
        tokio::time::sleep(BY_HAND_RETRY).await;
        claimed = store::claim(&app.db, &claim).await?;
    }
    let claimed = counted(claimed);
    if let Claimed::Yes { stored, generation, rang_at } = &claimed {
        served(app, agent.id, (stored, *generation, *rang_at));
        app.wake_queue();
    }
    Ok(claimed)
}
