//! What people do in a chat besides talking: take back, type, read, close, rate, ask for the transcript.

use crate::harness::people::from_start;
use crate::harness::{Agent, Desk, Hire, Setup, Shopper, cid, number, text};
use deskbell::domain::people::Role;
use serde_json::{Value, json};
use std::time::Duration;

async fn at_work(desk: &Desk) -> (Agent, Shopper, String) {
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(desk).await;
    let chat = shopper.open("hello").await;
    agent.given(&chat).await;
    (agent, shopper, chat)
}

fn recall(chat: &str, event: &Value) -> Value {
    json!({ "type": "recall", "event": event, "conversation": chat })
}

#[tokio::test]
async fn a_message_can_be_taken_back_for_two_minutes_and_is_then_nowhere() {
    let desk = Desk::open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    let secret = shopper.say("my card number is 4111").await;
    agent.message(&chat, "my card number is 4111").await;
    desk.app.clock.advance(Duration::from_secs(119));
    let frame = json!({ "type": "recall", "event": secret["id"], "cid": cid() });
    let ack = shopper.must(frame.clone()).await;
    assert_eq!(shopper.must(frame).await["dup"], true);
    let told = agent.kind(&chat, "recalled").await;
    assert_eq!((&told["target"], &told["seq"]), (&secret["id"], &json!(5)));
    assert_eq!(number(&ack, "seq"), 5);
    let late = shopper.again(&desk, from_start(&chat)).await;
    let blank = late.event(&chat, "the blank", |e| e["id"] == secret["id"]).await;
    assert_eq!((&blank["body"], &blank["recalled"]), (&Value::Null, &json!(true)));
    let colleague = agent.again(&desk, from_start(&chat)).await;
    let blank = colleague.event(&chat, "the blank", |e| e["id"] == secret["id"]).await;
    assert_eq!((&blank["body"], &blank["recalled"]), (&Value::Null, &json!(true)));
    assert!(desk.stored(&chat).await.iter().all(|row| row.body.as_deref() != Some("my card number is 4111")));
    let kept = desk.count("select count(*) from conversations where last_message like '%4111%'").await;
    assert_eq!(kept, 0, "nor in the lists");
    // A resend of what was taken back is a duplicate, not a new message.
    let resend = json!({ "type": "send", "cid": secret["cid"], "body": "my card number is 4111" });
    assert_eq!(shopper.must(resend).await["dup"], true);
    assert!(desk.stored(&chat).await.iter().all(|row| row.body.as_deref() != Some("my card number is 4111")));
}

#[tokio::test]
async fn a_message_cannot_be_taken_back_later_nor_by_others_except_a_supervisor() {
    let desk = Desk::open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    let mine = shopper.say("mine").await;
    let theirs = agent.say(&chat, "theirs").await;
    shopper.refused(recall(&chat, &theirs["id"]), "forbidden").await;
    agent.refused(recall(&chat, &mine["id"]), "forbidden").await;
    shopper.refused(recall(&chat, &json!(cid())), "forbidden").await;
    let opened = shopper.kind(&chat, "opened").await;
    shopper.refused(recall(&chat, &opened["id"]), "forbidden").await;
    desk.app.clock.advance(Duration::from_secs(121));
    let nack = shopper.refused(recall(&chat, &mine["id"]), "too_late").await;
    assert_eq!(nack["terminal"], true);
    agent.refused(recall(&chat, &theirs["id"]), "too_late").await;
    let team = desk.team("Supervision").await;
    let grace = desk.hire("Grace", Hire { role: Role::Supervisor, capacity: 0, teams: vec![team] }).await;
    let grace = desk.sign_in(&grace).await;
    grace.must(recall(&chat, &mine["id"])).await;
    shopper.event(&chat, "taken back by a supervisor", |e| e["kind"] == "recalled" && e["target"] == mine["id"]).await;
    grace.refused(recall(&chat, &mine["id"]), "forbidden").await;
}

#[tokio::test]
async fn a_site_that_says_so_shows_agents_what_is_typed_and_keeps_none_of_it() {
    let desk = Setup::default().site(|site| site.settings.typing_preview = true).open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    let panel = format!("{}/w/panel?site={}&locale=de", desk.base, desk.site.public_key);
    let page = desk.http.get(&panel).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Unser Team sieht, was Sie tippen"), "shoppers are told in their language");
    shopper.send(&json!({ "type": "typing", "on": true, "preview": "é".repeat(600) }));
    let typing = agent.wait("what is typed", |f| f["type"] == "typing" && f["conversation"] == chat).await;
    assert_eq!(typing["preview"], "é".repeat(500));
    shopper.probe().await;
    assert_eq!(desk.count("select count(*) from events where body like '%éé%' or data::text like '%éé%'").await, 0);
    let plain = Desk::open().await;
    let panel = format!("{}/w/panel?site={}&locale=de", plain.base, plain.site.public_key);
    assert!(!plain.http.get(&panel).send().await.unwrap().text().await.unwrap().contains("Unser Team sieht"));
}

