//! The queue: a promise to people who wait. Nobody is forgotten, nobody is served twice, no agent gets more than they can
//! carry, and everyone can see why.
//!
//! Driven by events (an arrival, a freed place, an agent who becomes available), with a sweep as safety net. Any node may run
//! it: a claim locks both rows, so there is no leader to lose. May not: talk to sockets; it publishes.

mod estimate;
mod pick;
mod positions;
mod rank;
mod sweep;
mod trust;

use crate::app::{self, App};
use crate::conversations::{publish, site_by_id};
use crate::domain::conversation::Given;
use crate::domain::id::{AgentId, ClientId, ConversationId, EventId};
use crate::domain::people::Agent;
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::patiently;
use crate::store::queue::{self as store, Candidate, Claim, Claimed, Waiting};
use positions::Positions;
use serde_json::json;
use std::collections::HashMap;
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
    let waiting = store::waiting(&app.db.read, WAITING_MAX).await?;
    metrics::gauge!("deskbell_queue_waiting").set(f64::from(u32::try_from(waiting.len()).unwrap_or(u32::MAX)));
    let longest = waiting.iter().map(|shopper| now - shopper.queued_at).max().unwrap_or_default();
    metrics::gauge!("deskbell_queue_oldest_seconds").set(longest.as_seconds_f64());
    if waiting.is_empty() {
        positions.clear();
        return Ok(());
    }
    let mut candidates = store::candidates(&app.db.read, now).await?;
    let ageing = ageing_by_site(app, &waiting).await;
    let mut still_waiting = Vec::new();
    for shopper in rank::rank(waiting, now, |site| ageing.get(&site).copied()) {
        if !serve(app, &shopper, &mut candidates).await? {
            still_waiting.push(shopper);
        }
    }
    positions.tell(app, &still_waiting, &candidates).await
}

async fn ageing_by_site(app: &App, waiting: &[Waiting]) -> HashMap<crate::domain::id::SiteId, u32> {
    let mut ageing = HashMap::new();
    for shopper in waiting {
        if !ageing.contains_key(&shopper.site_id)
            && let Ok(site) = site_by_id(app, shopper.site_id).await
        {
            ageing.insert(shopper.site_id, site.settings.routing.ageing_s);
        }
    }
    ageing
}

/// Gives one shopper to the agent who should have them. `false`: nobody can take them now.
async fn serve(app: &App, shopper: &Waiting, candidates: &mut [Candidate]) -> Result<bool> {
    loop {
        let decision = pick::pick(shopper, candidates);
        let Some(chosen) = decision.chosen else { return Ok(false) };
        let considered = json!(decision.considered);
        let claim = Claim {
            conversation: shopper.id,
            agent: chosen,
            event: EventId(app::new_id()),
            cid: None,
            candidates: &considered,
            at: app.clock.now(),
            must_be_available: true,
        };
        let claimed = counted(store::claim(&app.db, &claim).await?);
        let Some(candidate) = candidates.iter_mut().find(|c| c.id == chosen) else { return Ok(false) };
        match claimed {
            Claimed::Yes { stored, generation } => {
                candidate.load += 1;
                candidate.last_assigned_at = Some(claim.at);
                candidate.busy_since.push(claim.at);
                announce(app, chosen, &stored, generation);
                metrics::histogram!("deskbell_queue_wait_seconds")
                    .record((claim.at - shopper.queued_at).as_seconds_f64());
                return Ok(true);
            }
            // Locked or taken by another node or a person: they are served, or the next pass sees them again.
            Claimed::Taken(_) | Claimed::Busy | Claimed::Gone(_) | Claimed::Again(_) => return Ok(true),
            // This agent is locked elsewhere, gone or full after all: ask without them.
            Claimed::Full => candidate.capacity = 0,
        }
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
    };
    metrics::counter!("deskbell_claims_total", "outcome" => outcome).increment(1);
    claimed
}

fn announce(app: &App, agent: AgentId, stored: &crate::store::append::Stored, generation: i32) {
    publish(&app.hub, stored, None);
    let item = Item::Assigned(Given { conversation: stored.event.conversation, site: stored.event.site, generation });
    app.hub.tell(Topic::Agent(agent), &item);
}

/// How long a person who takes a conversation waits for its row. Nothing is held meanwhile.
const BY_HAND_WAIT: Duration = Duration::from_secs(1);
const BY_HAND_RETRY: Duration = Duration::from_millis(20);

/// A person takes a waiting conversation by hand. They need not be available, but they need a free place.
pub async fn claim_by_hand(
    app: &App,
    conversation: ConversationId,
    agent: &Agent,
    cid: Option<ClientId>,
) -> Result<Claimed> {
    let considered = json!([{ "agent": agent.id, "name": agent.name, "reasons": ["took it by hand"] }]);
    let claim = Claim {
        conversation,
        agent: agent.id,
        event: EventId(app::new_id()),
        cid,
        candidates: &considered,
        at: app.clock.now(),
        must_be_available: false,
    };
    let until = app::instant() + BY_HAND_WAIT;
    let mut claimed = store::claim(&app.db, &claim).await?;
    while matches!(claimed, Claimed::Busy) && app::instant() < until {
        tokio::time::sleep(BY_HAND_RETRY).await;
        claimed = store::claim(&app.db, &claim).await?;
    }
    let claimed = counted(claimed);
    if let Claimed::Yes { stored, generation } = &claimed {
        announce(app, agent.id, stored, *generation);
        app.wake_queue();
    }
    Ok(claimed)
}
