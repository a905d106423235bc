//! Letters to send: rows written in the transaction of the fact that causes them.

use crate::domain::id::{ConversationId, LetterId, ShopperId, SiteId};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum LetterKind {
    Transcript,
    TicketOpened,
    TicketReply,
    /// Somebody who keeps their place in line is called.
    Place,
    /// Answers that a shopper who has left did not read.
    Answers,
    /// An agent has not seen what waits for them.
    Unseen,
    /// Somebody is to work here.
    Invitation,
}

impl LetterKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transcript => "transcript",
            Self::TicketOpened => "ticket_opened",
            Self::TicketReply => "ticket_reply",
            Self::Place => "place",
            Self::Answers => "answers",
            Self::Unseen => "unseen",
            Self::Invitation => "invitation",
        }
    }
}

pub struct NewLetter<'a> {
    pub id: LetterId,
    pub site: SiteId,
    /// `None`: it is about several.
    pub conversation: Option<ConversationId>,
    pub kind: LetterKind,
    /// A letter with a key is written once, however often it is asked for.
    pub unique_key: Option<String>,
    pub recipient: &'a str,
    pub data: Value,
}

pub async fn add(tx: &mut PgConnection, letter: &NewLetter<'_>, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into outbox (id, site_id, conversation_id, kind, unique_key, recipient, data, next_at, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
        on conflict (unique_key) do nothing",
    )
    .bind(letter.id)
    .bind(letter.site)
    .bind(letter.conversation)
    .bind(letter.kind.as_str())
    .bind(&letter.unique_key)
    .bind(letter.recipient)
    .bind(&letter.data)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether there is a letter with this key.
pub async fn is_written(tx: &mut PgConnection, key: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from outbox where unique_key = $1)").bind(key).fetch_one(tx).await
}

/// Addresses a shopper may name in a day, beside the one the shop vouches for.
pub const ADDRESSES_A_DAY: i64 = 2;

/// How many other addresses letters about this shopper's conversations that they can cause were sent to in a day, but for a
/// verified one.
pub async fn addresses_named(
    tx: &mut PgConnection,
    (site, shopper): (SiteId, Option<ShopperId>),
    but: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(distinct lower(o.recipient))
        from conversations c
        join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        join outbox o on o.site_id = c.site_id and o.conversation_id = c.id and o.kind in ('transcript', 'answers')
        where c.site_id = $1 and c.shopper_id = $2 and o.created_at > $4 - interval '1 day'
            and lower(o.recipient) <> lower($3)
            and not (p.verified and lower(o.recipient) is not distinct from lower(p.email))",
    )
    .bind(site)
    .bind(shopper)
    .bind(but)
    .bind(now)
    .fetch_one(tx)
    .await
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Letter {
    pub id: LetterId,
    pub site_id: SiteId,
    pub conversation_id: Option<ConversationId>,
    pub kind: LetterKind,
    pub recipient: String,
    pub data: Value,
    pub attempts: i32,
    pub created_at: DateTime<Utc>,
    /// Over the day's limit for an address nobody vouches for: to be laid aside, not sent.
    pub is_excess: bool,
}

/// What an address that the shop does not vouch for gets on a shopper's word: so many letters in 24 hours from a site,
const UNPROVEN_A_DAY: i64 = 3;
/// with this long between them.
const UNPROVEN_APART: TimeDelta = TimeDelta::minutes(10);

