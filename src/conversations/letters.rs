//! What goes by mail: a conversation that becomes a ticket, an answer to one, a transcript.

use super::{Act, is_stored, run, tell_owner_it_left};
use crate::app::{self, App};
use crate::domain::conversation::Refusal;
use crate::domain::event::Kind;
use crate::domain::id::{ConversationId, LetterId, SiteId};
use crate::domain::message::check_body;
use crate::domain::people::parse_email;
use crate::domain::ticket::subject;
use crate::error::Result;
use crate::pace::{Key, Quota};
use crate::store::append::Outcome;
use crate::store::conversations::{self as store, Effect};
use crate::web::address::place;
use std::net::IpAddr;
use std::time::Duration;

/// Turns a conversation into a ticket with an answer by mail.
pub async fn make_ticket(app: &App, act: &Act, email: &str, name: &str) -> Result<Outcome> {
    let Some(email) = parse_email(email) else {
        return Ok(Outcome::Refused(Refusal::BadRequest("A ticket needs an e-mail address to answer to.")));
    };
    let summary = store::summary(&app.db.read, act.conversation).await?.filter(|s| s.site_id == act.site);
    let Some(summary) = summary else { return Ok(Outcome::Refused(Refusal::Forbidden)) };
    let first = store::first_message(&app.db.read, act.site, act.conversation).await?;
    let subject = first.as_deref().map(subject).unwrap_or_default();
    let effect = Effect::Ticket { subject, email, name: name.to_owned(), letter: LetterId(app::new_id()) };
    let moved = run(app, act, act.draft(Kind::Ticketed, None, None), effect).await?;
    if is_stored(&moved) {
        tell_owner_it_left(app, &summary);
        app.wake_mail();
        app.wake_queue();
    }
    Ok(moved)
}

/// Answers a ticket by mail.
pub async fn reply_to_ticket(app: &App, act: &Act, body: String) -> Result<Outcome> {
    if let Err(refusal) = check_body(&body) {
        return Ok(Outcome::Refused(refusal));
    }
    let draft = act.draft(Kind::Message, Some(body), None);
    let moved = run(app, act, draft, Effect::TicketReply { letter: LetterId(app::new_id()) }).await?;
    app.wake_mail();
    Ok(moved)
}

/// What shoppers may cause to be mailed from one address of the network.
const LETTERS: Quota = Quota::every(10, Duration::from_mins(10));

pub fn pace_letters(app: &App, ip: IpAddr) -> Result<(), Refusal> {
    app.paces.take(Key::LettersFrom(place(ip)), LETTERS, app::instant()).map_err(Refusal::RateLimited)
}

/// Asks for the transcript by mail. To an address that nobody vouches for it goes rarely, and a shopper names few of them:
/// whoever would mail strangers through the shop gets nowhere.
pub async fn ask_transcript(
    app: &App,
    (site, conversation): (SiteId, ConversationId),
    email: &str,
) -> Result<Result<(), Refusal>> {
    let Some(email) = parse_email(email) else { return Ok(Err(Refusal::BadRequest("This is not an e-mail address."))) };
    let quota = Quota::per_s(3, 1);
    let key = Key::Letters(crate::auth::short_key(&email.to_lowercase()));
    if let Err(retry) = app.paces.take(key, quota, app::instant()) {
        return Ok(Err(Refusal::RateLimited(retry)));
    }
    let asked =
        store::ask_transcript(&app.db, (site, conversation), LetterId(app::new_id()), &email, app.clock.now()).await?;
    app.wake_mail();
    Ok(asked)
}
