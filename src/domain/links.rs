//! Which stretches of a text are web addresses that can be followed. Nothing here is markup: a template prints each part as
//! text, and a link's address too.

use url::Url;

/// Most links of one text; what comes after them stays plain.
const LINKS_MAX: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub text: String,
    pub is_link: bool,
}

/// The text in order, and all of it.
pub fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, link, after)) = next(rest).filter(|_| parts.len() < 2 * LINKS_MAX) {
        parts.push(Part { text: before.to_owned(), is_link: false });
        parts.push(Part { text: link.to_owned(), is_link: true });
        rest = after;
    }
    parts.push(Part { text: rest.to_owned(), is_link: false });
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// Only the web: no other scheme can be followed.
pub fn is_web(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The next address, with what stands before and after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices("://").find_map(|(colon, _)| {
        let start = colon - scheme_before(&text[..colon])?;
        let length = text[start..].find(ends_address).unwrap_or(text.len() - start);
        let link = without_punctuation(&text[start..start + length]);
        is_web(link).then(|| (&text[..start], link, &text[start + link.len()..]))
    })
}

/// How long the scheme is that the text ends with, if it is a word of its own.
fn scheme_before(text: &str) -> Option<usize> {
    ["https", "http"].iter().map(|scheme| scheme.len()).find(|length| {
        let Some((before, scheme)) = text.len().checked_sub(*length).and_then(|at| text.split_at_checked(at)) else {
            return false;
        };
        matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https")
            && !before.ends_with(|c: char| c.is_ascii_alphanumeric())
    })
}

/// Blanks, quotes, the punctuation of scripts that write without blanks, and marks that turn a text's direction, which
/// would make an address look like another one.
fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        || "<>\"'`“”‘’«»，。、；：！？（）《》「」【】،؛؟".contains(c)
}

/// What closes the sentence around an address is not part of it; a bracket that it opened itself is.
fn without_punctuation(mut link: &str) -> &str {
    while let Some(last) = link.chars().next_back() {
        let opening = match last {
            '.' | ',' | ':' | ';' | '!' | '?' | '*' | '_' | '…' => None,
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            _ => break,
        };
        let is_own = |opening| link.matches(last).count() <= link.matches::<char>(opening).count();
        if opening.is_some_and(is_own) {
            break;
        }
        link = &link[..link.len() - last.len_utf8()];
    }
    link
}

#[cfg(test)]
mod tests {
    use super::{LINKS_MAX, parts};

    fn links(text: &str) -> Vec<String> {
        let parts = parts(text);
        assert_eq!(parts.iter().map(|part| part.text.as_str()).collect::<String>(), text, "all of it, in order");
        parts.into_iter().filter(|part| part.is_link).map(|part| part.text).collect()
    }

    #[test]
    fn web_addresses_become_links_without_the_punctuation_around_them() {
        let cases = [
            ("see https://shop.example/help.", "https://shop.example/help"),
            ("(http://shop.example/a?b=1&c=2#d)!", "http://shop.example/a?b=1&c=2#d"),
            ("https://shop.example/Lamp_(desk), or not", "https://shop.example/Lamp_(desk)"),
            ("HTTPS://Shop.example/A", "HTTPS://Shop.example/A"),
            ("请看https://shop.example/灯。谢谢", "https://shop.example/灯"),
            ("\"https://shop.example\"", "https://shop.example"),
            ("<https://shop.example/>", "https://shop.example/"),
            ("http://localhost:8080/x;", "http://localhost:8080/x"),
            ("at https://good.example\u{202e}elpmaxe.live", "https://good.example"),
        ];
        for (text, link) in cases {
            assert_eq!(links(text), [link], "{text}");
        }
    }

    #[test]
    fn nothing_else_becomes_a_link() {
        for text in [
            "",
            "javascript:alert(1)",
            "javascript://shop.example/%0aalert(1)",
            "data:text/html,<script>alert(1)</script>",
            "xhttp://shop.example",
            "http://",
            "https://.",
            "http:///",
            "https:// shop.example",
            "//evil.example",
            "ftp://shop.example mailto:me@shop.example",
            "\r\n",
        ] {
            assert!(links(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_text_has_at_most_a_hundred_links() {
        assert_eq!(links(&"https://shop.example/ ".repeat(LINKS_MAX + 20)).len(), LINKS_MAX);
    }
}
