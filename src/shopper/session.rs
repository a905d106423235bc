//! Beginning or continuing a shopper's session: token, ticket, what the site offers, and the open conversation.

use super::cookie;
use crate::app::{self, App};
use crate::auth::{self, identity, shopper as shoppers};
use crate::conversations::{report, site_by_key};
use crate::domain::conversation::State as Standing;
use crate::domain::id::ShopperId;
use crate::domain::people::Shopper;
use crate::domain::site::{IntakeField, Site};
use crate::domain::widget::{Trail, in_language};
use crate::embed::sighting;
use crate::error::{Error, Result};
use crate::pace::{Key, Quota};
use crate::presence::shop::Look;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::conversations::{self, Glance};
use crate::store::people::{self, Holder, Identity};
use crate::store::queue::places;
use crate::store::sessions::{Principal, ShopperTicket};
use crate::store::{blocks, contacts, in_time, privacy, push, sites};
use crate::web::address::place;
use crate::web::{address, origin};
use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    site: String,
    token: Option<String>,
    identity: Option<String>,
    locale: Option<String>,
    #[serde(default, deserialize_with = "super::protocol::object")]
    page: Option<super::protocol::Page>,
}

pub async fn begin(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<Begin>, axum::extract::rejection::JsonRejection>,
) -> Result<(HeaderMap, Json<Value>)> {
    let Json(begin) = body.map_err(|_| {
        Error::invalid("body", "Send the JSON object of the contract: site, token, identity, locale, page.")
    })?;
    let _inside = app.gate.enter(app::instant()).await.ok_or_else(|| Error::crowded(app::later()))?;
    in_time(answer_to(&app, begin, peer, &headers)).await
}

async fn answer_to(app: &App, begin: Begin, peer: SocketAddr, headers: &HeaderMap) -> Result<(HeaderMap, Json<Value>)> {
    let site = site_by_key(app, &begin.site).await?;
    origin::check_site(app, &site, headers)?;
    admit(app, &site, peer, headers)?;
    let locale = tidy_locale(begin.locale.as_deref().unwrap_or(&site.settings.appearance.locale));
    let given = token_of(app, &site, begin.token, headers).await?;
    let known = match &given {
        Some(token) => still_good(app, let_in(shoppers::by_token(app, token).await?)?, &site).await?,
        None => None,
    };
    let (shopper, token, only) = match (&begin.identity, known, given) {
        (Some(statement), known, token) => {
            // What a link opened is nothing that was said in this browser.
            let known = known.filter(|holder| holder.only.is_none()).map(|holder| holder.shopper);
            let (shopper, token) = verified(app, &site, statement, known, token, &locale).await?;
            (shopper, token, None)
        }
        (None, Some(holder), Some(token)) => (holder.shopper, token, holder.only),
        (None, _, _) => {
            let (shopper, token) = anonymous(app, &site, &locale).await?;
            (shopper, token, None)
        }
    };
    if let Some(page) = &begin.page {
        sighting::note(app, &site, &page.url).await;
    }
    if let Some(page) = begin.page
        && site.settings.trail != Trail::Off
    {
        remember_page(app, &shopper, &page).await?;
    }
    // What a link opened is not what this browser is remembered by.
    let cookie = if only.is_none() { cookie::keep(app, &site, headers, Some(&token)) } else { None };
    let beside = cookie.map(|cookie| (header::SET_COOKIE, cookie)).into_iter().collect();
    Ok((beside, answer(app, &site, &Holder { shopper, only, is_blocked: false }, token, &locale).await?))
}

/// The token a browser gave, or the one in its cookie. An empty one says that the shopper signed out: what the cookie holds is forgotten.
async fn token_of(app: &App, site: &Site, given: Option<String>, headers: &HeaderMap) -> Result<Option<String>> {
    let Some(given) = given else { return Ok(cookie::token(app, site, headers)) };
    if given.is_empty()
        && let Some(old) = cookie::token(app, site, headers)
    {
        forget_token(app, &old).await?;
    }
    Ok(Some(given).filter(|token| !token.is_empty()))
}

async fn forget_token(app: &App, token: &str) -> Result<()> {
    if privacy::forget_token(&app.db.read, &auth::hash(token), app.clock.now()).await? {
        app.signals.files.notify_one();
    }
    Ok(())
}

