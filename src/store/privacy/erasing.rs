//! Erasing somebody who asks for it: all of it in one transaction, or nothing.

use super::{Amount, Doing, count, doom, note};
use crate::domain::id::{AgentId, ConversationId, ShopperId};
use crate::store::{audit, customers};
use sqlx::PgPool;

/// What follows from erasing somebody.
pub struct Erased {
    /// Whose chat, or whose kept place, is gone with it.
    pub left: Vec<(AgentId, ConversationId, i32)>,
    pub amount: Amount,
}

/// A conversation that is erased, and whose it is, or is kept for.
#[derive(sqlx::FromRow)]
struct Held {
    id: ConversationId,
    owner: Option<AgentId>,
    reserved_for: Option<AgentId>,
    #[sqlx(rename = "gen")]
    generation: i32,
}

/// What came of erasing somebody.
pub enum Erasing {
    Done(Erased),
    /// None of them is there any more.
    Gone,
    /// The person is made of other contacts by now.
    Changed,
}

/// Erases the person that is made of these contacts, with everything they had; all of it or nothing.
///
/// Their rows are held first, as whoever opens a conversation does, and then the conversations, as whoever writes into one does:
/// what is being committed is committed and erased, and nothing is written after.
pub async fn erase(db: &PgPool, contacts: &[ShopperId], doing: &Doing) -> sqlx::Result<Erasing> {
    let mut tx = audit::begin(db, Some(doing.by)).await?;
    let people: Vec<ShopperId> =
        sqlx::query_scalar("select id from shoppers where site_id = $1 and id = any($2) order by id for update")
            .bind(doing.site)
            .bind(contacts)
            .fetch_all(&mut *tx)
            .await?;
    if people.is_empty() {
        return Ok(Erasing::Gone);
    }
    // Whoever puts contacts together or apart holds one of them: from here on they are as they are.
    let mut together = customers::together(&mut *tx, doing.site, doing.person).await?;
    together.sort_unstable_by_key(|contact| contact.0);
    if together != people {
        return Ok(Erasing::Changed);
    }
    let held: Vec<Held> = sqlx::query_as(
        "select id, case when state = 'active' then assignee_id end as owner, reserved_for, gen from conversations
        where site_id = $1 and shopper_id = any($2) order by id for update",
    )
    .bind(doing.site)
    .bind(&people)
    .fetch_all(&mut *tx)
    .await?;
    let conversations: Vec<ConversationId> = held.iter().map(|one| one.id).collect();
    let files = doom(&mut tx, doing.site, &people, &conversations).await?;
    sqlx::query("delete from shoppers where site_id = $1 and id = any($2)")
        .bind(doing.site)
        .bind(&people)
        .execute(&mut *tx)
        .await?;
    // Kept sealed for minutes; whose is whose cannot be told.
    sqlx::query("delete from order_answers where site_id = $1").bind(doing.site).execute(&mut *tx).await?;
    let amount = Amount { people: count(&people), conversations: count(&conversations), files };
    note(&mut tx, doing, "erased", amount).await?;
    tx.commit().await?;
    let left = held.into_iter().flat_map(|one| {
        let agents = [one.owner, one.reserved_for].into_iter().flatten();
        agents.map(move |agent| (agent, one.id, one.generation))
    });
    Ok(Erasing::Done(Erased { left: left.collect(), amount }))
}
