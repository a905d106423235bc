//! A message said right: the old one goes and the new one comes at once, within the limit, by its author alone; and when what
//! was written last was seen.

use crate::console::Browser;
use crate::harness::{Agent, Desk, Hire, Setup, Shopper, cid, number, text};
use crate::pages::Page;
use deskbell::domain::people::Role;
use serde_json::json;
use std::time::Duration;

async fn scene() -> (Desk, Agent, Shopper, String) {
    let desk = Setup::default().site(|site| site.settings.routing.ticket_after_s = 0).open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("how much is it?").await;
    ana.given(&chat).await;
    (desk, ana, shopper, chat)
}

#[tokio::test]
async fn the_old_one_goes_and_the_new_one_comes_at_once() {
    let (desk, ana, shopper, chat) = scene().await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let wrong = ana.say(&chat, "It is 42 euro.").await;
    let target = text(&wrong, "id").to_owned();
    let (_, page) = browser.get(&format!("/console/c/{chat}?correct={target}")).await;
    assert!(page.contains("Your message, corrected") && page.contains("It is 42 euro.</textarea>"), "{page}");
    let path = format!("/console/c/{chat}/correct");
    let once = cid();
    let form = [("target", target.as_str()), ("body", "It is 24 euro."), ("cid", &once)];
    let twice = futures_util::future::join_all((0..3).map(|_| browser.post(&path, &form))).await;
    assert!(twice.iter().all(|(status, _)| *status == 200), "{twice:?}");
    let right = shopper.message(&chat, "It is 24 euro.").await;
    let gone = shopper.event(&chat, "that one was taken back", |e| e["kind"] == "recalled").await;
    assert_eq!(number(&right, "seq"), number(&gone, "seq") + 1, "one after the other, with nothing between");
    assert_eq!(desk.count("select count(*) from events where body = 'It is 24 euro.'").await, 1);
    assert_eq!(desk.count("select count(*) from events where body = 'It is 42 euro.'").await, 0);
    assert_eq!(desk.count("select count(*) from conversations where last_message = 'It is 24 euro.'").await, 1);
    let (_, page) = browser.get(&format!("/console/c/{chat}")).await;
    assert!(!page.contains("42 euro") && page.contains("24 euro"), "{page}");
}

#[tokio::test]
async fn a_question_that_came_in_between_is_answered_by_no_correction_and_by_nothing_that_was_taken_back() {
    let (desk, ana, shopper, chat) = scene().await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let waits = "select count(*) from conversations
        where unanswered_since is not null and last_by = 'shopper' and last_message = 'And in red?'";
    let wrong = ana.say(&chat, "It is 42 euro.").await;
    shopper.say("And in red?").await;
    let form = [("target", text(&wrong, "id")), ("body", "It is 24 euro.")];
    assert_eq!(browser.post(&format!("/console/c/{chat}/correct"), &form).await.0, 200);
    let second = shopper.message(&chat, "It is 24 euro.").await;
    assert_eq!(desk.count(waits).await, 1, "corrected");
    let form = [("target", text(&second, "id")), ("body", "It is 25 euro.")];
    assert_eq!(browser.post(&format!("/console/c/{chat}/correct"), &form).await.0, 200);
    shopper.message(&chat, "It is 25 euro.").await;
    assert_eq!(desk.count(waits).await, 1, "corrected twice");
    let answer = ana.say(&chat, "In blue alone").await;
    assert_eq!(desk.count(waits).await, 0);
    let form = [("target", text(&answer, "id"))];
    assert_eq!(browser.post(&format!("/console/c/{chat}/recall"), &form).await.0, 200);
    assert_eq!(desk.count(waits).await, 1, "taken back");
}

#[tokio::test]
async fn answers_to_choose_from_stay() {
    let (desk, ana, shopper, chat) = scene().await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let form = [("body", "Is it blu?"), ("replies", "Yes; No"), ("cid", &cid())];
    assert_eq!(browser.post(&format!("/console/c/{chat}/reply"), &form).await.0, 200);
    let wrong = shopper.message(&chat, "Is it blu?").await;
    let path = format!("/console/c/{chat}/correct");
    assert_eq!(browser.post(&path, &[("target", text(&wrong, "id")), ("body", "Is it blue?")]).await.0, 200);
    let right = shopper.message(&chat, "Is it blue?").await;
    assert_eq!(right["replies"], json!(["Yes", "No"]));
}

