//! The widget's files: the loader with a site's appearance baked in, the panel's page, and what the panel loads.

use super::{arrival, notify};
use crate::app::App;
use crate::conversations::site_by_key;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::web::assets::{Asset, Keep, Set};
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;
use std::sync::{Arc, LazyLock};

const LOADER: &str = include_str!(concat!(env!("OUT_DIR"), "/loader.js"));

static PANEL: LazyLock<Set> = LazyLock::new(|| {
    Set::new(&[
        ("panel.js", include_bytes!(concat!(env!("OUT_DIR"), "/panel.js"))),
        ("late.js", include_bytes!(concat!(env!("OUT_DIR"), "/late.js"))),
        ("panel.css", include_bytes!(concat!(env!("OUT_DIR"), "/panel.css"))),
    ])
});

/// Language tag, direction, strings.
const LOCALES: [(&str, &str, &str); 4] = [
    ("en", "ltr", include_str!("../../widget/locales/en.json")),
    ("zh-CN", "ltr", include_str!("../../widget/locales/zh-CN.json")),
    ("de", "ltr", include_str!("../../widget/locales/de.json")),
    ("ar", "rtl", include_str!("../../widget/locales/ar.json")),
];

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/w/{file}", get(loader_or_panel))
        .route("/w/{hash}/{file}", get(asset))
        .route("/w/{key}/place/{code}", get(arrival::page))
}

#[derive(Deserialize)]
struct PanelQuery {
    site: Option<String>,
    locale: Option<String>,
    scheme: Option<String>,
}

async fn loader_or_panel(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    Query(query): Query<PanelQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    if file == "panel" {
        return panel(&app, &query).await;
    }
    let key = file.strip_suffix(".js").ok_or(Error::NotFound)?;
    let site = site_by_key(&app, key).await?;
    Ok(loader(&app, &site, &headers))
}

fn loader(app: &App, site: &Site, request: &HeaderMap) -> Response {
    let look = &site.settings.appearance;
    let config = json!({
        "site": site.public_key, "origin": app.config.public_url, "name": site.name, "color": look.color, "on": look.on_color,
        "side": look.side, "x": look.x, "y": look.y, "z": look.z, "locale": look.locale, "scheme": look.scheme,
        "email": look.email, "consent": look.consent,
    });
    let script = LOADER.replacen("__CONFIG__", &config.to_string(), 1);
    let mut answer = Asset::new(script, "text/javascript; charset=utf-8").answer(request, Keep::AskAgain);
    let own = [
        (header::CACHE_CONTROL, "max-age=300, stale-while-revalidate=86400"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    for (name, value) in own {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

async fn asset(Path((hash, file)): Path<(String, String)>, headers: HeaderMap) -> Result<Response> {
    PANEL
        .answer(&hash, &file, &headers)
        .or_else(|| arrival::FILES.answer(&hash, &file, &headers))
        .or_else(|| notify::FILES.answer(&hash, &file, &headers))
        .ok_or(Error::NotFound)
}

#[derive(Template)]
#[template(path = "widget/panel.html")]
struct PanelPage<'a> {
    lang: &'a str,
    dir: &'a str,
    /// In CSS's words.
    color_scheme: &'a str,
    site: &'a str,
    origins: String,
    name: &'a str,
    hash: &'a str,
    /// JSON without `<`, so that it cannot end its element.
    locale: String,
}

async fn panel(app: &App, query: &PanelQuery) -> Result<Response> {
    let site = site_by_key(app, query.site.as_deref().unwrap_or_default()).await?;
    let look = &site.settings.appearance;
    let wanted = query.locale.as_deref().unwrap_or(&look.locale);
    let (lang, dir, strings) = locale(wanted).or_else(|| locale(&look.locale)).unwrap_or(LOCALES[0]);
    let page = PanelPage {
        lang,
        dir,
        color_scheme: color_scheme(query.scheme.as_deref().unwrap_or(&look.scheme)),
        site: &site.public_key,
        origins: format!("{} {}", app.config.public_url, site.origins.join(" ")),
        name: &site.name,
        hash: &PANEL.hash,
        locale: strings.replace('<', "\\u003c"),
    };
    let mut answer = Html(page.render().map_err(Error::bug)?).into_response();
    let policy = HeaderValue::from_str(&policy(app, &site)).map_err(Error::bug)?;
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(answer)
}

fn color_scheme(wanted: &str) -> &'static str {
    match wanted {
        "light" => "light",
        "dark" => "dark",
        _ => "light dark",
    }
}

/// The same language and region, else the same language.
fn locale(wanted: &str) -> Option<(&'static str, &'static str, &'static str)> {
    let language = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let exact = LOCALES.iter().find(|(tag, ..)| tag.eq_ignore_ascii_case(wanted));
    exact.or_else(|| LOCALES.iter().find(|(tag, ..)| language(tag) == language(wanted))).copied()
}

/// Only pages of the site's own origins and ours may frame the panel, and it loads nothing from anywhere else.
fn policy(app: &App, site: &Site) -> String {
    let ancestors = site.origins.join(" ");
    let socket = app.config.public_url.replacen("http", "ws", 1);
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self' {socket}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'self' {ancestors}; require-trusted-types-for 'script'"
    )
}

#[cfg(test)]
mod tests {
    use super::{LOCALES, locale};

    #[test]
    fn every_language_has_every_string() {
        let keys = |text: &str| -> Vec<String> {
            let strings: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap();
            // Languages differ in their plural forms only.
            let mut keys: Vec<_> = strings.keys().map(|k| k.split('_').next().unwrap_or(k).to_owned()).collect();
            keys.sort();
            keys.dedup();
            keys
        };
        for (tag, _, strings) in LOCALES {
            assert_eq!(keys(strings), keys(LOCALES[0].2), "{tag}");
        }
    }

    #[test]
    fn a_language_is_found_by_its_tag_or_its_language() {
        assert_eq!(locale("zh-TW").map(|l| l.0), Some("zh-CN"));
        assert_eq!(locale("DE-at").map(|l| l.0), Some("de"));
        assert_eq!(locale("ar").map(|l| l.1), Some("rtl"));
        assert_eq!(locale("xx"), None);
    }
}
