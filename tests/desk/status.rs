//! What agents choose to be: who is given chats, what the end of a shift does, what supervisors may set, and the record of it.

use crate::console::Browser;
use crate::harness::people::Staff;
use crate::harness::{Desk, Hire, Shopper, eventually, text};
use crate::pages::Page;
use deskbell::app;
use deskbell::domain::id::{AgentId, ConnectionId, TeamId};
use deskbell::domain::people::Role;
use deskbell::{presence, store};
use serde_json::json;
use std::time::Duration;

type Record = (bool, String, String, Option<AgentId>);

/// What was written down of somebody, in order.
async fn record(desk: &Desk, agent: AgentId) -> Vec<Record> {
    sqlx::query_as("select is_here, status, reason, by_id from duty where agent_id = $1 order by n")
        .bind(agent)
        .fetch_all(&desk.app.db.read)
        .await
        .unwrap()
}

fn as_words(records: &[Record]) -> Vec<String> {
    let word = |(here, status, ..): &Record| format!("{} {status}", if *here { "here" } else { "gone" });
    records.iter().map(word).collect()
}

async fn supervisor(desk: &Desk, name: &str, team: TeamId) -> Staff {
    desk.hire(name, Hire { role: Role::Supervisor, capacity: 2, teams: vec![team] }).await
}

async fn set(browser: &Browser<'_>, path: &str, status: &str, reason: &str) -> u16 {
    browser.post(path, &[("status", status), ("reason", reason)]).await.0
}

#[tokio::test]
async fn only_who_is_available_is_given_chats_and_the_menu_says_what_was_chosen_and_why() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    for (status, word) in [("busy", "Busy"), ("away", "Away"), ("offline", "Offline")] {
        assert_eq!(set(&browser, "/console/status", status, " Lunch\r\n ").await, 200);
        let told = ana.wait(word, |f| f["type"] == "status" && f["status"] == status).await;
        assert_eq!((&told["available"], &told["reason"], &told["by"]), (&json!(false), &json!("Lunch"), &json!(null)));
        let (_, page) = browser.get("/console/inbox/mine").await;
        let menu = page.split("id=\"my-status\"").nth(1).unwrap().split("</summary>").next().unwrap();
        assert!(menu.contains(word) && menu.contains("Lunch"), "{menu}");
    }
    assert_eq!(set(&browser, "/console/status", "asleep", "").await, 422);
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("anybody?").await;
    shopper.wait("a place in line", |f| f["type"] == "queue" && f["position"] == 1).await;
    assert!(!ana.has(&chat));
    assert_eq!(set(&browser, "/console/status", "available", "not kept").await, 200);
    ana.given(&chat).await;
    let last = record(&desk, ana.staff.id).await.pop().unwrap();
    assert_eq!(last, (true, "available".into(), String::new(), None));
    // Programs know on and off.
    ana.available(false).await;
    let told = ana.wait("busy again", |f| f["type"] == "status" && f["status"] == "busy" && f["reason"] == "").await;
    assert_eq!(told["available"], false);
    ana.say(&chat, "who is busy keeps the chats").await;
}

#[tokio::test]
async fn the_end_of_a_shift_hands_every_chat_back_at_its_old_place() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 2).await;
    let (first, second) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let one = first.open("one").await;
    ana.given(&one).await;
    let two = second.open("two").await;
    ana.given(&two).await;
    let third = Shopper::come(&desk).await;
    let three = third.open("three").await;
    third.wait("first in line", |f| f["type"] == "queue" && f["position"] == 1).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let (_, page) = browser.get("/console/inbox/mine").await;
    assert!(page.contains("Your 2 chats go back to the queue"), "how many is said before");
    assert_eq!(set(&browser, "/console/status", "offline", "").await, 200);
    for (shopper, chat) in [(&first, &one), (&second, &two)] {
        let left = shopper.kind(chat, "left").await;
        assert_eq!((text(&left["agent"], "name"), &left["reason"]), ("Ana", &json!(null)));
        ana.wait("unassigned", |f| f["type"] == "unassigned" && f["conversation"] == **chat).await;
    }
    third.wait("third in line", |f| f["type"] == "queue" && f["position"] == 3).await;
    let ben = desk.agent("Ben", team, 2).await;
    ben.given(&one).await;
    ben.given(&two).await;
    assert!(!ben.has(&three));
    let kinds: Vec<_> = ben.log(&one).iter().map(|e| text(e, "kind").to_owned()).collect();
    assert_eq!(kinds, ["opened", "message", "assigned", "left", "assigned"]);
    ana.refused(json!({ "type": "send", "conversation": one, "body": "late" }), "not_assignee").await;
    first.assert_sound();
    second.assert_sound();
}

