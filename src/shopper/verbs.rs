//! What a shopper's frame does, over whichever transport it came.

use super::protocol::ShopperFrame;
use crate::app::{self, App};
use crate::conversations::{self, Act, OpenRequest, Said, Wish};
use crate::domain::conversation::Refusal;
use crate::domain::event::Author;
use crate::domain::id::{ClientId, ConnectionId, ConversationId, ShopperId, SiteId};
use crate::domain::site::Site;
use crate::domain::widget::Trail;
use crate::error::{Error, Result};
use crate::pace::{Key, Quota};
use crate::realtime::event::{Frame, ack, frame, nack, plain_ack};
use crate::store::append::Outcome;
use crate::store::conversations::{self as store, Opened};
use crate::store::people;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;

/// A shopper at some connection.
pub struct Caller {
    pub app: Arc<App>,
    pub site: SiteId,
    pub shopper: ShopperId,
    pub name: Box<str>,
    /// The open conversation, as far as this connection knows.
    pub open: Option<ConversationId>,
    /// The socket that gets acknowledgements among its events; without one they are answered directly.
    pub origin: Option<ConnectionId>,
    pub ip: IpAddr,
    /// There may be earlier conversations, in which a message that is sent again may be already.
    pub has_past: bool,
    /// The one conversation that may be spoken of, where the caller came by a link.
    pub only: Option<ConversationId>,
}

/// Most text kept of a cart and of fields, in bytes.
const CONTEXT_MAX: usize = 16 * 1024;

/// How long after its beginning the pages that led to a chat may still come in, one every half second.
const TRAIL_TIME: TimeDelta = TimeDelta::seconds(60);

pub fn refuse(cid: ClientId, refusal: &Refusal) -> Frame {
    nack(Some(&json!(cid)), refusal)
}

impl Caller {
    pub fn for_answers(&self) -> Answers {
        Answers { direct: self.origin.is_none() }
    }

    /// The answer to a frame about another conversation than the one a link is good for.
    pub fn strays(&self, received: &ShopperFrame) -> Option<Frame> {
        let strays = self.only.is_some() && received.conversation().is_some_and(|id| self.only != Some(id));
        strays.then(|| nack(received.cid().map(|cid| json!(cid)).as_ref(), &Refusal::Forbidden))
    }

    pub async fn site(&self) -> Result<Arc<Site>> {
        conversations::site_by_id(&self.app, self.site).await
    }

    pub fn act(&self, conversation: ConversationId, cid: Option<ClientId>) -> Act {
        Act {
            site: self.site,
            conversation,
            by: Author::Shopper(self.shopper),
            by_name: self.name.to_string(),
            cid,
            generation: None,
            origin: self.origin,
            oversees: false,
        }
    }

    /// Ten messages at once, then two a second, on every node's own count.
    pub fn pace(&self, site: &Site) -> Result<(), Refusal> {
        let quota = Quota::per_s(site.settings.limits.shopper_burst, site.settings.limits.shopper_per_s);
        self.app.paces.take(Key::Sends(self.site, self.shopper.0), quota, app::instant()).map_err(Refusal::RateLimited)
    }

    pub fn pace_letters(&self) -> Result<(), Refusal> {
        conversations::pace_letters(&self.app, self.ip)
    }

    /// The answer to a message that was stored in an earlier conversation: its acknowledgement was lost, the conversation
    /// ended, another began, and here it comes again. In the open one the log itself finds it, unless it brings a form, which is not
    /// to be taken twice.
    pub async fn sent_before(&self, request: &FirstSend) -> Result<Option<Frame>> {
        let is_form = self.is_form(request);
        let Some(open) = self.open.filter(|_| self.has_past || is_form) else { return Ok(None) };
        let draft = self.act(open, Some(request.cid)).said(&request.said);
        let except = (!is_form).then_some(open);
        let settled = store::stored_before(&self.app.db.read, (self.site, self.shopper), except, &draft).await?;
        Ok(settled.and_then(|outcome| self.answer(request.cid, outcome)))
    }

    /// Answers to the questions before a chat come with it.
    fn is_form(&self, request: &FirstSend) -> bool {
        !request.intake.is_empty() && self.only.is_none()
    }

    fn answer(&self, cid: ClientId, outcome: Outcome) -> Option<Frame> {
        self.for_answers().answer(cid, outcome)
    }

    /// The open conversation that a `send` goes to. With answers to the questions before a chat it is looked whether there is one
    /// where they are kept: an agent may have written first a moment ago.
    pub fn goes_to(&self, named: Option<ConversationId>, request: &FirstSend) -> Option<ConversationId> {
        named.or(self.open.filter(|_| !self.is_form(request)))
    }

