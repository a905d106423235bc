//! A WebSocket client that keeps what it hears and checks, as it goes, what both sides promise: events of a conversation
//! come in order, once, without a hole.

use super::{PATIENCE, cid};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Response};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::task::AbortOnDropHandle;

type Ws = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// One conversation as this socket knows it.
#[derive(Default)]
pub struct Log {
    pub events: BTreeMap<i64, Arc<Value>>,
    /// The newest number this socket has been brought up to; `None` before it knows any.
    last: Option<i64>,
}

#[derive(Default)]
pub struct State {
    pub frames: Vec<Arc<Value>>,
    answers: HashMap<String, Vec<Arc<Value>>>,
    pub logs: HashMap<String, Log>,
    pub faults: Vec<String>,
    pub closed: Option<u16>,
}

pub struct Socket {
    out: mpsc::UnboundedSender<Message>,
    state: Arc<Mutex<State>>,
    news: watch::Receiver<u64>,
    _task: AbortOnDropHandle<()>,
}

/// Opens a socket without saying hello; the server may be away.
pub async fn reach(url: &str, origin: Option<&str>) -> tungstenite::Result<Ws> {
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("deskbell.v1"));
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    Ok(tokio_tungstenite::connect_async(request).await?.0)
}

/// Opens a socket without saying hello; `Err` is the refused upgrade.
pub async fn knock(url: &str, origin: Option<&str>) -> Result<Ws, Box<Response<Option<Vec<u8>>>>> {
    match reach(url, origin).await {
        Ok(ws) => Ok(ws),
        Err(tungstenite::Error::Http(answer)) => Err(answer),
        Err(error) => panic!("no socket: {error}"),
    }
}

impl Socket {
    pub async fn open(url: &str, origin: Option<&str>) -> Self {
        let ws = knock(url, origin).await.unwrap_or_else(|answer| panic!("upgrade refused: {}", answer.status()));
        Self::over(ws)
    }

