//! P9: an agent on a line that carries one kilobyte a second, while their shoppers write a lot: the node keeps half a megabyte
//! for them at most, then tells them to come back, and what they missed is there when they do. Nobody else notices.

use crate::chats::{begin, talk};
use crate::fproxy::{Fault, Fproxy, Target};
use crate::harness::eventually;
use crate::house::{House, Plan};
use crate::people::{Bell, Manner, Shopper};
use crate::{alone, oracle, size};
use std::time::Duration;

const SHOPPERS: usize = 25;
/// A slow socket's share: 512 KiB of queue, the socket's own write buffer of 2 MiB, what the allocator keeps, and what taking texts
/// apart for the search needs when it begins.
const MEMORY_KIB: u64 = 40 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_agent_costs_little_and_nobody_else() {
    let _alone = alone().await;
    let house = House::build(Plan { nodes: 1, ..Plan::default() }).await;
    let (door, node) = (house.door(&[0]), &house.nodes[0]);
    let mut others = begin(&house, &door, &door, 6).await;
    let proxy = Fproxy::before(Target::Tcp(node.listen)).await;
    let bell = Bell::default();
    let slow = house.hire("Sal", SHOPPERS as i16).await;
    let manner = Manner { is_silent: true, ..Manner::every(Duration::from_millis(50)) };
    let slow = tokio::spawn(slow.work(house.door_at(vec![proxy.address]), bell.clone(), manner));
    let manner = Manner { words: 600, ..Manner::every(Duration::from_millis(50)) };
    let people: Vec<_> = (0..SHOPPERS).map(|_| tokio::spawn(Shopper::new(&door, manner).talk(bell.clone()))).collect();
    bell.further(4 * SHOPPERS, Duration::from_mins(1)).await;
    let calm = {
        let over = Bell::default();
        let pause = async {
            tokio::time::sleep(Duration::from_secs(size(4, 20) as u64)).await;
            over.ring();
        };
        tokio::join!(talk(&mut others, &over, Duration::from_millis(50)), pause).0
    };
    let (memory, began) = (node.memory_kib(), bell.acknowledged());
    proxy.downwards(Fault { bytes_per_s: Some(1_024), ..Fault::default() });
    let over = Bell::default();
    let evicted = async {
        let began = deskbell::app::instant();
        while node.metric(&house.http, "deskbell_socket_evictions_total").await < 1.0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let took = deskbell::app::instant() - began;
        tokio::time::sleep(Duration::from_secs(2)).await;
        over.ring();
        took
    };
    let measured = async { tokio::join!(talk(&mut others, &over, Duration::from_millis(50)), evicted) };
    let (meanwhile, evicted_after) =
        tokio::time::timeout(Duration::from_mins(3), measured).await.expect("the slow socket is told to go");
    let grown = node.memory_kib().saturating_sub(memory);
    let written = bell.acknowledged() - began;
    proxy.heal();
    proxy.cut();
    // Everybody's, theirs and Ana's.
    let everybody = (SHOPPERS + others.len() + 2) as f64;
    eventually("the slow agent is back", async || {
        (node.metric(&house.http, "deskbell_sockets").await >= everybody).then_some(())
    })
    .await;
    bell.further(4 * SHOPPERS, Duration::from_mins(1)).await;
    bell.ring();
    let mut came = Vec::new();
    for person in people {
        came.push(person.await.unwrap());
    }
    let slow = slow.await.unwrap();
    let resumed = slow.story.gaps.len();
    let verdict = oracle::judge(&house.db.read, &came, &[slow]).await;
    println!(
        "P9 evicted_after_ms={} after_messages={written} memory_grown_kib={grown} others_{} calm_{} {verdict}",
        evicted_after.as_millis(),
        meanwhile.delays.told("delay"),
        calm.delays.told("delay"),
    );
    verdict.assert_clean();
    assert!(resumed > 0 && meanwhile.lost + calm.lost == 0);
    assert!(grown <= MEMORY_KIB, "{grown} KiB");
    drop(others);
    house.close().await;
}
