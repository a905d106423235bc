//! What is known of a person, all of it, to be handed out; and erasing it: when they ask, and when it is old.
//!
//! A conversation takes with it whatever hangs on it, and so does a contact: foreign keys and triggers see to that. Files are doomed
//! in the same transaction, and their bytes are removed within a minute.

mod ageing;
mod erasing;

pub(super) use ageing::{Leaving, forget};
pub use ageing::{age, forget_expired, forget_idle, forget_token, keeping, older};
pub use erasing::{Erased, Erasing, erase};

use crate::domain::id::{AgentId, ConversationId, FileId, ShopperId, SiteId};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Somebody who may be meant by an address or a number.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Meant {
    pub site_name: String,
    pub id: ShopperId,
    pub name: String,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub verified: bool,
    pub conversations: i64,
}

/// Contacts with this address or customer number, in whichever shop, also those who never wrote; and whoever had a ticket
/// answered, or a letter sent, to the address, or wanted to be called at it.
pub async fn meant(db: &PgPool, by: &str, most: i64) -> sqlx::Result<Vec<Meant>> {
    sqlx::query_as(
        "select s.name as site_name, p.id, p.name, p.email, p.external_id, p.verified,
            (select count(*) from conversations c where c.site_id = p.site_id and c.shopper_id = p.id) as conversations
        from sites s
        join lateral (
            select id from shoppers where site_id = s.id and lower(email) = lower($1)
            union
            select id from shoppers where site_id = s.id and external_id = $1
            union
            select c.shopper_id from tickets t join conversations c on c.site_id = t.site_id and c.id = t.conversation_id
                where t.site_id = s.id and lower(t.email) = lower($1)
            union
            select c.shopper_id from conversations c where c.site_id = s.id and lower(c.place_email) = lower($1)
            union
            select c.shopper_id from outbox o join conversations c on c.site_id = o.site_id and c.id = o.conversation_id
                where o.site_id = s.id and lower(o.recipient) = lower($1) and o.state <> 'dead'
                    and o.kind in ('transcript', 'ticket_opened', 'ticket_reply', 'place', 'answers')
        ) found on found.id is not null
        join shoppers p on p.site_id = s.id and p.id = found.id
        order by s.name, p.verified desc, p.id
        limit $2",
    )
    .bind(by)
    .bind(most)
    .fetch_all(db)
    .await
}

/// How much is known of somebody.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Extent {
    pub conversations: i64,
    pub tickets: i64,
    pub files: i64,
    pub letters: i64,
    /// One of the conversations goes on.
    pub is_open: bool,
    pub is_blocked: bool,
}

pub async fn extent(db: &PgPool, (site, contacts): (SiteId, &[ShopperId]), now: DateTime<Utc>) -> sqlx::Result<Extent> {
    sqlx::query_as(
        "with theirs as materialized (
            select id, state from conversations where site_id = $1 and shopper_id = any($2))
        select (select count(*) from theirs) as conversations,
            (select count(*) from tickets t join theirs on theirs.id = t.conversation_id and t.site_id = $1) as tickets,
            (select count(*) from files f join theirs on theirs.id = f.conversation_id and f.site_id = $1 and f.state = 'attached') as files,
            (select count(*) from outbox o join theirs on theirs.id = o.conversation_id and o.site_id = $1) as letters,
            exists (select from theirs where state in ('waiting', 'active')) as is_open,
            exists (select from blocks b where b.site_id = $1 and b.shopper_id = any($2)
                and b.lifted_at is null and (b.until is null or b.until > $3)) as is_blocked",
    )
    .bind(site)
    .bind(contacts)
    .bind(now)
    .fetch_one(db)
    .await
}

