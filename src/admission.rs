//! Sockets that have not said hello yet: few for each address, so that silent ones cannot crowd out the others. Whoever
//! speaks at once frees the place within milliseconds; the next one waits for it a moment.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most silent sockets an address may hold.
const SILENT_MAX: usize = 30;
/// Most requests of an address that wait for a place.
const WAITING_MAX: usize = 512;
const PATIENCE: Duration = Duration::from_secs(2);

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
