//! The agent's program: signing in and out, and what each frame may do.

use crate::harness::people::PASSWORD;
use crate::harness::{Desk, Hire, PATIENCE, Shopper, Socket, cid, number, text};
use deskbell::domain::people::Role;
use serde_json::{Value, json};
use std::time::Duration;

async fn post(desk: &Desk, path: &str, bearer: Option<&str>, body: &Value) -> reqwest::Response {
    let mut request = desk.http.post(format!("{}{path}", desk.base)).json(body);
    if let Some(token) = bearer {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_session_gives_an_access_token_a_refresh_token_and_a_ticket() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let staff = desk.hire("Ana", Hire::agent(team, 3)).await;
    let ana = desk.sign_in(&staff).await;
    assert_eq!(ana.session["expires_in"], 900);
    assert_eq!((&ana.session["agent"]["id"], &ana.session["agent"]["name"]), (&json!(staff.id), &json!("Ana")));
    let welcome = ana.wait("welcome", |f| f["type"] == "welcome").await;
    assert_eq!(
        (&welcome["me"]["id"], &welcome["available"], &welcome["conversations"]),
        (&json!(staff.id), &json!(false), &json!([]))
    );
    assert_eq!(welcome["heartbeat_s"], 10);
    let access = text(&ana.session, "access_token");
    assert_eq!(post(&desk, "/v1/agent/ticket", Some(access), &json!({})).await.status(), 200);
    desk.app.clock.advance(Duration::from_secs(15 * 60 + 1));
    assert_eq!(post(&desk, "/v1/agent/ticket", Some(access), &json!({})).await.status(), 401, "15 minutes are over");
    let refresh = json!({ "refresh_token": ana.session["refresh_token"] });
    let fresh: Value = post(&desk, "/v1/agent/refresh", None, &refresh).await.json().await.unwrap();
    desk.agent_socket(&fresh["ticket"], json!([])).await;
    let access = text(&fresh, "access_token");
    assert_eq!(post(&desk, "/v1/agent/ticket", Some(access), &json!({})).await.status(), 200);
    for bad in ["", "made up", access] {
        let answer = post(&desk, "/v1/agent/refresh", None, &json!({ "refresh_token": bad })).await;
        assert_eq!(answer.status(), 401, "{bad}");
    }
    for bad in ["", "made up", text(&fresh, "refresh_token"), text(&fresh, "ticket")] {
        assert_eq!(post(&desk, "/v1/agent/ticket", Some(bad), &json!({})).await.status(), 401, "{bad}");
    }
    // Another installation's token, and one that names nobody.
    let key = jsonwebtoken::EncodingKey::from_secret(b"another installation");
    let claims =
        json!({ "iss": "deskbell", "sub": staff.id, "sid": cid(), "exp": desk.app.clock.now().timestamp() + 600 });
    let forged = jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap();
    assert_eq!(post(&desk, "/v1/agent/ticket", Some(&forged), &json!({})).await.status(), 401);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_sockets_with_4001() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 3).await;
    let second = ana.again(&desk, json!([])).await;
    let elsewhere = desk.sign_in(&ana.staff).await;
    let unused = desk.fresh_ticket(&ana.session).await;
    let access = text(&ana.session, "access_token");
    let answer = desk.http.delete(format!("{}/v1/agent/session", desk.base)).bearer_auth(access).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!((ana.closed().await, second.closed().await), (4001, 4001));
    assert_eq!(post(&desk, "/v1/agent/ticket", Some(access), &json!({})).await.status(), 401);
    let refresh = json!({ "refresh_token": ana.session["refresh_token"] });
    assert_eq!(post(&desk, "/v1/agent/refresh", None, &refresh).await.status(), 401);
    elsewhere.probe().await;
    let late = Socket::open(&desk.socket_url("/v1/agent/socket"), None).await;
    late.send(&json!({ "type": "hello", "ticket": unused }));
    assert_eq!(late.closed().await, 4001, "a ticket of a session that ended opens nothing");
}

#[tokio::test]
async fn wrong_unknown_and_malformed_are_told_alike_and_guessing_is_slowed() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let staff = desk.hire("Ana", Hire::agent(team, 3)).await;
    let attempt = async |email: &str, password: &str| {
        let answer = post(&desk, "/v1/agent/session", None, &json!({ "email": email, "password": password })).await;
        let (status, retry) = (answer.status().as_u16(), answer.headers().get("retry-after").cloned());
        (status, answer.text().await.unwrap(), retry)
    };
    let wrong = attempt(&staff.email, "wrong").await;
    let unknown = attempt("nobody@staff.example", PASSWORD).await;
    assert_eq!((wrong.0, &wrong.1), (401, &unknown.1));
    assert_eq!(attempt("' or 1=1 --", "").await.1, wrong.1);
    assert_eq!(attempt(&staff.email, &"x".repeat(5_000)).await.1, wrong.1);
    let mut last = wrong;
    for _ in 0..30 {
        last = attempt(&staff.email, "guess").await;
        if last.0 == 429 {
            break;
        }
    }
    assert_eq!(last.0, 429);
    let retry: u64 = last.2.expect("says when to come again").to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&retry), "{retry}");
    // The account is not locked for others: the limit is of this address and account together.
    for body in [
        json!({}),
        json!([]),
        json!({ "email": 7, "password": "x" }),
        json!({ "email": "a", "password": "b", "admin": true }),
    ] {
        assert_eq!(post(&desk, "/v1/agent/session", None, &body).await.status(), 400, "{body}");
    }
}

