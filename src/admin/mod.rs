//! Door 3: owners. Letters that were given up, the settings of shops, their routing and teams, and the people who work for them.
//!
//! Promises: a page for supervisors or admins says so in its handler's signature; what is not valid is told field by field and
//! nothing of it is stored. May not import another door.

mod audit;
mod blocklist;
mod check;
mod files;
mod form;
mod hours;
mod invite;
mod letters;
mod orders;
mod people;
mod privacy;
mod roles;
mod routing;
mod settings;
mod shortcuts;
mod sites;
mod tags;
mod teams;
mod webhooks;
mod widget;

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
        .route("/admin", get(|| async { Redirect::to("/admin/sites") }))
        .route("/admin/letters", get(letters::page))
        .route("/admin/letters/{id}/retry", post(letters::retry))
        .route("/admin/blocklist", get(blocklist::page))
        .route("/admin/blocklist/{site}/{id}/lift", post(blocklist::lift))
        .route("/admin/tags", get(tags::page))
        .route("/admin/tags/{site}", post(tags::add))
        .route("/admin/tags/{site}/{tag}", post(tags::change))
        .route("/admin/sites", get(sites::list))
        .route("/admin/sites/{id}", get(sites::page).post(sites::save))
        .route("/admin/sites/{id}/check", get(check::page).post(check::run))
        .route("/admin/sites/{id}/routing", get(routing::page).post(routing::save))
        .route("/admin/sites/{id}/files", get(files::page).post(files::save))
        .route("/admin/sites/{id}/orders", get(orders::page).post(orders::save))
        .route("/admin/sites/{id}/orders/test", post(orders::test))
        .route("/admin/sites/{id}/orders/remove", post(orders::remove))
        .route("/admin/sites/{id}/widget", get(widget::page).post(widget::save))
        .route("/admin/sites/{id}/privacy", get(privacy::keeping).post(privacy::keep))
        .route("/admin/sites/{id}/teams", get(teams::list).post(teams::add))
        .route("/admin/sites/{id}/teams/{team}", get(teams::page).post(teams::save))
        .route("/admin/people", get(people::list).post(invite::send))
        .route("/admin/people/{id}", get(people::page).post(people::save))
        .route("/admin/people/{id}/invite", post(invite::again))
        .route("/admin/people/{id}/password", post(invite::renew))
        .route("/admin/people/{id}/off", post(people::switch_off))
        .route("/admin/people/{id}/on", post(people::switch_on))
        .route("/admin/roles", get(roles::page))
        .route("/admin/audit", get(audit::page))
        .route("/admin/privacy", get(privacy::page))
        .route("/admin/privacy/{id}", get(privacy::person))
        .route("/admin/privacy/{id}/export", post(privacy::export))
        .route("/admin/privacy/{id}/erase", post(privacy::erase))
        .route("/admin/webhooks", get(webhooks::list).post(webhooks::add))
        .route("/admin/webhooks/{id}", get(webhooks::page).post(webhooks::save))
        .route("/admin/webhooks/{id}/secret", post(webhooks::renew))
        .route("/admin/webhooks/{id}/off", post(webhooks::switch_off))
        .route("/admin/webhooks/{id}/on", post(webhooks::switch_on))
        .route("/admin/webhooks/{id}/remove", post(webhooks::remove))
        .route("/admin/webhooks/{id}/test", post(webhooks::test))
        .route("/admin/webhooks/{id}/again", post(webhooks::all_again))
        .route("/admin/webhooks/{id}/deliveries/{n}/again", post(webhooks::again))
        .route("/admin/widget", get(shortcuts::widget))
        .route("/admin/hours", get(shortcuts::hours))
        .route("/admin/departments", get(shortcuts::departments))
        .route("/admin/routing", get(shortcuts::routing))
        .route("/admin/agents", get(|| async { Redirect::to("/admin/people") }))
        .route("/admin/canned", get(|| async { Redirect::to("/console/canned") }))
        .route("/admin/{*rest}", any(nothing_here))
        .layer(from_fn_with_state(Arc::clone(app), shell::kept::keep))
        .layer(shell::fence())
        .layer(from_fn_with_state(Arc::clone(app), shell::guard))
}

async fn nothing_here() -> Error {
    Error::NotFound
}
