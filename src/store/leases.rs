//! Agents' leases: one row an agent, kept alive by their sockets.

use crate::domain::id::{AgentId, ConnectionId, NodeId};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Renews the lease. Answers whether it had lapsed, so that the queue learns that the agent is here.
pub async fn renew(
    db: &PgPool,
    agent: AgentId,
    (node, connection): (NodeId, ConnectionId),
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "with before as (select expires_at from agent_leases where agent_id = $1)
        insert into agent_leases (agent_id, node, connection, since, expires_at) values ($1, $2, $3, $4, $5)
        on conflict (agent_id) do update
        set node = $2, connection = $3, expires_at = greatest(agent_leases.expires_at, $5),
            since = case when agent_leases.expires_at < $4 then $4 else agent_leases.since end
        returning coalesce((select expires_at < $4 from before), true)",
    )
    .bind(agent)
    .bind(node)
    .bind(connection)
    .bind(now)
    .bind(expires_at)
    .fetch_one(db)
    .await
}

/// Ends the lease now, if this node's connection holds it. Another connection of the agent renews it within a heartbeat.
pub async fn release(db: &PgPool, agent: AgentId, node: NodeId, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update agent_leases set expires_at = least(expires_at, $3) where agent_id = $1 and node = $2")
        .bind(agent)
        .bind(node)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// Ends the lease now, whoever holds it.
pub async fn end(db: &PgPool, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update agent_leases set expires_at = least(expires_at, $2) where agent_id = $1")
        .bind(agent)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether somebody has chats, and nobody is here.
pub async fn are_all_over(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from conversations where state = 'active')
            and not exists (select from agent_leases where expires_at > $1)",
    )
    .bind(now)
    .fetch_one(db)
    .await
}
