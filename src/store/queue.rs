//! The claim: one conversation to one agent, under both rows' locks. What the queue reads for it is in `line`.

mod decisions;
mod hand_over;
mod line;
pub mod places;
pub mod reserve;

pub use decisions::{Decision, DecisionKind, NewDecision, decisions, record};
pub use hand_over::{HandOver, HandedOver, hand_over};
pub use line::{Abandoned, Overdue, abandoned, candidates, idle, lately, overdue, team_loads, waiting, waiting_one};

use super::append::{Locking, Row, Stored, insert, lock_all};
use super::{Db, events};
use crate::domain::conversation::{Head, Refusal, State};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, ConversationId, EventId, SiteId, TeamId};
use crate::domain::routing::Routing;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use std::sync::Arc;

pub struct Claim<'a> {
    pub conversation: ConversationId,
    pub agent: AgentId,
    pub event: EventId,
    pub cid: Option<crate::domain::id::ClientId>,
    /// Who was considered and why; stored with the claim.
    pub candidates: &'a Value,
    pub at: DateTime<Utc>,
    /// Only agents who are here and available: what the queue asks; a person who picks by hand need not be.
    pub must_be_available: bool,
    /// Takes the place that is kept for this agent and this chat, and nothing else.
    pub takes_reserved: bool,
    /// Silent chats count in full otherwise: a supervisor may take what is beyond an agent's capacity, within its bound.
    pub may_exceed: bool,
    /// What kind of decision this was, as it is kept.
    pub kind: DecisionKind,
}

#[derive(Debug)]
pub enum Claimed {
    Yes {
        stored: Stored,
        generation: i32,
        /// Whose place was kept for it until then, if that was somebody else.
        rang_at: Option<AgentId>,
    },
    /// The offer is not theirs, or its time is over.
    Over,
    /// The same person made this claim before under the same client id: the first answer again.
    Again(Stored),
    /// Somebody else has it.
    Taken(Option<String>),
    /// Its row is locked, because somebody writes into it or claims it right now; or that of the agent who takes it by hand.
    Busy,
    /// Every place of the agent is taken, or the agent is not available any more.
    Full,
    Gone(Refusal),
}

#[derive(sqlx::FromRow)]
pub(in crate::store) struct Seats {
    pub(in crate::store) name: String,
    pub(in crate::store) seat: Option<i16>,
}

/// One owner a conversation, no agent over capacity: both rows locked, the load read again under the lock, and the seat's
/// unique index behind it, so that a bug would be an error and not a double assignment.
pub async fn claim(db: &Db, claim: &Claim<'_>) -> sqlx::Result<Claimed> {
    let mut tx = db.send.begin().await?;
    let Some(mut head) = lock_all(&mut tx, &[claim.conversation], Locking::SkipLocked).await?.pop() else {
        return Ok(Claimed::Busy);
    };
    if let Some(stored) = claimed_before(&mut tx, &head, claim).await? {
        return Ok(Claimed::Again(stored));
    }
    if head.state != State::Waiting {
        let name = owner_name(&mut tx, &head).await?;
        return Ok(if head.state == State::Active { Claimed::Taken(name) } else { Claimed::Gone(Refusal::Closed) });
    }
    let kept = reserve::of(&mut tx, head.id).await?;
    let is_ours = kept.as_ref().is_some_and(|kept| kept.reserved_for == claim.agent && kept.reserved_until > claim.at);
    // Only a person takes what rings at somebody else.
    if (claim.takes_reserved && !is_ours) || (kept.is_some() && !is_ours && claim.must_be_available) {
        return Ok(if claim.takes_reserved { Claimed::Over } else { Claimed::Busy });
    }
    let Some(seats) = free_seat(&mut tx, claim).await? else {
        return Ok(if claim.must_be_available { Claimed::Full } else { Claimed::Busy });
    };
    let Some(seat) = seats.seat else { return Ok(Claimed::Full) };
    let generation = take_seat(&mut tx, claim, seat).await?;
    let draft = assigned(claim, &seats.name);
    let row = Row::number(&mut head, draft, claim.at);
    insert(&mut tx, std::slice::from_ref(&row)).await?;
    tx.commit().await?;
    let kept = kept.map(|kept| kept.reserved_for).filter(|rings_at| *rings_at != claim.agent);
    Ok(Claimed::Yes {
        rang_at: kept,
        stored: Stored { event: Arc::new(row.event), shopper: head.shopper_id },
        generation,
    })
}

async fn claimed_before(tx: &mut PgConnection, head: &Head, claim: &Claim<'_>) -> sqlx::Result<Option<Stored>> {
    let Some(cid) = claim.cid else { return Ok(None) };
    let known: Option<EventId> = sqlx::query_scalar(
        "select id from events
        where site_id = $1 and conversation_id = $2 and kind = 'assigned' and cid = $3 and data->'agent'->>'id' = $4",
    )
    .bind(head.site_id)
    .bind(head.id)
    .bind(cid)
    .bind(claim.agent.to_string())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(id) = known else { return Ok(None) };
    let event = events::get(tx, head.site_id, head.id, id).await?;
    Ok(event.map(|event| Stored { event: Arc::new(event), shopper: head.shopper_id }))
}

