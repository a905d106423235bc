//! One reply as its form holds it.

use crate::domain::canned::{Texts, tidy_shortcut};
use crate::domain::id::{AgentId, CannedId, SiteId, TeamId};
use crate::domain::message::BODY_MAX;
use crate::domain::people::Team;
use crate::domain::widget::LANGUAGES;
use crate::store::canned::{Canned, Fresh};
use crate::web::form::newlines;
use crate::words::Key;

/// What is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub field: &'static str,
    pub word: Key,
}

impl Mistake {
    pub fn taken() -> Self {
        Self { field: "shortcut", word: Key("canned-taken") }
    }

    pub fn full() -> Self {
        Self { field: "shortcut", word: Key("canned-full") }
    }
}

/// Whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Me,
    Site,
    Team(TeamId),
}

pub struct CannedForm {
    pub shortcut: String,
    pub scope: Option<Scope>,
    /// Language and text; the last is empty, for one more.
    pub texts: Vec<(String, String)>,
}

impl CannedForm {
    pub fn empty(language: &str) -> Self {
        Self { shortcut: String::new(), scope: Some(Scope::Me), texts: vec![(language.to_owned(), String::new())] }
    }

    pub fn of(reply: &Canned) -> Self {
        let scope = match (reply.owner_id, reply.team_id) {
            (Some(_), _) => Scope::Me,
            (None, Some(team)) => Scope::Team(team),
            (None, None) => Scope::Site,
        };
        let texts = reply.texts.iter().map(|(language, text)| (language.clone(), text.clone())).collect();
        let mut form = Self { shortcut: reply.shortcut.clone(), scope: Some(scope), texts };
        form.make_room();
        form
    }

    pub fn read(fields: &[(String, String)]) -> Self {
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        let all = |name: &'static str| fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value);
        let scope = match field("scope") {
            "me" => Some(Scope::Me),
            "site" => Some(Scope::Site),
            other => other.strip_prefix("team:").and_then(|id| id.parse().ok()).map(Scope::Team),
        };
        let texts = all("language").zip(all("text"));
        let texts = texts.map(|(language, text)| (language.clone(), newlines(text).replace('\0', ""))).collect();
        let mut form = Self { shortcut: tidy_shortcut(field("shortcut")), scope, texts };
        form.texts.retain(|(_, text)| !text.trim().is_empty());
        form.make_room();
        form
    }

    /// One empty text, in a language that has none yet.
    fn make_room(&mut self) {
        let free = LANGUAGES.iter().find(|(tag, _)| self.texts.iter().all(|(known, _)| known != tag));
        self.texts.extend(free.map(|(tag, _)| ((*tag).to_owned(), String::new())));
    }

    fn written(&self) -> Texts {
        self.texts.iter().filter(|(_, text)| !text.trim().is_empty()).cloned().collect()
    }

    pub fn mistakes(&self, teams: &[Team], may_share: bool) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut add = |field, key| mistakes.push(Mistake { field, word: Key(key) });
        if self.shortcut.is_empty() {
            add("shortcut", "canned-no-shortcut");
        }
        let is_allowed = match self.scope {
            Some(Scope::Me) => true,
            Some(Scope::Site) => may_share,
            Some(Scope::Team(id)) => may_share && teams.iter().any(|team| team.id == id),
            None => false,
        };
        if !is_allowed {
            add("scope", "canned-no-scope");
        }
        let written: Vec<_> = self.texts.iter().filter(|(_, text)| !text.trim().is_empty()).collect();
        if written.is_empty() {
            add("text", "canned-no-text");
        }
        if written.iter().any(|(_, text)| text.chars().count() > BODY_MAX) {
            add("text", "canned-too-long");
        }
        let is_known = |tag: &str| LANGUAGES.iter().any(|(known, _)| *known == tag);
        if written.len() != self.written().len() || !written.iter().all(|(tag, _)| is_known(tag)) {
            add("text", "canned-twice");
        }
        mistakes
    }

    pub fn fresh(&self, id: CannedId, site: SiteId, me: AgentId) -> Fresh<'_> {
        let (team, owner) = match self.scope {
            Some(Scope::Team(team)) => (Some(team), None),
            Some(Scope::Site) => (None, None),
            Some(Scope::Me) | None => (None, Some(me)),
        };
        Fresh { id, site, team, owner, shortcut: &self.shortcut, texts: self.written() }
    }
}
