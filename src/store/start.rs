//! An owner's first steps, as the database knows them: nothing here says that a step is done, only what is there.

use super::audit;
use crate::domain::id::{AgentId, SiteId};
use crate::domain::people::Team;
use crate::domain::site::Site;
use crate::domain::start::{Facts, Step};
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use sqlx::types::Json;

pub async fn facts(db: &PgPool) -> sqlx::Result<Facts> {
    sqlx::query_as(
        "select s.id as site,
            coalesce(cardinality(s.origins) > 0, false) as has_origin,
            array(select w.origin from widget_sightings w
                where w.site_id = s.id and w.origin = any (s.origins) order by w.first_at) as seen_at,
            exists (select from conversations c where c.site_id = s.id and c.kind <> 'room' and c.kind <> 'direct'
                and c.answered_at is not null) as was_answered,
            (select count(*) from agents a where a.disabled_at is null) as people,
            coalesce(jsonb_array_length(s.settings->'hours'->'week') > 0
                or jsonb_array_length(s.settings->'hours'->'exceptions') > 0, false) as has_hours,
            array(select k.step from start_skips k) as skipped
        from (select 1) one
        left join (select id, origins, settings from sites order by created_at, id limit 1) s on true",
    )
    .fetch_one(db)
    .await
}

/// Whether there is no shop yet.
pub async fn is_empty(db: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar("select not exists (select from sites)").fetch_one(db).await
}

/// A page of this address has loaded the widget.
pub async fn seen(db: &PgPool, site: SiteId, origin: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("insert into widget_sightings (site_id, origin, first_at) values ($1, $2, $3) on conflict do nothing")
        .bind(site)
        .bind(origin)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// Leaves a step out, or takes it up again.
pub async fn skip(db: &PgPool, step: Step, by: Option<AgentId>, now: DateTime<Utc>) -> sqlx::Result<()> {
    let statement = if by.is_some() {
        sqlx::query("insert into start_skips (step, by_id, at) values ($1, $2, $3) on conflict do nothing")
            .bind(step.as_str())
            .bind(by)
            .bind(now)
    } else {
        sqlx::query("delete from start_skips where step = $1").bind(step.as_str())
    };
    statement.execute(db).await?;
    Ok(())
}

/// The first shop, with a team and whoever makes it in that. Whether it was: of two who do so at once, one does.
pub async fn add_first(db: &PgPool, site: &Site, team: &Team, agent: AgentId) -> sqlx::Result<bool> {
    let mut tx = audit::begin(db, Some(agent)).await?;
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('start', 0))").execute(&mut *tx).await?;
    let added = sqlx::query(
        "insert into sites (id, public_key, name, origins, secret, settings)
        select $1, $2, $3, $4, $5, $6 where not exists (select from sites)",
    )
    .bind(site.id)
    .bind(&site.public_key)
    .bind(&site.name)
    .bind(&site.origins)
    .bind(&site.secret)
    .bind(Json(&site.settings))
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("insert into teams (site_id, id, name, settings) values ($1, $2, $3, $4)")
        .bind(team.site_id)
        .bind(team.id)
        .bind(&team.name)
        .bind(Json(&team.settings))
        .execute(&mut *tx)
        .await?;
    sqlx::query("insert into team_members (site_id, team_id, agent_id) values ($1, $2, $3)")
        .bind(team.site_id)
        .bind(team.id)
        .bind(agent)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}
