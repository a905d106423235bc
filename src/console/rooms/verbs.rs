//! What somebody does in a room. Each is a form's post, answered like those of a conversation.

use super::{Place, Problem, address, enter, show};
use crate::app::App;
use crate::auth::SignedIn;
use crate::console::answer::{self, Fields, done, said, verdict};
use crate::console::{commands, files as uploads, mentions, thread};
use crate::conversations::{self, Act, Said, named_files, site_by_id};
use crate::domain::conversation::Refusal;
use crate::domain::event::Author;
use crate::domain::id::ConversationId;
use crate::domain::message::BODY_MAX;
use crate::error::Result;
use crate::rooms;
use crate::store::append::Outcome;
use crate::store::conversations as store;
use crate::store::rooms::Room;
use crate::web::form::Wanted;
use axum::Json;
use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;

const NOBODY_READS: Refusal = Refusal::BadRequest("Your colleague does not work here any more: nobody would read it.");

fn act(room: &Room, who: &SignedIn, fields: &Fields) -> Act {
    Act {
        site: room.site_id,
        conversation: room.id,
        by: Author::Agent(who.agent.id),
        by_name: who.agent.name.clone(),
        cid: fields.cid,
        generation: None,
        origin: None,
        oversees: who.agent.oversees(),
    }
}

pub async fn say(
    (State(app), who, ConnectInfo(peer), Path(id), wanted, request): commands::Written,
) -> Result<Response> {
    let room = enter(&app, &who.agent, id).await?;
    let posted = uploads::posted(&app, &who, (peer, room.site_id), request).await?;
    let fields = posted.fields;
    if let Some(error) = posted.refused {
        if wanted == Wanted::Json {
            return Err(error);
        }
        let (status, message) = (error.status(), who.lang().failure(&error));
        return again(&app, &who, room, &fields, Problem { status, form: "say", message, typed: fields.body() }).await;
    }
    match post(&app, &who, &room, &fields).await? {
        Ok(()) => Ok(done(wanted, &address(id))),
        Err(refusal) => refused(&app, &who, room, (wanted, &fields, "say"), &refusal).await,
    }
}

async fn post(app: &Arc<App>, who: &SignedIn, room: &Room, fields: &Fields) -> Result<Result<(), Refusal>> {
    let site = site_by_id(app, room.site_id).await?;
    if room.other_left {
        return Ok(Err(NOBODY_READS));
    }
    let files = match commands::pace(app, &site, who).and_then(|()| named_files(&site, &fields.files())) {
        Ok(files) => files,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let said = Said { files, ..Said::text(fields.body()) };
    let written = verdict(rooms::say(app, room, act(room, who, fields), said).await?);
    if let Ok(stored) = &written {
        let here = (room.site_id, room.id);
        store::set_draft(&app.db.read, who.agent.id, here, ("", false), app.clock.now()).await?;
        rooms::read(app, who.agent.id, room, stored.event.seq).await?;
    }
    Ok(written.map(drop))
}

/// Beside its form, with what was typed, which stays as a draft.
async fn refused(
    app: &App,
    who: &SignedIn,
    room: Room,
    (wanted, fields, form): (Wanted, &Fields, &'static str),
    refusal: &Refusal,
) -> Result<Response> {
    let (status, typed) = (answer::status(refusal), fields.body());
    if wanted == Wanted::Json {
        if form == "say" {
            keep(app, who, &room, &typed).await?;
        }
        return Ok(said(who.lang(), status, refusal));
    }
    let message = who.lang().refused(refusal);
    again(app, who, room, fields, Problem { status, form, message, typed }).await
}

async fn again(app: &App, who: &SignedIn, room: Room, fields: &Fields, problem: Problem) -> Result<Response> {
    if problem.form == "say" {
        keep(app, who, &room, &problem.typed).await?;
    }
    let correct = fields.target.filter(|_| problem.form == "correct");
    show(app, who, room, Place { correct, ..Place::default() }, Some(problem)).await
}

async fn keep(app: &App, who: &SignedIn, room: &Room, typed: &str) -> Result<()> {
    if !typed.contains('\0') {
        let here = (room.site_id, room.id);
        store::set_draft(&app.db.read, who.agent.id, here, (typed, false), app.clock.now()).await?;
    }
    Ok(())
}

/// A supervisor takes back what anybody said in a room, but in a talk only what is theirs.
pub async fn recall((State(app), who, Path(id), wanted, axum::Form(fields)): commands::Asked) -> Result<Response> {
    let room = enter(&app, &who.agent, id).await?;
    let site = site_by_id(&app, room.site_id).await?;
    let any = room.other_id.is_none() && thread::may_recall_any(&who.agent);
    let recalled = match fields.target {
        Some(target) => conversations::recall(&app, &act(&room, &who, &fields), &site, target, any).await?,
        None => Outcome::Refused(Refusal::Forbidden),
    };
    settle(&app, &who, room, (wanted, &fields, "recall"), recalled).await
}

/// One of their own, said right.
pub async fn correct((State(app), who, Path(id), wanted, axum::Form(fields)): commands::Asked) -> Result<Response> {
    let room = enter(&app, &who.agent, id).await?;
    let site = site_by_id(&app, room.site_id).await?;
    let (corrected, fresh) = match (commands::pace(&app, &site, &who), fields.target) {
        (Err(refusal), _) => (Outcome::Refused(refusal), None),
        (Ok(()), Some(target)) => {
            rooms::correct(&app, &room, act(&room, &who, &fields), site, (target, fields.body())).await?
        }
        (Ok(()), None) => (Outcome::Refused(Refusal::Forbidden), None),
    };
    if let Some(fresh) = fresh {
        rooms::read(&app, who.agent.id, &room, fresh.event.seq).await?;
    }
    settle(&app, &who, room, (wanted, &fields, "correct"), corrected).await
}

async fn settle(
    app: &App,
    who: &SignedIn,
    room: Room,
    asked: (Wanted, &Fields, &'static str),
    outcome: Outcome,
) -> Result<Response> {
    match verdict(outcome) {
        Ok(stored) => {
            rooms::read(app, who.agent.id, &room, stored.event.seq).await?;
            Ok(done(asked.0, &address(room.id)))
        }
        Err(refusal) => refused(app, who, room, asked, &refusal).await,
    }
}

/// They have read so far.
pub async fn read((State(app), who, Path(id), wanted, axum::Form(fields)): commands::Asked) -> Result<Response> {
    let room = enter(&app, &who.agent, id).await?;
    rooms::read(&app, who.agent.id, &room, fields.upto.unwrap_or(room.last_seq)).await?;
    Ok(done(wanted, &address(id)))
}

/// Keeps what is being typed.
pub async fn draft((State(app), who, Path(id), _, axum::Form(fields)): commands::Asked) -> Result<Response> {
    let room = enter(&app, &who.agent, id).await?;
    let body: String = fields.body().chars().filter(|c| *c != '\0').take(BODY_MAX).collect();
    keep(&app, &who, &room, &body).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Uploads one file for a message to come.
pub async fn files(
    State(app): State<Arc<App>>,
    who: SignedIn,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<ConversationId>,
    request: Request,
) -> Result<(StatusCode, Json<Value>)> {
    let room = enter(&app, &who.agent, id).await?;
    uploads::take_at(&app, &who, (peer, room.site_id), request).await
}

/// Whom an at sign may call.
pub async fn colleagues(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(id): Path<ConversationId>,
    Query(asked): Query<mentions::Asked>,
) -> Result<Response> {
    let room = enter(&app, &who.agent, id).await?;
    mentions::offer_in(&app, &who, (room.site_id, room.id), &asked).await
}
