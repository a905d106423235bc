//! What an agent's frame does.

use super::protocol::{AgentFrame, Target};
use crate::app::{self, App};
use crate::conversations::{self, Act};
use crate::domain::conversation::Refusal;
use crate::domain::event::Author;
use crate::domain::id::{ClientId, ConversationId, EventId, ShopperId, SiteId};
use crate::domain::people::{Agent, Status};
use crate::error::Result;
use crate::pace::{Key, Quota};
use crate::presence;
use crate::queue::claim_by_hand;
use crate::queue::offers::{self, Answered};
use crate::realtime::event::{Frame, ack, nack, plain_ack};
use crate::store::append::Outcome;
use crate::store::duty::Chosen;
use crate::store::queue::Claimed;
use crate::store::{conversations as store, people};
use serde_json::json;
use std::sync::Arc;

/// An agent at one socket.
pub struct Caller {
    pub app: Arc<App>,
    pub agent: Agent,
    pub origin: crate::domain::id::ConnectionId,
}

/// A conversation an agent may see.
#[derive(Clone, Copy)]
pub struct Seen {
    pub site: SiteId,
    pub shopper: ShopperId,
    /// How far its log had come when it was looked at.
    pub head: i64,
}

pub fn refuse(cid: ClientId, refusal: &Refusal) -> Frame {
    nack(Some(&json!(cid)), refusal)
}

/// The answer to an outcome; `None` where the hub hands it over in its place among the events, or it is not known.
pub fn answer(cid: ClientId, outcome: Outcome) -> Option<Frame> {
    match outcome {
        Outcome::Stored(_) | Outcome::Unknown => None,
        Outcome::Duplicate(stored) => Some(ack(Some(cid), &stored.event, Some(stored.event.seq), true)),
        Outcome::Refused(refusal) => Some(refuse(cid, &refusal)),
    }
}

impl Caller {
    pub fn act(
        &self,
        site: SiteId,
        conversation: ConversationId,
        cid: Option<ClientId>,
        generation: Option<i32>,
    ) -> Act {
        Act {
            site,
            conversation,
            by: Author::Agent(self.agent.id),
            by_name: self.agent.name.clone(),
            cid,
            generation,
            origin: Some(self.origin),
            oversees: self.agent.oversees(),
        }
    }

    /// `None`: not there, or not theirs to see. Looks at their right last: the log had come no further when they had it.
    pub async fn see(&self, conversation: ConversationId) -> Result<Option<Seen>> {
        let summary = store::summary(&self.app.db.read, conversation).await?;
        if !self.sees(conversation).await? {
            return Ok(None);
        }
        Ok(summary.map(|s| Seen { site: s.site_id, shopper: s.shopper_id, head: s.last_seq }))
    }

    /// Whether it is there and theirs to see.
    pub async fn sees(&self, conversation: ConversationId) -> Result<bool> {
        let (agent, role) = (self.agent.id, self.agent.role);
        Ok(people::may_see(&self.app.db.read, agent, role, conversation).await?.is_some())
    }

    /// Why a conversation out of sight is refused: a former owner's late word is not theirs to send any more; to
    /// everybody else it is as if it did not exist.
    pub async fn out_of_sight(&self, conversation: ConversationId) -> Result<Refusal> {
        let once_had = people::once_had(&self.app.db.read, self.agent.id, conversation).await?;
        Ok(if once_had { Refusal::NotAssignee(None) } else { Refusal::Forbidden })
    }

    pub async fn pace(&self, site: SiteId) -> Result<Result<(), Refusal>> {
        let limits = conversations::site_by_id(&self.app, site).await?.settings.limits;
        let quota = Quota::per_s(limits.agent_burst, limits.agent_per_s);
        Ok(self.app.paces.take(Key::Sends(site, self.agent.id.0), quota, app::instant()).map_err(Refusal::RateLimited))
    }

