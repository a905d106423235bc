//! The page that finds: messages, notes, customers and tickets, with what was asked marked in them. A form that needs no script;
//! whatever is asked, filters and place among the pages, is in the address, so that it can be shared and gone back to.

mod asked;
mod hits;

use super::choice::{Choice, offer};
use crate::app::App;
use crate::auth::SignedIn;
use crate::domain::conversation::State as Standing;
use crate::error::Result;
use crate::search::query::{Query, Refusal};
use crate::shell::{Section, Shell, print};
use crate::store::search::{self as store, Choices, Failure};
use crate::words::{Key, Lang, filters};
use askama::Template;
use asked::{Asked, Filter, In, STATES};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono_tz::Tz;
use hits::{Hits, Person, Said, Ticket};
use std::sync::Arc;

/// Hits of a page, and of each kind where all kinds are shown.
const PAGE: usize = 25;
const SOME: usize = 5;

#[derive(Template)]
#[template(path = "console/search.html")]
struct SearchPage {
    shell: Shell,
    asked: Asked,
    tabs: Vec<Tab>,
    chips: Vec<Chip>,
    agents: Vec<Choice>,
    teams: Vec<Choice>,
    sites: Vec<Choice>,
    tags: Vec<Choice>,
    states: Vec<Choice>,
    answer: Answer,
    /// Where the filters would be gone.
    unfiltered: String,
    newest: String,
}

struct Tab {
    label: Key,
    href: String,
    is_current: bool,
}

/// A filter that is on, and the address without it.
struct Chip {
    name: Key,
    value: String,
    href: String,
}

enum Answer {
    /// Nothing was asked yet.
    Nothing,
    /// It cannot be looked up as it is.
    Problem(Key),
    TooSlow,
    Hits(Hits),
}

impl SearchPage {
    fn people(&self) -> &[Person] {
        if let Answer::Hits(hits) = &self.answer { &hits.people } else { &[] }
    }

    fn tickets(&self) -> &[Ticket] {
        if let Answer::Hits(hits) = &self.answer { &hits.tickets } else { &[] }
    }

    fn rooms(&self) -> &[Said] {
        if let Answer::Hits(hits) = &self.answer { &hits.rooms } else { &[] }
    }

    fn said(&self) -> &[Said] {
        if let Answer::Hits(hits) = &self.answer { &hits.said } else { &[] }
    }
}

pub async fn page(State(app): State<Arc<App>>, who: SignedIn, RawQuery(query): RawQuery) -> Result<Response> {
    let (asked, is_wordy) = Asked::read(query.as_deref().unwrap_or_default());
    if is_wordy {
        return Ok(Redirect::to(&asked.href()).into_response());
    }
    let answer = answer(&app, &who, &asked).await?;
    let status = if matches!(answer, Answer::TooSlow) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let choices = store::choices(&app.db.read, (who.agent.id, who.agent.role)).await?;
    let title = title(who.lang(), asked.q.trim());
    let page = SearchPage {
        shell: Shell::of(&app, &who.agent, Section::Search, title).await?,
        tabs: tabs(&asked),
        chips: chips(who.lang(), &asked, &choices),
        agents: offer(&choices.agents, asked.agent),
        teams: offer(&choices.teams, asked.team),
        sites: offer(&choices.sites, asked.site),
        tags: offer(&choices.tags, asked.tag),
        states: STATES.into_iter().map(|state| state_choice(who.lang(), state, &asked)).collect(),
        unfiltered: asked.without_filters().href(),
        newest: asked.at(asked.place).href(),
        answer,
        asked,
    };
    print(who.reader(), status, &page)
}

async fn answer(app: &App, who: &SignedIn, asked: &Asked) -> Result<Answer> {
    let query = match Query::parse(&asked.q) {
        Ok(query) => query,
        Err(Refusal::Nothing) => return Ok(Answer::Nothing),
        Err(refusal) => return Ok(Answer::Problem(advice(refusal))),
    };
    let zone = who.agent.zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC);
    let narrow = asked.narrow(zone);
    let wanted = store::Asked { who: (who.agent.id, who.agent.role), query: &query.text, narrow: &narrow };
    match hits::read((app, who.lang()), &wanted, &query, asked).await {
        Ok(hits) => Ok(Answer::Hits(hits)),
        Err(Failure::TooSlow) => {
            tracing::warn!("a search took too long and was given up");
            Ok(Answer::TooSlow)
        }
        Err(Failure::Other(error)) => Err(error),
    }
}

fn title(lang: Lang, q: &str) -> String {
    let search = lang.say("search");
    if q.is_empty() { search } else { format!("{q} · {search}") }
}

pub fn advice(refusal: Refusal) -> Key {
    match refusal {
        Refusal::Nothing | Refusal::NoWords => Key("search-no-words"),
        Refusal::TooShort => Key("search-too-short"),
        Refusal::TooLong => Key("search-too-long"),
    }
}

fn tabs(asked: &Asked) -> Vec<Tab> {
    let tab = |place: In| Tab { label: place.label(), href: asked.at(place).href(), is_current: place == asked.place };
    In::ALL.into_iter().map(tab).collect()
}

fn chips(lang: Lang, asked: &Asked, choices: &Choices) -> Vec<Chip> {
    let values = [
        (Filter::Agent, Key("search-agent"), asked.agent.map(|id| named(lang, &choices.agents, id))),
        (Filter::Team, Key("search-team"), asked.team.map(|id| named(lang, &choices.teams, id))),
        (Filter::Site, Key("search-site"), asked.site.map(|id| named(lang, &choices.sites, id))),
        (Filter::State, Key("search-state"), asked.state.map(|state| lang.say(Key::from(state).0))),
        (Filter::Tag, Key("filter-tag"), asked.tag.map(|id| named(lang, &choices.tags, id))),
        (Filter::From, Key("search-from"), asked.from.map(|day| day.to_string())),
        (Filter::To, Key("search-to"), asked.to.map(|day| day.to_string())),
    ];
    let chip = |(filter, name, value): (Filter, _, Option<String>)| {
        Some(Chip { name, value: value?, href: asked.without(filter).href() })
    };
    values.into_iter().filter_map(chip).collect()
}

fn named<Id: PartialEq + Copy>(lang: Lang, all: &[(Id, String)], id: Id) -> String {
    all.iter().find(|(other, _)| *other == id).map_or_else(|| lang.say("search-unknown"), |(_, name)| name.clone())
}

fn state_choice(lang: Lang, state: Standing, asked: &Asked) -> Choice {
    Choice {
        value: state.as_str().to_owned(),
        label: lang.say(Key::from(state).0),
        is_chosen: asked.state == Some(state),
    }
}
