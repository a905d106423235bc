//! Just enough of Socket.IO: Engine.IO 4 over a WebSocket, text packets, the default namespace.
//!
//! `0{…}` open · `2` ping · `3` pong · `40` connect · `42["event",{…}]` event · `42N["event",…]` event that wants the
//! answer `43N[…]`. Source: the Engine.IO protocol 4 and the Socket.IO protocol 5.

use super::{Frame, Heard};
use serde_json::value::RawValue;

/// The acknowledgement number of joins, which no message has: messages answer with their index.
const JOIN: u32 = u32::MAX;

pub fn join(fields: &str) -> String {
    format!(r#"42{JOIN}["join",{{{fields}}}]"#)
}

pub fn send(index: u32, fields: &str) -> String {
    format!(r#"42{index}["send",{{{fields}}}]"#)
}

pub fn read(text: &str) -> Heard<'_> {
    if text == "2" {
        return Heard::Answer("3");
    }
    if text.starts_with("40") {
        return Heard::Welcome;
    }
    if let Some(arguments) = text.strip_prefix("42") {
        let event: Option<(&str, &RawValue)> = serde_json::from_str(arguments).ok();
        let message = event.filter(|(name, _)| *name == "event").and_then(|(_, body)| Frame::parse(body.get()));
        return message.map_or(Heard::Other, |frame| frame.message());
    }
    text.strip_prefix("43").and_then(answer).unwrap_or(Heard::Other)
}

fn answer(text: &str) -> Option<Heard<'_>> {
    let (number, arguments) = text.split_at(text.find('[')?);
    let index = number.parse().ok()?;
    if index == JOIN {
        return Some(Heard::Joined);
    }
    let (arguments,): (&RawValue,) = serde_json::from_str(arguments).ok()?;
    let frame = Frame::parse(arguments.get())?;
    Some(match frame.code {
        Some(code) => Heard::Nack { index, code: code.0, retry_ms: 0 },
        None => Heard::Ack { index, conversation: super::of(frame.conversation) },
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Heard, Wire};

    #[test]
    fn packets_are_read() {
        let read = |text| Wire::Socketio.read(text);
        assert_eq!(read("2"), Heard::Answer("3"));
        assert_eq!(read(r#"40{"sid":"x"}"#), Heard::Welcome);
        assert_eq!(read(r#"434294967295[{"conversation":"c"}]"#), Heard::Joined);
        assert_eq!(read(r#"4317[{"conversation":"c","id":"4"}]"#), Heard::Ack { index: 17, conversation: "c".into() });
        assert_eq!(
            read(r#"4317[{"code":"bad_request"}]"#),
            Heard::Nack { index: 17, code: "bad_request".into(), retry_ms: 0 }
        );
        assert_eq!(read(r#"42["event",{"kind":"message","body":"00000011 hi"}]"#), Heard::Message { index: 17 });
        assert_eq!(read(r#"0{"sid":"x","pingInterval":25000}"#), Heard::Other);
    }
}
