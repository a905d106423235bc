//! Chats that ring: accepted, declined, not answered, taken by somebody else, and asked of a colleague.

use crate::harness::{Agent, Desk, Setup, Shopper, cid, eventually, text};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

async fn offering() -> Desk {
    Setup::default()
        .site(|site| {
            site.settings.routing.mode = deskbell::domain::routing::Mode::Offer;
            site.settings.routing.grace_s = 100_000;
        })
        .open()
        .await
}

async fn rings(agent: &Agent, chat: &str) -> Arc<Value> {
    let what = format!("it rings at {}", agent.staff.name);
    agent.wait(&what, |f| f["type"] == "offered" && f["conversation"] == chat).await
}

/// From this moment on, so that it may ring a second time.
async fn stops(agent: &Agent, chat: &str) {
    let what = format!("it stops at {}", agent.staff.name);
    agent.wait(&what, |f| f["type"] == "unassigned" && f["conversation"] == chat).await;
}

fn rang(agent: &Agent, chat: &str) -> usize {
    agent.heard(|f| f["type"] == "offered" && f["conversation"] == chat).len()
}

/// At whom it rings, and the other one.
async fn who_is_rung<'a>([one, other]: [&'a Agent; 2], chat: &str) -> (&'a Agent, &'a Agent) {
    let found = eventually("it rings at somebody", async || {
        [(one, other), (other, one)].into_iter().find(|(agent, _)| rang(agent, chat) > 0)
    });
    found.await
}

async fn answer(agent: &Agent, kind: &str, chat: &str) -> Arc<Value> {
    agent.must(json!({ "type": kind, "conversation": chat, "gen": 0, "cid": cid() })).await
}

#[tokio::test]
async fn a_chat_rings_until_it_is_accepted_and_only_then_has_an_agent() {
    let desk = offering().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("is anybody there?").await;
    let offered = rings(&ana, &chat).await;
    let deadline: chrono::DateTime<chrono::Utc> = text(&offered, "deadline").parse().unwrap();
    let left = (deadline - desk.app.clock.now()).num_seconds();
    assert!((15..=20).contains(&left), "{left}");
    assert_eq!(offered["summary"]["last_message"], "is anybody there?");
    assert!(!ana.has(&chat));
    assert!(desk.stored(&chat).await.iter().all(|row| row.kind != "assigned"));
    // Whoever connects meanwhile is told too, and the place counts: nothing else rings at an agent who has one place.
    let phone = ana.again(&desk, json!([])).await;
    rings(&phone, &chat).await;
    let second = Shopper::come(&desk).await;
    let other = second.open("me too").await;
    second.until("a position", |s| s.frames.iter().any(|f| f["type"] == "queue").then_some(())).await;
    let accept = json!({ "type": "accept", "conversation": chat, "gen": offered["gen"], "cid": cid() });
    let ack = ana.must(accept.clone()).await;
    assert_eq!(ana.given(&chat).await, 1);
    shopper.kind(&chat, "assigned").await;
    let again = ana.must(accept).await;
    assert_eq!((&again["dup"], &again["id"]), (&json!(true), &ack["id"]));
    ana.say(&chat, "Here I am").await;
    shopper.message(&chat, "Here I am").await;
    assert_eq!(rang(&ana, &other), 0);
    ana.close(&chat).await;
    rings(&ana, &other).await;
}

