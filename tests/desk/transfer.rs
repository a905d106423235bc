//! Handing a chat over, to a team or to a colleague.

use crate::console::Browser;
use crate::harness::{Agent, Desk, Hire, Shopper, cid, text};
use crate::pages::Page;
use deskbell::domain::people::Role;
use deskbell::domain::prefs::Prefs;
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

#[tokio::test]
async fn a_chat_put_back_in_line_goes_to_somebody_else_and_to_whoever_had_it_after_a_minute_at_most() {
    let desk = Desk::open().await;
    let (ana, shopper, chat, team) = at_work(&desk).await;
    let hers = Browser::sign_in(&desk, &ana.staff).await;
    let put_back = |cid: String| {
        let fields = [("to", "line"), ("note", "needs somebody who knows lamps"), ("gen", "1")];
        let (hers, path) = (&hers, format!("/console/c/{chat}/transfer"));
        async move { hers.post(&path, &[&fields[..], &[("cid", &cid)]].concat()).await }
    };
    assert!(hers.get(&format!("/console/c/{chat}")).await.1.contains("<option value=\"line\">Back in line</option>"));
    let once = cid();
    assert_eq!(put_back(once.clone()).await.0, 200);
    assert_eq!(put_back(once).await.0, 200, "pressed twice it is done once");
    ana.wait("unassigned", |f| f["type"] == "unassigned" && f["conversation"] == chat).await;
    let told = shopper.event(&chat, "who left", |e| e["kind"] == "left").await;
    assert_eq!(told["agent"], json!({ "name": "Ana", "avatar": null }));
    let (_, page) = hers.get(&format!("/console/c/{chat}?view=all")).await;
    assert!(page.contains("Ana put it back in the queue") && page.contains("knows lamps"), "{page}");
    assert!(!page.contains("<option value=\"line\">"), "it is in line");
    let (status, refused) = put_back(cid()).await;
    assert_eq!(status, 422, "{refused}");
    assert!(refused.contains("it is in line"), "{refused}");
    // She has the place, and nobody else is here; still it waits.
    let second = Shopper::come(&desk).await;
    let other = second.open("me too").await;
    ana.given(&other).await;
    let given = ana.heard(|f| f["type"] == "assigned" && f["conversation"] == chat).len();
    assert_eq!(given, 1, "it is not given to her again");
    let ben = desk.agent("Ben", team, 1).await;
    ben.given(&chat).await;
    ben.event(&chat, "the note", |e| e["kind"] == "note" && e["body"] == "needs somebody who knows lamps").await;
    let left = desk.stored(&chat).await.iter().filter(|row| row.kind == "left").count();
    assert_eq!(left, 1);
    // Where nobody else comes, it is hers again in the end.
    let his = Browser::sign_in(&desk, &ben.staff).await;
    ben.available(false).await;
    assert_eq!(his.post(&format!("/console/c/{chat}/transfer"), &[("to", "line"), ("cid", &cid())]).await.0, 200);
    desk.app.clock.advance(std::time::Duration::from_secs(61));
    let _here = ana.again(&desk, json!([])).await;
    desk.app.wake_queue();
    crate::harness::eventually("it is hers", async || {
        let hers = "select count(*) from conversations where gen = 5 and assignee_id is not null and state = 'active'";
        (desk.count(hers).await == 1).then_some(())
    })
    .await;
    shopper.assert_sound();
}

#[tokio::test]
async fn whoever_is_given_a_chat_hears_from_whom_and_why() {
    let desk = Desk::open().await;
    let (ana, _shopper, chat, team) = at_work(&desk).await;
    let ben = desk.agent("Ben", team, 5).await;
    let page = Page::showing(&Browser::sign_in(&desk, &ben.staff).await, vec![]).await;
    let hers = Browser::sign_in(&desk, &ana.staff).await;
    let to = format!("agent:{}", ben.staff.id);
    let note = format!("Wants <b>her</b> money back. {}", "x".repeat(500));
    assert_eq!(hers.post(&format!("/console/c/{chat}/transfer"), &[("to", &to), ("note", &note)]).await.0, 200);
    let call = |op: &Value| op["a"]["text"].as_str().filter(|_| op["a"]["name"] == "call").map(str::to_owned);
    let told = |words: &'static str| move |op: &Value| call(op).is_some_and(|text| text.contains(words));
    page.is_told("from whom", told("Ana handed a chat to you: Wants <b>her</b> money back. xx")).await;
    page.is_told("in short", |op| call(op).is_some_and(|text| text.chars().count() < 220)).await;
    // Where notifications are to say nothing, it is not said why; what the queue gives comes from nobody.
    desk.prefers(ana.staff.id, &Prefs { is_discreet: true, ..Prefs::default() }).await;
    let hers = Page::showing(&Browser::sign_in(&desk, &ana.staff).await, vec![]).await;
    let his = Browser::sign_in(&desk, &ben.staff).await;
    let to = format!("agent:{}", ana.staff.id);
    assert_eq!(his.post(&format!("/console/c/{chat}/transfer"), &[("to", &to), ("note", "a secret")]).await.0, 200);
    hers.is_told("from whom alone", |op| call(op).as_deref() == Some("Ben handed a chat to you.")).await;
    let other = Shopper::come(&desk).await;
    other.open("me too").await;
    let came = told("A new chat came to you.");
    crate::harness::eventually("one of them is told", async || {
        let ops = [hers.ops_named("event"), page.ops_named("event")].concat();
        ops.iter().any(&came).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_knows_a_shopper_is_still_known_when_their_waiting_chat_goes_to_another_team() {
    let desk = Desk::open().await;
    let (ana, shopper, chat, team) = at_work(&desk).await;
    ana.close(&chat).await;
    ana.available(false).await;
    let returns = desk.team("Returns").await;
    let sam = Hire { role: Role::Supervisor, ..Hire::agent(team, 0) };
    let sam = desk.sign_in(&desk.hire("Sam", sam).await).await;
    let again = shopper.open("and one more thing").await;
    let known = "select count(*) from conversations where state = 'waiting' and previous_agent_id is not null";
    assert_eq!(desk.count(known).await, 1);
    sam.must(json!({ "type": "transfer", "conversation": again, "to": { "team": returns } })).await;
    assert_eq!(desk.count(known).await, 1);
}
