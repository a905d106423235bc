//! Who may not come in: why, by whom, until when; and letting them in again. What is over stays to be read.

use crate::app::App;
use crate::auth::{SignedIn, Supervisor};
use crate::conversations;
use crate::domain::id::{BlockId, ShopperId, SiteId};
use crate::error::{Error, Result};
use crate::shell::{Face, Section, Shell, print};
use crate::store::blocks::{self, Block};
use crate::store::people::sites_of;
use crate::words::{Lang, When, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::sync::Arc;

/// Rows of a page.
const PAGE: usize = 50;

#[derive(Deserialize)]
pub struct Asking {
    /// `1`: what is over as well.
    #[serde(default)]
    all: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "admin/blocklist.html")]
struct BlocklistPage {
    shell: Shell,
    rows: Vec<Row>,
    shows_all: bool,
    is_first_page: bool,
    older: Option<String>,
    /// What could not be done.
    problem: bool,
}

struct Row {
    site: SiteId,
    id: BlockId,
    shopper: ShopperId,
    name: String,
    face: Face,
    email: Option<String>,
    number: Option<String>,
    is_verified: bool,
    shop: String,
    reason: String,
    by: String,
    at: When,
    /// None: for good.
    until: Option<When>,
    lifted: Option<(String, When)>,
    holds: bool,
}

impl Row {
    fn new(lang: Lang, block: Block, now: DateTime<Utc>) -> Self {
        let holds = block.holds(now);
        let name = if block.name.is_empty() { lang.say("visitor") } else { block.name };
        Self {
            site: block.site_id,
            id: block.id,
            shopper: block.shopper_id,
            face: Face::of(&name),
            name,
            email: block.email,
            number: block.external_id,
            is_verified: block.verified,
            shop: block.site_name,
            reason: block.reason,
            by: block.by_name,
            at: block.at.into(),
            until: block.until.map(When::from),
            lifted: block.lifted_by_name.zip(block.lifted_at.map(When::from)),
            holds,
        }
    }
}

pub async fn page(
    State(app): State<Arc<App>>,
    Supervisor(who): Supervisor,
    Query(asking): Query<Asking>,
) -> Result<Response> {
    show(&app, &who, &asking, false).await
}

async fn show(app: &App, who: &SignedIn, asking: &Asking, problem: bool) -> Result<Response> {
    let (now, all) = (app.clock.now(), asking.all == "1");
    let sites = sites_of(&app.db.read, who.agent.id, who.agent.role).await?;
    let after = read_place(&asking.after);
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = blocks::page(&app.db.read, &sites, (all, now), after, most).await?;
    let last = found.get(PAGE - 1).filter(|_| found.len() > PAGE);
    let older = last.map(|last| format!("{}_{}", last.at.timestamp_micros(), last.id));
    found.truncate(PAGE);
    let page = BlocklistPage {
        shell: Shell::of(app, &who.agent, Section::Customers, who.lang().say("blocklist-title")).await?,
        rows: found.into_iter().map(|block| Row::new(who.lang(), block, now)).collect(),
        shows_all: all,
        is_first_page: after.is_none(),
        older,
        problem,
    };
    print(who.reader(), if problem { StatusCode::CONFLICT } else { StatusCode::OK }, &page)
}

fn read_place(text: &str) -> Option<(DateTime<Utc>, BlockId)> {
    let (at, id) = text.split_once('_')?;
    let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
    let is_sane = (DateTime::UNIX_EPOCH..DateTime::from_timestamp(1 << 36, 0)?).contains(&at);
    is_sane.then_some((at, id.parse().ok()?))
}

#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    all: String,
}

/// Of two who do it at once the second is told; not there and not theirs are told alike.
pub async fn lift(
    State(app): State<Arc<App>>,
    Supervisor(who): Supervisor,
    Path((site, id)): Path<(SiteId, BlockId)>,
    Form(back): Form<Back>,
) -> Result<Response> {
    if !sites_of(&app.db.read, who.agent.id, who.agent.role).await?.contains(&site) {
        return Err(Error::NotFound);
    }
    if conversations::unblock(&app, (who.agent.id, &who.agent.name), (site, id)).await? {
        let to = if back.all == "1" { "/admin/blocklist?all=1" } else { "/admin/blocklist" };
        return Ok(Redirect::to(to).into_response());
    }
    show(&app, &who, &Asking { all: back.all, after: String::new() }, true).await
}
