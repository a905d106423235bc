//! The same frames over server-sent events and posts, for networks that block WebSocket. Any node answers any request.

use super::protocol::ShopperFrame;
use super::session::open_of;
use super::socket::Session;
use super::verbs::{Caller, Sending, Step, refuse};
use crate::app::{self, App};
use crate::auth::shopper as shoppers;
use crate::conversations::site_by_id;
use crate::domain::id::{ConnectionId, ConversationId};
use crate::domain::message::FRAME_MAX;
use crate::error::{Error, Result};
use crate::realtime::event::{Frame, Item, bye};
use crate::realtime::mailbox::Mailbox;
use crate::replay::Cursor;
use crate::store::in_time;
use crate::store::people::Holder;
use crate::store::sessions::ShopperTicket;
use crate::web::frame::parse;
use crate::web::{address, origin};
use axum::Json;
use axum::extract::rejection::StringRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Proxies cut silent streams after a minute or so.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Holder> {
    let holder = shoppers::by_bearer(app, headers).await?;
    let site = site_by_id(app, holder.shopper.site_id).await?;
    origin::check_site(app, &site, headers)?;
    Ok(holder)
}

struct Streaming {
    app: Arc<App>,
    mailbox: Arc<Mailbox>,
    session: Session,
    ready: VecDeque<Frame>,
    ended: bool,
}

/// The stream: `welcome`, a replay after `Last-Event-ID` (`conversation:epoch:seq:tip`), then whatever happens.
pub async fn events(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let Holder { shopper, only, .. } = authenticate(&app, &headers).await?;
    let resume = match headers.get("last-event-id").map(|value| value.to_str()) {
        Some(text) => vec![text.ok().and_then(parse_cursor).ok_or(BAD_CURSOR)?],
        None => Vec::new(),
    };
    let mailbox = Arc::new(Mailbox::new(ConnectionId(app::new_id())));
    let who = ShopperTicket { site: shopper.site_id, shopper: shopper.id, only };
    let mut frames = Vec::new();
    let ip = address::client(peer.ip(), &headers, &app.config.trusted_proxies);
    let session = Session::begin(&app, &mailbox, (&who, ip), resume, &mut frames).await?;
    let streaming = Streaming { app, mailbox, session, ready: frames.into(), ended: false };
    let stream = unfold(streaming, |mut streaming| async move {
        let frame = streaming.next().await?;
        Some((Ok(Event::default().data(frame.as_str())), streaming))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

const BAD_CURSOR: Error = Error::BadRequest("Last-Event-ID must be conversation:epoch:seq:tip.");

fn parse_cursor(text: &str) -> Option<Cursor> {
    let mut parts = text.split(':');
    let mut part = || parts.next().map(str::trim);
    let known = |text: &str| (!text.is_empty() && text != "null").then(|| text.to_owned());
    Some(Cursor {
        conversation: part()?.parse().ok()?,
        epoch: known(part()?),
        after: part()?.parse().ok()?,
        tip: match known(part()?) {
            Some(tip) => Some(tip.parse().ok()?),
            None => None,
        },
    })
}

impl Streaming {
    /// The next frame; `None` ends the stream, and the client comes back with its cursor.
    async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(frame);
            }
            if self.ended || self.mailbox.has_overflowed() {
                return None;
            }
            let Some(item) = self.mailbox.pop() else {
                let stopping = self.app.stopping.clone();
                tokio::select! {
                    () = stopping.cancelled() => self.end("restart", 3_000),
                    () = self.mailbox.filled() => {}
                }
                continue;
            };
            self.take(item).await;
        }
    }

    async fn take(&mut self, item: Item) {
        if let Item::SignedOut = item {
            self.end("signed out", 0);
            return;
        }
        if let Item::Blocked = item {
            self.end("blocked", 0);
            return;
        }
        let mut out = Vec::new();
        if self.session.take(item, &mut out).await.is_err() {
            self.end("overload", 2_000);
        }
        self.ready.extend(out);
    }

    fn end(&mut self, code: &str, retry_ms: u64) {
        self.ended = true;
        self.ready.push_back(bye(code, retry_ms));
    }
}

