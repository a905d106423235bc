//! Beginning or continuing a shopper's session: token, ticket, what the site offers, and the open conversation.

use crate::app::{self, App};
use crate::auth::{self, identity, shopper as shoppers};
use crate::conversations::site_by_key;
use crate::domain::id::ShopperId;
use crate::domain::people::Shopper;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::pace::{Key, Quota};
use crate::presence::shop::Look;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::people::{self, Identity};
use crate::store::sessions::{Principal, ShopperTicket};
use crate::store::{conversations, in_time, sites};
use crate::web::{address, origin};
use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
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
) -> Result<Json<Value>> {
    let Json(begin) = body.map_err(|_| {
        Error::invalid("body", "Send the JSON object of the contract: site, token, identity, locale, page.")
    })?;
    let _inside = app.gate.enter(app::instant()).await.ok_or_else(|| Error::crowded(app::later()))?;
    in_time(answer_to(&app, begin, peer, &headers)).await
}

async fn answer_to(app: &App, begin: Begin, peer: SocketAddr, headers: &HeaderMap) -> Result<Json<Value>> {
    let site = site_by_key(app, &begin.site).await?;
    origin::check_site(app, &site, headers)?;
    admit(app, &site, peer, headers)?;
    let locale = tidy_locale(begin.locale.as_deref().unwrap_or(&site.settings.appearance.locale));
    let known = match &begin.token {
        Some(token) => shoppers::by_token(app, token).await?.filter(|shopper| shopper.site_id == site.id),
        None => None,
    };
    let (shopper, token) = match (&begin.identity, known, begin.token) {
        (Some(statement), known, token) => verified(app, &site, statement, known, token, &locale).await?,
        (None, Some(shopper), Some(token)) => (shopper, token),
        (None, _, _) => anonymous(app, &site, &locale).await?,
    };
    if let Some(page) = begin.page {
        remember_page(app, &shopper, &page).await?;
    }
    answer(app, &site, &shopper, token).await
}

/// Where the shopper is, for the agent's side panel.
async fn remember_page(app: &App, shopper: &Shopper, page: &super::protocol::Page) -> Result<()> {
    let is_sane =
        page.url.len() <= 2_000 && page.title.len() <= 1_000 && !page.url.contains('\0') && !page.title.contains('\0');
    if is_sane && !page.url.is_empty() {
        let context = json!({ "page": { "url": page.url, "title": page.title } });
        people::set_context(&app.db.read, (shopper.site_id, shopper.id), &context).await?;
    }
    Ok(())
}

fn admit(app: &App, site: &Site, peer: SocketAddr, headers: &HeaderMap) -> Result<()> {
    let ip = address::client(peer.ip(), headers, &app.config.trusted_proxies);
    let limits = site.settings.limits;
    let quota = Quota::per_s(limits.sessions_burst, limits.sessions_per_s);
    app.paces.take(Key::Sessions(site.id, ip), quota, app::instant()).map_err(|retry| Error::TooFast { retry })
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
    if let (Some(known), Some(token)) = (&known, token)
        && known.id == shopper.id
    {
        tx.commit().await?;
        return Ok((shopper, token));
    }
    if let Some(anonymous) = known.filter(|known| !known.verified) {
        people::merge_shopper(&mut tx, site.id, anonymous.id, shopper.id).await?;
    }
    let token = app::new_secret();
    people::add_token(&mut tx, &auth::hash(&token), (site.id, shopper.id), token_end(app)).await?;
    tx.commit().await?;
    Ok((shopper, token))
}

async fn answer(app: &App, site: &Site, shopper: &Shopper, token: String) -> Result<Json<Value>> {
    let who = Principal::Shopper(ShopperTicket { site: site.id, shopper: shopper.id });
    let ticket = shoppers::issue_ticket(app, &who).await?;
    let open = conversations::latest(&app.db.read, site.id, shopper.id).await?.filter(|c| c.state.is_open());
    let look = Look::at(app, site).await?;
    let teams: Vec<_> = sites::teams(&app.db.read, site.id)
        .await?
        .into_iter()
        .map(|team| json!({ "id": team.id, "name": team.name, "open": look.openness(Some(&team)).is_open }))
        .collect();
    let shop = look.openness(None);
    Ok(Json(json!({
        "token": token,
        "ticket": ticket,
        "shopper": { "id": shopper.id, "name": shopper.name, "email": shopper.email, "verified": shopper.verified },
        "site": {
            "name": site.name, "open": shop.is_open, "opens_at": shop.opens_at,
            "teams": teams, "intake": site.settings.intake,
        },
        "conversation": open.map(|c| json!({ "id": c.id, "state": c.state, "epoch": app.epoch, "head": c.shopper_seq })),
    })))
}

/// Signing out of the shop: the token is forgotten, and what was said under it cannot be read with it again.
pub async fn forget(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<StatusCode> {
    let token = auth::session::bearer(&headers).ok_or(Error::SignIn)?;
    if let Some(shopper) = shoppers::by_token(&app, token).await? {
        people::forget_token(&app.db.read, &auth::hash(token)).await?;
        app.hub.tell(Topic::Shopper(shopper.id), &Item::SignedOut);
    }
    Ok(StatusCode::NO_CONTENT)
}
