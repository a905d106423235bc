//! The flight recorder: every decision about a conversation, written in the transaction of what it decides.

use crate::domain::id::{AgentId, ConversationId, SiteId};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool};

/// What the flight recorder keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DecisionKind {
    Assigned,
    Offered,
    /// The place is kept while the shopper is called back.
    Held,
    Accepted,
    Declined,
    /// An offer that nobody answered.
    Expired,
    /// The shopper was called and did not come.
    Missed,
    /// The agent vanished or went off duty.
    Returned,
    HandedOver,
    /// By hand.
    Taken,
    /// The end of the line.
    Ticketed,
}

/// A decision as it is written down, in the transaction of what it decides.
pub struct NewDecision<'a> {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub generation: i32,
    pub kind: DecisionKind,
    pub chosen: Option<AgentId>,
    pub candidates: &'a Value,
    pub waited_ms: i64,
    pub at: DateTime<Utc>,
}

pub async fn record(tx: &mut PgConnection, decision: &NewDecision<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into decisions (site_id, conversation_id, gen, kind, chosen, candidates, waited_ms, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(decision.site)
    .bind(decision.conversation)
    .bind(decision.generation)
    .bind(decision.kind)
    .bind(decision.chosen)
    .bind(decision.candidates)
    .bind(decision.waited_ms)
    .bind(decision.at)
    .execute(tx)
    .await?;
    Ok(())
}

/// One decision of the queue: why this agent.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Decision {
    #[sqlx(rename = "gen")]
    pub generation: i32,
    pub kind: DecisionKind,
    pub chosen_name: Option<String>,
    pub candidates: Json<Value>,
    pub waited_ms: i64,
    pub at: DateTime<Utc>,
}

pub async fn decisions(db: &PgPool, site: SiteId, conversation: ConversationId) -> sqlx::Result<Vec<Decision>> {
    sqlx::query_as(
        "select d.gen, d.kind, a.name as chosen_name, d.candidates, d.waited_ms, d.at
        from decisions d
        left join agents a on a.id = d.chosen
        where d.site_id = $1 and d.conversation_id = $2
        order by d.n",
    )
    .bind(site)
    .bind(conversation)
    .fetch_all(db)
    .await
}
