//! Rate limits: so many at once, then so many a second, for each key (the generic cell rate algorithm, ITU-T I.371).
//!
//! Quotas differ by site and change while we run, so the quota comes with the question.

use crate::domain::id::SiteId;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

#[derive(Clone, Copy, Debug)]
pub struct Quota {
    burst: u32,
    interval: Duration,
}

impl Quota {
    pub fn per_s(burst: u32, per_s: u32) -> Self {
        Self { burst, interval: Duration::from_secs(1) / per_s.max(1) }
    }

    pub const fn every(burst: u32, interval: Duration) -> Self {
        Self { burst, interval }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Sends(SiteId, uuid::Uuid),
    Sessions(SiteId, IpAddr),
    SignIn(IpAddr),
    SignInAccount([u8; 8]),
    Typing(uuid::Uuid),
    /// Letters asked for by shoppers, by recipient.
    Letters([u8; 8]),
    /// Letters asked for by shoppers, by where they ask from.
    LettersFrom(IpAddr),
}

/// Above this many keys, those whose allowance is full again are forgotten.
const KEYS_MAX: usize = 100_000;

#[derive(Default)]
pub struct Paces {
    /// For each key the moment at which its allowance is full again.
    full_at: Mutex<HashMap<Key, Instant>>,
}

impl Paces {
    /// Takes one from the key's allowance; `Err` says how long to wait for the next.
    pub fn take(&self, key: Key, quota: Quota, now: Instant) -> Result<(), Duration> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= KEYS_MAX {
            full_at.retain(|_, at| *at > now);
        }
        let at = full_at.entry(key).or_insert(now);
        let next = (*at).max(now) + quota.interval;
        let earliest = next.checked_sub(quota.interval * quota.burst.max(1)).unwrap_or(now);
        if earliest > now {
            return Err(earliest - now);
        }
        *at = next;
        Ok(())
    }

    /// Forgets keys that are at rest.
    pub fn sweep(&self, now: Instant) {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, at| *at > now);
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Paces, Quota};
    use crate::domain::id::SiteId;
    use std::time::Duration;
    use uuid::Uuid;

    #[test]
    fn ten_at_once_then_two_a_second() {
        let (paces, quota, start) = (Paces::default(), Quota::per_s(10, 2), crate::app::instant());
        let take =
            |ms| paces.take(Key::Sends(SiteId(Uuid::nil()), Uuid::nil()), quota, start + Duration::from_millis(ms));
        assert!((0..10).all(|_| take(0).is_ok()));
        assert_eq!(take(0), Err(Duration::from_millis(500)));
        assert!(take(500).is_ok());
        assert!(take(500).is_err());
        assert_eq!((0..20).filter(|_| take(60_000).is_ok()).count(), 10);
    }
}
