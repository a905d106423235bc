//! What pages and live updates both print: an entry of a log, a row of a list. Each has one template, whoever asks.

use super::attached::Attached;
use super::due::Chip;
use crate::app::App;
use crate::domain::conversation::State;
use crate::domain::event::{Author, Event, Kind};
use crate::domain::file::Addresses;
use crate::domain::id::{ConversationId, SiteId};
use crate::domain::links::{Part, parts};
use crate::error::{Error, Result};
use crate::presence::shoppers::Presence;
use crate::shell::Face;
use crate::store::conversations::Summary;
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// A moment: for machines, and for people without script.
#[derive(Clone, Debug)]
pub struct When {
    pub iso: String,
    pub text: String,
}

impl From<DateTime<Utc>> for When {
    fn from(at: DateTime<Utc>) -> Self {
        Self {
            iso: at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            text: at.format("%-d %b %H:%M UTC").to_string(),
        }
    }
}

/// A piece of a line: its own words, or what somebody else wrote, which may run the other way.
#[derive(Clone, Debug)]
pub struct Span {
    pub text: String,
    pub is_foreign: bool,
}

fn own(text: impl Into<String>) -> Span {
    Span { text: text.into(), is_foreign: false }
}

fn foreign(text: &str) -> Span {
    Span { text: text.into(), is_foreign: true }
}

/// What an entry looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Shopper,
    Staff,
    Note,
    Line,
    /// Moves the cursor and shows nothing.
    Silent,
}

/// One entry of a log. Neutral: the same for everybody who looks; whose it is shows by [`Entry::author`].
#[expect(clippy::struct_excessive_bools, reason = "each is one mark on the entry")]
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: String,
    pub seq: i64,
    pub conversation: ConversationId,
    look: Look,
    pub kind: &'static str,
    pub author: String,
    pub cid: String,
    pub name: String,
    pub face: Face,
    /// `None`: it was taken back.
    pub body: Option<Vec<Part>>,
    /// Answers that the shopper may choose from.
    pub replies: Vec<String>,
    pub files: Vec<Attached>,
    pub line: Vec<Span>,
    pub ticket: Option<i64>,
    pub answers: Vec<(String, String)>,
    pub when: When,
    /// May be taken back, by whoever may do so.
    pub may_go: bool,
    /// Too old for its author to take it back.
    pub is_late: bool,
    /// The newest of staff's that the shopper has read.
    pub is_last_seen: bool,
    /// Goes on from the same author's entry before it.
    pub is_same: bool,
}

impl Entry {
    pub fn new(event: &Event, now: DateTime<Utc>, recall: Recall, at: &Addresses) -> Self {
        let name = if event.by_name.is_empty() { nameless(event.by).to_owned() } else { event.by_name.clone() };
        Self {
            id: event.id.to_string(),
            seq: event.seq,
            conversation: event.conversation,
            look: look(event),
            kind: event.kind.as_str(),
            author: event.by.uuid().map(|id| id.to_string()).unwrap_or_default(),
            cid: event.cid.map(|cid| cid.to_string()).unwrap_or_default(),
            face: Face::of(&name),
            body: event.body.as_deref().filter(|_| matches!(event.kind, Kind::Message | Kind::Note)).map(parts),
            replies: event.replies(),
            files: event.files().into_iter().map(|file| Attached::new(file, at)).collect(),
            line: line(event, &name),
            ticket: event.field("number").and_then(Value::as_i64).filter(|_| event.kind == Kind::Ticketed),
            answers: answers(event),
            when: event.at.into(),
            is_late: now - event.at > recall.within,
            may_go: event.body.is_some() && (event.kind == Kind::Note || !recall.is_mailed),
            is_last_seen: false,
            is_same: false,
            name,
        }
    }

    pub fn is_bubble(&self) -> bool {
        matches!(self.look, Look::Shopper | Look::Staff | Look::Note)
    }

    pub fn is_note(&self) -> bool {
        self.look == Look::Note
    }

