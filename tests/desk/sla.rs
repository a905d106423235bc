//! Targets for answers: warned in time, told when missed, once, to whoever can still help, and never to the shopper.

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{ALL_ROLES, Desk, Setup, Shopper, eventually};
use crate::pages::Page;
use chrono::{Datelike, NaiveTime, TimeDelta};
use deskbell::domain::hours::Interval;
use deskbell::domain::people::Role;
use deskbell::domain::routing::{Sla, Targets};
use deskbell::domain::site::Site;
use serde_json::json;
use std::time::Duration;

fn targets(site: &mut Site) {
    let normal = Targets { first_s: 300, next_s: 100, resolution_s: 0 };
    // The clock leaps: nobody is to be taken for gone or silent.
    let routing = &mut site.settings.routing;
    (routing.grace_s, routing.ticket_after_s, routing.idle_close_s) = (1_000_000, 0, 0);
    site.settings.sla = Sla { normal, ..Sla::default() };
}

/// What the thread says of a chat's targets, in order.
async fn told(desk: &Desk, chat: &str) -> Vec<(String, String)> {
    sqlx::query_as(
        "select data->'sla'->>'target', data->'sla'->>'state' from events
        where conversation_id = $1 and kind = 'note' and author = 'system' and shopper_seq is null order by seq",
    )
    .bind(chat.parse::<uuid::Uuid>().unwrap())
    .fetch_all(&desk.app.db.read)
    .await
    .unwrap()
}

async fn tells(desk: &Desk, chat: &str, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    eventually(&format!("the thread says {expected:?}"), async || (told(desk, chat).await == expected).then_some(()))
        .await;
}

fn pass(desk: &Desk, seconds: u64) {
    desk.app.clock.advance(Duration::from_secs(seconds));
}

#[tokio::test]
async fn a_late_answer_is_warned_of_then_told_and_the_shopper_hears_nothing_of_it() {
    let desk = Setup::default().site(targets).open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello?").await;
    ana.given(&chat).await;
    pass(&desk, 241);
    tells(&desk, &chat, &[("first", "warned")]).await;
    let note = ana.event(&chat, "the warning", |e| e["kind"] == "note").await;
    assert_eq!(note["body"], "First answer due soon: 80 % of 5 min of opening time have passed.");
    assert_eq!((&note["by"]["role"], &note["sla"]["target"]), (&json!("system"), &json!("first")));
    pass(&desk, 60);
    tells(&desk, &chat, &[("first", "warned"), ("first", "breached")]).await;
    let silent: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select last_at from conversations").fetch_one(&desk.app.db.read).await.unwrap();
    assert!(desk.app.clock.now() - silent > TimeDelta::minutes(4), "what the house notes keeps no chat alive");
    // Answered: that clock is over, and the next one begins with the next word of the shopper.
    ana.say(&chat, "here I am").await;
    shopper.say("my parcel").await;
    pass(&desk, 101);
    let all = [("first", "warned"), ("first", "breached"), ("next", "breached")];
    tells(&desk, &chat, &all).await;
    ana.say(&chat, "looks well").await;
    pass(&desk, 1_000);
    shopper.say("thanks").await;
    pass(&desk, 81);
    tells(&desk, &chat, &[&all[..], &[("next", "warned")]].concat()).await;
    shopper.close(&chat).await;
    let marks: Vec<(String, bool, bool)> = sqlx::query_as(
        "select target, warned_at is not null, breached_at is not null from sla_marks order by since, target",
    )
    .fetch_all(&desk.app.db.read)
    .await
    .unwrap();
    let mark = |target: &str, warned, breached| (target.to_owned(), warned, breached);
    assert_eq!(marks, [mark("first", true, true), mark("next", false, true), mark("next", true, false)]);
    assert!(shopper.log(&chat).iter().all(|e| e["kind"] != "note" && e.get("sla").is_none()));
    let again = shopper.again(&desk, crate::harness::people::from_start(&chat)).await;
    again.kind(&chat, "closed").await;
    assert!(again.heard(|f| f.to_string().contains("opening time")).is_empty(), "nor in a replay");
}

#[tokio::test]
async fn two_nodes_that_look_say_it_once() {
    let desk = Setup::default().site(targets).open().await;
    let other = desk.node(ALL_ROLES).await;
    let shoppers = [Shopper::come(&desk).await, Shopper::come(&desk).await, Shopper::come(&desk).await];
    let mut chats = Vec::new();
    for shopper in &shoppers {
        chats.push(shopper.open("hello?").await);
    }
    pass(&desk, 301);
    pass(&other, 301);
    for chat in &chats {
        tells(&desk, chat, &[("first", "breached")]).await;
    }
    // A later one is told of, so that both have looked again at the earlier ones.
    let late = Shopper::come(&desk).await;
    let chat = late.open("me too").await;
    pass(&desk, 301);
    pass(&other, 301);
    tells(&desk, &chat, &[("first", "breached")]).await;
    assert_eq!(desk.count("select count(*) from events where kind = 'note'").await, 4);
    assert_eq!(desk.count("select count(*) from sla_marks").await, 4);
}

#[tokio::test]
async fn the_clock_stands_still_while_the_shop_is_closed() {
    let now = deskbell::app::Clock::default().now();
    let minutes = |m| NaiveTime::from_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(m);
    let setup = Setup::default().site(move |site| {
        targets(site);
        // For two minutes a week, the first of tomorrow.
        let tomorrow = (now.date_naive() + chrono::Days::new(1)).weekday();
        let day = u8::try_from(tomorrow.num_days_from_monday()).unwrap();
        site.settings.hours.week = vec![Interval { day, from: minutes(0), until: minutes(2) }];
    });
    let desk = setup.open().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("in the night").await;
    // A whole day, in which it was open for two minutes of the five.
    pass(&desk, 86_400);
    pass(&desk, 6 * 86_400);
    // A week later two more minutes: four of five have passed.
    pass(&desk, 86_400);
    tells(&desk, &chat, &[("first", "warned")]).await;
}

#[tokio::test]
async fn whoever_has_the_chat_sees_its_chip_and_supervisors_hear_of_one_that_nobody_has() {
    let desk = Setup::default().site(targets).open().await;
    let team = desk.team("Orders").await;
    let boss = desk.hire("Grace", Hire { role: Role::Supervisor, ..Hire::agent(team, 0) }).await;
    let browser = Browser::sign_in(&desk, &boss).await;
    let page = Page::showing(&browser, vec![json!({ "topic": "list:waiting" })]).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("anybody?").await;
    let shows = async |look: &str, words: &str| {
        let chip = format!("chip {look}");
        page.is_told(words, |op| {
            op["to"] == "#rows" && op["html"].as_str().is_some_and(|html| html.contains(&chip) && html.contains(words))
        })
        .await;
    };
    let calls = async |text: &str| {
        page.is_told(text, |op| {
            let call = &op["a"];
            (&call["name"], &call["conversation"], &call["text"]) == (&json!("call"), &json!(chat), &json!(text))
        })
        .await;
    };
    shows("ok", "<span>First answer due</span>").await;
    pass(&desk, 241);
    shows("warn", "<span>First answer due soon,</span>").await;
    calls("A first answer is due soon.").await;
    pass(&desk, 60);
    shows("bad", "<span>First answer late since</span>").await;
    calls("A first answer is late.").await;
}
