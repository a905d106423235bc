//! Webhooks of all shops: where events are told, how it goes there, and what was given up. A secret is shown once, when it is made.

mod form;
mod page;
mod words;

pub use page::page;

use super::form::Mistakes;
use crate::app::App;
use crate::auth::Admin;
use crate::domain::id::WebhookId;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::sites;
use crate::store::webhooks::{self as store, Added, Listed, deliveries};
use crate::webhooks;
use crate::words::{Sentence, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use form::HookForm;
use page::{Extra, show};
use serde::Deserialize;
use std::sync::Arc;
use words::Standing;

type Sent = Form<Vec<(String, String)>>;

#[derive(Template)]
#[template(path = "admin/webhooks.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Row>,
    form: HookForm,
    mistakes: Mistakes,
}

struct Row {
    id: WebhookId,
    site: String,
    place: String,
    standing: Standing,
    waiting: i64,
    dead: i64,
}

impl Row {
    fn new(app: &App, listed: Listed) -> Self {
        Self {
            id: listed.webhook.id,
            standing: Standing::of(&listed.webhook, webhooks::has_secret(app, &listed.webhook), app.clock.now()),
            place: listed.webhook.url.split('?').next().unwrap_or_default().to_owned(),
            site: listed.site_name,
            waiting: listed.waiting,
            dead: listed.dead,
        }
    }
}

pub async fn list(State(app): State<Arc<App>>, admin: Admin) -> Result<Response> {
    let sites = sites::all(&app.db.read).await?;
    show_all(&app, &admin, HookForm::empty(&sites), Mistakes::default()).await
}

async fn show_all(app: &App, Admin(who): &Admin, form: HookForm, mistakes: Mistakes) -> Result<Response> {
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let rows = store::all(&app.db.read).await?.into_iter().map(|listed| Row::new(app, listed)).collect();
    let shell = Shell::of(app, &who.agent, Section::Sites, who.lang().say("hooks-title")).await?;
    print(who.reader(), status, &ListPage { shell, rows, form, mistakes })
}

/// Shows the new webhook with its secret. The same form sent again, as a page that is loaded anew does, adds nothing.
pub async fn add(State(app): State<Arc<App>>, admin: Admin, Form(fields): Sent) -> Result<Response> {
    let sites = sites::all(&app.db.read).await?;
    let form = HookForm::read(&fields, &sites);
    let mut mistakes = match form.parse(&app).await {
        Ok((url, events)) => {
            let (site, id) = form.place().ok_or(Error::NotFound)?;
            match webhooks::add(&app, (site, id), (&url, &events), admin.0.agent.id).await? {
                (Added::Yes, secret) => {
                    let extra = Extra { secret: Some(secret.shown()), ..Extra::default() };
                    return show(&app, &admin, find(&app, id).await?, extra).await;
                }
                (Added::Again, _) => return Ok(Redirect::to(&format!("/admin/webhooks/{id}")).into_response()),
                (Added::NoSite, _) => return Err(Error::NotFound),
                (Added::Full, _) => Mistakes::default(),
            }
        }
        Err(mistakes) => mistakes,
    };
    if mistakes.is_empty() {
        mistakes.add("site", Sentence::of("hook-mistake-full").with("most", crate::domain::webhook::MOST));
    }
    show_all(&app, &admin, form, mistakes).await
}

async fn find(app: &App, id: WebhookId) -> Result<Listed> {
    store::one(&app.db.read, id).await?.ok_or(Error::NotFound)
}

fn back(id: WebhookId) -> Response {
    Redirect::to(&format!("/admin/webhooks/{id}")).into_response()
}

pub async fn save(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<WebhookId>,
    Form(fields): Sent,
) -> Result<Response> {
    let (listed, form) = (find(&app, id).await?, HookForm::read(&fields, &[]));
    let (url, events) = match form.parse(&app).await {
        Ok(parsed) => parsed,
        Err(mistakes) => {
            return show(&app, &admin, listed, Extra { form: Some(form), mistakes, ..Extra::default() }).await;
        }
    };
    if !store::change(&app.db.read, id, (url.as_str(), &events), Some(admin.0.agent.id)).await? {
        return Err(Error::NotFound);
    }
    app.signals.webhooks.notify_one();
    Ok(Redirect::to(&format!("/admin/webhooks/{id}?saved=1")).into_response())
}

#[derive(Deserialize)]
pub struct Renewing {
    /// Of the secret that the page was printed with.
    edition: i32,
}

pub async fn renew(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<WebhookId>,
    Form(renewing): Form<Renewing>,
) -> Result<Response> {
    let listed = find(&app, id).await?;
    let secret = webhooks::renew(&app, &listed.webhook, renewing.edition, admin.0.agent.id).await?;
    let mut extra = Extra { secret: secret.map(|secret| secret.shown()), ..Extra::default() };
    if extra.secret.is_none() {
        extra.mistakes.add("secret", Sentence::of("hook-secret-made"));
    }
    app.signals.webhooks.notify_one();
    show(&app, &admin, find(&app, id).await?, extra).await
}

pub async fn switch_off(State(app): State<Arc<App>>, Admin(who): Admin, Path(id): Path<WebhookId>) -> Result<Response> {
    store::switch_off(&app.db.read, id, app.clock.now(), Some(who.agent.id)).await?;
    Ok(back(id))
}

pub async fn switch_on(State(app): State<Arc<App>>, Admin(who): Admin, Path(id): Path<WebhookId>) -> Result<Response> {
    store::switch_on(&app.db.read, id, app.clock.now(), Some(who.agent.id)).await?;
    app.signals.webhooks.notify_one();
    Ok(back(id))
}

pub async fn remove(State(app): State<Arc<App>>, Admin(who): Admin, Path(id): Path<WebhookId>) -> Result<Redirect> {
    store::remove(&app.db.read, id, Some(who.agent.id)).await?;
    Ok(Redirect::to("/admin/webhooks"))
}

/// Sends something that tells nothing, and says in words how that went.
pub async fn test(State(app): State<Arc<App>>, admin: Admin, Path(id): Path<WebhookId>) -> Result<Response> {
    let (is_good, answer) = webhooks::test(&app, &find(&app, id).await?.webhook).await?;
    let extra = Extra { verdict: Some((is_good, words::answer(&answer))), ..Extra::default() };
    show(&app, &admin, find(&app, id).await?, extra).await
}

/// Everything that was given up is tried again.
pub async fn all_again(State(app): State<Arc<App>>, _: Admin, Path(id): Path<WebhookId>) -> Result<Response> {
    deliveries::revive(&app.db.read, id, None, app.clock.now()).await?;
    app.signals.webhooks.notify_one();
    Ok(back(id))
}

pub async fn again(State(app): State<Arc<App>>, _: Admin, Path((id, n)): Path<(WebhookId, i64)>) -> Result<Response> {
    if deliveries::revive(&app.db.read, id, Some(n), app.clock.now()).await? == 0 {
        return Err(Error::conflict("not_dead", "This delivery is on its way already."));
    }
    app.signals.webhooks.notify_one();
    Ok(back(id))
}
