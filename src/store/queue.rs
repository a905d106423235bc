//! What the queue reads and the claim it makes.

use super::append::{Locking, Row, Stored, insert, known_cid, lock_all};
use super::{Db, events};
use crate::domain::conversation::{Head, Refusal, State, permit};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, ConversationId, EventId, ShopperId, SiteId, TeamId};
use crate::domain::line::{Arrives, Candidate, Membership, Recent, Refused, Waiting};
use crate::domain::routing::Routing;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use std::sync::Arc;

/// Who came so recently says who will come soon.
const LATELY: TimeDelta = TimeDelta::minutes(30);

#[derive(sqlx::FromRow)]
struct InLine {
    site_id: SiteId,
    id: ConversationId,
    shopper_id: ShopperId,
    team_id: Option<TeamId>,
    priority: i16,
    queued_at: DateTime<Utc>,
    locale: String,
    previous_agent_id: Option<AgentId>,
    required_skills: Vec<String>,
    preferred_skills: Vec<String>,
    refused: Json<Vec<Refused>>,
    is_reserved: bool,
    has_missed: bool,
}

impl From<InLine> for Waiting {
    fn from(row: InLine) -> Self {
        Self {
            site_id: row.site_id,
            id: row.id,
            shopper_id: row.shopper_id,
            team_id: row.team_id,
            priority: row.priority,
            queued_at: row.queued_at,
            locale: row.locale,
            previous_agent_id: row.previous_agent_id,
            required_skills: row.required_skills,
            preferred_skills: row.preferred_skills,
            refused: row.refused.0,
            is_reserved: row.is_reserved,
            is_to_be_called: false,
            has_missed: row.has_missed,
        }
    }
}

/// Everybody in line, in order of arrival; the rank is computed by `queue::rank`.
pub async fn waiting(db: &PgPool, limit: i64) -> sqlx::Result<Vec<Waiting>> {
    let rows: Vec<InLine> = sqlx::query_as(
        "select c.site_id, c.id, c.shopper_id, c.team_id, c.priority, c.queued_at, c.locale, c.previous_agent_id,
            c.required_skills, c.preferred_skills, c.reserved_for is not null as is_reserved, c.missed_at is not null as has_missed,
            coalesce((select jsonb_agg(jsonb_build_object('agent', r.agent_id, 'at', r.at)) from refusals r
                where r.site_id = c.site_id and r.conversation_id = c.id), '[]') as refused
        from conversations c
        where c.state = 'waiting'
        order by c.queued_at, c.id
        limit $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Waiting::from).collect())
}

/// Who has waited longer than the site allows and left an address to answer to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Overdue {
    pub site_id: SiteId,
    pub id: ConversationId,
    pub email: String,
    pub name: String,
}

