//! What became of what staff wrote: it came to the shopper's browser, or not; it was seen, and when.

use crate::console::Browser;
use crate::harness::socket::reach;
use crate::harness::{Agent, Desk, SHOP, Shopper, eventually, number, text};
use crate::pages::Page;
use chrono::{DateTime, Utc};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

struct Scene<'a> {
    desk: &'a Desk,
    ana: &'a Agent,
    chat: &'a str,
    browser: Browser<'a>,
}

async fn scene() -> (Desk, Agent, Shopper, String) {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("how much is it?").await;
    ana.given(&chat).await;
    (desk, ana, shopper, chat)
}

impl<'a> Scene<'a> {
    async fn of(desk: &'a Desk, ana: &'a Agent, chat: &'a str) -> Self {
        Self { desk, ana, chat, browser: Browser::sign_in(desk, &ana.staff).await }
    }

    /// The entry of a message as the page shows it.
    async fn entry(&self, said: &Value) -> String {
        let (_, page) = self.browser.get(&format!("/console/c/{}", self.chat)).await;
        let from = page.find(&format!("id=\"e-{}\"", text(said, "id"))).expect("it is there");
        page[from..].split("</li>").next().unwrap().to_owned()
    }

    async fn came(&self, said: &Value) -> bool {
        self.entry(said).await.contains(" data-was-got")
    }

    async fn seen_at(&self, said: &Value) -> Option<DateTime<Utc>> {
        let entry = self.entry(said).await;
        let yes = entry.split("class=\"yes\"").nth(1)?;
        yes.split("datetime=\"").nth(1)?.split('"').next()?.parse().ok()
    }

    /// Until everything that has come was written down.
    async fn is_kept(&self, upto: i64) {
        eventually("it is written down", async || {
            let got = self.desk.count("select max(shopper_got) from conversations").await;
            (got >= upto).then_some(())
        })
        .await;
    }
}

fn read(shopper: &Shopper, chat: &str, seen: &Arc<Value>) {
    shopper.send(&json!({ "type": "read", "conversation": chat, "upto": number(seen, "seq") }));
}

#[tokio::test]
async fn what_came_to_the_browser_is_said_to_have_come_and_no_more() {
    let (desk, ana, shopper, chat) = scene().await;
    let scene = Scene::of(&desk, &ana, &chat).await;
    let page =
        Page::showing(&scene.browser, vec![json!({ "topic": format!("conv:{}", scene.chat), "after": 0 })]).await;
    let said = scene.ana.say(scene.chat, "It is 42 euro.").await;
    let heard = shopper.message(scene.chat, "It is 42 euro.").await;
    let upto = number(&said, "seq").to_string();
    page.is_told("that it has come", |op| op["a"]["data-got"] == upto.as_str()).await;
    assert!(scene.came(&said).await && scene.seen_at(&said).await.is_none());
    scene.is_kept(number(&heard, "seq")).await;
    let cursor = json!([{ "conversation": scene.chat, "epoch": null, "after": 0, "tip": null }]);
    let again = shopper.again(scene.desk, cursor).await;
    drop(shopper);
    again.message(scene.chat, "It is 42 euro.").await;
    drop(again);
    // Nobody is there any more.
    let unheard = scene.ana.say(scene.chat, "Or 40 with the card.").await;
    // What came to somebody else after it is written down.
    let witness = Shopper::come(scene.desk).await;
    let other = witness.open("and mine?").await;
    scene.ana.given(&other).await;
    scene.ana.say(&other, "Here.").await;
    witness.message(&other, "Here.").await;
    eventually("theirs is written down", async || {
        let kept = scene.desk.count("select count(*) from conversations where shopper_got > 0").await;
        (kept == 2).then_some(())
    })
    .await;
    assert!(!scene.came(&unheard).await && scene.came(&said).await);
}

#[tokio::test]
async fn what_is_sent_into_a_line_that_answers_nothing_has_not_come() {
    let (desk, ana, shopper, chat) = scene().await;
    let scene = Scene::of(&desk, &ana, &chat).await;
    let mut begin = scene.desk.begin();
    begin["token"] = shopper.token.clone().into();
    drop(shopper);
    let (_, session) = scene.desk.session(&begin).await;
    let mut dead = reach(&scene.desk.socket_url("/v1/shopper/socket"), Some(SHOP)).await.unwrap();
    let hello = json!({ "type": "hello", "ticket": session["ticket"], "resume": [] });
    dead.send(Message::text(hello.to_string())).await.unwrap();
    while !dead.next().await.unwrap().unwrap().to_text().is_ok_and(|text| text.contains("welcome")) {}
    // Nothing is read from here on, so that no ping is answered.
    let said = scene.ana.say(scene.chat, "It is 42 euro.").await;
    let witness = Shopper::come(scene.desk).await;
    let other = witness.open("and mine?").await;
    scene.ana.given(&other).await;
    scene.ana.say(&other, "Here.").await;
    let heard = witness.message(&other, "Here.").await;
    // Of another shopper it is known.
    scene.is_kept(number(&heard, "seq")).await;
    assert!(!scene.came(&said).await);
    // The browser reads on, and its answer comes as well.
    let reading = tokio::spawn(async move { while let Some(Ok(_)) = dead.next().await {} });
    eventually("it has come", async || scene.came(&said).await.then_some(())).await;
    reading.abort();
}

