//! What is told, to whom, and what never is.

use super::ear::Mood;
use super::{Scene, add, add_at};
use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{Desk, SHOP, Shopper, cid};
use crate::identity::{begin_as, statement};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn what_happens_is_told_once_in_order_and_signed_and_what_is_the_staffs_own_never() {
    let scene = Scene::open().await;
    let (desk, ear) = (&scene.desk, &scene.ear);
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.agent("Ana", orders, 5).await;
    let begin = begin_as(desk, None, &statement(desk, "42", "li@shop.example"));
    let shopper = Shopper::come_with(desk, begin, json!([])).await;
    let chat = shopper.open("Where is my order?").await;
    ana.given(&chat).await;
    ana.note(&chat, "a very angry person").await;
    let regretted = ana.say(&chat, "It is the courier's fault").await;
    ana.must(json!({ "type": "recall", "event": regretted["id"], "conversation": chat })).await;
    let note = ana.note(&chat, "another secret").await;
    ana.must(json!({ "type": "recall", "event": note["id"], "conversation": chat })).await;
    ana.must(
        json!({ "type": "transfer", "conversation": chat, "to": { "team": returns }, "note": "for your eyes only" }),
    )
    .await;
    let ben = desk.agent("Ben", returns, 5).await;
    ben.given(&chat).await;
    for n in 0..20 {
        ben.say(&chat, &format!("step {n}")).await;
    }
    ben.close(&chat).await;
    shopper.must(json!({ "type": "rate", "score": 4, "comment": "nice" })).await;
    let seen = usize::try_from(desk.count("select count(*) from events where shopper_seq is not null").await).unwrap();
    let taken = ear.until_taken(seen).await;
    scene.until_nothing_waits().await;
    assert_eq!(ear.heard().len(), seen, "each once");
    let ids: BTreeSet<_> = taken.iter().map(super::ear::Heard::id).collect();
    assert_eq!(ids.len(), seen);
    let seqs: Vec<_> = taken.iter().map(|heard| heard.json()["data"]["seq"].as_i64().unwrap()).collect();
    assert!(seqs.is_sorted(), "{seqs:?}");
    for heard in &taken {
        assert_eq!((heard.path.as_str(), heard.signed_by(&scene.hook.secret)), ("/hear", 1));
        let said = heard.json();
        assert_eq!(said["id"], heard.id().as_str());
        assert_eq!((&said["data"]["conversation"], &said["data"]["site"]), (&json!(chat), &json!(desk.site.id)));
        let person = &said["data"]["shopper"];
        assert_eq!(
            (&person["external_id"], &person["email"], &person["verified"]),
            (&json!("42"), &json!("li@shop.example"), &json!(true))
        );
        let whole = said.to_string();
        for secret in ["angry", "another secret", "your eyes", "staff.example", "\"cid\"", "_name"] {
            assert!(!whole.contains(secret), "{secret} in {whole}");
        }
        let stored = desk.count("select count(*) from events").await;
        assert!(stored > seen as i64, "there were notes");
    }
    let mut names: Vec<_> = taken.iter().map(super::ear::Heard::name).collect();
    names.dedup();
    assert_eq!(
        names,
        [
            "conversation.opened",
            "message.created",
            "conversation.assigned",
            "message.created",
            "message.recalled",
            "conversation.transferred",
            "conversation.assigned",
            "message.created",
            "conversation.closed",
            "conversation.rated"
        ]
    );
    let first = taken.iter().find(|heard| heard.name() == "message.created").unwrap().json();
    assert_eq!(first["data"]["event"]["by"]["role"], "shopper");
    assert_eq!(first["data"]["event"]["body"], "Where is my order?");
    assert_eq!(taken.last().unwrap().json()["data"]["event"]["score"], 4);
    assert_eq!(
        desk.count("select count(*) from webhook_deliveries where state = 'sent' and attempts = 1 and answer = '204'")
            .await,
        seen as i64
    );
}

#[tokio::test]
async fn a_ticket_is_told_and_what_was_refused_or_is_elsewhere_is_not() {
    let scene = Scene::open().await;
    let (desk, ear) = (&scene.desk, &scene.ear);
    let (_, shopper, chat) = scene.talk().await;
    let ben = desk.agent("Ben", desk.team("Returns").await, 5).await;
    shopper.refused(json!({ "type": "send", "body": "x".repeat(8_001), "files": [] }), "too_long").await;
    let forbidden = json!({ "type": "send", "conversation": chat, "body": "not mine", "files": [] });
    assert_eq!(ben.call(forbidden).await["type"], "nack");
    let mine = json!({ "type": "send", "cid": cid(), "body": "twice", "files": [] });
    shopper.must(mine.clone()).await;
    assert_eq!(shopper.call(mine).await["dup"], true);
    // Another shop's, and rooms of the staff.
    let bikes = desk.second_site().await;
    let their_begin = json!({ "site": bikes.public_key, "token": null, "identity": null, "locale": "en",
        "page": { "url": "https://bikes.example", "title": "Bikes", "referrer": "" } });
    let (status, _) = desk.session(&their_begin).await;
    assert_eq!(status, 200);
    let sam = desk.hire("Sam", Hire::agent(desk.team("Lights").await, 0)).await;
    let theirs = Browser::sign_in(desk, &sam).await;
    assert_eq!(theirs.submit(&format!("/console/rooms/with/{}", ben.staff.id), &[]).await.0, 303);
    let (_, list) = theirs.get("/console/rooms").await;
    let rooms = list.split("href=\"/console/rooms/").skip(1).map(|rest| rest.split('"').next().unwrap());
    for room in rooms.filter(|room| room.len() == 36) {
        let said = [("cid", cid()), ("body", "among us".to_owned())];
        let said = said.each_ref().map(|(name, value)| (*name, value.as_str()));
        let (status, answer) = theirs.post(&format!("/console/rooms/{room}/say"), &said).await;
        assert_eq!(status, 200, "{answer}");
    }
    assert!(
        desk.count(
            "select count(*) from events e join conversations c on c.id = e.conversation_id where c.kind = 'direct'"
        )
        .await
            > 0
    );
    let guest = Shopper::come(desk).await;
    let ticket = json!({ "cid": cid(), "name": "Li", "email": "li@shop.example", "body": "It is broken" });
    let post = desk.http.post(format!("{}/v1/shopper/tickets", desk.base)).bearer_auth(&guest.token);
    assert_eq!(post.header("origin", SHOP).json(&ticket).send().await.unwrap().status(), 201);
    let told = usize::try_from(desk.count("select count(*) from events e join conversations c on c.id = e.conversation_id where c.kind in ('support', 'ticket') and e.shopper_seq is not null").await).unwrap();
    let taken = ear.until_taken(told).await;
    scene.until_nothing_waits().await;
    assert_eq!(ear.heard().len(), told);
    assert!(taken.iter().any(|heard| heard.name() == "ticket.created"));
    let whole: String = taken.iter().map(|heard| heard.json().to_string()).collect();
    for silent in ["not mine", "among us"] {
        assert!(!whole.contains(silent), "{silent}");
    }
    assert_eq!(whole.matches("\"twice\"").count(), 1);
}

