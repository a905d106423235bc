//! One asks, and everybody else who wants the same waits and finds what it found.

use crate::domain::id::SiteId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Mutex as Turnstile, OwnedMutexGuard};

/// Whose page, and which: the hash of its address.
pub type Key = (SiteId, [u8; 32]);

/// Flights remembered before those that are over are forgotten.
const MOST: usize = 256;

#[derive(Default)]
pub struct Flights {
    under_way: Mutex<HashMap<Key, Arc<Turnstile<()>>>>,
}

/// The right to be the one who asks, given back when dropped.
pub struct Alone(#[expect(dead_code, reason = "held for its drop")] OwnedMutexGuard<()>);

impl Flights {
    pub async fn alone(&self, key: Key) -> Alone {
        let turnstile = {
            let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
            if under_way.len() >= MOST {
                under_way.retain(|_, flight| Arc::strong_count(flight) > 1);
            }
            Arc::clone(under_way.entry(key).or_default())
        };
        Alone(turnstile.lock_owned().await)
    }
}
