//! What the queue reads and the claim it makes.

use super::append::{Locking, Row, Stored, insert, known_cid, lock_all};
use super::{Db, events};
use crate::domain::conversation::{Head, Refusal, State, permit};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, ConversationId, EventId, SiteId, TeamId};
use crate::domain::site::Routing;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use std::sync::Arc;

/// A shopper in line.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Waiting {
    pub site_id: SiteId,
    pub id: ConversationId,
    pub shopper_id: crate::domain::id::ShopperId,
    pub team_id: Option<TeamId>,
    pub priority: i16,
    pub queued_at: DateTime<Utc>,
    pub locale: String,
    pub previous_agent_id: Option<AgentId>,
    pub shopper_email: Option<String>,
    pub shopper_name: String,
}

/// Everybody in line, in order of arrival; the rank is computed by `queue::rank`.
pub async fn waiting(db: &PgPool, limit: i64) -> sqlx::Result<Vec<Waiting>> {
    sqlx::query_as(
        "select c.site_id, c.id, c.shopper_id, c.team_id, c.priority, c.queued_at, c.locale, c.previous_agent_id,
            p.email as shopper_email, p.name as shopper_name
        from conversations c
        join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        where c.state = 'waiting'
        order by c.queued_at, c.id
        limit $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await
}

/// An agent who is here and available.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Candidate {
    pub id: AgentId,
    pub name: String,
    pub capacity: i16,
    pub load: i64,
    pub last_assigned_at: Option<DateTime<Utc>>,
    /// `site/team` pairs this agent works for.
    pub sites: Vec<SiteId>,
    pub teams: Vec<TeamId>,
    /// When each chat they have now began.
    pub busy_since: Vec<DateTime<Utc>>,
}

pub async fn candidates(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<Candidate>> {
    sqlx::query_as(
        "select a.id, a.name, a.capacity, a.last_assigned_at,
            (select count(*) from conversations c where c.assignee_id = a.id and c.state = 'active') as load,
            array(select distinct m.site_id from team_members m where m.agent_id = a.id) as sites,
            array(select m.team_id from team_members m where m.agent_id = a.id) as teams,
            array(select c.assigned_at from conversations c where c.assignee_id = a.id and c.state = 'active' and c.assigned_at is not null) as busy_since
        from agents a
        join agent_leases l on l.agent_id = a.id and l.expires_at > $1
        where a.available and a.disabled_at is null
        order by a.id",
    )
    .bind(now)
    .fetch_all(db)
    .await
}

/// How long recent chats of a site took, in seconds, shortest first.
pub async fn handle_times(db: &PgPool, site: SiteId) -> sqlx::Result<Vec<f64>> {
    sqlx::query_scalar(
        "select seconds from (
            select extract(epoch from closed_at - assigned_at)::float8 as seconds
            from conversations
            where site_id = $1 and state = 'closed' and assigned_at is not null
            order by opened_at desc
            limit 100) recent
        order by seconds",
    )
    .bind(site)
    .fetch_all(db)
    .await
}

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
}

