//! What an agent does in a conversation. Every command is a form's post: with script it is answered as JSON, without with
//! the next page; a refusal shows beside its form and keeps what was typed.

use super::answer::{Command, Fields, Stay, settle, verdict};
use super::files;
use crate::app::{self, App};
use crate::auth::SignedIn;
use crate::conversations::{self, Act, Said};
use crate::domain::canned::unfilled;
use crate::domain::conversation::{Refusal, State as Standing};
use crate::domain::event::Author;
use crate::domain::id::{ConversationId, SiteId};
use crate::domain::mention::Called;
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::pace::{Key, Quota};
use crate::store::append::Outcome;
use crate::store::conversations::{self as store, Summary};
use crate::store::mentions;
use crate::store::queue::Claimed;
use crate::web::form::Wanted;
use axum::Form;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::Arc;

pub const UNFILLED: Refusal =
    Refusal::BadRequest("A placeholder in braces is still in the text. Fill it in or take it out, then send it.");

pub type Written = (State<Arc<App>>, SignedIn, ConnectInfo<SocketAddr>, Path<ConversationId>, Wanted, Request);
pub type Asked = (State<Arc<App>>, SignedIn, Path<ConversationId>, Wanted, Form<Fields>);

pub fn act(summary: &Summary, who: &SignedIn, fields: &Fields) -> Act {
    Act {
        site: summary.site_id,
        conversation: summary.id,
        by: Author::Agent(who.agent.id),
        by_name: who.agent.name.clone(),
        cid: fields.cid,
        generation: fields.generation,
        origin: None,
        oversees: who.agent.oversees(),
    }
}

pub async fn reply(written: Written) -> Result<Response> {
    write(written, "reply").await
}

pub async fn note(written: Written) -> Result<Response> {
    write(written, "note").await
}

async fn write(
    (State(app), who, ConnectInfo(peer), Path(id), wanted, request): Written,
    form: &'static str,
) -> Result<Response> {
    let summary = super::thread::find(&app, &who.agent, id).await?;
    let mut posted = files::posted(&app, &who, (peer, summary.site_id), request).await?;
    let fields = std::mem::take(&mut posted.fields);
    let command = Command::of(&app, &who, summary, wanted, &fields, form);
    if let Some(refusal) = posted.refusal(&command, wanted).await? {
        return Ok(refusal);
    }
    let posted = post(&app, &command, form == "note").await?;
    settle(command, posted, Stay::Here).await
}

