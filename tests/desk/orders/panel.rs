//! The side panel's other cards: live, failing alone, folded as each agent likes it.

use super::{Scene, readable};
use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{Shopper, eventually, text};
use crate::pages::Page;
use serde_json::json;

fn body(page: &str, name: &str) -> String {
    let begin = page.find(&format!("id=\"card-{name}\"")).unwrap_or_else(|| panic!("no card {name} in {page}"));
    let rest = &page[begin..];
    rest[..rest[1..].find("id=\"card-").map_or(rest.len(), |end| end + 1)].to_owned()
}

#[tokio::test]
async fn what_the_browser_reports_arrives_in_an_open_page() {
    let scene = Scene::bare().await;
    let agent = scene.agent().await;
    let shopper = Shopper::come(&scene.desk).await;
    let chat = shopper.open("hello").await;
    let page = Page::showing(&agent, vec![json!({ "topic": format!("conv:{chat}"), "after": 1 })]).await;
    let is_told = async |name: &str, words: &str| {
        let to = format!("#{name}-{chat}");
        page.is_told(words, |op| op["to"] == to && text(op, "html").contains(words)).await;
    };
    let at = |n: i32| json!({ "url": format!("https://shop.example/{n}"), "title": format!("Page {n}") });
    shopper.send(&json!({ "type": "context", "page": at(1), "cart": null, "fields": null }));
    is_told("trail", "Page 1").await;
    let cart = json!({ "items": [{ "title": "Lamp", "quantity": 2, "price": "40.00", "currency": "EUR" }] });
    shopper.send(&json!({ "type": "context", "page": null, "cart": cart, "fields": { "size": "<b>XL</b>" } }));
    is_told("cart", "Lamp").await;
    is_told("fields", "&#60;b&#62;XL").await;
    for n in 2..40 {
        shopper.send(&json!({ "type": "context", "page": at(n), "cart": null, "fields": null }));
    }
    is_told("trail", "Page 39").await;
    let drawn = page.ops(&format!("#trail-{chat}")).len();
    assert!(drawn < 38, "drawn calmly: {drawn} times");
    assert_eq!(page.ops(&format!("#cart-{chat}")).len(), 2, "what did not change is not drawn again");
    // The same browser at another page, before its socket says anything.
    let mut begin = scene.desk.begin();
    (begin["token"], begin["page"]) = (shopper.token.clone().into(), at(77));
    assert_eq!(scene.desk.session(&begin).await.0, 200);
    is_told("trail", "Page 77").await;
}

#[tokio::test]
async fn a_page_does_not_wait_for_a_card_that_is_late_which_fails_alone_and_comes_back() {
    let scene = Scene::bare().await;
    let agent = scene.agent().await;
    let chat = scene.vouched("42", "li@shop.example").await;
    let db = &scene.desk.app.db.read;
    let read = async || readable(&agent.get(&format!("/console/c/{chat}")).await.1);
    // Somebody holds the table that one card is read from.
    let mut holder = db.begin().await.unwrap();
    sqlx::query("lock table decisions in access exclusive mode").execute(&mut *holder).await.unwrap();
    let page = read().await;
    let late = body(&page, "why");
    assert!(late.contains(&format!("data-load=\"/console/c/{chat}/card/why?view=mine\" data-auto")), "{late}");
    assert!(late.contains("card=why#card-why") && !late.contains("could not be loaded.</p>"), "{late}");
    assert!(body(&page, "who").contains("Verified by the shop") && body(&page, "past").contains("first one"));
    assert_eq!(page.matches(" data-auto>").count(), 1, "alone: {page}");
    // Whoever has no script asks for it, and waits.
    let asked = readable(&agent.get(&format!("/console/c/{chat}?panel=context&card=why")).await.1);
    assert!(body(&asked, "why").contains("This could not be loaded."), "{asked}");
    let alone = agent.get(&format!("/console/c/{chat}/card/why")).await;
    assert!(alone.0 == 200 && alone.1.contains("This could not be loaded."), "{}", alone.1);
    holder.rollback().await.unwrap();
    let again = agent.get(&format!("/console/c/{chat}/card/why?view=all")).await.1;
    assert!(!again.contains("could not"), "{again}");
}

#[tokio::test]
async fn cards_stay_as_each_agent_folds_them() {
    let scene = Scene::bare().await;
    let desk = &scene.desk;
    let ben = desk.hire("Ben", Hire::agent(desk.team("More").await, 5)).await;
    let (ana, ben) = (scene.agent().await, Browser::sign_in(desk, &ben).await);
    let chat = scene.vouched("42", "li@shop.example").await;
    let is_open = async |browser: &Browser<'_>, chat: &str, name: &str| {
        let page = browser.get(&format!("/console/c/{chat}")).await.1;
        body(&page, name).split('>').next().unwrap().contains(" open")
    };
    let fold = async |browser: &Browser<'_>, card: &str, folded: &str| {
        let form = [("card", card), ("folded", folded), ("view", "all")];
        browser.post(&format!("/console/c/{chat}/fold"), &form).await.0
    };
    assert!(is_open(&ana, &chat, "cart").await && !is_open(&ana, &chat, "why").await, "as they come");
    assert_eq!(fold(&ana, "cart", "1").await, 200);
    assert_eq!(fold(&ana, "why", "0").await, 200);
    let other = scene.vouched("43", "ali@shop.example").await;
    for chat in [&chat, &other] {
        assert!(!is_open(&ana, chat, "cart").await && is_open(&ana, chat, "why").await, "in every conversation");
        assert!(is_open(&ben, chat, "cart").await, "for herself alone");
    }
    assert_eq!(fold(&ana, "nothing", "1").await, 400);
    let twice =
        futures_util::future::join_all((0..20).map(|n| fold(&ana, "cart", if n % 2 == 0 { "0" } else { "1" }))).await;
    assert!(twice.iter().all(|status| *status == 200));
    assert_eq!(fold(&ana, "cart", "0").await, 200);
    assert!(is_open(&ana, &chat, "cart").await);
    let wanted = ana.get(&format!("/console/c/{chat}?panel=context&card=why")).await.1;
    assert!(body(&wanted, "why").starts_with("id=\"card-why\""), "{wanted}");
}