#[tokio::test]
async fn who_declines_or_does_not_answer_is_passed_over_for_a_while() {
    let desk = offering().await;
    let team = desk.team("Orders").await;
    let [ana, ben] = [desk.agent("Ana", team, 5).await, desk.agent("Ben", team, 5).await];
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    let (first, second) = who_is_rung([&ana, &ben], &chat).await;
    answer(first, "decline", &chat).await;
    stops(first, &chat).await;
    rings(second, &chat).await;
    assert_eq!(rang(first, &chat), 1);
    desk.app.clock.advance(Duration::from_secs(21));
    stops(second, &chat).await;
    // A minute after they declined, the first is asked again.
    desk.app.clock.advance(Duration::from_secs(45));
    let _here = (first.again(&desk, json!([])).await, second.again(&desk, json!([])).await);
    first
        .until("it rings again", |s| {
            let rang = s.frames.iter().filter(|f| f["type"] == "offered" && f["conversation"] == chat.as_str()).count();
            (rang == 2).then_some(())
        })
        .await;
    first.refused(json!({ "type": "accept", "conversation": cid(), "gen": 0, "cid": cid() }), "forbidden").await;
    second.refused(json!({ "type": "accept", "conversation": chat, "gen": 0, "cid": cid() }), "bad_request").await;
    second.refused(json!({ "type": "decline", "conversation": chat, "gen": 0, "cid": cid() }), "bad_request").await;
    answer(first, "accept", &chat).await;
    first.given(&chat).await;
    let kinds: Vec<String> =
        sqlx::query_scalar("select kind from decisions order by n").fetch_all(&desk.app.db.read).await.unwrap();
    assert_eq!(kinds, ["offered", "declined", "offered", "expired", "offered", "accepted"]);
}

#[tokio::test]
async fn what_rings_may_be_taken_by_hand_and_then_rings_no_more() {
    let desk = offering().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    rings(&ana, &chat).await;
    let ben = desk.agent("Ben", team, 5).await;
    ben.must(json!({ "type": "claim", "conversation": chat, "cid": cid() })).await;
    ben.given(&chat).await;
    stops(&ana, &chat).await;
    ana.refused(json!({ "type": "accept", "conversation": chat, "gen": 0, "cid": cid() }), "not_assignee").await;
    // A shopper who gives up takes the ringing along.
    let gone = Shopper::come(&desk).await;
    let other = gone.open("never mind").await;
    let (rung, _) = who_is_rung([&ana, &ben], &other).await;
    gone.close(&other).await;
    stops(rung, &other).await;
    rung.refused(json!({ "type": "accept", "conversation": other, "gen": 0, "cid": cid() }), "closed").await;
}

#[tokio::test]
async fn what_rings_at_whoever_stops_taking_chats_goes_to_the_next_at_once() {
    let desk = offering().await;
    let team = desk.team("Orders").await;
    let [ana, ben] = [desk.agent("Ana", team, 5).await, desk.agent("Ben", team, 5).await];
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    let (first, second) = who_is_rung([&ana, &ben], &chat).await;
    first.available(false).await;
    stops(first, &chat).await;
    rings(second, &chat).await;
    answer(second, "accept", &chat).await;
    second.given(&chat).await;
}

#[tokio::test]
async fn who_answers_no_offer_at_all_is_taken_for_away() {
    let desk = Setup::default()
        .site(|site| {
            site.settings.routing.mode = deskbell::domain::routing::Mode::Offer;
            site.settings.routing.away_after_missed = 2;
            site.settings.routing.grace_s = 100_000;
        })
        .open()
        .await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let status = async || {
        let found: (bool, String, String) = sqlx::query_as("select available, off_as, status_reason from agents")
            .fetch_one(&desk.app.db.read)
            .await
            .unwrap();
        found
    };
    for missed in 1..=2 {
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open("hello").await;
        rings(&ana, &chat).await;
        assert!(status().await.0, "before {missed} were missed");
        desk.app.clock.advance(Duration::from_secs(21));
        stops(&ana, &chat).await;
        ana.again(&desk, json!([])).await;
    }
    let away = eventually("she is away", async || Some(status().await).filter(|(available, ..)| !available)).await;
    assert_eq!((away.1.as_str(), away.2.as_str()), ("away", "did not answer 2 offers"));
}

