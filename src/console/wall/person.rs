//! One of the staff as a supervisor sees them: what they chose, and their chats with what may be done about each.

use super::numbers::Numbers;
use super::pieces::Card;
use crate::app::App;
use crate::auth::session::Supervisor;
use crate::console::fragments::shopper_name;
use crate::console::thread::presence_word;
use crate::domain::id::{AgentId, ConversationId, SiteId};
use crate::domain::people::{Agent, Status};
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::conversations::{self as store, Summary};
use crate::store::{duty, people, wall};
use crate::words::{self, Lang, When, filters};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/person.html")]
struct PersonPage {
    shell: Shell,
    sheet: Sheet,
}

/// Shared by the page and by what its socket is told.
#[derive(Clone, Debug)]
pub struct Sheet {
    card: Card,
    /// Whose sheet it is: whether they chose to be off duty is another thing than whether they are here.
    status: Status,
    chats: Vec<Chat>,
    is_me: bool,
}

#[derive(Clone, Debug)]
struct Chat {
    id: ConversationId,
    shopper: String,
    team: Option<String>,
    said: String,
    from_staff: bool,
    since: When,
    generation: i32,
    /// Colleagues who have a place free, and how much they have.
    targets: Vec<(AgentId, String, String)>,
}

#[derive(Template)]
#[template(path = "console/_sheet.html")]
struct SheetFragment<'a> {
    sheet: &'a Sheet,
}

impl Sheet {
    /// `None`: there is nobody of this name whom this supervisor oversees.
    pub async fn read(app: &App, who: &Agent, id: AgentId) -> Result<Option<Self>> {
        let (db, now) = (&app.db.read, app.clock.now());
        if !duty::oversees(db, (who.id, who.role), id).await? {
            return Ok(None);
        }
        let Some(person) = wall::person(db, id, now).await? else { return Ok(None) };
        let (numbers, lang) = (Numbers::read(app, who).await?, Lang::of(who));
        let theirs = store::active_of(db, id).await?;
        let mut chats = Vec::new();
        for chat in theirs.iter().filter(|chat| numbers.shops.contains_key(&chat.site_id)) {
            chats.push(Chat::new(lang, chat, targets(app, lang, chat.site_id, id).await?));
        }
        let status = person.status();
        Ok(Some(Self { card: Card::of(&person, &numbers), status, chats, is_me: id == who.id }))
    }

    pub fn print(&self, lang: Lang) -> Result<String> {
        words::print(lang, &SheetFragment { sheet: self })
    }
}

impl Chat {
    fn new(lang: Lang, summary: &Summary, targets: Vec<(AgentId, String, String)>) -> Self {
        Self {
            id: summary.id,
            shopper: shopper_name(lang, summary),
            team: summary.team_name.clone(),
            said: summary.last_message.clone(),
            from_staff: summary.last_by != "shopper",
            since: summary.last_at.into(),
            generation: summary.generation,
            targets,
        }
    }
}

async fn targets(app: &App, lang: Lang, site: SiteId, except: AgentId) -> Result<Vec<(AgentId, String, String)>> {
    let colleagues = people::colleagues(&app.db.read, site, app.clock.now()).await?;
    let free = colleagues.into_iter().filter(|c| c.id != except && c.online && c.available);
    Ok(free.map(|c| (c.id, c.name.clone(), presence_word(lang, &c))).collect())
}

pub async fn page(
    State(app): State<Arc<App>>,
    Supervisor(who): Supervisor,
    Path(id): Path<AgentId>,
) -> Result<Response> {
    let sheet = Sheet::read(&app, &who.agent, id).await?.ok_or(Error::NotFound)?;
    let shell = Shell::of(&app, &who.agent, Section::Wall, sheet.card.name.clone()).await?;
    print(who.reader(), StatusCode::OK, &PersonPage { shell, sheet })
}
