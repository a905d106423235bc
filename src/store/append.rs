//! The log writer: groups concurrent appends into one transaction.
//!
//! Promises: a number is given under its conversation's row lock, so numbers have no gaps; a client id is looked up
//! under that lock before numbering, so a resend never becomes a second event; `done` is called after the commit and, for
//! one conversation, in the order of the numbers given by this writer; one bad append fails alone; a conversation whose row
//! is locked elsewhere delays only itself.
//!
//! Batching is natural: while one commit is in flight the next group gathers. What is as usual takes a single statement
//! (`lone`, `many`); whatever is not goes through a transaction that knows the reasons (`group`). May not: publish, or know
//! who listens.

mod group;
mod lanes;
mod lone;
mod many;
mod rows;

use crate::domain::conversation::Refusal;
use crate::domain::event::{Draft, Event};
use crate::domain::id::{ConversationId, ShopperId, SiteId};
use crate::error::database_is_away;
use crate::store::Db;
use chrono::{DateTime, Utc};
use lanes::Lanes;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

pub use rows::{Locking, Row, insert, known_cid, lock, lock_all};

/// Most appends waiting; past that the answer is `unavailable`.
const WAITING_MAX: usize = 8_192;
/// Most appends in one transaction.
const GROUP_MAX: usize = 512;
const RETRY: Duration = Duration::from_secs(1);

pub struct Append {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub draft: Draft,
    /// The assignment an agent believes in.
    pub generation: Option<i32>,
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
    pub fn start(db: &Db) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(run(db.clone(), waiting));
        Self { queue, pending: TaskTracker::new() }
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

async fn run(db: Db, mut waiting: mpsc::Receiver<Append>) {
    let lanes = Lanes::default();
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, GROUP_MAX).await > 0 {
        metrics::histogram!("deskbell_append_group_size").record(count_as_f64(batch.len()));
        let group = lanes.line_up(std::mem::take(&mut batch));
        if group.is_empty() {
            continue;
        }
        for append in write(&db, group).await {
            lanes.hold(&db.send, append);
        }
    }
}

/// Writes a group and answers it; what it returns is locked elsewhere. What is as usual takes one statement; the rest, and
/// the same client id again, goes the long way.
async fn write(db: &Db, group: Vec<Append>) -> Vec<Append> {
    let (mut first, again) = group::without_repeats(group);
    let mut rest = match first.pop() {
        Some(append) if first.is_empty() => lone::write(&db.send, append).await.into_iter().collect(),
        last => {
            first.extend(last);
            many::write(&db.group, first).await
        }
    };
    rest.extend(again);
    if rest.is_empty() {
        return rest;
    }
    group::write(&db.send, rest, rows::Locking::SkipLocked).await
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

#[expect(clippy::cast_precision_loss, reason = "group sizes are far below 2^52")]
fn count_as_f64(count: usize) -> f64 {
    count as f64
}
