//! A card by itself, and what is done with one: orders asked for anew, a card folded.

use super::{Card, Name, Seat, orders};
use crate::app::App;
use crate::auth::SignedIn;
use crate::console::answer::done;
use crate::console::inbox::View;
use crate::console::thread;
use crate::domain::id::ConversationId;
use crate::error::{Error, Result};
use crate::orders::{Wish, of};
use crate::store::cards;
use crate::web::form::Wanted;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub struct Whence {
    #[serde(default)]
    view: View,
}

/// A card's content, with what the page did not wait for.
pub async fn card(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path((id, name)): Path<(ConversationId, String)>,
    Query(whence): Query<Whence>,
) -> Result<Response> {
    let summary = thread::find(&app, &who.agent, id).await?;
    let name = Name::parse(&name).ok_or(Error::NotFound)?;
    let seat = Seat { app: &app, agent: &who.agent, summary: &summary, view: whence.view };
    let mut answer = Html(Card::read(seat, name).await.print(who.lang())?).into_response();
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Asks the shop again, or by an address that nobody has confirmed: somebody who may see the conversation wants it.
pub async fn ask_orders(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(id): Path<ConversationId>,
    wanted: Wanted,
    Form(whence): Form<Whence>,
) -> Result<Response> {
    let summary = thread::find(&app, &who.agent, id).await?;
    let seat = Seat { app: &app, agent: &who.agent, summary: &summary, view: whence.view };
    let about = cards::about(&app.db.read, summary.site_id, id).await?;
    let customer = orders::customer(seat, &about);
    if !customer.is_confirmed {
        tracing::info!(agent = %who.agent.id, conversation = %id, "orders asked for by an address that nobody has confirmed");
    }
    of(&app, summary.site_id, &customer, Wish::Anew).await?;
    Ok(done(wanted, &back(id, whence.view, Name::Orders, true)))
}

#[derive(Deserialize)]
pub struct Fold {
    card: String,
    /// `1`: folded.
    folded: String,
    #[serde(default)]
    view: View,
}

/// Whether this agent wants this card folded, in all conversations.
pub async fn fold(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(id): Path<ConversationId>,
    wanted: Wanted,
    Form(fold): Form<Fold>,
) -> Result<Response> {
    let name = Name::parse(&fold.card).ok_or(Error::BadRequest("There is no such card."))?;
    cards::set_folded(&app.db.read, who.agent.id, name.as_str(), fold.folded == "1").await?;
    Ok(done(wanted, &back(id, fold.view, name, false)))
}

/// The panel again, at the card.
fn back(id: ConversationId, view: View, name: Name, with: bool) -> String {
    let (view, name) = (view.as_str(), name.as_str());
    let card = if with { format!("&card={name}") } else { String::new() };
    format!("/console/c/{id}?view={view}&panel=context{card}#card-{name}")
}
