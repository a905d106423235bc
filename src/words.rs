//! The words of staff pages, in four languages: `assets/words/LANGUAGE/*.ftl` (Project Fluent), one file a topic.
//!
//! Promises: a word that a language lacks is said in English and never fails a page, though a test fails; what a person wrote
//! keeps its own direction inside a sentence that runs the other way. May not: hold markup.

pub mod filters;
mod refusals;
mod sentence;
mod values;

pub use sentence::{Sentence, Value, legibility};

use crate::domain::people::Agent;
use crate::error::{Error, Result};
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A language that staff pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lang {
    #[default]
    #[serde(rename = "en")]
    En,
    #[serde(rename = "de")]
    De,
    #[serde(rename = "zh-CN")]
    ZhCn,
    #[serde(rename = "ar")]
    Ar,
}

impl Lang {
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::ZhCn, Self::Ar];

    /// As BCP 47 names it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::ZhCn => "zh-CN",
            Self::Ar => "ar",
        }
    }

    /// What its speakers call it.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
            Self::ZhCn => "简体中文",
            Self::Ar => "العربية",
        }
    }

    pub fn is_rtl(self) -> bool {
        self == Self::Ar
    }

    pub fn dir(self) -> &'static str {
        if self.is_rtl() { "rtl" } else { "ltr" }
    }

    /// The language of exactly this name.
    pub fn named(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }

    /// What somebody of the staff chose.
    pub fn of(agent: &Agent) -> Self {
        agent.locale.as_deref().and_then(Self::named).unwrap_or_default()
    }

    /// The first that is spoken here of what a browser's `Accept-Language` names; weights are taken to fall from left to right.
    pub fn accepted(header: &str) -> Self {
        let primary = |part: &str| part.split([';', '-', '_']).next().unwrap_or_default().trim().to_lowercase();
        let spoken = |wanted: String| Self::ALL.into_iter().find(|lang| primary(lang.tag()) == wanted);
        header.split(',').map(primary).find_map(spoken).unwrap_or_default()
    }

    pub fn say(self, key: &str) -> String {
        self.say_with(key, &[])
    }

    pub fn say_with(self, key: &str, given: &[(&str, Arg<'_>)]) -> String {
        format(self, self, key, given).or_else(|| format(Self::En, self, key, given)).unwrap_or_else(|| {
            tracing::error!(key, "a word is missing in every language");
            key.to_owned()
        })
    }

    /// The words that scripts say, as JSON that can stand in a page: a script fills `{$name}` itself.
    pub fn script_words(self) -> &'static str {
        &SCRIPTS[self as usize]
    }

    fn print_script_words(self) -> String {
        let keys = SCRIPT.lines().filter_map(|line| line.split_once(" =")).map(|(key, _)| key);
        let words: BTreeMap<_, _> = keys.map(|key| (key, self.say(key))).collect();
        serde_json::to_string(&words).unwrap_or_default().replace('<', "\\u003c")
    }
}

/// A moment, for scripts; templates print `at` for people without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    pub at: DateTime<Utc>,
    pub iso: String,
}

impl From<DateTime<Utc>> for When {
    fn from(at: DateTime<Utc>) -> Self {
        Self { at, iso: at.to_rfc3339_opts(SecondsFormat::Millis, true) }
    }
}

/// Who reads a page: in which language, and by which clock. Live updates are for many, and know no zone; there the script knows it.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    pub lang: Lang,
    pub zone: Option<Tz>,
}

impl From<Lang> for Reader {
    fn from(lang: Lang) -> Self {
        Self { lang, zone: None }
    }
}

impl askama::Value for Reader {
    fn ref_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

/// A page or a fragment of one, for a reader.
pub fn print(reader: impl Into<Reader>, page: &impl Template) -> Result<String> {
    page.render_with_values(&(filters::READER, reader.into())).map_err(Error::bug)
}

/// What a template's `|t` says.
pub trait Word {
    fn key(&self) -> &str;

    /// The values inside it.
    fn given(&self) -> Vec<(&str, Arg<'_>)> {
        Vec::new()
    }
}

impl Word for str {
    fn key(&self) -> &str {
        self
    }
}

impl<W: Word + ?Sized> Word for &W {
    fn key(&self) -> &str {
        (**self).key()
    }

