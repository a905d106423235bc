//! The page on which an owner connects the shop's orders.

use super::{Scene, filled, readable};
use crate::console::Browser;
use crate::harness::shop::Page;
use serde_json::json;

async fn test(boss: &Browser<'_>) -> String {
    let (status, page) = boss.post(&format!("/admin/sites/{}/orders/test", boss.desk.site.id), &[]).await;
    assert_eq!(status, 200);
    readable(&page)
}

#[tokio::test]
async fn the_test_says_in_words_what_is_wrong_and_sends_nobodys_name() {
    let scene = Scene::bare().await;
    let boss = Browser::sign_in(&scene.desk, &scene.boss).await;
    assert!(test(&boss).await.contains("Nothing is connected yet."));
    let good = |kind| match kind {
        "shopify" => json!({ "data": { "orders": { "nodes": [] } } }),
        "woocommerce" => json!([{ "id": 1 }]),
        _ => json!({ "orders": [] }),
    };
    let status = |status| Page { status, ..Page::of("application/json", "{}") };
    for (kind, denied) in [("shopify", "read_orders"), ("woocommerce", "permission to read"), ("signed", "same secret")]
    {
        scene.connect(&filled(kind, &scene.till.origin)).await;
        scene.till.says_json(&[good(kind)]);
        assert!(test(&boss).await.contains("It works"), "{kind}");
        for (page, words) in [
            (status(401), denied),
            (status(404), "(404)"),
            (status(500), "status 500"),
            (Page::html("<h1>Welcome"), "belong together"),
            (Page::to("https://www.shop.example/x"), "leads on to https://www.shop.example,"),
            (Page { status: 429, ..status(429).with("retry-after", "7") }, "left alone for 7 s"),
        ] {
            scene.till.says([page]);
            let shown = test(&boss).await;
            assert!(shown.contains(words) && !shown.contains("It works"), "{kind}: {words}: {shown}");
        }
    }
    for asked in scene.till.asked() {
        let said = format!("{} {}", asked.uri, String::from_utf8_lossy(&asked.body));
        assert!(!said.contains('@'), "{said}");
    }
    scene.till.says_json(&[json!([])]);
    let (status, _) = boss.post(&format!("/admin/sites/{}/orders/remove", scene.desk.site.id), &[]).await;
    assert_eq!(status, 303);
    assert_eq!(scene.desk.count("select count(*) from order_sources").await, 0);
    assert!(test(&boss).await.contains("Nothing is connected yet."));
}

#[tokio::test]
async fn what_is_not_valid_is_told_at_its_field_and_kept_nowhere() {
    let scene = Scene::bare().await;
    let boss = Browser::sign_in(&scene.desk, &scene.boss).await;
    let path = format!("/admin/sites/{}/orders", scene.desk.site.id);
    let save = async |form: &[(&str, &str)]| {
        let (status, page) = boss.post(&path, form).await;
        (status, readable(&page))
    };
    for (url, words) in [
        ("http://10.0.0.1", "not public"),
        ("https://169.254.169.254", "not public"),
        ("http://[::1]", "not public"),
        ("http://8.8.8.8", "without TLS"),
        ("https://8.8.8.8:8443", "ports 80 and 443"),
        ("ftp://shop.example", "Write the shop's address"),
        ("https://me:pass@shop.example", "Write the shop's address"),
    ] {
        let (status, page) = save(&filled("signed", url)).await;
        assert_eq!(status, 422, "{url}");
        assert!(page.contains(words) && page.contains("id=\"url-problem\""), "{url}: {page}");
        assert!(!page.contains(super::TOKEN), "a key is not shown again, not even one that was refused");
    }
    let (status, page) = save(&[("kind", "signed"), ("url", "https://shop.example"), ("secret", "short")]).await;
    assert!(status == 422 && page.contains("can be guessed"), "{page}");
    assert_eq!(scene.desk.count("select count(*) from order_sources").await, 0);
    scene.connect(&filled("signed", &scene.till.origin)).await;
    let (status, page) = save(&[("kind", "signed"), ("url", "https://evil.example/"), ("asks_unconfirmed", "1")]).await;
    assert!(status == 422 && page.contains("id=\"secret-problem\""), "the old key goes to no other address: {page}");
    let (status, _) = save(&[("kind", "signed"), ("url", &scene.till.origin)]).await;
    assert_eq!(status, 303, "the same address keeps its key");
    scene.till.says_json(&[json!({ "orders": [] })]);
    assert!(test(&boss).await.contains("It works"));
}

#[tokio::test]
async fn only_admins_come_here() {
    let scene = Scene::open("signed").await;
    let agent = scene.agent().await;
    let path = format!("/admin/sites/{}/orders", scene.desk.site.id);
    assert_eq!(agent.get(&path).await.0, 403);
    for path in [path.clone(), format!("{path}/test"), format!("{path}/remove")] {
        assert_eq!(agent.post(&path, &filled("signed", "https://evil.example")).await.0, 403, "{path}");
    }
    assert!(scene.till.asked().is_empty());
    assert_eq!(scene.desk.count("select count(*) from order_sources where url like 'http://127.%'").await, 1);
}