/// One frame by post; the answer carries what a socket would have been sent in reply.
pub async fn frames(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Result<Json<Answer>> {
    let holder = authenticate(&app, &headers).await?;
    let Some(body) = body.ok().filter(|body| body.len() <= FRAME_MAX) else {
        return Err(Error::BadRequest("A frame is UTF-8 and has at most 64 KiB."));
    };
    let ip = address::client(peer.ip(), &headers, &app.config.trusted_proxies);
    let mut out = Vec::new();
    match parse::<ShopperFrame>(&body) {
        Err(refused) => out.push(refused),
        Ok(received) => out.extend(in_time(handle(&app, (&holder, ip), received)).await?),
    }
    Answer::new(&out).map(Json)
}

#[derive(serde::Serialize)]
pub struct Answer {
    frames: Vec<Box<RawValue>>,
}

impl Answer {
    fn new(frames: &[Frame]) -> Result<Self> {
        let raw: Result<Vec<_>, _> =
            frames.iter().map(|frame| RawValue::from_string(frame.as_str().to_owned())).collect();
        Ok(Self { frames: raw.map_err(Error::bug)? })
    }
}

async fn handle(app: &Arc<App>, (holder, ip): (&Holder, IpAddr), received: ShopperFrame) -> Result<Option<Frame>> {
    let (open, shopper) = (open_of(app, holder).await?, &holder.shopper);
    let mut caller = Caller {
        app: Arc::clone(app),
        site: shopper.site_id,
        shopper: shopper.id,
        name: shopper.name.as_str().into(),
        open: open.map(|c| c.id),
        origin: None,
        ip,
        has_past: holder.only.is_none(),
        only: holder.only,
    };
    if let Some(refused) = caller.strays(&received) {
        return Ok(Some(refused));
    }
    match received {
        ShopperFrame::Send { cid, body, files, conversation, intake, team, reopen } => {
            let sending = Sending { cid, body, files, team, intake, reopen };
            send(&mut caller, sending, conversation).await
        }
        other => caller.run(other).await,
    }
}

async fn send(caller: &mut Caller, sending: Sending, named: Option<ConversationId>) -> Result<Option<Frame>> {
    let (cid, site) = (sending.cid, caller.site().await?);
    let request = match caller.pace(&site).and_then(|()| sending.parse(&site)) {
        Ok(request) => request,
        Err(refusal) => return Ok(Some(refuse(cid, &refusal))),
    };
    let (said, reopen) = (request.said.clone(), request.reopen);
    if named.is_none()
        && let Some(answer) = caller.sent_before(&request).await?
    {
        return Ok(Some(answer));
    }
    match caller.goes_to(named, &request) {
        Some(id) => caller.post_and_wait(id, (cid, reopen), &said).await,
        None => match caller.open(request).await? {
            Step::Answered(answer) => Ok(answer),
            Step::PostTo(id) => caller.post_and_wait(id, (cid, reopen), &said).await,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::parse_cursor;

    #[test]
    fn a_cursor_is_conversation_epoch_seq_and_tip() {
        let id = "0197a1b2-0000-7000-8000-000000000000";
        let cursor = parse_cursor(&format!("{id}:{id}:7:{id}")).unwrap();
        assert_eq!((cursor.after, cursor.epoch.as_deref(), cursor.tip.is_some()), (7, Some(id), true));
        let fresh = parse_cursor(&format!("{id}::0:")).unwrap();
        assert_eq!((fresh.after, fresh.epoch, fresh.tip), (0, None, None));
        for bad in ["", "x:y:z:w", &format!("{id}:{id}:7"), &format!("{id}:{id}:x:{id}")] {
            assert!(parse_cursor(bad).is_none(), "{bad}");
        }
    }
}
