//! A WebSocket spoken by hand, for frames that no well-behaved client sends.

use super::{Desk, PATIENCE};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Raw {
    stream: TcpStream,
}

/// First byte of a frame: final, and what kind.
pub const TEXT: u8 = 0x81;
pub const TEXT_BEGINS: u8 = 0x01;
pub const CONTINUES: u8 = 0x00;
pub const ENDS: u8 = 0x80;
pub const BINARY: u8 = 0x82;
pub const CLOSE: u8 = 0x88;
pub const PING: u8 = 0x89;
pub const PONG: u8 = 0x8a;

/// What came back.
#[derive(Debug, PartialEq)]
pub enum Back {
    Text(Value),
    Closed(u16),
    Other(u8),
    /// The connection ended without a word.
    Gone,
}

impl Raw {
    /// Upgrades with further header lines; gives the answer's head.
    pub async fn upgrade(desk: &Desk, path: &str, headers: &str) -> (Self, String) {
        let host = desk.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.unwrap();
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: deskbell.v1\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let byte = tokio::time::timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap();
            answer.push(byte);
        }
        (Self { stream }, String::from_utf8(answer).unwrap())
    }

    /// A shopper's socket after `welcome`.
    pub async fn shopper(desk: &Desk) -> (Self, Value) {
        let (status, session) = desk.session(&desk.begin()).await;
        assert_eq!(status, 200);
        let (mut raw, head) = Self::upgrade(desk, "/v1/shopper/socket", "").await;
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        let hello = json!({ "type": "hello", "ticket": session["ticket"], "resume": [] }).to_string();
        raw.frame(TEXT, hello.as_bytes()).await;
        let Back::Text(welcome) = raw.next().await else { panic!("no welcome") };
        assert_eq!(welcome["type"], "welcome");
        (raw, session)
    }

    /// One frame, masked with zeros so that its bytes are what is given here.
    pub async fn frame(&mut self, first: u8, payload: &[u8]) {
        let mut bytes = header(first, payload.len() as u64, true);
        bytes.extend_from_slice(payload);
        self.bytes(&bytes).await;
    }

    pub async fn bytes(&mut self, bytes: &[u8]) {
        // The server may hang up in the middle of it: what it says is read afterwards.
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next frame, pings aside.
    pub async fn next(&mut self) -> Back {
        let reading = async {
            loop {
                match self.read().await {
                    Ok(Back::Other(PING)) => {}
                    Ok(back) => return back,
                    Err(_) => return Back::Gone,
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("the server answers or ends")
    }

    /// The first frame of these.
    pub async fn answer(&mut self, kinds: &[&str]) -> Value {
        loop {
            match self.next().await {
                Back::Text(frame) if kinds.iter().any(|kind| frame["type"] == *kind) => return frame,
                Back::Text(_) => {}
                other => panic!("ended instead of {kinds:?}: {other:?}"),
            }
        }
    }

    /// Until the server closes; gives its code.
    pub async fn closed(&mut self) -> Back {
        loop {
            match self.next().await {
                Back::Text(_) | Back::Other(_) => {}
                end => return end,
            }
        }
    }

    /// Whether the connection itself ends in time.
    pub async fn hung_up(&mut self, within: Duration) -> bool {
        let ending = async { while self.stream.read_u8().await.is_ok() {} };
        tokio::time::timeout(within, ending).await.is_ok()
    }

    async fn read(&mut self) -> std::io::Result<Back> {
        let first = self.stream.read_u8().await?;
        let length = match self.stream.read_u8().await? & 0x7f {
            126 => u64::from(self.stream.read_u16().await?),
            127 => self.stream.read_u64().await?,
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.stream.read_exact(&mut payload).await?;
        Ok(match first {
            TEXT => Back::Text(serde_json::from_slice(&payload).unwrap()),
            CLOSE if payload.len() >= 2 => Back::Closed(u16::from_be_bytes([payload[0], payload[1]])),
            other => Back::Other(other),
        })
    }
}

pub fn header(first: u8, length: u64, masked: bool) -> Vec<u8> {
    let mask = if masked { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match length {
        0..=125 => bytes.push(mask | length as u8),
        126..=0xffff => {
            bytes.push(mask | 0x7e);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(mask | 0x7f);
            bytes.extend_from_slice(&length.to_be_bytes());
        }
    }
    if masked {
        bytes.extend_from_slice(&[0; 4]);
    }
    bytes
}
