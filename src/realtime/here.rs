//! Which shoppers have a conversation in view on this node, with some patience: whoever changes the page is not gone.

use crate::domain::id::ConversationId;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long somebody may be without a socket before they have left.
const GRACE: Duration = Duration::from_secs(10);
/// How often what other nodes read is written anew.
pub const REFRESH: Duration = Duration::from_secs(20);
/// How long it holds: past that whoever was on a node that died has left.
pub const EXPIRY: Duration = Duration::from_mins(1);

#[derive(Debug, Default)]
pub struct Here(Mutex<HashMap<ConversationId, Stay>>);

#[derive(Debug)]
struct Stay {
    is_told: bool,
    seen_at: Instant,
    refresh_at: Instant,
}

impl Stay {
    fn new(now: Instant) -> Self {
        Self { is_told: false, seen_at: now, refresh_at: now }
    }
}

/// What is different since the last look.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub came: Vec<ConversationId>,
    pub went: Vec<ConversationId>,
    /// To be written anew, those who came among them.
    pub due: Vec<ConversationId>,
}

impl Here {
    pub fn has(&self, conversation: ConversationId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&conversation)
    }

    /// Somebody opens it, however shortly.
    pub fn enter(&self, conversation: ConversationId, now: Instant) {
        let mut stays = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stays.entry(conversation).or_insert_with(|| Stay::new(now)).seen_at = now;
    }

    /// `anew`: nothing that was written before is to be relied on.
    pub fn look(&self, in_view: &HashSet<ConversationId>, now: Instant, anew: bool) -> Changes {
        let mut stays = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changes = Changes::default();
        for conversation in in_view {
            stays.entry(*conversation).or_insert_with(|| Stay::new(now)).seen_at = now;
        }
        stays.retain(|conversation, stay| {
            let stays = now - stay.seen_at < GRACE;
            if !stays {
                changes.went.push(*conversation);
            }
            stays
        });
        for (conversation, stay) in stays.iter_mut().filter(|(_, stay)| !stay.is_told) {
            stay.is_told = true;
            changes.came.push(*conversation);
        }
        for (conversation, stay) in stays.iter_mut().filter(|(_, stay)| anew || stay.refresh_at <= now) {
            stay.refresh_at = now + REFRESH;
            changes.due.push(*conversation);
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::{Changes, Here};
    use crate::domain::id::ConversationId;
    use std::collections::HashSet;
    use std::time::Duration;
    use uuid::Uuid;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a moment to count from")]
    fn who_changes_the_page_stays_and_who_stays_away_has_left() {
        let (here, begin) = (Here::default(), tokio::time::Instant::now());
        let id = ConversationId(Uuid::from_u128(1));
        let (one, nobody) = (HashSet::from([id]), HashSet::new());
        let at = |second, in_view: &HashSet<_>, anew| here.look(in_view, begin + Duration::from_secs(second), anew);
        let (ids, none) = (vec![id], Vec::new());
        assert_eq!(at(0, &one, false), Changes { came: ids.clone(), went: none.clone(), due: ids.clone() });
        assert_eq!(at(2, &one, false), Changes::default());
        assert_eq!(at(4, &one, true).due, ids);
        assert_eq!(at(11, &nobody, false), Changes::default());
        assert!(here.has(id));
        assert_eq!(at(13, &one, false), Changes::default());
        assert_eq!(at(24, &one, false).due, ids);
        assert_eq!(at(34, &nobody, false).went, ids);
        assert!(!here.has(id));
        here.enter(id, begin + Duration::from_secs(36));
        assert!(here.has(id));
        assert_eq!(at(37, &nobody, false), Changes { came: ids.clone(), went: none, due: ids });
    }
}
