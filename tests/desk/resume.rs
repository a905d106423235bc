//! After a break: everything that was missed, or a clear word to load it anew.

use crate::harness::people::from_start;
use crate::harness::{Desk, Shopper, Socket, number, text};
use serde_json::{Value, json};
use uuid::Uuid;

fn cursor(chat: &str, epoch: &Value, after: i64, tip: &Value) -> Value {
    json!([{ "conversation": chat, "epoch": epoch, "after": after, "tip": tip }])
}

/// What a resume said: the numbers replayed, or the reason of the reset.
fn outcome(socket: &Socket, chat: &str) -> Result<Vec<i64>, String> {
    let reset = socket.heard(|f| f["type"] == "reset" && f["conversation"] == chat);
    match reset.first() {
        Some(reset) => Err(text(reset, "reason").to_owned()),
        None => Ok(socket.log(chat).iter().map(|event| number(event, "seq")).collect()),
    }
}

async fn settled(socket: &Socket, chat: &str) {
    socket
        .wait("synced or reset", |f| (f["type"] == "synced" || f["type"] == "reset") && f["conversation"] == chat)
        .await;
}

#[tokio::test]
async fn a_cursor_that_fits_brings_what_was_missed_and_one_that_does_not_is_reset() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("one").await;
    for body in ["two", "three", "four"] {
        shopper.say(body).await;
    }
    let whole = shopper.again(&desk, from_start(&chat)).await;
    settled(&whole, &chat).await;
    assert_eq!(outcome(&whole, &chat), Ok(vec![1, 2, 3, 4, 5]));
    let log = whole.log(&chat);
    let epoch = whole.wait("synced", |f| f["type"] == "synced").await["epoch"].clone();
    let id = |seq: usize| log[seq - 1]["id"].clone();
    let elsewhere = json!(Uuid::from_u128(1).to_string());
    let cases = [
        ("after the second", cursor(&chat, &epoch, 2, &id(2)), Ok(vec![3, 4, 5])),
        ("up to date", cursor(&chat, &epoch, 5, &id(5)), Ok(vec![])),
        ("another history", cursor(&chat, &elsewhere, 2, &id(2)), Err("epoch".to_owned())),
        ("another tip", cursor(&chat, &epoch, 2, &id(3)), Err("tip".to_owned())),
        ("no tip", cursor(&chat, &epoch, 2, &Value::Null), Err("tip".to_owned())),
        ("beyond the head", cursor(&chat, &epoch, 6, &id(5)), Err("ahead".to_owned())),
        ("before the beginning", cursor(&chat, &epoch, -1, &Value::Null), Err("ahead".to_owned())),
    ];
    for (name, resume, expected) in cases {
        let back = shopper.again(&desk, resume).await;
        settled(&back, &chat).await;
        assert_eq!(outcome(&back, &chat), expected, "{name}");
        let end = back.wait("synced or reset", |f| f["type"] == "synced" || f["type"] == "reset").await;
        assert_eq!((number(&end, "head"), &end["epoch"]), (5, &epoch), "{name}");
        back.assert_sound();
    }
    // Whatever it was told, it hears what happens from then on.
    let back = shopper.again(&desk, cursor(&chat, &elsewhere, 2, &id(2))).await;
    shopper.say("five").await;
    assert_eq!(number(&*back.message(&chat, "five").await, "seq"), 6);
    back.assert_sound();
}

#[tokio::test]
async fn whoever_missed_more_than_a_thousand_events_loads_them_anew() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("the first").await;
    for n in 0..998 {
        shopper.send(&json!({ "type": "send", "cid": crate::harness::cid(), "body": format!("message {n}") }));
    }
    shopper
        .until("all acknowledged", |state| {
            (state.frames.iter().filter(|f| f["type"] == "ack").count() == 999).then_some(())
        })
        .await;
    let just = shopper.again(&desk, from_start(&chat)).await;
    settled(&just, &chat).await;
    assert_eq!(outcome(&just, &chat), Ok((1..=1_000).collect()));
    assert!(just.heard(|f| f["type"] == "replay").len() > 1, "a long replay comes in parts");
    shopper.say("one more").await;
    let late = shopper.again(&desk, from_start(&chat)).await;
    settled(&late, &chat).await;
    assert_eq!(outcome(&late, &chat), Err("too_far".to_owned()));
    shopper.say("and live again").await;
    assert_eq!(number(&*late.message(&chat, "and live again").await, "seq"), 1_002);
    pages_lead_back_to_the_beginning(&desk, &shopper, &chat).await;
}

