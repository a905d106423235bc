//! What a form sent, and what is wrong with it.

use crate::domain::people::tidy_name;
use crate::words::{Key, Sentence};
use std::collections::BTreeMap;
use std::fmt::Display;

/// A mistake by its field, saying what would be right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(BTreeMap<String, Sentence>);

impl Mistakes {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn add(&mut self, field: impl Into<String>, mistake: Sentence) {
        self.0.insert(field.into(), mistake);
    }

    pub fn of(&self, field: impl AsRef<str>) -> Option<&Sentence> {
        self.0.get(field.as_ref())
    }

    pub fn has(&self, field: impl AsRef<str>) -> bool {
        self.0.contains_key(field.as_ref())
    }

    /// The value, or its mistake noted.
    pub fn note<T>(&mut self, field: impl Into<String>, parsed: Result<T, Sentence>) -> Option<T> {
        parsed.map_err(|mistake| self.add(field, mistake)).ok()
    }

    #[cfg(test)]
    pub fn fields(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

/// The fields of a form as they were sent.
pub struct Sent<'a>(pub &'a [(String, String)]);

impl Sent<'_> {
    /// Trimmed; empty where it was not sent.
    pub fn text(&self, name: impl AsRef<str>) -> String {
        let found = self.0.iter().find(|(key, _)| key == name.as_ref());
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    }

    /// A ticked box.
    pub fn has(&self, name: impl AsRef<str>) -> bool {
        self.0.iter().any(|(key, _)| key == name.as_ref())
    }

    /// How many rows were sent, told by a field that each has.
    pub fn rows(&self, prefix: &str, most: usize) -> usize {
        self.0.iter().filter(|(key, _)| key.starts_with(prefix)).count().min(most)
    }
}

/// One choice of several.
pub struct Choice {
    pub value: String,
    /// What it is called in the reader's language; else by its name.
    pub word: Option<Key>,
    pub name: String,
    pub is_chosen: bool,
}

impl Choice {
    pub fn of(value: impl Display, word: Key, chosen: &str) -> Self {
        Self { word: Some(word), ..Self::named(value, "", chosen) }
    }

    /// Called the same in every language.
    pub fn named(value: impl Display, name: impl Into<String>, chosen: &str) -> Self {
        let value = format!("{value}");
        Self { is_chosen: value == chosen, value, word: None, name: name.into() }
    }
}

/// Longest name of a skill, in characters, and most skills in one field.
const SKILL_MAX: usize = 50;
const SKILLS_MAX: usize = 20;

/// Skills, separated by commas, each once.
pub fn skills(text: &str) -> Result<Vec<String>, Sentence> {
    let mut skills: Vec<String> = Vec::new();
    for skill in text.split(',').map(tidy_name).filter(|skill| !skill.is_empty()) {
        if skill.chars().count() > SKILL_MAX {
            return Err(Sentence::of("mistake-skill-long").with("skill", skill).with("most", SKILL_MAX));
        }
        if !skills.iter().any(|known| known.eq_ignore_ascii_case(&skill)) {
            skills.push(skill);
        }
    }
    if skills.len() > SKILLS_MAX {
        return Err(Sentence::of("mistake-skills").with("most", SKILLS_MAX));
    }
    Ok(skills)
}

/// A whole number within bounds.
pub fn number(text: &str, least: u32, most: u32) -> Result<u32, Sentence> {
    let number = text.parse::<u32>().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| Sentence::of("mistake-number").with("least", least).with("most", most))
}

#[cfg(test)]
mod tests {
    use super::{number, skills};
    use crate::words::Lang;

    #[test]
    fn skills_are_told_apart_by_commas_and_named_once() {
        assert_eq!(skills(" returns, Wine ,,wine").unwrap(), ["returns", "Wine"]);
        assert!(skills(&"x".repeat(51)).unwrap_err().say(Lang::En).contains("50 characters"));
        let many: Vec<_> = (0..21).map(|n| n.to_string()).collect();
        assert!(skills(&many.join(",")).is_err());
    }

    #[test]
    fn a_number_stays_within_its_bounds() {
        assert_eq!(number("7", 0, 7), Ok(7));
        for bad in ["8", "-1", "1.5", "", "seven"] {
            let mistake = number(bad, 0, 7).unwrap_err().say(Lang::En);
            assert_eq!(mistake, "Write a whole number from 0 to 7.", "{bad}");
        }
    }
}
