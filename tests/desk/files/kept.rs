//! Rows and bytes agree: after crashes, on several nodes, when conversations go, in letters that name what was sent.

use super::{get, taken};
use crate::harness::process::Process;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Desk, Setup, Shopper, eventually, text};
use deskbell::files::sweep;
use deskbell::transcripts;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn what_no_message_took_goes_after_a_day_and_what_was_taken_stays() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let (kept, left) = (taken(&desk, &shopper, "a.txt", b"kept").await, taken(&desk, &shopper, "b.txt", b"left").await);
    let ack = shopper.must(json!({ "type": "send", "body": "", "files": [kept] })).await;
    desk.app.clock.advance(Duration::from_hours(23));
    sweep::look(&desk.app).await.unwrap();
    assert_eq!(desk.files_on_disk().len(), 2);
    desk.app.clock.advance(Duration::from_hours(2));
    sweep::look(&desk.app).await.unwrap();
    assert_eq!(desk.files_on_disk().len(), 1);
    shopper.refused(json!({ "type": "send", "body": "late", "files": [left] }), "bad_request").await;
    sqlx::query("delete from conversations where id = $1::uuid")
        .bind(text(&ack, "conversation"))
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    sweep::look(&desk.app).await.unwrap();
    assert!(desk.files_on_disk().is_empty(), "a conversation takes its files with it");
    assert_eq!(desk.count("select count(*) from files").await, 0);
    assert_eq!(desk.count("select bytes from file_space").await, 0);
}

#[tokio::test]
async fn bytes_that_were_being_written_when_a_node_died_are_found_by_their_row() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    taken(&desk, &shopper, "a.txt", b"half").await;
    // As a node leaves it that dies between the bytes and the row.
    sqlx::query("update files set state = 'arriving'").execute(&desk.app.db.read).await.unwrap();
    let dir = desk.files_on_disk()[0].parent().unwrap().to_owned();
    let part = dir.join("0f0f#1");
    std::fs::write(&part, b"half a part").unwrap();
    let old = std::fs::File::options().write(true).open(&part).unwrap();
    let hours_ago = std::fs::metadata(&part).unwrap().modified().unwrap() - Duration::from_hours(3);
    old.set_modified(hours_ago).unwrap();
    sweep::look(&desk.app).await.unwrap();
    assert_eq!(desk.files_on_disk().len(), 2, "it may still be coming");
    desk.app.clock.advance(Duration::from_hours(3));
    sweep::look(&desk.app).await.unwrap();
    desk.app.vault.as_ref().unwrap().clean();
    assert!(desk.files_on_disk().is_empty(), "{:?}", desk.files_on_disk());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_back_on_a_node_that_is_killed_is_removed_by_another() {
    let desk = Desk::open().await;
    let mut node = Process::start(&desk, None).await;
    let there = desk.node_itself().through(&node.base);
    let shopper = Shopper::come(&there).await;
    let file = taken(&there, &shopper, "secret.txt", b"secret").await;
    let ack = shopper.must(json!({ "type": "send", "body": "", "files": [file] })).await;
    let recall = shopper.must(json!({ "type": "recall", "event": ack["id"] }));
    recall.await;
    node.kill().await;
    eventually("the other node removes it", async || {
        sweep::look(&desk.app).await.unwrap();
        desk.files_on_disk().is_empty().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_share_a_directory_share_files() {
    let redis = Redis::start().await;
    let here = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let there = here.node(ALL_ROLES).await;
    here.is_whole().await;
    let team = here.team("Support").await;
    let agent = there.agent("Ana", team, 5).await;
    agent.available(true).await;
    let shopper = Shopper::come(&here).await;
    let chat = shopper.open("hello").await;
    agent.given(&chat).await;
    // Uploaded at one node, sent at the other.
    let again = shopper.again(&there, json!([])).await;
    let file = taken(&here, &shopper, "list.txt", b"two lamps").await;
    again.must(json!({ "type": "send", "body": "here", "files": [file] })).await;
    let seen = agent.message(&chat, "here").await;
    for node in [&here, &there] {
        assert_eq!(get(node, text(&seen["files"][0], "url")).await.text().await.unwrap(), "two lamps");
    }
    let seen = shopper.message(&chat, "here").await;
    shopper.must(json!({ "type": "recall", "event": seen["id"] })).await;
    assert_eq!(get(&there, text(&seen["files"][0], "url")).await.status(), 404);
    eventually("its bytes are gone", async || here.files_on_disk().is_empty().then_some(())).await;
}

#[tokio::test]
async fn transcripts_name_what_was_sent_and_lists_show_it() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let (one, two) =
        (taken(&desk, &shopper, "list.txt", &[b'a'; 2_048]).await, taken(&desk, &shopper, "<b>.txt", b"x").await);
    let ack = shopper.must(json!({ "type": "send", "body": "", "files": [one] })).await;
    let gone = shopper.must(json!({ "type": "send", "body": "and this", "files": [two] })).await;
    let chat = text(&ack, "conversation").parse().unwrap();
    let list: String =
        sqlx::query_scalar("select last_message from conversations").fetch_one(&desk.app.db.read).await.unwrap();
    assert_eq!(list, "and this");
    let transcript = transcripts::load(&desk.app.db, chat).await.unwrap().unwrap();
    assert!(transcript.text().contains("\n  📎 list.txt (2 KB)"), "{}", transcript.text());
    assert!(transcript.text().contains("  and this\n  📎 _b_.txt (1 B)"), "{}", transcript.text());
    assert!(transcript.html().contains("📎 list.txt (2 KB)") && !transcript.html().contains("/files/"));
    assert_eq!(transcript.json()["events"][1]["files"][0]["name"], "list.txt");
    shopper.must(json!({ "type": "recall", "event": gone["id"] })).await;
    let list: String =
        sqlx::query_scalar("select last_message from conversations").fetch_one(&desk.app.db.read).await.unwrap();
    assert_eq!(list, "📎 list.txt");
    let transcript = transcripts::load(&desk.app.db, chat).await.unwrap().unwrap();
    assert!(!transcript.text().contains("_b_.txt") && !transcript.json().to_string().contains("_b_.txt"));
}
