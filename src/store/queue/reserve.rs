//! A place of an agent, kept for one chat for a while: it rings at the agent, a colleague is asked to take it over, or its
//! shopper is being called back. Counts as a chat of theirs, so that accepting never takes anybody over capacity.

use super::{Claim, DecisionKind, NewDecision, free_seat, record};
use crate::domain::conversation::{Head, Refusal, State, permit};
use crate::domain::event::{Draft, Kind};
use crate::domain::id::{AgentId, ConversationId, SiteId};
use crate::domain::line::{Reason, Ringing};
use crate::store::append::{Locking, Row, Stored, insert, known_cid, lock_all};
use crate::store::{Db, events};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use std::sync::Arc;

/// A kept place as it stands under the conversation's lock.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Reservation {
    pub reserved_for: AgentId,
    pub reserved_until: DateTime<Utc>,
    pub reserved_as: Reason,
}

pub async fn of(tx: &mut PgConnection, conversation: ConversationId) -> sqlx::Result<Option<Reservation>> {
    sqlx::query_as(
        "select reserved_for, reserved_until, reserved_as from conversations where id = $1 and reserved_for is not null",
    )
    .bind(conversation)
    .fetch_optional(tx)
    .await
}

#[derive(Debug)]
pub enum Reserved {
    Yes {
        site: SiteId,
        generation: i32,
    },
    /// Locked, served or offered by somebody else meanwhile.
    Gone,
    Full,
}

/// Keeps a place for a waiting chat. The claim says whose and why them; nobody has the chat yet.
pub async fn reserve(db: &Db, claim: &Claim<'_>, reason: Reason, until: DateTime<Utc>) -> sqlx::Result<Reserved> {
    let mut tx = db.send.begin().await?;
    let Some(head) = lock_all(&mut tx, &[claim.conversation], Locking::SkipLocked).await?.pop() else {
        return Ok(Reserved::Gone);
    };
    if head.state != State::Waiting || of(&mut tx, head.id).await?.is_some() {
        return Ok(Reserved::Gone);
    }
    if free_seat(&mut tx, claim).await?.and_then(|seats| seats.seat).is_none() {
        return Ok(Reserved::Full);
    }
    keep(&mut tx, &head, claim, reason, until).await?;
    tx.commit().await?;
    Ok(Reserved::Yes { site: head.site_id, generation: head.generation })
}

async fn keep(
    tx: &mut PgConnection,
    head: &Head,
    claim: &Claim<'_>,
    reason: Reason,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    let queued_at: Option<DateTime<Utc>> = sqlx::query_scalar(
        "update conversations set reserved_for = $2, reserved_until = $3, reserved_as = $4 where id = $1 returning queued_at",
    )
    .bind(head.id)
    .bind(claim.agent)
    .bind(until)
    .bind(reason)
    .fetch_one(&mut *tx)
    .await?;
    let kind = if reason == Reason::Hold { DecisionKind::Held } else { DecisionKind::Offered };
    let decision = NewDecision {
        site: head.site_id,
        conversation: head.id,
        generation: head.generation,
        kind,
        chosen: Some(claim.agent),
        candidates: claim.candidates,
        waited_ms: queued_at.map_or(0, |since| (claim.at - since).num_milliseconds()),
        at: claim.at,
    };
    record(tx, &decision).await
}

/// A colleague is asked to take a chat over: what they are told is a note of the log, and the chat stays where it is until
/// they accept.
pub struct Ask<'a> {
    pub note: Draft,
    pub generation: Option<i32>,
    pub claim: Claim<'a>,
    pub site: SiteId,
    pub until: DateTime<Utc>,
}

#[derive(Debug)]
pub enum Asked {
    Yes {
        note: Stored,
        generation: i32,
    },
    /// Asked before under the same client id.
    Again(Stored),
    Full,
    Refused(Refusal),
}

