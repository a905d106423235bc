//! Transcripts: a conversation as its shopper saw it, as text, as a page and as data.
//!
//! Built from the log at the moment it is asked for: a message taken back is gone from it, a note was never in it.
//! In [`Transcript::json`] and [`Transcript::html`] a message is what was typed, character for character; in
//! [`Transcript::text`] each of its lines is set in by two spaces, so that no message can pass for another person's.
//! Reads the log only.

pub mod words;

use crate::domain::event::{Author, Event, Kind};
use crate::domain::file::{File, size_in_words};
use crate::domain::hours::Hours;
use crate::domain::id::{ConversationId, SiteId};
use crate::error::{Error, Result};
use crate::store::events::{Audience, Most, since};
use crate::store::{Db, conversations, sites};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};
use words::Words;

/// Events read at once.
const PAGE: i64 = 500;

pub struct Transcript {
    pub conversation: ConversationId,
    pub site: String,
    pub shopper: String,
    pub locale: String,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub score: Option<i16>,
    zone: Tz,
    events: Vec<Event>,
}

/// The conversation's transcript; `None` where there is no such conversation.
pub async fn load(db: &Db, conversation: ConversationId) -> Result<Option<Transcript>> {
    let Some(summary) = conversations::summary(&db.read, conversation).await? else { return Ok(None) };
    let site = sites::by_id(&db.read, summary.site_id).await?.ok_or(Error::NotFound)?;
    Ok(Some(Transcript {
        conversation,
        site: site.name,
        shopper: summary.shopper_name,
        locale: summary.locale,
        opened_at: summary.opened_at,
        closed_at: summary.closed_at,
        score: summary.score,
        zone: zone(&site.settings.hours),
        events: whole_log(db, (summary.site_id, conversation)).await?,
    }))
}

/// Read page by page; a message that is taken back between two pages is blanked here.
async fn whole_log(db: &Db, key: (SiteId, ConversationId)) -> Result<Vec<Event>> {
    let mut log: Vec<Event> = Vec::new();
    loop {
        let after = log.last().and_then(|event| event.shopper_seq).unwrap_or(0);
        let Some(page) = since(&db.read, Audience::Shopper, key, after, Most::events(PAGE)).await? else { break };
        if page.events.is_empty() {
            break;
        }
        log.extend(page.events);
    }
    blank_recalled(&mut log);
    Ok(log)
}

fn blank_recalled(log: &mut [Event]) {
    let targets: Vec<String> = log
        .iter()
        .filter(|event| event.kind == Kind::Recalled)
        .filter_map(|event| event.field("target").and_then(Value::as_str).map(str::to_owned))
        .collect();
    for event in log.iter_mut().filter(|event| targets.contains(&event.id.to_string())) {
        event.body = None;
    }
}

fn extras(event: &Event) -> Vec<String> {
    let files = event.files();
    let file = |file: &File| format!("📎 {} ({})", one_line(&file.name), size_in_words(file.size));
    let replies: Vec<_> = event.replies().iter().map(|reply| format!("[{}]", one_line(reply))).collect();
    let offered = (!replies.is_empty()).then(|| replies.join(" "));
    files.iter().map(file).chain(offered).collect()
}

fn zone(hours: &Hours) -> Tz {
    hours.zone.parse().unwrap_or(Tz::UTC)
}

/// One thing that was said or that happened, as it is printed.
struct Line<'a> {
    at: String,
    /// Who said it; nobody where something happened.
    who: Option<&'a str>,
    by_shopper: bool,
    text: String,
    /// What came with it: files by name and size, answers to choose from. Where a file is read is for the chat to say:
    /// addresses expire, letters stay.
    extras: Vec<String>,
    is_recalled: bool,
}

#[derive(Template)]
#[template(path = "mail/transcript.html")]
struct Page<'a> {
    lang: &'static str,
    dir: &'static str,
    title: String,
    facts: Vec<(&'static str, String)>,
    lines: Vec<Line<'a>>,
    intro: &'a str,
    outro: &'a str,
}

impl Transcript {
    pub fn text(&self) -> String {
        let title = self.title();
        let rule = "=".repeat(title.chars().count());
        let facts: Vec<_> = self.facts().into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let mut parts = vec![format!("{title}\n{rule}"), facts.join("\n")];
        parts.extend(self.lines().into_iter().map(|line| match line.who {
            Some(who) => {
                let said = Some(line.text).filter(|text| !text.is_empty() || line.extras.is_empty());
                let said: Vec<_> = said.into_iter().chain(line.extras).collect();
                format!("{}, {}\n{}", one_line(who), line.at, set_in(&said.join("\n")))
            }
            None => format!("* {} ({})", one_line(&line.text), line.at),
        }));
        parts.join("\n\n") + "\n"
    }

    /// A page that needs nothing else, also on paper.
    pub fn html(&self) -> String {
        self.letter_html("", "")
    }

    /// The page with a sentence before and one after it.
    pub fn letter_html(&self, intro: &str, outro: &str) -> String {
        let words = words::of(&self.locale);
        let page = Page {
            lang: words.lang,
            dir: words.dir,
            title: self.title(),
            facts: self.facts(),
            lines: self.lines(),
            intro,
            outro,
        };
        page.render().expect("text can always be written to memory")
    }