    /// A `send` that has no open conversation yet. Gives the conversation to post to if there is one after all.
    pub async fn open(&mut self, request: FirstSend) -> Result<Step> {
        if request.reopen
            && let Some(outcome) = self.reopen_latest(request.cid, &request.said).await?
        {
            return Ok(Step::Answered(self.answer(request.cid, outcome)));
        }
        // A link begins no conversation: with a session of their own whoever came by it may.
        if self.only.is_some() {
            return Err(Error::SignIn);
        }
        let cid = request.cid;
        let shopper = people::shopper(&self.app.db.read, self.site, self.shopper).await?.ok_or(Error::SignIn)?;
        let (site, name) = (self.site().await?, conversations::called(&shopper, &request.intake));
        let request = OpenRequest {
            site: &site,
            shopper: &shopper,
            cid,
            said: request.said,
            team: request.team,
            intake: request.intake,
            origin: self.origin,
            wish: Wish::Chat { ip: self.ip },
        };
        Ok(match conversations::open(&self.app, request).await? {
            Opened::New(_, message, _) => {
                self.open = Some(message.event.conversation);
                self.name = message.event.by_name.as_str().into();
                Step::Answered(self.answer(cid, Outcome::Stored(message)))
            }
            Opened::Existing(id) => {
                (self.open, self.name) = (Some(id), name.into());
                Step::PostTo(id)
            }
            Opened::Duplicate(stored) => Step::Answered(self.answer(cid, Outcome::Duplicate(stored))),
            Opened::Refused(refusal) => Step::Answered(Some(refuse(cid, &refusal))),
        })
    }

    /// Every frame but `hello` and `send`.
    pub async fn run(&mut self, received: ShopperFrame) -> Result<Option<Frame>> {
        match received {
            ShopperFrame::Recall { cid, event, conversation } => {
                let Some(id) = self.latest(conversation).await? else {
                    return Ok(Some(refuse(cid, &Refusal::Forbidden)));
                };
                let site = self.site().await?;
                let outcome = conversations::recall(&self.app, &self.act(id, Some(cid)), &site, event, false).await?;
                Ok(self.answer(cid, outcome))
            }
            ShopperFrame::Close { cid, conversation } => {
                let site = self.site().await?;
                let outcome =
                    conversations::close(&self.app, &self.act(conversation, Some(cid)), &site, "shopper").await?;
                Ok(self.answer(cid, outcome))
            }
            ShopperFrame::Rate { cid, score, comment, conversation } => {
                let Some(id) = self.latest(conversation).await? else { return Ok(Some(refuse(cid, &Refusal::Closed))) };
                let comment = comment.unwrap_or_default();
                let outcome = conversations::rate(&self.app, &self.act(id, Some(cid)), score, &comment).await?;
                Ok(self.answer(cid, outcome))
            }
            ShopperFrame::Transcript { cid, email, conversation } => self.transcript(cid, &email, conversation).await,
            ShopperFrame::Read { conversation, upto } => self.read(conversation, upto).await,
            ShopperFrame::Typing { conversation, on, preview } => self.typing(conversation, on, preview).await,
            ShopperFrame::Context { page, cart, fields } => {
                let page = page.filter(|page| !page.opens_a_chat());
                let page = if page.is_some() && !self.may_follow().await? { None } else { page };
                self.context(json!({ "page": page, "cart": cart, "fields": fields })).await
            }
            ShopperFrame::Probe {} => self.probe().await,
            ShopperFrame::Hello { .. } | ShopperFrame::Send { .. } => {
                Ok(Some(nack(None, &crate::web::frame::UNREADABLE)))
            }
        }
    }

    /// The conversation meant: the one named if it is theirs, else the open one, else the latest.
    pub(super) async fn latest(&self, named: Option<ConversationId>) -> Result<Option<ConversationId>> {
        if let Some(id) = named {
            return Ok(self.owns(id).await?.then_some(id));
        }
        if self.only.is_some() {
            return Ok(self.only);
        }
        let latest = store::latest(&self.app.db.read, self.site, self.shopper).await?;
        Ok(latest.map(|c| c.id))
    }

    pub fn may_see(&self, conversation: ConversationId) -> bool {
        self.only.is_none_or(|only| only == conversation)
    }

    async fn owns(&self, id: ConversationId) -> Result<bool> {
        Ok(self.open == Some(id) || store::belongs_to(&self.app.db.read, self.site, id, self.shopper).await?)
    }

    async fn transcript(
        &self,
        cid: ClientId,
        email: &str,
        conversation: Option<ConversationId>,
    ) -> Result<Option<Frame>> {
        let Some(id) = self.latest(conversation).await? else { return Ok(Some(refuse(cid, &Refusal::Forbidden))) };
        if let Err(refusal) = self.pace_letters() {
            return Ok(Some(refuse(cid, &refusal)));
        }
        let asked = conversations::ask_transcript(&self.app, (self.site, id), email).await?;
        Ok(Some(match asked {
            Ok(()) => plain_ack(cid, id),
            Err(refusal) => refuse(cid, &refusal),
        }))
    }