/// What the reset asks for: history over HTTP, page by page.
async fn pages_lead_back_to_the_beginning(desk: &Desk, shopper: &Shopper, chat: &str) {
    let (mut before, mut seqs) = (i64::MAX, Vec::new());
    loop {
        let url = format!("{}/v1/shopper/conversations/{chat}/events?before={before}&limit=100", desk.base);
        let page: Value = desk.http.get(url).bearer_auth(&shopper.token).send().await.unwrap().json().await.unwrap();
        let events = page["events"].as_array().unwrap();
        assert!(events.len() <= 100);
        seqs.splice(0..0, events.iter().map(|event| number(event, "seq")));
        if page["more"] == false {
            break;
        }
        before = seqs[0];
    }
    assert_eq!(seqs, (1..=1_002).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_agent_resumes_in_the_staffs_numbering() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    agent.given(&chat).await;
    agent.note(&chat, "a regular").await;
    agent.say(&chat, "hello to you").await;
    let socket = agent.again(&desk, from_start(&chat)).await;
    settled(&socket, &chat).await;
    let welcome = socket.wait("welcome", |f| f["type"] == "welcome").await;
    assert_eq!(welcome["conversations"][0]["id"], chat.as_str());
    assert_eq!((&welcome["conversations"][0]["gen"], &welcome["conversations"][0]["head"]), (&json!(1), &json!(5)));
    let kinds: Vec<_> = socket.log(&chat).iter().map(|e| (number(e, "seq"), text(e, "kind").to_owned())).collect();
    let expected = ["opened", "message", "assigned", "note", "message"].iter().zip(1..);
    assert_eq!(kinds, expected.map(|(kind, seq)| (seq, (*kind).to_owned())).collect::<Vec<_>>());
    shopper.say("still there?").await;
    assert_eq!(number(&*socket.message(&chat, "still there?").await, "seq"), 6);
    socket.assert_sound();
}

#[tokio::test]
async fn a_conversation_named_many_times_is_replayed_once_by_what_was_said_last() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("one").await;
    agent.given(&chat).await;
    for body in ["two", "three"] {
        shopper.say(body).await;
        agent.message(&chat, body).await;
    }
    let mut resume = vec![from_start(&chat)[0].clone(); 49];
    let log = agent.log(&chat);
    let welcome = agent.again(&desk, json!([])).await.wait("welcome", |f| f["type"] == "welcome").await;
    let epoch = &welcome["conversations"][0]["epoch"];
    resume.push(cursor(&chat, epoch, 3, &log[2]["id"])[0].clone());
    let program = agent.again(&desk, json!(resume)).await;
    program.probe().await;
    assert_eq!(program.heard(|f| f["type"] == "replay" && f["conversation"] == chat.as_str()).len(), 1);
    assert_eq!(outcome(&program, &chat), Ok(vec![4, 5]));
    let tab = shopper.again(&desk, json!(vec![from_start(&chat)[0].clone(); 50])).await;
    tab.must(json!({ "type": "send", "body": "four" })).await;
    assert_eq!(tab.heard(|f| f["type"] == "replay").len(), 1);
    assert_eq!(outcome(&tab, &chat), Ok((1..=5).collect()));
    for socket in [&program.socket, &tab.socket] {
        socket.assert_sound();
    }
}

#[tokio::test]
async fn what_one_hello_replays_is_bounded_and_the_rest_is_loaded_anew() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let page = "x".repeat(8_000);
    let mut chats = Vec::new();
    for messages in [80, 80, 10] {
        let chat = shopper.open(&page).await;
        for _ in 1..messages {
            shopper.say(&page).await;
        }
        shopper.close(&chat).await;
        chats.push(chat);
    }
    let resume: Vec<_> = chats.iter().map(|chat| from_start(chat)[0].clone()).collect();
    let back = shopper.again(&desk, json!(resume)).await;
    for chat in &chats {
        settled(&back, chat).await;
    }
    // 640 KB, and as much again: that is more than 1 MiB. What still finds room is replayed.
    let seqs = |messages: i64| Ok((1..=messages + 2).collect());
    assert_eq!(outcome(&back, &chats[0]), seqs(80));
    assert_eq!(outcome(&back, &chats[1]), Err("too_far".to_owned()));
    assert_eq!(outcome(&back, &chats[2]), seqs(10));
    let reset = back.wait("reset", |f| f["type"] == "reset").await;
    assert_eq!(number(&reset, "head"), 82);
    back.assert_sound();
}
