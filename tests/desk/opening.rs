//! Whether a shop is open, what happens at the end of its line, and where its rules send a chat when it opens.

use crate::harness::{Desk, Setup, Shopper, eventually, number, text};
use crate::identity::{begin_as, statement};
use chrono::{Datelike, Days, NaiveTime, TimeDelta};
use deskbell::domain::hours::{Exception, Hours, Interval};
use deskbell::domain::id::TeamId;
use deskbell::domain::people::Team;
use deskbell::domain::routing::{Class, Rule, TeamSettings, When};
use deskbell::domain::site::Site;
use deskbell::store::sites;
use serde_json::{Value, json};
use std::sync::Arc;

/// Changes the shop's settings as its owner's form does.
async fn change(desk: &Desk, change: impl FnOnce(&mut Site)) {
    let mut site = desk.site.clone();
    change(&mut site);
    sites::update(&desk.app.db.read, &site, None).await.unwrap();
    let site = Arc::new(site);
    desk.app.sites.put(&site.public_key, &site);
    desk.app.sites.put(&site.id.to_string(), &site);
}

async fn set_off_duty(desk: &Desk, on: bool) {
    let statement = if on {
        "update agents set available = false, off_as = 'offline'"
    } else {
        "update agents set available = false, off_as = 'away'"
    };
    sqlx::query(statement).execute(&desk.app.db.read).await.unwrap();
}

/// What the widget is told: the shop, and its teams by name.
async fn open(desk: &Desk) -> (bool, Value, Vec<(String, bool)>) {
    let (status, session) = desk.session(&desk.begin()).await;
    assert_eq!(status, 200, "{session}");
    let site = &session["site"];
    let teams = site["teams"].as_array().unwrap().iter();
    let teams = teams.map(|team| (text(team, "name").to_owned(), team["open"].as_bool().unwrap())).collect();
    (site["open"].as_bool().unwrap(), site["opens_at"].clone(), teams)
}

fn each(orders: bool, returns: bool) -> Vec<(String, bool)> {
    vec![("Orders".to_owned(), orders), ("Returns".to_owned(), returns)]
}

#[tokio::test]
async fn where_staff_is_needed_the_shop_is_open_while_somebody_is_there() {
    let desk = Setup::default().site(|site| site.settings.routing.needs_staff = true).open().await;
    let (orders, _) = (desk.team("Orders").await, desk.team("Returns").await);
    assert_eq!(open(&desk).await, (false, Value::Null, each(false, false)));
    let ana = desk.agent("Ana", orders, 1).await;
    assert_eq!(open(&desk).await, (true, Value::Null, each(true, false)));
    let shopper = Shopper::come(&desk).await;
    ana.given(&shopper.open("hello").await).await;
    assert_eq!(open(&desk).await.2, each(true, false), "busy is not gone");
    set_off_duty(&desk, false).await;
    assert!(open(&desk).await.0, "away is not off duty");
    set_off_duty(&desk, true).await;
    assert_eq!(open(&desk).await, (false, Value::Null, each(false, false)));
    change(&desk, |site| site.settings.routing.needs_staff = false).await;
    assert!(open(&desk).await.0, "by its hours alone");
}

#[tokio::test]
async fn a_team_may_have_hours_of_its_own_and_a_holiday_closes_the_shop() {
    let desk = Desk::open().await;
    desk.team("Orders").await;
    let now = desk.app.clock.now();
    let tomorrow = (now.date_naive() + Days::new(1)).weekday();
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap();
    let day = u8::try_from(tomorrow.num_days_from_monday()).unwrap();
    let week = vec![Interval { day, from: noon, until: NaiveTime::MIN }];
    let hours = Hours { week, ..Hours::default() };
    let team = Team {
        site_id: desk.site.id,
        id: TeamId(deskbell::app::new_id()),
        name: "Returns".into(),
        settings: TeamSettings { hours: Some(hours), ..TeamSettings::default() },
    };
    sites::add_team(&desk.app.db.read, &team, None).await.unwrap();
    assert_eq!(open(&desk).await, (true, Value::Null, each(true, false)));
    let holiday = Exception { date: now.date_naive(), name: "Inventory".into(), open: Vec::new() };
    change(&desk, |site| site.settings.hours.exceptions = vec![holiday]).await;
    let (is_open, opens_at, teams) = open(&desk).await;
    assert_eq!((is_open, teams), (false, each(false, false)));
    let opens_at: chrono::DateTime<chrono::Utc> = opens_at.as_str().unwrap().parse().unwrap();
    assert_eq!(opens_at, (now.date_naive() + TimeDelta::days(1)).and_time(NaiveTime::MIN).and_utc());
}

