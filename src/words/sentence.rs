//! A sentence that is carried about before it is said, with the values inside it.

use super::{Arg, Key, Lang, ToArg, Word};
use crate::domain::contrast::{self, Color, WHITE};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    key: &'static str,
    given: Vec<(&'static str, Value)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Chooses plural forms.
    Number(i64),
    Text(String),
    /// Said in the same language.
    Word(Key),
    /// With a point, as it is written in English.
    Decimal(String),
}

impl Sentence {
    pub fn of(key: &'static str) -> Self {
        Self { key, given: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.given.push((name, value.into()));
        self
    }

    pub fn say(&self, lang: Lang) -> String {
        lang.say_with(self.key, &self.given())
    }
}

impl Word for Sentence {
    fn key(&self) -> &str {
        self.key
    }

    fn given(&self) -> Vec<(&str, Arg<'_>)> {
        self.given.iter().map(|(name, value)| (*name, value.to_arg())).collect()
    }
}

impl ToArg for Value {
    fn to_arg(&self) -> Arg<'_> {
        match self {
            Self::Number(number) => Arg::Number(*number),
            Self::Text(text) => Arg::Text(text),
            Self::Word(key) => Arg::Word(key.0),
            Self::Decimal(digits) => Arg::Decimal(digits),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        Self::Word(key)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// What is written on a colour, and whether the launcher stands out from light and dark pages.
pub fn legibility(color: Color) -> Vec<Sentence> {
    let on = color.text();
    let ratio = |ratio: f64| Value::Decimal(format!("{ratio:.1}"));
    let name = if on == WHITE { Key("contrast-on-white") } else { Key("contrast-on-black") };
    let written = Sentence::of("contrast-written").with("color", color.to_string()).with("name", name);
    let written =
        written.with("ratio", ratio(color.contrast(on))).with("needed", Value::Decimal(contrast::TEXT.to_string()));
    let pages = [("contrast-page-white", WHITE), ("contrast-page-black", contrast::BLACK)];
    let hidden = pages.into_iter().filter(|(_, page)| color.contrast(*page) < contrast::CONTROL);
    let hard = hidden.map(|(key, page)| {
        Sentence::of(key)
            .with("ratio", ratio(color.contrast(page)))
            .with("needed", Value::Decimal(contrast::CONTROL.to_string()))
    });
    std::iter::once(written).chain(hard).collect()
}