/// A contact with everything that is kept of it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Record {
    pub id: ShopperId,
    pub external_id: Option<String>,
    pub name: String,
    pub email: Option<String>,
    pub verified: bool,
    pub locale: String,
    pub attributes: Value,
    pub context: Value,
    pub created_at: DateTime<Utc>,
    /// `[{"at", "until", "reason", "lifted_at"}]`
    pub blocks: Value,
    /// When a browser agreed to notifications.
    pub browsers: Vec<DateTime<Utc>>,
    /// `{"with", "at"}`: staff found that this is who another contact is.
    pub put_together: Option<Value>,
    /// `[{"name", "type", "bytes", "at"}]`: uploaded and not sent, removed before long.
    pub unsent: Value,
}

pub async fn records(db: &PgPool, site: SiteId, contacts: &[ShopperId]) -> sqlx::Result<Vec<Record>> {
    sqlx::query_as(
        "select p.id, p.external_id, p.name, p.email, p.verified, p.locale, p.attributes, p.context, p.created_at,
            coalesce((select jsonb_agg(jsonb_build_object('at', b.at, 'until', b.until, 'reason', b.reason, 'lifted_at', b.lifted_at) order by b.at)
                from blocks b where b.site_id = p.site_id and b.shopper_id = p.id), '[]') as blocks,
            array(select n.created_at from push_subscriptions n where n.site_id = p.site_id and n.shopper_id = p.id order by n.created_at) as browsers,
            (select jsonb_build_object('with', l.kept_id, 'at', l.at) from contact_links l where l.site_id = p.site_id and l.shopper_id = p.id) as put_together,
            coalesce((select jsonb_agg(jsonb_build_object('name', f.name, 'type', f.mime, 'bytes', f.size, 'at', f.created_at) order by f.created_at)
                from files f where f.site_id = p.site_id and f.uploader = 'shopper' and f.uploader_id = p.id and f.state = 'ready'), '[]') as unsent
        from shoppers p
        where p.site_id = $1 and p.id = any($2)
        order by p.created_at, p.id",
    )
    .bind(site)
    .bind(contacts)
    .fetch_all(db)
    .await
}

/// A conversation with what is kept beside its log.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Talk {
    pub id: ConversationId,
    pub shopper_id: ShopperId,
    pub state: String,
    pub locale: String,
    pub team: Option<String>,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub tags: Vec<String>,
    /// `{"score", "comment", "at"}`
    pub rating: Option<Value>,
    /// `{"number", "subject", "name", "email", "status"}`
    pub ticket: Option<Value>,
    /// `[{"kind", "to", "at", "sent_at"}]`
    pub letters: Value,
    /// Where they wanted to be called.
    pub place_email: Option<String>,
    /// `[{"upto", "at"}]`, by the numbers of the events.
    pub seen: Value,
}

/// Every conversation of these contacts, the oldest first.
pub async fn talks(db: &PgPool, site: SiteId, contacts: &[ShopperId]) -> sqlx::Result<Vec<ConversationId>> {
    sqlx::query_scalar(
        "select id from conversations where site_id = $1 and shopper_id = any($2) order by opened_at, id",
    )
    .bind(site)
    .bind(contacts)
    .fetch_all(db)
    .await
}

pub async fn talk(db: &PgPool, site: SiteId, id: ConversationId) -> sqlx::Result<Option<Talk>> {
    sqlx::query_as(
        "select c.id, c.shopper_id, c.state, c.locale, t.name as team, c.opened_at, c.closed_at, c.place_email,
            array(select g.name from conversation_tags ct join tags g on g.site_id = ct.site_id and g.id = ct.tag_id
                where ct.site_id = c.site_id and ct.conversation_id = c.id order by g.name) as tags,
            (select jsonb_build_object('score', r.score, 'comment', r.comment, 'at', r.at) from ratings r
                where r.site_id = c.site_id and r.conversation_id = c.id) as rating,
            (select jsonb_build_object('number', k.number, 'subject', k.subject, 'name', k.name, 'email', k.email, 'status', k.status)
                from tickets k where k.site_id = c.site_id and k.conversation_id = c.id) as ticket,
            coalesce((select jsonb_agg(jsonb_build_object('kind', o.kind, 'to', o.recipient, 'at', o.created_at, 'sent_at', o.sent_at)
                order by o.created_at) from outbox o where o.site_id = c.site_id and o.conversation_id = c.id
                and o.kind not in ('unseen', 'invitation')), '[]') as letters,
            coalesce((select jsonb_agg(jsonb_build_object('upto', m.upto, 'at', m.at) order by m.upto) from seen_marks m
                where m.site_id = c.site_id and m.conversation_id = c.id), '[]') as seen
        from conversations c
        left join teams t on t.site_id = c.site_id and t.id = c.team_id
        where c.site_id = $1 and c.id = $2 and c.shopper_id is not null",
    )
    .bind(site)
    .bind(id)
    .fetch_optional(db)
    .await
}

