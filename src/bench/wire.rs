//! The frames of the three servers that can be driven: what to say, and what an answer means to the generator.

mod socketio;

use super::{clock, words};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::Write;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Wire {
    /// Deskbell, over the contract's sockets
    Deskbell,
    /// benches/peers/ws.mjs
    Ws,
    /// benches/peers/socketio.mjs
    Socketio,
}

/// What a frame means to the generator; everything else is [`Heard::Other`].
#[derive(Debug, PartialEq, Eq)]
pub enum Heard<'a> {
    /// The socket may be used.
    Welcome,
    /// A peer took the socket into a conversation.
    Joined,
    /// Deskbell gave the agent a conversation.
    Assigned {
        conversation: Cow<'a, str>,
        generation: i64,
    },
    /// Message `index` is committed.
    Ack {
        index: u32,
        conversation: Cow<'a, str>,
    },
    /// Message `index` was refused.
    Nack {
        index: u32,
        code: Cow<'a, str>,
        retry_ms: u64,
    },
    /// Message `index` arrived on this socket.
    Message {
        index: u32,
    },
    /// The server asks for this answer.
    Answer(&'static str),
    Other,
}

/// A text that is borrowed where JSON allows it.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The fields of server frames that matter here.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow, default, rename = "kind")]
    event: Option<Text<'a>>,
    #[serde(borrow, default)]
    cid: Option<Text<'a>>,
    #[serde(borrow, default)]
    conversation: Option<Text<'a>>,
    #[serde(borrow, default)]
    body: Option<Text<'a>>,
    #[serde(borrow, default)]
    code: Option<Text<'a>>,
    #[serde(default)]
    retry_ms: Option<u64>,
    #[serde(rename = "gen", default)]
    generation: Option<i64>,
}

