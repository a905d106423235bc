//! The menu in which somebody says what they are to others.

use crate::domain::people::{Agent, Status};
use crate::error::Result;
use crate::words::{self, Lang, When, filters};
use askama::Template;

/// What people are away for, ready to be chosen: keys.
pub const REASONS: [&str; 4] = ["status-break", "status-lunch", "status-meeting", "status-training"];

/// What may be chosen without a question, each with the key of what it means.
pub const CHOICES: [(Status, &str); 3] = [
    (Status::Available, "status-available-means"),
    (Status::Busy, "status-busy-means"),
    (Status::Away, "status-away-means"),
];

/// Shared by the page and by what its socket is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    pub status: Status,
    pub reason: String,
    pub since: When,
    /// The supervisor who chose it.
    pub by: Option<String>,
    /// How many chats go back to the queue when they go off duty.
    pub chats: i64,
}

#[derive(Template)]
#[template(path = "console/_status.html")]
struct MenuFragment<'a> {
    menu: &'a Menu,
}

impl Menu {
    pub fn of(agent: &Agent, chats: i64) -> Self {
        Self {
            status: agent.status(),
            reason: agent.status_reason.clone(),
            since: agent.status_since.into(),
            by: agent.status_by.clone(),
            chats,
        }
    }

    /// What Enter in the field of the reason means: somebody with a reason is not available.
    pub fn by_enter(&self) -> Status {
        if self.status == Status::Available { Status::Away } else { self.status }
    }

    /// For a live update; pages include the same template.
    pub fn print(&self, lang: Lang) -> Result<String> {
        words::print(lang, &MenuFragment { menu: self })
    }
}
