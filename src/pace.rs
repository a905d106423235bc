//! Rate limits: so many at once, then so many a second, for each key (the generic cell rate algorithm, ITU-T I.371).
//!
//! Quotas differ by site and change while we run, so the quota comes with the question.

use crate::domain::id::SiteId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    Sends(SiteId, uuid::Uuid),
    Sessions(SiteId, IpAddr),
    SignIn(IpAddr),
    SignInAccount([u8; 8]),
    Uploads(SiteId, uuid::Uuid),
    Typing(uuid::Uuid),
    /// Addresses at which a shopper agrees to notifications.
    Notify(SiteId, uuid::Uuid),
    /// Browsers in which an agent agrees to notifications.
    Browsers(uuid::Uuid),
    /// Looks at the cards of messages.
    Cards(SiteId, uuid::Uuid),
    /// Letters asked for by shoppers, by recipient.
    Letters([u8; 8]),
    /// Letters asked for by shoppers, by where they ask from.
    LettersFrom(IpAddr),
}

/// Above this many keys, those whose allowance is full again are forgotten.
const KEYS_MAX: usize = 100_000;
/// Most news for other nodes waiting; past that they do not hear of it, and count for themselves.
const SPENT_MAX: usize = 4_096;

/// A part of the allowance: whoever uses less of it is of no interest elsewhere.
const WORTH_TELLING: u32 = 4;
/// Most that is believed of one piece of news.
const LEARN_MAX: Duration = Duration::from_hours(1);

/// What was taken of an allowance here, for the other nodes: so much later it is full again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    pub key: Key,
    pub by: Duration,
}

struct Allowance {
    full_at: Instant,
    /// Taken, and not told to other nodes.
    untold: Duration,
}

/// Allowances are counted on each node, and told to the others once they are worth telling: nobody waits for anybody, and
/// while the nodes do not reach each other each counts for itself.
#[derive(Default)]
pub struct Paces {
    allowances: Mutex<HashMap<Key, Allowance>>,
    others: OnceLock<mpsc::Sender<Spent>>,
}

impl Paces {
    /// From now on what is spent here is news for other nodes. Once only.
    pub fn tell_others(&self) -> mpsc::Receiver<Spent> {
        let (sender, news) = mpsc::channel(SPENT_MAX);
        // Whoever asks twice hears nothing: there is one link to other nodes.
        let _ = self.others.set(sender);
        news
    }

    /// Takes one from the key's allowance; `Err` says how long to wait for the next.
    pub fn take(&self, key: Key, quota: Quota, now: Instant) -> Result<(), Duration> {
        let mut allowances = self.lock();
        if allowances.len() >= KEYS_MAX {
            allowances.retain(|_, allowance| allowance.full_at > now);
        }
        let allowance = allowances.entry(key).or_insert(Allowance { full_at: now, untold: Duration::ZERO });
        if allowance.full_at <= now {
            allowance.untold = Duration::ZERO;
        }
        let next = allowance.full_at.max(now) + quota.interval;
        let whole = quota.interval * quota.burst.max(1);
        let earliest = next.checked_sub(whole).unwrap_or(now);
        if earliest > now {
            return Err(earliest - now);
        }
        allowance.full_at = next;
        allowance.untold += quota.interval;
        if let Some(others) = self.others.get().filter(|_| next - now > whole / WORTH_TELLING) {
            let by = std::mem::take(&mut allowance.untold);
            // Refused where too much waits: the others count for themselves.
            let _ = others.try_send(Spent { key, by });
        }
        Ok(())
    }

    /// Somebody took from the same allowance on another node.
    pub fn learn(&self, Spent { key, by }: Spent, now: Instant) {
        let mut allowances = self.lock();
        let allowance = allowances.entry(key).or_insert(Allowance { full_at: now, untold: Duration::ZERO });
        allowance.full_at = allowance.full_at.max(now) + by.min(LEARN_MAX);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Allowance>> {
        self.allowances.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets keys that are at rest.
    pub fn sweep(&self, now: Instant) {
        self.lock().retain(|_, allowance| allowance.full_at > now);
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

    #[test]
    fn what_is_taken_on_one_node_is_missing_on_another() {
        let (here, there, now) = (Paces::default(), Paces::default(), crate::app::instant());
        let (mut news, quota) = (here.tell_others(), Quota::per_s(12, 2));
        let key = Key::Sends(SiteId(Uuid::nil()), Uuid::nil());
        assert!((0..3).all(|_| here.take(key, quota, now).is_ok()));
        assert!(news.try_recv().is_err(), "a quarter is not worth telling");
        assert!((3..8).all(|_| here.take(key, quota, now).is_ok()));
        while let Ok(spent) = news.try_recv() {
            there.learn(spent, now);
        }
        assert_eq!((0..12).filter(|_| there.take(key, quota, now).is_ok()).count(), 4);
    }
}
