//! Order: what one person sends in order is read in that order, whatever happens to the conversation meanwhile.

use crate::harness::{Agent, Desk, Shopper, cid, text};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

const BURST: usize = 8;

/// Everything at once, without waiting for an answer.
fn hurry(shopper: &Shopper, word: &str) -> Vec<String> {
    let bodies: Vec<_> = (0..BURST).map(|n| format!("{word} {n}")).collect();
    for body in &bodies {
        shopper.send(&json!({ "type": "send", "cid": cid(), "body": body }));
    }
    bodies
}

async fn acknowledged(shopper: &Shopper, count: usize) {
    shopper
        .until(&format!("{count} acknowledgements"), |state| {
            assert!(state.frames.iter().all(|f| f["type"] != "nack"), "refused");
            (state.frames.iter().filter(|f| f["type"] == "ack").count() >= count).then_some(())
        })
        .await;
}

async fn said(desk: &Desk, chat: &str) -> Vec<String> {
    desk.stored(chat).await.into_iter().filter(|row| row.kind == "message").filter_map(|row| row.body).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_keeps_its_order_while_the_queue_takes_the_conversation() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 100).await;
    let shoppers = join_all((0..24).map(|_| Shopper::come(&desk))).await;
    let sent: Vec<_> = shoppers.iter().map(|shopper| hurry(shopper, "at once")).collect();
    for (shopper, bodies) in shoppers.iter().zip(sent) {
        acknowledged(shopper, BURST).await;
        let ack = shopper.wait("ack", |f| f["type"] == "ack").await;
        let chat = text(&ack, "conversation").to_owned();
        agent.given(&chat).await;
        assert_eq!(said(&desk, &chat).await, bodies);
        agent.message(&chat, bodies.last().unwrap()).await;
        shopper.assert_sound();
    }
    agent.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_keeps_its_order_over_a_row_that_is_locked_for_a_moment() {
    let desk = Desk::open().await;
    for round in 0..10 {
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open("hello").await;
        let mut elsewhere = desk.app.db.read.begin().await.unwrap();
        sqlx::query("select 1 from conversations where id = $1 for update")
            .bind(chat.parse::<uuid::Uuid>().unwrap())
            .execute(&mut *elsewhere)
            .await
            .unwrap();
        // Few enough to wait for the row, and more once it is free.
        let first: Vec<Value> =
            (0..3).map(|n| json!({ "type": "send", "cid": cid(), "body": format!("before {n}") })).collect();
        for frame in &first {
            shopper.send(frame);
        }
        shopper.probe().await;
        elsewhere.rollback().await.unwrap();
        let after = hurry(&shopper, "after");
        acknowledged(&shopper, 4 + BURST).await;
        let mut expected = vec!["hello".to_owned()];
        expected.extend((0..3).map(|n| format!("before {n}")));
        expected.extend(after);
        assert_eq!(said(&desk, &chat).await, expected, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sides_talk_at_once_and_everybody_reads_the_same() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    agent.given(&chat).await;
    let talk = async |who: &crate::harness::Socket, word: &str| {
        for n in 0..60 {
            who.send(&json!({ "type": "send", "cid": cid(), "body": format!("{word} {n}"), "conversation": chat }));
        }
        who.until("60 acknowledgements", |state| {
            (state.frames.iter().filter(|f| f["type"] == "ack" && f["dup"] == false).count() >= 60).then_some(())
        })
        .await;
    };
    tokio::join!(talk(&shopper, "shopper"), talk(&agent, "agent"));
    let rows = crate::harness::log::assert_gapless(&desk, &chat).await;
    let last = rows.len() as i64;
    let knows = async |who: &crate::harness::Socket| {
        who.until("the whole log", |state| {
            let known = state.logs.get(&chat)?.events.len()
                + state.frames.iter().filter(|f| f["type"] == "ack" && f["seq"].is_i64()).count();
            (known as i64 >= last).then_some(())
        })
        .await;
    };
    knows(&shopper).await;
    knows(&agent).await;
    crate::harness::log::assert_same_as_shopper(&shopper, &chat, &rows);
    crate::harness::log::assert_same_as_staff(&agent, &chat, &rows);
}

#[tokio::test]
async fn what_was_missed_between_two_sockets_comes_before_what_is_new() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent: Agent = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    agent.given(&chat).await;
    desk.app.clock.advance(Duration::from_secs(1));
    let colleague = desk.agent("Ben", team, 0).await;
    colleague.watch(&chat).await;
    for n in 0..30 {
        shopper.send(&json!({ "type": "send", "cid": cid(), "body": format!("message {n}") }));
        if n % 10 == 5 {
            colleague.send(&json!({ "type": "watch", "conversation": chat }));
        }
    }
    colleague.message(&chat, "message 29").await;
    colleague.assert_sound();
    let rows = crate::harness::log::assert_gapless(&desk, &chat).await;
    crate::harness::log::assert_same_as_staff(&colleague, &chat, &rows);
}
