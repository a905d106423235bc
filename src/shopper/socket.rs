//! The shopper's WebSocket.

use super::protocol::ShopperFrame;
use super::verbs::{Caller, Sending, Step, refuse};
use crate::admission::Place;
use crate::app::{self, App};
use crate::auth::shopper::redeem_ticket;
use crate::conversations;
use crate::domain::conversation::{Refusal, State as Standing};
use crate::domain::event::{Author, Kind};
use crate::domain::id::{ConnectionId, ConversationId};
use crate::domain::message::{BODY_MAX, FRAME_MAX};
use crate::error::{Error, Result};
use crate::realtime::event::{Frame, Item, Published, What, delivered, frame, nack, read_mark};
use crate::realtime::hub::{Listening, Topic};
use crate::realtime::mailbox::Mailbox;
use crate::realtime::visits::Visit;
use crate::replay::{self, CURSORS_MAX, Cursor, Reader, Replays, Resumed, Turn};
use crate::store::events::Audience;
use crate::store::sessions::{Principal, ShopperTicket};
use crate::store::{blocks, conversations as store, in_time, patiently, people};
use crate::web::frame::parse;
use crate::web::socket::{self as ws, Closing, Flow, Life, Peer, code};
use crate::web::{address, origin};
use axum::extract::ws::{Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use serde_json::json;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

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
    origin::check_any_site(&app, &headers).await?;
    let ip = address::client(peer.ip(), &headers, &app.config.trusted_proxies);
    let place = app.doorstep.enter(ip).await.ok_or(Error::TooFast { retry: Duration::from_secs(5) })?;
    let from = From { ip, stated_origin: headers.get(header::ORIGIN).cloned() };
    let tasks = app.tasks.clone();
    Ok(ws::limits(upgrade).on_upgrade(move |socket| tasks.track_future(live(app, socket, place, from))))
}

/// Where a socket comes from.
struct From {
    ip: IpAddr,
    stated_origin: Option<HeaderValue>,
}

async fn live(app: Arc<App>, mut socket: WebSocket, place: Place, from: From) {
    // Boxed: what greeting takes is not carried by the socket's whole life.
    let greeted = Box::pin(greet(&app, &mut socket, from)).await;
    drop(place);
    let closing = match greeted {
        Ok((mailbox, mut session)) => {
            metrics::gauge!("deskbell_sockets", "who" => "shopper").increment(1.0);
            let closing = ws::drive(&app, &mut socket, &mailbox, &mut session, Life::SHOPPER).await;
            metrics::gauge!("deskbell_sockets", "who" => "shopper").decrement(1.0);
            closing
        }
        Err(closing) => closing,
    };
    Box::pin(ws::close(socket, closing)).await;
}

async fn greet(app: &Arc<App>, socket: &mut WebSocket, from: From) -> Result<(Arc<Mailbox>, Session), Closing> {
    let said = |text: &str| match parse(text) {
        Ok(ShopperFrame::Hello { ticket, resume }) => Some((ticket, resume)),
        _ => None,
    };
    let (ticket, resume) = ws::hello(socket, said).await?;
    let overload = |_| ws::OVERLOADED;
    let inside = app.gate.greet().await.ok_or(ws::OVERLOADED)?;
    let who = in_time(redeem_ticket(app, &ticket)).await.map_err(overload)?;
    let Some(Principal::Shopper(who)) = who else {
        return Err(Closing::new(code::AUTHENTICATION, "ticket unknown, used or expired"));
    };
    // A ticket from before they were blocked.
    let is_blocked = blocks::holds(&app.db.read, (who.site, who.shopper), app.clock.now());
    if in_time(async { Ok(is_blocked.await?) }).await.map_err(overload)? {
        return Err(ws::BLOCKED);
    }
    let site = conversations::site_by_id(app, who.site).await.map_err(overload)?;
    let mut headers = HeaderMap::new();
    headers.extend(from.stated_origin.map(|value| (header::ORIGIN, value)));
    origin::check_site(app, &site, &headers).map_err(|_| Closing::new(code::FORBIDDEN, "wrong origin"))?;
    let mailbox = Arc::new(Mailbox::new(ConnectionId(app::new_id())));
    let mut out = Vec::new();
    let beginning = Session::begin(app, &mailbox, (&who, from.ip), resume, &mut out);
    let session = patiently(beginning).await.map_err(overload)?;
    drop(inside);
    ws::send_first(socket, out).await?;
    Ok((mailbox, session))
}

