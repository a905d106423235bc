//! A shopper's files: one upload a request, and fresh addresses for what their conversations carry.

use crate::app::App;
use crate::auth::shopper as shoppers;
use crate::conversations::site_by_id;
use crate::domain::event::Author;
use crate::domain::file::{Copy, FileRules, PER_MESSAGE};
use crate::domain::id::FileId;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::files::{Upload, rules_for, take_one};
use crate::store::files as store;
use crate::web::{address, origin};
use axum::Json;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

pub async fn take(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<(StatusCode, Json<Value>)> {
    let headers = request.headers();
    let shopper = shoppers::by_bearer(&app, headers).await?.shopper;
    let site = site_by_id(&app, shopper.site_id).await?;
    origin::check_site(&app, &site, headers)?;
    let ip = address::client(peer.ip(), headers, &app.config.trusted_proxies);
    let upload = Upload { site: &site, by: Author::Shopper(shopper.id), ip };
    let file = take_one(&app, upload, request).await?;
    Ok((StatusCode::CREATED, Json(json!(file))))
}

/// Addresses expire: these are good for a while again.
pub async fn again(State(app): State<Arc<App>>, Path(id): Path<String>, headers: HeaderMap) -> Result<Json<Value>> {
    let holder = shoppers::by_bearer(&app, &headers).await?;
    let id: FileId = id.parse().map_err(|_| Error::NotFound)?;
    let shopper = &holder.shopper;
    let seen = store::seen_by(&app.db.read, (shopper.site_id, shopper.id), id).await?;
    let file = seen.filter(|(conversation, _)| holder.may_see(*conversation)).ok_or(Error::NotFound)?.1;
    let at = app.addresses();
    let mut answer = json!(file);
    answer["url"] = at.of(id, Copy::Whole).into();
    if file.is_picture() {
        answer["thumb"] = at.of(id, Copy::Thumb).into();
    }
    Ok(Json(answer))
}

/// What a session's answer says of files: `null` where none are taken.
pub fn offered(app: &App, site: &Site) -> Value {
    let Some(rules) = rules_for(app, site) else { return Value::Null };
    let FileRules { classes, .. } = rules;
    let per_message = rules.per_message().min(PER_MESSAGE);
    json!({ "max_bytes": rules.max_bytes(), "per_message": per_message, "classes": classes })
}
