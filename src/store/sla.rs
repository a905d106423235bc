//! Chats whose answers are watched, and the marks of those that came close or were missed.

use super::Db;
use super::append::{Locking, Row, Stored, insert, lock_all};
use crate::domain::event::Draft;
use crate::domain::id::{AgentId, ConversationId, SiteId, TeamId};
use crate::domain::sla::{Standing, Target};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};
use std::sync::Arc;

/// The sites with an open chat.
pub async fn busy_sites(db: &PgPool) -> sqlx::Result<Vec<SiteId>> {
    sqlx::query_scalar(
        "select distinct site_id from conversations where kind = 'support' and state in ('waiting', 'active')",
    )
    .fetch_all(db)
    .await
}

/// What was noted of a target before.
#[derive(Clone, Debug, Deserialize)]
pub struct Noted {
    pub target: Target,
    pub since: DateTime<Utc>,
    pub is_late: bool,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Watched {
    pub id: ConversationId,
    pub team_id: Option<TeamId>,
    pub priority: i16,
    /// Who has it.
    pub assignee_id: Option<AgentId>,
    pub opened_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
    pub unanswered_since: Option<DateTime<Utc>>,
    pub noted: Json<Vec<Noted>>,
}

/// Open chats of a site, after the given one.
pub async fn watched(db: &PgPool, site: SiteId, after: ConversationId, limit: i64) -> sqlx::Result<Vec<Watched>> {
    sqlx::query_as(
        "select c.id, c.team_id, c.priority, case when c.state = 'active' then c.assignee_id end as assignee_id, c.opened_at, c.answered_at, c.unanswered_since,
            coalesce((select jsonb_agg(jsonb_build_object('target', m.target, 'since', m.since, 'is_late', m.breached_at is not null))
                from sla_marks m where m.site_id = c.site_id and m.conversation_id = c.id), '[]') as noted
        from conversations c
        where c.site_id = $1 and c.kind = 'support' and c.state in ('waiting', 'active') and c.id > $2
        order by c.id
        limit $3",
    )
    .bind(site)
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await
}

pub struct Mark {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub target: Target,
    pub since: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub standing: Standing,
    pub at: DateTime<Utc>,
    pub note: Draft,
}

/// Notes a warning or a breach, once, however many nodes look: the mark and what the thread says of it are one transaction.
/// `None`: it was noted before, the clock does not run any more, or somebody writes into the conversation and it is looked at
/// again.
pub async fn mark(db: &Db, mark: Mark) -> sqlx::Result<Option<Stored>> {
    let mut tx = db.send.begin().await?;
    let head = lock_all(&mut tx, &[mark.conversation], Locking::SkipLocked).await?.pop();
    let Some(mut head) = head.filter(|head| head.site_id == mark.site && head.state.is_open()) else { return Ok(None) };
    if !still_runs(&mut tx, &mark).await? || !is_news(&mut tx, &mark).await? {
        return Ok(None);
    }
    let row = Row::number(&mut head, mark.note, mark.at);
    insert(&mut tx, std::slice::from_ref(&row)).await?;
    tx.commit().await?;
    Ok(Some(Stored { event: Arc::new(row.event), shopper: head.shopper_id }))
}

/// Under the lock: an answer may have come since it was looked at.
async fn still_runs(tx: &mut PgConnection, mark: &Mark) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select case $3
            when 'first' then answered_at is null and opened_at = $4
            when 'next' then answered_at is not null and unanswered_since is not distinct from $4
            else opened_at = $4 end
        from conversations
        where site_id = $1 and id = $2",
    )
    .bind(mark.site)
    .bind(mark.conversation)
    .bind(mark.target.as_str())
    .bind(mark.since)
    .fetch_one(tx)
    .await
}

/// Writes the mark down; false where it says nothing new.
async fn is_news(tx: &mut PgConnection, mark: &Mark) -> sqlx::Result<bool> {
    let is_late = mark.standing == Standing::Breached;
    let written = sqlx::query(
        "insert into sla_marks as m (site_id, conversation_id, target, since, due_at, warned_at, breached_at)
        values ($1, $2, $3, $4, $5, case when not $6 then $7 end, case when $6 then $7 end)
        on conflict (site_id, conversation_id, target, since)
        do update set due_at = excluded.due_at, breached_at = excluded.breached_at
        where $6 and m.breached_at is null",
    )
    .bind(mark.site)
    .bind(mark.conversation)
    .bind(mark.target.as_str())
    .bind(mark.since)
    .bind(mark.due_at)
    .bind(is_late)
    .bind(mark.at)
    .execute(tx)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// The supervisors of a site; an admin is one everywhere.
pub async fn supervisors(db: &PgPool, site: SiteId) -> sqlx::Result<Vec<AgentId>> {
    sqlx::query_scalar(
        "select a.id
        from agents a
        where a.disabled_at is null
            and (a.role = 'admin' or (a.role = 'supervisor'
                and exists (select from team_members m where m.agent_id = a.id and m.site_id = $1)))
        limit 200",
    )
    .bind(site)
    .fetch_all(db)
    .await
}