/// Who is blocked in this browser does not come in with another name either.
fn let_in(holder: Option<Holder>) -> Result<Option<Holder>> {
    if holder.as_ref().is_some_and(|holder| holder.is_blocked) { Err(Error::Blocked) } else { Ok(holder) }
}

/// A token of this site; one that came from a link, while its conversation is the open one.
async fn still_good(app: &App, holder: Option<Holder>, site: &Site) -> Result<Option<Holder>> {
    let Some(holder) = holder.filter(|holder| holder.shopper.site_id == site.id) else { return Ok(None) };
    if holder.only.is_some() && open_of(app, &holder).await?.is_none() {
        return Ok(None);
    }
    Ok(Some(holder))
}

/// The open conversation of a shopper, if this holder may see it.
pub async fn open_of(app: &App, holder: &Holder) -> Result<Option<Glance>> {
    let shopper = &holder.shopper;
    let latest = conversations::latest(&app.db.read, shopper.site_id, shopper.id).await?;
    Ok(latest.filter(|c| c.state.is_open() && holder.may_see(c.id)))
}

/// Where the shopper is, for the agent's side panel.
async fn remember_page(app: &App, shopper: &Shopper, page: &super::protocol::Page) -> Result<()> {
    let is_sane =
        page.url.len() <= 2_000 && page.title.len() <= 1_000 && !page.url.contains('\0') && !page.title.contains('\0');
    if is_sane && !page.url.is_empty() && !page.opens_a_chat() {
        let context = json!({ "page": { "url": page.url, "title": page.title } });
        report(app, (shopper.site_id, shopper.id), &context).await?;
    }
    Ok(())
}

pub fn admit(app: &App, site: &Site, peer: SocketAddr, headers: &HeaderMap) -> Result<()> {
    let ip = address::client(peer.ip(), headers, &app.config.trusted_proxies);
    let limits = site.settings.limits;
    let quota = Quota::per_s(limits.sessions_burst, limits.sessions_per_s);
    app.paces.take(Key::Sessions(site.id, place(ip)), quota, app::instant()).map_err(|retry| Error::TooFast { retry })
}

/// A language tag as browsers state it; anything else is English.
fn tidy_locale(raw: &str) -> String {
    let is_tag = (2..=35).contains(&raw.len()) && raw.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_tag { raw.to_owned() } else { "en".to_owned() }
}

async fn anonymous(app: &App, site: &Site, locale: &str) -> Result<(Shopper, String)> {
    let shopper = Shopper {
        site_id: site.id,
        id: ShopperId(app::new_id()),
        name: String::new(),
        email: None,
        verified: false,
        locale: locale.to_owned(),
    };
    let token = app::new_secret();
    let mut tx = app.db.read.begin().await?;
    people::add_shopper(&mut tx, &shopper).await?;
    people::add_token(&mut tx, &auth::hash(&token), (site.id, shopper.id), token_end(app)).await?;
    tx.commit().await?;
    Ok((shopper, token))
}

fn token_end(app: &App) -> chrono::DateTime<chrono::Utc> {
    app.clock.now() + TimeDelta::days(shoppers::TOKEN_DAYS)
}

/// The shop vouches for this shopper. What they said before anonymously in this browser moves to them, once.
async fn verified(
    app: &App,
    site: &Site,
    statement: &str,
    known: Option<Shopper>,
    token: Option<String>,
    locale: &str,
) -> Result<(Shopper, String)> {
    let verified = identity::verify(site, statement, app.clock.now()).ok_or(Error::SignIn)?;
    let identity = Identity {
        external_id: &verified.external_id,
        name: verified.name.as_deref(),
        email: verified.email.as_deref(),
        attributes: &verified.attributes,
    };
    let mut tx = app.db.read.begin().await?;
    let shopper = people::verified_shopper(&mut tx, site.id, ShopperId(app::new_id()), &identity, locale).await?;
    if blocks::holds(&mut *tx, (site.id, shopper.id), app.clock.now()).await? {
        return Err(Error::Blocked);
    }
    if let (Some(known), Some(token)) = (&known, &token)
        && known.id == shopper.id
    {
        tx.commit().await?;
        return Ok((shopper, token.clone()));
    }
    let fresh = app::new_secret();
    let fresh_hash = auth::hash(&fresh);
    people::add_token(&mut tx, &fresh_hash, (site.id, shopper.id), token_end(app)).await?;
    let left = token.as_deref().filter(|_| known.as_ref().is_some_and(|known| known.verified)).map(auth::hash);
    if let Some(anonymous) = known.filter(|known| !known.verified) {
        if let Some(token) = token {
            // Whoever agreed to notifications in this browser agreed for whoever they are.
            push::move_to(&mut tx, &auth::hash(&token), &fresh_hash).await?;
        }
        contacts::merge_shopper(&mut tx, site.id, (anonymous.id, shopper.id), app.clock.now()).await?;
    }
    tx.commit().await?;
    // Somebody else is at this browser now: who was here before is told nothing in it any more.
    if let Some(left) = left {
        privacy::forget_token(&app.db.read, &left, app.clock.now()).await?;
    }
    Ok((shopper, fresh))
}

