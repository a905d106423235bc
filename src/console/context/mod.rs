//! The side panel: who the shopper is, what their browser says, their orders, what came before, and why whom.
//!
//! Promises: every card has one template, for page, fragment and live update; each is read on its own and fails alone, with a
//! way to try again; what the page will not wait for, because it is slow or the shop is asked, is loaded by itself when it
//! comes into sight, or by a link. Which cards are folded is remembered for each agent.

pub mod doors;
pub mod orders;
pub mod reported;
mod words;

use super::fragments::{When, at_entry, called, shopper_name, stars};
use super::inbox::View;
use super::why::{self, Why};
use crate::app::App;
use crate::domain::conversation::State;
use crate::domain::id::{ConversationId, ShopperId};
use crate::domain::people::{Agent, Role};
use crate::domain::ticket::{self, Status};
use crate::error::{Error, Result};
use crate::orders::Wish;
use crate::shell::Face;
use crate::store::cards::{self, About};
use crate::store::conversations::{self as store, Summary};
use crate::store::{customers, tickets};
use crate::words::{self as said, Lang, filters};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use futures_util::future::join_all;
use orders::{Orders, Shown};
use reported::{Cart, Page, Pairs};
use serde_json::Value;
use std::time::Duration;

/// Most earlier conversations shown.
const PAST: i64 = 10;

/// Most notes of theirs shown.
const NOTES: i64 = 5;

/// How long the page waits for a card; one that is late comes by itself.
const MOMENT: Duration = Duration::from_millis(300);
/// How long a card may take that is asked for.
const WITHIN: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Who,
    Orders,
    Cart,
    Trail,
    Fields,
    Past,
    Notes,
    Tickets,
    Why,
}

impl Name {
    pub const ALL: [Self; 9] = [
        Self::Who,
        Self::Orders,
        Self::Cart,
        Self::Trail,
        Self::Fields,
        Self::Notes,
        Self::Past,
        Self::Tickets,
        Self::Why,
    ];

    /// What the browser says of itself, and what may change while the page is open.
    pub const LIVE: [Self; 3] = [Self::Cart, Self::Trail, Self::Fields];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Who => "who",
            Self::Orders => "orders",
            Self::Cart => "cart",
            Self::Trail => "trail",
            Self::Fields => "fields",
            Self::Past => "past",
            Self::Notes => "notes",
            Self::Tickets => "tickets",
            Self::Why => "why",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    fn starts_folded(self) -> bool {
        self == Self::Why
    }
}

#[derive(Clone, Debug)]
pub struct Context {
    pub cards: Vec<Card>,
}

#[derive(Clone, Debug)]
pub struct Card {
    pub name: Name,
    pub id: ConversationId,
    pub view: View,
    pub is_folded: bool,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    Who(Box<Who>),
    Orders(Box<Orders>),
    Cart(Cart),
    Trail(Vec<Page>),
    Fields(Pairs),
    Past(Vec<Past>),
    Notes(Vec<Note>),
    Tickets(Vec<Ticket>),
    Why(Vec<Why>),
    /// The page did not wait for it.
    Later,
    /// It came, and would only take room.
    Nothing,
    /// It could not be had.
    Failed,
}

#[derive(Clone, Debug)]
pub struct Who {
    pub shopper: ShopperId,
    pub name: String,
    pub face: Face,
    pub email: Option<String>,
    pub is_verified: bool,
    pub locale: String,
    /// What their clock says, and in which zone, where one is known.
    pub local_time: Option<(String, String)>,
    pub site: String,
    /// Further contacts that staff take for the same person.
    pub beside: Vec<String>,
    /// One of them is verified, and this one is not.
    pub is_beside_verified: bool,
    /// Signed by the shop.
    pub attributes: Pairs,
}

#[derive(Clone, Debug)]
pub struct Past {
    pub id: ConversationId,
    /// It goes on by mail, under this number.
    pub ticket: Option<i64>,
    /// Of another contact of the same person: what it is called, and whether the shop vouches for it.
    pub whose: Option<(String, bool)>,
    pub state: State,
    pub excerpt: String,
    pub rating: Option<(i16, String)>,
    pub when: When,
}

/// What staff wrote to each other about this person in an earlier conversation.
#[derive(Clone, Debug)]
pub struct Note {
    pub href: String,
    pub by: String,
    pub text: String,
    pub when: When,
}

