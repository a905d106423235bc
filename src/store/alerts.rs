//! What waits for agents and nobody has seen: who is called, by notification or by letter, and that they are called once.

use super::sight::may_open;
use crate::domain::alert::What;
use crate::domain::id::{AgentId, BrowserId, ConversationId, LetterId, PushId, SiteId};
use crate::domain::people::Status;
use crate::domain::prefs::Prefs;
use crate::store::outbox::{self, LetterKind, NewLetter};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

/// What a newer message of the same chat waits after the last notification, unless that was seen.
pub const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// Nobody is written to more often.
pub const LETTERS_APART: TimeDelta = TimeDelta::minutes(10);

/// Something that waits for an agent, with all that decides whether they are called.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Call {
    pub agent_id: AgentId,
    pub what: What,
    pub site_id: SiteId,
    pub conversation_id: ConversationId,
    /// Since when it waits for this agent.
    pub since: DateTime<Utc>,
    /// The newest of it: a number of the log; of an offer the moment it ends, in ms.
    pub upto: i64,
    pub email: String,
    #[sqlx(json)]
    pub prefs: Prefs,
    pub available: bool,
    pub off_as: Status,
    /// Until when their sockets' lease holds, or held; none: they never were here.
    pub here_until: Option<DateTime<Utc>>,
    /// A page of theirs is in sight.
    pub is_looking: bool,
    /// Some browser of theirs may be told.
    pub has_browser: bool,
    pub pushed_upto: i64,
    pub pushed_at: Option<DateTime<Utc>>,
    pub mailed_upto: i64,
    /// How far the staff has read; nothing of offers and mentions.
    pub read_upto: i64,
}

/// Everything that waits at `$1`.
macro_rules! calls {
    ($($rest:expr),+) => {
        concat!(
            "with calls as (
                select 'message' as what, c.site_id, c.id as conversation_id, c.assignee_id as agent_id,
                    greatest(unseen.first_at, c.assigned_at) as since, unseen.upto, c.staff_read as read_upto
                from conversations c
                cross join lateral (
                    select min(e.at) as first_at, max(e.seq) as upto from events e
                    where e.site_id = c.site_id and e.conversation_id = c.id and e.seq > c.staff_read
                        and e.kind = 'message' and e.author = 'shopper' and e.body is not null) unseen
                where c.state = 'active' and c.seat is not null and c.last_by = 'shopper' and unseen.upto is not null
                union all
                select 'offer', c.site_id, c.id, c.reserved_for, coalesce(c.queued_at, c.assigned_at, c.opened_at),
                    (extract(epoch from c.reserved_until) * 1000)::bigint, 0
                from conversations c
                where c.reserved_for is not null and c.reserved_as in ('offer', 'transfer') and c.reserved_until > $1
                union all
                select 'mention', m.site_id, m.conversation_id, m.agent_id, min(m.at), max(m.seq), 0
                from mentions m
                join events e on e.site_id = m.site_id and e.conversation_id = m.conversation_id and e.seq = m.seq
                where m.seen_at is null and m.at > $1 - interval '1 day' and e.body is not null
                group by m.site_id, m.conversation_id, m.agent_id
            )
            ",
            $($rest),+
        )
    };
}