    /// It may lead to goods of the shop.
    pub fn has_links(&self) -> bool {
        self.body.iter().flatten().any(|part| part.is_link)
    }

    pub fn is_staff(&self) -> bool {
        self.look == Look::Staff
    }

    pub fn is_silent(&self) -> bool {
        self.look == Look::Silent
    }

    pub fn class(&self) -> &'static str {
        match self.look {
            Look::Shopper => "from-shopper",
            Look::Staff => "from-staff",
            Look::Note => "note",
            Look::Line => "line",
            Look::Silent => "silent",
        }
    }
}

#[derive(Template)]
#[template(path = "console/_entry.html")]
struct EntryFragment<'a> {
    e: &'a Entry,
}

impl Entry {
    /// For a live update; pages include the same template.
    pub fn print(&self) -> Result<String> {
        EntryFragment { e: self }.render().map_err(Error::bug)
    }
}

fn nameless(by: Author) -> &'static str {
    match by {
        Author::Shopper(_) => "Visitor",
        Author::Agent(_) => "Colleague",
        Author::System => "Deskbell",
        Author::Bot => "Bot",
    }
}

fn look(event: &Event) -> Look {
    match (event.kind, event.by) {
        (Kind::Note, _) => Look::Note,
        (Kind::Message, Author::Shopper(_)) => Look::Shopper,
        (Kind::Message, _) => Look::Staff,
        (Kind::Recalled, _) => Look::Silent,
        _ => Look::Line,
    }
}

fn text<'a>(event: &'a Event, field: &str, inner: &str) -> Option<&'a str> {
    event.field(field)?.get(inner)?.as_str()
}

/// What a line in the middle says.
fn line(event: &Event, name: &str) -> Vec<Span> {
    let agent = |unknown| text(event, "agent", "name").map_or_else(|| own(unknown), foreign);
    let somebody = foreign(name);
    match event.kind {
        Kind::Opened => vec![own("Conversation opened")],
        Kind::Assigned => vec![agent("An agent"), own(" has joined")],
        Kind::Left => {
            let why = match event.field("reason").and_then(Value::as_str) {
                Some("off_duty") => " went off duty; back in the queue",
                _ => " lost the connection; back in the queue",
            };
            vec![agent("The agent"), own(why)]
        }
        Kind::Transferred => match (text(event, "to", "agent"), text(event, "to", "team")) {
            _ if event.field("from").is_some() => {
                let from = text(event, "from", "agent").unwrap_or_default();
                vec![somebody, own(" took over from "), foreign(from)]
            }
            (Some(agent), _) => vec![somebody, own(" transferred to "), foreign(agent)],
            (_, Some(team)) => vec![somebody, own(" transferred to the team "), foreign(team)],
            _ => vec![somebody, own(" put it back in the queue")],
        },
        Kind::Closed => match event.field("reason").and_then(Value::as_str) {
            Some("shopper") => vec![somebody, own(" ended the conversation")],
            Some("idle") => vec![own("Closed after a long silence")],
            _ => vec![somebody, own(" closed the conversation")],
        },
        Kind::Rated => rating(event),
        Kind::Ticketed => vec![own("Goes on by mail")],
        Kind::Message | Kind::Note | Kind::Recalled => Vec::new(),
    }
}

fn rating(event: &Event) -> Vec<Span> {
    let score = event.field("score").and_then(Value::as_i64).unwrap_or_default();
    match event.field("comment").and_then(Value::as_str).unwrap_or_default() {
        "" => vec![own(format!("Rated {score} of 5"))],
        comment => vec![own(format!("Rated {score} of 5: “")), foreign(comment), own("”")],
    }
}

/// What the shopper answered before the chat.
fn answers(event: &Event) -> Vec<(String, String)> {
    let Some(Value::Object(fields)) = event.field("intake").filter(|_| event.kind == Kind::Opened) else {
        return Vec::new();
    };
    fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
}

