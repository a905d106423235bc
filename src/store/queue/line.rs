//! What the queue reads: who waits, who is on duty with what they carry, and what the last while was like.

use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId, TeamId};
use crate::domain::line::{Arrives, Candidate, Membership, Recent, Refused, Waiting};
use crate::domain::routing::Routing;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use sqlx::types::Json;

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

macro_rules! in_line {
    ($rest:literal) => {
        concat!(
            "select c.site_id, c.id, c.shopper_id, c.team_id, c.priority, c.queued_at, c.locale, c.previous_agent_id,
                c.required_skills, c.preferred_skills, c.reserved_for is not null as is_reserved, c.missed_at is not null as has_missed,
                coalesce((select jsonb_agg(jsonb_build_object('agent', r.agent_id, 'at', r.at)) from refusals r
                    where r.site_id = c.site_id and r.conversation_id = c.id), '[]') as refused
            from conversations c
            where c.state = 'waiting' ",
            $rest
        )
    };
}

/// Everybody in line, in order of arrival; the rank is computed by `queue::rank`.
pub async fn waiting(db: &PgPool, limit: i64) -> sqlx::Result<Vec<Waiting>> {
    let rows: Vec<InLine> =
        sqlx::query_as(in_line!("order by c.queued_at, c.id limit $1")).bind(limit).fetch_all(db).await?;
    Ok(rows.into_iter().map(Waiting::from).collect())
}

pub async fn waiting_one(db: &PgPool, conversation: ConversationId) -> sqlx::Result<Option<Waiting>> {
    let row: Option<InLine> = sqlx::query_as(in_line!("and c.id = $1")).bind(conversation).fetch_optional(db).await?;
    Ok(row.map(Waiting::from))
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
                coalesce(sum(chat_load(s.settings, case when c.reserved_for = a.id then null else coalesce(c.shopper_at, c.assigned_at) end, $1)), 0) as load,
                coalesce(array_agg(c.assigned_at) filter (where c.state = 'active' and c.seat is not null and c.assignee_id = a.id and c.assigned_at is not null), '{}')
                    as busy_since
            from conversations c
            join sites s on s.id = c.site_id
            where (c.assignee_id = a.id and c.state = 'active' and c.seat is not null) or c.reserved_for = a.id
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
                where c.site_id = t.site_id and c.team_id = t.id and (c.state = 'active' and c.seat is not null or c.reserved_for is not null))
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
        where c.state = 'active' and c.seat is not null
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
        where c.state = 'active' and c.seat is not null
            and coalesce((s.settings->'routing'->>'idle_close_s')::float8, $2) > 0
            and c.last_at < $1 - make_interval(secs => coalesce((s.settings->'routing'->>'idle_close_s')::float8, $2))
        limit 200",
    )
    .bind(now)
    .bind(f64::from(Routing::default().idle_close_s))
    .fetch_all(db)
    .await
}
