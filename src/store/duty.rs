//! What staff chose to be, and the record of who was on duty when.
//!
//! Promises: a record is written only where something is different from the agent's last one, whichever node finds it out,
//! and an agent's records never go back in time.

use crate::domain::id::{AgentId, SiteId};
use crate::domain::people::{Role, Status};
use crate::store::queue::Abandoned;
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

/// What somebody is to be from now on.
#[derive(Clone, Copy, Debug)]
pub struct Chosen<'a> {
    pub status: Status,
    pub reason: &'a str,
    /// The supervisor who chose it, where it was not the agent.
    pub by: Option<AgentId>,
}

/// Answers whether it is another than before.
pub async fn choose(db: &PgPool, agent: AgentId, chosen: &Chosen<'_>, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    take_turns(&mut tx, agent).await?;
    let done = sqlx::query(
        "update agents a
        set available = $2 = 'available', off_as = case when $2 = 'available' then a.off_as else $2 end,
            status_reason = $3, status_by = $4,
            status_since = case when is_now.status = $2 then a.status_since else $5 end
        from (select id, case when available then 'available' else off_as end as status from agents where id = $1) is_now
        where a.id = is_now.id and a.disabled_at is null
            and (is_now.status, a.status_reason, a.status_by) is distinct from ($2, $3, $4)",
    )
    .bind(agent)
    .bind(chosen.status)
    .bind(chosen.reason)
    .bind(chosen.by)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    let is_other = done.rows_affected() == 1;
    if is_other {
        write(&mut tx, agent, now).await?;
    }
    tx.commit().await?;
    Ok(is_other)
}

/// Writes down how it stands with an agent, where that is news. Answers whether it was.
pub async fn note(db: &PgPool, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    take_turns(&mut tx, agent).await?;
    let is_news = write(&mut tx, agent, now).await?;
    tx.commit().await?;
    Ok(is_news)
}

/// Two nodes that find out the same write it down once. Not the agent's row: a claim passes over agents whose row is locked.
async fn take_turns(tx: &mut PgConnection, agent: AgentId) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('duty/' || $1::text, 0))")
        .bind(agent)
        .execute(tx)
        .await?;
    Ok(())
}

async fn write(tx: &mut PgConnection, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "insert into duty (agent_id, at, is_here, status, reason, by_id)
        select is_now.id, greatest($2, last.at), is_now.is_here, is_now.status, is_now.reason, is_now.by_id
        from (select a.id, case when a.available then 'available' else a.off_as end as status, a.status_reason as reason,
                a.status_by as by_id,
                exists (select from agent_leases l where l.agent_id = a.id and l.expires_at > $2) as is_here
            from agents a where a.id = $1) is_now
        left join lateral (select d.at, d.is_here, d.status, d.reason, d.by_id from duty d
            where d.agent_id = $1 order by d.at desc, d.n desc limit 1) last on true
        where last.at is null
            or (is_now.is_here, is_now.status, is_now.reason, is_now.by_id)
                is distinct from (last.is_here, last.status, last.reason, last.by_id)",
    )
    .bind(agent)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whose last record says otherwise than their lease: it lapsed, or whoever renewed it was cut off.
pub async fn out_of_step(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<Vec<AgentId>> {
    sqlx::query_scalar(
        "select l.agent_id
        from agent_leases l
        left join lateral (select d.is_here from duty d
            where d.agent_id = l.agent_id order by d.at desc, d.n desc limit 1) last on true
        where (l.expires_at > $1) <> coalesce(last.is_here, false)
        limit 500",
    )
    .bind(now)
    .fetch_all(db)
    .await
}

macro_rules! chats {
    ($rest:literal) => {
        concat!(
            "select c.site_id, c.id, c.assignee_id, a.name as assignee_name
            from conversations c
            join agents a on a.id = c.assignee_id
            where c.state = 'active' and c.seat is not null ",
            $rest
        )
    };
}

/// The chats somebody has, longest first.
pub async fn chats_of(db: &PgPool, agent: AgentId) -> sqlx::Result<Vec<Abandoned>> {
    sqlx::query_as(chats!("and c.assignee_id = $1 order by c.queued_at, c.id")).bind(agent).fetch_all(db).await
}

/// Chats that agents still have from before they went off duty.
pub async fn left_behind(db: &PgPool) -> sqlx::Result<Vec<Abandoned>> {
    sqlx::query_as(chats!(
        "and not a.available and a.off_as = 'offline' and c.assigned_at <= a.status_since
        order by c.queued_at, c.id
        limit 200"
    ))
    .fetch_all(db)
    .await
}

/// When somebody last did something. Kept to the half minute: it decides nothing.
pub async fn touched(db: &PgPool, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update agents set input_at = $2
        where id = $1 and (input_at is null or input_at < $2 - interval '30 seconds')",
    )
    .bind(agent)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The sites that somebody works for by their teams.
pub async fn sites_by_team(db: &PgPool, agent: AgentId) -> sqlx::Result<Vec<SiteId>> {
    sqlx::query_scalar("select distinct site_id from team_members where agent_id = $1 limit 1000")
        .bind(agent)
        .fetch_all(db)
        .await
}

/// Whether one of the staff oversees another: an admin everybody, a supervisor those of their sites.
pub async fn oversees(db: &PgPool, (who, role): (AgentId, Role), agent: AgentId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from agents a where a.id = $3 and a.disabled_at is null)
            and ($2 = 'admin' or ($2 = 'supervisor' and exists (select from team_members mine
                join team_members theirs on theirs.site_id = mine.site_id and theirs.agent_id = $3
                where mine.agent_id = $1)))",
    )
    .bind(who)
    .bind(role.as_str())
    .bind(agent)
    .fetch_one(db)
    .await
}

/// Whether somebody has another session than this one.
pub async fn is_signed_in_elsewhere(db: &PgPool, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from sessions where agent_id = $1 and expires_at > $2)")
        .bind(agent)
        .bind(now)
        .fetch_one(db)
        .await
}
