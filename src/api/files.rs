//! An agent's files, uploaded by a program: for a conversation they may see, to be carried by a `send` there or in another of
//! the same shop.

use crate::app::App;
use crate::auth::session as auth;
use crate::conversations::site_by_id;
use crate::domain::event::Author;
use crate::domain::id::ConversationId;
use crate::error::{Error, Result};
use crate::files::{Upload, take_one};
use crate::store::people;
use crate::web::address;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Deserialize)]
pub struct For {
    conversation: ConversationId,
}

pub async fn take(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    target: Result<Query<For>, QueryRejection>,
    request: Request,
) -> Result<(StatusCode, Json<Value>)> {
    let agent = auth::by_bearer(&app, request.headers()).await?.agent;
    let Query(target) = target.map_err(|_| Error::BadRequest("Name the conversation: ?conversation=…"))?;
    let seen = people::may_see(&app.db.read, agent.id, agent.role, target.conversation).await?;
    let site = site_by_id(&app, seen.ok_or(Error::NotFound)?).await?;
    let ip = address::client(peer.ip(), request.headers(), &app.config.trusted_proxies);
    let file = take_one(&app, Upload { site: &site, by: Author::Agent(agent.id), ip }, request).await?;
    Ok((StatusCode::CREATED, Json(json!(file))))
}
