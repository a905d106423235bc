//! A reply from a page that does not show a colleague's yet is refused once, with its text kept; never are two stored of which
//! neither knew of the other.

use crate::console::Browser;
use crate::harness::log::assert_gapless;
use crate::harness::people::Hire;
use crate::harness::{Agent, Desk, Shopper, cid};
use deskbell::domain::people::Role;
use serde_json::{Value, json};

struct Scene<'a> {
    ana: Agent,
    sam: Agent,
    hers: Browser<'a>,
    his: Browser<'a>,
    shopper: Shopper,
    chat: String,
}

impl<'a> Scene<'a> {
    /// Ana has the chat; Sam, who supervises, may join in.
    async fn open(desk: &'a Desk) -> Self {
        let team = desk.team("Orders").await;
        let ana = desk.agent("Ana", team, 5).await;
        let sam = Hire { role: Role::Supervisor, capacity: 0, teams: vec![team] };
        let sam = desk.sign_in(&desk.hire("Sam", sam).await).await;
        let shopper = Shopper::come(desk).await;
        let chat = shopper.open("hello").await;
        ana.given(&chat).await;
        let (hers, his) = (Browser::sign_in(desk, &ana.staff).await, Browser::sign_in(desk, &sam.staff).await);
        Self { ana, sam, hers, his, shopper, chat }
    }

    async fn head(&self) -> i64 {
        self.hers.desk.stored(&self.chat).await.len().try_into().unwrap()
    }

    async fn reply(&self, by: &Browser<'_>, body: &str, last: i64) -> (u16, String) {
        self.resend(by, &cid(), body, last).await
    }

    async fn resend(&self, by: &Browser<'_>, cid: &str, body: &str, last: i64) -> (u16, String) {
        let (path, last) = (format!("/console/c/{}/reply", self.chat), last.to_string());
        let (status, answer) = by.post(&path, &[("cid", cid), ("body", body), ("last", &last)]).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        (status, answer["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    async fn bodies(&self) -> Vec<String> {
        self.hers.desk.stored(&self.chat).await.into_iter().filter_map(|row| row.body).collect()
    }
}

fn stale() -> (u16, String) {
    (409, "stale".to_owned())
}

#[tokio::test]
async fn a_reply_that_does_not_know_of_a_colleagues_is_asked_once_and_keeps_its_text() {
    let desk = Desk::open().await;
    let scene = Scene::open(&desk).await;
    let seen = scene.head().await;
    assert_eq!(scene.reply(&scene.his, "Sam here", seen).await.0, 200);
    assert_eq!(scene.reply(&scene.hers, "as I said", seen).await, stale());
    assert_eq!(scene.bodies().await, ["hello", "Sam here"]);
    let (_, page) = scene.hers.get(&format!("/console/c/{}", scene.chat)).await;
    assert!(page.contains("as I said</textarea>"), "kept");
    let now = scene.head().await;
    assert!(page.contains(&format!("name=\"last\" value=\"{now}\"")), "{page}");
    assert_eq!(scene.reply(&scene.hers, "as I said", now).await.0, 200);
    assert_eq!(scene.bodies().await, ["hello", "Sam here", "as I said"]);
}

#[tokio::test]
async fn what_no_colleague_wrote_asks_nothing() {
    let desk = Desk::open().await;
    let scene = Scene::open(&desk).await;
    let seen = scene.head().await;
    scene.shopper.say("are you there?").await;
    assert_eq!(scene.reply(&scene.hers, "one", seen).await.0, 200, "the shopper wrote");
    assert_eq!(scene.reply(&scene.hers, "two", seen).await.0, 200, "she wrote herself");
    scene.sam.note(&scene.chat, "psst").await;
    assert_eq!(scene.reply(&scene.hers, "three", seen).await.0, 200, "a note is no answer");
    let said = scene.sam.must(json!({ "type": "send", "conversation": scene.chat, "body": "oops", "files": [] })).await;
    scene.sam.must(json!({ "type": "recall", "event": said["id"], "conversation": scene.chat })).await;
    assert_eq!(scene.reply(&scene.hers, "four", seen).await.0, 200, "it was taken back");
    // Programs say no number, and are not asked.
    scene.sam.must(json!({ "type": "send", "conversation": scene.chat, "body": "again", "files": [] })).await;
    scene.ana.say(&scene.chat, "five").await;
    let (path, own) = (format!("/console/c/{}/reply", scene.chat), cid());
    assert_eq!(scene.hers.post(&path, &[("cid", &own), ("body", "six")]).await.0, 200);
}

#[tokio::test]
async fn the_same_reply_again_is_the_first_one_whatever_came_after_it() {
    let desk = Desk::open().await;
    let scene = Scene::open(&desk).await;
    let (seen, own) = (scene.head().await, cid());
    assert_eq!(scene.resend(&scene.hers, &own, "once", seen).await.0, 200);
    scene.sam.must(json!({ "type": "send", "conversation": scene.chat, "body": "and Sam", "files": [] })).await;
    assert_eq!(scene.resend(&scene.hers, &own, "once", seen).await.0, 200, "the answer was lost on the way");
    assert_eq!(scene.bodies().await, ["hello", "once", "and Sam"]);
}

#[tokio::test]
async fn without_script_the_page_comes_back_with_the_newer_message_and_the_text() {
    let desk = Desk::open().await;
    let scene = Scene::open(&desk).await;
    let seen = scene.head().await.to_string();
    scene.sam.must(json!({ "type": "send", "conversation": scene.chat, "body": "Sam was first", "files": [] })).await;
    let path = format!("/console/c/{}/reply", scene.chat);
    let (status, page) = scene.hers.submit(&path, &[("cid", &cid()), ("body", "mine too"), ("last", &seen)]).await;
    assert_eq!(status, 409);
    assert!(page.contains("A colleague has answered meanwhile"), "{page}");
    assert!(page.contains("Sam was first") && page.contains("mine too</textarea>"));
    assert!(page.contains(&format!("name=\"last\" value=\"{}\"", scene.head().await)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_reply_at_the_same_moment_one_is_asked_in_each_of_fifty_rounds() {
    let desk = Desk::open().await;
    let scene = Scene::open(&desk).await;
    let (mut hers, mut his) = (0, 0);
    for round in 0..50 {
        let seen = scene.head().await;
        let (a, b) = (format!("Ana {round}"), format!("Sam {round}"));
        let (one, other) = tokio::join!(scene.reply(&scene.hers, &a, seen), scene.reply(&scene.his, &b, seen));
        let asked = match (one.0, other.0) {
            (200, 409) => other,
            (409, 200) => one.clone(),
            _ => panic!("round {round}: {one:?} {other:?}"),
        };
        assert_eq!(asked, stale());
        let log = desk.stored(&scene.chat).await;
        let new: Vec<_> = log.into_iter().skip(usize::try_from(seen).unwrap()).filter_map(|row| row.body).collect();
        assert_eq!(new, [if one.0 == 200 { a } else { b }], "round {round}");
        if one.0 == 200 { hers += 1 } else { his += 1 }
    }
    assert_eq!(hers + his, 50);
    assert_gapless(&desk, &scene.chat).await;
}
