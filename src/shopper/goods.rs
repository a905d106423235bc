//! Cards of the goods that a message links to, and their pictures, from our own origin.

use crate::app::{self, App};
use crate::auth::shopper as shoppers;
use crate::conversations::{site_by_id, site_by_key};
use crate::domain::event::Kind;
use crate::domain::id::ConversationId;
use crate::error::{Error, Result};
use crate::pace::{Key, Quota};
use crate::store::conversations::belongs_to;
use crate::store::events::{self, Audience};
use crate::storefront::{self, Picture};
use crate::web::origin;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Messages a shopper asks about at once, then one a second: a long thread is looked at in one go.
const AT_ONCE: Quota = Quota::every(60, Duration::from_secs(1));

/// The cards of one message, by the shopper's number of it.
pub async fn cards(
    State(app): State<Arc<App>>,
    Path((id, seq)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>> {
    let holder = shoppers::by_bearer(&app, &headers).await?;
    let shopper = &holder.shopper;
    let site = site_by_id(&app, shopper.site_id).await?;
    origin::check_site(&app, &site, &headers)?;
    // Somebody else's, unknown and misspelt are told alike.
    let id: ConversationId = id.parse().map_err(|_| Error::NotFound)?;
    let seq: i64 = seq.parse().ok().filter(|seq| (1..i64::MAX).contains(seq)).ok_or(Error::NotFound)?;
    if !holder.may_see(id) || !belongs_to(&app.db.read, shopper.site_id, id, shopper.id).await? {
        return Err(Error::NotFound);
    }
    let paced = app.paces.take(Key::Cards(site.id, shopper.id.0), AT_ONCE, app::instant());
    paced.map_err(|retry| Error::TooFast { retry })?;
    let event = events::before(&app.db.read, Audience::Shopper, (site.id, id), seq + 1, 1).await?.pop();
    let event = event.filter(|event| event.shopper_seq == Some(seq)).ok_or(Error::NotFound)?;
    let text = event.body.filter(|_| event.kind == Kind::Message).unwrap_or_default();
    let cards = storefront::cards(&app, &site, &text).await?;
    Ok(Json(json!({ "cards": cards })))
}

#[derive(Deserialize)]
pub struct Asked {
    u: String,
    s: String,
}

/// A picture of a card. The answer is ours, a JPEG, and nothing else whatever the shop sent.
pub async fn picture(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Query(asked) = asked.map_err(|_| Error::NotFound)?;
    let site = site_by_key(&app, &key).await?;
    let (status, body, keep) = match storefront::picture(&app, &site, &asked.u, &asked.s).await? {
        Picture::Jpeg(jpeg) => (StatusCode::OK, jpeg, "private, max-age=86400, immutable"),
        Picture::None => (StatusCode::NOT_FOUND, Vec::new(), "private, max-age=60"),
    };
    let mut answer = (status, body).into_response();
    let own = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (header::CACHE_CONTROL, keep),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in own {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(answer)
}
