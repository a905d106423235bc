//! What a shopper writes within half an hour after the end opens the conversation again.

use crate::harness::log::assert_gapless;
use crate::harness::people::from_start;
use crate::harness::{Agent, Desk, SHOP, Setup, Shopper, cid, text};
use crate::identity::{begin_as, statement};
use deskbell::domain::id::TeamId;
use deskbell::domain::site::Site;
use deskbell::store::sites;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

async fn write(shopper: &Shopper, body: &str) -> Arc<Value> {
    shopper.must(json!({ "type": "send", "body": body, "reopen": true })).await
}

/// A chat that Ana had and ended.
async fn ended(desk: &Desk, shopper: &Shopper) -> (Agent, String) {
    let team = desk.team("Orders").await;
    ended_in(desk, team, shopper).await
}

async fn ended_in(desk: &Desk, team: TeamId, shopper: &Shopper) -> (Agent, String) {
    let ana = desk.agent("Ana", team, 5).await;
    let chat = shopper.open("Where is my order?").await;
    ana.given(&chat).await;
    ana.say(&chat, "On its way.").await;
    ana.close(&chat).await;
    shopper.kind(&chat, "closed").await;
    (ana, chat)
}

async fn standing(desk: &Desk, chat: &str) -> (String, Option<String>, Option<i16>) {
    sqlx::query_as(
        "select c.state, a.name, c.score from conversations c left join agents a on a.id = c.assignee_id where c.id = $1",
    )
    .bind(chat.parse::<uuid::Uuid>().unwrap())
    .fetch_one(&desk.app.db.read)
    .await
    .unwrap()
}

fn kinds(events: &[Arc<Value>]) -> Vec<&str> {
    events.iter().map(|event| text(event, "kind")).collect()
}

#[tokio::test]
async fn it_goes_on_with_the_agent_who_had_it_and_everybody_sees_it() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let team = desk.team("Orders").await;
    let (ana, chat) = ended_in(&desk, team, &shopper).await;
    let ben = desk.agent("Ben", team, 5).await;
    shopper.must(json!({ "type": "rate", "score": 4 })).await;
    let before = ana.mark();
    let ack = write(&shopper, "One more thing").await;
    assert_eq!(text(&ack, "conversation"), chat);
    ana.wait_from(before, "it is Ana's again", |f| f["type"] == "assigned" && f["conversation"] == chat.as_str()).await;
    ana.message(&chat, "One more thing").await;
    assert!(!ben.has(&chat));
    ana.say(&chat, "Yes?").await;
    shopper.message(&chat, "Yes?").await;
    let expected =
        ["opened", "message", "assigned", "message", "closed", "rated", "opened", "message", "assigned", "message"];
    // A second browser gets it whole, with the acknowledged messages in it.
    let other = shopper.again(&desk, from_start(&chat)).await;
    other.message(&chat, "Yes?").await;
    let log = other.log(&chat);
    assert_eq!(kinds(&log), expected);
    assert_eq!((&log[6]["again"], log[6]["by"]["role"].as_str()), (&json!(true), Some("shopper")));
    assert_gapless(&desk, &chat).await;
    assert_eq!(standing(&desk, &chat).await, ("active".into(), Some("Ana".into()), Some(4)), "what was rated stays so");
    for socket in [&shopper.socket, &other.socket, &ana.socket] {
        socket.assert_sound();
    }
}

#[tokio::test]
async fn without_being_asked_for_it_a_message_opens_something_new_and_a_named_end_stays_an_end() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let (_ana, chat) = ended(&desk, &shopper).await;
    shopper.refused(json!({ "type": "send", "body": "named", "conversation": chat }), "closed").await;
    assert_ne!(shopper.open("another matter").await, chat);
    assert_eq!(standing(&desk, &chat).await.0, "closed");
    // Where one is open it goes there, also when the ended one is named.
    let ack = shopper.must(json!({ "type": "send", "body": "here", "conversation": chat, "reopen": true })).await;
    assert_ne!(text(&ack, "conversation"), chat);
}

