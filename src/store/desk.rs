//! What the frame of every staff page counts.

use super::sight::{may_open, rooms_of};
use crate::domain::conversation::State;
use crate::domain::id::{AgentId, ConversationId};
use crate::domain::people::Role;
use serde::Serialize;
use sqlx::PgPool;

/// The numbers beside the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Counts {
    /// Chats this agent has.
    pub mine: i64,
    /// Of these, how many wait for an answer nobody has read up to.
    pub unread: i64,
    /// Chats in line that this agent may take.
    pub waiting: i64,
    /// Rooms of the staff with something that they have not read, and chats where a note calls them.
    pub rooms: i64,
}

pub async fn counts(db: &PgPool, agent: AgentId, role: Role) -> sqlx::Result<Counts> {
    sqlx::query_as(concat!(
        "select
            (select count(*) from conversations c where c.assignee_id = $1 and c.state = 'active' and c.seat is not null) as mine,
            (select count(*) from conversations c
                where c.assignee_id = $1 and c.state = 'active' and c.seat is not null and c.last_by = 'shopper' and exists (select from events e
                    where e.site_id = c.site_id and e.conversation_id = c.id and e.seq > c.staff_read
                        and e.kind = 'message' and e.author = 'shopper' and e.body is not null)) as unread,
            (select count(*) from conversations c
                where c.state = 'waiting'
                    and ($2 = 'admin' or exists (select from team_members m where m.agent_id = $1 and m.site_id = c.site_id
                        and ($2 = 'supervisor' or c.team_id is null or c.team_id = m.team_id)))) as waiting,
            (select count(*) from ",
        rooms_of!(),
        " mine
                left join room_reads r on r.agent_id = $1 and r.conversation_id = mine.id
                where mine.last_seq > coalesce(r.upto, 0))
            + (select count(distinct n.conversation_id) from mentions n
                join conversations c on c.site_id = n.site_id and c.id = n.conversation_id and c.kind in ('support', 'ticket')
                join events e on e.site_id = n.site_id and e.conversation_id = n.conversation_id and e.seq = n.seq
                where n.agent_id = $1 and n.seen_at is null and e.body is not null and ",
        may_open!("$1", "$2"),
        ") as rooms",
    ))
    .bind(agent)
    .bind(role.as_str())
    .fetch_one(db)
    .await
}

/// A chat of theirs in which a shopper wrote what they have not read, with the newest of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Unread {
    pub id: ConversationId,
    pub seq: i64,
    pub name: String,
    /// Its beginning; empty where it is a file alone.
    pub text: String,
}

pub async fn unread(db: &PgPool, agent: AgentId) -> sqlx::Result<Vec<Unread>> {
    sqlx::query_as(
        "select c.id, e.seq, p.name, left(e.body, 200) as text
        from conversations c
        join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        cross join lateral (select e.seq, e.body from events e
            where e.site_id = c.site_id and e.conversation_id = c.id and e.seq > c.staff_read
                and e.kind = 'message' and e.author = 'shopper' and e.body is not null
            order by e.seq desc limit 1) e
        where c.assignee_id = $1 and c.state = 'active' and c.seat is not null and c.last_by = 'shopper'
        order by c.last_at desc
        limit 100",
    )
    .bind(agent)
    .fetch_all(db)
    .await
}

/// How many chats of theirs sleep.
pub async fn asleep(db: &PgPool, agent: AgentId) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from conversations where assignee_id = $1 and state = 'active' and snoozed_until is not null",
    )
    .bind(agent)
    .fetch_one(db)
    .await
}

/// An open conversation that was found by its shopper's name or address.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Found {
    pub id: ConversationId,
    pub name: String,
    pub email: Option<String>,
    pub state: State,
}

/// Open conversations that this agent may see, of shoppers whose name or address holds the text; their own first. Without a
/// text their own alone.
pub async fn find(db: &PgPool, (agent, role): (AgentId, Role), text: &str, most: usize) -> sqlx::Result<Vec<Found>> {
    sqlx::query_as(
        "select c.id, p.name, p.email, c.state
        from conversations c
        join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        where c.state in ('waiting', 'active')
            and ($2 = 'admin' or c.assignee_id = $1 or exists (select from team_members m
                where m.agent_id = $1 and m.site_id = c.site_id
                    and ($2 = 'supervisor' or c.team_id is null or c.team_id = m.team_id)))
            and (c.assignee_id = $1 or $3 <> '')
            and (strpos(lower(p.name), lower($3)) > 0 or strpos(lower(coalesce(p.email, '')), lower($3)) > 0)
        order by c.assignee_id is not distinct from $1 desc, c.last_at desc, c.id
        limit $4",
    )
    .bind(agent)
    .bind(role.as_str())
    .bind(text)
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(db)
    .await
}

/// Staff of the shops that this one works for, by name, and whether they can be written to: whoever is in no team has no shop
/// to talk in.
pub async fn find_staff(
    db: &PgPool,
    (agent, role): (AgentId, Role),
    text: &str,
    most: usize,
) -> sqlx::Result<Vec<(AgentId, String, bool)>> {
    sqlx::query_as(
        "select a.id, a.name,
            a.id <> $1 and (a.role = 'admin' or exists (select from team_members m where m.agent_id = a.id))
        from agents a
        where a.disabled_at is null and strpos(lower(a.name), lower($3)) > 0
            and ($2 = 'admin' or exists (select from team_members mine
                join team_members theirs on theirs.site_id = mine.site_id
                where mine.agent_id = $1 and theirs.agent_id = a.id))
        order by a.name, a.id
        limit $4",
    )
    .bind(agent)
    .bind(role.as_str())
    .bind(text)
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .fetch_all(db)
    .await
}