/// The questions before the chat, in the reader's language where the shop wrote them in it.
fn intake(site: &Site, locale: &str) -> Vec<IntakeField> {
    let mut intake = site.settings.intake.clone();
    for field in &mut intake {
        if let Some(label) = in_language(&std::mem::take(&mut field.labels), locale) {
            field.label.clone_from(label);
        }
    }
    intake
}

async fn answer(app: &App, site: &Site, holder: &Holder, token: String, locale: &str) -> Result<Json<Value>> {
    let shopper = &holder.shopper;
    let who = Principal::Shopper(ShopperTicket { site: site.id, shopper: shopper.id, only: holder.only });
    let ticket = shoppers::issue_ticket(app, &who).await?;
    let look = Look::at(app, site).await?;
    let conversation = match open_of(app, holder).await? {
        Some(open) => Some(about(app, &open, holder).await?),
        None => None,
    };
    let teams: Vec<_> = sites::teams(&app.db.read, site.id)
        .await?
        .into_iter()
        .map(|team| json!({ "id": team.id, "name": team.name, "open": look.openness(Some(&team)).is_open }))
        .collect();
    let shop = look.openness(None);
    // Whoever was passed a link learns no name and no address by it.
    let known = if holder.only.is_some() { (None, None) } else { (Some(&shopper.name), shopper.email.as_ref()) };
    Ok(Json(json!({
        "token": token,
        "ticket": ticket,
        "shopper": { "id": shopper.id, "name": known.0.map_or("", String::as_str), "email": known.1, "verified": shopper.verified },
        "site": {
            "name": site.name, "open": shop.is_open, "opens_at": shop.opens_at,
            "teams": teams, "intake": intake(site, locale),
            "files": super::files::offered(app, site), "push": site.settings.notify.push,
        },
        "conversation": conversation,
    })))
}

async fn about(app: &App, open: &Glance, holder: &Holder) -> Result<Value> {
    let mut about = json!({ "id": open.id, "state": open.state, "epoch": app.epoch, "head": open.shopper_seq });
    if open.state == Standing::Waiting
        && let Some(email) = places::kept_at(&app.db.read, open.id).await?
    {
        about["place_kept"] = true.into();
        if holder.only.is_none() {
            about["place_email"] = email.into();
        }
    }
    Ok(about)
}

/// Signing out of the shop: the token is forgotten, and what was said under it cannot be read with it again.
pub async fn forget(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<(HeaderMap, StatusCode)> {
    let mut tokens: Vec<String> = auth::session::bearer(&headers).map(str::to_owned).into_iter().collect();
    let mut beside = HeaderMap::new();
    for key in cookie::keys(&headers) {
        let Ok(site) = site_by_key(&app, &key).await else { continue };
        tokens.extend(cookie::token(&app, &site, &headers));
        beside.extend(cookie::keep(&app, &site, &headers, None).map(|gone| (header::SET_COOKIE, gone)));
    }
    if tokens.is_empty() {
        return Err(Error::SignIn);
    }
    for token in tokens {
        if let Some(holder) = shoppers::by_token(&app, &token).await? {
            forget_token(&app, &token).await?;
            app.hub.tell(Topic::Shopper(holder.shopper.id), &Item::SignedOut);
        }
    }
    Ok((beside, StatusCode::NO_CONTENT))
}
