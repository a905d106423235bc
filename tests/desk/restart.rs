//! A node that stops: whoever sits at it is told to come back, whatever else hangs.

use crate::console::Browser;
use crate::harness::{Desk, Hire};
use deskbell::app;
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use sqlx::Executor;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Sockets leave over two seconds, and a heartbeat may be in the database's hands.
const TOLD_WITHIN: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_are_told_to_come_back_though_the_database_hangs() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let ben = desk.hire("Ben", Hire::agent(team, 5)).await;
    let browser = Browser::sign_in(&desk, &ben).await;
    let mut request = desk.socket_url("/console/live").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "deskbell.v1".parse().unwrap());
    headers.insert("origin", desk.base.parse().unwrap());
    headers.insert("cookie", browser.cookie.parse().unwrap());
    let (mut page, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    page.send(Message::text(json!({ "sub": [] }).to_string())).await.unwrap();
    page.next().await.unwrap().unwrap();
    let mut lock = desk.app.db.send.begin().await.unwrap();
    lock.execute("lock table agent_leases in access exclusive mode").await.unwrap();
    let stopped_at = app::instant();
    desk.app.stopping.cancel();
    assert_eq!(ana.closed().await, 1012);
    let code = loop {
        match page.next().await {
            Some(Ok(Message::Close(frame))) => break frame.map(|frame| u16::from(frame.code)),
            Some(Ok(_)) => {}
            ended => panic!("no goodbye: {ended:?}"),
        }
    };
    assert_eq!(code, Some(1012));
    let after = app::instant() - stopped_at;
    assert!(after < TOLD_WITHIN, "told after {after:?}");
    lock.rollback().await.unwrap();
}
