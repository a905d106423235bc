//! The frames a shopper may send. Strict: unknown fields and wrong types are `bad_request`.

use crate::conversations::Intake;
use crate::domain::id::{ClientId, ConversationId, EventId, TeamId};
use crate::replay::Cursor;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ShopperFrame {
    Hello {
        ticket: String,
        #[serde(default)]
        resume: Vec<Cursor>,
    },
    Send {
        cid: ClientId,
        body: String,
        #[serde(default)]
        files: Vec<String>,
        conversation: Option<ConversationId>,
        #[serde(default)]
        intake: Intake,
        team: Option<TeamId>,
        /// Where nothing is open, what ended lately is opened again rather than something new.
        #[serde(default)]
        reopen: bool,
    },
    Recall {
        cid: ClientId,
        event: EventId,
        conversation: Option<ConversationId>,
    },
    Read {
        conversation: ConversationId,
        upto: i64,
    },
    Typing {
        conversation: Option<ConversationId>,
        on: bool,
        preview: Option<String>,
    },
    Context {
        #[serde(default, deserialize_with = "object")]
        page: Option<Page>,
        cart: Option<Value>,
        fields: Option<Value>,
    },
    Close {
        cid: ClientId,
        conversation: ConversationId,
    },
    Rate {
        cid: ClientId,
        score: i64,
        #[serde(default)]
        comment: Option<String>,
        conversation: Option<ConversationId>,
    },
    Transcript {
        cid: ClientId,
        email: String,
        conversation: Option<ConversationId>,
    },
    Probe {},
}

impl ShopperFrame {
    /// The client id under which the frame is acknowledged.
    pub fn cid(&self) -> Option<ClientId> {
        match self {
            Self::Send { cid, .. }
            | Self::Recall { cid, .. }
            | Self::Close { cid, .. }
            | Self::Rate { cid, .. }
            | Self::Transcript { cid, .. } => Some(*cid),
            Self::Hello { .. } | Self::Read { .. } | Self::Typing { .. } | Self::Context { .. } | Self::Probe {} => {
                None
            }
        }
    }
}

impl ShopperFrame {
    /// The conversation it names.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::Send { conversation, .. }
            | Self::Recall { conversation, .. }
            | Self::Typing { conversation, .. }
            | Self::Rate { conversation, .. }
            | Self::Transcript { conversation, .. } => *conversation,
            Self::Read { conversation, .. } | Self::Close { conversation, .. } => Some(*conversation),
            Self::Hello { .. } | Self::Context { .. } | Self::Probe {} => None,
        }
    }
}

/// Derived code takes an array of its fields for an object: this does not.
pub fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(source: D) -> Result<Option<T>, D::Error> {
    let fields = Option::<Map<String, Value>>::deserialize(source)?;
    fields.map(|fields| T::deserialize(Value::Object(fields)).map_err(D::Error::custom)).transpose()
}

#[derive(Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    pub url: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub referrer: String,
}

impl Page {
    /// The link of a letter: whoever has its address has the chat, so that it is no page for agents to see.
    pub fn opens_a_chat(&self) -> bool {
        let Ok(url) = url::Url::parse(&self.url) else { return false };
        let parts: Vec<_> = url.path_segments().into_iter().flatten().collect();
        matches!(parts[..], ["w", _, "place", _])
    }
}

#[cfg(test)]
mod tests {
    use super::ShopperFrame;

    #[test]
    fn what_is_not_in_the_contract_does_not_parse() {
        let good = r#"{"type":"send","cid":"0197a1b2-0000-7000-8000-000000000000","body":"hi","files":[]}"#;
        assert!(serde_json::from_str::<ShopperFrame>(good).is_ok());
        let deep = format!(r#"{{"type":"context","cart":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        let bad = [
            r#"{"type":"send","cid":"0197a1b2-0000-7000-8000-000000000000","body":"hi","x":1}"#,
            r#"{"type":"send","cid":"0197a1b2-0000-7000-8000-000000000000","body":7}"#,
            r#"{"type":"send","cid":"7","body":"hi"}"#,
            r#"{"type":"send","body":"hi"}"#,
            r#"{"type":"send","cid":"0197a1b2-0000-7000-8000-000000000000","body":"a","body":"b"}"#,
            r#"{"type":"send","cid":"0197a1b2-0000-7000-8000-000000000000","body":"\ud800"}"#,
            r#"{"type":"read","conversation":"0197a1b2-0000-7000-8000-000000000000","upto":1e999}"#,
            r#"{"type":"send","cid":"0197a1b2-0000-7000-8000-000000000000","body":"hi","note":true}"#,
            r#"{"type":"dance"}"#,
            r#"["type","send"]"#,
            "",
            deep.as_str(),
        ];
        for (n, text) in bad.iter().enumerate() {
            assert!(serde_json::from_str::<ShopperFrame>(text).is_err(), "case {n}");
        }
    }
}
