//! Opening sockets as the contract says: session, ticket, upgrade, hello, welcome; patient where the server asks for it.

use super::door::{Door, Login};
use super::http::{Client, is_later, retry_after};
use super::wire::{Heard, Wire};
use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

pub type Ws = WebSocketStream<TcpStream>;

/// The longest wait for one frame while a socket is being opened.
const PATIENCE: Duration = Duration::from_secs(20);
/// One source address has about 28,000 ephemeral ports on Linux; well below, another is taken.
const SOCKETS_PER_ADDRESS: usize = 10_000;
/// How often a "come back later" at the upgrade is obeyed.
const MAX_TRIES: usize = 60;

/// Opens sockets one after the other; each worker has its own.
pub struct Opener<'a> {
    door: &'a Door,
    http: Client<'a>,
}

#[derive(Deserialize)]
struct ShopperSession {
    token: String,
    ticket: String,
}

#[derive(Deserialize)]
struct AgentSession {
    ticket: String,
}

impl<'a> Opener<'a> {
    pub fn new(door: &'a Door) -> Self {
        Self { door, http: Client::new(door) }
    }

    /// A new shopper's socket, welcomed. `nth` spreads many sockets over source addresses.
    pub async fn shopper(&mut self, nth: usize) -> anyhow::Result<Ws> {
        let mut token: Option<String> = None;
        for _ in 0..MAX_TRIES {
            let mut ticket = String::new();
            if self.door.wire == Wire::Deskbell {
                let session: ShopperSession =
                    self.http.post("/v1/shopper/session", &self.visit(token.as_deref()), None).await?;
                (token, ticket) = (Some(session.token), session.ticket);
            }
            match self.upgrade(self.door.wire.shopper_path(), nth).await? {
                Upgraded::Now(ws) => return self.greet(*ws, &ticket).await,
                Upgraded::Later(wait) => tokio::time::sleep(wait).await,
            }
        }
        bail!("the server asked {MAX_TRIES} times to come back later")
    }

    /// An agent's socket, welcomed; on Deskbell signed in as `login` and available.
    pub async fn agent(&mut self, login: Option<&Login>) -> anyhow::Result<Ws> {
        let mut ticket = String::new();
        if let Some(login) = login {
            let body = json!({"email": login.email, "password": login.password});
            let session: AgentSession = self.http.post("/v1/agent/session", &body, None).await?;
            ticket = session.ticket;
        }
        let Upgraded::Now(ws) = self.upgrade(self.door.wire.agent_path(), 0).await? else {
            bail!("the server takes no more agents at the moment");
        };
        let mut ws = self.greet(*ws, &ticket).await?;
        if login.is_some() {
            ws.send(Message::text(r#"{"type":"available","on":true}"#)).await?;
        }
        Ok(ws)
    }

    fn visit(&self, token: Option<&str>) -> serde_json::Value {
        let page = json!({"url": self.door.origin, "title": "bench", "referrer": ""});
        json!({"site": self.door.site_key, "token": token, "identity": null, "locale": "en", "page": page})
    }

    async fn greet(&self, mut ws: Ws, ticket: &str) -> anyhow::Result<Ws> {
        if let Some(hello) = self.door.wire.hello(ticket) {
            ws.send(Message::text(hello)).await?;
            self.await_frame(&mut ws, &Heard::Welcome).await?;
        }
        Ok(ws)
    }

    /// Waits for one kind of frame on a socket that nobody else reads yet.
    pub async fn await_frame(&self, ws: &mut Ws, wanted: &Heard<'_>) -> anyhow::Result<()> {
        loop {
            let frame = timeout(PATIENCE, ws.next()).await.with_context(|| format!("waiting for {wanted:?}"))?;
            match frame.context("the server closed the socket")?? {
                Message::Text(text) => match self.door.wire.read(&text) {
                    heard if heard == *wanted => return Ok(()),
                    Heard::Answer(answer) => ws.send(Message::text(answer)).await?,
                    _ => {}
                },
                Message::Close(frame) => bail!("the server closed the socket: {frame:?}"),
                _ => {}
            }
        }
    }

    async fn upgrade(&self, path: &str, nth: usize) -> anyhow::Result<Upgraded> {
        let mut request = format!("ws://{}{path}", self.door.host).into_client_request()?;
        request.headers_mut().insert("origin", HeaderValue::from_str(&self.door.origin)?);
        if self.door.wire == Wire::Deskbell {
            request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("deskbell.v1"));
        }
        let stream = connect(self.door.addr, nth).await.with_context(|| format!("connecting to {}", self.door.addr))?;
        // Small buffers, because there are many sockets; writes are flushed in batches by the caller.
        let config = WebSocketConfig::default().read_buffer_size(8 << 10).write_buffer_size(8 << 10);
        match timeout(PATIENCE, client_async_with_config(request, stream, Some(config))).await? {
            Ok((ws, _)) => Ok(Upgraded::Now(Box::new(ws))),
            Err(WsError::Http(answer)) if is_later(answer.status()) => {
                Ok(Upgraded::Later(retry_after(answer.headers())))
            }
            Err(cause) => Err(cause).with_context(|| format!("opening {path}")),
        }
    }
}

enum Upgraded {
    Now(Box<Ws>),
    Later(Duration),
}

async fn connect(addr: SocketAddr, nth: usize) -> std::io::Result<TcpStream> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    let nth_address = u8::try_from(nth / SOCKETS_PER_ADDRESS).unwrap_or(u8::MAX - 1);
    if nth_address > 0 && addr.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) {
        socket.bind((Ipv4Addr::new(127, 0, 0, 1 + nth_address), 0).into())?;
    }
    socket.set_nodelay(true)?;
    socket.connect(addr).await
}