    /// Frames about one conversation the agent may see.
    pub async fn run(&self, frame: AgentFrame, conversation: ConversationId, seen: Seen) -> Result<Option<Frame>> {
        match frame {
            AgentFrame::Recall { cid, event, .. } => self.recall(cid, event, conversation, seen).await,
            AgentFrame::Close { cid, r#gen, .. } => {
                let site = conversations::site_by_id(&self.app, seen.site).await?;
                let act = self.act(seen.site, conversation, Some(cid), r#gen);
                Ok(answer(cid, conversations::close(&self.app, &act, &site, "agent").await?))
            }
            AgentFrame::Transfer { cid, to, note, r#gen, .. } => {
                let act = self.act(seen.site, conversation, Some(cid), r#gen);
                let note = note.unwrap_or_default();
                let outcome = match to {
                    Target::Team(team) => conversations::transfer_to_team(&self.app, &act, team, &note).await?,
                    Target::Agent(agent) => conversations::transfer_to_agent(&self.app, &act, agent, &note).await?,
                };
                Ok(answer(cid, outcome))
            }
            AgentFrame::Claim { cid, .. } => self.claim(cid, conversation, seen).await,
            AgentFrame::Accept { cid, .. } => self.accept(cid, conversation).await,
            AgentFrame::Decline { cid, .. } => self.decline(cid, conversation).await,
            AgentFrame::Read { upto, .. } => {
                let act = self.act(seen.site, conversation, None, None);
                conversations::read(&self.app, &act, Some(seen.shopper), upto.max(0)).await?;
                Ok(None)
            }
            AgentFrame::Typing { on, .. } => {
                let quota = Quota::per_s(4, 4);
                if self.app.paces.take(Key::Typing(conversation.0), quota, app::instant()).is_ok() {
                    conversations::typing(
                        &self.app,
                        &self.act(seen.site, conversation, None, None),
                        Some(seen.shopper),
                        on,
                        None,
                    );
                }
                Ok(None)
            }
            _ => Ok(Some(nack(None, &crate::web::frame::UNREADABLE))),
        }
    }

    async fn recall(
        &self,
        cid: ClientId,
        event: EventId,
        conversation: ConversationId,
        seen: Seen,
    ) -> Result<Option<Frame>> {
        let site = conversations::site_by_id(&self.app, seen.site).await?;
        let act = self.act(seen.site, conversation, Some(cid), None);
        let any = self.agent.oversees();
        Ok(answer(cid, conversations::recall(&self.app, &act, &site, event, any).await?))
    }

    /// A chat that somebody has already is a supervisor's to take over.
    async fn claim(&self, cid: ClientId, conversation: ConversationId, seen: Seen) -> Result<Option<Frame>> {
        let claimed = claim_by_hand(&self.app, conversation, &self.agent, Some(cid)).await?;
        if matches!(claimed, Claimed::Taken(_)) && self.agent.oversees() {
            let act = self.act(seen.site, conversation, Some(cid), None);
            return Ok(answer(cid, conversations::take_over(&self.app, &act, self.agent.id).await?));
        }
        Ok(Some(match claimed {
            Claimed::Yes { stored, .. } => ack(Some(cid), &stored.event, Some(stored.event.seq), false),
            Claimed::Again(stored) => ack(Some(cid), &stored.event, Some(stored.event.seq), true),
            Claimed::Taken(owner) => refuse(cid, &Refusal::NotAssignee(owner)),
            Claimed::Busy => refuse(cid, &Refusal::Unavailable(std::time::Duration::from_secs(1))),
            Claimed::Full => refuse(
                cid,
                &Refusal::BadRequest("Every place you have is taken. Close or hand over a conversation first."),
            ),
            Claimed::Over => refuse(cid, &Refusal::Closed),
            Claimed::Gone(refusal) => refuse(cid, &refusal),
        }))
    }

    async fn accept(&self, cid: Option<ClientId>, conversation: ConversationId) -> Result<Option<Frame>> {
        let is_again = |answered: &Answered| matches!(answered, Answered::Again(_));
        Ok(match offers::accept(&self.app, conversation, &self.agent, cid).await? {
            Answered::Refused(refusal) => Some(nack(cid.map(|cid| json!(cid)).as_ref(), &refusal)),
            ref answered @ (Answered::Yes(ref stored) | Answered::Again(ref stored)) => {
                cid.map(|cid| ack(Some(cid), &stored.event, Some(stored.event.seq), is_again(answered)))
            }
        })
    }

    async fn decline(&self, cid: Option<ClientId>, conversation: ConversationId) -> Result<Option<Frame>> {
        Ok(match offers::decline(&self.app, conversation, &self.agent).await? {
            Ok(()) => cid.map(|cid| plain_ack(cid, conversation)),
            Err(refusal) => Some(nack(cid.map(|cid| json!(cid)).as_ref(), &refusal)),
        })
    }

    pub async fn set_available(&self, on: bool) -> Result<()> {
        let status = if on { Status::Available } else { Status::Busy };
        presence::set_status(&self.app, self.agent.id, &Chosen { status, reason: "", by: None }).await
    }
}