#[tokio::test]
async fn typing_and_reading_are_seen_by_the_other_side_in_its_own_numbers() {
    let desk = Desk::open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    agent.note(&chat, "a note that shifts the numbers").await;
    let question = shopper.say("a question").await;
    let answer = agent.say(&chat, "an answer").await;
    shopper.message(&chat, "an answer").await;
    assert_eq!((number(&question, "seq"), number(&answer, "seq")), (4, 6));
    agent.send(&json!({ "type": "typing", "conversation": chat, "on": true }));
    let typing = shopper.wait("typing", |f| f["type"] == "typing").await;
    assert_eq!((&typing["conversation"], &typing["on"]), (&json!(chat), &json!(true)));
    assert_eq!(typing["by"], json!({ "role": "agent", "name": "Ana" }));
    shopper.send(&json!({ "type": "typing", "on": true, "preview": "secret thoughts" }));
    let typing = agent.wait("typing", |f| f["type"] == "typing").await;
    assert_eq!((&typing["by"]["role"], &typing["preview"]), (&json!("shopper"), &Value::Null), "previews are off");
    agent.send(&json!({ "type": "read", "conversation": chat, "upto": 5 }));
    let read = shopper.wait("read", |f| f["type"] == "read").await;
    assert_eq!((&read["upto"], &read["by"]["role"]), (&json!(4), &json!("agent")));
    shopper.send(&json!({ "type": "read", "conversation": chat, "upto": 5 }));
    let read = agent.wait("read", |f| f["type"] == "read").await;
    assert_eq!((&read["upto"], &read["by"]["role"]), (&json!(6), &json!("shopper")));
    // Backwards, beyond the end and repeated: nothing moves.
    for upto in [1, 5, -7, i64::MIN] {
        shopper.send(&json!({ "type": "read", "conversation": chat, "upto": upto }));
    }
    shopper.send(&json!({ "type": "read", "conversation": chat, "upto": i64::MAX }));
    shopper.say("proof that the frames before were handled").await;
    agent.message(&chat, "proof that the frames before were handled").await;
    assert_eq!(agent.heard(|f| f["type"] == "read").len(), 1);
    let marks: (i64, i64) = sqlx::query_as("select shopper_read, staff_read from conversations")
        .fetch_one(&desk.app.db.read)
        .await
        .unwrap();
    assert_eq!(marks, (5, 5));
}

#[tokio::test]
async fn a_closed_chat_is_rated_and_takes_nothing_else() {
    let desk = Desk::open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    shopper.refused(json!({ "type": "rate", "score": 5 }), "closed").await;
    let tab = shopper.again(&desk, from_start(&chat)).await;
    let close = json!({ "type": "close", "conversation": chat, "cid": cid() });
    let ack = agent.must(close.clone()).await;
    let again = agent.must(close).await;
    assert_eq!((&again["dup"], &again["id"]), (&json!(true), &ack["id"]));
    agent.wait("unassigned", |f| f["type"] == "unassigned").await;
    for who in [&shopper, &tab] {
        let closed = who.kind(&chat, "closed").await;
        assert_eq!((&closed["reason"], &closed["by"]["role"]), (&json!("agent"), &json!("agent")));
    }
    shopper.refused(json!({ "type": "send", "body": "one more thing", "conversation": chat }), "closed").await;
    agent.refused(json!({ "type": "send", "body": "one more thing", "conversation": chat }), "closed").await;
    shopper.refused(json!({ "type": "close", "conversation": chat }), "closed").await;
    for score in [0, 6, -1] {
        shopper.refused(json!({ "type": "rate", "score": score }), "bad_request").await;
    }
    shopper.refused(json!({ "type": "rate", "score": 5, "comment": "x".repeat(2_001) }), "too_long").await;
    let comment = "très bien \u{202e}<b>'";
    shopper.must(json!({ "type": "rate", "score": 4, "comment": comment })).await;
    let rated = tab.kind(&chat, "rated").await;
    assert_eq!((&rated["score"], &rated["comment"]), (&json!(4), &json!(comment)));
    let kept: (i16, String) =
        sqlx::query_as("select score, comment from ratings").fetch_one(&desk.app.db.read).await.unwrap();
    assert_eq!(kept, (4, comment.to_owned()));
    let next = shopper.open("one more thing").await;
    assert_ne!(next, chat, "a new message begins a new chat");
    crate::harness::log::assert_gapless(&desk, &chat).await;
}

#[tokio::test]
async fn two_who_close_at_once_close_once() {
    let desk = Desk::open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    let close = json!({ "type": "close", "conversation": chat });
    let (one, other) = tokio::join!(agent.call(close.clone()), shopper.call(close));
    let acks = [&one, &other].iter().filter(|answer| answer["type"] == "ack").count();
    assert_eq!(acks, 1, "{one} {other}");
    assert_eq!(desk.stored(&chat).await.iter().filter(|row| row.kind == "closed").count(), 1);
}

