//! What travels to sockets, and the wire form of events for each audience.

use crate::domain::conversation::Refusal;
use crate::domain::event::{Author, Event, Kind};
use crate::domain::id::{ClientId, ConnectionId, ConversationId, Epoch, SessionId, ShopperId, SiteId};
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};

/// A rendered frame, shared by all sockets it goes to.
pub type Frame = axum::extract::ws::Utf8Bytes;

/// One thing for one socket.
#[derive(Clone, Debug)]
pub enum Item {
    Event(Arc<Published>),
    /// Something between two people that is not kept: typing, read marks.
    Signal(Arc<Signal>),
    /// A rendered frame. Lossy ones go first when a socket is slow.
    Frame {
        frame: Frame,
        lossy: bool,
    },
    Assigned {
        conversation: ConversationId,
        site: SiteId,
        generation: i32,
    },
    Unassigned {
        conversation: ConversationId,
        generation: i32,
    },
    /// Something changed in a list that this member of staff may be looking at.
    Changed {
        site: SiteId,
        conversation: ConversationId,
    },
    /// This session was signed out: its sockets end.
    SessionEnded(SessionId),
    /// Stop: with this close code.
    Bye {
        code: u16,
        reason: &'static str,
        retry_ms: Option<u64>,
    },
}

impl Item {
    /// Roughly what it weighs while it waits, in bytes.
    pub fn weight(&self) -> usize {
        let content = match self {
            Self::Event(published) => published.event.body.as_ref().map_or(0, String::len),
            Self::Signal(signal) => signal.preview.as_ref().map_or(0, String::len),
            Self::Frame { frame, .. } => frame.len(),
            _ => 0,
        };
        content + 256
    }

    pub fn is_lossy(&self) -> bool {
        matches!(self, Self::Signal(_) | Self::Frame { lossy: true, .. })
    }
}

/// An event on its way to sockets. Rendered at most once for each audience.
#[derive(Debug)]
pub struct Published {
    pub event: Arc<Event>,
    pub shopper: Option<ShopperId>,
    /// The socket that sent it gets the acknowledgement in place of the event.
    pub origin: Option<ConnectionId>,
    for_staff: OnceLock<Frame>,
    for_shopper: OnceLock<Frame>,
}

impl Published {
    pub fn new(event: Arc<Event>, shopper: Option<ShopperId>, origin: Option<ConnectionId>) -> Self {
        Self { event, shopper, origin, for_staff: OnceLock::new(), for_shopper: OnceLock::new() }
    }

    pub fn staff_frame(&self) -> Frame {
        self.for_staff.get_or_init(|| typed("event", staff_event(&self.event))).clone()
    }

    /// `None`: shoppers do not see it.
    pub fn shopper_frame(&self) -> Option<Frame> {
        let seq = self.event.shopper_seq?;
        Some(self.for_shopper.get_or_init(|| typed("event", shopper_event(&self.event, seq))).clone())
    }
}

#[derive(Debug)]
pub struct Signal {
    pub conversation: ConversationId,
    pub by: Author,
    pub by_name: String,
    pub origin: Option<ConnectionId>,
    pub what: What,
    /// What a shopper types before it is sent; for staff only, where the site allows it.
    pub preview: Option<String>,
}

#[derive(Clone, Copy, Debug)]
pub enum What {
    Typing(bool),
    /// Read up to here, in both numberings.
    Read {
        shopper_seq: i64,
        staff_seq: i64,
    },
}

impl Signal {
    pub fn staff_frame(&self) -> Frame {
        let mut by = json!({ "role": self.by.role(), "name": self.by_name });
        if let Author::Agent(id) = self.by {
            by["id"] = json!(id);
        }
        match self.what {
            What::Typing(on) => text(
                &json!({ "type": "typing", "conversation": self.conversation, "on": on, "by": by, "preview": self.preview }),
            ),
            What::Read { staff_seq, .. } => {
                text(&json!({ "type": "read", "conversation": self.conversation, "upto": staff_seq, "by": by }))
            }
        }
    }

    pub fn shopper_frame(&self) -> Frame {
        let by = json!({ "role": self.by.role(), "name": self.by_name });
        match self.what {
            What::Typing(on) => {
                text(&json!({ "type": "typing", "conversation": self.conversation, "on": on, "by": by }))
            }
            What::Read { shopper_seq, .. } => {
                text(&json!({ "type": "read", "conversation": self.conversation, "upto": shopper_seq, "by": by }))
            }
        }
    }
}

