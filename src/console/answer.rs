//! How a command is answered: done, or refused with what was typed kept.

use super::inbox::View;
use super::thread::{self, Place, Problem};
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::conversation::Refusal;
use crate::domain::id::{ClientId, ConversationId, EventId, MacroId, TagId};
use crate::domain::routing::Class;
use crate::error::Result;
use crate::store::append::{Outcome, Stored};
use crate::store::conversations::{self as store, Summary};
use crate::web::form::{Wanted, newlines};
use crate::words::Lang;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// The fields of all forms of a conversation; each form sends some.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Fields {
    pub cid: Option<ClientId>,
    #[serde(rename = "gen")]
    pub generation: Option<i32>,
    #[serde(default)]
    pub view: View,
    body: Option<String>,
    note: Option<String>,
    pub to: Option<String>,
    pub email: Option<String>,
    pub target: Option<EventId>,
    pub upto: Option<i64>,
    /// The last number of the log that the page shows.
    pub last: Option<i64>,
    pub is_note: Option<String>,
    /// Uploaded before; separated by commas.
    #[serde(default)]
    files: String,
    /// Answers for the shopper to choose from; separated by semicolons.
    #[serde(default)]
    pub replies: String,
    pub tag: Option<TagId>,
    /// A tag to remove.
    pub untag: Option<TagId>,
    pub class: Option<Class>,
    /// A macro.
    pub run: Option<MacroId>,
    /// Until when it sleeps; or `wake`.
    #[serde(default)]
    pub until: String,
    /// The time of their own choice.
    #[serde(default)]
    pub at: String,
    /// Why a shopper is blocked, and for how long.
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub length: String,
}

impl Fields {
    pub fn body(&self) -> String {
        newlines(self.body.as_deref().unwrap_or_default())
    }

    pub fn files(&self) -> Vec<String> {
        self.files.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
    }

    pub fn replies(&self) -> Vec<String> {
        self.replies.split(';').map(str::trim).filter(|reply| !reply.is_empty()).map(str::to_owned).collect()
    }

    pub fn note(&self) -> String {
        newlines(self.note.as_deref().unwrap_or_default())
    }
}

/// What the log answered, as a form needs to know it. Where the commit is not known the form keeps its text and its client
/// id, so that sending again settles it.
pub fn verdict(outcome: Outcome) -> Result<Stored, Refusal> {
    match outcome {
        Outcome::Stored(stored) | Outcome::Duplicate(stored) => Ok(stored),
        Outcome::Refused(refusal) => Err(refusal),
        Outcome::Unknown => Err(Refusal::Unavailable(Duration::from_secs(1))),
    }
}

/// A command on its way, with the conversation as it stood when it came.
pub struct Command<'a> {
    pub app: &'a App,
    pub who: &'a SignedIn,
    pub summary: Summary,
    pub fields: &'a Fields,
    wanted: Wanted,
    pub form: &'static str,
}

impl<'a> Command<'a> {
    /// Not there and not yours are told alike.
    pub async fn new(
        app: &'a App,
        who: &'a SignedIn,
        id: ConversationId,
        wanted: Wanted,
        fields: &'a Fields,
        form: &'static str,
    ) -> Result<Self> {
        Ok(Self::of(app, who, thread::find(app, &who.agent, id).await?, wanted, fields, form))
    }

    pub fn of(
        app: &'a App,
        who: &'a SignedIn,
        summary: Summary,
        wanted: Wanted,
        fields: &'a Fields,
        form: &'static str,
    ) -> Self {
        Self { app, who, summary, fields, wanted, form }
    }
}

/// Where the agent is afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    Here,
    /// The conversation may be out of sight now.
    Leave,
}

pub async fn settle(command: Command<'_>, outcome: Result<(), Refusal>, stay: Stay) -> Result<Response> {
    match outcome {
        Ok(()) => Ok(done(command.wanted, &place(&command, stay))),
        Err(refusal) => refused(command, &refusal).await,
    }
}

fn place(command: &Command<'_>, stay: Stay) -> String {
    let view = command.fields.view.as_str();
    match stay {
        Stay::Here => format!("/console/c/{}?view={view}", command.summary.id),
        Stay::Leave => format!("/console/inbox/{view}"),
    }
}

/// The next page, or its address.
pub fn done(wanted: Wanted, to: &str) -> Response {
    match wanted {
        Wanted::Json => Json(json!({ "ok": true, "to": to })).into_response(),
        Wanted::Page => Redirect::to(to).into_response(),
    }
}

async fn refused(command: Command<'_>, refusal: &Refusal) -> Result<Response> {
    let typed = keep(&command).await?;
    let status = status(refusal);
    if command.wanted == Wanted::Json {
        return Ok(said(command.who.lang(), status, refusal));
    }
    let correct = command.fields.target.filter(|_| command.form == "correct");
    let place = Place { view: command.fields.view, correct, ..Place::default() };
    let problem = Problem {
        status,
        form: command.form,
        message: command.who.lang().refused(refusal),
        typed,
        replies: command.fields.replies.clone(),
        reason: command.fields.reason.clone(),
    };
    thread::show(command.app, command.who, command.summary.id, place, Some(problem)).await
}

/// A refusal as JSON.
pub fn said(lang: Lang, status: StatusCode, refusal: &Refusal) -> Response {
    let error = json!({ "code": refusal.code(), "message": lang.refused(refusal) });
    (status, Json(json!({ "error": error }))).into_response()
}

/// What was typed stays as a draft.
pub async fn keep(command: &Command<'_>) -> Result<Option<String>> {
    let is_note = command.form == "note";
    if command.form == "correct" {
        return Ok(Some(command.fields.body()));
    }
    if command.form != "reply" && !is_note {
        return Ok(None);
    }
    let (app, body) = (command.app, command.fields.body());
    if !body.contains('\0') {
        let here = (command.summary.site_id, command.summary.id);
        store::set_draft(&app.db.read, command.who.agent.id, here, (&body, is_note), app.clock.now()).await?;
    }
    Ok(Some(body))
}

pub fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::BadRequest(_) | Refusal::TooLong => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Forbidden => StatusCode::NOT_FOUND,
        Refusal::Closed | Refusal::NotAssignee(_) | Refusal::CidConflict | Refusal::TooLate | Refusal::Stale => {
            StatusCode::CONFLICT
        }
    }
}
