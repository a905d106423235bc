//! The wall: who is here, and how much each one carries.

use crate::app::App;
use crate::auth::SignedIn;
use crate::conversations;
use crate::domain::id::AgentId;
use crate::domain::people::{Role, Status};
use crate::error::Result;
use crate::shell::{Face, Section, Shell, print};
use crate::store::people::{self, Colleague};
use crate::words::{self, Lang, filters};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/team.html")]
struct TeamPage {
    shell: Shell,
    wall: Wall,
}

/// Everybody, by site; shared with the live update.
pub struct Wall {
    sites: Vec<(String, Vec<Person>)>,
}

#[derive(Template)]
#[template(path = "console/_wall.html")]
struct WallFragment<'a> {
    wall: &'a Wall,
}

struct Person {
    id: AgentId,
    /// Whoever looks.
    is_me: bool,
    name: String,
    face: Face,
    role: Role,
    /// And its class.
    presence: (Status, &'static str),
    load: i64,
    capacity: i16,
}

impl Person {
    fn new(colleague: Colleague, me: AgentId) -> Self {
        let status = Status::of(colleague.available, colleague.off_as);
        let presence = match (colleague.online, status) {
            (true, Status::Available) => (status, "ok"),
            (true, Status::Busy | Status::Away) => (status, "warn"),
            (true, Status::Offline) | (false, _) => (Status::Offline, "off"),
        };
        Self {
            id: colleague.id,
            is_me: colleague.id == me,
            face: Face::of(&colleague.name),
            name: colleague.name,
            role: colleague.role,
            presence,
            load: colleague.load,
            capacity: colleague.capacity,
        }
    }
}

impl Wall {
    pub async fn read(app: &App, who: &SignedIn) -> Result<Self> {
        let db = &app.db.read;
        let mut sites = Vec::new();
        for id in people::sites_of(db, who.agent.id, who.agent.role).await? {
            let site = conversations::site_by_id(app, id).await?;
            let colleagues = people::colleagues(db, id, app.clock.now()).await?;
            sites.push((site.name.clone(), colleagues.into_iter().map(|one| Person::new(one, who.agent.id)).collect()));
        }
        Ok(Self { sites })
    }
}

impl Wall {
    /// For a live update; the page includes the same template.
    pub fn print(&self, lang: Lang) -> Result<String> {
        words::print(lang, &WallFragment { wall: self })
    }
}

pub async fn page(State(app): State<Arc<App>>, who: SignedIn) -> Result<Response> {
    let wall = Wall::read(&app, &who).await?;
    let shell = Shell::of(&app, &who.agent, Section::Team, who.lang().say("nav-team")).await?;
    print(who.reader(), StatusCode::OK, &TeamPage { shell, wall })
}
