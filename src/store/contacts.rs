//! Which contacts are one person.
//!
//! By the shop's word, an anonymous contact turns out to be a verified one: its conversations become theirs, and its browser is
//! given their token. By staff's word, contacts stand on one page for staff: no conversation and no token moves, so that a browser
//! sees what it saw before, whoever typed whose address into it; and it can be undone.
//!
//! Locks are taken in one order: shoppers by id, then links. Whoever changes who is with whom holds the row of everybody who is
//! kept; so there are stars and no chains.

use super::Db;
use super::privacy::{self, Leaving};
use super::sight::{contacts, person};
use crate::domain::id::{AgentId, ChangeId, ShopperId, SiteId};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

/// Moves the conversations of an anonymous shopper to the verified one they turned out to be, and forgets the former. The open one
/// stays behind where the verified shopper has one already.
pub async fn merge_shopper(
    tx: &mut PgConnection,
    site: SiteId,
    (from, into): (ShopperId, ShopperId),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update conversations set shopper_id = $3
        where site_id = $1 and shopper_id = $2
            and (state not in ('waiting', 'active')
                or not exists (select from conversations o where o.site_id = $1 and o.shopper_id = $3
                    and o.kind = 'support' and o.state in ('waiting', 'active')))",
    )
    .bind(site)
    .bind(from)
    .bind(into)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "update events set author_id = $3 where site_id = $1 and author = 'shopper' and author_id = $2
            and conversation_id in (select id from conversations where site_id = $1 and shopper_id = $3)",
    )
    .bind(site)
    .bind(from)
    .bind(into)
    .execute(&mut *tx)
    .await?;
    sqlx::query("update files set uploader_id = $3 where site_id = $1 and uploader = 'shopper' and uploader_id = $2")
        .bind(site)
        .bind(from)
        .bind(into)
        .execute(&mut *tx)
        .await?;
    sqlx::query("delete from shopper_tokens where site_id = $1 and shopper_id = $2")
        .bind(site)
        .bind(from)
        .execute(&mut *tx)
        .await?;
    leave(tx, site, from).await?;
    // What was known of who they were before they signed in would be found by nobody who asks for them.
    privacy::forget(tx, (&[site], &[from]), now, Leaving::Blank).await?;
    Ok(())
}

/// A contact that the shop vouches for elsewhere now leaves whoever staff put it with: what they meant is another row. The others
/// stay together, with whom was put there first.
async fn leave(tx: &mut PgConnection, site: SiteId, contact: ShopperId) -> sqlx::Result<()> {
    sqlx::query("delete from contact_links where site_id = $1 and shopper_id = $2")
        .bind(site)
        .bind(contact)
        .execute(&mut *tx)
        .await?;
    let heir: Option<ShopperId> = sqlx::query_scalar(
        "delete from contact_links where site_id = $1 and shopper_id = (
            select shopper_id from contact_links where site_id = $1 and kept_id = $2 order by at, shopper_id limit 1)
            and kept_id = $2
        returning shopper_id",
    )
    .bind(site)
    .bind(contact)
    .fetch_optional(&mut *tx)
    .await?;
    sqlx::query("update contact_links set kept_id = $3 where site_id = $1 and kept_id = $2 and $3 is not null")
        .bind(site)
        .bind(contact)
        .bind(heir)
        .execute(tx)
        .await?;
    Ok(())
}

/// Who changes it, and when.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    pub id: AgentId,
    pub name: &'a str,
    pub change: ChangeId,
    pub at: DateTime<Utc>,
}

/// What a merge came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// This one is kept.
    Into(ShopperId),
    /// Somebody did it before.
    Already(String),
    /// One of them is with somebody else by now, which this one of the staff did.
    Elsewhere(String),
    /// The shop vouches for both, as different customers.
    TwoCustomers,
    TooMany,
    /// One of them is not there.
    Gone,
}

/// Most contacts of one person.
const CONTACTS_MAX: usize = 50;

#[derive(sqlx::FromRow)]
struct Locked {
    id: ShopperId,
    verified: bool,
}

/// Puts two contacts together, with all that stand with each. Of the two, whoever the shop vouches for is kept.
pub async fn merge(db: &Db, site: SiteId, (kept, merged): (ShopperId, ShopperId), by: By<'_>) -> sqlx::Result<Merged> {
    let mut tx = db.send.begin().await?;
    let both = lock(&mut tx, site, [kept, merged]).await?;
    if both.len() != 2 {
        return Ok(Merged::Gone);
    }
    if let Some((of, with, name)) = linked(&mut tx, site, [kept, merged]).await? {
        let is_so = [kept, merged].contains(&of) && [kept, merged].contains(&with);
        return Ok(if is_so { Merged::Already(name) } else { Merged::Elsewhere(name) });
    }
    let is_verified = |id| both.iter().any(|one| one.id == id && one.verified);
    if is_verified(kept) && is_verified(merged) {
        return Ok(Merged::TwoCustomers);
    }
    let (kept, merged) = if is_verified(merged) { (merged, kept) } else { (kept, merged) };
    if count(&mut tx, site, [kept, merged]).await? > CONTACTS_MAX {
        return Ok(Merged::TooMany);
    }
    sqlx::query("update contact_links set kept_id = $3 where site_id = $1 and kept_id = $2")
        .bind(site)
        .bind(merged)
        .bind(kept)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "insert into contact_links (site_id, shopper_id, kept_id, by_id, by_name, at) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(site)
    .bind(merged)
    .bind(kept)
    .bind(by.id)
    .bind(by.name)
    .bind(by.at)
    .execute(&mut *tx)
    .await?;
    note(&mut tx, site, (kept, merged), "merged", by).await?;
    tx.commit().await?;
    Ok(Merged::Into(kept))
}

