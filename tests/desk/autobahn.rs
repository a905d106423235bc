//! The Autobahn cases, driven by kosoku, against a socket's life as shoppers and as agents have it.
//!
//! The cases want an echo, which no door of Deskbell gives. So a real server gets two more routes: the same listener, layers,
//! `limits` and `drive` as the doors have, with a peer that says what it hears. What the contract refuses (binary frames,
//! messages above 64 KiB) must end there with its close code; `…/raised` are the same sockets with those limits out of the
//! way, so that the framing of such messages is examined as well.

use crate::harness::{Desk, Setup};
use axum::Router;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use deskbell::app::{self, App};
use deskbell::domain::id::ConnectionId;
use deskbell::realtime::event::{Frame, Item};
use deskbell::realtime::mailbox::Mailbox;
use deskbell::web::socket::{self as ws, Closing, Flow, Life, Peer};
use std::sync::Arc;
use tokio::process::Command;

/// Where the environment says which Python has kosoku: `DESKBELL_KOSOKU=target/ci-venv/bin/python`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_autobahn_cases_find_nothing() {
    let Some(python) = std::env::var_os("DESKBELL_KOSOKU").filter(|python| !python.is_empty()) else { return };
    let desk = Setup::default().beside(routes()).open().await;
    for who in ["shopper", "agent"] {
        examine(&desk, &python, who).await;
    }
}

async fn examine(desk: &Desk, python: &std::ffi::OsStr, who: &str) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/autobahn/run.py");
    let url = desk.socket_url(&format!("/autobahn/{who}"));
    let done = Command::new(python).args([script, who, &url]).kill_on_drop(true).status().await.unwrap();
    assert!(done.success(), "Autobahn cases failed for the {who}'s socket, see above");
}

fn routes() -> Router<Arc<App>> {
    Router::new().route("/autobahn/{who}", get(shipped)).route("/autobahn/{who}/raised", get(raised))
}

fn life(who: &str) -> Option<Life> {
    match who {
        "shopper" => Some(Life::SHOPPER),
        "agent" => Some(Life::AGENT),
        _ => None,
    }
}

async fn shipped(State(app): State<Arc<App>>, Path(who): Path<String>, upgrade: WebSocketUpgrade) -> Response {
    let Some(life) = life(&who) else { return StatusCode::NOT_FOUND.into_response() };
    let tasks = app.tasks.clone();
    ws::limits(upgrade).on_upgrade(move |socket| tasks.track_future(live(app, socket, life)))
}

async fn live(app: Arc<App>, mut socket: WebSocket, life: Life) {
    let mailbox = Mailbox::new(ConnectionId(app::new_id()));
    let closing = ws::drive(&app, &mut socket, &mailbox, &mut Echo, life).await;
    ws::close(socket, closing).await;
}

/// The largest message of the cases.
const RAISED: usize = 16 * 1024 * 1024;

async fn raised(State(app): State<Arc<App>>, Path(who): Path<String>, upgrade: WebSocketUpgrade) -> Response {
    let Some(life) = life(&who) else { return StatusCode::NOT_FOUND.into_response() };
    let tasks = app.tasks.clone();
    ws::limits(upgrade)
        .max_message_size(RAISED)
        .max_frame_size(RAISED)
        .max_write_buffer_size(2 * RAISED)
        .on_upgrade(move |socket| tasks.track_future(live_raised(app, socket, life)))
}

/// Binary messages are echoed here, before `drive` would refuse them; the first text goes over to it for good.
async fn live_raised(app: Arc<App>, mut socket: WebSocket, life: Life) {
    let mailbox = Mailbox::new(ConnectionId(app::new_id()));
    let closing = loop {
        match socket.recv().await {
            Some(Ok(Message::Binary(bytes))) => match socket.send(Message::Binary(bytes)).await {
                Ok(()) => {}
                Err(_) => break Closing::new(1006, ""),
            },
            Some(Ok(Message::Text(text))) => match socket.send(Message::Text(text)).await {
                Ok(()) => break ws::drive(&app, &mut socket, &mailbox, &mut Echo, life).await,
                Err(_) => break Closing::new(1006, ""),
            },
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_))) | None => break Closing::new(1000, ""),
            Some(Err(_)) => break Closing::new(ws::code::PROTOCOL, "protocol"),
        }
    };
    ws::close(socket, closing).await;
}

struct Echo;

impl Peer for Echo {
    async fn text(&mut self, text: Utf8Bytes, out: &mut Vec<Frame>) -> Flow {
        out.push(text);
        Ok(())
    }

    async fn item(&mut self, _: Item, _: &mut Vec<Frame>) -> Flow {
        Ok(())
    }

    async fn alive(&mut self) -> Flow {
        Ok(())
    }
}
