//! Shoppers: their token, and the tickets that open one socket each.

use super::{hash, session::bearer};
use crate::app::{self, App};
use crate::error::{Error, Result};
use crate::store::people::{self, Holder};
use crate::store::sessions::{self, Principal};
use axum::http::HeaderMap;
use chrono::TimeDelta;

/// How long a browser that stays away is remembered.
pub const TOKEN_DAYS: i64 = 180;
const TICKET_SECONDS: i64 = 30;

/// The holder of a token, if it is known and has not expired.
pub async fn by_token(app: &App, token: &str) -> Result<Option<Holder>> {
    Ok(people::holder(&app.db.read, &hash(token), app.clock.now()).await?)
}

/// The holder of an `Authorization: Bearer` header, unless they may not come in.
pub async fn by_bearer(app: &App, headers: &HeaderMap) -> Result<Holder> {
    let token = bearer(headers).ok_or(Error::SignIn)?;
    let holder = by_token(app, token).await?.ok_or(Error::SignIn)?;
    if holder.is_blocked { Err(Error::Blocked) } else { Ok(holder) }
}

/// A ticket that opens one socket within 30 seconds.
pub async fn issue_ticket(app: &App, who: &Principal) -> Result<String> {
    let ticket = app::new_secret();
    sessions::add_ticket(&app.db.read, &hash(&ticket), who, app.clock.now() + TimeDelta::seconds(TICKET_SECONDS))
        .await?;
    Ok(ticket)
}

/// Uses a ticket up.
pub async fn redeem_ticket(app: &App, ticket: &str) -> Result<Option<Principal>> {
    Ok(sessions::use_ticket(&app.db.read, &hash(ticket), app.clock.now()).await?)
}