/// One shopper's socket after `hello`.
pub struct Session {
    caller: Caller,
    mailbox: Arc<Mailbox>,
    /// The conversation in view and the number of the last event sent of it.
    followed: Option<(ConversationId, i64)>,
    /// The last event sent of it of which it is to be known whether it came, and the one that the pong on its way stands for.
    unproved: Option<i64>,
    pinged: Option<(ConversationId, i64)>,
    /// That it is in view, for the sweep.
    in_view: Option<Listening>,
    /// The shopper's latest conversation when the socket began: a later one is new to it.
    latest: Option<ConversationId>,
    reader: Reader,
    /// That they are at the shop. Whoever came by the link of a letter is not.
    visit: Option<Visit>,
    _listening: Listening,
}

impl Session {
    /// Listens first and reads after, so that nothing falls between.
    pub async fn begin(
        app: &Arc<App>,
        mailbox: &Arc<Mailbox>,
        (who, ip): (&ShopperTicket, IpAddr),
        resume: Vec<Cursor>,
        out: &mut Vec<Frame>,
    ) -> Result<Self> {
        let mut listening = app.hub.listen(Topic::Shopper(who.shopper), mailbox);
        listening.heard().await;
        let shopper = people::shopper(&app.db.read, who.site, who.shopper).await?.ok_or(Error::SignIn)?;
        let latest = store::latest(&app.db.read, who.site, who.shopper).await?;
        let has_past = who.only.is_none() && store::has_past(&app.db.read, who.site, who.shopper).await?;
        let latest_id = latest.as_ref().map(|c| c.id);
        let open = latest.filter(|c| c.state.is_open() && who.only.is_none_or(|only| only == c.id));
        let standing = open.as_ref().map(|c| c.state);
        let caller = Caller {
            app: Arc::clone(app),
            site: who.site,
            shopper: who.shopper,
            name: shopper.name.into(),
            open: open.as_ref().map(|c| c.id),
            origin: Some(mailbox.connection),
            ip,
            has_past,
            only: who.only,
        };
        let mut session = Self {
            caller,
            mailbox: Arc::clone(mailbox),
            followed: None,
            unproved: None,
            pinged: None,
            in_view: None,
            latest: latest_id,
            reader: Reader::new(Audience::Shopper, mailbox.connection),
            visit: None,
            _listening: listening,
        };
        if let Some(open) = open {
            session.follow(open.id, open.shopper_seq);
        }
        out.push(session.welcome().await?);
        let (resume, mut replays) = (replay::each_once(resume), Replays::new(app, Audience::Shopper));
        for cursor in resume.iter().take(CURSORS_MAX) {
            session.resume(cursor, &mut replays, out).await?;
        }
        out.extend(replay::too_many(&resume));
        if let Some((id, _)) = session.followed
            && let Some((seen, got)) = store::marks_of_staff(&app.db.read, who.site, id).await?
        {
            out.push(delivered(id, got));
            out.push(read_mark(id, seen, "agent"));
        }
        if standing == Some(Standing::Waiting)
            && let Some(waiting) = session.caller.open
        {
            app.ask_position(waiting);
        }
        session.visit = who.only.is_none().then(|| app.visits.enter((who.site, who.shopper), app.clock.now()));
        Ok(session)
    }

    async fn welcome(&self) -> Result<Frame> {
        let limits = self.caller.site().await?.settings.limits;
        Ok(frame(&json!({
            "type": "welcome",
            "connection": self.mailbox.connection,
            "now": self.caller.app.clock.now(),
            "heartbeat_s": Life::SHOPPER.ping_every.as_secs(),
            "limits": {
                "body_chars": BODY_MAX, "frame_bytes": FRAME_MAX,
                "burst": limits.shopper_burst, "per_s": limits.shopper_per_s, "recall_s": limits.recall_s,
            },
        })))
    }