#[tokio::test]
async fn after_half_an_hour_it_is_something_new() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let (_ana, chat) = ended(&desk, &shopper).await;
    desk.app.clock.advance(Duration::from_mins(29));
    let again = write(&shopper, "in time").await;
    assert_eq!(text(&again, "conversation"), chat);
    shopper.close(&chat).await;
    desk.app.clock.advance(Duration::from_mins(31));
    let late = json!({ "type": "send", "body": "late", "conversation": chat, "reopen": true });
    shopper.refused(late, "closed").await;
    let new = write(&shopper, "late").await;
    assert_ne!(text(&new, "conversation"), chat);
    assert_eq!(standing(&desk, &chat).await.0, "closed");
}

#[tokio::test]
async fn what_meets_the_agents_close_is_stored_once_and_opens_it_again() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 20).await;
    for _ in 0..12 {
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open("hello").await;
        ana.given(&chat).await;
        let id = cid();
        let frame = json!({ "type": "send", "cid": id, "body": "wait!", "reopen": true });
        let (answer, closed) =
            tokio::join!(shopper.call(frame.clone()), ana.call(json!({ "type": "close", "conversation": chat })));
        assert_eq!((text(&answer, "type"), text(&closed, "type")), ("ack", "ack"), "{answer} {closed}");
        assert_eq!(text(&answer, "conversation"), chat);
        let again = shopper.must(frame).await;
        assert_eq!((&again["id"], &again["dup"]), (&answer["id"], &json!(true)));
        let rows = assert_gapless(&desk, &chat).await;
        assert_eq!(rows.iter().filter(|row| row.body.as_deref() == Some("wait!")).count(), 1);
        shopper.assert_sound();
    }
    // The close is there and nobody was told of it: it is found out when the message is to be written.
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    desk.close_untold(&chat).await;
    assert_eq!(text(&*write(&shopper, "wait!").await, "conversation"), chat);
    shopper.event(&chat, "it is open again", |event| event["again"] == true).await;
    desk.close_untold(&chat).await;
    shopper.refused(json!({ "type": "send", "body": "as the contract says" }), "closed").await;
    shopper.assert_sound();
}

#[tokio::test]
async fn of_two_tabs_that_write_at_once_one_opens_it_and_both_are_heard() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let (_ana, chat) = ended(&desk, &shopper).await;
    let other = shopper.again(&desk, from_start(&chat)).await;
    let (one, two) = tokio::join!(write(&shopper, "one"), write(&other, "two"));
    assert_eq!((text(&one, "conversation"), text(&two, "conversation")), (chat.as_str(), chat.as_str()));
    for (socket, body) in [(&shopper, "two"), (&other, "one")] {
        socket.message(&chat, body).await;
        socket.assert_sound();
    }
    let rows = desk.stored(&chat).await;
    assert_eq!(rows.iter().filter(|row| row.kind == "opened").count(), 2);
}

#[tokio::test]
async fn each_end_mails_its_transcript_with_all_that_was_said_and_one_may_be_asked_for_again() {
    let desk = Setup::default().site(|site| site.settings.transcript_at_close = true).open().await;
    let proof = statement(&desk, "li", "li@shop.example");
    let shopper = Shopper::come_with(&desk, begin_as(&desk, None, &proof), json!([])).await;
    let (ana, chat) = ended(&desk, &shopper).await;
    let ask = json!({ "type": "transcript", "email": "li@home.example" });
    shopper.must(ask.clone()).await;
    desk.letters_until(2).await;
    let before = ana.mark();
    write(&shopper, "And the second parcel?").await;
    ana.wait_from(before, "it is Ana's again", |f| f["type"] == "assigned").await;
    ana.close(&chat).await;
    desk.app.clock.advance(Duration::from_mins(11));
    shopper.must(ask).await;
    desk.letters_until(4).await;
    desk.outbox_empty().await;
    let letters = desk.letters();
    for to in ["li@shop.example", "li@home.example"] {
        let said: Vec<_> =
            letters.iter().filter(|l| l.to == to).map(|l| l.text.contains("And the second parcel?")).collect();
        assert_eq!(said, [false, true], "{to}");
    }
}