#[tokio::test]
async fn who_comes_back_with_it_has_it() {
    let (desk, ana, shopper, chat) = scene().await;
    let scene = Scene::of(&desk, &ana, &chat).await;
    let mut begin = scene.desk.begin();
    begin["token"] = shopper.token.clone().into();
    drop(shopper);
    let said = scene.ana.say(scene.chat, "It is 42 euro.").await;
    let (_, session) = scene.desk.session(&begin).await;
    let epoch = scene.desk.app.epoch.to_string();
    let cursor =
        json!({ "conversation": scene.chat, "epoch": epoch, "after": number(&said, "seq"), "tip": text(&said, "id") });
    // It answers no ping: that it has come is known by its cursor alone.
    let mut back = reach(&scene.desk.socket_url("/v1/shopper/socket"), Some(SHOP)).await.unwrap();
    let hello = json!({ "type": "hello", "ticket": session["ticket"], "resume": [cursor] });
    back.send(Message::text(hello.to_string())).await.unwrap();
    scene.is_kept(number(&said, "seq")).await;
    assert!(scene.came(&said).await);
}

#[tokio::test]
async fn each_message_says_when_it_was_seen_and_what_was_taken_back_whether_it_had_been() {
    let (desk, ana, shopper, chat) = scene().await;
    let scene = Scene::of(&desk, &ana, &chat).await;
    let first = scene.ana.say(scene.chat, "It is 42 euro.").await;
    let heard = shopper.message(scene.chat, "It is 42 euro.").await;
    read(&shopper, scene.chat, &heard);
    eventually("it was seen", async || scene.seen_at(&first).await).await;
    let at = scene.seen_at(&first).await.unwrap();
    scene.desk.app.clock.advance(Duration::from_secs(5));
    let second = scene.ana.say(scene.chat, "In blue.").await;
    let heard = shopper.message(scene.chat, "In blue.").await;
    read(&shopper, scene.chat, &heard);
    eventually("that one too", async || scene.seen_at(&second).await).await;
    assert_eq!(scene.seen_at(&first).await, Some(at), "the first keeps its own");
    assert!(scene.seen_at(&second).await.unwrap() - at >= chrono::TimeDelta::seconds(4));
    let page =
        Page::showing(&scene.browser, vec![json!({ "topic": format!("conv:{}", scene.chat), "after": 0 })]).await;
    let unseen = scene.ana.say(scene.chat, "Or in green.").await;
    shopper.message(scene.chat, "Or in green.").await;
    assert_eq!(scene.seen_at(&unseen).await, None);
    let path = format!("/console/c/{}/recall", scene.chat);
    for said in [&second, &unseen] {
        assert_eq!(scene.browser.post(&path, &[("target", text(said, "id"))]).await.0, 200);
    }
    assert!(scene.entry(&second).await.contains("The shopper had seen it:"));
    page.is_told("the same", |op| op["html"].as_str().is_some_and(|html| html.contains("had seen it:"))).await;
    // That the stone is seen says nothing about what it stands for.
    let stone = shopper.event(scene.chat, "it was taken back", |e| e["kind"] == "recalled").await;
    shopper.send(&json!({ "type": "read", "conversation": scene.chat, "upto": number(&stone, "seq") + 1 }));
    shopper.probe().await;
    let entry = scene.entry(&unseen).await;
    assert!(entry.contains("class=\"text gone\""), "{entry}");
    assert!(!entry.contains("had seen it") && !entry.contains("data-was-seen"), "{entry}");
}

#[tokio::test]
async fn what_a_lost_hint_would_have_said_is_said_when_the_shopper_goes() {
    let (desk, ana, shopper, chat) = scene().await;
    let scene = Scene::of(&desk, &ana, &chat).await;
    let page =
        Page::showing(&scene.browser, vec![json!({ "topic": format!("conv:{}", scene.chat), "after": 0 })]).await;
    let said = scene.ana.say(scene.chat, "It is 42 euro.").await;
    shopper.message(scene.chat, "It is 42 euro.").await;
    let upto = number(&said, "seq").to_string();
    page.is_told("that it has come", |op| op["a"]["data-got"] == upto.as_str()).await;
    // Seen, and nobody told of it.
    let db = &scene.desk.app.db.read;
    sqlx::query("update conversations set shopper_read = shopper_seq").execute(db).await.unwrap();
    sqlx::query(
        "insert into seen_marks (site_id, conversation_id, upto, at) select site_id, id, shopper_read, now() from conversations",
    )
    .execute(db)
    .await
    .unwrap();
    drop(shopper);
    page.is_told("that it was seen", |op| op["a"]["data-seen"] == upto.as_str()).await;
}
