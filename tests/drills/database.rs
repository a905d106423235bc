//! P6: while PostgreSQL is away nothing is confirmed, whoever asks is told so within two seconds, no socket is dropped, and
//! everything works again soon after it is back.

use crate::figures::Times;
use crate::fproxy::Fault;
use crate::house::{House, Plan};
use crate::people::{Bell, Manner, Shopper};
use crate::{alone, is_long, oracle, size};
use deskbell::app;
use sqlx::{Connection, PgConnection};
use std::future::Future;
use std::time::Duration;

const PEOPLE: usize = 12;
const NACK_WITHIN: Duration = Duration::from_secs(2);
const BACK_WITHIN: Duration = Duration::from_secs(10);

fn outage() -> Duration {
    Duration::from_secs(size(3, 20) as u64)
}

/// People talk while this happens; gives what they tell, and how long PostgreSQL was away.
async fn during(house: &mut House, fault: impl AsyncFnOnce(&mut House) -> Duration) -> (Vec<Shopper>, Duration) {
    let (door, bell) = (house.every_door(), Bell::default());
    let manner = Manner::every(Duration::from_millis(100));
    let talking: Vec<_> = (0..PEOPLE).map(|_| tokio::spawn(Shopper::new(&door, manner).talk(bell.clone()))).collect();
    bell.further(3 * PEOPLE, Duration::from_mins(1)).await;
    let away = fault(house).await;
    bell.further(3 * PEOPLE, Duration::from_mins(1)).await;
    bell.ring();
    let mut came = Vec::new();
    for shopper in talking {
        came.push(shopper.await.unwrap());
    }
    (came, away)
}

struct Told {
    nacks: Times,
    settled: Times,
    losses: usize,
}

