//! Files' rows: room is taken before bytes are written, a message takes what is ready, and a row goes when its bytes have gone.

use crate::domain::conversation::Refusal;
use crate::domain::event::{Author, Event};
use crate::domain::file::File;
use crate::domain::id::{ConversationId, EventId, FileId, ShopperId, SiteId};
use crate::store::append::Row;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};
use std::collections::HashMap;
use uuid::Uuid;

/// Unknown, somebody else's and used up are told alike.
pub const NO_SUCH_FILE: Refusal =
    Refusal::BadRequest("A file is not there any more, or was sent before. Attach it again.");

/// A file about to be kept.
pub struct NewFile<'a> {
    pub site: SiteId,
    pub by: Author,
    pub file: &'a File,
    pub thumb_size: Option<i64>,
}

impl NewFile<'_> {
    /// What it takes of the shop's space.
    fn bytes(&self) -> i64 {
        self.file.size + self.thumb_size.unwrap_or_default()
    }
}

/// Takes room for a file whose bytes come next. `false`: the shop's space is used up.
pub async fn add(db: &PgPool, new: &NewFile<'_>, quota: i64, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    let taken: Option<i64> = sqlx::query_scalar(
        "insert into file_space as s (site_id, bytes) select $1, $2 where $2 <= $3
        on conflict (site_id) do update set bytes = s.bytes + excluded.bytes where s.bytes + excluded.bytes <= $3
        returning bytes",
    )
    .bind(new.site)
    .bind(new.bytes())
    .bind(quota)
    .fetch_optional(&mut *tx)
    .await?;
    if taken.is_none() {
        return Ok(false);
    }
    sqlx::query(
        "insert into files (site_id, id, state, uploader, uploader_id, name, mime, size, width, height, thumb_size, created_at, since)
        values ($1, $2, 'arriving', $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
    )
    .bind(new.site)
    .bind(new.file.id)
    .bind(new.by.role())
    .bind(new.by.uuid())
    .bind(&new.file.name)
    .bind(&new.file.mime)
    .bind(new.file.size)
    .bind(new.file.width)
    .bind(new.file.height)
    .bind(new.thumb_size)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// Its bytes are there. `false`: it took too long, and the sweep has doomed it.
pub async fn set_ready(db: &PgPool, id: FileId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let set = sqlx::query("update files set state = 'ready', since = $2 where id = $1 and state = 'arriving'")
        .bind(id)
        .bind(now)
        .execute(db)
        .await?;
    Ok(set.rows_affected() == 1)
}

/// How many somebody has uploaded since a moment.
pub async fn uploaded_since(db: &PgPool, (site, by): (SiteId, Author), since: DateTime<Utc>) -> sqlx::Result<i64> {
    sqlx::query_scalar("select count(*) from files where site_id = $1 and uploader_id = $2 and created_at > $3")
        .bind(site)
        .bind(by.uuid())
        .bind(since)
        .fetch_one(db)
        .await
}

/// What a shop's files take, in bytes.
pub async fn space(db: &PgPool, site: SiteId) -> sqlx::Result<i64> {
    let bytes = sqlx::query_scalar("select bytes from file_space where site_id = $1").bind(site).fetch_optional(db);
    Ok(bytes.await?.unwrap_or_default())
}

/// Files that messages may take, locked.
#[derive(Default)]
pub struct Found(HashMap<FileId, Ready>);

#[derive(sqlx::FromRow)]
struct Ready {
    site_id: SiteId,
    uploader: String,
    uploader_id: Uuid,
    #[sqlx(flatten)]
    file: File,
}

/// Locks those of these that no message has taken. The caller holds the locks of the conversations they go to.
pub async fn lock(tx: &mut PgConnection, ids: &[FileId]) -> sqlx::Result<Found> {
    if ids.is_empty() {
        return Ok(Found::default());
    }
    let ready: Vec<Ready> = sqlx::query_as(
        "select site_id, uploader, uploader_id, id, name, size, mime, width, height
        from files
        where id = any($1) and state = 'ready'
        order by id
        for update",
    )
    .bind(ids)
    .fetch_all(tx)
    .await?;
    Ok(Found(ready.into_iter().map(|ready| (ready.file.id, ready)).collect()))
}

impl Found {
    /// Takes all of these for one message, or none: each is its author's, of the same shop, and taken once.
    pub fn take(&mut self, site: SiteId, by: Author, ids: &[FileId]) -> Option<Vec<File>> {
        let is_theirs = |id: &FileId| {
            self.0.get(id).is_some_and(|ready| {
                ready.site_id == site && ready.uploader == by.role() && Some(ready.uploader_id) == by.uuid()
            })
        };
        let is_once = (1..ids.len()).all(|at| !ids[..at].contains(&ids[at]));
        if !is_once || !ids.iter().all(is_theirs) {
            return None;
        }
        ids.iter().map(|id| self.0.remove(id).map(|ready| ready.file)).collect()
    }
}

/// The messages just written carry what they took.
pub async fn attach(tx: &mut PgConnection, rows: &[Row]) -> sqlx::Result<()> {
    let mut columns: (Vec<FileId>, Vec<ConversationId>, Vec<EventId>, Vec<DateTime<Utc>>) = Default::default();
    for event in rows.iter().map(|row| &row.event) {
        for file in event.files() {
            columns.0.push(file.id);
            columns.1.push(event.conversation);
            columns.2.push(event.id);
            columns.3.push(event.at);
        }
    }
    if columns.0.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update files f set state = 'attached', conversation_id = n.conversation_id, event_id = n.event_id, since = n.at
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[]) as n (id, conversation_id, event_id, at)
        where f.id = n.id",
    )
    .bind(columns.0)
    .bind(columns.1)
    .bind(columns.2)
    .bind(columns.3)
    .execute(tx)
    .await?;
    Ok(())
}

