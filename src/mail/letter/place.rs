//! The letter that calls back who keeps a place in line: one link, and nothing that anybody wrote.

use super::{Content, Office, print};
use crate::auth;
use crate::domain::conversation::State;
use crate::domain::tongues::Tongue;
use crate::error::Result;
use crate::mail::words::{self, Words};
use crate::store::conversations::Summary;
use crate::store::outbox::Letter;
use crate::store::{Db, sites};
use crate::transcripts::one_line;
use askama::Template;

#[derive(Template)]
#[template(path = "mail/place.subject.txt")]
struct PlaceSubject<'a> {
    it: &'a Place,
}

#[derive(Template)]
#[template(path = "mail/place.txt")]
struct PlaceText<'a> {
    it: &'a Place,
}

#[derive(Template)]
#[template(path = "mail/place.html")]
struct PlaceHtml<'a> {
    lang: &'static str,
    dir: &'static str,
    title: &'a str,
    it: &'a Place,
}

pub struct Place {
    pub words: &'static Tongue<Words>,
    pub site: String,
    pub wait: String,
    pub link: String,
}

impl Place {
    pub fn content(&self) -> Content {
        let subject = print(&PlaceSubject { it: self });
        let html = print(&PlaceHtml { lang: self.words.lang, dir: self.words.dir, title: &subject, it: self });
        Content { text: print(&PlaceText { it: self }), html, subject }
    }
}

/// `None`: there is no line to come back to any more.
pub async fn place(db: &Db, office: &Office, letter: &Letter, about: &Summary) -> Result<Option<Content>> {
    if !matches!(about.state, State::Waiting | State::Active) {
        return Ok(None);
    }
    let Some(site) = sites::by_id(&db.read, about.site_id).await? else { return Ok(None) };
    let words = words::of(&about.locale);
    let name = one_line(&about.site_name);
    let code = auth::place_code(&office.key, letter.id);
    let link = format!("{}/w/{}/place/{code}", office.public_url, site.public_key);
    Ok(Some(Place { words, wait: words.turn_wait.replace("{}", &name), site: name, link }.content()))
}