#[tokio::test]
async fn a_program_from_somebody_elses_page_gets_no_socket() {
    let desk = Desk::open().await;
    let url = desk.socket_url("/v1/agent/socket");
    for origin in ["https://evil.example", "null", crate::harness::SHOP] {
        let refused = crate::harness::socket::knock(&url, Some(origin)).await.expect_err("refused");
        assert_eq!(refused.status(), 403, "{origin}");
    }
    crate::harness::socket::knock(&url, Some(&desk.base)).await.expect("our own page may");
}

#[tokio::test]
async fn an_assignment_is_fenced_by_its_number() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    assert_eq!(ana.given(&chat).await, 1);
    let send = |generation: i64| json!({ "type": "send", "conversation": chat, "body": format!("in {generation}"), "gen": generation });
    ana.must(send(1)).await;
    for generation in [0, 2, -1] {
        ana.refused(send(generation), "not_assignee").await;
    }
    ana.must(json!({ "type": "transfer", "conversation": chat, "to": { "team": team }, "gen": 1 })).await;
    ana.wait("given again", |f| f["type"] == "assigned" && f["gen"] == 3).await;
    ana.refused(send(1), "not_assignee").await;
    ana.must(send(3)).await;
    shopper.message(&chat, "in 3").await;
    ana.refused(json!({ "type": "close", "conversation": chat, "gen": 1 }), "not_assignee").await;
    ana.must(json!({ "type": "close", "conversation": chat, "gen": 3 })).await;
}

#[tokio::test]
async fn an_assignment_comes_with_the_last_fifty_events_and_then_flows() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let shopper = Shopper::come(&desk).await;
    let ack = shopper.must(json!({ "type": "send", "body": "first", "intake": { "name": "Li Wei" } })).await;
    let chat = text(&ack, "conversation").to_owned();
    for n in 0..70 {
        shopper.send(&json!({ "type": "send", "cid": cid(), "body": format!("message {n}") }));
    }
    shopper.wait("the last one", |f| f["type"] == "ack" && f["seq"] == 72).await;
    let ana = desk.agent("Ana", team, 1).await;
    ana.given(&chat).await;
    let summary = &ana.wait("assigned", |f| f["type"] == "assigned").await["summary"];
    assert_eq!((&summary["shopper"]["name"], &summary["last_message"]), (&json!("Li Wei"), &json!("message 69")));
    assert!(summary["wait_s"].is_i64());
    let replay = ana.wait("replay", |f| f["type"] == "replay").await;
    let seqs: Vec<_> = replay["events"].as_array().unwrap().iter().map(|e| number(e, "seq")).collect();
    assert_eq!(seqs, (24..=73).collect::<Vec<_>>());
    let synced = ana.wait("synced", |f| f["type"] == "synced").await;
    assert_eq!(number(&synced, "head"), 73);
    shopper.say("and on").await;
    assert_eq!(number(&*ana.message(&chat, "and on").await, "seq"), 74);
    ana.assert_sound();
}

#[tokio::test]
async fn watching_follows_a_chat_without_owning_it() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let grace = desk.hire("Grace", Hire::agent(team, 0)).await;
    let grace = desk.sign_in(&grace).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    grace.watch(&chat).await;
    shopper.say("is this monitored?").await;
    grace.message(&chat, "is this monitored?").await;
    grace.refused(json!({ "type": "send", "conversation": chat, "body": "yes" }), "not_assignee").await;
    grace.note(&chat, "be kind").await;
    ana.event(&chat, "the note", |e| e["kind"] == "note" && e["by"]["name"] == "Grace").await;
    ana.say(&chat, "of course not").await;
    grace.message(&chat, "of course not").await;
    let rows = crate::harness::log::assert_gapless(&desk, &chat).await;
    crate::harness::log::assert_same_as_staff(&grace, &chat, &rows);
}

#[tokio::test]
async fn an_agents_messages_are_limited_too() {
    let desk = crate::harness::Setup::default()
        .site(|site| (site.settings.limits.agent_burst, site.settings.limits.agent_per_s) = (5, 1))
        .open()
        .await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    let mut answers = Vec::new();
    for n in 0..12 {
        answers.push(ana.call(json!({ "type": "send", "conversation": chat, "body": format!("{n}") })).await);
    }
    assert!(answers[..5].iter().all(|answer| answer["type"] == "ack"));
    let limited = answers.iter().find(|answer| answer["code"] == "rate_limited").expect("a limit");
    assert!(number(limited, "retry_ms") > 0 && limited["terminal"] == false);
}

#[tokio::test]
async fn a_server_that_is_well_says_so() {
    let desk = Desk::open().await;
    let get = async |path: &str| {
        let answer = tokio::time::timeout(PATIENCE, desk.http.get(format!("{}{path}", desk.base)).send())
            .await
            .unwrap()
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(get("/livez").await.0, 200);
    let (status, ready) = get("/readyz").await;
    assert_eq!((status, serde_json::from_str::<Value>(&ready).unwrap()["ready"].as_bool()), (200, Some(true)));
    let (status, metrics) = get("/metrics").await;
    assert_eq!(status, 200);
    assert!(metrics.contains("deskbell_http_requests_total"), "{metrics}");
    assert_eq!(get("/nowhere").await.0, 404);
}