pub(in crate::store) fn assigned(claim: &Claim<'_>, name: &str) -> Draft {
    Draft {
        id: claim.event,
        cid: claim.cid,
        kind: Kind::Assigned,
        by: Author::System,
        by_name: String::new(),
        body: None,
        data: Some(serde_json::json!({ "agent": { "id": claim.agent, "name": name, "avatar": null } })),
        files: Vec::new(),
        internal: false,
        oversees: false,
    }
}

/// Locks the agent and finds the lowest free seat; `None`: the agent is locked elsewhere or not available. No seat: what
/// they carry leaves no room for one chat more, they have as many chats as they may however silent, or their team has.
pub(in crate::store) async fn free_seat(tx: &mut PgConnection, claim: &Claim<'_>) -> sqlx::Result<Option<Seats>> {
    let locked: Option<AgentId> = sqlx::query_scalar(
        "select a.id from agents a
        where a.id = $1 and a.disabled_at is null
            and (not $2 or (a.available and exists (select from agent_leases l where l.agent_id = a.id and l.expires_at > $3)))
        for no key update of a skip locked",
    )
    .bind(claim.agent)
    .bind(claim.must_be_available)
    .bind(claim.at)
    .fetch_optional(&mut *tx)
    .await?;
    if locked.is_none() {
        return Ok(None);
    }
    if team_is_full(tx, claim.conversation).await? {
        return Ok(Some(Seats { name: String::new(), seat: None }));
    }
    // A statement of its own: its snapshot is taken after the locks, so that it sees every seat given before.
    sqlx::query_as(
        "with room as (
            select coalesce((s.settings->'routing'->>'active_percent')::integer, 100) as more,
                coalesce((s.settings->'routing'->>'over_max')::integer, $4) as over
            from conversations c join sites s on s.id = c.site_id
            where c.id = $3
        ), carried as (
            select count(*) as chats, coalesce(sum(chat_load(s.settings, case when c.reserved_for = $1 then null else coalesce(c.shopper_at, c.assigned_at) end, $2)), 0) as load
            from conversations c join sites s on s.id = c.site_id
            where ((c.assignee_id = $1 and c.state = 'active' and c.seat is not null) or c.reserved_for = $1) and c.id <> $3
        )
        select a.name,
            case when $5 or carried.load + room.more <= a.capacity * 100 then
                (select min(n)::smallint from generate_series(1, a.capacity + room.over) as n
                    where carried.chats < a.capacity + room.over
                        and not exists (select from conversations c where c.assignee_id = a.id and c.state = 'active' and c.seat = n))
            end as seat
        from agents a, room, carried
        where a.id = $1",
    )
    .bind(claim.agent)
    .bind(claim.at)
    .bind(claim.conversation)
    .bind(i32::from(Routing::default().over_max))
    .bind(claim.may_exceed)
    .fetch_optional(tx)
    .await
}

/// Whether the conversation's team has as many chats as it may. Locks the team's row, so that two claims take turns.
async fn team_is_full(tx: &mut PgConnection, conversation: ConversationId) -> sqlx::Result<bool> {
    let limited: Option<(SiteId, TeamId, i64)> = sqlx::query_as(
        "select t.site_id, t.id, (t.settings->>'chats_max')::bigint
        from conversations c
        join teams t on t.site_id = c.site_id and t.id = c.team_id
        where c.id = $1 and (t.settings->>'chats_max')::bigint > 0
        for no key update of t",
    )
    .bind(conversation)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((site, team, max)) = limited else { return Ok(false) };
    let chats: i64 = sqlx::query_scalar(
        "select count(*) from conversations
        where site_id = $1 and team_id = $2 and id <> $3 and ((state = 'active' and seat is not null) or reserved_for is not null)",
    )
    .bind(site)
    .bind(team)
    .bind(conversation)
    .fetch_one(tx)
    .await?;
    Ok(chats >= max)
}

pub(in crate::store) async fn take_seat(tx: &mut PgConnection, claim: &Claim<'_>, seat: i16) -> sqlx::Result<i32> {
    let (generation, site, queued_at): (i32, SiteId, DateTime<Utc>) = sqlx::query_as(
        "update conversations set state = 'active', assignee_id = $2, seat = $3, assigned_at = $4, gen = gen + 1,
            reserved_for = null, reserved_until = null, reserved_as = null, missed_at = null
        where id = $1
        returning gen, site_id, queued_at",
    )
    .bind(claim.conversation)
    .bind(claim.agent)
    .bind(seat)
    .bind(claim.at)
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query("update agents set last_assigned_at = $2 where id = $1")
        .bind(claim.agent)
        .bind(claim.at)
        .execute(&mut *tx)
        .await?;
    let decision = NewDecision {
        site,
        conversation: claim.conversation,
        generation,
        kind: claim.kind,
        chosen: Some(claim.agent),
        candidates: claim.candidates,
        waited_ms: (claim.at - queued_at).num_milliseconds(),
        at: claim.at,
    };
    record(tx, &decision).await?;
    Ok(generation)
}

async fn owner_name(tx: &mut PgConnection, head: &Head) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select name from agents where id = $1").bind(head.assignee_id).fetch_optional(tx).await
}
