//! The tags of each shop: supervisors make them, agents choose among them.

use crate::app::{self, App};
use crate::auth::{SignedIn, Supervisor};
use crate::conversations;
use crate::domain::id::{SiteId, TagId};
use crate::domain::triage::{COLORS, Tag, tag_name};
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::people;
use crate::store::triage::{self as store, TagKept};
use crate::words::filters;
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "admin/tags.html")]
struct TagsPage {
    shell: Shell,
    shops: Vec<Shop>,
    problem: Option<Problem>,
}

struct Shop {
    id: SiteId,
    name: String,
    tags: Vec<(Tag, i64)>,
}

/// What was refused, in whose form, with what was typed.
struct Problem {
    site: SiteId,
    /// `None`: a new one.
    tag: Option<TagId>,
    name: String,
    /// The key of why.
    why: &'static str,
}

impl Problem {
    fn is_at(&self, site: &SiteId, tag: Option<&TagId>) -> bool {
        self.site == *site && self.tag.as_ref() == tag
    }
}

#[derive(Deserialize)]
pub struct Fields {
    #[serde(default)]
    name: String,
    #[serde(default)]
    color: i16,
    /// `remove`, or nothing.
    #[serde(default)]
    act: String,
}

pub async fn page(State(app): State<Arc<App>>, Supervisor(who): Supervisor) -> Result<Response> {
    show(&app, &who, None).await
}

async fn show(app: &App, who: &SignedIn, problem: Option<Problem>) -> Result<Response> {
    let db = &app.db.read;
    let mut shops = Vec::new();
    for id in people::sites_of(db, who.agent.id, who.agent.role).await? {
        let uses: HashMap<_, _> = store::uses(db, id).await?.into_iter().collect();
        let tags = store::tags(db, id).await?.into_iter().map(|tag| (uses.get(&tag.id).copied().unwrap_or(0), tag));
        let tags = tags.map(|(uses, tag)| (tag, uses)).collect();
        shops.push(Shop { id, name: conversations::site_by_id(app, id).await?.name.clone(), tags });
    }
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = Shell::of(app, &who.agent, Section::Nowhere, who.lang().say("tags-title")).await?;
    print(who.reader(), status, &TagsPage { shell, shops, problem })
}

/// Not there and not theirs are told alike.
async fn check(app: &App, who: &SignedIn, site: SiteId) -> Result<()> {
    let theirs = people::sites_of(&app.db.read, who.agent.id, who.agent.role).await?;
    if theirs.contains(&site) { Ok(()) } else { Err(Error::NotFound) }
}

pub async fn add(
    State(app): State<Arc<App>>,
    Supervisor(who): Supervisor,
    Path(site): Path<SiteId>,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    check(&app, &who, site).await?;
    keep(&app, &who, site, None, fields).await
}

pub async fn change(
    State(app): State<Arc<App>>,
    Supervisor(who): Supervisor,
    Path((site, tag)): Path<(SiteId, TagId)>,
    Form(fields): Form<Fields>,
) -> Result<Response> {
    check(&app, &who, site).await?;
    if fields.act == "remove" {
        store::remove_tag(&app.db.read, site, tag, Some(who.agent.id)).await?;
        return Ok(Redirect::to("/admin/tags").into_response());
    }
    keep(&app, &who, site, Some(tag), fields).await
}

async fn keep(app: &App, who: &SignedIn, site: SiteId, tag: Option<TagId>, fields: Fields) -> Result<Response> {
    let why = match tag_name(&fields.name).filter(|_| (0..COLORS).contains(&fields.color)) {
        None => "tags-bad-name",
        Some(name) => {
            let (db, by, is_new) = (&app.db.read, Some(who.agent.id), tag.is_none());
            let tag = Tag { id: tag.unwrap_or_else(|| TagId(app::new_id())), name, color: fields.color };
            let kept = if is_new {
                store::add_tag(db, site, &tag, by, app.clock.now()).await?
            } else {
                store::change_tag(db, site, &tag, by).await?
            };
            match kept {
                TagKept::Yes => return Ok(Redirect::to("/admin/tags").into_response()),
                TagKept::NameTaken => "tags-name-taken",
                TagKept::TooMany => "tags-too-many",
                TagKept::Gone => "tags-gone",
            }
        }
    };
    show(app, who, Some(Problem { site, tag, name: fields.name, why })).await
}
