//! The moves that change more than the log. Each is one transaction that takes the conversation's lock, checks legality,
//! writes its event through the log's own statements and what follows from it.

use super::recall::{RecallRule, take_back};
use crate::domain::conversation::{Head, Refusal, State, permit};
use crate::domain::event::{Draft, Kind};
use crate::domain::id::{AgentId, ClientId, ConversationId, EventId, LetterId, SiteId, TeamId};
use crate::domain::ticket::Status;
use crate::store::append::{Outcome, Row, Stored, insert, known_cid, lock};
use crate::store::outbox::{self, NewLetter};
use crate::store::queue::{DecisionKind, NewDecision, record, reserve};
use crate::store::{Db, events, tickets};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::sync::Arc;

/// What a move came to.
pub struct Moved {
    pub outcome: Outcome,
    /// The note that went with it, or the message in place of the one that was taken back.
    pub second: Option<Stored>,
    /// Whose place was kept for the conversation, and is free now.
    pub rang_at: Option<(AgentId, i32)>,
}

impl From<Outcome> for Moved {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, second: None, rang_at: None }
    }
}

/// A move that changes the conversation's row and writes one event.
pub struct Move {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub draft: Draft,
    pub generation: Option<i32>,
    pub at: DateTime<Utc>,
    pub effect: Effect,
}

pub enum Effect {
    Close {
        /// Where the transcript goes, if it is mailed at close.
        transcript_to: Option<(LetterId, String)>,
    },
    Rate {
        score: i16,
        comment: String,
    },
    /// Back to the queue at the old place, with a note for whoever is next: for this team, or for whom it was, and then whoever
    /// had it is not asked again at once.
    ToLine {
        team: Option<TeamId>,
        note: Option<Draft>,
    },
    /// The agent vanished: back to the queue at the old place.
    Leave {
        assignee: AgentId,
    },
    Ticket {
        subject: String,
        email: String,
        name: String,
        letter: LetterId,
    },
    Recall {
        target: EventId,
        rule: RecallRule,
        /// The same message without its mistake.
        instead: Option<Draft>,
    },
    /// An answer on a ticket, which goes out by mail.
    TicketReply {
        letter: LetterId,
    },
}

impl Effect {
    /// Whether nothing is kept for the conversation afterwards.
    fn frees_place(&self) -> bool {
        matches!(self, Self::Close { .. } | Self::ToLine { .. } | Self::Leave { .. } | Self::Ticket { .. })
    }
}

/// Runs a move. Idempotent by client id, looked up under the lock. `Err` is for failures; refusals are answers.
pub async fn apply(db: &Db, mut step: Move) -> sqlx::Result<Moved> {
    let mut tx = db.send.begin().await?;
    let Some(mut head) = lock(&mut tx, step.site, step.conversation).await? else {
        return Ok(Outcome::Refused(Refusal::Forbidden).into());
    };
    if let Some(cid) = step.draft.cid
        && let Some(settled) = repeated(&mut tx, &head, &step.draft, cid).await?
    {
        return Ok(settled.into());
    }
    let permitted = permit(&head, &step.draft, step.generation).and_then(|()| match &step.effect {
        Effect::Recall { instead: Some(instead), .. } => permit(&head, instead, step.generation),
        _ => Ok(()),
    });
    if let Err(refusal) = permitted {
        return Ok(Outcome::Refused(name_owner(&mut tx, &head, refusal).await?).into());
    }
    if let Effect::Leave { assignee } = &step.effect
        && head.assignee_id != Some(*assignee)
    {
        return Ok(Outcome::Refused(Refusal::NotAssignee(None)).into());
    }
    let kept = if step.effect.frees_place() { reserve::of(&mut tx, head.id).await? } else { None };
    if let Err(refusal) = take_effect(&mut tx, &head, &mut step.draft, &step.effect, step.at).await? {
        return Ok(Outcome::Refused(refusal).into());
    }
    let takes_back = matches!(step.effect, Effect::Recall { .. }) && !step.draft.internal;
    let second = match step.effect {
        Effect::ToLine { note: second, .. } | Effect::Recall { instead: second, .. } => second,
        _ => None,
    };
    let rows: Vec<_> =
        [Some(step.draft), second].into_iter().flatten().map(|d| Row::number(&mut head, d, step.at)).collect();
    insert(&mut tx, &rows).await?;
    if takes_back {
        events::look_back(&mut tx, (head.site_id, head.id)).await?;
    }
    tx.commit().await?;
    let mut stored = rows.into_iter().map(|row| Stored { event: Arc::new(row.event), shopper: head.shopper_id });
    let outcome = stored.next().map_or(Outcome::Unknown, Outcome::Stored);
    let rang_at = kept.map(|kept| (kept.reserved_for, head.generation));
    Ok(Moved { outcome, second: stored.next(), rang_at })
}