#[tokio::test]
async fn where_nobody_can_answer_now_it_goes_on_by_mail_and_without_an_address_it_waits() {
    let desk = Setup::default().site(|site| site.settings.routing.queue_max = 1).open().await;
    let anonymous = Shopper::come(&desk).await;
    let (ana, unknown) = ended(&desk, &anonymous).await;
    let proof = statement(&desk, "li", "li@shop.example");
    let shopper = Shopper::come_with(&desk, begin_as(&desk, None, &proof), json!([])).await;
    let chat = shopper.open("Hello").await;
    ana.given(&chat).await;
    ana.close(&chat).await;
    shopper.kind(&chat, "closed").await;
    let mut site: Site = desk.site.clone();
    site.settings.routing.needs_staff = true;
    sites::update(&desk.app.db.read, &site, None).await.unwrap();
    for key in [site.public_key.clone(), site.id.to_string()] {
        desk.app.sites.put(&key, &Arc::new(site.clone()));
    }
    sqlx::query("update agents set available = false, off_as = 'offline'").execute(&desk.app.db.read).await.unwrap();
    write(&shopper, "Are you still there?").await;
    shopper.kind(&chat, "ticketed").await;
    assert_eq!(standing(&desk, &chat).await.0, "ticketed");
    desk.letters_until(1).await;
    // A ticket is the end of the chat: what comes next is another matter.
    let other = write(&shopper, "Something else").await;
    assert_ne!(text(&other, "conversation"), chat);
    write(&anonymous, "Hello?").await;
    assert_eq!(standing(&desk, &unknown).await.0, "waiting");
}

#[tokio::test]
async fn nobody_opens_what_is_not_theirs_nor_with_nothing_to_say() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let (_ana, chat) = ended(&desk, &shopper).await;
    let stranger = Shopper::come(&desk).await;
    let frame = json!({ "type": "send", "body": "mine!", "conversation": chat, "reopen": true });
    stranger.refused(frame, "forbidden").await;
    shopper.refused(json!({ "type": "send", "body": " ", "reopen": true }), "bad_request").await;
    shopper.refused(json!({ "type": "send", "body": "x".repeat(8_001), "reopen": true }), "too_long").await;
    let file = json!({ "type": "send", "body": "look", "files": [cid()], "reopen": true });
    shopper.refused(file, "bad_request").await;
    assert_eq!(standing(&desk, &chat).await.0, "closed");
}

#[tokio::test]
async fn over_posts_it_is_the_same() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let (ana, chat) = ended(&desk, &shopper).await;
    let before = ana.mark();
    let post = async |frame: Value| -> Value {
        let request = desk.http.post(format!("{}/v1/shopper/frames", desk.base)).bearer_auth(&shopper.token);
        let answer: Value = request.header("origin", SHOP).json(&frame).send().await.unwrap().json().await.unwrap();
        answer["frames"][0].clone()
    };
    let frame = json!({ "type": "send", "cid": cid(), "body": "by post", "reopen": true });
    let answer = post(frame.clone()).await;
    assert_eq!((text(&answer, "type"), text(&answer, "conversation")), ("ack", chat.as_str()), "{answer}");
    assert_eq!(
        (&post(frame).await["id"], &post(json!({ "type": "probe" })).await["type"]),
        (&answer["id"], &json!("probe_ok"))
    );
    ana.wait_from(before, "it is Ana's again", |f| f["type"] == "assigned").await;
    desk.close_untold(&chat).await;
    let met =
        post(json!({ "type": "send", "cid": cid(), "body": "again", "conversation": chat, "reopen": true })).await;
    assert_eq!(text(&met, "conversation"), chat, "{met}");
    let rows = assert_gapless(&desk, &chat).await;
    assert_eq!(rows.iter().filter(|row| row.kind == "opened").count(), 3);
}
