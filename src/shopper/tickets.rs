//! The form for when nobody can answer now: it makes a ticket, answered by mail.

use super::session::open_of;
use super::verbs::Caller;
use crate::app::App;
use crate::auth::shopper as shoppers;
use crate::conversations::{self, OpenRequest, Said, Wish, named_files, site_by_id};
use crate::domain::conversation::Refusal;
use crate::domain::id::ClientId;
use crate::domain::message::check_body;
use crate::domain::people::{Shopper, parse_email, tidy_name};
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::store::append::{Outcome, Stored};
use crate::store::conversations::{self as store, Opened};
use crate::web::{address, origin};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    cid: ClientId,
    #[serde(default)]
    name: String,
    email: String,
    body: String,
    #[serde(default)]
    files: Vec<String>,
}

pub async fn make(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    form: Result<Json<Form>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>)> {
    let holder = shoppers::by_bearer(&app, &headers).await?;
    // A link is good for the conversation it leads to, and begins no other.
    if holder.only.is_some() && open_of(&app, &holder).await?.is_none() {
        return Err(Error::SignIn);
    }
    let shopper = holder.shopper;
    let site = site_by_id(&app, shopper.site_id).await?;
    origin::check_site(&app, &site, &headers)?;
    let Json(form) = form.map_err(|_| Error::BadRequest("Send a JSON object with cid, name, email and body."))?;
    let email = check(&form)?;
    let caller = Caller {
        app: Arc::clone(&app),
        site: site.id,
        shopper: shopper.id,
        name: shopper.name.as_str().into(),
        open: None,
        origin: None,
        ip: address::client(peer.ip(), &headers, &app.config.trusted_proxies),
        has_past: true,
        only: holder.only,
    };
    let too_fast = |refusal: Refusal| Error::TooFast { retry: refusal.retry().unwrap_or_default() };
    caller.pace(&site).and_then(|()| caller.pace_letters()).map_err(too_fast)?;
    let number = write(&caller, &site, &shopper, form, &email).await?;
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

/// Makes a ticket of the text, or adds it to the open conversation and turns that into the ticket. The same form sent again
/// finds what it made.
async fn write(caller: &Caller, site: &Site, shopper: &Shopper, form: Form, email: &str) -> Result<i64> {
    let name = tidy_name(&form.name);
    let to = if shopper.verified { shopper.email.as_deref().unwrap_or(email) } else { email };
    let mut intake = Map::new();
    intake.insert("email".into(), email.into());
    if !name.is_empty() {
        intake.insert("name".into(), name.as_str().into());
    }
    let files = named_files(site, &form.files).map_err(|refusal| Error::invalid("files", refusal.message()))?;
    let said = Said { body: form.body, files, ..Said::default() };
    let request = OpenRequest {
        site,
        shopper,
        cid: form.cid,
        said: said.clone(),
        team: None,
        intake,
        origin: None,
        wish: Wish::Ticket { email: to.to_owned(), name: name.clone() },
    };
    let conversation = match conversations::open(&caller.app, request).await? {
        Opened::New(_, _, ticketed) => return Ok(ticketed.as_ref().map(number_of).unwrap_or_default()),
        Opened::Existing(id) => {
            let act = caller.act(id, Some(form.cid));
            match conversations::post_and_wait(&caller.app, &act, &said).await {
                Outcome::Stored(_) | Outcome::Duplicate(_) => id,
                Outcome::Refused(refusal) => return Err(Error::conflict(refusal.code(), refusal.message())),
                Outcome::Unknown => return Err(Error::busy("This could not be stored.")),
            }
        }
        Opened::Duplicate(stored) => stored.event.conversation,
        Opened::Refused(refusal) => return Err(Error::conflict(refusal.code(), refusal.message())),
    };
    match conversations::make_ticket(&caller.app, &caller.act(conversation, None), to, &name).await? {
        Outcome::Stored(stored) => Ok(number_of(&stored)),
        Outcome::Refused(Refusal::Closed) => store::ticket_number(&caller.app.db.read, caller.site, conversation)
            .await?
            .ok_or_else(|| Error::conflict("closed", "This conversation has ended. Start a new one.")),
        Outcome::Refused(refusal) => Err(Error::conflict(refusal.code(), refusal.message())),
        Outcome::Duplicate(_) | Outcome::Unknown => Err(Error::busy("This could not be stored.")),
    }
}

fn number_of(stored: &Stored) -> i64 {
    stored.event.field("number").and_then(Value::as_i64).unwrap_or_default()
}
