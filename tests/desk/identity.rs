//! The shop's word for who its shopper is.

use crate::harness::{Desk, Shopper, text};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::time::Duration;

pub fn signed(claims: &Value, algorithm: Algorithm, secret: &str) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

/// A statement as the shop makes it.
pub fn statement(desk: &Desk, sub: &str, email: &str) -> String {
    let exp = desk.app.clock.now().timestamp() + 3_600;
    let claims = json!({ "sub": sub, "aud": desk.site.public_key, "exp": exp, "name": "Li Wei", "email": email,
        "attributes": { "plan": "gold" } });
    signed(&claims, Algorithm::HS256, &desk.site.secret)
}

pub fn begin_as(desk: &Desk, token: Option<&str>, identity: &str) -> Value {
    let mut begin = desk.begin();
    begin["token"] = token.into();
    begin["identity"] = identity.into();
    begin
}

#[tokio::test]
async fn statements_the_shop_did_not_make_are_401_and_change_nothing() {
    let desk = Desk::open().await;
    let other = desk.second_site().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("anonymous").await;
    let now = desk.app.clock.now().timestamp();
    let good = json!({ "sub": "42", "aud": desk.site.public_key, "exp": now + 3_600 });
    let with = |field: &str, value: Value| {
        let mut claims = good.clone();
        claims[field] = value;
        signed(&claims, Algorithm::HS256, &desk.site.secret)
    };
    let without = |field: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(field);
        signed(&claims, Algorithm::HS256, &desk.site.secret)
    };
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let sound = signed(&good, Algorithm::HS256, &desk.site.secret);
    let mut kid = Header::new(Algorithm::HS256);
    (kid.kid, kid.jku) = (Some("../../../dev/null".into()), Some("https://evil.example/keys".into()));
    let bad = [
        ("alg none", format!("{}.{}.", part(&json!({ "alg": "none" })), part(&good))),
        ("alg None", format!("{}.{}.", part(&json!({ "alg": "None", "typ": "JWT" })), part(&good))),
        ("HS512", signed(&good, Algorithm::HS512, &desk.site.secret)),
        ("another shop's secret", signed(&good, Algorithm::HS256, &other.secret)),
        ("the public key as secret", signed(&good, Algorithm::HS256, &desk.site.public_key)),
        ("kid and jku", jsonwebtoken::encode(&kid, &good, &EncodingKey::from_secret(b"")).unwrap()),
        ("signature stripped", format!("{}.", sound.rsplit_once('.').unwrap().0)),
        ("for another shop", with("aud", json!(other.public_key))),
        ("no audience", without("aud")),
        ("no subject", without("sub")),
        ("no end", without("exp")),
        ("expired", with("exp", json!(now - 120))),
        ("a week", with("exp", json!(now + 7 * 86_400))),
        ("exp as text", with("exp", json!((now + 60).to_string()))),
        ("no JWT", "x".to_owned()),
        ("empty", String::new()),
    ];
    for (name, identity) in bad {
        let (status, answer) = desk.session(&begin_as(&desk, Some(&shopper.token), &identity)).await;
        assert_eq!((status, &answer["error"]["code"]), (401, &json!("sign_in")), "{name}");
    }
    let still = shopper.again(&desk, json!([])).await;
    assert_eq!((still.id.as_str(), &still.session["shopper"]["verified"]), (shopper.id.as_str(), &json!(false)));
    assert_eq!(still.session["conversation"]["id"], chat.as_str());
    assert_eq!(desk.count("select count(*) from shoppers where verified").await, 0);
}

