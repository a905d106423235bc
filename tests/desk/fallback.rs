//! The same frames over an event stream and posts, where WebSocket is blocked.

use crate::harness::{Agent, Desk, PATIENCE, SHOP, Setup, Shopper, cid, number, text};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde_json::{Value, json};

/// A browser that can only fetch.
struct Fetching<'a> {
    desk: &'a Desk,
    token: String,
    events: BoxStream<'static, Value>,
}

pub(crate) async fn stream(desk: &Desk, token: &str, cursor: Option<&str>) -> BoxStream<'static, Value> {
    let mut request =
        desk.http.get(format!("{}/v1/shopper/events", desk.base)).bearer_auth(token).header("origin", SHOP);
    if let Some(cursor) = cursor {
        request = request.header("last-event-id", cursor);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let lines = answer.bytes_stream().scan(Vec::new(), |rest, chunk| {
        rest.extend_from_slice(&chunk.unwrap_or_default());
        let mut frames = Vec::new();
        while let Some(end) = rest.windows(2).position(|pair| pair == b"\n\n") {
            let message: Vec<u8> = rest.drain(..end + 2).collect();
            if let Some(data) = String::from_utf8(message).unwrap().trim_end().strip_prefix("data: ") {
                frames.push(serde_json::from_str(data).unwrap());
            }
        }
        std::future::ready(Some(futures_util::stream::iter(frames)))
    });
    lines.flatten().boxed()
}

impl<'a> Fetching<'a> {
    async fn come(desk: &'a Desk) -> Self {
        let (status, session) = desk.session(&desk.begin()).await;
        assert_eq!(status, 200);
        let token = text(&session, "token").to_owned();
        let mut fetching = Self { desk, events: stream(desk, &token, None).await, token };
        fetching.next("welcome").await;
        fetching
    }

