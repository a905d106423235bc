//! The supervisor's wall: who waits, who is here, how the day goes. The page, its big form for a screen on the wall, and the
//! page of one person are printed from the same pieces that their sockets are told of.

mod numbers;
mod person;
mod pieces;
mod watch;

pub use person::page as person_page;
pub use watch::{Subject, Watch};

use crate::app::App;
use crate::auth::session::Supervisor;
use crate::error::Result;
use crate::shell::{Section, Shell, print, version};
use crate::words::{Lang, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use numbers::Numbers;
use pieces::Board;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/wall.html")]
struct WallPage {
    shell: Shell,
    board: Board,
}

/// For a screen that nobody sits at: no navigation, nothing to press.
#[derive(Template)]
#[template(path = "console/tv.html")]
struct TvPage {
    version: &'static str,
    lang: Lang,
    board: Board,
}

#[derive(Deserialize)]
pub struct Form {
    tv: Option<String>,
}

pub async fn page(
    State(app): State<Arc<App>>,
    Supervisor(who): Supervisor,
    Query(form): Query<Form>,
) -> Result<Response> {
    let lang = who.lang();
    let board = Board::of(lang, &Numbers::read(&app, &who.agent).await?);
    if form.tv.is_some_and(|tv| tv != "0") {
        return print(lang, StatusCode::OK, &TvPage { version: version(), lang, board });
    }
    let shell = Shell::of(&app, &who.agent, Section::Wall, lang.say("nav-wall")).await?;
    print(lang, StatusCode::OK, &WallPage { shell, board })
}
