//! Where sites' orders are asked for, and what was answered, kept sealed for minutes.

use super::audit::{self, By};
use crate::domain::id::SiteId;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredSource {
    pub kind: String,
    pub url: String,
    pub sealed: Vec<u8>,
    pub by_subject: bool,
    pub asks_unconfirmed: bool,
    pub revision: Uuid,
    pub paused_until: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredAnswer {
    pub sealed: Vec<u8>,
    pub asked_at: DateTime<Utc>,
}

pub async fn source(db: &PgPool, site: SiteId) -> sqlx::Result<Option<StoredSource>> {
    sqlx::query_as(
        "select kind, url, sealed, by_subject, asks_unconfirmed, revision, paused_until from order_sources where site_id = $1",
    )
    .bind(site)
    .fetch_optional(db)
    .await
}

/// Takes the place of what was there; what the old source answered is forgotten.
pub async fn set_source(db: &PgPool, site: SiteId, source: &StoredSource, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    sqlx::query(
        "insert into order_sources (site_id, kind, url, sealed, by_subject, asks_unconfirmed, revision, paused_until)
        values ($1, $2, $3, $4, $5, $6, $7, null)
        on conflict (site_id) do update set kind = $2, url = $3, sealed = $4, by_subject = $5, asks_unconfirmed = $6,
            revision = $7, paused_until = null",
    )
    .bind(site)
    .bind(&source.kind)
    .bind(&source.url)
    .bind(&source.sealed)
    .bind(source.by_subject)
    .bind(source.asks_unconfirmed)
    .bind(source.revision)
    .execute(&mut *tx)
    .await?;
    sqlx::query("delete from order_answers where site_id = $1").bind(site).execute(&mut *tx).await?;
    tx.commit().await
}

/// With everything it answered.
pub async fn remove_source(db: &PgPool, site: SiteId, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    sqlx::query("delete from order_sources where site_id = $1").bind(site).execute(&mut *tx).await?;
    tx.commit().await
}

/// The shop wants to be left alone until then. A source that was saved meanwhile is not meant.
pub async fn pause(db: &PgPool, site: SiteId, revision: Uuid, until: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update order_sources set paused_until = greatest(paused_until, $3) where site_id = $1 and revision = $2",
    )
    .bind(site)
    .bind(revision)
    .bind(until)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn answer(
    db: &PgPool,
    (site, customer): (SiteId, &[u8]),
    now: DateTime<Utc>,
) -> sqlx::Result<Option<StoredAnswer>> {
    sqlx::query_as(
        "select sealed, asked_at from order_answers where site_id = $1 and customer_hash = $2 and expires_at > $3",
    )
    .bind(site)
    .bind(customer)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// Kept while the source is the one that was asked.
pub async fn keep_answer(
    db: &PgPool,
    (site, customer): (SiteId, &[u8]),
    revision: Uuid,
    answer: &StoredAnswer,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into order_answers (site_id, customer_hash, sealed, asked_at, expires_at)
        select site_id, $2, $4, $5, $6 from order_sources where site_id = $1 and revision = $3
        on conflict (site_id, customer_hash) do update set sealed = $4, asked_at = $5, expires_at = $6
        where order_answers.asked_at <= $5",
    )
    .bind(site)
    .bind(customer)
    .bind(revision)
    .bind(&answer.sealed)
    .bind(answer.asked_at)
    .bind(expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Removes what has expired.
pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("delete from order_answers where expires_at < $1").bind(now).execute(db).await?;
    Ok(())
}
