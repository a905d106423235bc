//! P7: three nodes behind nginx are replaced one after the other while people talk; nobody loses anything, or waits for long.
//!
//! `DESKBELL_OLD` names an older program that the nodes run at first, so that it is a deploy and not a restart: the schema is the
//! new one from the beginning, and old and new nodes serve side by side.

use crate::figures::Times;
use crate::harness::nginx::Nginx;
use crate::house::{House, Plan};
use crate::people::{Bell, Manner, Shopper};
use crate::{alone, oracle, size};
use std::path::{Path, PathBuf};
use std::time::Duration;

const GAP: Duration = Duration::from_secs(5);
const EXIT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_are_replaced_and_nobody_notices() {
    let _alone = alone().await;
    let (talkers, quiet) = (size(12, 50), size(120, 1_950));
    let new = Path::new(env!("CARGO_BIN_EXE_deskbell"));
    let old = std::env::var_os("DESKBELL_OLD").map_or_else(|| new.to_owned(), PathBuf::from);
    let mut house = House::build(Plan { redis: true, ..Plan::default() }).await;
    for _ in 0..3 {
        house.add_node(&old).await;
    }
    let places: Vec<_> = house.nodes.iter().map(|node| format!("http://{}", node.listen)).collect();
    let nginx = Nginx::before(&places.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let front = house.door_at(vec![nginx.base.trim_start_matches("http://").parse().unwrap()]);
    let (bell, desk_bell) = (Bell::default(), Bell::default());
    let mut agents = Vec::new();
    for n in 0..4 {
        let agent = house.hire(&format!("Agent {n}"), 10).await;
        let manner = Manner::every(Duration::from_millis(200));
        agents.push(tokio::spawn(agent.work(front.clone(), desk_bell.clone(), manner)));
    }
    let mut people = Vec::new();
    for n in 0..talkers + quiet {
        let manner = Manner { is_silent: n >= talkers, ..Manner::every(Duration::from_millis(200)) };
        people.push(tokio::spawn(Shopper::new(&front, manner).talk(bell.clone())));
    }
    let everybody = talkers + quiet;
    let patience = Duration::from_mins(3);
    bell.further(everybody + 2 * talkers, patience).await;
    let mut exits = Times::default();
    for n in 0..house.nodes.len() {
        exits.add(house.nodes[n].leave().await);
        let http = house.http.clone();
        house.nodes[n].run_as(new, &http).await;
        bell.further(4 * talkers, patience).await;
        // The next one goes when whoever left is back.
        tokio::time::sleep(GAP).await;
    }
    let (mut came, mut worked) = (Vec::new(), Vec::new());
    // First the agents, so that shoppers who look a last time miss nothing.
    desk_bell.ring();
    for agent in agents {
        worked.push(agent.await.unwrap());
    }
    bell.ring();
    for person in people {
        came.push(person.await.unwrap());
    }
    let (mut gaps, mut losses, mut resets) = (Times::default(), 0, 0);
    for story in came.iter().map(|person| &person.story).chain(worked.iter().map(|agent| &agent.story)) {
        gaps.merge(&story.gaps);
        losses += story.losses;
        resets += story.resets;
    }
    let verdict = oracle::judge(&house.db.read, &came, &worked).await;
    println!(
        "P7 sockets={everybody} old={} {} {} sockets_moved={losses} resets={resets} {verdict}",
        old != new,
        exits.told("exit"),
        gaps.told("gap")
    );
    verdict.assert_clean();
    assert!(exits.max() <= EXIT && gaps.percentile(99) <= GAP && resets == 0 && losses > 0);
    drop(nginx);
    house.close().await;
}
