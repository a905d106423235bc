//! P13: letters are written for what was committed, and for nothing else; each arrives at least once, under the same id, however
//! the mail server and the node that sends behave.

use crate::harness::eventually;
use crate::harness::post::{Mood, Relay, read};
use crate::house::{House, Plan};
use crate::people::{Manner, Shopper, identity};
use crate::{alone, size};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use uuid::Uuid;

/// Half an hour passes for the letters that wait: their next try and their claims are due.
async fn half_an_hour(house: &House) {
    let passed = "update outbox set next_at = next_at - interval '30 minutes',
            claimed_until = claimed_until - interval '30 minutes'
        where state = 'waiting'";
    sqlx::query(passed).execute(&house.db.read).await.unwrap();
}

async fn sent(house: &House) -> i64 {
    let count = "select count(*) from outbox where state = 'sent'";
    sqlx::query_scalar(count).fetch_one(&house.db.read).await.unwrap()
}

/// A shopper whom the shop knows says something and closes the chat. `None`: nobody confirmed that it is closed.
async fn close_a_chat(house: &House, n: usize) -> Option<Uuid> {
    let mut shopper = Shopper::new(&house.door(&[0]), Manner::every(Duration::ZERO));
    let email = format!("shopper-{n}@shop.example");
    shopper.identity = Some(identity(&house.site, &n.to_string(), "Li Wei", &email));
    let socket = shopper.connect().await?;
    let frame = json!({ "type": "send", "cid": crate::harness::cid(), "body": format!("letter of {n}") });
    let ack = shopper.story.ask(&socket, &frame).await.filter(|answer| answer["type"] == "ack")?;
    let close = json!({ "type": "close", "cid": crate::harness::cid(), "conversation": ack["conversation"] });
    shopper.story.ask(&socket, &close).await.filter(|answer| answer["type"] == "ack")?;
    ack["conversation"].as_str()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_survive_mail_servers_and_kills() {
    let _alone = alone().await;
    let relay = Relay::open(None).await;
    let plan = Plan { nodes: 1, relay: Some(relay.address), transcript_at_close: true, ..Plan::default() };
    let mut house = House::build(plan).await;
    let each = size(4, 20);
    let moods = [
        ("421", Mood::Refuses("421 not now")),
        ("reset after DATA", Mood::Forgets),
        ("hang", Mood::Hangs),
        ("killed while it hangs", Mood::Hangs),
        ("killed at once", Mood::Takes),
        ("database killed", Mood::Takes),
    ];
    let mut confirmed = HashSet::new();
    for (round, (name, mood)) in moods.into_iter().enumerate() {
        relay.becomes(mood);
        for n in 0..each {
            if name == "database killed" && n == each / 2 {
                house.postgres.crash().await;
            }
            confirmed.extend(close_a_chat(&house, round * each + n).await);
        }
        match name {
            "killed while it hangs" | "killed at once" => {
                let http = house.http.clone();
                house.nodes[0].kill_and_run(&http).await;
            }
            "database killed" => house.postgres.start_again().await,
            _ => tokio::time::sleep(Duration::from_millis(300)).await,
        }
    }
    relay.becomes(Mood::Takes);
    let waiting = "select count(*) from outbox where state = 'waiting'";
    eventually("every letter has gone", async || {
        half_an_hour(&house).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let left: i64 = sqlx::query_scalar(waiting).fetch_one(&house.db.read).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    let closed: Vec<Uuid> = sqlx::query_scalar("select id from conversations where state = 'closed'")
        .fetch_all(&house.db.read)
        .await
        .unwrap();
    let letters: Vec<(Uuid, Uuid)> =
        sqlx::query_as("select conversation_id, id from outbox").fetch_all(&house.db.read).await.unwrap();
    let owed: HashMap<Uuid, Uuid> = letters.iter().copied().collect();
    let mut arrived: HashMap<Uuid, usize> = HashMap::new();
    for posted in relay.posted() {
        assert_eq!(posted.recipients.len(), 1, "one letter, one person");
        let id = read(&posted.content).message_id.split('@').next().unwrap().parse().unwrap();
        *arrived.entry(id).or_default() += 1;
    }
    let untrue = letters.iter().filter(|(chat, _)| !closed.contains(chat)).count()
        + arrived.keys().filter(|id| !letters.iter().any(|(_, letter)| letter == *id)).count();
    let missing = closed.iter().filter(|chat| owed.get(chat).is_none_or(|id| !arrived.contains_key(id))).count()
        + confirmed.iter().filter(|chat| !closed.contains(chat)).count();
    let again = arrived.values().filter(|times| **times > 1).count();
    println!(
        "P13 closed={} letters={} untrue={untrue} missing={missing} sent={} more_than_once={again} (same id)",
        closed.len(),
        letters.len(),
        sent(&house).await
    );
    assert!(untrue == 0 && missing == 0 && letters.len() == closed.len(), "{owed:?} {arrived:?}");
    assert!(confirmed.len() >= each * 5);
    house.close().await;
}
