//! What is known of a person, all of it, to be handed out; and erasing it: when they ask, and when it is old.
//!
//! A conversation takes with it whatever hangs on it, and so does a contact: foreign keys and triggers see to that. Files are doomed
//! in the same transaction, and their bytes are removed within a minute.

use super::{audit, customers};
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
/// answered, or a letter sent, to the address.
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
}

pub async fn records(db: &PgPool, site: SiteId, contacts: &[ShopperId]) -> sqlx::Result<Vec<Record>> {
    sqlx::query_as(
        "select p.id, p.external_id, p.name, p.email, p.verified, p.locale, p.attributes, p.context, p.created_at,
            coalesce((select jsonb_agg(jsonb_build_object('at', b.at, 'until', b.until, 'reason', b.reason, 'lifted_at', b.lifted_at) order by b.at)
                from blocks b where b.site_id = p.site_id and b.shopper_id = p.id), '[]') as blocks,
            array(select n.created_at from push_subscriptions n where n.site_id = p.site_id and n.shopper_id = p.id order by n.created_at) as browsers
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
                and o.kind not in ('unseen', 'invitation')), '[]') as letters
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

/// What follows from erasing somebody.
pub struct Erased {
    /// Whose chat, or whose kept place, is gone with it.
    pub left: Vec<(AgentId, ConversationId, i32)>,
    pub amount: Amount,
}

/// A conversation that is erased, and whose it is, or is kept for.
#[derive(sqlx::FromRow)]
struct Held {
    id: ConversationId,
    owner: Option<AgentId>,
    reserved_for: Option<AgentId>,
    #[sqlx(rename = "gen")]
    generation: i32,
}

/// What came of erasing somebody.
pub enum Erasing {
    Done(Erased),
    /// None of them is there any more.
    Gone,
    /// The person is made of other contacts by now.
    Changed,
}

