//! Shoppers who may not come in. A block holds for a contact: for its browser, and, where the shop vouches for it, for whoever
//! signs in as that customer, in whatever browser.
//!
//! Whoever blocks holds the shopper's row, as whoever opens a conversation does: none is opened past a block. What is over stays.

use super::Db;
use super::append::{Locking, Row, Stored, insert, lock, lock_all};
use super::conversations::set_closed;
use super::queue::reserve;
use crate::domain::conversation::{Given, Head};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, BlockId, ConversationId, EventId, ShopperId, SiteId};
use crate::domain::triage::Trace;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgExecutor, PgPool};
use std::sync::Arc;

pub struct NewBlock<'a> {
    pub site: SiteId,
    pub id: BlockId,
    pub shopper: ShopperId,
    /// Where it is done.
    pub conversation: ConversationId,
    pub reason: &'a str,
    pub by: (AgentId, &'a str),
    pub at: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
}

/// What a block came to.
pub enum Blocked {
    Yes(Outcome),
    /// They are blocked already.
    Already,
    /// There is no such shopper.
    Gone,
}

/// What follows from it.
#[derive(Default)]
pub struct Outcome {
    /// What the logs say of it, in order.
    pub lines: Vec<Stored>,
    /// Whose chat, or whose kept place, is gone with it.
    pub left: Vec<(AgentId, Given)>,
}

/// Blocks a shopper and ends what they have open; both or neither.
pub async fn block(db: &Db, new: &NewBlock<'_>, ids: impl Fn() -> EventId) -> sqlx::Result<Blocked> {
    let mut tx = db.send.begin().await?;
    let known: Option<ShopperId> =
        sqlx::query_scalar("select id from shoppers where site_id = $1 and id = $2 for no key update")
            .bind(new.site)
            .bind(new.shopper)
            .fetch_optional(&mut *tx)
            .await?;
    if known.is_none() {
        return Ok(Blocked::Gone);
    }
    if holds(&mut *tx, (new.site, new.shopper), new.at).await? {
        return Ok(Blocked::Already);
    }
    add(&mut tx, new).await?;
    let open: Option<ConversationId> = sqlx::query_scalar(
        "select id from conversations
        where site_id = $1 and shopper_id = $2 and kind = 'support' and state in ('waiting', 'active')",
    )
    .bind(new.site)
    .bind(new.shopper)
    .fetch_optional(&mut *tx)
    .await?;
    let mut outcome = Outcome::default();
    let touched: Vec<ConversationId> = [Some(new.conversation), open].into_iter().flatten().collect();
    for head in lock_all(&mut tx, &touched, Locking::Wait).await? {
        let ends = open == Some(head.id) && head.state.is_open();
        write(&mut tx, (head, ends), new, &ids, &mut outcome).await?;
    }
    tx.commit().await?;
    Ok(Blocked::Yes(outcome))
}

async fn add(tx: &mut PgConnection, new: &NewBlock<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into blocks (site_id, id, shopper_id, conversation_id, reason, by_id, by_name, at, until)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(new.site)
    .bind(new.id)
    .bind(new.shopper)
    .bind(new.conversation)
    .bind(new.reason)
    .bind(new.by.0)
    .bind(new.by.1)
    .bind(new.at)
    .bind(new.until)
    .execute(tx)
    .await?;
    Ok(())
}

/// To staff: who blocked them and why. To both sides: that a conversation ends.
async fn write(
    tx: &mut PgConnection,
    (mut head, ends): (Head, bool),
    new: &NewBlock<'_>,
    ids: impl Fn() -> EventId,
    outcome: &mut Outcome,
) -> sqlx::Result<()> {
    let trace = Trace::Blocked { until: new.until, reason: new.reason.to_owned() };
    let mut rows = vec![Row::number(&mut head, trace.draft(ids(), Some(new.by)), new.at)];
    if ends {
        let given = Given { conversation: head.id, site: head.site_id, generation: head.generation };
        let kept = reserve::of(tx, head.id).await?.map(|kept| kept.reserved_for);
        outcome.left.extend([head.assignee_id, kept].into_iter().flatten().map(|agent| (agent, given)));
        set_closed(tx, &head, new.at).await?;
        rows.push(Row::number(&mut head, ended(ids()), new.at));
    }
    insert(tx, &rows).await?;
    outcome.lines.extend(rows.into_iter().map(|row| Stored { event: Arc::new(row.event), shopper: head.shopper_id }));
    Ok(())
}

fn ended(id: EventId) -> Draft {
    Draft {
        id,
        cid: None,
        kind: Kind::Closed,
        by: Author::System,
        by_name: String::new(),
        body: None,
        data: Some(json!({ "reason": "blocked" })),
        files: Vec::new(),
        internal: false,
        oversees: false,
    }
}

