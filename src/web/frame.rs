//! Inbound frames: strict JSON. What does not fit is answered with `nack bad_request`, and the socket stays.

use crate::domain::conversation::Refusal;
use crate::realtime::event::{Frame, nack};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub const UNREADABLE: Refusal =
    Refusal::BadRequest("This frame is not in the contract: check its type, its fields and their types.");

/// Parses a frame; `Err` is the answer to send. Serde's texts are not passed on: they repeat what was sent. A frame is an
/// object: derived code would take an array of its fields as well.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Frame> {
    let parsed = text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok()).flatten();
    parsed.ok_or_else(|| {
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        nack(value.get("cid").filter(|cid| cid.as_str().is_some_and(|c| c.len() <= 64)), &UNREADABLE)
    })
}
