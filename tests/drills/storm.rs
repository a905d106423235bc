//! P8: a node dies with all its sockets, and they come to the other one together; whoever talks there does not notice.

use crate::figures::Times;
use crate::house::{House, Plan};
use crate::people::{Bell, Door, Manner, Shopper};
use crate::{alone, oracle, size};
use deskbell::app;
use std::time::Duration;
use tokio::task::JoinHandle;

const BACK_WITHIN: Duration = Duration::from_mins(1);
const SENDS_WITHIN: Duration = Duration::from_secs(1);
const TALKERS: usize = 20;
/// What one node may hold open: for reading, for moves, for the log, and a command of the drill.
const CONNECTIONS_MAX: i64 = 16 + 8 + 7;

fn talkers(door: &Door, bell: &Bell) -> Vec<JoinHandle<Shopper>> {
    let manner = Manner::every(Duration::from_millis(100));
    (0..TALKERS).map(|_| tokio::spawn(Shopper::new(door, manner).talk(bell.clone()))).collect()
}

async fn home(people: Vec<JoinHandle<Shopper>>) -> Vec<Shopper> {
    let mut came = Vec::new();
    for person in people {
        came.push(person.await.unwrap());
    }
    came
}

fn acks(people: &[Shopper]) -> Times {
    let mut acks = Times::default();
    for person in people {
        acks.merge(&person.story.acks);
    }
    acks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_that_comes_back_together_hurts_nobody() {
    let _alone = alone().await;
    let crowd = size(400, 5_000);
    let mut house = House::build(Plan { nodes: 2, redis: true, ..Plan::default() }).await;
    let (first, second) = (house.door(&[0]), house.door(&[1]));
    let (crowd_bell, calm_bell, storm_bell) = (Bell::default(), Bell::default(), Bell::default());
    let mut people = Vec::new();
    for n in 0..crowd {
        // One of ten comes back at once and knocks without a pause.
        let manner = Manner { is_silent: true, is_rude: n % 10 == 0, ..Manner::every(Duration::from_secs(2)) };
        let mut shopper = Shopper::new(&first, manner);
        shopper.next_door = Some(second.clone());
        people.push(tokio::spawn(shopper.talk(crowd_bell.clone())));
    }
    crowd_bell.further(crowd, Duration::from_mins(4)).await;
    let calm = talkers(&second, &calm_bell);
    tokio::time::sleep(Duration::from_secs(5)).await;
    calm_bell.ring();
    let calm = home(calm).await;
    let live = talkers(&second, &storm_bell);
    storm_bell.further(2 * TALKERS, Duration::from_mins(1)).await;
    let memory_before = house.nodes[1].memory_kib();
    let begun = house.nodes[1].metric(&house.http, "deskbell_http_requests_total").await;
    let began = app::instant();
    house.nodes[0].kill().await;
    let mut connections = 0;
    let back = async {
        loop {
            let count = "select count(*) from pg_stat_activity where application_name like 'deskbell%'
                and backend_start > now() - interval '10 minutes' and pid <> pg_backend_pid()";
            let open: i64 = sqlx::query_scalar(count).fetch_one(&house.db.read).await.unwrap();
            connections = connections.max(open);
            if house.nodes[1].metric(&house.http, "deskbell_sockets").await >= (crowd + TALKERS) as f64 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(2 * BACK_WITHIN, back).await.expect("everybody is back");
    let took = app::instant() - began;
    let requests = house.nodes[1].metric(&house.http, "deskbell_http_requests_total").await - begun;
    storm_bell.ring();
    crowd_bell.ring();
    let (live, people) = (home(live).await, home(people).await);
    let mut gaps = Times::default();
    for person in &people {
        gaps.merge(&person.story.gaps);
    }
    let verdict = oracle::judge(&house.db.read, &people, &[]).await;
    let (usual, stormy) = (acks(&calm), acks(&live));
    println!(
        "P8 sockets={crowd} back_ms={} {} {} calm_{} requests_per_s={:.0} memory_kib={}..{} pg_connections={connections} {verdict}",
        took.as_millis(),
        gaps.told("gap"),
        stormy.told("live_ack"),
        usual.told("ack"),
        requests / took.as_secs_f64(),
        memory_before,
        house.nodes[1].memory_kib(),
    );
    verdict.assert_clean();
    assert!(took <= BACK_WITHIN && stormy.percentile(99) <= SENDS_WITHIN);
    // The drill's own pools are counted, too.
    assert!(connections <= 2 * CONNECTIONS_MAX, "{connections} connections");
    house.close().await;
}
