//! A macro on its way through a conversation. All that can be known before is looked at before: what cannot be done whole is
//! not begun. Each action is its own commit then, under the rules it has by itself; the first that is refused ends it, and the
//! log says what was done. Pressing twice does it once.

use crate::app::App;
use crate::auth::SignedIn;
use crate::console::answer::{Command, Stay, settle, verdict};
use crate::console::canned::{copies, known};
use crate::console::commands::{Asked, act, write_down};
use crate::console::triage::{NO_TIME, zone};
use crate::conversations::{self, Act, Said};
use crate::domain::canned::{fill, text_for, unfilled};
use crate::domain::conversation::{Refusal, State as Standing};
use crate::domain::id::{ClientId, MacroId};
use crate::domain::macros::{Does, Finish};
use crate::domain::message::check_body;
use crate::error::Result;
use crate::store::canned::{self, Canned};
use crate::store::{macros as store, sites, triage};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use uuid::Uuid;

const NONE: Refusal = Refusal::BadRequest("This macro is not there any more.");
const GONE: Refusal = Refusal::BadRequest(
    "Something that this macro names is not there any more: a tag, a team or a ready reply. Nothing was done; mend the macro.",
);
const NOT_KNOWN: Refusal = Refusal::BadRequest(
    "The answer of this macro has a placeholder that is not known here. Nothing was done; answer by hand.",
);

/// What it says here.
struct Texts {
    note: Option<String>,
    reply: Option<(String, Canned)>,
}

pub async fn run((State(app), who, Path(id), wanted, Form(fields)): Asked) -> Result<Response> {
    let command = Command::new(&app, &who, id, wanted, &fields, "macro").await?;
    let (outcome, stay) = match fields.run {
        Some(id) => carry_out(&command, id).await?,
        None => (Err(NONE), Stay::Here),
    };
    settle(command, outcome, stay).await
}

async fn carry_out(command: &Command<'_>, id: MacroId) -> Result<(Result<(), Refusal>, Stay)> {
    let (app, who, summary) = (command.app, command.who, &command.summary);
    let found = store::one(&app.db.read, (who.agent.id, who.agent.role), id).await?;
    let Some(found) = found.filter(|found| found.site_id == summary.site_id) else {
        return Ok((Err(NONE), Stay::Here));
    };
    let does = found.does.0;
    let stay = if matches!(does.finish, Some(Finish::Team(_))) { Stay::Leave } else { Stay::Here };
    let texts = match look_ahead(command, &does).await? {
        Ok(texts) => texts,
        Err(refusal) => return Ok((Err(refusal), Stay::Here)),
    };
    Ok((step_by_step(app, who, command, (&does, texts)).await?, stay))
}

