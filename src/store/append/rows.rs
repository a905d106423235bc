//! The statements the log is written with. Whoever else writes an event in a transaction of its own uses these too.

use crate::domain::conversation::Head;
use crate::domain::event::{Author, Draft, Event, FILES, Kind};
use crate::domain::file::{File, mention};
use crate::domain::id::{ClientId, ConversationId, EventId, SiteId};
use crate::domain::message::excerpt;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Locking {
    /// Rows locked elsewhere are left out.
    SkipLocked,
    /// Waits up to the connection's `lock_timeout`.
    Wait,
}

const HEADS: &str = "select site_id, id, shopper_id, team_id, state, assignee_id, gen, last_seq, shopper_seq
    from conversations
    where id = any($1)
    order by id
    for update";

const HEADS_SKIPPING: &str = "select site_id, id, shopper_id, team_id, state, assignee_id, gen, last_seq, shopper_seq
    from conversations
    where id = any($1)
    order by id
    for update skip locked";

/// Locks conversations in id order.
pub async fn lock_all(tx: &mut PgConnection, ids: &[ConversationId], locking: Locking) -> sqlx::Result<Vec<Head>> {
    let statement = if locking == Locking::Wait { HEADS } else { HEADS_SKIPPING };
    sqlx::query_as(statement).bind(ids).fetch_all(tx).await
}

/// Locks one conversation of a site; `None` is not there.
pub async fn lock(tx: &mut PgConnection, site: SiteId, id: ConversationId) -> sqlx::Result<Option<Head>> {
    let heads = lock_all(tx, &[id], Locking::Wait).await?;
    Ok(heads.into_iter().find(|head| head.site_id == site))
}

/// An event that was stored before under some client id.
#[derive(sqlx::FromRow)]
pub struct Known {
    pub conversation_id: ConversationId,
    pub author_id: Option<Uuid>,
    pub cid: ClientId,
    pub digest: Option<i64>,
    pub id: EventId,
    pub seq: i64,
    pub shopper_seq: Option<i64>,
    pub at: DateTime<Utc>,
}

/// A client id in the place it is unique in.
pub struct Asked {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub author: Option<Uuid>,
    pub cid: ClientId,
}

/// Which client ids were used before. All four columns are given, so that each is one probe of the unique index.
pub async fn known_cids(tx: &mut PgConnection, asked: &[Asked]) -> sqlx::Result<Vec<Known>> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let sites: Vec<_> = asked.iter().map(|a| a.site).collect();
    let conversations: Vec<_> = asked.iter().map(|a| a.conversation).collect();
    let authors: Vec<_> = asked.iter().map(|a| a.author).collect();
    let cids: Vec<_> = asked.iter().map(|a| a.cid).collect();
    sqlx::query_as(
        "select e.conversation_id, e.author_id, e.cid, e.digest, e.id, e.seq, e.shopper_seq, e.at
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) as asked (site_id, conversation_id, author_id, cid)
        join events e on e.site_id = asked.site_id and e.conversation_id = asked.conversation_id
            and e.author_id = asked.author_id and e.cid = asked.cid",
    )
    .bind(sites)
    .bind(conversations)
    .bind(authors)
    .bind(cids)
    .fetch_all(tx)
    .await
}

/// Whether this client id was used in this conversation by this author.
pub async fn known_cid(
    tx: &mut PgConnection,
    (site, conversation): (SiteId, ConversationId),
    by: Author,
    cid: ClientId,
) -> sqlx::Result<Option<Known>> {
    Ok(known_cids(tx, &[Asked { site, conversation, author: by.uuid(), cid }]).await?.pop())
}

/// A row of the log, numbered.
pub struct Row {
    pub event: Event,
    pub digest: i64,
}

impl Row {
    /// What the message carries becomes a part of its event.
    pub fn carry(&mut self, files: &[File]) {
        if !files.is_empty() {
            let data = self.event.data.get_or_insert_with(|| serde_json::json!({}));
            data[FILES] = serde_json::json!(files);
        }
    }

    /// Gives the draft the next number of its conversation and moves the head on.
    pub fn number(head: &mut Head, draft: Draft, at: DateTime<Utc>) -> Self {
        let digest = draft.digest();
        head.last_seq += 1;
        let shopper_seq = (!draft.internal && draft.kind != Kind::Note).then(|| {
            head.shopper_seq += 1;
            head.shopper_seq
        });
        let event = Event {
            site: head.site_id,
            conversation: head.id,
            seq: head.last_seq,
            shopper_seq,
            id: draft.id,
            cid: draft.cid,
            kind: draft.kind,
            by: draft.by,
            by_name: draft.by_name,
            body: draft.body,
            data: draft.data,
            at,
        };
        Self { event, digest }
    }
}

#[derive(Default)]
struct Columns {
    site: Vec<SiteId>,
    conversation: Vec<ConversationId>,
    seq: Vec<i64>,
    shopper_seq: Vec<Option<i64>>,
    id: Vec<EventId>,
    cid: Vec<Option<ClientId>>,
    kind: Vec<&'static str>,
    author: Vec<&'static str>,
    author_id: Vec<Option<Uuid>>,
    body: Vec<Option<String>>,
    data: Vec<Option<Value>>,
    digest: Vec<i64>,
    at: Vec<DateTime<Utc>>,
    excerpt: Vec<Option<String>>,
}

impl Columns {
    fn push(&mut self, row: &Row) {
        let e = &row.event;
        self.site.push(e.site);
        self.conversation.push(e.conversation);
        self.seq.push(e.seq);
        self.shopper_seq.push(e.shopper_seq);
        self.id.push(e.id);
        self.cid.push(e.cid);
        self.kind.push(e.kind.as_str());
        self.author.push(e.by.role());
        self.author_id.push(e.by.uuid());
        self.body.push(e.body.clone());
        self.data.push(with_name(e));
        self.digest.push(row.digest);
        self.at.push(e.at);
        self.excerpt.push((e.kind == Kind::Message).then(|| gist(e)));
    }
}

