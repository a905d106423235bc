//! The next in line, taken by hand: the first of those whom the list shows that nobody else took in the same moment.

use super::{View, Wish};
use crate::app::App;
use crate::auth::SignedIn;
use crate::console::answer::{Command, Fields, Stay, done, said, settle, status};
use crate::domain::conversation::Refusal;
use crate::error::Result;
use crate::queue::claim_by_hand;
use crate::store::conversations::{Listing, Order, Shelf, listed};
use crate::store::queue::Claimed;
use crate::web::form::Wanted;
use axum::Form;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// So many are tried before somebody is told that others were faster.
const TRIES: i64 = 20;

const NOBODY: Refusal = Refusal::BadRequest("Nobody waits any more.");

pub async fn accept(
    State(app): State<Arc<App>>,
    who: SignedIn,
    wanted: Wanted,
    RawQuery(query): RawQuery,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let wish = Wish::parse(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let listing =
        Listing { shelf: Shelf::Waiting, narrow: wish.narrow(), order: Order::Own, before: None, limit: TRIES };
    let mut full = None;
    for chat in listed(&app.db.read, (who.agent.id, who.agent.role), &listing).await? {
        match claim_by_hand(&app, chat.id, &who.agent, None).await? {
            Claimed::Yes { .. } | Claimed::Again(_) => {
                return Ok(done(wanted, &format!("/console/c/{}?view={}", chat.id, View::Mine.as_str())));
            }
            // Perhaps a team's places alone are taken: others are in another one's line.
            Claimed::Full => full = full.or(Some(chat)),
            Claimed::Taken(_) | Claimed::Busy | Claimed::Over | Claimed::Gone(_) => {}
        }
    }
    if let Some(chat) = full {
        let command = Command::of(&app, &who, chat, wanted, &fields, "claim");
        return settle(command, Err(Refusal::FULL), Stay::Here).await;
    }
    Ok(match wanted {
        Wanted::Json => said(who.lang(), status(&NOBODY), &NOBODY),
        Wanted::Page => Redirect::to("/console/inbox/waiting").into_response(),
    })
}
