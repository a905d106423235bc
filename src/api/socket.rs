//! The agent's WebSocket for programs.

mod following;

use super::protocol::AgentFrame;
use super::verbs::{Caller, Seen, answer, refuse};
use crate::admission::Place;
use crate::app::{self, App};
use crate::auth::session as auth;
use crate::auth::shopper::redeem_ticket;
use crate::conversations::{self, Said};
use crate::domain::conversation::Refusal;
use crate::domain::event::Author;
use crate::domain::id::{ClientId, ConnectionId, ConversationId, SessionId};
use crate::domain::message::{BODY_MAX, FRAME_MAX};
use crate::error::{Error, Result};
use crate::presence;
use crate::realtime::event::{Frame, Item, Signal, frame, nack};
use crate::realtime::hub::{Listening, Topic};
use crate::realtime::mailbox::Mailbox;
use crate::replay::{self, CURSORS_MAX, Cursor, Reader, Replays};
use crate::store::conversations::{self as store, Summary};
use crate::store::events::Audience;
use crate::store::sessions::{self, Principal};
use crate::store::{in_time, patiently, people};
use crate::web::frame::parse;
use crate::web::socket::{self as ws, Closing, Flow, Life, Peer, code};
use crate::web::{address, origin};
use axum::extract::ws::{Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde_json::json;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Shoppers are told at most this often that what they wrote has come.
const RECEIPTS: Duration = Duration::from_millis(250);
/// Events replayed when a conversation is assigned or watched.
const TAIL: i64 = 50;

pub async fn upgrade(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response> {
    if uri.query().is_some() {
        return Err(Error::BadRequest("Secrets do not belong into an address: send the ticket in the hello frame."));
    }
    // A program states no origin; a page that does must be our own.
    if headers.contains_key(axum::http::header::ORIGIN) {
        origin::check_own(&app, &headers)?;
    }
    let ip = address::client(peer.ip(), &headers, &app.config.trusted_proxies);
    let place = app.doorstep.enter(ip).await.ok_or(Error::TooFast { retry: Duration::from_secs(5) })?;
    let tasks = app.tasks.clone();
    Ok(ws::limits(upgrade).on_upgrade(move |socket| tasks.track_future(live(app, socket, place))))
}

async fn live(app: Arc<App>, mut socket: WebSocket, place: Place) {
    let greeted = Box::pin(greet(&app, &mut socket)).await;
    drop(place);
    match greeted {
        Ok((mailbox, mut session)) => {
            metrics::gauge!("deskbell_sockets", "who" => "agent").increment(1.0);
            let closing = ws::drive(&app, &mut socket, &mailbox, &mut session, Life::AGENT).await;
            metrics::gauge!("deskbell_sockets", "who" => "agent").decrement(1.0);
            Box::pin(async { tokio::join!(ws::close(socket, closing), session.leave()) }).await;
        }
        Err(closing) => Box::pin(ws::close(socket, closing)).await,
    }
}

async fn greet(app: &Arc<App>, socket: &mut WebSocket) -> Result<(Arc<Mailbox>, Session), Closing> {
    let said = |text: &str| match parse(text) {
        Ok(AgentFrame::Hello { ticket, resume }) => Some((ticket, resume)),
        _ => None,
    };
    let (ticket, resume) = ws::hello(socket, said).await?;
    let overload = |_| ws::OVERLOADED;
    let inside = app.gate.greet().await.ok_or(ws::OVERLOADED)?;
    let Some(Principal::Agent(who)) = in_time(redeem_ticket(app, &ticket)).await.map_err(overload)? else {
        return Err(Closing::new(code::AUTHENTICATION, "ticket unknown, used or expired"));
    };
    let signed_in = in_time(auth::load(app, who.agent, who.session)).await.map_err(|error| match error {
        Error::SignIn => Closing::new(code::AUTHENTICATION, "signed out"),
        _ => ws::OVERLOADED,
    })?;
    let mailbox = Arc::new(Mailbox::new(ConnectionId(app::new_id())));
    let mut out = Vec::new();
    let session = patiently(Session::begin(app, &mailbox, signed_in, resume, &mut out)).await.map_err(overload)?;
    drop(inside);
    ws::send_first(socket, out).await?;
    Ok((mailbox, session))
}

/// A conversation this socket follows.
struct Followed {
    seen: Seen,
    cursor: i64,
    /// Asked for by `watch`, so that losing the assignment does not end it.
    watched: bool,
    _listening: Listening,
}

struct Session {
    caller: Caller,
    signed_in: SessionId,
    mailbox: Arc<Mailbox>,
    followed: HashMap<ConversationId, Followed>,
    /// The chats this agent was told they have, and under which assignment.
    given: HashMap<ConversationId, i32>,
    /// What rings at them, as they were told, and until when.
    rung: HashMap<ConversationId, DateTime<Utc>>,
    reader: Reader,
    /// The shoppers will be told soon that what they wrote has come.
    is_receipt_due: Arc<AtomicBool>,
    listening: Vec<Listening>,
}

struct Sending {
    cid: ClientId,
    conversation: ConversationId,
    body: String,
    files: Vec<String>,
    replies: Vec<String>,
    note: bool,
    generation: Option<i32>,
}

impl Session {
    async fn begin(
        app: &Arc<App>,
        mailbox: &Arc<Mailbox>,
        who: auth::SignedIn,
        resume: Vec<Cursor>,
        out: &mut Vec<Frame>,
    ) -> Result<Self> {
        let topics = [Topic::Agent(who.agent.id), Topic::Session(who.session)];
        let mut listening: Vec<_> = topics.map(|topic| app.hub.listen(topic, mailbox)).into();
        for topic in &mut listening {
            topic.heard().await;
        }
        presence::renew(app, who.agent.id, mailbox.connection).await?;
        let caller = Caller { app: Arc::clone(app), agent: who.agent, origin: mailbox.connection };
        let mut session = Self {
            caller,
            signed_in: who.session,
            mailbox: Arc::clone(mailbox),
            followed: HashMap::new(),
            given: HashMap::new(),
            rung: HashMap::new(),
            reader: Reader::new(Audience::Staff, mailbox.connection),
            is_receipt_due: Arc::default(),
            listening,
        };
        let active = store::active_of(&app.db.read, session.caller.agent.id).await?;
        out.push(session.welcome(&active));
        for chat in &active {
            let seen = Seen { site: chat.site_id, shopper: chat.shopper_id, head: chat.last_seq };
            let listening = session.listen(chat.id).await;
            session.follow(chat.id, seen, seen.head, listening);
            session.given.insert(chat.id, chat.generation);
        }
        let (resume, mut replays) = (replay::each_once(resume), Replays::new(app, Audience::Staff));
        for cursor in resume.iter().take(CURSORS_MAX) {
            session.resume(cursor, &mut replays, out).await?;
        }
        out.extend(replay::too_many(&resume));
        session.tell_ringing(out).await?;
        session.give_receipt();
        Ok(session)
    }

    fn welcome(&self, active: &[Summary]) -> Frame {
        let (app, agent) = (&self.caller.app, &self.caller.agent);
        let conversations: Vec<_> = active
            .iter()
            .map(|c| json!({ "id": c.id, "state": c.state, "gen": c.generation, "epoch": app.epoch, "head": c.last_seq }))
            .collect();
        frame(&json!({
            "type": "welcome",
            "connection": self.mailbox.connection,
            "now": app.clock.now(),
            "heartbeat_s": Life::AGENT.ping_every.as_secs(),
            "limits": { "body_chars": BODY_MAX, "frame_bytes": FRAME_MAX },
            "me": { "id": agent.id, "name": agent.name, "email": agent.email, "role": agent.role, "capacity": agent.capacity },
            "available": agent.available,
            "status": agent.status(),
            "conversations": conversations,
        }))
    }

    /// Without waiting: the acknowledgement comes back through the mailbox, in its place among the events.
    async fn send(&mut self, sending: Sending, out: &mut Vec<Frame>) -> Result<()> {
        let cid = sending.cid;
        let Some(seen) = self.seen(sending.conversation).await? else {
            out.push(refuse(cid, &self.caller.out_of_sight(sending.conversation).await?));
            return Ok(());
        };
        if let Err(refusal) = self.caller.pace(seen.site).await? {
            out.push(refuse(cid, &refusal));
            return Ok(());
        }
        let site = conversations::site_by_id(&self.caller.app, seen.site).await?;
        let files = match conversations::named_files(&site, &sending.files) {
            Ok(files) => files,
            Err(refusal) => {
                out.push(refuse(cid, &refusal));
                return Ok(());
            }
        };
        let mailbox = Arc::clone(&self.mailbox);
        let act = self.caller.act(seen.site, sending.conversation, Some(cid), sending.generation);
        let said = Said { body: sending.body, note: sending.note, files, replies: sending.replies, shown: None };
        conversations::post(&self.caller.app, &act, &said, move |outcome| {
            if let Some(frame) = answer(cid, outcome) {
                mailbox.push(Item::Frame { frame, lossy: false });
            }
        });
        Ok(())
    }

    async fn handle(&mut self, text: &str, out: &mut Vec<Frame>) -> Result<()> {
        let received = match parse::<AgentFrame>(text) {
            Ok(received) => received,
            Err(refused) => {
                out.push(refused);
                return Ok(());
            }
        };
        if let (_, Some(cid)) = subject(&received) {
            self.reader.writes(cid);
        }
        match received {
            AgentFrame::Send { cid, conversation, body, files, replies, note, r#gen } => {
                self.send(Sending { cid, conversation, body, files, replies, note, generation: r#gen }, out).await?;
            }
            AgentFrame::Available { on } => self.caller.set_available(on).await?,
            AgentFrame::Watch { conversation } => self.watch(conversation, out).await?,
            AgentFrame::Probe {} => {
                let heads: HashMap<_, _> = self.followed.iter().map(|(id, f)| (id.to_string(), f.cursor)).collect();
                out.push(frame(&json!({ "type": "probe_ok", "heads": heads })));
            }
            // Apart, so that a socket that only sends carries no room for all the others.
            other => out.extend(Box::pin(self.about_one(other)).await?),
        }
        Ok(())
    }

    async fn watch(&mut self, id: ConversationId, out: &mut Vec<Frame>) -> Result<()> {
        let Some(seen) = self.seen(id).await? else {
            out.push(nack(None, &Refusal::Forbidden));
            return Ok(());
        };
        if let Some(followed) = self.followed.get_mut(&id) {
            followed.watched = true;
        }
        self.show(id, seen, out).await
    }

    async fn about_one(&mut self, received: AgentFrame) -> Result<Option<Frame>> {
        let (named, cid) = subject(&received);
        let cid = cid.map(|cid| json!(cid));
        let only = || self.followed.keys().next().copied().filter(|_| self.followed.len() == 1);
        let Some(id) = named.or_else(only) else { return Ok(Some(nack(cid.as_ref(), &crate::web::frame::UNREADABLE))) };
        match self.seen(id).await? {
            Some(seen) => self.caller.run(received, id, seen).await,
            None => Ok(Some(nack(cid.as_ref(), &Refusal::Forbidden))),
        }
    }

    async fn take(&mut self, item: Item, out: &mut Vec<Frame>) -> Result<()> {
        match item {
            Item::Event(published) => {
                self.deliver(&published, out).await?;
                if matches!(published.event.by, Author::Shopper(_)) {
                    self.give_receipt();
                }
            }
            Item::Assigned { given, .. } => {
                self.assigned(given, out).await?;
                self.give_receipt();
            }
            Item::Unassigned { conversation, generation } => {
                self.unassigned(conversation, generation, out);
                // Whoever was asked might look; whoever declined may not any more.
                if self.followed.contains_key(&conversation) && !self.caller.sees(conversation).await? {
                    self.followed.remove(&conversation);
                }
            }
            Item::Offered(_) | Item::Wake => self.tell_ringing(out).await?,
            Item::Head { conversation, seq, .. } => self.compare(conversation, seq, out).await?,
            Item::Load(load) => self.compare_load(&load, out).await?,
            Item::Rights => self.look_again(out).await?,
            Item::Standing => self.standing(out).await?,
            Item::Signal(signal) if self.hears(&signal) => out.push(signal.staff_frame()),
            Item::Frame { frame, .. } => out.push(frame),
            _ => {}
        }
        Ok(())
    }

    /// The agent's status is another: chosen here, elsewhere, or by a supervisor.
    async fn standing(&mut self, out: &mut Vec<Frame>) -> Result<()> {
        let (db, id) = (&self.caller.app.db.read, self.caller.agent.id);
        self.caller.agent = people::agent(db, id).await?.ok_or(Error::SignIn)?;
        let agent = &self.caller.agent;
        out.push(frame(&json!({
            "type": "status", "status": agent.status(), "available": agent.available,
            "reason": agent.status_reason, "since": agent.status_since, "by": agent.status_by,
        })));
        Ok(())
    }

    /// What others do in a conversation this agent sees; something may have waited since before they lost sight of it.
    fn hears(&self, signal: &Signal) -> bool {
        signal.origin != Some(self.mailbox.connection) && self.followed.contains_key(&signal.conversation)
    }

    /// Once for all that comes within a moment.
    fn give_receipt(&self) {
        if self.is_receipt_due.swap(true, Ordering::Relaxed) {
            return;
        }
        let (app, agent, is_due) =
            (Arc::clone(&self.caller.app), self.caller.agent.id, Arc::clone(&self.is_receipt_due));
        self.caller.app.tasks.spawn(async move {
            tokio::time::sleep(RECEIPTS).await;
            is_due.store(false, Ordering::Relaxed);
            if let Err(error) = conversations::delivered(&app, agent).await {
                tracing::debug!(error = error.cause(), "no receipt given; the next message brings it");
            }
        });
    }

    /// Stops listening first, so that the lease is let go only if no other socket of the agent is here.
    async fn leave(mut self) {
        self.listening.clear();
        presence::release(&self.caller.app, self.caller.agent.id).await;
    }
}

/// Which conversation a frame is about, and its client id.
fn subject(frame: &AgentFrame) -> (Option<ConversationId>, Option<ClientId>) {
    match frame {
        AgentFrame::Recall { cid, conversation, .. } => (*conversation, Some(*cid)),
        AgentFrame::Close { cid, conversation, .. }
        | AgentFrame::Claim { cid, conversation }
        | AgentFrame::Transfer { cid, conversation, .. }
        | AgentFrame::Send { cid, conversation, .. } => (Some(*conversation), Some(*cid)),
        AgentFrame::Accept { cid, conversation, .. } | AgentFrame::Decline { cid, conversation, .. } => {
            (Some(*conversation), *cid)
        }
        AgentFrame::Read { conversation, .. }
        | AgentFrame::Typing { conversation, .. }
        | AgentFrame::Watch { conversation } => (Some(*conversation), None),
        AgentFrame::Hello { .. } | AgentFrame::Available { .. } | AgentFrame::Probe {} => (None, None),
    }
}

impl Peer for Session {
    async fn text(&mut self, text: Utf8Bytes, out: &mut Vec<Frame>) -> Flow {
        if let Err(error) = in_time(self.handle(&text, out)).await {
            out.push(ws::failed(&text, &error));
        }
        Ok(())
    }

    async fn item(&mut self, item: Item, out: &mut Vec<Frame>) -> Flow {
        let again = item.clone();
        match in_time(self.take(item, out)).await {
            // What was said already is remembered as said: taking it again says the rest.
            Err(Error::Unavailable { .. }) => {
                ws::again_soon(&self.caller.app, &self.mailbox, again);
                Ok(())
            }
            Err(Error::SignIn) => Err(Closing::new(code::AUTHENTICATION, "signed out")),
            taken => taken.map_err(|_| ws::OVERLOADED),
        }
    }

    async fn alive(&mut self) -> Flow {
        let app = &self.caller.app;
        let looking = async {
            let is_signed_in = sessions::is_alive(&app.db.read, self.signed_in, app.clock.now()).await?;
            presence::renew(app, self.caller.agent.id, self.mailbox.connection).await?;
            Ok(is_signed_in)
        };
        match in_time(looking).await {
            Ok(false) => return Err(Closing::new(code::AUTHENTICATION, "signed out")),
            Ok(true) => {}
            Err(error) => tracing::warn!(error = error.cause(), "session not checked, lease not renewed"),
        }
        // Of an offer whose hint was lost nobody else would tell.
        self.mailbox.push(Item::Wake);
        Ok(())
    }
}
