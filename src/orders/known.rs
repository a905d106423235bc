//! What is known of a customer's orders, and when the shop is asked again. One asks, and whoever wants the same meanwhile
//! finds what it found.

use super::ask::Problem;
use super::order::Found;
use super::source::{self, Source};
use super::{Customer, seal};
use crate::app::App;
use crate::domain::id::SiteId;
use crate::error::{Error, Result};
use crate::store::orders::{self as store, StoredAnswer, StoredSource};
use chrono::{DateTime, TimeDelta, Utc};

const FOUND_FOR: TimeDelta = TimeDelta::minutes(5);
const FAILED_FOR: TimeDelta = TimeDelta::seconds(30);
/// Whoever asks anew gets orders that are younger than this as they are.
const FRESH: TimeDelta = TimeDelta::seconds(3);

/// How much is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// What is known already, at once.
    Known,
    /// The shop is asked where nothing is known, for a customer the shop vouches for.
    Ask,
    /// An agent wants it: the shop is asked in any case, also by an address that nobody has confirmed.
    Anew,
}

#[derive(Clone, Debug)]
pub enum Answer {
    /// The site has no source.
    NoSource,
    /// There is nothing to ask by.
    Nobody,
    /// Nobody has confirmed the address; an agent may ask all the same, or may not.
    Unconfirmed {
        may_ask: bool,
    },
    /// Nothing is known yet.
    Unasked,
    Said(Known),
}

#[derive(Clone, Debug)]
pub struct Known {
    pub asked_at: DateTime<Utc>,
    pub outcome: Result<Found, Problem>,
}

impl Known {
    /// Whether somebody who asked at this moment need not ask again. A failure is asked again as soon as they want.
    fn is_fresh(&self, began: DateTime<Utc>) -> bool {
        let young = if self.outcome.is_ok() { FRESH } else { TimeDelta::zero() };
        self.asked_at >= began - young
    }
}

pub async fn of(app: &App, site: SiteId, customer: &Customer, wish: Wish) -> Result<Answer> {
    let Some(stored) = store::source(&app.db.read, site).await? else { return Ok(Answer::NoSource) };
    let Some(source) = source::open(app, site, &stored) else { return Ok(Answer::NoSource) };
    let customer = &asked_by(&source, customer);
    if customer.email.is_none() && customer.subject.is_none() {
        return Ok(Answer::Nobody);
    }
    if !customer.is_confirmed && !source.asks_unconfirmed {
        return Ok(Answer::Unconfirmed { may_ask: false });
    }
    let key = (site, seal::hash(app, &whose(&stored, customer)));
    let known = read(app, key).await?;
    match (known, wish) {
        (Some(known), Wish::Known | Wish::Ask) => Ok(Answer::Said(known)),
        (_, Wish::Anew) => anew(app, &stored, &source, customer, key).await.map(Answer::Said),
        _ if !customer.is_confirmed => Ok(Answer::Unconfirmed { may_ask: true }),
        (None, Wish::Ask) => ask(app, &stored, &source, customer, key).await.map(Answer::Said),
        (None, Wish::Known) => Ok(Answer::Unasked),
    }
}

/// The part of what is known that this source is asked by. An unconfirmed shopper has no subject.
fn asked_by(source: &Source, customer: &Customer) -> Customer {
    let mut asked = customer.clone();
    asked.email = asked.email.map(|email| email.to_lowercase());
    let is_signed = source.kind == super::Kind::Signed;
    if !asked.is_confirmed || !(source.by_subject || is_signed) {
        asked.subject = None;
    }
    if !is_signed {
        asked.order = None;
    }
    asked
}

/// Everything that makes an answer another one.
fn whose(stored: &StoredSource, customer: &Customer) -> String {
    let Customer { email, subject, is_confirmed, order } = customer;
    serde_json::json!([stored.revision, email, subject, is_confirmed, order]).to_string()
}

type Key = (SiteId, [u8; 32]);

fn bound_to((site, hash): Key) -> String {
    format!("answer/{site}/{}", hex::encode(hash))
}

async fn read(app: &App, key: Key) -> Result<Option<Known>> {
    let stored = store::answer(&app.db.read, (key.0, &key.1), app.clock.now()).await?;
    Ok(stored.and_then(|stored| {
        let plain = seal::open(app, &stored.sealed, &bound_to(key))?;
        Some(Known { asked_at: stored.asked_at, outcome: serde_json::from_slice(&plain).ok()? })
    }))
}

async fn ask(app: &App, stored: &StoredSource, source: &Source, customer: &Customer, key: Key) -> Result<Known> {
    let _alone = app.outbound.alone(key).await;
    match read(app, key).await? {
        Some(known) => Ok(known),
        None => fetch(app, stored, source, customer, key).await,
    }
}

async fn anew(app: &App, stored: &StoredSource, source: &Source, customer: &Customer, key: Key) -> Result<Known> {
    let began = app.clock.now();
    let _alone = app.outbound.alone(key).await;
    match read(app, key).await? {
        Some(known) if known.is_fresh(began) => Ok(known),
        _ => fetch(app, stored, source, customer, key).await,
    }
}

async fn fetch(app: &App, stored: &StoredSource, source: &Source, customer: &Customer, key: Key) -> Result<Known> {
    let (db, asked_at) = (&app.db.read, app.clock.now());
    // Another customer's question may have been told to wait since this one began.
    let paused = store::source(db, key.0).await?.and_then(|now| now.paused_until).filter(|until| *until > asked_at);
    if let Some(until) = paused {
        let wait = Problem::Wait((until - asked_at).num_seconds().max(1));
        let known = Known { asked_at, outcome: Err(wait) };
        keep(app, stored, key, &known).await?;
        return Ok(known);
    }
    let outcome = source.orders(app, key.0, customer).await;
    if let Err(problem) = &outcome {
        // An address may be part of it.
        let problem = if matches!(problem, Problem::Leads(_)) { &Problem::Leads(String::new()) } else { problem };
        tracing::info!(site = %key.0, kind = source.kind.as_str(), ?problem, "orders were not had");
    }
    if let Err(Problem::Wait(seconds)) = &outcome {
        store::pause(db, key.0, stored.revision, asked_at + TimeDelta::seconds(*seconds)).await?;
    }
    let known = Known { asked_at, outcome };
    keep(app, stored, key, &known).await?;
    Ok(known)
}

async fn keep(app: &App, stored: &StoredSource, key: Key, known: &Known) -> Result<()> {
    let holds = match &known.outcome {
        Ok(_) => FOUND_FOR,
        Err(Problem::Wait(seconds)) => TimeDelta::seconds(*seconds),
        Err(_) => FAILED_FOR,
    };
    let plain = serde_json::to_vec(&known.outcome).map_err(Error::bug)?;
    let answer = StoredAnswer { sealed: seal::seal(app, &plain, &bound_to(key))?, asked_at: known.asked_at };
    store::keep_answer(&app.db.read, (key.0, &key.1), stored.revision, &answer, app.clock.now() + holds).await?;
    Ok(())
}
