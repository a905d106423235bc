//! How templates say words: `{{ "key"|t }}`, `{{ "key"|t1("name", value) }}`, `{{ "key"|t2("a", x, "b", y) }}`. The language
//! is the value `lang` that a page is printed with; what comes out is escaped like any text.

// The shape of a filter is askama's, not ours.
#![allow(clippy::unnecessary_wraps, clippy::inline_always)]

use super::{Arg, Lang, ToArg, Word};
use askama::{Result, Values, get_value};

/// The name that the language has among a page's values.
pub const LANG: &str = "lang";

fn say(key: &str, values: &dyn Values, given: &[(&str, Arg<'_>)]) -> Result<String> {
    Ok(get_value::<Lang>(values, LANG)?.say_with(key, given))
}

#[askama::filter_fn]
pub fn t<K: Word>(key: K, values: &dyn Values) -> Result<String> {
    say(key.key(), values, &key.given())
}

#[askama::filter_fn]
pub fn t1<K: Word, V: ToArg>(key: K, values: &dyn Values, name: &str, value: V) -> Result<String> {
    say(key.key(), values, &[(name, value.to_arg())])
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
