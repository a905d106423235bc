//! How templates say words: `{{ "key"|t }}`, `{{ "key"|t1("name", value) }}`, `{{ "key"|t2("a", x, "b", y) }}`; and times:
//! `{{ when.at|clock }}`. The language and the zone are those of the `reader` that a page is printed for; what comes out is
//! escaped like any text.

// The shape of a filter is askama's, not ours.
#![allow(clippy::unnecessary_wraps, clippy::inline_always)]

use super::{Arg, Reader, ToArg, Word};
use askama::{Result, Values, get_value};
use chrono::{DateTime, Utc};

/// The name that the reader has among a page's values.
pub const READER: &str = "reader";

fn say(key: &str, values: &dyn Values, given: &[(&str, Arg<'_>)]) -> Result<String> {
    Ok(get_value::<Reader>(values, READER)?.lang.say_with(key, given))
}

#[askama::filter_fn]
pub fn t<K: Word>(key: K, values: &dyn Values) -> Result<String> {
    say(key.key(), values, &key.given())
}

#[askama::filter_fn]
pub fn t1<K: Word, V: ToArg>(key: K, values: &dyn Values, name: &str, value: V) -> Result<String> {
    say(key.key(), values, &[(name, value.to_arg())])
}

/// A moment as every language reads it, by the reader's own clock where it is known; scripts say it more shortly.
#[askama::filter_fn]
pub fn clock(at: &DateTime<Utc>, values: &dyn Values) -> Result<String> {
    Ok(match get_value::<Reader>(values, READER)?.zone {
        Some(zone) => at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
        None => at.format("%Y-%m-%d %H:%M UTC").to_string(),
    })
}

#[askama::filter_fn]
pub fn t2<K: Word, V: ToArg, W: ToArg>(
    key: K,
    values: &dyn Values,
    name: &str,
    value: V,
    name2: &str,
    value2: W,
) -> Result<String> {
    say(key.key(), values, &[(name, value.to_arg()), (name2, value2.to_arg())])
}
