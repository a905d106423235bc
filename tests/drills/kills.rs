//! P1, P2, P3: nodes are killed under load; what was acknowledged is there, once, and in order.

use crate::house::{House, Plan};
use crate::people::{Bell, Manner, Shopper};
use crate::{alone, oracle, size};
use deskbell::app;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_every_kill() {
    let _alone = alone().await;
    let (kills, people) = (size(12, 200), 24);
    let mut house = House::build(Plan { nodes: 2, redis: true, ..Plan::default() }).await;
    let (door, bell, desk_bell) = (house.every_door(), Bell::default(), Bell::default());
    let manner = Manner::every(Duration::from_millis(10));
    let mut agents = Vec::new();
    for n in 0..4 {
        let agent = house.hire(&format!("Agent {n}"), 8).await;
        agents.push(tokio::spawn(agent.work(
            door.clone(),
            desk_bell.clone(),
            Manner::every(Duration::from_millis(50)),
        )));
    }
    let shoppers: Vec<_> = (0..people).map(|_| tokio::spawn(Shopper::new(&door, manner).talk(bell.clone()))).collect();
    for _ in 0..kills {
        // Somewhere in the middle of work: after a random number of further messages.
        bell.further(40 + usize::from(app::random_bytes::<1>()[0] / 2), Duration::from_mins(2)).await;
        let node = usize::from(app::random_bytes::<1>()[0]) % house.nodes.len();
        house.nodes[node].kill_and_run(&house.http).await;
    }
    let (mut came, mut worked) = (Vec::new(), Vec::new());
    // First the agents, so that shoppers who look a last time miss nothing.
    desk_bell.ring();
    for agent in agents {
        worked.push(agent.await.unwrap());
    }
    bell.ring();
    for shopper in shoppers {
        came.push(shopper.await.unwrap());
    }
    let verdict = oracle::judge(&house.db.read, &came, &worked).await;
    println!("P1 P2 P3 kills={kills} {verdict}");
    verdict.assert_clean();
    house.close().await;
}
