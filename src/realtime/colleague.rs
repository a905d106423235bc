//! What the consoles of colleagues tell each other about a conversation that several of them have open.

use crate::domain::id::{AgentId, ConnectionId, ConversationId};
use serde::{Deserialize, Serialize};

/// One page of an agent's, and what it does with a conversation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Colleague {
    pub conversation: ConversationId,
    pub page: ConnectionId,
    pub agent: AgentId,
    pub name: String,
    pub does: Does,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// Has just opened it, and wants to hear who else has.
    Come,
    View,
    Leave,
}
