//! An agent who vanishes: the shopper is told, keeps the place in line, and somebody else comes.

use crate::harness::people::from_start;
use crate::harness::{Agent, Desk, Hire, Setup, Shopper, number, text};
use serde_json::json;
use std::time::Duration;

const GRACE: u32 = 5;

async fn desk_with_short_grace() -> Desk {
    Setup::default().site(|site| site.settings.routing.grace_s = GRACE).open().await
}

/// The laptop sleeps: the socket is gone, and the server has noticed.
async fn vanish(desk: &Desk, agent: Agent) {
    let id = agent.staff.id;
    drop(agent);
    crate::harness::eventually("the lease ends", async || {
        let now = desk.app.clock.now();
        let live: i64 = sqlx::query_scalar("select count(*) from agent_leases where agent_id = $1 and expires_at > $2")
            .bind(id)
            .bind(now)
            .fetch_one(&desk.app.db.read)
            .await
            .unwrap();
        (live == 0).then_some(())
    })
    .await;
}

async fn position(shopper: &Shopper) -> i64 {
    let frame =
        shopper.until("a position", |state| state.frames.iter().rev().find(|f| f["type"] == "queue").cloned()).await;
    number(&frame, "position")
}

#[tokio::test]
async fn a_chat_returns_to_its_place_when_its_agent_vanishes() {
    let desk = desk_with_short_grace().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let first = Shopper::come(&desk).await;
    let chat = first.open("first").await;
    ana.given(&chat).await;
    ana.say(&chat, "one moment").await;
    let ana_staff = ana.staff.clone();
    desk.app.clock.advance(Duration::from_secs(1));
    let later = Shopper::come(&desk).await;
    let later_chat = later.open("later").await;
    assert_eq!(position(&later).await, 1);
    vanish(&desk, ana).await;
    desk.app.clock.advance(Duration::from_secs(u64::from(GRACE) + 1));
    let left = first.kind(&chat, "left").await;
    assert_eq!((text(&left["agent"], "name"), &left["agent"]["id"]), ("Ana", &serde_json::Value::Null));
    first
        .until("first in line", |state| {
            state.frames.iter().rev().find(|f| f["type"] == "queue").filter(|f| f["position"] == 1).map(|_| ())
        })
        .await;
    later
        .until("second in line", |state| {
            state.frames.iter().rev().find(|f| f["type"] == "queue").filter(|f| f["position"] == 2).map(|_| ())
        })
        .await;
    let ben = desk.agent("Ben", team, 1).await;
    assert_eq!(ben.given(&chat).await, 3, "assigned, given back, assigned");
    assert!(!ben.has(&later_chat));
    let seen: Vec<_> = ben.log(&chat).iter().map(|e| text(e, "kind").to_owned()).collect();
    assert_eq!(
        seen,
        ["opened", "message", "assigned", "message", "left", "assigned"],
        "Ben reads what was said before"
    );
    ben.say(&chat, "I am Ben, I go on").await;
    first.message(&chat, "I am Ben, I go on").await;
    // Ana is back, and believes the chat to be hers.
    let ana = desk.sign_in(&ana_staff).await;
    let late = json!({ "type": "send", "conversation": chat, "body": "so, where were we", "gen": 1 });
    let nack = ana.refused(late, "not_assignee").await;
    assert_eq!(nack["terminal"], true);
    let blind = json!({ "type": "send", "conversation": chat, "body": "so, where were we" });
    ana.refused(blind, "not_assignee").await;
    ana.refused(json!({ "type": "close", "conversation": chat, "gen": 1 }), "not_assignee").await;
    first.say("thanks Ben").await;
    ben.message(&chat, "thanks Ben").await;
    assert!(first.log(&chat).iter().all(|e| e["body"] != "so, where were we"));
    first.assert_sound();
}

#[tokio::test]
async fn back_within_the_grace_nothing_moves() {
    let desk = desk_with_short_grace().await;
    let team = desk.team("Orders").await;
    let (ana, ben) = (desk.agent("Ana", team, 1).await, desk.agent("Ben", team, 0).await);
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    let generation = ana.given(&chat).await;
    let session = ana.session.clone();
    let staff = ana.staff.clone();
    vanish(&desk, ana).await;
    desk.app.clock.advance(Duration::from_secs(u64::from(GRACE) - 2));
    let ticket = desk.fresh_ticket(&session).await;
    let socket = desk.agent_socket(&ticket, from_start(&chat)).await;
    let ana = Agent { socket, staff, session };
    desk.app.clock.advance(Duration::from_secs(u64::from(GRACE) + 2));
    // The sweep has looked at least once: the other shopper's silent wait proves it.
    sweeps(&desk).await;
    let reply = json!({ "type": "send", "conversation": chat, "body": "back again", "gen": generation });
    ana.must(reply).await;
    shopper.message(&chat, "back again").await;
    assert!(shopper.log(&chat).iter().all(|e| e["kind"] != "left"));
    assert!(!ben.has(&chat));
}

#[tokio::test]
async fn an_agent_whose_line_comes_and_goes_keeps_the_chats() {
    let desk = desk_with_short_grace().await;
    let team = desk.team("Orders").await;
    let mut ana = desk.agent("Ana", team, 1).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    for n in 0..15 {
        let (session, staff) = (ana.session.clone(), ana.staff.clone());
        vanish(&desk, ana).await;
        desk.app.clock.advance(Duration::from_secs(u64::from(GRACE) - 2));
        let ticket = desk.fresh_ticket(&session).await;
        let socket = desk.agent_socket(&ticket, from_start(&chat)).await;
        ana = Agent { socket, staff, session };
        ana.say(&chat, &format!("still here {n}")).await;
    }
    sweeps(&desk).await;
    shopper.message(&chat, "still here 14").await;
    assert!(shopper.log(&chat).iter().all(|event| event["kind"] != "left"), "the shopper hears nothing of it");
    assert_eq!(desk.count("select count(*) from agent_leases").await, 1);
    assert_eq!(desk.count("select count(*) from events where kind = 'assigned'").await, 1);
}

/// Until the sweep did its rounds once more: it turns a marker shopper's overdue wait into a ticket.
async fn sweeps(desk: &Desk) {
    let marker = Shopper::come(desk).await;
    let intake = json!({ "email": "marker@shop.example" });
    let ack = marker.must(json!({ "type": "send", "body": "marker", "intake": intake })).await;
    sqlx::query("update conversations set queued_at = queued_at - interval '1 day' where id = $1")
        .bind(text(&ack, "conversation").parse::<uuid::Uuid>().unwrap())
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    marker.kind(text(&ack, "conversation"), "ticketed").await;
}

#[tokio::test]
async fn another_socket_of_the_agent_keeps_the_chat() {
    let desk = desk_with_short_grace().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let second = ana.again(&desk, json!([])).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    second.given(&chat).await;
    drop(ana);
    desk.app.clock.advance(Duration::from_secs(u64::from(GRACE) + 1));
    sweeps(&desk).await;
    second.say(&chat, "still here").await;
    shopper.message(&chat, "still here").await;
    assert!(shopper.log(&chat).iter().all(|e| e["kind"] != "left"));
}

#[tokio::test]
async fn nobody_is_given_to_an_agent_whose_lease_is_over() {
    let desk = desk_with_short_grace().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    vanish(&desk, ana).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("anybody?").await;
    assert_eq!(position(&shopper).await, 1);
    let staff = desk.hire("Ben", Hire::agent(team, 1)).await;
    let ben = desk.sign_in(&staff).await;
    ben.available(true).await;
    ben.given(&chat).await;
}
