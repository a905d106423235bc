//! What letters say, in each language.

use crate::domain::tongues::{Table, Tongue};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// `{}` is the shop's name.
    pub copy: &'static str,
    pub copy_asked_for: &'static str,
    pub request: &'static str,
    pub received: &'static str,
    pub number: &'static str,
    pub shop: &'static str,
    /// `{}` is the shop's name.
    pub next: &'static str,
    pub you_wrote: &'static str,
    pub not_you: &'static str,
    pub agent: &'static str,
    pub turn: &'static str,
    /// `{}` is the shop's name.
    pub turn_wait: &'static str,
    pub turn_back: &'static str,
    pub turn_kept: &'static str,
    pub turn_alone: &'static str,
    /// `{}` is the shop's name.
    pub answered: &'static str,
    /// `{}` is the shop's name.
    pub answered_away: &'static str,
    pub answered_back: &'static str,
    pub answered_shop: &'static str,
    pub answered_ended: &'static str,
    pub answered_alone: &'static str,
    pub answered_why: &'static str,
}

static WORDS: LazyLock<Table<Words>> = LazyLock::new(|| Table::of_part("letters"));

/// The words for a locale such as `de-AT`; English where there are none.
pub fn of(locale: &str) -> &'static Tongue<Words> {
    WORDS.of(locale)
}