#[derive(Clone, Debug)]
pub struct Ticket {
    pub number: i64,
    pub subject: String,
    pub status: Status,
    pub when: When,
}

#[derive(Template)]
#[template(path = "console/_card.html")]
struct CardFragment<'a> {
    card: &'a Card,
}

/// Whose panel it is, and who looks.
#[derive(Clone, Copy)]
pub struct Seat<'a> {
    pub app: &'a App,
    pub agent: &'a Agent,
    pub summary: &'a Summary,
    pub view: View,
}

impl Context {
    /// `wanted` is the card that somebody without script asked for: the page waits for it.
    pub async fn read(seat: Seat<'_>, wanted: Option<Name>) -> Result<Self> {
        let folded = cards::folded(&seat.app.db.read, seat.agent.id).await.unwrap_or_default();
        let is_folded = |name: Name| {
            let chosen = folded.iter().find(|(card, _)| card == name.as_str()).map(|(_, is_folded)| *is_folded);
            wanted != Some(name) && chosen.unwrap_or_else(|| name.starts_folded())
        };
        let about = about(seat, if wanted.is_some() { WITHIN } else { MOMENT }).await;
        let reading = Name::ALL.map(|name| {
            let wish = if wanted == Some(name) { Wish::Ask } else { Wish::Known };
            let body = Body::read(seat, about.as_ref(), name, wish);
            async move { (name, body.await) }
        });
        let all = join_all(reading).await.into_iter();
        let shown = all.filter(|(_, body)| body.has_place(seat.agent));
        let card = |(name, body)| Card { name, id: seat.summary.id, view: seat.view, is_folded: is_folded(name), body };
        Ok(Self { cards: shown.map(card).collect() })
    }
}

impl Card {
    /// One card, with all that it takes.
    pub async fn read(seat: Seat<'_>, name: Name) -> Self {
        let body = Body::read(seat, about(seat, WITHIN).await.as_ref(), name, Wish::Ask).await;
        let body = if body.has_place(seat.agent) { body } else { Body::Nothing };
        Self { name, id: seat.summary.id, view: seat.view, is_folded: false, body }
    }

    /// A card that changes while the page is open.
    pub fn live(name: Name, id: ConversationId, about: &About) -> Self {
        let body = match name {
            Name::Cart => Body::Cart(Cart::of(&about.context, &about.attributes)),
            Name::Trail => Body::Trail(reported::pages(&about.context["pages"])),
            _ => Body::Fields(reported::fields(&about.context)),
        };
        Self { name, id, view: View::default(), is_folded: false, body }
    }

    pub fn print(&self, lang: Lang) -> Result<String> {
        said::print(lang, &CardFragment { card: self })
    }
}

/// One row, which several cards show a part of.
async fn about(seat: Seat<'_>, within: Duration) -> Option<About> {
    let asking = cards::about(&seat.app.db.read, seat.summary.site_id, seat.summary.id);
    tokio::time::timeout(within, asking)
        .await
        .ok()?
        .inspect_err(|error| tracing::warn!(%error, "a shopper could not be read"))
        .ok()
}

impl Body {
    async fn read(seat: Seat<'_>, about: Option<&About>, name: Name, wish: Wish) -> Self {
        // A shop may take its time, and the page does not wait for it unless it was asked to.
        let within = match wish {
            Wish::Known => MOMENT,
            _ if name == Name::Orders => WITHIN * 6,
            _ => WITHIN,
        };
        match tokio::time::timeout(within, Self::of(seat, about, name, wish)).await {
            Ok(Ok(body)) => body,
            Ok(Err(Error::Unavailable { .. })) | Err(_) if wish == Wish::Known => Self::Later,
            Ok(Err(error)) => {
                tracing::warn!(error = error.cause(), card = name.as_str(), "a card could not be had");
                Self::Failed
            }
            Err(_) => {
                tracing::warn!(card = name.as_str(), "a card took too long");
                Self::Failed
            }
        }
    }

