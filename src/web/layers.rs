//! Headers every answer carries, and the log line of every request.

use crate::app;
use crate::error::Error;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::time::Duration;

const COMMON: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

/// Adds what is missing; a handler that sets its own keeps it.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    for (name, value) in COMMON {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

/// How long a request may take, its body included.
const IN_TIME: Duration = Duration::from_secs(10);

/// A request that trickles in, or an answer nobody finishes, ends with 408. Sockets and streams are answered long before; a form
/// with files may take as long as it comes fast enough, which whoever reads it sees to.
pub async fn in_time(request: Request, next: Next) -> Response {
    if brings_files(&request) {
        return next.run(request).await;
    }
    tokio::time::timeout(IN_TIME, next.run(request)).await.unwrap_or_else(|_| Error::TimedOut.into_response())
}

/// Where files come in.
const UPLOADS: [&str; 7] = [
    "/v1/shopper/files",
    "/v1/agent/files",
    "/console/c/{id}/files",
    "/console/c/{id}/reply",
    "/console/c/{id}/note",
    "/console/rooms/{id}/files",
    "/console/rooms/{id}/say",
];

fn brings_files(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_form = kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data");
    let path = request.extensions().get::<MatchedPath>();
    is_form && path.is_some_and(|path| UPLOADS.contains(&path.as_str()))
}

/// One line a request: route, status, time. Never a query, a body, an address or a token.
pub async fn log(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "-".into(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let began = app::instant();
    let answer = next.run(request).await;
    let took = app::instant() - began;
    let status = answer.status().as_u16();
    metrics::histogram!("deskbell_http_seconds", "route" => route.clone()).record(took.as_secs_f64());
    metrics::counter!("deskbell_http_requests_total", "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    tracing::debug!(%method, route, status, ms = took.as_millis(), "request");
    answer
}

/// The Content-Security-Policy of server-rendered pages: nothing but our own files, and a nonce for what is inline.
pub fn page_csp(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types deskbell"
    )
}
