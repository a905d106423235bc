//! Tickets: what goes on by mail.

use super::answer::{Fields, done, said, status, verdict};
use super::commands::keep_draft;
use super::fragments::{Entry, Fates, Recall, When, entries};
use crate::app::{self, App};
use crate::auth::SignedIn;
use crate::conversations::{self, Act};
use crate::domain::event::Author;
use crate::domain::ticket::{Status, Ticket};
use crate::error::{Error, Result};
use crate::shell::{Face, Section, Shell, print};
use crate::store::conversations as store;
use crate::store::events::{self, Audience};
use crate::store::tickets;
use crate::web::form::Wanted;
use crate::words::{ToArg, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::sync::Arc;

const ROWS: u16 = 50;
/// Most entries of a ticket's thread on its page.
const ENTRIES: i64 = 200;

#[derive(Template)]
#[template(path = "console/tickets.html")]
struct TicketsPage {
    shell: Shell,
    filter: Option<&'static str>,
    rows: Vec<Row>,
    older: Option<String>,
    is_first_page: bool,
}

struct Row {
    number: i64,
    subject: String,
    name: String,
    email: String,
    status: Status,
    when: When,
}

impl From<&Ticket> for Row {
    fn from(ticket: &Ticket) -> Self {
        Self {
            number: ticket.number,
            subject: ticket.subject.clone(),
            name: ticket.name.clone(),
            email: ticket.email.clone(),
            status: ticket.status,
            when: ticket.updated_at.into(),
        }
    }
}

#[derive(Deserialize)]
pub struct Filter {
    status: Option<Status>,
    before: Option<DateTime<Utc>>,
}

pub async fn list(State(app): State<Arc<App>>, who: SignedIn, Query(filter): Query<Filter>) -> Result<Response> {
    let agent = (who.agent.id, who.agent.role);
    let page = tickets::page(&app.db.read, agent, filter.status, filter.before, ROWS.into()).await?;
    let last = page.last().filter(|_| page.len() == usize::from(ROWS));
    let shell = Shell::of(&app, &who.agent, Section::Tickets, who.lang().say("tickets-title")).await?;
    let page = TicketsPage {
        shell,
        filter: filter.status.map(Status::as_str),
        older: last.map(|last| last.updated_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)),
        rows: page.iter().map(Row::from).collect(),
        is_first_page: filter.before.is_none(),
    };
    print(who.reader(), StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "console/ticket.html")]
struct TicketPage {
    shell: Shell,
    ticket: Row,
    conversation: String,
    face: Face,
    entries: Vec<Entry>,
    last_seq: i64,
    cid: uuid::Uuid,
    typed: String,
    problem: Option<String>,
}

pub async fn page(State(app): State<Arc<App>>, who: SignedIn, Path(number): Path<i64>) -> Result<Response> {
    let ticket = find(&app, &who, number).await?;
    show(&app, &who, &ticket, None).await
}

async fn find(app: &App, who: &SignedIn, number: i64) -> Result<Ticket> {
    tickets::by_number(&app.db.read, who.agent.id, who.agent.role, number).await?.ok_or(Error::NotFound)
}

/// The page; `refused` is the status, the reason and what had been typed.
async fn show(
    app: &App,
    who: &SignedIn,
    ticket: &Ticket,
    refused: Option<(StatusCode, String, String)>,
) -> Result<Response> {
    let here = (ticket.site_id, ticket.conversation_id);
    let events = events::before(&app.db.read, Audience::Staff, here, i64::MAX, ENTRIES).await?;
    let recall = Recall::of(app, ticket.site_id, true).await?;
    let title = who.lang().say_with("ticket-title", &[("number", ticket.number.to_arg())]);
    let status = refused.as_ref().map_or(StatusCode::OK, |(status, ..)| *status);
    let (problem, typed) = match refused {
        Some((_, problem, typed)) => (Some(problem), typed),
        None => (None, draft_of(app, who, ticket).await?),
    };
    let page = TicketPage {
        shell: Shell::of(app, &who.agent, Section::Tickets, title).await?,
        conversation: ticket.conversation_id.to_string(),
        face: Face::of(if ticket.name.is_empty() { &ticket.email } else { &ticket.name }),
        ticket: ticket.into(),
        last_seq: events.last().map_or(0, |last| last.seq),
        entries: entries(app, who.lang(), &events, &Fates::default(), recall),
        cid: app::new_id(),
        typed,
        problem,
    };
    print(who.reader(), status, &page)
}

/// What they typed here and did not send.
async fn draft_of(app: &App, who: &SignedIn, ticket: &Ticket) -> Result<String> {
    let kept = store::draft(&app.db.read, who.agent.id, ticket.conversation_id).await?;
    Ok(kept.filter(|(_, is_note)| !is_note).map(|(body, _)| body).unwrap_or_default())
}

/// Keeps what is being typed.
pub async fn draft(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(number): Path<i64>,
    Form(fields): Form<Fields>,
) -> Result<StatusCode> {
    let ticket = find(&app, &who, number).await?;
    keep_draft(&app, &who, (ticket.site_id, ticket.conversation_id), &fields).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An answer that goes out by mail.
pub async fn reply(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(number): Path<i64>,
    wanted: Wanted,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    let ticket = find(&app, &who, number).await?;
    let act = Act {
        site: ticket.site_id,
        conversation: ticket.conversation_id,
        by: Author::Agent(who.agent.id),
        by_name: who.agent.name.clone(),
        cid: fields.cid,
        generation: None,
        origin: None,
        oversees: who.agent.oversees(),
    };
    let Err(refusal) = verdict(conversations::reply_to_ticket(&app, &act, fields.body()).await?) else {
        let here = (ticket.site_id, ticket.conversation_id);
        store::set_draft(&app.db.read, who.agent.id, here, ("", false), app.clock.now()).await?;
        return Ok(done(wanted, &format!("/console/tickets/{number}")));
    };
    let status = status(&refusal);
    if wanted == Wanted::Json {
        return Ok(said(who.lang(), status, &refusal));
    }
    show(&app, &who, &ticket, Some((status, who.lang().refused(&refusal), fields.body()))).await
}

#[derive(Deserialize)]
pub struct NewStatus {
    status: Status,
}

pub async fn set_status(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(number): Path<i64>,
    wanted: Wanted,
    Form(form): Form<NewStatus>,
) -> Result<Response> {
    let ticket = find(&app, &who, number).await?;
    let mut connection = app.db.read.acquire().await?;
    tickets::set_status(&mut connection, ticket.site_id, number, form.status, app.clock.now()).await?;
    Ok(done(wanted, &format!("/console/tickets/{number}")))
}