/// Prints what a fault cost, and fails where the promise does not hold.
async fn judge(house: &House, name: &str, (came, away): (Vec<Shopper>, Duration)) -> Told {
    let mut told = Told { nacks: Times::default(), settled: Times::default(), losses: 0 };
    for shopper in &came {
        told.nacks.merge(&shopper.story.nacks);
        told.settled.merge(&shopper.story.settled);
        told.losses += shopper.story.losses;
    }
    let verdict = oracle::judge(&house.db.read, &came, &[]).await;
    let back = told.settled.max().saturating_sub(away);
    println!(
        "P6 fault={name:?} away_ms={} {} recovered_ms={} sockets_lost={} {verdict}",
        away.as_millis(),
        told.nacks.told("nack"),
        back.as_millis(),
        told.losses
    );
    verdict.assert_clean();
    assert!(told.nacks.max() <= NACK_WITHIN, "{name}: {:?}", told.nacks.max());
    assert!(back <= BACK_WITHIN, "{name}: working after {back:?}");
    assert_eq!(told.losses, 0, "{name}: no socket is dropped");
    told
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let began = app::instant();
    work.await;
    app::instant() - began
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_may_crash_hang_and_be_out_of_reach() {
    let _alone = alone().await;
    let mut house = House::build(Plan { nodes: 2, redis: true, faulty_postgres: true, ..Plan::default() }).await;
    for round in 1..=size(1, 5) {
        let crash = async |house: &mut House| {
            timed(async {
                house.postgres.crash().await;
                tokio::time::sleep(Duration::from_secs(3)).await;
                house.postgres.start_again().await;
            })
            .await
        };
        let came = during(&mut house, crash).await;
        let told = judge(&house, &format!("crash {round}"), came).await;
        assert!(told.nacks.len() > 0, "people are told");
    }
    let pause = async |house: &mut House| {
        timed(async {
            let paused = house.postgres.pause();
            tokio::time::sleep(outage()).await;
            drop(paused);
        })
        .await
    };
    let came = during(&mut house, pause).await;
    let told = judge(&house, "paused", came).await;
    assert!(told.nacks.len() > 0, "people are told");
    let unreachable = async |house: &mut House| {
        let proxy = house.to_postgres.clone().unwrap();
        timed(async {
            proxy.both(&Fault::held());
            tokio::time::sleep(outage()).await;
            proxy.heal();
        })
        .await
    };
    let came = during(&mut house, unreachable).await;
    judge(&house, "unreachable", came).await;
    let cut = async |house: &mut House| {
        let proxy = house.to_postgres.clone().unwrap();
        for _ in 0..size(5, 20) {
            proxy.cut();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Duration::ZERO
    };
    let came = during(&mut house, cut).await;
    judge(&house, "connections cut", came).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_may_be_crowded() {
    let _alone = alone().await;
    let mut house = House::build(Plan { nodes: 2, redis: true, ..Plan::default() }).await;
    let crowd = async |house: &mut House| {
        timed(async {
            let mut taken = Vec::new();
            while let Ok(connection) = PgConnection::connect(&house.postgres.url).await {
                taken.push(connection);
            }
            // The nodes lose theirs, and find no other.
            let mut ours = taken.pop().unwrap();
            let end = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'deskbell%'";
            for _ in 0..30 {
                sqlx::query(end).execute(&mut ours).await.unwrap();
                while let Ok(connection) = PgConnection::connect(&house.postgres.url).await {
                    taken.push(connection);
                }
            }
            tokio::time::sleep(outage()).await;
            taken.push(ours);
            for connection in taken {
                let _ = connection.close().await;
            }
        })
        .await
    };
    let came = during(&mut house, crowd).await;
    judge(&house, "crowded", came).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_conversation_delays_only_itself() {
    let _alone = alone().await;
    let mut house = House::build(Plan { nodes: 1, ..Plan::default() }).await;
    let mut usual = during(&mut house, async |_| {
        timed(tokio::time::sleep(outage())).await;
        Duration::ZERO
    })
    .await;
    let before = judge(&house, "none", (std::mem::take(&mut usual.0), usual.1)).await;
    let (door, bell) = (house.door(&[0]), Bell::default());
    let mut held = Shopper::new(&door, Manner::every(Duration::from_millis(50)));
    let socket = held.connect().await.unwrap();
    let ack = socket.must(serde_json::json!({ "type": "send", "body": "message 0" })).await;
    let chat: uuid::Uuid = ack["conversation"].as_str().unwrap().parse().unwrap();
    drop(socket);
    let lock = async |house: &mut House| {
        let mut lock = PgConnection::connect(&house.postgres.url).await.unwrap();
        let mut tx = lock.begin().await.unwrap();
        sqlx::query("select from conversations where id = $1 for update").bind(chat).execute(&mut *tx).await.unwrap();
        let away = timed(async {
            tokio::time::sleep(if is_long() { Duration::from_secs(30) } else { outage() }).await;
        })
        .await;
        tx.rollback().await.unwrap();
        away
    };
    let waiting = tokio::spawn(held.talk(bell.clone()));
    bell.further(3, Duration::from_mins(1)).await;
    let (others, away) = during(&mut house, lock).await;
    bell.further(3, Duration::from_mins(1)).await;
    bell.ring();
    let held = waiting.await.unwrap();
    let after = judge(&house, "others, while one row is locked", (others, Duration::ZERO)).await;
    let (usual, locked) = (before.settled.percentile(99), after.settled.percentile(99));
    println!(
        "P6 fault=\"row locked\" away_ms={} {} others_ack_p99_ms={} before_ms={}",
        away.as_millis(),
        held.story.nacks.told("nack"),
        locked.as_millis(),
        usual.as_millis()
    );
    assert!(held.story.nacks.len() > 0 && held.story.nacks.max() <= NACK_WITHIN + Duration::from_millis(200));
    assert!(after.settled.max() < Duration::from_secs(1), "others wait for nobody: {:?}", after.settled.max());
    house.close().await;
}

/// Fills the disk but for so much.
fn fill(home: &std::path::Path, leave: u64) -> std::path::PathBuf {
    let file = home.join("filler");
    let free = nix::sys::statvfs::statvfs(home).unwrap();
    let bytes = free.blocks_available() * free.fragment_size();
    std::fs::write(&file, vec![1; usize::try_from(bytes.saturating_sub(leave)).unwrap()]).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "mounts a small disk, which needs root: bin/drill"]
async fn a_full_disk_confirms_nothing_and_breaks_nothing() {
    let _alone = alone().await;
    let mut house = House::build(Plan { nodes: 1, disk_mib: Some(192), ..Plan::default() }).await;
    let (door, bell) = (house.every_door(), Bell::default());
    let manner = Manner { words: 1_500, ..Manner::every(Duration::from_millis(30)) };
    let talking: Vec<_> = (0..PEOPLE).map(|_| tokio::spawn(Shopper::new(&door, manner).talk(bell.clone()))).collect();
    bell.further(3 * PEOPLE, Duration::from_mins(1)).await;
    let filler = fill(&house.home, 6 << 20);
    let began = app::instant();
    let stuck = async {
        let mut before = usize::MAX;
        while before != bell.acknowledged() {
            before = bell.acknowledged();
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), stuck).await.expect("the disk becomes full");
    let full_for = app::instant() - began;
    std::fs::remove_file(filler).unwrap();
    let freed = app::instant();
    house.postgres.answers_again().await;
    bell.further(PEOPLE, Duration::from_mins(1)).await;
    let back = app::instant() - freed;
    bell.ring();
    let mut came = Vec::new();
    for shopper in talking {
        came.push(shopper.await.unwrap());
    }
    let verdict = oracle::judge(&house.db.read, &came, &[]).await;
    sqlx::query("create extension amcheck").execute(&house.db.read).await.unwrap();
    let check = "select bt_index_check(c.oid, true) from pg_class c join pg_index i on i.indexrelid = c.oid
        join pg_am a on a.oid = c.relam where a.amname = 'btree' and c.relpersistence = 'p' and i.indisready";
    let checked = sqlx::query(check).fetch_all(&house.db.read).await.expect("every index is sound").len();
    let (mut nacks, mut losses) = (Times::default(), 0);
    for shopper in &came {
        nacks.merge(&shopper.story.nacks);
        losses += shopper.story.losses;
    }
    println!(
        "P6 fault=\"disk full\" away_ms={} {} recovered_ms={} sockets_lost={losses} indexes_sound={checked} {verdict}",
        full_for.as_millis(),
        nacks.told("nack"),
        back.as_millis(),
    );
    verdict.assert_clean();
    assert!(nacks.len() > 0 && nacks.max() <= NACK_WITHIN && losses == 0);
    house.close().await;
}