/// How much was handed out or erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Amount {
    pub people: i32,
    pub conversations: i32,
    pub files: i32,
}

fn count<T>(all: &[T]) -> i32 {
    i32::try_from(all.len()).unwrap_or(i32::MAX)
}

/// Who did something to whose data.
#[derive(Clone, Copy, Debug)]
pub struct Doing {
    /// Of the line that says so.
    pub id: Uuid,
    pub site: SiteId,
    pub person: ShopperId,
    pub by: AgentId,
    pub at: DateTime<Utc>,
}

/// Notes that everything known of somebody was handed out.
pub async fn note_export(db: &PgPool, doing: &Doing, amount: Amount) -> sqlx::Result<()> {
    let mut connection = db.acquire().await?;
    note(&mut connection, doing, "exported", amount).await
}

async fn note(tx: &mut PgConnection, doing: &Doing, did: &str, amount: Amount) -> sqlx::Result<()> {
    sqlx::query(
        "insert into privacy_log (id, site_id, did, at, by_id, by_name, person_id, people, conversations, files)
        select $1, $2, $3, $4, a.id, a.name, $5, $6, $7, $8 from agents a where a.id = $9",
    )
    .bind(doing.id)
    .bind(doing.site)
    .bind(did)
    .bind(doing.at)
    .bind(doing.person)
    .bind(amount.people)
    .bind(amount.conversations)
    .bind(amount.files)
    .bind(doing.by)
    .execute(tx)
    .await?;
    Ok(())
}

/// Dooms the files of these conversations, and what these people uploaded and did not send; says how many.
async fn doom(
    tx: &mut PgConnection,
    site: SiteId,
    people: &[ShopperId],
    conversations: &[ConversationId],
) -> sqlx::Result<i32> {
    let doomed: Vec<FileId> = sqlx::query_scalar(
        "update files set state = 'doomed', since = now()
        where site_id = $1 and state <> 'doomed'
            and (conversation_id = any($3) or uploader = 'shopper' and uploader_id = any($2))
        returning id",
    )
    .bind(site)
    .bind(people)
    .bind(conversations)
    .fetch_all(tx)
    .await?;
    Ok(count(&doomed))
}

/// A line of what was handed out and erased.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Noted {
    pub id: Uuid,
    pub site_name: String,
    pub did: String,
    pub at: DateTime<Utc>,
    pub by_name: String,
    #[sqlx(flatten)]
    pub amount: Amount,
}

/// Where a page ends.
pub type Place = (DateTime<Utc>, Uuid);

/// Newest first.
pub async fn noted(db: &PgPool, before: Option<Place>, most: i64) -> sqlx::Result<Vec<Noted>> {
    let (at, id) = before.unzip();
    sqlx::query_as(
        "select n.id, s.name as site_name, n.did, n.at, n.by_name, n.people, n.conversations, n.files
        from privacy_log n
        join sites s on s.id = n.site_id
        where $1::timestamptz is null or (n.at, n.id) < ($1, $2)
        order by n.at desc, n.id desc
        limit $3",
    )
    .bind(at)
    .bind(id)
    .bind(most)
    .fetch_all(db)
    .await
}

/// How long the record itself is kept.
const RECORD: TimeDelta = TimeDelta::days(731);

pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("delete from privacy_log where at < $1").bind(now - RECORD).execute(db).await?;
    Ok(())
}
