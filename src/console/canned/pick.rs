//! What is offered to somebody who types a slash: the replies that fit, each as it would read in this conversation.

use crate::app::App;
use crate::auth::SignedIn;
use crate::console::context::orders::NAMES;
use crate::console::files::upload;
use crate::console::thread::find;
use crate::conversations::site_by_id;
use crate::domain::canned::{fill, text_for};
use crate::domain::file::File;
use crate::domain::id::{CannedId, ConversationId};
use crate::error::{Error, Result};
use crate::files::copy;
use crate::shell::print;
use crate::store::canned::{self as store, Canned};
use crate::store::conversations::Summary;
use crate::store::people;
use crate::words::filters;
use askama::Template;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// Most that are offered.
const MOST: i64 = 8;
/// Longest text that is looked for, in characters.
const TEXT_MAX: usize = 60;

#[derive(Template)]
#[template(path = "console/_canned.html")]
struct Offers {
    replies: Vec<Offer>,
}

struct Offer {
    id: CannedId,
    shortcut: String,
    text: String,
    files: i64,
}

#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

pub async fn offer(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let summary = find(&app, &who.agent, id).await?;
    let text: String = asked.q.chars().filter(|c| *c != '\0').take(TEXT_MAX).collect();
    let (agent, now) = ((who.agent.id, who.agent.role), app.clock.now());
    let fitting = store::usable(&app.db.read, agent, summary.site_id, &text, now, MOST).await?;
    let site = site_by_id(&app, summary.site_id).await?;
    let known = known(&app, &who, &summary).await?;
    let shop = &site.settings.appearance.locale;
    let replies = fitting.into_iter().filter_map(|reply| {
        let text = fill(text_for(&reply.texts, &summary.locale, shop)?, &known);
        Some(Offer { id: reply.id, shortcut: reply.shortcut, text, files: reply.files })
    });
    print(who.reader(), StatusCode::OK, &Offers { replies: replies.collect() })
}

/// What stands in for the variables here.
pub async fn known(app: &App, who: &SignedIn, chat: &Summary) -> Result<BTreeMap<&'static str, String>> {
    let (reported, attributes) = people::context(&app.db.read, chat.site_id, chat.shopper_id).await?;
    Ok(BTreeMap::from([
        ("customer.name", chat.shopper_name.clone()),
        ("customer.email", chat.shopper_email.clone().unwrap_or_default()),
        ("agent.name", who.agent.name.clone()),
        ("site.name", chat.site_name.clone()),
        ("order.number", order_number(&attributes).or_else(|| order_number(&reported["fields"])).unwrap_or_default()),
        ("ticket.number", chat.ticket_number.map(|number| number.to_string()).unwrap_or_default()),
    ]))
}

/// Under the names by which the card of orders knows it.
fn order_number(fields: &Value) -> Option<String> {
    match NAMES.iter().find_map(|name| fields.get(*name))? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Counts, so that it comes earlier next time; and gives copies of its files, for the message that is being written.
pub async fn used(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path((id, canned)): Path<(ConversationId, CannedId)>,
) -> Result<Json<Value>> {
    let summary = find(&app, &who.agent, id).await?;
    let reply = store::one(&app.db.read, (who.agent.id, who.agent.role), canned).await?;
    let reply = reply.filter(|reply| reply.site_id == summary.site_id).ok_or(Error::NotFound)?;
    store::used(&app.db.read, who.agent.id, canned, app.clock.now()).await?;
    Ok(Json(json!({ "files": copies(&app, &who, &reply).await? })))
}

/// A copy of each file that goes with it.
pub async fn copies(app: &App, who: &SignedIn, reply: &Canned) -> Result<Vec<File>> {
    let site = site_by_id(app, reply.site_id).await?;
    let upload = upload(&site, who, IpAddr::V4(Ipv4Addr::LOCALHOST));
    let mut files = Vec::new();
    for kept in store::files(&app.db.read, reply.id).await? {
        files.push(copy(app, &upload, &kept).await?);
    }
    Ok(files)
}