    async fn next(&mut self, kind: &str) -> Value {
        let looking = async {
            loop {
                let frame = self.events.next().await.expect("the stream goes on");
                if frame["type"] == kind || frame["kind"] == kind {
                    return frame;
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("{kind} never came"))
    }

    async fn post(&self, frame: &str) -> (u16, Value) {
        let request = self.desk.http.post(format!("{}/v1/shopper/frames", self.desk.base)).bearer_auth(&self.token);
        let answer = request.header("origin", SHOP).body(frame.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// The one answer to a frame.
    async fn call(&self, mut frame: Value) -> Value {
        if frame["cid"].is_null() {
            frame["cid"] = cid().into();
        }
        let (status, answer) = self.post(&frame.to_string()).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["frames"].as_array().map(Vec::len), Some(1), "{answer}");
        answer["frames"][0].clone()
    }
}

#[tokio::test]
async fn a_whole_conversation_without_a_socket() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent: Agent = desk.agent("Ana", team, 5).await;
    let mut shopper = Fetching::come(&desk).await;
    let frame = json!({ "type": "send", "cid": cid(), "body": "no sockets here 🙂\n\ndata: x" });
    let ack = shopper.call(frame.clone()).await;
    assert_eq!((&ack["type"], &ack["dup"], &ack["seq"]), (&json!("ack"), &json!(false), &json!(2)));
    let chat = text(&ack, "conversation").to_owned();
    assert_eq!(shopper.next("opened").await["seq"], 1);
    let own = shopper.next("message").await;
    assert_eq!((&own["body"], &own["cid"], &own["id"]), (&frame["body"], &frame["cid"], &ack["id"]));
    assert_eq!(shopper.next("assigned").await["agent"]["name"], "Ana");
    agent.given(&chat).await;
    agent.message(&chat, text(&frame, "body")).await;
    agent.note(&chat, "not for the shopper").await;
    agent.say(&chat, "I see you").await;
    let answer = shopper.next("event").await;
    assert_eq!((&answer["body"], number(&answer, "seq")), (&json!("I see you"), 4));
    let again = shopper.call(frame.clone()).await;
    assert_eq!((&again["dup"], &again["id"], &again["at"]), (&json!(true), &ack["id"], &ack["at"]));
    let mut other = frame;
    other["body"] = "other".into();
    assert_eq!(shopper.call(other).await["code"], "cid_conflict");
    agent.send(&json!({ "type": "typing", "conversation": chat, "on": true }));
    shopper.next("typing").await;
    let read = shopper.post(&json!({ "type": "read", "conversation": chat, "upto": 4 }).to_string()).await;
    assert_eq!(read, (200, json!({ "frames": [] })));
    agent.wait("read", |f| f["type"] == "read" && f["upto"] == 5).await;
    let closed = shopper.call(json!({ "type": "close", "conversation": chat })).await;
    assert_eq!(closed["type"], "ack");
    agent.kind(&chat, "closed").await;
    assert_eq!(shopper.call(json!({ "type": "rate", "score": 5 })).await["type"], "ack");
    assert_eq!(shopper.call(json!({ "type": "send", "body": "late", "conversation": chat })).await["code"], "closed");
    crate::harness::log::assert_gapless(&desk, &chat).await;
}

#[tokio::test]
async fn a_stream_goes_on_after_its_cursor() {
    let desk = Desk::open().await;
    let mut shopper = Fetching::come(&desk).await;
    let ack = shopper.call(json!({ "type": "send", "body": "one" })).await;
    let chat = text(&ack, "conversation").to_owned();
    let tip = shopper.next("message").await["id"].clone();
    shopper.call(json!({ "type": "send", "body": "two" })).await;
    let epoch = desk.app.epoch;
    let cursor = format!("{chat}:{epoch}:2:{}", tip.as_str().unwrap());
    shopper.events = stream(&desk, &shopper.token, Some(&cursor)).await;
    let replay = shopper.next("replay").await;
    let bodies: Vec<_> = replay["events"].as_array().unwrap().iter().map(|e| e["body"].clone()).collect();
    assert_eq!(bodies, ["two"]);
    assert_eq!(number(&shopper.next("synced").await, "head"), 3);
    shopper.call(json!({ "type": "send", "body": "three" })).await;
    assert_eq!(shopper.next("message").await["body"], "three");
    shopper.events = stream(&desk, &shopper.token, Some(&format!("{chat}:{epoch}:2:{}", cid()))).await;
    assert_eq!(shopper.next("reset").await["reason"], "tip");
}

#[tokio::test]
async fn the_posts_are_as_strict_as_the_socket() {
    let desk = Setup::default()
        .site(|site| (site.settings.limits.shopper_burst, site.settings.limits.shopper_per_s) = (3, 1))
        .open()
        .await;
    let shopper = Fetching::come(&desk).await;
    for bad in ["", "null", "[]", "{\"type\":\"dance\"}", "{\"type\":\"send\",\"cid\":1}"] {
        let (status, answer) = shopper.post(bad).await;
        assert_eq!((status, &answer["frames"][0]["code"]), (200, &json!("bad_request")), "{bad}");
    }
    let hello = json!({ "type": "hello", "ticket": "x" }).to_string();
    assert_eq!(shopper.post(&hello).await.1["frames"][0]["code"], "bad_request");
    assert_eq!(shopper.call(json!({ "type": "send", "body": "x".repeat(8_001) })).await["code"], "too_long");
    assert_eq!(shopper.call(json!({ "type": "send", "body": "a\0b" })).await["code"], "bad_request");
    let (status, _) = shopper.post(&"x".repeat(70_000)).await;
    assert_eq!(status, 400);
    let mut codes = Vec::new();
    for _ in 0..8 {
        codes.push(shopper.call(json!({ "type": "send", "body": "quick" })).await["code"].clone());
    }
    assert!(codes.iter().any(|code| code == "rate_limited"), "{codes:?}");
    let events = format!("{}/v1/shopper/events", desk.base);
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    assert_eq!(status(desk.http.get(&events)).await, 401);
    assert_eq!(status(desk.http.get(&events).bearer_auth("made up")).await, 401);
    assert_eq!(
        status(desk.http.get(&events).bearer_auth(&shopper.token).header("origin", "https://evil.example")).await,
        403
    );
    for cursor in ["x", "::::", "' or 1=1"] {
        assert_eq!(
            status(desk.http.get(&events).bearer_auth(&shopper.token).header("last-event-id", cursor)).await,
            400,
            "{cursor}"
        );
    }
    let query = format!("{events}?token={}", shopper.token);
    assert_eq!(status(desk.http.get(query)).await, 401, "a token in the address is nobody's");
}

#[tokio::test]
async fn a_socket_and_a_stream_of_one_shopper_tell_the_same() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let mut fetching =
        Fetching { desk: &desk, token: shopper.token.clone(), events: stream(&desk, &shopper.token, None).await };
    fetching.next("welcome").await;
    let chat = shopper.open("from the socket").await;
    assert_eq!(fetching.next("message").await["body"], "from the socket");
    fetching.call(json!({ "type": "send", "body": "from the post" })).await;
    shopper.message(&chat, "from the post").await;
    assert_eq!(fetching.next("message").await["body"], "from the post");
    shopper.assert_sound();
}
