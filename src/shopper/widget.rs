//! The widget's files: the loader with a site's appearance baked in, the panel's page, and what the panel needs within it.

use super::{arrival, notify, preview};
use crate::app::App;
use crate::conversations::site_by_key;
use crate::domain::site::Site;
use crate::domain::tongues::Table;
use crate::domain::widget::in_language;
use crate::embed::{self, Pinned, invite, sighting};
use crate::error::{Error, Result};
use crate::store::in_time;
use crate::web::assets::{Asset, Keep, digest};
use crate::web::origin;
use askama::filters::{Escaper, Html};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

static PAGES: LazyLock<Pages> = LazyLock::new(|| {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/panel.json")))
        .expect("the build writes what is read here")
});

/// What the build made of `widget/panel/panel.html`.
#[derive(Deserialize)]
struct Pages {
    /// SHA-256 in base64 of the style and of the script that stand in every page.
    style: String,
    script: String,
    /// English first.
    languages: Vec<Page>,
}

/// The panel's page in one language, with `{{@name}}` and its like left to fill.
#[derive(Deserialize)]
struct Page {
    tag: String,
    html: String,
}

/// Filled pages, compressed once each.
#[derive(Default)]
struct Filled(Mutex<HashMap<String, Asset>>);

impl Filled {
    /// As many pages are kept, of about 80 KiB; then it begins anew.
    const MOST: usize = 64;

    fn asset(&self, html: String) -> Asset {
        let key = digest([html.as_bytes()]);
        if let Some(asset) = self.pages().get(&key) {
            return asset.clone();
        }
        let asset = Asset::new(html, "text/html; charset=utf-8");
        let mut pages = self.pages();
        if pages.len() >= Self::MOST {
            pages.clear();
        }
        pages.insert(key, asset.clone());
        asset
    }

    fn pages(&self) -> MutexGuard<'_, HashMap<String, Asset>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/w/{file}", get(loader_or_panel))
        .route("/w/{hash}/{file}", get(asset))
        .route("/w/{key}/preview", get(preview::page))
        .route("/w/{key}/place/{code}", get(arrival::page))
        .layer(Extension(Arc::new(Filled::default())))
}

/// What only some sites say in the panel.
#[derive(Deserialize)]
struct Words {
    watched: &'static str,
}

static WORDS: LazyLock<Table<Words>> = LazyLock::new(|| Table::of_part("panel"));

#[derive(Deserialize)]
struct PanelQuery {
    site: Option<String>,
    /// Tags the page and its reader would like, best first, with commas between them.
    locale: Option<String>,
    scheme: Option<String>,
}

async fn loader_or_panel(
    State(app): State<Arc<App>>,
    Extension(filled): Extension<Arc<Filled>>,
    Path(file): Path<String>,
    Query(query): Query<PanelQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    if file == "panel" {
        return panel(&app, &filled, &query, &headers).await;
    }
    let key = file.strip_suffix(".js").ok_or(Error::NotFound)?;
    if key.starts_with("loader.") {
        return Some(Pinned::of(&app))
            .filter(|pinned| pinned.name == file)
            .map(|it| it.answer(&headers))
            .ok_or(Error::NotFound);
    }
    let site = site_by_key(&app, key).await?;
    sighting::by_referrer(&app, &site, &headers).await;
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
    if file == "invite.js" {
        let site = site_by_key(&app, &hash).await?;
        let wanted = wanted(query.locale.as_deref(), &headers);
        let tag = &first_known(&wanted, &site.settings.appearance.locale).tag;
        let mut answer = in_time(invite::answer(&app, &site, tag, &headers)).await?;
        answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding, accept-language"));
        return Ok(answer);
    }
    let own = [&arrival::FILES, &notify::FILES, &preview::FILES];
    own.iter().find_map(|files| files.answer(&hash, &file, &headers)).ok_or(Error::NotFound)
}

async fn panel(app: &App, filled: &Filled, query: &PanelQuery, request: &HeaderMap) -> Result<Response> {
    let site = site_by_key(app, query.site.as_deref().unwrap_or_default()).await?;
    let look = &site.settings.appearance;
    let page = first_known(&wanted(query.locale.as_deref(), request), &look.locale);
    let own = in_language(&site.settings.words, &page.tag);
    let html = fill(&page.html, |name| match name {
        "hello" => own.map(|own| own.greeting.clone()).unwrap_or_default(),
        "away" => own.map(|own| own.away.clone()).unwrap_or_default(),
        "scheme" => color_scheme(query.scheme.as_deref().unwrap_or(&look.scheme)).to_owned(),
        "site" => site.public_key.clone(),
        "origins" => format!("{} {}", app.config.public_url, site.origins.join(" ")),
        "name" => site.name.clone(),
        "watched" if site.settings.typing_preview => WORDS.of(&page.tag).watched.to_owned(),
        _ => String::new(),
    });
    let mut answer = filled.asset(html).answer(request, Keep::AskAgain);
    let policy = HeaderValue::from_str(&policy(app, &site, request)).map_err(Error::bug)?;
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    answer.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    Ok(answer)
}