async fn repeated(tx: &mut PgConnection, head: &Head, draft: &Draft, cid: ClientId) -> sqlx::Result<Option<Outcome>> {
    let Some(known) = known_cid(tx, (head.site_id, head.id), draft.by, cid).await? else { return Ok(None) };
    let Some(event) = events::get(tx, head.site_id, head.id, known.id).await? else { return Ok(None) };
    // Of these all that is kept was said; others name what the move found out.
    let is_said = matches!(draft.kind, Kind::Recalled | Kind::Rated | Kind::Closed);
    let is_other = is_said && known.digest.is_some_and(|digest| digest != draft.digest());
    if event.kind != draft.kind || is_other {
        return Ok(Some(Outcome::Refused(Refusal::CidConflict)));
    }
    Ok(Some(Outcome::Duplicate(Stored { event: Arc::new(event), shopper: head.shopper_id })))
}

/// Tells who has the conversation now, where that is the reason.
async fn name_owner(tx: &mut PgConnection, head: &Head, refusal: Refusal) -> sqlx::Result<Refusal> {
    if refusal != Refusal::NotAssignee(None) {
        return Ok(refusal);
    }
    let name =
        sqlx::query_scalar("select name from agents where id = $1").bind(head.assignee_id).fetch_optional(tx).await?;
    Ok(Refusal::NotAssignee(name))
}

async fn take_effect(
    tx: &mut PgConnection,
    head: &Head,
    draft: &mut Draft,
    effect: &Effect,
    at: DateTime<Utc>,
) -> sqlx::Result<Result<(), Refusal>> {
    match effect {
        Effect::Close { transcript_to } => close(tx, head, transcript_to.as_ref(), at).await?,
        Effect::Rate { score, comment } => rate(tx, head, *score, comment, at).await?,
        Effect::ToLine { team, .. } => {
            back_to_queue(tx, head, team.or(head.team_id), at).await?;
            give_away(tx, head, draft, (team.is_none(), at)).await?;
        }
        Effect::Leave { assignee } => {
            back_to_queue(tx, head, head.team_id, at).await?;
            decided(tx, head, (DecisionKind::Returned, Some(*assignee)), at).await?;
        }
        Effect::Ticket { subject, email, name, letter } => {
            let new = tickets::NewTicket { site: head.site_id, conversation: head.id, subject, email, name };
            let number = make_ticket(tx, head, &new, *letter, at).await?;
            draft.data = Some(serde_json::json!({ "number": number }));
            if head.state == State::Waiting {
                decided(tx, head, (DecisionKind::Ticketed, None), at).await?;
            }
        }
        Effect::Recall { target, rule, instead } => {
            return take_back(tx, head, draft, (*target, rule, instead.is_some()), at).await;
        }
        Effect::TicketReply { letter } => return write_reply(tx, head, draft, *letter, at).await,
    }
    Ok(Ok(()))
}

async fn close(
    tx: &mut PgConnection,
    head: &Head,
    transcript_to: Option<&(LetterId, String)>,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    set_closed(tx, head, at).await?;
    if let Some((id, email)) = transcript_to {
        let key = format!("transcript/{}", head.id);
        outbox::add(tx, &transcript_letter(head, *id, email, Some(key)), at).await?;
    }
    Ok(())
}

pub async fn make_ticket(
    tx: &mut PgConnection,
    head: &Head,
    new: &tickets::NewTicket<'_>,
    letter: LetterId,
    at: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let number = tickets::add(tx, new, at).await?;
    sqlx::query(
        "update conversations set state = 'ticketed', seat = null, closed_at = $3,
            reserved_for = null, reserved_until = null, reserved_as = null, place_email = null
        where site_id = $1 and id = $2",
    )
    .bind(head.site_id)
    .bind(head.id)
    .bind(at)
    .execute(&mut *tx)
    .await?;
    let letter = NewLetter {
        id: letter,
        site: head.site_id,
        conversation: Some(head.id),
        kind: outbox::LetterKind::TicketOpened,
        unique_key: Some(format!("ticket/{number}")),
        recipient: new.email,
        data: serde_json::json!({ "number": number }),
    };
    outbox::add(tx, &letter, at).await?;
    Ok(number)
}

pub fn transcript_letter<'a>(head: &Head, id: LetterId, email: &'a str, key: Option<String>) -> NewLetter<'a> {
    NewLetter {
        id,
        site: head.site_id,
        conversation: Some(head.id),
        kind: outbox::LetterKind::Transcript,
        unique_key: key,
        recipient: email,
        data: serde_json::json!({}),
    }
}

pub(in crate::store) async fn set_closed(tx: &mut PgConnection, head: &Head, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "update conversations set state = 'closed', seat = null, closed_at = $3,
            reserved_for = null, reserved_until = null, reserved_as = null, place_email = null
        where site_id = $1 and id = $2",
    )
    .bind(head.site_id)
    .bind(head.id)
    .bind(at)
    .execute(&mut *tx)
    .await?;
    sqlx::query("update tickets set status = 'solved', updated_at = $3 where site_id = $1 and conversation_id = $2")
        .bind(head.site_id)
        .bind(head.id)
        .bind(at)
        .execute(tx)
        .await?;
    Ok(())
}

