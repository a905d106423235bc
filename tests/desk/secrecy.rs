//! What reaches nobody else: notes, staff's ids and addresses, other people's conversations, other shops, other teams.

use crate::harness::people::from_start;
use crate::harness::{Agent, Desk, Hire, SHOP, Shopper, cid};
use deskbell::domain::people::Role;
use serde_json::{Value, json};

const NOTE: &str = "she is a difficult one";

/// Everything a shopper can be told, by socket and over HTTP.
async fn all_that_is_told(desk: &Desk, shopper: &Shopper, chat: &str) -> String {
    let late = shopper.again(desk, from_start(chat)).await;
    late.wait("synced", |f| f["type"] == "synced").await;
    late.probe().await;
    let mut told = String::new();
    for socket in [shopper, &late] {
        for frame in socket.heard(|_| true) {
            told.push_str(&frame.to_string());
        }
        told.push_str(&socket.session.to_string());
    }
    let history = format!("{}/v1/shopper/conversations/{chat}/events?limit=100", desk.base);
    told.push_str(&desk.http.get(history).bearer_auth(&shopper.token).send().await.unwrap().text().await.unwrap());
    let transcript = deskbell::transcripts::load(&desk.app.db, chat.parse().unwrap()).await.unwrap().unwrap();
    told.push_str(&transcript.text());
    told.push_str(&transcript.html());
    told.push_str(&transcript.json().to_string());
    told
}

#[tokio::test]
async fn notes_and_what_identifies_staff_reach_no_shopper_by_any_way() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let (ana, ben) = (desk.agent("Ana", team, 5).await, desk.agent("Ben", team, 5).await);
    ben.available(false).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    let note = ana.note(&chat, NOTE).await;
    ana.say(&chat, "one moment").await;
    ben.available(true).await;
    let step = json!({ "type": "transfer", "conversation": chat, "to": { "agent": ben.staff.id }, "note": NOTE });
    ana.must(step).await;
    ben.given(&chat).await;
    let second = ben.note(&chat, NOTE).await;
    ben.must(json!({ "type": "recall", "event": second["id"], "conversation": chat })).await;
    ben.send(&json!({ "type": "typing", "conversation": chat, "on": true }));
    ben.send(&json!({ "type": "read", "conversation": chat, "upto": 9 }));
    ben.say(&chat, "I am Ben").await;
    shopper.message(&chat, "I am Ben").await;
    ben.close(&chat).await;
    shopper.kind(&chat, "closed").await;
    let told = all_that_is_told(&desk, &shopper, &chat).await;
    assert!(told.contains("I am Ben") && told.contains("one moment"));
    let secret = [
        NOTE.to_owned(),
        note["id"].as_str().unwrap().to_owned(),
        second["id"].as_str().unwrap().to_owned(),
        ana.staff.id.to_string(),
        ben.staff.id.to_string(),
        ana.staff.email.clone(),
        ben.staff.email.clone(),
        "staff.example".to_owned(),
        desk.site.secret.clone(),
    ];
    for secret in secret {
        assert!(!told.contains(&secret), "{secret} reached the shopper");
    }
    shopper.assert_sound();
    let rows = crate::harness::log::assert_gapless(&desk, &chat).await;
    crate::harness::log::assert_same_as_shopper(&shopper, &chat, &rows);
}

/// What a shopper may ask about one conversation, each with the answer it gets.
async fn asked_about(shopper: &Shopper, chat: &str) -> Vec<Value> {
    let frames = [
        json!({ "type": "send", "body": "me too", "conversation": chat }),
        json!({ "type": "recall", "event": cid(), "conversation": chat }),
        json!({ "type": "close", "conversation": chat }),
        json!({ "type": "rate", "score": 1, "conversation": chat }),
        json!({ "type": "transcript", "email": "spy@evil.example", "conversation": chat }),
    ];
    let mut answers = Vec::new();
    for frame in frames {
        let mut answer = (*shopper.call(frame).await).clone();
        answer["cid"] = Value::Null;
        answers.push(answer);
    }
    for frame in [
        json!({ "type": "read", "conversation": chat, "upto": 1 }),
        json!({ "type": "typing", "conversation": chat, "on": true }),
    ] {
        let mark = shopper.mark();
        shopper.send(&frame);
        answers.push((*shopper.wait_from(mark, "an answer", |f| f["type"] == "nack").await).clone());
    }
    answers
}

