//! What travels to sockets, and the wire form of events for each audience.

use super::colleague::Colleague;
use crate::domain::conversation::{Given, Refusal};
use crate::domain::event::{Author, Event, Kind};
use crate::domain::file::{Addresses, Copy, File};
use crate::domain::id::{ClientId, ConnectionId, ConversationId, Epoch, EventId, ShopperId, SiteId};
use crate::domain::line::Ringing;
use crate::domain::mention::Called;
use crate::domain::sla::{Standing, Target};
use crate::measure;
use crate::pace::Spent;
use chrono::{DateTime, Utc};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// A rendered frame, shared by all sockets it goes to.
pub type Frame = axum::extract::ws::Utf8Bytes;

/// One thing for one socket. In JSON, for other nodes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    Event(Arc<Published>),
    /// Something between two people that is not kept: typing, read marks.
    Signal(Arc<Signal>),
    /// A rendered frame. Lossy ones go first when a socket is slow.
    Frame {
        #[serde(with = "as_text")]
        frame: Frame,
        lossy: bool,
    },
    Assigned {
        #[serde(flatten)]
        given: Given,
        /// Who gave it, and what they wrote with it; nobody where the queue did.
        #[serde(default)]
        by: Option<(String, String)>,
    },
    /// It rings at this agent.
    Offered(Ringing),
    Unassigned {
        conversation: ConversationId,
        generation: i32,
    },
    /// Something changed in a list that this member of staff may be looking at.
    Changed {
        site: SiteId,
        conversation: ConversationId,
    },
    /// How far a log has come, as the database says; of this node alone.
    Head {
        conversation: ConversationId,
        seq: i64,
        shopper_seq: i64,
    },
    /// Whose chats are whose, as the database says; of this node alone.
    Load(Arc<Vec<Given>>),
    /// What somebody may see has changed: look again.
    Rights,
    /// This agent's status is another now.
    Standing,
    /// The shopper of a conversation may have come or gone: whoever shows it looks.
    Presence(ConversationId),
    /// What staff wrote has come to the shopper up to here, in the numbering of staff.
    Reached {
        conversation: ConversationId,
        upto: i64,
    },
    /// Who of the staff looks at a conversation, for pages that show it too.
    Colleague(Arc<Colleague>),
    /// What a shopper's browser says of itself may have changed: whoever shows it looks.
    Reported(ConversationId),
    /// Somebody came to a shop or left it, or is at another page of it: whoever shows its visitors looks.
    Visits,
    /// What a colleague wrote calls this agent.
    Mentioned {
        conversation: ConversationId,
        by: String,
        #[serde(default)]
        called: Called,
    },
    /// An answer comes close to its target, or is late.
    Due(Due),
    /// A chat of theirs sleeps no more.
    Woken(ConversationId),
    /// There is something to do.
    Wake,
    /// Where this one is in line.
    Asked(ConversationId),
    /// Of somebody's allowance.
    Spent(Spent),
    /// Whoever this socket belongs to was signed out: it ends.
    SignedOut,
    /// This shopper may not come in any more: it ends, and does not come back.
    Blocked,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Due {
    pub conversation: ConversationId,
    pub target: Target,
    pub standing: Standing,
}

mod as_text {
    use super::Frame;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(frame: &Frame, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(frame.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Frame, D::Error> {
        String::deserialize(deserializer).map(Frame::from)
    }
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
        let is_hint =
            matches!(self, Self::Signal(_) | Self::Presence(_) | Self::Reported(_) | Self::Colleague(_) | Self::Visits);
        is_hint || matches!(self, Self::Frame { lossy: true, .. })
    }
}

/// An event on its way to sockets. Rendered at most once for each audience.
#[derive(Debug, Serialize, Deserialize)]
pub struct Published {
    pub event: Arc<Event>,
    pub shopper: Option<ShopperId>,
    /// The socket that sent it gets the acknowledgement in place of the event.
    pub origin: Option<ConnectionId>,
    #[serde(skip)]
    for_staff: OnceLock<Frame>,
    #[serde(skip)]
    for_shopper: OnceLock<Frame>,
}

impl Published {
    pub fn new(event: Arc<Event>, shopper: Option<ShopperId>, origin: Option<ConnectionId>) -> Self {
        Self { event, shopper, origin, for_staff: OnceLock::new(), for_shopper: OnceLock::new() }
    }

    pub fn staff_frame(&self, at: &Addresses) -> Frame {
        self.for_staff.get_or_init(|| Shown::to_staff(&self.event, at).frame()).clone()
    }

    /// `None`: shoppers do not see it.
    pub fn shopper_frame(&self, at: &Addresses) -> Option<Frame> {
        let shown = Shown::to_shopper(&self.event, at)?;
        Some(self.for_shopper.get_or_init(|| shown.frame()).clone())
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Signal {
    pub conversation: ConversationId,
    pub by: Author,
    pub by_name: String,
    pub origin: Option<ConnectionId>,
    pub what: What,
    /// What a shopper types before it is sent; for staff only, where the site allows it.
    pub preview: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Typing(bool),
    /// Read up to here, in both numberings.
    Read {
        shopper_seq: i64,
        staff_seq: i64,
    },
    /// It has come this far at the desk; for the shopper alone.
    Delivered {
        shopper_seq: i64,
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
            What::Delivered { shopper_seq } => delivered(self.conversation, shopper_seq),
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
            What::Delivered { shopper_seq } => delivered(self.conversation, shopper_seq),
        }
    }
}

fn text(value: &impl Serialize) -> Frame {
    // Strings as keys and nothing that fails while it is written: there is no error to handle.
    Frame::from(serde_json::to_string(value).unwrap_or_default())
}

/// An event as one audience sees it, in the numbering of that audience.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    event: &'a Event,
    /// Where its files are read.
    at: &'a Addresses,
    seq: i64,
    for_staff: bool,
    /// In a replay an event says nothing of its type; as a frame it does.
    is_frame: bool,
}

impl<'a> Shown<'a> {
    pub fn to_staff(event: &'a Event, at: &'a Addresses) -> Self {
        Self { event, at, seq: event.seq, for_staff: true, is_frame: false }
    }

