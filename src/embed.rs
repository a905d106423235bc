//! The script in the shop's page, in three forms: with a site's appearance baked in, the same for every site to be pinned by its
//! hash, and the invitation that it fetches where a site's rules may hold; and the tags that include them.
//!
//! Promises that what an owner wrote stands in a script as data only. May not ask who asks: these files are everybody's.

pub mod invite;
pub mod sighting;

use crate::app::App;
use crate::domain::contrast::WHITE;
use crate::domain::site::Site;
use crate::domain::widget::{Appearance, Rule, Trail, in_language, strip};
use crate::web::assets::{Asset, Keep, digest, integrity};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

const LOADER: &str = include_str!(concat!(env!("OUT_DIR"), "/loader.js"));

const SCRIPT: &str = "text/javascript; charset=utf-8";
const FOREVER: &str = "public, max-age=31536000, immutable";

/// A script for pages of every origin.
fn answer(script: String, request: &HeaderMap, cache: &'static str) -> Response {
    let mut answer = Asset::new(script, SCRIPT).answer(request, Keep::AskAgain);
    let own = [
        (header::CACHE_CONTROL, cache),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    for (name, value) in own {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

pub fn of_site(app: &App, site: &Site, request: &HeaderMap) -> Response {
    let mut config = config(app, site);
    config.extend(label(site, request).map(|label| ("label".to_owned(), json!(label))));
    let mut answer = answer(baked(&config.into()), request, "max-age=300, stale-while-revalidate=86400");
    if site.settings.words.values().any(|words| !words.label.is_empty()) {
        answer.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding, accept-language"));
    }
    answer
}

/// What the launcher is called, in the first language of the browser's in which it has a name, else in the site's own.
fn label<'a>(site: &'a Site, request: &HeaderMap) -> Option<&'a str> {
    let wanted = request.get(header::ACCEPT_LANGUAGE).and_then(|list| list.to_str().ok()).unwrap_or_default();
    let tags = wanted.split(',').filter_map(|part| part.split(';').next()).map(str::trim);
    let named = |tag: &str| in_language(&site.settings.words, tag).map(|words| words.label.as_str());
    tags.chain([site.settings.appearance.locale.as_str()]).filter_map(named).find(|label| !label.is_empty())
}

fn baked(config: &Value) -> String {
    LOADER.replacen("__CONFIG__", &config.to_string().replace('<', "\\u003c"), 1)
}

/// What is not as the loader has it by itself: as names and values of its configuration, and of its tag's attributes.
fn unusual(look: &Appearance) -> Vec<(&'static str, Value)> {
    let usual = Appearance::default();
    let mut unusual = Vec::new();
    let mut put = |is_so: bool, key, value| is_so.then(|| unusual.push((key, value)));
    put(look.side != usual.side, "side", json!(look.side));
    put(look.x != usual.x, "x", json!(look.x));
    put(look.y != usual.y, "y", json!(look.y));
    put(look.z != usual.z, "z", json!(look.z));
    put(look.scheme != usual.scheme, "scheme", json!(look.scheme));
    put(look.email.is_some(), "email", json!(look.email));
    put(look.consent, "consent", json!("wait"));
    unusual
}

fn config(app: &App, site: &Site) -> Map<String, Value> {
    let look = &site.settings.appearance;
    let mut config = Map::new();
    let mut put = |key: &str, value: Value| config.insert(key.to_owned(), value);
    put("site", json!(site.public_key));
    put("origin", json!(app.config.public_url));
    put("color", json!(look.color));
    put("on", json!(look.on_color));
    for (key, value) in unusual(look) {
        put(key, value);
    }
    if site.settings.trail != Trail::default() {
        put("trail", json!(site.settings.trail));
    }
    if let Some(strip) = strip(&site.settings.query_kept) {
        put("strip", json!(strip));
    }
    if let Some(first) = site.settings.invitation.iter().map(Rule::due_ms).min() {
        put("invite", json!(first));
    }
    config
}

/// The loader without a site in it: it stays the same from one change of settings to the next, so that a page may pin it.
pub struct Pinned {
    pub name: String,
    pub integrity: String,
    script: String,
}

impl Pinned {
    pub fn of(app: &App) -> Self {
        let usual = Appearance::default();
        let config = json!({ "origin": app.config.public_url, "color": usual.color, "on": usual.on_color });
        let script = baked(&config);
        let name = format!("loader.{}.js", digest([script.as_bytes()]));
        Self { name, integrity: integrity(script.as_bytes()), script }
    }

    pub fn answer(self, request: &HeaderMap) -> Response {
        answer(self.script, request, FOREVER)
    }
}

/// The tag that is all a page needs.
pub fn tag(app: &App, site: &Site) -> String {
    format!("<script async src=\"{}/w/{}.js\"></script>", app.config.public_url, site.public_key)
}

/// What lets a page call before the script has come.
pub const QUEUE: &str =
    "<script>window.deskbell||(deskbell=function(){(deskbell.q=deskbell.q||[]).push(arguments)})</script>";

/// The tag for a page that pins the loader: what is not baked in stands in its attributes.
pub fn pinned_tag(app: &App, site: &Site) -> String {
    let Pinned { name, integrity, .. } = Pinned::of(app);
    let look = &site.settings.appearance;
    let mut attributes = vec![("site", site.public_key.clone()), ("color", look.color.clone())];
    if look.on_color != WHITE.to_string() {
        attributes.push(("on", look.on_color.clone()));
    }
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    attributes.extend(unusual(look).into_iter().map(|(key, value)| (key, text(value))));
    let attributes: Vec<_> = attributes.iter().map(|(key, value)| format!(" data-{key}=\"{value}\"")).collect();
    let attributes = attributes.concat();
    format!(
        "<script async src=\"{}/w/{name}\" integrity=\"{integrity}\" crossorigin=\"anonymous\"{attributes}></script>",
        app.config.public_url
    )
}
