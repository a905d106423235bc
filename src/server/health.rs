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

/// What must hold for this node to take part.
struct Standing {
    database: bool,
    migrations: bool,
    draining: bool,
}

impl Standing {
    async fn of(app: &App) -> Self {
        let migrated = tokio::time::timeout(Duration::from_secs(1), app.db.is_migrated()).await;
        Self {
            database: matches!(migrated, Ok(Ok(_))),
            migrations: matches!(migrated, Ok(Ok(true))),
            draining: app.stopping.is_cancelled(),
        }
    }

    fn is_ready(&self) -> bool {
        self.database && self.migrations && !self.draining
    }
}

/// Past this the machine's clock is worth a warning; the node itself goes by the database's.
const CLOCK_OFF_MS: i64 = 5_000;

/// 503 says which of the conditions does not hold.
pub async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
    let standing = Standing::of(&app).await;
    let ready = standing.is_ready();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let Standing { database, migrations, draining } = standing;
    let mut told = json!({ "ready": ready, "database": database, "migrations": migrations, "draining": draining });
    let behind = app.clock.behind_ms();
    if behind.abs() > CLOCK_OFF_MS {
        told["warning"] =
            format!("this machine's clock is {} ms off the database's: let both follow a time server", behind.abs())
                .into();
    }
    (status, Json(told))
}

/// What only counts at the moment of asking is looked up then.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let standing = Standing::of(&app).await;
    let yes = |holds: bool| f64::from(u8::from(holds));
    metrics::gauge!("deskbell_ready").set(yes(standing.is_ready()));
    metrics::gauge!("deskbell_database_up").set(yes(standing.database));
    metrics::gauge!("deskbell_bus_up").set(yes(app.hub.is_whole()));
    metrics::gauge!("deskbell_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    metrics::gauge!("deskbell_tasks").set(count(app.tasks.len()));
    for (name, pool) in [("read", &app.db.read), ("send", &app.db.send)] {
        let (open, idle) = (usize::try_from(pool.size()).unwrap_or_default(), pool.num_idle());
        let connections = |state| metrics::gauge!("deskbell_pool_connections", "pool" => name, "state" => state);
        connections("used").set(count(open.saturating_sub(idle)));
        connections("idle").set(count(idle.min(open)));
        let most = pool.options().get_max_connections();
        metrics::gauge!("deskbell_pool_limit", "pool" => name).set(f64::from(most));
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], app.metrics.render()).into_response()
}

fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap_or(u32::MAX))
}

pub async fn wrong_method() -> Error {
    Error::WrongMethod
}

pub async fn nowhere() -> Error {
    Error::NotFound
}
