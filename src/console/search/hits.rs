//! What was found, as the page prints it.

use super::asked::{Asked, In};
use super::{PAGE, SOME};
use crate::app::App;
use crate::console::fragments::{When, at_entry};
use crate::domain::conversation::State;
use crate::domain::event::Kind;
use crate::domain::searched;
use crate::domain::ticket::Status;
use crate::search::query::Query;
use crate::search::{Piece, beginning, excerpt};
use crate::shell::Face;
use crate::store::search::{self as store, Failure, Log};
use crate::words::Lang;

#[derive(Default)]
pub struct Hits {
    pub people: Vec<Person>,
    /// Where all of them are, if there are more.
    pub more_people: Option<String>,
    pub tickets: Vec<Ticket>,
    pub more_tickets: Option<String>,
    /// In rooms of the staff.
    pub rooms: Vec<Said>,
    pub more_rooms: Option<String>,
    pub said: Vec<Said>,
    pub more_said: Option<String>,
    /// This is not the first page.
    pub is_later: bool,
    /// Of the kind that is paged.
    pub shows_all: bool,
}

impl Hits {
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.tickets.is_empty() && self.rooms.is_empty() && self.said.is_empty()
    }
}

pub struct Person {
    pub key: String,
    pub face: Face,
    pub name: Vec<Piece>,
    pub email: Vec<Piece>,
    pub is_verified: bool,
    /// Something else about them in which it was found.
    pub facts: Vec<Vec<Piece>>,
    pub site: String,
    pub href: String,
    pub when: When,
}

pub struct Ticket {
    pub number: i64,
    pub digits: Vec<Piece>,
    pub subject: Vec<Piece>,
    pub from: Vec<Piece>,
    pub status: Status,
    pub site: String,
    pub when: When,
}

pub struct Said {
    pub key: String,
    pub face: Face,
    /// Whose conversation, or which room, it is.
    pub with: String,
    /// Who wrote it, where it was not the shopper.
    pub by: Option<String>,
    pub is_note: bool,
    pub text: Vec<Piece>,
    /// None: it is a room.
    pub state: Option<State>,
    pub site: String,
    pub team: Option<String>,
    pub agent: Option<String>,
    pub ticket: Option<i64>,
    pub href: String,
    pub when: When,
}

