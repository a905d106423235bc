//! Chats that sleep: they stay their agent's, take none of their places, and come back at their time or when the shopper
//! writes. Sleep and waking are rows of the database, so that neither outlives or misses a node.

use super::Db;
use super::append::{Locking, Row, Stored, insert, lock, lock_all};
use super::conversations::{back_to_queue, decided};
use super::queue::{Claim, DecisionKind, free_seat};
use super::triage::{Marked, Step, write};
use crate::domain::conversation::{Head, Refusal, State};
use crate::domain::event::Draft;
use crate::domain::id::{AgentId, ConversationId, EventId, SiteId};
use crate::domain::triage::{Trace, Waking};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use std::sync::Arc;

/// Puts a chat to sleep that this agent has. One that sleeps already sleeps until the new time.
pub async fn snooze(db: &Db, step: &Step<'_>, until: DateTime<Utc>) -> sqlx::Result<Marked> {
    let mut tx = db.send.begin().await?;
    let Some(head) = lock(&mut tx, step.site, step.conversation).await? else {
        return Ok(Marked::Refused(Refusal::Forbidden));
    };
    if let Err(refusal) = is_theirs(&mut tx, &head, step.by).await? {
        return Ok(Marked::Refused(refusal));
    }
    let done = sqlx::query(
        "update conversations set seat = null, snoozed_at = $3, snoozed_until = $4,
            reserved_for = null, reserved_until = null, reserved_as = null
        where site_id = $1 and id = $2 and snoozed_until is distinct from $4",
    )
    .bind(step.site)
    .bind(step.conversation)
    .bind(step.at)
    .bind(until)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Marked::Already);
    }
    Ok(Marked::Yes(write(tx, head, step, &Trace::Snoozed(until)).await?))
}

async fn is_theirs(tx: &mut PgConnection, head: &Head, by: AgentId) -> sqlx::Result<Result<(), Refusal>> {
    Ok(match head.state {
        State::Active if head.assignee_id == Some(by) => Ok(()),
        State::Closed | State::Ticketed | State::Room => Err(Refusal::Closed),
        State::Active | State::Waiting => {
            let name = sqlx::query_scalar("select name from agents where id = $1").bind(head.assignee_id);
            Err(Refusal::NotAssignee(name.fetch_optional(tx).await?))
        }
    })
}

/// One that sleeps.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sleeper {
    pub site_id: SiteId,
    pub id: ConversationId,
    pub assignee_id: AgentId,
    pub assignee_name: String,
}

/// Those whose time has come, whose shopper has written since, or whose agent may not come in any more.
pub async fn due(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<Sleeper>> {
    sqlx::query_as(
        "select c.site_id, c.id, c.assignee_id, a.name as assignee_name
        from conversations c
        join agents a on a.id = c.assignee_id
        where c.snoozed_until is not null and (c.snoozed_until <= $1 or c.shopper_at > c.snoozed_at or a.disabled_at is not null)
        order by c.snoozed_until
        limit 200",
    )
    .bind(now)
    .fetch_all(db)
    .await
}

/// What is written when it wakes, as the one or the other comes about.
pub struct Wake<'a> {
    pub conversation: ConversationId,
    pub agent: AgentId,
    /// Somebody of the staff, with their name; otherwise its time or its shopper wakes it.
    pub by_hand: Option<&'a str>,
    pub event: EventId,
    /// That its agent has it no longer, as the shopper is told.
    pub left: Draft,
    pub at: DateTime<Utc>,
}

#[derive(Debug)]
pub enum Woke {
    /// It is its agent's again, in a place of theirs.
    Theirs(Stored),
    /// They are not here or have no place free: it is in line, where it was.
    InLine(Stored),
    /// By hand alone: no place is free.
    Full,
    /// Somebody is at its agent's places at this moment: it is looked at again.
    Held,
    /// It does not sleep, or not long enough yet; or its row is locked and it is looked at again.
    No,
}

#[derive(sqlx::FromRow)]
struct Sleep {
    is_due: bool,
    has_written: bool,
    /// Its agent is here and keeps their chats, whether or not they take new ones.
    is_kept: bool,
}

/// Wakes it, once, however many nodes look.
pub async fn wake(db: &Db, wake: Wake<'_>) -> sqlx::Result<Woke> {
    let mut tx = db.send.begin().await?;
    let locking = if wake.by_hand.is_some() { Locking::Wait } else { Locking::SkipLocked };
    let Some(mut head) = lock_all(&mut tx, &[wake.conversation], locking).await?.pop() else { return Ok(Woke::No) };
    let sleep: Option<Sleep> = sqlx::query_as(
        "select c.snoozed_until <= $2 or a.disabled_at is not null as is_due, coalesce(c.shopper_at > c.snoozed_at, false) as has_written,
            a.disabled_at is null and (a.available or a.off_as = 'busy')
                and exists (select from agent_leases l where l.agent_id = a.id and l.expires_at > $2) as is_kept
        from conversations c
        join agents a on a.id = c.assignee_id
        where c.id = $1 and c.snoozed_until is not null",
    )
    .bind(wake.conversation)
    .bind(wake.at)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(sleep) = sleep.filter(|_| head.assignee_id == Some(wake.agent)) else { return Ok(Woke::No) };
    let waking = match wake.by_hand {
        Some(_) => Waking::Hand,
        None if sleep.has_written => Waking::Shopper,
        None if sleep.is_due => Waking::Time,
        None => return Ok(Woke::No),
    };
    let seat = if sleep.is_kept || wake.by_hand.is_some() {
        let Some(seats) = free_seat(&mut tx, &claim(&wake)).await? else { return Ok(Woke::Held) };
        seats.seat
    } else {
        None
    };
    let (draft, is_theirs) = match (seat, wake.by_hand) {
        (Some(seat), by) => {
            sit_down(&mut tx, wake.conversation, seat, wake.at).await?;
            (Trace::Woken(waking).draft(wake.event, by.map(|name| (wake.agent, name))), true)
        }
        (None, Some(_)) => return Ok(Woke::Full),
        (None, None) => {
            back_to_queue(&mut tx, &head, head.team_id, wake.at).await?;
            decided(&mut tx, &head, (DecisionKind::Returned, Some(wake.agent)), wake.at).await?;
            (wake.left, false)
        }
    };
    let row = Row::number(&mut head, draft, wake.at);
    insert(&mut tx, std::slice::from_ref(&row)).await?;
    tx.commit().await?;
    let stored = Stored { event: Arc::new(row.event), shopper: head.shopper_id };
    Ok(if is_theirs { Woke::Theirs(stored) } else { Woke::InLine(stored) })
}

const NOBODY: &serde_json::Value = &serde_json::Value::Null;

/// The question for a place, as somebody asks it who takes a chat by hand.
fn claim<'a>(wake: &Wake<'_>) -> Claim<'a> {
    Claim {
        conversation: wake.conversation,
        agent: wake.agent,
        event: wake.event,
        cid: None,
        candidates: NOBODY,
        at: wake.at,
        // Whether they are here is known by now; a chat of theirs is no new one.
        must_be_available: false,
        takes_reserved: false,
        may_exceed: false,
        kind: DecisionKind::Taken,
    }
}

/// The assignment is the one it was: what its agent had written meanwhile still fits.
async fn sit_down(tx: &mut PgConnection, id: ConversationId, seat: i16, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update conversations set seat = $2, assigned_at = $3 where id = $1")
        .bind(id)
        .bind(seat)
        .bind(at)
        .execute(tx)
        .await?;
    Ok(())
}