    async fn read(&self, conversation: ConversationId, upto: i64) -> Result<Option<Frame>> {
        if !self.owns(conversation).await? {
            return Ok(Some(nack(None, &Refusal::Forbidden)));
        }
        conversations::read(&self.app, &self.act(conversation, None), Some(self.shopper), upto.max(0)).await?;
        Ok(None)
    }

    async fn typing(
        &self,
        conversation: Option<ConversationId>,
        on: bool,
        preview: Option<String>,
    ) -> Result<Option<Frame>> {
        let Some(id) = conversation.or(self.open) else { return Ok(None) };
        if !self.owns(id).await? {
            return Ok(Some(nack(None, &Refusal::Forbidden)));
        }
        // Lossy: at most four a second leave this socket, however fast it asks.
        let quota = Quota::per_s(4, 4);
        if self.app.paces.take(Key::Typing(self.shopper.0), quota, app::instant()).is_ok() {
            let may_preview = self.site().await?.settings.typing_preview;
            let preview = preview.filter(|_| may_preview).map(|text| text.chars().take(500).collect());
            conversations::typing(&self.app, &self.act(id, None), Some(self.shopper), on, preview);
        }
        Ok(None)
    }

    /// Whether the site shows agents where the shopper goes at this point. What led to a chat is told in its first moments.
    async fn may_follow(&self) -> Result<bool> {
        Ok(match self.site().await?.settings.trail {
            Trail::Off => false,
            Trail::Live => true,
            Trail::OnChat => {
                let since = store::open_since(&self.app.db.read, self.site, self.shopper).await?;
                since.is_some_and(|since| self.app.clock.now() - since < TRAIL_TIME)
            }
        })
    }

    async fn context(&self, mut context: Value) -> Result<Option<Frame>> {
        let text = context.to_string();
        if text.len() > CONTEXT_MAX || has_nul(&context) {
            return Ok(Some(nack(None, &Refusal::BadRequest("A page, cart and fields may have 16 KB together."))));
        }
        if let Some(fields) = context.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        conversations::report(&self.app, (self.site, self.shopper), &context).await?;
        Ok(None)
    }

    async fn probe(&self) -> Result<Option<Frame>> {
        let latest = store::latest(&self.app.db.read, self.site, self.shopper).await?;
        let heads: serde_json::Map<String, Value> = latest
            .filter(|c| self.may_see(c.id))
            .map(|c| (c.id.to_string(), c.shopper_seq.into()))
            .into_iter()
            .collect();
        Ok(Some(frame(&json!({ "type": "probe_ok", "heads": heads }))))
    }
}

/// PostgreSQL's JSON takes no U+0000.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// How outcomes are answered.
#[derive(Clone, Copy)]
pub struct Answers {
    /// No socket: nothing is handed over among the events.
    pub direct: bool,
}

impl Answers {
    /// The answer to an outcome; `None` where the hub hands it over in its place among the events, or where the outcome is
    /// not known and the client's resend settles it.
    pub fn answer(self, cid: ClientId, outcome: Outcome) -> Option<Frame> {
        match outcome {
            Outcome::Stored(stored) if self.direct => {
                Some(ack(Some(cid), &stored.event, stored.event.shopper_seq, false))
            }
            Outcome::Stored(_) | Outcome::Unknown => None,
            Outcome::Duplicate(stored) => Some(ack(Some(cid), &stored.event, stored.event.shopper_seq, true)),
            Outcome::Refused(refusal) => Some(refuse(cid, &refusal)),
        }
    }
}

/// A `send` as it came.
pub struct Sending {
    pub cid: ClientId,
    pub body: String,
    pub files: Vec<String>,
    pub team: Option<crate::domain::id::TeamId>,
    pub intake: conversations::Intake,
    pub reopen: bool,
}

impl Sending {
    pub fn parse(self, site: &Site) -> Result<FirstSend, Refusal> {
        let files = conversations::named_files(site, &self.files)?;
        let said = Said { body: self.body, files, ..Said::default() };
        Ok(FirstSend { cid: self.cid, said, team: self.team, intake: self.intake, reopen: self.reopen })
    }
}

/// The first `send` of a conversation.
pub struct FirstSend {
    pub cid: ClientId,
    pub said: Said,
    pub team: Option<crate::domain::id::TeamId>,
    pub intake: conversations::Intake,
    pub reopen: bool,
}

pub enum Step {
    Answered(Option<Frame>),
    /// The shopper has this conversation open: post there.
    PostTo(ConversationId),
}
