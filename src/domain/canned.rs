//! Replies that are ready: which language is taken, and what stands in for `{customer.name}` and the like.

use std::collections::BTreeMap;

/// Longest shortcut, in characters.
pub const SHORTCUT_MAX: usize = 40;
/// Most replies of one shop, its teams and its people together.
pub const MOST: i64 = 2_000;

/// What may stand in a text, with what it means; filled in when the reply is taken.
pub const VARIABLES: [&str; 6] =
    ["customer.name", "customer.email", "agent.name", "site.name", "order.number", "ticket.number"];

/// The texts of one reply, by language.
pub type Texts = BTreeMap<String, String>;

/// The text for this locale: of the language itself, of its family, of the shop, English, or whatever there is.
pub fn text_for<'a>(texts: &'a Texts, locale: &str, shop: &str) -> Option<&'a str> {
    let family = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_lowercase();
    let exact = |wanted: &str| texts.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(wanted));
    let related = |wanted: &str| texts.iter().find(|(tag, _)| family(tag) == family(wanted));
    let found = [locale, shop, "en"].iter().find_map(|wanted| exact(wanted).or_else(|| related(wanted)));
    found.or_else(|| texts.iter().next()).map(|(_, text)| text.as_str())
}

/// Fills in what is known. What is not stays as it is written, and keeps the message from being sent.
pub fn fill(text: &str, known: &BTreeMap<&'static str, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        filled.push_str(before);
        let name = from.find('}').map(|close| &from[1..close]);
        let value = name.and_then(|name| Some((name, known.get(name).filter(|value| !value.is_empty())?)));
        if let Some((name, value)) = value {
            filled.push_str(value);
            rest = &from[name.len() + 2..];
        } else {
            filled.push('{');
            rest = &from[1..];
        }
    }
    filled + rest
}

/// The first name in braces that was not filled in: a variable, or one that is written like one, be it mistyped.
pub fn unfilled(text: &str) -> Option<&str> {
    names(text).next()
}

/// The first that nothing is filled in for, ever.
pub fn unknown(text: &str) -> Option<&str> {
    names(text).find(|name| !VARIABLES.contains(name))
}

/// Two words with a dot between them, in braces.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let inside = text.split('{').skip(1).filter_map(|from| from.split_once('}')).map(|(name, _)| name);
    inside.filter(move |name| name.split_once('.').is_some_and(|(of, what)| is_word(of) && is_word(what)))
}

/// As it is kept: without the slash that calls it, without blanks.
pub fn tidy_shortcut(raw: &str) -> String {
    let word: String = raw.trim().trim_start_matches('/').split_whitespace().collect::<Vec<_>>().join("-");
    word.replace('/', "-").chars().filter(|c| !c.is_control()).take(SHORTCUT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::{Texts, fill, text_for, tidy_shortcut, unfilled, unknown};
    use std::collections::BTreeMap;

    #[test]
    fn the_language_of_the_conversation_comes_first_and_then_the_shops() {
        let texts: Texts = [("de", "Hallo"), ("zh-CN", "您好"), ("en", "Hello")]
            .map(|(tag, text)| (tag.to_owned(), text.to_owned()))
            .into();
        let cases = [("de-AT", "en", "Hallo"), ("zh-TW", "de", "您好"), ("fr", "de", "Hallo"), ("fr", "it", "Hello")];
        for (locale, shop, said) in cases {
            assert_eq!(text_for(&texts, locale, shop), Some(said), "{locale} {shop}");
        }
        let one: Texts = [("ja".to_owned(), "はい".to_owned())].into();
        assert_eq!(text_for(&one, "fr", "it"), Some("はい"));
        assert_eq!(text_for(&Texts::new(), "fr", "it"), None);
    }

    #[test]
    fn what_is_known_is_filled_in_and_what_is_not_is_named() {
        let known =
            BTreeMap::from([("customer.name", "李 {agent.name}".to_owned()), ("customer.email", String::new())]);
        let filled = fill("Hi {customer.name}, {customer.email} {x {y} { {customer.name}", &known);
        assert_eq!(filled, "Hi 李 {agent.name}, {customer.email} {x {y} { 李 {agent.name}");
        assert_eq!(unfilled("a {site.name} {customer.email}"), Some("site.name"));
        assert_eq!(unfilled("{ customer.name } {nothing} {} {a.b.c} {1.5} {x {y} if (a) {b.c()}"), None);
        assert_eq!(unfilled("Dear {custmer.name},"), Some("custmer.name"));
        assert_eq!((unknown("{agent.name} {agent.phone}"), unknown("{site.name}")), (Some("agent.phone"), None));
    }

    #[test]
    fn a_shortcut_is_one_word_without_its_slash() {
        assert_eq!(tidy_shortcut(" /opening  hours "), "opening-hours");
        assert_eq!(tidy_shortcut("//a/b"), "a-b");
        assert_eq!(tidy_shortcut(&"长".repeat(90)).chars().count(), 40);
    }
}
