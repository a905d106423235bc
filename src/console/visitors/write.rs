//! Writing first: the page of one visitor, with a field. What is refused keeps what was typed.

use super::{Row, Stands};
use crate::app::{self, App};
use crate::auth::SignedIn;
use crate::console::answer::status;
use crate::console::commands::{UNFILLED, pace};
use crate::console::thread;
use crate::conversations::{self, FirstWord, FirstWritten, Said, site_by_id};
use crate::domain::canned::unfilled;
use crate::domain::conversation::Refusal;
use crate::domain::id::{ClientId, ConversationId, ShopperId, SiteId, TeamId};
use crate::domain::people::{Shopper, Status};
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::conversations::written_before;
use crate::store::people;
use crate::store::visits as store;
use crate::web::form::newlines;
use crate::words::{ToArg, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/visitor.html")]
struct VisitorPage {
    shell: Shell,
    site: SiteId,
    shopper: ShopperId,
    name: String,
    /// `None`: they have left.
    row: Option<Row>,
    /// Those the chat may be for.
    teams: Vec<(TeamId, String)>,
    typed: Fields,
    problem: Option<Problem>,
}

impl VisitorPage {
    fn is_chosen(&self, team: &TeamId) -> bool {
        self.typed.team == team.to_string()
    }
}

/// Why it was not sent, and the chat that is there by now.
struct Problem {
    status: StatusCode,
    message: String,
    chat: Option<ConversationId>,
}

#[derive(Deserialize)]
pub struct Fields {
    cid: ClientId,
    /// The first of those they may choose from where it is none.
    #[serde(default)]
    team: String,
    #[serde(default)]
    body: String,
}

const OFF_DUTY: Refusal = Refusal::BadRequest("You are offline. Choose another status first, then write.");
const NO_TEAM: Refusal = Refusal::BadRequest("You are in no team of this shop. Ask to be added to one first.");
const NOT_IN_TEAM: Refusal = Refusal::BadRequest("You are not in this team any more. Choose another one.");
const LEFT: Refusal = Refusal::BadRequest("This visitor has left: nobody would read it now.");

type Place = Path<(SiteId, ShopperId)>;

pub async fn page(State(app): State<Arc<App>>, who: SignedIn, Path(place): Place) -> Result<Response> {
    let shopper = find(&app, &who, place).await?;
    let empty = Fields { cid: ClientId(app::new_id()), team: String::new(), body: String::new() };
    show(&app, &who, &shopper, empty, None).await
}

pub async fn write(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(place): Place,
    Form(mut fields): Form<Fields>,
) -> Result<Response> {
    let shopper = find(&app, &who, place).await?;
    fields.body = newlines(&fields.body);
    let problem = match send(&app, &who, &shopper, &fields).await? {
        FirstWritten::Yes(chat) => return Ok(Redirect::to(&format!("/console/c/{chat}?view=mine")).into_response()),
        FirstWritten::Open(chat, with) => Problem {
            status: StatusCode::CONFLICT,
            message: match with {
                Some(name) => who.lang().say_with("visitors-taken", &[("name", name.to_arg())]),
                None => who.lang().say("visitors-wrote"),
            },
            chat: thread::find(&app, &who.agent, chat).await.ok().map(|summary| summary.id),
        },
        FirstWritten::Refused(refusal) => {
            Problem { status: status(&refusal), message: who.lang().refused(&refusal), chat: None }
        }
    };
    show(&app, &who, &shopper, fields, Some(problem)).await
}

/// Not there and of a shop that is not theirs are told alike.
async fn find(app: &App, who: &SignedIn, (site, shopper): (SiteId, ShopperId)) -> Result<Shopper> {
    let shops = store::shops(&app.db.read, (who.agent.id, who.agent.role)).await?;
    if !shops.iter().any(|(id, _)| *id == site) {
        return Err(Error::NotFound);
    }
    people::shopper(&app.db.read, site, shopper).await?.ok_or(Error::NotFound)
}

async fn visiting(app: &App, who: &SignedIn, shopper: &Shopper) -> Result<Option<Row>> {
    let (me, at) = ((who.agent.id, who.agent.role), [shopper.site_id]);
    let found = store::newest(&app.db.read, me, (&at, Some(shopper.id)), app.clock.now()).await?;
    Ok(found.into_iter().next().map(|visitor| Row::new(who.lang(), visitor)))
}

async fn send(app: &App, who: &SignedIn, shopper: &Shopper, typed: &Fields) -> Result<FirstWritten> {
    let Fields { cid, team, body } = typed;
    let at = (shopper.site_id, shopper.id);
    // The same form sent again: this is what it opened, whatever has changed since.
    if let Some(chat) = written_before(&app.db.read, at, who.agent.id, *cid).await? {
        return Ok(FirstWritten::Yes(chat));
    }
    let site = site_by_id(app, shopper.site_id).await?;
    if let Err(refusal) = pace(app, &site, who) {
        return Ok(FirstWritten::Refused(refusal));
    }
    if unfilled(body).is_some() {
        return Ok(FirstWritten::Refused(UNFILLED));
    }
    if who.agent.status() == Status::Offline {
        return Ok(FirstWritten::Refused(OFF_DUTY));
    }
    let teams = store::teams_of(&app.db.read, at, who.agent.id).await?;
    let Some((first, _)) = teams.first() else { return Ok(FirstWritten::Refused(NO_TEAM)) };
    let chosen = teams.iter().map(|(id, _)| id).find(|id| id.to_string() == *team);
    let Some(team) = chosen.or(team.is_empty().then_some(first)) else {
        return Ok(FirstWritten::Refused(NOT_IN_TEAM));
    };
    if visiting(app, who, shopper).await?.is_none() {
        return Ok(FirstWritten::Refused(LEFT));
    }
    let said = Said::text(body.clone());
    conversations::write_first(app, &FirstWord { shopper, agent: &who.agent, team: *team, cid: *cid, said }).await
}

/// Of whoever has left no more is told than that.
async fn show(
    app: &App,
    who: &SignedIn,
    shopper: &Shopper,
    typed: Fields,
    problem: Option<Problem>,
) -> Result<Response> {
    let row = visiting(app, who, shopper).await?;
    let name = row.as_ref().map_or_else(|| who.lang().say("visitor"), |row| row.name.clone());
    let status = problem.as_ref().map_or(StatusCode::OK, |problem| problem.status);
    let shell = Shell::of(app, &who.agent, Section::Visitors, name.clone()).await?;
    let (site, shopper) = (shopper.site_id, shopper.id);
    let teams = store::teams_of(&app.db.read, (site, shopper), who.agent.id).await?;
    print(who.reader(), status, &VisitorPage { shell, site, shopper, name, row, teams, typed, problem })
}
