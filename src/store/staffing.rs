//! Who is there to answer, and how many wait: what "we are open" looks at besides the hours.

use crate::domain::id::{SiteId, TeamId};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// The teams of a site in which somebody is here and not off duty, however busy.
pub async fn staffed_teams(db: &PgPool, site: SiteId, now: DateTime<Utc>) -> sqlx::Result<Vec<TeamId>> {
    sqlx::query_scalar(
        "select distinct m.team_id
        from team_members m
        join agents a on a.id = m.agent_id and a.disabled_at is null and (a.available or a.off_as <> 'offline')
        join agent_leases l on l.agent_id = a.id and l.expires_at > $2
        where m.site_id = $1",
    )
    .bind(site)
    .bind(now)
    .fetch_all(db)
    .await
}

/// How many wait in a site's line.
pub async fn in_line(db: &PgPool, site: SiteId) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from conversations where site_id = $1 and state = 'waiting'")
        .bind(site)
        .fetch_one(db)
        .await
}
