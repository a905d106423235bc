//! Several actions at once: the page where macros are kept, and the menu of a conversation that runs them.

mod form;
mod run;

pub use run::{finish, run};

use super::canned::works_at;
use super::mistake::Mistake;
use super::scope::Scope;
use crate::app::{self, App};
use crate::auth::SignedIn;
use crate::domain::canned::{self as ready, VARIABLES};
use crate::domain::id::{CannedId, MacroId, SiteId, TagId};
use crate::domain::macros::Finish;
use crate::domain::people::{Agent, Team};
use crate::domain::routing::Class;
use crate::domain::snooze::Until;
use crate::domain::triage::Tag;
use crate::error::{Error, Result, violates};
use crate::shell::{Section, Shell, print};
use crate::store::macros::{self as store, Macro};
use crate::store::{canned, people, sites, triage};
use crate::words::{Key, Lang, ToArg, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use form::MacroForm;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/macros.html")]
struct ListPage {
    shell: Shell,
    /// By site.
    groups: Vec<Group>,
    is_saved: bool,
}

struct Group {
    site: SiteId,
    name: String,
    macros: Vec<Line>,
}

/// One macro in a list or a menu: its name, and what it does in a few words.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: MacroId,
    pub name: String,
    pub does: String,
    is_mine: bool,
    team: Option<String>,
}

/// The names of what macros speak of, at one site.
struct Names {
    tags: Vec<Tag>,
    teams: Vec<Team>,
    replies: Vec<(CannedId, String)>,
}

impl Names {
    async fn read(app: &App, agent: &Agent, site: SiteId) -> Result<Self> {
        let (db, me) = (&app.db.read, (agent.id, agent.role));
        let replies = canned::usable(db, me, site, "", app.clock.now(), ready::MOST).await?;
        Ok(Self {
            tags: triage::tags(db, site).await?,
            teams: sites::teams(db, site).await?,
            replies: replies.into_iter().map(|reply| (reply.id, reply.shortcut)).collect(),
        })
    }

    /// What it does, in the order in which it does it. What is gone is named so.
    fn say(&self, lang: Lang, found: Macro) -> Line {
        let gone = || lang.say("macro-gone");
        let tag = |id: &TagId| self.tags.iter().find(|tag| tag.id == *id).map_or_else(gone, |tag| tag.name.clone());
        let with = |key: &str, value: &str| lang.say_with(key, &[("name", value.to_arg())]);
        let does = &found.does;
        let mut parts: Vec<String> = does.tags.iter().map(|id| with("macro-adds", &tag(id))).collect();
        parts.extend(does.untags.iter().map(|id| with("macro-removes", &tag(id))));
        parts.extend(does.class.map(|class| with("macro-class", &lang.say(super::triage::name(class).0))));
        parts.extend(does.reply.map(|id| {
            let shortcut = self.replies.iter().find(|(known, _)| *known == id).map(|(_, name)| format!("/{name}"));
            with("macro-answers", &shortcut.unwrap_or_else(gone))
        }));
        parts.extend((!does.note.is_empty()).then(|| lang.say("macro-notes")));
        parts.extend(does.finish.as_ref().map(|finish| self.say_finish(lang, finish)));
        let is_mine = found.owner_id.is_some();
        Line { id: found.id, name: found.name, does: parts.join(" · "), is_mine, team: found.team_name }
    }

    fn say_finish(&self, lang: Lang, finish: &Finish) -> String {
        let with = |key: &str, value: &str| lang.say_with(key, &[("name", value.to_arg())]);
        match finish {
            Finish::Close => lang.say("macro-closes"),
            Finish::Team(id) => {
                let team = self.teams.iter().find(|team| team.id == *id).map(|team| team.name.clone());
                with("macro-gives", &team.unwrap_or_else(|| lang.say("macro-gone")))
            }
            Finish::Snooze(until) => with("macro-sleeps", &lang.say(&format!("snooze-{}", until.as_str()))),
        }
    }

    /// What may become of a chat, as forms write it and as it is said.
    fn finishes(&self, lang: Lang) -> Vec<(String, String)> {
        let sleeps = [Until::Hour, Until::Tomorrow, Until::NextWeek].map(Finish::Snooze);
        let gives = self.teams.iter().map(|team| Finish::Team(team.id));
        let all = std::iter::once(Finish::Close).chain(sleeps).chain(gives);
        all.map(|finish| (finish.to_string(), self.say_finish(lang, &finish))).collect()
    }
}

/// What the menu of a conversation offers.
pub async fn offered(app: &App, who: &SignedIn, site: SiteId) -> Result<Vec<Line>> {
    let found = store::usable(&app.db.read, (who.agent.id, who.agent.role), site).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let names = Names::read(app, &who.agent, site).await?;
    Ok(found.into_iter().map(|found| names.say(who.lang(), found)).collect())
}

#[derive(Template)]
#[template(path = "console/macro_one.html")]
struct OnePage {
    shell: Shell,
    /// Where it is saved to.
    id: MacroId,
    site: SiteId,
    names: Names,
    teams: Vec<Team>,
    classes: [(Class, Key); 4],
    /// What may become of the chat, and how it is called.
    finishes: Vec<(String, String)>,
    form: MacroForm,
    mistakes: Vec<Mistake>,
    may_share: bool,
    is_new: bool,
}

