//! Forty writers at once, and one log that everybody reads alike.

use crate::harness::log::{Row, assert_gapless, assert_same_as_shopper, assert_same_as_staff};
use crate::harness::people::from_start;
use crate::harness::{Agent, Desk, Hire, Shopper, Socket, cid, text};
use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};

const CHATS: usize = 4;
const TABS: usize = 4;
const COLLEAGUES: usize = 5;

/// What a writer does next. Forty writers do this at the same time.
#[derive(Clone, Debug)]
enum Deed {
    Say(String),
    /// Without waiting for the answer.
    Hurry(String),
    /// The last message again, as after a lost acknowledgement.
    Repeat,
    /// Another text under the last message's client id.
    Contradict,
    /// The connection breaks before the answer; the message is sent again from the next one.
    Break(String),
}

fn deed() -> impl Strategy<Value = Deed> {
    let body = "[a-zß好🙂'\"<&]{1,12}";
    prop_oneof![
        5 => body.prop_map(Deed::Say),
        3 => body.prop_map(Deed::Hurry),
        2 => Just(Deed::Repeat),
        1 => Just(Deed::Contradict),
        1 => body.prop_map(Deed::Break),
    ]
}

proptest! {
    #![proptest_config(Config { cases: 3, max_shrink_iters: 0, failure_persistence: None, ..Config::default() })]

    #[test]
    fn forty_writers_leave_one_gapless_log_that_everybody_reads_alike(
        deeds in prop::collection::vec(prop::collection::vec(deed(), 4..9), CHATS * (TABS + 1 + COLLEAGUES)),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(write_all(deeds));
    }
}

/// Somebody who writes: a tab of a shopper, the agent, or a colleague who leaves notes.
enum Writing {
    Tab(Shopper),
    Agent(Agent),
    Colleague(Agent),
}

async fn write_all(deeds: Vec<Vec<Deed>>) {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let staff = desk.hire("Ana", Hire::agent(team, 50)).await;
    let listening = desk.sign_in(&staff).await;
    listening.available(true).await;
    let notes = desk.hire("Ben", Hire::agent(team, 0)).await;
    let notes = desk.sign_in(&notes).await;
    let mut deeds = deeds.into_iter();
    let (mut writers, mut followers) = (Vec::new(), Vec::new());
    for n in 0..CHATS {
        let follower = Shopper::come(&desk).await;
        let chat = follower.open(&format!("chat {n}")).await;
        listening.given(&chat).await;
        for _ in 0..TABS {
            let tab = follower.again(&desk, from_start(&chat)).await;
            writers.push((chat.clone(), Writing::Tab(tab), deeds.next().unwrap()));
        }
        let agent = listening.again(&desk, json!([])).await;
        writers.push((chat.clone(), Writing::Agent(agent), deeds.next().unwrap()));
        for _ in 0..COLLEAGUES {
            let colleague = notes.again(&desk, json!([])).await;
            colleague.watch(&chat).await;
            writers.push((chat.clone(), Writing::Colleague(colleague), deeds.next().unwrap()));
        }
        followers.push((chat, follower));
    }
    let acks: Vec<_> = join_all(writers.into_iter().map(|(chat, who, deeds)| {
        let desk = &desk;
        async move { (chat.clone(), write(desk, who, &chat, deeds).await) }
    }))
    .await;
    for (chat, follower) in &followers {
        let rows = assert_gapless(&desk, chat).await;
        assert_acks_hold(&rows, acks.iter().filter(|(of, _)| of == chat).flat_map(|(_, acks)| acks));
        let last = rows.last().unwrap().seq;
        let last_shown = rows.iter().filter_map(|row| row.shopper_seq).max().unwrap();
        caught_up(&listening, chat, last).await;
        caught_up(follower, chat, last_shown).await;
        let late = follower.again(&desk, from_start(chat)).await;
        caught_up(&late, chat, last_shown).await;
        // The one who opened the chat knows its own first message by the acknowledgement.
        assert_same_as_shopper(follower, chat, &rows);
        assert_same_as_shopper(&late, chat, &rows);
        assert_same_as_staff(&listening, chat, &rows);
    }
}

