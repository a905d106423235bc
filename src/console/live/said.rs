//! What a page says over its socket.

use crate::domain::id::ConversationId;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Said {
    /// Replaces the topics asked for before.
    pub sub: Option<Vec<Sub>>,
    pub typing: Option<Typing>,
    /// Asks whether anybody is there: a page cannot see pings.
    #[serde(default)]
    pub probe: bool,
    /// Somebody is at this page.
    #[serde(default)]
    pub input: bool,
    /// Whether the page is in sight.
    pub visible: Option<bool>,
}

#[derive(Deserialize)]
pub struct Sub {
    pub topic: String,
    #[serde(default)]
    pub after: i64,
}

#[derive(Deserialize)]
pub struct Typing {
    pub conversation: ConversationId,
    pub on: bool,
}