/// Takes the next letter that is due, until `claimed_until`; whoever takes it holds no connection while sending.
///
/// Letters to one mailbox go in order, one at a time, agents' answers apart from the rest; so that counting what was sent
/// is exact, on however many nodes. Letters that a shopper can cause are spaced and limited (see above) unless the address
/// is the one the shop vouches for; one too early waits, one too many comes back as excess. Agents' answers and letters to
/// the staff are not limited, and the latter count for nobody else.
pub async fn claim(db: &PgPool, now: DateTime<Utc>, claimed_until: DateTime<Utc>) -> sqlx::Result<Option<Letter>> {
    sqlx::query_as(
        "update outbox set claimed_until = $2, attempts = attempts + 1
        from (
            select o.id, not proven and earlier >= $5 as is_excess
            from outbox o
            cross join lateral (
                select count(*) as earlier,
                    coalesce(bool_or(p.state = 'waiting'), false) as is_behind,
                    coalesce(bool_or(p.sent_at > $3), false) as is_early
                from outbox p
                where p.site_id = o.site_id and lower(p.recipient) = lower(o.recipient)
                    and (p.kind = 'ticket_reply') = (o.kind = 'ticket_reply')
                    and (p.kind in ('unseen', 'invitation')) = (o.kind in ('unseen', 'invitation'))
                    and ((p.state = 'waiting' and (p.created_at, p.id) < (o.created_at, o.id))
                        or (p.state = 'sent' and p.sent_at > $4))
            ) mailbox
            cross join lateral (
                select o.kind in ('ticket_reply', 'unseen', 'invitation') or coalesce((
                    select s.verified and lower(s.email) = lower(o.recipient)
                    from conversations c
                    join shoppers s on s.site_id = c.site_id and s.id = c.shopper_id
                    where c.site_id = o.site_id and c.id = o.conversation_id), false) as proven
            ) address
            where o.state = 'waiting' and o.next_at <= $1 and (o.claimed_until is null or o.claimed_until < $1)
                and ((not is_behind and (proven or not is_early)) or (not proven and earlier >= $5))
            order by o.next_at
            limit 1
            for update of o skip locked
        ) due
        where outbox.id = due.id
        returning outbox.id, site_id, conversation_id, kind, recipient, data, attempts, created_at, is_excess",
    )
    .bind(now)
    .bind(claimed_until)
    .bind(now - UNPROVEN_APART)
    .bind(now - TimeDelta::hours(24))
    .bind(UNPROVEN_A_DAY)
    .fetch_optional(db)
    .await
}

/// The letters of a conversation's ticket that this mailbox got before, oldest first, at most the first 20.
pub async fn thread(db: &PgPool, letter: &Letter) -> sqlx::Result<Vec<LetterId>> {
    sqlx::query_scalar(
        "select id from outbox
        where site_id = $1 and conversation_id = $2 and state <> 'dead' and id <> $3
            and kind in ('ticket_opened', 'ticket_reply') and lower(recipient) = lower($4) and created_at <= $5
        order by created_at, id
        limit 20",
    )
    .bind(letter.site_id)
    .bind(letter.conversation_id)
    .bind(letter.id)
    .bind(&letter.recipient)
    .bind(letter.created_at)
    .fetch_all(db)
    .await
}

pub async fn sent(db: &PgPool, id: LetterId, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update outbox set state = 'sent', sent_at = $2, claimed_until = null, last_error = null where id = $1",
    )
    .bind(id)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Puts a letter back for `next_at`, or lays it aside as dead where there is none. Not where its claim ended meanwhile and
/// another hand has it, or has sent it: `attempt` is the one that failed.
pub async fn failed(
    db: &PgPool,
    (id, attempt): (LetterId, i32),
    error: &str,
    next_at: Option<DateTime<Utc>>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update outbox
        set last_error = $2, claimed_until = null, next_at = coalesce($3, next_at),
            state = case when $3::timestamptz is null then 'dead' else 'waiting' end
        where id = $1 and state = 'waiting' and attempts = $4",
    )
    .bind(id)
    .bind(error)
    .bind(next_at)
    .bind(attempt)
    .execute(db)
    .await?;
    Ok(())
}

/// A letter that says nothing any more: what it was to tell has been read.
pub async fn withdraw(db: &PgPool, id: LetterId) -> sqlx::Result<()> {
    sqlx::query("delete from outbox where id = $1 and state = 'waiting'").bind(id).execute(db).await?;
    Ok(())
}

/// A letter as the admin page shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Undelivered {
    pub id: LetterId,
    pub kind: LetterKind,
    pub recipient: String,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
}

/// Letters that were given up, newest first, at most 200.
pub async fn dead(db: &PgPool) -> sqlx::Result<Vec<Undelivered>> {
    sqlx::query_as(
        "select id, kind, recipient, attempts, last_error, created_at from outbox where state = 'dead' order by created_at desc limit 200",
    )
    .fetch_all(db)
    .await
}

/// Tries a dead letter again from the start.
pub async fn revive(db: &PgPool, id: LetterId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let done =
        sqlx::query("update outbox set state = 'waiting', attempts = 0, next_at = $2 where id = $1 and state = 'dead'")
            .bind(id)
            .bind(now)
            .execute(db)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// How many wait, for how long the oldest does, in seconds, and how many were given up.
pub async fn backlog(db: &PgPool, now: DateTime<Utc>) -> sqlx::Result<(i64, f64, i64)> {
    sqlx::query_as(
        "select count(*), coalesce(extract(epoch from $1 - min(created_at)), 0)::float8,
            (select count(*) from outbox where state = 'dead')
        from outbox where state = 'waiting'",
    )
    .bind(now)
    .fetch_one(db)
    .await
}
