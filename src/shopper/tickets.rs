//! The form for when nobody can answer now: it makes a ticket, answered by mail.

use super::verbs::{Caller, FirstSend, Step};
use crate::app::App;
use crate::auth::shopper as shoppers;
use crate::conversations::{self, site_by_id};
use crate::domain::conversation::Refusal;
use crate::domain::id::ClientId;
use crate::domain::message::check_body;
use crate::domain::people::{Shopper, parse_email, tidy_name};
use crate::error::{Error, Result};
use crate::store::append::Outcome;
use crate::store::conversations as store;
use crate::web::origin;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    cid: ClientId,
    #[serde(default)]
    name: String,
    email: String,
    body: String,
}

pub async fn make(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    form: Result<Json<Form>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>)> {
    let shopper = shoppers::by_bearer(&app, &headers).await?;
    let site = site_by_id(&app, shopper.site_id).await?;
    origin::check_site(&app, &site, &headers)?;
    let Json(form) = form.map_err(|_| Error::BadRequest("Send a JSON object with cid, name, email and body."))?;
    let email = check(&form)?;
    let mut caller = Caller {
        app: Arc::clone(&app),
        site: site.id,
        shopper: shopper.id,
        name: shopper.name.as_str().into(),
        open: None,
        origin: None,
    };
    caller.pace(&site).map_err(|refusal| Error::TooFast { retry: refusal.retry().unwrap_or_default() })?;
    let number = write(&mut caller, &shopper, form, &email).await?;
    Ok((StatusCode::CREATED, Json(json!({ "number": number }))))
}

fn check(form: &Form) -> Result<String> {
    let mut wrong = BTreeMap::new();
    let email = parse_email(&form.email);
    if email.is_none() {
        wrong.insert("email", "This is not an e-mail address.".to_owned());
    }
    if let Err(refusal) = check_body(&form.body) {
        wrong.insert("body", refusal.message());
    }
    match email {
        Some(email) if wrong.is_empty() => Ok(email),
        _ => Err(Error::Invalid(wrong)),
    }
}

/// Opens a conversation with the text, or adds it to the open one, and turns that into the ticket. The same form sent
/// again finds what it made.
async fn write(caller: &mut Caller, shopper: &Shopper, form: Form, email: &str) -> Result<i64> {
    let name = tidy_name(&form.name);
    let mut intake = Map::new();
    intake.insert("email".into(), email.into());
    if !name.is_empty() {
        intake.insert("name".into(), name.as_str().into());
    }
    let first = FirstSend { cid: form.cid, body: form.body.clone(), team: None, intake };
    let conversation = match caller.open(first).await? {
        Step::PostTo(id) => {
            let act = caller.act(id, Some(form.cid));
            conversations::post_and_wait(&caller.app, &act, (form.body, false)).await;
            id
        }
        Step::Answered(_) => {
            let latest = store::latest(&caller.app.db.read, caller.site, caller.shopper).await?;
            caller.open.or(latest.map(|c| c.id)).ok_or(Error::busy("This could not be stored."))?
        }
    };
    let act = caller.act(conversation, None);
    let to = if shopper.verified { shopper.email.as_deref().unwrap_or(email) } else { email };
    match conversations::make_ticket(&caller.app, &act, to, &name).await? {
        Outcome::Stored(stored) => Ok(stored.event.field("number").and_then(Value::as_i64).unwrap_or_default()),
        Outcome::Refused(Refusal::Closed) => store::ticket_number(&caller.app.db.read, caller.site, conversation)
            .await?
            .ok_or_else(|| Error::conflict("closed", "This conversation has ended. Start a new one.")),
        Outcome::Refused(refusal) => Err(Error::conflict(refusal.code(), refusal.message())),
        Outcome::Duplicate(_) | Outcome::Unknown => Err(Error::busy("This could not be stored.")),
    }
}
