//! Answers to choose from: an agent's message offers them, the shopper sees them, and whoever may not offer them is told.

use crate::console::Browser;
use crate::harness::{Desk, Shopper, cid, text};
use deskbell::transcripts;
use serde_json::{Value, json};

fn send(chat: &str, replies: &Value, note: bool) -> Value {
    json!({ "type": "send", "cid": cid(), "conversation": chat, "body": "Shall we send it?", "replies": replies, "note": note })
}

#[tokio::test]
async fn an_agents_message_offers_answers_until_it_is_taken_back() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 2).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("where is my lamp?").await;
    ana.given(&chat).await;
    let offered = send(&chat, &json!(["Yes, please", "No <b>thanks</b>"]), false);
    let asked = ana.must(offered.clone()).await;
    let seen = shopper.message(&chat, "Shall we send it?").await;
    assert_eq!(seen["replies"], json!(["Yes, please", "No <b>thanks</b>"]));
    let again = ana.must(offered.clone()).await;
    assert_eq!((&again["id"], &again["dup"]), (&asked["id"], &json!(true)));
    let mut other = offered;
    other["replies"] = json!(["Maybe"]);
    ana.refused(other, "cid_conflict").await;
    let id = chat.parse().unwrap();
    let transcript = transcripts::load(&desk.app.db, id).await.unwrap().unwrap();
    assert!(transcript.text().contains("[Yes, please] [No <b>thanks</b>]"), "{}", transcript.text());
    assert!(transcript.html().contains("[No &#60;b&#62;thanks&#60;/b&#62;]"), "{}", transcript.html());
    ana.must(json!({ "type": "recall", "cid": cid(), "event": asked["id"], "conversation": chat })).await;
    let again = shopper.again(&desk, crate::harness::people::from_start(&chat)).await;
    let gone = again.event(&chat, "the message", |event| event["id"] == asked["id"]).await;
    assert_eq!(gone.get("replies"), None);
}

#[tokio::test]
async fn too_many_too_long_or_for_nobody_is_refused_and_shoppers_offer_nothing() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 2).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    for bad in
        [json!(["1", "2", "3", "4", "5", "6", "7"]), json!(["x".repeat(61)]), json!([" "]), json!(["Yes", "Yes"])]
    {
        ana.refused(send(&chat, &bad, false), "bad_request").await;
    }
    ana.refused(send(&chat, &json!(["Yes"]), true), "bad_request").await;
    let mine = json!({ "type": "send", "cid": cid(), "body": "hi", "replies": ["Yes"] });
    shopper.refused(mine, "bad_request").await;
}

#[tokio::test]
async fn the_consoles_form_offers_them_and_keeps_what_is_refused() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 2).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let (reply, page) = (format!("/console/c/{chat}/reply"), format!("/console/c/{chat}"));
    let long = format!("Yes; {}", "x".repeat(61));
    // As a browser without script sends it.
    let form = [("body", "Send it?"), ("replies", long.as_str())];
    let request = desk.http.post(format!("{}{reply}", desk.base)).header("cookie", &browser.cookie);
    let answer = request.header("origin", &desk.base).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    let refused = answer.text().await.unwrap();
    assert!(refused.contains(&format!("value=\"{long}\"")), "{refused}");
    assert!(refused.contains("one line of at most 60 characters"), "{refused}");
    let (status, _) = browser.post(&reply, &[("body", "Send it?"), ("replies", " Yes ; No;;")]).await;
    assert_eq!(status, 200);
    let seen = shopper.message(&chat, "Send it?").await;
    assert_eq!((seen["replies"].clone(), text(&seen, "kind")), (json!(["Yes", "No"]), "message"));
    let (_, shown) = browser.get(&page).await;
    assert!(shown.contains("<li dir=\"auto\">Yes</li><li dir=\"auto\">No</li>"), "{shown}");
}
