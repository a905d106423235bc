//! The log writer: groups concurrent appends into one transaction.
//!
//! Promises: a number is given under its conversation's row lock, so numbers have no gaps; a client id is looked up
//! under that lock before numbering, so a resend never becomes a second event; `done` is called after the commit and, for
//! one conversation, in the order of the numbers given by this writer; one bad append fails alone; a conversation whose row
//! is locked elsewhere delays only itself.
//!
//! Batching is natural: while one commit is in flight the next group gathers. What is as usual takes a single statement
//! (`lone`, `many`); whatever is not goes through a transaction that knows the reasons (`group`). A committed group is
//! answered while the next one is on its way. May not: publish, or know who listens.
//!
//! The writer has a thread of its own with connections of its own: a commit that is done is seen at once, and not when the
//! sockets that are ready before it have had their turn.

mod group;
mod lanes;
mod line;
mod lone;
mod many;
mod numbered;
mod outage;
mod rows;
mod stale;

use crate::domain::conversation::Refusal;
use crate::domain::event::{Draft, Event};
use crate::domain::id::{ConversationId, ShopperId, SiteId};
use crate::error::{database_is_away, violates};
use crate::store::{ACQUIRE, Db};
use chrono::{DateTime, Utc};
use futures_util::future::join;
use lanes::{LANES_MAX, Lanes};
use line::{Line, Trouble};
use numbered::Numbered;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

pub use rows::{Locking, Row, insert, known_cid, lock, lock_all};

/// Most appends waiting; past that the answer is `unavailable`.
const WAITING_MAX: usize = 8_192;
/// Most appends in one transaction.
const GROUP_MAX: usize = 512;
const RETRY: Duration = Duration::from_secs(1);
/// A connection that was idle for so long is asked before it is used.
const TRUSTED: Duration = Duration::from_millis(250);

pub struct Append {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub draft: Draft,
    /// The assignment an agent believes in.
    pub generation: Option<i32>,
    /// The last number its author has seen: where another agent's message stands behind it, this is refused as stale.
    pub shown: Option<i64>,
    pub at: DateTime<Utc>,
    /// Called once, after the commit.
    pub done: Done,
}

pub type Done = Box<dyn FnOnce(Outcome) + Send + Sync>;

#[derive(Debug)]
pub enum Outcome {
    Stored(Stored),
    /// The same client id with the same content was stored before: the first answer again.
    Duplicate(Stored),
    Refused(Refusal),
    /// The commit may or may not have happened: neither acknowledge nor refuse; the client's resend settles it.
    Unknown,
}

#[derive(Debug, Clone)]
pub struct Stored {
    pub event: Arc<Event>,
    pub shopper: Option<ShopperId>,
}

#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Append>,
    pending: TaskTracker,
}

impl Writer {
    /// Starts the writer; it ends when every handle is gone and what was accepted is written.
    pub fn start(db: &Db) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let options = db.writing.clone();
        std::thread::Builder::new().name("deskbell-log".into()).spawn(move || {
            runtime.block_on(async {
                let mut desk = Desk::new(&options);
                run(&mut desk, waiting).await;
                desk.close().await;
            });
        })?;
        Ok(Self { queue, pending: TaskTracker::new() })
    }

    /// Until everything that was accepted is answered.
    pub async fn drain(&self) {
        self.pending.close();
        self.pending.wait().await;
    }

    /// Hands an append over without waiting. Refuses at once when too many wait already.
    pub fn submit(&self, mut append: Append) {
        let (pending, done) = (self.pending.token(), append.done);
        append.done = Box::new(move |outcome| {
            done(outcome);
            drop(pending);
        });
        if let Err(refused) = self.queue.try_send(append) {
            metrics::counter!("deskbell_append_overload_total").increment(1);
            (refused.into_inner().done)(Outcome::Refused(Refusal::Unavailable(RETRY)));
        }
    }
}

/// The writer's connections. Opened when they are needed, so that they belong to the writer's thread.
struct Desk {
    lone: Line,
    many: Line,
    /// For whatever is not as usual, broken lines among it, and for the lanes. Asks about each connection before its use.
    pool: PgPool,
}

/// What the usual statement made of a group.
#[derive(Default)]
struct Tried {
    /// Committed, in the order of the numbers, and not answered yet.
    numbered: Vec<Numbered>,
    /// Not as usual: the long way knows what to do with them.
    odd: Vec<Append>,
    /// Sent, and perhaps committed, when the connection broke.
    unsettled: Vec<Append>,
    is_away: bool,
}

impl Tried {
    fn odd(odd: Vec<Append>) -> Self {
        Self { odd, ..Self::default() }
    }

    fn failed(group: Vec<Append>, trouble: Trouble) -> Self {
        match trouble {
            Trouble::Away(cause) => {
                for append in group {
                    (append.done)(refuse(&cause));
                }
                Self { is_away: true, ..Self::default() }
            }
            Trouble::Cut(cause) => {
                tracing::warn!(error = %cause, "append: the connection broke; whether it was committed is looked up");
                Self { unsettled: group, is_away: true, ..Self::default() }
            }
            Trouble::Refused(cause) => {
                // Under one of these client ids somebody else's transaction may have stored something a moment ago.
                if !violates(&cause, "events_cid_unique") {
                    tracing::warn!(error = %cause, "append refused; its members are looked at one by one");
                }
                Self::odd(group)
            }
        }
    }
}