pub async fn ask_over(db: &Db, ask: Ask<'_>) -> sqlx::Result<Asked> {
    let mut tx = db.send.begin().await?;
    let head =
        lock_all(&mut tx, &[ask.claim.conversation], Locking::Wait).await?.pop().filter(|h| h.site_id == ask.site);
    let Some(mut head) = head else { return Ok(Asked::Refused(Refusal::Forbidden)) };
    if let Some(again) = asked_before(&mut tx, &head, &ask.note).await? {
        return Ok(again);
    }
    if let Err(refusal) = permit(&head, &Draft { kind: Kind::Transferred, ..ask.note.clone() }, ask.generation) {
        return Ok(Asked::Refused(refusal));
    }
    if head.assignee_id == Some(ask.claim.agent) && head.state == State::Active {
        return Ok(Asked::Refused(Refusal::BadRequest("They have this conversation already.")));
    }
    if of(&mut tx, head.id).await?.is_some() {
        return Ok(Asked::Refused(Refusal::BadRequest("Somebody is being asked already. Wait for their answer.")));
    }
    if !works_for(&mut tx, ask.site, ask.claim.agent).await? {
        return Ok(Asked::Refused(Refusal::Forbidden));
    }
    if free_seat(&mut tx, &ask.claim).await?.and_then(|seats| seats.seat).is_none() {
        return Ok(Asked::Full);
    }
    keep(&mut tx, &head, &ask.claim, Reason::Transfer, ask.until).await?;
    let generation = head.generation;
    let row = Row::number(&mut head, ask.note, ask.claim.at);
    insert(&mut tx, std::slice::from_ref(&row)).await?;
    tx.commit().await?;
    Ok(Asked::Yes { note: Stored { event: Arc::new(row.event), shopper: head.shopper_id }, generation })
}

async fn asked_before(tx: &mut PgConnection, head: &Head, note: &Draft) -> sqlx::Result<Option<Asked>> {
    let Some(cid) = note.cid else { return Ok(None) };
    let Some(known) = known_cid(tx, (head.site_id, head.id), note.by, cid).await? else { return Ok(None) };
    if known.digest.is_some_and(|digest| digest != note.digest()) {
        return Ok(Some(Asked::Refused(Refusal::CidConflict)));
    }
    let event = events::get(tx, head.site_id, head.id, known.id).await?;
    Ok(event.map(|event| Asked::Again(Stored { event: Arc::new(event), shopper: head.shopper_id })))
}

pub async fn works_for(tx: &mut PgConnection, site: SiteId, agent: AgentId) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from team_members where site_id = $1 and agent_id = $2)")
        .bind(site)
        .bind(agent)
        .fetch_one(tx)
        .await
}

/// Why a kept place is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Declined,
    /// Its time is over.
    Expired,
}

/// A place that is free again.
#[derive(Debug)]
pub struct Freed {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub generation: i32,
    pub agent: AgentId,
    pub reason: Reason,
    /// What the thread says of it: who asked hears that nobody came.
    pub note: Option<Stored>,
}