#[derive(Debug)]
pub enum Claimed {
    Yes {
        stored: Stored,
        generation: i32,
    },
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
struct Seats {
    name: String,
    seat: Option<i16>,
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
        let name = sqlx::query_scalar("select name from agents where id = $1")
            .bind(head.assignee_id)
            .fetch_optional(&mut *tx)
            .await?;
        return Ok(if head.state == State::Active { Claimed::Taken(name) } else { Claimed::Gone(Refusal::Closed) });
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
    Ok(Claimed::Yes { stored: Stored { event: Arc::new(row.event), shopper: head.shopper_id }, generation })
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

fn assigned(claim: &Claim<'_>, name: &str) -> Draft {
    Draft {
        id: claim.event,
        cid: claim.cid,
        kind: Kind::Assigned,
        by: Author::System,
        by_name: String::new(),
        body: None,
        data: Some(serde_json::json!({ "agent": { "id": claim.agent, "name": name, "avatar": null } })),
        internal: false,
    }
}

/// Locks the agent and finds the lowest free seat; `None`: the agent is locked elsewhere or not available.
async fn free_seat(tx: &mut PgConnection, claim: &Claim<'_>) -> sqlx::Result<Option<Seats>> {
    let locked: Option<AgentId> = sqlx::query_scalar(
        "select a.id from agents a
        where a.id = $1 and a.disabled_at is null
            and (not $2 or (a.available and exists (select from agent_leases l where l.agent_id = a.id and l.expires_at > $3)))
        for update of a skip locked",
    )
    .bind(claim.agent)
    .bind(claim.must_be_available)
    .bind(claim.at)
    .fetch_optional(&mut *tx)
    .await?;
    if locked.is_none() {
        return Ok(None);
    }
    // A statement of its own: its snapshot is taken after the lock, so that it sees every seat given before.
    sqlx::query_as(
        "select a.name,
            (select min(n)::smallint from generate_series(1, a.capacity) as n
                where not exists (select from conversations c where c.assignee_id = a.id and c.state = 'active' and c.seat = n)) as seat
        from agents a where a.id = $1",
    )
    .bind(claim.agent)
    .fetch_optional(tx)
    .await
}

async fn take_seat(tx: &mut PgConnection, claim: &Claim<'_>, seat: i16) -> sqlx::Result<i32> {
    let (generation, site, queued_at): (i32, SiteId, DateTime<Utc>) = sqlx::query_as(
        "update conversations set state = 'active', assignee_id = $2, seat = $3, assigned_at = $4, gen = gen + 1
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
    sqlx::query(
        "insert into decisions (site_id, conversation_id, gen, chosen, candidates, waited_ms, at) values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(site)
    .bind(claim.conversation)
    .bind(generation)
    .bind(claim.agent)
    .bind(claim.candidates)
    .bind((claim.at - queued_at).num_milliseconds())
    .bind(claim.at)
    .execute(tx)
    .await?;
    Ok(generation)
}

/// Hands an active or waiting chat to one colleague: the events, the new owner and the note in one transaction.
pub struct HandOver<'a> {
    pub transferred: Draft,
    pub note: Option<Draft>,
    pub generation: Option<i32>,
    pub claim: Claim<'a>,
    pub site: SiteId,
}

#[derive(Debug)]
pub enum HandedOver {
    Yes {
        transferred: Stored,
        /// The assignment and the note.
        others: Vec<Stored>,
        generation: i32,
    },
    /// Done before under the same client id: the first answer again.
    Again(Stored),
    /// The colleague has no place free, or is not here.
    Full,
    Refused(Refusal),
}

pub async fn hand_over(db: &Db, step: HandOver<'_>) -> sqlx::Result<HandedOver> {
    let mut tx = db.send.begin().await?;
    let head =
        lock_all(&mut tx, &[step.claim.conversation], Locking::Wait).await?.pop().filter(|h| h.site_id == step.site);
    let Some(mut head) = head else { return Ok(HandedOver::Refused(Refusal::Forbidden)) };
    if let Some(settled) = handed_before(&mut tx, &head, &step.transferred).await? {
        return Ok(settled);
    }
    if let Err(refusal) = permit(&head, step.transferred.by, Kind::Transferred, step.generation) {
        return Ok(HandedOver::Refused(refusal));
    }
    if head.assignee_id == Some(step.claim.agent) && head.state == State::Active {
        return Ok(HandedOver::Refused(Refusal::BadRequest("They have this conversation already.")));
    }
    let works_here: bool =
        sqlx::query_scalar("select exists (select from team_members where site_id = $1 and agent_id = $2)")
            .bind(step.site)
            .bind(step.claim.agent)
            .fetch_one(&mut *tx)
            .await?;
    if !works_here {
        return Ok(HandedOver::Refused(Refusal::Forbidden));
    }
    let Some(Seats { name, seat: Some(seat) }) = free_seat(&mut tx, &step.claim).await? else {
        return Ok(HandedOver::Full);
    };
    let generation = take_seat(&mut tx, &step.claim, seat).await?;
    let mut transferred = step.transferred;
    transferred.data = Some(serde_json::json!({ "to": { "agent": name } }));
    let drafts = [Some(assigned(&step.claim, &name)), step.note].into_iter().flatten();
    let mut rows = vec![Row::number(&mut head, transferred, step.claim.at)];
    rows.extend(drafts.map(|draft| Row::number(&mut head, draft, step.claim.at)));
    insert(&mut tx, &rows).await?;
    tx.commit().await?;
    let store = |row: Row| Stored { event: Arc::new(row.event), shopper: head.shopper_id };
    let transferred = store(rows.remove(0));
    Ok(HandedOver::Yes { transferred, others: rows.into_iter().map(store).collect(), generation })
}

async fn handed_before(tx: &mut PgConnection, head: &Head, draft: &Draft) -> sqlx::Result<Option<HandedOver>> {
    let Some(cid) = draft.cid else { return Ok(None) };
    let Some(known) = known_cid(tx, (head.site_id, head.id), draft.by, cid).await? else { return Ok(None) };
    let Some(event) = events::get(tx, head.site_id, head.id, known.id).await? else { return Ok(None) };
    if event.kind != Kind::Transferred {
        return Ok(Some(HandedOver::Refused(Refusal::CidConflict)));
    }
    Ok(Some(HandedOver::Again(Stored { event: Arc::new(event), shopper: head.shopper_id })))
}

/// Active chats whose agent has been gone longer than the site's grace.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Abandoned {
    pub site_id: SiteId,
    pub id: ConversationId,
    pub assignee_id: AgentId,
    pub assignee_name: String,
}

pub async fn abandoned(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<Abandoned>> {
    sqlx::query_as(
        "select c.site_id, c.id, c.assignee_id, a.name as assignee_name
        from conversations c
        join agents a on a.id = c.assignee_id
        join sites s on s.id = c.site_id
        left join agent_leases l on l.agent_id = c.assignee_id
        where c.state = 'active'
            and greatest(coalesce(l.expires_at, 'epoch'), c.assigned_at)
                < $1 - make_interval(secs => coalesce((s.settings->'routing'->>'grace_s')::float8, $2))
        limit 200",
    )
    .bind(now)
    .bind(f64::from(Routing::default().grace_s))
    .fetch_all(db)
    .await
}

/// Active chats in which neither side has said anything for longer than the site allows.
pub async fn idle(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<(SiteId, ConversationId)>> {
    sqlx::query_as(
        "select c.site_id, c.id
        from conversations c
        join sites s on s.id = c.site_id
        where c.state = 'active'
            and coalesce((s.settings->'routing'->>'idle_close_s')::float8, $2) > 0
            and c.last_at < $1 - make_interval(secs => coalesce((s.settings->'routing'->>'idle_close_s')::float8, $2))
        limit 200",
    )
    .bind(now)
    .bind(f64::from(Routing::default().idle_close_s))
    .fetch_all(db)
    .await
}

/// One decision of the queue: why this agent.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Decision {
    #[sqlx(rename = "gen")]
    pub generation: i32,
    pub chosen_name: Option<String>,
    pub candidates: Json<Value>,
    pub waited_ms: i64,
    pub at: DateTime<Utc>,
}

pub async fn decisions(db: &PgPool, site: SiteId, conversation: ConversationId) -> sqlx::Result<Vec<Decision>> {
    sqlx::query_as(
        "select d.gen, a.name as chosen_name, d.candidates, d.waited_ms, d.at
        from decisions d
        left join agents a on a.id = d.chosen
        where d.site_id = $1 and d.conversation_id = $2
        order by d.gen",
    )
    .bind(site)
    .bind(conversation)
    .fetch_all(db)
    .await
}
