//! Keeping one's place in line without the tab: leaving an address, and coming back by the link that was mailed to it.

use super::session::{admit, open_of};
use super::verbs::Caller;
use crate::app::{self, App};
use crate::auth::{self, shopper as shoppers};
use crate::conversations::{site_by_id, site_by_key};
use crate::domain::conversation::{Refusal, State as Standing};
use crate::domain::people::{Shopper, parse_email};
use crate::error::{Error, Result};
use crate::store::people::Holder;
use crate::store::queue::places::{self as store, Exchange};
use crate::web::{address, origin};
use axum::Json;
use axum::extract::rejection::StringRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keep {
    /// Empty takes it back; a shopper the shop vouches for may leave it out.
    email: Option<String>,
}

/// An object, and nothing that derived code would take for one.
pub fn parse<T: DeserializeOwned>(body: Result<String, StringRejection>, wanted: &'static str) -> Result<T> {
    let body = body.ok().filter(|body| body.trim_start().starts_with('{'));
    body.and_then(|body| serde_json::from_str(&body).ok()).ok_or(Error::BadRequest(wanted))
}

/// Keeps the place of whoever waits.
pub async fn keep(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Result<Json<Value>> {
    let holder = waiting(&app, &headers).await?;
    let form: Keep = parse(body, "Send a JSON object with email.")?;
    if form.email.as_ref().is_some_and(|email| email.trim().is_empty()) {
        return set(&app, &holder.shopper, None).await;
    }
    let email = address_of(&holder.shopper, form.email.as_deref())?;
    pace(&app, peer, &headers, &holder).await?;
    set(&app, &holder.shopper, Some(&email)).await
}

/// Takes the address back; who waits goes on waiting.
pub async fn give_up(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<StatusCode> {
    let holder = waiting(&app, &headers).await?;
    let Json(_) = set(&app, &holder.shopper, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn nothing_waits() -> Error {
    Error::conflict("not_waiting", "Nothing of yours is waiting: there is no place to keep.")
}

async fn waiting(app: &App, headers: &HeaderMap) -> Result<Holder> {
    let holder = shoppers::by_bearer(app, headers).await?;
    let site = site_by_id(app, holder.shopper.site_id).await?;
    origin::check_site(app, &site, headers)?;
    let open = open_of(app, &holder).await?;
    open.filter(|open| open.state == Standing::Waiting).map(|_| holder).ok_or_else(nothing_waits)
}

async fn set(app: &App, shopper: &Shopper, email: Option<&str>) -> Result<Json<Value>> {
    if !store::set(&app.db.read, (shopper.site_id, shopper.id), email).await? {
        return Err(nothing_waits());
    }
    // The turn may be near already.
    app.wake_queue();
    Ok(Json(json!({ "email": email })))
}

/// Where to call: for a shopper the shop vouches for only the address it vouches for.
fn address_of(shopper: &Shopper, typed: Option<&str>) -> Result<String> {
    let typed = match typed.map(parse_email) {
        Some(None) => return Err(Error::invalid("email", "This is not an e-mail address.")),
        Some(typed) => typed,
        None => None,
    };
    if !shopper.verified {
        return typed.ok_or_else(|| Error::invalid("email", "Say where to write to."));
    }
    let vouched = shopper.email.clone();
    let vouched = vouched.ok_or_else(|| Error::invalid("email", "The shop knows no e-mail address of yours."))?;
    match typed {
        Some(typed) if !typed.eq_ignore_ascii_case(&vouched) => {
            Err(Error::invalid("email", "The shop knows you by another e-mail address: use that one."))
        }
        _ => Ok(vouched),
    }
}

async fn pace(app: &Arc<App>, peer: SocketAddr, headers: &HeaderMap, holder: &Holder) -> Result<()> {
    let shopper = &holder.shopper;
    let caller = Caller {
        app: Arc::clone(app),
        site: shopper.site_id,
        shopper: shopper.id,
        name: shopper.name.as_str().into(),
        open: None,
        origin: None,
        ip: address::client(peer.ip(), headers, &app.config.trusted_proxies),
        has_past: false,
        only: holder.only,
    };
    let site = site_by_id(app, shopper.site_id).await?;
    let too_fast = |refusal: Refusal| Error::TooFast { retry: refusal.retry().unwrap_or_default() };
    caller.pace(&site).and_then(|()| caller.pace_letters()).map_err(too_fast)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Come {
    site: String,
    code: String,
}

/// Exchanges the code of a link for a token that is good for its conversation alone.
pub async fn come(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Result<Json<Value>> {
    let come: Come = parse(body, "Send a JSON object with site and code.")?;
    let site = site_by_key(&app, &come.site).await?;
    origin::check_site(&app, &site, &headers)?;
    admit(&app, &site, peer, &headers)?;
    let token = app::new_secret();
    let exchange = Exchange {
        site: site.id,
        code_hash: &auth::hash(&come.code),
        token_hash: &auth::hash(&token),
        now: app.clock.now(),
    };
    let conversation = store::exchange(&app.db.read, &exchange).await?.ok_or(Error::NotFound)?;
    Ok(Json(json!({ "token": token, "conversation": conversation })))
}