/// A page of what waits, at most `limit`, after `after`.
pub async fn waiting(db: &PgPool, now: DateTime<Utc>, after: Option<&Call>, limit: i64) -> sqlx::Result<Vec<Call>> {
    sqlx::query_as(calls!(
        "select w.agent_id, w.what, w.site_id, w.conversation_id, w.since, w.upto, w.read_upto,
            a.email, a.prefs, a.available, a.off_as, l.expires_at as here_until,
            exists (select from agent_views v where v.agent_id = a.id and v.until > $1) as is_looking,
            exists (select from agent_browsers b
                join sessions s on s.id = b.session_id and s.expires_at > $1
                where b.agent_id = a.id) as has_browser,
            coalesce(t.pushed_upto, 0) as pushed_upto, t.pushed_at, coalesce(t.mailed_upto, 0) as mailed_upto
        from calls w
        join agents a on a.id = w.agent_id and a.disabled_at is null
        left join agent_leases l on l.agent_id = a.id
        left join alerts t on t.agent_id = w.agent_id and t.conversation_id = w.conversation_id and t.what = w.what
        where $2::uuid is null or (w.agent_id, w.conversation_id, w.what) > ($2, $3, $4)
        order by w.agent_id, w.conversation_id, w.what
        limit $5"
    ))
    .bind(now)
    .bind(after.map(|call| call.agent_id))
    .bind(after.map(|call| call.conversation_id))
    .bind(after.map(|call| call.what.as_str()))
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Notes that they are told by notification, unless another node did, and writes one for each of their browsers.
pub async fn push(db: &PgPool, call: &Call, ids: impl Fn() -> PushId, now: DateTime<Utc>) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    let noted = sqlx::query(
        "insert into alerts as t (agent_id, site_id, conversation_id, what, pushed_upto, pushed_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (agent_id, conversation_id, what) do update set pushed_upto = $5, pushed_at = $6
        where t.pushed_upto < $5 and (t.pushed_upto <= $8 or t.pushed_at is null or t.pushed_at <= $7)",
    )
    .bind(call.agent_id)
    .bind(call.site_id)
    .bind(call.conversation_id)
    .bind(call.what.as_str())
    .bind(call.upto)
    .bind(now)
    .bind(now - AGAIN)
    .bind(call.read_upto)
    .execute(&mut *tx)
    .await?;
    if noted.rows_affected() == 0 {
        return Ok(());
    }
    let browsers: Vec<BrowserId> = sqlx::query_scalar(
        "select b.id from agent_browsers b
        join sessions s on s.id = b.session_id and s.expires_at > $2
        where b.agent_id = $1",
    )
    .bind(call.agent_id)
    .bind(now)
    .fetch_all(&mut *tx)
    .await?;
    for browser in browsers {
        sqlx::query(
            "insert into pushes (id, site_id, conversation_id, browser_id, what, upto, next_at, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $7)",
        )
        .bind(ids())
        .bind(call.site_id)
        .bind(call.conversation_id)
        .bind(browser)
        .bind(call.what.as_str())
        .bind(call.upto)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await
}

/// Writes one letter for all that waits for an agent, unless they were written to a moment ago. Whether it was written.
pub async fn mail(db: &PgPool, calls: &[Call], letter: LetterId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let Some(first) = calls.first() else { return Ok(false) };
    let mut tx = db.begin().await?;
    let noted = sqlx::query(
        "insert into agent_letters as t (agent_id, at) values ($1, $2)
        on conflict (agent_id) do update set at = $2 where t.at <= $3",
    )
    .bind(first.agent_id)
    .bind(now)
    .bind(now - LETTERS_APART)
    .execute(&mut *tx)
    .await?;
    if noted.rows_affected() == 0 {
        return Ok(false);
    }
    for call in calls {
        note_mailed(&mut tx, call).await?;
    }
    let letter = NewLetter {
        id: letter,
        site: first.site_id,
        conversation: None,
        kind: LetterKind::Unseen,
        unique_key: None,
        recipient: &first.email,
        data: json!({ "agent": first.agent_id }),
    };
    outbox::add(&mut tx, &letter, now).await?;
    tx.commit().await?;
    Ok(true)
}

async fn note_mailed(tx: &mut PgConnection, call: &Call) -> sqlx::Result<()> {
    sqlx::query(
        "insert into alerts (agent_id, site_id, conversation_id, what, mailed_upto) values ($1, $2, $3, $4, $5)
        on conflict (agent_id, conversation_id, what) do update set mailed_upto = $5",
    )
    .bind(call.agent_id)
    .bind(call.site_id)
    .bind(call.conversation_id)
    .bind(call.what.as_str())
    .bind(call.upto)
    .execute(tx)
    .await?;
    Ok(())
}

/// A line of the letter.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Unseen {
    pub what: What,
    pub conversation_id: ConversationId,
    /// The shopper; in a room of the staff whoever wrote.
    pub name: String,
    pub is_room: bool,
    /// What was written last.
    pub text: String,
}

/// Chats and notes that wait for somebody, longest first; not what rings, which is over before a letter is read.
pub async fn unseen(db: &PgPool, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<Vec<Unseen>> {
    sqlx::query_as(calls!(
        "select w.what, w.conversation_id, c.state = 'room' as is_room,
            coalesce(case when c.state = 'room' then (select a.name from events e join agents a on a.id = e.author_id
                where e.site_id = w.site_id and e.conversation_id = w.conversation_id and e.seq = w.upto) else p.name end, '') as name,
            case when w.what = 'message' then c.last_message
                else (select e.body from events e
                    where e.site_id = w.site_id and e.conversation_id = w.conversation_id and e.seq = w.upto) end as text
        from calls w
        join conversations c on c.site_id = w.site_id and c.id = w.conversation_id
        left join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        join agents a on a.id = w.agent_id
        where w.agent_id = $2 and w.what <> 'offer' and (w.what <> 'mention' or ",
        may_open!("a.id", "a.role"),
        ") order by w.since, w.conversation_id limit 200"
    ))
    .bind(now)
    .bind(agent)
    .fetch_all(db)
    .await
}