async fn rate(tx: &mut PgConnection, head: &Head, score: i16, comment: &str, at: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into ratings (site_id, conversation_id, agent_id, score, comment, at) values ($1, $2, $3, $4, $5, $6)
        on conflict (site_id, conversation_id) do update set score = $4, comment = $5, at = $6",
    )
    .bind(head.site_id)
    .bind(head.id)
    .bind(head.assignee_id)
    .bind(score)
    .bind(comment)
    .bind(at)
    .execute(&mut *tx)
    .await?;
    sqlx::query("update conversations set score = $3 where site_id = $1 and id = $2")
        .bind(head.site_id)
        .bind(head.id)
        .bind(score)
        .execute(tx)
        .await?;
    Ok(())
}

/// The flight recorder's line about what was not a choice between agents.
pub(in crate::store) async fn decided(
    tx: &mut PgConnection,
    head: &Head,
    (kind, chosen): (DecisionKind, Option<AgentId>),
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let queued_at: Option<DateTime<Utc>> = sqlx::query_scalar("select queued_at from conversations where id = $1")
        .bind(head.id)
        .fetch_one(&mut *tx)
        .await?;
    let decision = NewDecision {
        site: head.site_id,
        conversation: head.id,
        generation: head.generation,
        kind,
        chosen,
        candidates: &serde_json::json!([]),
        waited_ms: queued_at.map_or(0, |since| (at - since).num_milliseconds()),
        at,
    };
    record(tx, &decision).await
}

/// The place in line is the original one: `queued_at` is kept.
pub(in crate::store) async fn back_to_queue(
    tx: &mut PgConnection,
    head: &Head,
    team: Option<TeamId>,
    at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "update conversations
        set state = 'waiting', seat = null, assignee_id = null, previous_agent_id = coalesce(assignee_id, previous_agent_id),
            reserved_for = null, reserved_until = null, reserved_as = null,
            team_id = $3, gen = gen + 1, queued_at = coalesce(queued_at, $4)
        where site_id = $1 and id = $2",
    )
    .bind(head.site_id)
    .bind(head.id)
    .bind(team)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whoever gave a chat away is not the first to have it again; where it is put back, the draft says who left.
async fn give_away(
    tx: &mut PgConnection,
    head: &Head,
    draft: &mut Draft,
    (is_put_back, at): (bool, DateTime<Utc>),
) -> sqlx::Result<()> {
    let Some(agent) = head.assignee_id else { return Ok(()) };
    sqlx::query("update conversations set previous_agent_id = null where site_id = $1 and id = $2")
        .bind(head.site_id)
        .bind(head.id)
        .execute(&mut *tx)
        .await?;
    if !is_put_back {
        return Ok(());
    }
    let name: String =
        sqlx::query_scalar("select name from agents where id = $1").bind(agent).fetch_one(&mut *tx).await?;
    let agent_shown = serde_json::json!({ "id": agent, "name": name, "avatar": null });
    draft.data = Some(serde_json::json!({ "agent": agent_shown, "reason": "put_back" }));
    reserve::refuse(tx, head, (agent, "put_back"), at).await
}

/// An answer on a ticket is mailed once.
pub fn reply_key(event: EventId) -> String {
    format!("reply/{event}")
}

/// An agent's answer on a ticket: the message and its letter in one transaction.
async fn write_reply(
    tx: &mut PgConnection,
    head: &Head,
    draft: &Draft,
    letter: LetterId,
    at: DateTime<Utc>,
) -> sqlx::Result<Result<(), Refusal>> {
    let ticket = tickets::by_conversation(tx, head.site_id, head.id).await?;
    let Some(ticket) = ticket.filter(|_| head.state == State::Ticketed) else { return Ok(Err(Refusal::Closed)) };
    tickets::set_status(tx, head.site_id, ticket.number, Status::Pending, at).await?;
    let letter = NewLetter {
        id: letter,
        site: head.site_id,
        conversation: Some(head.id),
        kind: outbox::LetterKind::TicketReply,
        unique_key: Some(reply_key(draft.id)),
        recipient: &ticket.email,
        data: serde_json::json!({ "number": ticket.number, "event": draft.id }),
    };
    outbox::add(tx, &letter, at).await?;
    Ok(Ok(()))
}

const TOO_MANY_ADDRESSES: Refusal =
    Refusal::BadRequest("Transcripts went to two addresses today. Ask for this one tomorrow, or use one of the two.");

/// Asks for a transcript by mail; once per conversation and address.
pub async fn ask_transcript(
    db: &Db,
    (site, conversation): (SiteId, ConversationId),
    letter: LetterId,
    email: &str,
    at: DateTime<Utc>,
) -> sqlx::Result<Result<(), Refusal>> {
    let mut tx = db.send.begin().await?;
    let Some(head) = lock(&mut tx, site, conversation).await? else { return Ok(Err(Refusal::Forbidden)) };
    if outbox::addresses_named(&mut tx, (site, head.shopper_id), email, at).await? >= outbox::ADDRESSES_A_DAY {
        return Ok(Err(TOO_MANY_ADDRESSES));
    }
    let key = format!("transcript/{conversation}/{}", email.to_lowercase());
    outbox::add(&mut tx, &transcript_letter(&head, letter, email, Some(key)), at).await?;
    tx.commit().await?;
    Ok(Ok(()))
}
