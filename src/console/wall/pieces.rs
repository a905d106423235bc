//! The pieces of the wall, each printed by one template and told of alone.

use super::numbers::{Level, Numbers};
use crate::domain::id::{AgentId, SiteId, TeamId};
use crate::domain::people::Status;
use crate::error::Result;
use crate::shell::Face;
use crate::store::wall::{Person, Team};
use crate::words::{self, Key, Lang, ToArg, When, filters};
use askama::Template;
use chrono::TimeDelta;

/// From when on somebody's last input is worth a word.
const IDLE: TimeDelta = TimeDelta::minutes(2);

/// One number.
#[derive(Clone, Debug)]
pub struct Tile {
    pub id: &'static str,
    pub label: Key,
    pub text: String,
    /// A wait that goes on, in place of the text.
    pub since: Option<When>,
    pub note: String,
    pub level: Level,
}

#[derive(Template)]
#[template(path = "console/_tile.html")]
struct TileFragment<'a> {
    tile: &'a Tile,
}

#[derive(Clone, Debug)]
pub struct TeamRow {
    pub name: String,
    pub shop: Option<String>,
    pub waiting: i64,
    pub since: Option<When>,
    pub free: i64,
    pub level: Level,
}

#[derive(Template)]
#[template(path = "console/_teams.html")]
struct TeamsFragment<'a> {
    teams: &'a [TeamRow],
}

/// One of the staff.
#[derive(Clone, Debug)]
pub struct Card {
    pub id: AgentId,
    pub name: String,
    pub face: Face,
    /// `available`, `busy`, `away` or `offline`: also for whoever is not here.
    pub look: &'static str,
    pub word: Key,
    pub since: Option<When>,
    pub reason: String,
    pub by: Option<String>,
    pub idle: Option<When>,
    pub chats: i64,
    pub capacity: i16,
    pub unanswered: Option<When>,
    pub level: Level,
}

#[derive(Template)]
#[template(path = "console/_person.html")]
struct CardFragment<'a> {
    card: &'a Card,
}

#[derive(Template)]
#[template(path = "console/_people.html")]
struct PeopleFragment<'a> {
    people: &'a [Card],
}

/// Everything on the wall.
#[derive(Clone, Debug)]
pub struct Board {
    pub tiles: Vec<Tile>,
    pub teams: Vec<TeamRow>,
    pub people: Vec<Card>,
}

impl Board {
    pub fn of(lang: Lang, numbers: &Numbers) -> Self {
        let people: Vec<_> = numbers.people.iter().map(|person| Card::of(person, numbers)).collect();
        Self { tiles: tiles(lang, numbers, &people), teams: teams(lang, numbers), people }
    }

    /// For live updates: where each piece goes, and its HTML. Whoever shows the people in another order, or others, takes
    /// all of them anew.
    pub fn print(&self, lang: Lang) -> Result<Vec<(String, String)>> {
        let mut pieces = Vec::with_capacity(self.tiles.len() + 1);
        for tile in &self.tiles {
            pieces.push((format!("#t-{}", tile.id), words::print(lang, &TileFragment { tile })?));
        }
        pieces.push(("#teams".into(), words::print(lang, &TeamsFragment { teams: &self.teams })?));
        Ok(pieces)
    }

    pub fn print_people(&self, lang: Lang) -> Result<String> {
        words::print(lang, &PeopleFragment { people: &self.people })
    }
}

impl Card {
    pub fn of(person: &Person, numbers: &Numbers) -> Self {
        let now = numbers.now;
        let is_here = person.is_here(now);
        let (status, since) =
            if is_here { (person.status(), Some(person.status_since)) } else { (Status::Offline, person.lease) };
        let idle = person.input_at.filter(|at| is_here && now - *at >= IDLE);
        let late = person.unanswered.zip(person.unanswered_at);
        Self {
            id: person.id,
            face: Face::of(&person.name),
            name: person.name.clone(),
            look: status.as_str(),
            word: if is_here { status.into() } else { Key("status-not-here") },
            since: since.map(When::from),
            reason: if is_here { person.reason.clone() } else { String::new() },
            by: person.status_by.clone().filter(|_| is_here),
            idle: idle.map(When::from),
            chats: person.chats,
            capacity: person.capacity,
            unanswered: person.unanswered.map(When::from),
            level: late.map_or(Level::None, |(since, site)| numbers.level(since, site)),
        }
    }

    pub fn print(&self, lang: Lang) -> Result<String> {
        words::print(lang, &CardFragment { card: self })
    }
}

