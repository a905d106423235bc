//! What other programs are told: events of chats and tickets that shoppers may see too, under names that others use.

use super::event::Kind;

/// Most webhooks of one shop.
pub const MOST: usize = 20;
/// Longest address, in bytes.
pub const URL_MAX: usize = 2_048;

/// The kinds of events that are told, in the order a page lists them.
pub const TOLD: [Kind; 9] = [
    Kind::Opened,
    Kind::Message,
    Kind::Recalled,
    Kind::Assigned,
    Kind::Left,
    Kind::Transferred,
    Kind::Closed,
    Kind::Rated,
    Kind::Ticketed,
];

/// What a test is called.
pub const TEST: &str = "test";

/// What receivers know it as; `None`: it is never told.
pub fn name(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Opened => "conversation.opened",
        Kind::Message => "message.created",
        Kind::Recalled => "message.recalled",
        Kind::Assigned => "conversation.assigned",
        Kind::Left => "conversation.unassigned",
        Kind::Transferred => "conversation.transferred",
        Kind::Closed => "conversation.closed",
        Kind::Rated => "conversation.rated",
        Kind::Ticketed => "ticket.created",
        Kind::Note => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{TOLD, name};
    use crate::domain::event::Kind;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_told_has_a_name_of_its_own_and_notes_have_none() {
        let names: BTreeSet<_> = TOLD.into_iter().filter_map(name).collect();
        assert_eq!(names.len(), TOLD.len());
        assert_eq!(name(Kind::Note), None);
    }
}