    pub fn over(ws: Ws) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let (out, outbox) = mpsc::unbounded_channel();
        let (bell, news) = watch::channel(0);
        let task = tokio::spawn(run(ws, outbox, Arc::clone(&state), bell));
        Self { out, state, news, _task: AbortOnDropHandle::new(task) }
    }

    pub fn send(&self, frame: &Value) {
        self.send_text(frame.to_string());
    }

    pub fn send_text(&self, text: String) {
        self.send_message(Message::text(text));
    }

    pub fn send_message(&self, message: Message) {
        let _ = self.out.send(message);
    }

    pub fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until `look` finds something.
    pub async fn until<T>(&self, what: &str, mut look: impl FnMut(&State) -> Option<T>) -> T {
        if let Some(found) = self.until_or_end(&mut look, PATIENCE).await {
            return found;
        }
        self.look(|state| {
            let tail: Vec<_> = state.frames.iter().rev().take(8).map(|frame| short(frame)).collect();
            panic!("never came: {what}; closed: {:?}; heard last: {tail:#?}", state.closed)
        })
    }

    /// `None`: the socket ended, or the time is over.
    pub async fn until_or_end<T>(&self, mut look: impl FnMut(&State) -> Option<T>, patience: Duration) -> Option<T> {
        let mut news = self.news.clone();
        let waiting = async {
            loop {
                news.borrow_and_update();
                let (found, ended) = self.look(|state| (look(state), state.closed.is_some()));
                if found.is_some() || ended || news.changed().await.is_err() {
                    return found;
                }
            }
        };
        tokio::time::timeout(patience, waiting).await.ok().flatten()
    }

    /// The first frame, from the beginning, that fits.
    pub async fn wait(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Arc<Value> {
        self.wait_from(0, what, fits).await
    }

    /// How many frames were heard so far: where a later look may begin.
    pub fn mark(&self) -> usize {
        self.look(|state| state.frames.len())
    }

    pub async fn wait_from(&self, mark: usize, what: &str, fits: impl Fn(&Value) -> bool) -> Arc<Value> {
        let mut seen = mark;
        self.until(what, |state| {
            let found = state.frames[seen..].iter().find(|frame| fits(frame)).cloned();
            seen = state.frames.len();
            found
        })
        .await
    }

    pub fn heard(&self, fits: impl Fn(&Value) -> bool) -> Vec<Arc<Value>> {
        self.look(|state| state.frames.iter().filter(|frame| fits(frame)).cloned().collect())
    }

    /// Sends a frame and gives its `ack` or `nack`.
    pub async fn call(&self, mut frame: Value) -> Arc<Value> {
        if frame["cid"].is_null() {
            frame["cid"] = cid().into();
        }
        let id = frame["cid"].as_str().unwrap().to_owned();
        let before = self.answers(&id);
        self.send(&frame);
        self.until(&format!("an answer to {}", short(&frame)), |state| state.answers_to(&id).get(before).cloned()).await
    }

    pub fn answers(&self, cid: &str) -> usize {
        self.look(|state| state.answers_to(cid).len())
    }

    pub async fn must(&self, frame: Value) -> Arc<Value> {
        let answer = self.call(frame.clone()).await;
        assert_eq!(answer["type"], "ack", "refused: {answer} for {}", short(&frame));
        answer
    }

    pub async fn refused(&self, frame: Value, code: &str) -> Arc<Value> {
        let answer = self.call(frame.clone()).await;
        assert_eq!(
            (answer["type"].as_str(), answer["code"].as_str()),
            (Some("nack"), Some(code)),
            "{answer} for {frame}"
        );
        answer
    }

    /// Until the server has handled everything sent before: frames of a socket are handled in order.
    pub async fn probe(&self) -> Arc<Value> {
        let mark = self.mark();
        self.send(&serde_json::json!({ "type": "probe" }));
        self.wait_from(mark, "probe_ok", |f| f["type"] == "probe_ok").await
    }

    /// An event of a conversation that fits, live or replayed.
    pub async fn event(&self, conversation: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Arc<Value> {
        self.until(what, |state| state.logs.get(conversation)?.events.values().find(|e| fits(e)).cloned()).await
    }

    pub async fn message(&self, conversation: &str, body: &str) -> Arc<Value> {
        let what = format!("the message {:?}", short_text(body));
        self.event(conversation, &what, |e| e["kind"] == "message" && e["body"] == body).await
    }

    pub async fn kind(&self, conversation: &str, kind: &str) -> Arc<Value> {
        self.event(conversation, &format!("an event {kind}"), |e| e["kind"] == kind).await
    }

    /// What this socket holds of a conversation, in order.
    pub fn log(&self, conversation: &str) -> Vec<Arc<Value>> {
        self.look(|state| {
            state.logs.get(conversation).map_or_else(Vec::new, |log| log.events.values().cloned().collect())
        })
    }

    /// The code the server closed with.
    pub async fn closed(&self) -> u16 {
        let mut news = self.news.clone();
        let waiting = async {
            loop {
                news.borrow_and_update();
                if let Some(code) = self.look(|state| state.closed) {
                    return code;
                }
                news.changed().await.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the server closes the socket")
    }

    pub fn assert_sound(&self) {
        self.look(|state| assert!(state.faults.is_empty(), "{:#?}", state.faults));
    }
}

async fn run(
    mut ws: Ws,
    mut outbox: mpsc::UnboundedReceiver<Message>,
    state: Arc<Mutex<State>>,
    bell: watch::Sender<u64>,
) {
    let code = loop {
        tokio::select! {
            message = outbox.recv() => {
                let Some(message) = message else {
                    let _ = ws.close(None).await;
                    break 1000;
                };
                if ws.send(message).await.is_err() {
                    break 1006;
                }
            },
            heard = ws.next() => match heard {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    state.lock().unwrap_or_else(PoisonError::into_inner).hear(Arc::new(frame));
                    bell.send_modify(|n| *n += 1);
                }
                Some(Ok(Message::Close(frame))) => break frame.map_or(1005, |CloseFrame { code, .. }| code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break 1006,
            },
        }
    };
    state.lock().unwrap_or_else(PoisonError::into_inner).closed = Some(code);
    bell.send_modify(|n| *n += 1);
}

impl State {
    pub fn answers_to(&self, cid: &str) -> &[Arc<Value>] {
        self.answers.get(cid).map_or(&[], Vec::as_slice)
    }

    fn hear(&mut self, frame: Arc<Value>) {
        match frame["type"].as_str().unwrap_or_default() {
            "event" => self.apply(&frame, &frame["conversation"], true),
            "replay" => {
                for event in frame["events"].as_array().into_iter().flatten() {
                    self.apply(&Arc::new(event.clone()), &frame["conversation"], false);
                }
            }
            "synced" | "reset" => {
                let head = frame["head"].as_i64();
                let log = self.logs.entry(name(&frame["conversation"])).or_default();
                log.last = log.last.max(head);
            }
            "ack" | "nack" => {
                if frame["type"] == "ack" && frame["dup"] == false && frame["seq"].is_i64() {
                    let log = self.logs.entry(name(&frame["conversation"])).or_default();
                    let seq = frame["seq"].as_i64().unwrap_or_default();
                    if log.last.is_some_and(|last| seq > last + 1) {
                        self.faults.push(format!("a hole before the acknowledgement {}", short(&frame)));
                    }
                    log.last = log.last.max(Some(seq));
                }
                if let Some(cid) = frame["cid"].as_str() {
                    self.answers.entry(cid.to_owned()).or_default().push(Arc::clone(&frame));
                }
            }
            _ => {}
        }
        self.frames.push(frame);
    }

    fn apply(&mut self, event: &Arc<Value>, conversation: &Value, live: bool) {
        let log = self.logs.entry(name(conversation)).or_default();
        let seq = event["seq"].as_i64().unwrap_or_default();
        if let Some(known) = log.events.get(&seq) {
            if known["id"] != event["id"] {
                self.faults.push(format!("two events under number {seq}: {} and {}", short(known), short(event)));
            } else if live {
                self.faults.push(format!("delivered twice: {}", short(event)));
            }
        }
        if live && log.last.is_some_and(|last| seq > last + 1) {
            self.faults.push(format!("a hole before {}", short(event)));
        }
        log.last = log.last.max(Some(seq));
        log.events.insert(seq, Arc::clone(event));
    }
}

fn name(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub fn short(value: &Value) -> String {
    short_text(&value.to_string())
}

fn short_text(text: &str) -> String {
    let cut: String = text.chars().take(300).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}
