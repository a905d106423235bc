//! The widget's files: the loader with a site's appearance baked in, the panel's page, and what the panel loads.

use super::{arrival, preview};
use crate::app::App;
use crate::conversations::site_by_key;
use crate::domain::site::Site;
use crate::embed::{self, Pinned, invite};
use crate::error::{Error, Result};
use crate::store::in_time;
use crate::web::assets::Set;
use crate::web::origin;
use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use std::sync::{Arc, LazyLock};

static PANEL: LazyLock<Set> = LazyLock::new(|| {
    Set::new(&[
        ("panel.js", include_bytes!(concat!(env!("OUT_DIR"), "/panel.js"))),
        ("late.js", include_bytes!(concat!(env!("OUT_DIR"), "/late.js"))),
        ("panel.css", include_bytes!(concat!(env!("OUT_DIR"), "/panel.css"))),
    ])
});

type Locale = (&'static str, &'static str, &'static str);

/// Language tag, direction, strings.
const LOCALES: [Locale; 12] = [
    ("en", "ltr", include_str!("../../widget/locales/en.json")),
    ("zh-CN", "ltr", include_str!("../../widget/locales/zh-CN.json")),
    ("zh-TW", "ltr", include_str!("../../widget/locales/zh-TW.json")),
    ("es", "ltr", include_str!("../../widget/locales/es.json")),
    ("pt-BR", "ltr", include_str!("../../widget/locales/pt-BR.json")),
    ("de", "ltr", include_str!("../../widget/locales/de.json")),
    ("fr", "ltr", include_str!("../../widget/locales/fr.json")),
    ("it", "ltr", include_str!("../../widget/locales/it.json")),
    ("ja", "ltr", include_str!("../../widget/locales/ja.json")),
    ("ko", "ltr", include_str!("../../widget/locales/ko.json")),
    ("ru", "ltr", include_str!("../../widget/locales/ru.json")),
    ("ar", "rtl", include_str!("../../widget/locales/ar.json")),
];

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/w/{file}", get(loader_or_panel))
        .route("/w/{hash}/{file}", get(asset))
        .route("/w/{key}/preview", get(preview::page))
        .route("/w/{key}/place/{code}", get(arrival::page))
}

#[derive(Deserialize)]
struct PanelQuery {
    site: Option<String>,
    /// Tags the page and its reader would like, best first, with commas between them.
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
        return panel(&app, &query, &headers).await;
    }
    let key = file.strip_suffix(".js").ok_or(Error::NotFound)?;
    if key.starts_with("loader.") {
        return Some(Pinned::of(&app))
            .filter(|pinned| pinned.name == file)
            .map(|it| it.answer(&headers))
            .ok_or(Error::NotFound);
    }
    let site = site_by_key(&app, key).await?;
    Ok(embed::of_site(&app, &site, &headers))
}

#[derive(Deserialize)]
struct AssetQuery {
    locale: Option<String>,
}

async fn asset(
    State(app): State<Arc<App>>,
    Path((hash, file)): Path<(String, String)>,
    Query(query): Query<AssetQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    if file == "preview.css" {
        return preview::FILES.answer(&hash, &file, &headers).ok_or(Error::NotFound);
    }
    if file == "invite.js" {
        let site = site_by_key(&app, &hash).await?;
        return in_time(invite::answer(&app, &site, query.locale.as_deref().unwrap_or_default(), &headers)).await;
    }
    PANEL
        .answer(&hash, &file, &headers)
        .or_else(|| arrival::FILES.answer(&hash, &file, &headers))
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

async fn panel(app: &App, query: &PanelQuery, headers: &HeaderMap) -> Result<Response> {
    let site = site_by_key(app, query.site.as_deref().unwrap_or_default()).await?;
    let look = &site.settings.appearance;
    let (lang, dir, strings) = first_known(query.locale.as_deref().unwrap_or_default(), &look.locale);
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
    let policy = HeaderValue::from_str(&policy(app, &site, headers)).map_err(Error::bug)?;
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

/// The first of the wanted languages that we have, else the site's, else English.
fn first_known(wanted: &str, site: &str) -> Locale {
    wanted.split(',').chain([site]).find_map(locale).unwrap_or(LOCALES[0])
}

/// The same language and region, else the same language; of Chinese the same script.
fn locale(wanted: &str) -> Option<Locale> {
    let wanted = wanted.trim().replace('_', "-").to_ascii_lowercase();
    let parts: Vec<_> = wanted.split('-').collect();
    let is_traditional = parts.contains(&"hant")
        || (!parts.contains(&"hans") && ["tw", "hk", "mo"].iter().any(|region| parts.contains(region)));
    let wanted = match parts[0] {
        "zh" if is_traditional => "zh-TW",
        "zh" => "zh-CN",
        _ => &wanted,
    };
    let language = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let exact = LOCALES.iter().find(|(tag, ..)| tag.eq_ignore_ascii_case(wanted));
    exact.or_else(|| LOCALES.iter().find(|(tag, ..)| language(tag) == language(wanted))).copied()
}

/// Only pages of the site's own origins and ours may frame the panel, and it loads nothing from anywhere else.
fn policy(app: &App, site: &Site, headers: &HeaderMap) -> String {
    let ancestors = site.origins.join(" ");
    let socket = origin::proxied(app, site, headers).unwrap_or(&app.config.public_url).replacen("http", "ws", 1);
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self' {socket}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'self' {ancestors}; require-trusted-types-for 'script'"
    )
}

#[cfg(test)]
mod tests {
    use super::{LOCALES, first_known, locale};

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
        let cases = [
            ("DE-at", Some("de")),
            ("pt", Some("pt-BR")),
            ("pt_PT", Some("pt-BR")),
            ("es-419", Some("es")),
            ("zh", Some("zh-CN")),
            ("zh-SG", Some("zh-CN")),
            ("zh-Hans-HK", Some("zh-CN")),
            ("zh-TW", Some("zh-TW")),
            ("zh-hk", Some("zh-TW")),
            ("zh_MO", Some("zh-TW")),
            ("zh-Hant-CN", Some("zh-TW")),
            ("xx", None),
            ("", None),
        ];
        for (wanted, found) in cases {
            assert_eq!(locale(wanted).map(|l| l.0), found, "{wanted}");
        }
        assert_eq!(locale("ar").map(|l| l.1), Some("rtl"));
    }

    #[test]
    fn the_first_language_that_is_here_wins_and_the_sites_is_the_last_resort() {
        for (wanted, site, found) in [
            ("ja,de,en", "fr", "ja"),
            (",nl-NL,de-AT,en", "fr", "de"),
            ("nl, ko ,en", "fr", "ko"),
            ("nl,xx", "fr", "fr"),
            ("", "fr", "fr"),
            ("", "xx", "en"),
        ] {
            assert_eq!(first_known(wanted, site).0, found, "{wanted} of a site in {site}");
        }
    }
}