impl OnePage {
    fn is_wrong(&self, field: impl AsRef<str>) -> bool {
        Mistake::is_in(&self.mistakes, field)
    }
}

#[derive(Deserialize)]
pub struct Saved {
    saved: Option<String>,
}

pub async fn list(State(app): State<Arc<App>>, who: SignedIn, Query(saved): Query<Saved>) -> Result<Response> {
    let agent = (who.agent.id, who.agent.role);
    let all = store::visible(&app.db.read, agent).await?;
    let mut groups = Vec::new();
    for site in people::sites_of(&app.db.read, agent.0, agent.1).await? {
        let names = Names::read(&app, &who.agent, site).await?;
        let here = all.iter().filter(|found| found.site_id == site).cloned();
        let macros = here.map(|found| names.say(who.lang(), found)).collect();
        let name = crate::conversations::site_by_id(&app, site).await?.name.clone();
        groups.push(Group { site, name, macros });
    }
    let shell = Shell::of(&app, &who.agent, Section::Canned, who.lang().say("macros-title")).await?;
    print(who.reader(), StatusCode::OK, &ListPage { shell, groups, is_saved: saved.saved.is_some() })
}

#[derive(Deserialize)]
pub struct New {
    site: SiteId,
}

/// An empty form. Its id is settled here, so that saving twice makes one.
pub async fn new(State(app): State<Arc<App>>, who: SignedIn, Query(new): Query<New>) -> Result<Response> {
    works_at(&app, &who.agent, new.site).await?;
    show(&app, &who, (MacroId(app::new_id()), new.site), MacroForm::default(), Vec::new(), true).await
}

pub async fn page(State(app): State<Arc<App>>, who: SignedIn, Path(id): Path<MacroId>) -> Result<Response> {
    let found = mine(&app, &who, id).await?.ok_or(Error::NotFound)?;
    show(&app, &who, (id, found.site_id), MacroForm::of(&found), Vec::new(), false).await
}

async fn show(
    app: &App,
    who: &SignedIn,
    (id, site): (MacroId, SiteId),
    form: MacroForm,
    mistakes: Vec<Mistake>,
    is_new: bool,
) -> Result<Response> {
    let title = if is_new { who.lang().say("macro-new") } else { form.name.clone() };
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let names = Names::read(app, &who.agent, site).await?;
    let page = OnePage {
        shell: Shell::of(app, &who.agent, Section::Canned, title).await?,
        id,
        site,
        teams: names.teams.clone(),
        finishes: names.finishes(who.lang()),
        names,
        classes: Class::ALL.map(|class| (class, super::triage::name(class))),
        form,
        mistakes,
        may_share: who.agent.oversees(),
        is_new,
    };
    print(who.reader(), status, &page)
}

pub async fn save(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(id): Path<MacroId>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let known = mine(&app, &who, id).await?;
    if known.is_none() && store::is_there(&app.db.read, id).await? {
        return Err(Error::NotFound);
    }
    let site = match &known {
        Some(found) => found.site_id,
        None => {
            fields.iter().find(|(name, _)| name == "site").and_then(|(_, id)| id.parse().ok()).ok_or(Error::NotFound)?
        }
    };
    works_at(&app, &who.agent, site).await?;
    let form = MacroForm::read(&fields);
    let names = Names::read(&app, &who.agent, site).await?;
    let mut mistakes = form.mistakes(&names, who.agent.oversees());
    let (team, owner) = form.scope.unwrap_or(Scope::Me).kept(who.agent.id);
    if let Some(reply) = form.does.reply
        && owner.is_none()
        && !store::may_share(&app.db.read, site, team, reply).await?
    {
        mistakes.push(Mistake::at("reply", "macro-bad-reply"));
    }
    if mistakes.is_empty() {
        let fresh = store::Fresh { id, site, team, owner, name: &form.name, does: &form.does };
        match store::save(&app.db.read, &fresh, Some(who.agent.id), app.clock.now()).await {
            Ok(true) => return Ok(Redirect::to("/console/macros?saved=1").into_response()),
            Ok(false) => mistakes.push(Mistake::at("name", "macro-full")),
            Err(cause) if violates(&cause, "macros_name") => mistakes.push(Mistake::at("name", "macro-taken")),
            Err(cause) => return Err(cause.into()),
        }
    }
    show(&app, &who, (id, site), form, mistakes, known.is_none()).await
}

pub async fn remove(State(app): State<Arc<App>>, who: SignedIn, Path(id): Path<MacroId>) -> Result<Response> {
    if mine(&app, &who, id).await?.is_some() {
        store::remove(&app.db.read, id, Some(who.agent.id)).await?;
    }
    Ok(Redirect::to("/console/macros?saved=1").into_response())
}

/// The macro, if this agent may change it: their own, or as a supervisor what is shared.
async fn mine(app: &App, who: &SignedIn, id: MacroId) -> Result<Option<Macro>> {
    let found = store::one(&app.db.read, (who.agent.id, who.agent.role), id).await?;
    Ok(found.filter(|found| found.owner_id == Some(who.agent.id) || who.agent.oversees()))
}
