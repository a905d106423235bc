//! The language of whoever is not known yet.

use crate::words::Lang;
use axum::http::{HeaderMap, header};

/// As their browser asks.
pub fn asked(headers: &HeaderMap) -> Lang {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Lang::accepted(asked.unwrap_or_default())
}
