//! A WebSocket's life: hello in time, pings with nonces, bounded sends, close codes. One task and no split, because an idle
//! socket should cost next to nothing.

use super::frame::UNREADABLE;
use crate::app::{self, App};
use crate::domain::message::FRAME_MAX;
use crate::realtime::event::{Frame, Item};
use crate::realtime::mailbox::Mailbox;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use bytes::Bytes;
use futures_util::SinkExt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite;

pub const SUBPROTOCOL: &str = "deskbell.v1";
const HELLO_WITHIN: Duration = Duration::from_secs(5);
/// More inbound frames a second than this is a flood.
const FLOOD: u32 = 2_000;
/// More pings a second than this is a flood.
const PING_FLOOD: u32 = 60;

pub mod code {
    pub const PROTOCOL: u16 = 1002;
    pub const BAD_UTF8: u16 = 1007;
    pub const TOO_BIG: u16 = 1009;
    pub const RESTART: u16 = 1012;
    pub const OVERLOAD: u16 = 1013;
    pub const AUTHENTICATION: u16 = 4001;
    pub const FORBIDDEN: u16 = 4003;
    pub const TOO_SLOW: u16 = 4008;
    pub const FLOOD: u16 = 4029;
}

/// Why a socket ends.
#[derive(Clone, Copy, Debug)]
pub struct Closing {
    pub code: u16,
    pub reason: &'static str,
    pub retry_ms: Option<u64>,
}

impl Closing {
    pub fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason, retry_ms: None }
    }
}

/// The socket cannot be served now, and comes back.
pub const OVERLOADED: Closing = Closing { code: code::OVERLOAD, reason: "overload", retry_ms: Some(2_000) };

/// A shopper who may not come in.
pub const BLOCKED: Closing = Closing { code: code::FORBIDDEN, reason: "blocked", retry_ms: None };

/// The other side said goodbye, or went.
const CLOSED_BY_PEER: u16 = 1000;

pub type Flow = Result<(), Closing>;

/// What a door does with a socket. Frames to send are pushed to `out`, in order.
pub trait Peer: Send {
    fn text(&mut self, text: Utf8Bytes, out: &mut Vec<Frame>) -> impl Future<Output = Flow> + Send;
    fn item(&mut self, item: Item, out: &mut Vec<Frame>) -> impl Future<Output = Flow> + Send;
    /// The peer proved that it is alive, and that it has what was sent before the ping.
    fn alive(&mut self) -> impl Future<Output = Flow> + Send;
    /// A ping goes out.
    fn pinged(&mut self) {}
    /// Whether something was sent of which it is worth to know soon that it has come.
    fn awaits_proof(&self) -> bool {
        false
    }
}

/// How long after something was sent it is asked whether it has come: a few messages in a row share one ping.
const PROOF_WITHIN: Duration = Duration::from_millis(300);

#[derive(Clone, Copy)]
pub struct Life {
    pub ping_every: Duration,
    pub dead_after: Duration,
}

impl Life {
    pub const SHOPPER: Self = Self { ping_every: Duration::from_secs(20), dead_after: Duration::from_secs(45) };
    pub const AGENT: Self = Self { ping_every: Duration::from_secs(10), dead_after: Duration::from_secs(25) };

    /// ± 20 %, so that ten thousand sockets do not ping in step.
    fn next_ping(self) -> Instant {
        let ms = u64::try_from(self.ping_every.as_millis()).unwrap_or(u64::MAX);
        app::instant() + Duration::from_millis(ms * 4 / 5 + app::random_below(ms * 2 / 5))
    }
}

/// Safe limits in place of axum's defaults (64 MiB messages, a 128 KiB read buffer a socket, an unbounded write buffer).
pub fn limits(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(2 * 1024)
        .write_buffer_size(4 * 1024)
        .max_write_buffer_size(2 * 1024 * 1024)
        .max_message_size(FRAME_MAX)
        .max_frame_size(FRAME_MAX)
}

/// The first frame, as `read` understands it, or why there was none. A hello that cannot be read is refused and may be said
/// again; anything else is not the beginning of a session.
pub async fn hello<T>(ws: &mut WebSocket, read: impl Fn(&str) -> Option<T>) -> Result<T, Closing> {
    let by = app::instant() + HELLO_WITHIN;
    loop {
        match timeout_at(by, ws.recv()).await {
            Err(_) => return Err(Closing::new(code::AUTHENTICATION, "say hello within 5 seconds")),
            Ok(Some(Ok(Message::Text(text)))) => match read(&text) {
                Some(first) => return Ok(first),
                None if is_hello(&text) => {
                    let refused = crate::realtime::event::nack(None, &UNREADABLE);
                    ws.send(Message::Text(refused)).await.map_err(|cause| closing_for(&cause))?;
                }
                None => return Err(Closing::new(code::AUTHENTICATION, "the first frame must be hello")),
            },
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(Some(Ok(Message::Binary(_)))) => return Err(Closing::new(code::PROTOCOL, "text frames only")),
            Ok(Some(Ok(Message::Close(_))) | None) => return Err(Closing::new(CLOSED_BY_PEER, "")),
            Ok(Some(Err(cause))) => return Err(closing_for(&cause)),
        }
    }
}

