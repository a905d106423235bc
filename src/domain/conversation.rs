//! Conversations: their states and the legal moves between them.

use super::event::{Author, Draft, Kind};
use super::id::{AgentId, ConversationId, ShopperId, SiteId, TeamId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum State {
    /// In the queue.
    Waiting,
    /// An agent has it.
    Active,
    Closed,
    /// Goes on by mail, as a ticket.
    Ticketed,
    /// Of the staff alone: nobody waits in it, and it never ends.
    Room,
}

impl State {
    /// Whether the shopper is in it now.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Active)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Ticketed => "ticketed",
            Self::Room => "room",
        }
    }
}

/// A conversation's row as the log writer sees it under the lock.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Head {
    pub site_id: SiteId,
    pub id: ConversationId,
    pub shopper_id: Option<ShopperId>,
    pub team_id: Option<TeamId>,
    pub state: State,
    pub assignee_id: Option<AgentId>,
    #[sqlx(rename = "gen")]
    pub generation: i32,
    pub last_seq: i64,
    pub shopper_seq: i64,
}

/// Why something was not written. Each is a `nack` on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    BadRequest(&'static str),
    TooLong,
    RateLimited(Duration),
    Unavailable(Duration),
    Closed,
    NotAssignee(Option<String>),
    /// Also what does not exist or is somebody else's.
    Forbidden,
    CidConflict,
    TooLate,
    /// Another agent has answered, which the author had not seen. Only of the console's form.
    Stale,
}

impl Refusal {
    pub const FULL: Self = Self::BadRequest("All your places are taken. Close or transfer a chat first.");

    pub fn code(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "bad_request",
            Self::TooLong => "too_long",
            Self::RateLimited(_) => "rate_limited",
            Self::Unavailable(_) => "unavailable",
            Self::Closed => "closed",
            Self::NotAssignee(_) => "not_assignee",
            Self::Forbidden => "forbidden",
            Self::CidConflict => "cid_conflict",
            Self::TooLate => "too_late",
            Self::Stale => "stale",
        }
    }

    pub fn message(&self) -> String {
        match self {
            Self::BadRequest(what) => (*what).to_owned(),
            Self::TooLong => "A message may have 8,000 characters. Please shorten it or send it in parts.".into(),
            Self::RateLimited(_) => "That was quick. Please wait a moment and send it again.".into(),
            Self::Unavailable(_) => "We cannot store this right now. It will be sent again.".into(),
            Self::Closed => "This conversation has ended. Start a new one.".into(),
            Self::NotAssignee(Some(name)) => format!("{name} has this conversation now. Your text was not sent."),
            Self::NotAssignee(None) => "This conversation is not yours now. Your text was not sent.".into(),
            Self::Forbidden => "There is no such conversation, or it is not yours.".into(),
            Self::CidConflict => "This id was used for another message. Send it again with a new one.".into(),
            Self::TooLate => "It is too late to take this back.".into(),
            Self::Stale => "A colleague has answered meanwhile. Send once more if yours is still wanted.".into(),
        }
    }

    pub fn retry(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(after) | Self::Unavailable(after) => Some(*after),
            _ => None,
        }
    }

    /// Whether sending the same again can never succeed.
    pub fn is_terminal(&self) -> bool {
        self.retry().is_none()
    }
}

/// Whether this may be written into a conversation that stands as `head` says, believing in assignment `gen`.
///
/// Whether an agent may *see* the conversation at all is settled before, by the store.
pub fn permit(head: &Head, draft: &Draft, generation: Option<i32>) -> Result<(), Refusal> {
    let (by, kind) = (draft.by, draft.kind);
    match by {
        Author::Shopper(id) if head.shopper_id != Some(id) => return Err(Refusal::Forbidden),
        Author::Agent(id) => permit_agent(head, id, draft, generation)?,
        Author::Shopper(_) | Author::System | Author::Bot => {}
    }
    let legal = match kind {
        // Nobody reads along in a room from whom something would have to be kept.
        Kind::Message | Kind::Recalled if head.state == State::Room => true,
        _ if head.state == State::Room => false,
        Kind::Opened | Kind::Note | Kind::Recalled => true,
        Kind::Message => head.state.is_open() || (head.state == State::Ticketed && !matches!(by, Author::Shopper(_))),
        Kind::Assigned => head.state == State::Waiting,
        Kind::Left => head.state == State::Active,
        Kind::Transferred | Kind::Ticketed => head.state.is_open(),
        Kind::Closed => head.state.is_open() || head.state == State::Ticketed,
        Kind::Rated => head.state == State::Closed,
    };
    if legal { Ok(()) } else { Err(Refusal::Closed) }
}

fn permit_agent(head: &Head, agent: AgentId, draft: &Draft, generation: Option<i32>) -> Result<(), Refusal> {
    let needs_to_own = match draft.kind {
        Kind::Message => head.state == State::Active || head.state == State::Waiting,
        Kind::Closed | Kind::Left | Kind::Transferred | Kind::Ticketed => head.state == State::Active,
        _ => false,
    };
    // A supervisor may join a chat and give it to somebody; to end it they take it over first.
    let joins = draft.oversees && matches!(draft.kind, Kind::Left | Kind::Message | Kind::Transferred);
    let may = head.state == State::Active && (joins || head.assignee_id == Some(agent));
    let is_stale = generation.is_some_and(|believed| believed != head.generation);
    if needs_to_own && (!may || is_stale) {
        return Err(Refusal::NotAssignee(None));
    }
    Ok(())
}

