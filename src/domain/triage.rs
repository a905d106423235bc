//! Sorting the work: tags, and what the log says, to staff alone, of how a conversation was sorted.

use super::event::Author;
use super::event::{Draft, Event, Kind};
use super::id::{AgentId, EventId, TagId};
use super::routing::Class;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Most tags on one conversation, and most of one shop.
pub const TAGS_MAX: usize = 20;
pub const TAGS_OF_SITE: i64 = 200;
pub const TAG_NAME_MAX: usize = 40;
/// Tags have one of so many colours, as faces do.
pub const COLORS: i16 = 6;

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Tag {
    pub id: TagId,
    pub name: String,
    pub color: i16,
}

/// One line of text without what does not show; `None`: nothing is left, or too much.
pub fn tag_name(text: &str) -> Option<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_good = (1..=TAG_NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    is_good.then_some(name)
}

/// How a conversation was sorted. Kept in the data of a note by the house, which names who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trace {
    Tagged(String),
    Untagged(String),
    Priority(Class),
    Snoozed(DateTime<Utc>),
    Woken(Waking),
    /// Of the shopper: for good, where no time is given.
    Blocked {
        until: Option<DateTime<Utc>>,
        reason: String,
    },
    Unblocked,
}

/// What ended a sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waking {
    /// Its time came.
    Time,
    /// The shopper wrote.
    Shopper,
    /// Somebody of the staff wanted it.
    Hand,
}

const FIELD: &str = "triage";

impl Trace {
    pub fn of(event: &Event) -> Option<Self> {
        let kept = event.field(FIELD).filter(|_| event.kind == Kind::Note && event.by == Author::System)?;
        serde_json::from_value(kept.clone()).ok()
    }

    /// The house writes it, so that it keeps no chat alive and moves it in no list; whose doing it was stands in it.
    pub fn draft(&self, id: EventId, by: Option<(AgentId, &str)>) -> Draft {
        let name = by.map(|(_, name)| name.to_owned()).unwrap_or_default();
        Draft {
            id,
            cid: None,
            kind: Kind::Note,
            by: Author::System,
            body: Some(self.sentence(&name)),
            by_name: name,
            data: Some(json!({ FIELD: self, "by": by.map(|(id, _)| id) })),
            files: Vec::new(),
            internal: true,
            oversees: false,
        }
    }

    /// For programs, which show notes as they are.
    fn sentence(&self, name: &str) -> String {
        match self {
            Self::Tagged(tag) => format!("{name} added the tag \u{201c}{tag}\u{201d}."),
            Self::Untagged(tag) => format!("{name} removed the tag \u{201c}{tag}\u{201d}."),
            Self::Priority(class) => format!("{name} set the priority to {}.", class.as_str()),
            Self::Snoozed(until) => format!("{name} snoozed this until {}.", until.format("%Y-%m-%d %H:%M UTC")),
            Self::Woken(Waking::Time) => "The time it was snoozed until has come.".to_owned(),
            Self::Woken(Waking::Shopper) => "The shopper wrote, and it is not snoozed any more.".to_owned(),
            Self::Woken(Waking::Hand) => format!("{name} ended the snooze."),
            Self::Blocked { until: Some(until), reason } => {
                format!("{name} blocked this shopper until {}: {reason}", until.format("%Y-%m-%d %H:%M UTC"))
            }
            Self::Blocked { until: None, reason } => format!("{name} blocked this shopper for good: {reason}"),
            Self::Unblocked => format!("{name} ended the block."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tag_name;

    #[test]
    fn a_tags_name_is_one_line_of_at_most_forty_characters() {
        assert_eq!(tag_name("  very \n important "), Some("very important".into()));
        assert_eq!(tag_name(&"ü".repeat(40)), Some("ü".repeat(40)));
        for bad in ["", "   ", "a\0b", &"x".repeat(41)] {
            assert_eq!(tag_name(bad), None, "{bad:?}");
        }
    }
}
