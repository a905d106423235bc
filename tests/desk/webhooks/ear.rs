//! A receiver on this machine, that checks signatures by itself as the standard says, and can be in many moods.

use crate::harness::eventually;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, Uri};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Says(u16),
    /// With this `Retry-After`.
    Later(u16, &'static str),
    /// Nothing is ever answered.
    Hangs,
    /// A status at once, and then ten megabytes, a little at a time.
    Slow(u16),
    /// What has this word in it is refused, the rest is taken.
    Chokes(&'static str),
}

impl Mood {
    fn at(self, body: &[u8]) -> Self {
        match self {
            Self::Chokes(word) => Self::Says(if String::from_utf8_lossy(body).contains(word) { 400 } else { 200 }),
            other => other,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Heard {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub mood: Mood,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn id(&self) -> String {
        self.headers["webhook-id"].to_str().unwrap().to_owned()
    }

    pub fn name(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    /// How many of its signatures this secret made.
    pub fn signed_by(&self, secret: &str) -> usize {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key).unwrap();
        mac.update(self.headers["webhook-id"].as_bytes());
        mac.update(b".");
        mac.update(self.headers["webhook-timestamp"].as_bytes());
        mac.update(b".");
        mac.update(&self.body);
        let ours = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.headers["webhook-signature"].to_str().unwrap().split(' ').filter(|theirs| *theirs == ours).count()
    }
}

#[derive(Clone)]
struct Desk {
    heard: Arc<Mutex<Vec<Heard>>>,
    mood: Arc<Mutex<Mood>>,
}

pub struct Ear {
    pub origin: String,
    desk: Desk,
    _task: AbortOnDropHandle<()>,
}

impl Ear {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let desk = Desk { heard: Arc::default(), mood: Arc::new(Mutex::new(Mood::Says(204))) };
        let router = Router::new().fallback(hear).with_state(desk.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, desk, _task: AbortOnDropHandle::new(task) }
    }

    pub fn is(&self, mood: Mood) {
        *self.desk.mood.lock().unwrap() = mood;
    }

    /// All that came, taken or not, in the order it came.
    pub fn heard(&self) -> Vec<Heard> {
        self.desk.heard.lock().unwrap().clone()
    }

    /// What was answered with a status in the two hundreds.
    pub fn taken(&self) -> Vec<Heard> {
        let is_good = |mood| matches!(mood, Mood::Says(200..=299) | Mood::Slow(200..=299));
        self.heard().into_iter().filter(|heard| is_good(heard.mood)).collect()
    }

    pub async fn until_taken(&self, count: usize) -> Vec<Heard> {
        eventually(&format!("{count} are taken"), async || {
            let taken = self.taken();
            (taken.len() >= count).then_some(taken)
        })
        .await
    }

    pub async fn until_heard(&self, count: usize) -> Vec<Heard> {
        eventually(&format!("{count} come"), async || {
            let heard = self.heard();
            (heard.len() >= count).then_some(heard)
        })
        .await
    }
}

async fn hear(State(desk): State<Desk>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let mood = desk.mood.lock().unwrap().at(&body);
    desk.heard.lock().unwrap().push(Heard { path: uri.path().to_owned(), headers, body, mood });
    let answer = Response::builder();
    match mood {
        Mood::Chokes(_) => unreachable!("it says something"),
        Mood::Says(status) => answer.status(status).body(Body::empty()).unwrap(),
        Mood::Later(status, after) => answer.status(status).header("retry-after", after).body(Body::empty()).unwrap(),
        Mood::Hangs => std::future::pending().await,
        Mood::Slow(status) => {
            let pieces = stream::unfold(0, async |n| {
                tokio::time::sleep(Duration::from_millis(500)).await;
                (n < 1_000).then(|| (Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 10_000])), n + 1))
            });
            answer.status(status).body(Body::from_stream(pieces)).unwrap()
        }
    }
}