/// A conversation that an agent has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    pub conversation: ConversationId,
    pub site: SiteId,
    pub generation: i32,
}

#[cfg(test)]
mod tests {
    use super::{Author, Draft, Head, Kind, Refusal, State, permit};
    use crate::domain::id::{AgentId, ConversationId, EventId, ShopperId, SiteId};
    use uuid::Uuid;

    const NOT_THEIRS: Result<(), Refusal> = Err(Refusal::NotAssignee(None));

    fn head(state: State, assignee: Option<u128>) -> Head {
        Head {
            site_id: SiteId(Uuid::from_u128(1)),
            id: ConversationId(Uuid::from_u128(2)),
            shopper_id: Some(ShopperId(Uuid::from_u128(3))),
            team_id: None,
            state,
            assignee_id: assignee.map(|id| AgentId(Uuid::from_u128(id))),
            generation: 4,
            last_seq: 0,
            shopper_seq: 0,
        }
    }

    fn draft(by: Author, kind: Kind) -> Draft {
        let (id, internal) = (EventId(Uuid::nil()), kind == Kind::Note);
        let (cid, by_name, files) = (None, String::new(), Vec::new());
        Draft { id, cid, kind, by, by_name, body: None, data: None, files, internal, oversees: false }
    }

    fn agent(id: u128) -> Author {
        Author::Agent(AgentId(Uuid::from_u128(id)))
    }

    #[test]
    fn only_the_owner_in_the_current_assignment_may_answer() {
        let active = head(State::Active, Some(9));
        let own = draft(agent(9), Kind::Message);
        assert_eq!(permit(&active, &own, Some(4)), Ok(()));
        assert_eq!(permit(&active, &own, None), Ok(()));
        assert_eq!(permit(&active, &own, Some(3)), NOT_THEIRS);
        let other = draft(agent(8), Kind::Message);
        assert_eq!(permit(&active, &other, None), NOT_THEIRS);
        assert_eq!(permit(&active, &draft(agent(8), Kind::Note), None), Ok(()));
        assert_eq!(permit(&head(State::Waiting, None), &other, None), NOT_THEIRS);
    }

    #[test]
    fn a_supervisor_joins_and_gives_away_what_others_have_and_ends_only_what_is_theirs() {
        let active = head(State::Active, Some(9));
        let may = |head: &Head, kind, generation| {
            permit(head, &Draft { oversees: true, ..draft(agent(8), kind) }, generation)
        };
        for kind in [Kind::Message, Kind::Transferred, Kind::Note] {
            assert_eq!(may(&active, kind, None), Ok(()), "{kind:?}");
        }
        assert_eq!(may(&active, Kind::Message, Some(3)), NOT_THEIRS, "it changed hands since they looked");
        for kind in [Kind::Closed, Kind::Ticketed] {
            assert_eq!(may(&active, kind, None), NOT_THEIRS, "{kind:?}");
        }
        assert_eq!(may(&head(State::Waiting, None), Kind::Message, None), NOT_THEIRS, "they take it first");
        assert_eq!(may(&head(State::Closed, Some(9)), Kind::Message, None), Err(Refusal::Closed));
        let plain = |kind| permit(&active, &draft(agent(8), kind), None);
        assert_eq!((plain(Kind::Message), plain(Kind::Transferred)), (NOT_THEIRS, NOT_THEIRS));
    }

    #[test]
    fn a_room_takes_what_staff_say_and_nothing_that_ends_it() {
        let mut room = head(State::Room, None);
        room.shopper_id = None;
        for kind in [Kind::Message, Kind::Recalled] {
            assert_eq!(permit(&room, &draft(agent(8), kind), None), Ok(()), "{kind:?}");
        }
        for kind in [Kind::Note, Kind::Assigned, Kind::Transferred, Kind::Closed, Kind::Ticketed, Kind::Rated] {
            assert_eq!(permit(&room, &draft(agent(8), kind), None), Err(Refusal::Closed), "{kind:?}");
        }
        let shopper = Author::Shopper(ShopperId(Uuid::from_u128(3)));
        assert_eq!(permit(&room, &draft(shopper, Kind::Message), None), Err(Refusal::Forbidden));
    }

    #[test]
    fn a_closed_conversation_takes_only_notes_recalls_and_a_rating() {
        let shopper = |id, kind| draft(Author::Shopper(ShopperId(Uuid::from_u128(id))), kind);
        let closed = head(State::Closed, Some(9));
        assert_eq!(permit(&closed, &shopper(3, Kind::Message), None), Err(Refusal::Closed));
        assert_eq!(permit(&closed, &shopper(3, Kind::Rated), None), Ok(()));
        assert_eq!(permit(&head(State::Active, Some(9)), &shopper(3, Kind::Rated), None), Err(Refusal::Closed));
        assert_eq!(permit(&closed, &shopper(5, Kind::Rated), None), Err(Refusal::Forbidden));
    }
}
