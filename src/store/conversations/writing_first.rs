//! Opening a conversation from the other side: an agent writes first, to a shopper who is at the shop, and has the chat.

use super::opening::{Opening, insert_conversation, open_of};
use crate::domain::id::{AgentId, ClientId, ConversationId, ShopperId, SiteId};
use crate::store::append::{Row, Stored, insert};
use crate::store::queue::{Claim, assigned, free_seat, take_seat};
use crate::store::{Db, blocks};
use sqlx::{PgConnection, PgExecutor};
use std::sync::Arc;

pub enum WroteFirst {
    /// The events of the opening, in order.
    Yes { lines: Vec<Stored>, generation: i32 },
    /// The same form sent again: this is what it opened.
    Again(ConversationId),
    /// The shopper has an open conversation, and who has it.
    Open { conversation: ConversationId, with: Option<String> },
    /// There is no such shopper, or they may not come in.
    Gone,
    /// No place is free.
    Full,
    /// The agent's own row is locked: the queue is at it.
    Busy,
}

/// Takes the shopper's lock first, as whoever opens a conversation does, and the place that the queue would: one open
/// conversation a shopper, and no agent over what they carry.
pub async fn write_first(db: &Db, opening: Opening, claim: &Claim<'_>) -> sqlx::Result<WroteFirst> {
    let mut tx = db.send.begin().await?;
    let who = (opening.site, opening.shopper);
    let locked: Option<ShopperId> =
        sqlx::query_scalar("select id from shoppers where site_id = $1 and id = $2 for update")
            .bind(who.0)
            .bind(who.1)
            .fetch_optional(&mut *tx)
            .await?;
    if locked.is_none() || blocks::holds(&mut *tx, who, opening.at).await? {
        return Ok(WroteFirst::Gone);
    }
    if let Some(cid) = opening.message.cid
        && let Some(conversation) = written_before(&mut *tx, who, claim.agent, cid).await?
    {
        return Ok(WroteFirst::Again(conversation));
    }
    if let Some((conversation, _)) = open_of(&mut tx, who.0, who.1).await? {
        let with = owner(&mut tx, conversation).await?;
        return Ok(WroteFirst::Open { conversation, with });
    }
    let mut head = insert_conversation(&mut tx, &opening).await?;
    let Some(seats) = free_seat(&mut tx, claim).await? else { return Ok(WroteFirst::Busy) };
    let Some(seat) = seats.seat else { return Ok(WroteFirst::Full) };
    let generation = take_seat(&mut tx, claim, seat).await?;
    // Nobody waited for it.
    sqlx::query("update conversations set queued_at = null where id = $1").bind(head.id).execute(&mut *tx).await?;
    let drafts = [opening.opened, assigned(claim, &seats.name), opening.message];
    let rows: Vec<_> = drafts.into_iter().map(|draft| Row::number(&mut head, draft, opening.at)).collect();
    insert(&mut tx, &rows).await?;
    tx.commit().await?;
    let lines = rows.into_iter().map(|row| Stored { event: Arc::new(row.event), shopper: head.shopper_id });
    Ok(WroteFirst::Yes { lines: lines.collect(), generation })
}

/// What this very form opened, if it was sent before.
pub async fn written_before(
    db: impl PgExecutor<'_>,
    (site, shopper): (SiteId, ShopperId),
    agent: AgentId,
    cid: ClientId,
) -> sqlx::Result<Option<ConversationId>> {
    sqlx::query_scalar(
        "select e.conversation_id from conversations c
        join events e on e.site_id = c.site_id and e.conversation_id = c.id and e.author_id = $3 and e.cid = $4
        where c.site_id = $1 and c.shopper_id = $2",
    )
    .bind(site)
    .bind(shopper)
    .bind(agent)
    .bind(cid)
    .fetch_optional(db)
    .await
}

async fn owner(tx: &mut PgConnection, conversation: ConversationId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar("select a.name from conversations c join agents a on a.id = c.assignee_id where c.id = $1")
        .bind(conversation)
        .fetch_optional(tx)
        .await
}