async fn caught_up(socket: &Socket, chat: &str, seq: i64) {
    socket.until(&format!("event {seq}"), |state| state.logs.get(chat)?.events.contains_key(&seq).then_some(())).await;
}

/// Does the deeds; gives every acknowledgement.
async fn write(desk: &Desk, mut who: Writing, chat: &str, deeds: Vec<Deed>) -> Vec<Value> {
    let mut acks = Vec::new();
    let mut last: Option<Value> = None;
    let mut hurried = Vec::new();
    for deed in deeds {
        match deed {
            Deed::Say(body) => {
                let frame = who.frame(chat, &body);
                acks.push((*who.socket().must(frame.clone()).await).clone());
                last = Some(frame);
            }
            Deed::Hurry(body) => {
                let frame = who.frame(chat, &body);
                who.socket().send(&frame);
                hurried.push(text(&frame, "cid").to_owned());
                last = Some(frame);
            }
            Deed::Repeat => {
                acks.extend(settle(&who, &mut hurried).await);
                if let Some(frame) = &last {
                    acks.push((*who.socket().must(frame.clone()).await).clone());
                }
            }
            Deed::Contradict => {
                acks.extend(settle(&who, &mut hurried).await);
                if let Some(frame) = &last {
                    who.socket().must(frame.clone()).await;
                    let mut other = frame.clone();
                    other["body"] = "something else altogether".into();
                    who.socket().refused(other, "cid_conflict").await;
                }
            }
            Deed::Break(body) => {
                acks.extend(settle(&who, &mut hurried).await);
                let frame = who.frame(chat, &body);
                who.socket().send(&frame);
                who = who.come_back(desk, chat).await;
                acks.push((*who.socket().must(frame.clone()).await).clone());
                last = Some(frame);
            }
        }
    }
    acks.extend(settle(&who, &mut hurried).await);
    who.socket().assert_sound();
    acks
}

async fn settle(who: &Writing, hurried: &mut Vec<String>) -> Vec<Value> {
    let mut acks = Vec::new();
    for cid in hurried.drain(..) {
        let answer = who.socket().wait("an acknowledgement", |f| f["type"] == "ack" && f["cid"] == *cid).await;
        acks.push((*answer).clone());
    }
    acks
}

impl Writing {
    fn socket(&self) -> &Socket {
        match self {
            Self::Tab(shopper) => &shopper.socket,
            Self::Agent(agent) | Self::Colleague(agent) => &agent.socket,
        }
    }

    fn frame(&self, chat: &str, body: &str) -> Value {
        match self {
            Self::Tab(_) => json!({ "type": "send", "cid": cid(), "body": body }),
            Self::Agent(_) => json!({ "type": "send", "cid": cid(), "body": body, "conversation": chat }),
            Self::Colleague(_) => {
                json!({ "type": "send", "cid": cid(), "body": body, "conversation": chat, "note": true })
            }
        }
    }

    async fn come_back(self, desk: &Desk, chat: &str) -> Self {
        match self {
            Self::Tab(shopper) => Self::Tab(shopper.again(desk, from_start(chat)).await),
            Self::Agent(agent) => Self::Agent(agent.again(desk, from_start(chat)).await),
            Self::Colleague(agent) => {
                let colleague = agent.again(desk, json!([])).await;
                colleague.watch(chat).await;
                Self::Colleague(colleague)
            }
        }
    }
}

/// Each acknowledged message is there once, under the number and id that every answer named.
fn assert_acks_hold<'a>(rows: &[Row], acks: impl Iterator<Item = &'a Value>) {
    for ack in acks {
        let mut under: Vec<_> =
            rows.iter().filter(|row| row.cid.is_some_and(|cid| ack["cid"] == cid.to_string())).collect();
        let row = under.pop().unwrap_or_else(|| panic!("acknowledged and missing: {ack}"));
        assert!(under.is_empty(), "stored twice: {ack}");
        assert_eq!(ack["id"], row.id.to_string());
        let seq = ack["seq"].as_i64();
        assert!(seq == Some(row.seq) || seq == row.shopper_seq, "{ack} for {row:?}");
    }
}