fn tiles(lang: Lang, numbers: &Numbers, people: &[Card]) -> Vec<Tile> {
    let tile = |id, label, text: String, note: String| Tile { id, label, text, since: None, note, level: Level::None };
    let waiting: i64 = numbers.lines.iter().map(|line| line.waiting).sum();
    let today = numbers.today;
    let here = |status: Status| people.iter().filter(|card| card.look == status.as_str()).count();
    let others = [("busy", Status::Busy), ("away", Status::Away), ("offline", Status::Offline)];
    let others = others.map(|(name, status)| (name, here(status)));
    let others: Vec<_> = others.iter().map(|(name, count)| (*name, count.to_arg())).collect();
    let share = |part: i64, whole: i64| {
        if whole == 0 { "–".to_owned() } else { format!("{} %", (part * 100 + whole / 2) / whole) }
    };
    let of =
        |key: &str, part: i64, whole: i64| lang.say_with(key, &[("part", part.to_arg()), ("whole", whole.to_arg())]);
    vec![
        tile("waiting", Key("wall-waiting"), waiting.to_string(), lang.say("wall-waiting-note")),
        longest(lang, numbers),
        tile("chatting", Key("wall-chatting"), numbers.chatting.to_string(), lang.say("wall-chatting-note")),
        tile(
            "people",
            Key("status-available"),
            here(Status::Available).to_string(),
            lang.say_with("wall-others", &others),
        ),
        first_answer(lang, numbers),
        tile(
            "abandoned",
            Key("wall-abandoned"),
            share(today.abandoned, today.waited),
            of("wall-abandoned-note", today.abandoned, today.waited),
        ),
        tile("csat", Key("wall-csat"), share(today.happy, today.rated), of("wall-csat-note", today.happy, today.rated)),
    ]
}

fn longest(lang: Lang, numbers: &Numbers) -> Tile {
    let oldest = numbers.lines.iter().map(|line| line.oldest).min();
    let level = numbers.lines.iter().map(|line| numbers.level(line.oldest, line.site_id)).max().unwrap_or_default();
    let note = target_note(lang, numbers);
    Tile { id: "longest", label: Key("wall-longest"), text: "–".into(), since: oldest.map(When::from), note, level }
}

fn first_answer(lang: Lang, numbers: &Numbers) -> Tile {
    let (half, most) = (numbers.today.half_s, numbers.today.most_s);
    let text = half.zip(most).map_or("–".into(), |(half, most)| format!("{} / {}", clock(half), clock(most)));
    let took = most.map(|s| TimeDelta::milliseconds(millis(s)));
    Tile {
        id: "answer",
        label: Key("wall-answer"),
        text,
        since: None,
        note: lang.say_with("wall-answer-note", &[("count", numbers.today.answered.to_arg())]),
        level: took.map_or(Level::None, |took| Level::of(took, numbers.strictest_s())),
    }
}

fn target_note(lang: Lang, numbers: &Numbers) -> String {
    match numbers.strictest_s() {
        0 => lang.say("wall-no-target"),
        target => lang.say_with("wall-target", &[("time", clock(f64::from(target)).to_arg())]),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a day's seconds, in milliseconds")]
fn millis(seconds: f64) -> i64 {
    (seconds * 1_000.0) as i64
}

/// Minutes and seconds; hours from one on.
fn clock(seconds: f64) -> String {
    let s = millis(seconds) / 1_000;
    if s < 3_600 { format!("{}:{:02}", s / 60, s % 60) } else { format!("{} h {:02} min", s / 3_600, s / 60 % 60) }
}

fn teams(lang: Lang, numbers: &Numbers) -> Vec<TeamRow> {
    let named = numbers.teams.iter().map(|team| {
        let free = free_places(numbers, team);
        row(numbers, (team.site_id, Some(team.id)), team.name.clone(), free)
    });
    let nobodys = numbers.lines.iter().filter(|line| line.team_id.is_none());
    let others = nobodys.map(|line| {
        let at_shop = |person: &&Person| person.teams.iter().any(|id| is_at(numbers, *id, line.site_id));
        let free = numbers.people.iter().filter(at_shop).map(|person| places(numbers, person)).sum();
        row(numbers, (line.site_id, None), lang.say("wall-no-team"), free)
    });
    named.chain(others).collect()
}

fn row(numbers: &Numbers, (site, team): (SiteId, Option<TeamId>), name: String, free: i64) -> TeamRow {
    let line = numbers.lines.iter().find(|line| line.site_id == site && line.team_id == team);
    let shop = numbers.shops.get(&site).filter(|_| numbers.shops.len() > 1);
    TeamRow {
        name,
        shop: shop.map(|shop| shop.name.clone()),
        waiting: line.map_or(0, |line| line.waiting),
        since: line.map(|line| line.oldest.into()),
        free,
        level: line.map_or(Level::None, |line| numbers.level(line.oldest, site)),
    }
}

fn is_at(numbers: &Numbers, team: TeamId, site: SiteId) -> bool {
    numbers.teams.iter().any(|known| known.id == team && known.site_id == site)
}

/// How many chats more somebody may be given now.
fn places(numbers: &Numbers, person: &Person) -> i64 {
    let takes = person.available && person.is_here(numbers.now);
    if takes { ((i64::from(person.capacity) * 100 - person.load) / 100).max(0) } else { 0 }
}

fn free_places(numbers: &Numbers, team: &Team) -> i64 {
    let members = numbers.people.iter().filter(|person| person.teams.contains(&team.id));
    let free: i64 = members.map(|person| places(numbers, person)).sum();
    if team.chats_max > 0 { free.min((team.chats_max - team.chats).max(0)) } else { free }
}
