//! What is known of the shopper of a conversation, for its side panel and for the line; and which cards an agent has folded.

use super::sight::{contacts, person, visible};
use crate::domain::id::{AgentId, ConversationId, EventId, ShopperId, SiteId};
use crate::domain::people::Role;
use chrono::{DateTime, Utc};
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

/// What an agent wrote to the others.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Note {
    pub id: EventId,
    pub conversation_id: ConversationId,
    pub seq: i64,
    /// How far its conversation has come.
    pub last_seq: i64,
    pub by: String,
    /// Its beginning.
    pub text: String,
    pub at: DateTime<Utc>,
}

/// The newest of what staff wrote about these contacts in their latest conversations but one, as far as this agent may see.
pub async fn notes(
    db: &PgPool,
    (agent, role): (AgentId, Role),
    (site, contacts): (SiteId, &[ShopperId]),
    except: ConversationId,
    most: i64,
) -> sqlx::Result<Vec<Note>> {
    sqlx::query_as(concat!(
        "select n.id, past.id as conversation_id, n.seq, past.last_seq, a.name as by, left(n.body, 300) as text, n.at
        from (select c.id, c.last_seq from conversations c
            where c.site_id = $3 and c.shopper_id = any($4) and c.id <> $5 and ",
        visible!("c"),
        " order by c.opened_at desc, c.id desc limit 20) past
        cross join lateral (select e.id, e.seq, e.author_id, e.body, e.at from events e
            where e.site_id = $3 and e.conversation_id = past.id and e.kind = 'note' and e.author = 'agent'
                and e.body is not null and e.data->'asks' is null
            order by e.seq desc limit $6) n
        join agents a on a.id = n.author_id
        order by n.at desc, past.id, n.seq desc
        limit $6"
    ))
    .bind(agent)
    .bind(role.as_str())
    .bind(site)
    .bind(contacts)
    .bind(except)
    .bind(most)
    .fetch_all(db)
    .await
}

/// What the line shows of a shopper beside their words.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Glimpse {
    pub id: ConversationId,
    /// To what the shop asked before the chat.
    pub answers: Option<Value>,
    /// The newest, as their browser says.
    pub page: Option<Value>,
    pub cart: Option<Value>,
    /// As the shop signed it.
    pub signed_cart: Option<Value>,
    /// They, or a contact that they stand with, have another conversation.
    pub is_returning: bool,
}

pub async fn glimpses(db: &PgPool, conversations: &[ConversationId]) -> sqlx::Result<Vec<Glimpse>> {
    sqlx::query_as(concat!(
        "select c.id,
            coalesce((select nullif(e.data->'intake', '{}') from events e
                where e.site_id = c.site_id and e.conversation_id = c.id and e.kind = 'opened' order by e.seq limit 1),
                p.context->'answers') as answers,
            p.context->'pages'->0 as page, p.context->'cart' as cart,
            p.attributes->'cart' as signed_cart,
            exists (select from conversations o where o.site_id = c.site_id and o.id <> c.id and o.kind in ('support', 'ticket')
                and o.shopper_id = any(",
        contacts!("c.site_id", "k.id"),
        ")) as is_returning
        from conversations c
        join shoppers p on p.site_id = c.site_id and p.id = c.shopper_id
        cross join lateral (select ",
        person!("c.site_id", "c.shopper_id"),
        " as id) k
        where c.id = any($1)",
    ))
    .bind(conversations)
    .fetch_all(db)
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