/// In the order of their ids, so that two who merge the same two take turns.
async fn lock(tx: &mut PgConnection, site: SiteId, both: [ShopperId; 2]) -> sqlx::Result<Vec<Locked>> {
    sqlx::query_as(
        "select id, verified from shoppers where site_id = $1 and id = any($2) order by id for no key update",
    )
    .bind(site)
    .bind(both)
    .fetch_all(tx)
    .await
}

/// Which of the two is with whom, and whose doing that was.
async fn linked(
    tx: &mut PgConnection,
    site: SiteId,
    both: [ShopperId; 2],
) -> sqlx::Result<Option<(ShopperId, ShopperId, String)>> {
    sqlx::query_as(
        "select shopper_id, kept_id, by_name from contact_links where site_id = $1 and shopper_id = any($2)
        order by kept_id = any($2) desc limit 1",
    )
    .bind(site)
    .bind(both)
    .fetch_optional(tx)
    .await
}

async fn count(tx: &mut PgConnection, site: SiteId, both: [ShopperId; 2]) -> sqlx::Result<usize> {
    let with: i64 = sqlx::query_scalar("select count(*) from contact_links where site_id = $1 and kept_id = any($2)")
        .bind(site)
        .bind(both)
        .fetch_one(tx)
        .await?;
    Ok(usize::try_from(with).unwrap_or(usize::MAX).saturating_add(both.len()))
}

async fn note(
    tx: &mut PgConnection,
    site: SiteId,
    (kept, merged): (ShopperId, ShopperId),
    did: &str,
    by: By<'_>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into contact_changes (site_id, id, shopper_id, kept_id, did, by_id, by_name, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(site)
    .bind(by.change)
    .bind(merged)
    .bind(kept)
    .bind(did)
    .bind(by.id)
    .bind(by.name)
    .bind(by.at)
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes a contact from whoever it is with, alone; `false`: it is with nobody, or with somebody else.
pub async fn separate(
    db: &Db,
    site: SiteId,
    (kept, contact): (ShopperId, ShopperId),
    by: By<'_>,
) -> sqlx::Result<bool> {
    let mut tx = db.send.begin().await?;
    lock(&mut tx, site, [kept, contact]).await?;
    let gone = sqlx::query("delete from contact_links where site_id = $1 and shopper_id = $2 and kept_id = $3")
        .bind(site)
        .bind(contact)
        .bind(kept)
        .execute(&mut *tx)
        .await?;
    if gone.rows_affected() == 0 {
        return Ok(false);
    }
    note(&mut tx, site, (kept, contact), "separated", by).await?;
    tx.commit().await?;
    Ok(true)
}

/// What was done to the contacts of a person.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Change {
    pub did: String,
    pub by_name: String,
    pub at: DateTime<Utc>,
    pub merged_name: String,
    pub merged_email: Option<String>,
    pub kept_name: String,
    pub kept_email: Option<String>,
}

/// Who merged and separated whom of these, newest first.
pub async fn changes(db: &PgPool, site: SiteId, contacts: &[ShopperId]) -> sqlx::Result<Vec<Change>> {
    sqlx::query_as(
        "select h.did, h.by_name, h.at, m.name as merged_name, m.email as merged_email, k.name as kept_name, k.email as kept_email
        from contact_changes h
        join shoppers m on m.site_id = h.site_id and m.id = h.shopper_id
        join shoppers k on k.site_id = h.site_id and k.id = h.kept_id
        where h.site_id = $1 and (h.shopper_id = any($2) or h.kept_id = any($2))
        order by h.at desc, h.id desc
        limit 50",
    )
    .bind(site)
    .bind(contacts)
    .fetch_all(db)
    .await
}

/// Somebody who looks like the same person.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Alike {
    pub id: ShopperId,
    pub name: String,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub verified: bool,
    /// By their address; else by their name and telephone.
    pub by_email: bool,
}

/// Most that are offered at once.
const OFFERED: i64 = 20;

/// People who wrote to the shop and look like these contacts: the same address, or the same name and telephone.
pub async fn alike(db: &PgPool, site: SiteId, contacts: &[ShopperId]) -> sqlx::Result<Vec<Alike>> {
    sqlx::query_as(concat!(
        "with mine as (
            select lower(email) as email, lower(name) as name, contact_phones(attributes, context->'fields') as phones
            from shoppers where site_id = $1 and id = any($2)
        ), found as (
            select o.id, true as by_email
            from mine join shoppers o on o.site_id = $1 and o.email is not null and lower(o.email) = mine.email
            union all
            select o.id, false
            from mine join shoppers o on o.site_id = $1 and o.name <> '' and lower(o.name) = mine.name
            where cardinality(mine.phones) > 0 and contact_phones(o.attributes, o.context->'fields') && mine.phones
        ), people as (
            select ",
        person!("$1", "found.id"),
        " as id, bool_or(by_email) as by_email from found where found.id <> all($2) group by 1
        )
        select p.id, p.name, p.email, p.external_id, p.verified, people.by_email
        from people join shoppers p on p.site_id = $1 and p.id = people.id
        where people.id <> all($2) and exists (select from conversations c where c.site_id = $1 and c.shopper_id = any(",
        contacts!("$1", "people.id"),
        "))
        order by p.verified desc, people.by_email desc, p.id desc
        limit $3"
    ))
    .bind(site)
    .bind(contacts)
    .bind(OFFERED)
    .fetch_all(db)
    .await
}
