//! What an owner may set about the widget: how it looks, what it says in which language, whom it invites, what it tells of a visit.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Appearance {
    pub color: String,
    /// What is written on the colour; chosen by the server so that it can be read.
    pub on_color: String,
    pub side: String,
    pub x: u16,
    pub y: u16,
    pub z: i32,
    pub locale: String,
    pub scheme: String,
    pub email: Option<String>,
    /// Wait for the shop's `consent(true)` before anything is stored.
    pub consent: bool,
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            color: "#0f5fd7".into(),
            on_color: "#ffffff".into(),
            side: "right".into(),
            x: 20,
            y: 20,
            z: 2_147_483_000,
            locale: "en".into(),
            scheme: "auto".into(),
            email: None,
            consent: false,
        }
    }
}

/// What agents see of the way through the shop. Nothing of it leaves the browser before there is a chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trail {
    Off,
    /// The pages that led to the chat.
    OnChat,
    /// Those, and where the shopper goes while it lasts.
    #[default]
    Live,
}

impl Trail {
    pub const ALL: [Self; 3] = [Self::Off, Self::OnChat, Self::Live];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::OnChat => "on-chat",
            Self::Live => "live",
        }
    }
}

/// The shop's own words in one language; what is empty is said in Deskbell's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    pub greeting: String,
    pub away: String,
    pub label: String,
    pub invitation: String,
}

/// Words by language tag. The same language and region, else the same language.
pub fn in_language<'a, T>(by_tag: &'a BTreeMap<String, T>, wanted: &str) -> Option<&'a T> {
    let language = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let exact = by_tag.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(wanted));
    exact.or_else(|| by_tag.iter().find(|(tag, _)| language(tag) == language(wanted))).map(|(_, found)| found)
}

/// When to invite; all of it must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// A path such as `/cart` or `/shoes/*`; empty is every page.
    pub page: String,
    /// Since the page was loaded, and since the visit began, in seconds.
    pub page_s: u32,
    pub visit_s: u32,
    /// What the cart is worth, in whole units of its currency, and how many lines it has.
    pub worth: u32,
    pub items: u32,
    /// Only who has chatted before in this browser.
    pub returning: bool,
}

/// Nobody is invited in the first seconds, whatever a rule says.
pub const INVITE_AFTER_S: u32 = 8;

impl Rule {
    /// The condition in the browser's language, of the cart `c`, the page's age in milliseconds `t`, the token `k` and the
    /// visit's age `v`. Nothing an owner wrote stands in it but as the text of a pattern.
    pub fn condition(&self) -> String {
        let mut parts = vec![format!("t>={}", 1000 * self.page_s.max(INVITE_AFTER_S))];
        if !self.page.is_empty() {
            let pattern = format!("^{}/?$", regex_of(&self.page));
            parts.push(format!("RegExp({}).test(location.pathname)", script_text(&pattern)));
        }
        if self.visit_s > 0 {
            parts.push(format!("v>={}", 1000 * self.visit_s));
        }
        if self.worth > 0 {
            parts.push(format!("c.total>={}", self.worth));
        }
        if self.items > 0 {
            parts.push(format!("c.items?.length>={}", self.items));
        }
        if self.returning {
            parts.push("k".into());
        }
        parts.join("&&")
    }

    /// The page's age at which time may make it true, in milliseconds.
    pub fn due_ms(&self) -> u32 {
        1000 * self.page_s.max(INVITE_AFTER_S)
    }
}

/// A path with `*` for anything, as a regular expression. Compared as browsers write paths.
fn regex_of(path: &str) -> String {
    let literal = |part: &str| {
        let escaped: Vec<_> =
            part.chars()
                .map(|c| {
                    if c.is_alphanumeric() || c == '/' || c == '%' || c == '_' {
                        c.to_string()
                    } else {
                        format!("\\{c}")
                    }
                })
                .collect();
        escaped.concat()
    };
    path.trim_end_matches('/').split('*').map(literal).collect::<Vec<_>>().join(".*")
}

/// A text as a literal that ends neither itself nor its element.
pub fn script_text(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// What is taken out of a query for the trail, as a regular expression: everything but the named parameters.
pub fn strip(kept: &[String]) -> Option<String> {
    if kept.is_empty() {
        return None;
    }
    let names: Vec<_> = kept.iter().map(|name| name.replace('.', "\\.")).collect();
    let names = names.join("|");
    Some(format!("^\\?(?!(?:.*&)?(?:{names})=).*|(?<=[?&])(?!(?:{names})=)[^&]*(?:&|$)"))
}

/// Whether a query parameter may be named in [`strip`].
pub fn is_parameter(name: &str) -> bool {
    !name.is_empty() && name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// The languages the widget speaks, as their speakers call them.
pub const LANGUAGES: [(&str, &str); 12] = [
    ("en", "English"),
    ("zh-CN", "简体中文"),
    ("zh-TW", "繁體中文"),
    ("es", "Español"),
    ("pt-BR", "Português (Brasil)"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("ru", "Русский"),
    ("ar", "العربية"),
];

/// A language tag as browsers state it, such as `de` or `zh-CN`.
pub fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let is_first = parts
        .next()
        .is_some_and(|first| (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic()));
    is_first && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::{Rule, in_language, regex_of, script_text, strip};
    use std::collections::BTreeMap;

    #[test]
    fn words_are_found_by_tag_or_language() {
        let words: BTreeMap<_, _> = [("de", 1), ("zh-CN", 2), ("zh-TW", 3)].map(|(tag, n)| (tag.to_owned(), n)).into();
        let find = |tag| in_language(&words, tag).copied();
        assert_eq!(
            (find("de-AT"), find("ZH-tw"), find("zh-HK"), find("fr"), find("")),
            (Some(1), Some(3), Some(2), None, None)
        );
    }

    #[test]
    fn a_rule_is_one_condition() {
        let rule = Rule { page: "/cart/*".into(), page_s: 20, worth: 50, returning: true, ..Rule::default() };
        assert_eq!(rule.condition(), r#"t>=20000&&RegExp("^/cart/.*/?$").test(location.pathname)&&c.total>=50&&k"#);
        assert_eq!(Rule::default().condition(), "t>=8000");
    }

    #[test]
    fn nothing_an_owner_writes_runs() {
        assert_eq!(regex_of("/a.b(c)"), r"/a\.b\(c\)");
        assert_eq!(script_text("\"</script>\u{2028}"), r#""\"\u003c/script>\u2028""#);
        let rule = Rule { page: "/\");alert(1)//".into(), ..Rule::default() };
        assert!(!rule.condition().contains("\");alert"), "{}", rule.condition());
    }

    #[test]
    fn a_query_is_stripped_but_for_what_is_named() {
        assert_eq!(strip(&[]), None);
        let pattern = strip(&["q".into(), "a.b".into()]).unwrap();
        assert!(pattern.contains(r"(?:q|a\.b)="));
    }
}
