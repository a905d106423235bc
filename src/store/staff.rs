//! Who works where, for owners: teams with their members and skills, and what each person can carry.

use crate::domain::id::{AgentId, SiteId, TeamId};
use crate::domain::people::{Role, Team};
use sqlx::PgPool;
use sqlx::types::Json;

/// Somebody of the staff as an owner sees them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Person {
    pub id: AgentId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub capacity: i16,
    pub languages: Vec<String>,
    /// The names of their teams, each with its site's.
    pub teams: Vec<String>,
}

const MOST: i64 = 1_000;

macro_rules! people {
    ($rest:literal) => {
        concat!(
            "select a.id, a.name, a.email, a.role, a.capacity, a.languages,
                array(select t.name || ' · ' || s.name
                    from team_members m
                    join teams t on t.site_id = m.site_id and t.id = m.team_id
                    join sites s on s.id = m.site_id
                    where m.agent_id = a.id
                    order by s.name, t.name) as teams
            from agents a
            where a.disabled_at is null ",
            $rest
        )
    };
}

pub async fn people(db: &PgPool) -> sqlx::Result<Vec<Person>> {
    sqlx::query_as(people!("order by a.name, a.id limit $1")).bind(MOST).fetch_all(db).await
}

pub async fn person(db: &PgPool, id: AgentId) -> sqlx::Result<Option<Person>> {
    sqlx::query_as(people!("and a.id = $1")).bind(id).fetch_optional(db).await
}

/// What an owner may change of somebody.
pub async fn update_person(
    db: &PgPool,
    id: AgentId,
    name: &str,
    capacity: i16,
    languages: &[String],
) -> sqlx::Result<()> {
    sqlx::query("update agents set name = $2, capacity = $3, languages = $4 where id = $1")
        .bind(id)
        .bind(name)
        .bind(capacity)
        .bind(languages)
        .execute(db)
        .await?;
    Ok(())
}

/// How many work in each team of a site.
pub async fn team_sizes(db: &PgPool, site: SiteId) -> sqlx::Result<Vec<(TeamId, i64)>> {
    sqlx::query_as(
        "select m.team_id, count(*)
        from team_members m
        join agents a on a.id = m.agent_id and a.disabled_at is null
        where m.site_id = $1
        group by m.team_id",
    )
    .bind(site)
    .fetch_all(db)
    .await
}

/// Everybody who works in a team, with their skills there.
pub async fn members(db: &PgPool, site: SiteId, team: TeamId) -> sqlx::Result<Vec<(AgentId, Vec<String>)>> {
    sqlx::query_as("select agent_id, skills from team_members where site_id = $1 and team_id = $2")
        .bind(site)
        .bind(team)
        .fetch_all(db)
        .await
}

/// Replaces what an owner may change of a team, its members among it. Who was disabled keeps their place.
pub async fn save_team(db: &PgPool, team: &Team, members: &[(AgentId, Vec<String>)]) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query("update teams set name = $3, settings = $4 where site_id = $1 and id = $2")
        .bind(team.site_id)
        .bind(team.id)
        .bind(&team.name)
        .bind(Json(&team.settings))
        .execute(&mut *tx)
        .await?;
    let ids: Vec<AgentId> = members.iter().map(|(agent, _)| *agent).collect();
    sqlx::query(
        "delete from team_members m using agents a
        where m.site_id = $1 and m.team_id = $2 and a.id = m.agent_id and a.disabled_at is null and m.agent_id <> all($3)",
    )
    .bind(team.site_id)
    .bind(team.id)
    .bind(&ids)
    .execute(&mut *tx)
    .await?;
    for (agent, skills) in members {
        sqlx::query(
            "insert into team_members (site_id, team_id, agent_id, skills) values ($1, $2, $3, $4)
            on conflict (site_id, team_id, agent_id) do update set skills = excluded.skills",
        )
        .bind(team.site_id)
        .bind(team.id)
        .bind(agent)
        .bind(skills)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await
}
