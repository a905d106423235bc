//! Tickets.

use crate::domain::event::Event;
use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId};
use crate::domain::people::Role;
use crate::domain::ticket::{Status, Ticket, subject};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

pub struct NewTicket<'a> {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub subject: &'a str,
    pub email: &'a str,
    pub name: &'a str,
}

/// Makes a ticket and gives its number.
pub async fn add(tx: &mut PgConnection, ticket: &NewTicket<'_>, now: DateTime<Utc>) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "insert into tickets (site_id, conversation_id, subject, email, name, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $6)
        returning number",
    )
    .bind(ticket.site)
    .bind(ticket.conversation)
    .bind(ticket.subject)
    .bind(ticket.email)
    .bind(ticket.name)
    .bind(now)
    .fetch_one(tx)
    .await
}

/// A subject is the beginning of the message that it was made of: taken back with it.
pub async fn forget_subject(tx: &mut PgConnection, taken_back: &Event) -> sqlx::Result<()> {
    let file = || taken_back.files().first().map(|file| format!("📎 {}", file.name));
    let text = taken_back.body.clone().filter(|body| !body.is_empty()).or_else(file);
    let Some(text) = text else { return Ok(()) };
    sqlx::query(
        "update tickets set subject = 'Message taken back'
        where site_id = $1 and conversation_id = $2 and subject = $3",
    )
    .bind(taken_back.site)
    .bind(taken_back.conversation)
    .bind(subject(&text))
    .execute(tx)
    .await?;
    Ok(())
}

const COLUMNS_BY_CONVERSATION: &str =
    "select site_id, number, conversation_id, subject, email, name, status, created_at, updated_at
    from tickets where site_id = $1 and conversation_id = $2";

pub async fn by_conversation(
    tx: &mut PgConnection,
    site: SiteId,
    conversation: ConversationId,
) -> sqlx::Result<Option<Ticket>> {
    sqlx::query_as(COLUMNS_BY_CONVERSATION).bind(site).bind(conversation).fetch_optional(tx).await
}

/// A ticket this agent may see: of a site they work for; an admin sees all.
pub async fn by_number(db: &PgPool, agent: AgentId, role: Role, number: i64) -> sqlx::Result<Option<Ticket>> {
    sqlx::query_as(
        "select t.site_id, t.number, t.conversation_id, t.subject, t.email, t.name, t.status, t.created_at, t.updated_at
        from tickets t
        where t.number = $1
            and ($3 = 'admin' or exists (select from team_members m where m.agent_id = $2 and m.site_id = t.site_id))",
    )
    .bind(number)
    .bind(agent)
    .bind(role.as_str())
    .fetch_optional(db)
    .await
}

/// The newest tickets of these contacts, as far as this agent may see them.
pub async fn of_contacts(
    db: &PgPool,
    (agent, role): (AgentId, Role),
    (site, contacts): (SiteId, &[ShopperId]),
) -> sqlx::Result<Vec<Ticket>> {
    sqlx::query_as(
        "select t.site_id, t.number, t.conversation_id, t.subject, t.email, t.name, t.status, t.created_at, t.updated_at
        from conversations c join tickets t on t.site_id = c.site_id and t.conversation_id = c.id
        where c.site_id = $3 and c.shopper_id = any($4)
            and ($1 = 'admin' or exists (select from team_members m where m.agent_id = $2 and m.site_id = t.site_id))
        order by t.updated_at desc, t.number desc
        limit 10",
    )
    .bind(role.as_str())
    .bind(agent)
    .bind(site)
    .bind(contacts)
    .fetch_all(db)
    .await
}

/// One page of tickets of the sites an agent works for, last touched first, before the given moment.
pub async fn page(
    db: &PgPool,
    (agent, role): (AgentId, Role),
    status: Option<Status>,
    before: Option<DateTime<Utc>>,
    limit: i64,
) -> sqlx::Result<Vec<Ticket>> {
    sqlx::query_as(
        "select t.site_id, t.number, t.conversation_id, t.subject, t.email, t.name, t.status, t.created_at, t.updated_at
        from tickets t
        where ($1 = 'admin' or exists (select from team_members m where m.agent_id = $2 and m.site_id = t.site_id))
            and ($3::text is null or t.status = $3)
            and ($4::timestamptz is null or t.updated_at < $4)
        order by t.updated_at desc, t.number desc
        limit $5",
    )
    .bind(role.as_str())
    .bind(agent)
    .bind(status.map(Status::as_str))
    .bind(before)
    .bind(limit)
    .fetch_all(db)
    .await
}

pub async fn set_status(
    tx: &mut PgConnection,
    site: SiteId,
    number: i64,
    status: Status,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("update tickets set status = $3, updated_at = $4 where site_id = $1 and number = $2")
        .bind(site)
        .bind(number)
        .bind(status.as_str())
        .bind(now)
        .execute(tx)
        .await?;
    Ok(())
}
