//! How somebody likes their console: language, time zone, keys, what calls them.

use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::prefs::{HOLDS, Prefs, SOUNDS};
use crate::error::Result;
use crate::shell::{Section, Shell, print};
use crate::store::people;
use crate::words::{Lang, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/me.html")]
struct MePage {
    shell: Shell,
    lang: Lang,
    zone: String,
    prefs: Prefs,
    zones: &'static [Tz],
    is_saved: bool,
    /// There is no zone of that name.
    is_lost: bool,
}

#[derive(Deserialize)]
pub struct Saved {
    saved: Option<String>,
}

pub async fn page(State(app): State<Arc<App>>, who: SignedIn, Query(saved): Query<Saved>) -> Result<Response> {
    let zone = who.agent.zone.clone().unwrap_or_default();
    show(&app, &who, zone, who.agent.prefs.clone(), saved.saved.is_some(), false).await
}

async fn show(
    app: &App,
    who: &SignedIn,
    zone: String,
    prefs: Prefs,
    is_saved: bool,
    is_lost: bool,
) -> Result<Response> {
    let lang = who.lang();
    let shell = Shell::of(app, &who.agent, Section::Nowhere, lang.say("me-title")).await?;
    let status = if is_lost { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    print(lang, status, &MePage { shell, lang, zone, prefs, zones: &TZ_VARIANTS, is_saved, is_lost })
}

pub async fn save(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let text = |name: &str| fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim());
    let is_on = |name: &str| fields.iter().any(|(known, _)| known == name);
    let has = |name: &str, value: &str| fields.iter().any(|(known, given)| known == name && given == value);
    let prefs = Prefs {
        keys: is_on("keys"),
        enter_sends: text("send") != "ctrl",
        hold_s: text("hold").parse().ok().filter(|hold| HOLDS.contains(hold)).unwrap_or_default(),
        sounds: SOUNDS.into_iter().filter(|sound| has("sound", sound)).map(str::to_owned).collect(),
        notifies: is_on("notifies"),
        is_discreet: is_on("discreet"),
    };
    let lang = Lang::named(text("locale")).unwrap_or_else(|| who.lang());
    let zone = text("zone");
    if !zone.is_empty() && zone.parse::<Tz>().is_err() {
        return show(&app, &who, zone.chars().take(64).collect(), prefs, false, true).await;
    }
    let zone = Some(zone).filter(|zone| !zone.is_empty());
    people::set_prefs(&app.db.read, who.agent.id, (lang.tag(), zone), &prefs).await?;
    Ok(Redirect::to("/console/me?saved=1").into_response())
}
