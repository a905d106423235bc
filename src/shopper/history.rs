//! Older history of a shopper's own conversation, page by page.

use crate::app::App;
use crate::auth::shopper as shoppers;
use crate::domain::id::ConversationId;
use crate::error::{Error, Result};
use crate::replay::shown_to;
use crate::store::conversations::belongs_to;
use crate::store::events::{self, Audience};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
pub struct Page {
    before: Option<i64>,
    limit: Option<i64>,
}

const LIMIT_MAX: i64 = 100;

pub async fn page(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    page: Result<Query<Page>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Value>> {
    let holder = shoppers::by_bearer(&app, &headers).await?;
    let Query(page) = page.map_err(|_| Error::BadRequest("before and limit are whole numbers."))?;
    // Somebody else's, unknown and misspelt are told alike.
    let id: ConversationId = id.parse().map_err(|_| Error::NotFound)?;
    let shopper = &holder.shopper;
    if !holder.may_see(id) || !belongs_to(&app.db.read, shopper.site_id, id, shopper.id).await? {
        return Err(Error::NotFound);
    }
    let limit = page.limit.unwrap_or(50).clamp(1, LIMIT_MAX);
    let before = page.before.unwrap_or(i64::MAX);
    let events = events::before(&app.db.read, Audience::Shopper, (shopper.site_id, id), before, limit).await?;
    let more = events.first().and_then(|event| event.shopper_seq).is_some_and(|seq| seq > 1);
    let at = app.addresses();
    let shown: Vec<_> = events.iter().filter_map(|event| shown_to(Audience::Shopper, event, &at)).collect();
    Ok(Json(json!({ "events": shown, "more": more, "epoch": app.epoch })))
}