#[tokio::test]
async fn the_past_is_told_with_its_ratings_and_tickets() {
    let scene = Scene::bare().await;
    let desk = &scene.desk;
    let begin = crate::identity::begin_as(desk, None, &crate::identity::statement(desk, "42", "li@shop.example"));
    let shopper = Shopper::come_with(desk, begin, json!([])).await;
    let first = shopper.open("the first").await;
    shopper.close(&first).await;
    shopper.must(json!({ "type": "rate", "conversation": first, "score": 4, "comment": "" })).await;
    let second = shopper.open("the second").await;
    let agent = scene.agent().await;
    let page = readable(&agent.get(&format!("/console/c/{second}?view=all")).await.1);
    let past = body(&page, "past");
    assert!(past.contains("Rated 4 of 5") && past.contains("★★★★☆"), "{past}");
    assert!(past.contains(&format!("/console/c/{first}?view=all")), "{past}");
    assert!(!page.contains("id=\"card-tickets\""), "nothing, and no room for it");
    let (status, _) = agent
        .post(&format!("/console/c/{second}/ticket"), &[("email", "li@shop.example"), ("cid", &crate::harness::cid())])
        .await;
    assert_eq!(status, 200);
    let page = eventually("the ticket is there", async || {
        let page = readable(&agent.get(&format!("/console/c/{second}")).await.1);
        page.contains("id=\"card-tickets\"").then_some(page)
    })
    .await;
    let tickets = body(&page, "tickets");
    assert!(tickets.contains("/console/tickets/1") && tickets.contains("Open"), "{tickets}");
}

#[tokio::test]
async fn their_clock_is_shown_where_the_shop_or_its_page_says_the_zone() {
    let scene = Scene::bare().await;
    let agent = scene.agent().await;
    let shopper = Shopper::come(&scene.desk).await;
    let chat = shopper.open("hello").await;
    let who = async || agent.get(&format!("/console/c/{chat}/card/who")).await.1;
    assert!(!who().await.contains("Local time"));
    for (zone, is_shown) in [("Mars/Olympus", false), ("Asia/Ho_Chi_Minh", true)] {
        shopper.send(&json!({ "type": "context", "page": null, "cart": null, "fields": { "timezone": zone } }));
        shopper.probe().await;
        let shown = who().await;
        assert_eq!(shown.contains("Local time"), is_shown, "{shown}");
        assert_eq!(shown.contains("Asia/Ho Chi Minh"), is_shown, "{shown}");
    }
}

#[tokio::test]
async fn what_staff_wrote_about_somebody_before_is_beside_their_next_chat() {
    let scene = Scene::bare().await;
    let desk = &scene.desk;
    let begin = crate::identity::begin_as(desk, None, &crate::identity::statement(desk, "42", "li@shop.example"));
    let shopper = Shopper::come_with(desk, begin, json!([])).await;
    let first = shopper.open("the first").await;
    let agent = scene.agent().await;
    for n in 0..7 {
        let body = format!("note {n} <b>of theirs</b>");
        assert_eq!(agent.post(&format!("/console/c/{first}/note"), &[("body", &body)]).await.0, 200);
    }
    let page = agent.get(&format!("/console/c/{first}")).await.1;
    assert!(!page.contains("id=\"card-notes\""), "those of this one are in its log");
    let late = agent.get(&format!("/console/c/{first}/card/notes")).await.1;
    assert!(late.starts_with("<div class=\"body\"") && late.matches('<').count() == 2, "nothing, also late: {late}");
    shopper.close(&first).await;
    let second = shopper.open("the second").await;
    let page = agent.get(&format!("/console/c/{second}?view=all")).await.1;
    let notes = body(&page, "notes");
    assert!(notes.contains("note 6 &#60;b&#62;of theirs") && !notes.contains("note 1 "), "the newest five: {notes}");
    assert!(notes.find("note 6").unwrap() < notes.find("note 2").unwrap() && notes.contains("Ana"), "{notes}");
    assert!(notes.contains(&format!("/console/c/{first}?view=all#e-")), "{notes}");
    // Somebody else's are not theirs.
    let other = Shopper::come(desk).await;
    let third = other.open("hello").await;
    assert!(!agent.get(&format!("/console/c/{third}?view=all")).await.1.contains("id=\"card-notes\""));
}
