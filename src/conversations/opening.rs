//! Opening a conversation with its first message.

use super::{Act, Said, pace_letters, publish};
use crate::app::{self, App};
use crate::domain::conversation::{Refusal, State};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{ClientId, ConnectionId, ConversationId, LetterId, TeamId};
use crate::domain::people::{Shopper, parse_email, tidy_name};
use crate::domain::route::{Facts, Route, apply};
use crate::domain::site::Site;
use crate::domain::ticket::subject;
use crate::error::Result;
use crate::presence::shop::is_line_full;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::conversations::{Opened, Opening, Ticketing, open as store_open};
use crate::store::people;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

/// Answers to the site's questions before the chat.
pub type Intake = Map<String, Value>;

pub struct OpenRequest<'a> {
    pub site: &'a Site,
    pub shopper: &'a Shopper,
    pub cid: ClientId,
    pub said: Said,
    pub team: Option<TeamId>,
    pub intake: Intake,
    pub origin: Option<ConnectionId>,
    pub wish: Wish,
}

pub enum Wish {
    /// From this address of the network.
    Chat { ip: IpAddr },
    /// Not a chat: a ticket that is answered to this address and name.
    Ticket { email: String, name: String },
}

/// Longest answer kept of one field, in characters, and most fields.
const FIELD_MAX: usize = 500;
const FIELDS_MAX: usize = 30;

/// Opens a conversation and puts it in the queue, or makes a ticket of it. Where the shopper has one open, the answer names it.
pub async fn open(app: &App, request: OpenRequest<'_>) -> Result<Opened> {
    let refused = request.said.check().and_then(|()| check_intake(&request));
    if let Err(refusal) = refused {
        return Ok(Opened::Refused(refusal));
    }
    let (origin, has_answers) = (request.origin, !request.intake.is_empty());
    let route = route(app, &request).await?;
    let end_of_line = end_of_line(app, &request).await?;
    let opened = store_open(&app.db, opening(app, request, route, end_of_line)).await?;
    if let Opened::New(first, message, ticketed) = &opened {
        publish(&app.hub, first, None);
        publish(&app.hub, message, origin);
        if let Some(ticketed) = ticketed {
            publish(&app.hub, ticketed, None);
            app.wake_mail();
        } else {
            app.wake_queue();
        }
    }
    if let Opened::Existing(id) = &opened
        && has_answers
    {
        app.hub.tell(Topic::Conversation(*id), &Item::Reported(*id));
    }
    Ok(opened)
}

/// What somebody is called who answered this before the chat. A verified one's name never changes this way.
pub fn called(shopper: &Shopper, intake: &Intake) -> String {
    let said = intake.get("name").and_then(Value::as_str).map(tidy_name).filter(|name| !name.is_empty());
    said.filter(|_| !shopper.verified).unwrap_or_else(|| shopper.name.clone())
}

/// Where the site's rules send it, and what they looked at of what the browser reported.
async fn route(app: &App, request: &OpenRequest<'_>) -> Result<(Route, Value)> {
    let shopper = request.shopper;
    let (context, attributes) = people::context(&app.db.read, shopper.site_id, shopper.id).await?;
    let facts = Facts {
        locale: &shopper.locale,
        context: &context,
        attributes: &attributes,
        answers: &request.intake,
        is_verified: shopper.verified,
    };
    Ok((apply(&request.site.settings.routing.rules, &facts), facts.to_keep()))
}

/// Where the line is full: the address that is answered by mail, at once. Without one the shopper waits, because nobody who
/// writes is turned away.
async fn end_of_line(app: &App, request: &OpenRequest<'_>) -> Result<Option<String>> {
    let Wish::Chat { ip } = request.wish else { return Ok(None) };
    let said = request.intake.get("email").and_then(Value::as_str).and_then(parse_email);
    let known = request.shopper.email.clone();
    let email = if request.shopper.verified { known.or(said) } else { said.or(known) };
    let Some(email) = email else { return Ok(None) };
    let goes_by_mail = is_line_full(app, request.site).await? && pace_letters(app, ip).is_ok();
    Ok(goes_by_mail.then_some(email))
}

fn opening(app: &App, request: OpenRequest<'_>, (route, seen): (Route, Value), end_of_line: Option<String>) -> Opening {
    let shopper = request.shopper;
    let field = |name: &str| request.intake.get(name).and_then(Value::as_str);
    let name = field("name").map(tidy_name).filter(|name| !name.is_empty());
    let email = field("email").and_then(parse_email);
    let act = Act {
        site: request.site.id,
        conversation: ConversationId(app::new_id()),
        by: Author::Shopper(shopper.id),
        by_name: called(shopper, &request.intake),
        cid: Some(request.cid),
        generation: None,
        origin: request.origin,
        oversees: false,
    };
    let mut opened =
        act.draft(Kind::Opened, None, Some(json!({ "intake": request.intake, "team": request.team, "_seen": seen })));
    opened.cid = None;
    let is_chat = matches!(request.wish, Wish::Chat { .. });
    let answers = (is_chat && !request.intake.is_empty()).then(|| json!(request.intake));
    let ticket_for = match request.wish {
        Wish::Ticket { email, name } => Some((email, name)),
        Wish::Chat { .. } => end_of_line.map(|email| (email, act.by_name.clone())),
    };
    let ticket = ticket_for.map(|(email, name)| ticketing(&act, &request.said, email, name));
    Opening {
        site: act.site,
        shopper: shopper.id,
        conversation: act.conversation,
        team: request.team,
        route,
        locale: shopper.locale.clone(),
        state: State::Waiting,
        opened,
        message: act.said(&request.said),
        at: app.clock.now(),
        name,
        email,
        answers,
        ticket,
    }
}

/// What makes a ticket of a conversation that begins, or begins again, with this.
pub(super) fn ticketing(act: &Act, said: &Said, email: String, name: String) -> Ticketing {
    Ticketing {
        draft: Draft { cid: None, ..act.draft(Kind::Ticketed, None, None) },
        subject: subject(&said.body),
        email,
        name,
        letter: LetterId(app::new_id()),
    }
}

/// What a shop asks before a chat is checked where it is given, not where it is required: an outside client that answers
/// nothing is served too, because nobody who writes is turned away.
fn check_intake(request: &OpenRequest<'_>) -> Result<(), Refusal> {
    let OpenRequest { site, shopper, intake, .. } = request;
    let is_small = intake.len() <= FIELDS_MAX
        && intake.iter().all(|(name, value)| {
            name.len() <= 100
                && value.as_str().is_some_and(|text| text.chars().count() <= FIELD_MAX && !text.contains('\0'))
        })
        && !intake.keys().any(|name| name.contains('\0'));
    if !is_small {
        return Err(Refusal::BadRequest("Each field needs a short text."));
    }
    let email = intake.get("email").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    if email.is_some_and(|text| parse_email(text).is_none()) {
        return Err(Refusal::BadRequest("The e-mail address does not look right."));
    }
    // The form for a ticket has questions of its own.
    let asks = !shopper.verified && !intake.is_empty() && matches!(request.wish, Wish::Chat { .. });
    let missing = site.settings.intake.iter().any(|field| {
        asks && field.required
            && intake.get(&field.name).and_then(Value::as_str).is_none_or(|text| text.trim().is_empty())
    });
    if missing { Err(Refusal::BadRequest("A required field is empty.")) } else { Ok(()) }
}
