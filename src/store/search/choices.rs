//! What a search can be narrowed to: no more than somebody may see.

use crate::domain::id::{AgentId, SiteId, TagId, TeamId};
use crate::domain::people::Role;
use sqlx::PgPool;

/// Most of each.
const MOST: i64 = 500;

#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub agents: Vec<(AgentId, String)>,
    /// With the name of the site where there are several.
    pub teams: Vec<(TeamId, String)>,
    pub sites: Vec<(SiteId, String)>,
    /// With the name of the site where there are several.
    pub tags: Vec<(TagId, String)>,
}

pub async fn choices(db: &PgPool, (agent, role): (AgentId, Role)) -> sqlx::Result<Choices> {
    let sites: Vec<(SiteId, String)> = sqlx::query_as(
        "select s.id, s.name from sites s
        where $2 = 'admin' or exists (select from team_members m where m.agent_id = $1 and m.site_id = s.id)
        order by s.name, s.id
        limit $3",
    )
    .bind(agent)
    .bind(role.as_str())
    .bind(MOST)
    .fetch_all(db)
    .await?;
    let ids: Vec<SiteId> = sites.iter().map(|(id, _)| *id).collect();
    let teams = sqlx::query_as(
        "select t.id, case when $2 then s.name || ' · ' else '' end || t.name
        from teams t
        join sites s on s.id = t.site_id
        where t.site_id = any($1)
            and ($4 <> 'agent' or exists (select from team_members m where m.agent_id = $3 and m.site_id = t.site_id and m.team_id = t.id))
        order by s.name, t.name, t.id
        limit $5",
    )
    .bind(&ids)
    .bind(ids.len() > 1)
    .bind(agent)
    .bind(role.as_str())
    .bind(MOST)
    .fetch_all(db)
    .await?;
    let agents = sqlx::query_as(
        "select a.id, a.name from agents a
        where $2 = 'admin' or a.id = $3 or exists (select from team_members m where m.agent_id = a.id and m.site_id = any($1))
        order by a.name, a.id
        limit $4",
    )
    .bind(&ids)
    .bind(role.as_str())
    .bind(agent)
    .bind(MOST)
    .fetch_all(db)
    .await?;
    let tags = sqlx::query_as(
        "select t.id, case when $2 then s.name || ' · ' else '' end || t.name
        from tags t
        join sites s on s.id = t.site_id
        where t.site_id = any($1)
        order by s.name, lower(t.name), t.id
        limit $3",
    )
    .bind(&ids)
    .bind(ids.len() > 1)
    .bind(MOST)
    .fetch_all(db)
    .await?;
    Ok(Choices { agents, teams, sites, tags })
}
