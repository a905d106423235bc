//! Who of the staff is named in which note, and whether they have looked at it since.

use crate::domain::event::Event;
use crate::domain::id::{AgentId, ConversationId};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Notes that these are named. Who was not yet, of this note.
pub async fn note(db: &PgPool, note: &Event, agents: &[AgentId]) -> sqlx::Result<Vec<AgentId>> {
    let agents: Vec<_> = agents.iter().map(|agent| agent.0).collect();
    sqlx::query_scalar(
        "insert into mentions (agent_id, site_id, conversation_id, seq, at)
        select agent, $2, $3, $4, $5 from unnest($1::uuid[]) as agent
        on conflict do nothing
        returning agent_id",
    )
    .bind(agents)
    .bind(note.site)
    .bind(note.conversation)
    .bind(note.seq)
    .bind(note.at)
    .fetch_all(db)
    .await
}

/// They look at the conversation.
pub async fn seen(db: &PgPool, agent: AgentId, conversation: ConversationId, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update mentions set seen_at = $3 where agent_id = $1 and conversation_id = $2 and seen_at is null")
        .bind(agent)
        .bind(conversation)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// Forgets those of long ago.
pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("delete from mentions where at < $1 - interval '7 days'").bind(now).execute(db).await?;
    Ok(())
}