#[tokio::test]
async fn chats_that_a_dying_node_did_not_hand_over_are_found_and_those_taken_afterwards_are_kept() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 2).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    // The choice was written, and then the power went.
    let chosen = store::duty::Chosen { status: deskbell::domain::people::Status::Offline, reason: "", by: None };
    store::duty::choose(&desk.app.db.read, ana.staff.id, &chosen, desk.app.clock.now()).await.unwrap();
    shopper.kind(&chat, "left").await;
    desk.app.clock.advance(Duration::from_secs(1));
    ana.must(json!({ "type": "claim", "conversation": chat })).await;
    let marker = Shopper::come(&desk).await;
    let other = marker.open("does the sweep look?").await;
    ana.must(json!({ "type": "claim", "conversation": other })).await;
    sqlx::query("update conversations set assigned_at = assigned_at - interval '1 hour' where id = $1")
        .bind(other.parse::<uuid::Uuid>().unwrap())
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    marker.kind(&other, "left").await;
    ana.say(&chat, "mine, by hand").await;
}

#[tokio::test]
async fn a_supervisor_sets_somebody_away_whose_page_says_by_whom_and_nobody_else_may() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let sam = supervisor(&desk, "Sam Super", team).await;
    let boss = Browser::sign_in(&desk, &sam).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let page = Page::showing(&browser, vec![json!({ "topic": "list:mine" })]).await;
    let path = format!("/console/wall/{}/status", ana.staff.id);
    assert_eq!(set(&boss, &path, "away", "Fire drill").await, 200);
    page.is_told("by whom", |op| {
        op["a"]["name"] == "said"
            && op["a"]["text"].as_str().is_some_and(|said| said.contains("Sam Super set you to Away: Fire drill"))
    })
    .await;
    page.is_told("its menu", |op| op["to"] == "#my-status" && text(op, "html").contains("set by Sam Super")).await;
    let told = ana.wait("the program too", |f| f["type"] == "status" && f["status"] == "away").await;
    assert_eq!(told["by"], "Sam Super");
    let last = record(&desk, ana.staff.id).await.pop().unwrap();
    assert_eq!(last, (true, "away".into(), "Fire drill".into(), Some(sam.id)));
    // Their own choice is theirs again.
    assert_eq!(set(&browser, "/console/status", "away", "Fire drill").await, 200);
    assert_eq!(record(&desk, ana.staff.id).await.pop().unwrap().3, None);

    let ben = desk.hire("Ben", Hire::agent(team, 1)).await;
    let plain = Browser::sign_in(&desk, &ben).await;
    assert_eq!(set(&plain, &path, "offline", "").await, 403, "an agent");
    let other = desk.second_site().await;
    let elsewhere = desk.team_of(&other, "Orders").await;
    let stranger = Hire { role: Role::Supervisor, capacity: 1, teams: vec![elsewhere] };
    let stranger = desk.hire_at(&other, "Stranger", stranger).await;
    let stranger = Browser::sign_in(&desk, &stranger).await;
    assert_eq!(set(&stranger, &path, "offline", "").await, 404, "a supervisor of another shop");
    assert_eq!(stranger.get(&format!("/console/wall/{}", ana.staff.id)).await.0, 404);
    let admin = desk.hire("Ada", Hire { role: Role::Admin, capacity: 1, teams: vec![] }).await;
    let admin = Browser::sign_in(&desk, &admin).await;
    assert_eq!(set(&admin, &path, "busy", "").await, 200, "an admin oversees everybody");
    assert_eq!(set(&boss, &format!("/console/wall/{}/status", app::new_id()), "busy", "").await, 404);
}

