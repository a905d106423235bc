//! The palette: commands, open conversations and colleagues by a few letters of their names.

use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::people::{Role, Status};
use crate::error::Result;
use crate::shell::print;
use crate::store::desk::{self, Found};
use crate::words::{Lang, ToArg, Word, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

/// Most of each kind.
const MOST: usize = 8;
/// Longest text that is looked for, in characters.
const TEXT_MAX: usize = 100;

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "console/_palette.html")]
struct Palette {
    commands: Vec<Command>,
    chats: Vec<Found>,
    staff: Vec<(String, String)>,
    /// Where everything is searched for what was typed, and that.
    search: Option<(String, String)>,
    count: usize,
}

struct Command {
    name: String,
    does: Does,
}

enum Does {
    Go(&'static str),
    Be(Status),
}

pub async fn find(State(app): State<Arc<App>>, who: SignedIn, Query(asked): Query<Asked>) -> Result<Response> {
    let text: String = asked.q.trim().chars().filter(|c| *c != '\0').take(TEXT_MAX).collect();
    let (lang, agent) = (who.lang(), &who.agent);
    let mut commands = commands(lang, agent.role);
    commands.retain(|command| fits(&command.name, &text));
    let chats = desk::find(&app.db.read, (agent.id, agent.role), &text, MOST).await?;
    let staff = if text.is_empty() || !agent.oversees() {
        Vec::new()
    } else {
        let found = desk::find_staff(&app.db.read, (agent.id, agent.role), &text, MOST).await?;
        found.into_iter().map(|(id, name)| (format!("/console/wall/{id}"), name)).collect()
    };
    let search = (!text.is_empty()).then(|| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", &text).finish();
        (format!("/console/search?{query}"), text)
    });
    let count = commands.len() + chats.len() + staff.len();
    print(lang, StatusCode::OK, &Palette { commands, chats, staff, search, count })
}

fn commands(lang: Lang, role: Role) -> Vec<Command> {
    let pages = [
        (Role::Agent, "nav-inbox", "/console/inbox/mine"),
        (Role::Agent, "view-waiting", "/console/inbox/waiting"),
        (Role::Agent, "view-all", "/console/inbox/all"),
        (Role::Agent, "view-closed", "/console/inbox/closed"),
        (Role::Agent, "view-snoozed", "/console/inbox/snoozed"),
        (Role::Agent, "search", "/console/search"),
        (Role::Agent, "nav-tickets", "/console/tickets"),
        (Role::Agent, "nav-customers", "/console/customers"),
        (Role::Agent, "nav-visitors", "/console/visitors"),
        (Role::Agent, "canned-title", "/console/canned"),
        (Role::Agent, "macros-title", "/console/macros"),
        (Role::Agent, "nav-rooms", "/console/rooms"),
        (Role::Agent, "nav-team", "/console/team"),
        (Role::Agent, "me-title", "/console/me"),
        (Role::Agent, "keys-title", "/console/keys"),
        (Role::Supervisor, "nav-wall", "/console/wall"),
        (Role::Supervisor, "nav-reports", "/console/reports/overview"),
        (Role::Supervisor, "tags-title", "/admin/tags"),
        (Role::Supervisor, "blocklist-title", "/admin/blocklist"),
        (Role::Supervisor, "nav-letters", "/admin/letters"),
        (Role::Admin, "nav-sites", "/admin/sites"),
        (Role::Admin, "crew-title", "/admin/people"),
        (Role::Admin, "roles-title", "/admin/roles"),
        (Role::Admin, "hooks-title", "/admin/webhooks"),
        (Role::Admin, "privacy-title", "/admin/privacy"),
        (Role::Admin, "audit-title", "/admin/audit"),
    ];
    let pages = pages.into_iter().filter(|(least, ..)| role >= *least);
    let pages = pages.map(|(_, key, path)| Command { name: lang.say(key), does: Does::Go(path) });
    // To be off duty hands chats over: that is asked in the menu, not done in passing.
    let standing = [Status::Available, Status::Busy, Status::Away].map(|status| Command {
        name: lang.say_with("palette-be", &[("status", lang.say(status.key()).to_arg())]),
        does: Does::Be(status),
    });
    pages.chain(standing).collect()
}

/// Every word that was typed is in the name, whatever its letter case.
fn fits(name: &str, text: &str) -> bool {
    let name = name.to_lowercase();
    text.to_lowercase().split_whitespace().all(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn every_word_that_was_typed_is_in_the_name() {
        assert!(fits("Be Available", "avail be") && fits("设为在线", "在线") && fits("Inbox", ""));
        assert!(!fits("Be Available", "away") && !fits("Inbox", "inbox now"));
    }
}
