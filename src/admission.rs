//! Who may come in, and how fast, decided before anything is authenticated or read.
//!
//! The doorstep: sockets that have not said hello yet, few for each address, so that silent ones cannot crowd out the others.
//! Whoever speaks at once frees the place within milliseconds; the next one waits for it a moment.
//!
//! The gate: everybody who begins or resumes, at a steady pace and few at once, so that thousands who come back together
//! take neither the database nor the processor from those who are in a chat.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as Turnstile, OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

/// Most silent sockets an address may hold.
const SILENT_MAX: usize = 30;
/// Most requests of an address that wait for a place.
const WAITING_MAX: usize = 512;
/// How long somebody waits at the doorstep or at the gate.
const PATIENCE: Duration = Duration::from_secs(2);

/// A node lets so many in a second,
const PER_S: u32 = 500;
/// and so many at once after a quiet time.
const BURST: u32 = 1_000;
/// Most who wait at the gate: past that the answer is "later".
const AT_GATE_MAX: usize = 2_000;
/// Most who are being let in: half of the connections for reading.
const INSIDE_MAX: usize = 8;
/// Who has said hello waits longer: they have been let in once.
const GREETING_PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Default)]
pub struct Doorstep {
    places: Arc<Mutex<HashMap<IpAddr, Arc<Places>>>>,
}

struct Places {
    silent: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A place at the doorstep, given back when dropped.
pub struct Place(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

impl Doorstep {
    /// Waits a moment for a place; `None`: too many silent sockets come from this address.
    pub async fn enter(&self, ip: IpAddr) -> Option<Place> {
        let places = self.places_of(ip);
        let waiting = Arc::clone(&places.waiting).try_acquire_owned().ok()?;
        let silent = tokio::time::timeout(PATIENCE, Arc::clone(&places.silent).acquire_owned()).await;
        drop(waiting);
        silent.ok()?.ok().map(Place)
    }

    fn places_of(&self, ip: IpAddr) -> Arc<Places> {
        let mut all = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > 10_000 {
            all.retain(|_, places| places.silent.available_permits() < SILENT_MAX);
        }
        let fresh = || {
            Arc::new(Places {
                silent: Arc::new(Semaphore::new(SILENT_MAX)),
                waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            })
        };
        Arc::clone(all.entry(ip).or_insert_with(fresh))
    }
}

/// Most uploads of a node, of an address and of a person on their way at once.
const UPLOADS_MAX: usize = 64;
const UPLOADS_OF_ADDRESS: usize = 12;
const UPLOADS_OF_PERSON: usize = 5;

/// Uploads on their way: few for each person and address, so that slow ones cannot crowd out the others.
#[derive(Clone)]
pub struct Uploads {
    under_way: Arc<Mutex<Vec<(IpAddr, Uuid)>>>,
    /// Room for pictures that are being drawn, in MiB: whoever finds none waits for those before.
    pub pictures: Arc<Semaphore>,
}

/// In MiB.
pub const PICTURES: u32 = 200;

impl Default for Uploads {
    fn default() -> Self {
        Self { under_way: Arc::default(), pictures: Arc::new(Semaphore::new(PICTURES as usize)) }
    }
}

/// An upload on its way, over when dropped.
pub struct Upload {
    uploads: Uploads,
    from: (IpAddr, Uuid),
}

impl Uploads {
    /// `None`: too many are on their way.
    pub fn begin(&self, ip: IpAddr, person: Uuid) -> Option<Upload> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = under_way.iter().filter(|(from, _)| *from == ip).count();
        let of_person = under_way.iter().filter(|(_, who)| *who == person).count();
        if under_way.len() >= UPLOADS_MAX || of_address >= UPLOADS_OF_ADDRESS || of_person >= UPLOADS_OF_PERSON {
            return None;
        }
        under_way.push((ip, person));
        Some(Upload { uploads: self.clone(), from: (ip, person) })
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let mut under_way = self.uploads.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = under_way.iter().position(|from| *from == self.from) {
            under_way.swap_remove(at);
        }
    }
}

pub struct Gate {
    /// When the allowance is full again. Whoever holds it is the next to go through; the others stand in line.
    next: Turnstile<Option<Instant>>,
    waiting: Semaphore,
    inside: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self { next: Turnstile::default(), waiting: Semaphore::new(AT_GATE_MAX), inside: Semaphore::new(INSIDE_MAX) }
    }
}

impl Gate {
    /// Waits a moment for a turn; `None`: too many come at once. Held while the newcomer is dealt with.
    pub async fn enter(&self, now: Instant) -> Option<SemaphorePermit<'_>> {
        let _waiting = self.waiting.try_acquire().ok()?;
        let entering = async {
            self.turn(now).await;
            self.inside.acquire().await.ok()
        };
        timeout(PATIENCE, entering).await.ok().flatten()
    }

    /// For somebody who went through the gate a moment ago and now says hello.
    pub async fn greet(&self) -> Option<SemaphorePermit<'_>> {
        timeout(GREETING_PATIENCE, self.inside.acquire()).await.ok()?.ok()
    }

    async fn turn(&self, now: Instant) {
        let mut full_at = self.next.lock().await;
        let (turn, next) = pace(*full_at, now);
        if let Some(turn) = turn {
            sleep_until(turn).await;
        }
        *full_at = Some(next);
    }
}

/// When the next one may go through, `None` being at once, and when the allowance will be full again (the generic cell rate
/// algorithm, as in [`crate::pace`], for somebody who waits for the turn).
fn pace(full_at: Option<Instant>, now: Instant) -> (Option<Instant>, Instant) {
    let interval = Duration::from_secs(1) / PER_S;
    let next = full_at.map_or(now, |full_at| full_at.max(now)) + interval;
    let turn = next.checked_sub(interval * BURST).filter(|turn| *turn > now);
    (turn, next)
}

#[cfg(test)]
mod tests {
    use super::{BURST, PER_S, pace};
    use std::time::Duration;

    #[test]
    fn a_crowd_comes_in_at_once_and_then_at_a_steady_pace() {
        let now = crate::app::instant();
        let (mut full_at, mut turns) = (None, Vec::new());
        for _ in 0..BURST + PER_S {
            let (turn, next) = pace(full_at, now);
            turns.extend(turn);
            full_at = Some(next);
        }
        assert_eq!(turns.len(), PER_S as usize);
        assert_eq!(*turns.last().unwrap() - now, Duration::from_secs(1));
        let quiet = now + Duration::from_mins(1);
        assert_eq!(pace(full_at, quiet).0, None);
    }
}
