//! The letter to somebody who is invited to work here: a link to choose a password.

use super::{Content, Office};
use crate::auth;
use crate::domain::id::AgentId;
use crate::error::Result;
use crate::store::outbox::Letter;
use crate::store::{Db, invitations};
use crate::transcripts::one_line;
use crate::words::{self, Lang, filters};
use askama::Template;
use chrono::{DateTime, Utc};

#[derive(Template)]
#[template(path = "mail/invitation.subject.txt")]
struct InvitationSubject<'a> {
    it: &'a Invitation,
}

#[derive(Template)]
#[template(path = "mail/invitation.txt")]
struct InvitationText<'a> {
    it: &'a Invitation,
}

#[derive(Template)]
#[template(path = "mail/invitation.html")]
struct InvitationHtml<'a> {
    lang: &'static str,
    dir: &'static str,
    title: &'a str,
    it: &'a Invitation,
}

struct Invitation {
    by: String,
    link: String,
}

/// `None`: it was accepted, or replaced by another.
pub async fn invitation(db: &Db, office: &Office, letter: &Letter, now: DateTime<Utc>) -> Result<Option<Content>> {
    let id = letter.data["agent"].as_str().and_then(|id| id.parse::<AgentId>().ok());
    let Some(id) = id else { return Ok(None) };
    let invited = invitations::of(&db.read, id, now).await?.filter(|invited| invited.letter_id == letter.id);
    let Some(invited) = invited else { return Ok(None) };
    let lang = invited.locale.as_deref().and_then(Lang::named).unwrap_or_default();
    let code = auth::invite_code(&office.key, letter.id);
    let by = invited.by_name.map(|name| one_line(&name)).unwrap_or_else(|| "Deskbell".to_owned());
    let it = &Invitation { by, link: format!("{}/console/welcome/{code}", office.public_url) };
    let subject = words::print(lang, &InvitationSubject { it })?;
    let html = words::print(lang, &InvitationHtml { lang: lang.tag(), dir: lang.dir(), title: &subject, it })?;
    Ok(Some(Content { text: words::print(lang, &InvitationText { it })?, html, subject }))
}
