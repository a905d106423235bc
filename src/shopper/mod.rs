//! Door 1: the shopper's widget. Session, socket, the same frames over event streams and posts, and the widget's own files.
//!
//! Staff ids, addresses and notes never pass this door. What is somebody else's is told like what does not exist.

mod arrival;
mod cookie;
mod fallback;
mod files;
mod goods;
mod history;
mod notify;
mod place;
mod preview;
mod protocol;
mod session;
mod socket;
mod tickets;
mod verbs;
mod widget;
mod writing;

use crate::app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use std::sync::Arc;

/// Largest JSON body of this door, in bytes: a frame and its envelope.
const BODY_MAX: usize = 80 * 1024;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/shopper/session", post(session::begin).delete(session::forget))
        .route("/v1/shopper/socket", any(socket::upgrade))
        .route("/v1/shopper/events", get(fallback::events))
        .route("/v1/shopper/frames", post(fallback::frames))
        .route("/v1/shopper/tickets", post(tickets::make))
        .route("/v1/shopper/place", post(place::keep).delete(place::give_up))
        .route("/v1/shopper/place/session", post(place::come))
        .route("/v1/shopper/notify", post(notify::ask))
        .route("/v1/shopper/notify/subscription", post(notify::agree).delete(notify::stop))
        .route("/w/sw.js", get(notify::worker))
        .route("/w/{key}/notify/{code}", get(notify::page))
        .route("/v1/shopper/conversations/{id}/events", get(history::page))
        .route("/v1/shopper/conversations/{id}/cards/{seq}", get(goods::cards))
        .route("/w/{key}/image", get(goods::picture))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .route("/v1/shopper/files", post(files::take))
        .route("/v1/shopper/files/{id}", get(files::again))
        .merge(widget::routes())
}