/// Erases the person that is made of these contacts, with everything they had; all of it or nothing.
///
/// Their rows are held first, as whoever opens a conversation does, and then the conversations, as whoever writes into one does:
/// what is being committed is committed and erased, and nothing is written after.
pub async fn erase(db: &PgPool, contacts: &[ShopperId], doing: &Doing) -> sqlx::Result<Erasing> {
    let mut tx = audit::begin(db, Some(doing.by)).await?;
    let people: Vec<ShopperId> =
        sqlx::query_scalar("select id from shoppers where site_id = $1 and id = any($2) order by id for update")
            .bind(doing.site)
            .bind(contacts)
            .fetch_all(&mut *tx)
            .await?;
    if people.is_empty() {
        return Ok(Erasing::Gone);
    }
    // Whoever puts contacts together or apart holds one of them: from here on they are as they are.
    let mut together = customers::together(&mut *tx, doing.site, doing.person).await?;
    together.sort_unstable_by_key(|contact| contact.0);
    if together != people {
        return Ok(Erasing::Changed);
    }
    let held: Vec<Held> = sqlx::query_as(
        "select id, case when state = 'active' then assignee_id end as owner, reserved_for, gen from conversations
        where site_id = $1 and shopper_id = any($2) order by id for update",
    )
    .bind(doing.site)
    .bind(&people)
    .fetch_all(&mut *tx)
    .await?;
    let conversations: Vec<ConversationId> = held.iter().map(|one| one.id).collect();
    let files = doom(&mut tx, doing.site, &people, &conversations).await?;
    sqlx::query("delete from shoppers where site_id = $1 and id = any($2)")
        .bind(doing.site)
        .bind(&people)
        .execute(&mut *tx)
        .await?;
    // Kept sealed for minutes; whose is whose cannot be told.
    sqlx::query("delete from order_answers where site_id = $1").bind(doing.site).execute(&mut *tx).await?;
    let amount = Amount { people: count(&people), conversations: count(&conversations), files };
    note(&mut tx, doing, "erased", amount).await?;
    tx.commit().await?;
    let left = held.into_iter().flat_map(|one| {
        let agents = [one.owner, one.reserved_for].into_iter().flatten();
        agents.map(move |agent| (agent, one.id, one.generation))
    });
    Ok(Erasing::Done(Erased { left: left.collect(), amount }))
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

/// Shops that do not keep conversations for good, and for how many days they do.
pub async fn keeping(db: &PgPool) -> sqlx::Result<Vec<(SiteId, i32)>> {
    sqlx::query_as(
        "select id, (settings->>'keep_days')::integer from sites where (settings->>'keep_days')::integer > 0",
    )
    .fetch_all(db)
    .await
}

macro_rules! old {
    () => {
        "conversations c
        where c.site_id = $1 and c.closed_at < $2 and c.kind in ('support', 'ticket')
            and (c.state = 'closed' or c.state = 'ticketed' and exists (select from tickets t
                where t.site_id = c.site_id and t.conversation_id = c.id and t.status = 'solved' and t.updated_at < $2))"
    };
}

/// How many conversations of a shop ended before this moment, counted up to a bound.
pub async fn older(db: &PgPool, site: SiteId, before: DateTime<Utc>, most: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar(concat!("select count(*) from (select from ", old!(), " limit $3) as found"))
        .bind(site)
        .bind(before)
        .bind(most)
        .fetch_one(db)
        .await
}

/// Old conversations with whose they are, held until the transaction ends; what somebody else holds is left out.
async fn hold_old(
    tx: &mut PgConnection,
    site: SiteId,
    before: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<(Vec<ConversationId>, Vec<ShopperId>)> {
    let whose: Vec<ShopperId> =
        sqlx::query_scalar(concat!("select c.shopper_id from ", old!(), " order by c.closed_at limit $3"))
            .bind(site)
            .bind(before)
            .bind(most)
            .fetch_all(&mut *tx)
            .await?;
    // Shoppers first, as whoever opens a conversation again does.
    let held: Vec<ShopperId> = sqlx::query_scalar(
        "select id from shoppers where site_id = $1 and id = any($2) order by id for update skip locked",
    )
    .bind(site)
    .bind(&whose)
    .fetch_all(&mut *tx)
    .await?;
    let old: Vec<(ConversationId, ShopperId)> = sqlx::query_as(concat!(
        "select c.id, c.shopper_id from ",
        old!(),
        " and c.shopper_id = any($4) order by c.closed_at limit $3 for update of c skip locked"
    ))
    .bind(site)
    .bind(before)
    .bind(most)
    .bind(&held)
    .fetch_all(&mut *tx)
    .await?;
    let (mut ids, whose): (Vec<ConversationId>, Vec<ShopperId>) = old.into_iter().unzip();
    // A ticket may be opened again by somebody who holds nothing else.
    let unsolved: Vec<ConversationId> = sqlx::query_as::<_, (ConversationId, bool)>(
        "select conversation_id, status = 'solved' and updated_at < $3 from tickets
        where site_id = $1 and conversation_id = any($2) order by number for update",
    )
    .bind(site)
    .bind(&ids)
    .bind(before)
    .fetch_all(&mut *tx)
    .await?
    .into_iter()
    .filter_map(|(id, is_old)| (!is_old).then_some(id))
    .collect();
    ids.retain(|id| !unsolved.contains(id));
    Ok((ids, whose))
}

/// Erases conversations of a shop that ended before this moment (a ticket ends when it is solved), at most so many, and the contacts
/// that have nothing left. What somebody holds at the moment is left to the next time.
pub async fn age(
    db: &PgPool,
    (line, site): (Uuid, SiteId),
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<Amount> {
    let mut tx = db.begin().await?;
    let (ids, whose) = hold_old(&mut tx, site, before, most).await?;
    if ids.is_empty() {
        return Ok(Amount::default());
    }
    let keepers: Vec<ShopperId> =
        sqlx::query_scalar("select distinct kept_id from contact_links where site_id = $1 and shopper_id = any($2)")
            .bind(site)
            .bind(&whose)
            .fetch_all(&mut *tx)
            .await?;
    let files = doom(&mut tx, site, &[], &ids).await?;
    sqlx::query("delete from conversations where site_id = $1 and id = any($2)")
        .bind(site)
        .bind(&ids)
        .execute(&mut *tx)
        .await?;
    // Whoever others were put with is looked at when these are gone.
    let mut people = 0;
    for contacts in [whose, keepers] {
        people += forget(&mut tx, (&vec![site; contacts.len()], &contacts), now, Leaving::Blank).await?;
    }
    let amount = Amount { people, conversations: count(&ids), files };
    sqlx::query(
        "insert into privacy_log (id, site_id, did, at, people, conversations, files) values ($1, $2, 'aged', $3, $4, $5, $6)
        on conflict (site_id, ((at at time zone 'UTC')::date)) where did = 'aged' do update set
            people = privacy_log.people + $4, conversations = privacy_log.conversations + $5, files = privacy_log.files + $6",
    )
    .bind(line)
    .bind(site)
    .bind(now)
    .bind(people)
    .bind(amount.conversations)
    .bind(files)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(amount)
}

/// What becomes of who stays without a conversation: whose browser may come back, who is blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    AsIs,
    /// Nothing of them tells who that is any more, but, of who is blocked, the number by which they are.
    Blank,
}

/// Removes those of these contacts who have no conversation; says how many. Who is blocked stays blocked, and whoever others were
/// put with stays while they do.
pub(super) async fn forget(
    tx: &mut PgConnection,
    (sites, contacts): (&[SiteId], &[ShopperId]),
    now: DateTime<Utc>,
    leaving: Leaving,
) -> sqlx::Result<i32> {
    // Held before it is looked what they have: nobody opens a conversation meanwhile.
    let held: Vec<(SiteId, ShopperId)> = sqlx::query_as(
        "select p.site_id, p.id from shoppers p
        where (p.site_id, p.id) in (select * from unnest($1::uuid[], $2::uuid[]))
        for update of p skip locked",
    )
    .bind(sites)
    .bind(contacts)
    .fetch_all(&mut *tx)
    .await?;
    let (sites, contacts): (Vec<SiteId>, Vec<ShopperId>) = held.into_iter().unzip();
    let removed = sqlx::query(
        "with idle as (
            select p.site_id, p.id,
                exists (select from shopper_tokens t
                    where t.site_id = p.site_id and t.shopper_id = p.id and t.expires_at > $3) as may_come,
                exists (select from blocks b where b.site_id = p.site_id and b.shopper_id = p.id
                    and b.lifted_at is null and (b.until is null or b.until > $3)) as is_blocked
            from unnest($1::uuid[], $2::uuid[]) as p (site_id, id)
            where not exists (select from conversations c where c.site_id = p.site_id and c.shopper_id = p.id)
                and not exists (select from contact_links l where l.site_id = p.site_id and l.kept_id = p.id)
        ), blanked as (
            update shoppers p set name = '', email = null, attributes = '{}', context = '{}',
                verified = p.verified and idle.is_blocked,
                external_id = case when idle.is_blocked then p.external_id end
            from idle
            where p.site_id = idle.site_id and p.id = idle.id and $4 and (idle.may_come or idle.is_blocked)
        )
        delete from shoppers p using idle
        where p.site_id = idle.site_id and p.id = idle.id and not idle.may_come and not idle.is_blocked",
    )
    .bind(&sites)
    .bind(&contacts)
    .bind(now)
    .bind(leaving == Leaving::Blank)
    .execute(tx)
    .await?;
    Ok(i32::try_from(removed.rows_affected()).unwrap_or(i32::MAX))
}

/// Removes shoppers' tokens that have expired, at most so many, and whoever has nothing else; says how many tokens.
pub async fn forget_expired(db: &PgPool, now: DateTime<Utc>, most: i64) -> sqlx::Result<usize> {
    let mut tx = db.begin().await?;
    // Whoever is held elsewhere keeps the token that leads to them until the next time.
    let expired: Vec<(SiteId, ShopperId)> = sqlx::query_as(
        "with whose as materialized (
            select p.site_id, p.id from shoppers p
            where (p.site_id, p.id) in (select site_id, shopper_id from shopper_tokens where expires_at < $1 limit $2)
            for update of p skip locked)
        delete from shopper_tokens t using whose
        where t.site_id = whose.site_id and t.shopper_id = whose.id and t.expires_at < $1
        returning t.site_id, t.shopper_id",
    )
    .bind(now)
    .bind(most)
    .fetch_all(&mut *tx)
    .await?;
    let removed = expired.len();
    let (sites, contacts): (Vec<SiteId>, Vec<ShopperId>) = expired.into_iter().unzip();
    if removed > 0 {
        forget(&mut tx, (&sites, &contacts), now, Leaving::AsIs).await?;
    }
    tx.commit().await?;
    Ok(removed)
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
