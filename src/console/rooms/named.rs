//! Where colleagues have called somebody by name, in notes and in rooms.

use super::{Leads, Rooms};
use crate::app::App;
use crate::auth::SignedIn;
use crate::console::fragments::at_entry;
use crate::error::Result;
use crate::shell::{Face, Section, Shell, print};
use crate::store::mentions::{self, Mention};
use crate::words::{Lang, When, filters};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// Most that are shown.
const MOST: i64 = 100;

#[derive(Template)]
#[template(path = "console/mentions.html")]
struct NamedPage {
    shell: Shell,
    rooms: Rooms,
    named: Vec<Named>,
    has_new: bool,
}

struct Named {
    href: String,
    face: Face,
    by: String,
    said: String,
    /// Whose chat, or which room.
    place: String,
    is_unread: bool,
    when: When,
}

impl Named {
    fn new(lang: Lang, row: Mention) -> Self {
        let by = row.by_name.unwrap_or_else(|| lang.say("colleague"));
        let known = if row.is_room { row.team_name } else { row.shopper_name.filter(|name| !name.is_empty()) };
        let place = known.unwrap_or_else(|| lang.say(if row.is_room { "room-lobby" } else { "visitor" }));
        let page = if row.is_room {
            format!("/console/rooms/{}", row.conversation_id)
        } else {
            format!("/console/c/{}?view=all", row.conversation_id)
        };
        Self {
            href: at_entry(page, row.id, (row.seq, row.last_seq)),
            face: Face::of(&by),
            by,
            said: row.body,
            place: format!("{place} · {}", row.site_name),
            is_unread: !row.is_seen,
            when: row.at.into(),
        }
    }
}

pub async fn named(State(app): State<Arc<App>>, who: SignedIn) -> Result<Response> {
    let lang = who.lang();
    let found = mentions::list(&app.db.read, &who.agent, MOST).await?;
    let named: Vec<_> = found.into_iter().map(|row| Named::new(lang, row)).collect();
    let rooms = Rooms::read(&app, &who.agent, None).await?;
    let shell = Shell::of(&app, &who.agent, Section::Rooms, lang.say("named-title")).await?;
    let has_new = named.iter().any(|one| one.is_unread);
    print(who.reader(), StatusCode::OK, &NamedPage { shell, rooms, named, has_new })
}

pub async fn all_seen(State(app): State<Arc<App>>, who: SignedIn) -> Result<Response> {
    mentions::all_seen(&app.db.read, who.agent.id, app.clock.now()).await?;
    crate::console::mentions::tell_count(&app, who.agent.id);
    Ok(Redirect::to("/console/rooms/mentions").into_response())
}