/// What became of a group.
struct Written {
    /// Committed, in the order of the numbers, and not answered yet.
    numbered: Vec<Numbered>,
    /// Locked elsewhere.
    held: Vec<Append>,
    unsettled: Vec<Append>,
    is_away: bool,
}

/// Why a transaction failed, as far as it concerns what is done next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// The database cannot be reached.
    Away,
    /// This one cannot be done now.
    Other,
}

impl Failure {
    fn of(cause: &sqlx::Error) -> Self {
        // Class 40 serialization and deadlock, 55P03 lock timeout: the database is well.
        let is_here =
            matches!(cause, sqlx::Error::Database(e) if e.code().is_some_and(|c| c.starts_with("40") || c == "55P03"));
        if database_is_away(cause) && !is_here { Self::Away } else { Self::Other }
    }
}

impl Desk {
    fn new(options: &PgConnectOptions) -> Self {
        let most = u32::try_from(LANES_MAX).unwrap_or(u32::MAX).saturating_add(1);
        Self {
            lone: Line::new(options.clone()),
            many: Line::new(options.clone().options(many::SETTINGS)),
            pool: PgPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(ACQUIRE)
                .connect_lazy_with(options.clone()),
        }
    }

    /// Writes a group. What is as usual takes one statement; the rest, and the same client id again, goes the long way.
    async fn write(&mut self, group: Vec<Append>) -> Written {
        let (mut first, again) = group::without_repeats(group);
        let tried = match first.pop() {
            None => Tried::default(),
            Some(append) if first.is_empty() => lone::write(&mut self.lone, append).await,
            Some(append) => {
                first.push(append);
                many::write(&mut self.many, first).await
            }
        };
        let Tried { numbered, mut odd, unsettled, is_away } = tried;
        if is_away {
            again.into_iter().for_each(refuse_unread);
            return Written { numbered, held: odd, unsettled, is_away };
        }
        odd.extend(again);
        if odd.is_empty() {
            return Written { numbered, held: odd, unsettled, is_away };
        }
        // The long way answers by itself, and has higher numbers to give.
        numbered.into_iter().for_each(Numbered::answer);
        let outcome = group::write(&self.pool, odd, Locking::SkipLocked).await;
        let is_away = outcome.as_ref().is_err_and(|failure| *failure == Failure::Away);
        Written { numbered: Vec::new(), held: outcome.unwrap_or_default(), unsettled, is_away }
    }

    fn doubt(&mut self) {
        self.lone.doubt();
        self.many.doubt();
    }

    async fn close(self) {
        self.lone.close().await;
        self.many.close().await;
        self.pool.close().await;
    }
}

async fn run(desk: &mut Desk, mut waiting: mpsc::Receiver<Append>) {
    let lanes = Lanes::default();
    let mut numbered = Vec::new();
    while let Some(batch) = next_batch(desk, &mut waiting, numbered.is_empty()).await {
        // Polled in this order: the next group is on its way before the last one is answered.
        let writing = desk.write(lanes.line_up(batch));
        let answering = async { numbered.drain(..).for_each(Numbered::answer) };
        let (written, ()) = outage::notice(&mut waiting, join(writing, answering)).await;
        for append in written.held {
            lanes.hold(&desk.pool, append);
        }
        numbered = written.numbered;
        if written.is_away {
            numbered.drain(..).for_each(Numbered::answer);
            for append in outage::sit_out(desk, &mut waiting, written.unsettled).await {
                lanes.hold(&desk.pool, append);
            }
        }
    }
    lanes.finish().await;
}

/// What waits, or what comes first if there is time to wait for it; `None` is the end.
async fn next_batch(desk: &mut Desk, waiting: &mut mpsc::Receiver<Append>, may_wait: bool) -> Option<Vec<Append>> {
    let mut batch = Vec::new();
    if may_wait {
        let soon = timeout(TRUSTED, waiting.recv_many(&mut batch, GROUP_MAX)).await;
        let came = if let Ok(came) = soon {
            came
        } else {
            desk.doubt();
            waiting.recv_many(&mut batch, GROUP_MAX).await
        };
        if came == 0 {
            return None;
        }
    }
    while !may_wait
        && batch.len() < GROUP_MAX
        && let Ok(append) = waiting.try_recv()
    {
        batch.push(append);
    }
    if !batch.is_empty() {
        metrics::histogram!("deskbell_append_group_size").record(count_as_f64(batch.len()));
    }
    Some(batch)
}

/// What to answer when the database failed before the commit was tried.
fn refuse(cause: &sqlx::Error) -> Outcome {
    if database_is_away(cause) {
        tracing::warn!(error = %cause, "append: database not reachable or row locked");
    } else {
        tracing::error!(error = %cause, "append failed");
    }
    Outcome::Refused(Refusal::Unavailable(RETRY))
}

/// Nothing was tried.
fn refuse_unread(append: Append) {
    (append.done)(Outcome::Refused(Refusal::Unavailable(RETRY)));
}

#[expect(clippy::cast_precision_loss, reason = "group sizes are far below 2^52")]
fn count_as_f64(count: usize) -> f64 {
    count as f64
}
