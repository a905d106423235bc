//! The page of a shop's widget: how it looks, what it says, whom it invites, what it tells, and how it comes into the shop's pages.
//!
//! Two who save at once: the second is told and keeps what they typed.

mod form;
mod rules;
mod words;

use super::form::Mistakes;
use super::sites::{Saved, saved_site};
use crate::app::App;
use crate::auth::Admin;
use crate::domain::id::SiteId;
use crate::domain::site::Site;
use crate::embed;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::{audit, sites};
use crate::web::assets::digest;
use crate::words::{Key, ToArg, filters};
use askama::Template;
use axum::Form as Fields;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use form::Form;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "admin/widget.html")]
struct WidgetPage {
    shell: Shell,
    site: Site,
    form: Form,
    mistakes: Mistakes,
    is_saved: bool,
    is_stale: bool,
    /// Of what the form began with.
    version: String,
    snippets: Vec<Snippet>,
    preview: String,
}

struct Snippet {
    id: &'static str,
    label: Key,
    code: String,
}

fn snippets(app: &App, site: &Site) -> Vec<Snippet> {
    let tag = embed::tag(app, site);
    let queue = format!("{}\n{tag}", embed::QUEUE);
    vec![
        Snippet { id: "plain", label: Key("look-snippet-plain"), code: tag },
        Snippet { id: "queued", label: Key("look-snippet-queued"), code: queue },
        Snippet { id: "pinned", label: Key("look-snippet-pinned"), code: embed::pinned_tag(app, site) },
    ]
}

/// Names what this page may change, as it is now.
fn version(site: &Site) -> String {
    let settings = &site.settings;
    let all = (&settings.appearance, &settings.words, &settings.invitation, settings.trail, &settings.query_kept);
    digest([serde_json::to_vec(&all).unwrap_or_default().as_slice()])
}

pub async fn page(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Query(saved): Query<Saved>,
) -> Result<Response> {
    let site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let form = Form::of(&site);
    let said = Said { is_saved: saved.is_saved(), ..Said::default() };
    show(&app, &admin, site, form, said).await
}

#[derive(Default)]
struct Said {
    mistakes: Mistakes,
    is_saved: bool,
    is_stale: bool,
}

async fn show(app: &App, admin: &Admin, site: Site, form: Form, said: Said) -> Result<Response> {
    let status = match (said.is_stale, said.mistakes.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::OK,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let title = admin.0.lang().say_with("look-page-title", &[("site", site.name.to_arg())]);
    let page = WidgetPage {
        shell: Shell::of(app, &admin.0.agent, Section::Sites, title).await?,
        version: version(&site),
        snippets: snippets(app, &site),
        preview: format!("/w/{}/preview", site.public_key),
        site,
        form,
        mistakes: said.mistakes,
        is_saved: said.is_saved,
        is_stale: said.is_stale,
    };
    print(admin.0.lang(), status, &page)
}

pub async fn save(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Fields(fields): Fields<Vec<(String, String)>>,
) -> Result<Response> {
    let form = Form::read(&fields);
    let began = fields.iter().find(|(name, _)| name == "version").map_or("", |(_, version)| version.as_str());
    let mut tx = audit::begin(&app.db.read, Some(admin.0.agent.id)).await?;
    let mut site = sites::locked(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if version(&site) != began {
        drop(tx);
        return show(&app, &admin, site, form, Said { is_stale: true, ..Said::default() }).await;
    }
    let mistakes = form.apply(&mut site);
    if !mistakes.is_empty() {
        drop(tx);
        return show(&app, &admin, site, form, Said { mistakes, ..Said::default() }).await;
    }
    sites::set_settings(&mut tx, &site).await?;
    tx.commit().await?;
    saved_site(&app, site);
    Ok(Redirect::to(&format!("/admin/sites/{id}/widget?saved=1")).into_response())
}