async fn post(app: &App, command: &Command<'_>, is_note: bool) -> Result<Result<(), Refusal>> {
    let (who, summary) = (command.who, &command.summary);
    let site = conversations::site_by_id(app, summary.site_id).await?;
    let files = match conversations::named_files(&site, &command.fields.files()) {
        Ok(files) => files,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let said = Said {
        body: command.fields.body(),
        note: is_note,
        files,
        replies: command.fields.replies(),
        shown: command.fields.last.filter(|_| !is_note),
    };
    let written = write_down(app, who, (summary, &act(summary, who, command.fields)), &said).await?;
    if written.is_ok() {
        store::set_draft(&app.db.read, who.agent.id, (summary.site_id, summary.id), ("", false), app.clock.now())
            .await?;
    }
    Ok(written)
}

/// What one agent may write in a moment.
pub fn pace(app: &App, site: &Site, who: &SignedIn) -> Result<(), Refusal> {
    let quota = Quota::per_s(site.settings.limits.agent_burst, site.settings.limits.agent_per_s);
    app.paces.take(Key::Sends(site.id, who.agent.id.0), quota, app::instant()).map_err(Refusal::RateLimited)
}

/// A reply or a note, at the pace that people write at; whoever is named in a note is called.
pub async fn write_down(
    app: &App,
    who: &SignedIn,
    (summary, act): (&Summary, &Act),
    said: &Said,
) -> Result<Result<(), Refusal>> {
    let site = conversations::site_by_id(app, summary.site_id).await?;
    if let Err(refusal) = pace(app, &site, who) {
        return Ok(Err(refusal));
    }
    if !said.note && unfilled(&said.body).is_some() {
        return Ok(Err(UNFILLED));
    }
    // A note needs no assignment.
    let act = Act { generation: act.generation.filter(|_| !said.note), ..act.clone() };
    let outcome = conversations::post_and_wait(app, &act, said).await;
    // Sent again because its answer was lost, it may have called nobody yet.
    if let Outcome::Stored(stored) | Outcome::Duplicate(stored) = &outcome
        && said.note
    {
        conversations::mentions::call_named(app, &stored.event, Called::InNote).await?;
    }
    let written = verdict(outcome);
    if let Ok(stored) = &written {
        // A whisper is no sign that the one who has the chat has read it.
        let watches = summary.state == Standing::Active && summary.assignee_id != Some(who.agent.id);
        if !(said.note && watches) {
            conversations::read(app, &act, stored.shopper, stored.event.seq).await?;
        }
    }
    Ok(written.map(drop))
}

pub async fn close((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "close").await?;
    let site = conversations::site_by_id(&app, command.summary.site_id).await?;
    let closed = conversations::close(&app, &act(&command.summary, &who, &fields), &site, "agent").await?;
    settle(command, verdict(closed).map(drop), Stay::Here).await
}

pub async fn transfer((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "transfer").await?;
    let act = act(&command.summary, &who, &fields);
    let note = fields.note();
    let moved = match fields.to.as_deref().and_then(|to| to.split_once(':')) {
        Some(("team", team)) if team.parse::<uuid::Uuid>().is_ok() => {
            conversations::transfer_to_team(&app, &act, team.parse().map_err(Error::bug)?, &note).await?
        }
        Some(("agent", agent)) if agent.parse::<uuid::Uuid>().is_ok() => {
            conversations::transfer_to_agent(&app, &act, agent.parse().map_err(Error::bug)?, &note).await?
        }
        _ if fields.to.as_deref() == Some("line") => conversations::put_back(&app, &act, &note).await?,
        _ => Outcome::Refused(Refusal::BadRequest("Choose a team or a colleague.")),
    };
    settle(command, verdict(moved).map(drop), Stay::Leave).await
}

/// Takes a waiting conversation. Of several who try at once one wins; the others are told who. What somebody has already is a
/// supervisor's to take over, where they saw who has it: then they name the assignment.
pub async fn claim((State(app), who, Path(id), wanted, Form(mut fields)): Asked) -> Result<Response> {
    fields.view = super::inbox::View::Mine;
    let command = Command::new(&app, &who, id, wanted, &fields, "claim").await?;
    let claimed = match crate::queue::claim_by_hand(&app, id, &who.agent, fields.cid).await? {
        Claimed::Yes { .. } | Claimed::Again(_) => Ok(()),
        Claimed::Taken(_) if holds(&app, &who, id).await? => Ok(()),
        Claimed::Taken(_) if who.agent.oversees() && fields.generation.is_some() => {
            let act = act(&command.summary, &who, &fields);
            verdict(conversations::take_over(&app, &act, who.agent.id).await?).map(drop)
        }
        Claimed::Taken(name) => Err(Refusal::NotAssignee(name)),
        Claimed::Busy => Err(Refusal::BadRequest("Somebody else is at this chat right now. Try again in a moment.")),
        Claimed::Full => Err(Refusal::FULL),
        Claimed::Over => Err(Refusal::Closed),
        Claimed::Gone(refusal) => Err(refusal),
    };
    settle(command, claimed, Stay::Here).await
}

/// The button was pressed twice: the second press finds what the first did.
async fn holds(app: &App, who: &SignedIn, id: ConversationId) -> Result<bool> {
    let summary = store::summary(&app.db.read, id).await?;
    Ok(summary.is_some_and(|summary| summary.assignee_id == Some(who.agent.id)))
}

pub async fn recall((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "recall").await?;
    let site = conversations::site_by_id(&app, command.summary.site_id).await?;
    let recalled = match fields.target {
        Some(target) => {
            let any = super::thread::may_recall_any(&who.agent);
            conversations::recall(&app, &act(&command.summary, &who, &fields), &site, target, any).await?
        }
        None => Outcome::Refused(Refusal::Forbidden),
    };
    settle(command, verdict(recalled).map(drop), Stay::Here).await
}

/// One of their own, said right.
pub async fn correct((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "correct").await?;
    let site = conversations::site_by_id(&app, command.summary.site_id).await?;
    let corrected = match (pace(&app, &site, &who), fields.target) {
        (Err(refusal), _) => Outcome::Refused(refusal),
        _ if unfilled(&fields.body()).is_some() => Outcome::Refused(UNFILLED),
        (Ok(()), Some(target)) => {
            let act = act(&command.summary, &who, &fields);
            conversations::correct(&app, &act, &site, target, fields.body()).await?.0
        }
        (Ok(()), None) => Outcome::Refused(Refusal::Forbidden),
    };
    settle(command, verdict(corrected).map(drop), Stay::Here).await
}

pub async fn ticket((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "ticket").await?;
    let name = command.summary.shopper_name.clone();
    let email = fields.email.as_deref().unwrap_or_default();
    let made = conversations::make_ticket(&app, &act(&command.summary, &who, &fields), email, &name).await?;
    settle(command, verdict(made).map(drop), Stay::Here).await
}

/// Moves the read mark, so that the shopper sees "Seen".
pub async fn read((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "read").await?;
    let upto = fields.upto.unwrap_or(command.summary.last_seq);
    if mentions::seen(&app.db.read, who.agent.id, (id, upto), app.clock.now()).await? {
        super::mentions::tell_count(&app, who.agent.id);
    }
    conversations::read(&app, &act(&command.summary, &who, &fields), Some(command.summary.shopper_id), upto).await?;
    settle(command, Ok(()), Stay::Here).await
}

/// Keeps what is being typed.
pub async fn draft((State(app), who, Path(id), _, Form(fields)): Asked) -> Result<Response> {
    let summary = super::thread::find(&app, &who.agent, id).await?;
    keep_draft(&app, &who, (summary.site_id, summary.id), &fields).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn keep_draft(app: &App, who: &SignedIn, at: (SiteId, ConversationId), fields: &Fields) -> Result<()> {
    let body: String = fields.body().chars().filter(|c| *c != '\0').take(crate::domain::message::BODY_MAX).collect();
    let kept = (body.as_str(), fields.is_note.is_some());
    Ok(store::set_draft(&app.db.read, who.agent.id, at, kept, app.clock.now()).await?)
}
