//! Who of the staff is called by what colleagues write, and whether they have looked at it since.

use super::sight::may_open;
use crate::domain::event::Event;
use crate::domain::id::{AgentId, ConversationId, EventId};
use crate::domain::people::Agent;
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

/// They look at the conversation and have come this far. Whether that is news.
pub async fn seen(
    db: &PgPool,
    agent: AgentId,
    (conversation, upto): (ConversationId, i64),
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update mentions set seen_at = $4 where agent_id = $1 and conversation_id = $2 and seq <= $3 and seen_at is null",
    )
    .bind(agent)
    .bind(conversation)
    .bind(upto)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Whether this calls them still.
pub async fn is_unseen(db: &PgPool, agent: AgentId, said: &Event) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from mentions where agent_id = $1 and conversation_id = $2 and seq = $3 and seen_at is null)",
    )
    .bind(agent)
    .bind(said.conversation)
    .bind(said.seq)
    .fetch_one(db)
    .await
}

/// Something was said anew, in the place of `old`: whom both call is called by this, unless they have seen the old one.
pub async fn follow(db: &PgPool, old: i64, fresh: &Event, called: &[AgentId]) -> sqlx::Result<()> {
    let called: Vec<_> = called.iter().map(|agent| agent.0).collect();
    sqlx::query(
        "insert into mentions (agent_id, site_id, conversation_id, seq, at, seen_at)
        select agent_id, site_id, conversation_id, $4, at, seen_at from mentions
        where site_id = $1 and conversation_id = $2 and seq = $3 and agent_id = any($5)
        on conflict do nothing",
    )
    .bind(fresh.site)
    .bind(fresh.conversation)
    .bind(old)
    .bind(fresh.seq)
    .bind(called)
    .execute(db)
    .await?;
    Ok(())
}

/// Of this agent, newest first, where they may still look.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Mention {
    pub conversation_id: ConversationId,
    pub is_room: bool,
    pub seq: i64,
    pub last_seq: i64,
    pub id: EventId,
    pub body: String,
    pub at: DateTime<Utc>,
    pub is_seen: bool,
    /// Who wrote it.
    pub by_name: Option<String>,
    /// Whose chat it is.
    pub shopper_name: Option<String>,
    pub team_name: Option<String>,
    pub site_name: String,
}

/// What was said by name, in notes and in rooms; not what was said in talks, where everything is for the other one.
pub async fn list(db: &PgPool, agent: &Agent, most: i64) -> sqlx::Result<Vec<Mention>> {
    sqlx::query_as(concat!(
        "select n.conversation_id, c.kind = 'room' as is_room, n.seq, c.last_seq, e.id, e.body, n.at,
            n.seen_at is not null as is_seen, w.name as by_name, p.name as shopper_name, t.name as team_name, s.name as site_name
        from mentions n
        join conversations c on c.site_id = n.site_id and c.id = n.conversation_id
        join events e on e.site_id = n.site_id and e.conversation_id = n.conversation_id and e.seq = n.seq
        join sites s on s.id = n.site_id
        left join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        left join teams t on t.site_id = c.site_id and t.id = c.team_id
        left join agents w on w.id = e.author_id
        where n.agent_id = $1 and c.kind <> 'direct' and e.body is not null and ",
        may_open!("$1", "$2"),
        " order by n.at desc, e.id desc limit $3",
    ))
    .bind(agent.id)
    .bind(agent.role.as_str())
    .bind(most)
    .fetch_all(db)
    .await
}

/// They have looked at all of them.
pub async fn all_seen(db: &PgPool, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update mentions n set seen_at = $2 from conversations c
        where n.agent_id = $1 and n.seen_at is null and c.site_id = n.site_id and c.id = n.conversation_id and c.kind <> 'direct'",
    )
    .bind(agent)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Forgets those of long ago.
pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("delete from mentions where at < $1 - interval '30 days'").bind(now).execute(db).await?;
    Ok(())
}
