//! A contact of a customer, and a conversation they had, as pages show them.

use crate::console::context::reported::{Pairs, attributes, pairs};
use crate::console::fragments::{When, shopper_name, stars};
use crate::domain::conversation::State;
use crate::domain::id::ShopperId;
use crate::shell::Face;
use crate::store::conversations::Summary;
use crate::store::customers::Contact;
use crate::words::Lang;

pub struct Card {
    pub id: ShopperId,
    pub name: String,
    pub face: Face,
    pub email: Option<String>,
    pub number: Option<String>,
    pub is_verified: bool,
    pub locale: String,
    /// Signed by the shop.
    pub attributes: Pairs,
    /// Reported by the browser.
    pub fields: Pairs,
    /// Who put it with the kept one, and when.
    pub merged: Option<(String, When)>,
}

impl Card {
    pub fn new(lang: Lang, contact: &Contact) -> Self {
        let name = if contact.name.is_empty() { lang.say("visitor") } else { contact.name.clone() };
        Self {
            id: contact.id,
            face: Face::of(&name),
            name,
            email: contact.email.clone(),
            number: contact.external_id.clone(),
            is_verified: contact.verified,
            locale: contact.locale.clone(),
            attributes: attributes(&contact.attributes),
            fields: contact.fields.as_ref().map(pairs).unwrap_or_default(),
            merged: contact.by_name.clone().zip(contact.merged_at.map(When::from)),
        }
    }
}

/// A conversation or ticket.
pub struct Talk {
    pub href: String,
    pub excerpt: String,
    /// Which contact of a person had it, where it was not the kept one.
    pub whose: Option<String>,
    pub state: State,
    pub ticket: Option<i64>,
    pub team: Option<String>,
    pub agent: Option<String>,
    pub rating: Option<(i16, String)>,
    pub when: When,
}

impl Talk {
    pub fn new(lang: Lang, summary: &Summary, person: ShopperId) -> Self {
        let by_mail = summary.ticket_number.filter(|_| summary.state == State::Ticketed);
        Self {
            href: match by_mail {
                Some(number) => format!("/console/tickets/{number}"),
                None => format!("/console/c/{}?view=all", summary.id),
            },
            excerpt: summary.last_message.clone(),
            whose: (summary.shopper_id != person).then(|| match &summary.shopper_email {
                Some(email) => format!("{}, {email}", shopper_name(lang, summary)),
                None => shopper_name(lang, summary),
            }),
            state: summary.state,
            ticket: summary.ticket_number,
            team: summary.team_name.clone(),
            agent: summary.assignee_name.clone(),
            rating: summary.score.map(|score| (score, stars(score))),
            when: summary.opened_at.into(),
        }
    }
}
