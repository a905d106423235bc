//! The log: resends, races, locks, and the two ways a row is written.

use crate::harness::log::{Row, assert_gapless};
use crate::harness::{Desk, Shopper, cid, eventually, number, text};
use deskbell::app;
use deskbell::domain::event::{Author, Draft, Kind};
use deskbell::domain::id::{AgentId, ClientId, ConversationId, EventId, ShopperId, SiteId};
use deskbell::store::append::{Append, Outcome, Writer};
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_resend_is_answered_with_the_first_answer_and_other_content_is_refused() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("first").await;
    agent.given(&chat).await;
    let frame = json!({ "type": "send", "cid": cid(), "body": "second" });
    let first = shopper.must(frame.clone()).await;
    assert_eq!(first["dup"], false);
    desk.app.clock.advance(Duration::from_secs(3));
    let again = shopper.again(&desk, json!([])).await.must(frame.clone()).await;
    assert_eq!(again["dup"], true);
    for field in ["id", "seq", "at", "conversation", "cid"] {
        assert_eq!(first[field], again[field], "{field}");
    }
    let mut other = frame.clone();
    other["body"] = "another".into();
    let refused = shopper.refused(other, "cid_conflict").await;
    assert_eq!(refused["terminal"], true);
    // The same client id of another person is another message.
    let theirs = agent.must(json!({ "type": "send", "cid": frame["cid"], "body": "mine", "conversation": chat })).await;
    assert_eq!(theirs["dup"], false);
    assert_gapless(&desk, &chat).await.iter().for_each(|row| assert_ne!(row.body.as_deref(), Some("another")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_that_open_at_once_open_one_conversation() {
    let desk = Desk::open().await;
    for round in 0..8 {
        let one = Shopper::come(&desk).await;
        let two = one.again(&desk, json!([])).await;
        let (first, second) = tokio::join!(one.say("from one tab"), two.say("from the other"));
        assert_eq!(first["conversation"], second["conversation"], "round {round}");
        let rows = assert_gapless(&desk, text(&first, "conversation")).await;
        let kinds: Vec<_> = rows.iter().map(|row| row.kind.as_str()).collect();
        assert_eq!(kinds, ["opened", "message", "message"]);
    }
    assert_eq!(desk.count("select count(*) from conversations").await, 8);
}

#[tokio::test]
async fn a_first_message_sent_again_after_the_close_opens_nothing() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let frame = json!({ "type": "send", "cid": cid(), "body": "hello?" });
    let first = shopper.must(frame.clone()).await;
    let chat = text(&first, "conversation").to_owned();
    shopper.close(&chat).await;
    let again = shopper.must(frame.clone()).await;
    assert_eq!((again["dup"].as_bool(), &again["id"]), (Some(true), &first["id"]));
    assert_eq!((&again["seq"], &again["at"]), (&first["seq"], &first["at"]));
    let mut other = frame;
    other["body"] = "other".into();
    shopper.refused(other, "cid_conflict").await;
    assert_eq!(desk.count("select count(*) from conversations").await, 1);
    let next = shopper.open("a new matter").await;
    assert_ne!(next, chat);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_locked_elsewhere_delays_only_its_own_conversation() {
    let desk = Desk::open().await;
    let (held, free) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let (held_chat, free_chat) = (held.open("held").await, free.open("free").await);
    let mut elsewhere = desk.app.db.read.begin().await.unwrap();
    sqlx::query("select 1 from conversations where id = $1 for update")
        .bind(held_chat.parse::<uuid::Uuid>().unwrap())
        .execute(&mut *elsewhere)
        .await
        .unwrap();
    let frame = json!({ "type": "send", "cid": cid(), "body": "are you there?" });
    let refused = async {
        let began = app::instant();
        let nack = held.refused(frame.clone(), "unavailable").await;
        (nack, app::instant() - began)
    };
    let others = async {
        let mut slow = 0;
        for n in 0..20 {
            let began = app::instant();
            free.say(&format!("message {n}")).await;
            slow += usize::from(app::instant() - began > Duration::from_millis(900));
        }
        assert!(slow <= 2, "{slow} of 20 messages of a free conversation waited for the held one");
    };
    let ((nack, took), ()) = tokio::join!(refused, others);
    assert!(took < Duration::from_millis(2_500), "{took:?}");
    assert_eq!(nack["terminal"], false);
    assert!(number(&nack, "retry_ms") > 0);
    elsewhere.rollback().await.unwrap();
    let ack = held.must(frame).await;
    assert_eq!(ack["dup"], false);
    assert_gapless(&desk, &held_chat).await;
    assert_gapless(&desk, &free_chat).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_database_drops_cost_nobody_a_message() {
    let desk = Desk::open().await;
    let shoppers = [Shopper::come(&desk).await, Shopper::come(&desk).await, Shopper::come(&desk).await];
    let chats = [shoppers[0].open("one").await, shoppers[1].open("two").await, shoppers[2].open("three").await];
    let mut dropped = 0;
    for round in 0..10 {
        // Now alone and now several at once, so that both usual statements have a connection to lose.
        let body = format!("round {round}");
        join_all(shoppers.iter().map(|shopper| shopper.say(&body))).await;
        dropped += desk
            .count(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity
                where datname = current_database() and application_name = 'deskbell-log'",
            )
            .await;
        shoppers[round % 3].say("after the break").await;
    }
    assert!(dropped >= 10, "only {dropped} connections were there to drop");
    for (shopper, chat) in shoppers.iter().zip(&chats) {
        assert!(assert_gapless(&desk, chat).await.len() >= 14, "{}", shopper.id);
    }
}

/// Everything that can become of an append, by the path that takes one and by the path that takes many.
#[tokio::test]
async fn a_lone_append_and_a_group_of_them_come_to_the_same() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 5).await;
    let (one, many) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let (alone, grouped) = (one.open("hello").await, many.open("hello").await);
    agent.given(&alone).await;
    agent.given(&grouped).await;
    let writer = Writer::start(&desk.app.db).unwrap();
    let owner = agent.staff.id;
    let mut lone = Vec::new();
    for case in cases() {
        lone.push(submit(&desk, &writer, &alone, &one.id, owner, &case).await.unwrap());
    }
    // This runtime has one thread: all are handed over before the writer wakes, and become one group.
    let waiting: Vec<_> = cases().iter().map(|case| submit(&desk, &writer, &grouped, &many.id, owner, case)).collect();
    let group: Vec<_> = join_all(waiting).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(lone, group);
    assert_eq!(
        lone,
        [
            "stored 4/4",
            "stored 5/-",
            "stored 6/5",
            "duplicate 4/4",
            "refused cid_conflict",
            "refused not_assignee",
            "refused not_assignee",
            "stored 7/6",
            "refused forbidden",
            "refused forbidden",
            "stored 8/7",
        ]
    );
    let shape = |rows: Vec<Row>| -> Vec<_> {
        rows.into_iter().map(|row| (row.seq, row.shopper_seq, row.kind, row.author, row.body, row.cid)).collect()
    };
    let (first, second) = (assert_gapless(&desk, &alone).await, assert_gapless(&desk, &grouped).await);
    assert_eq!(shape(first)[3..], shape(second)[3..]);
}

struct Case {
    cid: u128,
    body: &'static str,
    kind: Kind,
    by: &'static str,
    generation: Option<i32>,
}

fn cases() -> Vec<Case> {
    let case = |cid, body, kind, by, generation| Case { cid, body, kind, by, generation };
    vec![
        case(1, "one", Kind::Message, "shopper", None),
        case(2, "for us", Kind::Note, "agent", None),
        case(3, "two", Kind::Message, "agent", Some(1)),
        case(1, "one", Kind::Message, "shopper", None),
        case(1, "else", Kind::Message, "shopper", None),
        case(4, "late", Kind::Message, "agent", Some(0)),
        case(5, "not mine", Kind::Message, "colleague", None),
        case(1, "one", Kind::Message, "agent", None),
        case(6, "not mine", Kind::Message, "stranger", None),
        case(7, "elsewhere", Kind::Message, "other site", None),
        case(8, "three\u{2028}🙂", Kind::Message, "shopper", None),
    ]
}

fn submit(
    desk: &Desk,
    writer: &Writer,
    chat: &str,
    shopper: &str,
    owner: AgentId,
    case: &Case,
) -> tokio::sync::oneshot::Receiver<String> {
    let by = match case.by {
        "agent" => Author::Agent(owner),
        "colleague" => Author::Agent(AgentId(app::new_id())),
        "stranger" => Author::Shopper(ShopperId(app::new_id())),
        _ => Author::Shopper(shopper.parse().unwrap()),
    };
    let site = if case.by == "other site" { SiteId(app::new_id()) } else { desk.site.id };
    let (answer, answered) = tokio::sync::oneshot::channel();
    let draft = Draft {
        id: EventId(app::new_id()),
        cid: Some(ClientId(uuid::Uuid::from_u128(case.cid))),
        kind: case.kind,
        by,
        by_name: "Somebody".into(),
        body: Some(case.body.into()),
        data: None,
        files: Vec::new(),
        internal: case.kind == Kind::Note,
        oversees: false,
    };
    writer.submit(Append {
        site,
        conversation: ConversationId(chat.parse().unwrap()),
        draft,
        generation: case.generation,
        shown: None,
        at: desk.app.clock.now(),
        done: Box::new(move |outcome| {
            let _ = answer.send(told(&outcome));
        }),
    });
    answered
}

fn told(outcome: &Outcome) -> String {
    let numbers = |event: &deskbell::domain::event::Event| {
        format!("{}/{}", event.seq, event.shopper_seq.map_or("-".to_owned(), |seq| seq.to_string()))
    };
    match outcome {
        Outcome::Stored(stored) => format!("stored {}", numbers(&stored.event)),
        Outcome::Duplicate(stored) => format!("duplicate {}", numbers(&stored.event)),
        Outcome::Refused(refusal) => format!("refused {}", refusal.code()),
        Outcome::Unknown => "unknown".to_owned(),
    }
}

#[tokio::test]
async fn a_server_that_stops_answers_what_it_accepted_and_sends_everybody_away_with_1012() {
    let mut desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("before the restart").await;
    agent.given(&chat).await;
    shopper.say("last words").await;
    let server = desk.server.take().unwrap();
    let db = deskbell::store::Db::connect(&desk.database.url).await.unwrap();
    server.stop().await;
    assert_eq!((shopper.closed().await, agent.closed().await), (1012, 1012));
    shopper.wait("bye", |f| f["type"] == "bye" && f["retry_ms"].is_i64()).await;
    let bodies: Vec<Option<String>> = sqlx::query_scalar("select body from events where kind = 'message' order by seq")
        .fetch_all(&db.read)
        .await
        .unwrap();
    assert_eq!(bodies, [Some("before the restart".to_owned()), Some("last words".to_owned())]);
    let refused = eventually("nobody listens any more", async || {
        desk.http.get(format!("{}/livez", desk.base)).send().await.err()
    })
    .await;
    assert!(refused.is_connect());
    db.close().await;
}

#[tokio::test]
async fn a_message_sent_again_in_the_next_conversation_is_still_the_first_one() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    let frame = json!({ "type": "send", "cid": cid(), "body": "its acknowledgement gets lost" });
    let first = shopper.must(frame.clone()).await;
    shopper.close(&chat).await;
    let next = shopper.open("another matter").await;
    assert_ne!(next, chat);
    // On the same socket, on a fresh one, and by post.
    let again = shopper.again(&desk, json!([])).await;
    for socket in [&shopper, &again] {
        let ack = socket.must(frame.clone()).await;
        assert_eq!((&ack["dup"], &ack["id"], &ack["conversation"]), (&json!(true), &first["id"], &json!(chat)));
    }
    let url = format!("{}/v1/shopper/frames", desk.base);
    let posted = desk.http.post(url).bearer_auth(&shopper.token).header("origin", crate::harness::SHOP).json(&frame);
    let answer: serde_json::Value = posted.send().await.unwrap().json().await.unwrap();
    assert_eq!((&answer["frames"][0]["dup"], &answer["frames"][0]["id"]), (&json!(true), &first["id"]));
    let mut other = frame;
    other["body"] = "something else".into();
    again.refused(other, "cid_conflict").await;
    assert_eq!(desk.count("select count(*) from events where body = 'its acknowledgement gets lost'").await, 1);
}

#[tokio::test]
async fn a_message_that_is_tried_again_days_later_is_not_stored_twice() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let frame = json!({ "type": "send", "cid": cid(), "body": "Where is my order?" });
    let first = shopper.must(frame.clone()).await;
    shopper.close(text(&first, "conversation")).await;
    sqlx::query("update conversations set closed_at = closed_at - interval '3 days'")
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    shopper.open("something else").await;
    let again = shopper.must(frame).await;
    assert_eq!((&again["id"], &again["dup"]), (&first["id"], &json!(true)));
    assert_eq!(desk.count("select count(*) from events where body = 'Where is my order?'").await, 1);
}
