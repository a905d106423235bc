//! Rooms of the staff: which there are for somebody, and one of them with its log. What is said there is for staff alone.

mod list;
mod named;
mod verbs;

use list::Leads;
pub use list::Rooms;
pub use named::{all_seen, named};
pub use verbs::{colleagues, correct, draft, files, read, recall, say};

use super::fragments::{Entry, Fates, Recall, entries};
use super::thread::{ENTRIES, later};
use crate::app::{self, App};
use crate::auth::SignedIn;
use crate::conversations::site_by_id;
use crate::domain::id::{AgentId, ConversationId, EventId};
use crate::domain::people::Agent;
use crate::error::{Error, Result};
use crate::files::rules_for;
use crate::rooms;
use crate::shell::{Face, Section, Shell, print};
use crate::store::conversations as store;
use crate::store::events::{self, Audience};
use crate::store::rooms::{Room, room};
use crate::words::{Lang, ToArg, filters};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "console/rooms.html")]
struct RoomsPage {
    shell: Shell,
    rooms: Rooms,
    open: Option<Open>,
}

/// A room as its page shows it.
struct Open {
    id: ConversationId,
    name: String,
    face: Face,
    /// Who is in it.
    means: String,
    is_talk: bool,
    /// The other one does not work here any more.
    is_over: bool,
    entries: Vec<Entry>,
    /// The number of the oldest entry shown, where older ones exist.
    earlier: Option<i64>,
    later: Option<(i64, EventId)>,
    is_latest: bool,
    last_seq: i64,
    upto: i64,
    /// How long an author may take a message back, in seconds.
    recall_s: i64,
    cid: Uuid,
    /// What the shop says of files that are sent: most at once, and most bytes of one.
    takes: Option<(usize, u64)>,
    body: String,
    /// The message that is being corrected, and how it reads now.
    correcting: Option<(EventId, String)>,
    problem: Option<Problem>,
}

/// Something that was refused: at which form, why, and what had been typed.
struct Problem {
    status: StatusCode,
    form: &'static str,
    message: String,
    typed: String,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub struct Place {
    before: Option<i64>,
    /// A message of their own that they want to say right.
    correct: Option<EventId>,
}

/// The room, if they are in it. Not there and not theirs are told alike.
pub async fn enter(app: &App, agent: &Agent, id: ConversationId) -> Result<Room> {
    room(&app.db.read, agent, id).await?.ok_or(Error::NotFound)
}

/// What a room is called by those in it.
fn name_of(lang: Lang, room: &Room) -> String {
    let known = room.other_name.clone().or_else(|| room.team_name.clone());
    known.unwrap_or_else(|| lang.say("room-lobby"))
}

pub async fn list(State(app): State<Arc<App>>, who: SignedIn) -> Result<Response> {
    rooms::furnish(&app, &who.agent).await?;
    let rooms = Rooms::read(&app, &who.agent, None).await?;
    let shell = Shell::of(&app, &who.agent, Section::Rooms, who.lang().say("nav-rooms")).await?;
    print(who.reader(), StatusCode::OK, &RoomsPage { shell, rooms, open: None })
}

/// Opens the talk with a colleague.
pub async fn talk(State(app): State<Arc<App>>, who: SignedIn, Path(other): Path<AgentId>) -> Result<Response> {
    let id = rooms::talk_with(&app, &who.agent, other).await?;
    Ok(Redirect::to(&address(id)).into_response())
}

fn address(id: ConversationId) -> String {
    format!("/console/rooms/{id}")
}

/// Where a link to a conversation leads that is a room.
pub async fn elsewhere(app: &App, agent: &Agent, id: ConversationId) -> Result<Response> {
    enter(app, agent, id).await?;
    Ok(Redirect::to(&address(id)).into_response())
}

pub async fn page(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(id): Path<ConversationId>,
    Query(place): Query<Place>,
    headers: HeaderMap,
) -> Result<Response> {
    let room = enter(&app, &who.agent, id).await?;
    // What a script fetches may be out of sight: it says when it is not.
    if place.before.is_none() && headers.get("sec-fetch-dest").is_none_or(|wanted| wanted == "document") {
        rooms::read(&app, who.agent.id, &room, room.last_seq).await?;
    }
    show(&app, &who, room, place, None).await
}

async fn show(app: &App, who: &SignedIn, room: Room, place: Place, problem: Option<Problem>) -> Result<Response> {
    let status = problem.as_ref().map_or(StatusCode::OK, |problem| problem.status);
    let rooms = Rooms::read(app, &who.agent, Some(room.id)).await?;
    let shell = Shell::of(app, &who.agent, Section::Rooms, name_of(who.lang(), &room)).await?;
    let open = Some(Open::read(app, who, room, place, problem).await?);
    print(who.reader(), status, &RoomsPage { shell, rooms, open })
}

impl Open {
    async fn read(app: &App, who: &SignedIn, room: Room, place: Place, problem: Option<Problem>) -> Result<Self> {
        let (db, lang, here) = (&app.db.read, who.lang(), (room.site_id, room.id));
        let recall = Recall::in_room(app, room.site_id).await?;
        let events = events::before(db, Audience::Staff, here, place.before.unwrap_or(i64::MAX), ENTRIES).await?;
        let site = site_by_id(app, room.site_id).await?;
        let name = name_of(lang, &room);
        let refused = problem.as_ref().filter(|problem| problem.form == "say").map(|problem| problem.typed.clone());
        let body = match refused {
            Some(typed) => typed,
            None => store::draft(db, who.agent.id, room.id).await?.map(|(body, _)| body).unwrap_or_default(),
        };
        Ok(Self {
            id: room.id,
            face: Face::of(&name),
            means: means(lang, &room),
            is_talk: room.other_id.is_some(),
            is_over: room.other_left,
            earlier: events.first().map(|first| first.seq).filter(|first| *first > 1),
            later: later(&events, room.last_seq),
            is_latest: place.before.is_none(),
            last_seq: events.last().map_or(0, |last| last.seq),
            upto: room.upto,
            recall_s: recall.within.num_seconds(),
            entries: entries(app, lang, &events, &Fates::default(), recall),
            cid: app::new_id(),
            takes: rules_for(app, &site).map(|rules| (rules.per_message(), rules.max_bytes())),
            body,
            correcting: correcting(app, who, &room, place, problem.as_ref()).await?,
            problem,
            name,
        })
    }

    /// Why what was typed at this form was refused.
    fn wrong(&self, form: &str) -> Option<&str> {
        self.problem.as_ref().filter(|problem| problem.form == form).map(|problem| problem.message.as_str())
    }
}

fn means(lang: Lang, room: &Room) -> String {
    let site = [("site", room.site_name.to_arg())];
    match (room.other_id, &room.team_name) {
        (Some(_), _) if room.other_left => lang.say("room-left"),
        (Some(_), _) => lang.say("room-private"),
        (None, Some(_)) => lang.say_with("room-team-means", &site),
        (None, None) => lang.say_with("room-lobby-means", &site),
    }
}

/// What somebody wants to say right.
async fn correcting(
    app: &App,
    who: &SignedIn,
    room: &Room,
    place: Place,
    problem: Option<&Problem>,
) -> Result<Option<(EventId, String)>> {
    let Some(target) = place.correct else { return Ok(None) };
    if let Some(problem) = problem.filter(|problem| problem.form == "correct") {
        return Ok(Some((target, problem.typed.clone())));
    }
    let text = events::own_text(&app.db.read, (room.site_id, room.id), target, who.agent.id).await?;
    Ok(text.map(|text| (target, text)))
}