#[tokio::test]
async fn being_here_and_every_choice_is_written_down_once() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let staff = desk.hire("Ana", Hire::agent(team, 5)).await;
    let ana = desk.sign_in(&staff).await;
    ana.available(true).await;
    ana.available(true).await;
    ana.available(false).await;
    let second = ana.again(&desk, json!([])).await;
    drop(second);
    drop(ana);
    let gone = async || record(&desk, staff.id).await.last().filter(|last| !last.0).map(|_| ());
    eventually("it is written that she is gone", gone).await;
    let expected = ["here busy", "here available", "here busy", "gone busy"];
    assert_eq!(as_words(&record(&desk, staff.id).await), expected);

    // A node that dies tells nobody: the lease lapses, and whoever finds it writes it down, once among many.
    presence::renew(&desk.app, staff.id, ConnectionId(app::new_id())).await.unwrap();
    desk.app.clock.advance(Duration::from_secs(26));
    eventually("the sweep finds it", async || (record(&desk, staff.id).await.len() == 6).then_some(())).await;
    let notes = (0..20).map(|_| store::duty::note(&desk.app.db.read, staff.id, desk.app.clock.now()));
    let news = futures_util::future::try_join_all(notes).await.unwrap();
    assert!(news.iter().all(|is_news| !is_news));
    assert_eq!(as_words(&record(&desk, staff.id).await)[4..], ["here busy", "gone busy"]);
    let back =
        desk.count("select count(*) from duty a join duty b on b.agent_id = a.agent_id and b.n > a.n and b.at < a.at");
    assert_eq!(back.await, 0, "a record never goes back in time");

    // Many nodes at once find out the same.
    sqlx::query("update agent_leases set expires_at = $1 + interval '1 hour'")
        .bind(desk.app.clock.now())
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    let notes = (0..20).map(|_| store::duty::note(&desk.app.db.read, staff.id, desk.app.clock.now()));
    futures_util::future::try_join_all(notes).await.unwrap();
    assert_eq!(as_words(&record(&desk, staff.id).await)[5..], ["gone busy", "here busy"]);
}

#[tokio::test]
async fn who_signs_out_everywhere_leaves_their_chats_at_once_and_keeps_their_choice() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let staff = desk.hire("Ana", Hire::agent(team, 5)).await;
    let (laptop, phone) = (Browser::sign_in(&desk, &staff).await, Browser::sign_in(&desk, &staff).await);
    let page = Page::showing(&laptop, vec![json!({ "topic": "list:mine" })]).await;
    assert_eq!(set(&laptop, "/console/status", "available", "").await, 200);
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    shopper.kind(&chat, "assigned").await;
    phone.post("/console/logout", &[]).await;
    laptop.post(&format!("/console/c/{chat}/reply"), &[("body", "still here")]).await;
    shopper.message(&chat, "still here").await;
    assert!(shopper.log(&chat).iter().all(|e| e["kind"] != "left"));
    laptop.post("/console/logout", &[]).await;
    // The clock stands still: no grace was waited for.
    shopper.kind(&chat, "left").await;
    assert_eq!(desk.count("select count(*) from agents where available").await, 1);
    drop(page);
}

#[tokio::test]
async fn a_page_says_that_somebody_is_at_it_and_that_is_kept() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let staff = desk.hire("Ana", Hire::agent(team, 5)).await;
    let browser = Browser::sign_in(&desk, &staff).await;
    let page = Page::showing(&browser, vec![]).await;
    assert_eq!(desk.count("select count(*) from agents where input_at is not null").await, 0, "being here is no input");
    page.say(&json!({ "input": true }));
    let at = async || {
        let at: Option<chrono::DateTime<chrono::Utc>> =
            sqlx::query_scalar("select input_at from agents").fetch_one(&desk.app.db.read).await.unwrap();
        at
    };
    let first = eventually("it is kept", at).await;
    assert!(desk.app.clock.now() - first < chrono::TimeDelta::minutes(1));
    assert_eq!(desk.count("select count(*) from agents where available").await, 0, "it decides nothing");
}