impl Wire {
    pub fn shopper_path(self) -> &'static str {
        match self {
            Self::Deskbell => "/v1/shopper/socket",
            Self::Ws => "/",
            Self::Socketio => "/socket.io/?EIO=4&transport=websocket",
        }
    }

    pub fn agent_path(self) -> &'static str {
        if self == Self::Deskbell { "/v1/agent/socket" } else { self.shopper_path() }
    }

    /// The first frame on a new socket; the `ws` peer needs none and welcomes nobody.
    pub fn hello(self, ticket: &str) -> Option<String> {
        match self {
            Self::Deskbell => Some(format!(r#"{{"type":"hello","ticket":"{ticket}","resume":[]}}"#)),
            Self::Ws => None,
            Self::Socketio => Some("40".to_owned()),
        }
    }

    /// Takes a peer's socket into a conversation.
    pub fn join(self, conversation: &Uuid, by_agent: bool) -> String {
        let role = if by_agent { "agent" } else { "shopper" };
        let fields = format!(r#""conversation":"{conversation}","role":"{role}""#);
        if self == Self::Socketio { socketio::join(&fields) } else { format!(r#"{{"type":"join",{fields}}}"#) }
    }

    pub fn read(self, text: &str) -> Heard<'_> {
        if self == Self::Socketio {
            socketio::read(text)
        } else {
            Frame::parse(text).map_or(Heard::Other, Frame::heard)
        }
    }
}

impl<'a> Frame<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn heard(self) -> Heard<'a> {
        let index = self.cid.as_ref().and_then(|cid| clock::index_in(&cid.0));
        match (self.kind.as_ref().map(|kind| &*kind.0), index) {
            (Some("event"), _) => self.message(),
            (Some("ack"), Some(index)) => Heard::Ack { index, conversation: of(self.conversation) },
            (Some("nack"), Some(index)) => {
                Heard::Nack { index, code: of(self.code), retry_ms: self.retry_ms.unwrap_or_default() }
            }
            (Some("assigned"), _) => {
                Heard::Assigned { conversation: of(self.conversation), generation: self.generation.unwrap_or_default() }
            }
            (Some("welcome"), _) => Heard::Welcome,
            (Some("joined"), _) => Heard::Joined,
            _ => Heard::Other,
        }
    }

    fn message(&self) -> Heard<'static> {
        let is_message = self.event.as_ref().is_some_and(|kind| kind.0 == "message");
        let index = self.body.as_ref().and_then(|body| words::index_in(&body.0));
        index.filter(|_| is_message).map_or(Heard::Other, |index| Heard::Message { index })
    }
}

fn of(text: Option<Text<'_>>) -> Cow<'_, str> {
    text.map(|text| text.0).unwrap_or_default()
}

/// How one side of one conversation says something: all that never changes is made once.
pub struct Voice {
    wire: Wire,
    by_agent: bool,
    /// Between the cid and the body.
    middle: String,
}

impl Voice {
    /// `conversation` is empty for a Deskbell shopper, who has one only.
    pub fn new(wire: Wire, by_agent: bool, conversation: &str, generation: Option<i64>) -> Self {
        let mut middle = String::from("\"");
        if wire != Wire::Deskbell || by_agent {
            middle = format!(r#"","conversation":"{conversation}""#);
        }
        if let Some(generation) = generation {
            // Writing to a string cannot fail.
            let _ = write!(middle, r#","gen":{generation}"#);
        }
        middle.push_str(r#","body":""#);
        Self { wire, by_agent, middle }
    }

    pub fn say(&self, index: u32, cid: &Uuid) -> String {
        self.frame(index, cid, &words::tag(index), words::line(index, self.by_agent))
    }

    pub fn open(&self, index: u32, cid: &Uuid) -> String {
        self.frame(index, cid, "", words::OPENING)
    }

    fn frame(&self, index: u32, cid: &Uuid, tag: &str, line: &str) -> String {
        let middle = &self.middle;
        match self.wire {
            Wire::Socketio => socketio::send(index, &format!(r#""cid":"{cid}{middle}{tag}{line}""#)),
            Wire::Deskbell | Wire::Ws => format!(r#"{{"type":"send","cid":"{cid}{middle}{tag}{line}"}}"#),
        }
    }
}

/// A Deskbell agent ends a conversation.
pub fn close(conversation: &str, cid: &Uuid) -> String {
    format!(r#"{{"type":"close","cid":"{cid}","conversation":"{conversation}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::{Heard, Voice, Wire};
    use crate::bench::clock::Cids;
    use crate::bench::words;

    #[test]
    fn frames_are_json_and_say_what_was_meant() {
        for (wire, by_agent) in [(Wire::Deskbell, false), (Wire::Deskbell, true), (Wire::Ws, true)] {
            let frame = Voice::new(wire, by_agent, "c1", Some(3)).say(9, &Cids::new().of(9));
            let value: serde_json::Value = serde_json::from_str(&frame).unwrap();
            assert_eq!(value["type"], "send");
            assert_eq!(value["body"], format!("{}{}", words::tag(9), words::line(9, by_agent)));
        }
    }

    #[test]
    fn answers_lead_back_to_their_message() {
        let cid = Cids::new().of(12);
        let ack = format!(r#"{{"type":"ack","cid":"{cid}","conversation":"c","seq":4,"id":"x","dup":false}}"#);
        assert_eq!(Wire::Deskbell.read(&ack), Heard::Ack { index: 12, conversation: "c".into() });
        let nack = format!(r#"{{"type":"nack","cid":"{cid}","code":"rate_limited","retry_ms":500,"terminal":false}}"#);
        assert_eq!(Wire::Deskbell.read(&nack), Heard::Nack { index: 12, code: "rate_limited".into(), retry_ms: 500 });
        let event = r#"{"type":"event","kind":"message","seq":3,"by":{"role":"agent","name":"A \" B"},"body":"0000000c hi \n"}"#;
        assert_eq!(Wire::Deskbell.read(event), Heard::Message { index: 12 });
        assert_eq!(Wire::Deskbell.read(r#"{"type":"event","kind":"note","body":"0000000c hi"}"#), Heard::Other);
        assert_eq!(Wire::Deskbell.read("not json"), Heard::Other);
    }
}