    /// No staff ids, no addresses, no notes; `None` is hidden altogether.
    pub fn to_shopper(event: &'a Event, at: &'a Addresses) -> Option<Self> {
        event.shopper_seq.map(|seq| Self { event, at, seq, for_staff: false, is_frame: false })
    }

    fn frame(self) -> Frame {
        text(&Self { is_frame: true, ..self })
    }

    /// What an event says beside its text. Of an agent a shopper is told the name.
    fn data(&self) -> Option<Cow<'a, Value>> {
        let data = self.event.data.as_ref()?;
        let names_agent = matches!(self.event.kind, Kind::Assigned | Kind::Left);
        Some(if names_agent && !self.for_staff {
            Cow::Owned(json!({ "agent": { "name": data["agent"]["name"], "avatar": null } }))
        } else {
            Cow::Borrowed(data)
        })
    }
}

/// Keys of every event; what an event says of its own may not take their place.
const OWN_KEYS: [&str; 9] = ["type", "conversation", "seq", "id", "kind", "by", "at", "cid", "recalled"];

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = self.event;
        let mut map = serializer.serialize_map(None)?;
        if self.is_frame {
            map.serialize_entry("type", "event")?;
        }
        map.serialize_entry("conversation", &event.conversation)?;
        map.serialize_entry("seq", &self.seq)?;
        map.serialize_entry("id", &event.id)?;
        map.serialize_entry("kind", event.kind.as_str())?;
        let id = event.by.uuid().filter(|_| self.for_staff);
        map.serialize_entry("by", &By { role: event.by.role(), name: &event.by_name, avatar: None, id })?;
        map.serialize_entry("at", &event.at)?;
        if let Some(cid) = event.cid {
            map.serialize_entry("cid", &cid)?;
        }
        let has_text = matches!(event.kind, Kind::Message | Kind::Note);
        if has_text {
            map.serialize_entry("body", &event.body)?;
            let files: Vec<_> = event.files().into_iter().map(|file| Carried::new(file, self.at)).collect();
            map.serialize_entry("files", &files)?;
            if event.is_recalled() {
                map.serialize_entry("recalled", &true)?;
            }
        }
        if let Some(Value::Object(data)) = self.data().as_deref() {
            let is_own = |key: &str| OWN_KEYS.contains(&key) || (has_text && matches!(key, "body" | "files"));
            for (key, value) in data.iter().filter(|(key, _)| !key.starts_with('_') && !is_own(key)) {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}

/// A file as a message shows it.
#[derive(Serialize)]
struct Carried {
    #[serde(flatten)]
    file: File,
    url: String,
    /// A small copy that a page may show.
    #[serde(skip_serializing_if = "Option::is_none")]
    thumb: Option<String>,
}

impl Carried {
    fn new(file: File, at: &Addresses) -> Self {
        Self { url: at.of(file.id, Copy::Whole), thumb: file.is_picture().then(|| at.of(file.id, Copy::Thumb)), file }
    }
}

#[derive(Serialize)]
struct By<'a> {
    role: &'static str,
    name: &'a str,
    avatar: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
}

#[derive(Serialize)]
struct Ack {
    r#type: &'static str,
    cid: Option<ClientId>,
    conversation: ConversationId,
    id: EventId,
    seq: Option<i64>,
    at: DateTime<Utc>,
    dup: bool,
}

/// The answer to a stored frame, with its number in the sender's numbering.
pub fn ack(cid: Option<ClientId>, event: &Event, seq: Option<i64>, dup: bool) -> Frame {
    if dup {
        measure::resent();
    }
    text(&Ack { r#type: "ack", cid, conversation: event.conversation, id: event.id, seq, at: event.at, dup })
}

/// The answer to a frame that stores no event, such as a request for a transcript.
pub fn plain_ack(cid: ClientId, conversation: ConversationId) -> Frame {
    text(&json!({ "type": "ack", "cid": cid, "conversation": conversation, "dup": false }))
}

pub fn nack(cid: Option<&Value>, refusal: &Refusal) -> Frame {
    measure::refused(refusal.code());
    let retry_ms = refusal.retry().map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
    text(&json!({
        "type": "nack", "cid": cid, "code": refusal.code(), "message": refusal.message(),
        "retry_ms": retry_ms, "terminal": refusal.is_terminal(),
    }))
}

pub fn replay(conversation: ConversationId, events: &[Shown<'_>], more: bool) -> Frame {
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

/// How far a conversation has come at the desk.
pub fn delivered(conversation: ConversationId, upto: i64) -> Frame {
    text(&json!({ "type": "delivered", "conversation": conversation, "upto": upto }))
}

/// A frame of any other kind.
pub fn frame(value: &Value) -> Frame {
    text(value)
}
