//! One reply as its form holds it.

use crate::console::mistake::Mistake;
use crate::console::scope::Scope;
use crate::domain::canned::{Texts, tidy_shortcut, unknown};
use crate::domain::file::size_in_words;
use crate::domain::id::{AgentId, CannedId, FileId, SiteId};
use crate::domain::message::BODY_MAX;
use crate::domain::people::Team;
use crate::domain::widget::LANGUAGES;
use crate::store::canned::{Canned, Fresh};
use crate::store::files::Kept;
use crate::web::form::newlines;

/// A file that goes with the reply, or is about to.
pub struct Attachment {
    pub id: FileId,
    pub name: String,
    pub size: String,
    /// Uploaded with this form, which was not saved yet.
    pub is_new: bool,
    pub is_dropped: bool,
}

pub struct CannedForm {
    pub shortcut: String,
    pub scope: Option<Scope>,
    /// Language and text; the last is empty, for one more.
    pub texts: Vec<(String, String)>,
    pub files: Vec<Attachment>,
    added: Vec<FileId>,
    dropped: Vec<FileId>,
}

impl CannedForm {
    pub fn empty(language: &str) -> Self {
        Self {
            shortcut: String::new(),
            scope: Some(Scope::Me),
            texts: vec![(language.to_owned(), String::new())],
            ..Self::none()
        }
    }

    fn none() -> Self {
        Self {
            shortcut: String::new(),
            scope: None,
            texts: Vec::new(),
            files: Vec::new(),
            added: Vec::new(),
            dropped: Vec::new(),
        }
    }

    /// The files: those that go with it already, and those that were uploaded for it.
    pub fn show(&mut self, kept: &[Kept], uploaded: &[Kept]) {
        self.added.retain(|id| uploaded.iter().any(|new| new.file.id == *id));
        let all = kept.iter().map(|file| (file, false)).chain(uploaded.iter().map(|file| (file, true)));
        let shown = all.map(|(Kept { file, .. }, is_new)| Attachment {
            id: file.id,
            name: file.name.clone(),
            size: size_in_words(file.size),
            is_new,
            is_dropped: self.dropped.contains(&file.id),
        });
        self.files = shown.collect();
    }

    pub fn added(&self) -> &[FileId] {
        &self.added
    }

    pub fn of(reply: &Canned) -> Self {
        let texts = reply.texts.iter().map(|(language, text)| (language.clone(), text.clone())).collect();
        let scope = Some(Scope::of(reply.owner_id, reply.team_id));
        let mut form = Self { shortcut: reply.shortcut.clone(), scope, texts, ..Self::none() };
        form.make_room();
        form
    }

    pub fn read(fields: &[(String, String)], files: &[FileId]) -> Self {
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        let all = |name: &'static str| fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value);
        let texts = all("language").zip(all("text"));
        let texts = texts.map(|(language, text)| (language.clone(), newlines(text).replace('\0', ""))).collect();
        let ids = |name| all(name).filter_map(|id| id.parse().ok());
        let mut form = Self {
            shortcut: tidy_shortcut(field("shortcut")),
            scope: Scope::parse(field("scope")),
            texts,
            added: ids("added").chain(files.iter().copied()).collect(),
            dropped: ids("drop").collect(),
            ..Self::none()
        };
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

    pub fn mistakes(&self, teams: &[Team], may_share: bool, most: usize) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut add = |field, key| mistakes.push(Mistake::at(field, key));
        if self.shortcut.is_empty() {
            add("shortcut", "canned-no-shortcut");
        }
        if !self.scope.is_some_and(|scope| scope.is_allowed(teams, may_share)) {
            add("scope", "canned-no-scope");
        }
        let written: Vec<_> = self.texts.iter().filter(|(_, text)| !text.trim().is_empty()).collect();
        if written.is_empty() {
            add("text", "canned-no-text");
        }
        if self.files.iter().filter(|file| !file.is_dropped).count() > most {
            add("files", "canned-too-many-files");
        }
        if written.iter().any(|(_, text)| text.chars().count() > BODY_MAX) {
            add("text", "canned-too-long");
        }
        if written.iter().any(|(_, text)| unknown(text).is_some()) {
            add("text", "canned-unknown");
        }
        let is_known = |tag: &str| LANGUAGES.iter().any(|(known, _)| *known == tag);
        if written.len() != self.written().len() || !written.iter().all(|(tag, _)| is_known(tag)) {
            add("text", "canned-twice");
        }
        mistakes
    }

    pub fn fresh(&self, id: CannedId, site: SiteId, me: AgentId) -> Fresh<'_> {
        let (team, owner) = self.scope.unwrap_or(Scope::Me).kept(me);
        let (added, dropped) = ((me, self.added.as_slice()), self.dropped.as_slice());
        Fresh { id, site, team, owner, shortcut: &self.shortcut, texts: self.written(), added, dropped }
    }
}
