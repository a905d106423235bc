//! A shop's teams: who is in them with which skills, how much they carry, who helps out, and when they work.

mod form;

use super::form::Mistakes;
use super::sites::Saved;
use crate::app::{self, App};
use crate::auth::Admin;
use crate::domain::id::{SiteId, TeamId};
use crate::domain::people::{Team, tidy_name};
use crate::domain::routing::TeamSettings;
use crate::domain::site::Site;
use crate::error::{Error, Result, violates};
use crate::shell::{Section, Shell, print};
use crate::store::sites;
use crate::store::staff::{self, Person};
use crate::words::{Sentence, ToArg, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use form::TeamForm;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "admin/teams.html")]
struct TeamsPage {
    shell: Shell,
    site: Site,
    rows: Vec<Row>,
    /// Of the new team.
    name: String,
    mistakes: Mistakes,
}

struct Row {
    team: Team,
    size: i64,
}

#[derive(Template)]
#[template(path = "admin/team.html")]
struct TeamPage {
    shell: Shell,
    site: Site,
    team: Team,
    others: Vec<Team>,
    form: TeamForm,
    mistakes: Mistakes,
    is_saved: bool,
}

fn name_taken() -> Sentence {
    Sentence::of("crew-mistake-taken")
}

pub async fn list(State(app): State<Arc<App>>, admin: Admin, Path(id): Path<SiteId>) -> Result<Response> {
    show_list(&app, &admin, id, String::new(), Mistakes::default()).await
}

async fn show_list(app: &App, admin: &Admin, id: SiteId, name: String, mistakes: Mistakes) -> Result<Response> {
    let site = sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let sizes: HashMap<TeamId, i64> = staff::team_sizes(&app.db.read, id).await?.into_iter().collect();
    let teams = sites::teams(&app.db.read, id).await?;
    let row = |team: Team| Row { size: sizes.get(&team.id).copied().unwrap_or_default(), team };
    let title = admin.0.lang().say_with("teams-title", &[("site", site.name.to_arg())]);
    let shell = Shell::of(app, &admin.0.agent, Section::Sites, title).await?;
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    print(
        admin.0.lang(),
        status,
        &TeamsPage { shell, site, rows: teams.into_iter().map(row).collect(), name, mistakes },
    )
}

pub async fn add(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path(id): Path<SiteId>,
    Form(fields): Form<HashMap<String, String>>,
) -> Result<Response> {
    sites::by_id(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let name = tidy_name(fields.get("name").map(String::as_str).unwrap_or_default());
    let mut mistakes = Mistakes::default();
    if name.is_empty() {
        mistakes.add("name", Sentence::of("crew-mistake-name"));
        return show_list(&app, &admin, id, name, mistakes).await;
    }
    let team = Team { site_id: id, id: TeamId(app::new_id()), name, settings: TeamSettings::default() };
    match sites::add_team(&app.db.read, &team, Some(admin.0.agent.id)).await {
        Ok(()) => Ok(Redirect::to(&format!("/admin/sites/{id}/teams/{}", team.id)).into_response()),
        Err(cause) if violates(&cause, "teams_name_unique") => {
            mistakes.add("name", name_taken());
            show_list(&app, &admin, id, team.name, mistakes).await
        }
        Err(cause) => Err(cause.into()),
    }
}

/// A team in its surroundings.
struct Known {
    site: Site,
    team: Team,
    others: Vec<Team>,
    people: Vec<Person>,
}

impl Known {
    async fn read(app: &App, site: SiteId, team: TeamId) -> Result<Self> {
        let site = sites::by_id(&app.db.read, site).await?.ok_or(Error::NotFound)?;
        let teams = sites::teams(&app.db.read, site.id).await?;
        let (mut this, others): (Vec<_>, Vec<_>) = teams.into_iter().partition(|other| other.id == team);
        let team = this.pop().ok_or(Error::NotFound)?;
        Ok(Self { site, team, others, people: staff::people(&app.db.read).await? })
    }

    async fn show(
        self,
        app: &App,
        admin: &Admin,
        form: TeamForm,
        mistakes: Mistakes,
        is_saved: bool,
    ) -> Result<Response> {
        let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let shell = Shell::of(app, &admin.0.agent, Section::Sites, self.team.name.clone()).await?;
        let Self { site, team, others, .. } = self;
        print(admin.0.lang(), status, &TeamPage { shell, site, team, others, form, mistakes, is_saved })
    }
}

pub async fn page(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path((site, team)): Path<(SiteId, TeamId)>,
    Query(saved): Query<Saved>,
) -> Result<Response> {
    let known = Known::read(&app, site, team).await?;
    let members = staff::members(&app.db.read, site, team).await?;
    let form = TeamForm::of(&known.team, &known.site, &known.people, &members);
    known.show(&app, &admin, form, Mistakes::default(), saved.is_saved()).await
}

pub async fn save(
    State(app): State<Arc<App>>,
    admin: Admin,
    Path((site, team)): Path<(SiteId, TeamId)>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let known = Known::read(&app, site, team).await?;
    let form = TeamForm::read(&fields, &known.people);
    let mut changed = known.team.clone();
    let (members, mut mistakes) = form.apply(&mut changed, &known.others);
    if mistakes.is_empty() {
        match staff::save_team(&app.db.read, &changed, &members, Some(admin.0.agent.id)).await {
            Ok(()) => {
                app.wake_queue();
                return Ok(Redirect::to(&format!("/admin/sites/{site}/teams/{team}?saved=1")).into_response());
            }
            Err(cause) if violates(&cause, "teams_name_unique") => mistakes.add("name", name_taken()),
            Err(cause) => return Err(cause.into()),
        }
    }
    known.show(&app, &admin, form, mistakes, false).await
}
