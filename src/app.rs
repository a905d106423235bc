//! What every room is handed: configuration, database, log writer, hub, clock. And the one home of time and randomness.

use crate::admission::{Doorstep, Gate, Uploads};
use crate::config::Config;
use crate::domain::file::Addresses;
use crate::domain::id::{ConversationId, Epoch, NodeId, SiteId};
use crate::domain::site::{Settings, Site};
use crate::error::Result;
use crate::outbound::Outbound;
use crate::pace::Paces;
use crate::realtime::arrivals::Arrivals;
use crate::realtime::event::Item;
use crate::realtime::here::Here;
use crate::realtime::hub::{Hub, Topic};
use crate::realtime::visits::Visits;
use crate::store::Db;
use crate::store::append::Writer;
use crate::vault::Vault;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

pub struct App {
    pub config: Config,
    pub db: Db,
    pub log: Writer,
    pub hub: Hub,
    /// Which shoppers have a conversation in view on this node, and which have a socket.
    pub here: Here,
    pub arrivals: Arrivals,
    pub visits: Visits,
    pub clock: Clock,
    pub node: NodeId,
    pub epoch: Epoch,
    pub sites: SiteCache,
    pub sightings: Sightings,
    pub paces: Paces,
    pub signals: Signals,
    pub gate: Gate,
    pub doorstep: Doorstep,
    /// The one way out to addresses that somebody gave.
    pub outbound: Outbound,
    /// Where the bytes of files lie; without one nobody sends any.
    pub vault: Option<Vault>,
    pub uploads: Uploads,
    /// Signs addresses of files.
    pub files_key: [u8; 32],
    /// Password hashing takes 19 MiB each: at most this many at once.
    pub hashing: Semaphore,
    /// Unpacking a picture takes up to 64 MiB: few at once.
    pub unpacking: Semaphore,
    /// A report reads much: few at once leave the database to those who chat.
    pub reporting: Arc<Semaphore>,
    /// Sockets and workers; awaited at shutdown.
    pub tasks: TaskTracker,
    pub stopping: CancellationToken,
    pub metrics: metrics_exporter_prometheus::PrometheusHandle,
}

/// Wakes rooms that sweep as well, so that a lost wake-up costs a sweep's delay and nothing else.
#[derive(Default)]
pub struct Signals {
    pub queue: Notify,
    /// Somebody in line wants to hear where they are: there is less haste.
    pub asked: Notify,
    pub mail: Notify,
    pub webhooks: Notify,
    /// Bytes of files are to be removed.
    pub files: Notify,
    came_back: Mutex<HashSet<ConversationId>>,
    was_replaced: AtomicBool,
}

impl App {
    /// Signs addresses of files from now on.
    pub fn addresses(&self) -> Addresses {
        Addresses::new(self.files_key, self.clock.now())
    }

    /// The database is another one than this node began with, or an earlier one: what the sockets hold is void. The node leaves,
    /// so that they resume against what is there.
    pub fn database_was_replaced(&self) {
        tracing::error!("the database was restored from a backup, or replaced, while this node ran; it stops");
        self.signals.was_replaced.store(true, Ordering::Relaxed);
        self.stopping.cancel();
    }

    pub fn was_database_replaced(&self) -> bool {
        self.signals.was_replaced.load(Ordering::Relaxed)
    }

    /// Somebody waits, or somebody can take them.
    pub fn wake_queue(&self) {
        self.signals.queue.notify_one();
        if !self.config.roles.queue {
            self.hub.tell_others(Topic::Queue, &Item::Wake);
        }
    }

    /// A letter waits.
    pub fn wake_mail(&self) {
        self.signals.mail.notify_one();
        if !self.config.roles.mail {
            self.hub.tell_others(Topic::Mail, &Item::Wake);
        }
    }

    /// A waiting shopper came back and should hear again where they are in line.
    pub fn ask_position(&self, conversation: ConversationId) {
        self.signals.ask_position(conversation);
        if !self.config.roles.queue {
            self.hub.tell_others(Topic::Queue, &Item::Asked(conversation));
        }
    }
}

impl Signals {
    pub fn ask_position(&self, conversation: ConversationId) {
        self.came_back.lock().unwrap_or_else(PoisonError::into_inner).insert(conversation);
        self.asked.notify_one();
    }

