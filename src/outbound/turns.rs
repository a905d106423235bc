//! How much goes on at once: a slow host keeps few waiting, and nobody else.

use super::Why;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most at once, to whomever.
const ALTOGETHER: usize = 32;
/// Most who wait for a turn, or have one: past that the answer is "later".
const WAITING: usize = 256;
/// Hosts remembered before those that nobody asks are forgotten.
const HOSTS: usize = 256;

pub struct Turns {
    /// Most at once to one of them.
    of_each: usize,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
    all: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A turn, given back when dropped.
pub struct Turn(#[expect(dead_code, reason = "held for its drop")] [OwnedSemaphorePermit; 3]);

impl Turns {
    pub fn of_each(of_each: usize) -> Self {
        let places = |most| Arc::new(Semaphore::new(most));
        Self { of_each, hosts: Mutex::default(), all: places(ALTOGETHER), waiting: places(WAITING) }
    }

    /// Waits for the host first, so that those who wait for a slow one take no turn from the others.
    pub async fn take(&self, host: &str) -> Result<Turn, Why> {
        let inside = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| Why::Busy)?;
        let at_host = self.of(host).acquire_owned().await.map_err(|_| Why::Busy)?;
        let at_all = Arc::clone(&self.all).acquire_owned().await.map_err(|_| Why::Busy)?;
        Ok(Turn([inside, at_host, at_all]))
    }

    fn of(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS {
            hosts.retain(|_, turns| Arc::strong_count(turns) > 1);
        }
        Arc::clone(hosts.entry(host.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(self.of_each))))
    }
}
