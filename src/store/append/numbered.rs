//! What the usual statements wrote: an append with its numbers.

use super::rows::Row;
use super::{Append, Outcome, Stored};
use crate::domain::conversation::{Head, State};
use crate::domain::event::Kind;
use crate::domain::id::ShopperId;
use std::sync::Arc;

/// The place of one append in its conversation, as both statements return it.
#[derive(sqlx::FromRow)]
pub struct Numbers {
    /// Which of the group it is.
    pub n: i32,
    pub shopper_id: Option<ShopperId>,
    pub seq: i64,
    /// The shopper's last number, this event included.
    pub shopper_seq: i64,
}

/// Committed, and not answered yet.
pub struct Numbered {
    pub append: Append,
    pub numbers: Numbers,
}

impl Numbered {
    pub fn answer(self) {
        let Self { append, numbers } = self;
        let is_note = append.draft.kind == Kind::Note;
        // The head as it stood before this event, so that numbering has one home.
        let mut head = Head {
            site_id: append.site,
            id: append.conversation,
            shopper_id: numbers.shopper_id,
            team_id: None,
            state: State::Active,
            assignee_id: None,
            generation: 0,
            last_seq: numbers.seq - 1,
            shopper_seq: if is_note { numbers.shopper_seq } else { numbers.shopper_seq - 1 },
        };
        let event = Row::number(&mut head, append.draft, append.at).event;
        (append.done)(Outcome::Stored(Stored { event: Arc::new(event), shopper: numbers.shopper_id }));
    }
}
