//! Reading logs: replay after a cursor, pages of history, the check of a cursor's tip.

use crate::domain::event::{Author, Event, Kind};
use crate::domain::id::{AgentId, ClientId, ConversationId, EventId, SiteId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Whose numbering a cursor counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Shopper,
    Staff,
}

impl Audience {
    /// The number this audience sees on an event; `None` is hidden from it.
    pub fn seq(self, event: &Event) -> Option<i64> {
        match self {
            Self::Shopper => event.shopper_seq,
            Self::Staff => Some(event.seq),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Stored {
    site_id: SiteId,
    conversation_id: ConversationId,
    seq: i64,
    shopper_seq: Option<i64>,
    id: EventId,
    cid: Option<ClientId>,
    kind: Kind,
    author: String,
    author_id: Option<Uuid>,
    body: Option<String>,
    data: Option<Value>,
    at: DateTime<Utc>,
}

impl From<Stored> for Event {
    fn from(row: Stored) -> Self {
        let by_name = row.data.as_ref().and_then(|data| data["_name"].as_str()).unwrap_or_default().to_owned();
        Self {
            site: row.site_id,
            conversation: row.conversation_id,
            seq: row.seq,
            shopper_seq: row.shopper_seq,
            id: row.id,
            cid: row.cid,
            kind: row.kind,
            by: Author::from_stored(&row.author, row.author_id),
            by_name,
            body: row.body,
            data: row.data,
            at: row.at,
        }
    }
}

fn events(rows: Vec<Stored>) -> Vec<Event> {
    rows.into_iter().map(Event::from).collect()
}

/// What a resume needs, read in one snapshot.
pub struct Since {
    /// The newest number of this audience.
    pub head: i64,
    /// The id of the event at the cursor, if there is one.
    pub tip: Option<EventId>,
    pub events: Vec<Event>,
}

/// How much is read at once.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    pub events: i64,
    /// Roughly; the event that goes beyond it is the last.
    pub bytes: i64,
}

impl Most {
    pub fn events(events: i64) -> Self {
        Self { events, bytes: i64::MAX }
    }
}

/// The events after a cursor, with the head and the event at the cursor, in one snapshot. `None`: there is no such
/// conversation.
pub async fn since(
    db: &PgPool,
    audience: Audience,
    (site, conversation): (SiteId, ConversationId),
    after: i64,
    most: Most,
) -> sqlx::Result<Option<Since>> {
    let mut tx = db.begin_with("begin isolation level repeatable read read only").await?;
    let head: Option<(i64, i64)> =
        sqlx::query_as("select last_seq, shopper_seq from conversations where site_id = $1 and id = $2")
            .bind(site)
            .bind(conversation)
            .fetch_optional(&mut *tx)
            .await?;
    let Some((last_seq, shopper_seq)) = head else { return Ok(None) };
    let head = if audience == Audience::Shopper { shopper_seq } else { last_seq };
    let with_tip = Most { events: most.events + 1, ..most };
    let mut rows = after_cursor(&mut tx, audience, (site, conversation), after - 1, with_tip).await?;
    tx.commit().await?;
    let at_cursor = rows.first().is_some_and(|e| audience.seq(e) == Some(after));
    let tip = at_cursor.then(|| rows.remove(0).id);
    rows.truncate(usize::try_from(most.events).unwrap_or(usize::MAX));
    Ok(Some(Since { head, tip, events: rows }))
}

/// The database weighs them, so that no more is fetched than is wanted.
async fn after_cursor(
    tx: &mut PgConnection,
    audience: Audience,
    (site, conversation): (SiteId, ConversationId),
    after: i64,
    most: Most,
) -> sqlx::Result<Vec<Event>> {
    let statement = match audience {
        Audience::Shopper => {
            "select site_id, conversation_id, seq, shopper_seq, id, cid, kind, author, author_id, body, data, at
            from (select *, sum(coalesce(octet_length(body), 0) + coalesce(pg_column_size(data), 0) + 256)
                    over (order by shopper_seq rows between unbounded preceding and 1 preceding) as weight_before
                from events
                where site_id = $1 and conversation_id = $2 and shopper_seq > $3
                order by shopper_seq
                limit $4) as weighed
            where coalesce(weight_before, 0) <= $5
            order by shopper_seq"
        }
        Audience::Staff => {
            "select site_id, conversation_id, seq, shopper_seq, id, cid, kind, author, author_id, body, data, at
            from (select *, sum(coalesce(octet_length(body), 0) + coalesce(pg_column_size(data), 0) + 256)
                    over (order by seq rows between unbounded preceding and 1 preceding) as weight_before
                from events
                where site_id = $1 and conversation_id = $2 and seq > $3
                order by seq
                limit $4) as weighed
            where coalesce(weight_before, 0) <= $5
            order by seq"
        }
    };
    let rows: Vec<Stored> = sqlx::query_as(statement)
        .bind(site)
        .bind(conversation)
        .bind(after)
        .bind(most.events)
        .bind(most.bytes)
        .fetch_all(tx)
        .await?;
    Ok(events(rows))
}

/// The events before a number, oldest first, at most `limit`: one page of history.
pub async fn before(
    db: &PgPool,
    audience: Audience,
    (site, conversation): (SiteId, ConversationId),
    before: i64,
    limit: i64,
) -> sqlx::Result<Vec<Event>> {
    let statement = match audience {
        Audience::Shopper => {
            "select site_id, conversation_id, seq, shopper_seq, id, cid, kind, author, author_id, body, data, at
            from events
            where site_id = $1 and conversation_id = $2 and shopper_seq < $3
            order by shopper_seq desc
            limit $4"
        }
        Audience::Staff => {
            "select site_id, conversation_id, seq, shopper_seq, id, cid, kind, author, author_id, body, data, at
            from events
            where site_id = $1 and conversation_id = $2 and seq < $3
            order by seq desc
            limit $4"
        }
    };
    let rows: Vec<Stored> =
        sqlx::query_as(statement).bind(site).bind(conversation).bind(before).bind(limit).fetch_all(db).await?;
    let mut page = events(rows);
    page.reverse();
    Ok(page)
}

/// How a message of an agent's own reads now, if it carries no files: that may be said right.
pub async fn own_text(
    db: &PgPool,
    (site, conversation): (SiteId, ConversationId),
    id: EventId,
    by: AgentId,
) -> sqlx::Result<Option<String>> {
    let mut connection = db.acquire().await?;
    let event = get(&mut connection, site, conversation, id).await?;
    let is_theirs = |event: &Event| event.kind == Kind::Message && event.by == Author::Agent(by);
    Ok(event.filter(|event| is_theirs(event) && event.files().is_empty()).and_then(|event| event.body))
}

/// One event by its id.
pub async fn get(
    tx: &mut PgConnection,
    site: SiteId,
    conversation: ConversationId,
    id: EventId,
) -> sqlx::Result<Option<Event>> {
    let row: Option<Stored> = sqlx::query_as(
        "select site_id, conversation_id, seq, shopper_seq, id, cid, kind, author, author_id, body, data, at
        from events
        where site_id = $1 and conversation_id = $2 and id = $3",
    )
    .bind(site)
    .bind(conversation)
    .bind(id)
    .fetch_optional(tx)
    .await?;
    Ok(row.map(Event::from))
}

/// One event by its number.
pub async fn numbered(
    db: &PgPool,
    (site, conversation): (SiteId, ConversationId),
    seq: i64,
) -> sqlx::Result<Option<Event>> {
    let row: Option<Stored> = sqlx::query_as(
        "select site_id, conversation_id, seq, shopper_seq, id, cid, kind, author, author_id, body, data, at
        from events
        where site_id = $1 and conversation_id = $2 and seq = $3",
    )
    .bind(site)
    .bind(conversation)
    .bind(seq)
    .fetch_optional(db)
    .await?;
    Ok(row.map(Event::from))
}

/// What agents wrote and the shopper has not read, in order, the newest `limit` of it. What the shopper wrote after a message
/// they wrote having seen it.
pub async fn unread(
    db: &PgPool,
    (site, conversation): (SiteId, ConversationId),
    limit: i64,
) -> sqlx::Result<Vec<Event>> {
    let rows: Vec<Stored> = sqlx::query_as(
        "select e.site_id, e.conversation_id, e.seq, e.shopper_seq, e.id, e.cid, e.kind, e.author, e.author_id, e.body, e.data, e.at
        from conversations c
        join events e on e.site_id = c.site_id and e.conversation_id = c.id and e.shopper_seq > c.shopper_read
        where c.site_id = $1 and c.id = $2 and e.kind = 'message' and e.author = 'agent' and e.body is not null
            and e.at > coalesce(c.shopper_at, '-infinity')
        order by e.shopper_seq desc
        limit $3",
    )
    .bind(site)
    .bind(conversation)
    .bind(limit)
    .fetch_all(db)
    .await?;
    let mut page = events(rows);
    page.reverse();
    Ok(page)
}

/// Takes a message's text back in place: body, files and digest are gone for good. By whom and when stays with it, for staff.
pub async fn blank(tx: &mut PgConnection, event: &Event, (by, at): (&str, DateTime<Utc>)) -> sqlx::Result<()> {
    sqlx::query(
        "update events
        set body = null, digest = null,
            data = jsonb_strip_nulls(jsonb_build_object('_name', data->'_name', '_back', jsonb_build_object('by', $4::text, 'at', $5::timestamptz)))
        where site_id = $1 and conversation_id = $2 and seq = $3",
    )
    .bind(event.site)
    .bind(event.conversation)
    .bind(event.seq)
    .bind(by)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

/// After something was taken back: what was said last, by whom, and since when the shopper waits for an answer, by the log.
/// What was said right, which follows the taking back at once, stands where the message stood that it corrects first: a question
/// asked in between is not answered by it. What was left without an answer before the chat was opened again is past.
pub async fn look_back(tx: &mut PgConnection, (site, conversation): (SiteId, ConversationId)) -> sqlx::Result<()> {
    sqlx::query(
        "with recursive places (id, place) as (
            select m.id, m.seq from events m
            where m.site_id = $1 and m.conversation_id = $2 and m.kind = 'message' and m.body is not null
            union all
            select places.id, wrong.seq
            from places
            join events m on m.site_id = $1 and m.conversation_id = $2 and m.seq = places.place
            join events back on back.site_id = $1 and back.conversation_id = $2 and back.seq = m.seq - 1
                and back.kind = 'recalled' and back.at = m.at and back.author_id = m.author_id
            join events wrong on wrong.site_id = $1 and wrong.conversation_id = $2 and wrong.id = (back.data->>'target')::uuid
        ), said as (
            select m.author, m.at, m.body, m.data, first.place
            from (select id, min(place) as place from places group by id) first
            join events m on m.site_id = $1 and m.conversation_id = $2 and m.id = first.id
        ), newest as (
            select author, coalesce(nullif(left(body, 120), ''), '📎 ' || (data->'files'->0->>'name')) as text
            from said order by place desc limit 1
        ), answered as (
            select max(place) as place from said where author = 'agent'
        )
        update conversations
        set last_message = coalesce((select text from newest), ''),
            last_by = coalesce((select author from newest), last_by),
            answered_at = case when (select place from answered) is not null then answered_at end,
            unanswered_since = (select min(at) from said
                where author = 'shopper' and place > coalesce((select place from answered), 0) and place > coalesce(
                    (select max(seq) from events where site_id = $1 and conversation_id = $2 and kind = 'opened'), 0))
        where site_id = $1 and id = $2",
    )
    .bind(site)
    .bind(conversation)
    .execute(tx)
    .await?;
    Ok(())
}
