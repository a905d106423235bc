//! The usual group: messages and notes written by one statement, commit included, whatever their number.
//!
//! Like the lone path it writes only what is as usual, nothing of a shop with webhooks among it, and leaves the rest to the
//! group path, which knows the reasons. The client ids are looked up in the statement's snapshot; one that was stored a moment
//! ago by somebody else's transaction breaks the unique index, nothing of the statement stays, and the group path settles all of
//! it under the locks.
//!
//! A generic plan takes every array for ten rows and would join them by nested loops, whose cost grows with the square of the
//! group. So this statement has a connection of its own with nested loops off ([`SETTINGS`]); what must go by index is written
//! so that it does without one: `= any` for conversations, a scalar subquery for client ids.

use super::line::{Line, Trouble};
use super::numbered::{Numbered, Numbers};
use super::rows::EXCERPT;
use super::{Append, Tried, lone};
use crate::domain::event::{Author, Kind};
use crate::domain::id::{ClientId, ConversationId, EventId, SiteId};
use crate::domain::message::excerpt;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// Of the connection this statement runs on.
pub const SETTINGS: [(&str, &str); 1] = [("enable_nestloop", "off")];

const STATEMENT: &str = "with asked as materialized (
        select * from unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::int[], $8::text[], $9::uuid[],
            $10::text[], $11::jsonb[], $12::bigint[], $13::timestamptz[], $14::text[], $16::bigint[])
            as a (n, site_id, conversation_id, cid, author, author_id, believed, kind, id, body, data, digest, at, said, shown)
    ), telling as materialized (
        select site_id from webhooks where site_id = any($2) and off_at is null
    ), head as materialized (
        select c.site_id, c.id, c.shopper_id, c.state, c.assignee_id, c.gen, c.last_seq, c.shopper_seq
        from conversations c
        where c.id = any($15::uuid[])
        order by c.id
        for update skip locked
    ), fresh as materialized (
        select a.*, h.shopper_id,
            h.last_seq + row_number() over (partition by h.id order by a.n) as seq,
            h.shopper_seq + count(*) filter (where a.kind <> 'note') over (partition by h.id order by a.n) as shopper_seq
        from asked a
        join head h on h.site_id = a.site_id and h.id = a.conversation_id
        where ((a.author = 'shopper' and h.shopper_id = a.author_id and h.state in ('waiting', 'active'))
                or (a.author = 'agent' and h.assignee_id = a.author_id and h.state = 'active' and h.gen = coalesce(a.believed, h.gen)))
            and h.last_seq <= coalesce(a.shown, h.last_seq)
            and a.site_id not in (select site_id from telling)
            and (select count(*) from events e where e.site_id = a.site_id and e.conversation_id = a.conversation_id
                and e.author_id = a.author_id and e.cid = a.cid) = 0
    ), written as (
        insert into events (site_id, conversation_id, seq, shopper_seq, id, cid, kind, author, author_id, body, data, digest, at)
        select site_id, conversation_id, seq, case when kind = 'note' then null else shopper_seq end, id, cid, kind, author, author_id,
            body, data, digest, at
        from fresh
    ), newest as (
        select site_id, conversation_id, max(seq) as seq, max(shopper_seq) as shopper_seq, max(at) as at,
            (array_agg(said order by seq desc) filter (where kind <> 'note'))[1] as said,
            (array_agg(author order by seq desc) filter (where kind <> 'note'))[1] as author,
            max(at) filter (where author = 'shopper') as shopper_at,
            bool_or(author = 'agent' and kind <> 'note') as is_answered
        from fresh
        group by site_id, conversation_id
    ), moved as (
        update conversations c
        set last_seq = f.seq, shopper_seq = f.shopper_seq, last_at = f.at,
            last_message = coalesce(f.said, c.last_message), last_by = coalesce(f.author, c.last_by),
            shopper_at = coalesce(f.shopper_at, c.shopper_at),
            unanswered_since = case when f.author is null then c.unanswered_since when f.author = 'shopper' then
                case when f.is_answered then f.shopper_at else coalesce(c.unanswered_since, f.shopper_at) end end,
            answered_at = case when f.is_answered then coalesce(c.answered_at, f.at) else c.answered_at end
        from newest f
        where c.id = any($15::uuid[]) and c.site_id = f.site_id and c.id = f.conversation_id
    )
    select n, shopper_id, seq, shopper_seq from fresh order by conversation_id, seq";

