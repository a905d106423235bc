//! Tags, and how conversations are sorted: each mark and its line in the log are one transaction.

use super::Db;
use super::append::{Row, Stored, insert, lock};
use super::audit::{self, By};
use crate::domain::conversation::{Head, Refusal};
use crate::domain::id::{AgentId, ConversationId, EventId, SiteId, TagId, TeamId};
use crate::domain::routing::Class;
use crate::domain::triage::{TAGS_MAX, TAGS_OF_SITE, Tag, Trace};
use crate::error::violates;
use chrono::{DateTime, Utc};
use sqlx::postgres::PgQueryResult;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use std::sync::Arc;

/// Who sorts which conversation, and when.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub by: AgentId,
    pub by_name: &'a str,
    /// The line's.
    pub event: EventId,
    pub at: DateTime<Utc>,
}

/// What a mark came to.
#[derive(Debug)]
pub enum Marked {
    Yes(Stored),
    /// It is so already; nothing was written.
    Already,
    Refused(Refusal),
}

impl Marked {
    /// As other verbs say it.
    pub fn stored(&self) -> Option<&Stored> {
        if let Self::Yes(stored) = self { Some(stored) } else { None }
    }

    pub fn verdict(self) -> Result<(), Refusal> {
        if let Self::Refused(refusal) = self { Err(refusal) } else { Ok(()) }
    }
}

const TOO_MANY: Refusal = Refusal::BadRequest("A conversation may have twenty tags. Remove one first.");
const NO_SUCH_TAG: Refusal = Refusal::BadRequest("There is no such tag any more.");

/// Adds a tag, or removes it.
pub async fn set_tag(db: &Db, step: &Step<'_>, tag: TagId, on: bool) -> sqlx::Result<Marked> {
    let mut tx = db.send.begin().await?;
    let Some(head) = lock(&mut tx, step.site, step.conversation).await? else {
        return Ok(Marked::Refused(Refusal::Forbidden));
    };
    let name: Option<String> = sqlx::query_scalar("select name from tags where site_id = $1 and id = $2 for key share")
        .bind(step.site)
        .bind(tag)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(name) = name else { return Ok(Marked::Refused(NO_SUCH_TAG)) };
    let changed = if on { add(&mut tx, step, tag).await? } else { remove(&mut tx, step, tag).await? };
    if !changed {
        return Ok(Marked::Already);
    }
    if on && count(&mut tx, step).await? > TAGS_MAX {
        return Ok(Marked::Refused(TOO_MANY));
    }
    let trace = if on { Trace::Tagged(name) } else { Trace::Untagged(name) };
    Ok(Marked::Yes(write(tx, head, step, &trace).await?))
}

