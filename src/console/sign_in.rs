//! Signing in and out.

use crate::app::App;
use crate::auth::{SignedIn, session};
use crate::domain::id::AgentId;
use crate::domain::people::Role;
use crate::error::{Error, Result};
use crate::presence;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::shell::kept::{self, Kept, SignInPage};
use crate::shell::{Shell, print};
use crate::store::sessions::{self, SessionKind};
use crate::store::{duty, people, start};
use crate::web::address;
use crate::web::form::local_path;
use crate::web::lang;
use crate::words::ToArg;
use axum::Form;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;

const HOME: &str = "/console/inbox/mine";

#[derive(Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

pub async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Redirect {
    let Ok(who) = session::by_cookie(&app, &headers).await else { return Redirect::to("/console/login") };
    Redirect::to(home_of(&app, who.agent.id).await.unwrap_or(HOME))
}

/// Where somebody begins: an admin without a shop at the first steps.
async fn home_of(app: &App, agent: AgentId) -> Result<&'static str> {
    let agent = people::agent(&app.db.read, agent).await?;
    let is_admin = agent.is_some_and(|agent| agent.role >= Role::Admin);
    Ok(if is_admin && start::is_empty(&app.db.read).await? { "/console/start" } else { HOME })
}

pub async fn page(State(app): State<Arc<App>>, headers: HeaderMap, Query(query): Query<Next>) -> Result<Response> {
    let next = local_path(&query.next, HOME).to_owned();
    if session::by_cookie(&app, &headers).await.is_ok() {
        return Ok(Redirect::to(&next).into_response());
    }
    let lang = lang::asked(&headers);
    let shell = Shell::bare(lang, lang.say("sign-in"));
    print(lang, StatusCode::OK, &SignInPage { shell, email: String::new(), next, problem: None, kept: Kept::default() })
}

#[derive(Deserialize)]
pub struct Credentials {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
    #[serde(flatten)]
    kept: Kept,
}

/// Begins a session with a fresh secret, whatever cookie came along.
pub async fn sign_in(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Result<Response> {
    let from = address::client(peer.ip(), &headers, &app.config.trusted_proxies);
    let next = local_path(&form.next, HOME);
    let problem = match session::check_password(&app, from, &form.email, &form.password).await {
        Ok(proven) => {
            people::first_locale(&app.db.read, proven.agent, lang::asked(&headers).tag()).await?;
            let (_, secret) = session::begin(&app, &proven, SessionKind::Console).await?;
            let jar = CookieJar::new().add(session::cookie(&app, secret));
            if form.kept.is_something()
                && let Some(agent) = people::agent(&app.db.read, proven.agent).await?
            {
                return Ok((jar, kept::show(&agent, &form.kept, HOME)?).into_response());
            }
            let next = if next == HOME { home_of(&app, proven.agent).await? } else { next };
            return Ok((jar, Redirect::to(next)).into_response());
        }
        Err(problem) => problem,
    };
    let lang = lang::asked(&headers);
    let sentence = match &problem {
        Error::SignIn => lang.say("sign-in-wrong"),
        Error::TooFast { retry } => lang.say_with("sign-in-too-often", &[("seconds", retry.as_secs().max(1).to_arg())]),
        _ => return Err(problem),
    };
    let shell = Shell::bare(lang, lang.say("sign-in"));
    let page = SignInPage { shell, email: form.email, next: next.to_owned(), problem: Some(sentence), kept: form.kept };
    print(lang, problem.status(), &page)
}

/// Ends this session. Whoever has no other one leaves their chats at once: nobody waits for a grace that is not needed. What
/// they chose to be stays as it is.
pub async fn sign_out(State(app): State<Arc<App>>, who: SignedIn) -> Result<Response> {
    let agent = who.agent.id;
    sessions::end(&app.db.read, who.session).await?;
    app.hub.tell(Topic::Session(who.session), &Item::SignedOut);
    if !duty::is_signed_in_elsewhere(&app.db.read, agent, app.clock.now()).await? {
        presence::leave(&app, agent).await?;
    }
    let jar = CookieJar::new().add(session::no_cookie(&app));
    Ok((jar, Redirect::to("/console/login")).into_response())
}

/// Loaded by browsers without script only: the page counts as presence for a while.
pub async fn noscript(State(app): State<Arc<App>>, who: SignedIn) -> Result<Response> {
    let connection = crate::domain::id::ConnectionId(who.session.0);
    presence::seen_on_page(&app, who.agent.id, connection).await?;
    Ok((
        [(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))],
        ".js-only{display:none!important}.live+*{margin-inline-start:auto}.below{flex-wrap:wrap}.more .meta{max-inline-size:88px}.attach input{position:static;inline-size:220px;block-size:auto;clip-path:none;opacity:1}.attach svg{display:none}",
    )
        .into_response())
}

/// In a room of the staff what one says oneself stands where an agent's words do in a chat.
const OWN_IN_ROOM: &str = ".own{margin-inline-start:auto;justify-items:end;grid-template:\"bubble face\" auto \"meta .\" auto/minmax(0,1fr) 28px}\
.own .bubble{background:var(--selected);border-end-start-radius:var(--r-bubble);border-end-end-radius:4px}\
.own .meta{flex-direction:row-reverse}\
.own.more:not(.failed){grid-template:\"meta bubble face\" auto/auto minmax(0,auto) 28px}";

/// Rules that differ by viewer: pages and live updates are the same for everybody, this sheet tells whose message is whose.
pub async fn own_style(who: SignedIn) -> Response {
    let mine = who.agent.id;
    let whose = if super::thread::may_recall_any(&who.agent) {
        format!(
            ".entry .take-back{{display:inline-block}}[data-talk] .entry:not([data-author=\"{mine}\"]) .take-back{{display:none}}"
        )
    } else {
        format!(".entry[data-author=\"{mine}\"]:not(.late) .take-back{{display:inline-block}}")
    };
    let own = OWN_IN_ROOM.replace(".own", &format!(".from-colleague[data-author=\"{mine}\"]"));
    let rules = format!("{whose}{own}.entry:not([data-author=\"{mine}\"]) .correct{{display:none}}");
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))], rules).into_response()
}
