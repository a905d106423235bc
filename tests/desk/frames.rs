//! Bad input: each frame gets its documented answer, the socket stays or ends as documented, nothing is stored by half.

use crate::harness::raw::{self, BINARY, Back, CLOSE, CONTINUES, ENDS, PING, PONG, Raw, TEXT, TEXT_BEGINS};
use crate::harness::{Agent, Desk, Setup, Shopper, Socket, cid, text};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

/// Values of every type, to put where they do not belong.
fn values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(""),
        json!("x"),
        json!("' or 1=1; drop table events; --"),
        json!([]),
        json!(["x"]),
        json!({}),
        json!({ "$gt": "" }),
    ]
}

/// Every frame of the contract in good order.
fn shopper_frames(chat: &str) -> Vec<Value> {
    vec![
        json!({ "type": "send", "cid": cid(), "body": "hi", "files": [], "conversation": chat, "intake": {}, "team": cid() }),
        json!({ "type": "recall", "cid": cid(), "event": cid(), "conversation": chat }),
        json!({ "type": "read", "conversation": chat, "upto": 1 }),
        json!({ "type": "typing", "conversation": chat, "on": true, "preview": "h" }),
        json!({ "type": "context", "page": { "url": "https://shop.example/", "title": "t", "referrer": "" }, "cart": {}, "fields": {} }),
        json!({ "type": "close", "cid": cid(), "conversation": cid() }),
        json!({ "type": "rate", "cid": cid(), "score": 5, "comment": "c", "conversation": cid() }),
        json!({ "type": "transcript", "cid": cid(), "email": "a@b.example", "conversation": cid() }),
        json!({ "type": "probe" }),
    ]
}

fn agent_frames(chat: &str) -> Vec<Value> {
    vec![
        json!({ "type": "send", "cid": cid(), "conversation": chat, "body": "hi", "files": [], "note": false, "gen": 1 }),
        json!({ "type": "recall", "cid": cid(), "event": cid(), "conversation": chat }),
        json!({ "type": "read", "conversation": chat, "upto": 1 }),
        json!({ "type": "typing", "conversation": chat, "on": true, "preview": "h" }),
        json!({ "type": "close", "cid": cid(), "conversation": cid(), "gen": 1 }),
        json!({ "type": "available", "on": true }),
        json!({ "type": "accept", "conversation": chat, "gen": 1, "cid": cid() }),
        json!({ "type": "decline", "conversation": chat, "gen": 1, "cid": cid() }),
        json!({ "type": "claim", "cid": cid(), "conversation": cid() }),
        json!({ "type": "transfer", "cid": cid(), "conversation": cid(), "to": { "team": cid() }, "note": "n", "gen": 1 }),
        json!({ "type": "watch", "conversation": chat }),
        json!({ "type": "probe" }),
    ]
}

/// Each field of each frame with a value of each type, each frame without each field, and with one more.
fn spoilt(good: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    for frame in good {
        let fields: Vec<_> = frame.as_object().unwrap().keys().cloned().collect();
        for field in &fields {
            for value in values() {
                let mut other = frame.clone();
                other[field] = value;
                all.push(other);
            }
            let mut other = frame.clone();
            other.as_object_mut().unwrap().remove(field);
            all.push(other);
        }
        let mut other = frame.clone();
        other["unheard_of"] = 1.into();
        all.push(other);
    }
    all
}

