//! Webhooks: where events are told, and how it goes there. What is to be sent is in [`deliveries`].
//!
//! Deliveries are written by the log's own statement, see `append/rows.rs`.

pub mod deliveries;

use super::audit::{self, By};
use super::sites;
use crate::domain::event::Kind;
use crate::domain::id::{SiteId, WebhookId};
use crate::domain::webhook::MOST;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Webhook {
    pub site_id: SiteId,
    pub id: WebhookId,
    pub url: String,
    /// The secret that signs.
    pub sealed: Vec<u8>,
    /// How often the secret was made.
    pub edition: i32,
    /// The secret before, until when it signs as well.
    pub sealed_before: Option<Vec<u8>>,
    pub before_until: Option<DateTime<Utc>>,
    /// Kinds of events.
    pub events: Vec<String>,
    pub off_at: Option<DateTime<Utc>>,
    /// `admin`, or `gone`: the receiver wants no more.
    pub off_by: Option<String>,
    /// Tries that failed, one after the other.
    pub failures: i32,
    pub failing_since: Option<DateTime<Utc>>,
    pub next_at: Option<DateTime<Utc>>,
    /// How the last failed try ended.
    pub answer: Option<String>,
    pub succeeded_at: Option<DateTime<Utc>>,
}

impl Webhook {
    pub fn tells(&self, kind: Kind) -> bool {
        self.events.iter().any(|event| event == kind.as_str())
    }
}

/// A webhook as pages show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listed {
    #[sqlx(flatten)]
    pub webhook: Webhook,
    pub site_name: String,
    pub waiting: i64,
    pub dead: i64,
}

/// By shop and address.
pub async fn all(db: &PgPool) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as(
        "select w.site_id, w.id, w.url, w.sealed, w.edition, w.sealed_before, w.before_until, w.events, w.off_at, w.off_by, w.failures,
            w.failing_since, w.next_at, w.answer, w.succeeded_at, s.name as site_name,
            (select count(*) from webhook_deliveries d where d.webhook_id = w.id and d.state = 'waiting') as waiting,
            (select count(*) from webhook_deliveries d where d.webhook_id = w.id and d.state = 'dead') as dead
        from webhooks w
        join sites s on s.id = w.site_id
        order by s.name, w.place, w.id
        limit 1000",
    )
    .fetch_all(db)
    .await
}