pub async fn overdue(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<Overdue>> {
    sqlx::query_as(
        "select c.site_id, c.id, coalesce(p.email, c.place_email) as email, p.name
        from conversations c
        join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        join sites s on s.id = c.site_id
        where c.state = 'waiting' and coalesce(p.email, c.place_email) is not null
            and coalesce((s.settings->'routing'->>'ticket_after_s')::float8, $2) > 0
            and c.queued_at < $1 - make_interval(secs => coalesce((s.settings->'routing'->>'ticket_after_s')::float8, $2))
        order by c.queued_at
        limit 200",
    )
    .bind(now)
    .bind(f64::from(Routing::default().ticket_after_s))
    .fetch_all(db)
    .await
}

#[derive(sqlx::FromRow)]
struct OnDuty {
    id: AgentId,
    name: String,
    capacity: i16,
    last_assigned_at: Option<DateTime<Utc>>,
    languages: Vec<String>,
    memberships: Json<Vec<Membership>>,
    load: i64,
    chats: i64,
    busy_since: Vec<DateTime<Utc>>,
}

/// Everybody who is here and available, with what they carry: chats, and places that are kept.
pub async fn candidates(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<Candidate>> {
    let rows: Vec<OnDuty> = sqlx::query_as(
        "select a.id, a.name, a.capacity, a.last_assigned_at, a.languages, carried.load, carried.chats, carried.busy_since,
            coalesce((select jsonb_agg(jsonb_build_object('site', m.site_id, 'team', m.team_id, 'skills', m.skills))
                from team_members m where m.agent_id = a.id), '[]') as memberships
        from agents a
        join agent_leases l on l.agent_id = a.id and l.expires_at > $1
        cross join lateral (
            select count(*) as chats,
                coalesce(sum(case when c.reserved_for = a.id then 100 else chat_load(s.settings, c.shopper_at, $1) end), 0) as load,
                coalesce(array_agg(c.assigned_at) filter (where c.state = 'active' and c.assignee_id = a.id and c.assigned_at is not null), '{}')
                    as busy_since
            from conversations c
            join sites s on s.id = c.site_id
            where (c.assignee_id = a.id and c.state = 'active') or c.reserved_for = a.id
        ) carried
        where a.available and a.disabled_at is null
        order by a.id",
    )
    .bind(now)
    .fetch_all(db)
    .await?;
    let candidate = |row: OnDuty| Candidate {
        id: row.id,
        name: row.name,
        capacity: row.capacity,
        load: row.load,
        chats: row.chats,
        last_assigned_at: row.last_assigned_at,
        languages: row.languages,
        memberships: row.memberships.0,
        busy_since: row.busy_since,
    };
    Ok(rows.into_iter().map(candidate).collect())
}

/// How many chats each team has that may have only so many; kept places among them.
pub async fn team_loads(db: &PgPool) -> sqlx::Result<Vec<(TeamId, i64)>> {
    sqlx::query_as(
        "select t.id, (select count(*) from conversations c
                where c.site_id = t.site_id and c.team_id = t.id and (c.state = 'active' or c.reserved_for is not null))
        from teams t
        where (t.settings->>'chats_max')::integer > 0",
    )
    .fetch_all(db)
    .await
}

/// What a site's chats were like lately: how long they took, how many left the line, who came.
pub async fn lately(db: &PgPool, site: SiteId, now: DateTime<Utc>) -> sqlx::Result<Recent> {
    let handle_times = sqlx::query_scalar(
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
    .await?;
    let (waited, left): (f64, i64) = sqlx::query_as(
        "select coalesce(sum(extract(epoch from until - queued_at)), 0)::float8, count(*) filter (where has_left and queued_at is not null)
        from (
            select queued_at, coalesce(assigned_at, closed_at) as until, assigned_at is null as has_left
            from conversations
            where site_id = $1 and state in ('closed', 'ticketed')
            order by opened_at desc
            limit 100) recent",
    )
    .bind(site)
    .fetch_one(db)
    .await?;
    let came: Vec<(Option<TeamId>, i16, i64)> = sqlx::query_as(
        "select team_id, priority, count(*)
        from conversations
        where site_id = $1 and opened_at > $2
        group by team_id, priority",
    )
    .bind(site)
    .bind(now - LATELY)
    .fetch_all(db)
    .await?;
    let share = |count: i64, seconds: f64| f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds.max(1.0);
    let arrivals = came.into_iter().map(|(team, priority, count)| Arrives {
        team,
        priority,
        per_s: share(count, LATELY.as_seconds_f64()),
    });
    Ok(Recent { handle_times, leaving: share(left, waited), arrivals: arrivals.collect() })
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
    /// Silent chats count in full otherwise: a supervisor may take what is beyond an agent's capacity, within its bound.
    pub may_exceed: bool,
    /// What kind of decision this was, as it is kept.
    pub kind: DecisionKind,
}

/// What the flight recorder keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DecisionKind {
    Assigned,
    Offered,
    /// The place is kept while the shopper is called back.
    Held,
    Declined,
    /// An offer that nobody answered.
    Expired,
    /// The shopper was called and did not come.
    Missed,
    /// The agent vanished or went off duty.
    Returned,
    HandedOver,
    /// By hand.
    Taken,
    /// The end of the line.
    Ticketed,
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

/// Locks the agent and finds the lowest free seat; `None`: the agent is locked elsewhere or not available. No seat: what
/// they carry leaves no room for one chat more, they have as many chats as they may however silent, or their team has.
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
            select count(*) as chats, coalesce(sum(case when c.reserved_for = $1 then 100 else chat_load(s.settings, c.shopper_at, $2) end), 0) as load
            from conversations c join sites s on s.id = c.site_id
            where ((c.assignee_id = $1 and c.state = 'active') or c.reserved_for = $1) and c.id <> $3
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
        for update of t",
    )
    .bind(conversation)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((site, team, max)) = limited else { return Ok(false) };
    let chats: i64 = sqlx::query_scalar(
        "select count(*) from conversations
        where site_id = $1 and team_id = $2 and id <> $3 and (state = 'active' or reserved_for is not null)",
    )
    .bind(site)
    .bind(team)
    .bind(conversation)
    .fetch_one(tx)
    .await?;
    Ok(chats >= max)
}

async fn take_seat(tx: &mut PgConnection, claim: &Claim<'_>, seat: i16) -> sqlx::Result<i32> {
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

/// A decision as it is written down, in the transaction of what it decides.
pub struct NewDecision<'a> {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub generation: i32,
    pub kind: DecisionKind,
    pub chosen: Option<AgentId>,
    pub candidates: &'a Value,
    pub waited_ms: i64,
    pub at: DateTime<Utc>,
}

pub async fn record(tx: &mut PgConnection, decision: &NewDecision<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into decisions (site_id, conversation_id, gen, kind, chosen, candidates, waited_ms, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(decision.site)
    .bind(decision.conversation)
    .bind(decision.generation)
    .bind(decision.kind)
    .bind(decision.chosen)
    .bind(decision.candidates)
    .bind(decision.waited_ms)
    .bind(decision.at)
    .execute(tx)
    .await?;
    Ok(())
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
    pub kind: DecisionKind,
    pub chosen_name: Option<String>,
    pub candidates: Json<Value>,
    pub waited_ms: i64,
    pub at: DateTime<Utc>,
}

pub async fn decisions(db: &PgPool, site: SiteId, conversation: ConversationId) -> sqlx::Result<Vec<Decision>> {
    sqlx::query_as(
        "select d.gen, d.kind, a.name as chosen_name, d.candidates, d.waited_ms, d.at
        from decisions d
        left join agents a on a.id = d.chosen
        where d.site_id = $1 and d.conversation_id = $2
        order by d.n",
    )
    .bind(site)
    .bind(conversation)
    .fetch_all(db)
    .await
}
