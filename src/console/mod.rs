//! Door 2: agents. Server-rendered pages that work without script, kept current over one socket a page.
//!
//! Promises: every state change is a form's post; a fragment has one template for page, live update and catch-up; what a
//! shopper wrote is printed as text. May not: decide who may do what in a conversation (the log's own rules do), or import
//! another door.

mod answer;
mod attached;
mod blocking;
mod browsers;
mod bulk;
mod canned;
mod choice;
mod commands;
mod context;
mod customers;
mod due;
mod files;
mod fragments;
mod goods;
mod here;
mod inbox;
mod installed;
mod keys;
mod live;
mod macros;
mod me;
mod mentions;
mod mistake;
mod offers;
mod palette;
mod reports;
mod rooms;
mod scope;
mod search;
mod sign_in;
mod start;
mod status;
mod team;
mod thread;
mod tickets;
mod trace;
mod triage;
mod visitors;
mod wall;
mod welcome;
mod why;

use crate::app::App;
use crate::error::Error;
use crate::shell;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::Redirect;
use axum::routing::{any, get, post};
use std::sync::Arc;

pub fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/console", get(sign_in::home))
        .route("/console/login", get(sign_in::page).post(sign_in::sign_in))
        .route("/console/logout", post(sign_in::sign_out))
        .route("/console/welcome/{code}", get(welcome::page).post(welcome::choose))
        .route("/console/start", get(start::page))
        .route("/console/start/site", post(start::add_site))
        .route("/console/start/skip", post(start::skip))
        .route("/console/start/try", get(start::attempt::page))
        .route("/console/status", post(status::choose))
        .route("/console/noscript.css", get(sign_in::noscript))
        .route("/console/me.css", get(sign_in::own_style))
        .route("/console/live", get(live::open))
        .route("/console/queue", get(|| async { Redirect::to("/console/inbox/waiting") }))
        .route("/console/inbox/next", post(inbox::accept))
        .route("/console/inbox/mine/{which}", get(inbox::own))
        .route("/console/inbox/team/{team}", get(inbox::of_team))
        .route("/console/inbox/{view}", get(inbox::page))
        .route("/console/bulk", post(bulk::run))
        .route("/console/me", get(me::page).post(me::save))
        .route("/console/me/browsers", post(browsers::agree))
        .route("/console/me/browsers/{id}/remove", post(browsers::remove))
        .route("/console/sw.js", get(installed::worker))
        .route("/console/manifest.webmanifest", get(installed::manifest))
        .route("/console/keys", get(keys::page))
        .route("/console/palette", get(palette::find))
        .route("/console/canned", get(canned::list))
        .route("/console/canned/new", get(canned::new))
        .route("/console/canned/{id}", get(canned::page).post(canned::save))
        .route("/console/canned/{id}/remove", post(canned::remove))
        .route("/console/macros", get(macros::list))
        .route("/console/macros/new", get(macros::new))
        .route("/console/macros/{id}", get(macros::page).post(macros::save))
        .route("/console/macros/{id}/remove", post(macros::remove))
        .route("/console/team", get(team::page))
        .route("/console/wall", get(wall::page))
        .route("/console/wall/{agent}", get(wall::person_page))
        .route("/console/wall/{agent}/status", post(status::choose_for))
        .route("/console/reports", get(reports::home))
        .route("/console/reports/{kind}", get(reports::page))
        .route("/console/search", get(search::page))
        .route("/console/customers", get(customers::list))
        .route("/console/customers/{id}", get(customers::person))
        .route("/console/customers/{id}/separate", post(customers::separate))
        .route("/console/customers/{id}/merge/{other}", get(customers::compare).post(customers::merge))
        .route("/console/visitors", get(visitors::page))
        .route("/console/visitors/{site}/{shopper}", get(visitors::one).post(visitors::write))
        .route("/console/tickets", get(tickets::list))
        .route("/console/tickets/{number}", get(tickets::page))
        .route("/console/tickets/{number}/reply", post(tickets::reply))
        .route("/console/tickets/{number}/draft", post(tickets::draft))
        .route("/console/tickets/{number}/status", post(tickets::set_status))
        .merge(conversation())
        .merge(room())
        .route("/console/{*rest}", any(nothing_here))
        .layer(from_fn_with_state(Arc::clone(app), shell::kept::keep))
        .layer(shell::fence())
        .layer(from_fn_with_state(Arc::clone(app), shell::guard))
        .merge(shell::files())
}

fn conversation() -> Router<Arc<App>> {
    Router::new()
        .route("/console/c/{id}", get(thread::page))
        .route("/console/c/{id}/goods/{seq}", get(goods::cards))
        .route("/console/c/{id}/card/{name}", get(context::doors::card))
        .route("/console/c/{id}/orders", post(context::doors::ask_orders))
        .route("/console/c/{id}/fold", post(context::doors::fold))
        .route("/console/c/{id}/reply", post(commands::reply))
        .route("/console/c/{id}/note", post(commands::note))
        .route("/console/c/{id}/files", post(files::take))
        .route("/console/c/{id}/close", post(commands::close))
        .route("/console/c/{id}/transfer", post(commands::transfer))
        .route("/console/c/{id}/claim", post(commands::claim))
        .route("/console/c/{id}/accept", post(offers::accept))
        .route("/console/c/{id}/decline", post(offers::decline))
        .route("/console/c/{id}/tag", post(triage::tag))
        .route("/console/c/{id}/priority", post(triage::priority))
        .route("/console/c/{id}/snooze", post(triage::snooze))
        .route("/console/c/{id}/macro", post(macros::run))
        .route("/console/c/{id}/block", post(blocking::block))
        .route("/console/c/{id}/recall", post(commands::recall))
        .route("/console/c/{id}/correct", post(commands::correct))
        .route("/console/c/{id}/ticket", post(commands::ticket))
        .route("/console/c/{id}/read", post(commands::read))
        .route("/console/c/{id}/draft", post(commands::draft))
        .route("/console/c/{id}/colleagues", get(mentions::offer))
        .route("/console/c/{id}/canned", get(canned::offer))
        .route("/console/c/{id}/canned/{canned}", post(canned::used))
}

fn room() -> Router<Arc<App>> {
    Router::new()
        .route("/console/rooms", get(rooms::list))
        .route("/console/rooms/with/{agent}", post(rooms::talk))
        .route("/console/rooms/mentions", get(rooms::named).post(rooms::all_seen))
        .route("/console/rooms/{id}", get(rooms::page))
        .route("/console/rooms/{id}/say", post(rooms::say))
        .route("/console/rooms/{id}/files", post(rooms::files))
        .route("/console/rooms/{id}/recall", post(rooms::recall))
        .route("/console/rooms/{id}/correct", post(rooms::correct))
        .route("/console/rooms/{id}/read", post(rooms::read))
        .route("/console/rooms/{id}/draft", post(rooms::draft))
        .route("/console/rooms/{id}/colleagues", get(rooms::colleagues))
}

async fn nothing_here() -> Error {
    Error::NotFound
}