    /// Who asked since the last time.
    pub fn take_asked(&self) -> HashSet<ConversationId> {
        std::mem::take(&mut *self.came_back.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Time as the database tells it: the system's clock plus a correction. Tests move it by [`Clock::advance`].
#[derive(Default)]
pub struct Clock {
    /// How far this machine is behind the database.
    behind_ms: AtomicI64,
    moved_ms: AtomicI64,
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        self.followed() + TimeDelta::milliseconds(self.moved_ms.load(Ordering::Relaxed))
    }

    /// Without what tests moved it by: for noticing that the machine's clock was set.
    #[expect(clippy::disallowed_methods, reason = "the one home of time")]
    pub fn followed(&self) -> DateTime<Utc> {
        // In microseconds, as PostgreSQL keeps it: what is told at once equals what is read again later.
        (Utc::now() + TimeDelta::milliseconds(self.behind_ms.load(Ordering::Relaxed))).trunc_subsecs(6)
    }

    pub fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.moved_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// How far this machine's own clock is behind the database's, in milliseconds; less than nothing: ahead.
    pub fn behind_ms(&self) -> i64 {
        self.behind_ms.load(Ordering::Relaxed)
    }

    /// Follows the database's clock, so that nodes whose clocks disagree still agree on leases and limits.
    pub fn follow(&self, database_now: DateTime<Utc>) {
        let off = (database_now - self.followed()).num_milliseconds();
        if off.abs() > 500 {
            tracing::warn!(off_ms = off, "this machine's clock differs from the database's; following the database");
            self.behind_ms.fetch_add(off, Ordering::Relaxed);
        }
    }
}

/// Looks every so often until the server stops, first when it has been up for `settling`. What fails is tried again.
pub async fn look_every(
    app: &App,
    (every, settling): (Duration, TimeDelta),
    failed: &str,
    look: impl AsyncFn(&App) -> Result<()>,
) {
    let began = app.clock.now();
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
        if app.clock.now() - began < settling {
            continue;
        }
        if let Err(error) = look(app).await {
            tracing::warn!(error = error.cause(), "{failed}; tried again");
        }
    }
}

/// Monotonic time, for measuring only.
#[expect(clippy::disallowed_methods, reason = "the one home of time")]
pub fn instant() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

/// A time-ordered id (UUIDv7). It tells when it was made: never a secret.
#[expect(clippy::disallowed_methods, reason = "the one home of randomness")]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// An id that tells nothing and cannot be guessed (UUIDv4).
pub fn random_id() -> Uuid {
    uuid::Builder::from_random_bytes(random_bytes()).into_uuid()
}

/// A secret of 256 random bits, as URL-safe text.
pub fn new_secret() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

#[expect(clippy::disallowed_methods, reason = "the one home of randomness")]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness, or nothing here is safe");
    bytes
}

/// A site with a fresh key and secret.
pub fn new_site(name: &str, origins: Vec<String>) -> Site {
    Site {
        id: SiteId(new_id()),
        public_key: URL_SAFE_NO_PAD.encode(random_bytes::<16>()),
        name: crate::domain::people::tidy_name(name),
        origins,
        secret: new_secret(),
        settings: Settings::default(),
    }
}

/// When somebody who found it crowded comes back: not all in the same second.
pub fn later() -> std::time::Duration {
    std::time::Duration::from_secs(1 + random_below(4))
}

/// A number in `0..below`, for jitter.
pub fn random_below(below: u64) -> u64 {
    u64::from_le_bytes(random_bytes()) % below.max(1)
}

/// Which addresses are known to have loaded which shop's widget, so that it is written down once.
#[derive(Default)]
pub struct Sightings(Mutex<HashSet<(SiteId, String)>>);

impl Sightings {
    /// Whether nobody said so yet. Only addresses that an owner listed come here.
    pub fn is_new(&self, site: SiteId, origin: &str) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= SITE_CACHE_MAX {
            known.clear();
        }
        known.insert((site, origin.to_owned()))
    }

    /// It could not be written down.
    pub fn forget(&self, site: SiteId, origin: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&(site, origin.to_owned()));
    }
}

/// Sites change rarely and are asked for on every frame: kept for a few seconds.
#[derive(Default)]
pub struct SiteCache {
    by_key: Mutex<HashMap<String, (tokio::time::Instant, Arc<Site>)>>,
}

/// How soon a changed setting holds on every node.
const SITE_TTL: Duration = Duration::from_secs(4);
/// Above this many sites the cache starts over.
const SITE_CACHE_MAX: usize = 10_000;

impl SiteCache {
    pub fn get(&self, key: &str) -> Option<Arc<Site>> {
        let sites = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, site) = sites.get(key)?;
        (instant() - *read_at < SITE_TTL).then(|| Arc::clone(site))
    }

    /// However long ago it was read. It counts as read again, so that not every frame waits for a database that is away.
    pub fn known(&self, key: &str) -> Option<Arc<Site>> {
        let mut sites = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, site) = sites.get_mut(key)?;
        *read_at = instant();
        Some(Arc::clone(site))
    }

    pub fn put(&self, key: &str, site: &Arc<Site>) {
        let mut sites = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= SITE_CACHE_MAX {
            sites.clear();
        }
        sites.insert(key.to_owned(), (instant(), Arc::clone(site)));
    }
}
