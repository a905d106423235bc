//! One customer: who they are, and what they had with the shop, as far as whoever looks may see it. Those who oversee the shop
//! are offered contacts that look like the same person.

use super::contact::{Card, Talk};
use super::{address_of, read_place, write_place};
use crate::app::App;
use crate::auth::SignedIn;
use crate::console::blocking::Mark;
use crate::console::fragments::{When, called};
use crate::conversations::site_by_id;
use crate::domain::id::{ShopperId, SiteId};
use crate::error::{Error, Result};
use crate::shell::{Section, Shell, print};
use crate::store::blocks;
use crate::store::contacts::{self, Alike, Change};
use crate::store::conversations::of_contacts;
use crate::store::customers::{self as store, Place};
use crate::store::people::sites_of;
use crate::words::{Key, Lang, filters};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

/// Conversations of a page.
const PAGE: usize = 25;

#[derive(Deserialize)]
pub struct Asking {
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "console/customer.html")]
struct PersonPage {
    shell: Shell,
    /// What could not be done.
    problem: Option<String>,
    head: Card,
    /// Which of the contacts are blocked, and how.
    blocks: Vec<(String, Mark)>,
    /// Contacts that staff put with it.
    others: Vec<Card>,
    site: String,
    first: Option<When>,
    last: Option<When>,
    count: i64,
    talks: Vec<Talk>,
    older: Option<String>,
    newest: Option<String>,
    /// Contacts may be put together and apart.
    may_merge: bool,
    alike: Vec<Offer>,
    history: Vec<Line>,
}

/// Somebody who looks like the same person.
struct Offer {
    name: String,
    number: Option<String>,
    is_verified: bool,
    why: Key,
    /// Where the two are compared; none: they are two customers of the shop.
    href: Option<String>,
}

/// What was done to the contacts, and when.
struct Line {
    what: String,
    when: When,
}

/// The person, if this agent may see them; not there and not theirs are told alike. The address of another contact of theirs
/// leads to the kept one.
pub async fn page(
    State(app): State<Arc<App>>,
    who: SignedIn,
    Path(id): Path<ShopperId>,
    Query(asking): Query<Asking>,
) -> Result<Response> {
    let (site, person) = find(&app, &who, id).await?;
    if person != id {
        return Ok(Redirect::to(&address_of(person)).into_response());
    }
    show(&app, &who, (site, person), read_place(&asking.after), None).await
}

pub async fn find(app: &App, who: &SignedIn, id: ShopperId) -> Result<(SiteId, ShopperId)> {
    store::person_of(&app.db.read, (who.agent.id, who.agent.role), id).await?.ok_or(Error::NotFound)
}

/// Whether they oversee this shop: who sees only a part of what somebody had cannot judge who that is.
pub async fn oversees(app: &App, who: &SignedIn, site: SiteId) -> Result<bool> {
    Ok(who.agent.oversees() && sites_of(&app.db.read, who.agent.id, who.agent.role).await?.contains(&site))
}

/// The page, with what could not be done.
pub async fn show(
    app: &App,
    who: &SignedIn,
    (site, person): (SiteId, ShopperId),
    after: Option<Place>,
    problem: Option<String>,
) -> Result<Response> {
    let (db, lang, me) = (&app.db.read, who.lang(), (who.agent.id, who.agent.role));
    let all = store::contacts(db, site, person).await?;
    let ids: Vec<ShopperId> = all.iter().map(|contact| contact.id).collect();
    let mut cards = all.iter().map(|contact| Card::new(lang, contact));
    let (head, others) = (cards.next().ok_or(Error::NotFound)?, cards.collect());
    let span = store::span(db, me, (site, &ids)).await?;
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut talks = of_contacts(db, me, (site, &ids), after, most).await?;
    let end = talks.get(PAGE - 1).filter(|_| talks.len() > PAGE).map(|last| Place { at: last.opened_at, id: last.id });
    talks.truncate(PAGE);
    let blocks = blocks::of(db, (site, &ids), app.clock.now()).await?;
    let may_merge = oversees(app, who, site).await?;
    let alike = if may_merge { contacts::alike(db, site, &ids).await? } else { Vec::new() };
    let history = contacts::changes(db, site, &ids).await?;
    let status = if problem.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let page = PersonPage {
        shell: Shell::of(app, &who.agent, Section::Customers, head.name.clone()).await?,
        problem,
        blocks: blocks.iter().map(|one| (called(lang, &one.name, one.email.as_deref()), Mark::from(one))).collect(),
        site: site_by_id(app, site).await?.name.clone(),
        first: span.first_at.map(When::from),
        last: span.last_at.map(When::from),
        count: span.count,
        talks: talks.iter().map(|talk| Talk::new(lang, talk, person)).collect(),
        older: end.map(|end| format!("{}?after={}", address_of(person), write_place(end))),
        newest: after.map(|_| address_of(person)),
        may_merge,
        alike: alike.iter().map(|alike| Offer::new(lang, alike, &head)).collect(),
        history: history.iter().map(|change| Line::new(lang, change)).collect(),
        head,
        others,
    };
    print(lang, status, &page)
}

impl Offer {
    fn new(lang: Lang, alike: &Alike, head: &Card) -> Self {
        let (are_two, id) = (alike.verified && head.is_verified, alike.id);
        Self {
            name: called(lang, &alike.name, alike.email.as_deref()),
            number: alike.external_id.clone(),
            is_verified: alike.verified,
            why: Key(if alike.by_email { "alike-by-email" } else { "alike-by-phone" }),
            href: (!are_two).then(|| format!("{}/merge/{id}", address_of(head.id))),
        }
    }
}

impl Line {
    fn new(lang: Lang, change: &Change) -> Self {
        let one = called(lang, &change.merged_name, change.merged_email.as_deref());
        let other = called(lang, &change.kept_name, change.kept_email.as_deref());
        let key = if change.did == "merged" { "change-merged" } else { "change-separated" };
        let given = [("name", change.by_name.as_str()), ("one", &one), ("other", &other)];
        let given = given.map(|(name, value)| (name, crate::words::ToArg::to_arg(value)));
        Self { what: lang.say_with(key, &given), when: change.at.into() }
    }
}
