//! P22: after a restore from a backup nothing is hidden and nothing is mixed; what is lost is what was said after the backup.

use crate::alone;
use crate::harness::log::Row;
use crate::house::{House, Plan};
use crate::people::{Bell, Log, Manner, Shopper};
use futures_util::future::join_all;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use tokio::task::JoinHandle;

const PEOPLE: usize = 6;
const DESKBELL: &str = env!("CARGO_BIN_EXE_deskbell");

/// Until everybody has had at least so many messages acknowledged: each has said something before the next thing happens.
async fn talk(people: Vec<Shopper>, each: usize) -> Vec<Shopper> {
    let bells: Vec<Bell> = people.iter().map(|_| Bell::default()).collect();
    let talking: Vec<JoinHandle<Shopper>> =
        people.into_iter().zip(&bells).map(|(person, bell)| tokio::spawn(person.talk(bell.clone()))).collect();
    join_all(bells.iter().map(|bell| bell.further(each, Duration::from_mins(1)))).await;
    bells.iter().for_each(Bell::ring);
    join_all(talking).await.into_iter().map(Result::unwrap).collect()
}

async fn stored(house: &House, chat: &str) -> Vec<Row> {
    let rows = sqlx::query_as(
        "select seq, shopper_seq, id, cid, kind, author, body from events where conversation_id = $1 order by seq",
    );
    rows.bind(chat.parse::<uuid::Uuid>().unwrap()).fetch_all(&house.db.read).await.unwrap()
}

