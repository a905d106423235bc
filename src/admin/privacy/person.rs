//! One person: how much is known of them, all of it as a document, and erasing it.

use crate::app::App;
use crate::auth::{Admin, SignedIn};
use crate::domain::id::{ShopperId, SiteId};
use crate::error::{Error, Result};
use crate::privacy::{self, Erased, Wish};
use crate::shell::{Face, Section, Shell, print};
use crate::store::customers::{self, Contact};
use crate::store::privacy::{self as store, Extent};
use crate::store::sites;
use crate::words::{When, filters};
use askama::Template;
use axum::Form;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::TryStreamExt;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "admin/privacy_person.html")]
struct PersonPage {
    shell: Shell,
    id: ShopperId,
    name: String,
    face: Face,
    shop: String,
    contacts: Vec<Line>,
    extent: Extent,
    /// Whom the form erases.
    ids: String,
    problem: Option<Problem>,
}

/// Why nobody was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    /// Nobody had made sure.
    Unsure,
    /// Others were put with them, or taken from them, meanwhile.
    Changed,
}

/// One contact of theirs.
struct Line {
    name: String,
    email: Option<String>,
    number: Option<String>,
    is_verified: bool,
    /// When staff put it with the others.
    merged: Option<When>,
}

/// The person that a contact belongs to.
async fn find(app: &App, who: &SignedIn, id: ShopperId) -> Result<Option<(SiteId, ShopperId)>> {
    Ok(customers::person_of(&app.db.read, (who.agent.id, who.agent.role), id).await?)
}

pub async fn page(State(app): State<Arc<App>>, Admin(who): Admin, Path(id): Path<ShopperId>) -> Result<Response> {
    let Some((site, person)) = find(&app, &who, id).await? else { return Err(Error::NotFound) };
    if person != id {
        return Ok(Redirect::to(&format!("/admin/privacy/{person}")).into_response());
    }
    show(&app, &who, (site, person), None).await
}

async fn show(
    app: &App,
    who: &SignedIn,
    (site, person): (SiteId, ShopperId),
    problem: Option<Problem>,
) -> Result<Response> {
    let (db, lang) = (&app.db.read, who.lang());
    let contacts = customers::contacts(db, site, person).await?;
    let ids: Vec<ShopperId> = contacts.iter().map(|contact| contact.id).collect();
    let visitor = lang.say("visitor");
    let name = |contact: &Contact| if contact.name.is_empty() { visitor.clone() } else { contact.name.clone() };
    let head = name(contacts.first().ok_or(Error::NotFound)?);
    let line = |contact: &Contact| Line {
        name: name(contact),
        email: contact.email.clone(),
        number: contact.external_id.clone(),
        is_verified: contact.verified,
        merged: contact.merged_at.map(When::from),
    };
    let page = PersonPage {
        shell: Shell::of(app, &who.agent, Section::Sites, head.clone()).await?,
        id: person,
        face: Face::of(&head),
        name: head,
        shop: sites::by_id(db, site).await?.ok_or(Error::NotFound)?.name,
        contacts: contacts.iter().map(line).collect(),
        extent: store::extent(db, (site, &ids), app.clock.now()).await?,
        ids: ids.iter().map(ShopperId::to_string).collect::<Vec<_>>().join(" "),
        problem,
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(Problem::Unsure) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(Problem::Changed) => StatusCode::CONFLICT,
    };
    print(who.reader(), status, &page)
}

#[derive(Deserialize)]
pub struct Exporting {
    /// With what staff wrote for each other.
    #[serde(default)]
    notes: String,
}

/// A file to keep. Not by a link: nobody fetches it by accident, and that it was handed out is noted.
pub async fn export(
    State(app): State<Arc<App>>,
    Admin(who): Admin,
    Path(id): Path<ShopperId>,
    Form(asked): Form<Exporting>,
) -> Result<Response> {
    let Some(whose) = find(&app, &who, id).await? else { return Ok(gone()) };
    let wish = Wish { with_notes: !asked.notes.is_empty() };
    let Some(pieces) = privacy::export(&app, who.agent.id, whose, wish).await? else { return Ok(gone()) };
    let name = format!("personal-data-{}.json", app.clock.now().format("%Y-%m-%d"));
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    let pieces = pieces.inspect_err(|error| {
        tracing::warn!(error = error.cause(), "a document of personal data was cut off in the middle");
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}

#[derive(Deserialize)]
pub struct Erasing {
    #[serde(default)]
    sure: String,
    /// Whom the page showed.
    #[serde(default)]
    ids: String,
}

/// For good. Of two who do it at once the second is told.
pub async fn erase(
    State(app): State<Arc<App>>,
    Admin(who): Admin,
    Path(id): Path<ShopperId>,
    Form(asked): Form<Erasing>,
) -> Result<Response> {
    let Some(whose) = find(&app, &who, id).await? else { return Ok(gone()) };
    if asked.sure.is_empty() {
        return show(&app, &who, whose, Some(Problem::Unsure)).await;
    }
    let shown: Vec<ShopperId> = asked.ids.split_whitespace().filter_map(|id| id.parse().ok()).collect();
    match privacy::erase(&app, who.agent.id, whose, &shown).await? {
        Erased::Yes => Ok(Redirect::to("/admin/privacy?did=erased").into_response()),
        Erased::Gone if shown.is_empty() => show(&app, &who, whose, Some(Problem::Changed)).await,
        Erased::Gone => Ok(gone()),
        Erased::Changed => show(&app, &who, whose, Some(Problem::Changed)).await,
    }
}

/// Somebody erased them before.
fn gone() -> Response {
    Redirect::to("/admin/privacy?did=gone").into_response()
}
