//! The installation check: an owner names a page of the shop and is told whether the snippet works there.

use super::form::{Mistakes, Sent};
use crate::app::App;
use crate::auth::Admin;
use crate::domain::id::SiteId;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::outbound;
use crate::shell::{Section, Shell, print};
use crate::store::sites;
use crate::storefront::check::{Finding, check};
use crate::words::{Sentence, ToArg, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;
use url::Url;

#[derive(Template)]
#[template(path = "admin/check.html")]
struct CheckPage {
    shell: Shell,
    site: Site,
    url: String,
    snippet: String,
    mistakes: Mistakes,
    /// Empty: nothing was checked yet.
    findings: Vec<Finding>,
    shows_snippet: bool,
}

pub async fn page(State(app): State<Arc<App>>, admin: Admin, Path(id): Path<SiteId>) -> Result<Response> {
    let site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let url = site.origins.first().map(|origin| format!("{origin}/")).unwrap_or_default();
    show(&app, &admin, site, url, Mistakes::default(), Vec::new()).await
}

pub async fn run(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let typed = Sent(&fields).text("url");
    let mut mistakes = Mistakes::default();
    let findings = match mistakes.note("url", own_page(&site, &typed)) {
        Some(url) => check(&app, &site, &url).await,
        None => Vec::new(),
    };
    show(&app, &admin, site, typed, mistakes, findings).await
}

/// Only pages of the shop: this is no way to look at others'.
fn own_page(site: &Site, typed: &str) -> Result<Url, Sentence> {
    let url = Url::parse(typed).ok().filter(Url::has_host);
    let url = url.ok_or_else(|| Sentence::of("check-mistake-address"))?;
    if outbound::is_of(&url, &site.origins) {
        return Ok(url);
    }
    Err(Sentence::of("check-mistake-origin").with("origin", url.origin().ascii_serialization()))
}

async fn show(
    app: &App,
    admin: &Admin,
    site: Site,
    url: String,
    mistakes: Mistakes,
    findings: Vec<Finding>,
) -> Result<Response> {
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = CheckPage {
        shell: Shell::of(
            app,
            &admin.0.agent,
            Section::Sites,
            admin.0.lang().say_with("check-title", &[("site", site.name.to_arg())]),
        )
        .await?,
        snippet: format!("<script async src=\"{}/w/{}.js\"></script>", app.config.public_url, site.public_key),
        shows_snippet: findings
            .iter()
            .any(|finding| matches!(finding, Finding::NotFound | Finding::WrongKey(_) | Finding::OtherAddress(_))),
        site,
        url,
        mistakes,
        findings,
    };
    print(admin.0.lang(), status, &page)
}
