//! What was posted without script by whoever is not signed in any more: their words go through the sign-in page with them, and are
//! shown to be sent once more by a press of their own. Passwords and files do not.
//!
//! Stands behind the fence: what another site's page asks for is refused before it is kept.

use super::{Shell, print};
use crate::app::App;
use crate::auth::session;
use crate::domain::people::Agent;
use crate::error::{Error, Result};
use crate::files::form::{Form, Part};
use crate::web::error::Said;
use crate::web::form::{Wanted, local_path};
use crate::web::lang;
use crate::words::{Lang, filters};
use askama::Template;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;
use url::form_urlencoded::{Serializer, parse};

/// Longest form that is read, and the longest that is carried along, in bytes.
const MOST: usize = 256 * 1024;
const CARRIED: usize = 64 * 1024;
/// Fields in which somebody writes, however little.
const WRITTEN: [&str; 5] = ["body", "note", "text", "reason", "comment"];

/// As the sign-in page carries it along.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Kept {
    /// Where it was posted to; empty: nothing was.
    #[serde(default)]
    pub kept_for: String,
    /// The form, as it was encoded.
    #[serde(default)]
    pub kept: String,
}

impl Kept {
    /// `None`: nothing was typed, or more than a page can carry along.
    fn of(path: &str, fields: Vec<(String, String)>) -> Option<Self> {
        let mut fields = fields;
        fields.retain(|(name, _)| name != "key" && !["password", "secret"].iter().any(|secret| name.contains(secret)));
        let is_something = fields.iter().any(|(name, value)| is_typed(name, value));
        let kept = Serializer::new(String::new()).extend_pairs(fields).finish();
        (is_something && kept.len() <= CARRIED).then(|| Self { kept_for: path.to_owned(), kept })
    }

    /// A page of ours takes it.
    pub fn is_something(&self) -> bool {
        !local_path(&self.kept_for, "").is_empty() && !self.kept.is_empty()
    }

    fn fields(&self) -> Vec<Field> {
        let field =
            |(name, value): (String, String)| Field { is_typed: is_typed(&name, &value), is_first: false, name, value };
        encoded(self.kept.as_bytes()).into_iter().map(field).collect()
    }

    /// What somebody typed of it.
    pub fn texts(&self) -> Vec<String> {
        self.fields().into_iter().filter(|field| field.is_typed).map(|field| field.value).collect()
    }
}

/// Ids, numbers and choices have no spaces, and are ASCII.
fn is_typed(name: &str, value: &str) -> bool {
    let is_text = WRITTEN.contains(&name) || value.contains(char::is_whitespace) || !value.is_ascii();
    !value.trim().is_empty() && is_text
}

fn encoded(form: &[u8]) -> Vec<(String, String)> {
    parse(form).into_owned().collect()
}

/// The texts of a form that may carry files, which are read to their end and left. What cannot be read ends it.
async fn texts_of(request: Request) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let Ok(mut form) = Form::open(request, 0, 0).await else { return texts };
    let noted = form.noted();
    while let Ok(Some(part)) = form.next().await {
        match part {
            Part::Text(name, text) => texts.push((name, text)),
            Part::File(mut file) => {
                while let Ok(Some(bytes)) = file.chunk().await {
                    noted.read(bytes.len());
                }
            }
        }
    }
    texts
}

struct Field {
    name: String,
    value: String,
    is_typed: bool,
    /// The first in which somebody wrote.
    is_first: bool,
}

#[derive(Template)]
#[template(path = "console/login.html")]
pub struct SignInPage {
    pub shell: Shell,
    pub email: String,
    pub next: String,
    pub problem: Option<String>,
    pub kept: Kept,
}

#[derive(Template)]
#[template(path = "console/kept.html")]
struct KeptPage {
    shell: Shell,
    to: String,
    /// In their order: some forms pair them by it.
    fields: Vec<Field>,
    next: String,
}