    async fn of(seat: Seat<'_>, about: Option<&About>, name: Name, wish: Wish) -> Result<Self> {
        let Seat { app, agent, summary, .. } = seat;
        let (db, site, me) = (&app.db.read, summary.site_id, (agent.id, agent.role));
        let about = || about.ok_or(Error::Unavailable { what: "The shopper cannot be read.", retry: WITHIN });
        Ok(match name {
            Name::Who => {
                let beside = customers::beside(db, site, summary.shopper_id).await?;
                Self::Who(Box::new(Who::of(seat, about()?, &beside, app.clock.now())))
            }
            Name::Orders => Self::Orders(Box::new(Orders::read(seat, about()?, wish).await?)),
            Name::Cart | Name::Trail | Name::Fields => Card::live(name, summary.id, about()?).body,
            Name::Past => {
                let contacts = customers::together(db, site, summary.shopper_id).await?;
                let shown = store::of_contacts(db, me, (site, &contacts), None, PAST + 1).await?;
                let others = shown.iter().filter(|past| past.id != summary.id);
                let past = others.map(|past| Past::new(Lang::of(agent), past, summary.shopper_id));
                Self::Past(past.take(usize::try_from(PAST).unwrap_or_default()).collect())
            }
            Name::Notes => {
                let contacts = customers::together(db, site, summary.shopper_id).await?;
                let notes = cards::notes(db, me, (site, &contacts), summary.id, NOTES).await?;
                Self::Notes(notes.into_iter().map(Note::from).collect())
            }
            Name::Tickets => {
                let contacts = customers::together(db, site, summary.shopper_id).await?;
                let all = tickets::of_contacts(db, me, (site, &contacts)).await?;
                Self::Tickets(all.into_iter().map(Ticket::from).collect())
            }
            Name::Why => Self::Why(why::read(app, Lang::of(agent), summary, agent.id).await?),
        })
    }

    /// What a card with nothing in it would only take room for. Whoever may connect the shop's orders is told of it.
    fn has_place(&self, agent: &Agent) -> bool {
        match self {
            Self::Orders(orders) => orders.has_source() || agent.role == Role::Admin,
            Self::Notes(notes) => !notes.is_empty(),
            Self::Tickets(tickets) => !tickets.is_empty(),
            Self::Why(reasons) => !reasons.is_empty(),
            Self::Nothing => false,
            _ => true,
        }
    }
}

impl Who {
    fn of(seat: Seat<'_>, about: &About, beside: &[(String, Option<String>, bool)], now: DateTime<Utc>) -> Self {
        let Seat { summary, agent, .. } = seat;
        let (lang, name) = (Lang::of(agent), shopper_name(Lang::of(agent), summary));
        Self {
            shopper: summary.shopper_id,
            face: Face::of(&name),
            name,
            email: summary.shopper_email.clone(),
            is_verified: summary.shopper_verified,
            locale: summary.locale.clone(),
            local_time: zone(about)
                .map(|zone| (now.with_timezone(&zone).format("%H:%M").to_string(), zone.name().replace('_', " "))),
            site: summary.site_name.clone(),
            beside: beside.iter().map(|(name, email, _)| called(lang, name, email.as_deref())).collect(),
            is_beside_verified: !summary.shopper_verified && beside.iter().any(|(.., is_verified)| *is_verified),
            attributes: reported::attributes(&about.attributes),
        }
    }
}

/// The shopper's time zone, where the shop signed one or its page tells one.
fn zone(about: &About) -> Option<Tz> {
    let told =
        |told: &Value| ["timezone", "time_zone", "zone"].iter().find_map(|name| told[name].as_str()?.parse().ok());
    told(&about.attributes).or_else(|| told(&about.context["fields"]))
}

impl Past {
    fn new(lang: Lang, summary: &Summary, shopper: ShopperId) -> Self {
        let is_others = summary.shopper_id != shopper;
        Self {
            id: summary.id,
            ticket: summary.ticket_number.filter(|_| summary.state == State::Ticketed),
            whose: is_others.then(|| (shopper_name(lang, summary), summary.shopper_verified)),
            state: summary.state,
            excerpt: summary.last_message.clone(),
            rating: summary.score.map(|score| (score, stars(score))),
            when: summary.opened_at.into(),
        }
    }
}

impl From<cards::Note> for Note {
    fn from(note: cards::Note) -> Self {
        let page = format!("/console/c/{}?view=all", note.conversation_id);
        let href = at_entry(page, note.id, (note.seq, note.last_seq));
        Self { href, by: note.by, text: note.text, when: note.at.into() }
    }
}

impl From<ticket::Ticket> for Ticket {
    fn from(ticket: ticket::Ticket) -> Self {
        Self { number: ticket.number, subject: ticket.subject, status: ticket.status, when: ticket.updated_at.into() }
    }
}
