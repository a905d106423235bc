//! A small JSON client over one kept connection, polite as the contract asks: it obeys `Retry-After`.

use super::door::Door;
use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN, RETRY_AFTER};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::net::TcpStream;

/// Answers above this are not read: nothing the generator asks for comes near.
const MAX_ANSWER: usize = 1 << 20;
/// How often a "come back later" is obeyed before giving up.
const MAX_TRIES: usize = 60;
/// The longest wait a server may ask for.
const MAX_WAIT: Duration = Duration::from_secs(30);

pub struct Client<'a> {
    door: &'a Door,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl<'a> Client<'a> {
    pub fn new(door: &'a Door) -> Self {
        Self { door, connection: None }
    }

    /// Posts until the server answers with anything but 429 or 503.
    pub async fn post<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &serde_json::Value,
        bearer: Option<&str>,
    ) -> anyhow::Result<T> {
        for _ in 0..MAX_TRIES {
            let answer = self.send(path, body, bearer).await.with_context(|| format!("POST {path}"))?;
            let (status, wait) = (answer.status(), retry_after(answer.headers()));
            let text =
                Limited::new(answer.into_body(), MAX_ANSWER).collect().await.map_err(anyhow::Error::from_boxed)?;
            if is_later(status) {
                tokio::time::sleep(wait).await;
                continue;
            }
            let text = text.to_bytes();
            if !status.is_success() {
                bail!("POST {path}: {status} {}", String::from_utf8_lossy(&text[..text.len().min(300)]));
            }
            return serde_json::from_slice(&text).with_context(|| format!("the answer to POST {path}"));
        }
        bail!("POST {path}: the server asked {MAX_TRIES} times to come back later")
    }

    async fn send(
        &mut self,
        path: &str,
        body: &serde_json::Value,
        bearer: Option<&str>,
    ) -> anyhow::Result<Response<Incoming>> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(HOST, &self.door.host)
            .header(ORIGIN, &self.door.origin)
            .header(CONTENT_TYPE, "application/json");
        if let Some(token) = bearer {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Full::new(Bytes::from(serde_json::to_vec(body)?)))?;
        Ok(self.connection().await?.send_request(request).await?)
    }

    async fn connection(&mut self) -> anyhow::Result<&mut SendRequest<Full<Bytes>>> {
        let alive = match &mut self.connection {
            Some(connection) => connection.ready().await.is_ok(),
            None => false,
        };
        if !alive {
            let stream = TcpStream::connect(self.door.addr).await?;
            stream.set_nodelay(true)?;
            let (sender, driver) = handshake(TokioIo::new(stream)).await?;
            // Ends by itself when the sender is dropped.
            tokio::spawn(driver);
            self.connection = Some(sender);
        }
        self.connection.as_mut().context("no connection")
    }
}

pub fn is_later(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
}

/// How long the server asks to wait; one second where it does not say.
pub fn retry_after(headers: &HeaderMap) -> Duration {
    let said = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    Duration::from_secs(said.unwrap_or(1)).min(MAX_WAIT)
}
