//! Browsers of the staff that agreed to notifications, and what one of them is told.

use super::{Browser, Push};
use crate::domain::alert::What;
use crate::domain::id::{AgentId, BrowserId, SessionId};
use crate::domain::mention::Called;
use crate::domain::people::{Role, Status};
use crate::domain::prefs::Prefs;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Most browsers of one agent: the oldest goes.
const BROWSERS_MAX: i64 = 10;

/// What a browser gave when its owner agreed.
pub struct Agreed<'a> {
    pub id: BrowserId,
    pub agent: AgentId,
    pub session: SessionId,
    /// What it is called in the list of browsers.
    pub name: &'a str,
    pub endpoint: &'a str,
    pub endpoint_hash: &'a [u8],
    pub p256dh: &'a [u8],
    pub auth: &'a [u8],
    pub now: DateTime<Utc>,
}

/// Keeps the browser for this session, in place of what the session or the browser's address had before: whoever signs in
/// at a browser where a colleague agreed takes it over.
pub async fn subscribe(db: &PgPool, agreed: &Agreed<'_>) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query("delete from agent_browsers where session_id = $1 or endpoint_hash = $2")
        .bind(agreed.session)
        .bind(agreed.endpoint_hash)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "insert into agent_browsers (id, agent_id, session_id, name, endpoint, endpoint_hash, p256dh, auth, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict do nothing",
    )
    .bind(agreed.id)
    .bind(agreed.agent)
    .bind(agreed.session)
    .bind(agreed.name)
    .bind(agreed.endpoint)
    .bind(agreed.endpoint_hash)
    .bind(agreed.p256dh)
    .bind(agreed.auth)
    .bind(agreed.now)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "delete from agent_browsers where id in (
            select id from agent_browsers where agent_id = $1 order by created_at desc, id desc offset $2)",
    )
    .bind(agreed.agent)
    .bind(BROWSERS_MAX)
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// A browser as its owner's settings list it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listed {
    pub id: BrowserId,
    pub session_id: SessionId,
    pub name: String,
    pub created_at: DateTime<Utc>,
}

/// Newest first.
pub async fn browsers(db: &PgPool, agent: AgentId, now: DateTime<Utc>) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as(
        "select b.id, b.session_id, b.name, b.created_at
        from agent_browsers b
        join sessions s on s.id = b.session_id and s.expires_at > $2
        where b.agent_id = $1
        order by b.created_at desc, b.id desc",
    )
    .bind(agent)
    .bind(now)
    .fetch_all(db)
    .await
}

/// Nobody removes another's.
pub async fn remove(db: &PgPool, agent: AgentId, id: BrowserId) -> sqlx::Result<()> {
    sqlx::query("delete from agent_browsers where agent_id = $1 and id = $2").bind(agent).bind(id).execute(db).await?;
    Ok(())
}

/// What an agent is told, as it stands now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Call {
    #[sqlx(flatten)]
    pub browser: Browser,
    pub agent_id: AgentId,
    pub role: Role,
    pub available: bool,
    pub off_as: Status,
    pub locale: Option<String>,
    #[sqlx(json)]
    pub prefs: Prefs,
    /// A page of theirs is in sight.
    pub is_looking: bool,
    /// The shopper; of what a colleague wrote, that colleague.
    pub name: Option<String>,
    /// Where a colleague wrote.
    pub called: Called,
    /// `None`: it has been seen, answered or taken back.
    pub text: Option<String>,
    /// When an offer ends.
    pub until: Option<DateTime<Utc>>,
}

/// `None`: the browser is gone, or its owner may not come in any more.
pub async fn call(
    db: &PgPool,
    push: &Push,
    (browser, what): (BrowserId, What),
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Call>> {
    sqlx::query_as(
        "select b.endpoint, b.p256dh, b.auth, a.id as agent_id, a.role, a.available, a.off_as, a.locale, a.prefs,
            exists (select from agent_views v where v.agent_id = a.id and v.until > $5) as is_looking,
            case when $4 = 'mention' then note.by_name else p.name end as name,
            case c.kind when 'room' then 'in_room' when 'direct' then 'in_talk' else 'in_note' end as called,
            case $4
                when 'message' then case when c.assignee_id = a.id and c.state = 'active' and c.seat is not null
                    and c.last_by = 'shopper' and exists (select from events e
                        where e.site_id = c.site_id and e.conversation_id = c.id and e.seq > c.staff_read
                            and e.kind = 'message' and e.author = 'shopper' and e.body is not null)
                    then c.last_message end
                when 'offer' then case when c.reserved_for = a.id and c.reserved_as in ('offer', 'transfer')
                    and c.reserved_until > $5 then c.last_message end
                else note.body end as text,
            case when $4 = 'offer' then c.reserved_until end as until
        from agent_browsers b
        join sessions s on s.id = b.session_id and s.expires_at > $5
        join agents a on a.id = b.agent_id and a.disabled_at is null
        join conversations c on c.site_id = $2 and c.id = $3
        left join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        left join lateral (
            select e.body, w.name as by_name
            from mentions m
            join events e on e.site_id = m.site_id and e.conversation_id = m.conversation_id and e.seq = m.seq
            left join agents w on w.id = e.author_id
            where m.agent_id = a.id and m.conversation_id = c.id and m.seen_at is null and e.body is not null
            order by m.seq desc
            limit 1) note on $4 = 'mention'
        where b.id = $1",
    )
    .bind(browser)
    .bind(push.site_id)
    .bind(push.conversation_id)
    .bind(what.as_str())
    .bind(now)
    .fetch_optional(db)
    .await
}

/// As for shoppers: what waits, or comes later, is told as if nobody had meant to tell this.
pub(super) async fn withdraw(db: &PgPool, push: &Push, browser: BrowserId, what: What) -> sqlx::Result<()> {
    sqlx::query(
        "with gone as (delete from pushes where id = $1)
        update alerts set pushed_upto = 0, pushed_at = null
        where conversation_id = $2 and what = $3 and agent_id = (select agent_id from agent_browsers where id = $4)",
    )
    .bind(push.id)
    .bind(push.conversation_id)
    .bind(what.as_str())
    .bind(browser)
    .execute(db)
    .await?;
    Ok(())
}
