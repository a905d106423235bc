//! The group path: lock, look up client ids, decide, write, commit, answer.

use super::rows::{Asked, Known, Locking, Row, insert, known_cids, lock_all};
use super::{Append, Done, Failure, Outcome, Stored, refuse, stale};
use crate::domain::conversation::{Head, Refusal, permit};
use crate::domain::event::{Author, Event, Kind};
use crate::domain::id::{ClientId, ConversationId, ShopperId};
use crate::store::files::{self, Found, NO_SUCH_FILE};
use sqlx::PgPool;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

type CidKey = (ConversationId, Option<Uuid>, ClientId);

/// Writes a group in one transaction and answers each append; gives back those whose conversation is locked elsewhere.
pub async fn write(pool: &PgPool, group: Vec<Append>, locking: Locking) -> Result<Vec<Append>, Failure> {
    let (first, mut again) = without_repeats(group);
    let mut outcome = attempt(pool, first, locking).await;
    // The same client id twice in one group: the second is answered from what the first left in the log.
    while !again.is_empty() {
        let (next, rest) = without_repeats(again);
        let further = attempt(pool, next, locking).await;
        outcome = outcome.and_then(|mut held| {
            held.extend(further?);
            Ok(held)
        });
        again = rest;
    }
    outcome
}

/// Each client id once, and what came with one of them again.
pub fn without_repeats(group: Vec<Append>) -> (Vec<Append>, Vec<Append>) {
    let mut seen: HashSet<CidKey> = HashSet::new();
    group.into_iter().partition(|a| a.draft.cid.is_none_or(|cid| seen.insert((a.conversation, a.draft.by.uuid(), cid))))
}

/// What one transaction decided: answers to give after the commit, and what it could not lock.
struct Decided {
    rows: Vec<Row>,
    stored: Vec<(Done, Option<ShopperId>)>,
    settled: Vec<(Done, Outcome)>,
    held: Vec<Append>,
}

async fn attempt(pool: &PgPool, group: Vec<Append>, locking: Locking) -> Result<Vec<Append>, Failure> {
    if group.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = match pool.begin().await {
        Ok(tx) => tx,
        Err(cause) => return fail(group, &cause),
    };
    let read = match read(&mut tx, &group, locking).await {
        Ok(read) => read,
        Err(cause) => return fail(group, &cause),
    };
    let decided = decide(group, read, locking);
    if !decided.rows.is_empty()
        && let Err(cause) = write_down(&mut tx, &decided.rows).await
    {
        return fail_decided(decided, &cause);
    }
    let committed = tx.commit().await;
    answer(decided, committed.err().as_ref())
}

/// What a decision is made of, read under the locks.
struct Read {
    heads: HashMap<ConversationId, Head>,
    known: HashMap<CidKey, Known>,
    files: Found,
    /// Those of the group, by their place, whose author has not seen another agent's message.
    stale: HashSet<usize>,
}

async fn write_down(tx: &mut sqlx::PgConnection, rows: &[Row]) -> sqlx::Result<()> {
    insert(tx, rows).await?;
    files::attach(tx, rows).await
}

async fn read(tx: &mut sqlx::PgConnection, group: &[Append], locking: Locking) -> sqlx::Result<Read> {
    let mut ids: Vec<_> = group.iter().map(|a| a.conversation).collect();
    ids.sort_unstable();
    ids.dedup();
    // Conversations before files, as everywhere.
    let heads: HashMap<_, _> = lock_all(tx, &ids, locking).await?.into_iter().map(|head| (head.id, head)).collect();
    let asked = |a: &Append| {
        let cid = a.draft.cid?;
        Some(Asked { site: a.site, conversation: a.conversation, author: a.draft.by.uuid(), cid })
    };
    let asked: Vec<_> = group.iter().filter_map(asked).collect();
    let known =
        known_cids(tx, &asked).await?.into_iter().map(|k| ((k.conversation_id, k.author_id, k.cid), k)).collect();
    let carried: Vec<_> = group.iter().flat_map(|a| a.draft.files.iter().copied()).collect();
    let stale = stale::find(tx, group, &heads).await?;
    Ok(Read { heads, known, files: files::lock(tx, &carried).await?, stale })
}

