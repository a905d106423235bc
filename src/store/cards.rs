//! The side panel: what is known of the shopper of a conversation, and which cards an agent has folded.

use crate::domain::id::{AgentId, ConversationId, SiteId};
use serde_json::Value;
use sqlx::PgPool;

#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct About {
    /// Reported by the browser.
    pub context: Value,
    /// Signed by the shop.
    pub attributes: Value,
    /// What the shop calls them.
    pub external_id: Option<String>,
}

pub async fn about(db: &PgPool, site: SiteId, conversation: ConversationId) -> sqlx::Result<About> {
    sqlx::query_as(
        "select p.context, p.attributes, p.external_id
        from conversations c join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        where c.site_id = $1 and c.id = $2",
    )
    .bind(site)
    .bind(conversation)
    .fetch_one(db)
    .await
}

/// What an agent has chosen; a card that is not named is as it comes.
pub async fn folded(db: &PgPool, agent: AgentId) -> sqlx::Result<Vec<(String, bool)>> {
    sqlx::query_as("select card, is_folded from agent_cards where agent_id = $1").bind(agent).fetch_all(db).await
}

pub async fn set_folded(db: &PgPool, agent: AgentId, card: &str, is_folded: bool) -> sqlx::Result<()> {
    sqlx::query(
        "insert into agent_cards (agent_id, card, is_folded) values ($1, $2, $3)
        on conflict (agent_id, card) do update set is_folded = excluded.is_folded",
    )
    .bind(agent)
    .bind(card)
    .bind(is_folded)
    .execute(db)
    .await?;
    Ok(())
}