/// What a message that is taken back carried is to go.
pub async fn doom(tx: &mut PgConnection, event: &Event) -> sqlx::Result<()> {
    sqlx::query(
        "update files set state = 'doomed', since = now()
        where site_id = $1 and conversation_id = $2 and event_id = $3 and state = 'attached'",
    )
    .bind(event.site)
    .bind(event.conversation)
    .bind(event.id)
    .execute(tx)
    .await?;
    Ok(())
}

/// A file and where its bytes are.
#[derive(Debug, sqlx::FromRow)]
pub struct Kept {
    pub site_id: SiteId,
    pub thumb_size: Option<i64>,
    #[sqlx(flatten)]
    pub file: File,
}

/// A file that a message carries.
pub async fn attached(db: &PgPool, id: FileId) -> sqlx::Result<Option<Kept>> {
    sqlx::query_as(
        "select site_id, thumb_size, id, name, size, mime, width, height from files where id = $1 and state = 'attached'",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// The conversation whose message carries it.
pub async fn conversation_of(db: &PgPool, id: FileId) -> sqlx::Result<Option<ConversationId>> {
    sqlx::query_scalar("select conversation_id from files where id = $1 and state = 'attached'")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// A file of a message that this shopper may see, and the conversation it is in.
pub async fn seen_by(
    db: &PgPool,
    (site, shopper): (SiteId, ShopperId),
    id: FileId,
) -> sqlx::Result<Option<(ConversationId, File)>> {
    #[derive(sqlx::FromRow)]
    struct Seen {
        conversation_id: ConversationId,
        #[sqlx(flatten)]
        file: File,
    }
    let seen: Option<Seen> = sqlx::query_as(
        "select f.conversation_id, f.id, f.name, f.size, f.mime, f.width, f.height
        from files f
        join conversations c on c.site_id = f.site_id and c.id = f.conversation_id
        join events e on e.site_id = f.site_id and e.conversation_id = f.conversation_id and e.id = f.event_id
        where f.site_id = $1 and f.id = $3 and f.state = 'attached' and c.shopper_id = $2 and e.shopper_seq is not null",
    )
    .bind(site)
    .bind(shopper)
    .bind(id)
    .fetch_optional(db)
    .await?;
    Ok(seen.map(|seen| (seen.conversation_id, seen.file)))
}

/// This long bytes may take to be written, and this long a file may wait for its message.
pub const ARRIVES_WITHIN: TimeDelta = TimeDelta::hours(2);
pub const WAITS: TimeDelta = TimeDelta::hours(24);

/// Dooms what never arrived and what no message took.
pub async fn doom_forgotten(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let doomed = sqlx::query(
        "update files set state = 'doomed', since = $1
        where (state = 'arriving' and since < $2) or (state = 'ready' and since < $3)",
    )
    .bind(now)
    .bind(now - ARRIVES_WITHIN)
    .bind(now - WAITS)
    .execute(db)
    .await?;
    Ok(doomed.rows_affected())
}

/// Files whose bytes are to go, the oldest first.
pub async fn doomed(db: &PgPool, most: i64) -> sqlx::Result<Vec<(SiteId, FileId)>> {
    sqlx::query_as("select site_id, id from files where state = 'doomed' order by since limit $1")
        .bind(most)
        .fetch_all(db)
        .await
}

/// Dooms one whose bytes could not be written.
pub async fn give_up(db: &PgPool, id: FileId, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update files set state = 'doomed', since = $2 where id = $1 and state in ('arriving', 'ready')")
        .bind(id)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// Its bytes are gone: so are its row and its share of the shop's space.
pub async fn remove(db: &PgPool, id: FileId) -> sqlx::Result<()> {
    sqlx::query(
        "with gone as (
            delete from files where id = $1 and state = 'doomed' returning site_id, size + coalesce(thumb_size, 0) as bytes
        )
        update file_space s set bytes = greatest(s.bytes - gone.bytes, 0) from gone where s.site_id = gone.site_id",
    )
    .bind(id)
    .execute(db)
    .await?;
    Ok(())
}

/// How many wait to be removed, and what all of them take, in bytes.
pub async fn totals(db: &PgPool) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "select (select count(*) from files where state = 'doomed'),
            (select coalesce(sum(bytes), 0)::bigint from file_space)",
    )
    .fetch_one(db)
    .await
}