fn decide(group: Vec<Append>, read: Read, locking: Locking) -> Decided {
    let Read { mut heads, known, mut files, stale } = read;
    let mut decided = Decided { rows: Vec::new(), stored: Vec::new(), settled: Vec::new(), held: Vec::new() };
    for (n, append) in group.into_iter().enumerate() {
        let Some(head) = heads.get_mut(&append.conversation).filter(|head| head.site_id == append.site) else {
            if locking == Locking::SkipLocked {
                decided.held.push(append);
            } else {
                decided.settled.push((append.done, Outcome::Refused(Refusal::Forbidden)));
            }
            continue;
        };
        let earlier = append.draft.cid.and_then(|cid| known.get(&(append.conversation, append.draft.by.uuid(), cid)));
        if let Some(earlier) = earlier {
            decided.settled.push((append.done, duplicate(earlier, &append.draft, head)));
        } else if let Err(refusal) = permit(head, &append.draft, append.generation) {
            decided.settled.push((append.done, Outcome::Refused(refusal)));
        } else if stale.contains(&n) || (append.shown.is_some() && is_answered(&decided.rows, &append)) {
            decided.settled.push((append.done, Outcome::Refused(Refusal::Stale)));
        } else if let Some(carried) = files.take(append.site, append.draft.by, &append.draft.files) {
            decided.stored.push((append.done, head.shopper_id));
            let mut row = Row::number(head, append.draft, append.at);
            row.carry(&carried);
            decided.rows.push(row);
        } else {
            decided.settled.push((append.done, Outcome::Refused(NO_SUCH_FILE)));
        }
    }
    decided
}

/// Another agent's message is written in the same transaction, before this one.
fn is_answered(rows: &[Row], append: &Append) -> bool {
    let is_theirs = |event: &Event| matches!(event.by, Author::Agent(_)) && event.by != append.draft.by;
    rows.iter().any(|Row { event, .. }| {
        event.conversation == append.conversation && event.kind == Kind::Message && is_theirs(event)
    })
}

/// A resend gets the first answer. A recalled message has no digest left: its resend is a duplicate too.
fn duplicate(earlier: &Known, draft: &crate::domain::event::Draft, head: &Head) -> Outcome {
    if earlier.digest.is_some_and(|digest| digest != draft.digest()) {
        return Outcome::Refused(Refusal::CidConflict);
    }
    let event = Event {
        site: head.site_id,
        conversation: head.id,
        seq: earlier.seq,
        shopper_seq: earlier.shopper_seq,
        id: earlier.id,
        cid: draft.cid,
        kind: draft.kind,
        by: draft.by,
        by_name: draft.by_name.clone(),
        body: draft.body.clone(),
        data: draft.data.clone(),
        at: earlier.at,
    };
    Outcome::Duplicate(Stored { event: Arc::new(event), shopper: head.shopper_id })
}

fn answer(decided: Decided, commit_failed: Option<&sqlx::Error>) -> Result<Vec<Append>, Failure> {
    if let Some(cause) = commit_failed {
        tracing::warn!(error = %cause, "append: outcome of the commit is unknown");
    }
    for ((done, shopper), row) in decided.stored.into_iter().zip(decided.rows) {
        let stored = Stored { event: Arc::new(row.event), shopper };
        done(if commit_failed.is_some() { Outcome::Unknown } else { Outcome::Stored(stored) });
    }
    for (done, outcome) in decided.settled {
        done(outcome);
    }
    match commit_failed {
        None => Ok(decided.held),
        Some(cause) => Err(give_up(decided.held, cause)),
    }
}

/// Answers all of them with "try again".
fn give_up(group: Vec<Append>, cause: &sqlx::Error) -> Failure {
    for append in group {
        (append.done)(refuse(cause));
    }
    Failure::of(cause)
}

fn fail(group: Vec<Append>, cause: &sqlx::Error) -> Result<Vec<Append>, Failure> {
    Err(give_up(group, cause))
}

/// Nothing was written: even refusals are answered as "try again", because the transaction they saw is gone.
fn fail_decided(decided: Decided, cause: &sqlx::Error) -> Result<Vec<Append>, Failure> {
    for (done, _) in decided.stored {
        done(refuse(cause));
    }
    for (done, outcome) in decided.settled {
        done(outcome);
    }
    Err(give_up(decided.held, cause))
}
