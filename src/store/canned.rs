//! Replies that are ready, and how often they served whom.

use super::audit::{self, By};
use crate::domain::canned::{MOST, Texts};
use crate::domain::id::{AgentId, CannedId, FileId, SiteId, TeamId};
use crate::domain::people::Role;
use crate::store::files::Kept;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Canned {
    pub id: CannedId,
    pub site_id: SiteId,
    pub site_name: String,
    pub team_id: Option<TeamId>,
    pub team_name: Option<String>,
    pub owner_id: Option<AgentId>,
    pub shortcut: String,
    pub texts: Json<Texts>,
    /// How many files go with it.
    pub files: i64,
}

macro_rules! canned {
    ($rest:literal) => {
        concat!(
            "select r.id, r.site_id, s.name as site_name, r.team_id, t.name as team_name, r.owner_id, r.shortcut, r.texts,
                (select count(*) from canned_files f where f.canned_id = r.id) as files
            from canned_replies r
            join sites s on s.id = r.site_id
            left join teams t on t.site_id = r.site_id and t.id = r.team_id
            left join canned_uses u on u.canned_id = r.id and u.agent_id = $1
            where ",
            is_for_them!(),
            " ",
            $rest
        )
    };
}

/// What this agent may use at a site, the likeliest first: by how often and how lately they did.
pub async fn usable(
    db: &PgPool,
    (agent, role): (AgentId, Role),
    site: SiteId,
    text: &str,
    now: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<Vec<Canned>> {
    sqlx::query_as(canned!(
        "and r.site_id = $3 and (strpos(lower(r.shortcut), lower($4)) > 0 or exists (select from jsonb_each_text(r.texts) as said where strpos(lower(said.value), lower($4)) > 0))
        order by strpos(lower(r.shortcut), lower($4)) = 1 desc,
            coalesce(u.weight * exp(-extract(epoch from $5 - u.used_at) * ln(2.0) / 604800), 0) desc, lower(r.shortcut), r.id
        limit $6"
    ))
    .bind(agent)
    .bind(role.as_str())
    .bind(site)
    .bind(text)
    .bind(now)
    .bind(most)
    .fetch_all(db)
    .await
}

/// Everything this agent may see, by site and shortcut.
pub async fn visible(db: &PgPool, (agent, role): (AgentId, Role)) -> sqlx::Result<Vec<Canned>> {
    sqlx::query_as(canned!("order by lower(s.name), s.id, lower(r.shortcut), r.id limit $3"))
        .bind(agent)
        .bind(role.as_str())
        .bind(MOST)
        .fetch_all(db)
        .await
}

pub async fn one(db: &PgPool, (agent, role): (AgentId, Role), id: CannedId) -> sqlx::Result<Option<Canned>> {
    sqlx::query_as(canned!("and r.id = $3")).bind(agent).bind(role.as_str()).bind(id).fetch_optional(db).await
}

#[derive(Clone, Debug)]
pub struct Fresh<'a> {
    pub id: CannedId,
    pub site: SiteId,
    pub team: Option<TeamId>,
    pub owner: Option<AgentId>,
    pub shortcut: &'a str,
    pub texts: Texts,
    /// Uploaded by this person, to go with it from now on.
    pub added: (AgentId, &'a [FileId]),
    /// Not to go with it any more.
    pub dropped: &'a [FileId],
}

/// Adds it, or changes the one of this id. `false`: the site has as many as it may.
pub async fn save(db: &PgPool, fresh: &Fresh<'_>, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let mut tx = audit::begin(db, Some(fresh.added.0)).await?;
    let done = sqlx::query(
        "insert into canned_replies (id, site_id, team_id, owner_id, shortcut, texts, updated_at)
        select $1, $2, $3, $4, $5, $6, $7
        where exists (select from canned_replies where id = $1)
            or (select count(*) from canned_replies where site_id = $2) < $8
        on conflict (id) do update set team_id = $3, owner_id = $4, shortcut = $5, texts = $6, updated_at = $7",
    )
    .bind(fresh.id)
    .bind(fresh.site)
    .bind(fresh.team)
    .bind(fresh.owner)
    .bind(fresh.shortcut)
    .bind(Json(&fresh.texts))
    .bind(now)
    .bind(MOST)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    keep_files(&mut tx, fresh, now).await?;
    tx.commit().await?;
    Ok(true)
}

async fn keep_files(tx: &mut PgConnection, fresh: &Fresh<'_>, now: DateTime<Utc>) -> sqlx::Result<()> {
    let (by, added) = fresh.added;
    sqlx::query("delete from canned_files where canned_id = $1 and file_id = any($2)")
        .bind(fresh.id)
        .bind(fresh.dropped)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "with kept as (
            update files set state = 'kept', since = $5
            where site_id = $2 and id = any($3) and state = 'ready' and uploader = 'agent' and uploader_id = $4
            returning id
        )
        insert into canned_files (canned_id, file_id, place)
        select $1, id, array_position($3, id) + (select count(*) from canned_files where canned_id = $1) from kept",
    )
    .bind(fresh.id)
    .bind(fresh.site)
    .bind(added)
    .bind(by)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// The files that go with it, in order.
pub async fn files(db: &PgPool, id: CannedId) -> sqlx::Result<Vec<Kept>> {
    sqlx::query_as(
        "select f.site_id, f.thumb_size, f.id, f.name, f.size, f.mime, f.width, f.height
        from canned_files c
        join files f on f.id = c.file_id and f.state = 'kept'
        where c.canned_id = $1
        order by c.place, f.id",
    )
    .bind(id)
    .fetch_all(db)
    .await
}

/// Files that somebody uploaded here and that nothing carries yet.
pub async fn uploaded(db: &PgPool, site: SiteId, by: AgentId, ids: &[FileId]) -> sqlx::Result<Vec<Kept>> {
    sqlx::query_as(
        "select site_id, thumb_size, id, name, size, mime, width, height from files
        where site_id = $1 and id = any($3) and state = 'ready' and uploader = 'agent' and uploader_id = $2
        order by array_position($3, id)",
    )
    .bind(site)
    .bind(by)
    .bind(ids)
    .fetch_all(db)
    .await
}

pub async fn is_there(db: &PgPool, id: CannedId) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from canned_replies where id = $1)").bind(id).fetch_one(db).await
}

pub async fn remove(db: &PgPool, id: CannedId, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    sqlx::query("delete from canned_replies where id = $1").bind(id).execute(&mut *tx).await?;
    tx.commit().await
}

/// It served this agent once more.
pub async fn used(db: &PgPool, agent: AgentId, id: CannedId, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into canned_uses as u (agent_id, canned_id, weight, used_at)
        select $1, r.id, 1, $3 from canned_replies r where r.id = $2
        on conflict (agent_id, canned_id) do update
            set weight = 1 + u.weight * exp(-extract(epoch from $3 - u.used_at) * ln(2.0) / 604800), used_at = $3",
    )
    .bind(agent)
    .bind(id)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}
