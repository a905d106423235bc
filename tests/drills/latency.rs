//! How much later the other side hears when it is on another node: both kinds of chat side by side, in one run.

use crate::chats::{begin, talk};
use crate::house::{House, Plan};
use crate::people::Bell;
use crate::{alone, is_long, size};
use std::time::Duration;

const LATER: Duration = Duration::from_millis(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_node_is_hardly_further_away() {
    let _alone = alone().await;
    let house = House::build(Plan { nodes: 2, redis: true, ..Plan::default() }).await;
    let (here, there) = (house.door(&[0]), house.door(&[1]));
    let chats = size(5, 25);
    let mut same = begin(&house, &here, &here, chats).await;
    let mut across = begin(&house, &here, &there, chats).await;
    let bell = Bell::default();
    // Two messages each time: a thousand a second in the long set.
    let pause = Duration::from_millis(100);
    let seconds = size(4, 30) as u64;
    let over = async {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        bell.ring();
    };
    let (same_cost, across_cost, ()) =
        tokio::join!(talk(&mut same, &bell, pause), talk(&mut across, &bell, pause), over);
    let rate = (same_cost.delays.len() + across_cost.delays.len()) as u64 / seconds;
    println!(
        "cross-node messages_per_s={rate} {} {}",
        same_cost.delays.told("same_node_delay"),
        across_cost.delays.told("other_node_delay")
    );
    assert_eq!(same_cost.lost + across_cost.lost, 0);
    // A debug build on a busy machine says little: the bound is for the long set.
    if is_long() {
        assert!(across_cost.delays.percentile(99) <= same_cost.delays.percentile(99) + LATER);
    }
    drop((same, across));
    house.close().await;
}
