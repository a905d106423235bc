//! An entry of a log as pages and live updates both print it, and the words for people that several pages share.

use super::attached::Attached;
use super::trace;
use crate::app::App;
use crate::domain::event::{Author, Event, Kind};
use crate::domain::file::Addresses;
use crate::domain::id::{ConversationId, SiteId};
use crate::domain::links::{Part, parts};
use crate::domain::routing::Class;
use crate::domain::triage::Trace;
use crate::error::Result;
use crate::shell::Face;
use crate::store::conversations::Summary;
use crate::store::receipts::Seen;
pub use crate::words::When;
use crate::words::{self, Key, Lang, ToArg, filters};
use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::{Display, Write as _};

/// How far behind the newest an entry is looked for on a page of its own.
const BEHIND: i64 = 20;

/// The address of an entry on a conversation's page, of which the number of the entry and of the newest are known.
pub fn at_entry(mut page: String, id: impl Display, (seq, last_seq): (i64, i64)) -> String {
    if last_seq - seq >= BEHIND {
        let sign = if page.contains('?') { '&' } else { '?' };
        let _ = write!(page, "{sign}before={}", seq + BEHIND);
    }
    let _ = write!(page, "#e-{id}");
    page
}

/// What an entry looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Shopper,
    Staff,
    /// Of the staff, among themselves.
    Colleague,
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
    /// By whom it was taken back, and when.
    pub gone: Option<(String, When)>,
    /// Answers that the shopper may choose from.
    pub replies: Vec<String>,
    pub files: Vec<Attached>,
    /// What a line in the middle says.
    pub line: String,
    pub ticket: Option<i64>,
    /// The time that the line leads up to.
    pub until: Option<When>,
    pub answers: Vec<(String, String)>,
    pub when: When,
    /// May be taken back, by whoever may do so.
    pub may_go: bool,
    /// Too old for its author to take it back.
    pub is_late: bool,
    /// The shopper has read it.
    pub is_seen: bool,
    /// It has come to the shopper's browser.
    pub is_got: bool,
    /// The newest of staff's that the shopper has read.
    pub is_last_seen: bool,
    /// When it was seen, where that is known.
    pub seen_at: Option<When>,
    /// Goes on from the same author's entry before it.
    pub is_same: bool,
    /// The entry after it goes on from it.
    pub has_more: bool,
}

impl Entry {
    pub fn new(lang: Lang, event: &Event, now: DateTime<Utc>, recall: Recall, at: &Addresses) -> Self {
        let name = if event.by_name.is_empty() { nameless(lang, event.by) } else { event.by_name.clone() };
        Self {
            id: event.id.to_string(),
            seq: event.seq,
            conversation: event.conversation,
            look: look(event, recall.is_room),
            kind: event.kind.as_str(),
            author: event.by.uuid().map(|id| id.to_string()).unwrap_or_default(),
            cid: event.cid.map(|cid| cid.to_string()).unwrap_or_default(),
            face: Face::of(&name),
            body: body(lang, event).as_deref().map(parts),
            gone: event.taken_back().map(|(by, at)| (by.to_owned(), at.into())),
            replies: event.replies(),
            files: event.files().into_iter().map(|file| Attached::new(file, at)).collect(),
            line: line(lang, event, &name),
            ticket: event.field("number").and_then(Value::as_i64).filter(|_| event.kind == Kind::Ticketed),
            answers: answers(lang, event),
            until: trace::until(event).map(When::from),
            when: event.at.into(),
            is_late: now - event.at > recall.within,
            may_go: event.body.is_some() && (event.kind == Kind::Note || !recall.is_mailed),
            is_seen: false,
            is_got: false,
            is_last_seen: false,
            seen_at: None,
            is_same: false,
            has_more: false,
            name,
        }
    }

    pub fn is_bubble(&self) -> bool {
        matches!(self.look, Look::Shopper | Look::Staff | Look::Colleague | Look::Note)
    }

    pub fn is_note(&self) -> bool {
        self.look == Look::Note
    }

    /// It may lead to goods of the shop.
    pub fn has_links(&self) -> bool {
        self.look != Look::Colleague && self.body.iter().flatten().any(|part| part.is_link)
    }

    pub fn is_staff(&self) -> bool {
        self.look == Look::Staff
    }