async fn add(tx: &mut PgConnection, step: &Step<'_>, tag: TagId) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "insert into conversation_tags (site_id, conversation_id, tag_id, by_id, at) values ($1, $2, $3, $4, $5)
        on conflict do nothing",
    )
    .bind(step.site)
    .bind(step.conversation)
    .bind(tag)
    .bind(step.by)
    .bind(step.at)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn remove(tx: &mut PgConnection, step: &Step<'_>, tag: TagId) -> sqlx::Result<bool> {
    let done = sqlx::query("delete from conversation_tags where site_id = $1 and conversation_id = $2 and tag_id = $3")
        .bind(step.site)
        .bind(step.conversation)
        .bind(tag)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn count(tx: &mut PgConnection, step: &Step<'_>) -> sqlx::Result<usize> {
    let count: i64 =
        sqlx::query_scalar("select count(*) from conversation_tags where site_id = $1 and conversation_id = $2")
            .bind(step.site)
            .bind(step.conversation)
            .fetch_one(tx)
            .await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Moves a conversation that has not ended to another class.
pub async fn set_priority(db: &Db, step: &Step<'_>, class: Class) -> sqlx::Result<Marked> {
    let mut tx = db.send.begin().await?;
    let Some(head) = lock(&mut tx, step.site, step.conversation).await? else {
        return Ok(Marked::Refused(Refusal::Forbidden));
    };
    if !head.state.is_open() {
        return Ok(Marked::Refused(Refusal::Closed));
    }
    let done = sqlx::query("update conversations set priority = $3 where site_id = $1 and id = $2 and priority <> $3")
        .bind(step.site)
        .bind(step.conversation)
        .bind(class.number())
        .execute(&mut *tx)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(Marked::Already);
    }
    Ok(Marked::Yes(write(tx, head, step, &Trace::Priority(class)).await?))
}

/// The line in the log, and the commit.
pub(in crate::store) async fn write(
    mut tx: sqlx::Transaction<'_, sqlx::Postgres>,
    mut head: Head,
    step: &Step<'_>,
    trace: &Trace,
) -> sqlx::Result<Stored> {
    let draft = trace.draft(step.event, Some((step.by, step.by_name)));
    let row = Row::number(&mut head, draft, step.at);
    insert(&mut tx, std::slice::from_ref(&row)).await?;
    tx.commit().await?;
    Ok(Stored { event: Arc::new(row.event), shopper: head.shopper_id })
}

/// The tags of a shop, by name.
pub async fn tags(db: &PgPool, site: SiteId) -> sqlx::Result<Vec<Tag>> {
    sqlx::query_as("select id, name, color from tags where site_id = $1 order by lower(name) limit $2")
        .bind(site)
        .bind(TAGS_OF_SITE)
        .fetch_all(db)
        .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Tagged {
    pub conversation_id: ConversationId,
    #[sqlx(flatten)]
    pub tag: Tag,
}

/// The tags of these conversations, by name.
pub async fn tags_of(db: &PgPool, conversations: &[ConversationId]) -> sqlx::Result<Vec<Tagged>> {
    sqlx::query_as(
        "select k.conversation_id, t.id, t.name, t.color
        from conversation_tags k
        join conversations c on c.site_id = k.site_id and c.id = k.conversation_id
        join tags t on t.site_id = k.site_id and t.id = k.tag_id
        where c.id = any($1)
        order by lower(t.name)",
    )
    .bind(conversations)
    .fetch_all(db)
    .await
}

/// How often each tag of a shop is used.
pub async fn uses(db: &PgPool, site: SiteId) -> sqlx::Result<Vec<(TagId, i64)>> {
    sqlx::query_as("select tag_id, count(*) from conversation_tags where site_id = $1 group by tag_id")
        .bind(site)
        .fetch_all(db)
        .await
}

/// What may keep a tag from being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagKept {
    Yes,
    NameTaken,
    TooMany,
    Gone,
}

async fn kept(
    tx: Transaction<'_, Postgres>,
    done: sqlx::Result<PgQueryResult>,
    otherwise: TagKept,
) -> sqlx::Result<TagKept> {
    match done {
        Ok(done) if done.rows_affected() == 1 => tx.commit().await.map(|()| TagKept::Yes),
        Ok(_) => Ok(otherwise),
        Err(cause) if violates(&cause, "tags_name_unique") => Ok(TagKept::NameTaken),
        Err(cause) => Err(cause),
    }
}

pub async fn add_tag(db: &PgPool, site: SiteId, tag: &Tag, by: By, at: DateTime<Utc>) -> sqlx::Result<TagKept> {
    let mut tx = audit::begin(db, by).await?;
    let done = sqlx::query(
        "insert into tags (site_id, id, name, color, created_at)
        select $1, $2, $3, $4, $5 where (select count(*) from tags where site_id = $1) < $6",
    )
    .bind(site)
    .bind(tag.id)
    .bind(&tag.name)
    .bind(tag.color)
    .bind(at)
    .bind(TAGS_OF_SITE)
    .execute(&mut *tx)
    .await;
    kept(tx, done, TagKept::TooMany).await
}

pub async fn change_tag(db: &PgPool, site: SiteId, tag: &Tag, by: By) -> sqlx::Result<TagKept> {
    let mut tx = audit::begin(db, by).await?;
    let done = sqlx::query("update tags set name = $3, color = $4 where site_id = $1 and id = $2")
        .bind(site)
        .bind(tag.id)
        .bind(&tag.name)
        .bind(tag.color)
        .execute(&mut *tx)
        .await;
    kept(tx, done, TagKept::Gone).await
}

/// Off every conversation as well; the lines in their logs stay.
pub async fn remove_tag(db: &PgPool, site: SiteId, id: TagId, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    sqlx::query("delete from tags where site_id = $1 and id = $2").bind(site).bind(id).execute(&mut *tx).await?;
    tx.commit().await
}

/// How somebody looked at a list last, as the query of its address.
pub async fn habit(db: &PgPool, agent: AgentId, view: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select wish from list_habits where agent_id = $1 and view = $2")
        .bind(agent)
        .bind(view)
        .fetch_optional(db)
        .await
}

/// Nothing forgets it.
pub async fn set_habit(db: &PgPool, agent: AgentId, view: &str, wish: &str) -> sqlx::Result<()> {
    sqlx::query(
        "with gone as (delete from list_habits where agent_id = $1 and view = $2 and $3 = '')
        insert into list_habits (agent_id, view, wish)
        select $1, $2, $3 where $3 <> ''
        on conflict (agent_id, view) do update set wish = $3",
    )
    .bind(agent)
    .bind(view)
    .bind(wish)
    .execute(db)
    .await?;
    Ok(())
}

/// The tags of these shops, by name.
pub async fn tags_at(db: &PgPool, sites: &[SiteId]) -> sqlx::Result<Vec<(SiteId, TagId, String)>> {
    sqlx::query_as(
        "select site_id, id, name from tags where site_id = any($1) order by lower(name), site_id limit 1000",
    )
    .bind(sites)
    .fetch_all(db)
    .await
}

/// The teams of these shops, by name.
pub async fn teams_at(db: &PgPool, sites: &[SiteId]) -> sqlx::Result<Vec<(SiteId, TeamId, String)>> {
    sqlx::query_as("select site_id, id, name from teams where site_id = any($1) order by name, site_id limit 1000")
        .bind(sites)
        .fetch_all(db)
        .await
}
