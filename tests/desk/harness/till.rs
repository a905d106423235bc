//! A shop's own system on this machine: gives recorded answers in turn, and remembers what it was asked and with what key.

use super::shop::Page;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

#[derive(Clone)]
pub struct Asked {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn query(&self, name: &str) -> Option<String> {
        let pairs = url::form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes()).into_owned();
        pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

#[derive(Clone)]
struct Desk {
    answers: Arc<Mutex<VecDeque<Page>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    is_open: watch::Receiver<bool>,
}

pub struct Till {
    pub origin: String,
    desk: Desk,
    gate: watch::Sender<bool>,
    _task: AbortOnDropHandle<()>,
}

impl Till {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (gate, is_open) = watch::channel(true);
        let desk = Desk { answers: Arc::default(), asked: Arc::default(), is_open };
        let router = Router::new().fallback(answer).with_state(desk.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, desk, gate, _task: AbortOnDropHandle::new(task) }
    }

    /// What it answers from now on, one after the other; the last one stays.
    pub fn says(&self, answers: impl IntoIterator<Item = Page>) {
        *self.desk.answers.lock().unwrap() = answers.into_iter().collect();
    }

    pub fn says_json(&self, answers: &[Value]) {
        self.says(answers.iter().map(|answer| Page::of("application/json", answer.to_string())));
    }

    /// Nobody is answered while it is shut.
    pub fn shut(&self, is_shut: bool) {
        self.gate.send_replace(!is_shut);
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.desk.asked.lock().unwrap().clone()
    }
}

async fn answer(
    State(mut desk): State<Desk>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    desk.asked.lock().unwrap().push(Asked { method, uri, headers, body });
    let _ = desk.is_open.wait_for(|is_open| *is_open).await;
    let page = {
        let mut answers = desk.answers.lock().unwrap();
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    };
    let page = page.unwrap_or(Page { status: 404, ..Page::html("nothing here") });
    let mut answer = Response::builder().status(page.status);
    for (name, value) in &page.headers {
        answer = answer.header(name, value);
    }
    answer.body(Body::from(page.body)).unwrap()
}
