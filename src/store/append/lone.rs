//! The single-row path: a message that arrives alone is written by one statement, commit included.
//!
//! The statement writes only where everything is as usual; in every other case it writes nothing and the group path,
//! which knows the reasons, takes over. So this guard may be too narrow, never too wide.
//!
//! A shop with webhooks is not as usual: what they are told is written by the group path's statement alone. Asking whether there
//! are any costs a fiftieth of this statement; writing it here would cost every shop several times that.

use super::line::{Line, Trouble};
use super::numbered::{Numbered, Numbers};
use super::rows::EXCERPT;
use super::{Append, Tried};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::message::excerpt;
use serde_json::Value;

const STATEMENT: &str = "with head as materialized (
        select site_id, id, shopper_id, last_seq + 1 as seq, shopper_seq + case when $7 = 'note' then 0 else 1 end as shopper_seq
        from conversations
        where site_id = $1 and id = $2
            and (($4 = 'shopper' and shopper_id = $5 and state in ('waiting', 'active'))
                or ($4 = 'agent' and assignee_id = $5 and state = 'active' and gen = coalesce($6, gen)))
            and last_seq <= coalesce($14, last_seq)
            and not exists (select from webhooks where site_id = $1 and off_at is null)
        for update skip locked
    ), fresh as (
        select head.* from head
        where not exists (select from events e where e.site_id = $1 and e.conversation_id = $2 and e.author_id = $5 and e.cid = $3)
    ), written as (
        insert into events (site_id, conversation_id, seq, shopper_seq, id, cid, kind, author, author_id, body, data, digest, at)
        select site_id, id, seq, case when $7 = 'note' then null else shopper_seq end, $8, $3, $7, $4, $5, $9, $10, $11, $12
        from fresh
    ), moved as (
        update conversations c
        set last_seq = fresh.seq,
            shopper_seq = fresh.shopper_seq,
            last_message = case when $7 = 'note' then c.last_message else $13 end,
            last_by = case when $7 = 'note' then c.last_by else $4 end,
            last_at = $12,
            shopper_at = case when $4 = 'shopper' then $12 else c.shopper_at end,
            unanswered_since = case when $7 = 'note' then c.unanswered_since when $4 = 'shopper' then coalesce(c.unanswered_since, $12) end,
            answered_at = case when $7 = 'note' or $4 = 'shopper' then c.answered_at else coalesce(c.answered_at, $12) end
        from fresh
        where c.site_id = fresh.site_id and c.id = fresh.id
    )
    select 0 as n, shopper_id, seq, shopper_seq from fresh";

/// A message or note of a person, under a client id, with nothing but text.
pub fn is_plain(append: &Append) -> bool {
    let d = &append.draft;
    matches!(d.kind, Kind::Message | Kind::Note)
        && matches!(d.by, Author::Shopper(_) | Author::Agent(_))
        && d.cid.is_some()
        && d.data.is_none()
        && d.files.is_empty()
}

/// The name people see beside it, as it is kept.
pub fn name_of(draft: &Draft) -> Option<Value> {
    (!draft.by_name.is_empty()).then(|| serde_json::json!({ "_name": draft.by_name }))
}

/// Writes the append if everything is as usual; gives it back if not.
pub async fn write(line: &mut Line, append: Append) -> Tried {
    if !is_plain(&append) {
        return Tried::odd(vec![append]);
    }
    match run(line, &append).await {
        Ok(Some(numbers)) => Tried { numbered: vec![Numbered { append, numbers }], ..Tried::default() },
        Ok(None) => Tried::odd(vec![append]),
        Err(trouble) => Tried::failed(vec![append], trouble),
    }
}

async fn run(line: &mut Line, append: &Append) -> Result<Option<Numbers>, Trouble> {
    let d = &append.draft;
    let statement = sqlx::query_as(STATEMENT)
        .bind(append.site)
        .bind(append.conversation)
        .bind(d.cid)
        .bind(d.by.role())
        .bind(d.by.uuid())
        .bind(append.generation)
        .bind(d.kind.as_str())
        .bind(d.id)
        .bind(&d.body)
        .bind(name_of(d))
        .bind(d.digest())
        .bind(append.at)
        .bind(excerpt(d.body.as_deref().unwrap_or_default(), EXCERPT))
        .bind(append.shown);
    line.run(async |connection| statement.fetch_optional(connection).await).await
}
