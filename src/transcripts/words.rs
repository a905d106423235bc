//! What a transcript says around the people's own words, in the languages letters are written in.

use crate::domain::tongues::{Table, Tongue};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// `{}` is the shop's name.
    pub title: &'static str,
    pub reference: &'static str,
    pub began: &'static str,
    pub ended: &'static str,
    pub rating: &'static str,
    pub zone: &'static str,
    /// Stands for a shopper who gave no name.
    pub shopper: &'static str,
    /// Stands for an agent without one.
    pub agent: &'static str,
    pub taken_back: &'static str,
    /// `{}` is the agent's name, here and in `left`.
    pub joined: &'static str,
    pub left: &'static str,
    /// `{}` is a team's or an agent's name.
    pub transferred: &'static str,
    pub closed: &'static str,
    /// `{}` is the ticket's number.
    pub ticketed: &'static str,
}

static WORDS: LazyLock<Table<Words>> = LazyLock::new(|| Table::of_part("transcript"));

/// The words for a locale such as `de-AT`; English where there are none.
pub fn of(locale: &str) -> &'static Tongue<Words> {
    WORDS.of(locale)
}