/// A value as a person reads it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Entries of a page; marks the newest of staff's that the shopper has read.
pub fn entries(app: &App, events: &[Event], seen: i64, recall: Recall) -> Vec<Entry> {
    let (now, at) = (app.clock.now(), app.addresses());
    let mut entries: Vec<Entry> = events.iter().map(|event| Entry::new(event, now, recall, &at)).collect();
    if let Some(last) = entries.iter_mut().rev().find(|entry| entry.is_staff() && entry.seq <= seen) {
        last.is_last_seen = true;
    }
    for n in 1..entries.len() {
        let (before, this) = (&entries[n - 1], &entries[n]);
        entries[n].is_same = this.is_bubble() && this.look == before.look && this.author == before.author;
    }
    entries
}

/// One row of a list.
#[expect(clippy::struct_excessive_bools, reason = "each is one mark on the row")]
#[derive(Clone, Debug)]
pub struct Row {
    pub id: ConversationId,
    pub name: String,
    pub face: Face,
    pub excerpt: String,
    pub from_staff: bool,
    pub team: Option<String>,
    pub agent: Option<String>,
    pub state: &'static str,
    pub is_unread: bool,
    pub is_current: bool,
    pub is_waiting: bool,
    /// The shopper's rating, of five, and its stars.
    pub rating: Option<(i16, String)>,
    pub due: Option<Chip>,
    pub when: When,
}

impl Row {
    pub fn new(summary: &Summary, current: Option<ConversationId>) -> Self {
        let name = shopper_name(summary);
        let is_waiting = summary.state == State::Waiting;
        Self {
            id: summary.id,
            face: Face::of(&name),
            name,
            excerpt: summary.last_message.clone(),
            from_staff: summary.last_by != "shopper",
            team: summary.team_name.clone(),
            agent: summary.assignee_name.clone(),
            state: state_word(summary.state),
            is_unread: summary.is_unread,
            is_current: current == Some(summary.id),
            is_waiting,
            rating: summary.score.map(|score| (score, stars(score))),
            due: None,
            when: summary.queued_at.filter(|_| is_waiting).unwrap_or(summary.last_at).into(),
        }
    }
}

pub fn stars(score: i16) -> String {
    (1..=5).map(|n| if n <= score { '★' } else { '☆' }).collect()
}

pub fn shopper_name(summary: &Summary) -> String {
    if summary.shopper_name.is_empty() { "Visitor".into() } else { summary.shopper_name.clone() }
}

pub fn state_word(state: State) -> &'static str {
    match state {
        State::Waiting => "Waiting",
        State::Active => "Active",
        State::Closed => "Closed",
        State::Ticketed => "By mail",
    }
}

/// Whether the shopper is still there, in a word.
#[derive(Clone, Copy, Debug)]
pub struct HereLine {
    pub id: ConversationId,
    pub look: &'static str,
    pub word: &'static str,
    pub title: &'static str,
}

#[derive(Template)]
#[template(path = "console/_here.html")]
struct HereFragment<'a> {
    here: &'a HereLine,
}

impl HereLine {
    pub fn new(id: ConversationId, presence: Presence) -> Self {
        let (look, word, title) = match presence {
            Presence::Here => ("here", "here now", "The shopper has this chat open"),
            Presence::Left => {
                ("left", "left", "The shopper has closed the page; what you write is there when they come back")
            }
            Presence::Unknown => {
                ("unknown", "unknown", "Whether the shopper is still there cannot be told at the moment")
            }
        };
        Self { id, look, word, title }
    }

    pub fn print(&self) -> Result<String> {
        HereFragment { here: self }.render().map_err(Error::bug)
    }
}

/// What may be taken back in a conversation.
#[derive(Clone, Copy, Debug)]
pub struct Recall {
    /// How long an author may take a message back; the site's to say.
    pub within: TimeDelta,
    /// It went on by mail: its messages cannot be unsent, only notes.
    pub is_mailed: bool,
}

impl Recall {
    pub async fn of(app: &App, site: SiteId, is_mailed: bool) -> Result<Self> {
        let site = crate::conversations::site_by_id(app, site).await?;
        Ok(Self { within: TimeDelta::seconds(i64::from(site.settings.limits.recall_s)), is_mailed })
    }
}
