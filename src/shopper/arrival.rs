//! The page that the link in a letter leads to: at Deskbell's own origin, with the site's widget, which opens by itself.
//!
//! Opening it changes nothing and shows nothing of the conversation, because mail scanners follow links too; its script
//! exchanges the code by post.
//!
//! Whoever has the letter has the link. What it opens is one conversation, to read and to write in as its shopper, until it
//! ends or a day is over: no name and no address is told, no other conversation is shown, and none is begun.

use crate::app::App;
use crate::auth;
use crate::conversations::site_by_key;
use crate::domain::site::Site;
use crate::domain::tongues::{Table, Tongue};
use crate::error::{Error, Result};
use crate::store::queue::places;
use crate::web::assets::Set;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use std::sync::{Arc, LazyLock};

pub static FILES: LazyLock<Set> = LazyLock::new(|| {
    Set::new(&[
        ("place.js", include_bytes!("../../assets/place/place.js")),
        ("place.css", include_bytes!("../../assets/place/place.css")),
    ])
});

#[derive(Template)]
#[template(path = "widget/place.html")]
struct Page<'a> {
    words: &'static Tongue<Words>,
    lead: &'static Lead,
    site: &'a Site,
    hash: &'a str,
    /// The shop's own address, where it has one.
    shop: Option<&'a str>,
    is_known: bool,
}

pub async fn page(
    State(app): State<Arc<App>>,
    Path((key, code)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let site = site_by_key(&app, &key).await?;
    let found = places::link(&app.db.read, (site.id, &auth::hash(&code)), app.clock.now()).await?;
    let locale = found.as_ref().map_or(preferred(&headers, &site), |link| &link.locale);
    let words = words(locale);
    let page = Page {
        lead: if found.as_ref().is_some_and(|link| link.leads_to == "answers") { &words.answers } else { &words.place },
        words,
        site: &site,
        hash: &FILES.hash,
        shop: site.origins.first().map(String::as_str),
        is_known: found.is_some(),
    };
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let answer = (status, Html(page.render().map_err(Error::bug)?)).into_response();
    Ok(secretive(answer, POLICY))
}

/// The language a browser asks for, else the site's.
pub fn preferred<'a>(headers: &'a HeaderMap, site: &'a Site) -> &'a str {
    let preferred = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    preferred.and_then(|list| list.split(',').next()).unwrap_or(&site.settings.appearance.locale)
}

/// A page whose address is a secret: nobody keeps it, and nobody is told where somebody comes from.
pub fn secretive(mut answer: Response, policy: &'static str) -> Response {
    let own = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in own {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    answer
}

/// Its own script and the widget's, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    opening: &'static str,
    open: &'static str,
    place: Lead,
    answers: Lead,
    retry: &'static str,
    gone_title: &'static str,
    gone: &'static str,
    shop: &'static str,
    write: &'static str,
    script: &'static str,
}

/// What is said of where the link leads: back to a place in line, or to answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lead {
    title: &'static str,
    opened: &'static str,
    failed: &'static str,
}

static WORDS: LazyLock<Table<Words>> = LazyLock::new(|| Table::of_part("link"));

fn words(locale: &str) -> &'static Tongue<Words> {
    WORDS.of(locale)
}