#[tokio::test]
async fn nobody_corrects_faster_than_they_may_write() {
    let slow = |site: &mut deskbell::domain::site::Site| {
        (site.settings.limits.agent_burst, site.settings.limits.agent_per_s) = (2, 1);
    };
    let desk = Setup::default().site(slow).open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("how much is it?").await;
    ana.given(&chat).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let said = ana.say(&chat, "It is 42 euro.").await;
    let path = format!("/console/c/{chat}/correct");
    let form = [("target", text(&said, "id")), ("body", " ")];
    let asked = futures_util::future::join_all((0..8).map(|_| browser.post(&path, &form))).await;
    let count = |wanted| asked.iter().filter(|(status, _)| *status == wanted).count();
    assert!(count(429) >= 4 && count(422) >= 1, "{asked:?}");
}

#[tokio::test]
async fn nobody_corrects_what_is_not_theirs_or_too_old_or_carries_nothing() {
    let (desk, ana, shopper, chat) = scene().await;
    let team = desk.team("Returns").await;
    let hire = Hire { role: Role::Supervisor, ..Hire::agent(team, 5) };
    let sue = Browser::sign_in(&desk, &desk.hire("Sue", hire).await).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let theirs = shopper.say("or is it 40?").await;
    let mine = ana.say(&chat, "It is 42 euro.").await;
    let note = ana.note(&chat, "a difficult one").await;
    let path = format!("/console/c/{chat}/correct");
    for (who, target, body, status) in [
        (&browser, &theirs, "It is 1 euro.", 404),
        (&browser, &note, "kept", 422),
        (&browser, &mine, " ", 422),
        (&browser, &mine, "For {customer.name}", 422),
        (&sue, &mine, "It is 1 euro.", 404),
    ] {
        let form = [("target", text(target, "id")), ("body", body)];
        let (found, page) = who.submit(&path, &form).await;
        assert_eq!(found, status, "{body}: {page}");
        assert!(status != 422 || body == " " || page.contains(body), "what was typed is kept: {page}");
    }
    desk.app.clock.advance(Duration::from_secs(121));
    let (status, page) = browser.submit(&path, &[("target", text(&mine, "id")), ("body", "It is 24 euro.")]).await;
    assert_eq!(status, 409);
    assert!(page.contains("too late") && page.contains("It is 24 euro.</textarea>"), "{page}");
    assert_eq!(desk.count("select count(*) from events where kind = 'recalled'").await, 0);
    assert_eq!(desk.count("select count(*) from events where body = 'It is 42 euro.'").await, 1);
}

#[tokio::test]
async fn a_page_says_when_the_newest_was_seen() {
    let (desk, ana, shopper, chat) = scene().await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let page = Page::showing(&browser, vec![json!({ "topic": format!("conv:{chat}"), "after": 0 })]).await;
    let said = ana.say(&chat, "It is 42 euro.").await;
    let seen = shopper.message(&chat, "It is 42 euro.").await;
    shopper.send(&json!({ "type": "read", "conversation": chat, "upto": number(&seen, "seq") }));
    let upto = number(&said, "seq").to_string();
    page.is_told("when it was seen", |op| {
        op["a"]["data-seen"] == upto.as_str() && op["a"]["data-seen-at"].as_str().is_some_and(|at| at.ends_with('Z'))
    })
    .await;
    let (_, html) = browser.get(&format!("/console/c/{chat}")).await;
    let at = html.split("data-seen-at=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(html.contains(&format!("<time datetime=\"{at}\" data-clock>")), "the newest says it: {html}");
    // Reading again what was read says nothing new.
    desk.app.clock.advance(Duration::from_mins(1));
    shopper.send(&json!({ "type": "read", "conversation": chat, "upto": number(&seen, "seq") }));
    shopper.probe().await;
    let (_, again) = browser.get(&format!("/console/c/{chat}")).await;
    assert!(again.contains(&format!("data-seen-at=\"{at}\"")));
}
