//! What agents are told when a shop's system does not answer as it should, for each kind of system.

use super::{Scene, ask, card};
use crate::harness::shop::Page;
use serde_json::json;
use std::time::Duration;

fn status(status: u16) -> Page {
    Page { status, ..Page::of("application/json", r#"{"code":"no","message":"<b>no</b>"}"#) }
}

#[tokio::test]
async fn each_failure_has_its_words_and_another_try_works() {
    let huge = || Page::of("application/json", vec![b' '; 2 * 1024 * 1024]);
    for kind in ["shopify", "woocommerce", "signed"] {
        let scene = Scene::open(kind).await;
        let agent = scene.agent().await;
        let chat = scene.vouched("42", "li@shop.example").await;
        let cases: [(&str, Page, &str); 13] = [
            ("401", status(401), "refused the keys"),
            ("403", status(403), "refused the keys"),
            ("404", status(404), "nothing at the address"),
            ("500", status(500), "an error (500)"),
            ("502", Page { status: 502, ..Page::html("<h1>Bad gateway") }, "an error (502)"),
            ("418", status(418), "an error (418)"),
            ("no JSON", Page::html("<h1>Welcome to my shop</h1>"), "cannot be read"),
            ("cut off", Page::of("application/json", r#"{"orders":[{"nu"#), "cannot be read"),
            ("another JSON", Page::of("application/json", r#"{"hello":["world"]}"#), "cannot be read"),
            ("a redirect inside", Page::to("http://10.0.0.1/admin"), "leads elsewhere"),
            ("a redirect", Page { status: 308, ..Page::to("https://elsewhere.example/") }, "leads elsewhere"),
            ("huge", huge(), "too large"),
            ("compressed", Page::of("application/json", "x").with("content-encoding", "gzip"), "cannot be read"),
        ];
        for (case, page, words) in cases {
            scene.till.says([page]);
            ask(&agent, &chat).await;
            let shown = card(&agent, &chat).await;
            assert!(shown.contains(words) && shown.contains("Try again"), "{kind}, {case}: {shown}");
            assert!(
                !shown.contains("<b>no</b>") && !shown.contains("Welcome") && !shown.contains("10.0.0.1"),
                "{shown}"
            );
            scene.desk.app.clock.advance(Duration::from_secs(4));
        }
        let good = match kind {
            "shopify" => json!({ "data": { "orders": { "nodes": [], "pageInfo": { "hasNextPage": false } } } }),
            "woocommerce" => json!([]),
            _ => json!({ "orders": [] }),
        };
        scene.till.says_json(&[good]);
        ask(&agent, &chat).await;
        assert!(card(&agent, &chat).await.contains("knows no order"), "{kind}");
    }
}

#[tokio::test]
async fn shopifys_own_ways_of_saying_no_are_understood() {
    let scene = Scene::open("shopify").await;
    let agent = scene.agent().await;
    let chat = scene.vouched("42", "li@shop.example").await;
    let denied = json!({ "errors": [{ "message": "Access denied for orders field.", "extensions": { "code": "ACCESS_DENIED" } }], "data": null });
    let throttled = json!({ "errors": [{ "message": "Throttled", "extensions": { "code": "THROTTLED" } }],
        "extensions": { "cost": { "requestedQueryCost": 202, "throttleStatus": { "currentlyAvailable": 2, "restoreRate": 50.0 } } } });
    for (answer, words) in [
        (denied, "refused the keys"),
        (json!({ "errors": "[API] Invalid API key" }), "cannot be read"),
        (json!({ "errors": [{ "message": "Field 'x' doesn't exist" }] }), "cannot be read"),
        (throttled, "left alone for 4 s"),
    ] {
        scene.till.says_json(&[answer]);
        ask(&agent, &chat).await;
        let shown = card(&agent, &chat).await;
        assert!(shown.contains(words), "{words}: {shown}");
        scene.desk.app.clock.advance(Duration::from_secs(4));
    }
}

#[tokio::test]
async fn a_shop_that_asks_to_be_left_alone_is_left_alone_by_everybody() {
    let scene = Scene::open("woocommerce").await;
    let agent = scene.agent().await;
    let (li, ali) = (scene.vouched("42", "li@shop.example").await, scene.vouched("43", "ali@shop.example").await);
    scene.till.says([Page { status: 429, ..Page::of("application/json", "{}").with("retry-after", "120") }]);
    assert!(card(&agent, &li).await.contains("left alone for 120 s"));
    scene.till.says_json(&[json!([])]);
    for chat in [&li, &ali] {
        ask(&agent, chat).await;
        assert!(card(&agent, chat).await.contains("left alone for"), "also by who asks anew");
    }
    assert_eq!(scene.till.asked().len(), 1);
    scene.desk.app.clock.advance(Duration::from_secs(121));
    for chat in [&li, &ali] {
        assert!(card(&agent, chat).await.contains("knows no order"));
    }
    scene.till.says([Page { status: 503, ..status(503).with("retry-after", "never mind") }]);
    scene.desk.app.clock.advance(Duration::from_mins(6));
    assert!(card(&agent, &li).await.contains("left alone for 30 s"), "a pause that cannot be read is half a minute");
}

#[tokio::test]
async fn a_shop_that_does_not_answer_holds_up_nobody_for_long_and_nothing_else() {
    let scene = Scene::open("signed").await;
    let agent = scene.agent().await;
    let chat = scene.vouched("42", "li@shop.example").await;
    scene.till.shut(true);
    let (shown, page) = tokio::join!(card(&agent, &chat), async {
        crate::harness::eventually("the shop is asked", async || (!scene.till.asked().is_empty()).then_some(())).await;
        agent.get(&format!("/console/c/{chat}")).await.1
    });
    assert!(page.contains("Load the orders") && page.contains("Past conversations"), "the page does not wait");
    assert!(shown.contains("took too long"), "{shown}");
    assert_eq!(scene.till.asked().len(), 1);
    scene.till.shut(false);
}
