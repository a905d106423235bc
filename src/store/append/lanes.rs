//! Conversations that are locked elsewhere, each with a lane of its own in which its appends wait, in order, for the row.
//!
//! Whatever comes for a conversation that has a lane goes into it, so that nobody's later words overtake their earlier
//! ones. A lane ends when it is empty.

use super::rows::Locking;
use super::{Append, GROUP_MAX, group, refuse_unread as refuse};
use crate::domain::id::ConversationId;
use sqlx::PgPool;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::task::TaskTracker;

/// Most lanes at once, because each holds a connection while it waits; past that the answer is `unavailable`.
pub const LANES_MAX: usize = 4;

#[derive(Clone, Default)]
pub struct Lanes {
    waiting: Arc<Mutex<HashMap<ConversationId, Vec<Append>>>>,
    tasks: TaskTracker,
}

impl Lanes {
    fn lock(&self) -> MutexGuard<'_, HashMap<ConversationId, Vec<Append>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts those whose conversation has a lane into it, and gives back the others.
    pub fn line_up(&self, group: Vec<Append>) -> Vec<Append> {
        let (mut free, mut too_many) = (Vec::with_capacity(group.len()), Vec::new());
        let mut lanes = self.lock();
        for append in group {
            match lanes.get_mut(&append.conversation) {
                None => free.push(append),
                Some(lane) if lane.len() < GROUP_MAX => lane.push(append),
                Some(_) => too_many.push(append),
            }
        }
        drop(lanes);
        too_many.into_iter().for_each(refuse);
        free
    }

    /// Lets an append wait for its conversation's row.
    pub fn hold(&self, pool: &PgPool, append: Append) {
        let conversation = append.conversation;
        let mut lanes = self.lock();
        if let Some(lane) = lanes.get_mut(&conversation) {
            lane.push(append);
            return;
        }
        if lanes.len() >= LANES_MAX {
            drop(lanes);
            refuse(append);
            return;
        }
        lanes.insert(conversation, vec![append]);
        drop(lanes);
        let (lanes, pool) = (self.clone(), pool.clone());
        self.tasks.spawn(async move {
            while let Some(group) = lanes.next(conversation) {
                if group::write(&pool, group, Locking::Wait).await.is_err() {
                    // Whoever came meanwhile has waited long enough, too.
                    lanes.next(conversation).into_iter().flatten().for_each(refuse);
                }
            }
        });
    }

    /// Until every lane is empty.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// What waits in a lane; an empty lane ends.
    fn next(&self, conversation: ConversationId) -> Option<Vec<Append>> {
        let mut lanes = self.lock();
        let group = std::mem::take(lanes.get_mut(&conversation)?);
        if group.is_empty() {
            lanes.remove(&conversation);
            return None;
        }
        Some(group)
    }
}
