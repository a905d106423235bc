//! Customers: whoever wrote to a shop, as staff look them up. A person may be several contacts (browsers, devices) that staff
//! put together; a conversation stays the contact's who had it.
//!
//! Whoever came last is first: by when the newest of their conversations that may be seen was opened. A list is walked in that
//! order along an index, unless few are searched for: then these are sorted.

use super::search::{Failure, patient};
use super::sight::{contacts, person, visible, works_at};
use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId};
use crate::domain::people::Role;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgExecutor, PgPool};

/// Where a page ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub at: DateTime<Utc>,
    pub id: ConversationId,
}

/// Somebody in the list, with the newest of their conversations that may be seen.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Customer {
    pub site_id: SiteId,
    pub site_name: String,
    pub shopper_id: ShopperId,
    pub name: String,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub verified: bool,
    pub attributes: Value,
    pub fields: Option<Value>,
    pub conversation_id: ConversationId,
    pub at: DateTime<Utc>,
    /// Further contacts that are the same person.
    pub others: i32,
}

impl Customer {
    pub fn place(&self) -> Place {
        Place { at: self.at, id: self.conversation_id }
    }
}

/// Of so many of a shop that fit, the newest are found by sorting; of more, by walking.
const FEW: i64 = 2_000;

macro_rules! customers {
    ($found:expr) => {
        concat!(
            "select s.id as site_id, s.name as site_name, p.id as shopper_id, p.name, p.email, p.external_id, p.verified,
                p.attributes, p.context->'fields' as fields, f.id as conversation_id, f.opened_at as at,
                cardinality(f.contacts) - 1 as others
            from (select s.id, s.name from sites s where s.id = any($7)) s ",
            $found,
            " join shoppers p on p.site_id = s.id and p.id = f.person
            where $4::timestamptz is null or (f.opened_at, f.id) < ($4, $5)
            order by f.opened_at desc, f.id desc
            limit $6"
        )
    };
}

macro_rules! walk {
    ($fits:expr) => {
        customers!(concat!(
            "cross join lateral (
                select c.id, c.opened_at, w.person, g.contacts
                from conversations c
                cross join lateral (select ",
            person!("c.site_id", "c.shopper_id"),
            " as person offset 0) w
                cross join lateral (select ",
            contacts!("c.site_id", "w.person"),
            " as contacts offset 0) g
                where c.site_id = s.id and ($4::timestamptz is null or (c.opened_at, c.id) < ($4, $5)) and ",
            visible!("c"),
            $fits,
            " and not exists (select from conversations n
                    where n.site_id = c.site_id and n.shopper_id = any(g.contacts) and (n.opened_at, n.id) > (c.opened_at, c.id) and ",
            visible!("n"),
            ")
                order by c.opened_at desc, c.id desc
                limit $6
            ) f"
        ))
    };
}

const ALL: &str = walk!(" and $3 = ''");

// The words are looked at where the walk has come, by their key: whoever asked the index would read all that fit.
const MANY: &str = walk!(
    " and (select bool_or(d.words @@ $3::tsquery) from search_known d
        where d.site_id = c.site_id and d.what = 'shopper' and d.id = any(g.contacts))"
);

