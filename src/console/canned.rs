//! Replies that are ready: the page where they are kept, and what is offered while somebody writes.

mod form;
mod pick;

pub use pick::{copies, known, offer, used};

use super::files;
use super::mistake::Mistake;
use super::scope::Scope;
use crate::app::{self, App};
use crate::auth::SignedIn;
use crate::conversations::site_by_id;
use crate::domain::canned::VARIABLES;
use crate::domain::file::FileRules;
use crate::domain::id::{CannedId, SiteId};
use crate::domain::people::{Agent, Team};
use crate::error::{Error, Result, violates};
use crate::files::rules_for;
use crate::shell::{Section, Shell, print};
use crate::store::canned::{self as store, Canned};
use crate::store::{people, sites};
use crate::web::address;
use crate::words::filters;
use askama::Template;
use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use form::CannedForm;
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/canned.html")]
struct ListPage {
    shell: Shell,
    /// By site.
    groups: Vec<Group>,
    is_saved: bool,
}

struct Group {
    site: SiteId,
    name: String,
    replies: Vec<Canned>,
}

#[derive(Template)]
#[template(path = "console/canned_one.html")]
struct OnePage {
    shell: Shell,
    /// Where it is saved to.
    id: CannedId,
    site: SiteId,
    teams: Vec<Team>,
    form: CannedForm,
    mistakes: Vec<Mistake>,
    may_share: bool,
    is_new: bool,
    /// Most files of one message, where the shop takes any.
    takes: Option<usize>,
    /// Why a file was not taken.
    refused: Option<String>,
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
    let mut groups = Vec::new();
    for id in people::sites_of(&app.db.read, agent.0, agent.1).await? {
        let site = site_by_id(&app, id).await?;
        groups.push(Group { site: id, name: site.name.clone(), replies: Vec::new() });
    }
    for reply in store::visible(&app.db.read, agent).await? {
        if let Some(group) = groups.iter_mut().find(|group| group.site == reply.site_id) {
            group.replies.push(reply);
        }
    }
    let shell = Shell::of(&app, &who.agent, Section::Canned, who.lang().say("canned-title")).await?;
    print(who.reader(), StatusCode::OK, &ListPage { shell, groups, is_saved: saved.saved.is_some() })
}

#[derive(Deserialize)]
pub struct New {
    site: SiteId,
}

/// An empty form. Its id is settled here, so that saving twice makes one.
pub async fn new(State(app): State<Arc<App>>, who: SignedIn, Query(new): Query<New>) -> Result<Response> {
    works_at(&app, &who.agent, new.site).await?;
    let form = CannedForm::empty(who.lang().tag());
    show(&app, &who, (CannedId(app::new_id()), new.site), form, Wrong::default(), true).await
}

pub async fn page(State(app): State<Arc<App>>, who: SignedIn, Path(id): Path<CannedId>) -> Result<Response> {
    let reply = mine(&app, &who, id).await?.ok_or(Error::NotFound)?;
    let mut form = CannedForm::of(&reply);
    form.show(&store::files(&app.db.read, id).await?, &[]);
    show(&app, &who, (id, reply.site_id), form, Wrong::default(), false).await
}

/// What is wrong with a form.
#[derive(Default)]
struct Wrong {
    mistakes: Vec<Mistake>,
    /// Why a file was not taken.
    refused: Option<String>,
}

async fn show(
    app: &App,
    who: &SignedIn,
    (id, site): (CannedId, SiteId),
    form: CannedForm,
    Wrong { mistakes, refused }: Wrong,
    is_new: bool,
) -> Result<Response> {
    let title = if is_new { who.lang().say("canned-new") } else { format!("/{}", form.shortcut) };
    let status =
        if mistakes.is_empty() && refused.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = OnePage {
        shell: Shell::of(app, &who.agent, Section::Canned, title).await?,
        id,
        site,
        teams: sites::teams(&app.db.read, site).await?,
        form,
        mistakes,
        may_share: who.agent.oversees(),
        is_new,
        takes: takes(app, site).await?,
        refused,
    };
    print(who.reader(), status, &page)
}

#[derive(Deserialize)]
pub struct At {
    /// Of a reply that is not there yet.
    site: Option<SiteId>,
}

/// Most files of one message, where the shop takes any.
async fn takes(app: &App, site: SiteId) -> Result<Option<usize>> {
    let site = site_by_id(app, site).await?;
    Ok(rules_for(app, &site).map(FileRules::per_message))
}

pub async fn save(
    State(app): State<Arc<App>>,
    who: SignedIn,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<CannedId>,
    Query(new): Query<At>,
    request: Request,
) -> Result<Response> {
    let known = mine(&app, &who, id).await?;
    if known.is_none() && store::is_there(&app.db.read, id).await? {
        return Err(Error::NotFound);
    }
    let site = known.as_ref().map(|reply| reply.site_id).or(new.site).ok_or(Error::NotFound)?;
    works_at(&app, &who.agent, site).await?;
    let rules = site_by_id(&app, site).await?;
    let ip = address::client(peer.ip(), request.headers(), &app.config.trusted_proxies);
    let brought = files::read(&app, &files::upload(&rules, &who, ip), request).await?;
    let mut form = CannedForm::read(&brought.fields, &brought.files);
    let uploaded = store::uploaded(&app.db.read, site, who.agent.id, form.added()).await?;
    form.show(&store::files(&app.db.read, id).await?, &uploaded);
    let teams = sites::teams(&app.db.read, site).await?;
    let most = rules.settings.files.per_message();
    let mut wrong = Wrong {
        mistakes: form.mistakes(&teams, who.agent.oversees(), most),
        refused: brought.refused.map(|error| who.lang().failure(&error)),
    };
    if wrong.mistakes.is_empty() && wrong.refused.is_none() {
        let fresh = form.fresh(id, site, who.agent.id);
        match store::save(&app.db.read, &fresh, app.clock.now()).await {
            Ok(true) => {
                app.signals.files.notify_one();
                return Ok(Redirect::to("/console/canned?saved=1").into_response());
            }
            Ok(false) => wrong.mistakes.push(Mistake::at("shortcut", "canned-full")),
            Err(cause) if violates(&cause, "canned_replies_shortcut") => {
                wrong.mistakes.push(Mistake::at("shortcut", "canned-taken"));
            }
            Err(cause) => return Err(cause.into()),
        }
    }
    show(&app, &who, (id, site), form, wrong, known.is_none()).await
}

pub async fn remove(State(app): State<Arc<App>>, who: SignedIn, Path(id): Path<CannedId>) -> Result<Response> {
    if mine(&app, &who, id).await?.is_some() {
        store::remove(&app.db.read, id, Some(who.agent.id)).await?;
        app.signals.files.notify_one();
    }
    Ok(Redirect::to("/console/canned?saved=1").into_response())
}

/// The reply, if this agent may change it: their own, or as a supervisor what is shared.
async fn mine(app: &App, who: &SignedIn, id: CannedId) -> Result<Option<Canned>> {
    let found = store::one(&app.db.read, (who.agent.id, who.agent.role), id).await?;
    Ok(found.filter(|reply| reply.owner_id == Some(who.agent.id) || who.agent.oversees()))
}

pub async fn works_at(app: &App, agent: &Agent, site: SiteId) -> Result<()> {
    let sites = people::sites_of(&app.db.read, agent.id, agent.role).await?;
    if sites.contains(&site) { Ok(()) } else { Err(Error::NotFound) }
}
