//! Composing: from a row of the outbox and what the database says now to a message that may be handed over.
//!
//! Promises: one recipient, headers without anything a person could have smuggled in, only CR LF at line ends, no text
//! written by a visitor to an address that is not proven to be theirs except the transcript they asked for; to the staff what
//! they may read in the console, unless they want none of it shown.

mod answers;
mod invitation;
mod place;
mod unseen;

use super::words::{self, Words};
use crate::config::{Config, SecretKey};
use crate::domain::event::Event;
use crate::domain::id::{ConversationId, EventId, LetterId};
use crate::domain::tongues::Tongue;
use crate::error::{Error, Result};
use crate::store::conversations::{Summary, first_message, summary};
use crate::store::outbox::{Letter, LetterKind, thread};
use crate::store::{Db, events};
use crate::transcripts::{self, Transcript, one_line};
use anyhow::{Context, anyhow};
use askama::Template;
use chrono::{DateTime, Utc};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};
use serde_json::Value;

/// Who letters to the staff come from.
const OURSELVES: &str = "Deskbell";
/// Above this many bytes of text relays refuse a letter anyway.
const LARGEST: usize = 8 * 1024 * 1024;

/// Who letters come from.
pub struct Office {
    from: Address,
    /// The right-hand side of Message-IDs.
    host: String,
    /// Where links lead, and what their codes are made from.
    public_url: String,
    key: SecretKey,
}

pub enum Composed {
    Ready(Box<Message>),
    /// What it was to tell has been read or taken back: nobody misses it.
    Needless,
    /// There is nothing to send, and never will be: why.
    Pointless(&'static str),
}

/// What a letter says, before it is a message.
struct Content {
    subject: String,
    text: String,
    html: String,
}

impl Office {
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        let from =
            address(&config.mail_from).ok_or_else(|| anyhow!("MAIL_FROM is not an address that mail can come from"))?;
        let url = url::Url::parse(&config.public_url).context("PUBLIC_URL is not an address")?;
        let host = url.host_str().unwrap_or("localhost").to_owned();
        Ok(Self { from, host, public_url: config.public_url.clone(), key: config.secret_key.clone() })
    }

    fn message_id(&self, letter: LetterId) -> String {
        format!("<{letter}@{}>", self.host)
    }
}

/// Composes a letter from what the database says now: what was taken back since it was written is not in it.
pub async fn compose(db: &Db, office: &Office, letter: &Letter, now: DateTime<Utc>) -> Result<Composed> {
    let Some(to) = address(&letter.recipient) else {
        return Ok(Composed::Pointless("this is not an address that mail can go to"));
    };
    if matches!(letter.kind, LetterKind::Unseen | LetterKind::Invitation) {
        let content = match letter.kind {
            LetterKind::Unseen => unseen::unseen(db, office, letter, now).await?,
            _ => invitation::invitation(db, office, letter, now).await?,
        };
        let Some(content) = content else { return Ok(Composed::Needless) };
        let draft = Draft { letter, to, site: OURSELVES, content, thread: Vec::new(), now };
        return Ok(Composed::Ready(Box::new(draft.message(office).map_err(Error::bug)?)));
    }
    let Some(conversation) = letter.conversation_id else { return Ok(Composed::Pointless("the conversation is gone")) };
    let Some(about) = summary(&db.read, conversation).await? else {
        return Ok(Composed::Pointless("the conversation is gone"));
    };
    let (content, thread) = match letter.kind {
        LetterKind::Transcript => (transcript(db, conversation).await?, Vec::new()),
        LetterKind::TicketOpened => (Some(ticket_opened(db, letter, &about).await?), Vec::new()),
        LetterKind::Place => (place::place(db, office, letter, &about).await?, Vec::new()),
        LetterKind::Answers => (answers::answers(db, office, letter, &about).await?, Vec::new()),
        LetterKind::TicketReply => (ticket_reply(db, letter, &about).await?, thread(&db.read, letter).await?),
        LetterKind::Unseen | LetterKind::Invitation => (None, Vec::new()),
    };
    let Some(content) = content else {
        return Ok(match letter.kind {
            LetterKind::Answers => Composed::Needless,
            LetterKind::Place => Composed::Pointless("the conversation has ended"),
            _ => Composed::Pointless("the message was taken back before it was sent"),
        });
    };
    if content.text.len() + content.html.len() > LARGEST {
        return Ok(Composed::Pointless("the conversation is too long for a letter"));
    }
    let draft = Draft { letter, to, site: &about.site_name, content, thread, now };
    Ok(Composed::Ready(Box::new(draft.message(office).map_err(Error::bug)?)))
}

async fn transcript(db: &Db, conversation: ConversationId) -> Result<Option<Content>> {
    let Some(transcript) = transcripts::load(db, conversation).await? else { return Ok(None) };
    Ok(Some(transcript_content(&transcript)))
}

#[derive(Template)]
#[template(path = "mail/transcript.subject.txt")]
struct TranscriptSubject {
    title: String,
}

#[derive(Template)]
#[template(path = "mail/transcript.txt")]
struct TranscriptText<'a> {
    intro: &'a str,
    transcript: String,
    outro: &'a str,
}

fn transcript_content(transcript: &Transcript) -> Content {
    let words = words::of(&transcript.locale);
    let site = one_line(&transcript.site);
    let title = transcripts::words::of(&transcript.locale).title.replace("{}", &site);
    let intro = words.copy.replace("{}", &site);
    Content {
        subject: print(&TranscriptSubject { title }),
        text: print(&TranscriptText { intro: &intro, transcript: transcript.text(), outro: words.copy_asked_for }),
        html: transcript.letter_html(&intro, words.copy_asked_for),
    }
}