#[tokio::test]
async fn somebody_elses_conversation_is_told_like_one_that_does_not_exist() {
    let desk = Desk::open().await;
    let other = desk.second_site().await;
    let team = desk.team("Orders").await;
    let ana: Agent = desk.agent("Ana", team, 5).await;
    let owner = Shopper::come(&desk).await;
    let theirs = owner.open("private matters").await;
    ana.given(&theirs).await;
    let spy = Shopper::come(&desk).await;
    spy.open("hello").await;
    let begin = json!({ "site": other.public_key });
    let (_, session) = desk.session(&begin).await;
    let socket =
        crate::harness::Socket::open(&desk.socket_url("/v1/shopper/socket"), Some("https://bikes.example")).await;
    socket.send(&json!({ "type": "hello", "ticket": session["ticket"], "resume": from_start(&theirs) }));
    let refused = socket.wait("a refusal", |f| f["type"] == "nack").await;
    assert_eq!(refused["code"], "forbidden");
    let nobody = cid();
    let (about_theirs, about_nobodys) = (asked_about(&spy, &theirs).await, asked_about(&spy, &nobody).await);
    assert_eq!(about_theirs, about_nobodys);
    assert!(
        about_theirs.iter().all(|answer| answer["type"] == "nack" && answer["terminal"] == true),
        "{about_theirs:#?}"
    );
    let resumed = async |chat: &str| {
        let socket = spy.again(&desk, from_start(chat)).await;
        let nack = socket.wait("a refusal", |f| f["type"] == "nack").await;
        assert!(socket.heard(|f| f["type"] == "replay" || f["type"] == "reset").is_empty());
        (*nack).clone()
    };
    assert_eq!(resumed(&theirs).await, resumed(&nobody).await);
    let history = async |chat: &str, token: &str| {
        let url = format!("{}/v1/shopper/conversations/{chat}/events", desk.base);
        let answer = desk.http.get(url).bearer_auth(token).header("origin", SHOP).send().await.unwrap();
        let head = format!(
            "{} {:?}",
            answer.status(),
            answer.headers().iter().filter(|(name, _)| *name != "date").collect::<Vec<_>>()
        );
        (head, answer.bytes().await.unwrap())
    };
    let other_token = session["token"].as_str().unwrap();
    let expected = history(&nobody, &spy.token).await;
    assert!(expected.0.starts_with("404"));
    assert_eq!(history(&theirs, &spy.token).await, expected);
    assert_eq!(history(&theirs, other_token).await, expected);
    assert_eq!(history("' or 1=1", &spy.token).await, expected);
    // Nothing of it moved: the owner's chat goes on, and nobody saw anybody type.
    owner.say("still private").await;
    ana.message(&theirs, "still private").await;
    assert!(ana.heard(|f| f["type"] == "typing" || f["type"] == "read").is_empty());
    assert!(desk.stored(&theirs).await.iter().all(|row| row.kind != "closed" && row.kind != "rated"));
    assert_eq!(desk.count("select count(*) from outbox").await, 0);
}

/// What an agent may ask about one conversation.
async fn agent_asks(agent: &Agent, chat: &str) -> Vec<Value> {
    let frames = [
        json!({ "type": "send", "body": "me too", "conversation": chat }),
        json!({ "type": "send", "body": "me too", "conversation": chat, "note": true }),
        json!({ "type": "recall", "event": cid(), "conversation": chat }),
        json!({ "type": "close", "conversation": chat }),
        json!({ "type": "claim", "conversation": chat }),
        json!({ "type": "transfer", "conversation": chat, "to": { "agent": agent.staff.id } }),
        json!({ "type": "accept", "conversation": chat, "gen": 1 }),
        json!({ "type": "decline", "conversation": chat, "gen": 1 }),
    ];
    let mut answers = Vec::new();
    for frame in frames {
        let mut answer = (*agent.call(frame).await).clone();
        answer["cid"] = Value::Null;
        answers.push(answer);
    }
    for frame in [
        json!({ "type": "read", "conversation": chat, "upto": 1 }),
        json!({ "type": "typing", "conversation": chat, "on": true }),
        json!({ "type": "watch", "conversation": chat }),
    ] {
        let mark = agent.mark();
        agent.send(&frame);
        answers.push((*agent.wait_from(mark, "an answer", |f| f["type"] == "nack").await).clone());
    }
    let socket = agent.mark();
    agent.probe().await;
    assert!(agent.look(|state| state.frames[socket..].iter().all(|f| f["type"] != "replay")));
    answers
}

#[tokio::test]
async fn agents_of_another_shop_or_team_see_nothing() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let other = desk.second_site().await;
    let elsewhere = desk.team_of(&other, "Orders").await;
    let ana = desk.agent("Ana", orders, 5).await;
    let shopper = Shopper::come(&desk).await;
    let ack = shopper.must(json!({ "type": "send", "body": "for Orders", "team": orders })).await;
    let chat = ack["conversation"].as_str().unwrap().to_owned();
    ana.given(&chat).await;
    let strangers = [
        desk.hire("Ben", Hire::agent(returns, 5)).await,
        desk.hire_at(&other, "Cem", Hire::agent(elsewhere, 5)).await,
        desk.hire_at(&other, "Grace", Hire { role: Role::Supervisor, capacity: 5, teams: vec![elsewhere] }).await,
        desk.hire("Nobody", Hire::default()).await,
    ];
    for staff in &strangers {
        let stranger = desk.sign_in(staff).await;
        stranger.available(true).await;
        let (theirs, nobodys) = (agent_asks(&stranger, &chat).await, agent_asks(&stranger, &cid()).await);
        assert_eq!(theirs, nobodys, "{}", staff.name);
        assert!(theirs.iter().all(|answer| answer["code"] == "forbidden"), "{}: {theirs:#?}", staff.name);
        let back = stranger.again(&desk, from_start(&chat)).await;
        back.wait("a refusal", |f| f["type"] == "nack" && f["code"] == "forbidden").await;
        shopper.say("anybody listening?").await;
        ana.until("the message", |state| {
            state.logs[&chat].events.values().next_back().filter(|e| e["body"] == "anybody listening?").map(|_| ())
        })
        .await;
        assert!(
            stranger.heard(|f| f["conversation"] == chat.as_str() && f["type"] != "nack").is_empty(),
            "{}",
            staff.name
        );
        assert!(back.log(&chat).is_empty());
    }
    // Proof that asking is answered at all: a supervisor and an admin may.
    let grace = desk.hire("Grace", Hire { role: Role::Supervisor, capacity: 0, teams: vec![returns] }).await;
    let hugo = desk.hire("Hugo", Hire { role: Role::Admin, capacity: 0, teams: Vec::new() }).await;
    for staff in [grace, hugo] {
        let boss = desk.sign_in(&staff).await;
        boss.watch(&chat).await;
        assert!(boss.log(&chat).len() > 3);
    }
}
