//! Colleagues with the same conversation open see each other, also on different nodes, and are gone when they leave.

mod mentions;
mod recall;
mod stale;

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, Setup, Shopper, eventually, text};
use crate::pages::Page;
use deskbell::app;
use deskbell::domain::people::Role;
use serde_json::json;
use std::time::Duration;

async fn page(browser: &Browser<'_>, chat: &str) -> Page {
    Page::showing(browser, vec![json!({ "topic": format!("conv:{chat}"), "after": 0 })]).await
}

/// The strip as it stands now, without its markup.
fn strip(page: &Page, chat: &str) -> String {
    let last = page.ops(&format!("#company-{chat}")).pop();
    let html = last.map(|op| text(&op, "html").to_owned()).unwrap_or_default();
    let isolates = ['\u{2068}', '\u{2069}'];
    html.split('<').filter_map(|part| part.split_once('>')).map(|(_, said)| said.replace(isolates, "")).collect()
}

async fn shows(page: &Page, chat: &str, wanted: &str) {
    let what = format!("the strip says {wanted:?}, and not {:?}", strip(page, chat));
    eventually(&what, async || (strip(page, chat) == wanted).then_some(())).await;
}

/// Ana, who has the chat, on one node; Sam, a supervisor of the team, to be on the other.
async fn at_work(here: &Desk) -> (Agent, crate::harness::people::Staff, String, Shopper) {
    let team = here.team("Orders").await;
    let ana = here.agent("Ana", team, 5).await;
    let sam = here.hire("Sam", Hire { role: Role::Supervisor, capacity: 0, teams: vec![team] }).await;
    let shopper = Shopper::come(here).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    (ana, sam, chat, shopper)
}

async fn they_see_each_other(here: &Desk, there: &Desk) {
    let (ana, sam, chat, _shopper) = at_work(here).await;
    let (hers, his) = (Browser::sign_in(here, &ana.staff).await, Browser::sign_in(there, &sam).await);
    let first = page(&hers, &chat).await;
    let second = page(&his, &chat).await;
    let began = app::instant();
    shows(&first, &chat, "Sam is viewing").await;
    shows(&second, &chat, "Ana is viewing").await;
    assert!(app::instant() - began < Duration::from_secs(1));
    second.say(&json!({ "typing": { "conversation": chat, "on": true } }));
    shows(&first, &chat, "Sam is replying").await;
    let typing = first.ops(&format!("#typing-{chat}"));
    assert!(typing.iter().all(|op| op["html"] == ""), "that place is the shopper's: {typing:?}");
    second.say(&json!({ "typing": { "conversation": chat, "on": false } }));
    shows(&first, &chat, "Sam is viewing").await;
    // One of their two pages goes: they are still there. One's own other page is no company.
    let third = page(&his, &chat).await;
    shows(&third, &chat, "Ana is viewing").await;
    drop(second);
    first.say(&json!({ "typing": { "conversation": chat, "on": true } }));
    shows(&third, &chat, "Ana is replying").await;
    assert_eq!(strip(&first, &chat), "Sam is viewing");
    // The socket is lost, without a word.
    drop(third);
    shows(&first, &chat, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_pages_of_one_conversation_see_each_other_until_one_is_gone() {
    let desk = Desk::open().await;
    they_see_each_other(&desk, &desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_on_two_nodes_see_each_other_too() {
    let redis = Redis::start().await;
    let here = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let there = here.node(ALL_ROLES).await;
    here.is_whole().await;
    there.is_whole().await;
    they_see_each_other(&here, &there).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_opens_another_conversation_or_loses_sight_has_left_this_one() {
    let desk = Desk::open().await;
    let (ana, sam, chat, _shopper) = at_work(&desk).await;
    let (hers, his) = (Browser::sign_in(&desk, &ana.staff).await, Browser::sign_in(&desk, &sam).await);
    let first = page(&hers, &chat).await;
    let second = page(&his, &chat).await;
    shows(&first, &chat, "Sam is viewing").await;
    // The page is printed anew: the strip is told again, and nobody sees them leave and come.
    shows(&second, &chat, "Ana is viewing").await;
    let to = format!("#company-{chat}");
    let (told, others) = (second.ops(&to).len(), first.ops(&to).len());
    second.say(&json!({ "sub": [{ "topic": format!("conv:{chat}"), "after": 0 }] }));
    eventually("told again", async || (second.ops(&to).len() > told).then_some(())).await;
    assert_eq!((strip(&second, &chat).as_str(), first.ops(&to).len()), ("Ana is viewing", others));
    second.say(&json!({ "sub": [{ "topic": "list:all" }] }));
    shows(&first, &chat, "").await;
    second.say(&json!({ "sub": [{ "topic": format!("conv:{chat}"), "after": 0 }] }));
    shows(&first, &chat, "Sam is viewing").await;
    sqlx::query("delete from team_members where agent_id = $1").bind(sam.id).execute(&desk.app.db.read).await.unwrap();
    desk.app.hub.tell(deskbell::realtime::hub::Topic::Agent(sam.id), &deskbell::realtime::event::Item::Rights);
    shows(&first, &chat, "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_types_is_seen_and_its_message_ends_that() {
    let desk = Desk::open().await;
    let (ana, sam, chat, _shopper) = at_work(&desk).await;
    let his = Browser::sign_in(&desk, &sam).await;
    let page = page(&his, &chat).await;
    ana.send(&json!({ "type": "typing", "conversation": chat, "on": true }));
    shows(&page, &chat, "Ana is replying").await;
    ana.say(&chat, "here you are").await;
    shows(&page, &chat, "Ana is viewing").await;
}
