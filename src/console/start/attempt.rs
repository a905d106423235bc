//! A page of our own with the first shop's widget, to write to oneself before the shop's pages have it.

use crate::app::App;
use crate::auth::Admin;
use crate::domain::people::Status;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::{sites, start as store};
use crate::words::filters;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/try.html")]
struct AttemptPage {
    shell: Shell,
    /// Of the shop whose widget it is.
    key: String,
    is_available: bool,
    was_answered: bool,
}

pub async fn page(State(app): State<Arc<App>>, Admin(who): Admin) -> Result<Response> {
    let facts = store::facts(&app.db.read).await?;
    let site = sites::by_id(&app.db.read, facts.site.ok_or(Error::NotFound)?).await?.ok_or(Error::NotFound)?;
    let page = AttemptPage {
        shell: Shell::of(&app, &who.agent, Section::Start, who.lang().say("try-title")).await?,
        key: site.public_key,
        is_available: who.agent.status() == Status::Available,
        was_answered: facts.was_answered,
    };
    print(who.reader(), StatusCode::OK, &page)
}
