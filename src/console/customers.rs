//! Customers: who wrote to the shop, whoever came last first, and each of them on a page of their own. A form that needs no
//! script; what was asked and the place among the pages are in the address.
//!
//! Promises: nobody is shown who has no conversation that this agent may open, but to those who oversee the shop.

mod contact;
mod merge;
mod person;

pub use merge::{compare, merge, separate};
pub use person::page as person;

use super::fragments::{When, called};
use super::search::advice;
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::id::{ConversationId, ShopperId, SiteId};
use crate::domain::searched;
use crate::error::Result;
use crate::search::query::{Query as Words, Refusal};
use crate::search::{Piece, beginning, excerpt};
use crate::shell::{Face, Section, Shell, print};
use crate::store::customers::{self as store, Customer, Place};
use crate::store::search::Failure;
use crate::words::{Key, Lang, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::DateTime;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows of a page.
const PAGE: usize = 25;
/// Names of further contacts, and other facts, shown with one.
const SHOWN: usize = 3;

#[derive(Deserialize)]
pub struct Asking {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "console/customers.html")]
struct CustomersPage {
    shell: Shell,
    q: String,
    answer: Answer,
    /// Where the next page is, if there is one.
    older: Option<String>,
    /// Where the first page is, if this is a later one.
    newest: Option<String>,
}

enum Answer {
    /// It cannot be looked up as it is.
    Problem(Key),
    TooSlow,
    Rows(Vec<Row>),
}

struct Row {
    id: ShopperId,
    face: Face,
    name: Vec<Piece>,
    is_verified: bool,
    email: Vec<Piece>,
    number: Vec<Piece>,
    /// Something else about them in which it was found.
    facts: Vec<Vec<Piece>>,
    /// What further contacts of theirs are called.
    others: Vec<Vec<Piece>>,
    site: String,
    when: When,
}

pub async fn list(State(app): State<Arc<App>>, who: SignedIn, Query(asking): Query<Asking>) -> Result<Response> {
    let (lang, after) = (who.lang(), read_place(&asking.after));
    let (answer, end) = answer(&app, &who, &asking.q, after).await?;
    let status = if matches!(answer, Answer::TooSlow) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let page = CustomersPage {
        shell: Shell::of(&app, &who.agent, Section::Customers, lang.say("nav-customers")).await?,
        older: end.map(|end| address(&asking.q, Some(end))),
        newest: after.map(|_| address(&asking.q, None)),
        q: asking.q,
        answer,
    };
    print(lang, status, &page)
}

/// What is shown, and where the page ends if there is more.
async fn answer(app: &App, who: &SignedIn, q: &str, after: Option<Place>) -> Result<(Answer, Option<Place>)> {
    let words = match Words::parse(q) {
        Ok(words) => Some(words),
        Err(Refusal::Nothing) => None,
        Err(refusal) => return Ok((Answer::Problem(advice(refusal)), None)),
    };
    match read(app, who, words.as_ref(), after).await {
        Ok((rows, end)) => Ok((Answer::Rows(rows), end)),
        Err(Failure::TooSlow) => {
            tracing::warn!("a look at the customers took too long and was given up");
            Ok((Answer::TooSlow, None))
        }
        Err(Failure::Other(error)) => Err(error),
    }
}

async fn read(
    app: &App,
    who: &SignedIn,
    words: Option<&Words>,
    after: Option<Place>,
) -> Result<(Vec<Row>, Option<Place>), Failure> {
    let (db, me) = (&app.db.read, (who.agent.id, who.agent.role));
    let most = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = match words {
        Some(words) => store::found(db, me, &words.text, after, most).await?,
        None => store::all(db, me, after, most).await?,
    };
    let end = if found.len() > PAGE { found.get(PAGE - 1).map(Customer::place) } else { None };
    found.truncate(PAGE);
    let together: Vec<(SiteId, ShopperId)> =
        found.iter().filter(|one| one.others > 0).map(|one| (one.site_id, one.shopper_id)).collect();
    let mut others: HashMap<ShopperId, Vec<String>> = HashMap::new();
    if !together.is_empty() {
        for (of, name, email) in store::others(db, &together).await? {
            others.entry(of).or_default().push(called(who.lang(), &name, email.as_deref()));
        }
    }
    let row = |one: Customer| {
        let others = others.remove(&one.shopper_id).unwrap_or_default();
        Row::new(who.lang(), one, &others, words)
    };
    Ok((found.into_iter().map(row).collect(), end))
}

/// A short text whole, with what was asked for marked.
fn marked(words: Option<&Words>, text: &str) -> Vec<Piece> {
    words.and_then(|words| excerpt(words, text)).unwrap_or_else(|| beginning(text))
}

impl Row {
    fn new(lang: Lang, one: Customer, others: &[String], words: Option<&Words>) -> Self {
        let name = if one.name.is_empty() { lang.say("visitor") } else { one.name };
        let mut facts = Vec::new();
        for all in [Some(&one.attributes), one.fields.as_ref()].into_iter().flatten() {
            searched::leaves(all, &mut facts);
        }
        let found_in = |fact: &String| words.and_then(|words| excerpt(words, fact));
        Self {
            id: one.shopper_id,
            face: Face::of(&name),
            name: marked(words, &name),
            is_verified: one.verified,
            email: one.email.map(|email| marked(words, &email)).unwrap_or_default(),
            number: one.external_id.map(|number| marked(words, &number)).unwrap_or_default(),
            facts: facts.iter().filter_map(found_in).take(SHOWN).collect(),
            others: others.iter().take(SHOWN).map(|other| marked(words, other)).collect(),
            site: one.site_name,
            when: one.at.into(),
        }
    }
}

fn address(q: &str, after: Option<Place>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if !q.is_empty() {
        query.append_pair("q", q);
    }
    if let Some(place) = after {
        query.append_pair("after", &write_place(place));
    }
    let query = query.finish();
    if query.is_empty() { "/console/customers".to_owned() } else { format!("/console/customers?{query}") }
}

/// Where a person's page is.
fn address_of(person: ShopperId) -> String {
    format!("/console/customers/{person}")
}

fn write_place(place: Place) -> String {
    format!("{}_{}", place.at.timestamp_micros(), place.id.0.simple())
}

/// What cannot be read is no place: the list from its beginning.
fn read_place(text: &str) -> Option<Place> {
    let (at, id) = text.split_once('_')?;
    let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
    let is_sane = (DateTime::UNIX_EPOCH..DateTime::from_timestamp(1 << 36, 0)?).contains(&at);
    is_sane.then_some(Place { at, id: ConversationId(id.parse().ok()?) })
}

#[cfg(test)]
mod tests {
    use super::{address, read_place};

    #[test]
    fn a_place_among_the_pages_is_read_as_it_was_written_and_nothing_else_is() {
        let place = read_place("1700000000000001_019ac0de00007000800000000000abcd").unwrap();
        let there = address("Li & Wei", Some(place));
        assert_eq!(there, "/console/customers?q=Li+%26+Wei&after=1700000000000001_019ac0de00007000800000000000abcd");
        assert_eq!(
            (address("", None).as_str(), address("x", None).as_str()),
            ("/console/customers", "/console/customers?q=x")
        );
        for bad in ["", "_", "1_2", "x_019ac0de00007000800000000000abcd", "-1_019ac0de00007000800000000000abcd"] {
            assert_eq!(read_place(bad), None, "{bad}");
        }
        assert_eq!(read_place("9223372036854775807_019ac0de00007000800000000000abcd"), None);
    }
}
