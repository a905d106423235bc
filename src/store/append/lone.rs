//! The single-row path: a message that arrives alone is written by one statement, commit included.
//!
//! The statement writes only where everything is as usual; in every other case it writes nothing and the group path,
//! which knows the reasons, takes over. So this guard may be too narrow, never too wide.

use super::rows::{EXCERPT, Row};
use super::{Append, Outcome, Stored};
use crate::domain::conversation::{Head, State};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, ShopperId, TeamId};
use crate::domain::message::excerpt;
use crate::error::violates;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;
use std::sync::Arc;

#[derive(sqlx::FromRow)]
struct Written {
    shopper_id: Option<ShopperId>,
    team_id: Option<TeamId>,
    state: State,
    assignee_id: Option<AgentId>,
    #[sqlx(rename = "gen")]
    generation: i32,
    last_seq: i64,
    shopper_seq: i64,
    #[sqlx(rename = "written_at")]
    at: DateTime<Utc>,
}

const STATEMENT: &str = "with head as materialized (
        select site_id, id, shopper_id, team_id, state, assignee_id, gen, last_seq, shopper_seq
        from conversations
        where site_id = $1 and id = $2
            and (($4 = 'shopper' and shopper_id = $5 and state in ('waiting', 'active'))
                or ($4 = 'agent' and assignee_id = $5 and state = 'active' and gen = coalesce($6, gen)))
        for update skip locked
    ), fresh as (
        select head.* from head
        where not exists (select from events e where e.site_id = $1 and e.conversation_id = $2 and e.author_id = $5 and e.cid = $3)
    ), written as (
        insert into events (site_id, conversation_id, seq, shopper_seq, id, cid, kind, author, author_id, body, data, digest, at)
        select site_id, id, last_seq + 1, case when $7 = 'note' then null else shopper_seq + 1 end, $8, $3, $7, $4, $5, $9, $10, $11, $12
        from fresh
        returning at
    ), moved as (
        update conversations c
        set last_seq = c.last_seq + 1,
            shopper_seq = c.shopper_seq + case when $7 = 'note' then 0 else 1 end,
            last_message = case when $7 = 'note' then c.last_message else $13 end,
            last_by = case when $7 = 'note' then c.last_by else $4 end,
            last_at = $12
        from fresh
        where c.site_id = fresh.site_id and c.id = fresh.id
    )
    select fresh.shopper_id, fresh.team_id, fresh.state, fresh.assignee_id, fresh.gen, fresh.last_seq, fresh.shopper_seq,
        written.at as written_at
    from fresh, written";

/// A message or note of a person, under a client id, with nothing but text.
pub fn is_plain(append: &Append) -> bool {
    let d = &append.draft;
    matches!(d.kind, Kind::Message | Kind::Note)
        && matches!(d.by, Author::Shopper(_) | Author::Agent(_))
        && d.cid.is_some()
        && d.data.is_none()
}

/// The name people see beside it, as it is kept.
pub fn name_of(draft: &Draft) -> Option<Value> {
    (!draft.by_name.is_empty()).then(|| serde_json::json!({ "_name": draft.by_name }))
}

/// Writes the append if everything is as usual; gives it back if not.
pub async fn write(pool: &PgPool, append: Append) -> Option<Append> {
    if !is_plain(&append) {
        return Some(append);
    }
    let d = &append.draft;
    let written: sqlx::Result<Option<Written>> = sqlx::query_as(STATEMENT)
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
        .fetch_optional(pool)
        .await;
    match written {
        Ok(Some(row)) => {
            answer(append, &row);
            None
        }
        Ok(None) => Some(append),
        // Stored under this client id by somebody else's transaction a moment ago.
        Err(cause) if violates(&cause, "events_cid_unique") => Some(append),
        // Whether it was committed is settled under the lock, by the client id.
        Err(cause) => {
            tracing::warn!(error = %cause, "lone append failed; looking it up again");
            Some(append)
        }
    }
}

fn answer(append: Append, row: &Written) {
    let mut head = Head {
        site_id: append.site,
        id: append.conversation,
        shopper_id: row.shopper_id,
        team_id: row.team_id,
        state: row.state,
        assignee_id: row.assignee_id,
        generation: row.generation,
        last_seq: row.last_seq,
        shopper_seq: row.shopper_seq,
    };
    let event = Row::number(&mut head, append.draft, row.at).event;
    (append.done)(Outcome::Stored(Stored { event: Arc::new(event), shopper: row.shopper_id }));
}
