//! P5: whatever happens to Redis, messages are acknowledged as before, nobody is sent back into the queue, and the other side
//! hears at most a sweep later.

use crate::chats::{begin, talk};
use crate::fproxy::Fault;
use crate::harness::eventually;
use crate::house::{House, Plan};
use crate::people::Bell;
use crate::{alone, size};
use std::sync::Arc;
use std::time::Duration;

/// What the promise says.
const EXTRA: Duration = Duration::from_millis(2_500);

async fn seconds(short: usize, long: usize) {
    tokio::time::sleep(Duration::from_secs(size(short, long) as u64)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_may_do_what_it_likes() {
    let _alone = alone().await;
    let plan = Plan { nodes: 2, redis: true, faulty_redis: true, ..Plan::default() };
    let mut house = House::build(plan).await;
    let mut chats = begin(&house, &house.door(&[0]), &house.door(&[1]), 6).await;
    let faults = ["none", "flushed", "subscribers killed", "a third lost", "exchanged", "half open", "hung", "dead"];
    let mut usual = Duration::ZERO;
    for fault in faults {
        let bell = Bell::default();
        let playing = async {
            play(&mut house, fault).await;
            bell.ring();
        };
        let (cost, ()) = tokio::join!(talk(&mut chats, &bell, Duration::from_millis(50)), playing);
        println!("P5 fault={fault:?} {} {} lost={}", cost.delays.told("delay"), cost.acks.told("ack"), cost.lost);
        if fault == "none" {
            usual = cost.delays.max();
        }
        assert_eq!(cost.lost, 0, "{fault}");
        // Twice the promise, because others use this machine, too.
        assert!(cost.delays.max() <= usual + 2 * EXTRA, "{fault}: {:?}", cost.delays.max());
        // A node may still hold what was sent before: the next fault begins whole.
        let is_up = async || {
            let [a, b] = [&house.nodes[0], &house.nodes[1]].map(|node| node.metric(&house.http, "deskbell_bus_up"));
            (a.await + b.await >= 2.0).then_some(())
        };
        eventually("the nodes reach each other again", is_up).await;
    }
    let requeued: i64 =
        sqlx::query_scalar("select count(*) from events where kind = 'left'").fetch_one(&house.db.read).await.unwrap();
    assert_eq!(requeued, 0, "nobody goes back into the queue because of Redis");
    for chat in &chats {
        chat.shopper.assert_sound();
        assert!(chat.shopper.look(|state| state.closed.is_none()), "no socket is dropped because of Redis");
    }
    chats[0].agent.assert_sound();
    drop(chats);
    house.close().await;
}

async fn play(house: &mut House, fault: &str) {
    let proxy = Arc::clone(house.to_redis.as_ref().unwrap());
    let redis = house.redis.as_mut().unwrap();
    match fault {
        "flushed" => {
            for _ in 0..size(2, 30) {
                redis.ask("FLUSHALL").await;
                seconds(2, 2).await;
            }
        }
        "subscribers killed" => {
            for _ in 0..size(4, 20) {
                redis.ask("CLIENT KILL TYPE pubsub").await;
                tokio::time::sleep(Duration::from_millis(700)).await;
            }
        }
        "a third lost" => {
            proxy.downwards(Fault { lose_each: Some(3), ..Fault::default() });
            seconds(4, 30).await;
        }
        "exchanged" => {
            proxy.downwards(Fault { exchange: true, ..Fault::default() });
            seconds(4, 30).await;
        }
        "half open" => {
            proxy.downwards(Fault { swallow: true, ..Fault::default() });
            seconds(4, 30).await;
            proxy.cut();
        }
        "hung" => {
            redis.pause();
            seconds(4, 20).await;
            redis.go_on();
        }
        "dead" => {
            redis.kill();
            seconds(4, 60).await;
            redis.run().await;
        }
        _ => seconds(3, 10).await,
    }
    proxy.heal();
    seconds(1, 3).await;
}