    fn given(&self) -> Vec<(&str, Arg<'_>)> {
        (**self).given()
    }
}

/// A key that is carried about before it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub &'static str);

impl Word for Key {
    fn key(&self) -> &str {
        self.0
    }
}

/// A value inside a sentence.
#[derive(Clone, Debug)]
pub enum Arg<'a> {
    /// Chooses plural forms.
    Number(i64),
    Text(&'a str),
    /// Said in the same language.
    Word(&'a str),
    /// With a point, as it is written in English.
    Decimal(&'a str),
}

impl Arg<'_> {
    fn in_sentence(&self, lang: Lang) -> FluentValue<'_> {
        match self {
            Self::Number(number) => FluentValue::from(*number),
            Self::Text(text) if lang.is_rtl() || text.chars().any(is_rtl) => {
                // First strong isolate, and its end (UAX 9): the text keeps its own direction.
                FluentValue::from(format!("\u{2068}{text}\u{2069}"))
            }
            Self::Text(text) => FluentValue::from(*text),
            Self::Word(key) => FluentValue::from(lang.say(key)),
            Self::Decimal(digits) if lang == Lang::De => FluentValue::from(digits.replace('.', ",")),
            Self::Decimal(digits) => FluentValue::from(*digits),
        }
    }
}

/// Of the Hebrew, Arabic and neighbouring blocks.
fn is_rtl(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

/// What templates and code give as a value.
pub trait ToArg {
    fn to_arg(&self) -> Arg<'_>;
}

impl<T: ToArg + ?Sized> ToArg for &T {
    fn to_arg(&self) -> Arg<'_> {
        (**self).to_arg()
    }
}

impl ToArg for str {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(self)
    }
}

impl ToArg for String {
    fn to_arg(&self) -> Arg<'_> {
        self.as_str().to_arg()
    }
}

macro_rules! numbers {
    ($($kind:ty),+) => {
        $(impl ToArg for $kind {
            fn to_arg(&self) -> Arg<'_> {
                Arg::Number(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        })+
    };
}

impl ToArg for Key {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Word(self.0)
    }
}

numbers!(i16, i32, i64, u8, u16, u32, u64, usize);

fn format(lang: Lang, direction: Lang, key: &str, given: &[(&str, Arg<'_>)]) -> Option<String> {
    let bundle = &BUNDLES[lang as usize];
    let message = bundle.get_message(key)?;
    let mut args = FluentArgs::with_capacity(given.len());
    for (name, value) in given {
        args.set(*name, value.in_sentence(direction));
    }
    Some(bundle.format_pattern(message.value()?, Some(&args), &mut Vec::new()).into_owned())
}

macro_rules! topics {
    ($($topic:literal),+ $(,)?) => {
        /// Every topic's words, in the order of [`Lang::ALL`].
        const TOPICS: &[[&str; 4]] = &[$([
            include_str!(concat!("../assets/words/en/", $topic, ".ftl")),
            include_str!(concat!("../assets/words/de/", $topic, ".ftl")),
            include_str!(concat!("../assets/words/zh-CN/", $topic, ".ftl")),
            include_str!(concat!("../assets/words/ar/", $topic, ".ftl")),
        ]),+];
    };
}

topics![
    "script",
    "shell",
    "status",
    "offers",
    "inbox",
    "thread",
    "rooms",
    "roles",
    "audit",
    "privacy",
    "team",
    "wall",
    "reports",
    "tickets",
    "me",
    "palette",
    "canned",
    "macros",
    "context",
    "orders",
    "webhooks",
    "search",
    "admin",
    "admin-shop",
    "admin-widget",
    "admin-routing",
    "refusals",
    "triage",
    "collide",
    "alerts",
    "start",
    "customers",
    "visitors",
    "blocks",
];

static SCRIPTS: LazyLock<[String; 4]> = LazyLock::new(|| Lang::ALL.map(Lang::print_script_words));

/// What scripts say, in English.
const SCRIPT: &str = TOPICS[0][0];

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 4]> = LazyLock::new(|| Lang::ALL.map(bundle));

fn bundle(lang: Lang) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![lang.tag().parse().unwrap_or_default()]);
    // Isolated by `Arg::in_sentence`, and only where it is needed.
    bundle.set_use_isolating(false);
    for texts in TOPICS {
        let resource = FluentResource::try_new(texts[lang as usize].to_owned()).unwrap_or_else(|(read, errors)| {
            tracing::error!(lang = lang.tag(), ?errors, "words could not be read");
            read
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(lang = lang.tag(), ?errors, "a word is there twice");
        }
    }
    bundle
}

#[cfg(test)]
mod tests;
