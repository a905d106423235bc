//! Conversations with their people, as lists and the agents' sockets show them.

use crate::domain::conversation::State;
use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId, TeamId};
use crate::domain::people::Role;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// A conversation with its people, as the console and the agent's socket show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Summary {
    pub site_id: SiteId,
    pub id: ConversationId,
    pub kind: String,
    pub state: State,
    pub site_name: String,
    pub shopper_id: ShopperId,
    pub shopper_name: String,
    pub shopper_email: Option<String>,
    pub shopper_verified: bool,
    pub locale: String,
    pub team_id: Option<TeamId>,
    pub team_name: Option<String>,
    pub assignee_id: Option<AgentId>,
    pub assignee_name: Option<String>,
    #[sqlx(rename = "gen")]
    pub generation: i32,
    pub last_seq: i64,
    pub shopper_seq: i64,
    pub shopper_read: i64,
    pub staff_read: i64,
    pub last_message: String,
    pub last_by: String,
    pub last_at: DateTime<Utc>,
    pub queued_at: Option<DateTime<Utc>>,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub score: Option<i16>,
    pub priority: i16,
    pub answered_at: Option<DateTime<Utc>>,
    pub unanswered_since: Option<DateTime<Utc>>,
    pub ticket_number: Option<i64>,
    /// Whether the shopper wrote last and staff has not read it.
    pub is_unread: bool,
}

macro_rules! summaries {
    ($rest:literal) => {
        concat!(
            "select c.site_id, c.id, c.kind, c.state, s.name as site_name, c.shopper_id, p.name as shopper_name,
                p.email as shopper_email, p.verified as shopper_verified, c.locale, c.team_id, t.name as team_name,
                c.assignee_id, a.name as assignee_name, c.gen, c.last_seq, c.shopper_seq, c.shopper_read, c.staff_read,
                c.last_message, c.last_by, c.last_at, c.queued_at, c.opened_at, c.closed_at, c.score, k.number as ticket_number,
                c.priority, c.answered_at, c.unanswered_since,
                c.state in ('waiting', 'active') and c.last_by = 'shopper' and exists (select from events e
                    where e.site_id = c.site_id and e.conversation_id = c.id and e.seq > c.staff_read
                        and e.kind = 'message' and e.author = 'shopper' and e.body is not null) as is_unread
            from conversations c
            join sites s on s.id = c.site_id
            join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
            left join teams t on t.site_id = c.site_id and t.id = c.team_id
            left join agents a on a.id = c.assignee_id
            left join tickets k on k.site_id = c.site_id and k.conversation_id = c.id ",
            $rest
        )
    };
}

pub async fn summary(db: &PgPool, id: ConversationId) -> sqlx::Result<Option<Summary>> {
    sqlx::query_as(summaries!("where c.id = $1")).bind(id).fetch_optional(db).await
}

/// The chats an agent has now, longest-waiting message first.
pub async fn active_of(db: &PgPool, agent: AgentId) -> sqlx::Result<Vec<Summary>> {
    sqlx::query_as(summaries!("where c.assignee_id = $1 and c.state = 'active' order by c.last_at desc, c.id"))
        .bind(agent)
        .fetch_all(db)
        .await
}

/// The chats that wait and this agent may take, in order of arrival.
pub async fn waiting_for(db: &PgPool, agent: AgentId, role: Role, limit: i64) -> sqlx::Result<Vec<Summary>> {
    sqlx::query_as(summaries!(
        "where c.state = 'waiting'
            and ($2 = 'admin' or exists (select from team_members m where m.agent_id = $1 and m.site_id = c.site_id
                and ($2 = 'supervisor' or c.team_id is null or c.team_id = m.team_id)))
        order by c.priority desc, c.queued_at, c.id
        limit $3"
    ))
    .bind(agent)
    .bind(role.as_str())
    .bind(limit)
    .fetch_all(db)
    .await
}

/// All, or all closed, conversations an agent may see: newest opening first, before the given one.
pub async fn history_for(
    db: &PgPool,
    (agent, role): (AgentId, Role),
    only_closed: bool,
    before: Option<DateTime<Utc>>,
    limit: i64,
) -> sqlx::Result<Vec<Summary>> {
    sqlx::query_as(summaries!(
        "where ($2 = 'admin' or c.assignee_id = $1 or exists (select from team_members m where m.agent_id = $1 and m.site_id = c.site_id
                and ($2 = 'supervisor' or c.team_id is null or c.team_id = m.team_id)))
            and (not $3 or c.state = 'closed')
            and ($4::timestamptz is null or c.opened_at < $4)
        order by c.opened_at desc, c.id desc
        limit $5"
    ))
    .bind(agent)
    .bind(role.as_str())
    .bind(only_closed)
    .bind(before)
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Earlier conversations of a shopper, newest first.
pub async fn past_of(
    db: &PgPool,
    site: SiteId,
    shopper: ShopperId,
    except: ConversationId,
) -> sqlx::Result<Vec<Summary>> {
    sqlx::query_as(summaries!(
        "where c.site_id = $1 and c.shopper_id = $2 and c.id <> $3 order by c.opened_at desc limit 10"
    ))
    .bind(site)
    .bind(shopper)
    .bind(except)
    .fetch_all(db)
    .await
}
