//! Forms: how the answer is wanted, where it may lead, and text as it was typed.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use std::convert::Infallible;

/// A script asks for JSON; a form alone wants the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Json,
    Page,
}

impl<S: Sync> FromRequestParts<S> for Wanted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let accepted = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        Ok(if accepted.is_some_and(|accepted| accepted.contains("application/json")) { Self::Json } else { Self::Page })
    }
}

/// A form sends every line break as CR LF, whatever was typed.
pub fn newlines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// A path of our own to go on to, or else `otherwise`. Nothing that a browser could take for another host.
pub fn local_path<'a>(path: &'a str, otherwise: &'a str) -> &'a str {
    let is_ours = ["/console", "/admin"].iter().any(|root| {
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with('?'))
    });
    let is_plain = path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if is_ours && is_plain { path } else { otherwise }
}

#[cfg(test)]
mod tests {
    use super::{local_path, newlines};

    #[test]
    fn only_our_own_pages_are_gone_on_to() {
        for good in ["/console", "/console/c/1?view=mine", "/admin/sites"] {
            assert_eq!(local_path(good, "/x"), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/consoles",
            "/console\r\nx: y",
            "/console/\\e",
            "console",
        ] {
            assert_eq!(local_path(bad, "/x"), "/x", "{bad:?}");
        }
    }

    #[test]
    fn a_line_break_is_one_character() {
        assert_eq!(newlines("a\r\nb\nc"), "a\nb\nc");
    }
}
