//! Macros: several actions at once, under a name. They go in an order that always makes sense: tags, priority, answer, note,
//! and at last what becomes of the chat.

use super::id::{CannedId, TagId, TeamId};
use super::routing::Class;
use super::snooze::Until;
use serde::{Deserialize, Serialize};

/// Longest name, in characters.
pub const NAME_MAX: usize = 60;
/// Most macros of one shop, its teams and its people together; and most that the menu of a conversation offers.
pub const MOST: i64 = 500;
pub const OFFERED: i64 = 50;

/// What a macro does. What it names may be gone when it runs; then it does nothing at all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Does {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub untags: Vec<TagId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// A ready reply, which is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<CannedId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
}

impl Does {
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What becomes of a chat. Written as forms write it: `close`, `team:ID`, `snooze:tomorrow`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Finish {
    Close,
    Team(TeamId),
    Snooze(Until),
}

impl Finish {
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':') {
            None if text == "close" => Some(Self::Close),
            Some(("team", id)) => id.parse().ok().map(Self::Team),
            Some(("snooze", until)) => Until::parse(until, "").map(Self::Snooze),
            _ => None,
        }
    }
}

impl TryFrom<String> for Finish {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("this is nothing that becomes of a chat")
    }
}

impl std::fmt::Display for Finish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Close => f.write_str("close"),
            Self::Team(team) => write!(f, "team:{team}"),
            Self::Snooze(until) => write!(f, "snooze:{}", until.as_str()),
        }
    }
}

impl From<Finish> for String {
    fn from(finish: Finish) -> Self {
        finish.to_string()
    }
}

/// One line, without what does not show.
pub fn tidy_name(raw: &str) -> String {
    let line = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::{Does, Finish, tidy_name};
    use crate::domain::routing::Class;
    use crate::domain::snooze::Until;

    #[test]
    fn what_is_kept_says_only_what_is_done_and_is_read_again() {
        let does = Does {
            class: Some(Class::High),
            finish: Some(Finish::Snooze(Until::Tomorrow)),
            note: "Refund".into(),
            ..Does::default()
        };
        let kept = serde_json::to_value(&does).unwrap();
        assert_eq!(kept, serde_json::json!({ "class": "high", "finish": "snooze:tomorrow", "note": "Refund" }));
        assert_eq!(serde_json::from_value::<Does>(kept).unwrap(), does);
        assert!(serde_json::from_str::<Does>("{\"finish\":\"explode\"}").is_err());
        assert!(Does::default().is_nothing() && !does.is_nothing());
    }

    #[test]
    fn a_name_is_one_line_that_shows() {
        assert_eq!(tidy_name("  Refund\n and\t close\u{7} "), "Refund and close");
        assert_eq!(tidy_name(&"退".repeat(90)).chars().count(), 60);
    }
}