/// How long a client may take to read what greets it.
const GREETED_WITHIN: Duration = Duration::from_secs(20);

/// The answer to hello, in order.
pub async fn send_first(ws: &mut WebSocket, frames: Vec<Frame>) -> Flow {
    let sending = async {
        for frame in frames {
            ws.feed(Message::Text(frame)).await?;
        }
        SinkExt::flush(ws).await
    };
    let sent = timeout(GREETED_WITHIN, sending).await;
    sent.map_err(|_| Closing::new(code::TOO_SLOW, "too slow"))?.map_err(|cause: axum::Error| closing_for(&cause))
}

fn is_hello(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok_and(|frame| frame["type"] == "hello")
}

/// Says goodbye and waits a second for the other side to do so too.
pub async fn close(mut ws: WebSocket, closing: Closing) {
    let farewell = async {
        if let Some(retry_ms) = closing.retry_ms {
            let _ = ws.send(Message::Text(crate::realtime::event::bye(closing.reason, retry_ms))).await;
        }
        if closing.code == 1006 {
            return;
        }
        if closing.code == CLOSED_BY_PEER {
            // The answer to its close lies ready; reading on sends it.
            while let Some(Ok(_)) = ws.recv().await {}
            return;
        }
        let frame = CloseFrame { code: closing.code, reason: Utf8Bytes::from_static(closing.reason) };
        if ws.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = ws.recv().await {}
        }
    };
    let _ = timeout(Duration::from_secs(1), farewell).await;
    metrics::counter!("deskbell_socket_closed_total", "code" => closing.code.to_string()).increment(1);
}

enum Step {
    Stop,
    Mail,
    Inbound(Option<Result<Message, axum::Error>>),
    Timer,
}

struct Vitals {
    life: Life,
    nonce: [u8; 8],
    is_answered: bool,
    proved_at: Instant,
    ping_at: Instant,
    counted_from: Instant,
    frames: u32,
    pings: u32,
}

impl Vitals {
    fn new(life: Life) -> Self {
        let now = app::instant();
        Self {
            life,
            nonce: [0; 8],
            is_answered: true,
            proved_at: now,
            ping_at: life.next_ping(),
            counted_from: now,
            frames: 0,
            pings: 0,
        }
    }

    /// Pings soon, unless one is on its way; answers whether the time has changed.
    fn hurry(&mut self) -> bool {
        let soon = app::instant() + PROOF_WITHIN;
        let hurries = self.is_answered && soon < self.ping_at;
        if hurries {
            self.ping_at = soon;
        }
        hurries
    }

    fn count(&mut self, message: &Message) -> Flow {
        let now = app::instant();
        if now - self.counted_from > Duration::from_secs(1) {
            (self.counted_from, self.frames, self.pings) = (now, 0, 0);
        }
        self.frames += 1;
        self.pings += u32::from(matches!(message, Message::Ping(_) | Message::Pong(_)));
        if self.frames > FLOOD || self.pings > PING_FLOOD {
            return Err(Closing::new(code::FLOOD, "too many frames"));
        }
        Ok(())
    }
}

/// Runs a socket until it ends, and says how.
pub async fn drive<P: Peer>(app: &App, ws: &mut WebSocket, mailbox: &Mailbox, peer: &mut P, life: Life) -> Closing {
    let mut vitals = Vitals::new(life);
    let mut stopping = pin!(app.stopping.cancelled());
    let mut timer = pin!(sleep_until(vitals.ping_at));
    loop {
        if peer.awaits_proof() && vitals.hurry() {
            timer.as_mut().reset(vitals.ping_at);
        }
        let step = tokio::select! {
            biased;
            () = &mut stopping => Step::Stop,
            () = mailbox.filled() => Step::Mail,
            message = ws.recv() => Step::Inbound(message),
            () = &mut timer => Step::Timer,
        };
        // Boxed: the state of handling a frame is not carried by the thousands of sockets that are silent.
        let flow = match step {
            Step::Stop => Err(leave_for_restart().await),
            Step::Mail => Box::pin(deliver(ws, mailbox, peer)).await,
            Step::Inbound(message) => Box::pin(inbound(ws, mailbox, peer, &mut vitals, message)).await,
            Step::Timer => {
                let flow = Box::pin(ping(ws, mailbox, peer, &mut vitals)).await;
                timer.as_mut().reset(vitals.ping_at);
                flow
            }
        };
        if let Err(closing) = flow {
            return closing;
        }
    }
}

/// Sockets leave in slices and come back at random moments, so that the next node is not stormed.
async fn leave_for_restart() -> Closing {
    tokio::time::sleep(Duration::from_millis(app::random_below(2_000))).await;
    Closing { code: code::RESTART, reason: "restart", retry_ms: Some(3_000) }
}

