//! Each system is asked as its maker says, turns its pages, and shows what is this customer's alone.

use super::{SHOPIFY, SIGNED, Scene, TOKEN, WOOCOMMERCE, card, recorded};
use crate::harness::shop::Page;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

fn pages(text: &str) -> Vec<Page> {
    let pages = recorded(text);
    let count = pages.as_array().unwrap().len().to_string();
    let page =
        |page: &serde_json::Value| Page::of("application/json", page.to_string()).with("x-wp-totalpages", &count);
    pages.as_array().unwrap().iter().map(page).collect()
}

#[tokio::test]
async fn shopify_is_asked_by_email_page_after_page() {
    let scene = Scene::open("shopify").await;
    scene.till.says(pages(SHOPIFY));
    let chat = scene.vouched("42", "Li@Shop.example").await;
    let shown = card(&scene.agent().await, &chat).await;
    for words in [
        "#1042",
        "1,299.90 EUR",
        "Paid",
        "Fulfilled",
        "Dome lamp, Brass",
        "L-1-B",
        "4 ×",
        "Bulb",
        "Parcel Post PP123456789",
        "https://post.example/track?n=PP123456789",
        "#0007",
        "12,000 JPY",
        "Cancelled",
        "Partly refunded",
        "E1",
        &format!("{}/admin/orders/5003", scene.till.origin),
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(!shown.contains("secret") && !shown.contains("#1041"), "what others ordered: {shown}");
    assert!(!shown.contains("javascript:") && !shown.contains("Default Title"), "{shown}");
    assert!(!shown.contains("Not sent yet"), "what was cancelled is not sent: {shown}");
    let asked = scene.till.asked();
    assert_eq!(asked.len(), 2);
    for (question, after) in asked.iter().zip([json!(null), json!("eyJsYXN0X2lkIjo1MDAxfQ==")]) {
        assert_eq!((question.method.as_str(), question.uri.path()), ("POST", "/admin/api/2026-10/graphql.json"));
        assert_eq!(question.header("x-shopify-access-token"), TOKEN);
        assert!(!question.headers.contains_key("cookie") && !question.headers.contains_key("referer"));
        let variables = &question.json()["variables"];
        assert_eq!((&variables["query"], &variables["after"]), (&json!("email:\"li@shop.example\""), &after));
    }
}

#[tokio::test]
async fn woocommerce_is_asked_by_email_page_after_page() {
    let scene = Scene::open("woocommerce").await;
    scene.till.says(pages(WOOCOMMERCE));
    let chat = scene.vouched("26", "li@shop.example").await;
    let shown = card(&scene.agent().await, &chat).await;
    for words in [
        "731",
        "59.80 EUR",
        "Paid",
        "Not sent yet",
        "3 ×",
        "Green tea",
        "T-3",
        "Parcel Post PP731",
        "https://post.example/731",
        "A-512",
        "1,080.00 EUR",
        "Partly refunded",
        "Fulfilled",
        "/wp-admin/admin.php?page=wc-orders&action=edit&id=731",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(!shown.contains("secret") && !shown.contains("Not ordered"), "{shown}");
    let asked = scene.till.asked();
    assert_eq!(asked.len(), 2);
    for (question, page) in asked.iter().zip(["1", "2"]) {
        assert_eq!((question.method.as_str(), question.uri.path()), ("GET", "/wp-json/wc/v3/orders"));
        assert_eq!(
            question.header("authorization"),
            format!("Basic {}", STANDARD.encode(format!("ck_0123456789:{TOKEN}")))
        );
        assert_eq!(question.query("search").as_deref(), Some("li@shop.example"));
        assert_eq!(question.query("page").as_deref(), Some(page));
        assert!(question.query("customer").is_none(), "a subject is no customer's number unless the owner says so");
    }
}

#[tokio::test]
async fn a_customers_number_is_asked_by_where_the_owner_says_that_it_is_one() {
    let scene = Scene::bare().await;
    let mut form = super::filled("woocommerce", &scene.till.origin);
    form.push(("by_subject", "1"));
    scene.connect(&form).await;
    scene.till.says(pages(WOOCOMMERCE));
    let agent = scene.agent().await;
    let shown = card(&agent, &scene.vouched("26", "other@shop.example").await).await;
    let has = |number: &str| shown.contains(&format!(">{number}</b>"));
    assert!(has("731") && has("A-512") && !has("730"), "{shown}");
    let first = &scene.till.asked()[0];
    assert_eq!((first.query("customer").as_deref(), first.query("search")), (Some("26"), None));
    scene.till.says(pages(WOOCOMMERCE));
    card(&agent, &scene.vouched("0", "guest@shop.example").await).await;
    let guest = scene.till.asked().into_iter().nth(2).unwrap();
    assert_eq!(guest.query("search").as_deref(), Some("guest@shop.example"), "customer 0 is every guest");
}

#[tokio::test]
async fn a_signed_question_can_be_checked_by_whoever_has_the_secret() {
    let scene = Scene::open("signed").await;
    scene.till.says_json(&[recorded(SIGNED)]);
    let chat = scene.vouched("42", "li@shop.example").await;
    let shown = card(&scene.agent().await, &chat).await;
    for words in [
        "B/77",
        "240.500 KWD",
        "Payment authorised",
        "Being prepared",
        "Carpet",
        "Camel 77-1",
        "https://erp.example/orders/77",
        "B/76",
        "Cancelled",
        "The shop has older ones.",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(!shown.contains("barter") && !shown.contains("nobody asked for"), "{shown}");
    let asked = scene.till.asked().pop().unwrap();
    let at = asked.header("deskbell-timestamp");
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(format!("{at}.").as_bytes());
    mac.update(&asked.body);
    assert_eq!(asked.header("deskbell-signature"), format!("v1={}", hex::encode(mac.finalize().into_bytes())));
    assert!((at.parse::<i64>().unwrap() - scene.desk.app.clock.now().timestamp()).abs() < 5);
    let question =
        json!({ "email": "li@shop.example", "confirmed": true, "subject": "42", "order": null, "limit": 10 });
    assert_eq!(asked.json(), question);
}

#[tokio::test]
async fn hostile_answers_are_text_and_never_markup() {
    let scene = Scene::open("signed").await;
    let bad = "\"><img src=x onerror=alert(1)>";
    let order = json!({ "number": bad, "total": bad, "currency": bad, "placed_at": bad, "url": "javascript:alert(1)",
        "items": [{ "title": bad, "sku": bad, "quantity": bad }], "payment": bad, "delivery": { "a": bad },
        "tracking": [{ "carrier": bad, "number": bad, "url": "data:text/html,<script>alert(1)</script>" }] });
    scene.till.says_json(&[json!({ "orders": [order, 7, null, "x", []] })]);
    let chat = scene.vouched("42", "li@shop.example").await;
    let (_, html) = scene.agent().await.get(&format!("/console/c/{chat}/card/orders")).await;
    assert!(html.contains("onerror=alert(1)"), "it is shown: {html}");
    assert!(!html.contains("<img") && !html.contains("javascript:") && !html.contains("data:text"), "{html}");
}
