//! The letter to an agent: how many chats and notes wait that they have not seen, and where. What was written stands in it
//! only for whoever lets notifications show it.

use super::{Content, Office};
use crate::domain::alert::What;
use crate::domain::id::AgentId;
use crate::domain::people::Status;
use crate::error::Result;
use crate::store::outbox::Letter;
use crate::store::{Db, alerts, people};
use crate::transcripts::one_line;
use crate::words::{self, Key, Lang, filters};
use askama::Template;
use chrono::{DateTime, Utc};

/// Most that are named; the number says how many there are.
const MOST: usize = 10;
/// Longest excerpt, in characters.
const TEXT_MAX: usize = 160;

#[derive(Template)]
#[template(path = "mail/unseen.subject.txt")]
struct UnseenSubject<'a> {
    it: &'a Unseen,
}

#[derive(Template)]
#[template(path = "mail/unseen.txt")]
struct UnseenText<'a> {
    it: &'a Unseen,
}

#[derive(Template)]
#[template(path = "mail/unseen.html")]
struct UnseenHtml<'a> {
    lang: &'static str,
    dir: &'static str,
    title: &'a str,
    it: &'a Unseen,
}

struct Unseen {
    /// How many wait.
    chats: usize,
    notes: usize,
    lines: Vec<Line>,
    /// Where to see all of it.
    link: String,
    settings: String,
}

/// One that waits.
struct Line {
    kind: Key,
    /// Whose chat, or who wrote in a room; empty: it is not shown.
    name: String,
    text: String,
    link: String,
}

/// `None`: everything was seen meanwhile, or nobody is to be told.
pub async fn unseen(db: &Db, office: &Office, letter: &Letter, now: DateTime<Utc>) -> Result<Option<Content>> {
    let id = letter.data["agent"].as_str().and_then(|id| id.parse::<AgentId>().ok());
    let Some(id) = id else { return Ok(None) };
    let Some(agent) = people::agent(&db.read, id).await? else { return Ok(None) };
    let hears_notes = matches!(agent.status(), Status::Available | Status::Busy);
    let mut waiting = alerts::unseen(&db.read, id, now).await?;
    waiting.retain(|one| one.what == What::Message || hears_notes);
    if waiting.is_empty() || agent.prefs.mail_after_min == 0 {
        return Ok(None);
    }
    let lang = Lang::of(&agent);
    let lines = waiting.iter().take(MOST).map(|one| {
        let is_shown = !agent.prefs.is_discreet;
        let name = if one.name.is_empty() { lang.say("visitor") } else { one_line(&one.name) };
        Line {
            kind: Key(match one.what {
                _ if one.is_room => "alert-mail-room",
                What::Mention => "alert-mail-note",
                What::Message | What::Offer => "alert-mail-chat",
            }),
            name: if is_shown { name } else { String::new() },
            text: if is_shown { one_line(&one.text).chars().take(TEXT_MAX).collect() } else { String::new() },
            link: format!("{}/console/c/{}", office.public_url, one.conversation_id),
        }
    });
    let it = Unseen {
        lines: lines.collect(),
        notes: waiting.iter().filter(|one| one.what == What::Mention).count(),
        chats: waiting.iter().filter(|one| one.what == What::Message).count(),
        link: format!("{}/console/inbox/mine", office.public_url),
        settings: format!("{}/console/me", office.public_url),
    };
    Ok(Some(it.content(lang)?))
}

impl Unseen {
    fn content(&self, lang: Lang) -> Result<Content> {
        let subject = words::print(lang, &UnseenSubject { it: self })?;
        let html = words::print(lang, &UnseenHtml { lang: lang.tag(), dir: lang.dir(), title: &subject, it: self })?;
        Ok(Content { text: words::print(lang, &UnseenText { it: self })?, html, subject })
    }
}
