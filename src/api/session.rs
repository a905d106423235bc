//! Signing in for programs: an access token of 15 minutes, a refresh token, a ticket for the socket.

use crate::app::{self, App};
use crate::auth::session::{self, SignedIn};
use crate::auth::shopper::issue_ticket;
use crate::auth::token;
use crate::error::{Error, Result};
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::sessions::{self, AgentTicket, Principal, SessionKind};
use crate::web::address;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    email: String,
    password: String,
    totp: Option<String>,
}

pub async fn begin(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Json<Begin>, JsonRejection>,
) -> Result<Json<Value>> {
    let Json(begin) = body.map_err(|_| Error::BadRequest("Send a JSON object with email and password."))?;
    if begin.totp.is_some() {
        return Err(Error::invalid("totp", "This account has no second factor: leave it out."));
    }
    let from = address::client(peer.ip(), &headers, &app.config.trusted_proxies);
    let proven = session::check_password(&app, from, &begin.email, &begin.password).await?;
    let (id, refresh_token) = session::begin(&app, &proven, SessionKind::Api).await?;
    let who = session::load(&app, proven.agent, id).await?;
    answer(&app, &who, &refresh_token).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    refresh_token: String,
}

pub async fn refresh(State(app): State<Arc<App>>, body: Result<Json<Refresh>, JsonRejection>) -> Result<Json<Value>> {
    let Json(refresh) = body.map_err(|_| Error::BadRequest("Send a JSON object with refresh_token."))?;
    let who = session::by_refresh_token(&app, &refresh.refresh_token).await?;
    answer(&app, &who, &refresh.refresh_token).await
}

async fn answer(app: &App, who: &SignedIn, refresh_token: &str) -> Result<Json<Value>> {
    let agent = &who.agent;
    Ok(Json(json!({
        "access_token": token::sign(app, agent.id, who.session)?,
        "expires_in": token::ACCESS_MINUTES * 60,
        "refresh_token": refresh_token,
        "ticket": fresh_ticket(app, who).await?,
        "agent": { "id": agent.id, "email": agent.email, "name": agent.name, "role": agent.role, "capacity": agent.capacity },
    })))
}

async fn fresh_ticket(app: &App, who: &SignedIn) -> Result<String> {
    issue_ticket(app, &Principal::Agent(AgentTicket { agent: who.agent.id, session: who.session })).await
}

pub async fn ticket(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Json<Value>> {
    let _inside = app.gate.enter(app::instant()).await.ok_or_else(|| Error::crowded(app::later()))?;
    let who = session::by_bearer(&app, &headers).await?;
    Ok(Json(json!({ "ticket": fresh_ticket(&app, &who).await? })))
}

/// Signing out: the session ends, and its sockets with it.
pub async fn end(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<StatusCode> {
    let who = session::by_bearer(&app, &headers).await?;
    sessions::end(&app.db.read, who.session).await?;
    app.hub.tell(Topic::Session(who.session), &Item::SignedOut);
    Ok(StatusCode::NO_CONTENT)
}
