//! Whether the shopper is still there, as the agent's page shows it.

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Desk, PATIENCE, Setup, Shopper, eventually};
use crate::nodes::{BY_SWEEP, lateness};
use deskbell::presence::shoppers::{self, Presence};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_util::task::AbortOnDropHandle;

/// An agent's page of one conversation: what it was printed with, and what it was told since.
struct Page {
    printed: String,
    told: tokio::sync::watch::Receiver<String>,
    _task: AbortOnDropHandle<()>,
}

/// The word that a piece of the page shows for the shopper.
fn word(html: &str, chat: &str) -> Option<String> {
    let from = html.split(&format!("id=\"here-{chat}\"")).nth(1)?;
    let text = from.split("</span>").nth(1)?;
    Some(text.trim().to_owned())
}

impl Page {
    async fn open(browser: &Browser<'_>, chat: &str) -> Self {
        let (status, html) = browser.get(&format!("/console/c/{chat}")).await;
        assert_eq!(status, 200);
        let mut request = browser.desk.socket_url("/console/live").into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "deskbell.v1".parse().unwrap());
        headers.insert("origin", browser.desk.base.parse().unwrap());
        headers.insert("cookie", browser.cookie.parse().unwrap());
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let sub = json!({ "sub": [{ "topic": format!("conv:{chat}"), "after": 0 }] });
        socket.send(Message::text(sub.to_string())).await.unwrap();
        let printed = word(&html, chat).expect("the page says whether the shopper is there");
        let (tell, told) = tokio::sync::watch::channel(printed.clone());
        let to = format!("#here-{chat}");
        let chat = chat.to_owned();
        let task = tokio::spawn(async move {
            while let Some(Ok(message)) = socket.next().await {
                let Ok(frame) = serde_json::from_str::<Value>(message.to_text().unwrap_or_default()) else { continue };
                for op in frame["ops"].as_array().into_iter().flatten().filter(|op| op["to"] == to) {
                    assert_eq!(op["op"], "replace");
                    tell.send_replace(word(op["html"].as_str().unwrap(), &chat).unwrap());
                }
            }
        });
        Self { printed, told, _task: AbortOnDropHandle::new(task) }
    }

    async fn shows(&self, expected: &str) {
        let mut told = self.told.clone();
        let shown = tokio::time::timeout(PATIENCE, told.wait_for(|word| word == expected)).await;
        assert!(shown.is_ok(), "the page never showed {expected}, but {:?}", *self.told.borrow());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agents_page_on_another_node_shows_whether_the_shopper_is_there() {
    let mut redis = Redis::start().await;
    let here = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let there = here.node(ALL_ROLES).await;
    here.is_whole().await;
    there.is_whole().await;
    let team = here.team("Orders").await;
    let ana = there.hire("Ana", Hire::agent(team, 5)).await;
    let agent = there.sign_in(&ana).await;
    agent.available(true).await;
    let shopper = Shopper::come(&here).await;
    let chat = shopper.open("hello").await;
    agent.given(&chat).await;
    let browser = Browser::sign_in(&there, &ana).await;
    let page = Page::open(&browser, &chat).await;
    page.shows("here now").await;
    // Another page of the shop, a moment later: nobody sees a difference.
    let back = shopper.again(&there, crate::harness::people::from_start(&chat)).await;
    drop(shopper);
    let owner = async || {
        let query = sqlx::query_as("select assignee_id, gen, last_seq from conversations where id = $1");
        let row: (uuid::Uuid, i32, i64) =
            query.bind(chat.parse::<uuid::Uuid>().unwrap()).fetch_one(&here.app.db.read).await.unwrap();
        row
    };
    let before = owner().await;
    redis.kill();
    // On the agent's own node the shopper is seen without Redis.
    assert_eq!(Page::open(&browser, &chat).await.printed, "here now");
    let elsewhere = back.again(&here, crate::harness::people::from_start(&chat)).await;
    drop(back);
    page.shows("unknown").await;
    assert_eq!(Page::open(&browser, &chat).await.printed, "unknown");
    redis.run().await;
    page.shows("here now").await;
    assert_eq!(Page::open(&browser, &chat).await.printed, "here now");
    drop(elsewhere);
    page.shows("left").await;
    // Nothing but a word has changed.
    assert_eq!(owner().await, before);
    let again = Shopper::come(&here).await;
    drop(again);
    redis.pause();
    eventually("a Redis that hangs is noticed", async || (!there.app.hub.is_whole()).then_some(())).await;
    page.shows("unknown").await;
    redis.go_on();
    page.shows("left").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_without_redis_knows_by_itself() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.hire("Ana", Hire::agent(team, 5)).await;
    let agent = desk.sign_in(&ana).await;
    agent.available(true).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    agent.given(&chat).await;
    let browser = Browser::sign_in(&desk, &ana).await;
    let page = Page::open(&browser, &chat).await;
    assert_eq!(page.printed, "here now");
    let gone_at = deskbell::app::instant();
    let token = shopper.token.clone();
    drop(shopper);
    page.shows("left").await;
    assert!(deskbell::app::instant() - gone_at > Duration::from_secs(9), "a page that loads is no leaving");
    let mut begin = desk.begin();
    begin["token"] = token.into();
    let back = Shopper::come_with(&desk, begin, crate::harness::people::from_start(&chat)).await;
    page.shows("here now").await;
    back.close(&chat).await;
    agent.kind(&chat, "closed").await;
    let (_, html) = browser.get(&format!("/console/c/{chat}")).await;
    assert_eq!(word(&html, &chat), None, "of a conversation that has ended it says nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_refuses_to_be_written_to_still_carries_hints_and_presence_is_unknown() {
    let redis = Redis::start().await;
    let here = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let there = here.node(ALL_ROLES).await;
    for node in [&here, &there] {
        node.is_whole().await;
    }
    let team = here.team("Orders").await;
    let agent = there.agent("Ana", team, 5).await;
    let first = Shopper::come(&here).await;
    let chat = first.open("before").await;
    agent.given(&chat).await;
    let presence = async |chat: &str| shoppers::of(&there.app, chat.parse().unwrap()).await;
    eventually("it is known on the other node", async || (presence(&chat).await == Presence::Here).then_some(())).await;
    let listening = redis.listeners().await;
    assert_eq!(listening.len(), 2, "{listening:?}");
    redis.ask("CONFIG SET maxmemory 1").await;
    // Where a snapshot failed, it refuses even this.
    redis.ask("ACL SETUSER default -ping").await;
    let (mut late, mut others) = (Vec::new(), Vec::new());
    for n in 0..30 {
        // Somebody new is written down within a second: there is always something to refuse.
        let shopper = Shopper::come(&here).await;
        let their_chat = shopper.open("hello").await;
        assert_eq!(presence(&their_chat).await, Presence::Unknown);
        late.push(lateness(&first, &agent, &chat, &format!("message {n}")).await);
        others.push((shopper, their_chat));
    }
    eventually("it is unknown of everybody", async || (presence(&chat).await == Presence::Unknown).then_some(())).await;
    late.sort();
    assert!(late[15] < BY_SWEEP / 5, "hints do not arrive, the sweep does: {late:?}");
    assert_eq!(redis.listeners().await, listening, "the nodes keep their connections");
    redis.ask("CONFIG SET maxmemory 0").await;
    // Of who is there nobody says meanwhile that they left.
    let (_shopper, their_chat) = &others[0];
    eventually("it is known again", async || {
        let presence = presence(their_chat).await;
        assert_ne!(presence, Presence::Left);
        (presence == Presence::Here).then_some(())
    })
    .await;
}
