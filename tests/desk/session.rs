//! Who comes in at the shopper's door, and who does not.

use crate::harness::raw::{Back, Raw};
use crate::harness::socket::knock;
use crate::harness::{Desk, PATIENCE, SHOP, Setup, Shopper, Socket, text};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_session_says_what_the_widget_needs() {
    let desk = Setup::default()
        .site(|site| {
            site.settings.intake = vec![deskbell::domain::site::IntakeField {
                name: "email".into(),
                label: "E-mail".into(),
                kind: "email".into(),
                required: true,
                ..deskbell::domain::site::IntakeField::default()
            }];
        })
        .open()
        .await;
    let team = desk.team("Orders").await;
    let (status, session) = desk.session(&desk.begin()).await;
    assert_eq!(status, 200);
    assert!(text(&session, "token").len() >= 22, "128 bits or more");
    assert_eq!(session["shopper"]["verified"], false);
    assert_eq!(session["site"]["name"], desk.site.name.as_str());
    assert_eq!((&session["site"]["open"], &session["site"]["opens_at"]), (&json!(true), &Value::Null));
    assert_eq!(session["site"]["teams"], json!([{ "id": team, "name": "Orders", "open": true }]));
    assert_eq!(session["site"]["intake"][0]["name"], "email");
    assert_eq!(session["site"]["intake"][0]["required"], true);
    assert_eq!(session["conversation"], Value::Null);
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    let back = shopper.again(&desk, json!([])).await;
    assert_eq!((&back.token, &back.id), (&shopper.token, &shopper.id), "the same browser is the same shopper");
    let open = &back.session["conversation"];
    assert_eq!((&open["id"], &open["state"], &open["head"]), (&json!(chat), &json!("waiting"), &json!(2)));
    assert!(text(open, "epoch").len() == 36);
}