/// One line of a message; of one without text what it carries.
fn gist(event: &Event) -> String {
    let said = excerpt(event.body.as_deref().unwrap_or_default(), EXCERPT);
    if said.is_empty() { mention(&event.files()) } else { said }
}

/// Length of the last message kept in a conversation's row for lists.
pub const EXCERPT: usize = 120;

/// The name people saw beside an event stays with it, whatever the person is called later.
fn with_name(event: &Event) -> Option<Value> {
    if event.by_name.is_empty() {
        return event.data.clone();
    }
    let mut data = event.data.clone().unwrap_or_else(|| serde_json::json!({}));
    data["_name"] = Value::from(event.by_name.as_str());
    Some(data)
}

const INSERT: &str = "with written as (
        insert into events (site_id, conversation_id, seq, shopper_seq, id, cid, kind, author, author_id, body, data, digest, at)
        select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
            $9::uuid[], $10::text[], $11::jsonb[], $12::bigint[], $13::timestamptz[])
    ), told as (
        insert into webhook_deliveries (site_id, webhook_id, conversation_id, seq, event_id, kind, waiting_since, next_at)
        select n.site_id, w.id, n.conversation_id, n.seq, n.id, n.kind, n.at, n.at
        from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::uuid[], $7::text[], $13::timestamptz[])
            as n (site_id, conversation_id, seq, shopper_seq, id, kind, at)
        join webhooks w on w.site_id = n.site_id
        join conversations c on c.site_id = n.site_id and c.id = n.conversation_id
        where w.site_id = any($1) and w.off_at is null and n.kind = any(w.events)
            and n.shopper_seq is not null and c.kind in ('support', 'ticket')
        order by n.conversation_id, n.seq
    ), newest as (
        select site_id, id, max(seq) as seq, max(shopper_seq) as shopper_seq,
            max(at) filter (where kind <> 'note' or author <> 'system') as at,
            (array_agg(said order by seq desc) filter (where said is not null))[1] as said,
            (array_agg(author order by seq desc) filter (where said is not null))[1] as author,
            max(at) filter (where said is not null and author = 'shopper') as shopper_at,
            coalesce(bool_or(said is not null and author = 'agent'), false) as is_answered
        from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $7::text[], $8::text[], $13::timestamptz[], $14::text[])
            as n (site_id, id, seq, shopper_seq, kind, author, at, said)
        group by site_id, id
    )
    update conversations c
    set last_seq = n.seq,
        shopper_seq = coalesce(n.shopper_seq, c.shopper_seq),
        last_message = coalesce(n.said, c.last_message),
        last_by = coalesce(n.author, c.last_by),
        last_at = coalesce(n.at, c.last_at),
        shopper_at = coalesce(n.shopper_at, c.shopper_at),
        unanswered_since = case when n.author = 'shopper' then
                case when n.is_answered then n.shopper_at else coalesce(c.unanswered_since, n.shopper_at) end
            when n.is_answered then null else c.unanswered_since end,
        answered_at = case when n.is_answered then coalesce(c.answered_at, n.at) else c.answered_at end
    from newest n
    where c.site_id = n.site_id and c.id = n.id";

/// Writes numbered rows, in order, what webhooks are told of them, and moves their conversations' heads. The caller holds the
/// heads' locks. What the house notes by itself keeps no chat alive.
pub async fn insert(tx: &mut PgConnection, rows: &[Row]) -> sqlx::Result<()> {
    let mut c = Columns::default();
    for row in rows {
        c.push(row);
    }
    sqlx::query(INSERT)
        .bind(c.site)
        .bind(c.conversation)
        .bind(c.seq)
        .bind(c.shopper_seq)
        .bind(c.id)
        .bind(c.cid)
        .bind(c.kind)
        .bind(c.author)
        .bind(c.author_id)
        .bind(c.body)
        .bind(c.data)
        .bind(c.digest)
        .bind(c.at)
        .bind(c.excerpt)
        .execute(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Row, with_name};
    use crate::domain::conversation::{Head, State};
    use crate::domain::event::{Author, Draft, Kind};
    use crate::domain::id::{ConversationId, EventId, SiteId};
    use uuid::Uuid;

    #[test]
    fn shoppers_numbers_skip_what_they_may_not_see() {
        let mut head = Head {
            site_id: SiteId(Uuid::nil()),
            id: ConversationId(Uuid::nil()),
            shopper_id: None,
            team_id: None,
            state: State::Active,
            assignee_id: None,
            generation: 0,
            last_seq: 7,
            shopper_seq: 5,
        };
        let mut number = |kind, internal| {
            let draft = Draft {
                id: EventId(Uuid::nil()),
                cid: None,
                kind,
                by: Author::System,
                by_name: "Ana".into(),
                body: None,
                data: None,
                files: Vec::new(),
                internal,
                oversees: false,
            };
            Row::number(&mut head, draft, chrono::DateTime::UNIX_EPOCH).event
        };
        let numbers = [
            number(Kind::Message, false),
            number(Kind::Note, false),
            number(Kind::Recalled, true),
            number(Kind::Closed, false),
        ]
        .map(|e| (e.seq, e.shopper_seq));
        assert_eq!(numbers, [(8, Some(6)), (9, None), (10, None), (11, Some(7))]);
        assert_eq!(with_name(&number(Kind::Message, false)), Some(serde_json::json!({"_name": "Ana"})));
    }
}