/// Which places are kept for longer than they should be, and which ring at somebody who takes no chats any more: these are
/// as good as declined. `(conversation, agent, whether the time is over)`
pub async fn overdue(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<(ConversationId, AgentId, bool)>> {
    sqlx::query_as(
        "select c.id, c.reserved_for, c.reserved_until <= $1
        from conversations c
        join agents a on a.id = c.reserved_for
        where c.reserved_for is not null
            and (c.reserved_until <= $1 or (c.reserved_as <> 'transfer' and not (a.available and a.disabled_at is null)))
        limit 500",
    )
    .bind(now)
    .fetch_all(db)
    .await
}

/// What rings at an agent now.
pub async fn ringing(db: &PgPool, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<Vec<Ringing>> {
    sqlx::query_as(
        "select site_id, id, gen, reserved_until as until, reserved_as as reason from conversations
        where reserved_for = $1 and reserved_until > $2 and reserved_as <> 'hold'
        order by reserved_until
        limit 50",
    )
    .bind(agent)
    .bind(now)
    .fetch_all(db)
    .await
}

/// Gives a kept place up and remembers why. `None`: it is not kept for this agent any more, or for longer than that.
pub async fn give_up(
    db: &Db,
    (conversation, agent): (ConversationId, AgentId),
    end: End,
    (note, at): (impl FnOnce(&str) -> Draft, DateTime<Utc>),
) -> sqlx::Result<Option<Freed>> {
    let mut tx = db.send.begin().await?;
    let Some(mut head) = lock_all(&mut tx, &[conversation], Locking::Wait).await?.pop() else { return Ok(None) };
    let kept = of(&mut tx, conversation).await?.filter(|kept| kept.reserved_for == agent);
    let is_over = |kept: &Reservation| end != End::Expired || kept.reserved_until <= at;
    let Some(kept) = kept.filter(is_over) else { return Ok(None) };
    remember(&mut tx, &head, &kept, end, at).await?;
    let mut said = None;
    if kept.reserved_as == Reason::Transfer {
        let name: String =
            sqlx::query_scalar("select name from agents where id = $1").bind(agent).fetch_one(&mut *tx).await?;
        let row = Row::number(&mut head, note(&name), at);
        insert(&mut tx, std::slice::from_ref(&row)).await?;
        said = Some(Stored { event: Arc::new(row.event), shopper: head.shopper_id });
    }
    tx.commit().await?;
    let (site, generation) = (head.site_id, head.generation);
    Ok(Some(Freed { site, conversation, generation, agent, reason: kept.reserved_as, note: said }))
}

async fn remember(
    tx: &mut PgConnection,
    head: &Head,
    kept: &Reservation,
    end: End,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let is_missed = kept.reserved_as == Reason::Hold && end == End::Expired;
    let queued_at: Option<DateTime<Utc>> = sqlx::query_scalar(
        "update conversations
        set reserved_for = null, reserved_until = null, reserved_as = null, missed_at = case when $2 then $3 else missed_at end
        where id = $1
        returning queued_at",
    )
    .bind(head.id)
    .bind(is_missed)
    .bind(at)
    .fetch_one(&mut *tx)
    .await?;
    if kept.reserved_as == Reason::Offer {
        let why = if end == End::Declined { "declined" } else { "expired" };
        refuse(tx, head, (kept.reserved_for, why), at).await?;
    }
    let kind = match end {
        _ if is_missed => DecisionKind::Missed,
        // Nobody was asked: the agent has gone.
        _ if kept.reserved_as == Reason::Hold => DecisionKind::Returned,
        End::Declined => DecisionKind::Declined,
        End::Expired => DecisionKind::Expired,
    };
    let candidates: Value = json!([]);
    let decision = NewDecision {
        site: head.site_id,
        conversation: head.id,
        generation: head.generation,
        kind,
        chosen: Some(kept.reserved_for),
        candidates: &candidates,
        waited_ms: queued_at.map_or(0, |since| (at - since).num_milliseconds()),
        at,
    };
    record(tx, &decision).await
}

/// How many of the newest `most` offers to this agent rang until the time was over.
pub async fn missed_of_newest(db: &PgPool, agent: AgentId, most: u8) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from (
            select kind from decisions
            where chosen = $1 and kind in ('accepted', 'declined', 'expired', 'taken')
            order by n desc
            limit $2) newest
        where kind = 'expired'",
    )
    .bind(agent)
    .bind(i64::from(most))
    .fetch_one(db)
    .await
}

/// Whoever would not have a chat is passed over for a while.
pub(in crate::store) async fn refuse(
    tx: &mut PgConnection,
    head: &Head,
    (agent, why): (AgentId, &str),
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into refusals (site_id, conversation_id, agent_id, why, at) values ($1, $2, $3, $4, $5)
        on conflict (site_id, conversation_id, agent_id) do update set why = $4, at = $5, times = refusals.times + 1",
    )
    .bind(head.site_id)
    .bind(head.id)
    .bind(agent)
    .bind(why)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

pub async fn is_asked_over(db: &PgPool, conversation: ConversationId, agent: AgentId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from conversations where id = $1 and reserved_for = $2 and reserved_as = 'transfer')",
    )
    .bind(conversation)
    .bind(agent)
    .fetch_one(db)
    .await
}
