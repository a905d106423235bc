//! What the page says, in each language.

use crate::domain::tongues::{Table, Tongue};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    pub title: &'static str,
    pub busy: &'static str,
    pub script: &'static str,
    /// `{}` is the shop's name.
    pub ask: &'static str,
    pub agree: &'static str,
    pub on_title: &'static str,
    pub on: &'static str,
    pub stop: &'static str,
    pub off_title: &'static str,
    pub off: &'static str,
    pub refused_title: &'static str,
    pub refused: &'static str,
    pub unsupported_title: &'static str,
    pub unsupported: &'static str,
    pub failed: &'static str,
    pub retry: &'static str,
    pub gone_title: &'static str,
    pub gone: &'static str,
    pub shop: &'static str,
}

static WORDS: LazyLock<Table<Words>> = LazyLock::new(|| Table::of_part("notify"));

pub fn words(locale: &str) -> &'static Tongue<Words> {
    WORDS.of(locale)
}
