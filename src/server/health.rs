//! Whether this node is alive, able to serve, and how it does.

use crate::app::App;
use crate::error::Error;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub async fn live() -> &'static str {
    "ok\n"
}

/// 503 says which of the conditions does not hold.
pub async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    let migrated = tokio::time::timeout(Duration::from_secs(1), app.db.is_migrated()).await;
    let draining = app.stopping.is_cancelled();
    let reachable = matches!(migrated, Ok(Ok(_)));
    let current = matches!(migrated, Ok(Ok(true)));
    let ready = reachable && current && !draining;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": ready, "database": reachable, "migrations": current, "draining": draining })))
}

pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render()).into_response()
}

pub async fn wrong_method() -> Error {
    Error::WrongMethod
}

pub async fn nowhere() -> Error {
    Error::NotFound
}
