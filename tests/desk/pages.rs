//! The console's pages keep following what they show, whatever is cut off in the middle.

use crate::console::Browser;
use crate::harness::{Desk, PATIENCE, Shopper, text};
use deskbell::realtime::event::Item;
use deskbell::realtime::hub::Topic;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use sqlx::Executor;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_util::task::AbortOnDropHandle;

/// A page's socket, and every frame it was told.
pub(crate) struct Page {
    pub(crate) told: watch::Receiver<Vec<Value>>,
    say: mpsc::UnboundedSender<Message>,
    _task: AbortOnDropHandle<()>,
}

impl Page {
    /// A page that shows these conversations, from the numbers it was printed with.
    async fn open(browser: &Browser<'_>, shown: &[(&str, i64)]) -> Self {
        let topics = shown.iter().map(|(chat, after)| json!({ "topic": format!("conv:{chat}"), "after": after }));
        Self::showing(browser, topics.collect()).await
    }

    /// A page that asks for these topics.
    pub(crate) async fn showing(browser: &Browser<'_>, topics: Vec<Value>) -> Self {
        let mut request = browser.desk.socket_url("/console/live").into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "deskbell.v1".parse().unwrap());
        headers.insert("origin", browser.desk.base.parse().unwrap());
        headers.insert("cookie", browser.cookie.parse().unwrap());
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        socket.send(Message::text(json!({ "sub": topics }).to_string())).await.unwrap();
        let (tell, told) = watch::channel(Vec::new());
        let (say, mut said) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            loop {
                let message = tokio::select! {
                    Some(message) = said.recv() => {
                        socket.send(message).await.unwrap();
                        continue;
                    }
                    message = socket.next() => message,
                };
                let Some(Ok(message)) = message else { return };
                if let Ok(frame) = serde_json::from_str::<Value>(message.to_text().unwrap_or_default()) {
                    tell.send_modify(|told| told.push(frame));
                }
            }
        });
        let page = Self { told, say, _task: AbortOnDropHandle::new(task) };
        page.is_told("that it listens", |op| op["to"] == "[data-count=mine]").await;
        page
    }

    pub(crate) fn say(&self, frame: &Value) {
        self.say.send(Message::text(frame.to_string())).unwrap();
    }

    /// Every operation on a piece of the page so far.
    pub(crate) fn ops(&self, to: &str) -> Vec<Value> {
        let told = self.told.borrow();
        let ops = told.iter().flat_map(|frame| frame["ops"].as_array().into_iter().flatten());
        ops.filter(|op| op["to"] == to).cloned().collect()
    }

    /// Every operation of a kind so far.
    pub(crate) fn ops_named(&self, name: &str) -> Vec<Value> {
        let told = self.told.borrow();
        let ops = told.iter().flat_map(|frame| frame["ops"].as_array().into_iter().flatten());
        ops.filter(|op| op["op"] == name).cloned().collect()
    }

    pub(crate) async fn is_told(&self, what: &str, fits: impl Fn(&Value) -> bool) {
        let mut told = self.told.clone();
        let has = |frames: &Vec<Value>| frames.iter().any(|f| f["ops"].as_array().into_iter().flatten().any(&fits));
        let heard = tokio::time::timeout(PATIENCE, told.wait_for(has)).await;
        assert!(heard.is_ok(), "the page was never told {what}, but {:#?}", *self.told.borrow());
    }

    async fn shows(&self, words: &str) {
        self.is_told(words, |op| op["op"] == "append" && text(op, "html").contains(words)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_follows_its_conversations_on_after_a_look_at_its_rights_that_failed() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let (one, other) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let chats = [one.open("one").await, other.open("other").await];
    for chat in &chats {
        ana.given(chat).await;
    }
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let page = Page::open(&browser, &[(&chats[0], 0), (&chats[1], 0)]).await;
    let mut lock = desk.app.db.send.begin().await.unwrap();
    lock.execute("lock table conversations in access exclusive mode").await.unwrap();
    desk.app.hub.tell(Topic::Agent(ana.staff.id), &Item::Rights);
    // Whoever waits for the table loses their connection, and tries again.
    for _ in 0..2 {
        let waiting = desk.waits_for_lock("select c.site_id from conversations c").await;
        sqlx::query("select pg_terminate_backend($1)").bind(waiting).execute(&desk.app.db.read).await.unwrap();
    }
    lock.rollback().await.unwrap();
    one.say("still followed").await;
    other.say("this one too").await;
    page.shows("still followed").await;
    page.shows("this one too").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_was_cut_off_while_catching_up_still_gets_its_other_buttons() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    let said = ana.say(&chat, "to be taken back").await;
    let last = ana.say(&chat, "this stays").await;
    ana.available(false).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let page = Page::open(&browser, &[(&chat, crate::harness::number(&last, "seq"))]).await;
    // The sweep finds both: that it changed hands is shown, and then the page waits for what was taken back.
    desk.transfer_untold(&chat, team, "whoever is free").await;
    desk.recall_untold(&chat, text(&said, "id")).await;
    desk.hold(text(&said, "id")).await;
    desk.let_go().await;
    page.is_told("the message anew", |op| op["op"] == "append" && op["k"] == said["seq"]).await;
    page.is_told("to ask for its buttons", |op| op["op"] == "refresh").await;
}