/// The people of shop `s` that fit, as far as the index knows them.
macro_rules! known {
    () => {
        "search_known d where d.site_id = s.id and d.what = 'shopper'
            and d.words @@ (('''@' || right(replace(s.id::text, '-', ''), 12) || '''')::tsquery && $3::tsquery)"
    };
}

const SOME: &str = customers!(concat!(
    "cross join lateral (select distinct ",
    person!("d.site_id", "d.id"),
    " as person from ",
    known!(),
    ") w
    cross join lateral (select ",
    contacts!("s.id", "w.person"),
    " as contacts offset 0) g
    cross join lateral (
        select c.id, c.opened_at, w.person, g.contacts
        from conversations c
        where c.site_id = s.id and c.shopper_id = any(g.contacts) and ",
    visible!("c"),
    "
        order by c.opened_at desc, c.id desc
        limit 1
    ) f"
));

/// Who asks, where, for which words, and from where on.
struct Page<'a> {
    who: (AgentId, Role),
    sites: &'a [SiteId],
    query: &'a str,
    after: Option<Place>,
    limit: i64,
}

impl Page<'_> {
    async fn read(&self, tx: &mut PgConnection, statement: &'static str) -> sqlx::Result<Vec<Customer>> {
        if self.sites.is_empty() {
            return Ok(Vec::new());
        }
        sqlx::query_as(statement)
            .bind(self.who.0)
            .bind(self.who.1.as_str())
            .bind(self.query)
            .bind(self.after.map(|after| after.at))
            .bind(self.after.map(|after| after.id))
            .bind(self.limit)
            .bind(self.sites)
            .fetch_all(tx)
            .await
    }
}

/// One page of the customers that this agent may see, behind the given place.
pub async fn all(
    db: &PgPool,
    who: (AgentId, Role),
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Customer>, Failure> {
    let mut tx = db.begin().await?;
    patient(&mut tx).await?;
    let sites: Vec<SiteId> = sqlx::query_scalar(concat!("select s.id from sites s where ", works_at!("s.id")))
        .bind(who.0)
        .bind(who.1.as_str())
        .fetch_all(&mut *tx)
        .await?;
    let found = Page { who, sites: &sites, query: "", after, limit }.read(&mut tx, ALL).await?;
    tx.rollback().await?;
    Ok(found)
}

/// Those whose name, address, number or whatever else is known of them holds these words, as `tsquery` reads them.
pub async fn found(
    db: &PgPool,
    who: (AgentId, Role),
    query: &str,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Customer>, Failure> {
    let mut tx = db.begin().await?;
    patient(&mut tx).await?;
    let (many, few): (Vec<_>, Vec<_>) = counts(&mut tx, who, query).await?.into_iter().partition(|(_, fit)| *fit > FEW);
    let ids = |sites: Vec<(SiteId, i64)>| sites.into_iter().map(|(site, _)| site).collect::<Vec<_>>();
    let mut found = Page { who, sites: &ids(few), query, after, limit }.read(&mut tx, SOME).await?;
    found.extend(Page { who, sites: &ids(many), query, after, limit }.read(&mut tx, MANY).await?);
    tx.rollback().await?;
    found.sort_by_key(|one| std::cmp::Reverse((one.at, one.conversation_id)));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// How many fit in each shop where any do, counted up to a bound.
async fn counts(tx: &mut PgConnection, who: (AgentId, Role), query: &str) -> sqlx::Result<Vec<(SiteId, i64)>> {
    sqlx::query_as(concat!(
        "select s.id, n.fit
        from sites s
        cross join lateral (select count(*) as fit from (select from ",
        known!(),
        " limit $4) as fitting) n
        where n.fit > 0 and ",
        works_at!("s.id")
    ))
    .bind(who.0)
    .bind(who.1.as_str())
    .bind(query)
    .bind(FEW + 1)
    .fetch_all(tx)
    .await
}

/// What further contacts of these customers are called: whose, name, address.
pub async fn others(db: &PgPool, of: &[(SiteId, ShopperId)]) -> sqlx::Result<Vec<(ShopperId, String, Option<String>)>> {
    sqlx::query_as(
        "select l.kept_id, p.name, p.email
        from unnest($1::uuid[], $2::uuid[]) as asked (site_id, id)
        join contact_links l on l.site_id = asked.site_id and l.kept_id = asked.id
        join shoppers p on p.site_id = l.site_id and p.id = l.shopper_id
        order by l.at
        limit 500",
    )
    .bind(of.iter().map(|(site, _)| *site).collect::<Vec<_>>())
    .bind(of.iter().map(|(_, shopper)| *shopper).collect::<Vec<_>>())
    .fetch_all(db)
    .await
}

/// The person a contact belongs to, if this agent may see them: of a shop that a supervisor oversees, or with a conversation
/// that may be seen.
pub async fn person_of(
    db: &PgPool,
    who: (AgentId, Role),
    contact: ShopperId,
) -> sqlx::Result<Option<(SiteId, ShopperId)>> {
    sqlx::query_as(concat!(
        "select w.site_id, w.person
        from (select p.site_id, ",
        person!("p.site_id", "p.id"),
        " as person from sites s join shoppers p on p.site_id = s.id and p.id = $3) w
        where $2 = 'admin'
            or ($2 = 'supervisor' and exists (select from team_members m where m.agent_id = $1 and m.site_id = w.site_id))
            or exists (select from conversations c
                where c.site_id = w.site_id and c.shopper_id = any(",
        contacts!("w.site_id", "w.person"),
        ") and ",
        visible!("c"),
        ")"
    ))
    .bind(who.0)
    .bind(who.1.as_str())
    .bind(contact)
    .fetch_optional(db)
    .await
}

/// One contact of a person.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Contact {
    pub site_id: SiteId,
    pub id: ShopperId,
    pub name: String,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub verified: bool,
    pub locale: String,
    /// Signed by the shop.
    pub attributes: Value,
    /// Reported by the browser.
    pub fields: Option<Value>,
    /// Who put it with the kept one, and when; not of the kept one itself.
    pub by_name: Option<String>,
    pub merged_at: Option<DateTime<Utc>>,
}

/// The contacts of a person, the kept one first.
pub async fn contacts(db: &PgPool, site: SiteId, person: ShopperId) -> sqlx::Result<Vec<Contact>> {
    sqlx::query_as(concat!(
        "select p.site_id, p.id, p.name, p.email, p.external_id, p.verified, p.locale, p.attributes, p.context->'fields' as fields,
            l.by_name, l.at as merged_at
        from shoppers p
        left join contact_links l on l.site_id = p.site_id and l.shopper_id = p.id
        where p.site_id = $1 and p.id = any(",
        contacts!("$1", "$2"),
        ")
        order by l.at nulls first, p.id"
    ))
    .bind(site)
    .bind(person)
    .fetch_all(db)
    .await
}

/// Every contact of the person that this one belongs to, whoever asks.
pub async fn together(db: impl PgExecutor<'_>, site: SiteId, contact: ShopperId) -> sqlx::Result<Vec<ShopperId>> {
    sqlx::query_scalar(concat!(
        "select unnest(",
        contacts!("$1", "w.person"),
        ") from (select ",
        person!("$1", "$2"),
        " as person offset 0) w"
    ))
    .bind(site)
    .bind(contact)
    .fetch_all(db)
    .await
}

/// What the other contacts of the person are called that this one belongs to, and whether the shop vouches for them.
pub async fn beside(
    db: &PgPool,
    site: SiteId,
    contact: ShopperId,
) -> sqlx::Result<Vec<(String, Option<String>, bool)>> {
    sqlx::query_as(concat!(
        "select p.name, p.email, p.verified
        from (select ",
        person!("$1", "$2"),
        " as person offset 0) w
        join shoppers p on p.site_id = $1 and p.id <> $2 and p.id = any(",
        contacts!("$1", "w.person"),
        ")
        order by p.verified desc, p.id
        limit 50"
    ))
    .bind(site)
    .bind(contact)
    .fetch_all(db)
    .await
}

/// When somebody came for the first time and was there last, and how many conversations that makes: of those that may be seen.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Span {
    pub first_at: Option<DateTime<Utc>>,
    pub last_at: Option<DateTime<Utc>>,
    pub count: i64,
}

pub async fn span(db: &PgPool, who: (AgentId, Role), (site, contacts): (SiteId, &[ShopperId])) -> sqlx::Result<Span> {
    sqlx::query_as(concat!(
        "select min(c.opened_at) as first_at, max(c.last_at) as last_at, count(*) as count
        from conversations c
        where c.site_id = $3 and c.shopper_id = any($4) and ",
        visible!("c")
    ))
    .bind(who.0)
    .bind(who.1.as_str())
    .bind(site)
    .bind(contacts)
    .fetch_one(db)
    .await
}