/// These stand among the words of the script, where text is as it is written and only `</script` would end it.
const IN_SCRIPT: [&str; 1] = ["away"];

/// Each `{{@name}}` becomes the text given for it, as text; `{{@name=text}}` becomes that text where none is given. What was
/// filled in is not looked at again.
fn fill(page: &str, value: impl Fn(&str) -> String) -> String {
    let mut parts = page.split("{{@");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        let (name, ours) = name.split_once('=').unwrap_or((name, ""));
        let given = value(name);
        if given.is_empty() {
            filled.push_str(ours);
        } else if IN_SCRIPT.contains(&name) {
            filled.push_str(&given.replace('<', "<\u{200c}"));
        } else {
            // A String takes whatever it is given.
            let _ = Html.write_escaped_str(&mut filled, &given);
        }
        filled.push_str(rest);
    }
    filled
}

fn color_scheme(wanted: &str) -> &'static str {
    match wanted {
        "light" => "light",
        "dark" => "dark",
        _ => "light dark",
    }
}

/// The page's languages, then the browser's own.
fn wanted(page: Option<&str>, request: &HeaderMap) -> String {
    let browser = request.get(header::ACCEPT_LANGUAGE).and_then(|given| given.to_str().ok());
    format!("{},{}", page.unwrap_or_default(), browser.unwrap_or_default())
}

/// The first of the wanted languages that we have, else the site's, else English.
fn first_known(wanted: &str, site: &str) -> &'static Page {
    wanted.split(',').chain([site]).find_map(page).unwrap_or(&PAGES.languages[0])
}

/// The same language and region, else the same language; of Chinese the same script.
fn page(wanted: &str) -> Option<&'static Page> {
    let wanted = wanted.split(';').next().unwrap_or_default().trim().replace('_', "-").to_ascii_lowercase();
    let parts: Vec<_> = wanted.split('-').collect();
    let is_traditional = parts.contains(&"hant")
        || (!parts.contains(&"hans") && ["tw", "hk", "mo"].iter().any(|region| parts.contains(region)));
    let wanted = match parts[0] {
        "zh" if is_traditional => "zh-TW",
        "zh" => "zh-CN",
        _ => &wanted,
    };
    let language = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let exact = PAGES.languages.iter().find(|page| page.tag.eq_ignore_ascii_case(wanted));
    exact.or_else(|| PAGES.languages.iter().find(|page| language(&page.tag) == language(wanted)))
}

/// Only pages of the site's own origins and ours may frame the panel, and it loads nothing from anywhere else.
fn policy(app: &App, site: &Site, headers: &HeaderMap) -> String {
    let ancestors = site.origins.join(" ");
    let socket = origin::proxied(app, site, headers).unwrap_or(&app.config.public_url).replacen("http", "ws", 1);
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src 'self' blob:; connect-src 'self' {socket}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'self' {ancestors}; require-trusted-types-for 'script'",
        PAGES.script, PAGES.style
    )
}

#[cfg(test)]
mod tests {
    use super::{fill, first_known, page};

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
            assert_eq!(page(wanted).map(|page| page.tag.as_str()), found, "{wanted}");
        }
        assert!(page("ar").is_some_and(|page| page.html.contains("dir=\"rtl\"")));
    }

    #[test]
    fn the_first_language_that_is_here_wins_and_the_sites_is_the_last_resort() {
        for (wanted, site, found) in [
            ("ja,de,en", "fr", "ja"),
            (",nl-NL,de-AT,en", "fr", "de"),
            ("nl, ko ,en", "fr", "ko"),
            ("nl,nl-BE;q=0.9, it-CH;q=0.8,en;q=0.7", "fr", "it"),
            ("nl,xx", "fr", "fr"),
            ("", "fr", "fr"),
            ("", "xx", "en"),
        ] {
            assert_eq!(first_known(wanted, site).tag, found, "{wanted} of a site in {site}");
        }
    }

    #[test]
    fn what_is_filled_in_stays_text() {
        let name = |name: &str| if name == "name" { "{{@hash}} <b> & \"Co\"".to_owned() } else { "never".to_owned() };
        assert_eq!(fill("<i title=\"{{@name}}\">", name), "<i title=\"{{@hash}} &#60;b&#62; &#38; &#34;Co&#34;\">");
    }
}
