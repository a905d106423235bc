//! Whose orders an agent gets to see: of customers whom the shop vouches for; by a typed address only where an agent wants it
//! and the owner lets them; and of no conversation that is not theirs to see.

use super::{Scene, ask, card, filled};
use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{Shopper, text};
use crate::identity::signed;
use jsonwebtoken::Algorithm;
use serde_json::json;

#[tokio::test]
async fn a_typed_address_is_asked_by_only_when_an_agent_wants_it() {
    let scene = Scene::open("signed").await;
    let agent = scene.agent().await;
    let chat = scene.typed("Li@shop.example").await;
    scene.till.says_json(&[json!({ "orders": [{ "number": "N-1" }] })]);
    for _ in 0..2 {
        let shown = card(&agent, &chat).await;
        assert!(shown.contains("nobody has confirmed") && shown.contains("Look up its orders all the same"), "{shown}");
        agent.get(&format!("/console/c/{chat}?panel=context&card=orders")).await;
    }
    assert!(scene.till.asked().is_empty(), "nothing is asked by itself");
    ask(&agent, &chat).await;
    let shown = card(&agent, &chat).await;
    assert!(shown.contains("N-1") && shown.contains("By an e-mail that nobody has confirmed"), "{shown}");
    let question = scene.till.asked().pop().unwrap().json();
    assert_eq!((&question["confirmed"], &question["email"]), (&json!(false), &json!("li@shop.example")));
    // What was known of the customer themselves is not what an unconfirmed one gets, nor the other way about.
    let vouched = scene.vouched("42", "li@shop.example").await;
    assert!(!card(&agent, &vouched).await.contains("nobody has confirmed"));
    assert_eq!(scene.till.asked().len(), 2);
    assert_eq!(scene.till.asked()[1].json()["confirmed"], true);
    let second = scene.typed("li@shop.example").await;
    assert!(card(&agent, &second).await.contains("N-1"), "asked a moment ago, by the same address");
    let another = scene.typed("ali@shop.example").await;
    assert!(!card(&agent, &another).await.contains("N-1"));
}

#[tokio::test]
async fn an_owner_may_keep_it_to_customers_whom_the_shop_vouches_for() {
    let scene = Scene::bare().await;
    let mut form = filled("signed", &scene.till.origin);
    form.retain(|(name, _)| *name != "asks_unconfirmed");
    scene.connect(&form).await;
    scene.till.says_json(&[json!({ "orders": [{ "number": "N-1" }] })]);
    let agent = scene.agent().await;
    let chat = scene.typed("li@shop.example").await;
    ask(&agent, &chat).await;
    let shown = card(&agent, &chat).await;
    assert!(shown.contains("verified customers only") && !shown.contains("all the same"), "{shown}");
    assert!(scene.till.asked().is_empty(), "however it is asked for");
    assert!(card(&agent, &scene.vouched("42", "li@shop.example").await).await.contains("N-1"));
}

#[tokio::test]
async fn who_is_nobody_is_not_asked_about_and_a_subject_alone_will_do_for_some() {
    let scene = Scene::open("signed").await;
    let agent = scene.agent().await;
    scene.till.says_json(&[json!({ "orders": [{ "number": "N-1" }] })]);
    let nobody = Shopper::come(&scene.desk).await.open("hello").await;
    ask(&agent, &nobody).await;
    assert!(card(&agent, &nobody).await.contains("No e-mail is known"));
    assert!(scene.till.asked().is_empty());
    let desk = &scene.desk;
    let claims = json!({ "sub": "77", "aud": desk.site.public_key, "exp": desk.app.clock.now().timestamp() + 60,
        "attributes": { "order": "B/77" } });
    let identity = signed(&claims, Algorithm::HS256, &desk.site.secret);
    let known = Shopper::come_with(desk, crate::identity::begin_as(desk, None, &identity), json!([])).await;
    let chat = known.open("hello").await;
    assert!(card(&agent, &chat).await.contains("N-1"));
    let question = scene.till.asked().pop().unwrap().json();
    assert_eq!(question, json!({ "email": null, "confirmed": true, "subject": "77", "order": "B/77", "limit": 10 }));
    scene.connect(&filled("shopify", &scene.till.origin)).await;
    assert!(card(&agent, &chat).await.contains("No e-mail is known"), "a subject is no customer's number in Shopify");
}

#[tokio::test]
async fn nobody_sees_or_asks_for_the_orders_of_a_chat_that_is_not_theirs() {
    let scene = Scene::open("signed").await;
    let desk = &scene.desk;
    let second = desk.second_site().await;
    let elsewhere = desk.team_of(&second, "Elsewhere").await;
    let eve = desk.hire_at(&second, "Eve", Hire::agent(elsewhere, 5)).await;
    let chat = scene.vouched("42", "li@shop.example").await;
    let stranger = Browser::sign_in(desk, &eve).await;
    for path in ["card/orders", "card/who", "card/trail", "card/past"] {
        assert_eq!(stranger.get(&format!("/console/c/{chat}/{path}")).await.0, 404, "{path}");
    }
    for path in ["orders", "fold"] {
        let form = [("view", "mine"), ("card", "cart"), ("folded", "1")];
        let (status, _) = stranger.post(&format!("/console/c/{chat}/{path}"), &form).await;
        assert_eq!(status, if path == "orders" { 404 } else { 200 }, "a card is folded for oneself: {path}");
    }
    assert!(scene.till.asked().is_empty());
    let agent = scene.agent().await;
    assert_eq!(agent.get(&format!("/console/c/{chat}/card/nothing")).await.0, 404);
    let nobody = desk.http.get(format!("{}/console/c/{chat}/card/orders", desk.base)).send().await.unwrap();
    assert!(!nobody.text().await.unwrap().contains("li@shop.example"));
    let answer =
        desk.http.post(format!("{}/console/c/{chat}/orders", desk.base)).header("origin", "https://evil.example");
    let answer = answer.header("cookie", &agent.cookie).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert!(answer.status().is_client_error());
    assert!(scene.till.asked().is_empty(), "{}", text(&json!({ "what": "a forged post" }), "what"));
}
