//! What the console says of a message that is taken back: whether the shopper had seen it, and who took it back and when.

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{Desk, Shopper, eventually, number, text};
use deskbell::domain::people::Role;
use serde_json::json;

#[tokio::test]
async fn the_log_says_what_the_shopper_saw_and_the_tombstone_who_took_it_back() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let sam = desk.hire("Sam <b>", Hire { role: Role::Supervisor, capacity: 0, teams: vec![team] }).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    let first = ana.say(&chat, "seen").await;
    let second = ana.say(&chat, "not seen").await;
    let theirs = number(&*shopper.message(&chat, "seen").await, "seq");
    shopper.send(&json!({ "type": "read", "conversation": chat, "upto": theirs }));
    ana.wait("it was read", |f| f["type"] == "read" && f["by"]["role"] == "shopper").await;
    let (hers, his) = (Browser::sign_in(&desk, &ana.staff).await, Browser::sign_in(&desk, &sam).await);
    let path = format!("/console/c/{chat}");
    let (_, page) = hers.get(&path).await;
    let entry = |page: &str, id: &str| {
        let from = page.split(&format!("id=\"e-{id}\"")).nth(1).unwrap();
        from.split("</li>").next().unwrap().to_owned()
    };
    let (one, other) = (text(&first, "id"), text(&second, "id"));
    assert!(entry(&page, one).contains("data-was-seen"), "{page}");
    assert!(!entry(&page, other).contains("data-was-seen"), "{page}");
    for word in ["The shopper has seen it", "has not seen it yet", "It has not reached the shopper"] {
        assert!(entry(&page, one).contains(word), "{word}");
    }
    let (status, answer) = his.post(&format!("{path}/recall"), &[("target", other)]).await;
    assert_eq!(status, 200, "{answer}");
    let (_, page) = his.get(&path).await;
    let gone = entry(&page, other);
    assert!(gone.contains("Taken back by ") && gone.contains("Sam &#60;b&#62;"), "{gone}");
    assert!(!entry(&page, one).contains("Taken back by"));
    // Of staff, and told to nobody else.
    let told = eventually("the shopper hears of it", async || {
        shopper.heard(|f| f["kind"] == "recalled").first().map(ToString::to_string)
    })
    .await;
    let again = shopper.again(&desk, crate::harness::people::from_start(&chat)).await;
    again.kind(&chat, "recalled").await;
    let all = format!("{told} {:?}", again.log(&chat));
    assert!(!all.contains("_back") && !all.contains("\"at\":{"), "{all}");
    assert!(!format!("{:?}", ana.log(&chat)).contains("_back"));
}