#[tokio::test]
async fn a_colleague_is_asked_first_and_until_they_accept_the_chat_stays() {
    let desk = offering().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.agent("Ana", orders, 5).await;
    let shopper = Shopper::come(&desk).await;
    let ack = shopper.must(json!({ "type": "send", "body": "it broke", "team": orders })).await;
    let chat = text(&ack, "conversation").to_owned();
    rings(&ana, &chat).await;
    answer(&ana, "accept", &chat).await;
    ana.given(&chat).await;
    let ben = desk.agent("Ben", returns, 1).await;
    let ask = json!({ "type": "transfer", "conversation": chat, "to": { "agent": ben.staff.id }, "note": "a return", "cid": cid() });
    let ack = ana.must(ask.clone()).await;
    let offered = rings(&ben, &chat).await;
    assert_eq!(offered["summary"]["from"], "Ana");
    ben.watch(&chat).await;
    assert_eq!(ana.must(ask).await["id"], ack["id"]);
    ana.say(&chat, "One moment, I ask a colleague").await;
    answer(&ben, "decline", &chat).await;
    stops(&ben, &chat).await;
    // Who was asked might look while it rang, and not any more.
    ben.refused(
        json!({ "type": "send", "conversation": chat, "body": "psst", "note": true, "files": [], "cid": cid() }),
        "forbidden",
    )
    .await;
    let note = ana.wait("the answer", |f| f["kind"] == "note" && text(f, "body").contains("Ben declined")).await;
    assert_eq!(note["by"]["role"], "system");
    ana.say(&chat, "Still me").await;
    shopper.message(&chat, "Still me").await;
    ben.probe().await;
    assert!(ben.heard(|f| f["body"] == "Still me").is_empty());

    let again = json!({ "type": "transfer", "conversation": chat, "to": { "agent": ben.staff.id }, "cid": cid() });
    ana.must(again).await;
    ben.until("it rings again", |s| {
        let rang = s.frames.iter().filter(|f| f["type"] == "offered").count();
        (rang == 2).then_some(())
    })
    .await;
    answer(&ben, "accept", &chat).await;
    ben.given(&chat).await;
    ana.wait("it left", |f| f["type"] == "unassigned" && f["conversation"] == chat.as_str()).await;
    ana.refused(
        json!({ "type": "send", "conversation": chat, "body": "late", "files": [], "cid": cid() }),
        "not_assignee",
    )
    .await;
    ben.say(&chat, "I am Ben").await;
    shopper.message(&chat, "I am Ben").await;
    let transferred = shopper.kind(&chat, "transferred").await;
    assert_eq!((&transferred["by"]["name"], &transferred["to"]["agent"]), (&json!("Ana"), &json!("Ben")));
    shopper.assert_sound();
}

#[tokio::test]
async fn a_colleague_who_lets_it_ring_out_or_goes_leaves_the_chat_with_whoever_asked() {
    let desk = offering().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.agent("Ana", orders, 5).await;
    let shopper = Shopper::come(&desk).await;
    let ack = shopper.must(json!({ "type": "send", "body": "it broke", "team": orders })).await;
    let chat = text(&ack, "conversation").to_owned();
    rings(&ana, &chat).await;
    answer(&ana, "accept", &chat).await;
    ana.given(&chat).await;
    let ask = async |colleague: &Agent| {
        let to = json!({ "agent": colleague.staff.id });
        ana.must(json!({ "type": "transfer", "conversation": chat, "to": to, "cid": cid() })).await;
        rings(colleague, &chat).await;
    };
    let stays = async |why: &str| {
        ana.wait("that nobody came", |f| f["kind"] == "note" && text(f, "body").contains(why)).await;
        let still = format!("{why}, so it is me");
        ana.say(&chat, &still).await;
        shopper.message(&chat, &still).await;
    };
    let ben = desk.agent("Ben", returns, 1).await;
    ask(&ben).await;
    desk.app.clock.advance(Duration::from_secs(21));
    stops(&ben, &chat).await;
    stays("Ben did not answer").await;
    // Whoever goes altogether.
    let cleo = desk.agent("Cleo", returns, 1).await;
    ask(&cleo).await;
    drop(cleo);
    desk.app.clock.advance(Duration::from_secs(21));
    stays("Cleo did not answer").await;
    assert!(shopper.heard(|f| f["kind"] == "transferred").is_empty(), "the shopper was told of nothing");
}