    async fn resume(&mut self, cursor: &Cursor, replays: &mut Replays<'_>, out: &mut Vec<Frame>) -> Result<()> {
        let (site, shopper) = (self.caller.site, self.caller.shopper);
        let owns = self.caller.may_see(cursor.conversation)
            && store::belongs_to(&self.caller.app.db.read, site, cursor.conversation, shopper).await?;
        let resumed = if owns { replays.resume(site, cursor, out).await? } else { None };
        match resumed {
            Some(Resumed { head, is_reset }) if self.followed.is_none_or(|(id, _)| id == cursor.conversation) => {
                self.follow(cursor.conversation, head);
                if !is_reset {
                    self.arrived(cursor.conversation, cursor.after);
                    self.unproved = (head > cursor.after).then_some(head);
                }
            }
            Some(_) => {}
            None => out.push(nack(None, &Refusal::Forbidden)),
        }
        Ok(())
    }

    fn follow(&mut self, conversation: ConversationId, cursor: i64) {
        self.followed = Some((conversation, cursor));
        (self.unproved, self.pinged) = (None, None);
        self.caller.app.here.enter(conversation, app::instant());
        self.in_view = Some(self.caller.app.hub.listen(Topic::InView(conversation), &self.mailbox));
    }

    /// The browser has this much of it.
    fn arrived(&self, conversation: ConversationId, upto: i64) {
        if upto > 0 {
            self.caller.app.arrivals.add(self.caller.site, conversation, upto);
        }
    }

    async fn send(&mut self, sending: Sending, named: Option<ConversationId>, out: &mut Vec<Frame>) -> Result<()> {
        let cid = sending.cid;
        let site = self.caller.site().await?;
        let request = match self.caller.pace(&site).and_then(|()| sending.parse(&site)) {
            Ok(request) => request,
            Err(refusal) => {
                out.push(refuse(cid, &refusal));
                return Ok(());
            }
        };
        if named.is_none()
            && let Some(answer) = self.caller.sent_before(&request).await?
        {
            out.push(answer);
            return Ok(());
        }
        if let Some(id) = self.caller.goes_to(named, &request) {
            self.caller.post(&self.mailbox, id, (cid, request.reopen), &request.said);
            return Ok(());
        }
        let (said, reopen) = (request.said.clone(), request.reopen);
        match self.caller.open(request).await? {
            Step::Answered(answer) => out.extend(answer),
            Step::PostTo(id) => self.caller.post(&self.mailbox, id, (cid, reopen), &said),
        }
        Ok(())
    }

    async fn handle(&mut self, text: &str, out: &mut Vec<Frame>) -> Result<()> {
        let received = match parse::<ShopperFrame>(text) {
            Ok(received) => received,
            Err(refused) => {
                out.push(refused);
                return Ok(());
            }
        };
        if let Some(cid) = received.cid() {
            self.reader.writes(cid);
        }
        if let Some(refused) = self.caller.strays(&received) {
            out.push(refused);
            return Ok(());
        }
        match received {
            ShopperFrame::Send { cid, body, files, conversation, intake, team, reopen } => {
                self.send(Sending { cid, body, files, team, intake, reopen }, conversation, out).await?;
            }
            other => out.extend(self.caller.run(other).await?),
        }
        Ok(())
    }

    async fn deliver(&mut self, published: &Published, out: &mut Vec<Frame>) -> Result<()> {
        let event = &published.event;
        let Some(seq) = event.shopper_seq else { return Ok(()) };
        let is_followed =
            |followed: Option<(ConversationId, i64)>| followed.is_some_and(|(id, _)| id == event.conversation);
        if !is_followed(self.followed) && (seq == 1 || self.is_new(event.conversation).await?) {
            self.follow(event.conversation, 0);
        }
        let mut elsewhere = seq - 1;
        let cursor = match &mut self.followed {
            Some((id, cursor)) if *id == event.conversation => cursor,
            _ => &mut elsewhere,
        };
        let missed = self.reader.before(&self.caller.app, published, *cursor).await?;
        let turn = self.reader.advance(&self.caller.app, (missed, published), cursor, out);
        let is_news = match turn {
            Turn::Next => event.kind == Kind::Message && matches!(event.by, Author::Agent(_)),
            Turn::Mended => true,
            Turn::Old => false,
        };
        if is_news && is_followed(self.followed) {
            self.unproved = Some(seq);
        }
        match (turn, event.kind) {
            (Turn::Mended, _) => self.look_what_is_open().await?,
            (Turn::Next, Kind::Opened) => self.caller.open = Some(event.conversation),
            (Turn::Next, Kind::Closed | Kind::Ticketed) if self.caller.open == Some(event.conversation) => {
                self.caller.open = None;
                self.caller.has_past = true;
            }
            _ => {}
        }
        Ok(())
    }

