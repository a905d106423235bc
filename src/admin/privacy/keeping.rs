//! For how long a shop keeps what has ended.

use crate::admin::form::{Mistakes, Sent, number};
use crate::admin::sites::{Saved, save_site};
use crate::app::App;
use crate::auth::Admin;
use crate::domain::id::SiteId;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::privacy::kept_since;
use crate::shell::{Section, Shell, print};
use crate::store::{privacy as store, sites};
use crate::words::{Sentence, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// Ten years.
const DAYS_MAX: u32 = 3_650;
/// Counted no further.
const COUNTED: i64 = 100_000;

#[derive(Template)]
#[template(path = "admin/keeping.html")]
struct KeepingPage {
    shell: Shell,
    site: Site,
    /// As typed.
    days: String,
    mistakes: Mistakes,
    is_saved: bool,
    /// How many conversations would be erased by it at once: whoever saves it has to make sure.
    doomed: Option<i64>,
}

pub async fn page(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Query(saved): Query<Saved>,
) -> Result<Response> {
    let site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let days = site.settings.keep_days.map(|days| days.to_string()).unwrap_or_default();
    show(&app, &admin, site, days, (Mistakes::default(), None), saved.is_saved()).await
}

async fn show(
    app: &App,
    admin: &Admin,
    site: Site,
    days: String,
    (mistakes, doomed): (Mistakes, Option<i64>),
    is_saved: bool,
) -> Result<Response> {
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::of(app, &admin.0.agent, Section::Sites, site.name.clone()).await?;
    print(admin.0.reader(), status, &KeepingPage { shell, site, days, mistakes, is_saved, doomed })
}

/// What is kept shorter than before is erased within minutes: that has to be said twice.
pub async fn save(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let mut site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let (sent, mut mistakes) = (Sent(&fields), Mistakes::default());
    let typed = sent.text("days");
    let days = if typed.is_empty() { None } else { mistakes.note("days", number(&typed, 1, DAYS_MAX)) };
    if !mistakes.is_empty() {
        return show(&app, &admin, site, typed, (mistakes, None), false).await;
    }
    if let Some(days) = days {
        let before = kept_since(app.clock.now(), days);
        let doomed = store::older(&app.db.read, id, before, COUNTED).await?;
        if doomed > 0 && !sent.has("sure") {
            mistakes.add("sure", Sentence::of("keeping-mistake-sure"));
            return show(&app, &admin, site, typed, (mistakes, Some(doomed)), false).await;
        }
    }
    site.settings.keep_days = days;
    save_site(&app, site, &admin).await?;
    Ok(Redirect::to(&format!("/admin/sites/{id}/privacy?saved=1")).into_response())
}
