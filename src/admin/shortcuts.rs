//! Addresses that lead to what is set for a shop: to the only one, or to the list where there are several.

use crate::app::App;
use crate::auth::Admin;
use crate::error::Result;
use crate::store::sites;
use axum::extract::State;
use axum::response::Redirect;
use std::sync::Arc;

pub async fn widget(State(app): State<Arc<App>>, _: Admin) -> Result<Redirect> {
    of_shop(&app, "/widget").await
}

pub async fn hours(State(app): State<Arc<App>>, _: Admin) -> Result<Redirect> {
    of_shop(&app, "#hours").await
}

pub async fn departments(State(app): State<Arc<App>>, _: Admin) -> Result<Redirect> {
    of_shop(&app, "/teams").await
}

pub async fn routing(State(app): State<Arc<App>>, _: Admin) -> Result<Redirect> {
    of_shop(&app, "/routing").await
}

async fn of_shop(app: &App, what: &str) -> Result<Redirect> {
    let sites = sites::all(&app.db.read).await?;
    Ok(match sites.as_slice() {
        [only] => Redirect::to(&format!("/admin/sites/{}{what}", only.id)),
        _ => Redirect::to("/admin/sites"),
    })
}