    pub fn json(&self) -> Value {
        json!({
            "conversation": self.conversation,
            "site": self.site,
            "shopper": self.shopper,
            "locale": self.locale,
            "opened_at": self.opened_at,
            "closed_at": self.closed_at,
            "score": self.score,
            "events": self.events.iter().filter_map(entry).collect::<Vec<_>>(),
        })
    }

    fn title(&self) -> String {
        words::of(&self.locale).title.replace("{}", &one_line(&self.site))
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let words = words::of(&self.locale);
        let mut facts = vec![(words.began, self.time(self.opened_at))];
        facts.extend(self.closed_at.map(|at| (words.ended, self.time(at))));
        facts.extend(self.score.map(|score| (words.rating, format!("{score}/5"))));
        facts.push((words.zone, self.zone.name().to_owned()));
        facts.push((words.reference, self.conversation.to_string()));
        facts
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M:%S %Z").to_string()
    }

    fn lines(&self) -> Vec<Line<'_>> {
        self.events.iter().filter_map(|event| self.line(event)).collect()
    }

    fn line<'a>(&'a self, event: &'a Event) -> Option<Line<'a>> {
        let words = words::of(&self.locale);
        let by_shopper = matches!(event.by, Author::Shopper(_));
        let is_said = event.kind == Kind::Message;
        let text = if is_said {
            event.body.clone().unwrap_or_else(|| words.taken_back.to_owned())
        } else {
            happened(words, event)?
        };
        Some(Line {
            at: self.time(event.at),
            who: is_said.then(|| self.name(words, event)),
            by_shopper,
            text,
            extras: extras(event),
            is_recalled: event.is_recalled(),
        })
    }

    fn name<'a>(&'a self, words: &'static Words, event: &'a Event) -> &'a str {
        let fallback = match event.by {
            Author::Shopper(_) if !self.shopper.is_empty() => &self.shopper,
            Author::Shopper(_) => words.shopper,
            _ => words.agent,
        };
        if event.by_name.is_empty() { fallback } else { &event.by_name }
    }
}

/// A sentence for what happened; nothing for what a reader need not know.
fn happened(words: &Words, event: &Event) -> Option<String> {
    let data = event.data.as_ref().unwrap_or(&Value::Null);
    let agent = || data["agent"]["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(words.agent);
    match event.kind {
        Kind::Assigned => Some(words.joined.replace("{}", agent())),
        Kind::Left => Some(words.left.replace("{}", agent())),
        Kind::Transferred => {
            let to = data["to"]["team"].as_str().or_else(|| data["to"]["agent"].as_str()).unwrap_or(words.agent);
            Some(words.transferred.replace("{}", to))
        }
        Kind::Closed => Some(words.closed.to_owned()),
        Kind::Rated => {
            let score = data["score"].as_i64()?;
            let comment = data["comment"].as_str().filter(|text| !text.trim().is_empty());
            Some(comment.map_or_else(
                || format!("{}: {score}/5", words.rating),
                |text| format!("{}: {score}/5 – {text}", words.rating),
            ))
        }
        Kind::Ticketed => Some(words.ticketed.replace("{}", &data["number"].as_i64()?.to_string())),
        Kind::Opened | Kind::Message | Kind::Note | Kind::Recalled => None,
    }
}

/// An event as data, in the shopper's numbering: no staff ids and nothing internal.
fn entry(event: &Event) -> Option<Value> {
    let mut entry = Map::new();
    entry.insert("seq".into(), event.shopper_seq?.into());
    entry.insert("id".into(), json!(event.id));
    entry.insert("at".into(), json!(event.at));
    entry.insert("by".into(), json!({ "role": event.by.role(), "name": event.by_name }));
    entry.insert("kind".into(), event.kind.as_str().into());
    if event.kind == Kind::Message {
        entry.insert("body".into(), json!(event.body));
        let files = event.files();
        if !files.is_empty() {
            let named = files.iter().map(|file| json!({ "name": file.name, "size": file.size, "mime": file.mime }));
            entry.insert("files".into(), named.collect());
        }
        entry.insert("recalled".into(), event.is_recalled().into());
    }
    let data = event.data.as_ref();
    let shown = match event.kind {
        Kind::Opened => data.map(|data| match data.get("again") {
            Some(again) => json!({ "again": again }),
            None => json!({ "intake": data["intake"] }),
        }),
        Kind::Assigned | Kind::Left => data.map(|data| json!({ "agent": { "name": data["agent"]["name"] } })),
        Kind::Message | Kind::Note => None,
        _ => data.cloned(),
    };
    if let Some(Value::Object(shown)) = shown {
        for (key, value) in shown.into_iter().filter(|(key, _)| !key.starts_with('_')) {
            entry.entry(key).or_insert(value);
        }
    }
    Some(Value::Object(entry))
}

fn set_in(text: &str) -> String {
    text.split('\n').map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

/// One line of text: what breaks lines or turns their direction becomes a space.
pub fn one_line(text: &str) -> String {
    let is_unruly = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    text.split(|c: char| c.is_whitespace() || is_unruly(c))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests;
