//! P23: a node that logs everything it can, in JSON, tells nothing of what people typed, hold or are called.

use crate::alone;
use crate::harness::cid;
use crate::house::{House, PASSWORD, Plan};
use crate::people::{Manner, Shopper, identity};
use serde_json::{Value, json};
use std::time::Duration;

/// Something that must not be found again; some of it would also begin a line of its own, or colour a terminal.
struct Planted(Vec<String>);

impl Planted {
    fn word(&mut self, about: &str) -> String {
        let word = format!("planted-{about}-{}", deskbell::app::new_id().simple());
        self.0.push(word.clone());
        word
    }

    fn line(&mut self, about: &str) -> String {
        format!("{}\r\n{{\"level\":\"ERROR\"}}\u{1b}[31m\u{2028}{}", self.word(about), "x".repeat(3_000))
    }

    fn keep(&mut self, secret: &Value) {
        self.0.push(secret.as_str().expect("a secret").to_owned());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_help_and_leak_nothing() {
    let _alone = alone().await;
    let plan =
        Plan { nodes: 1, log: Some("trace,hyper=debug,sqlx=debug"), transcript_at_close: true, ..Plan::default() };
    let mut house = House::build(plan).await;
    let mut planted = Planted(vec![PASSWORD.to_owned(), house.site.secret.clone()]);
    let base = format!("http://{}", house.nodes[0].listen);
    // An agent, with a wrong and a right password.
    let mut ana = house.hire(&planted.word("agent-name"), 5).await;
    planted.0.push(ana.email.clone());
    let wrong = json!({ "email": ana.email, "password": planted.word("wrong-password") });
    let unknown = json!({ "email": format!("{}@staff.example", planted.word("unknown")), "password": "x" });
    for credentials in [&wrong, &unknown] {
        house.http.post(format!("{base}/v1/agent/session")).json(credentials).send().await.unwrap();
    }
    let agent = ana.connect(&house.door(&[0])).await.unwrap();
    for field in ["access_token", "refresh_token", "ticket"] {
        planted.keep(&ana.session().unwrap()[field]);
    }
    // A shopper the shop vouches for, who types into every field there is.
    let mut shopper = Shopper::new(&house.door(&[0]), Manner::every(Duration::ZERO));
    let email = format!("{}@shop.example", planted.word("email"));
    shopper.identity = Some(identity(&house.site, &planted.word("sub"), &planted.word("name"), &email));
    planted.0.push(shopper.identity.clone().unwrap());
    let socket = shopper.connect().await.unwrap();
    planted.keep(&shopper.token);
    let frames = [
        json!({ "type": "context", "page": { "url": format!("https://shop.example/?card={}", planted.word("url")), "title": planted.line("title") },
            "cart": { "note": planted.word("cart") }, "fields": { "note": planted.word("field") } }),
        json!({ "type": "send", "cid": cid(), "body": planted.line("body") }),
        json!({ "type": "typing", "on": true, "preview": planted.word("preview") }),
        json!({ "type": "send", "cid": planted.word("cid"), "body": planted.word("refused-body") }),
        json!({ "type": planted.word("type"), "body": planted.word("unknown-type") }),
        json!({ "type": "send", "cid": cid(), "body": planted.word("with-unknown-field"), "extra": planted.word("extra") }),
    ];
    for frame in &frames {
        socket.send(frame);
    }
    socket.send_text(format!("{{{}", planted.word("broken-json")));
    socket.probe().await;
    let assigned = agent.wait("a chat", |f| f["type"] == "assigned").await;
    let chat = assigned["conversation"].clone();
    agent.must(json!({ "type": "send", "conversation": chat, "body": planted.word("answer") })).await;
    agent.must(json!({ "type": "send", "conversation": chat, "note": true, "body": planted.word("note") })).await;
    socket.must(json!({ "type": "transcript", "email": format!("{}@shop.example", planted.word("transcript")) })).await;
    socket.must(json!({ "type": "close", "conversation": chat })).await;
    socket.must(json!({ "type": "rate", "score": 1, "conversation": chat, "comment": planted.word("comment") })).await;
    // Requests that are wrong in every way.
    let ticket = planted.word("ticket");
    for path in [
        format!("/v1/shopper/socket?ticket={ticket}"),
        format!("/{}", planted.word("path")),
        "/console/login".to_owned(),
    ] {
        let agent = planted.word("user-agent");
        house.http.get(format!("{base}{path}")).header("user-agent", agent).send().await.unwrap();
    }
    let url = format!("{base}/v1/shopper/session");
    house.http.post(&url).bearer_auth(planted.word("bearer")).body(planted.line("not-json")).send().await.unwrap();
    let bad =
        json!({ "site": house.site.public_key, "token": planted.word("token"), "identity": planted.word("identity") });
    house.http.post(&url).json(&bad).send().await.unwrap();
    let form =
        [("email", format!("{}@x.example", planted.word("form-email"))), ("password", planted.word("form-password"))];
    house.http.post(format!("{base}/console/login")).form(&form).header("origin", &base).send().await.unwrap();
    // A database that goes away makes errors to log.
    house.postgres.crash().await;
    socket.call(json!({ "type": "send", "body": planted.word("while-away") })).await;
    house.postgres.start_again().await;
    drop((socket, agent));
    house.nodes[0].leave().await;
    let log = std::fs::read_to_string(&house.nodes[0].log).unwrap();
    let lines = log.lines().count();
    let broken: Vec<_> = log.lines().filter(|line| serde_json::from_str::<Value>(line).is_err()).collect();
    let leaked: Vec<_> = planted.0.iter().filter(|secret| log.contains(secret.as_str())).collect();
    println!("P23 planted={} lines={lines} matches={} broken_lines={}", planted.0.len(), leaked.len(), broken.len());
    assert!(leaked.is_empty() && broken.is_empty(), "{leaked:?} {broken:?}");
    assert!(planted.0.len() >= 30 && lines > 10);
    house.close().await;
}
