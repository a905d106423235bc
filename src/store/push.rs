//! Notifications to browsers: the installation's key, who agreed, and what is to be sent.

pub mod agents;

use crate::domain::alert::What;
use crate::domain::id::{BrowserId, ConversationId, PushId, ShopperId, SiteId, SubscriptionId};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

/// Most browsers of one shopper: the oldest goes.
const BROWSERS_MAX: i64 = 5;

/// The installation's key, its private half sealed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredKey {
    pub public_key: Vec<u8>,
    pub sealed: Vec<u8>,
}

pub async fn key(db: &PgPool) -> sqlx::Result<Option<StoredKey>> {
    sqlx::query_as("select public_key, sealed from push_key").fetch_optional(db).await
}

/// Keeps a key where there is none, or in place of `old`; whoever was faster wins, and everybody uses theirs. With the old
/// key go the browsers that agreed to it.
pub async fn keep_key(db: &PgPool, fresh: &StoredKey, old: Option<&StoredKey>, now: DateTime<Utc>) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    if let Some(old) = old {
        let gone =
            sqlx::query("delete from push_key where public_key = $1").bind(&old.public_key).execute(&mut *tx).await?;
        if gone.rows_affected() > 0 {
            sqlx::query("delete from push_subscriptions").execute(&mut *tx).await?;
            sqlx::query("delete from agent_browsers").execute(&mut *tx).await?;
        }
    }
    sqlx::query(
        "insert into push_key (public_key, sealed, made_at) values ($1, $2, $3) on conflict (only_one) do nothing",
    )
    .bind(&fresh.public_key)
    .bind(&fresh.sealed)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// An address at which a shopper may agree.
pub struct NewLink<'a> {
    pub code_hash: &'a [u8],
    pub site: SiteId,
    /// Of the token that asked.
    pub token_hash: &'a [u8],
    pub locale: &'a str,
    pub expires_at: DateTime<Utc>,
}

/// Makes a link; the ones this token asked for before are void.
pub async fn add_link(db: &PgPool, link: &NewLink<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "with gone as (delete from notify_links where token_hash = $3)
        insert into notify_links (code_hash, site_id, token_hash, locale, expires_at) values ($1, $2, $3, $4, $5)",
    )
    .bind(link.code_hash)
    .bind(link.site)
    .bind(link.token_hash)
    .bind(link.locale)
    .bind(link.expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// The language of a link, while it holds.
pub async fn link_locale(
    db: &PgPool,
    (site, code_hash): (SiteId, &[u8]),
    now: DateTime<Utc>,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select locale from notify_links where site_id = $1 and code_hash = $2 and expires_at > $3")
        .bind(site)
        .bind(code_hash)
        .bind(now)
        .fetch_optional(db)
        .await
}

/// What a browser gave when its owner agreed.
pub struct Agreed<'a> {
    pub id: SubscriptionId,
    pub site: SiteId,
    pub code_hash: &'a [u8],
    pub endpoint: &'a str,
    pub endpoint_hash: &'a [u8],
    pub p256dh: &'a [u8],
    pub auth: &'a [u8],
    pub now: DateTime<Utc>,
}

/// Uses the code up and keeps the browser for the shopper whose token asked. Whether the code was good.
pub async fn subscribe(db: &PgPool, agreed: &Agreed<'_>) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    let shopper: Option<ShopperId> = sqlx::query_scalar(
        "with link as (delete from notify_links where site_id = $2 and code_hash = $3 and expires_at > $8
            returning token_hash, locale)
        insert into push_subscriptions
            (id, site_id, shopper_id, token_hash, endpoint, endpoint_hash, p256dh, auth, locale, created_at)
        select $1, $2, t.shopper_id, t.token_hash, $4, $5, $6, $7, link.locale, $8
        from link
        join shopper_tokens t on t.token_hash = link.token_hash
        on conflict (site_id, endpoint_hash) do update set shopper_id = excluded.shopper_id,
            token_hash = excluded.token_hash, p256dh = excluded.p256dh, auth = excluded.auth, locale = excluded.locale,
            created_at = excluded.created_at
        returning shopper_id",
    )
    .bind(agreed.id)
    .bind(agreed.site)
    .bind(agreed.code_hash)
    .bind(agreed.endpoint)
    .bind(agreed.endpoint_hash)
    .bind(agreed.p256dh)
    .bind(agreed.auth)
    .bind(agreed.now)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(shopper) = shopper else { return Ok(false) };
    sqlx::query(
        "delete from push_subscriptions where site_id = $1 and id in (
            select id from push_subscriptions where site_id = $1 and shopper_id = $2
            order by created_at desc, id desc offset $3)",
    )
    .bind(agreed.site)
    .bind(shopper)
    .bind(BROWSERS_MAX)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// The browsers of one token are another's, whose shopper it turned out to be.
pub async fn move_to(tx: &mut PgConnection, from: &[u8], to: &[u8]) -> sqlx::Result<()> {
    sqlx::query(
        "update push_subscriptions b set token_hash = t.token_hash, shopper_id = t.shopper_id
        from shopper_tokens t
        where b.token_hash = $1 and t.token_hash = $2 and t.site_id = b.site_id",
    )
    .bind(from)
    .bind(to)
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets a browser. Its address is a secret that nobody else has.
pub async fn unsubscribe(db: &PgPool, site: SiteId, endpoint_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query("delete from push_subscriptions where site_id = $1 and endpoint_hash = $2")
        .bind(site)
        .bind(endpoint_hash)
        .execute(db)
        .await?;
    Ok(())
}

/// A browser as what is sent to it is sealed for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Browser {
    pub endpoint: String,
    pub p256dh: Vec<u8>,
    pub auth: Vec<u8>,
}

