//! A page with a site's widget as it would look: what stands in the query goes before what is stored. Deskbell's own pages alone
//! may frame it; whoever opens it sees no more than the shop's own pages show.

use crate::app::App;
use crate::conversations::site_by_key;
use crate::domain::contrast::{BLACK, Color};
use crate::domain::site::Site;
use crate::domain::widget::{Appearance, LANGUAGES};
use crate::error::Result;
use crate::web::assets::Set;
use crate::words::{self, Lang, Sentence, filters, legibility};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use std::sync::{Arc, LazyLock};

pub static FILES: LazyLock<Set> =
    LazyLock::new(|| Set::new(&[("preview.css", include_bytes!("../../assets/preview/preview.css"))]));

/// Other fields of the form are sent along by browsers without script.
#[derive(Deserialize)]
pub struct Wish {
    color: Option<String>,
    side: Option<String>,
    x: Option<String>,
    y: Option<String>,
    z: Option<String>,
    scheme: Option<String>,
    locale: Option<String>,
    /// The language of whoever looks at it, which is not the widget's.
    said_in: Option<String>,
}

#[derive(Template)]
#[template(path = "widget/preview.html")]
struct Page<'a> {
    lang: Lang,
    key: &'a str,
    hash: &'a str,
    scheme: &'a str,
    look: Vec<(&'static str, String)>,
    legibility: Vec<Sentence>,
}

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

pub async fn page(State(app): State<Arc<App>>, Path(key): Path<String>, Query(wish): Query<Wish>) -> Result<Response> {
    let site = site_by_key(&app, &key).await?;
    let lang = wish.said_in.as_deref().and_then(Lang::named).unwrap_or_default();
    let look = wished(&site, wish);
    let color: Color = look.color.parse().unwrap_or(BLACK);
    let page = Page {
        lang,
        key: &site.public_key,
        hash: &FILES.hash,
        scheme: match look.scheme.as_str() {
            "light" => "light",
            "dark" => "dark",
            _ => "light dark",
        },
        look: vec![
            ("color", color.to_string()),
            ("on", color.text().to_string()),
            ("side", look.side),
            ("x", look.x.to_string()),
            ("y", look.y.to_string()),
            ("z", look.z.to_string()),
            ("scheme", look.scheme.clone()),
            ("locale", look.locale),
        ],
        legibility: legibility(color),
    };
    let mut answer = Html(words::print(lang, &page)?).into_response();
    let own = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::CACHE_CONTROL, "no-store")];
    for (name, value) in own {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(answer)
}

/// What is no valid value is as it is stored.
fn wished(site: &Site, wish: Wish) -> Appearance {
    let mut look = site.settings.appearance.clone();
    let among = |value: Option<String>, known: &[&str]| value.filter(|value| known.contains(&value.as_str()));
    if let Some(color) = wish.color.and_then(|color| color.parse::<Color>().ok()) {
        look.color = color.to_string();
    }
    look.side = among(wish.side, &["left", "right"]).unwrap_or(look.side);
    look.scheme = among(wish.scheme, &["auto", "light", "dark"]).unwrap_or(look.scheme);
    look.locale = among(wish.locale, &LANGUAGES.map(|(tag, _)| tag)).unwrap_or(look.locale);
    let number =
        |value: Option<String>| value.and_then(|value| value.parse::<u16>().ok()).filter(|value| *value <= 400);
    look.x = number(wish.x).unwrap_or(look.x);
    look.y = number(wish.y).unwrap_or(look.y);
    look.z = wish.z.and_then(|z| z.parse().ok()).filter(|z| *z > 0).unwrap_or(look.z);
    look
}