    /// The log in view has come this far, by the database's word.
    async fn compare(&mut self, conversation: ConversationId, head: i64, out: &mut Vec<Frame>) -> Result<()> {
        let Some((id, cursor)) = &mut self.followed else { return Ok(()) };
        if *id != conversation || *cursor >= head {
            return Ok(());
        }
        let missed = self.reader.after(&self.caller.app, (self.caller.site, conversation), *cursor).await?;
        if missed.is_empty() {
            return Ok(());
        }
        replay::sweep::found();
        self.reader.catch_up(&self.caller.app, missed, cursor, out);
        self.unproved = Some(*cursor);
        self.look_what_is_open().await
    }

    async fn look_what_is_open(&mut self) -> Result<()> {
        let latest = store::latest(&self.caller.app.db.read, self.caller.site, self.caller.shopper).await?;
        self.caller.open = latest.filter(|c| c.state.is_open() && self.caller.may_see(c.id)).map(|c| c.id);
        self.caller.has_past = true;
        Ok(())
    }

    /// Whether a conversation of this shopper was opened after the socket began, though its first event has not come by:
    /// what different writers commit is published in no particular order.
    async fn is_new(&self, conversation: ConversationId) -> Result<bool> {
        let latest = store::latest(&self.caller.app.db.read, self.caller.site, self.caller.shopper).await?;
        Ok(latest.is_some_and(|latest| latest.id == conversation && self.latest != Some(conversation)))
    }

    pub async fn take(&mut self, item: Item, out: &mut Vec<Frame>) -> Result<()> {
        match item {
            Item::Event(published) if self.caller.may_see(published.event.conversation) => {
                self.deliver(&published, out).await?;
            }
            Item::Signal(signal)
                if self.caller.may_see(signal.conversation) && signal.origin != Some(self.mailbox.connection) =>
            {
                let is_mine = matches!(signal.by, Author::Shopper(_));
                if !is_mine || matches!(signal.what, What::Read { .. }) {
                    out.push(signal.shopper_frame());
                }
            }
            Item::Frame { frame, .. } => out.push(frame),
            Item::Head { conversation, shopper_seq, .. } => self.compare(conversation, shopper_seq, out).await?,
            _ => {}
        }
        Ok(())
    }
}

impl Peer for Session {
    async fn text(&mut self, text: Utf8Bytes, out: &mut Vec<Frame>) -> Flow {
        match in_time(self.handle(&text, out)).await {
            Ok(()) => Ok(()),
            Err(Error::SignIn) => Err(Closing::new(code::AUTHENTICATION, "begin a session")),
            Err(error) => {
                out.push(ws::failed(&text, &error));
                Ok(())
            }
        }
    }

    async fn item(&mut self, item: Item, out: &mut Vec<Frame>) -> Flow {
        let (again, ready) = (item.clone(), out.len());
        match in_time(self.take(item, out)).await {
            Err(Error::Unavailable { .. }) if out.len() == ready => {
                ws::again_soon(&self.caller.app, &self.mailbox, again);
                Ok(())
            }
            // What could be read by half only is not skipped: the socket ends, and its resume brings everything.
            taken => taken.map_err(|_| ws::OVERLOADED),
        }
    }

    async fn alive(&mut self) -> Flow {
        if let Some((conversation, upto)) = self.pinged.take() {
            self.arrived(conversation, upto);
        }
        Ok(())
    }

    fn pinged(&mut self) {
        let followed = self.followed.map(|(conversation, _)| conversation);
        // Where the last one was not answered, this one stands for both.
        self.pinged = followed.zip(self.unproved.take()).or(self.pinged);
    }

    fn awaits_proof(&self) -> bool {
        self.unproved.is_some()
    }
}