/// Whose browser a notification is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    Shopper(SubscriptionId),
    Agent(BrowserId, What),
}

/// A notification to send.
#[derive(Clone, Debug)]
pub struct Push {
    pub id: PushId,
    pub site_id: SiteId,
    pub conversation_id: ConversationId,
    pub to: To,
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
}

type Row =
    (PushId, SiteId, ConversationId, Option<SubscriptionId>, Option<BrowserId>, Option<What>, i32, DateTime<Utc>);

impl Push {
    fn of((id, site_id, conversation_id, subscription, browser, what, attempts, created_at): Row) -> Option<Self> {
        let agent = browser.zip(what).map(|(browser, what)| To::Agent(browser, what));
        let to = subscription.map(To::Shopper).or(agent)?;
        Some(Self { id, site_id, conversation_id, to, attempts, created_at })
    }
}

/// Takes the next that is due, until `claimed_until`.
pub async fn claim(db: &PgPool, now: DateTime<Utc>, claimed_until: DateTime<Utc>) -> sqlx::Result<Option<Push>> {
    let row: Option<Row> = sqlx::query_as(
        "update pushes set claimed_until = $2, attempts = attempts + 1
        where id = (select id from pushes
            where state = 'waiting' and next_at <= $1 and (claimed_until is null or claimed_until < $1)
            order by next_at
            limit 1
            for update skip locked)
        returning id, site_id, conversation_id, subscription_id, browser_id, what, attempts, created_at",
    )
    .bind(now)
    .bind(claimed_until)
    .fetch_optional(db)
    .await?;
    Ok(row.and_then(Push::of))
}

/// What a shopper is told, as it stands now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Answer {
    #[sqlx(flatten)]
    pub browser: Browser,
    pub locale: String,
    /// The newest answer they have not read; `None`: there is none any more.
    pub text: Option<String>,
    /// Where they were last, as their browser reported it.
    pub page: Option<String>,
}

/// `None`: the browser is gone.
pub async fn answer(db: &PgPool, push: &Push, subscription: SubscriptionId) -> sqlx::Result<Option<Answer>> {
    sqlx::query_as(
        "select s.endpoint, s.p256dh, s.auth, s.locale, p.context->'pages'->0->>'url' as page,
            (select e.body from events e
                where e.site_id = c.site_id and e.conversation_id = c.id and e.shopper_seq > c.shopper_read
                    and e.kind = 'message' and e.author = 'agent' and e.body is not null
                    and e.at > coalesce(c.shopper_at, '-infinity')
                order by e.shopper_seq desc
                limit 1) as text
        from push_subscriptions s
        join conversations c on c.site_id = s.site_id and c.id = $3
        join shoppers p on p.site_id = s.site_id and p.id = s.shopper_id
        where s.site_id = $1 and s.id = $2",
    )
    .bind(push.site_id)
    .bind(subscription)
    .bind(push.conversation_id)
    .fetch_optional(db)
    .await
}

pub async fn sent(db: &PgPool, id: PushId) -> sqlx::Result<()> {
    sqlx::query("update pushes set state = 'sent', claimed_until = null where id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// Puts one back for `next_at`, or gives it up where there is none.
pub async fn failed(db: &PgPool, id: PushId, next_at: Option<DateTime<Utc>>) -> sqlx::Result<()> {
    sqlx::query(
        "update pushes set claimed_until = null, next_at = coalesce($2, next_at),
            state = case when $2::timestamptz is null then 'failed' else 'waiting' end
        where id = $1",
    )
    .bind(id)
    .bind(next_at)
    .execute(db)
    .await?;
    Ok(())
}

/// There is nothing to tell any more: what comes later is told as if nobody had meant to tell this.
pub async fn withdraw(db: &PgPool, push: &Push) -> sqlx::Result<()> {
    if let To::Agent(browser, what) = push.to {
        return agents::withdraw(db, push, browser, what).await;
    }
    sqlx::query(
        "with gone as (delete from pushes where id = $1)
        update reminders set pushed_upto = 0 where site_id = $2 and conversation_id = $3",
    )
    .bind(push.id)
    .bind(push.site_id)
    .bind(push.conversation_id)
    .execute(db)
    .await?;
    Ok(())
}

/// The push service knows this browser no more, or it is nowhere we would send to.
pub async fn forget(db: &PgPool, push: &Push) -> sqlx::Result<()> {
    match push.to {
        To::Shopper(id) => {
            sqlx::query("delete from push_subscriptions where site_id = $1 and id = $2")
                .bind(push.site_id)
                .bind(id)
                .execute(db)
                .await?
        }
        To::Agent(id, _) => sqlx::query("delete from agent_browsers where id = $1").bind(id).execute(db).await?,
    };
    Ok(())
}

/// Removes links that have expired and what was sent long ago.
pub async fn sweep(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query("delete from notify_links where expires_at < $1").bind(now).execute(db).await?;
    sqlx::query("delete from pushes where created_at < $1 - interval '7 days'").bind(now).execute(db).await?;
    Ok(())
}
