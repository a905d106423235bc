//! `GET /files/{id}`: a file, to whoever has an address that we signed and that holds still.
//!
//! Unsigned, expired, unknown, taken back and somebody else's are told alike; but staff whose page stayed open for longer than an
//! address holds are led to a fresh one, as far as they may see the conversation. Nothing that is served runs: only a picture that
//! we drew may be shown, everything else is saved, under a name that says what it is.

use super::key;
use crate::app::{self, App};
use crate::auth::session::by_cookie;
use crate::domain::file::{Copy, is_signed};
use crate::domain::id::FileId;
use crate::error::{Error, Result};
use crate::store::files::{Kept, attached, conversation_of};
use crate::store::in_time;
use crate::store::people::may_see;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::DateTime;
use futures_util::{Stream, StreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Whoever reads more slowly than this, after a while, is left: bytes a second.
const LEAST: u64 = 4 * 1024;
const GRACE: Duration = Duration::from_secs(30);

pub async fn file(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    let id: FileId = id.parse().map_err(|_| Error::NotFound)?;
    let asked = Asked::parse(query.as_deref().unwrap_or_default()).ok_or(Error::NotFound)?;
    let is_ours = |at| is_signed(&app.files_key, (id, asked.copy), (asked.until, &asked.signature), at);
    if !is_ours(app.clock.now()) {
        let once = is_ours(DateTime::UNIX_EPOCH);
        return if once { renewed(&app, &headers, (id, asked.copy)).await } else { Err(Error::NotFound) };
    }
    let vault = app.vault.as_ref().ok_or(Error::NotFound)?;
    let kept = in_time(async { Ok(attached(&app.db.read, id).await?) }).await?.ok_or(Error::NotFound)?;
    // A picture that is small itself has no other copy.
    let copy = if kept.thumb_size.is_some() { asked.copy } else { Copy::Whole };
    let found = vault.get(&key(kept.site_id, id, copy)).await.map_err(|cause| {
        tracing::error!(error = format!("{cause:#}"), "a file cannot be read");
        Error::Unavailable { what: "Files cannot be read at the moment.", retry: Duration::from_secs(10) }
    })?;
    let Some((size, bytes)) = found else {
        tracing::error!(file = %id, "the bytes of a file are missing from the store");
        return Err(Error::NotFound);
    };
    let bytes = bytes.map(|bytes| bytes.map_err(axum::BoxError::from));
    Ok(answer(&kept, copy, size, Body::from_stream(in_time_or_not(bytes, app::instant()))))
}

/// Where somebody of the staff reads what was ours once.
async fn renewed(app: &App, headers: &HeaderMap, (id, copy): (FileId, Copy)) -> Result<Response> {
    let who = by_cookie(app, headers).await.map_err(|_| Error::NotFound)?;
    let conversation = conversation_of(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    may_see(&app.db.read, who.agent.id, who.agent.role, conversation).await?.ok_or(Error::NotFound)?;
    let fresh = app.addresses().of(id, copy);
    Ok(([(header::CACHE_CONTROL, "no-store")], Redirect::temporary(&fresh)).into_response())
}

struct Asked {
    copy: Copy,
    until: i64,
    signature: String,
}

impl Asked {
    fn parse(query: &str) -> Option<Self> {
        let (mut copy, mut until, mut signature) = (Copy::Whole, None, None);
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                "v" if value == "s" => copy = Copy::Thumb,
                "e" => until = value.parse().ok(),
                "s" => signature = Some(value.into_owned()),
                _ => {}
            }
        }
        Some(Self { copy, until: until?, signature: signature? })
    }
}

/// Ends where whoever reads is too slow.
fn in_time_or_not(
    bytes: impl Stream<Item = Result<Bytes, axum::BoxError>> + Send + 'static,
    began: Instant,
) -> impl Stream<Item = Result<Bytes, axum::BoxError>> + Send + 'static {
    stream::unfold((Box::pin(bytes), 0_u64, false), move |(mut bytes, sent, is_over)| async move {
        if is_over {
            return None;
        }
        let took = (app::instant() - began).saturating_sub(GRACE).as_secs();
        if sent < took * LEAST {
            return Some((Err("read too slowly".into()), (bytes, sent, true)));
        }
        let next = bytes.next().await?;
        let sent = sent + next.as_ref().map_or(0, |bytes| bytes.len() as u64);
        let is_over = next.is_err();
        Some((next, (bytes, sent, is_over)))
    })
}

fn answer(kept: &Kept, copy: Copy, size: u64, body: Body) -> Response {
    let file = &kept.file;
    // A small copy is a JPEG or a PNG; of an animation it is the first picture.
    let mime = if copy == Copy::Thumb && file.mime == "image/gif" { "image/png" } else { &file.mime };
    let shown = if file.is_picture() { "inline" } else { "attachment" };
    let fixed: [(HeaderName, &str); 6] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::REFERRER_POLICY, "no-referrer"),
        // Not for long: what is taken back is gone from the server at once.
        (header::CACHE_CONTROL, "private, max-age=600, no-transform"),
    ];
    let mut answer = Response::new(body);
    let headers = answer.headers_mut();
    headers.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    let texts =
        [(header::CONTENT_TYPE, mime.to_owned()), (header::CONTENT_DISPOSITION, disposition(shown, &file.name))];
    headers.extend(texts.into_iter().filter_map(|(name, text)| Some((name, HeaderValue::from_str(&text).ok()?))));
    answer
}

/// RFC 8187's `attr-char`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// RFC 6266: a name in ASCII for old programs, and the whole one.
fn disposition(shown: &str, name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '(' | ')');
    let ascii: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    format!("{shown}; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, PLAIN))
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_can_end_nothing() {
        assert_eq!(
            disposition("attachment", "a\"; x=\r\n1 好%.pdf"),
            "attachment; filename=\"a__ x___1 __.pdf\"; filename*=UTF-8''a%22%3B%20x%3D%0D%0A1%20%E5%A5%BD%25.pdf"
        );
    }
}
