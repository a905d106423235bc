//! What owners and supervisors changed: noted by the database in the transaction of the change, under the name given here.

use crate::domain::id::{AgentId, SiteId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

/// Who changes something; `None`: the command line.
pub type By = Option<AgentId>;

/// A transaction in which whatever is changed is noted as theirs.
pub async fn begin(db: &PgPool, by: By) -> sqlx::Result<Transaction<'static, Postgres>> {
    let mut tx = db.begin().await?;
    if let Some(by) = by {
        name(&mut tx, by).await?;
    }
    Ok(tx)
}

/// From here on what the transaction changes is theirs.
pub async fn name(tx: &mut PgConnection, by: AgentId) -> sqlx::Result<()> {
    sqlx::query("select set_config('deskbell.by', $1::text, true)").bind(by).execute(tx).await?;
    Ok(())
}

/// Something that was changed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Noted {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub by_id: Option<AgentId>,
    /// As they were called then.
    pub by_name: String,
    pub site_id: Option<SiteId>,
    pub site_name: Option<String>,
    pub what: String,
    pub did: String,
    pub subject_id: Option<Uuid>,
    pub subject: String,
    pub changes: Value,
}

/// What to look for; `None` is anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    pub by: Option<AgentId>,
    pub what: Option<&'a str>,
    pub before: Option<i64>,
}

/// Newest first.
pub async fn list(db: &PgPool, asked: Asked<'_>, most: i64) -> sqlx::Result<Vec<Noted>> {
    sqlx::query_as(
        "select n.id, n.at, n.by_id, n.by_name, n.site_id, s.name as site_name, n.what, n.did, n.subject_id, n.subject, n.changes
        from audit n
        left join sites s on s.id = n.site_id
        where ($1::uuid is null or n.by_id = $1) and ($2::text is null or n.what = $2) and ($3::bigint is null or n.id < $3)
        order by n.id desc
        limit $4",
    )
    .bind(asked.by)
    .bind(asked.what)
    .bind(asked.before)
    .bind(most)
    .fetch_all(db)
    .await
}

/// Whoever has changed something, by name; also who does not work here any more.
pub async fn people(db: &PgPool) -> sqlx::Result<Vec<(AgentId, String)>> {
    sqlx::query_as(
        "select a.id, a.name from agents a where exists (select from audit n where n.by_id = a.id) order by a.name, a.id limit 1000",
    )
    .fetch_all(db)
    .await
}

/// Forgets what is two years old.
pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("delete from audit where at < $1 - interval '2 years'").bind(now).execute(db).await?;
    Ok(())
}
