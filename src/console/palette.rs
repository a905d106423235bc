//! The palette: what can be done to what is open, conversations, customers, colleagues and pages by a few letters of their
//! names.

use super::keys;
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::id::{AgentId, ShopperId};
use crate::domain::people::{Role, Status};
use crate::error::Result;
use crate::search::query::Query as Words;
use crate::shell::print;
use crate::store::customers::{self, Customer};
use crate::store::desk::{self, Found};
use crate::store::search::Failure;
use crate::words::{Key, Lang, ToArg, Word, filters};
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
    /// Single keys that do something on the page below.
    #[serde(default)]
    keys: String,
}

#[derive(Template)]
#[template(path = "console/_palette.html")]
struct Palette {
    chats: Vec<Found>,
    customers: Vec<Person>,
    /// Colleagues and commands, each kind with its name.
    groups: [(&'static str, Key, Vec<Command>); 2],
    /// Where everything is searched for what was typed, and that.
    search: Option<(String, String)>,
    count: usize,
}

/// Whoever wrote once, with or without an open conversation.
struct Person {
    id: ShopperId,
    name: String,
    email: Option<String>,
    site: String,
}

struct Command {
    name: String,
    does: Does,
}

enum Does {
    Go(String),
    Be(Status),
    /// What this key does on the page.
    Press(&'static str),
    /// Opens the talk with a colleague.
    Write(AgentId),
}

pub async fn find(State(app): State<Arc<App>>, who: SignedIn, Query(asked): Query<Asked>) -> Result<Response> {
    let text: String = asked.q.trim().chars().filter(|c| *c != '\0').take(TEXT_MAX).collect();
    let (lang, agent) = (who.lang(), &who.agent);
    let mut commands = commands(lang, agent.role, &asked.keys);
    commands.retain(|command| fits(&command.name, &text));
    let chats = desk::find(&app.db.read, (agent.id, agent.role), &text, MOST).await?;
    let customers = customers(&app, &who, &text).await?;
    let staff = staff(&app, &who, &text).await?;
    let search = (!text.is_empty()).then(|| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", &text).finish();
        (format!("/console/search?{query}"), text)
    });
    let count = commands.len() + chats.len() + customers.len() + staff.len();
    let groups = [("s", Key("palette-staff"), staff), ("k", Key("palette-commands"), commands)];
    print(lang, StatusCode::OK, &Palette { chats, customers, groups, search, count })
}

/// As the customers' page finds them. Where that takes too long, the rest is shown without them.
async fn customers(app: &App, who: &SignedIn, text: &str) -> Result<Vec<Person>> {
    let Ok(words) = Words::parse(text) else { return Ok(Vec::new()) };
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let found = match customers::found(&app.db.read, (who.agent.id, who.agent.role), &words.text, None, most).await {
        Ok(found) => found,
        Err(Failure::TooSlow) => return Ok(Vec::new()),
        Err(Failure::Other(error)) => return Err(error),
    };
    let person = |one: Customer| {
        let name = if one.name.is_empty() { who.lang().say("visitor") } else { one.name };
        Person { id: one.shopper_id, name, email: one.email, site: one.site_name }
    };
    Ok(found.into_iter().map(person).collect())
}

/// Colleagues to write to; for whoever oversees them, their page too.
async fn staff(app: &App, who: &SignedIn, text: &str) -> Result<Vec<Command>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut staff = Vec::new();
    for (id, name, can_be_written_to) in
        desk::find_staff(&app.db.read, (who.agent.id, who.agent.role), text, MOST).await?
    {
        if can_be_written_to {
            let name = who.lang().say_with("rooms-write-to", &[("name", name.as_str().to_arg())]);
            staff.push(Command { name, does: Does::Write(id) });
        }
        if who.agent.oversees() {
            staff.push(Command { name, does: Does::Go(format!("/console/wall/{id}")) });
        }
    }
    Ok(staff)
}

fn commands(lang: Lang, role: Role, in_sight: &str) -> Vec<Command> {
    let acts = keys::acts(in_sight).map(|(key, name)| Command { name: lang.say(name.0), does: Does::Press(key) });
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
    let pages = pages.map(|(_, key, path)| Command { name: lang.say(key), does: Does::Go(path.to_owned()) });
    // To be off duty hands chats over: that is asked in the menu, not done in passing.
    let standing = [Status::Available, Status::Busy, Status::Away].map(|status| Command {
        name: lang.say_with("palette-be", &[("status", lang.say(status.key()).to_arg())]),
        does: Does::Be(status),
    });
    acts.chain(pages).chain(standing).collect()
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