/// Answers a form of whoever is not signed in with the sign-in page and their words in it.
pub async fn keep(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let kind = request.headers().get(header::CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
    let (is_form, may_carry_files) =
        (kind.starts_with(b"application/x-www-form-urlencoded"), kind.starts_with(b"multipart/form-data"));
    let (mut parts, body) = request.into_parts();
    let Ok(wanted) = Wanted::from_request_parts(&mut parts, &()).await;
    let is_page = parts.method == Method::POST && wanted == Wanted::Page && (is_form || may_carry_files);
    if !is_page || !matches!(session::by_cookie(&app, &parts.headers).await, Err(Error::SignIn)) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let path = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str).to_owned();
    let headers = parts.headers.clone();
    if may_carry_files {
        let kept = Kept::of(&path, texts_of(Request::from_parts(parts, body)).await);
        return kept.and_then(|kept| page(&headers, kept).ok()).unwrap_or_else(|| Error::SignIn.into_response());
    }
    let Ok(form) = to_bytes(body, MOST).await else {
        return Error::TooLarge("This form is too large. Sign in and try again with less.").into_response();
    };
    let answer = next.run(Request::from_parts(parts, Body::from(form.clone()))).await;
    let is_refused = answer.extensions().get::<Said>().is_some_and(|said| said.status == StatusCode::UNAUTHORIZED);
    let kept = Kept::of(&path, encoded(&form)).filter(|_| is_refused);
    kept.and_then(|kept| page(&headers, kept).ok()).unwrap_or(answer)
}

fn page(headers: &HeaderMap, kept: Kept) -> Result<Response> {
    let lang = lang::asked(headers);
    let shell = Shell::bare(lang, lang.say("sign-in"));
    let page = SignInPage { shell, email: String::new(), next: "/console".into(), problem: None, kept };
    print(lang, StatusCode::UNAUTHORIZED, &page)
}

/// Signed in again: what was typed, to be sent as it is or not.
pub fn show(agent: &Agent, kept: &Kept, next: &str) -> Result<Response> {
    let lang = Lang::of(agent);
    let shell = Shell::bare(lang, lang.say("kept-title"));
    let mut fields = kept.fields();
    if let Some(field) = fields.iter_mut().find(|field| field.is_typed) {
        field.is_first = true;
    }
    let to = local_path(&kept.kept_for, next).to_owned();
    let page = KeptPage { shell, to, fields, next: next.to_owned() };
    print(lang, StatusCode::OK, &page)
}

#[cfg(test)]
mod tests {
    use super::{Kept, encoded};

    #[test]
    fn words_are_kept_and_passwords_are_not() {
        let form = b"cid=0190b1b4-0000-7000-8000-000000000001&gen=3&body=Yes%0D%0Ait+is&password=a+b+c&view=mine";
        let kept = Kept::of("/console/c/1/reply", encoded(form)).unwrap();
        assert!(kept.is_something() && !kept.kept.contains("password"), "{kept:?}");
        assert_eq!(kept.texts(), ["Yes\r\nit is"]);
        let silent = [
            &b"class=vip"[..],
            b"",
            b"body=+&gen=1",
            b"password=a+b&key=a+b&webhook_secret=a+b",
            b"status=away&back=/console/c/0190b1b4-0000-7000-8000-000000000001?view=mine",
            b"to=agent:0190b1b4-0000-7000-8000-000000000001&c=0190b1b4-0000-7000-8000-000000000001:3",
        ];
        for silent in silent {
            assert!(Kept::of("/console/c/1/priority", encoded(silent)).is_none(), "{silent:?}");
        }
        assert!(Kept::of("/console/c/1/note", vec![("body".into(), "x".repeat(70_000))]).is_none());
        // Texts and their languages are paired by their order.
        let paired = encoded(b"language=en&text=Good+day&language=de&text=&site=1");
        let kept = Kept::of("/console/canned/1?site=1", paired.clone()).unwrap();
        let carried: Vec<_> = kept.fields().into_iter().map(|field| (field.name, field.value)).collect();
        assert_eq!(carried, paired);
        let foreign = Kept { kept_for: "//evil.example".into(), ..kept };
        assert!(!foreign.is_something());
    }
}