/// Everything that it names is there, and what it says is whole.
async fn look_ahead(command: &Command<'_>, does: &Does) -> Result<Result<Texts, Refusal>> {
    let (app, who, summary) = (command.app, command.who, &command.summary);
    let db = &app.db.read;
    let is_mine = summary.state == Standing::Active && summary.assignee_id == Some(who.agent.id);
    if does.reply.is_some() && !is_mine {
        return Ok(Err(if summary.state.is_open() { Refusal::NotAssignee(None) } else { Refusal::Closed }));
    }
    if (does.class.is_some() || does.finish.is_some()) && !summary.state.is_open() {
        return Ok(Err(Refusal::Closed));
    }
    // Who oversees gives a chat away; whoever ends one or answers in it has it, as they believe.
    let gives = matches!(does.finish, Some(Finish::Team(_))) && who.agent.oversees();
    let is_others = summary.state == Standing::Active && !is_mine && !gives;
    let is_another = command.fields.generation.is_some_and(|believed| believed != summary.generation);
    if does.finish.is_some() && is_others || (does.finish.is_some() || does.reply.is_some()) && is_another {
        return Ok(Err(Refusal::NotAssignee(None)));
    }
    let tags = triage::tags(db, summary.site_id).await?;
    if !does.tags.iter().chain(&does.untags).all(|id| tags.iter().any(|tag| tag.id == *id)) {
        return Ok(Err(GONE));
    }
    if let Some(Finish::Team(team)) = &does.finish
        && !sites::teams(db, summary.site_id).await?.iter().any(|known| known.id == *team)
    {
        return Ok(Err(GONE));
    }
    let known = known(app, who, summary).await?;
    let note = (!does.note.is_empty()).then(|| fill(&does.note, &known));
    if let Some(Err(refusal)) = note.as_deref().map(check_body) {
        return Ok(Err(refusal));
    }
    let Some(reply) = does.reply else { return Ok(Ok(Texts { note, reply: None })) };
    let site = conversations::site_by_id(app, summary.site_id).await?;
    let found = canned::one(db, (who.agent.id, who.agent.role), reply).await?;
    let text =
        found.as_ref().and_then(|reply| text_for(&reply.texts, &summary.locale, &site.settings.appearance.locale));
    let Some(text) = text.map(|text| fill(text, &known)) else { return Ok(Err(GONE)) };
    if let Err(refusal) = check_body(&text) {
        return Ok(Err(refusal));
    }
    Ok(match found {
        Some(found) if unfilled(&text).is_none() => Ok(Texts { note, reply: Some((text, found)) }),
        _ => Err(NOT_KNOWN),
    })
}

async fn step_by_step(
    app: &App,
    who: &SignedIn,
    command: &Command<'_>,
    (does, texts): (&Does, Texts),
) -> Result<Result<(), Refusal>> {
    let (summary, fields) = (&command.summary, command.fields);
    let step = |n: u128| Act {
        cid: fields.cid.map(|ClientId(id)| ClientId(Uuid::from_u128(id.as_u128() ^ n))),
        ..act(summary, who, fields)
    };
    let marks = does.tags.iter().map(|tag| (*tag, true)).chain(does.untags.iter().map(|tag| (*tag, false)));
    for (tag, on) in marks {
        if let Err(refusal) = conversations::set_tag(app, &step(0), tag, on).await? {
            return Ok(Err(refusal));
        }
    }
    if let Some(class) = does.class
        && let Err(refusal) = conversations::set_priority(app, &step(0), class).await?
    {
        return Ok(Err(refusal));
    }
    // The answer first: where it is not wanted any more nothing is noted of it.
    if let Some((text, reply)) = texts.reply {
        let files: Vec<_> = copies(app, who, &reply).await?.into_iter().map(|file| file.id).collect();
        let carries = !files.is_empty();
        let said = Said { shown: fields.last, files, ..Said::text(text) };
        match write_down(app, who, (summary, &step(2)), &said).await? {
            // Pressed twice: the first press wrote it, with copies of its own.
            Err(Refusal::CidConflict) if carries => {}
            Err(refusal) => return Ok(Err(refusal)),
            Ok(()) => {}
        }
    }
    if let Some(note) = texts.note {
        let said = Said { note: true, ..Said::text(note) };
        if let Err(refusal) = write_down(app, who, (summary, &step(1)), &said).await? {
            return Ok(Err(refusal));
        }
    }
    match &does.finish {
        Some(what) => finish(app, who, &step(3), what).await,
        None => Ok(Ok(())),
    }
}

/// What becomes of the chat.
pub async fn finish(app: &App, who: &SignedIn, act: &Act, what: &Finish) -> Result<Result<(), Refusal>> {
    Ok(match what {
        Finish::Close => {
            let site = conversations::site_by_id(app, act.site).await?;
            verdict(conversations::close(app, act, &site, "agent").await?).map(drop)
        }
        Finish::Team(team) => verdict(conversations::transfer_to_team(app, act, *team, "").await?).map(drop),
        Finish::Snooze(until) => {
            let zone = zone(app, &who.agent, act).await?;
            match until.time(app.clock.now(), zone) {
                Some(until) => conversations::snooze(app, act, until).await?,
                None => Err(NO_TIME),
            }
        }
    })
}
