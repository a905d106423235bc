//! Who has answers that they have not read, and was not told of them.

use crate::domain::id::{ConversationId, LetterId, PushId, ShopperId, SiteId};
use crate::store::outbox::{self, LetterKind, NewLetter};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

/// A shopper with answers to be told of.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Due {
    pub site_id: SiteId,
    pub conversation_id: ConversationId,
    pub shopper_id: ShopperId,
    /// The first answer they have not read, and the number of the newest.
    pub first_at: DateTime<Utc>,
    pub upto: i64,
    /// Some browser of theirs may be told, and was not.
    pub may_push: bool,
    /// Their address, where a letter may be written and was not.
    pub mail_to: Option<String>,
}

/// A page of those with an answer from before `since` that they have not read and could be told of: who comes after `after`, at
/// most `limit`. A notification
/// or a letter is for all that is unread: the next one comes after they have read. What they wrote after it they wrote
/// having seen it. Whoever was notified gets no letter, nor whoever gets the transcript.
pub async fn due(
    db: &PgPool,
    (since, now): (DateTime<Utc>, DateTime<Utc>),
    after: Option<&Due>,
    limit: i64,
) -> sqlx::Result<Vec<Due>> {
    sqlx::query_as(
        "with unread as (
            select site_id, id, shopper_id, shopper_read, shopper_at from conversations
            where kind = 'support' and state in ('waiting', 'active') and shopper_read < shopper_seq
            union all
            select site_id, id, shopper_id, shopper_read, shopper_at from conversations
            where kind = 'support' and state = 'closed' and closed_at > $2 - interval '1 day'
                and shopper_read < shopper_seq
        )
        select c.site_id, c.id as conversation_id, c.shopper_id, answers.first_at, answers.upto,
            may.push as may_push, case when may.mail then p.email end as mail_to
        from unread c
        join sites s on s.id = c.site_id
        join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        left join reminders r on r.site_id = c.site_id and r.conversation_id = c.id
        cross join lateral (
            select
                coalesce((s.settings->'notify'->>'push')::boolean, true)
                    and coalesce(r.pushed_upto, 0) <= c.shopper_read
                    and exists (select from push_subscriptions b
                        join shopper_tokens t on t.token_hash = b.token_hash
                        where b.site_id = c.site_id and b.shopper_id = c.shopper_id
                            and (t.conversation_id is null or t.conversation_id = c.id)) as push,
                coalesce((s.settings->'notify'->>'mail')::boolean, true)
                    and p.email is not null
                    and coalesce(r.mailed_upto, 0) <= c.shopper_read
                    and not exists (select from pushes q
                        where q.site_id = c.site_id and q.conversation_id = c.id and q.upto > c.shopper_read
                            and q.state in ('waiting', 'sent'))
                    and not exists (select from outbox o
                        where o.site_id = c.site_id and o.conversation_id = c.id and o.kind = 'transcript'
                            and o.state <> 'dead' and lower(o.recipient) = lower(p.email)
                            and o.created_at > coalesce(c.shopper_at, '-infinity')) as mail
        ) may
        cross join lateral (
            select min(e.at) as first_at, max(e.shopper_seq) as upto from events e
            where e.site_id = c.site_id and e.conversation_id = c.id and e.shopper_seq > c.shopper_read
                and e.kind = 'message' and e.author = 'agent' and e.body is not null
                and e.at > coalesce(c.shopper_at, '-infinity')
        ) answers
        where (may.push or may.mail) and answers.first_at <= $1
            and not exists (select from blocks b where b.site_id = c.site_id and b.shopper_id = c.shopper_id
                and b.lifted_at is null and (b.until is null or b.until > $2))
            and ($4::timestamptz is null or (answers.first_at, c.id) > ($4, $5))
        order by answers.first_at, c.id
        limit $3",
    )
    .bind(since)
    .bind(now)
    .bind(limit)
    .bind(after.map(|due| due.first_at))
    .bind(after.map(|due| due.conversation_id))
    .fetch_all(db)
    .await
}

