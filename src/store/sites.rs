//! Shops and their teams.

use super::audit::{self, By};
use crate::domain::id::{SiteId, TeamId};
use crate::domain::people::Team;
use crate::domain::site::{Settings, Site};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

#[derive(sqlx::FromRow)]
struct Stored {
    id: SiteId,
    public_key: String,
    name: String,
    origins: Vec<String>,
    secret: String,
    settings: Json<Settings>,
}

impl From<Stored> for Site {
    fn from(row: Stored) -> Self {
        Self {
            id: row.id,
            public_key: row.public_key,
            name: row.name,
            origins: row.origins,
            secret: row.secret,
            settings: row.settings.0,
        }
    }
}

pub async fn by_key(db: &PgPool, public_key: &str) -> sqlx::Result<Option<Site>> {
    let row: Option<Stored> =
        sqlx::query_as("select id, public_key, name, origins, secret, settings from sites where public_key = $1")
            .bind(public_key)
            .fetch_optional(db)
            .await?;
    Ok(row.map(Site::from))
}

pub async fn by_id(db: &PgPool, id: SiteId) -> sqlx::Result<Option<Site>> {
    let row: Option<Stored> =
        sqlx::query_as("select id, public_key, name, origins, secret, settings from sites where id = $1")
            .bind(id)
            .fetch_optional(db)
            .await?;
    Ok(row.map(Site::from))
}

pub async fn all(db: &PgPool) -> sqlx::Result<Vec<Site>> {
    let rows: Vec<Stored> = sqlx::query_as(
        "select id, public_key, name, origins, secret, settings from sites order by name, id limit 1000",
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Site::from).collect())
}

pub async fn add(db: &PgPool, site: &Site) -> sqlx::Result<()> {
    sqlx::query("insert into sites (id, public_key, name, origins, secret, settings) values ($1, $2, $3, $4, $5, $6)")
        .bind(site.id)
        .bind(&site.public_key)
        .bind(&site.name)
        .bind(&site.origins)
        .bind(&site.secret)
        .bind(Json(&site.settings))
        .execute(db)
        .await?;
    Ok(())
}

/// Replaces what an owner may change.
pub async fn update(db: &PgPool, site: &Site, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    sqlx::query("update sites set name = $2, origins = $3, settings = $4 where id = $1")
        .bind(site.id)
        .bind(&site.name)
        .bind(&site.origins)
        .bind(Json(&site.settings))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// Nobody else changes it until the transaction ends.
pub async fn locked(db: &mut PgConnection, id: SiteId) -> sqlx::Result<Option<Site>> {
    let row: Option<Stored> =
        sqlx::query_as("select id, public_key, name, origins, secret, settings from sites where id = $1 for update")
            .bind(id)
            .fetch_optional(db)
            .await?;
    Ok(row.map(Site::from))
}

pub async fn set_settings(db: &mut PgConnection, site: &Site) -> sqlx::Result<()> {
    sqlx::query("update sites set settings = $2 where id = $1")
        .bind(site.id)
        .bind(Json(&site.settings))
        .execute(db)
        .await?;
    Ok(())
}

pub async fn teams(db: &PgPool, site: SiteId) -> sqlx::Result<Vec<Team>> {
    sqlx::query_as("select site_id, id, name, settings from teams where site_id = $1 order by name limit 1000")
        .bind(site)
        .fetch_all(db)
        .await
}

pub async fn add_team(db: &PgPool, team: &Team, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    sqlx::query("insert into teams (site_id, id, name, settings) values ($1, $2, $3, $4)")
        .bind(team.site_id)
        .bind(team.id)
        .bind(&team.name)
        .bind(Json(&team.settings))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// A team by its name, letter case aside.
pub async fn team_named(db: &PgPool, site: SiteId, name: &str) -> sqlx::Result<Option<Team>> {
    sqlx::query_as("select site_id, id, name, settings from teams where site_id = $1 and lower(name) = lower($2)")
        .bind(site)
        .bind(name)
        .fetch_optional(db)
        .await
}

pub async fn team(db: &PgPool, site: SiteId, id: TeamId) -> sqlx::Result<Option<Team>> {
    sqlx::query_as("select site_id, id, name, settings from teams where site_id = $1 and id = $2")
        .bind(site)
        .bind(id)
        .fetch_optional(db)
        .await
}

pub async fn is_listed_anywhere(db: &PgPool, origin: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from sites where $1 = any (origins))").bind(origin).fetch_one(db).await
}