#[tokio::test]
async fn each_shop_hears_of_its_own_and_only_of_what_was_chosen() {
    let desk = Desk::open().await;
    let bikes = desk.second_site().await;
    let scene = Scene::at(desk).await;
    let his = scene.boss().await;
    let other = super::Ear::open().await;
    let theirs = add_at(&his, &bikes.id.to_string(), &other.origin).await;
    let form = [("url", other.origin.as_str()), ("event", "rated"), ("event", "closed"), ("event", "note")];
    assert_eq!(his.submit(&theirs.path(""), &form).await.0, 303);
    let (ana, _, chat) = scene.talk().await;
    ana.close(&chat).await;
    let heard = scene.ear.until_taken(4).await;
    assert_eq!(heard.last().unwrap().name(), "conversation.closed");
    assert_eq!(other.heard().len(), 0, "it is another shop's");
    let form = [("url", scene.ear.origin.as_str()), ("event", "rated")];
    assert_eq!(his.submit(&scene.hook.path(""), &form).await.0, 303);
    let shopper = Shopper::come(&scene.desk).await;
    let chat = shopper.open("again").await;
    ana.given(&chat).await;
    shopper.close(&chat).await;
    shopper.must(json!({ "type": "rate", "score": 5 })).await;
    let heard = scene.ear.until_taken(5).await;
    scene.until_nothing_waits().await;
    assert_eq!((scene.ear.heard().len(), heard[4].name()), (5, "conversation.rated".to_owned()));
}

#[tokio::test]
async fn what_is_taken_back_while_it_waits_goes_out_without_its_text() {
    let scene = Scene::open().await;
    scene.ear.is(Mood::Says(500));
    let team = scene.desk.team("Orders").await;
    let ana = scene.desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&scene.desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    // The first of the chat is tried and not taken: what follows waits behind it.
    scene.ear.until_heard(1).await;
    let said = shopper.say("my card is 4111 1111 1111 1111").await;
    shopper.must(json!({ "type": "recall", "event": said["id"] })).await;
    scene.ear.is(Mood::Says(200));
    scene
        .in_time(
            "it recovers",
            Duration::from_secs(30),
            "select case when bool_and(state = 'sent') then count(*) else 0 end from webhook_deliveries",
        )
        .await;
    let heard = scene.ear.heard();
    let about: Vec<Value> = heard.iter().map(super::ear::Heard::json).filter(|told| told["id"] == said["id"]).collect();
    assert_eq!(about.len(), 1);
    assert_eq!(
        (&about[0]["data"]["event"]["body"], &about[0]["data"]["event"]["recalled"]),
        (&Value::Null, &json!(true))
    );
    assert!(heard.iter().all(|heard| !String::from_utf8_lossy(&heard.body).contains("4111")));
    assert!(heard.iter().any(|heard| heard.name() == "message.recalled"));
}

#[tokio::test]
async fn with_several_webhooks_each_hears_everything_also_under_load() {
    let scene = Scene::open().await;
    let his = scene.boss().await;
    let second = super::Ear::open().await;
    add(&his, &second.origin).await;
    let talking = (0..10).map(async |n| {
        let shopper = Shopper::come(&scene.desk).await;
        shopper.open(&format!("hello {n}")).await;
        for m in 0..10 {
            shopper.say(&format!("{n} {m}")).await;
        }
    });
    futures_util::future::join_all(talking).await;
    let told =
        usize::try_from(scene.desk.count("select count(*) from events where shopper_seq is not null").await).unwrap();
    assert!(told >= 110);
    for ear in [&scene.ear, &second] {
        let taken = ear.until_taken(told).await;
        let ids: BTreeSet<_> = taken.iter().map(super::ear::Heard::id).collect();
        assert_eq!((taken.len(), ids.len()), (told, told));
        let place = |heard: &super::ear::Heard| {
            let data = heard.json()["data"].clone();
            (data["conversation"].as_str().unwrap().to_owned(), data["seq"].as_i64().unwrap())
        };
        let mut last = std::collections::HashMap::new();
        for (chat, seq) in taken.iter().map(place) {
            assert!(last.insert(chat, seq).is_none_or(|before| before < seq), "in order within a conversation");
        }
    }
}
