//! Operations on a page's HTML, as they travel.

use crate::domain::id::ConversationId;
use crate::realtime::event::{Frame, Signal, frame};
use crate::store::desk::Unread;
use crate::words::{self, Lang, filters};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Debug, Serialize)]
pub struct Op {
    #[serde(rename = "op")]
    name: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    /// Where among its siblings: the entry's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<Value>,
}

#[derive(Template)]
#[template(path = "console/_typing.html")]
struct TypingLine<'a> {
    name: &'a str,
    preview: Option<&'a str>,
}

impl Op {
    fn new(name: &'static str, to: impl Into<String>) -> Self {
        Self { name, to: to.into(), html: None, k: None, a: None }
    }

    /// Adds an entry, or changes the one that is there already.
    pub fn append(to: ConversationId, seq: i64, html: String) -> Self {
        Self { html: Some(html), k: Some(seq), ..Self::new("append", format!("#log-{to}")) }
    }

    pub fn replace(to: &str, html: String) -> Self {
        Self { html: Some(html), ..Self::new("replace", to) }
    }

    /// The whole list, drawn anew.
    pub fn list(html: String) -> Self {
        Self { html: Some(html), ..Self::new("list", "#rows") }
    }

    /// Rows of the list that are new or changed, and, where that is another, the order of all.
    pub fn rows(html: String, order: Option<&[ConversationId]>) -> Self {
        Self { html: Some(html), a: Some(json!({ "order": order })), ..Self::new("list", "#rows") }
    }

    /// Fills what stays where it is.
    pub fn update(to: &str, html: String) -> Self {
        Self { html: Some(html), ..Self::new("update", to) }
    }

    /// A line over the page, until the next one.
    pub fn toast(text: &str) -> Self {
        Self { a: Some(json!({ "name": "said", "text": text })), ..Self::new("event", "") }
    }

    /// The page's state is another now: ask for it again.
    pub fn refresh() -> Self {
        Self::new("refresh", "")
    }

    pub fn event(name: &'static str, conversation: ConversationId) -> Self {
        Self { a: Some(json!({ "name": name, "conversation": conversation })), ..Self::new("event", "") }
    }

    /// Something that calls for whoever is here, with what to tell them.
    pub fn call(conversation: ConversationId, text: &str) -> Self {
        let detail = json!({ "name": "call", "conversation": conversation, "text": text });
        Self { a: Some(detail), ..Self::new("event", "") }
    }

    /// All chats in which something is unread, and how many wait.
    pub fn unread(chats: &[Unread], waiting: i64) -> Self {
        Self { a: Some(json!({ "name": "unread", "chats": chats, "waiting": waiting })), ..Self::new("event", "") }
    }

    pub fn count(name: &'static str, count: i64) -> Self {
        Self { a: Some(json!({ "data-n": count.to_string() })), ..Self::new("attr", format!("[data-count={name}]")) }
    }

    pub fn seen(conversation: ConversationId, upto: i64, at: DateTime<Utc>) -> Self {
        let at = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        Self {
            a: Some(json!({ "data-seen": upto.to_string(), "data-seen-at": at })),
            ..Self::new("attr", format!("#log-{conversation}"))
        }
    }

    pub fn reached(conversation: ConversationId, upto: i64) -> Self {
        let a = json!({ "data-got": upto.to_string() });
        Self { a: Some(a), ..Self::new("attr", format!("#log-{conversation}")) }
    }

    pub fn typing(lang: Lang, signal: &Signal, on: bool) -> Self {
        let visitor = lang.say("visitor");
        let name = if signal.by_name.is_empty() { &visitor } else { &signal.by_name };
        let line = TypingLine { name, preview: signal.preview.as_deref() };
        let html = if on { words::print(lang, &line).unwrap_or_default() } else { String::new() };
        Self { html: Some(html), ..Self::new("update", format!("#typing-{}", signal.conversation)) }
    }

    pub fn not_typing(conversation: ConversationId) -> Self {
        Self { html: Some(String::new()), ..Self::new("update", format!("#typing-{conversation}")) }
    }
}

#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Ops(Vec<Op>);

impl Ops {
    pub fn one(op: Op) -> Self {
        Self(vec![op])
    }

    pub fn push(&mut self, op: Op) {
        self.0.push(op);
    }

    pub fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A frame; `seq` moves the topic's cursor.
pub fn bundle(topic: &str, seq: Option<i64>, ops: &Ops) -> Frame {
    let mut bundle = json!({ "topic": topic, "ops": ops });
    if let Some(seq) = seq {
        bundle["seq"] = json!(seq);
    }
    frame(&bundle)
}
