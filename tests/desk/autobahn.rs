//! The Autobahn cases, driven by kosoku, against a socket's life as shoppers and as agents have it.
//!
//! The cases want an echo, which no door of Deskbell gives. So a real server gets two more routes: the same listener, layers,
//! `limits` and `drive` as the doors have, with a peer that says what it hears. What the contract refuses (binary frames,
//! messages above 64 KiB) must end there with its close code; `…/raised` are the same sockets with those limits out of the
//! way, so that the framing of such messages is examined as well.
//!
//! What needs no echo is asked of the doors themselves, hello included: a doorman greets for the case, then passes every byte
//! on as it is. Only what Deskbell says by itself, its text frames, is kept back.

use crate::harness::{Agent, Desk, SHOP, Setup};
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
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio_util::task::AbortOnDropHandle;

/// Where the environment says which Python has kosoku: `DESKBELL_KOSOKU=target/ci-venv/bin/python`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_autobahn_cases_find_nothing() {
    let Some(python) = std::env::var_os("DESKBELL_KOSOKU").filter(|python| !python.is_empty()) else { return };
    let desk = Arc::new(Setup::default().beside(routes()).open().await);
    let team = desk.team("Orders").await;
    let agent = Arc::new(desk.agent("Ana", team, 5).await);
    for who in ["shopper", "agent"] {
        let doorman = Doorman { desk: Arc::clone(&desk), agent: Arc::clone(&agent), who };
        let (door, _serving) = doorman.open().await;
        examine(&desk, &python, who, &door).await;
    }
}

async fn examine(desk: &Desk, python: &std::ffi::OsStr, who: &str, door: &str) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/autobahn/run.py");
    let url = desk.socket_url(&format!("/autobahn/{who}"));
    let done = Command::new(python).args([script, who, &url, door]).kill_on_drop(true).status().await.unwrap();
    assert!(done.success(), "Autobahn cases for the {who}'s socket: {done}, see above");
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

/// Brings cases through a real door.
#[derive(Clone)]
struct Doorman {
    desk: Arc<Desk>,
    agent: Arc<Agent>,
    who: &'static str,
}

impl Doorman {
    async fn open(self) -> (String, AbortOnDropHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("ws://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            while let Ok((case, _)) = listener.accept().await {
                let doorman = self.clone();
                // A case that breaks off says so itself.
                tokio::spawn(async move { doorman.bring(case).await });
            }
        });
        (address, AbortOnDropHandle::new(serving))
    }

    async fn ticket(&self) -> Value {
        match self.who {
            "shopper" => self.desk.session(&self.desk.begin()).await.1["ticket"].clone(),
            _ => self.desk.fresh_ticket(&self.agent.session).await,
        }
    }

    async fn bring(&self, mut case: TcpStream) -> io::Result<()> {
        let asked = head(&mut case).await?;
        let mut door = TcpStream::connect(self.desk.base.trim_start_matches("http://")).await?;
        door.set_nodelay(true)?;
        case.set_nodelay(true)?;
        door.write_all(self.at_the_door(&asked).as_bytes()).await?;
        let answered = head(&mut door).await?;
        let hello = json!({ "type": "hello", "ticket": self.ticket().await, "resume": [] }).to_string();
        door.write_all(&masked(hello.as_bytes())).await?;
        let (mut from_door, mut to_door) = door.into_split();
        while !frame(&mut from_door).await?.text().contains("\"welcome\"") {}
        case.write_all(answered.as_bytes()).await?;
        let (mut from_case, mut to_case) = case.into_split();
        let said = tokio::spawn(async move { tokio::io::copy(&mut from_case, &mut to_door).await });
        while let Ok(heard) = frame(&mut from_door).await {
            if heard.opcode() != TEXT {
                to_case.write_all(&heard.bytes).await?;
            }
        }
        to_case.shutdown().await?;
        said.await?.map(|_| ())
    }

    /// The case's own request, addressed to the door.
    fn at_the_door(&self, asked: &str) -> String {
        let kept = asked.lines().skip(1).filter(|line| !line.to_ascii_lowercase().starts_with("origin:"));
        let kept: Vec<_> = kept.take_while(|line| !line.is_empty()).collect();
        let origin = if self.who == "shopper" { format!("origin: {SHOP}\r\n") } else { String::new() };
        format!("GET /v1/{}/socket HTTP/1.1\r\n{}\r\n{origin}\r\n", self.who, kept.join("\r\n"))
    }
}

async fn head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8(head).unwrap())
}

const TEXT: u8 = 1;

/// A frame as a server sends it.
struct Heard {
    bytes: Vec<u8>,
    payload: usize,
}

impl Heard {
    fn opcode(&self) -> u8 {
        self.bytes[0] & 15
    }

    fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes[self.payload..])
    }
}

async fn frame(stream: &mut OwnedReadHalf) -> io::Result<Heard> {
    let mut bytes = vec![0; 2];
    stream.read_exact(&mut bytes).await?;
    let length = match bytes[1] {
        126 => u64::from_be_bytes(more(stream, &mut bytes, 2).await?),
        127 => u64::from_be_bytes(more(stream, &mut bytes, 8).await?),
        short => u64::from(short),
    };
    let payload = bytes.len();
    bytes.resize(payload + usize::try_from(length).unwrap(), 0);
    stream.read_exact(&mut bytes[payload..]).await?;
    Ok(Heard { bytes, payload })
}

/// The next bytes, as the last ones of a big number.
async fn more(stream: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>, count: usize) -> io::Result<[u8; 8]> {
    let mut number = [0; 8];
    stream.read_exact(&mut number[8 - count..]).await?;
    bytes.extend_from_slice(&number[8 - count..]);
    Ok(number)
}

/// A short text as a client sends it, under a mask that changes nothing.
fn masked(text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    [&[0x80 | TEXT, 0x80 | 0x7e][..], &length, &[0; 4], text].concat()
}
