//! One macro as its form holds it.

use super::Names;
use crate::console::mistake::Mistake;
use crate::console::scope::Scope;
use crate::domain::canned::unknown;
use crate::domain::id::TagId;
use crate::domain::macros::{Does, Finish, tidy_name};
use crate::domain::message::BODY_MAX;
use crate::domain::routing::Class;
use crate::domain::triage::TAGS_MAX;
use crate::store::macros::Macro;
use crate::web::form::newlines;

pub struct MacroForm {
    pub name: String,
    pub scope: Option<Scope>,
    pub does: Does,
}

impl Default for MacroForm {
    fn default() -> Self {
        Self { name: String::new(), scope: Some(Scope::Me), does: Does::default() }
    }
}

impl MacroForm {
    pub fn of(found: &Macro) -> Self {
        let scope = Some(Scope::of(found.owner_id, found.team_id));
        Self { name: found.name.clone(), scope, does: found.does.0.clone() }
    }

    pub fn read(fields: &[(String, String)]) -> Self {
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        let tags = |wanted: &str| {
            let mut tags: Vec<TagId> = Vec::new();
            for (_, id) in fields.iter().filter(|(name, _)| name == wanted) {
                match id.parse() {
                    Ok(id) if !tags.contains(&id) => tags.push(id),
                    _ => {}
                }
            }
            tags
        };
        let does = Does {
            tags: tags("tag"),
            untags: tags("untag"),
            class: Class::ALL.into_iter().find(|class| class.as_str() == field("class")),
            note: newlines(field("note")).replace('\0', "").trim().to_owned(),
            reply: field("reply").parse().ok(),
            finish: Finish::parse(field("finish")),
        };
        Self { name: tidy_name(field("name")), scope: Scope::parse(field("scope")), does }
    }

    pub fn finishes(&self, with: &str) -> bool {
        self.does.finish.as_ref().is_some_and(|finish| finish.to_string() == with)
    }

    pub fn mistakes(&self, names: &Names, may_share: bool) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut add = |field, key| mistakes.push(Mistake::at(field, key));
        let (does, is_tag) = (&self.does, |id: &TagId| names.tags.iter().any(|tag| tag.id == *id));
        if self.name.is_empty() {
            add("name", "macro-no-name");
        }
        if !self.scope.is_some_and(|scope| scope.is_allowed(&names.teams, may_share)) {
            add("scope", "canned-no-scope");
        }
        if does.is_nothing() {
            add("finish", "macro-does-nothing");
        }
        if does.note.chars().count() > BODY_MAX {
            add("note", "canned-too-long");
        }
        if unknown(&does.note).is_some() {
            add("note", "canned-unknown");
        }
        let is_torn = does.tags.iter().any(|tag| does.untags.contains(tag));
        let are_known = does.tags.iter().chain(&does.untags).all(is_tag);
        if is_torn || !are_known || does.tags.len() > TAGS_MAX || does.untags.len() > TAGS_MAX {
            add("tags", "macro-bad-tags");
        }
        if let Some(Finish::Team(id)) = &does.finish
            && !names.teams.iter().any(|team| team.id == *id)
        {
            add("finish", "macro-no-team");
        }
        if let Some(reply) = does.reply
            && !names.replies.iter().any(|(id, _)| *id == reply)
        {
            mistakes.push(Mistake::at("reply", "macro-bad-reply"));
        }
        mistakes
    }
}