#[tokio::test]
async fn at_the_end_of_a_full_line_an_address_gets_a_ticket_and_nobody_is_turned_away() {
    let desk = Setup::default().site(|site| site.settings.routing.queue_max = 1).open().await;
    let first = Shopper::come(&desk).await;
    assert!(first.session["site"]["open"].as_bool().unwrap());
    let waits = first.open("first").await;
    assert!(!open(&desk).await.0, "the line is full");
    let second = Shopper::come(&desk).await;
    let intake = json!({ "name": "Li Wei", "email": "li@shop.example" });
    let ack = second.must(json!({ "type": "send", "body": "Do you ship?", "files": [], "intake": intake })).await;
    let chat = text(&ack, "conversation").to_owned();
    let ticketed = second.kind(&chat, "ticketed").await;
    let ticket: (i64, String, String, String) =
        sqlx::query_as("select number, subject, email, name from tickets").fetch_one(&desk.app.db.read).await.unwrap();
    let expected = (number(&ticketed, "number"), "Do you ship?".into(), "li@shop.example".into(), "Li Wei".into());
    assert_eq!(ticket, expected);
    eventually("the letter goes out", async || {
        (desk.count("select count(*) from outbox where kind = 'ticket_opened' and state = 'sent'").await == 1)
            .then_some(())
    })
    .await;
    let third = Shopper::come(&desk).await;
    let also = third.open("without an address").await;
    assert_eq!(desk.count("select count(*) from conversations where state = 'waiting'").await, 2);
    let verified =
        Shopper::come_with(&desk, begin_as(&desk, None, &statement(&desk, "42", "mo@shop.example")), json!([])).await;
    let known = verified.open("you know me").await;
    verified.kind(&known, "ticketed").await;
    // The ticket is the end of that chat: what comes next is another matter.
    first.close(&waits).await;
    third.close(&also).await;
    assert_ne!(second.open("another matter").await, chat);
    assert_eq!(desk.count("select count(*) from conversations where state = 'waiting'").await, 1);
}

async fn route(desk: &Desk, chat: &str) -> (Option<TeamId>, i16, Vec<String>, Vec<String>) {
    sqlx::query_as("select team_id, priority, required_skills, preferred_skills from conversations where id = $1")
        .bind(chat.parse::<uuid::Uuid>().unwrap())
        .fetch_one(&desk.app.db.read)
        .await
        .unwrap()
}

#[tokio::test]
async fn rules_give_a_chat_its_team_its_class_and_its_skills_when_it_opens() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let rule = |when, value: &str| Rule { when, value: value.into(), ..Rule::default() };
    let skill = |name: &str| vec![name.to_owned()];
    let gold = Rule { class: Some(Class::Vip), ..rule(When::Attribute("plan".into()), "gold") };
    let page = Rule { team: Some(returns), require: skill("returns"), ..rule(When::Page, "/returns") };
    let cart = Rule { class: Some(Class::High), prefer: skill("sales"), ..rule(When::Cart, "100") };
    let topic = Rule { team: Some(orders), ..rule(When::Answer("topic".into()), "orders") };
    change(&desk, |site| site.settings.routing.rules = vec![gold, page, cart, topic]).await;
    let plain = Shopper::come(&desk).await;
    assert_eq!(route(&desk, &plain.open("hello").await).await, (None, 0, vec![], vec![]));
    let mut begin = begin_as(&desk, None, &statement(&desk, "42", "li@shop.example"));
    begin["page"]["url"] = "https://shop.example/returns/17".into();
    let gold = Shopper::come_with(&desk, begin.clone(), json!([])).await;
    let chat = gold.open("it broke").await;
    assert_eq!(route(&desk, &chat).await, (Some(returns), 2, skill("returns"), vec![]));
    gold.close(&chat).await;
    // What the shopper asks for wins over a rule's team; the rest of the rules holds.
    let asks = json!({ "type": "send", "body": "orders, please", "files": [], "team": orders });
    let chat = text(&*gold.must(asks).await, "conversation").to_owned();
    assert_eq!(route(&desk, &chat).await.0, Some(orders));
    let rich = Shopper::come(&desk).await;
    rich.send(&json!({ "type": "context", "cart": { "total": "120.00" }, "fields": { "plan": "gold" } }));
    rich.probe().await;
    let send = json!({ "type": "send", "body": "hello", "files": [], "intake": { "topic": "Orders" } });
    let chat = text(&*rich.must(send).await, "conversation").to_owned();
    assert_eq!(route(&desk, &chat).await, (Some(orders), 1, vec![], skill("sales")));
}
