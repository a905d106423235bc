//! Machines whose clocks are ten minutes ahead and ten behind: order, times, leases and what the shop signs are as everywhere.

use crate::house::{House, Plan};
use crate::people::{Bell, Manner, Shopper, identity_until};
use crate::{alone, oracle, size};
use chrono::{DateTime, Utc};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const OFF: [Option<&str>; 3] = [None, Some("+10m"), Some("-10m")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_whose_clocks_disagree_agree() {
    let _alone = alone().await;
    let mut house = House::build(Plan { redis: true, grace_s: Some(2), ..Plan::default() }).await;
    for off in OFF {
        house.add_node_whose_clock_is(off, Path::new(env!("CARGO_BIN_EXE_deskbell"))).await;
    }
    let (bell, desk_bell) = (Bell::default(), Bell::default());
    let mut agents = Vec::new();
    for n in 0..OFF.len() {
        let agent = house.hire(&format!("Agent {n}"), 4).await;
        agents.push(tokio::spawn(agent.work(
            house.door(&[n]),
            desk_bell.clone(),
            Manner::every(Duration::from_millis(200)),
        )));
    }
    let manner = Manner::every(Duration::from_millis(150));
    let people: Vec<_> =
        (0..12).map(|_| tokio::spawn(Shopper::new(&house.every_door(), manner).talk(bell.clone()))).collect();
    bell.further(24, Duration::from_mins(1)).await;
    // Longer than a lease and its grace.
    tokio::time::sleep(Duration::from_secs(size(30, 120) as u64)).await;
    let mut warned = Vec::new();
    for node in &house.nodes {
        let url = format!("http://{}/readyz", node.listen);
        let ready: serde_json::Value = house.http.get(url).send().await.unwrap().json().await.unwrap();
        assert_eq!(ready["ready"], true);
        warned.push(ready["warning"].is_string());
    }
    assert_eq!(warned, [false, true, true], "the one whose clock is off says so");
    let mut judged = Vec::new();
    for place in 0..OFF.len() {
        // By the true time: a minute ago is within what clocks are allowed, ten minutes ago is over.
        for (seconds, expected) in [(600, 200), (-600, 401)] {
            let identity = identity_until(&house.site, &format!("{place}"), "Li", "li@shop.example", seconds);
            let url = format!("http://{}/v1/shopper/session", house.nodes[place].listen);
            let begin = json!({ "site": house.site.public_key, "token": null, "identity": identity });
            let status = house.http.post(url).json(&begin).send().await.unwrap().status().as_u16();
            judged.push((place, seconds, status == expected));
        }
    }
    assert!(judged.iter().all(|(_, _, is_right)| *is_right), "{judged:?}");
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
    let verdict = oracle::judge(&house.db.read, &came, &worked).await;
    let left: i64 =
        sqlx::query_scalar("select count(*) from events where kind = 'left'").fetch_one(&house.db.read).await.unwrap();
    // Times are told by the database's clock, whichever node took the message.
    let odd: i64 = sqlx::query_scalar(
        "select count(*) from (
            select at - lag(at) over (partition by conversation_id order by seq) as step from events) as steps
        where step < interval '-1 second'",
    )
    .fetch_one(&house.db.read)
    .await
    .unwrap();
    let newest: DateTime<Utc> =
        sqlx::query_scalar("select max(at) from events").fetch_one(&house.db.read).await.unwrap();
    let ahead = (newest - house.db.now().await.unwrap()).num_milliseconds();
    println!(
        "skew clocks=0,+10m,-10m requeued={left} times_backwards={odd} newest_ahead_ms={} {verdict}",
        ahead.max(0)
    );
    verdict.assert_clean();
    assert!(left == 0 && odd == 0 && ahead < 1_000, "{left} {odd} {ahead}");
    house.close().await;
}
