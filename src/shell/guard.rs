//! What surrounds every answer to staff: headers, the fence against other sites' forms, failures as pages.

use super::{Section, Shell, print};
use crate::app::{self, App};
use crate::auth::{SignedIn, session};
use crate::error::Error;
use crate::web::error::Said;
use crate::web::lang;
use crate::web::layers::page_csp;
use crate::words::{Lang, filters};
use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use tower_http::csrf::{CsrfLayer, ProtectionError};

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

const UNREAD: &str = "This address or form could not be understood. Go back and try again.";

#[derive(Template)]
#[template(path = "console/error.html")]
struct ErrorPage {
    shell: Shell,
    status: u16,
    message: String,
}

/// Refuses state changes that another site's page asks for.
pub fn fence() -> CsrfLayer<fn(ProtectionError) -> Response> {
    CsrfLayer::new().with_rejection_response(refuse as fn(ProtectionError) -> Response)
}

fn refuse(_: ProtectionError) -> Response {
    Error::Forbidden("This was asked for by another site's page. Open the console at its own address and try again.")
        .into_response()
}

/// Dresses every answer.
pub async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let answer = next.run(request).await;
    let mut answer = match said(&answer) {
        Some(said) if !asked.wants_json => show(&app, &asked, said).await.unwrap_or(answer),
        Some(said) if said.status == said.error.status() => said.error.answer(lang_of(&app, &asked, &said).await),
        _ => answer,
    };
    let headers = answer.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let nonce = hex::encode(app::random_bytes::<16>());
    if let Ok(policy) = HeaderValue::from_str(&page_csp(&nonce)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// What a failure said. What cannot be read as a request at all is answered without a word of ours: it gets some.
fn said(answer: &Response) -> Option<Said> {
    let is_page =
        answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let unread = || Said { status: answer.status(), error: Arc::new(Error::BadRequest(UNREAD)) };
    let said = answer.extensions().get::<Said>().cloned();
    said.or_else(|| (answer.status().is_client_error() && !is_page).then(unread))
}

struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    wants_json: bool,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let is_socket = request.headers().contains_key(header::UPGRADE);
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            wants_json: is_socket || accepted.is_some_and(|accepted| accepted.contains("application/json")),
        }
    }
}

/// A failure as a page. Who is not signed in is led to the sign-in page and back.
async fn show(app: &App, asked: &Asked, said: Said) -> Option<Response> {
    if said.status == StatusCode::UNAUTHORIZED {
        let back =
            asked.uri.path_and_query().filter(|_| asked.method == Method::GET).map_or("/console", |path| path.as_str());
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", back).finish();
        return Some(Redirect::to(&format!("/console/login?{query}")).into_response());
    }
    let who = session::by_cookie(app, &asked.headers).await.ok();
    let lang = who.as_ref().map_or_else(|| lang::asked(&asked.headers), SignedIn::lang);
    let title = lang.say(heading(said.status));
    let bare = Shell::bare(lang, title.clone());
    let shell = match &who {
        Some(who) => Shell::of(app, &who.agent, Section::Nowhere, title).await.unwrap_or(bare),
        None => bare,
    };
    let message = lang.failure(&said.error);
    print(lang, said.status, &ErrorPage { shell, status: said.status.as_u16(), message }).ok()
}

/// What a script is told is said to somebody, too. Where the database is away, nobody is asked for.
async fn lang_of(app: &App, asked: &Asked, said: &Said) -> Lang {
    if said.status == StatusCode::SERVICE_UNAVAILABLE {
        return lang::asked(&asked.headers);
    }
    session::by_cookie(app, &asked.headers).await.map_or_else(|_| lang::asked(&asked.headers), |who| who.lang())
}

/// The key of a page's title.
fn heading(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => "error-not-found",
        StatusCode::FORBIDDEN => "error-forbidden",
        StatusCode::TOO_MANY_REQUESTS => "error-too-fast",
        StatusCode::UNPROCESSABLE_ENTITY => "error-missing",
        StatusCode::CONFLICT => "error-changed",
        StatusCode::SERVICE_UNAVAILABLE => "error-unavailable",
        _ => "error-bug",
    }
}
