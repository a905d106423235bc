//! Erasing what is old: conversations that ended before a shop's time is over, tokens that expired, and whoever has nothing left.

use super::{Amount, count, doom};
use crate::domain::id::{ConversationId, ShopperId, SiteId};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

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
pub(in crate::store) enum Leaving {
    AsIs,
    /// Nothing of them tells who that is any more, but, of who is blocked, the number by which they are.
    Blank,
}

/// Removes those of these contacts who have no conversation; says how many. Who is blocked stays blocked, and whoever others were
/// put with stays while they do.
pub(in crate::store) async fn forget(
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

/// Forgets a token, and whoever has nothing else, with what they uploaded and did not send: says whether there was such a file.
pub async fn forget_token(db: &PgPool, token_hash: &[u8], now: DateTime<Utc>) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    // Held first: of two browsers that sign out at once the later one sees that it is the last.
    let whose: Option<(SiteId, ShopperId)> = sqlx::query_as(
        "select p.site_id, p.id from shoppers p
        join shopper_tokens t on t.site_id = p.site_id and t.shopper_id = p.id
        where t.token_hash = $1
        for update of p",
    )
    .bind(token_hash)
    .fetch_optional(&mut *tx)
    .await?;
    let Some((site, shopper)) = whose else { return Ok(false) };
    sqlx::query("delete from shopper_tokens where token_hash = $1").bind(token_hash).execute(&mut *tx).await?;
    let is_gone = forget(&mut tx, (&[site], &[shopper]), now, Leaving::AsIs).await? > 0;
    let files = if is_gone { doom(&mut tx, site, &[shopper], &[]).await? } else { 0 };
    tx.commit().await?;
    Ok(files > 0)
}

/// Where a walk through all contacts has come.
pub type Step = (SiteId, ShopperId);

/// Looks at the next so many of all contacts and removes those that nothing leads to any more: a block that ended, or staff who put
/// contacts apart, may have left some. `None`: there are no more.
pub async fn forget_idle(
    db: &PgPool,
    (site, shopper): Step,
    now: DateTime<Utc>,
    most: i64,
) -> sqlx::Result<Option<Step>> {
    let mut tx = db.begin().await?;
    let next: Vec<(SiteId, ShopperId, bool)> = sqlx::query_as(
        "select p.site_id, p.id,
            not exists (select from conversations c where c.site_id = p.site_id and c.shopper_id = p.id)
                and not exists (select from shopper_tokens t where t.site_id = p.site_id and t.shopper_id = p.id) as is_idle
        from (select site_id, id from shoppers where (site_id, id) > ($1, $2) order by site_id, id limit $3) p
        order by p.site_id, p.id",
    )
    .bind(site)
    .bind(shopper)
    .bind(most)
    .fetch_all(&mut *tx)
    .await?;
    let (sites, contacts): (Vec<SiteId>, Vec<ShopperId>) =
        next.iter().filter(|(.., is_idle)| *is_idle).map(|(site, id, _)| (*site, *id)).unzip();
    if !contacts.is_empty() {
        forget(&mut tx, (&sites, &contacts), now, Leaving::AsIs).await?;
    }
    tx.commit().await?;
    Ok(next.last().map(|(site, id, _)| (*site, *id)))
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