#[tokio::test]
async fn a_probe_tells_the_heads_and_context_keeps_the_last_thirty_pages() {
    let desk = Desk::open().await;
    let (agent, shopper, chat) = at_work(&desk).await;
    assert_eq!(shopper.probe().await["heads"], json!({ chat.clone(): 3 }));
    assert_eq!(agent.probe().await["heads"], json!({ chat.clone(): 3 }));
    for n in 0..35 {
        let page = json!({ "url": format!("https://shop.example/{n}"), "title": "t", "referrer": "" });
        shopper.send(&json!({ "type": "context", "page": page }));
    }
    shopper.send(&json!({ "type": "context", "cart": [{ "sku": "tea", "n": 2 }], "fields": { "plan": "gold" } }));
    shopper.probe().await;
    let (context, _) =
        deskbell::store::people::context(&desk.app.db.read, desk.site.id, shopper.id.parse().unwrap()).await.unwrap();
    let pages: Vec<_> = context["pages"].as_array().unwrap().iter().map(|page| text(page, "url")).collect();
    assert_eq!((pages.len(), pages[0], pages[29]), (30, "https://shop.example/34", "https://shop.example/5"));
    assert_eq!((&context["cart"][0]["sku"], &context["fields"]["plan"]), (&json!("tea"), &json!("gold")));
    let mark = shopper.mark();
    shopper.send(&json!({ "type": "context", "fields": { "big": "x".repeat(20_000) } }));
    let nack = shopper.wait_from(mark, "too much", |f| f["type"] == "nack").await;
    assert_eq!(nack["code"], "bad_request");
}

#[tokio::test]
async fn the_same_client_id_with_another_meaning_is_refused() {
    let desk = Desk::open().await;
    let (_agent, shopper, chat) = at_work(&desk).await;
    let (one, two) = (shopper.say("one").await, shopper.say("two").await);
    let id = cid();
    let take_back = |event: &Value| json!({ "type": "recall", "cid": id, "event": event, "conversation": chat });
    shopper.must(take_back(&one["id"])).await;
    shopper.refused(take_back(&two["id"]), "cid_conflict").await;
    assert_eq!(shopper.must(take_back(&one["id"])).await["dup"], true);
    shopper.close(&chat).await;
    let id = cid();
    let rate = |score: i64| json!({ "type": "rate", "cid": id, "score": score, "conversation": chat });
    shopper.must(rate(5)).await;
    shopper.refused(rate(1), "cid_conflict").await;
    assert_eq!(desk.count("select score::bigint from ratings").await, 5);
}

#[tokio::test]
async fn what_is_taken_back_is_gone_from_the_tickets_subject_and_the_lists_show_what_came_before() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let hire = Hire { role: Role::Supervisor, teams: vec![team], ..Hire::default() };
    let boss = desk.sign_in(&desk.hire("Sam", hire).await).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("my card is 4111").await;
    let first = shopper.kind(&chat, "opened").await;
    assert_eq!(first["seq"], 1);
    let second = shopper.say("and the code 123").await;
    shopper.must(recall(&chat, &second["id"])).await;
    let shown = "select count(*) from conversations where last_message = 'my card is 4111'";
    assert_eq!(desk.count(shown).await, 1);
    let form = json!({ "cid": cid(), "name": "", "email": "li@shop.example", "body": "please by mail" });
    let url = format!("{}/v1/shopper/tickets", desk.base);
    let made = desk.http.post(url).bearer_auth(&shopper.token).header("origin", crate::harness::SHOP).json(&form);
    assert_eq!(made.send().await.unwrap().status(), 201);
    assert_eq!(desk.count("select count(*) from tickets where subject like '%4111%'").await, 1);
    let message: uuid::Uuid = sqlx::query_scalar("select id from events where body like '%4111%'")
        .fetch_one(&desk.app.db.read)
        .await
        .unwrap();
    boss.must(recall(&chat, &json!(message))).await;
    assert_eq!(desk.count("select count(*) from tickets where subject like '%4111%'").await, 0);
}

#[tokio::test]
async fn whatever_order_messages_are_taken_back_in_the_lists_keep_no_word_of_them() {
    let desk = Desk::open().await;
    let (_agent, shopper, chat) = at_work(&desk).await;
    let (one, two) = (shopper.say("my card is 4111").await, shopper.say("and the code 123").await);
    for event in [&two, &one] {
        shopper.must(recall(&chat, &event["id"])).await;
    }
    assert_eq!(desk.count("select count(*) from conversations where last_message ~ '4111|123'").await, 0);
}

#[tokio::test]
async fn an_answer_that_was_taken_back_was_none() {
    let desk = Desk::open().await;
    let (agent, _shopper, chat) = at_work(&desk).await;
    let wrong = agent.say(&chat, "for somebody else").await;
    let answered = "select count(*) from conversations where answered_at is not null and unanswered_since is null";
    assert_eq!(desk.count(answered).await, 1);
    agent.must(recall(&chat, &wrong["id"])).await;
    let waits = "select count(*) from conversations where answered_at is null and unanswered_since is not null";
    assert_eq!(desk.count(waits).await, 1);
}
