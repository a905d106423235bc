//! Two contacts side by side, put together after a look at both, and apart again.
//!
//! For those who oversee the shop: an agent may see a part of what either had, and a wrong merge shows one person's history
//! beside another's chats to everybody. No browser is told of it and none sees more by it: an address that somebody typed may be
//! anybody's.

use super::address_of;
use super::contact::Card;
use super::person::{find, oversees, show};
use crate::app::{self, App};
use crate::auth::SignedIn;
use crate::console::fragments::{When, called};
use crate::conversations::site_by_id;
use crate::domain::id::{ChangeId, ShopperId, SiteId};
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::contacts::{self, By, Merged};
use crate::store::customers::{self as store, Contact};
use crate::words::{ToArg, filters};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "console/customer_merge.html")]
struct ComparePage {
    shell: Shell,
    kept: Side,
    merged: Side,
    site: String,
    /// The other one may be kept instead.
    may_swap: bool,
}

/// One of the two.
struct Side {
    card: Card,
    /// Further contacts that stand with it.
    others: Vec<String>,
    first: Option<When>,
    last: Option<When>,
    count: i64,
}

impl Side {
    async fn read(app: &App, who: &SignedIn, site: SiteId, all: &[Contact]) -> Result<Self> {
        let (lang, me) = (who.lang(), (who.agent.id, who.agent.role));
        let ids: Vec<ShopperId> = all.iter().map(|contact| contact.id).collect();
        let span = store::span(&app.db.read, me, (site, &ids)).await?;
        let others = all.iter().skip(1).map(|other| called(lang, &other.name, other.email.as_deref())).collect();
        Ok(Self {
            card: all.first().map(|head| Card::new(lang, head)).ok_or(Error::NotFound)?,
            others,
            first: span.first_at.map(When::from),
            last: span.last_at.map(When::from),
            count: span.count,
        })
    }
}

/// Both people, of one shop that they oversee; not there and not theirs are told alike.
async fn both(app: &App, who: &SignedIn, kept: ShopperId, other: ShopperId) -> Result<(SiteId, ShopperId, ShopperId)> {
    let ((site, kept), (same, other)) = (find(app, who, kept).await?, find(app, who, other).await?);
    if site != same || !oversees(app, who, site).await? {
        return Err(Error::NotFound);
    }
    Ok((site, kept, other))
}

/// What is about to happen.
pub async fn compare(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path((kept, other)): Path<(ShopperId, ShopperId)>,
) -> Result<Response> {
    let (site, kept, other) = both(&app, &who, kept, other).await?;
    if kept == other {
        return Ok(Redirect::to(&address_of(kept)).into_response());
    }
    let db = &app.db.read;
    let (one, two) = (store::contacts(db, site, kept).await?, store::contacts(db, site, other).await?);
    let is_verified = |all: &[Contact]| all.first().is_some_and(|head| head.verified);
    if is_verified(&one) && is_verified(&two) {
        return show(&app, &who, (site, kept), None, Some(who.lang().say("merge-two-customers"))).await;
    }
    let (kept, merged) = if is_verified(&two) { (&two, &one) } else { (&one, &two) };
    let page = ComparePage {
        shell: Shell::of(&app, &who.agent, Section::Customers, who.lang().say("merge-title")).await?,
        kept: Side::read(&app, &who, site, kept).await?,
        merged: Side::read(&app, &who, site, merged).await?,
        site: site_by_id(&app, site).await?.name.clone(),
        may_swap: !is_verified(kept),
    };
    print(who.reader(), StatusCode::OK, &page)
}

fn by<'a>(app: &App, who: &'a SignedIn) -> By<'a> {
    By { id: who.agent.id, name: &who.agent.name, change: ChangeId(app::new_id()), at: app.clock.now() }
}

/// Of two who do it at once, the second is told who was first.
pub async fn merge(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path((kept, other)): Path<(ShopperId, ShopperId)>,
) -> Result<Response> {
    let (site, ..) = both(&app, &who, kept, other).await?;
    let lang = who.lang();
    let named = |key: &str, name: &str| lang.say_with(key, &[("name", name.to_arg())]);
    let problem = match contacts::merge(&app.db, site, (kept, other), by(&app, &who)).await? {
        Merged::Into(kept) => return Ok(Redirect::to(&address_of(kept)).into_response()),
        Merged::Already(name) => named("merge-already", &name),
        Merged::Elsewhere(name) => named("merge-elsewhere", &name),
        Merged::TwoCustomers => lang.say("merge-two-customers"),
        Merged::TooMany => lang.say("merge-too-many"),
        Merged::Gone => return Err(Error::NotFound),
    };
    let (site, person) = find(&app, &who, kept).await?;
    show(&app, &who, (site, person), None, Some(problem)).await
}

#[derive(Deserialize)]
pub struct Which {
    contact: ShopperId,
}

pub async fn separate(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(id): Path<ShopperId>,
    Form(which): Form<Which>,
) -> Result<Response> {
    let (site, person) = find(&app, &who, id).await?;
    if !oversees(&app, &who, site).await? {
        return Err(Error::NotFound);
    }
    if contacts::separate(&app.db, site, (person, which.contact), by(&app, &who)).await? {
        return Ok(Redirect::to(&address_of(person)).into_response());
    }
    show(&app, &who, (site, person), None, Some(who.lang().say("separate-gone"))).await
}
