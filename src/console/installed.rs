//! What makes the console an app of its own: its manifest, and the worker that shows notifications while no page is open,
//! and a page that says so while there is no connection. The worker keeps no page and no file.

use crate::error::Result;
use crate::shell;
use crate::web::assets::{Asset, Keep};
use crate::web::lang;
use crate::words::Lang;
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const WORKER: &str = include_str!("../../assets/console/sw.js");

/// What the worker says by itself, in [`Lang::ALL`]'s order: what a notification says comes with it.
static WORKERS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    Lang::ALL.map(|lang| {
        let words: BTreeMap<_, _> =
            ["offline-title", "offline-lead", "offline-again", "alert-plain"].map(|key| (key, lang.say(key))).into();
        let told = json!({ "lang": lang.tag(), "dir": lang.dir(), "words": words });
        Asset::new(format!("const told = {told};\n{WORKER}"), "text/javascript; charset=utf-8")
    })
});

#[derive(Deserialize)]
pub struct Spoken {
    #[serde(default)]
    lang: String,
}

/// At one address for good but for its language. Browsers ask for it anew by themselves.
pub async fn worker(Query(spoken): Query<Spoken>, headers: HeaderMap) -> Response {
    let lang = Lang::named(&spoken.lang).unwrap_or_else(|| lang::asked(&headers));
    let mut answer = WORKERS[lang as usize].answer(&headers, Keep::AskAgain);
    answer
        .headers_mut()
        .insert(HeaderName::from_static("service-worker-allowed"), HeaderValue::from_static("/console"));
    answer
}

/// The pages of owners belong to the app as well: without them in its scope they would open with a browser's bar.
pub async fn manifest(headers: HeaderMap) -> Result<Response> {
    let lang = lang::asked(&headers);
    let icon = |name: &str, sizes: &str, purpose: &str| {
        let kind = if name.ends_with(".svg") { "image/svg+xml" } else { "image/png" };
        json!({ "src": format!("/assets/{}/{name}", shell::version()), "sizes": sizes, "type": kind, "purpose": purpose })
    };
    let manifest = json!({
        "id": "/console",
        "name": "Deskbell",
        "short_name": "Deskbell",
        "description": lang.say("app-description"),
        "lang": lang.tag(),
        "dir": lang.dir(),
        "start_url": "/console/inbox/mine",
        "scope": "/",
        "display": "standalone",
        "background_color": "#eef1f5",
        "theme_color": "#ffffff",
        "icons": [
            icon("icon.svg", "any", "any"),
            icon("icon-192.png", "192x192", "any"),
            icon("icon-512.png", "512x512", "any"),
            icon("icon-whole.png", "512x512", "maskable"),
        ],
    });
    let mut answer = Response::new(manifest.to_string().into());
    let kept = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept-language"),
    ];
    for (name, value) in kept {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(answer)
}

/// The name that a browser has in the list of those that are notified, from what it says of itself: program and system.
pub fn named(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // The first that is in it: all say that they are Safari, and most that they are Chrome.
    let programs = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Macintosh", "macOS"),
        ("Linux", "Linux"),
    ];
    let first =
        |known: &[(&str, &'static str)]| known.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    [first(&programs), first(&systems)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::named;
    use axum::http::{HeaderMap, header};

    #[test]
    fn a_browser_is_called_by_its_program_and_its_system() {
        let called = |agent: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::USER_AGENT, agent.parse().unwrap());
            named(&headers)
        };
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36",
                "Chrome · Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0",
                "Edge · Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36",
                "Chrome · Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E Safari/604.1",
                "Safari · iPhone",
            ),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · macOS"),
            ("curl/8", ""),
        ] {
            assert_eq!(called(agent), name);
        }
        assert_eq!(named(&HeaderMap::new()), "");
    }
}
