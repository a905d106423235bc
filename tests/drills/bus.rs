//! P5: whatever happens to Redis, messages are acknowledged as before, nobody is sent back into the queue, and the other side
//! hears at most a sweep later.

use crate::figures::Times;
use crate::fproxy::Fault;
use crate::harness::{Socket, cid, eventually};
use crate::house::{House, Plan};
use crate::people::{Agent, Bell, Manner, Shopper};
use crate::{alone, size};
use deskbell::app;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const SHOPPERS: usize = 6;
/// What the promise says.
const EXTRA: Duration = Duration::from_millis(2_500);

/// What a fault cost.
#[derive(Default)]
struct Cost {
    acks: Times,
    delays: Times,
    lost: usize,
}

/// A shopper on one node and the socket of their agent on another, who talk in turn.
struct Chat {
    shopper: Socket,
    agent: Arc<Socket>,
    id: String,
    said: usize,
}

impl Chat {
    /// How long one message, and then one answer, takes to the other side after its acknowledgement.
    async fn exchange(&mut self, cost: &mut Cost) {
        let (shopper, agent) = (&self.shopper, &*self.agent);
        for (from, to) in [(shopper, agent), (agent, shopper)] {
            self.said += 1;
            let (cid, body) = (cid(), format!("turn {}", self.said));
            let began = app::instant();
            from.send(&json!({ "type": "send", "cid": cid, "conversation": self.id, "body": body }));
            from.until("the acknowledgement", |state| state.answers_to(&cid).first().cloned()).await;
            let acknowledged = app::instant();
            cost.acks.add(acknowledged - began);
            let heard = |state: &crate::harness::socket::State| {
                let log = state.logs.get(&self.id)?;
                log.events.values().rev().take(3).any(|event| event["body"] == body.as_str()).then_some(())
            };
            match to.until_or_end(heard, Duration::from_secs(15)).await {
                Some(()) => cost.delays.add(app::instant() - acknowledged),
                None => cost.lost += 1,
            }
        }
    }
}

async fn begin(house: &House) -> Vec<Chat> {
    let mut agent: Agent = house.hire("Ana", SHOPPERS as i16).await;
    let socket = Arc::new(agent.connect(&house.door(&[1])).await.expect("the agent is let in"));
    let mut chats = Vec::new();
    for _ in 0..SHOPPERS {
        let mut shopper = Shopper::new(&house.door(&[0]), Manner::every(Duration::ZERO));
        let came = shopper.connect().await.expect("the shopper is let in");
        let ack = came.must(json!({ "type": "send", "body": "hello" })).await;
        let id = ack["conversation"].as_str().unwrap().to_owned();
        let what = "the chat is given to the agent";
        socket.wait(what, |f| f["type"] == "synced" && f["conversation"] == id.as_str()).await;
        chats.push(Chat { shopper: came, agent: Arc::clone(&socket), id, said: 0 });
    }
    chats
}

/// Everybody talks until the bell rings.
async fn talk(chats: &mut [Chat], bell: &Bell) -> Cost {
    let talking = chats.iter_mut().map(async |chat| {
        let mut cost = Cost::default();
        while !bell.is_over() {
            chat.exchange(&mut cost).await;
            tokio::time::sleep(Duration::from_millis(app::random_below(100))).await;
        }
        cost
    });
    let mut all = Cost::default();
    for cost in futures_util::future::join_all(talking).await {
        all.acks.merge(&cost.acks);
        all.delays.merge(&cost.delays);
        all.lost += cost.lost;
    }
    all
}

async fn seconds(short: usize, long: usize) {
    tokio::time::sleep(Duration::from_secs(size(short, long) as u64)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_may_do_what_it_likes() {
    let _alone = alone().await;
    let plan = Plan { nodes: 2, redis: true, faulty_redis: true, ..Plan::default() };
    let mut house = House::build(plan).await;
    let mut chats = begin(&house).await;
    let faults = ["none", "flushed", "subscribers killed", "a third lost", "exchanged", "half open", "hung", "dead"];
    let mut usual = Duration::ZERO;
    for fault in faults {
        let bell = Bell::default();
        let playing = async {
            play(&mut house, fault).await;
            bell.ring();
        };
        let (cost, ()) = tokio::join!(talk(&mut chats, &bell), playing);
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
            (a.await + b.await == 2.0).then_some(())
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
