//! Who works where, for owners: teams with their members and skills, what each person can carry, and who may come in.

use super::audit::{self, By};
use super::sessions;
use crate::domain::id::{AgentId, SessionId, SiteId, TeamId};
use crate::domain::people::{Role, Team};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

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

/// Accounts that were switched off, the latest first.
pub async fn switched_off(db: &PgPool) -> sqlx::Result<Vec<(AgentId, String, String, DateTime<Utc>)>> {
    sqlx::query_as(
        "select id, name, email, disabled_at from agents where disabled_at is not null order by disabled_at desc, id limit $1",
    )
    .bind(MOST)
    .fetch_all(db)
    .await
}

pub async fn is_switched_off(db: &PgPool, id: AgentId) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from agents where id = $1 and disabled_at is not null)")
        .bind(id)
        .fetch_one(db)
        .await
}

/// What an owner may change of somebody.
pub struct Change<'a> {
    pub name: &'a str,
    /// As whoever changes it saw it, and as it is to be.
    pub role: (Role, Role),
    pub capacity: i16,
    pub languages: &'a [String],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    Yes,
    /// They are the last admin who may come in, and stay one.
    LastAdmin,
    /// Somebody else gave them another role meanwhile.
    Stale,
}

/// A role that is left as it was seen stays what it is now.
pub async fn change(db: &PgPool, id: AgentId, change: &Change<'_>, by: By) -> sqlx::Result<Changed> {
    let mut tx = audit::begin(db, by).await?;
    let (seen, wanted) = change.role;
    let is_last = is_last_admin(&mut tx, id).await?;
    let now: Role = sqlx::query_scalar("select role from agents where id = $1 for no key update")
        .bind(id)
        .fetch_one(&mut *tx)
        .await?;
    if seen != wanted && now != seen {
        return Ok(Changed::Stale);
    }
    if seen != wanted && is_last {
        return Ok(Changed::LastAdmin);
    }
    let role = if seen == wanted { now } else { wanted };
    sqlx::query("update agents set name = $2, role = $3, capacity = $4, languages = $5 where id = $1")
        .bind(id)
        .bind(change.name)
        .bind(role.as_str())
        .bind(change.capacity)
        .bind(change.languages)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(Changed::Yes)
}

/// Of those who may come in: who was invited and has chosen no password cannot. Two who would each leave the other as the last one
/// come one after the other.
pub async fn is_last_admin(tx: &mut PgConnection, id: AgentId) -> sqlx::Result<bool> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('admins', 0))").execute(&mut *tx).await?;
    let admins: Vec<AgentId> = sqlx::query_scalar(
        "select id from agents where role = 'admin' and disabled_at is null and password_hash is not null limit 2",
    )
    .fetch_all(tx)
    .await?;
    Ok(admins == [id])
}

/// What came of switching an account off.
pub enum Off {
    /// With the sessions that ended.
    Done(Vec<SessionId>),
    Already,
    LastAdmin,
}

/// Ends whatever lets them in. Off duty from this moment, so that their chats are found.
pub async fn switch_off(db: &PgPool, id: AgentId, by: AgentId, now: DateTime<Utc>) -> sqlx::Result<Off> {
    let mut tx = audit::begin(db, Some(by)).await?;
    if is_last_admin(&mut tx, id).await? {
        return Ok(Off::LastAdmin);
    }
    let done = sqlx::query(
        "update agents set disabled_at = $2, available = false, off_as = 'offline', status_reason = '', status_by = $3, status_since = $2
        where id = $1 and disabled_at is null",
    )
    .bind(id)
    .bind(now)
    .bind(by)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Off::Already);
    }
    // Nor does whomever they invited come in by their word.
    sqlx::query("delete from invitations where agent_id = $1 or by_id = $1").bind(id).execute(&mut *tx).await?;
    let sessions = sessions::end_all(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Off::Done(sessions))
}

/// A password in place of the one they had, which ends every session. Whether there is somebody with this address.
pub async fn replace_password(db: &PgPool, email: &str, password_hash: &str) -> sqlx::Result<bool> {
    let mut tx = audit::begin(db, None).await?;
    let found = sqlx::query_scalar("update agents set password_hash = $2 where email = lower($1) returning id")
        .bind(email)
        .bind(password_hash)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(id) = found else { return Ok(false) };
    sqlx::query("delete from invitations where agent_id = $1").bind(id).execute(&mut *tx).await?;
    sessions::end_all(&mut tx, id).await?;
    tx.commit().await?;
    Ok(true)
}

pub async fn switch_on(db: &PgPool, id: AgentId, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    // One that began while they were switched off is good for nothing.
    for statement in ["delete from sessions where agent_id = $1", "update agents set disabled_at = null where id = $1"]
    {
        sqlx::query(statement).bind(id).execute(&mut *tx).await?;
    }
    tx.commit().await
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
pub async fn save_team(db: &PgPool, team: &Team, members: &[(AgentId, Vec<String>)], by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
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
