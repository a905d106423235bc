//! The rooms beside the one that is open; shared with the live update.

use super::name_of;
use crate::app::App;
use crate::domain::id::{AgentId, ConversationId};
use crate::domain::people::{Agent, Status};
use crate::error::Result;
use crate::shell::Face;
use crate::store::rooms::{self as store, Colleague, Room};
use crate::words::{self, Lang, When, filters};
use askama::Template;

/// The rooms that somebody is in, and whom they may talk with.
pub struct Rooms {
    /// The one that the page shows.
    pub(super) open: Option<ConversationId>,
    /// Lobbies and teams, by shop.
    pub(super) shops: Vec<(String, Vec<Line>)>,
    pub(super) colleagues: Vec<Line>,
}

pub(super) struct Line {
    pub(super) leads_to: Leads,
    pub(super) name: String,
    pub(super) face: Face,
    pub(super) said: String,
    pub(super) when: Option<When>,
    pub(super) is_unread: bool,
    /// A colleague's status, and its class.
    pub(super) presence: Option<(Status, &'static str)>,
}

#[derive(Clone, Copy)]
pub(super) enum Leads {
    To(ConversationId),
    /// A talk that has not begun.
    With(AgentId),
}

#[derive(Template)]
#[template(path = "console/_rooms.html")]
struct RoomsFragment<'a> {
    rooms: &'a Rooms,
}

impl Rooms {
    pub async fn read(app: &App, agent: &Agent, open: Option<ConversationId>) -> Result<Self> {
        let (db, lang) = (&app.db.read, Lang::of(agent));
        let mut shops: Vec<(String, Vec<Line>)> = Vec::new();
        let mut last = None;
        for room in store::shared(db, agent).await? {
            if last.replace(room.site_id) != Some(room.site_id) {
                shops.push((room.site_name.clone(), Vec::new()));
            }
            if let Some((_, lines)) = shops.last_mut() {
                lines.push(Line::of_room(lang, &room));
            }
        }
        let colleagues = store::colleagues(db, agent, app.clock.now()).await?.into_iter().map(Line::from).collect();
        Ok(Self { open, shops, colleagues })
    }

    /// For a live update; the page includes the same template.
    pub fn print(&self, lang: Lang) -> Result<String> {
        words::print(lang, &RoomsFragment { rooms: self })
    }

    pub(super) fn is_open(&self, id: &ConversationId) -> bool {
        self.open.as_ref() == Some(id)
    }
}

impl Line {
    fn of_room(lang: Lang, room: &Room) -> Self {
        let name = name_of(lang, room);
        Self {
            leads_to: Leads::To(room.id),
            face: Face::of(&name),
            name,
            said: room.last_message.clone(),
            when: (room.last_seq > 0).then(|| room.last_at.into()),
            is_unread: room.is_unread(),
            presence: None,
        }
    }
}

impl From<Colleague> for Line {
    fn from(colleague: Colleague) -> Self {
        let status = if colleague.online { Status::of(colleague.available, colleague.off_as) } else { Status::Offline };
        let look = match status {
            Status::Available => "ok",
            Status::Busy | Status::Away => "warn",
            Status::Offline => "off",
        };
        Self {
            leads_to: colleague.talk.map_or(Leads::With(colleague.id), Leads::To),
            face: Face::of(&colleague.name),
            name: colleague.name,
            said: colleague.last_message.unwrap_or_default(),
            when: colleague.last_at.map(When::from),
            is_unread: colleague.is_unread,
            presence: Some((status, look)),
        }
    }
}
