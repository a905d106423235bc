//! Which pages of the console somebody has in sight. For calling those who look at none; nothing else is decided by it.

use crate::domain::id::{AgentId, ConnectionId};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// This page is in sight until then, unless it says so again.
pub async fn seen(db: &PgPool, agent: AgentId, connection: ConnectionId, until: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into agent_views (connection, agent_id, until) values ($1, $2, $3)
        on conflict (connection) do update set until = excluded.until",
    )
    .bind(connection)
    .bind(agent)
    .bind(until)
    .execute(db)
    .await?;
    Ok(())
}

/// It is out of sight from then on.
pub async fn hidden(db: &PgPool, connection: ConnectionId, from: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update agent_views set until = least(until, $2) where connection = $1")
        .bind(connection)
        .bind(from)
        .execute(db)
        .await?;
    Ok(())
}

/// Forgets pages that went long ago.
pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("delete from agent_views where until < $1 - interval '1 hour'").bind(now).execute(db).await?;
    Ok(())
}
