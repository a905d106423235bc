//! Where an invitation leads: somebody chooses a password and is in. Opening it changes nothing, because mail scanners follow
//! links too.

use crate::app::App;
use crate::auth::hash;
use crate::auth::session::{self, PASSWORD_MAX, PASSWORD_MIN, Proven, hash_password};
use crate::error::{Error, Result};
use crate::pace::{Key, Quota};
use crate::shell::{Shell, print};
use crate::store::invitations::{self as store, Invited};
use crate::store::people;
use crate::store::sessions::SessionKind;
use crate::web::address::place;
use crate::web::{address, lang};
use crate::words::filters;
use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/welcome.html")]
struct WelcomePage {
    shell: Shell,
    /// `None`: the link is not good any more.
    invited: Option<Invited>,
    is_short: bool,
}

fn show(headers: &HeaderMap, invited: Option<Invited>, is_short: bool) -> Result<Response> {
    let lang = lang::asked(headers);
    let status = match (&invited, is_short) {
        (None, _) => StatusCode::NOT_FOUND,
        (Some(_), true) => StatusCode::UNPROCESSABLE_ENTITY,
        (Some(_), false) => StatusCode::OK,
    };
    let page = WelcomePage { shell: Shell::bare(lang, lang.say("welcome-password")), invited, is_short };
    print(lang, status, &page)
}

pub async fn page(State(app): State<Arc<App>>, Path(code): Path<String>, headers: HeaderMap) -> Result<Response> {
    show(&headers, store::by_code(&app.db.read, &hash(&code), app.clock.now()).await?, false)
}

#[derive(Deserialize)]
pub struct Chosen {
    password: String,
}

/// Uses the link up and signs them in.
pub async fn choose(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(code): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Chosen>,
) -> Result<Response> {
    let from = address::client(peer.ip(), &headers, &app.config.trusted_proxies);
    let paced = app.paces.take(Key::SignIn(place(from)), Quota::per_s(60, 1), crate::app::instant());
    paced.map_err(|retry| Error::TooFast { retry })?;
    let now = app.clock.now();
    let Some(invited) = store::by_code(&app.db.read, &hash(&code), now).await? else {
        return show(&headers, None, false);
    };
    if form.password.chars().count() < PASSWORD_MIN || form.password.len() > PASSWORD_MAX {
        return show(&headers, Some(invited), true);
    }
    let hashed = hash_password(&app, &form.password).await?;
    let Some(agent) = store::accept(&app.db.read, &hash(&code), &hashed, now).await? else {
        return show(&headers, None, false);
    };
    people::first_locale(&app.db.read, agent, lang::asked(&headers).tag()).await?;
    let (_, secret) = session::begin(&app, &Proven { agent, hash: None }, SessionKind::Console).await?;
    let jar = CookieJar::new().add(session::cookie(&app, secret));
    Ok((jar, Redirect::to("/console/inbox/mine")).into_response())
}
