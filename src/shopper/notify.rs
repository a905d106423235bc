//! Agreeing to notifications: the panel asks for an address, the page there asks the shopper and hands over what the
//! browser gives, and takes it back again.
//!
//! The address is good once, for ten minutes; opening it uses nothing up. A browser belongs to the token that asked, and
//! goes with it. Its own address, which nobody else has, is enough to take it back.

mod words;

use super::arrival;
use super::place::parse;
use super::session::admit;
use crate::app::{self, App};
use crate::auth::{self, session::bearer, shopper as shoppers};
use crate::conversations::{site_by_id, site_by_key};
use crate::domain::id::SubscriptionId;
use crate::domain::site::Site;
use crate::domain::tongues::Tongue;
use crate::error::{Error, Result};
use crate::pace::{Key as Pace, Quota};
use crate::push::{Key, Subscription};
use crate::store::push::{self as store, Agreed, NewLink};
use crate::web::assets::Set;
use crate::web::origin;
use askama::Template;
use axum::Json;
use axum::extract::rejection::StringRejection;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use words::{Words, words};

const LINK: TimeDelta = TimeDelta::minutes(10);
/// Addresses a shopper asks for at once, then one a minute.
const LINKS: Quota = Quota::every(10, Duration::from_mins(1));

pub static FILES: LazyLock<Set> = LazyLock::new(|| {
    Set::new(&[
        ("notify.js", include_bytes!("../../assets/notify/notify.js")),
        ("sw.js", include_bytes!("../../assets/notify/sw.js")),
    ])
});

/// An address for the shopper who asks.
pub async fn ask(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Json<Value>> {
    let holder = shoppers::by_bearer(&app, &headers).await?;
    let site = site_by_id(&app, holder.shopper.site_id).await?;
    origin::check_site(&app, &site, &headers)?;
    if !site.settings.notify.push {
        return Err(Error::conflict("not_offered", "This shop sends no notifications."));
    }
    let paced = app.paces.take(Pace::Notify(site.id, holder.shopper.id.0), LINKS, app::instant());
    paced.map_err(|retry| Error::TooFast { retry })?;
    let (code, token) = (app::new_secret(), bearer(&headers).ok_or(Error::SignIn)?);
    let link = NewLink {
        code_hash: &auth::hash(&code),
        site: site.id,
        token_hash: &auth::hash(token),
        locale: &holder.shopper.locale,
        expires_at: app.clock.now() + LINK,
    };
    store::add_link(&app.db.read, &link).await?;
    Ok(Json(json!({ "url": format!("/w/{}/notify/{code}", site.public_key) })))
}

#[derive(Template)]
#[template(path = "widget/notify.html")]
struct Page<'a> {
    words: &'static Tongue<Words>,
    site: &'a Site,
    /// The installation's, for the browser's push service.
    key: String,
    ask: String,
    hash: &'a str,
    style: &'a str,
    is_known: bool,
}

/// Its own files and our own server, and nothing inline; its worker is a script of ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types deskbell";

pub async fn page(
    State(app): State<Arc<App>>,
    Path((key, code)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let site = site_by_key(&app, &key).await?;
    let found = store::link_locale(&app.db.read, (site.id, &auth::hash(&code)), app.clock.now()).await?;
    let words = words(found.as_deref().unwrap_or(arrival::preferred(&headers, &site)));
    let page = Page {
        words,
        key: Key::load(&app).await?.public(),
        ask: words.ask.replace("{}", &site.name),
        site: &site,
        hash: &FILES.hash,
        style: &arrival::FILES.hash,
        is_known: found.is_some(),
    };
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let answer = (status, Html(page.render().map_err(Error::bug)?)).into_response();
    Ok(arrival::secretive(answer, POLICY))
}

/// The worker that shows notifications: at one address for good, because browsers remember it.
pub async fn worker(headers: HeaderMap) -> Result<Response> {
    let mut answer = FILES.answer("", "sw.js", &headers).ok_or(Error::NotFound)?;
    let policy = HeaderValue::from_static("default-src 'none'");
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreement {
    site: String,
    code: String,
    subscription: Subscription,
}

pub async fn agree(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Result<StatusCode> {
    let agreement: Agreement = parse(body, "Send a JSON object with site, code and subscription.")?;
    let site = site_by_key(&app, &agreement.site).await?;
    origin::check_site(&app, &site, &headers)?;
    admit(&app, &site, peer, &headers)?;
    let checked = agreement.subscription.check(&app).await?;
    let agreed = Agreed {
        id: SubscriptionId(app::new_id()),
        site: site.id,
        code_hash: &auth::hash(&agreement.code),
        endpoint: checked.endpoint.as_str(),
        endpoint_hash: &auth::hash(&checked.named),
        p256dh: &checked.p256dh,
        auth: &checked.auth,
        now: app.clock.now(),
    };
    let is_good = store::subscribe(&app.db.read, &agreed).await?;
    if is_good { Ok(StatusCode::CREATED) } else { Err(Error::NotFound) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    site: String,
    endpoint: String,
}

pub async fn stop(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Result<StatusCode> {
    let ending: Ending = parse(body, "Send a JSON object with site and endpoint.")?;
    let site = site_by_key(&app, &ending.site).await?;
    origin::check_site(&app, &site, &headers)?;
    store::unsubscribe(&app.db.read, site.id, &auth::hash(&ending.endpoint)).await?;
    Ok(StatusCode::NO_CONTENT)
}
