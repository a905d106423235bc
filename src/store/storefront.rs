//! What shops' pages said, kept for a while: cards of goods and their pictures.

use crate::domain::id::SiteId;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;

/// Most pictures that are kept, of all sites; those that expire first go first.
const PICTURES_MAX: i64 = 20_000;

/// What is kept of a page: `Some(None)`, that it has no card; `None`, nothing.
pub async fn card(
    db: &PgPool,
    (site, url): (SiteId, &[u8]),
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Option<Value>>> {
    sqlx::query_scalar("select card from cards where site_id = $1 and url_hash = $2 and expires_at > $3")
        .bind(site)
        .bind(url)
        .bind(now)
        .fetch_optional(db)
        .await
}

pub async fn keep_card(
    db: &PgPool,
    (site, url): (SiteId, &[u8]),
    card: Option<&Value>,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into cards (site_id, url_hash, card, expires_at) values ($1, $2, $3, $4)
        on conflict (site_id, url_hash) do update set card = excluded.card, expires_at = excluded.expires_at",
    )
    .bind(site)
    .bind(url)
    .bind(card)
    .bind(expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// The picture that was made of an address: `Some(None)`, that there is none to make.
pub async fn picture(
    db: &PgPool,
    (site, url): (SiteId, &[u8]),
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Option<Vec<u8>>>> {
    sqlx::query_scalar("select jpeg from card_pictures where site_id = $1 and url_hash = $2 and expires_at > $3")
        .bind(site)
        .bind(url)
        .bind(now)
        .fetch_optional(db)
        .await
}

pub async fn keep_picture(
    db: &PgPool,
    (site, url): (SiteId, &[u8]),
    jpeg: Option<&[u8]>,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into card_pictures (site_id, url_hash, jpeg, expires_at) values ($1, $2, $3, $4)
        on conflict (site_id, url_hash) do update set jpeg = excluded.jpeg, expires_at = excluded.expires_at",
    )
    .bind(site)
    .bind(url)
    .bind(jpeg)
    .bind(expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Removes what has expired, and pictures beyond the bound.
pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("delete from cards where expires_at < $1").bind(now).execute(db).await?;
    sqlx::query(
        "delete from card_pictures where expires_at < coalesce(
            greatest($1, (select expires_at from card_pictures order by expires_at desc offset $2 limit 1)), $1)",
    )
    .bind(now)
    .bind(PICTURES_MAX)
    .execute(db)
    .await?;
    Ok(())
}
