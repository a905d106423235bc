//! Tickets: what could not be answered in the chat and goes on by mail.

use super::id::{ConversationId, SiteId};
use super::message::excerpt;
use chrono::{DateTime, Utc};

/// The longest, in characters.
const SUBJECT: usize = 80;

/// The beginning of what was written first.
pub fn subject(body: &str) -> String {
    if body.trim().is_empty() { "📎".into() } else { excerpt(body, SUBJECT) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Status {
    Open,
    /// Answered; the shopper's turn.
    Pending,
    Solved,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Open, Self::Pending, Self::Solved];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Solved => "solved",
        }
    }
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Ticket {
    pub site_id: SiteId,
    pub number: i64,
    pub conversation_id: ConversationId,
    pub subject: String,
    pub email: String,
    pub name: String,
    pub status: Status,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
