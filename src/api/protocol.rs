//! The frames an agent's program may send. Strict: unknown fields and wrong types are `bad_request`.

use crate::domain::id::{AgentId, ClientId, ConversationId, EventId, TeamId};
use crate::replay::Cursor;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[expect(dead_code, reason = "every field of the contract is parsed, so that a wrong type is refused, used or not")]
pub enum AgentFrame {
    Hello {
        ticket: String,
        #[serde(default)]
        resume: Vec<Cursor>,
    },
    Send {
        cid: ClientId,
        conversation: ConversationId,
        body: String,
        #[serde(default)]
        files: Vec<String>,
        #[serde(default)]
        replies: Vec<String>,
        #[serde(default)]
        note: bool,
        r#gen: Option<i32>,
    },
    Recall {
        cid: ClientId,
        event: EventId,
        conversation: Option<ConversationId>,
    },
    Read {
        conversation: ConversationId,
        upto: i64,
    },
    Typing {
        conversation: ConversationId,
        on: bool,
        preview: Option<String>,
    },
    Close {
        cid: ClientId,
        conversation: ConversationId,
        r#gen: Option<i32>,
    },
    Available {
        on: bool,
    },
    Accept {
        conversation: ConversationId,
        r#gen: i32,
        cid: Option<ClientId>,
    },
    Decline {
        conversation: ConversationId,
        r#gen: i32,
        cid: Option<ClientId>,
    },
    Claim {
        cid: ClientId,
        conversation: ConversationId,
    },
    Transfer {
        cid: ClientId,
        conversation: ConversationId,
        to: Target,
        #[serde(default)]
        note: Option<String>,
        r#gen: Option<i32>,
    },
    Watch {
        conversation: ConversationId,
    },
    Probe {},
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Team(TeamId),
    Agent(AgentId),
}