/// Notes that they are told by notification, once, and writes one for each browser. How many.
pub async fn push(db: &PgPool, due: &Due, ids: impl Fn() -> PushId, now: DateTime<Utc>) -> sqlx::Result<usize> {
    let mut tx = db.begin().await?;
    if !note(&mut tx, due, "pushed_upto").await? {
        return Ok(0);
    }
    let browsers: Vec<crate::domain::id::SubscriptionId> = sqlx::query_scalar(
        "select b.id from push_subscriptions b
        join shopper_tokens t on t.token_hash = b.token_hash
        where b.site_id = $1 and b.shopper_id = $2 and (t.conversation_id is null or t.conversation_id = $3)",
    )
    .bind(due.site_id)
    .bind(due.shopper_id)
    .bind(due.conversation_id)
    .fetch_all(&mut *tx)
    .await?;
    for browser in &browsers {
        sqlx::query(
            "insert into pushes (id, site_id, conversation_id, subscription_id, upto, next_at, created_at)
            values ($1, $2, $3, $4, $5, $6, $6)",
        )
        .bind(ids())
        .bind(due.site_id)
        .bind(due.conversation_id)
        .bind(browser)
        .bind(due.upto)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(browsers.len())
}

/// A letter with answers, and the link in it.
pub struct Answers<'a> {
    pub letter: LetterId,
    pub to: &'a str,
    pub code_hash: &'a [u8],
    pub now: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Notes that they are told by mail, once, and writes the letter. Whether it was written.
pub async fn mail(db: &PgPool, due: &Due, answers: &Answers<'_>) -> sqlx::Result<bool> {
    let mut tx = db.begin().await?;
    if !note(&mut tx, due, "mailed_upto").await? {
        return Ok(false);
    }
    let whose = (due.site_id, Some(due.shopper_id));
    if outbox::addresses_named(&mut tx, whose, answers.to, answers.now).await? >= outbox::ADDRESSES_A_DAY {
        // Noted all the same: it is not asked again every few seconds.
        tx.commit().await?;
        return Ok(false);
    }
    sqlx::query(
        "insert into place_links (code_hash, site_id, conversation_id, expires_at, leads_to) values ($1, $2, $3, $4, 'answers')",
    )
    .bind(answers.code_hash)
    .bind(due.site_id)
    .bind(due.conversation_id)
    .bind(answers.expires_at)
    .execute(&mut *tx)
    .await?;
    let letter = NewLetter {
        id: answers.letter,
        site: due.site_id,
        conversation: Some(due.conversation_id),
        kind: LetterKind::Answers,
        unique_key: Some(format!("answers/{}/{}", due.conversation_id, due.upto)),
        recipient: answers.to,
        data: json!({}),
    };
    outbox::add(&mut tx, &letter, answers.now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Moves the mark of what they were told, unless somebody else did or they have read meanwhile.
async fn note(tx: &mut PgConnection, due: &Due, mark: &'static str) -> sqlx::Result<bool> {
    let statement = match mark {
        "pushed_upto" => {
            "insert into reminders as r (site_id, conversation_id, pushed_upto)
            select site_id, id, $3 from conversations where site_id = $1 and id = $2 and shopper_read < $3
            on conflict (site_id, conversation_id) do update set pushed_upto = excluded.pushed_upto
            where r.pushed_upto <= (select shopper_read from conversations where site_id = $1 and id = $2)"
        }
        _ => {
            "insert into reminders as r (site_id, conversation_id, mailed_upto)
            select site_id, id, $3 from conversations where site_id = $1 and id = $2 and shopper_read < $3
            on conflict (site_id, conversation_id) do update set mailed_upto = excluded.mailed_upto
            where r.mailed_upto <= (select shopper_read from conversations where site_id = $1 and id = $2)"
        }
    };
    let done = sqlx::query(statement).bind(due.site_id).bind(due.conversation_id).bind(due.upto).execute(tx).await?;
    Ok(done.rows_affected() == 1)
}
