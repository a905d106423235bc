//! How much goes on at once: a slow host keeps few waiting, and nobody else.

use super::Why;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests to one host at once,
const A_HOST: usize = 4;
/// and altogether.
const ALTOGETHER: usize = 32;
/// Most who wait for a turn, or have one: past that the answer is "later".
const WAITING: usize = 256;
/// Hosts remembered before those that nobody asks are forgotten.
const HOSTS: usize = 256;

pub struct Turns {
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
    all: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A turn, given back when dropped.
pub struct Turn(#[expect(dead_code, reason = "held for its drop")] [OwnedSemaphorePermit; 3]);

impl Default for Turns {
    fn default() -> Self {
        let places = |most| Arc::new(Semaphore::new(most));
        Self { hosts: Mutex::default(), all: places(ALTOGETHER), waiting: places(WAITING) }
    }
}

impl Turns {
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
        Arc::clone(hosts.entry(host.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(A_HOST))))
    }
}
