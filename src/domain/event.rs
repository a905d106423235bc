//! Events: whatever durable happens in a conversation, numbered.

use super::file::File;
use super::id::{AgentId, ClientId, ConversationId, EventId, FileId, ShopperId, SiteId};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Kind {
    Opened,
    Message,
    /// For staff only.
    Note,
    Recalled,
    Assigned,
    /// The agent vanished; the shopper is back in line at the old place.
    Left,
    Transferred,
    Closed,
    Rated,
    Ticketed,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Message => "message",
            Self::Note => "note",
            Self::Recalled => "recalled",
            Self::Assigned => "assigned",
            Self::Left => "left",
            Self::Transferred => "transferred",
            Self::Closed => "closed",
            Self::Rated => "rated",
            Self::Ticketed => "ticketed",
        }
    }

    /// Whether somebody else, or nobody, has the conversation after it. It is opened again, too, after it ended.
    pub fn changes_hands(self) -> bool {
        matches!(self, Self::Opened | Self::Assigned | Self::Left | Self::Transferred | Self::Closed | Self::Ticketed)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Author {
    Shopper(ShopperId),
    Agent(AgentId),
    System,
    Bot,
}

impl Author {
    pub fn role(self) -> &'static str {
        match self {
            Self::Shopper(_) => "shopper",
            Self::Agent(_) => "agent",
            Self::System => "system",
            Self::Bot => "bot",
        }
    }

    pub fn uuid(self) -> Option<uuid::Uuid> {
        match self {
            Self::Shopper(id) => Some(id.0),
            Self::Agent(id) => Some(id.0),
            Self::System | Self::Bot => None,
        }
    }

    /// The inverse of [`Author::role`] and [`Author::uuid`], as stored.
    pub fn from_stored(role: &str, id: Option<uuid::Uuid>) -> Self {
        match (role, id) {
            ("shopper", Some(id)) => Self::Shopper(ShopperId(id)),
            ("agent", Some(id)) => Self::Agent(AgentId(id)),
            ("bot", _) => Self::Bot,
            _ => Self::System,
        }
    }
}

/// What is about to be written. Its number and time are given under the conversation's lock.
#[derive(Clone, Debug)]
pub struct Draft {
    pub id: EventId,
    pub cid: Option<ClientId>,
    pub kind: Kind,
    pub by: Author,
    /// The name people see beside it.
    pub by_name: String,
    pub body: Option<String>,
    pub data: Option<Value>,
    /// Uploaded before, and carried by this message from now on.
    pub files: Vec<FileId>,
    /// Hidden from the shopper: notes, and the recall of a note.
    pub internal: bool,
    /// By a supervisor of the site, who may write where somebody else has the conversation.
    pub oversees: bool,
}

impl Draft {
    /// Tells a resend from other content under the same client id.
    pub fn digest(&self) -> i64 {
        let mut hash = Sha256::new();
        hash.update(self.kind.as_str());
        hash.update([0]);
        hash.update(self.body.as_deref().unwrap_or_default());
        hash.update([0]);
        if let Some(data) = &self.data {
            hash.update(data.to_string());
        }
        for file in &self.files {
            hash.update([0]);
            hash.update(file.0.as_bytes());
        }
        let bytes: [u8; 32] = hash.finalize().into();
        i64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
    }
}

/// Where an event keeps what it carries.
pub const FILES: &str = "files";
pub const REPLIES: &str = "replies";

/// One entry of a log.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Event {
    pub site: SiteId,
    pub conversation: ConversationId,
    pub seq: i64,
    /// The number shoppers see; `None` is hidden from them.
    pub shopper_seq: Option<i64>,
    pub id: EventId,
    pub cid: Option<ClientId>,
    pub kind: Kind,
    pub by: Author,
    pub by_name: String,
    pub body: Option<String>,
    pub data: Option<Value>,
    pub at: DateTime<Utc>,
}

impl Event {
    /// A message whose text was taken back.
    pub fn is_recalled(&self) -> bool {
        matches!(self.kind, Kind::Message | Kind::Note) && self.body.is_none()
    }

    /// What a message carries; nothing any more where it was taken back.
    pub fn files(&self) -> Vec<File> {
        let kept = self.field(FILES).filter(|_| !self.is_recalled());
        kept.and_then(|files| Vec::deserialize(files).ok()).unwrap_or_default()
    }

    /// The answers it offers to choose from.
    pub fn replies(&self) -> Vec<String> {
        let kept = self.field(REPLIES).filter(|_| !self.is_recalled());
        kept.and_then(|replies| Vec::deserialize(replies).ok()).unwrap_or_default()
    }

    /// Who took it back, and when.
    pub fn taken_back(&self) -> Option<(&str, DateTime<Utc>)> {
        let back = self.field("_back").filter(|_| self.is_recalled())?;
        Some((back["by"].as_str()?, back["at"].as_str()?.parse().ok()?))
    }

    pub fn field(&self, name: &str) -> Option<&Value> {
        self.data.as_ref().and_then(|data| data.get(name))
    }
}