    /// By its author, while they may take it back.
    pub fn may_be_corrected(&self) -> bool {
        matches!(self.look, Look::Staff | Look::Colleague) && self.may_go && self.files.is_empty()
    }

    /// Where what is done about it goes.
    pub fn at(&self) -> String {
        let kind = if self.look == Look::Colleague { "rooms" } else { "c" };
        format!("/console/{kind}/{}", self.conversation)
    }

    pub fn is_silent(&self) -> bool {
        self.look == Look::Silent
    }

    pub fn class(&self) -> &'static str {
        match self.look {
            Look::Shopper => "from-shopper",
            Look::Staff => "from-staff",
            Look::Colleague => "from-colleague",
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
    pub fn print(&self, lang: Lang) -> Result<String> {
        words::print(lang, &EntryFragment { e: self })
    }
}

fn nameless(lang: Lang, by: Author) -> String {
    match by {
        Author::Shopper(_) => lang.say("visitor"),
        Author::Agent(_) => lang.say("colleague"),
        Author::System => "Deskbell".to_owned(),
        Author::Bot => lang.say("bot"),
    }
}

fn look(event: &Event, is_room: bool) -> Look {
    match (event.kind, event.by) {
        (Kind::Message, _) if is_room => Look::Colleague,
        (Kind::Note, Author::System) if Trace::of(event).is_some() => Look::Line,
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

/// What Deskbell wrote by itself is in the reader's words.
fn body(lang: Lang, event: &Event) -> Option<Cow<'_, str>> {
    let written = event.body.as_deref().filter(|_| matches!(event.kind, Kind::Message | Kind::Note))?;
    Some(trace::own_words(lang, event).map_or(Cow::Borrowed(written), Cow::Owned))
}

/// What a line in the middle says.
fn line(lang: Lang, event: &Event, name: &str) -> String {
    let say = |key: &str, given: &[(&str, &str)]| {
        let given: Vec<_> = given.iter().map(|(name, value)| (*name, value.to_arg())).collect();
        lang.say_with(key, &given)
    };
    let agent = text(event, "agent", "name");
    match event.kind {
        Kind::Opened if event.field("again").is_some() => say("line-opened-again", &[("name", name)]),
        Kind::Opened => say("line-opened", &[]),
        Kind::Assigned => {
            agent.map_or_else(|| say("line-agent-joined", &[]), |name| say("line-joined", &[("name", name)]))
        }
        Kind::Left => {
            let unknown = say("line-the-agent", &[]);
            let agent = agent.unwrap_or(&unknown);
            match event.field("reason").and_then(Value::as_str) {
                Some("off_duty") => say("line-off-duty", &[("name", agent)]),
                Some("put_back") => say("line-put-back", &[("name", name)]),
                _ => say("line-lost", &[("name", agent)]),
            }
        }
        Kind::Transferred => match (text(event, "to", "agent"), text(event, "to", "team")) {
            _ if event.field("from").is_some() => {
                let from = text(event, "from", "agent").unwrap_or_default();
                say("line-took-over", &[("name", name), ("from", from)])
            }
            (Some(agent), _) => say("line-transferred", &[("name", name), ("to", agent)]),
            (_, Some(team)) => say("line-transferred-team", &[("name", name), ("to", team)]),
            _ => say("line-put-back", &[("name", name)]),
        },
        Kind::Closed => match event.field("reason").and_then(Value::as_str) {
            Some("shopper") => say("line-ended", &[("name", name)]),
            Some("idle") => say("line-idle", &[]),
            Some("blocked") => say("line-blocked", &[]),
            _ => say("line-closed", &[("name", name)]),
        },
        Kind::Rated => rating(lang, event),
        Kind::Ticketed => say("line-mailed", &[]),
        Kind::Note => trace::line(lang, event, name),
        Kind::Message | Kind::Recalled => String::new(),
    }
}

fn rating(lang: Lang, event: &Event) -> String {
    let score = event.field("score").and_then(Value::as_i64).unwrap_or_default();
    match event.field("comment").and_then(Value::as_str).unwrap_or_default() {
        "" => lang.say_with("rated", &[("score", score.to_arg())]),
        comment => lang.say_with("line-rated-why", &[("score", score.to_arg()), ("comment", comment.to_arg())]),
    }
}

/// What the shopper answered before the chat: under the shop's own names, and in the reader's words where every shop asks it.
fn answers(lang: Lang, event: &Event) -> Vec<(String, String)> {
    let Some(Value::Object(fields)) = event.field("intake").filter(|_| event.kind == Kind::Opened) else {
        return Vec::new();
    };
    let called = |name: &str| match name {
        "name" => lang.say("form-name"),
        "email" => lang.say("sign-in-email"),
        own => own.to_owned(),
    };
    fields.iter().map(|(name, value)| (called(name), plain(value))).collect()
}

/// A value as a person reads it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What became of what staff wrote, in the shopper's numbering.
#[derive(Clone, Debug, Default)]
pub struct Fates {
    pub read: i64,
    pub got: i64,
    pub seen: Seen,
}

/// When a message of staff was seen. What was taken back was seen before that or not at all.
pub fn seen_at(seen: &Seen, event: &Event) -> Option<When> {
    let at = seen.at(event.shopper_seq?)?;
    let is_in_time = !event.is_recalled() || event.taken_back().is_some_and(|(_, gone)| at <= gone);
    is_in_time.then(|| at.into())
}

/// Entries of a page, and what became of those of staff.
pub fn entries(app: &App, lang: Lang, events: &[Event], fates: &Fates, recall: Recall) -> Vec<Entry> {
    let (now, at) = (app.clock.now(), app.addresses());
    let mut entries: Vec<Entry> = events.iter().map(|event| Entry::new(lang, event, now, recall, &at)).collect();
    for (entry, event) in entries.iter_mut().zip(events).filter(|(entry, _)| entry.is_staff()) {
        entry.seen_at = seen_at(&fates.seen, event);
        if entry.body.is_none() {
            continue;
        }
        let has = |mark: i64| event.shopper_seq.is_some_and(|seq| seq <= mark);
        (entry.is_seen, entry.is_got) = (has(fates.read), has(fates.got));
    }
    if let Some(last) = entries.iter_mut().rev().find(|entry| entry.is_seen) {
        last.is_last_seen = true;
    }
    for n in 1..entries.len() {
        let (before, this) = (&entries[n - 1], &entries[n]);
        let is_same = this.is_bubble() && this.look == before.look && this.author == before.author;
        entries[n - 1].has_more = is_same;
        entries[n].is_same = is_same;
    }
    entries
}

/// What marks a class other than the usual one: its look and its word.
pub fn priority(class: Class) -> Option<(&'static str, Key)> {
    match class {
        Class::Low => Some(("", Key("priority-low"))),
        Class::Normal => None,
        Class::High => Some(("warn", Key("priority-high"))),
        Class::Vip => Some(("bad", Key("priority-vip"))),
    }
}

pub fn stars(score: i16) -> String {
    (1..=5).map(|n| if n <= score { '★' } else { '☆' }).collect()
}

pub fn shopper_name(lang: Lang, summary: &Summary) -> String {
    if summary.shopper_name.is_empty() { lang.say("visitor") } else { summary.shopper_name.clone() }
}

/// A contact in a few words.
pub fn called(lang: Lang, name: &str, email: Option<&str>) -> String {
    match (name, email) {
        ("", None) => lang.say("visitor"),
        ("", Some(email)) => email.to_owned(),
        (name, None) => name.to_owned(),
        (name, Some(email)) => format!("{name}, {email}"),
    }
}

/// What may be taken back in a conversation.
#[derive(Clone, Copy, Debug)]
pub struct Recall {
    /// How long an author may take a message back; the site's to say.
    pub within: TimeDelta,
    /// It went on by mail: its messages cannot be unsent, only notes.
    pub is_mailed: bool,
    /// It is a room of the staff.
    pub is_room: bool,
}

impl Recall {
    pub async fn of(app: &App, site: SiteId, is_mailed: bool) -> Result<Self> {
        let site = crate::conversations::site_by_id(app, site).await?;
        Ok(Self { within: TimeDelta::seconds(i64::from(site.settings.limits.recall_s)), is_mailed, is_room: false })
    }

    pub async fn in_room(app: &App, site: SiteId) -> Result<Self> {
        Ok(Self { is_room: true, ..Self::of(app, site, false).await? })
    }
}