async fn deliver<P: Peer>(ws: &mut WebSocket, mailbox: &Mailbox, peer: &mut P) -> Flow {
    let mut out = Vec::new();
    while let Some(item) = mailbox.pop() {
        if let Item::SignedOut = item {
            send_all(ws, mailbox, &mut out).await?;
            return Err(Closing::new(code::AUTHENTICATION, "signed out"));
        }
        if let Item::Blocked = item {
            send_all(ws, mailbox, &mut out).await?;
            return Err(BLOCKED);
        }
        peer.item(item, &mut out).await?;
        if out.len() >= 64 {
            send_all(ws, mailbox, &mut out).await?;
        }
    }
    if mailbox.has_overflowed() {
        return Err(Closing::new(code::TOO_SLOW, "too slow"));
    }
    send_all(ws, mailbox, &mut out).await
}

async fn inbound<P: Peer>(
    ws: &mut WebSocket,
    mailbox: &Mailbox,
    peer: &mut P,
    vitals: &mut Vitals,
    message: Option<Result<Message, axum::Error>>,
) -> Flow {
    let message = match message {
        None => return Err(Closing::new(CLOSED_BY_PEER, "")),
        Some(Err(cause)) => return Err(closing_for(&cause)),
        Some(Ok(message)) => message,
    };
    vitals.count(&message)?;
    match message {
        Message::Text(text) => {
            let mut out = Vec::new();
            let flow = peer.text(text, &mut out).await;
            send_all(ws, mailbox, &mut out).await?;
            flow
        }
        Message::Pong(payload) if payload.as_ref() == vitals.nonce => {
            (vitals.proved_at, vitals.is_answered) = (app::instant(), true);
            peer.alive().await
        }
        Message::Ping(_) | Message::Pong(_) => Ok(()),
        Message::Binary(_) => Err(Closing::new(code::PROTOCOL, "text frames only")),
        Message::Close(_) => Err(Closing::new(CLOSED_BY_PEER, "")),
    }
}

/// Only the pong that carries the nonce proves life: a proxy that answers for a dead client does not know it.
async fn ping<P: Peer>(ws: &mut WebSocket, mailbox: &Mailbox, peer: &mut P, vitals: &mut Vitals) -> Flow {
    let silent_for = app::instant() - vitals.proved_at;
    if silent_for >= vitals.life.dead_after {
        return Err(Closing::new(1001, "no sign of life"));
    }
    vitals.nonce = app::random_bytes();
    vitals.is_answered = false;
    peer.pinged();
    vitals.ping_at = vitals
        .life
        .next_ping()
        .min(vitals.proved_at + vitals.life.dead_after)
        .max(app::instant() + Duration::from_secs(1));
    in_time(mailbox, SinkExt::send(ws, Message::Ping(Bytes::copy_from_slice(&vitals.nonce)))).await
}

/// Sends what is ready with one flush.
async fn send_all(ws: &mut WebSocket, mailbox: &Mailbox, out: &mut Vec<Frame>) -> Flow {
    if out.is_empty() {
        return Ok(());
    }
    let sending = async {
        for frame in out.drain(..) {
            ws.feed(Message::Text(frame)).await?;
        }
        SinkExt::flush(ws).await
    };
    in_time(mailbox, sending).await
}

/// Sends, unless the peer takes too long or too much has gathered meanwhile.
async fn in_time(mailbox: &Mailbox, sending: impl Future<Output = Result<(), axum::Error>>) -> Flow {
    tokio::select! {
        biased;
        sent = sending => sent.map_err(|cause| closing_for(&cause)),
        () = mailbox.overflowed() => Err(Closing::new(code::TOO_SLOW, "too slow")),
        () = tokio::time::sleep(Life::SHOPPER.dead_after) => Err(Closing::new(1001, "no sign of life")),
    }
}

fn closing_for(cause: &axum::Error) -> Closing {
    let source = std::error::Error::source(cause).and_then(|source| source.downcast_ref::<tungstenite::Error>());
    match source {
        Some(tungstenite::Error::Capacity(_)) => Closing::new(code::TOO_BIG, "too big"),
        Some(tungstenite::Error::Utf8(_)) => Closing::new(code::BAD_UTF8, "text must be UTF-8"),
        Some(tungstenite::Error::Protocol(_)) => Closing::new(code::PROTOCOL, "protocol"),
        _ => Closing::new(1006, ""),
    }
}

/// Something for a socket could not be read from the database, which is away: it comes again in a second, and the socket
/// stays. What comes after it meanwhile shows a gap, and is mended in the same way.
pub fn again_soon(app: &App, mailbox: &Arc<Mailbox>, item: Item) {
    let mailbox = Arc::clone(mailbox);
    app.tasks.spawn(async move {
        tokio::time::sleep(AGAIN).await;
        mailbox.push(item);
    });
}

const AGAIN: Duration = Duration::from_secs(1);

/// The answer to a frame whose handling failed: nothing is known to be stored, and the client tries again.
pub fn failed(text: &str, error: &crate::error::Error) -> Frame {
    tracing::warn!(error = error.cause(), "a frame could not be handled");
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    crate::realtime::event::nack(
        value.get("cid"),
        &crate::domain::conversation::Refusal::Unavailable(Duration::from_secs(2)),
    )
}
