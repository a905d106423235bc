//! The keyboard: what each key does. The script presses what carries `data-key`; this page says it.

use crate::app::App;
use crate::auth::SignedIn;
use crate::error::Result;
use crate::shell::{Section, Shell, print};
use crate::words::{Key, filters};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

/// In the order in which they are read.
const KEYS: [(&[&str], Key); 31] = [
    (&["Ctrl", "K"], Key("keys-palette")),
    (&["?"], Key("keys-sheet")),
    (&["/"], Key("keys-search")),
    (&["j"], Key("keys-next")),
    (&["k"], Key("keys-previous")),
    (&["Enter"], Key("keys-open")),
    (&["r"], Key("keys-reply")),
    (&["n"], Key("keys-note")),
    (&["a"], Key("keys-accept")),
    (&["t"], Key("keys-transfer")),
    (&["e"], Key("keys-close")),
    (&["l"], Key("keys-tag")),
    (&["m"], Key("keys-macro")),
    (&["b"], Key("keys-block")),
    (&["p"], Key("priority")),
    (&["s"], Key("snooze")),
    (&["c"], Key("go-on-by-mail")),
    (&["g", "i"], Key("keys-inbox")),
    (&["g", "q"], Key("keys-queue")),
    (&["g", "s"], Key("keys-search-page")),
    (&["g", "c"], Key("keys-customers")),
    (&["g", "v"], Key("keys-visitors")),
    (&["g", "l"], Key("keys-rooms")),
    (&["g", "r"], Key("keys-team")),
    (&["g", "w"], Key("keys-wall")),
    (&["g", "o"], Key("keys-reports")),
    (&["Alt", "↓"], Key("keys-next-unread")),
    (&["Alt", "↑"], Key("keys-previous-unread")),
    (&["Alt", "1…9"], Key("keys-own")),
    (&["↑"], Key("keys-correct")),
    (&["Esc"], Key("keys-leave")),
];

/// What can be done to what is open: these single keys, where the page has them in sight.
pub fn acts(in_sight: &str) -> impl Iterator<Item = (&'static str, Key)> {
    let single = KEYS.into_iter().filter_map(|(keys, name)| (keys.len() == 1).then_some((keys[0], name)));
    single.filter(move |(key, _)| key.len() == 1 && key.as_bytes()[0].is_ascii_lowercase() && in_sight.contains(key))
}

#[derive(Template)]
#[template(path = "console/keys.html")]
struct KeysPage {
    shell: Shell,
    is_on: bool,
}

pub async fn page(State(app): State<Arc<App>>, who: SignedIn) -> Result<Response> {
    let lang = who.lang();
    let shell = Shell::of(&app, &who.agent, Section::Nowhere, lang.say("keys-title")).await?;
    print(lang, StatusCode::OK, &KeysPage { shell, is_on: who.agent.prefs.keys })
}
