//! Chats whose two sides are watched from here: how long a message takes to be acknowledged, and then to the other side.

use crate::figures::Times;
use crate::harness::{Socket, cid};
use crate::house::House;
use crate::people::{Agent, Bell, Door, Manner, Shopper};
use deskbell::app;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// What was measured meanwhile.
#[derive(Default)]
pub struct Cost {
    pub acks: Times,
    pub delays: Times,
    pub lost: usize,
}

/// A shopper on one node and the socket of their agent on another, who talk in turn.
pub struct Chat {
    pub shopper: Socket,
    pub agent: Arc<Socket>,
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

pub async fn begin(house: &House, shoppers: &Door, agents: &Door, count: usize) -> Vec<Chat> {
    let mut agent: Agent = house.hire("Ana", count as i16).await;
    let socket = Arc::new(agent.connect(agents).await.expect("the agent is let in"));
    let mut chats = Vec::new();
    for _ in 0..count {
        let mut shopper = Shopper::new(shoppers, Manner::every(Duration::ZERO));
        let came = shopper.connect().await.expect("the shopper is let in");
        let ack = came.must(json!({ "type": "send", "body": "hello" })).await;
        let id = ack["conversation"].as_str().unwrap().to_owned();
        let what = "the chat is given to the agent";
        socket.wait(what, |f| f["type"] == "synced" && f["conversation"] == id.as_str()).await;
        chats.push(Chat { shopper: came, agent: Arc::clone(&socket), id, said: 0 });
    }
    chats
}

/// Everybody talks until the bell rings, with this pause on average.
pub async fn talk(chats: &mut [Chat], bell: &Bell, pause: Duration) -> Cost {
    let talking = chats.iter_mut().map(async |chat| {
        let mut cost = Cost::default();
        while !bell.is_over() {
            chat.exchange(&mut cost).await;
            tokio::time::sleep(Duration::from_millis(app::random_below(2 * pause.as_millis() as u64))).await;
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
