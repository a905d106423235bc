//! A shop's own web server on this machine: says what a test puts on it, and remembers who asked.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use deskbell::store::sites;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// What is said at an address.
#[derive(Clone)]
pub struct Page {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Page {
    pub fn html(body: impl Into<Bytes>) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".into(), "text/html; charset=utf-8".into())],
            body: body.into(),
        }
    }

    pub fn of(mime: &str, body: impl Into<Bytes>) -> Self {
        Self { status: 200, headers: vec![("content-type".into(), mime.into())], body: body.into() }
    }

    pub fn to(location: &str) -> Self {
        Self { status: 302, headers: vec![("location".into(), location.into())], body: Bytes::new() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

#[derive(Clone)]
struct Shelf {
    pages: Arc<Mutex<HashMap<String, Page>>>,
    asked: Arc<Mutex<Vec<(String, HeaderMap)>>>,
    /// Nobody is answered while it is shut.
    is_open: watch::Receiver<bool>,
}

pub struct Shop {
    pub origin: String,
    shelf: Shelf,
    gate: watch::Sender<bool>,
    _task: AbortOnDropHandle<()>,
}

impl Shop {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (gate, is_open) = watch::channel(true);
        let shelf = Shelf { pages: Arc::default(), asked: Arc::default(), is_open };
        let router = Router::new().fallback(answer).with_state(shelf.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { origin, shelf, gate, _task: AbortOnDropHandle::new(task) }
    }

    /// Its origin becomes one of the site's.
    pub async fn of(desk: &mut super::Desk) -> Self {
        let shop = Self::open().await;
        desk.site.origins.push(shop.origin.clone());
        sites::update(&desk.app.db.read, &desk.site, None).await.unwrap();
        shop
    }

    pub fn put(&self, path: &str, page: Page) {
        self.shelf.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    pub fn shut(&self, is_shut: bool) {
        self.gate.send_replace(!is_shut);
    }

    /// How often an address was asked.
    pub fn asked(&self, path: &str) -> usize {
        self.shelf.asked.lock().unwrap().iter().filter(|(asked, _)| asked == path).count()
    }

    /// With which headers it was asked last.
    pub fn headers(&self) -> HeaderMap {
        self.shelf.asked.lock().unwrap().last().expect("somebody asked").1.clone()
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

async fn answer(State(mut shelf): State<Shelf>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    shelf.asked.lock().unwrap().push((path.clone(), request.headers().clone()));
    let _ = shelf.is_open.wait_for(|is_open| *is_open).await;
    let page = shelf.pages.lock().unwrap().get(&path).cloned();
    let Some(page) = page else {
        return Response::builder().status(StatusCode::NOT_FOUND).body(Body::from("nothing here")).unwrap();
    };
    let mut answer = Response::builder().status(page.status);
    for (name, value) in &page.headers {
        answer = answer.header(name, value);
    }
    answer.body(Body::from(page.body)).unwrap()
}
