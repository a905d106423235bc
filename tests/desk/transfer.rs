//! Handing a chat over, to a team or to a colleague.

use crate::harness::{Agent, Desk, Hire, Shopper, cid, text};
use serde_json::{Value, json};

async fn at_work(desk: &Desk) -> (Agent, Shopper, String, deskbell::domain::id::TeamId) {
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    (ana, shopper, chat, team)
}

#[tokio::test]
async fn a_chat_handed_to_a_team_goes_to_that_team_with_its_note() {
    let desk = Desk::open().await;
    let (ana, shopper, chat, _) = at_work(&desk).await;
    let returns = desk.team("Returns").await;
    let ben = desk.agent("Ben", returns, 5).await;
    let step = json!({ "type": "transfer", "conversation": chat, "to": { "team": returns }, "note": "wants her money back", "gen": 1 });
    ana.must(step).await;
    // Stored with the transfer, not after it: whoever hears of the one may rely on the other.
    assert_eq!(
        desk.count("select count(*) from events where kind = 'note' and body = 'wants her money back'").await,
        1
    );
    ana.wait("unassigned", |f| f["type"] == "unassigned" && f["conversation"] == chat).await;
    assert_eq!(ben.given(&chat).await, 3);
    let note = ben.event(&chat, "the note", |e| e["kind"] == "note").await;
    assert_eq!((&note["body"], &note["by"]["name"]), (&json!("wants her money back"), &json!("Ana")));
    let told = shopper.kind(&chat, "transferred").await;
    assert_eq!(told["to"], json!({ "team": "Returns" }));
    shopper.event(&chat, "Ben", |e| e["kind"] == "assigned" && e["agent"]["name"] == "Ben").await;
    ben.say(&chat, "let me see").await;
    shopper.message(&chat, "let me see").await;
    // It is the other team's now: what Ana had under her fingers is refused as no longer hers, and she sees no more of it.
    ana.refused(json!({ "type": "send", "conversation": chat, "body": "bye" }), "not_assignee").await;
    ana.send(&json!({ "type": "watch", "conversation": chat }));
    ana.wait("forbidden", |f| f["type"] == "nack" && f["code"] == "forbidden").await;
    assert!(shopper.log(&chat).iter().all(|e| e["kind"] != "note"));
    shopper.assert_sound();
    ben.assert_sound();
}

#[tokio::test]
async fn a_chat_handed_to_a_colleague_is_theirs_at_once() {
    let desk = Desk::open().await;
    let (ana, shopper, chat, team) = at_work(&desk).await;
    let ben = desk.agent("Ben", team, 1).await;
    let step = json!({ "type": "transfer", "conversation": chat, "to": { "agent": ben.staff.id }, "note": "yours", "cid": cid() });
    ana.must(step).await;
    assert_eq!(ben.given(&chat).await, 2);
    assert_eq!(shopper.kind(&chat, "transferred").await["to"], json!({ "agent": "Ben" }));
    ben.event(&chat, "the note", |e| e["kind"] == "note" && e["body"] == "yours").await;
    let nack = ana.refused(json!({ "type": "send", "conversation": chat, "body": "bye" }), "not_assignee").await;
    assert_eq!(nack["terminal"], true);
    ben.say(&chat, "hello, Ben here").await;
    shopper.message(&chat, "hello, Ben here").await;
}

#[tokio::test]
async fn a_handing_over_that_is_repeated_is_answered_again_and_done_once() {
    let desk = Desk::open().await;
    let (ana, shopper, chat, team) = at_work(&desk).await;
    let ben = desk.agent("Ben", team, 1).await;
    let step = json!({ "type": "transfer", "conversation": chat, "to": { "agent": ben.staff.id }, "cid": cid() });
    let first = ana.must(step.clone()).await;
    ben.given(&chat).await;
    let again = ana.call(step).await;
    assert_eq!((&again["type"], &again["dup"], &again["id"]), (&json!("ack"), &json!(true), &first["id"]), "{again}");
    let step = json!({ "type": "transfer", "conversation": chat, "to": { "team": team }, "cid": cid() });
    let first = ben.must(step.clone()).await;
    let again = ben.call(step).await;
    assert_eq!((&again["type"], &again["dup"], &again["id"]), (&json!("ack"), &json!(true), &first["id"]), "{again}");
    shopper.say("where am I?").await;
    let handed = desk.stored(&chat).await.iter().filter(|row| row.kind == "transferred").count();
    assert_eq!(handed, 2);
}

#[tokio::test]
async fn nobody_is_handed_a_chat_who_is_full_away_or_of_another_shop() {
    let desk = Desk::open().await;
    let (ana, shopper, chat, team) = at_work(&desk).await;
    let full = desk.agent("Ben", team, 0).await;
    let away = desk.hire("Cem", Hire::agent(team, 5)).await;
    let resting = desk.agent("Dia", team, 5).await;
    resting.available(false).await;
    let other = desk.second_site().await;
    let elsewhere_team = desk.team_of(&other, "Orders").await;
    let stranger = desk.hire_at(&other, "Eve", Hire::agent(elsewhere_team, 5)).await;
    let to = |target: Value| json!({ "type": "transfer", "conversation": chat, "to": target });
    for id in [full.staff.id, away.id, resting.staff.id] {
        let nack = ana.refused(to(json!({ "agent": id })), "bad_request").await;
        assert!(text(&nack, "message").contains("place free"), "{nack}");
    }
    ana.refused(to(json!({ "agent": stranger.id })), "forbidden").await;
    ana.refused(to(json!({ "agent": cid() })), "forbidden").await;
    ana.refused(to(json!({ "team": elsewhere_team })), "forbidden").await;
    ana.refused(to(json!({ "team": cid() })), "forbidden").await;
    ana.refused(to(json!({ "agent": ana.staff.id })), "bad_request").await;
    let stale = json!({ "type": "transfer", "conversation": chat, "to": { "team": team }, "gen": 0 });
    ana.refused(stale, "not_assignee").await;
    full.refused(to(json!({ "agent": resting.staff.id })), "not_assignee").await;
    ana.say(&chat, "still with me").await;
    shopper.message(&chat, "still with me").await;
    assert!(shopper.log(&chat).iter().all(|e| e["kind"] != "transferred"));
}

#[tokio::test]
async fn who_watches_a_chat_loses_sight_of_it_with_their_right_to_see_it() {
    let desk = Desk::open().await;
    let (ana, shopper, chat, orders) = at_work(&desk).await;
    let returns = desk.team("Returns").await;
    let chen = desk.agent("Chen", orders, 0).await;
    let ben = desk.agent("Ben", returns, 5).await;
    chen.watch(&chat).await;
    shopper.say("Chen hears this").await;
    chen.message(&chat, "Chen hears this").await;
    ana.must(json!({ "type": "transfer", "conversation": chat, "to": { "team": returns }, "note": "not for Chen" }))
        .await;
    ben.given(&chat).await;
    ben.say(&chat, "nor this").await;
    shopper.message(&chat, "nor this").await;
    chen.refused(json!({ "type": "send", "conversation": chat, "body": "hm", "note": true }), "forbidden").await;
    chen.send(&json!({ "type": "typing", "conversation": chat, "on": true }));
    chen.wait("forbidden", |f| f["type"] == "nack" && f["cid"].is_null()).await;
    let heard: Vec<_> = chen.log(&chat).iter().filter(|e| e["body"].is_string()).map(|e| e["body"].clone()).collect();
    assert!(!heard.iter().any(|body| body == "not for Chen" || body == "nor this"), "{heard:?}");
}