#[derive(Template)]
#[template(path = "mail/ticket_opened.subject.txt")]
struct OpenedSubject<'a> {
    it: &'a Opened,
}

#[derive(Template)]
#[template(path = "mail/ticket_opened.txt")]
struct OpenedText<'a> {
    it: &'a Opened,
}

#[derive(Template)]
#[template(path = "mail/ticket_opened.html")]
struct OpenedHtml<'a> {
    lang: &'static str,
    dir: &'static str,
    title: &'a str,
    it: &'a Opened,
}

struct Opened {
    words: &'static Tongue<Words>,
    number: i64,
    site: String,
    next: String,
    /// What the shopper wrote; only to an address that the shop vouches for.
    quote: Option<String>,
}

impl Opened {
    fn content(&self) -> Content {
        let subject = print(&OpenedSubject { it: self });
        let html = print(&OpenedHtml { lang: self.words.lang, dir: self.words.dir, title: &subject, it: self });
        Content { text: print(&OpenedText { it: self }), html, subject }
    }
}

async fn ticket_opened(db: &Db, letter: &Letter, about: &Summary) -> Result<Content> {
    let is_proven = about.shopper_verified
        && about.shopper_email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(&letter.recipient));
    let quote = if is_proven { first_message(&db.read, about.site_id, about.id).await? } else { None };
    let words = words::of(&about.locale);
    let site = one_line(&about.site_name);
    let opened = Opened { words, number: number(letter, about), next: words.next.replace("{}", &site), site, quote };
    Ok(opened.content())
}

#[derive(Template)]
#[template(path = "mail/ticket_reply.subject.txt")]
struct ReplySubject<'a> {
    it: &'a Reply,
}

#[derive(Template)]
#[template(path = "mail/ticket_reply.txt")]
struct ReplyText<'a> {
    it: &'a Reply,
}

#[derive(Template)]
#[template(path = "mail/ticket_reply.html")]
struct ReplyHtml<'a> {
    lang: &'static str,
    dir: &'static str,
    title: &'a str,
    it: &'a Reply,
}

struct Reply {
    words: &'static Tongue<Words>,
    number: i64,
    site: String,
    agent: String,
    body: String,
}

impl Reply {
    fn content(&self) -> Content {
        let subject = print(&ReplySubject { it: self });
        let html = print(&ReplyHtml { lang: self.words.lang, dir: self.words.dir, title: &subject, it: self });
        Content { text: print(&ReplyText { it: self }), html, subject }
    }
}

/// `None`: the answer was taken back.
async fn ticket_reply(db: &Db, letter: &Letter, about: &Summary) -> Result<Option<Content>> {
    let Some(event) = replied_with(db, letter, about).await? else { return Ok(None) };
    let Some(body) = event.body else { return Ok(None) };
    let words = words::of(&about.locale);
    let name = one_line(&event.by_name);
    let agent = if name.is_empty() { words.agent.to_owned() } else { name };
    let reply = Reply { words, number: number(letter, about), site: one_line(&about.site_name), agent, body };
    Ok(Some(reply.content()))
}

async fn replied_with(db: &Db, letter: &Letter, about: &Summary) -> Result<Option<Event>> {
    let id = letter.data["event"].as_str().and_then(|id| id.parse::<EventId>().ok());
    let Some(id) = id else { return Ok(None) };
    let mut connection = db.read.acquire().await?;
    Ok(events::get(&mut connection, about.site_id, about.id, id).await?)
}

fn number(letter: &Letter, about: &Summary) -> i64 {
    letter.data.get("number").and_then(Value::as_i64).or(about.ticket_number).unwrap_or_default()
}

fn print(template: &impl Template) -> String {
    template.render().expect("text can always be written to memory")
}

struct Draft<'a> {
    letter: &'a Letter,
    to: Address,
    site: &'a str,
    content: Content,
    /// Earlier letters of the same ticket, oldest first.
    thread: Vec<LetterId>,
    now: DateTime<Utc>,
}

impl Draft<'_> {
    fn message(self, office: &Office) -> anyhow::Result<Message> {
        let name = one_line(self.site);
        let mut message = Message::builder()
            .message_id(Some(office.message_id(self.letter.id)))
            .date(self.now.into())
            .from(Mailbox::new(Some(name), office.from.clone()))
            .to(Mailbox::new(None, self.to))
            .subject(one_line(&self.content.subject));
        if self.letter.kind != LetterKind::TicketReply {
            message = message.raw_header(plain_header("Auto-Submitted", "auto-generated")?);
            message = message.raw_header(plain_header("X-Auto-Response-Suppress", "All")?);
        }
        if let Some(latest) = self.thread.last() {
            let ids: Vec<_> = self.thread.iter().map(|id| office.message_id(*id)).collect();
            message = message.in_reply_to(office.message_id(*latest)).references(ids.join(" "));
        }
        let body = MultiPart::alternative_plain_html(crlf(&self.content.text), crlf(&self.content.html));
        message.multipart(body).context("the letter cannot be put together")
    }
}

fn plain_header(name: &str, value: &str) -> anyhow::Result<HeaderValue> {
    let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|_| anyhow!("{name} is not a header's name"))?;
    Ok(HeaderValue::new(name, value.to_owned()))
}

/// One mailbox, its domain as the name system spells it, so that relays without SMTPUTF8 take it.
fn address(raw: &str) -> Option<Address> {
    let (local, domain) = raw.rsplit_once('@')?;
    let url::Host::Domain(domain) = url::Host::parse(domain).ok()? else { return None };
    Address::new(local, domain).ok()
}

/// Every line end as CR LF. A lone CR or LF would let a text end the message early on relays that read it as a line end.
fn crlf(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push_str("\r\n");
            }
            '\n' => out.push_str("\r\n"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
