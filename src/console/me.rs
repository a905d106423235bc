//! How somebody likes their console: language, time zone, keys, what calls them.

use super::browsers::{self, Listed};
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::prefs::{HOLDS, MAILS, PUSHES, Prefs, SOUNDS};
use crate::error::Result;
use crate::push::Key;
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
    /// The installation's, for the browser's push service.
    key: String,
    browsers: Vec<Listed>,
    is_saved: bool,
    /// There is no zone of that name.
    is_lost: bool,
}

impl MePage {
    /// Whether the browser that shows this page is one of them.
    fn is_on(&self) -> bool {
        self.browsers.iter().any(|one| one.is_this)
    }
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
    let (key, browsers) = (Key::load(app).await?.public(), browsers::of(app, who).await?);
    let page = MePage { shell, lang, zone, prefs, zones: &TZ_VARIANTS, key, browsers, is_saved, is_lost };
    print(lang, status, &page)
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
        push_after_s: one_of(&PUSHES, text("push"), who.agent.prefs.push_after_s),
        mail_after_min: one_of(&MAILS, text("mail"), who.agent.prefs.mail_after_min),
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

/// What was chosen, or what it was.
fn one_of(choices: &[u16], chosen: &str, before: u16) -> u16 {
    chosen.parse().ok().filter(|chosen| choices.contains(chosen)).unwrap_or(before)
}
