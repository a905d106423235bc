//! The shops: how to embed the widget, and what an owner may set.

use super::form::Mistakes;
use super::settings::Form as Settings;
use crate::app::App;
use crate::auth::Admin;
use crate::domain::id::SiteId;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::sites;
use crate::words::filters;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "admin/sites.html")]
struct SitesPage {
    shell: Shell,
    sites: Vec<Site>,
}

#[derive(Template)]
#[template(path = "admin/site.html")]
struct SitePage {
    shell: Shell,
    site: Site,
    snippet: String,
    form: Settings,
    mistakes: Mistakes,
    is_saved: bool,
}

pub async fn list(State(app): State<Arc<App>>, Admin(who): Admin) -> Result<Response> {
    let shell = Shell::of(&app, &who.agent, Section::Sites, who.lang().say("nav-sites")).await?;
    let sites = sites::all(&app.db.read).await?;
    print(who.reader(), StatusCode::OK, &SitesPage { shell, sites })
}

#[derive(Default, Deserialize)]
pub struct Saved {
    saved: Option<u8>,
    invited: Option<u8>,
}

impl Saved {
    pub fn is_saved(&self) -> bool {
        self.saved.is_some()
    }

    pub fn is_invited(&self) -> bool {
        self.invited.is_some()
    }
}

pub async fn page(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Query(saved): Query<Saved>,
) -> Result<Response> {
    let site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let form = Settings::of(&site);
    show(&app, &admin, site, form, Mistakes::default(), saved.is_saved()).await
}

async fn show(
    app: &App,
    admin: &Admin,
    site: Site,
    form: Settings,
    mistakes: Mistakes,
    is_saved: bool,
) -> Result<Response> {
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = SitePage {
        shell: Shell::of(app, &admin.0.agent, Section::Sites, site.name.clone()).await?,
        snippet: crate::embed::tag(app, &site),
        site,
        form,
        mistakes,
        is_saved,
    };
    print(admin.0.lang(), status, &page)
}

pub async fn save(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let mut site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let form = Settings::read(&fields);
    let mistakes = form.apply(&mut site);
    if !mistakes.is_empty() {
        return show(&app, &admin, site, form, mistakes, false).await;
    }
    save_site(&app, site, &admin).await?;
    Ok(Redirect::to(&format!("/admin/sites/{id}?saved=1")).into_response())
}

/// Holds at once on this node, and in a few seconds on the others.
pub async fn save_site(app: &App, site: Site, by: &Admin) -> Result<()> {
    sites::update(&app.db.read, &site, Some(by.0.agent.id)).await?;
    saved_site(app, site);
    Ok(())
}

/// What is stored already is known on this node.
pub fn saved_site(app: &App, site: Site) {
    let site = Arc::new(site);
    app.sites.put(&site.public_key, &site);
    app.sites.put(&site.id.to_string(), &site);
    app.wake_queue();
}
