//! Letters that could not be delivered: why, and another try.

use crate::app::App;
use crate::auth::Supervisor;
use crate::domain::id::LetterId;
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::outbox::{self, LetterKind, Undelivered};
use crate::words::{Key, When, filters};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "admin/letters.html")]
struct LettersPage {
    shell: Shell,
    waiting: i64,
    rows: Vec<Row>,
}

struct Row {
    id: LetterId,
    kind: Key,
    recipient: String,
    attempts: i32,
    /// As the mail server gave it.
    reason: Option<String>,
    when: When,
}

impl From<Undelivered> for Row {
    fn from(letter: Undelivered) -> Self {
        Self {
            id: letter.id,
            kind: Key(match letter.kind {
                LetterKind::Transcript => "letter-transcript",
                LetterKind::TicketOpened => "letter-ticket-opened",
                LetterKind::TicketReply => "letter-ticket-reply",
                LetterKind::Place => "letter-place",
                LetterKind::Answers => "letter-answers",
                LetterKind::Unseen => "letter-unseen",
                LetterKind::Invitation => "letter-invitation",
            }),
            recipient: letter.recipient,
            attempts: letter.attempts,
            reason: letter.last_error,
            when: letter.created_at.into(),
        }
    }
}

pub async fn page(State(app): State<Arc<App>>, Supervisor(who): Supervisor) -> Result<Response> {
    let letters = outbox::dead(&app.db.read).await?;
    let (waiting, _, _) = outbox::backlog(&app.db.read, app.clock.now()).await?;
    let shell = Shell::of(&app, &who.agent, Section::Letters, who.lang().say("nav-letters")).await?;
    print(
        who.lang(),
        StatusCode::OK,
        &LettersPage { shell, waiting, rows: letters.into_iter().map(Row::from).collect() },
    )
}

pub async fn retry(State(app): State<Arc<App>>, _: Supervisor, Path(id): Path<LetterId>) -> Result<Redirect> {
    if !outbox::revive(&app.db.read, id, app.clock.now()).await? {
        return Err(Error::conflict("not_dead", "This letter is on its way already."));
    }
    app.wake_mail();
    Ok(Redirect::to("/admin/letters"))
}
