//! Conversations: opening, the moves that change more than the log, and what is read of them.

mod lists;
mod moves;
mod opening;
mod recall;
mod reopening;
mod writing_first;

pub use lists::{Listing, Narrow, Order, Shelf, Summary, active_of, listed, of_contacts, summary};
pub use moves::{Effect, Move, Moved, apply, ask_transcript};
pub(in crate::store) use moves::{back_to_queue, decided, set_closed};
pub use opening::{Opened, Opening, Ticketing, open, stored_before};
pub use recall::RecallRule;
pub use reopening::{Reopening, reopen};
pub use writing_first::{WroteFirst, write_first, written_before};

use crate::domain::conversation::State;
use crate::domain::id::{AgentId, ConversationId, EventId, ShopperId, SiteId};
use crate::store::events;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// A shopper's conversation at a glance.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Glance {
    pub id: ConversationId,
    pub state: State,
    pub shopper_seq: i64,
    pub score: Option<i16>,
}

/// The open conversation of a shopper, or else the latest one.
pub async fn latest(db: &PgPool, site: SiteId, shopper: ShopperId) -> sqlx::Result<Option<Glance>> {
    sqlx::query_as(
        "select id, state, shopper_seq, score from conversations
        where site_id = $1 and shopper_id = $2
        order by (kind = 'support' and state in ('waiting', 'active')) desc, opened_at desc
        limit 1",
    )
    .bind(site)
    .bind(shopper)
    .fetch_optional(db)
    .await
}

/// Since when the shopper's open conversation is open.
pub async fn open_since(db: &PgPool, site: SiteId, shopper: ShopperId) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar(
        "select opened_at from conversations
        where site_id = $1 and shopper_id = $2 and kind = 'support' and state in ('waiting', 'active')
        order by opened_at desc
        limit 1",
    )
    .bind(site)
    .bind(shopper)
    .fetch_optional(db)
    .await
}

/// How far the desk has read, and how far the log has come there, in the shopper's numbering.
pub async fn marks_of_staff(db: &PgPool, site: SiteId, id: ConversationId) -> sqlx::Result<Option<(i64, i64)>> {
    sqlx::query_as(
        "select
            coalesce((select max(e.shopper_seq) from events e
                where e.site_id = c.site_id and e.conversation_id = c.id and e.seq <= c.staff_read), 0),
            c.staff_got
        from conversations c
        where c.site_id = $1 and c.id = $2",
    )
    .bind(site)
    .bind(id)
    .fetch_optional(db)
    .await
}

#[derive(sqlx::FromRow)]
pub struct Got {
    pub id: ConversationId,
    pub shopper_id: ShopperId,
    pub shopper_seq: i64,
}

/// Everything in an agent's chats has come to them: those where that is news. What somebody writes to this moment is left
/// for the next time: the writer locks several chats at once, and nobody may wait for it while holding one.
pub async fn set_got(db: &PgPool, agent: AgentId) -> sqlx::Result<Vec<Got>> {
    sqlx::query_as(
        "update conversations c set staff_got = c.shopper_seq
        from (select id from conversations
            where assignee_id = $1 and state = 'active' and staff_got < shopper_seq
            for no key update skip locked) fresh
        where c.id = fresh.id
        returning c.id, c.shopper_id, c.shopper_seq",
    )
    .bind(agent)
    .fetch_all(db)
    .await
}

/// Whether this conversation is this shopper's.
pub async fn belongs_to(db: &PgPool, site: SiteId, id: ConversationId, shopper: ShopperId) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from conversations where site_id = $1 and id = $2 and shopper_id = $3)")
        .bind(site)
        .bind(id)
        .bind(shopper)
        .fetch_one(db)
        .await
}

/// Whether this shopper has more than one conversation.
pub async fn has_past(db: &PgPool, site: SiteId, shopper: ShopperId) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from conversations where site_id = $1 and shopper_id = $2 offset 1)")
        .bind(site)
        .bind(shopper)
        .fetch_one(db)
        .await
}

/// The answers that a message offers to choose from.
pub async fn replies_of(
    db: &PgPool,
    (site, id): (SiteId, ConversationId),
    event: EventId,
) -> sqlx::Result<Vec<String>> {
    let mut connection = db.acquire().await?;
    Ok(events::get(&mut connection, site, id, event).await?.map(|event| event.replies()).unwrap_or_default())
}

/// Moves the read mark of staff forward; answers whether it moved.
pub async fn set_read(db: &PgPool, (site, id): (SiteId, ConversationId), upto: i64) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update conversations set staff_read = least($3, last_seq)
        where site_id = $1 and id = $2 and staff_read < least($3, last_seq)",
    )
    .bind(site)
    .bind(id)
    .bind(upto)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The other side's number for a number: the newest event at or before it that both see.
pub async fn translate_seq(
    db: &PgPool,
    (site, id): (SiteId, ConversationId),
    from_staff: bool,
    seq: i64,
) -> sqlx::Result<Option<i64>> {
    let statement = if from_staff {
        "select max(shopper_seq) from events where site_id = $1 and conversation_id = $2 and seq <= $3"
    } else {
        "select max(seq) from events where site_id = $1 and conversation_id = $2 and shopper_seq <= $3"
    };
    sqlx::query_scalar(statement).bind(site).bind(id).bind(seq).fetch_one(db).await
}

/// Keeps what an agent typed; an empty body forgets it.
pub async fn set_draft(
    db: &PgPool,
    agent: AgentId,
    (site, conversation): (SiteId, ConversationId),
    (body, note): (&str, bool),
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "with gone as (delete from drafts where agent_id = $1 and conversation_id = $3 and $4 = '')
        insert into drafts (agent_id, site_id, conversation_id, body, note, at)
        select $1, $2, $3, $4, $5, $6 where $4 <> ''
        on conflict (agent_id, conversation_id) do update set body = $4, note = $5, at = $6",
    )
    .bind(agent)
    .bind(site)
    .bind(conversation)
    .bind(body)
    .bind(note)
    .bind(at)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn draft(db: &PgPool, agent: AgentId, conversation: ConversationId) -> sqlx::Result<Option<(String, bool)>> {
    sqlx::query_as("select body, note from drafts where agent_id = $1 and conversation_id = $2")
        .bind(agent)
        .bind(conversation)
        .fetch_optional(db)
        .await
}

/// The text a conversation began with.
pub async fn first_message(db: &PgPool, site: SiteId, id: ConversationId) -> sqlx::Result<Option<String>> {
    let body: Option<Option<String>> = sqlx::query_scalar(
        "select coalesce(nullif(body, ''), case when body is not null then '📎 ' || (data->'files'->0->>'name') end)
        from events where site_id = $1 and conversation_id = $2 and kind = 'message' order by seq limit 1",
    )
    .bind(site)
    .bind(id)
    .fetch_optional(db)
    .await?;
    Ok(body.flatten())
}

/// The number of the ticket a conversation became.
pub async fn ticket_number(db: &PgPool, site: SiteId, id: ConversationId) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar("select number from tickets where site_id = $1 and conversation_id = $2")
        .bind(site)
        .bind(id)
        .fetch_optional(db)
        .await
}
