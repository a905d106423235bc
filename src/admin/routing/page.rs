//! The page of a shop's routing.

use super::Form as Routing;
use crate::admin::form::Mistakes;
use crate::admin::sites::{Saved, save_site};
use crate::app::App;
use crate::auth::Admin;
use crate::domain::id::SiteId;
use crate::domain::people::Team;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::sites;
use crate::words::{ToArg, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "admin/routing.html")]
struct RoutingPage {
    shell: Shell,
    site: Site,
    teams: Vec<Team>,
    form: Routing,
    mistakes: Mistakes,
    is_saved: bool,
}

pub async fn page(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Query(saved): Query<Saved>,
) -> Result<Response> {
    let (site, teams) = read(&app, id).await?;
    let form = Routing::of(&site);
    show(&app, &admin, (site, teams), form, Mistakes::default(), saved.is_saved()).await
}

async fn read(app: &App, id: SiteId) -> Result<(Site, Vec<Team>)> {
    let site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let teams = sites::teams(&app.db.read, id).await?;
    Ok((site, teams))
}

async fn show(
    app: &App,
    admin: &Admin,
    (site, teams): (Site, Vec<Team>),
    form: Routing,
    mistakes: Mistakes,
    is_saved: bool,
) -> Result<Response> {
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let title = admin.0.lang().say_with("route-title", &[("site", site.name.to_arg())]);
    let shell = Shell::of(app, &admin.0.agent, Section::Sites, title).await?;
    print(admin.0.lang(), status, &RoutingPage { shell, site, teams, form, mistakes, is_saved })
}

pub async fn save(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let (mut site, teams) = read(&app, id).await?;
    let form = Routing::read(&fields);
    let mistakes = form.apply(&mut site, &teams);
    if !mistakes.is_empty() {
        return show(&app, &admin, (site, teams), form, mistakes, false).await;
    }
    save_site(&app, site, &admin).await?;
    Ok(Redirect::to(&format!("/admin/sites/{id}/routing?saved=1")).into_response())
}
