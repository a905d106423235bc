//! P10, P12: a peer that is gone without a word is noticed, and whoever waited for them gets somebody else, at the same place.

use crate::fproxy::{Fault, Fproxy, Target};
use crate::harness::Socket;
use crate::house::{House, Node, Plan};
use crate::people::{Manner, Shopper};
use crate::{alone, is_long};
use deskbell::app;
use serde_json::json;
use std::time::Duration;

const NOTICED: Duration = Duration::from_secs(45);
const BACK_IN_LINE: Duration = Duration::from_mins(1);

async fn sockets(house: &House, node: &Node, who: &str) -> f64 {
    let url = format!("http://{}/metrics", node.listen);
    let text = house.http.get(url).send().await.unwrap().text().await.unwrap();
    let line = format!("deskbell_sockets{{who=\"{who}\"}} ");
    text.lines().find_map(|l| l.strip_prefix(&line)?.parse().ok()).unwrap_or_default()
}

/// How long the node believes in a socket whose line loses everything in one direction.
async fn noticed(house: &House, who: &str, before: f64) -> Duration {
    let began = app::instant();
    let gone = async {
        while sockets(house, &house.nodes[0], who).await >= before {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(2 * NOTICED, gone).await.expect("a dead peer is noticed");
    app::instant() - began
}

async fn given(agent: &Socket, chat: &str) -> bool {
    let told = |state: &crate::harness::socket::State| {
        let is = |f: &serde_json::Value| f["type"] == "assigned" && f["conversation"] == chat;
        state.frames.iter().any(|f| is(f)).then_some(())
    };
    agent.until_or_end(told, Duration::from_secs(20)).await.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_who_is_gone_without_a_word_is_replaced() {
    let _alone = alone().await;
    // The short set plays it with a shorter grace; the lease is what it is.
    let grace_s = if is_long() { None } else { Some(3) };
    let house = House::build(Plan { nodes: 1, grace_s, ..Plan::default() }).await;
    let node = &house.nodes[0];
    let (to_agent, to_shopper) =
        (Fproxy::before(Target::Tcp(node.listen)).await, Fproxy::before(Target::Tcp(node.listen)).await);
    let mut ana = house.hire("Ana", 1).await;
    let ana_socket = ana.connect(&house.door_at(vec![to_agent.address])).await.unwrap();
    let mut first = Shopper::new(&house.door(&[0]), Manner::every(Duration::ZERO));
    let first_socket = first.connect().await.unwrap();
    let ack = first_socket.must(json!({ "type": "send", "body": "first" })).await;
    let chat = ack["conversation"].as_str().unwrap().to_owned();
    assert!(given(&ana_socket, &chat).await);
    // Somebody else stands in line, later; and a shopper whose line dies, too.
    let mut second = Shopper::new(&house.door(&[0]), Manner::every(Duration::ZERO));
    let second_socket = second.connect().await.unwrap();
    second_socket.must(json!({ "type": "send", "body": "second" })).await;
    let mut silent = Shopper::new(&house.door_at(vec![to_shopper.address]), Manner::every(Duration::ZERO));
    let silent_socket = silent.connect().await.unwrap();
    let (agents, shoppers) = (sockets(&house, node, "agent").await, sockets(&house, node, "shopper").await);
    let began = app::instant();
    to_agent.upwards(Fault { swallow: true, ..Fault::default() });
    to_shopper.upwards(Fault { swallow: true, ..Fault::default() });
    // The shopper's life is longer: the short set does not wait for its end.
    let shopper_noticed = async { if is_long() { noticed(&house, "shopper", shoppers).await } else { Duration::ZERO } };
    let left = async {
        while !first_socket.look(|state| state.frames.iter().any(|f| f["type"] == "event" && f["kind"] == "left")) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        app::instant() - began
    };
    let left = async { tokio::time::timeout(2 * BACK_IN_LINE, left).await.expect("the chat goes back into the line") };
    let (agent_noticed, shopper_noticed, back) = tokio::join!(noticed(&house, "agent", agents), shopper_noticed, left);
    let place = first_socket.until("their place", |state| {
        state.frames.iter().rev().find(|f| f["type"] == "queue").and_then(|f| f["position"].as_i64())
    });
    assert_eq!(place.await, 1, "the same place, before whoever came later");
    let mut ben = house.hire("Ben", 1).await;
    let ben_socket = ben.connect(&house.door(&[0])).await.unwrap();
    assert!(given(&ben_socket, &chat).await, "somebody else has it");
    // When Ana's line works again, what she writes is refused, and stays a draft.
    to_agent.heal();
    let returned = ana.connect(&house.door(&[0])).await.unwrap();
    returned
        .refused(json!({ "type": "send", "conversation": chat, "body": "still me?", "gen": 1 }), "not_assignee")
        .await;
    println!("P10 agent_noticed_ms={} shopper_noticed_ms={}", agent_noticed.as_millis(), shopper_noticed.as_millis());
    println!("P12 back_in_line_ms={} grace_s={} position=1", back.as_millis(), house.site.settings.routing.grace_s);
    // The drill looks ten times a second, and asking takes a moment, too.
    let noticed_in_time = |took: Duration| took <= NOTICED + Duration::from_millis(500);
    assert!(noticed_in_time(agent_noticed) && noticed_in_time(shopper_noticed) && back <= BACK_IN_LINE);
    drop((ana_socket, silent_socket));
    house.close().await;
}