/// What everybody holds is what is stored. Gives how many acknowledged messages are gone, and how often people were reset.
async fn compare(house: &House, people: &[Shopper]) -> (usize, usize) {
    let (mut lost, mut resets) = (0, 0);
    for person in people {
        let chat = person.chat.as_ref().unwrap();
        let rows = stored(house, chat).await;
        let expected: Log = rows.iter().filter_map(|row| Some((row.shopper_seq?, row.id.to_string()))).collect();
        assert_eq!(person.story.logs[chat], expected, "hidden or mixed");
        lost += person.story.acked.values().filter(|(id, _)| rows.iter().all(|row| row.id.to_string() != *id)).count();
        resets += person.story.resets;
    }
    (lost, resets)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_hides_nothing_mixes_nothing_and_says_what_is_lost() {
    let _alone = alone().await;
    let mut house = House::build(Plan { nodes: 1, ..Plan::default() }).await;
    let file = house.home.join("everything.backup");
    let file = file.to_str().unwrap();
    let manner = Manner::every(Duration::from_millis(20));
    let people: Vec<_> = (0..PEOPLE).map(|_| Shopper::new(&house.door(&[0]), manner)).collect();
    let people = talk(people, 20).await;
    let (done, said) = house.command(DESKBELL, &["backup", file]).await;
    assert!(done, "{said}");
    let backed_up: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from events").fetch_all(&house.db.read).await.unwrap();
    let people = talk(people, 10).await;
    // While anybody is connected it is refused, and nothing is changed.
    let (done, said) = house.command(DESKBELL, &["restore", "--replace", file]).await;
    assert!(!done && said.contains("stop every node first"), "{said}");
    house.nodes[0].leave().await;
    house.db.close().await;
    let (done, said) = house.command(DESKBELL, &["restore", file]).await;
    assert!(!done && said.contains("--replace"), "{said}");
    let (done, said) = house.command(DESKBELL, &["restore", "--replace", "Cargo.toml"]).await;
    assert!(!done && said.contains("no backup"), "{said}");
    let (done, said) = house.command(DESKBELL, &["restore", "--replace", file]).await;
    assert!(done && said.contains("The newest event is of"), "{said}");
    backups_of_restored_databases_are_as_good(&house).await;
    house.reconnect().await;
    house.nodes[0].run_again(&house.http).await;
    let people = talk(people, 5).await;
    let (lost, resets) = compare(&house, &people).await;
    let kept: i64 = sqlx::query_scalar("select count(*) from events where id = any($1)")
        .bind(&backed_up)
        .fetch_one(&house.db.read)
        .await
        .unwrap();
    assert_eq!(kept as usize, backed_up.len(), "everything in the backup is there");
    assert!(lost >= 10 * PEOPLE && resets == PEOPLE, "{lost} {resets}");
    println!("P22 restored=everything backed_up={kept} hidden=0 mixed=0 lost_after_backup={lost} resets={resets}");
    forgotten(&mut house, file, people).await;
    house.close().await;
}

async fn statement(house: &House, statement: &'static str) {
    let mut connection = PgConnection::connect(&house.postgres.url).await.unwrap();
    sqlx::query(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Once more around; and a restore that fails, or was interrupted, takes nothing away.
async fn backups_of_restored_databases_are_as_good(house: &House) {
    let again = house.home.join("again.backup");
    let again = again.to_str().unwrap();
    let (done, said) = house.command(DESKBELL, &["backup", again]).await;
    assert!(done, "{said}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(again).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "for its owner alone");
    let (done, said) = house.command(DESKBELL, &["restore", "--replace", again]).await;
    assert!(done, "{said}");
    // A backup of a newer program is put back.
    statement(house, "insert into _sqlx_migrations values (99990101000000, 'from the future', now(), true, '', 0)")
        .await;
    let (done, said) = house.command(DESKBELL, &["backup", again]).await;
    assert!(done, "{said}");
    statement(house, "delete from _sqlx_migrations where version = 99990101000000").await;
    let (done, said) = house.command(DESKBELL, &["restore", "--replace", again]).await;
    assert!(!done && said.contains("nothing was changed"), "{said}");
    statement(house, "select 1 from events limit 1").await;
    // Interrupted: what was there waits aside, and is not overwritten.
    statement(house, "alter schema public rename to deskbell_before").await;
    statement(house, "create schema public").await;
    let (done, said) = house.command(DESKBELL, &["restore", "--replace", again]).await;
    assert!(!done && said.contains("alter schema deskbell_before rename to public"), "{said}");
    statement(house, "drop schema if exists public cascade").await;
    statement(house, "alter schema deskbell_before rename to public").await;
}

/// Somebody restores by hand, and forgets the epoch; once with a node running, and once before it starts.
async fn forgotten(house: &mut House, file: &str, people: Vec<Shopper>) {
    let by_hand = |house: &House| {
        let url = house.postgres.url.replace("/deskbell?", "/postgres?");
        let (url, to, file) = (url, house.postgres.url.clone(), file.to_owned());
        async move {
            let kick = "drop database deskbell with (force)";
            for statement in [kick, "create database deskbell"] {
                let done =
                    tokio::process::Command::new("psql").args(["-c", statement, "-d", &url]).output().await.unwrap();
                assert!(done.status.success(), "{done:?}");
            }
            let args = ["--no-owner", "--schema=public", "--dbname", &to, &file];
            let done = tokio::process::Command::new("pg_restore").args(args).output().await.unwrap();
            assert!(done.status.success(), "{done:?}");
        }
    };
    // The node follows these logs, and sees that they have become shorter.
    let mut watching = people;
    let socket = watching[0].connect().await.unwrap();
    socket.probe().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    house.db.close().await;
    by_hand(house).await;
    let status = house.nodes[0].left().await;
    assert!(!status.success(), "it says that something is wrong");
    let said = std::fs::read_to_string(&house.nodes[0].log).unwrap();
    assert!(said.contains("restored from a backup"), "{said}");
    house.reconnect().await;
    house.nodes[0].run_again(&house.http).await;
    let before: usize = watching.iter().map(|person| person.story.resets).sum();
    // So many new events that the numbers people hold are given again: the tip is another one.
    let chat = watching[1].chat.clone().unwrap();
    let (_, tip) = watching[1].story.logs[&chat].last_key_value().map(|(seq, id)| (*seq, id.clone())).unwrap();
    let held = watching[1].story.logs[&chat].len();
    let mut other_tab = watching[1].tab();
    let tab = other_tab.connect().await.unwrap();
    while (stored(house, &chat).await.len() as i64) < held as i64 + 3 {
        tab.must(json!({ "type": "send", "body": "said again" })).await;
    }
    assert!(stored(house, &chat).await.iter().all(|row| row.id.to_string() != tip));
    let people = talk(watching, 5).await;
    let (_, resets) = compare(house, &people).await;
    println!("P22 restored=\"by hand, epoch forgotten\" hidden=0 mixed=0 resets={}", resets - before);
    assert!(resets - before == PEOPLE, "everybody who held more is told");
}
