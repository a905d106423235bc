//! Delivered: what a shopper is told of how far their words have come at the desk.

use crate::console::Browser;
use crate::harness::people::from_start;
use crate::harness::{Desk, Hire, Shopper, eventually, number};
use crate::pages::Page;
use deskbell::conversations;
use deskbell::domain::people::Role;
use deskbell::realtime::hub::Topic;

fn delivered(shopper: &Shopper, chat: &str) -> i64 {
    let told = shopper.heard(|f| f["type"] == "delivered" && f["conversation"] == chat);
    told.last().map_or(0, |frame| number(frame, "upto"))
}

async fn delivered_upto(shopper: &Shopper, chat: &str, upto: i64) {
    shopper
        .wait("delivered", |f| f["type"] == "delivered" && f["conversation"] == chat && number(f, "upto") == upto)
        .await;
}

#[tokio::test]
async fn what_waits_is_not_delivered_until_an_agent_has_it() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("is the lamp in stock?").await;
    let more = shopper.say("the black one").await;
    shopper.probe().await;
    assert_eq!(delivered(&shopper, &chat), 0);
    let ana = desk.agent("Ana", team, 2).await;
    ana.given(&chat).await;
    shopper.wait("delivered", |f| f["type"] == "delivered" && number(f, "upto") >= number(&more, "seq")).await;
    let third = shopper.say("or the white one").await;
    delivered_upto(&shopper, &chat, number(&third, "seq")).await;
    let told = shopper.heard(|f| f["type"] == "delivered");
    let marks: Vec<i64> = told.iter().map(|frame| number(frame, "upto")).collect();
    assert!(marks.is_sorted(), "a mark only moves on: {marks:?}");
}

#[tokio::test]
async fn one_who_comes_back_is_told_again_and_only_of_what_came() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 2).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    shopper.wait("delivered", |f| f["type"] == "delivered").await;
    let said = shopper.say("still there?").await;
    delivered_upto(&shopper, &chat, number(&said, "seq")).await;
    let topic = Topic::Agent(ana.staff.id);
    drop(ana);
    eventually("nobody is there", async || (!desk.app.hub.has_listeners(topic)).then_some(())).await;
    let unheard = shopper.say("anybody?").await;
    let again = shopper.again(&desk, from_start(&chat)).await;
    delivered_upto(&again, &chat, number(&said, "seq")).await;
    again.probe().await;
    assert!(delivered(&again, &chat) < number(&unheard, "seq"));
}

#[tokio::test]
async fn a_colleague_who_looks_on_delivers_nothing() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let overseer = desk.hire("Sam", Hire { role: Role::Supervisor, ..Hire::agent(team, 0) }).await;
    let sam = desk.sign_in(&overseer).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    sam.watch(&chat).await;
    let said = shopper.say("anybody?").await;
    sam.event(&chat, "the message", |event| event["id"] == said["id"]).await;
    conversations::delivered(&desk.app, overseer.id).await.unwrap();
    shopper.probe().await;
    assert_eq!(delivered(&shopper, &chat), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_page_of_the_agents_console_delivers() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 2).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let topic = Topic::Agent(ana.staff.id);
    drop(ana);
    eventually("the program is gone", async || (!desk.app.hub.has_listeners(topic)).then_some(())).await;
    let _page = Page::showing(&browser, Vec::new()).await;
    let said = shopper.say("the black one").await;
    delivered_upto(&shopper, &chat, number(&said, "seq")).await;
}
