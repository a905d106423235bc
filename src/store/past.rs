//! What happened in a shop's line, read back for a replay: from one moment's view of the database, and never written.

use super::Db;
use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId, TeamId};
use crate::domain::line::{Candidate, Membership};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{Postgres, Transaction};

/// Conversations read at a time.
const PAGE: i64 = 5_000;

pub struct Past {
    tx: Transaction<'static, Postgres>,
    site: SiteId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// The last arrival that was read.
    cursor: Option<(DateTime<Utc>, ConversationId)>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Came {
    pub id: ConversationId,
    pub shopper_id: ShopperId,
    pub team_id: Option<TeamId>,
    pub priority: i16,
    pub queued_at: DateTime<Utc>,
    pub locale: String,
    pub previous_agent_id: Option<AgentId>,
    pub required_skills: Vec<String>,
    pub preferred_skills: Vec<String>,
    pub assignee_id: Option<AgentId>,
    pub assigned_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub is_ticket: bool,
    pub has_address: bool,
    /// What the chat began with: answers, the team the shopper asked for, what the browser reported.
    pub opened: Option<Json<Value>>,
    pub attributes: Json<Value>,
    pub is_verified: bool,
}

/// A change of who is on duty.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DutyRow {
    pub agent_id: AgentId,
    pub at: DateTime<Utc>,
    pub is_here: bool,
    pub status: String,
}

/// One agent's assignments of one day.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Worked {
    pub agent_id: AgentId,
    pub day: NaiveDate,
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Staff {
    id: AgentId,
    name: String,
    capacity: i16,
    languages: Vec<String>,
    memberships: Json<Vec<Membership>>,
}

impl Past {
    /// From one moment to another, the second left out.
    pub async fn open(db: &Db, site: SiteId, from: DateTime<Utc>, to: DateTime<Utc>) -> sqlx::Result<Self> {
        let tx = db.read.begin_with("begin transaction isolation level repeatable read, read only").await?;
        Ok(Self { tx, site, from, to, cursor: None })
    }

    /// The next of those who came, in order; none at the end.
    pub async fn arrivals(&mut self) -> sqlx::Result<Vec<Came>> {
        let (after, id) = self.cursor.unwrap_or((self.from, ConversationId(uuid::Uuid::nil())));
        let came: Vec<Came> = sqlx::query_as(
            "select c.id, c.shopper_id, c.team_id, c.priority, c.queued_at, c.locale, c.previous_agent_id, c.required_skills,
                c.preferred_skills, c.assignee_id, c.assigned_at, c.closed_at, c.state = 'ticketed' as is_ticket,
                coalesce(p.email, c.place_email) is not null as has_address,
                e.data as opened, p.attributes, p.verified as is_verified
            from conversations c
            join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
            left join events e on e.site_id = c.site_id and e.conversation_id = c.id and e.seq = 1
            where c.site_id = $1 and c.queued_at < $2 and (c.queued_at, c.id) > ($3, $4)
            order by c.queued_at, c.id
            limit $5",
        )
        .bind(self.site)
        .bind(self.to)
        .bind(after)
        .bind(id)
        .bind(PAGE)
        .fetch_all(&mut *self.tx)
        .await?;
        self.cursor = came.last().map(|last| (last.queued_at, last.id)).or(self.cursor);
        Ok(came)
    }

    /// Everybody who works for the shop; nobody is here yet.
    pub async fn staff(&mut self) -> sqlx::Result<Vec<Candidate>> {
        let rows: Vec<Staff> = sqlx::query_as(
            "select a.id, a.name, a.capacity, a.languages,
                jsonb_agg(jsonb_build_object('site', m.site_id, 'team', m.team_id, 'skills', m.skills)) as memberships
            from agents a
            join team_members m on m.agent_id = a.id and m.site_id = $1
            group by a.id
            order by a.id",
        )
        .bind(self.site)
        .fetch_all(&mut *self.tx)
        .await?;
        let candidate = |row: Staff| Candidate {
            id: row.id,
            name: row.name,
            capacity: row.capacity,
            load: 0,
            chats: 0,
            last_assigned_at: None,
            languages: row.languages,
            memberships: row.memberships.0,
            busy_since: Vec::new(),
        };
        Ok(rows.into_iter().map(candidate).collect())
    }

    /// In order of time; first how everybody stood at the beginning.
    pub async fn duty(&mut self) -> sqlx::Result<Vec<DutyRow>> {
        sqlx::query_as(
            "select agent_id, at, is_here, status from (
                (select distinct on (d.agent_id) d.agent_id, d.at, d.is_here, d.status, d.n
                from duty d
                where d.at < $2 and d.at >= $2 - interval '1 day'
                    and exists (select from team_members m where m.site_id = $1 and m.agent_id = d.agent_id)
                order by d.agent_id, d.at desc, d.n desc)
                union all
                select d.agent_id, d.at, d.is_here, d.status, d.n
                from duty d
                where d.at >= $2 and d.at < $3
                    and exists (select from team_members m where m.site_id = $1 and m.agent_id = d.agent_id)
            ) rows
            order by at, n",
        )
        .bind(self.site)
        .bind(self.from)
        .bind(self.to)
        .fetch_all(&mut *self.tx)
        .await
    }

    /// Each agent's first and last assignment of each day (UTC).
    pub async fn worked(&mut self) -> sqlx::Result<Vec<Worked>> {
        sqlx::query_as(
            "select assignee_id as agent_id, (assigned_at at time zone 'UTC')::date as day,
                min(assigned_at) as first, max(assigned_at) as last
            from conversations
            where site_id = $1 and queued_at >= $2 and queued_at < $3 and assignee_id is not null and assigned_at is not null
            group by 1, 2
            order by first",
        )
        .bind(self.site)
        .bind(self.from)
        .bind(self.to)
        .fetch_all(&mut *self.tx)
        .await
    }
}
