//! Lists: what the line says of each who waits, and the address of a team's conversations.

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{Desk, Setup, Shopper, eventually, text};
use crate::pages::Page;
use serde_json::json;

const WAITING: &str = "/console/inbox/waiting";

/// What a list shows of a conversation.
fn row<'a>(list: &'a str, chat: &str) -> Option<&'a str> {
    list.split(&format!("<li id=\"row-{chat}\">")).nth(1)?.split("</li>").next()
}

#[tokio::test]
async fn the_line_says_of_each_what_they_want_where_they_are_and_what_is_in_their_cart() {
    let asked =
        json!([{ "name": "about", "label": "What is it about?", "type": "select", "options": ["A parcel", "A lamp"] }]);
    let desk = Setup::default().site(|site| site.settings.intake = serde_json::from_value(asked).unwrap()).open().await;
    let team = desk.team("Deliveries").await;
    let ana = desk.hire("Ana", Hire::agent(team, 5)).await;
    let ana = Browser::sign_in(&desk, &ana).await;
    let (_, empty) = ana.get(WAITING).await;
    assert!(empty.contains("No one is waiting") && !empty.contains("class=\"cols\""), "{empty}");

    let mut begin = desk.begin();
    begin["page"] = json!({ "url": "https://shop.example/lamps", "title": "All our lamps", "referrer": "" });
    begin["locale"] = json!("de");
    let shopper = Shopper::come_with(&desk, begin, json!([])).await;
    let cart = json!({ "items": [{ "title": "Lamp", "quantity": 2, "price": 40 }], "total": 80, "currency": "EUR" });
    shopper.send(&json!({ "type": "context", "page": null, "cart": cart, "fields": null }));
    let intake = json!({ "about": "A parcel" });
    let ack = shopper.must(json!({ "type": "send", "body": "Where is it?", "team": team, "intake": intake })).await;
    let first = text(&ack, "conversation").to_owned();
    let whole = ["A parcel", "Deliveries", ">de<", "80 EUR", "All our lamps"];
    eventually("all of it is in their row", async || {
        let (_, list) = ana.get(WAITING).await;
        let shown = row(&list, &first)?;
        (whole.iter().all(|fact| shown.contains(fact)) && !shown.contains("Returning")).then_some(())
    })
    .await;
    let (_, list) = ana.get(WAITING).await;
    assert!(list.contains("class=\"cols\""), "{list}");
    let (_, beside) = ana.get(&format!("/console/c/{first}?view=waiting")).await;
    assert!(row(&beside, &first).is_some_and(|row| row.contains("80 EUR")) && !beside.contains("class=\"cols\""));

    // Who comes again is known; a cart without a total is counted; nothing is said of what nobody told.
    let page = Page::showing(&ana, vec![json!({ "topic": "list:waiting" })]).await;
    shopper.close(&first).await;
    let again = shopper.open("And another thing").await;
    let lines = json!({ "items": [{ "title": "Lamp" }, { "title": "<b>Bulb</b>" }] });
    shopper.send(&json!({ "type": "context", "page": null, "cart": lines, "fields": null }));
    let silent = Shopper::come(&desk).await.open("Hello").await;
    page.is_told("the row of whoever comes again", |op| {
        op["html"].as_str().and_then(|html| row(html, &again)).is_some_and(|row| row.contains("Returning"))
    })
    .await;
    eventually("two lines in the cart", async || {
        let (_, list) = ana.get(WAITING).await;
        row(&list, &again)?.contains("2 items").then_some(())
    })
    .await;
    let (_, list) = ana.get(WAITING).await;
    let shown = row(&list, &silent).unwrap();
    assert!(!shown.contains("Returning") && !shown.contains("items") && shown.contains("<span></span>"), "{shown}");
    let (_, all) = ana.get("/console/inbox/all").await;
    assert!(row(&all, &again).is_some_and(|row| !row.contains("class=\"waits\"")), "{all}");
}

#[tokio::test]
async fn a_team_has_an_address() {
    let desk = Desk::open().await;
    let (team, other) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.hire("Ana", Hire::agent(team, 5)).await;
    let ana = Browser::sign_in(&desk, &ana).await;
    let shopper = Shopper::come(&desk).await;
    let ack = shopper.must(json!({ "type": "send", "body": "Hello", "team": team })).await;
    let chat = text(&ack, "conversation");
    for (team, is_there) in [(team, true), (other, false)] {
        let (status, list) = ana.get_to(&format!("/console/inbox/team/{team}")).await;
        assert_eq!(status, 303);
        let (_, list) = ana.get(&list.unwrap()).await;
        assert_eq!(row(&list, chat).is_some(), is_there, "{list}");
    }
    assert_eq!(ana.get("/console/inbox/team/lamps").await.0, 404);
}

#[tokio::test]
async fn ones_own_chats_are_found_by_number_and_by_what_is_unread_from_any_page() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let hers = Browser::sign_in(&desk, &ana.staff).await;
    let own = async |which: &str| hers.get(&format!("/console/inbox/mine/{which}")).await;
    let none = || (204, String::new());
    assert_eq!(own("1").await, none());
    let (first, second) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let (older, newer) = (first.open("one").await, second.open("two").await);
    ana.given(&newer).await;
    ana.given(&older).await;
    let to = |chat: &str| (200, format!("/console/c/{chat}?view=mine"));
    // In the order of the list, whichever that is.
    let (_, list) = hers.get("/console/inbox/mine").await;
    let place = |chat: &str| list.find(&format!("/console/c/{chat}?view=mine")).unwrap();
    let [one, other] = if place(&older) < place(&newer) { [&older, &newer] } else { [&newer, &older] };
    assert_eq!((own("1").await, own("2").await, own("3").await), (to(one), to(other), none()));
    assert_eq!((own("next").await, own(&format!("next?at={one}")).await), (to(one), to(other)));
    assert_eq!((own(&format!("previous?at={other}")).await, own("previous").await), (to(one), none()));
    hers.post(&format!("/console/c/{one}/read"), &[("upto", "2")]).await;
    assert_eq!(own(&format!("next?at={other}")).await, to(other), "it alone is unread");
    assert_eq!(own(&format!("next?at={older}")).await, own(&format!("next?at={newer}")).await);
    for wrong in ["0", "10", "last", "next?at=nobody"] {
        let status = own(wrong).await.0;
        assert!(status == 404 || status == 400, "{wrong}: {status}");
    }
}
