//! What has come to shoppers' browsers by this node's sockets and is not written down yet.

use crate::domain::id::{ConversationId, SiteId};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

#[derive(Debug, Default)]
pub struct Arrivals(Mutex<HashMap<ConversationId, (SiteId, i64)>>);

impl Arrivals {
    /// In the shopper's numbering.
    pub fn add(&self, site: SiteId, conversation: ConversationId, upto: i64) {
        let mut arrivals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = arrivals.entry(conversation).or_insert((site, upto));
        known.1 = known.1.max(upto);
    }

    pub fn take(&self) -> HashMap<ConversationId, (SiteId, i64)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
