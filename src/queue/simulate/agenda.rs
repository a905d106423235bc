//! What is to happen, in order of time; what was written first of what happens at once.

use crate::domain::id::{AgentId, ConversationId};
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How often a chat has changed hands: what was planned under an earlier count is void.
pub type Hand = u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// The shopper has waited as long as they will.
    GivesUp(ConversationId),
    ClosesTab(ConversationId),
    /// The shop answers by mail.
    IsTicketed(ConversationId),
    Accepts(ConversationId, Hand),
    Declines(ConversationId, Hand),
    OfferEnds(ConversationId, Hand),
    /// The shopper who was called is there.
    Comes(ConversationId, Hand),
    HoldEnds(ConversationId, Hand),
    FallsSilent(ConversationId, Hand),
    Wakes(ConversationId, Hand),
    IsMoved(ConversationId, Hand),
    Ends(ConversationId, Hand),
    /// An agent is not here any more.
    LeaseEnds(AgentId, Hand),
    GraceEnds(ConversationId, Hand, AgentId, Hand),
    /// Time alone lets somebody be served.
    Tick,
}

#[derive(Default)]
pub struct Agenda {
    entries: BinaryHeap<Reverse<(DateTime<Utc>, u64, Happening)>>,
    written: u64,
}

impl Agenda {
    pub fn write(&mut self, at: DateTime<Utc>, what: Happening) {
        self.written += 1;
        self.entries.push(Reverse((at, self.written, what)));
    }

    pub fn next_at(&self) -> Option<DateTime<Utc>> {
        self.entries.peek().map(|Reverse((at, ..))| *at)
    }

    /// What happens next, where that is not after `until`.
    pub fn next(&mut self, until: DateTime<Utc>) -> Option<(DateTime<Utc>, Happening)> {
        self.next_at().filter(|at| *at <= until)?;
        self.entries.pop().map(|Reverse((at, _, what))| (at, what))
    }
}
