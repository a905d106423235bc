//! The frame around every page for staff: who is signed in, where they are, what waits for them; and the files those pages use.
//!
//! Promises: every answer below it carries a fresh nonce in its Content-Security-Policy, cannot be framed or cached, and
//! failures are shown as pages in the same frame. May not know any single page.

mod guard;
pub mod kept;
pub mod offers;
mod status;

pub use guard::{fence, guard};
pub use status::{CHOICES, Menu, REASONS};

use crate::app::App;
use crate::domain::people::{Agent, Role};
use crate::error::{Error, Result};
use crate::store::desk::{self, Counts};
use crate::store::start;
use crate::web::assets::Set;
use crate::words::{self, Lang, Reader};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use offers::Offer;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

static FILES: LazyLock<Set> = LazyLock::new(|| {
    let built: BTreeMap<String, String> =
        serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/console.json"))).expect("the build wrote it");
    let icons: [(&str, &[u8]); 6] = [
        ("icon.svg", include_bytes!("../assets/icon.svg")),
        ("icon-dot.svg", include_bytes!("../assets/icon-dot.svg")),
        ("icons.svg", include_bytes!("../assets/icons.svg")),
        ("icon-192.png", include_bytes!("../assets/icon-192.png")),
        ("icon-512.png", include_bytes!("../assets/icon-512.png")),
        ("icon-whole.png", include_bytes!("../assets/icon-whole.png")),
    ];
    let icons = icons.map(|(name, text)| (name.to_owned(), Bytes::from_static(text)));
    Set::of(built.into_iter().map(|(name, text)| (name, text.into())).chain(icons).collect())
});

/// The files of staff pages, under `/assets/{hash}/`.
pub fn files() -> Router<Arc<App>> {
    Router::new().route("/assets/{hash}/{*name}", get(file))
}

async fn file(Path((hash, name)): Path<(String, String)>, headers: HeaderMap) -> Result<Response> {
    FILES.answer(&hash, &name, &headers).ok_or(Error::NotFound)
}

/// Names the build that pages and files come from.
pub fn version() -> &'static str {
    &FILES.hash
}

/// Where a page is in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Nowhere,
    Start,
    Inbox,
    Tickets,
    Customers,
    Visitors,
    Canned,
    Rooms,
    Team,
    Wall,
    Reports,
    Search,
    Letters,
    Sites,
}

/// What `console/_shell.html` prints.
#[derive(Clone, Debug)]
pub struct Shell {
    pub title: String,
    section: Section,
    pub me: Option<Me>,
    /// Names the build: pages of another build are told apart by it.
    pub version: &'static str,
    pub lang: Lang,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Me {
    pub agent: Agent,
    pub face: Face,
    pub counts: Counts,
    pub offers: Vec<Offer>,
    pub menu: Menu,
    /// How many of the first steps are done, while there is one left; for admins.
    pub start: Option<usize>,
}

impl Me {
    pub fn is_supervisor(&self) -> bool {
        self.agent.oversees()
    }

    pub fn is_admin(&self) -> bool {
        self.agent.role >= Role::Admin
    }
}

impl Shell {
    pub fn bare(lang: Lang, title: impl Into<String>) -> Self {
        Self { title: title.into(), section: Section::Nowhere, me: None, version: version(), lang }
    }

    pub async fn of(app: &App, agent: &Agent, section: Section, title: impl Into<String>) -> Result<Self> {
        let counts = desk::counts(&app.db.read, agent.id, agent.role).await?;
        let menu = Menu::of(agent, counts.mine);
        let offers = offers::ringing_at(app, Lang::of(agent), agent.id).await?;
        let start = first_steps(app, agent).await?;
        let me = Me { agent: agent.clone(), face: Face::of(&agent.name), counts, offers, menu, start };
        Ok(Self { section, me: Some(me), ..Self::bare(Lang::of(agent), title) })
    }

    /// The time zone that times are shown in; else the browser's.
    pub fn zone(&self) -> Option<&str> {
        self.me.as_ref()?.agent.zone.as_deref()
    }

    pub fn enter_sends(&self) -> bool {
        self.me.as_ref().is_none_or(|me| me.agent.prefs.enter_sends)
    }

    /// What pages tell their scripts of how somebody likes them: the sounds that are heard.
    pub fn sounds(&self) -> String {
        self.me.as_ref().map(|me| me.agent.prefs.sounds.join(" ")).unwrap_or_default()
    }

    /// `off`, `on`, or `discreet`: whether the browser shows notifications, and what of.
    pub fn notifies(&self) -> &'static str {
        match self.me.as_ref().map(|me| &me.agent.prefs) {
            Some(prefs) if prefs.notifies && prefs.is_discreet => "discreet",
            Some(prefs) if prefs.notifies => "on",
            _ => "off",
        }
    }

    pub fn is_start(&self) -> bool {
        self.section == Section::Start
    }

    pub fn is_inbox(&self) -> bool {
        self.section == Section::Inbox
    }

    pub fn is_tickets(&self) -> bool {
        self.section == Section::Tickets
    }

    pub fn is_customers(&self) -> bool {
        self.section == Section::Customers
    }

    pub fn is_visitors(&self) -> bool {
        self.section == Section::Visitors
    }

    pub fn is_canned(&self) -> bool {
        self.section == Section::Canned
    }

    pub fn is_rooms(&self) -> bool {
        self.section == Section::Rooms
    }

    pub fn is_team(&self) -> bool {
        self.section == Section::Team
    }

    pub fn is_wall(&self) -> bool {
        self.section == Section::Wall
    }

    pub fn is_reports(&self) -> bool {
        self.section == Section::Reports
    }

    /// The page that searches has a field of its own.
    pub fn is_search(&self) -> bool {
        self.section == Section::Search
    }

    pub fn is_letters(&self) -> bool {
        self.section == Section::Letters
    }

    pub fn is_sites(&self) -> bool {
        self.section == Section::Sites
    }
}

/// A person without a picture: two letters on one of six colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    pub letters: String,
    pub color: u8,
}

impl Face {
    pub fn of(name: &str) -> Self {
        let letters: String =
            name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric())).take(2).collect();
        let letters = if letters.is_empty() { "·".to_owned() } else { letters.to_uppercase() };
        let sum = name.bytes().fold(0_u8, u8::wrapping_add);
        Self { letters, color: sum % 6 }
    }
}

async fn first_steps(app: &App, agent: &Agent) -> Result<Option<usize>> {
    if agent.role < Role::Admin {
        return Ok(None);
    }
    let facts = start::facts(&app.db.read).await?;
    Ok((!facts.is_complete()).then(|| facts.done()))
}

/// A page, printed.
pub fn print(reader: impl Into<Reader>, status: StatusCode, page: &impl Template) -> Result<Response> {
    Ok((status, Html(words::print(reader, page)?)).into_response())
}

#[cfg(test)]
mod tests {
    use super::Face;

    #[test]
    fn a_face_is_two_letters_of_any_script() {
        let letters = |name| Face::of(name).letters;
        assert_eq!(letters("Li Wei"), "LW");
        assert_eq!(letters("ana"), "A");
        assert_eq!(letters("李 伟"), "李伟");
        assert_eq!(letters("<script> \"x\""), "SX");
        assert_eq!(letters("🙂"), "·");
    }
}