#[tokio::test]
async fn a_verified_shopper_takes_the_anonymous_thread_along_once() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let anonymous = Shopper::come(&desk).await;
    let chat = anonymous.open("before signing in").await;
    let begin = begin_as(&desk, Some(&anonymous.token), &statement(&desk, "42", "li@shop.example"));
    let verified = Shopper::come_with(&desk, begin, crate::harness::people::from_start(&chat)).await;
    assert_eq!(verified.session["shopper"]["verified"], true);
    assert_eq!(
        (text(&verified.session["shopper"], "name"), text(&verified.session["shopper"], "email")),
        ("Li Wei", "li@shop.example")
    );
    assert_ne!(verified.id, anonymous.id);
    assert_eq!(verified.session["conversation"]["id"], chat.as_str());
    verified.message(&chat, "before signing in").await;
    verified.say("after signing in").await;
    let agent = desk.agent("Ana", team, 5).await;
    agent.given(&chat).await;
    let assigned = agent.wait("assigned", |f| f["type"] == "assigned").await;
    assert_eq!(
        (&assigned["summary"]["shopper"]["verified"], &assigned["summary"]["shopper"]["name"]),
        (&json!(true), &json!("Li Wei"))
    );
    // The anonymous token is spent: whoever else holds it gets nobody's thread.
    let (_, again) =
        desk.session(&begin_as(&desk, Some(&anonymous.token), &statement(&desk, "43", "mo@shop.example"))).await;
    assert_eq!(again["conversation"], Value::Null);
    let history = format!("{}/v1/shopper/conversations/{chat}/events", desk.base);
    assert_eq!(desk.http.get(&history).bearer_auth(&anonymous.token).send().await.unwrap().status(), 401);
    let events: Value = desk.http.get(history).bearer_auth(&verified.token).send().await.unwrap().json().await.unwrap();
    let mine: Vec<_> = events["events"].as_array().unwrap().iter().filter(|e| e["by"]["role"] == "shopper").collect();
    assert_eq!(mine.len(), 3, "opened and both messages are theirs");
}

#[tokio::test]
async fn the_same_statement_again_is_the_same_shopper() {
    let desk = Desk::open().await;
    let first =
        Shopper::come_with(&desk, begin_as(&desk, None, &statement(&desk, "42", "li@shop.example")), json!([])).await;
    let chat = first.open("hello").await;
    let second = Shopper::come_with(
        &desk,
        begin_as(&desk, Some(&first.token), &statement(&desk, "42", "li@shop.example")),
        json!([]),
    )
    .await;
    assert_eq!((&second.id, &second.token), (&first.id, &first.token));
    let elsewhere =
        Shopper::come_with(&desk, begin_as(&desk, None, &statement(&desk, "42", "li@shop.example")), json!([])).await;
    assert_eq!(elsewhere.id, first.id, "another device of theirs");
    assert_ne!(elsewhere.token, first.token);
    assert_eq!(elsewhere.session["conversation"]["id"], chat.as_str());
    let stranger = Shopper::come_with(
        &desk,
        begin_as(&desk, Some(&first.token), &statement(&desk, "7", "mo@shop.example")),
        json!([]),
    )
    .await;
    assert_ne!(stranger.id, first.id, "a verified shopper's thread never moves to another");
    assert_eq!(stranger.session["conversation"], Value::Null);
}

#[tokio::test]
async fn a_socket_of_an_anonymous_shopper_who_signs_in_elsewhere_stays_harmless() {
    let desk = Desk::open().await;
    let anonymous = Shopper::come(&desk).await;
    let chat = anonymous.open("before").await;
    let begin = begin_as(&desk, Some(&anonymous.token), &statement(&desk, "42", "li@shop.example"));
    let verified = Shopper::come_with(&desk, begin, crate::harness::people::from_start(&chat)).await;
    desk.app.clock.advance(Duration::from_secs(1));
    let late = anonymous.call(json!({ "type": "send", "body": "through the old socket" })).await;
    assert_eq!(late["type"], "nack", "the thread is the verified shopper's now: {late}");
    verified.say("mine").await;
    verified.message(&chat, "before").await;
    verified.assert_sound();
}

#[tokio::test]
async fn an_intake_never_makes_a_verified_name() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 5).await;
    let claimed = Shopper::come(&desk).await;
    let intake = json!({ "name": "The Boss", "email": "boss@shop.example" });
    let ack = claimed.must(json!({ "type": "send", "body": "hi", "intake": intake.clone() })).await;
    agent.given(text(&ack, "conversation")).await;
    let summary = agent.wait("assigned", |f| f["type"] == "assigned").await["summary"]["shopper"].clone();
    assert_eq!((&summary["verified"], &summary["name"]), (&json!(false), &json!("The Boss")));
    let verified =
        Shopper::come_with(&desk, begin_as(&desk, None, &statement(&desk, "42", "li@shop.example")), json!([])).await;
    let ack = verified.must(json!({ "type": "send", "body": "hi", "intake": intake })).await;
    let chat = text(&ack, "conversation").to_owned();
    agent.given(&chat).await;
    let summary =
        agent.wait("assigned", |f| f["type"] == "assigned" && f["conversation"] == chat).await["summary"]["shopper"]
            .clone();
    assert_eq!(
        (&summary["verified"], &summary["name"], &summary["email"]),
        (&json!(true), &json!("Li Wei"), &json!("li@shop.example"))
    );
}
