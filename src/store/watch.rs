//! What the sweep asks: how things stand of whatever somebody on this node listens to. Ids come from sockets that were
//! authorised; nothing but numbers and ids is read.

use crate::domain::conversation::Given;
use crate::domain::id::{AgentId, ConversationId, SessionId, ShopperId, SiteId};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

#[derive(sqlx::FromRow)]
pub struct Head {
    pub id: ConversationId,
    pub last_seq: i64,
    pub shopper_seq: i64,
}

pub async fn heads(db: &PgPool, conversations: &[ConversationId]) -> sqlx::Result<Vec<Head>> {
    sqlx::query_as("select id, last_seq, shopper_seq from conversations where id = any($1)")
        .bind(conversations)
        .fetch_all(db)
        .await
}

/// Which chats these agents have.
pub async fn loads(db: &PgPool, agents: &[AgentId]) -> sqlx::Result<Vec<(AgentId, Given)>> {
    let rows: Vec<(AgentId, ConversationId, SiteId, i32)> = sqlx::query_as(
        "select assignee_id, id, site_id, gen
        from conversations
        where assignee_id = any($1) and state = 'active'
        order by assignee_id, seat",
    )
    .bind(agents)
    .fetch_all(db)
    .await?;
    let given = |(agent, conversation, site, generation)| (agent, Given { conversation, site, generation });
    Ok(rows.into_iter().map(given).collect())
}

/// Something that is different when an agent's role or teams are.
pub async fn rights(db: &PgPool, agents: &[AgentId]) -> sqlx::Result<Vec<(AgentId, String)>> {
    sqlx::query_as(
        "select a.id, a.role || coalesce(string_agg(m.team_id::text, ',' order by m.team_id), '')
        from agents a
        left join team_members m on m.agent_id = a.id
        where a.id = any($1)
        group by a.id",
    )
    .bind(agents)
    .fetch_all(db)
    .await
}

/// Something that is different when the lists of a site are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Activity {
    open: i64,
    events: i64,
    assignments: i64,
}

pub async fn activity(db: &PgPool, sites: &[SiteId]) -> sqlx::Result<Vec<(SiteId, Activity)>> {
    let rows: Vec<(SiteId, i64, i64, i64)> = sqlx::query_as(
        "select site_id, count(*), sum(last_seq)::bigint, sum(gen)::bigint
        from (
            select site_id, last_seq, gen from conversations
            where site_id = any($1) and kind = 'support' and state in ('waiting', 'active')
            union all
            select site_id, last_seq, gen from conversations where site_id = any($1) and kind = 'room'
            union all
            select site_id, last_seq, gen from conversations where site_id = any($1) and kind = 'direct'
        ) c
        group by site_id",
    )
    .bind(sites)
    .fetch_all(db)
    .await?;
    let activity = |(site, open, events, assignments)| (site, Activity { open, events, assignments });
    Ok(rows.into_iter().map(activity).collect())
}

/// Which of these sessions are over.
pub async fn ended_sessions(db: &PgPool, sessions: &[SessionId], now: DateTime<Utc>) -> sqlx::Result<Vec<SessionId>> {
    sqlx::query_scalar(
        "select asked.id
        from unnest($1::uuid[]) as asked (id)
        where not exists (select from sessions s join agents a on a.id = s.agent_id and a.disabled_at is null
            where s.id = asked.id and s.expires_at > $2)",
    )
    .bind(sessions)
    .bind(now)
    .fetch_all(db)
    .await
}

/// Which of these shoppers have no token left.
pub async fn forgotten_shoppers(db: &PgPool, shoppers: &[ShopperId]) -> sqlx::Result<Vec<ShopperId>> {
    sqlx::query_scalar(
        "select asked.id
        from unnest($1::uuid[]) as asked (id)
        where not exists (select from shopper_tokens t where t.shopper_id = asked.id)",
    )
    .bind(shoppers)
    .fetch_all(db)
    .await
}
