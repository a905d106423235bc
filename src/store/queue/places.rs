//! Kept places: a shopper who waits has closed the tab, is called when their turn is near, and comes back by a link.

use crate::domain::id::{AgentId, ConversationId, LetterId, ShopperId, SiteId};
use crate::store::Db;
use crate::store::append::{Locking, lock_all};
use crate::store::outbox::{self, LetterKind, NewLetter};
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// One in line who may be away.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Kept {
    pub site_id: SiteId,
    pub id: ConversationId,
    pub queued_at: DateTime<Utc>,
    /// They asked to be called, and there is somewhere to call them.
    pub has_address: bool,
    pub was_called: bool,
    /// Whose place is held for them.
    pub held_by: Option<AgentId>,
    pub held_by_name: Option<String>,
    pub has_missed: bool,
}

/// Everybody in line who asked to be called, is being called or did not come, at most `limit`.
pub async fn kept(db: &PgPool, limit: i64) -> sqlx::Result<Vec<Kept>> {
    sqlx::query_as(
        "select c.site_id, c.id, c.queued_at, c.called_at is not null as was_called, c.missed_at is not null as has_missed,
            a.id as held_by, a.name as held_by_name,
            c.place_email is not null and (not p.verified or p.email is not null) as has_address
        from conversations c
        join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        left join agents a on a.id = c.reserved_for and c.reserved_as = 'hold'
        where c.state = 'waiting' and (c.place_email is not null or c.missed_at is not null or c.reserved_as = 'hold')
        order by c.queued_at
        limit $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Keeps or gives up the place of the shopper who waits; `None` takes the address back. Whether they do wait.
pub async fn set(db: &PgPool, (site, shopper): (SiteId, ShopperId), email: Option<&str>) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "update conversations set place_email = $3, missed_at = case when $3::text is null then null else missed_at end
        where site_id = $1 and shopper_id = $2 and kind = 'support' and state = 'waiting'",
    )
    .bind(site)
    .bind(shopper)
    .bind(email)
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Where the shopper of this conversation is called; `None`: their place is not kept.
pub async fn kept_at(db: &PgPool, conversation: ConversationId) -> sqlx::Result<Option<String>> {
    let email: Option<Option<String>> = sqlx::query_scalar("select place_email from conversations where id = $1")
        .bind(conversation)
        .fetch_optional(db)
        .await?;
    Ok(email.flatten())
}

/// A letter that calls somebody back, and the link in it.
pub struct Call<'a> {
    pub conversation: ConversationId,
    pub letter: LetterId,
    pub code_hash: &'a [u8],
    pub at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Calls a shopper, once; the address the shop vouches for comes before one that was typed. Whether this call was the one.
/// Where the row is locked the next pass calls.
pub async fn call(db: &Db, call: &Call<'_>) -> sqlx::Result<bool> {
    let mut tx = db.send.begin().await?;
    let Some(head) = lock_all(&mut tx, &[call.conversation], Locking::SkipLocked).await?.pop() else {
        return Ok(false);
    };
    let recipient: Option<Option<String>> = sqlx::query_scalar(
        "update conversations c set called_at = $2
        from shoppers p
        where c.id = $1 and c.state = 'waiting' and c.called_at is null and c.place_email is not null
            and p.site_id = c.site_id and p.id = c.shopper_id
        returning case when p.verified then p.email else c.place_email end",
    )
    .bind(call.conversation)
    .bind(call.at)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(recipient) = recipient.flatten() else { return Ok(false) };
    sqlx::query("insert into place_links (code_hash, site_id, conversation_id, expires_at) values ($1, $2, $3, $4)")
        .bind(call.code_hash)
        .bind(head.site_id)
        .bind(head.id)
        .bind(call.expires_at)
        .execute(&mut *tx)
        .await?;
    let letter = NewLetter {
        id: call.letter,
        site: head.site_id,
        conversation: Some(head.id),
        kind: LetterKind::Place,
        unique_key: Some(format!("place/{}", head.id)),
        recipient: &recipient,
        data: serde_json::json!({}),
    };
    outbox::add(&mut tx, &letter, call.at).await?;
    tx.commit().await?;
    Ok(true)
}

/// Whoever did not come when they were called is here again: first in line, by when they came.
pub async fn came_back(db: &PgPool, conversation: ConversationId) -> sqlx::Result<()> {
    sqlx::query("update conversations set missed_at = null where id = $1 and state = 'waiting'")
        .bind(conversation)
        .execute(db)
        .await?;
    Ok(())
}

/// A token made from a link's code.
pub struct Exchange<'a> {
    pub site: SiteId,
    pub code_hash: &'a [u8],
    pub token_hash: &'a [u8],
    pub now: DateTime<Utc>,
}

/// Exchanges a code for a token of its conversation's shopper, as often as it is asked for until the code expires or the
/// conversation has ended; the token ends with the code. The conversation; `None`: there is no such code.
pub async fn exchange(db: &PgPool, exchange: &Exchange<'_>) -> sqlx::Result<Option<ConversationId>> {
    sqlx::query_scalar(
        "insert into shopper_tokens (token_hash, site_id, shopper_id, conversation_id, expires_at)
        select $3, c.site_id, c.shopper_id, c.id, l.expires_at
        from place_links l
        join conversations c on c.site_id = l.site_id and c.id = l.conversation_id
        where l.site_id = $1 and l.code_hash = $2 and l.expires_at > $4 and c.state in ('waiting', 'active')
        returning conversation_id",
    )
    .bind(exchange.site)
    .bind(exchange.code_hash)
    .bind(exchange.token_hash)
    .bind(exchange.now)
    .fetch_optional(db)
    .await
}

/// A link that still holds: the language of its conversation, and what it leads back to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Link {
    pub locale: String,
    /// `place` or `answers`.
    pub leads_to: String,
}

pub async fn link(db: &PgPool, (site, code_hash): (SiteId, &[u8]), now: DateTime<Utc>) -> sqlx::Result<Option<Link>> {
    sqlx::query_as(
        "select c.locale, l.leads_to
        from place_links l
        join conversations c on c.site_id = l.site_id and c.id = l.conversation_id
        where l.site_id = $1 and l.code_hash = $2 and l.expires_at > $3 and c.state in ('waiting', 'active')",
    )
    .bind(site)
    .bind(code_hash)
    .bind(now)
    .fetch_optional(db)
    .await
}
