//! Whether the shopper is still there: a word in the head of a conversation, for its page and for live updates.

use crate::domain::id::ConversationId;
use crate::error::Result;
use crate::presence::shoppers::Presence;
use crate::words::{self, Key, Lang, filters};
use askama::Template;

/// Whether the shopper is still there, in a word.
#[derive(Clone, Copy, Debug)]
pub struct HereLine {
    pub id: ConversationId,
    pub look: &'static str,
    pub word: Key,
    pub title: Key,
}

#[derive(Template)]
#[template(path = "console/_here.html")]
struct HereFragment<'a> {
    here: &'a HereLine,
}

impl HereLine {
    pub fn new(id: ConversationId, presence: Presence) -> Self {
        let (look, word, title) = match presence {
            Presence::Here => ("here", Key("here-here"), Key("here-here-title")),
            Presence::Left => ("left", Key("here-left"), Key("here-left-title")),
            Presence::Unknown => ("unknown", Key("here-unknown"), Key("here-unknown-title")),
        };
        Self { id, look, word, title }
    }

    pub fn print(&self, lang: Lang) -> Result<String> {
        words::print(lang, &HereFragment { here: self })
    }
}
