//! Taking a message back, and saying it right.

use super::moves::reply_key;
use crate::domain::conversation::{Head, Refusal};
use crate::domain::event::{Draft, Kind};
use crate::domain::id::EventId;
use crate::store::{events, files, outbox, tickets};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub struct RecallRule {
    /// Supervisors.
    pub may_recall_any: bool,
    /// Only what was written at or after this may be taken back.
    pub written_after: Option<DateTime<Utc>>,
}

const NOT_CORRECTED: Refusal =
    Refusal::BadRequest("Only a message of your own without files can be corrected. Take it back and send another.");

/// Takes a message back: the body is nulled in place, in the transaction of the numbered event that says so. Letters are
/// rendered when they are sent, so that a pending transcript no longer has the text.
pub async fn take_back(
    tx: &mut PgConnection,
    head: &Head,
    draft: &mut Draft,
    (target, rule, is_corrected): (EventId, &RecallRule, bool),
    at: DateTime<Utc>,
) -> sqlx::Result<Result<(), Refusal>> {
    let Some(event) = events::get(tx, head.site_id, head.id, target).await? else { return Ok(Err(Refusal::Forbidden)) };
    let is_message = matches!(event.kind, Kind::Message | Kind::Note);
    if !is_message || event.body.is_none() || (event.by != draft.by && !rule.may_recall_any) {
        return Ok(Err(Refusal::Forbidden));
    }
    if is_corrected && (event.kind != Kind::Message || event.by != draft.by || !event.files().is_empty()) {
        return Ok(Err(NOT_CORRECTED));
    }
    if rule.written_after.is_some_and(|limit| event.at < limit) {
        return Ok(Err(Refusal::TooLate));
    }
    // What went out in a letter cannot be unsent.
    if outbox::is_written(tx, &reply_key(event.id)).await? {
        return Ok(Err(Refusal::TooLate));
    }
    draft.internal = event.kind == Kind::Note;
    events::blank(tx, &event, (&draft.by_name, at)).await?;
    files::doom(tx, &event).await?;
    tickets::forget_subject(tx, &event).await?;
    Ok(Ok(()))
}
