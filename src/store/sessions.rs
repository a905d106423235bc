//! Signed-in staff, and the tickets that open one socket each.

use crate::domain::id::{AgentId, ConversationId, SessionId, ShopperId, SiteId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    Console,
    Api,
}

impl SessionKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Api => "api",
        }
    }
}

/// `password_hash`: what their password was found right by; where it is another by now, nothing begins.
pub async fn begin(
    db: &PgPool,
    (id, agent): (SessionId, AgentId),
    (kind, password_hash): (SessionKind, Option<&str>),
    token_hash: &[u8],
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into sessions (id, agent_id, kind, token_hash, expires_at)
        select $1, id, $3, $4, $5 from agents
        where id = $2 and disabled_at is null and ($6::text is null or password_hash = $6)
        for share",
    )
    .bind(id)
    .bind(agent)
    .bind(kind.as_str())
    .bind(token_hash)
    .bind(expires_at)
    .bind(password_hash)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn by_token(
    db: &PgPool,
    kind: SessionKind,
    token_hash: &[u8],
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(SessionId, AgentId)>> {
    sqlx::query_as(
        "select s.id, s.agent_id from sessions s
        join agents a on a.id = s.agent_id and a.disabled_at is null
        where s.token_hash = $1 and s.kind = $2 and s.expires_at > $3",
    )
    .bind(token_hash)
    .bind(kind.as_str())
    .bind(now)
    .fetch_optional(db)
    .await
}

pub async fn is_alive(db: &PgPool, id: SessionId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from sessions s join agents a on a.id = s.agent_id and a.disabled_at is null
            where s.id = $1 and s.expires_at > $2)",
    )
    .bind(id)
    .bind(now)
    .fetch_one(db)
    .await
}

pub async fn end(db: &PgPool, id: SessionId) -> sqlx::Result<()> {
    sqlx::query("delete from sessions where id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// Who a ticket lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    Shopper(ShopperTicket),
    Agent(AgentTicket),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopperTicket {
    pub site: SiteId,
    pub shopper: ShopperId,
    /// The one conversation it is good for, where it came from a link.
    pub only: Option<ConversationId>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentTicket {
    pub agent: AgentId,
    pub session: SessionId,
}

pub async fn add_ticket(
    db: &PgPool,
    ticket_hash: &[u8],
    who: &Principal,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let (shopper, agent) = match who {
        Principal::Shopper(shopper) => (Some(Json(shopper)), None),
        Principal::Agent(agent) => (None, Some(Json(agent))),
    };
    sqlx::query("insert into socket_tickets (ticket_hash, shopper, agent, expires_at) values ($1, $2, $3, $4)")
        .bind(ticket_hash)
        .bind(shopper)
        .bind(agent)
        .bind(expires_at)
        .execute(db)
        .await?;
    Ok(())
}

type StoredTicket = (Option<Json<ShopperTicket>>, Option<Json<AgentTicket>>, DateTime<Utc>);

/// Uses a ticket up: it works once, on whichever node asks first.
pub async fn use_ticket(db: &PgPool, ticket_hash: &[u8], now: DateTime<Utc>) -> sqlx::Result<Option<Principal>> {
    let row: Option<StoredTicket> =
        sqlx::query_as("delete from socket_tickets where ticket_hash = $1 returning shopper, agent, expires_at")
            .bind(ticket_hash)
            .fetch_optional(db)
            .await?;
    Ok(row.filter(|(_, _, expires_at)| *expires_at > now).and_then(|(shopper, agent, _)| {
        shopper.map(|s| Principal::Shopper(s.0)).or(agent.map(|a| Principal::Agent(a.0)))
    }))
}

/// Removes what has expired: sessions, tickets and links.
pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("delete from socket_tickets where expires_at < $1").bind(now).execute(db).await?;
    sqlx::query("delete from sessions where expires_at < $1").bind(now).execute(db).await?;
    sqlx::query("delete from place_links where expires_at < $1").bind(now).execute(db).await?;
    Ok(())
}

/// Whatever lets somebody of the staff in beside their password. Gives the sessions.
pub async fn end_all(tx: &mut PgConnection, agent: AgentId) -> sqlx::Result<Vec<SessionId>> {
    sqlx::query("delete from socket_tickets where agent->>'agent' = $1::text").bind(agent).execute(&mut *tx).await?;
    sqlx::query_scalar("delete from sessions where agent_id = $1 returning id").bind(agent).fetch_all(tx).await
}