/// Whether a shopper is blocked now.
pub async fn holds(
    db: impl PgExecutor<'_>,
    (site, shopper): (SiteId, ShopperId),
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from blocks
            where site_id = $1 and shopper_id = $2 and lifted_at is null and (until is null or until > $3))",
    )
    .bind(site)
    .bind(shopper)
    .bind(now)
    .fetch_one(db)
    .await
}

/// Who was blocked since, and is: for sockets that no hint told.
pub async fn since(db: &PgPool, since: DateTime<Utc>, now: DateTime<Utc>) -> sqlx::Result<Vec<ShopperId>> {
    sqlx::query_scalar(
        "select shopper_id from blocks where at > $1 and lifted_at is null and (until is null or until > $2)",
    )
    .bind(since)
    .bind(now)
    .fetch_all(db)
    .await
}

/// A block, as staff see it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Block {
    pub site_id: SiteId,
    pub id: BlockId,
    pub shopper_id: ShopperId,
    pub site_name: String,
    pub name: String,
    pub email: Option<String>,
    pub external_id: Option<String>,
    pub verified: bool,
    pub reason: String,
    pub by_name: String,
    pub at: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    pub lifted_by_name: Option<String>,
    pub lifted_at: Option<DateTime<Utc>>,
}

impl Block {
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.lifted_at.is_none() && self.until.is_none_or(|until| until > now)
    }
}

macro_rules! blocks {
    ($rest:literal) => {
        concat!(
            "select b.site_id, b.id, b.shopper_id, s.name as site_name, p.name, p.email, p.external_id, p.verified, b.reason,
                b.by_name, b.at, b.until, b.lifted_by_name, b.lifted_at
            from blocks b
            join sites s on s.id = b.site_id
            join shoppers p on p.site_id = b.site_id and p.id = b.shopper_id ",
            $rest
        )
    };
}

/// The blocks that hold now for these contacts.
pub async fn of(db: &PgPool, (site, contacts): (SiteId, &[ShopperId]), now: DateTime<Utc>) -> sqlx::Result<Vec<Block>> {
    sqlx::query_as(blocks!(
        "where b.site_id = $1 and b.shopper_id = any($2) and b.lifted_at is null and (b.until is null or b.until > $3)
        order by b.at desc, b.id"
    ))
    .bind(site)
    .bind(contacts)
    .bind(now)
    .fetch_all(db)
    .await
}

/// One page of the blocks of these shops, newest first: those that hold, or all.
pub async fn page(
    db: &PgPool,
    sites: &[SiteId],
    (all, now): (bool, DateTime<Utc>),
    after: Option<(DateTime<Utc>, BlockId)>,
    limit: i64,
) -> sqlx::Result<Vec<Block>> {
    sqlx::query_as(blocks!(
        "where b.site_id = any($1) and ($2 or b.lifted_at is null and (b.until is null or b.until > $3))
            and ($4::timestamptz is null or (b.at, b.id) < ($4, $5))
        order by b.at desc, b.id desc
        limit $6"
    ))
    .bind(sites)
    .bind(all)
    .bind(now)
    .bind(after.map(|(at, _)| at))
    .bind(after.map(|(_, id)| id))
    .bind(limit)
    .fetch_all(db)
    .await
}

/// Ends a block before its time, with a line where it was done; `None`: it does not hold any more.
pub async fn lift(
    db: &Db,
    (site, id): (SiteId, BlockId),
    by: (AgentId, &str),
    event: EventId,
    at: DateTime<Utc>,
) -> sqlx::Result<Option<Vec<Stored>>> {
    let mut tx = db.send.begin().await?;
    let lifted: Option<ConversationId> = sqlx::query_scalar(
        "update blocks set lifted_by = $3, lifted_by_name = $4, lifted_at = $5
        where site_id = $1 and id = $2 and lifted_at is null and (until is null or until > $5)
        returning conversation_id",
    )
    .bind(site)
    .bind(id)
    .bind(by.0)
    .bind(by.1)
    .bind(at)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(conversation) = lifted else { return Ok(None) };
    let mut lines = Vec::new();
    if let Some(mut head) = lock(&mut tx, site, conversation).await? {
        let row = Row::number(&mut head, Trace::Unblocked.draft(event, Some(by)), at);
        insert(&mut tx, std::slice::from_ref(&row)).await?;
        lines.push(Stored { event: Arc::new(row.event), shopper: head.shopper_id });
    }
    tx.commit().await?;
    Ok(Some(lines))
}
