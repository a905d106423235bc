//! Opening a conversation again that ended a moment ago, with what its shopper wrote into it.
//!
//! It waits in line anew, for the team it had, and the agent who had it is asked first. What was rated stays rated. Letters
//! that a conversation gets once, it may get once more: what is said from now on is in none that was written before.

use super::opening::{Begun, Opened, Ticketing, begin, open_of, sent_before};
use crate::domain::conversation::{Head, Refusal, State};
use crate::domain::event::Draft;
use crate::domain::id::{ConversationId, ShopperId, SiteId};
use crate::store::append::lock;
use crate::store::files::{self, NO_SUCH_FILE};
use crate::store::{Db, blocks};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub struct Reopening {
    pub site: SiteId,
    pub shopper: ShopperId,
    pub conversation: ConversationId,
    pub opened: Draft,
    pub message: Draft,
    pub at: DateTime<Utc>,
    /// What ended before this stays ended.
    pub ended_after: DateTime<Utc>,
    /// Where nobody can answer now.
    pub ticket: Option<Ticketing>,
}

/// Takes the shopper's lock first, as whoever opens a conversation does: they have one open at most. Where one is, be it
/// this one because a second tab was faster, the answer names it.
pub async fn reopen(db: &Db, again: Reopening) -> sqlx::Result<Opened> {
    let mut tx = db.send.begin().await?;
    sqlx::query("select from shoppers where site_id = $1 and id = $2 for no key update")
        .bind(again.site)
        .bind(again.shopper)
        .execute(&mut *tx)
        .await?;
    if blocks::holds(&mut *tx, (again.site, again.shopper), again.at).await? {
        return Ok(Opened::Refused(Refusal::Forbidden));
    }
    let head = lock(&mut tx, again.site, again.conversation).await?;
    let Some(head) = head.filter(|head| head.shopper_id == Some(again.shopper)) else {
        return Ok(Opened::Refused(Refusal::Forbidden));
    };
    if let Some(settled) = sent_before(&mut tx, (again.site, again.shopper), &again.message).await? {
        return Ok(settled);
    }
    if let Some((id, _)) = open_of(&mut tx, again.site, again.shopper).await? {
        return Ok(Opened::Existing(id));
    }
    if !may_open(&mut tx, &head, again.ended_after).await? {
        return Ok(Opened::Refused(Refusal::Closed));
    }
    let message = again.message;
    let mut found = files::lock(&mut tx, &message.files).await?;
    let Some(carried) = found.take(again.site, message.by, &message.files) else {
        return Ok(Opened::Refused(NO_SUCH_FILE));
    };
    let head = back_in_line(&mut tx, &head, again.at).await?;
    allow_letters_again(&mut tx, &head).await?;
    let begun = Begun { opened: again.opened, message, carried, ticket: again.ticket };
    let opened = begin(&mut tx, head, begun, again.at).await?;
    tx.commit().await?;
    Ok(opened)
}

/// A chat that ended lately, and never became a ticket: that one goes on by mail.
async fn may_open(tx: &mut PgConnection, head: &Head, ended_after: DateTime<Utc>) -> sqlx::Result<bool> {
    if head.state != State::Closed {
        return Ok(false);
    }
    sqlx::query_scalar(
        "select kind = 'support' and closed_at >= $3
            and not exists (select from tickets k where k.site_id = c.site_id and k.conversation_id = c.id)
        from conversations c
        where site_id = $1 and id = $2",
    )
    .bind(head.site_id)
    .bind(head.id)
    .bind(ended_after)
    .fetch_one(tx)
    .await
}

/// The wait that begins now has nothing of the one before.
async fn back_in_line(tx: &mut PgConnection, head: &Head, at: DateTime<Utc>) -> sqlx::Result<Head> {
    sqlx::query_as(
        "update conversations
        set state = 'waiting', gen = gen + 1, queued_at = $3, closed_at = null, assigned_at = null,
            called_at = null, missed_at = null, unanswered_since = null, previous_agent_id = coalesce(assignee_id, previous_agent_id), assignee_id = null
        where site_id = $1 and id = $2
        returning site_id, id, shopper_id, team_id, state, assignee_id, gen, last_seq, shopper_seq",
    )
    .bind(head.site_id)
    .bind(head.id)
    .bind(at)
    .fetch_one(tx)
    .await
}

/// Transcripts and calls back into line are written once under a key: what was written keeps its place in the outbox, and
/// gives the key free. What is still to be sent goes, with what has been said by then.
async fn allow_letters_again(tx: &mut PgConnection, head: &Head) -> sqlx::Result<()> {
    sqlx::query(
        "update outbox set unique_key = unique_key || '#' || $3
        where site_id = $1 and conversation_id = $2 and kind in ('transcript', 'place') and unique_key !~ '#[0-9]+$'",
    )
    .bind(head.site_id)
    .bind(head.id)
    .bind(head.last_seq.to_string())
    .execute(tx)
    .await?;
    Ok(())
}