pub async fn read(
    (app, lang): (&App, Lang),
    wanted: &store::Asked<'_>,
    query: &Query,
    asked: &Asked,
) -> Result<Hits, Failure> {
    let db = &app.db.read;
    let (most, after) = (limit(asked.place), asked.after);
    let mut hits = Hits { is_later: after.is_some(), shows_all: asked.place == In::All, ..Hits::default() };
    if matches!(asked.place, In::All | In::People) && (after.is_none() || asked.place == In::People) {
        let mut rows = store::people(db, wanted, after, most).await?;
        hits.more_people =
            rest(&mut rows, asked, In::People, |row| store::Place { at: row.at, id: row.shopper_id.0, seq: 0 });
        hits.people = rows.into_iter().map(|row| Person::new(lang, row, query)).collect();
    }
    if matches!(asked.place, In::All | In::Tickets) && (after.is_none() || asked.place == In::Tickets) {
        let mut rows = store::tickets(db, wanted, after, most).await?;
        hits.more_tickets =
            rest(&mut rows, asked, In::Tickets, |row| store::Place { at: row.at, id: row.conversation_id.0, seq: 0 });
        hits.tickets = rows.into_iter().map(|row| Ticket::new(row, query)).collect();
    }
    if matches!(asked.place, In::All | In::Rooms) && (after.is_none() || asked.place == In::Rooms) {
        let mut rows = match store::said(db, (wanted, Log::Rooms), after, most).await {
            // The others are shown all the same.
            Err(Failure::TooSlow) if asked.place == In::All => Vec::new(),
            found => found?,
        };
        hits.more_rooms = rest(&mut rows, asked, In::Rooms, store::Said::place);
        hits.rooms = rows.into_iter().map(|row| Said::new(lang, row, query)).collect();
    }
    if matches!(asked.place, In::All | In::Messages) {
        let mut rows = store::said(db, (wanted, Log::Chats), after, count(PAGE) + 1).await?;
        if rows.len() > PAGE {
            rows.truncate(PAGE);
            hits.more_said = rows.last().map(|last| asked.behind(In::Messages, last.place()).href());
        }
        hits.said = rows.into_iter().map(|row| Said::new(lang, row, query)).collect();
    }
    Ok(hits)
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// One more than is shown, so that it is known whether there are more.
fn limit(place: In) -> i64 {
    count(if place == In::All { SOME } else { PAGE }) + 1
}

/// Cuts what is not shown; gives where the rest is: the whole list from a look at everything, the next page from the list itself.
fn rest<T>(rows: &mut Vec<T>, asked: &Asked, place: In, end: impl Fn(&T) -> store::Place) -> Option<String> {
    let shown = if asked.place == In::All { SOME } else { PAGE };
    if rows.len() <= shown {
        return None;
    }
    rows.truncate(shown);
    let last = rows.last()?;
    Some(if asked.place == In::All { asked.at(place).href() } else { asked.behind(place, end(last)).href() })
}

/// A short text whole, with what was asked marked.
fn marked(query: &Query, text: &str) -> Vec<Piece> {
    excerpt(query, text).unwrap_or_else(|| beginning(text))
}

impl Person {
    fn new(lang: Lang, row: store::Person, query: &Query) -> Self {
        let name = if row.name.is_empty() { lang.say("visitor") } else { row.name };
        let mut facts: Vec<String> = row.external_id.into_iter().collect();
        for all in [Some(row.attributes), row.fields].into_iter().flatten() {
            searched::leaves(&all, &mut facts);
        }
        Self {
            key: row.shopper_id.to_string(),
            face: Face::of(&name),
            name: marked(query, &name),
            email: row.email.map(|email| marked(query, &email)).unwrap_or_default(),
            is_verified: row.verified,
            facts: facts.iter().filter_map(|fact| excerpt(query, fact)).take(3).collect(),
            site: row.site_name,
            href: format!("/console/c/{}?view=all&panel=context", row.conversation_id),
            when: row.last_at.into(),
        }
    }
}

impl Ticket {
    fn new(row: store::Ticket, query: &Query) -> Self {
        let from = if row.name.is_empty() { row.email } else { format!("{} · {}", row.name, row.email) };
        Self {
            number: row.number,
            digits: marked(query, &row.number.to_string()),
            subject: marked(query, &row.subject),
            from: marked(query, &from),
            status: row.status,
            site: row.site_name,
            when: row.at.into(),
        }
    }
}

impl Said {
    fn new(lang: Lang, row: store::Said, query: &Query) -> Self {
        let texts = searched::texts(row.kind.as_str(), row.body.as_deref(), row.data.as_ref());
        let text = texts.iter().find_map(|text| excerpt(query, text));
        let text = text.or_else(|| texts.first().map(|text| beginning(text))).unwrap_or_default();
        let is_room = row.state == State::Room;
        let with = match row.other_name.or_else(|| row.team_name.clone().filter(|_| is_room)) {
            Some(name) => name,
            None if is_room => lang.say("room-lobby"),
            None if row.shopper_name.is_empty() => lang.say("visitor"),
            None => row.shopper_name,
        };
        let name = row
            .data
            .as_ref()
            .and_then(|data| data["_name"].as_str())
            .map_or_else(|| lang.say("colleague"), str::to_owned);
        let anchor = row.id;
        let (id, place) = (row.conversation_id, (row.seq, row.last_seq));
        let href = match row.ticket_number {
            Some(number) => format!("/console/tickets/{number}#e-{anchor}"),
            None if is_room => at_entry(format!("/console/rooms/{id}"), anchor, place),
            None => at_entry(format!("/console/c/{id}?view=all"), anchor, place),
        };
        Self {
            key: anchor.to_string(),
            face: Face::of(&with),
            with,
            by: (row.author != "shopper" && row.kind != Kind::Opened).then_some(name),
            is_note: row.kind == Kind::Note,
            text,
            state: (!is_room).then_some(row.state),
            site: row.site_name,
            team: row.team_name.filter(|_| !is_room),
            agent: row.agent_name,
            ticket: row.ticket_number,
            href,
            when: row.at.into(),
        }
    }
}
