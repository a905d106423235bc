//! What is to be sent to webhooks: each refers to an event, whose text is read from the log when it is sent.

use crate::domain::id::{ConversationId, EventId, ShopperId, SiteId, WebhookId};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};

/// How long it is tried before it is given up.
pub const LIFETIME: TimeDelta = TimeDelta::hours(24);
/// How much longer what was never tried may wait where nothing arrives: one event that a receiver cannot digest looks like that
/// too, and what stands behind it has its turn when it was given up.
const GRACE: TimeDelta = TimeDelta::hours(1);
/// How long it stands after it was sent,
const SENT_FOR: TimeDelta = TimeDelta::days(3);
/// and after it was given up.
const DEAD_FOR: TimeDelta = TimeDelta::days(30);
/// Most that one sweep removes of each kind.
const SWEPT_MAX: i64 = 10_000;

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Delivery {
    pub n: i64,
    pub webhook_id: WebhookId,
    pub site_id: SiteId,
    pub conversation_id: ConversationId,
    pub seq: i64,
    pub event_id: EventId,
    pub attempts: i32,
    pub waiting_since: DateTime<Utc>,
}

/// Of each conversation the next one that is due, oldest first.
///
/// Of one that fails (`is_ill`) those go first that were never tried: what cannot be digested holds up nothing else.
pub async fn due(
    db: &PgPool,
    webhook: WebhookId,
    now: DateTime<Utc>,
    (most, is_ill): (i64, bool),
) -> sqlx::Result<Vec<Delivery>> {
    sqlx::query_as(
        "select n, webhook_id, site_id, conversation_id, seq, event_id, attempts, waiting_since
        from webhook_deliveries d
        where webhook_id = $1 and state = 'waiting' and next_at <= $2
            and not exists (select from webhook_deliveries e
                where e.webhook_id = d.webhook_id and e.conversation_id = d.conversation_id and e.state = 'waiting' and e.n < d.n)
        order by $4 and attempts > 0, n
        limit $3",
    )
    .bind(webhook)
    .bind(now)
    .bind(most)
    .bind(is_ill)
    .fetch_all(db)
    .await
}

/// Whose conversation it is.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Person {
    pub id: ShopperId,
    pub external_id: Option<String>,
    pub name: String,
    pub email: Option<String>,
    pub verified: bool,
}

pub async fn person(db: &PgPool, (site, conversation): (SiteId, ConversationId)) -> sqlx::Result<Option<Person>> {
    sqlx::query_as(
        "select s.id, s.external_id, s.name, s.email, s.verified
        from conversations c
        join shoppers s on s.site_id = c.site_id and s.id = c.shopper_id
        where c.site_id = $1 and c.id = $2",
    )
    .bind(site)
    .bind(conversation)
    .fetch_optional(db)
    .await
}

pub async fn sent(db: &PgPool, n: i64, answer: &str, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update webhook_deliveries set state = 'sent', attempts = attempts + 1, answer = $2, done_at = $3 where n = $1 and state <> 'sent'",
    )
    .bind(n)
    .bind(answer)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Puts it back for `next_at`, or gives it up where there is none. Not where its claim ended meanwhile and another try was made.
pub async fn failed(
    db: &PgPool,
    delivery: &Delivery,
    answer: &str,
    next_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update webhook_deliveries
        set attempts = attempts + 1, answer = $3, next_at = coalesce($4, next_at),
            state = case when $4::timestamptz is null then 'dead' else 'waiting' end,
            done_at = case when $4::timestamptz is null then $5 end
        where n = $1 and state = 'waiting' and attempts = $2",
    )
    .bind(delivery.n)
    .bind(delivery.attempts)
    .bind(answer)
    .bind(next_at)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Its event is there no more.
pub async fn withdraw(db: &PgPool, n: i64) -> sqlx::Result<()> {
    sqlx::query("delete from webhook_deliveries where n = $1").bind(n).execute(db).await?;
    Ok(())
}

/// Where nothing arrives, what has waited too long is given up, tried or not, the oldest first. How many.
pub async fn give_up_old(db: &PgPool, webhook: WebhookId, answer: &str, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "update webhook_deliveries set state = 'dead', answer = $2, done_at = $3
        where state = 'waiting' and n in (select n from webhook_deliveries
            where webhook_id = $1 and state = 'waiting' and waiting_since <= $4 order by n limit $5)",
    )
    .bind(webhook)
    .bind(answer)
    .bind(now)
    .bind(now - LIFETIME - GRACE)
    .bind(SWEPT_MAX)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// What waits for its next try need not.
pub async fn hurry(tx: &mut PgConnection, webhook: WebhookId, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update webhook_deliveries set next_at = $2 where webhook_id = $1 and state = 'waiting' and next_at > $2",
    )
    .bind(webhook)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// A delivery as the page shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Shown {
    pub n: i64,
    pub event_id: EventId,
    pub conversation_id: ConversationId,
    pub kind: String,
    pub state: String,
    pub attempts: i32,
    pub answer: Option<String>,
    pub waiting_since: DateTime<Utc>,
    pub next_at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
}

