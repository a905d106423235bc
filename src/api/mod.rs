//! Door 4: other programs. The agent's session and socket for API clients, bots and the load generator.

mod files;
mod protocol;
mod session;
mod socket;
mod verbs;

use crate::app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, post};
use std::sync::Arc;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/v1/agent/session", post(session::begin).delete(session::end))
        .route("/v1/agent/refresh", post(session::refresh))
        .route("/v1/agent/ticket", post(session::ticket))
        .route("/v1/agent/socket", any(socket::upgrade))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .route("/v1/agent/files", post(files::take))
}
