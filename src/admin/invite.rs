//! Inviting somebody to work here: they get a letter with a link and choose their own password, so that nobody else knows it.

use super::form::{Choice, Mistakes, Sent};
use super::roles;
use crate::app::{self, App};
use crate::auth::{self, Admin};
use crate::domain::id::{AgentId, LetterId, SiteId, TeamId};
use crate::domain::people::{Role, parse_email, tidy_name};
use crate::error::{Error, Result, violates};
use crate::store::invitations::{self as store, Invitation, Newcomer};
use crate::store::sites;
use crate::store::staff;
use crate::words::Sentence;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::TimeDelta;
use std::sync::Arc;

/// How long the link holds.
const LINK: TimeDelta = TimeDelta::days(7);
const CHATS_AT_ONCE: i16 = 5;

/// The form on the page of people.
#[derive(Default)]
pub struct InviteForm {
    pub name: String,
    pub email: String,
    role: String,
    team: String,
    /// Every team, with its shop's name where there are several shops.
    teams: Vec<(SiteId, TeamId, String)>,
}

impl InviteForm {
    pub async fn empty(app: &App) -> Result<Self> {
        let mut form = Self { role: Role::Agent.as_str().into(), ..Self::default() };
        let sites = sites::all(&app.db.read).await?;
        for site in &sites {
            for team in sites::teams(&app.db.read, site.id).await? {
                let name = if sites.len() > 1 { format!("{} · {}", team.name, site.name) } else { team.name };
                form.teams.push((site.id, team.id, name));
            }
        }
        Ok(form)
    }

    pub fn has_teams(&self) -> bool {
        !self.teams.is_empty()
    }

    pub fn roles(&self) -> impl Iterator<Item = Choice> + '_ {
        roles::choices(&self.role)
    }

    pub fn teams(&self) -> impl Iterator<Item = Choice> + '_ {
        self.teams.iter().map(|(_, id, name)| Choice::named(id, name, &self.team))
    }

    fn read(&mut self, sent: &Sent<'_>) {
        self.name = sent.text("name");
        self.email = sent.text("email");
        self.role = sent.text("role");
        self.team = sent.text("team");
    }

    /// Whom the form means; otherwise what is wrong with it.
    fn newcomer<'a>(&self, name: &'a str, mistakes: &mut Mistakes) -> Option<(Newcomer<'a>, String)> {
        if name.is_empty() {
            mistakes.add("name", Sentence::of("crew-mistake-person"));
        }
        let email = mistakes.note("email", parse_email(&self.email).ok_or_else(|| Sentence::of("crew-mistake-email")));
        let role = mistakes.note("role", roles::parse(&self.role));
        let team = self.teams.iter().find(|(_, id, _)| id.to_string() == self.team).map(|(site, id, _)| (*site, *id));
        let team = mistakes.note("team", team.ok_or_else(|| Sentence::of("crew-mistake-invite-team")));
        let (role, team, email) = (role?, team?, email?);
        (!name.is_empty()).then_some((Newcomer { name, role, capacity: CHATS_AT_ONCE, team }, email))
    }
}

pub async fn send(
    State(app): State<Arc<App>>,
    admin: Admin,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let mut form = InviteForm::empty(&app).await?;
    form.read(&Sent(&fields));
    let (mut mistakes, name) = (Mistakes::default(), tidy_name(&form.name));
    if let Some((newcomer, email)) = form.newcomer(&name, &mut mistakes) {
        let link = Link::fresh(&app);
        let agent = AgentId(app::new_id());
        match store::add(&app.db.read, &newcomer, &link.invitation(&app, agent, &email, &admin, newcomer.team.0)).await
        {
            Ok(()) => {
                app.wake_mail();
                return Ok(Redirect::to(&format!("/admin/people/{agent}?invited=1")).into_response());
            }
            Err(cause) if violates(&cause, "agents_email_unique") => {
                mistakes.add("email", Sentence::of("crew-mistake-email-taken"));
            }
            Err(cause) => return Err(cause.into()),
        }
    }
    super::people::show_all(&app, &admin, form, mistakes).await
}

/// Another letter, and another link: the one before is void.
pub async fn again(State(app): State<Arc<App>>, admin: Admin, Path(id): Path<AgentId>) -> Result<Redirect> {
    let person = staff::person(&app.db.read, id).await?.ok_or(Error::NotFound)?;
    let site = sites::all(&app.db.read).await?.first().map(|site| site.id).ok_or(Error::NotFound)?;
    let link = Link::fresh(&app);
    if store::again(&app.db.read, &link.invitation(&app, id, &person.email, &admin, site)).await? {
        app.wake_mail();
    }
    Ok(Redirect::to(&format!("/admin/people/{id}?invited=1")))
}

/// A link for whoever cannot come in by the password they had. Whoever asks keeps their own.
pub async fn renew(State(app): State<Arc<App>>, admin: Admin, Path(id): Path<AgentId>) -> Result<Redirect> {
    let person = staff::person(&app.db.read, id).await?.filter(|_| id != admin.0.agent.id).ok_or(Error::NotFound)?;
    let site = sites::all(&app.db.read).await?.first().map(|site| site.id).ok_or(Error::NotFound)?;
    let link = Link::fresh(&app);
    crate::staff::renew_password(&app, &link.invitation(&app, id, &person.email, &admin, site)).await?;
    Ok(Redirect::to(&format!("/admin/people/{id}?invited=1")))
}

struct Link {
    letter: LetterId,
    code_hash: [u8; 32],
}

impl Link {
    fn fresh(app: &App) -> Self {
        let letter = LetterId(app::new_id());
        let code = auth::invite_code(&app.config.secret_key, letter);
        Self { letter, code_hash: auth::hash(&code) }
    }

    fn invitation<'a>(
        &'a self,
        app: &App,
        agent: AgentId,
        email: &'a str,
        Admin(by): &Admin,
        site: SiteId,
    ) -> Invitation<'a> {
        let now = app.clock.now();
        let (letter, code_hash) = (self.letter, self.code_hash.as_slice());
        Invitation { agent, email, letter, code_hash, by: by.agent.id, site, now, expires_at: now + LINK }
    }
}