#[tokio::test]
async fn a_session_needs_a_known_site_and_an_origin_on_its_list() {
    let desk = Desk::open().await;
    for site in ["", "nobody", "a\0b", "\u{202e}", "x' or 1=1 --", &"x".repeat(5_000)] {
        let mut begin = desk.begin();
        begin["site"] = site.into();
        assert_eq!(desk.session(&begin).await.0, 404, "{site:?}");
    }
    let url = format!("{}/v1/shopper/session", desk.base);
    let from = async |origin: &str| {
        let answer = desk.http.post(&url).header("origin", origin).json(&desk.begin()).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(from(SHOP).await, 200);
    assert_eq!(from(&desk.base).await, 200, "the widget's own frame");
    let strange = [
        "https://evil.example",
        "null",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.test",
        "HTTPS://SHOP.EXAMPLE",
        "https://bikes.example",
    ];
    desk.second_site().await;
    for origin in strange {
        assert_eq!(from(origin).await, 403, "{origin}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_the_contracts_is_422_and_makes_nobody() {
    let desk = Desk::open().await;
    let before = desk.count("select count(*) from shoppers").await;
    let mut extra = desk.begin();
    extra["admin"] = true.into();
    let mut wrong = desk.begin();
    wrong["token"] = 7.into();
    let mut page = desk.begin();
    page["page"] = "here".into();
    for body in [json!([]), json!({}), json!("x"), json!({ "site": 7 }), extra, wrong, page] {
        let (status, answer) = desk.session(&body).await;
        assert_eq!((status, &answer["error"]["code"]), (422, &json!("invalid")), "{body}");
    }
    assert_eq!(desk.count("select count(*) from shoppers").await, before);
}

#[tokio::test]
async fn a_socket_checks_the_origin_before_the_upgrade_and_the_site_after_hello() {
    let desk = Desk::open().await;
    let url = desk.socket_url("/v1/shopper/socket");
    let refused = knock(&url, Some("https://evil.example")).await.expect_err("refused");
    assert_eq!(refused.status(), 403);
    // Another shop's page gets as far as hello, where its own shoppers would come in.
    desk.second_site().await;
    let (_, session) = desk.session(&desk.begin()).await;
    let socket = Socket::open(&url, Some("https://bikes.example")).await;
    socket.send(&json!({ "type": "hello", "ticket": session["ticket"] }));
    assert_eq!(socket.closed().await, 4003);
    assert!(socket.heard(|f| f["type"] == "welcome").is_empty());
}

#[tokio::test]
async fn a_ticket_opens_one_socket_within_thirty_seconds() {
    let desk = Desk::open().await;
    let url = desk.socket_url("/v1/shopper/socket");
    let hello = async |ticket: &Value| {
        let socket = Socket::open(&url, Some(SHOP)).await;
        socket.send(&json!({ "type": "hello", "ticket": ticket }));
        socket
    };
    let shopper = Shopper::come(&desk).await;
    let again = hello(&shopper.session["ticket"]).await;
    assert_eq!(again.closed().await, 4001, "a ticket works once");
    let (_, session) = desk.session(&desk.begin()).await;
    desk.app.clock.advance(Duration::from_secs(31));
    assert_eq!(hello(&session["ticket"]).await.closed().await, 4001, "31 seconds are too late");
    let (_, session) = desk.session(&desk.begin()).await;
    desk.app.clock.advance(Duration::from_secs(25));
    hello(&session["ticket"]).await.wait("welcome", |f| f["type"] == "welcome").await;
    for bad in [json!("made up"), json!(""), json!("' or true --"), json!("a\0b")] {
        assert_eq!(hello(&bad).await.closed().await, 4001, "{bad}");
    }
    for bad in [json!(null), json!(7), json!({ "$ne": "" })] {
        assert_eq!(hello(&bad).await.closed().await, 4001, "{bad}");
    }
}

#[tokio::test]
async fn an_agents_ticket_is_no_shoppers_and_a_shoppers_no_agents() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 1).await;
    let ticket = desk.fresh_ticket(&agent.session).await;
    let socket = Socket::open(&desk.socket_url("/v1/shopper/socket"), None).await;
    socket.send(&json!({ "type": "hello", "ticket": ticket }));
    assert_eq!(socket.closed().await, 4001);
    let (_, session) = desk.session(&desk.begin()).await;
    let socket = Socket::open(&desk.socket_url("/v1/agent/socket"), None).await;
    socket.send(&json!({ "type": "hello", "ticket": session["ticket"] }));
    assert_eq!(socket.closed().await, 4001);
}

#[tokio::test]
async fn secrets_in_an_address_are_refused() {
    let desk = Desk::open().await;
    for path in ["/v1/shopper/socket", "/v1/agent/socket"] {
        let (_, session) = desk.session(&desk.begin()).await;
        let url = desk.socket_url(&format!("{path}?ticket={}", text(&session, "ticket")));
        let refused = knock(&url, None).await.expect_err("refused");
        assert_eq!(refused.status(), 400, "{path}");
    }
}

#[tokio::test]
async fn whoever_says_nothing_is_sent_away_after_five_seconds() {
    let desk = Desk::open().await;
    let (mut silent, head) = Raw::upgrade(&desk, "/v1/shopper/socket", "").await;
    assert!(head.contains("101"));
    let began = deskbell::app::instant();
    assert_eq!(silent.closed().await, Back::Closed(4001));
    let took = deskbell::app::instant() - began;
    assert!(took > Duration::from_secs(4) && took < PATIENCE, "{took:?}");
}

#[tokio::test]
async fn anything_but_hello_first_is_sent_away_at_once() {
    let desk = Desk::open().await;
    let (_, session) = desk.session(&desk.begin()).await;
    let ticket = text(&session, "ticket");
    let firsts = [
        json!({ "type": "send", "cid": crate::harness::cid(), "body": "hi" }).to_string(),
        json!({ "type": "hello" }).to_string(),
        json!({ "type": "hello", "ticket": ticket, "admin": true }).to_string(),
        json!({ "type": "hello", "ticket": ticket, "resume": "all" }).to_string(),
        "nonsense".to_owned(),
    ];
    for first in firsts {
        let socket = Socket::open(&desk.socket_url("/v1/shopper/socket"), Some(SHOP)).await;
        socket.send_text(first.clone());
        assert_eq!(socket.closed().await, 4001, "{first}");
    }
}

#[tokio::test]
async fn silent_sockets_of_one_address_do_not_keep_others_out() {
    let desk = Desk::open().await;
    let url = desk.socket_url("/v1/shopper/socket");
    let mut silent = Vec::new();
    for _ in 0..30 {
        silent.push(knock(&url, Some(SHOP)).await.expect("thirty may wait"));
    }
    let refused = knock(&url, Some(SHOP)).await.expect_err("the next one is refused");
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    drop(silent.pop());
    Shopper::come(&desk).await.say("there is room again").await;
}

#[tokio::test]
async fn sessions_from_one_address_are_limited_whatever_it_says_of_itself() {
    let desk = Setup::default()
        .site(|site| (site.settings.limits.sessions_burst, site.settings.limits.sessions_per_s) = (5, 1))
        .open()
        .await;
    let url = format!("{}/v1/shopper/session", desk.base);
    let mut statuses = Vec::new();
    for n in 0..12 {
        let forwarded = format!("203.0.113.{n}");
        let request = desk.http.post(&url).json(&desk.begin());
        let request = request.header("x-forwarded-for", &forwarded).header("cf-connecting-ip", &forwarded);
        let answer = request.header("forwarded", format!("for={forwarded}")).send().await.unwrap();
        if answer.status() == 429 {
            assert!(answer.headers().contains_key("retry-after"));
        }
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses[..5], [200; 5]);
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(desk.count("select count(*) from conversations").await, 0, "nobody is in line without a message");
    // Another shop's visitors do not pay for it.
    let other = desk.second_site().await;
    let mut begin = desk.begin();
    begin["site"] = other.public_key.clone().into();
    assert_eq!(desk.session(&begin).await.0, 200);
}

#[tokio::test]
async fn a_token_of_one_shop_is_nobody_at_another() {
    let desk = Desk::open().await;
    let other = desk.second_site().await;
    let shopper = Shopper::come(&desk).await;
    shopper.open("at the first shop").await;
    let begin = json!({ "site": other.public_key, "token": shopper.token });
    let (status, session) = desk.session(&begin).await;
    assert_eq!(status, 200);
    assert_ne!(text(&session["shopper"], "id"), shopper.id);
    assert_ne!(text(&session, "token"), shopper.token);
    assert_eq!(session["conversation"], Value::Null);
}

#[tokio::test]
async fn signing_out_forgets_the_token_and_ends_its_sockets() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("private").await;
    let url = format!("{}/v1/shopper/session", desk.base);
    let answer = desk.http.delete(url).bearer_auth(&shopper.token).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(shopper.closed().await, 4001);
    let next = shopper.again(&desk, json!([])).await;
    assert_ne!(next.id, shopper.id, "the next at this computer is somebody else");
    assert_eq!(next.session["conversation"], Value::Null);
    let history = format!("{}/v1/shopper/conversations/{chat}/events", desk.base);
    assert_eq!(desk.http.get(history).bearer_auth(&shopper.token).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn errors_are_json_whatever_is_wrong_and_a_request_that_trickles_in_ends() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    let history = format!("{}/v1/shopper/conversations/{chat}/events?before=x", desk.base);
    let requests = [
        (405, desk.http.delete(format!("{}/v1/shopper/frames", desk.base))),
        (400, desk.http.get(history).bearer_auth(&shopper.token)),
        (
            400,
            desk.http
                .post(format!("{}/v1/shopper/frames", desk.base))
                .bearer_auth(&shopper.token)
                .body(vec![0xc3, 0x28]),
        ),
    ];
    for (status, request) in requests {
        let answer = request.header("origin", SHOP).send().await.unwrap();
        assert_eq!(answer.status(), status);
        let body: Value = answer.json().await.unwrap();
        assert!(body["error"]["message"].is_string(), "{body}");
    }
    let address = desk.base.trim_start_matches("http://");
    let mut slow = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = "POST /v1/shopper/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{";
    tokio::io::AsyncWriteExt::write_all(&mut slow, head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut slow, &mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("timed_out"), "{answer}");
}
