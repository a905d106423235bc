//! What a supervisor sees at a glance. Every read is bounded: by the sites asked for, by today, by the chats that are open.

use crate::domain::id::{AgentId, SiteId, TeamId};
use crate::domain::people::{Role, Status};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Most people and teams on one wall.
const SHOWN_MAX: i64 = 500;

/// Who waits for one team of a site, or for none.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    pub site_id: SiteId,
    pub team_id: Option<TeamId>,
    pub waiting: i64,
    /// When the first of them came.
    pub oldest: DateTime<Utc>,
}

pub async fn lines(db: &PgPool, sites: &[SiteId]) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as(
        "select site_id, team_id, count(*) as waiting, min(queued_at) as oldest
        from conversations
        where state = 'waiting' and site_id = any($1)
        group by site_id, team_id",
    )
    .bind(sites)
    .fetch_all(db)
    .await
}

pub async fn chatting(db: &PgPool, sites: &[SiteId]) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from conversations where state = 'active' and site_id = any($1)")
        .bind(sites)
        .fetch_one(db)
        .await
}

/// A team, with the most chats it may have; 0 no limit, and those it has.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Team {
    pub site_id: SiteId,
    pub id: TeamId,
    pub name: String,
    pub chats_max: i64,
    pub chats: i64,
}

pub async fn teams(db: &PgPool, sites: &[SiteId]) -> sqlx::Result<Vec<Team>> {
    sqlx::query_as(
        "select t.site_id, t.id, t.name, coalesce((t.settings->>'chats_max')::bigint, 0) as chats_max, coalesce(open.chats, 0) as chats
        from teams t
        left join (select site_id, team_id, count(*) as chats from conversations
            where state = 'active' and site_id = any($1) group by site_id, team_id) open
            on open.site_id = t.site_id and open.team_id = t.id
        where t.site_id = any($1)
        order by t.name, t.id
        limit $2",
    )
    .bind(sites)
    .bind(SHOWN_MAX)
    .fetch_all(db)
    .await
}

/// One of the staff: what they chose, whether they are here, and what they carry.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Person {
    pub id: AgentId,
    pub name: String,
    pub role: Role,
    pub capacity: i16,
    pub available: bool,
    pub off_as: Status,
    pub reason: String,
    pub status_since: DateTime<Utc>,
    pub status_by: Option<String>,
    pub input_at: Option<DateTime<Utc>>,
    /// Until when their lease holds, or when it ended.
    pub lease: Option<DateTime<Utc>>,
    pub chats: i64,
    /// What these count, in hundredths.
    pub load: i64,
    /// Since when the one who waits longest for an answer waits, and where.
    pub unanswered: Option<DateTime<Utc>>,
    pub unanswered_at: Option<SiteId>,
    pub teams: Vec<TeamId>,
}

impl Person {
    pub fn status(&self) -> Status {
        Status::of(self.available, self.off_as)
    }

    pub fn is_here(&self, now: DateTime<Utc>) -> bool {
        self.lease.is_some_and(|until| until > now)
    }
}

macro_rules! people {
    ($rest:literal) => {
        concat!(
            "select a.id, a.name, a.role, a.capacity, a.available, a.off_as, a.status_reason as reason, a.status_since,
                b.name as status_by, a.input_at, l.expires_at as lease, carried.chats, carried.load, carried.unanswered,
                carried.unanswered_at,
                array(select m.team_id from team_members m where m.agent_id = a.id) as teams
            from agents a
            left join agents b on b.id = a.status_by
            left join agent_leases l on l.agent_id = a.id
            cross join lateral (
                select count(*) as chats, coalesce(sum(chat_load(s.settings, coalesce(c.shopper_at, c.assigned_at), $1)), 0)::bigint as load,
                    min(c.unanswered_since) as unanswered,
                    (array_agg(c.site_id order by c.unanswered_since))[1] as unanswered_at
                from conversations c
                join sites s on s.id = c.site_id
                where c.assignee_id = a.id and c.state = 'active' and c.seat is not null
            ) carried
            where a.disabled_at is null ",
            $rest
        )
    };
}

pub async fn people(db: &PgPool, sites: &[SiteId], now: DateTime<Utc>) -> sqlx::Result<Vec<Person>> {
    sqlx::query_as(people!(
        "and a.id in (select m.agent_id from team_members m where m.site_id = any($2))
        order by a.name, a.id
        limit $3"
    ))
    .bind(now)
    .bind(sites)
    .bind(SHOWN_MAX)
    .fetch_all(db)
    .await
}

pub async fn person(db: &PgPool, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<Option<Person>> {
    sqlx::query_as(people!("and a.id = $2")).bind(now).bind(agent).fetch_optional(db).await
}

/// What came of the conversations opened today.
#[derive(Clone, Copy, Debug, Default, PartialEq, sqlx::FromRow)]
pub struct Today {
    pub waited: i64,
    /// Ended by the shopper while nobody had them.
    pub abandoned: i64,
    pub answered: i64,
    /// Half, and nine of ten, were answered within so many seconds.
    pub half_s: Option<f64>,
    pub most_s: Option<f64>,
    pub rated: i64,
    /// With four or five of five.
    pub happy: i64,
}

/// `days`: when the day began, site by site.
pub async fn today(db: &PgPool, sites: &[SiteId], days: &[DateTime<Utc>]) -> sqlx::Result<Today> {
    sqlx::query_as(
        "with today as (
            select c.site_id, c.id, c.state, c.assignee_id, c.score, extract(epoch from c.answered_at - c.opened_at)::float8 as answer_s
            from unnest($1::uuid[], $2::timestamptz[]) as day (site_id, began)
            join conversations c on c.site_id = day.site_id and c.opened_at >= day.began
            where c.kind = 'support' and c.queued_at is not null
        )
        select count(*) as waited,
            count(*) filter (where state = 'closed' and assignee_id is null and exists (select from events e
                where e.site_id = today.site_id and e.conversation_id = today.id and e.kind = 'closed' and e.author = 'shopper'))
                as abandoned,
            count(answer_s) as answered,
            percentile_cont(0.5) within group (order by answer_s) as half_s,
            percentile_cont(0.9) within group (order by answer_s) as most_s,
            count(score) as rated, count(*) filter (where score >= 4) as happy
        from today",
    )
    .bind(sites)
    .bind(days)
    .fetch_one(db)
    .await
}
