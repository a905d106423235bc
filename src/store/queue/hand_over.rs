//! From one agent to another in one transaction: given, taken, or accepted when asked.

use super::{Claim, Seats, assigned, free_seat, owner_name, reserve, take_seat};
use crate::domain::conversation::{Head, Refusal, State, permit};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{AgentId, SiteId};
use crate::domain::line::Reason;
use crate::store::append::{Locking, Row, Stored, insert, known_cid, lock_all};
use crate::store::{Db, events};
use sqlx::PgConnection;
use std::sync::Arc;

/// Hands an active or waiting chat to one colleague, or a supervisor takes it over from one: the events, the new owner and the
/// note in one transaction.
pub struct HandOver<'a> {
    pub transferred: Draft,
    pub note: Option<Draft>,
    pub generation: Option<i32>,
    pub claim: Claim<'a>,
    pub site: SiteId,
    /// The colleague was asked, and accepts: whoever has the chat hands it over.
    pub is_asked: bool,
}

#[derive(Debug)]
pub enum HandedOver {
    Yes {
        transferred: Stored,
        /// The assignment and the note.
        others: Vec<Stored>,
        generation: i32,
        /// At whom it rang until now.
        rang_at: Option<AgentId>,
    },
    /// Done before under the same client id: the first answer again.
    Again(Stored),
    /// The colleague has no place free, or is not here.
    Full,
    /// The row of whoever takes it over is locked elsewhere.
    Busy,
    Refused(Refusal),
}

const OVER: Refusal = Refusal::BadRequest("They were not asked, or the time to answer is over.");

pub async fn hand_over(db: &Db, mut step: HandOver<'_>) -> sqlx::Result<HandedOver> {
    let mut tx = db.send.begin().await?;
    let head =
        lock_all(&mut tx, &[step.claim.conversation], Locking::Wait).await?.pop().filter(|h| h.site_id == step.site);
    let Some(mut head) = head else { return Ok(HandedOver::Refused(Refusal::Forbidden)) };
    if let Some(settled) = handed_before(&mut tx, &head, &step.transferred).await? {
        return Ok(settled);
    }
    let kept = reserve::of(&mut tx, head.id).await?;
    if step.is_asked {
        let asked =
            kept.as_ref().filter(|kept| kept.reserved_for == step.claim.agent && kept.reserved_until > step.claim.at);
        if asked.is_none_or(|kept| kept.reserved_as != Reason::Transfer) {
            return Ok(HandedOver::Refused(OVER));
        }
        sign_by_owner(&mut tx, &head, &mut step.transferred).await?;
    } else if let Err(refusal) = permit(&head, &step.transferred, step.generation) {
        return Ok(HandedOver::Refused(refusal));
    }
    if head.assignee_id == Some(step.claim.agent) && head.state == State::Active {
        return Ok(HandedOver::Refused(Refusal::BadRequest("They have this conversation already.")));
    }
    let takes_over = step.transferred.by == Author::Agent(step.claim.agent);
    if !takes_over && !reserve::works_for(&mut tx, step.site, step.claim.agent).await? {
        return Ok(HandedOver::Refused(Refusal::Forbidden));
    }
    let Some(seats) = free_seat(&mut tx, &step.claim).await? else {
        return Ok(if step.claim.must_be_available { HandedOver::Full } else { HandedOver::Busy });
    };
    let Seats { name, seat: Some(seat) } = seats else { return Ok(HandedOver::Full) };
    let mut data = serde_json::json!({ "to": { "agent": name } });
    if takes_over && let Some(owner) = owner_name(&mut tx, &head).await? {
        data["from"] = serde_json::json!({ "agent": owner });
    }
    let generation = take_seat(&mut tx, &step.claim, seat).await?;
    let mut transferred = step.transferred;
    transferred.data = Some(data);
    let drafts = [Some(assigned(&step.claim, &name)), step.note].into_iter().flatten();
    let mut rows = vec![Row::number(&mut head, transferred, step.claim.at)];
    rows.extend(drafts.map(|draft| Row::number(&mut head, draft, step.claim.at)));
    insert(&mut tx, &rows).await?;
    tx.commit().await?;
    let store = |row: Row| Stored { event: Arc::new(row.event), shopper: head.shopper_id };
    let transferred = store(rows.remove(0));
    let rang_at = kept.map(|kept| kept.reserved_for);
    Ok(HandedOver::Yes { transferred, others: rows.into_iter().map(store).collect(), generation, rang_at })
}

async fn sign_by_owner(tx: &mut PgConnection, head: &Head, transferred: &mut Draft) -> sqlx::Result<()> {
    let Some(owner) = head.assignee_id else { return Ok(()) };
    transferred.by = Author::Agent(owner);
    transferred.by_name = sqlx::query_scalar("select name from agents where id = $1").bind(owner).fetch_one(tx).await?;
    Ok(())
}

async fn handed_before(tx: &mut PgConnection, head: &Head, draft: &Draft) -> sqlx::Result<Option<HandedOver>> {
    let Some(cid) = draft.cid else { return Ok(None) };
    let Some(known) = known_cid(tx, (head.site_id, head.id), draft.by, cid).await? else { return Ok(None) };
    let Some(event) = events::get(tx, head.site_id, head.id, known.id).await? else { return Ok(None) };
    if event.kind != Kind::Transferred {
        return Ok(Some(HandedOver::Refused(Refusal::CidConflict)));
    }
    Ok(Some(HandedOver::Again(Stored { event: Arc::new(event), shopper: head.shopper_id })))
}