#[derive(Default)]
struct Columns {
    n: Vec<i32>,
    site: Vec<SiteId>,
    conversation: Vec<ConversationId>,
    cid: Vec<Option<ClientId>>,
    author: Vec<&'static str>,
    author_id: Vec<Option<Uuid>>,
    believed: Vec<Option<i32>>,
    kind: Vec<&'static str>,
    id: Vec<EventId>,
    body: Vec<Option<String>>,
    data: Vec<Option<Value>>,
    digest: Vec<i64>,
    at: Vec<DateTime<Utc>>,
    said: Vec<Option<String>>,
    shown: Vec<Option<i64>>,
    /// Each conversation once, in order.
    conversations: Vec<ConversationId>,
}

impl Columns {
    fn push(&mut self, n: i32, append: &Append) {
        let d = &append.draft;
        self.n.push(n);
        self.site.push(append.site);
        self.conversation.push(append.conversation);
        self.cid.push(d.cid);
        self.author.push(d.by.role());
        self.author_id.push(d.by.uuid());
        self.believed.push(append.generation);
        self.kind.push(d.kind.as_str());
        self.id.push(d.id);
        self.body.push(d.body.clone());
        self.data.push(lone::name_of(d));
        self.digest.push(d.digest());
        self.at.push(append.at);
        self.said.push(d.body.as_deref().map(|body| excerpt(body, EXCERPT)));
        self.shown.push(append.shown);
    }
}

/// Writes what is as usual; gives back the rest, in order. Each client id comes once in a group.
pub async fn write(line: &mut Line, group: Vec<Append>) -> Tried {
    if !group.iter().all(lone::is_plain) || has_rivals(&group) {
        return Tried::odd(group);
    }
    let mut columns = Columns::default();
    for (n, append) in (0..).zip(&group) {
        columns.push(n, append);
    }
    columns.conversations.clone_from(&columns.conversation);
    columns.conversations.sort_unstable();
    columns.conversations.dedup();
    match run(line, columns).await {
        Ok(written) => sort(group, written),
        Err(trouble) => Tried::failed(group, trouble),
    }
}

/// Two agents who answer in one conversation at the same moment, one of whom would know: the group path tells which is first.
fn has_rivals(group: &[Append]) -> bool {
    let mut knowing = group.iter().filter(|append| append.shown.is_some());
    knowing.any(|one| group.iter().any(|other| is_rival(one.conversation, one.draft.by, other)))
}

fn is_rival(conversation: ConversationId, by: Author, other: &Append) -> bool {
    other.conversation == conversation
        && other.draft.kind == Kind::Message
        && matches!(other.draft.by, Author::Agent(_))
        && other.draft.by != by
}

async fn run(line: &mut Line, c: Columns) -> Result<Vec<Numbers>, Trouble> {
    let statement = sqlx::query_as(STATEMENT)
        .bind(c.n)
        .bind(c.site)
        .bind(c.conversation)
        .bind(c.cid)
        .bind(c.author)
        .bind(c.author_id)
        .bind(c.believed)
        .bind(c.kind)
        .bind(c.id)
        .bind(c.body)
        .bind(c.data)
        .bind(c.digest)
        .bind(c.at)
        .bind(c.said)
        .bind(c.conversations)
        .bind(c.shown);
    line.run(async |connection| statement.fetch_all(connection).await).await
}

/// What was written, in the order of the numbers, and the rest, in the order it came.
fn sort(group: Vec<Append>, written: Vec<Numbers>) -> Tried {
    let mut waiting: HashMap<i32, Append> = (0..).zip(group).collect();
    let with_append = |numbers: Numbers| Some(Numbered { append: waiting.remove(&numbers.n)?, numbers });
    let numbered = written.into_iter().filter_map(with_append).collect();
    let mut rest: Vec<_> = waiting.into_iter().collect();
    rest.sort_unstable_by_key(|(n, _)| *n);
    Tried { numbered, ..Tried::odd(rest.into_iter().map(|(_, append)| append).collect()) }
}
