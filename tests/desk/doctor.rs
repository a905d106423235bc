//! `deskbell doctor`, asked as somebody at the machine asks it.

use crate::harness::process::{Process, command};
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Desk, Setup, eventually, free_address};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What doctor says, and whether it is content.
async fn asked(desk: &Desk, base: &str, redis: Option<&str>) -> (bool, String) {
    let mut command = command(desk, base, redis);
    let done = command.arg("doctor").stdout(std::process::Stdio::piped()).output().await.unwrap();
    (done.status.success(), String::from_utf8(done.stdout).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_says_how_the_node_does_and_that_there_is_none() {
    let mut redis = Redis::start().await;
    let url = redis.url();
    let desk = Setup::default().nodes(2, &url, ALL_ROLES).open().await;
    let nowhere = format!("http://{}", free_address());
    let (is_content, said) = asked(&desk, &nowhere, Some(&url)).await;
    assert!(is_content && said.contains("✓ node: no node runs at"), "{said}");
    let node = Process::start(&desk, Some(&url)).await;
    let shopper = crate::harness::Shopper::come(&desk.node_itself().through(&node.base)).await;
    shopper.open("hello").await;
    eventually("doctor finds nothing", async || {
        let (is_content, said) = asked(&desk, &node.base, Some(&url)).await;
        (is_content && said.contains("✓ node: version") && said.contains("1 sockets, 99 of 100 messages")).then_some(())
    })
    .await;
    sqlx::query(
        "insert into outbox (id, site_id, kind, recipient, state, next_at, created_at)
        select gen_random_uuid(), id, 'transcript', 'a@b.example', state, now() + interval '1 hour', now() - interval '20 minutes'
        from sites cross join (values ('waiting'), ('dead')) as states (state)",
    )
    .execute(&desk.app.db.read)
    .await
    .unwrap();
    redis.kill();
    eventually("doctor says what is wrong and what to do", async || {
        let (is_content, said) = asked(&desk, &node.base, Some(&url)).await;
        let is_told =
            ["✗ node: Redis is away", "✗ node: the oldest of 1 letters has waited for 20 minutes", "! node: 1 letters"];
        (!is_content && is_told.iter().all(|line| said.contains(line))).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_is_not_taken_in_by_something_else_at_the_address_nor_held_up_by_silence() {
    let desk = Desk::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let other = tokio::spawn(async move {
        let (mut first, _) = listener.accept().await.unwrap();
        let _ = first.read(&mut [0; 1024]).await;
        first.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await.unwrap();
        // The second one is never answered.
        listener.accept().await.unwrap()
    });
    let (is_content, said) = asked(&desk, &base, None).await;
    assert!(!is_content && said.contains("✗ node: something that is not Deskbell"), "{said}");
    let (is_content, said) = asked(&desk, &base, None).await;
    assert!(!is_content && said.contains("does not answer within 3 s"), "{said}");
    other.await.unwrap();
}
