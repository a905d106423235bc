//! Macros as they are kept.

use super::audit::{self, By};
use crate::domain::id::{AgentId, CannedId, MacroId, SiteId, TeamId};
use crate::domain::macros::{Does, MOST, OFFERED};
use crate::domain::people::Role;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use sqlx::types::Json;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Macro {
    pub id: MacroId,
    pub site_id: SiteId,
    pub team_id: Option<TeamId>,
    pub team_name: Option<String>,
    pub owner_id: Option<AgentId>,
    pub name: String,
    pub does: Json<Does>,
}

macro_rules! macros {
    ($rest:literal) => {
        concat!(
            "select r.id, r.site_id, r.team_id, t.name as team_name, r.owner_id, r.name, r.does
            from macros r
            left join teams t on t.site_id = r.site_id and t.id = r.team_id
            where ",
            is_for_them!(),
            " ",
            $rest
        )
    };
}

/// What this agent may run at a site, by name: as many as a menu holds.
pub async fn usable(db: &PgPool, (agent, role): (AgentId, Role), site: SiteId) -> sqlx::Result<Vec<Macro>> {
    sqlx::query_as(macros!("and r.site_id = $3 order by lower(r.name), r.id limit $4"))
        .bind(agent)
        .bind(role.as_str())
        .bind(site)
        .bind(OFFERED)
        .fetch_all(db)
        .await
}

/// Everything this agent may see, by name.
pub async fn visible(db: &PgPool, (agent, role): (AgentId, Role)) -> sqlx::Result<Vec<Macro>> {
    sqlx::query_as(macros!("order by lower(r.name), r.id limit $3"))
        .bind(agent)
        .bind(role.as_str())
        .bind(MOST)
        .fetch_all(db)
        .await
}

pub async fn one(db: &PgPool, (agent, role): (AgentId, Role), id: MacroId) -> sqlx::Result<Option<Macro>> {
    sqlx::query_as(macros!("and r.id = $3")).bind(agent).bind(role.as_str()).bind(id).fetch_optional(db).await
}

#[derive(Clone, Debug)]
pub struct Fresh<'a> {
    pub id: MacroId,
    pub site: SiteId,
    pub team: Option<TeamId>,
    pub owner: Option<AgentId>,
    pub name: &'a str,
    pub does: &'a Does,
}

/// Adds it, or changes the one of this id. `false`: the site has as many as it may.
pub async fn save(db: &PgPool, fresh: &Fresh<'_>, by: By, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let mut tx = audit::begin(db, by).await?;
    let done = sqlx::query(
        "insert into macros (id, site_id, team_id, owner_id, name, does, updated_at)
        select $1, $2, $3, $4, $5, $6, $7
        where exists (select from macros where id = $1) or (select count(*) from macros where site_id = $2) < $8
        on conflict (id) do update set team_id = $3, owner_id = $4, name = $5, does = $6, updated_at = $7
            where macros.site_id = $2",
    )
    .bind(fresh.id)
    .bind(fresh.site)
    .bind(fresh.team)
    .bind(fresh.owner)
    .bind(fresh.name)
    .bind(Json(fresh.does))
    .bind(now)
    .bind(MOST)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() > 0)
}

pub async fn is_there(db: &PgPool, id: MacroId) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from macros where id = $1)").bind(id).fetch_one(db).await
}

pub async fn remove(db: &PgPool, id: MacroId, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    sqlx::query("delete from macros where id = $1").bind(id).execute(&mut *tx).await?;
    tx.commit().await
}

/// Whether a ready reply is for everybody who may run a macro of this team, or of the whole site.
pub async fn may_share(db: &PgPool, site: SiteId, team: Option<TeamId>, reply: CannedId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from canned_replies
        where id = $3 and site_id = $1 and owner_id is null and (team_id is null or team_id = $2))",
    )
    .bind(site)
    .bind(team)
    .bind(reply)
    .fetch_one(db)
    .await
}
