//! The demo's mailbox page: every letter Deskbell would have sent, read from the files the mail room wrote.
//!
//! Promises: a letter's HTML is shown without script, without anything fetched and in an origin of its own; a file that
//! cannot be read is listed as such and never breaks the page; work is bounded ([`MOST_LETTERS`], [`LARGEST`]). It may not
//! change or delete a letter.

mod letter;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use tower_http::set_header::SetResponseHeaderLayer;
use uuid::Uuid;

use super::page;
use letter::{Letter, Line};

/// The newest letters are listed; older ones stay on disk and keep their addresses.
const MOST_LETTERS: usize = 200;
/// A larger file is not opened.
const LARGEST: u64 = 16 << 20;
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
/// A link may be followed, in a window of its own; nothing else leaves the letter.
const LETTER_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox";
const STYLES: &str = include_str!("../../assets/demo/mail.css");

/// The mailbox under `/demo/mail`, showing the `<uuid>.eml` files in `dir`.
pub fn routes<S: Clone + Send + Sync + 'static>(dir: PathBuf) -> Router<S> {
    Router::new()
        .route("/demo/mail", get(list))
        .route("/demo/mail/mail.css", get(styles))
        .route("/demo/mail/{id}", get(letter))
        .route("/demo/mail/{id}/html", get(html))
        .layer(if_unset(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(if_unset(header::CACHE_CONTROL, "no-store"))
        .layer(if_unset(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(if_unset(header::REFERRER_POLICY, "no-referrer"))
        .with_state(dir.into())
}

fn if_unset(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

type Dir = Arc<Path>;

#[derive(Template)]
#[template(path = "demo/mail.html")]
struct List {
    lines: Vec<Line>,
}

async fn list(State(dir): State<Dir>) -> Response {
    let Some(lines) = off_the_floor(move || newest(&dir)).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    page(&List { lines })
}

#[derive(Template)]
#[template(path = "demo/mail_letter.html")]
struct Opened {
    id: Uuid,
    letter: Option<Letter>,
}

#[derive(Template)]
#[template(path = "demo/mail_lost.html")]
struct Lost {}

async fn letter(State(dir): State<Dir>, UrlPath(id): UrlPath<String>) -> Response {
    let Some(id) = exact(&id).filter(|id| file(&dir, *id).is_file()) else { return lost() };
    let letter = off_the_floor(move || Letter::open(&file(&dir, id))).await.flatten();
    page(&Opened { id, letter })
}

async fn html(State(dir): State<Dir>, UrlPath(id): UrlPath<String>) -> Response {
    let Some(id) = exact(&id) else { return lost() };
    let letter = off_the_floor(move || Letter::open(&file(&dir, id))).await.flatten();
    let Some(body) = letter.and_then(|letter| letter.html) else { return lost() };
    let guards = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(LETTER_POLICY)),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
    ];
    (guards, Html(body)).into_response()
}

async fn styles() -> Response {
    let kept = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (kept, STYLES).into_response()
}

fn lost() -> Response {
    (StatusCode::NOT_FOUND, page(&Lost {})).into_response()
}

/// Only the spelling the mail room writes: no braces, no capitals, nothing that could be a path.
fn exact(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|id| id.hyphenated().to_string() == text)
}

fn file(dir: &Path, id: Uuid) -> PathBuf {
    dir.join(format!("{}.eml", id.hyphenated()))
}

fn newest(dir: &Path) -> Vec<Line> {
    // A directory that is not there yet holds no letters.
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let id = exact(entry.file_name().to_str()?.strip_suffix(".eml")?)?;
            Some((entry.metadata().ok()?.modified().ok()?, id))
        })
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.truncate(MOST_LETTERS);
    found.into_iter().map(|(written, id)| Line::read(id, &file(dir, id), written)).collect()
}

/// Reading and parsing files blocks, so it happens on a thread made for that.
async fn off_the_floor<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work)
        .await
        .inspect_err(|cause| tracing::error!(error = %cause, "the mailbox could not be read"))
        .ok()
}