/// Whether the contract refuses this frame, as far as its form goes.
fn is_out_of_form(frame: &Value, good: &[Value]) -> bool {
    let Some(model) = good.iter().find(|model| model["type"] == frame["type"]) else { return true };
    let (frame, model) = (frame.as_object().unwrap(), model.as_object().unwrap());
    let needed: &[&str] = match frame["type"].as_str().unwrap() {
        "send" => &["cid", "body"],
        "recall" => &["cid", "event"],
        "read" => &["conversation", "upto"],
        "typing" | "available" => &["on"],
        "close" | "claim" => &["cid", "conversation"],
        "rate" => &["cid", "score"],
        "transcript" => &["cid", "email"],
        "transfer" => &["cid", "conversation", "to"],
        "watch" => &["conversation"],
        "accept" | "decline" => &["conversation", "gen"],
        _ => &[],
    };
    let is_wrong = |name: &String, value: &Value| match (name.as_str(), value) {
        ("unheard_of", _) => true,
        ("cart" | "fields", _) if model.contains_key("cart") => false,
        (_, Value::Null) => {
            needed.contains(&name.as_str())
                || matches!(name.as_str(), "files" | "intake" | "note") && value.is_null() && !model[name].is_string()
        }
        ("cid" | "event" | "conversation" | "team", value) => {
            value.as_str().is_none_or(|text| text.parse::<uuid::Uuid>().is_err())
        }
        ("files", value) => value.as_array().is_none_or(|list| list.iter().any(|file| !file.is_string())),
        ("to" | "page", value) => value.get(if name == "to" { "team" } else { "url" }).is_none(),
        (name, value) => std::mem::discriminant(value) != std::mem::discriminant(&model[name]) || value.is_f64(),
    };
    frame.iter().any(|(name, value)| is_wrong(name, value)) || needed.iter().any(|name| !frame.contains_key(*name))
}

async fn all_refused(socket: &Socket, good: &[Value]) {
    let mut refused = 0;
    for frame in spoilt(good).into_iter().filter(|frame| is_out_of_form(frame, good)) {
        let mark = socket.mark();
        socket.send(&frame);
        let nack = socket.wait_from(mark, &format!("a refusal of {frame}"), |f| f["type"] == "nack").await;
        assert_eq!((&nack["code"], &nack["terminal"]), (&json!("bad_request"), &json!(true)), "{frame}");
        if frame["cid"].as_str().is_some_and(|cid| cid.len() <= 64) {
            assert_eq!(nack["cid"], frame["cid"], "{frame}");
        }
        refused += 1;
    }
    assert!(refused > 80, "only {refused} frames were out of form");
}

async fn at_work(desk: &Desk) -> (Agent, Shopper, String) {
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(desk).await;
    let chat = shopper.open("hello").await;
    agent.given(&chat).await;
    (agent, shopper, chat)
}

#[tokio::test]
async fn a_shoppers_frame_that_is_not_the_contracts_is_refused_and_the_socket_stays() {
    let desk = Desk::open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    all_refused(&shopper, &shopper_frames(&chat)).await;
    for strange in strange_texts() {
        let mark = shopper.mark();
        shopper.send_text(strange.clone());
        let nack = shopper.wait_from(mark, "a refusal", |f| f["type"] == "nack").await;
        assert_eq!(nack["code"], "bad_request", "{}", strange.chars().take(80).collect::<String>());
    }
    assert_eq!(desk.stored(&chat).await.len(), 3, "nothing of it was stored");
    shopper.say("still here").await;
    agent.message(&chat, "still here").await;
}

#[tokio::test]
async fn an_agents_frame_that_is_not_the_contracts_is_refused_and_the_socket_stays() {
    let desk = Desk::open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    all_refused(&agent, &agent_frames(&chat)).await;
    for strange in strange_texts() {
        let mark = agent.mark();
        agent.send_text(strange);
        let nack = agent.wait_from(mark, "a refusal", |f| f["type"] == "nack").await;
        assert_eq!(nack["code"], "bad_request");
    }
    assert_eq!(desk.stored(&chat).await.len(), 3, "nothing of it was stored");
    agent.say(&chat, "still here").await;
    shopper.message(&chat, "still here").await;
}

