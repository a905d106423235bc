//! What the address of a search says, and addresses that say something else. Whatever cannot be read is as if it were not there.

use crate::domain::conversation::State;
use crate::domain::id::{AgentId, SiteId, TagId, TeamId};
use crate::domain::snooze::instant;
use crate::store::search::{Narrow, Place};
use crate::words::Key;
use chrono::{DateTime, Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use std::fmt::Display;
use std::str::FromStr;
use url::form_urlencoded;

/// What is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum In {
    #[default]
    All,
    Messages,
    People,
    Tickets,
    Rooms,
}

impl In {
    pub const ALL: [Self; 5] = [Self::All, Self::Messages, Self::People, Self::Tickets, Self::Rooms];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Messages => "messages",
            Self::People => "people",
            Self::Tickets => "tickets",
            Self::Rooms => "rooms",
        }
    }

    pub fn label(self) -> Key {
        match self {
            Self::All => Key("search-in-all"),
            Self::Messages => Key("search-in-messages"),
            Self::People => Key("search-in-people"),
            Self::Tickets => Key("search-in-tickets"),
            Self::Rooms => Key("nav-rooms"),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// As it was typed.
    pub q: String,
    pub place: In,
    pub agent: Option<AgentId>,
    pub team: Option<TeamId>,
    pub site: Option<SiteId>,
    pub state: Option<State>,
    pub tag: Option<TagId>,
    /// Whole days, both included.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub after: Option<Place>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    Agent,
    Team,
    Site,
    State,
    Tag,
    From,
    To,
}

impl Asked {
    /// The second: the address says something that it need not say, as a form does with fields that are empty.
    pub fn read(query: &str) -> (Self, bool) {
        let (mut asked, mut is_wordy) = (Self::default(), false);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            is_wordy |= value.is_empty() && name != "q";
            match name.as_ref() {
                "q" => asked.q = value.into_owned(),
                "in" => asked.place = In::ALL.into_iter().find(|place| place.as_str() == value).unwrap_or_default(),
                "agent" => asked.agent = read(&value),
                "team" => asked.team = read(&value),
                "site" => asked.site = read(&value),
                "state" => asked.state = STATES.into_iter().find(|state| state.as_str() == value),
                "tag" => asked.tag = read(&value),
                "from" => asked.from = read(&value),
                "to" => asked.to = read(&value),
                "after" => asked.after = read_place(&value),
                _ => {}
            }
        }
        (asked, is_wordy)
    }

    /// `zone`: whose days are meant.
    pub fn narrow(&self, zone: Tz) -> Narrow {
        let begin = |day: NaiveDate| instant(day.and_time(NaiveTime::MIN), zone);
        Narrow {
            agent: self.agent,
            team: self.team,
            site: self.site,
            state: self.state,
            tag: self.tag,
            from: self.from.and_then(begin),
            to: self.to.and_then(|day| day.checked_add_days(Days::new(1))).and_then(begin),
        }
    }

    pub fn is_narrowed(&self) -> bool {
        self.narrow(Tz::UTC) != Narrow::default()
    }

    /// Its address, shareable.
    pub fn href(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.q);
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                query.append_pair(name, &value);
            }
        };
        put("in", Some(self.place.as_str().to_owned()));
        put("agent", text(self.agent));
        put("team", text(self.team));
        put("site", text(self.site));
        put("state", self.state.map(|state| state.as_str().to_owned()));
        put("tag", text(self.tag));
        put("from", text(self.from));
        put("to", text(self.to));
        put("after", self.after.map(write_place));
        format!("/console/search?{}", query.finish())
    }

    /// The same from its beginning, in another place.
    pub fn at(&self, place: In) -> Self {
        Self { place, after: None, ..self.clone() }
    }

    pub fn behind(&self, place: In, after: Place) -> Self {
        Self { place, after: Some(after), ..self.clone() }
    }

    pub fn without(&self, filter: Filter) -> Self {
        let mut asked = Self { after: None, ..self.clone() };
        match filter {
            Filter::Agent => asked.agent = None,
            Filter::Team => asked.team = None,
            Filter::Site => asked.site = None,
            Filter::State => asked.state = None,
            Filter::Tag => asked.tag = None,
            Filter::From => asked.from = None,
            Filter::To => asked.to = None,
        }
        asked
    }

    pub fn without_filters(&self) -> Self {
        Self { q: self.q.clone(), place: self.place, ..Self::default() }
    }
}

pub const STATES: [State; 4] = [State::Waiting, State::Active, State::Closed, State::Ticketed];

fn read<T: FromStr>(value: &str) -> Option<T> {
    value.trim().parse().ok()
}

fn text(value: Option<impl Display>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn write_place(place: Place) -> String {
    format!("{}_{}_{}", place.at.timestamp_micros(), place.id.simple(), place.seq)
}

fn read_place(value: &str) -> Option<Place> {
    let mut parts = value.split('_');
    let at = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
    let is_sane = (DateTime::UNIX_EPOCH..DateTime::from_timestamp(1 << 36, 0)?).contains(&at);
    let place = Place { at, id: parts.next()?.parse().ok()?, seq: parts.next()?.parse().ok()? };
    (is_sane && parts.next().is_none()).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::{Asked, Filter, In};
    use chrono_tz::Tz;

    #[test]
    fn an_address_says_what_was_asked_and_nothing_more() {
        let (asked, is_wordy) = Asked::read("q=a%26b+%E5%A5%BD&in=people&agent=&state=closed&from=2026-11-01&to=&x=1");
        assert!(is_wordy && asked.q == "a&b 好" && asked.place == In::People);
        assert_eq!(asked.href(), "/console/search?q=a%26b+%E5%A5%BD&in=people&state=closed&from=2026-11-01");
        let (again, is_wordy) = Asked::read(asked.href().split_once('?').unwrap().1);
        assert!(!is_wordy && again == asked);
        assert_eq!(
            asked.without(Filter::State).without(Filter::From).at(In::All).href(),
            "/console/search?q=a%26b+%E5%A5%BD"
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_there() {
        let (asked, _) =
            Asked::read("q=x&agent=me&team=%00&state=odd&from=2026-13-40&to=99999999-01-01&after=1_2_3&in=cellar");
        assert_eq!(asked, Asked { q: "x".into(), ..Asked::default() });
        for far in [
            "after=9223372036854775807_00000000000000000000000000000000_1",
            "after=-1_00000000000000000000000000000000_1",
        ] {
            assert_eq!(Asked::read(far).0.after, None, "{far}");
        }
        assert!(
            Asked::read("to=262142-12-31").0.narrow(Tz::UTC).to.is_none()
                || Asked::read("to=262142-12-31").0.to.is_none()
        );
    }
}