fn text(value: &Value) -> Frame {
    Frame::from(value.to_string())
}

fn typed(kind: &'static str, mut value: Map<String, Value>) -> Frame {
    value.insert("type".into(), kind.into());
    Frame::from(Value::Object(value).to_string())
}

/// An event as staff see it.
pub fn staff_event(event: &Event) -> Map<String, Value> {
    let mut by = json!({ "role": event.by.role(), "name": event.by_name, "avatar": null });
    if let Some(id) = event.by.uuid() {
        by["id"] = json!(id);
    }
    wire(event, event.seq, by, event.data.as_ref())
}

/// An event as its shopper sees it: no staff ids, no addresses, no notes.
pub fn shopper_event(event: &Event, seq: i64) -> Map<String, Value> {
    let by = json!({ "role": event.by.role(), "name": event.by_name, "avatar": null });
    let data = event.data.as_ref().map(|data| match event.kind {
        Kind::Assigned | Kind::Left => json!({ "agent": { "name": data["agent"]["name"], "avatar": null } }),
        _ => data.clone(),
    });
    wire(event, seq, by, data.as_ref())
}

fn wire(event: &Event, seq: i64, by: Value, data: Option<&Value>) -> Map<String, Value> {
    let mut frame = Map::new();
    frame.insert("conversation".into(), json!(event.conversation));
    frame.insert("seq".into(), seq.into());
    frame.insert("id".into(), json!(event.id));
    frame.insert("kind".into(), event.kind.as_str().into());
    frame.insert("by".into(), by);
    frame.insert("at".into(), json!(event.at));
    if let Some(cid) = event.cid {
        frame.insert("cid".into(), json!(cid));
    }
    if matches!(event.kind, Kind::Message | Kind::Note) {
        frame.insert("body".into(), json!(event.body));
        frame.insert("files".into(), json!([]));
        if event.is_recalled() {
            frame.insert("recalled".into(), true.into());
        }
    }
    if let Some(Value::Object(data)) = data {
        let shown = data.iter().filter(|(key, _)| !key.starts_with('_') && key.as_str() != "type");
        for (key, value) in shown {
            frame.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    frame
}

/// The answer to a stored frame, with its number in the sender's numbering.
pub fn ack(cid: Option<ClientId>, event: &Event, seq: Option<i64>, dup: bool) -> Frame {
    text(
        &json!({ "type": "ack", "cid": cid, "conversation": event.conversation, "id": event.id, "seq": seq, "at": event.at, "dup": dup }),
    )
}

/// The answer to a frame that stores no event, such as a request for a transcript.
pub fn plain_ack(cid: ClientId, conversation: ConversationId) -> Frame {
    text(&json!({ "type": "ack", "cid": cid, "conversation": conversation, "dup": false }))
}

pub fn nack(cid: Option<&Value>, refusal: &Refusal) -> Frame {
    let retry_ms = refusal.retry().map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
    text(&json!({
        "type": "nack", "cid": cid, "code": refusal.code(), "message": refusal.message(),
        "retry_ms": retry_ms, "terminal": refusal.is_terminal(),
    }))
}

pub fn replay(conversation: ConversationId, events: &[Map<String, Value>], more: bool) -> Frame {
    text(&json!({ "type": "replay", "conversation": conversation, "events": events, "more": more }))
}

pub fn synced(conversation: ConversationId, epoch: Epoch, head: i64) -> Frame {
    text(&json!({ "type": "synced", "conversation": conversation, "epoch": epoch, "head": head }))
}

pub fn reset(conversation: ConversationId, reason: &str, epoch: Epoch, head: i64) -> Frame {
    text(&json!({ "type": "reset", "conversation": conversation, "reason": reason, "epoch": epoch, "head": head }))
}

pub fn queue(conversation: ConversationId, position: usize, wait: Option<(u64, u64)>) -> Frame {
    let wait = wait.map(|(low, high)| json!({ "low_s": low, "high_s": high }));
    text(&json!({ "type": "queue", "conversation": conversation, "position": position, "wait": wait }))
}

pub fn bye(code: &str, retry_ms: u64) -> Frame {
    text(&json!({ "type": "bye", "code": code, "retry_ms": retry_ms }))
}

/// How far the other side has read, told again after a replay.
pub fn read_mark(conversation: ConversationId, upto: i64, by: &str) -> Frame {
    text(&json!({ "type": "read", "conversation": conversation, "upto": upto, "by": { "role": by, "name": "" } }))
}

/// A frame of any other kind.
pub fn frame(value: &Value) -> Frame {
    text(value)
}
