//! Real proxies with the README's configuration and their own time-outs in front: nobody notices them.

use crate::fallback;
use crate::harness::haproxy::Haproxy;
use crate::harness::nginx::Nginx;
use crate::harness::people::from_start;
use crate::harness::process::Process;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, Setup, Shopper};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nginx_any_node_will_do_and_one_may_go() {
    let redis = Redis::start().await;
    let mut first = Setup::default().nodes(3, &redis.url(), ALL_ROLES).open().await;
    let (second, third) = (first.node(ALL_ROLES).await, first.node(ALL_ROLES).await);
    for node in [&first, &second, &third] {
        node.is_whole().await;
    }
    let nginx = Nginx::before(&[&first.base, &second.base, &third.base]).await;
    let front = third.through(&nginx.base);
    let team = front.team("Orders").await;
    let agent = front.agent("Ana", team, 5).await;
    let shoppers = [Shopper::come(&front).await, Shopper::come(&front).await, Shopper::come(&front).await];
    let mut chats = Vec::new();
    for shopper in &shoppers {
        let chat = shopper.open("hello").await;
        agent.given(&chat).await;
        chats.push(chat);
    }
    // The event stream and the post need not meet the same node either.
    let url = format!("{}/v1/shopper/frames", front.base);
    let frame = json!({ "type": "send", "cid": crate::harness::cid(), "body": "by post" });
    for _ in 0..3 {
        let posted = front.http.post(&url).bearer_auth(&shoppers[0].token).header("origin", crate::harness::SHOP);
        assert_eq!(posted.json(&frame).send().await.unwrap().status(), 200);
    }
    agent.message(&chats[0], "by post").await;
    first.server.take().unwrap().stop().await;
    // Whoever was on that node comes back to another and misses nothing.
    for (shopper, chat) in shoppers.iter().zip(&chats) {
        let back = shopper.again(&front, from_start(chat)).await;
        back.wait("the log", |f| f["type"] == "synced" && f["conversation"] == *chat).await;
        back.say("still here").await;
        back.assert_sound();
    }
    let agent = agent.again(&front, json!([])).await;
    for chat in &chats {
        agent.watch(chat).await;
        agent.message(chat, "still here").await;
    }
    agent.assert_sound();
}

/// One minute is what proxies wait by themselves: nginx 60 s, HAProxy as Debian sets it up 50 s.
const SILENCE: Duration = Duration::from_secs(70);

/// Everybody behind one proxy.
struct Party {
    proxy: &'static str,
    front: Desk,
    shopper: Shopper,
    agent: Agent,
    stream: BoxStream<'static, Value>,
    chat: String,
}

impl Party {
    async fn gather(desk: &Desk, proxy: &'static str, base: &str) -> Self {
        let front = desk.node_itself().through(base);
        let team = front.team(proxy).await;
        let agent = front.agent(proxy, team, 5).await;
        let shopper = Shopper::come(&front).await;
        let opened = shopper.must(json!({ "type": "send", "body": "hello", "team": team })).await;
        let chat = crate::harness::text(&opened, "conversation").to_owned();
        agent.given(&chat).await;
        let stream = fallback::stream(&front, &shopper.token, None).await;
        Self { proxy, front, shopper, agent, stream, chat }
    }

    async fn goes_on(mut self) {
        let Self { proxy, shopper, agent, chat, .. } = &self;
        for (who, socket) in [("shopper", &shopper.socket), ("agent", &agent.socket)] {
            assert_eq!(socket.look(|state| state.closed), None, "{proxy} closed the {who}'s socket");
        }
        shopper.say("still here?").await;
        agent.message(chat, "still here?").await;
        agent.say(chat, "I am").await;
        shopper.message(chat, "I am").await;
        shopper.assert_sound();
        agent.assert_sound();
        let hearing = async { while self.stream.next().await.expect("the stream goes on")["body"] != "I am" {} };
        tokio::time::timeout(crate::harness::PATIENCE, hearing).await.expect("the stream tells of it");
        drop(self.front);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minute_of_silence_ends_nothing_behind_nginx_and_haproxy() {
    let desk = Desk::open().await;
    let (nginx, haproxy) = (Nginx::before(&[&desk.base]).await, Haproxy::before(&[&desk.base]).await);
    let parties =
        [Party::gather(&desk, "nginx", &nginx.base).await, Party::gather(&desk, "HAProxy", &haproxy.base).await];
    // The one wait of this suite: the time-outs are the proxies', and no clock of ours moves them.
    tokio::time::sleep(SILENCE).await;
    for party in parties {
        party.goes_on().await;
    }
    println!("proxies idle_s={} nginx closed=0 haproxy closed=0", SILENCE.as_secs());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_haproxy_a_killed_node_is_left_out() {
    let redis = Redis::start().await;
    let desk = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let mut other = Process::start(&desk, Some(&redis.url())).await;
    let haproxy = Haproxy::before(&[&desk.base, &other.base]).await;
    let front = desk.node_itself().through(&haproxy.base);
    let team = front.team("Orders").await;
    let agent = front.agent("Ana", team, 9).await;
    let shoppers = [Shopper::come(&front).await, Shopper::come(&front).await, Shopper::come(&front).await];
    let mut chats = Vec::new();
    for shopper in &shoppers {
        let chat = shopper.open("hello").await;
        agent.given(&chat).await;
        chats.push(chat);
    }
    other.kill().await;
    // At once, before any health check can have noticed.
    for (shopper, chat) in shoppers.iter().zip(&chats) {
        let back = shopper.again(&front, from_start(chat)).await;
        back.wait("the log", |f| f["type"] == "synced" && f["conversation"] == *chat).await;
        back.say("still here").await;
        back.assert_sound();
    }
    let agent = agent.again(&front, json!([])).await;
    for chat in &chats {
        agent.watch(chat).await;
        agent.message(chat, "still here").await;
    }
    agent.assert_sound();
}
