//! Hostile text in every field that takes text: stored and given back literally, executed nowhere.

use crate::harness::people::from_start;
use crate::harness::{Desk, Shopper, cid, text};
use serde_json::{Value, json};

const PAYLOADS: [&str; 16] = [
    "'; drop table events; --",
    "\" or \"\"=\"",
    "$1 $2 %s %n {0} {{7*7}} ${7*7} {% raw %}",
    "\\'; select pg_sleep(10); --",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</textarea></script><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &#x3c;",
    "\r\nBcc: victim@evil.example\r\n\r\nhello",
    "a\tb\r\nc\u{2028}d\u{2029}e\u{85}f",
    "\u{202e}gnp.exe\u{2066}\u{200b}\u{feff}",
    "../../etc/passwd %2e%2e%2f",
    "{\"type\":\"close\"}",
    "null",
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{fe0f} z\u{0335}\u{0336}",
];

#[tokio::test]
async fn hostile_text_in_every_field_is_only_text() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 100).await;
    for payload in PAYLOADS {
        let shopper = Shopper::come(&desk).await;
        let first = json!({
            "type": "send", "body": payload,
            "intake": { "name": payload, "question": payload, payload: "x" },
        });
        let ack = shopper.must(first).await;
        let chat = text(&ack, "conversation").to_owned();
        ana.given(&chat).await;
        assert_eq!(ana.message(&chat, payload).await["body"], payload);
        let opened = ana.kind(&chat, "opened").await;
        assert_eq!((&opened["intake"]["question"], &opened["intake"][payload]), (&json!(payload), &json!("x")));
        shopper.send(&json!({ "type": "context", "page": { "url": payload, "title": payload, "referrer": payload }, "cart": payload, "fields": { payload: payload } }));
        shopper.send(&json!({ "type": "typing", "on": true, "preview": payload }));
        ana.say(&chat, payload).await;
        ana.note(&chat, payload).await;
        shopper.event(&chat, "the answer", |e| e["by"]["role"] == "agent" && e["body"] == payload).await;
        // Whoever had the chat follows it no longer once it is closed, unless they watch it.
        ana.watch(&chat).await;
        shopper.close(&chat).await;
        shopper.must(json!({ "type": "rate", "score": 5, "comment": payload })).await;
        assert_eq!(ana.kind(&chat, "rated").await["comment"], payload);
        let late = shopper.again(&desk, from_start(&chat)).await;
        let said = late.event(&chat, "what was said", |e| e["by"]["role"] == "agent" && e["kind"] == "message").await;
        assert_eq!(said["body"], payload);
        let bodies: Vec<_> = desk.stored(&chat).await.into_iter().filter_map(|row| row.body).collect();
        assert_eq!(bodies, [payload; 3]);
        let (context, _) =
            deskbell::store::people::context(&desk.app.db.read, desk.site.id, shopper.id.parse().unwrap())
                .await
                .unwrap();
        // The newest page is the one the second tab came from.
        let kept = [&context["cart"], &context["pages"][1]["title"], &context["fields"][payload]];
        assert_eq!(kept, [&json!(payload); 3]);
        let transcript = deskbell::transcripts::load(&desk.app.db, chat.parse().unwrap()).await.unwrap().unwrap();
        let html = transcript.html();
        for tag in ["<script", "<img", "<svg"] {
            assert!(!html.contains(tag), "{payload} became markup in the transcript");
        }
    }
    assert_eq!(desk.count("select count(*) from ratings").await, PAYLOADS.len() as i64);
}

#[tokio::test]
async fn a_nul_is_refused_in_every_field_and_never_a_failure_of_ours() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let nul = "a\0b";
    let first = |intake: Value| json!({ "type": "send", "body": "hi", "intake": intake, "cid": cid() });
    shopper.refused(first(json!({ "name": nul })), "bad_request").await;
    shopper.refused(first(json!({ nul: "x" })), "bad_request").await;
    shopper.refused(first(json!({ "email": nul })), "bad_request").await;
    let chat = shopper.open("hi").await;
    ana.given(&chat).await;
    for context in [json!({ "cart": nul }), json!({ "fields": { nul: 1 } }), json!({ "page": { "url": nul } })] {
        let mark = shopper.mark();
        let mut frame = context;
        frame["type"] = "context".into();
        shopper.send(&frame);
        let nack = shopper.wait_from(mark, "a refusal", |f| f["type"] == "nack").await;
        assert_eq!(nack["code"], "bad_request", "{frame}");
    }
    shopper.send(&json!({ "type": "typing", "on": true, "preview": nul }));
    // A note that cannot be kept stops the transfer: it is not lost on the way.
    let hand_over = |to: Value, note: &str| json!({ "type": "transfer", "conversation": chat, "to": to, "note": note });
    for to in [json!({ "team": team }), json!({ "agent": ana.staff.id })] {
        ana.refused(hand_over(to.clone(), nul), "bad_request").await;
        ana.refused(hand_over(to, &"x".repeat(8_001)), "too_long").await;
    }
    shopper.close(&chat).await;
    let answer = shopper.call(json!({ "type": "rate", "score": 5, "comment": nul })).await;
    assert_eq!((&answer["type"], &answer["terminal"]), (&json!("nack"), &json!(true)), "{answer}");
    shopper.refused(json!({ "type": "transcript", "email": "a\0@b.example" }), "bad_request").await;
    let mut begin = desk.begin();
    begin["locale"] = nul.into();
    begin["page"] = json!({ "url": nul, "title": nul, "referrer": nul });
    begin["token"] = nul.into();
    assert_eq!(desk.session(&begin).await.0, 200, "what is only for show is left out");
    let url = format!("{}/v1/agent/session", desk.base);
    let answer = desk.http.post(url).json(&json!({ "email": nul, "password": nul })).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert!(shopper.heard(|f| f["type"] == "nack" && f["code"] == "unavailable").is_empty());
}
