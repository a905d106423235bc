//! When nobody can answer: the form that makes a ticket.

use crate::harness::{Desk, SHOP, Setup, Shopper, cid, number, text};
use chrono::{Datelike, NaiveTime};
use deskbell::domain::hours::Interval;
use serde_json::{Value, json};

async fn post(desk: &Desk, token: &str, form: &Value) -> (u16, Value) {
    let request = desk.http.post(format!("{}/v1/shopper/tickets", desk.base)).bearer_auth(token).header("origin", SHOP);
    let answer = request.json(form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

fn form() -> Value {
    json!({ "cid": cid(), "name": "Li Wei", "email": "li@shop.example", "body": "Do you ship to Norway?" })
}

#[tokio::test]
async fn the_form_makes_one_ticket_however_often_it_is_sent() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let form = form();
    let (status, made) = post(&desk, &shopper.token, &form).await;
    assert_eq!(status, 201, "{made}");
    let first = number(&made, "number");
    assert!(first >= 1_001);
    let (status, again) = post(&desk, &shopper.token, &form).await;
    assert_eq!((status, number(&again, "number")), (201, first));
    assert_eq!(desk.count("select count(*) from tickets").await, 1);
    assert_eq!(desk.count("select count(*) from conversations").await, 1);
    let ticket: (String, String, String) =
        sqlx::query_as("select subject, email, name from tickets").fetch_one(&desk.app.db.read).await.unwrap();
    assert_eq!(ticket, ("Do you ship to Norway?".into(), "li@shop.example".into(), "Li Wei".into()));
    let (_, next) = post(&desk, &shopper.token, &self::form()).await;
    assert_eq!(number(&next, "number"), first + 1, "another matter is another ticket");
}

#[tokio::test]
async fn a_waiting_chat_becomes_the_ticket_and_keeps_what_was_said() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("anybody there?").await;
    let (status, made) = post(&desk, &shopper.token, &form()).await;
    assert_eq!(status, 201, "{made}");
    let ticketed = shopper.kind(&chat, "ticketed").await;
    assert_eq!(ticketed["number"], made["number"]);
    let bodies: Vec<_> = desk.stored(&chat).await.into_iter().filter_map(|row| row.body).collect();
    assert_eq!(bodies, ["anybody there?", "Do you ship to Norway?"]);
    assert_eq!(desk.count("select count(*) from conversations").await, 1);
}

#[tokio::test]
async fn a_form_that_is_wrong_says_which_field_and_stores_nothing() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let with = |field: &str, value: Value| {
        let mut form = form();
        form[field] = value;
        form
    };
    let invalid = [
        ("email", with("email", json!("nobody"))),
        ("email", with("email", json!("a@b.example\r\nBcc: c@d.example"))),
        ("email", with("email", json!("a@b.example, c@d.example"))),
        ("body", with("body", json!(""))),
        ("body", with("body", json!("a\0b"))),
        ("body", with("body", json!("x".repeat(8_001)))),
    ];
    for (field, form) in invalid {
        let (status, answer) = post(&desk, &shopper.token, &form).await;
        assert_eq!(status, 422, "{form}");
        assert!(!text(&answer["error"]["fields"], field).is_empty());
    }
    for form in [with("cid", json!("x")), with("admin", json!(true)), json!([]), json!({})] {
        assert_eq!(post(&desk, &shopper.token, &form).await.0, 400, "{form}");
    }
    assert_eq!(post(&desk, "made up", &form()).await.0, 401);
    assert_eq!(desk.count("select count(*) from conversations").await, 0);
    assert_eq!(desk.count("select count(*) from outbox").await, 0);
}

#[tokio::test]
async fn outside_its_hours_the_shop_says_when_it_opens() {
    let tomorrow = (deskbell::app::Clock::default().now().date_naive() + chrono::Days::new(1)).weekday();
    let day = u8::try_from(tomorrow.num_days_from_monday()).unwrap();
    let desk = Setup::default()
        .site(move |site| {
            let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
            site.settings.hours.week = vec![Interval { day, from: nine, until: NaiveTime::MIN }];
        })
        .open()
        .await;
    let (_, session) = desk.session(&desk.begin()).await;
    assert_eq!(session["site"]["open"], false);
    let opens = text(&session["site"], "opens_at").parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!((opens.weekday(), opens.time()), (tomorrow, NaiveTime::from_hms_opt(9, 0, 0).unwrap()));
    // Nobody who writes is turned away.
    Shopper::come(&desk).await.open("I write anyway").await;
}

#[tokio::test]
async fn a_form_is_a_ticket_from_the_first_moment_and_nobody_is_made_to_answer_it_live() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agent = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    assert_eq!(post(&desk, &shopper.token, &form()).await.0, 201);
    // Somebody who comes later is served, so the queue has looked.
    let later = Shopper::come(&desk).await;
    agent.given(&later.open("live, please").await).await;
    assert_eq!(agent.heard(|f| f["type"] == "assigned").len(), 1);
    let kinds: Vec<String> = sqlx::query_scalar(
        "select e.kind from events e join tickets t using (site_id, conversation_id) order by e.seq",
    )
    .fetch_all(&desk.app.db.read)
    .await
    .unwrap();
    assert_eq!(kinds, ["opened", "message", "ticketed"]);
}

#[tokio::test]
async fn a_form_is_answered_with_a_number_only_if_its_text_is_kept() {
    let desk = Setup::default()
        .site(|site| {
            site.settings.intake = serde_json::from_value(
                json!([{ "name": "order", "label": "Order number", "type": "text", "required": true }]),
            )
            .unwrap();
        })
        .open()
        .await;
    let shopper = Shopper::come(&desk).await;
    let asked = form();
    assert_eq!(post(&desk, &shopper.token, &asked).await.0, 201, "the form has questions of its own");
    let mut other = asked.clone();
    other["body"] = "something else".into();
    let (status, refused) = post(&desk, &shopper.token, &other).await;
    assert_eq!((status, text(&refused["error"], "code")), (409, "cid_conflict"));
    let chat = shopper.open("a chat").await;
    let said = shopper.say("more of it").await;
    let mut again = form();
    again["cid"] = said["cid"].clone();
    let (status, refused) = post(&desk, &shopper.token, &again).await;
    assert_eq!((status, text(&refused["error"], "code")), (409, "cid_conflict"));
    assert_eq!(post(&desk, &shopper.token, &form()).await.0, 201);
    let bodies: Vec<_> = desk.stored(&chat).await.into_iter().filter_map(|row| row.body).collect();
    assert_eq!(bodies, ["a chat", "more of it", "Do you ship to Norway?"]);
}