fn strange_texts() -> Vec<String> {
    let id = cid();
    vec![
        String::new(),
        "null".into(),
        "[]".into(),
        r#"["probe"]"#.into(),
        r#"["typing", null, true, null]"#.into(),
        "\"send\"".into(),
        "{".into(),
        r#"{"type":"dance"}"#.into(),
        r#"{"type":"Send"}"#.into(),
        r#"{"body":"no type"}"#.into(),
        format!(r#"{{"type":"send","cid":"{id}","body":"a","body":"b"}}"#),
        format!(r#"{{"type":"send","cid":"{id}","body":"\ud800"}}"#),
        format!(r#"{{"type":"read","conversation":"{id}","upto":1e999}}"#),
        format!(r#"{{"type":"read","conversation":"{id}","upto":{}}}"#, "9".repeat(50_000)),
        format!(r#"{{"type":"context","cart":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000)),
        format!(r#"{{"type":"send","cid":"{}","body":"x"}}"#, "a".repeat(30_000)),
    ]
}

#[tokio::test]
async fn a_body_has_between_one_and_eight_thousand_characters_and_no_nul() {
    let desk = Desk::open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    for body in ["好".repeat(8_000), "🙂".repeat(8_000), "x".repeat(8_000)] {
        shopper.say(&body).await;
        agent.message(&chat, &body).await;
        agent.say(&chat, &body).await;
    }
    let before = desk.stored(&chat).await.len();
    for body in ["好".repeat(8_001), "x".repeat(8_001), "x".repeat(60_000)] {
        let nack = shopper.refused(json!({ "type": "send", "body": body }), "too_long").await;
        assert_eq!(nack["terminal"], true);
        agent.refused(json!({ "type": "send", "body": body, "conversation": chat }), "too_long").await;
    }
    for body in ["", " \n\t\u{3000}", "a\0b", "\0"] {
        shopper.refused(json!({ "type": "send", "body": body }), "bad_request").await;
        agent.refused(json!({ "type": "send", "body": body, "conversation": chat }), "bad_request").await;
    }
    assert_eq!(desk.stored(&chat).await.len(), before);
    shopper.refused(json!({ "type": "send", "body": "x", "files": ["a"] }), "bad_request").await;
}

#[tokio::test]
async fn a_frame_of_64_kib_is_read_and_one_byte_more_ends_the_socket_with_1009() {
    let desk = Desk::open().await;
    let (mut raw, _) = Raw::shopper(&desk).await;
    let frame = |size: usize| {
        let empty = json!({ "type": "send", "cid": cid(), "body": "" }).to_string();
        json!({ "type": "send", "cid": cid(), "body": "x".repeat(size - empty.len()) }).to_string()
    };
    let largest = frame(65_536);
    assert_eq!(largest.len(), 65_536);
    raw.frame(TEXT, largest.as_bytes()).await;
    assert_eq!(raw.answer(&["nack"]).await["code"], "too_long");
    raw.frame(TEXT, frame(65_537).as_bytes()).await;
    assert_eq!(raw.closed().await, Back::Closed(1009));
    let (mut raw, _) = Raw::shopper(&desk).await;
    raw.bytes(&raw::header(TEXT, 1 << 62, true)).await;
    assert_eq!(raw.closed().await, Back::Closed(1009), "an announcement of 2^62 bytes");
    let (mut raw, _) = Raw::shopper(&desk).await;
    for _ in 0..3 {
        raw.frame(TEXT_BEGINS, &vec![b' '; 30_000]).await;
        raw.frame(CONTINUES, &vec![b' '; 30_000]).await;
        raw.frame(CONTINUES, &vec![b' '; 30_000]).await;
    }
    assert_eq!(raw.closed().await, Back::Closed(1009), "in parts");
    Shopper::come(&desk).await.say("others are served").await;
}

#[tokio::test]
async fn invalid_utf8_ends_the_socket_with_1007_and_a_legal_split_is_read() {
    let desk = Desk::open().await;
    for bad in [b"\xc3\x28".as_slice(), b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff"] {
        let (mut raw, _) = Raw::shopper(&desk).await;
        raw.frame(TEXT, bad).await;
        assert_eq!(raw.closed().await, Back::Closed(1007), "{bad:x?}");
    }
    let (mut raw, _) = Raw::shopper(&desk).await;
    let id = cid();
    let frame = json!({ "type": "send", "cid": id, "body": "好🙂" }).to_string();
    let cut = frame.find('🙂').unwrap() + 2;
    raw.frame(TEXT_BEGINS, &frame.as_bytes()[..cut]).await;
    raw.frame(ENDS, &frame.as_bytes()[cut..]).await;
    let ack = raw.answer(&["ack", "nack"]).await;
    assert_eq!((&ack["type"], &ack["cid"]), (&json!("ack"), &json!(id)), "{ack}");
    assert_eq!(desk.stored(text(&ack, "conversation")).await[1].body.as_deref(), Some("好🙂"));
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_socket_with_1002() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    shopper.send_message(Message::binary(b"{}".to_vec()));
    assert_eq!(shopper.closed().await, 1002, "binary");
    let hello = json!({ "type": "probe" }).to_string();
    let mut unmasked = raw::header(TEXT, hello.len() as u64, false);
    unmasked.extend_from_slice(hello.as_bytes());
    let masked = |first: u8, payload: &[u8]| {
        let mut bytes = raw::header(first, payload.len() as u64, true);
        bytes.extend_from_slice(payload);
        bytes
    };
    let cases = [
        ("binary", masked(BINARY, b"{}")),
        ("unmasked", unmasked),
        ("RSV1", masked(TEXT | 0x40, hello.as_bytes())),
        ("RSV2", masked(TEXT | 0x20, hello.as_bytes())),
        ("a reserved opcode", masked(0x83, b"x")),
        ("a reserved control opcode", masked(0x8b, b"x")),
        ("a ping of 126 bytes", masked(PING, &[b'x'; 126])),
        ("a ping in parts", masked(PING & 0x7f, b"x")),
        ("a continuation of nothing", masked(ENDS, b"x")),
    ];
    for (name, bytes) in cases {
        let (mut raw, _) = Raw::shopper(&desk).await;
        raw.bytes(&bytes).await;
        let end = raw.closed().await;
        assert!(matches!(end, Back::Closed(1002)), "{name}: {end:?}");
        assert!(raw.hung_up(Duration::from_secs(3)).await, "{name}: the connection stays open");
    }
    for code in [999_u16, 1005, 1006] {
        let (mut raw, _) = Raw::shopper(&desk).await;
        raw.frame(CLOSE, &code.to_be_bytes()).await;
        assert!(raw.hung_up(Duration::from_secs(3)).await, "close code {code}");
    }
    Shopper::come(&desk).await.say("others are served").await;
}

#[tokio::test]
async fn compression_is_not_negotiated_and_pongs_nobody_asked_for_change_nothing() {
    let desk = Desk::open().await;
    let (_, head) = Raw::upgrade(&desk, "/v1/shopper/socket", "Sec-WebSocket-Extensions: permessage-deflate\r\n").await;
    let head = head.to_lowercase();
    assert!(head.starts_with("http/1.1 101") && !head.contains("deflate"), "{head}");
    assert!(head.contains("sec-websocket-protocol: deskbell.v1"));
    let (mut raw, _) = Raw::shopper(&desk).await;
    raw.frame(PONG, b"12345678").await;
    raw.frame(PING, b"hello").await;
    assert_eq!(raw.next().await, Back::Other(PONG));
}

#[tokio::test]
async fn a_flood_of_pings_ends_with_4029() {
    let desk = Desk::open().await;
    let (mut raw, _) = Raw::shopper(&desk).await;
    for _ in 0..500 {
        raw.frame(PING, b"x").await;
    }
    assert_eq!(raw.closed().await, Back::Closed(4029));
}

#[tokio::test]
async fn two_hundred_messages_in_a_second_reach_the_agent_exactly_as_far_as_they_were_acknowledged() {
    let desk = Setup::default()
        .site(|site| (site.settings.limits.shopper_burst, site.settings.limits.shopper_per_s) = (10, 2))
        .open()
        .await;
    let (agent, shopper, chat) = at_work(&desk).await;
    for n in 0..200 {
        shopper.send(&json!({ "type": "send", "cid": cid(), "body": format!("message {n}") }));
    }
    let answers = |kind: &str| shopper.heard(|f| f["type"] == kind);
    shopper
        .until("200 answers", |state| {
            let answers = state.frames.iter().filter(|f| f["type"] == "ack" || f["type"] == "nack").count();
            (answers == 201).then_some(())
        })
        .await;
    let nacks = answers("nack");
    assert!(
        nacks.iter().all(|n| n["code"] == "rate_limited" && n["retry_ms"].as_i64() > Some(0) && n["terminal"] == false)
    );
    let acked = answers("ack").len() - 1;
    assert!((9..=20).contains(&acked), "{acked} of 200 were let through");
    let rows = crate::harness::log::assert_gapless(&desk, &chat).await;
    agent
        .until("the last one", |state| state.logs.get(&chat)?.events.contains_key(&rows.last()?.seq).then_some(()))
        .await;
    crate::harness::log::assert_same_as_staff(&agent, &chat, &rows);
    assert_eq!(agent.log(&chat).iter().filter(|e| e["kind"] == "message").count(), acked + 1);
}

#[tokio::test]
async fn typing_without_end_reaches_the_agent_a_few_times_and_the_socket_stays() {
    let desk = Desk::open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    for n in 0..400 {
        shopper.send(&json!({ "type": "typing", "conversation": chat, "on": n % 2 == 0 }));
    }
    shopper.say("there").await;
    agent.message(&chat, "there").await;
    let typed = agent.heard(|f| f["type"] == "typing").len();
    assert!((1..=10).contains(&typed), "{typed} typing frames");
}

#[tokio::test]
async fn a_goodbye_is_answered_with_a_goodbye() {
    let desk = Desk::open().await;
    for code in [1000_u16, 1001, 4321] {
        let (mut raw, _) = Raw::shopper(&desk).await;
        raw.frame(CLOSE, &code.to_be_bytes()).await;
        assert!(matches!(raw.closed().await, Back::Closed(given) if given == code), "{code}");
    }
}

#[tokio::test]
async fn a_hello_that_cannot_be_read_is_refused_and_may_be_said_again() {
    let desk = Desk::open().await;
    let (_, session) = desk.session(&desk.begin()).await;
    let socket = Socket::open(&desk.socket_url("/v1/shopper/socket"), Some(crate::harness::SHOP)).await;
    for wrong in [
        json!({ "type": "hello", "ticket": session["ticket"], "resume": null }),
        json!({ "type": "hello", "ticket": session["ticket"], "resume": [], "extra": 1 }),
        json!({ "type": "hello", "ticket": 5, "resume": [] }),
    ] {
        let mark = socket.mark();
        socket.send(&wrong);
        socket.wait_from(mark, "refused", |f| f["type"] == "nack" && f["code"] == "bad_request").await;
    }
    let cursors: Vec<_> =
        (0..51).map(|_| json!({ "conversation": cid(), "epoch": null, "after": 0, "tip": null })).collect();
    socket.send(&json!({ "type": "hello", "ticket": session["ticket"], "resume": cursors }));
    socket.wait("welcome", |f| f["type"] == "welcome").await;
    let refused = socket.heard(|f| f["type"] == "nack" && f["code"] == "forbidden").len();
    socket
        .wait("the rest", |f| f["type"] == "nack" && f["message"].as_str().is_some_and(|m| m.contains("first 50")))
        .await;
    assert!(refused <= 50);
}