/// The newest, at most so many.
pub async fn newest(db: &PgPool, webhook: WebhookId, most: i64) -> sqlx::Result<Vec<Shown>> {
    sqlx::query_as(
        "select n, event_id, conversation_id, kind, state, attempts, answer, waiting_since, next_at, done_at
        from (
            (select * from webhook_deliveries where webhook_id = $1 and state = 'waiting' order by n desc limit $2)
            union all
            (select * from webhook_deliveries where webhook_id = $1 and state <> 'waiting' order by done_at desc limit $2)
        ) as found
        order by n desc
        limit $2",
    )
    .bind(webhook)
    .bind(most)
    .fetch_all(db)
    .await
}

/// The newest that were given up, at most so many.
pub async fn dead(db: &PgPool, webhook: WebhookId, most: i64) -> sqlx::Result<Vec<Shown>> {
    sqlx::query_as(
        "select n, event_id, conversation_id, kind, state, attempts, answer, waiting_since, next_at, done_at
        from webhook_deliveries
        where webhook_id = $1 and state = 'dead'
        order by done_at desc
        limit $2",
    )
    .bind(webhook)
    .bind(most)
    .fetch_all(db)
    .await
}

/// Tries what was given up from the start: this one, or all of them. How many.
pub async fn revive(db: &PgPool, webhook: WebhookId, n: Option<i64>, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "update webhook_deliveries
        set state = 'waiting', attempts = 0, waiting_since = $3, next_at = $3, done_at = null
        where state = 'dead' and n in (select n from webhook_deliveries
            where webhook_id = $1 and state = 'dead' and n = coalesce($2, n) order by done_at limit $4)",
    )
    .bind(webhook)
    .bind(n)
    .bind(now)
    .bind(SWEPT_MAX)
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Most deliveries that are counted.
const COUNTED: i64 = 100_000;

/// How many wait, and how many were given up, counted up to a bound.
pub async fn backlog(db: &PgPool) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "select (select count(*) from (select from webhook_deliveries where state = 'waiting' limit $1) as waiting),
            (select count(*) from (select from webhook_deliveries where state = 'dead' limit $1) as dead)",
    )
    .bind(COUNTED)
    .fetch_one(db)
    .await
}

macro_rules! remove {
    ($state:literal) => {
        concat!(
            "delete from webhook_deliveries where n in (
                select d.n from webhooks w
                cross join lateral (select n from webhook_deliveries
                    where webhook_id = w.id and state = '",
            $state,
            "' and done_at < $1 order by done_at limit $2) d
                limit $2)"
        )
    };
}

const REMOVE_SENT: &str = remove!("sent");
const REMOVE_DEAD: &str = remove!("dead");

/// Removes what is over, a part at a time, and gives up what waits too long for a webhook that is off.
pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    // Each by an index of its own.
    for (statement, before) in [(REMOVE_SENT, now - SENT_FOR), (REMOVE_DEAD, now - DEAD_FOR)] {
        sqlx::query(statement).bind(before).bind(SWEPT_MAX).execute(db).await?;
    }
    sqlx::query(
        "update webhook_deliveries set state = 'dead', answer = 'off', done_at = $1
        where state = 'waiting' and n in (
            select d.n from webhooks w
            cross join lateral (select n from webhook_deliveries
                where webhook_id = w.id and state = 'waiting' and waiting_since <= $2 order by n limit $3) d
            where w.off_at is not null
            limit $3)",
    )
    .bind(now)
    .bind(now - LIFETIME)
    .bind(SWEPT_MAX)
    .execute(db)
    .await?;
    sweep_removed(db).await
}

/// Whoever saw a webhook that was removed meanwhile has written by the time its mark goes.
async fn sweep_removed(db: &PgPool) -> sqlx::Result<()> {
    sqlx::query(
        "delete from webhook_deliveries where n in (
            select d.n from webhooks_gone g
            cross join lateral (
                (select n from webhook_deliveries where webhook_id = g.id and state = 'waiting' limit $1)
                union all
                (select n from webhook_deliveries where webhook_id = g.id and state <> 'waiting' limit $1)) d
            limit $1)",
    )
    .bind(SWEPT_MAX)
    .execute(db)
    .await?;
    sqlx::query(
        "delete from webhooks_gone g
        where g.at < clock_timestamp() - interval '5 minutes'
            and not exists (select from webhook_deliveries where webhook_id = g.id and state = 'waiting')
            and not exists (select from webhook_deliveries where webhook_id = g.id and state <> 'waiting')",
    )
    .execute(db)
    .await?;
    Ok(())
}
