//! Offers: a chat rings at one agent for a while. Accepting is a claim of the kept place; declining, or letting it ring, is
//! remembered and the next one is asked. A colleague who is asked to take a chat over is asked the same way.

use super::{BY_HAND_RETRY, BY_HAND_WAIT, counted, served};
use crate::app::{self, App};
use crate::conversations::{self, publish, site_by_id};
use crate::domain::conversation::Refusal;
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, ClientId, ConversationId, EventId, SiteId};
use crate::domain::line::{Reason, Ringing};
use crate::domain::people::{Agent, Status};
use crate::error::Result;
use crate::presence;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::append::{Outcome, Stored};
use crate::store::duty::Chosen;
use crate::store::queue::reserve::{self, End, Freed, Reserved};
use crate::store::queue::{Claim, Claimed, DecisionKind};
use chrono::TimeDelta;
use serde_json::json;
use std::time::Duration;

/// Rings a waiting chat at the agent the claim names.
pub async fn offer(app: &App, claim: &Claim<'_>, site: SiteId) -> Result<Reserved> {
    let seconds = site_by_id(app, site).await?.settings.routing.offer_s;
    let until = claim.at + TimeDelta::seconds(i64::from(seconds));
    let reserved = reserve::reserve(&app.db, claim, Reason::Offer, until).await?;
    if let Reserved::Yes { site, generation } = reserved {
        ring(
            app,
            claim.agent,
            Ringing { site_id: site, id: claim.conversation, generation, until, reason: Reason::Offer },
        );
    }
    Ok(reserved)
}

fn ring(app: &App, agent: AgentId, ringing: Ringing) {
    app.hub.tell(Topic::Agent(agent), &Item::Offered(ringing));
}

/// What became of an answer to an offer.
pub enum Answered {
    Yes(Stored),
    Again(Stored),
    Refused(Refusal),
}

const OVER: Refusal =
    Refusal::BadRequest("This offer has ended. It was given to somebody else, or nobody answered in time.");
const BUSY_FOR: Duration = Duration::from_secs(1);

/// The agent takes what rings at them.
pub async fn accept(app: &App, conversation: ConversationId, agent: &Agent, cid: Option<ClientId>) -> Result<Answered> {
    if conversations::is_asked_over(app, conversation, agent.id).await? {
        return Ok(match conversations::take_over_as_asked(app, conversation, agent, cid).await? {
            Outcome::Stored(stored) => Answered::Yes(stored),
            Outcome::Duplicate(stored) => Answered::Again(stored),
            Outcome::Refused(refusal) => Answered::Refused(refusal),
            Outcome::Unknown => Answered::Refused(Refusal::Unavailable(BUSY_FOR)),
        });
    }
    let considered = json!([{ "agent": agent.id, "name": agent.name, "reasons": ["accepted the offer"] }]);
    let claim = Claim {
        takes_reserved: true,
        kind: DecisionKind::Accepted,
        ..super::by_hand(app, conversation, agent, cid, &considered)
    };
    let until = app::instant() + BY_HAND_WAIT;
    let mut claimed = crate::store::queue::claim(&app.db, &claim).await?;
    while matches!(claimed, Claimed::Busy) && app::instant() < until {
        tokio::time::sleep(BY_HAND_RETRY).await;
        claimed = crate::store::queue::claim(&app.db, &claim).await?;
    }
    Ok(match counted(claimed) {
        Claimed::Yes { stored, generation, rang_at } => {
            served(app, agent.id, (&stored, generation, rang_at));
            Answered::Yes(stored)
        }
        Claimed::Again(stored) => Answered::Again(stored),
        Claimed::Taken(name) => Answered::Refused(Refusal::NotAssignee(name)),
        Claimed::Busy => Answered::Refused(Refusal::Unavailable(BUSY_FOR)),
        Claimed::Full => Answered::Refused(Refusal::FULL),
        Claimed::Over => Answered::Refused(OVER),
        Claimed::Gone(refusal) => Answered::Refused(refusal),
    })
}

/// The agent would not have it: the next one is asked at once.
pub async fn decline(app: &App, conversation: ConversationId, agent: &Agent) -> Result<Result<(), Refusal>> {
    let ended = end(app, (conversation, agent.id), End::Declined).await?;
    Ok(if ended { Ok(()) } else { Err(OVER) })
}

/// What has rung for long enough.
pub async fn sweep(app: &App) -> Result<()> {
    for (conversation, agent, is_over) in reserve::overdue(&app.db.read, app.clock.now()).await? {
        end(app, (conversation, agent), if is_over { End::Expired } else { End::Declined }).await?;
    }
    Ok(())
}

pub async fn end(app: &App, kept: (ConversationId, AgentId), why: End) -> Result<bool> {
    let note = |name: &str| nobody_came(name, why);
    let freed = reserve::give_up(&app.db, kept, why, (note, app.clock.now())).await?;
    let Some(Freed { site, conversation, generation, agent, reason, note }) = freed else { return Ok(false) };
    let outcome = match (reason, why) {
        (Reason::Hold, End::Declined) => "gone",
        (Reason::Hold, End::Expired) => "missed",
        (_, End::Declined) => "declined",
        (_, End::Expired) => "expired",
    };
    metrics::counter!("deskbell_offers_total", "outcome" => outcome).increment(1);
    if let Some(note) = &note {
        publish(&app.hub, note, None);
    }
    app.hub.tell(Topic::Agent(agent), &Item::Unassigned { conversation, generation });
    if (reason, why) == (Reason::Offer, End::Expired) {
        miss(app, site, agent).await?;
    }
    app.wake_queue();
    Ok(true)
}

/// Whoever does not answer at all is not at the desk: the shoppers who follow should not ring in vain.
async fn miss(app: &App, site: SiteId, agent: AgentId) -> Result<()> {
    let most = site_by_id(app, site).await?.settings.routing.away_after_missed;
    if most == 0 || reserve::missed_of_newest(&app.db.read, agent, most).await? < i64::from(most) {
        return Ok(());
    }
    let reason = format!("did not answer {most} offers");
    presence::set_status(app, agent, &Chosen { status: Status::Away, reason: &reason, by: None }).await
}

/// What whoever asked a colleague reads in the thread.
fn nobody_came(name: &str, why: End) -> Draft {
    let (end, body) = match why {
        End::Declined => ("declined", format!("{name} declined to take this conversation over. It stays where it is.")),
        End::Expired => ("expired", format!("{name} did not answer. This conversation stays where it is.")),
    };
    Draft {
        id: EventId(app::new_id()),
        cid: None,
        kind: Kind::Note,
        by: Author::System,
        by_name: String::new(),
        body: Some(body),
        data: Some(json!({ "asked": { "agent": name, "end": end } })),
        files: Vec::new(),
        internal: true,
        oversees: false,
    }
}
