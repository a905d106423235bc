//! Conversations with their people, as lists and the agents' sockets show them.

use crate::domain::conversation::State;
use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId, TagId, TeamId};
use crate::domain::people::Role;
use crate::store::customers::Place;
use crate::store::sight::visible;
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
    pub shopper_got: i64,
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
    /// It sleeps until then.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Whether the shopper wrote last and staff has not read it.
    pub is_unread: bool,
}

macro_rules! summaries {
    ($rest:literal) => {
        concat!(
            "select c.site_id, c.id, c.kind, c.state, s.name as site_name, c.shopper_id, p.name as shopper_name,
                p.email as shopper_email, p.verified as shopper_verified, c.locale, c.team_id, t.name as team_name,
                c.assignee_id, a.name as assignee_name, c.gen, c.last_seq, c.shopper_seq, c.shopper_read, c.shopper_got, c.staff_read,
                c.last_message, c.last_by, c.last_at, c.queued_at, c.opened_at, c.closed_at, c.score, k.number as ticket_number,
                c.priority, c.answered_at, c.unanswered_since, c.snoozed_until,
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

/// How a list is narrowed; nothing given narrows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrow {
    pub tag: Option<TagId>,
    pub team: Option<TeamId>,
    pub site: Option<SiteId>,
    pub is_unread: bool,
    pub is_unassigned: bool,
}

/// A list as the console shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    Mine,
    Waiting,
    Snoozed,
    All,
    Closed,
}

/// By which of its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As the list is by itself.
    Own,
    Oldest,
    Newest,
    Priority,
    /// By a clock that is not the database's: of all, those that have one.
    Due,
}

impl Order {
    fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Oldest => "oldest",
            Self::Newest => "newest",
            Self::Priority => "priority",
            Self::Due => "due",
        }
    }
}

/// Of so many, the first, a list is sorted otherwise than it is by itself.
const SORTED: i64 = 1_000;

macro_rules! shelf {
    ($which:literal, $first:literal, $own:literal) => {
        concat!(
            "select * from (",
            summaries!(""),
            "where ($2 = 'admin' or c.assignee_id = $1 or exists (select from team_members m
                    where m.agent_id = $1 and m.site_id = c.site_id
                        and ($2 = 'supervisor' or c.team_id is null or c.team_id = m.team_id)))
                and ",
            $which,
            "   and ($3::uuid is null or exists (select from conversation_tags g
                    where g.site_id = c.site_id and g.conversation_id = c.id and g.tag_id = $3))
                and ($4::uuid is null or c.team_id = $4) and ($5::uuid is null or c.site_id = $5)
                and (not $6 or c.state in ('waiting', 'active') and c.last_by = 'shopper' and exists (select from events e
                    where e.site_id = c.site_id and e.conversation_id = c.id and e.seq > c.staff_read
                        and e.kind = 'message' and e.author = 'shopper' and e.body is not null))
                and (not $7 or c.state = 'waiting' or c.assignee_id is null)
                and ($8::timestamptz is null or c.opened_at < $8)
            order by ",
            $first,
            " limit $11) listed
            order by case when $9 = 'priority' then listed.priority end desc,
                case when $9 in ('oldest', 'priority', 'due') then listed.last_at end,
                case when $9 = 'newest' then listed.last_at end desc,
                ",
            $own,
            "
            limit $10"
        )
    };
}

pub struct Listing {
    pub shelf: Shelf,
    pub narrow: Narrow,
    pub order: Order,
    /// Only what was opened before.
    pub before: Option<DateTime<Utc>>,
    pub limit: i64,
}

/// A list of what this agent may see.
pub async fn listed(db: &PgPool, (agent, role): (AgentId, Role), list: &Listing) -> sqlx::Result<Vec<Summary>> {
    let statement = match list.shelf {
        Shelf::Mine => {
            shelf!(
                "c.assignee_id = $1 and c.state = 'active' and c.seat is not null",
                "c.last_at desc",
                "listed.last_at desc, listed.id"
            )
        }
        Shelf::Waiting => shelf!(
            "c.state = 'waiting'",
            "c.priority desc, c.queued_at, c.id",
            "listed.priority desc, listed.queued_at, listed.id"
        ),
        Shelf::Snoozed => {
            shelf!(
                "c.assignee_id = $1 and c.snoozed_until is not null",
                "c.snoozed_until",
                "listed.snoozed_until, listed.id"
            )
        }
        Shelf::All if list.order == Order::Due => {
            shelf!("c.state in ('waiting', 'active')", "c.last_at, c.id", "listed.opened_at desc, listed.id desc")
        }
        Shelf::All => shelf!("true", "c.opened_at desc, c.id desc", "listed.opened_at desc, listed.id desc"),
        Shelf::Closed => {
            shelf!("c.state = 'closed'", "c.opened_at desc, c.id desc", "listed.opened_at desc, listed.id desc")
        }
    };
    sqlx::query_as(statement)
        .bind(agent)
        .bind(role.as_str())
        .bind(list.narrow.tag)
        .bind(list.narrow.team)
        .bind(list.narrow.site)
        .bind(list.narrow.is_unread)
        .bind(list.narrow.is_unassigned)
        .bind(list.before)
        .bind(list.order.as_str())
        .bind(list.limit)
        .bind(if list.order == Order::Own { list.limit } else { SORTED })
        .fetch_all(db)
        .await
}

/// Conversations of these contacts that this agent may see, newest first, behind the given place.
pub async fn of_contacts(
    db: &PgPool,
    (agent, role): (AgentId, Role),
    (site, contacts): (SiteId, &[ShopperId]),
    after: Option<Place>,
    limit: i64,
) -> sqlx::Result<Vec<Summary>> {
    sqlx::query_as(concat!(
        summaries!(""),
        "where c.site_id = $3 and c.shopper_id = any($4) and ($5::timestamptz is null or (c.opened_at, c.id) < ($5, $6)) and ",
        visible!("c"),
        " order by c.opened_at desc, c.id desc limit $7"
    ))
    .bind(agent)
    .bind(role.as_str())
    .bind(site)
    .bind(contacts)
    .bind(after.map(|after| after.at))
    .bind(after.map(|after| after.id))
    .bind(limit)
    .fetch_all(db)
    .await
}
