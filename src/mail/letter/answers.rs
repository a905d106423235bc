//! The letter with answers that a shopper who has left did not read: what agents wrote, and a link to go on. Nothing that a
//! visitor wrote is in it.

use super::{Content, Office, print};
use crate::auth;
use crate::domain::conversation::State;
use crate::domain::tongues::Tongue;
use crate::error::Result;
use crate::mail::words::{self, Words};
use crate::store::conversations::Summary;
use crate::store::outbox::Letter;
use crate::store::{Db, events, sites};
use crate::transcripts::one_line;
use askama::Template;

/// Most messages of one letter: the newest.
const MOST: i64 = 20;

#[derive(Template)]
#[template(path = "mail/answers.subject.txt")]
struct AnswersSubject<'a> {
    it: &'a Answers,
}

#[derive(Template)]
#[template(path = "mail/answers.txt")]
struct AnswersText<'a> {
    it: &'a Answers,
}

#[derive(Template)]
#[template(path = "mail/answers.html")]
struct AnswersHtml<'a> {
    lang: &'static str,
    dir: &'static str,
    title: &'a str,
    it: &'a Answers,
}

struct Answers {
    words: &'static Tongue<Words>,
    subject: String,
    intro: String,
    /// Who wrote, and what.
    said: Vec<(String, String)>,
    /// Where to go on; empty: the shop has no address.
    link: String,
    is_open: bool,
}

impl Answers {
    fn content(&self) -> Content {
        let subject = print(&AnswersSubject { it: self });
        let html = print(&AnswersHtml { lang: self.words.lang, dir: self.words.dir, title: &subject, it: self });
        Content { text: print(&AnswersText { it: self }), html, subject }
    }
}

/// `None`: all was read or taken back meanwhile, or goes on by mail anyway.
pub async fn answers(db: &Db, office: &Office, letter: &Letter, about: &Summary) -> Result<Option<Content>> {
    if about.state == State::Ticketed {
        return Ok(None);
    }
    let unread = events::unread(&db.read, (about.site_id, about.id), MOST).await?;
    let Some(site) = sites::by_id(&db.read, about.site_id).await?.filter(|_| !unread.is_empty()) else {
        return Ok(None);
    };
    let words = words::of(&about.locale);
    let name = one_line(&about.site_name);
    let is_open = about.state != State::Closed;
    let link = if is_open {
        let code = auth::place_code(&office.key, letter.id);
        format!("{}/w/{}/place/{code}", office.public_url, site.public_key)
    } else {
        site.origins.first().cloned().unwrap_or_default()
    };
    let said = unread.into_iter().filter_map(|event| {
        let by = one_line(&event.by_name);
        Some((if by.is_empty() { words.agent.to_owned() } else { by }, event.body?))
    });
    let answers = Answers {
        words,
        subject: words.answered.replace("{}", &name),
        intro: words.answered_away.replace("{}", &name),
        said: said.collect(),
        link,
        is_open,
    };
    Ok(Some(answers.content()))
}