pub async fn one(db: &PgPool, id: WebhookId) -> sqlx::Result<Option<Listed>> {
    sqlx::query_as(
        "select w.site_id, w.id, w.url, w.sealed, w.edition, w.sealed_before, w.before_until, w.events, w.off_at, w.off_by, w.failures,
            w.failing_since, w.next_at, w.answer, w.succeeded_at, s.name as site_name,
            (select count(*) from webhook_deliveries d where d.webhook_id = w.id and d.state = 'waiting') as waiting,
            (select count(*) from webhook_deliveries d where d.webhook_id = w.id and d.state = 'dead') as dead
        from webhooks w
        join sites s on s.id = w.site_id
        where w.id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

pub struct New<'a> {
    pub site: SiteId,
    pub id: WebhookId,
    pub url: &'a str,
    pub events: &'a [String],
    pub sealed: &'a [u8],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    Yes,
    /// The same form was sent before.
    Again,
    /// The shop has as many as it may have.
    Full,
    /// There is no such shop.
    NoSite,
}

pub async fn add(db: &PgPool, new: &New<'_>, by: By, now: DateTime<Utc>) -> sqlx::Result<Added> {
    let mut tx = audit::begin(db, by).await?;
    // Of two who add the last one that fits, the second sees the first.
    if sites::locked(&mut tx, new.site).await?.is_none() {
        return Ok(Added::NoSite);
    }
    let known: Vec<WebhookId> =
        sqlx::query_scalar("select id from webhooks where site_id = $1").bind(new.site).fetch_all(&mut *tx).await?;
    if known.contains(&new.id) {
        return Ok(Added::Again);
    }
    if known.len() >= MOST {
        return Ok(Added::Full);
    }
    let added = sqlx::query(
        "insert into webhooks (site_id, id, url, sealed, events, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (id) do nothing",
    )
    .bind(new.site)
    .bind(new.id)
    .bind(new.url)
    .bind(new.sealed)
    .bind(new.events)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(if added.rows_affected() == 1 { Added::Yes } else { Added::Again })
}

/// Another address is tried at once, whatever became of the one before. `false`: it was removed.
pub async fn change(db: &PgPool, id: WebhookId, (url, events): (&str, &[String]), by: By) -> sqlx::Result<bool> {
    let mut tx = audit::begin(db, by).await?;
    let done = sqlx::query(
        "update webhooks
        set url = $2, events = $3,
            next_at = case when url = $2 then next_at end, failures = case when url = $2 then failures else 0 end,
            failing_since = case when url = $2 then failing_since end, answer = case when url = $2 then answer end
        where id = $1",
    )
    .bind(id)
    .bind(url)
    .bind(events)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// A new secret in place of this edition; the one before signs beside it until then. `false`: somebody was faster.
pub async fn renew(
    db: &PgPool,
    (id, edition): (WebhookId, i32),
    sealed: &[u8],
    before_until: DateTime<Utc>,
    by: By,
) -> sqlx::Result<bool> {
    let mut tx = audit::begin(db, by).await?;
    let done = sqlx::query(
        "update webhooks set sealed_before = sealed, before_until = $4, sealed = $3, edition = edition + 1, next_at = null
        where id = $1 and edition = $2",
    )
    .bind(id)
    .bind(edition)
    .bind(sealed)
    .bind(before_until)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// What happens while it is off is not told later; what waited goes on waiting.
pub async fn switch_off(db: &PgPool, id: WebhookId, now: DateTime<Utc>, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    sqlx::query("update webhooks set off_at = $2, off_by = 'admin' where id = $1 and off_at is null")
        .bind(id)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// It begins anew, and what waits goes at once.
pub async fn switch_on(db: &PgPool, id: WebhookId, now: DateTime<Utc>, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    sqlx::query(
        "update webhooks set off_at = null, off_by = null, failures = 0, failing_since = null, next_at = null, answer = null
        where id = $1 and off_at is not null",
    )
    .bind(id)
    .execute(&mut *tx)
    .await?;
    deliveries::hurry(&mut tx, id, now).await?;
    tx.commit().await
}

/// With what is to be sent, which goes a little later.
pub async fn remove(db: &PgPool, id: WebhookId, by: By) -> sqlx::Result<()> {
    let mut tx = audit::begin(db, by).await?;
    sqlx::query("delete from webhooks where id = $1").bind(id).execute(&mut *tx).await?;
    tx.commit().await
}

/// Takes the webhook that was served least recently of those with something to send, well ones first, until then. Nobody
/// else serves it meanwhile, so that the events of a conversation go in order.
pub async fn claim(
    db: &PgPool,
    only_well: bool,
    now: DateTime<Utc>,
    claimed_until: DateTime<Utc>,
) -> sqlx::Result<Option<Webhook>> {
    sqlx::query_as(
        "update webhooks
        set claimed_until = $2
        from (
            select w.id
            from webhooks w
            where w.off_at is null and (w.claimed_until is null or w.claimed_until <= $1) and (w.next_at is null or w.next_at <= $1)
                and (w.failures = 0 or not $3)
                and exists (select from webhook_deliveries d
                    where d.webhook_id = w.id and d.state = 'waiting' and d.next_at <= $1
                        and not exists (select from webhook_deliveries e
                            where e.webhook_id = d.webhook_id and e.conversation_id = d.conversation_id and e.state = 'waiting' and e.n < d.n))
            order by w.failures > 0, w.claimed_until nulls first
            limit 1
            for update of w skip locked
        ) due
        where webhooks.id = due.id
        returning site_id, webhooks.id, url, sealed, edition, sealed_before, before_until, events, off_at, off_by, failures,
            failing_since, next_at, answer, succeeded_at",
    )
    .bind(now)
    .bind(claimed_until)
    .bind(only_well)
    .fetch_optional(db)
    .await
}

/// Others may have it. Not where the claim ended meanwhile.
pub async fn release(
    db: &PgPool,
    (id, claimed_until): (WebhookId, DateTime<Utc>),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("update webhooks set claimed_until = $3 where id = $1 and claimed_until = $2")
        .bind(id)
        .bind(claimed_until)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// Something arrived at this address, if it is still the one: whatever failed before is over. Where it was left alone meanwhile, `again`, everything goes at once.
pub async fn worked(db: &PgPool, (id, url): (WebhookId, &str), again: bool, now: DateTime<Utc>) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "update webhooks set failures = 0, failing_since = null, next_at = null, answer = null, succeeded_at = $2
        where id = $1 and url = $3",
    )
    .bind(id)
    .bind(now)
    .bind(url)
    .execute(&mut *tx)
    .await?;
    if again {
        deliveries::hurry(&mut tx, id, now).await?;
    }
    tx.commit().await
}

/// Another try at this address failed, so many in a row. Until `next_at` nothing else is tried there.
pub async fn stumbled(
    db: &PgPool,
    (id, url, failures): (WebhookId, &str, i32),
    answer: &str,
    next_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update webhooks
        set failures = $5, failing_since = coalesce(failing_since, $4), answer = $2, next_at = greatest(next_at, $3)
        where id = $1 and url = $6",
    )
    .bind(id)
    .bind(answer)
    .bind(next_at)
    .bind(now)
    .bind(failures)
    .bind(url)
    .execute(db)
    .await?;
    Ok(())
}

/// Whoever is at this address wants no more.
pub async fn gone(db: &PgPool, (id, url): (WebhookId, &str), now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("update webhooks set off_at = $2, off_by = 'gone' where id = $1 and off_at is null and url = $3")
        .bind(id)
        .bind(now)
        .bind(url)
        .execute(db)
        .await?;
    Ok(())
}
