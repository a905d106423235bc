//! The pages on which owners look after webhooks.

use super::ear::{Ear, Mood};
use super::{Scene, add, filled, secret_in};
use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{Desk, Shopper};
use crate::orders::readable;
use deskbell::app;
use deskbell::domain::people::Role;
use deskbell::domain::webhook::MOST;
use futures_util::future::join;
use std::time::Duration;

#[tokio::test]
async fn only_admins_come_here() {
    let scene = Scene::open().await;
    let sam = scene.desk.hire("Sam", Hire { role: Role::Supervisor, ..Hire::default() }).await;
    let theirs = Browser::sign_in(&scene.desk, &sam).await;
    for path in ["/admin/webhooks".to_owned(), scene.hook.path("")] {
        assert_eq!(theirs.get(&path).await.0, 403, "{path}");
    }
    let site = scene.desk.site.id.to_string();
    let id = app::new_id().to_string();
    let form = filled(&site, &id, &scene.ear.origin);
    assert_eq!(theirs.submit("/admin/webhooks", &form).await.0, 403);
    for verb in ["", "/secret", "/off", "/on", "/remove", "/test", "/again", "/deliveries/1/again"] {
        assert_eq!(theirs.submit(&scene.hook.path(verb), &form).await.0, 403, "{verb}");
        let his = scene.boss().await;
        assert_eq!(his.post_from(&scene.hook.path(verb), &form, Some("https://evil.example")).await.0, 403, "{verb}");
    }
    assert!(scene.ear.heard().is_empty());
    assert_eq!(scene.desk.count("select count(*) from webhooks where off_at is null and edition = 1").await, 1);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_the_same_form_twice_makes_one_webhook() {
    let desk = Desk::open().await;
    let (boss, second) = (
        desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await,
        desk.hire("Ida", Hire { role: Role::Admin, ..Hire::default() }).await,
    );
    let (his, hers) = (Browser::sign_in(&desk, &boss).await, Browser::sign_in(&desk, &second).await);
    let (_, empty) = his.get("/admin/webhooks").await;
    assert!(empty.contains("No webhooks yet") && empty.matches("checked").count() == 9, "{empty}");
    let ear = Ear::open().await;
    let (site, id) = (desk.site.id.to_string(), app::new_id().to_string());
    let url = format!("{}/in?token=hidden", ear.origin);
    let form = filled(&site, &id, &url);
    let (one, other) = join(his.submit("/admin/webhooks", &form), hers.submit("/admin/webhooks", &form)).await;
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 303]);
    assert_eq!(desk.count("select count(*) from webhooks").await, 1);
    let secret = secret_in(&one.1).or_else(|| secret_in(&other.1)).unwrap();
    let path = format!("/admin/webhooks/{id}");
    let (_, page) = his.get(&path).await;
    assert!(!page.contains("whsec_"), "it is not shown again");
    assert!(!his.get("/admin/webhooks").await.1.contains("token=hidden"));
    // Of two who make a new one at the same moment the second is told.
    let edition = [("edition", "1")];
    let (one, other) =
        join(his.submit(&format!("{path}/secret"), &edition), hers.submit(&format!("{path}/secret"), &edition)).await;
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    let renewed = secret_in(&one.1).or_else(|| secret_in(&other.1)).unwrap();
    assert_ne!(secret, renewed);
    let is_told = |page: &str| page.contains("A colleague made a new secret meanwhile");
    assert!(is_told(&one.1) != is_told(&other.1));
    // For a day both sign.
    Shopper::come(&desk).await.open("hello").await;
    let heard = ear.until_taken(2).await;
    assert!(heard.iter().all(|heard| heard.signed_by(&secret) == 1 && heard.signed_by(&renewed) == 1));
    desk.app.clock.advance(Duration::from_secs(86_401));
    Shopper::come(&desk).await.open("hello").await;
    let heard = ear.until_taken(4).await;
    assert!(heard[2..].iter().all(|heard| heard.signed_by(&secret) == 0 && heard.signed_by(&renewed) == 1));
    // What was changed is noted, and tells no key.
    let (_, noted) = his.get("/admin/audit?what=webhook").await;
    assert!(noted.contains("added") && noted.contains("changed") && noted.contains("/in"), "{noted}");
    assert!(!noted.contains("token=hidden") && !noted.contains("whsec_"), "{noted}");
    assert_eq!(his.submit(&format!("{path}/remove"), &[]).await.0, 303);
    assert_eq!(his.get(&path).await.0, 404);
    assert_eq!(desk.count("select count(*) from webhooks_gone").await, 1);
    deskbell::store::webhooks::deliveries::sweep(&desk.app.db.read, desk.app.clock.now()).await.unwrap();
    assert_eq!(desk.count("select count(*) from webhook_deliveries").await, 0);
    let (_, noted) = his.get("/admin/audit?what=webhook").await;
    assert!(noted.contains("removed"), "{noted}");
}

#[tokio::test]
async fn what_is_not_valid_is_told_at_its_field_and_networks_inside_are_refused() {
    let scene = Scene::open().await;
    let his = scene.boss().await;
    let site = scene.desk.site.id.to_string();
    let try_with = async |url: &str| {
        let id = app::new_id().to_string();
        let (status, page) = his.submit("/admin/webhooks", &filled(&site, &id, url)).await;
        (status, readable(&page))
    };
    for url in [
        "http://10.0.0.1/x",
        "http://192.168.1.1",
        "http://172.16.0.1",
        "https://169.254.169.254/latest/meta-data",
        "http://0/x",
        "http://0.0.0.0",
        "https://127.0.0.2/x",
        "http://127.2",
        "http://2130706434",
        "http://0x7f.0.0.2",
        "http://0177.0.0.2",
        "http://[::1]/x",
        "http://[::]",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:0:a9fe:a9fe]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[fd00:ec2::254]/",
        "http://100.64.0.1/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://240.0.0.1/",
        "http://8.8.8.8/",
        "https://8.8.8.8:8443/",
        "http://ok@10.0.0.1/",
        "https://me:it@shop.example/",
        "https://10.0.0.1#@shop.example/",
        "gopher://shop.example/",
        "file:///etc/passwd",
        "ftp://shop.example/",
        "javascript:alert(1)",
        "",
        "https://",
        "http://192.0.2.1/",
        "http://198.51.100.1/",
        "http://203.0.113.1/",
        "http://192.0.0.1/",
    ] {
        let (status, page) = try_with(url).await;
        assert_eq!(status, 422, "{url}");
        assert!(page.contains("id=\"url-problem\""), "{url}: {page}");
        let form = [("url", url), ("event", "message")];
        assert_eq!(his.submit(&scene.hook.path(""), &form).await.0, 422, "{url}");
    }
    let (_, page) = try_with("http://10.0.0.1/x").await;
    assert!(page.contains("name the network in OUTBOUND_ALLOW"), "{page}");
    let (status, page) = his.submit(&scene.hook.path(""), &[("url", scene.ear.origin.as_str())]).await;
    assert!(status == 422 && page.contains("Choose at least one."), "{page}");
    assert_eq!(scene.desk.count("select count(*) from webhooks").await, 1);
    assert_eq!(scene.desk.count("select count(*) from webhooks where url like 'http://127.0.0.1:%/hear?key=1' and cardinality(events) = 9").await, 1);
    for _ in 1..MOST {
        add(&his, &scene.ear.origin).await;
    }
    let (status, page) = try_with(&scene.ear.origin).await;
    assert!(status == 422 && page.contains("Remove one first"), "{page}");
    let nowhere = app::new_id().to_string();
    assert_eq!(his.submit("/admin/webhooks", &filled(&nowhere, &nowhere, &scene.ear.origin)).await.0, 404);
    assert_eq!(his.get(&format!("/admin/webhooks/{nowhere}")).await.0, 404);
}

#[tokio::test]
async fn a_test_says_in_words_how_it_went() {
    let scene = Scene::open().await;
    let his = scene.boss().await;
    let test = async || {
        let (status, page) = his.submit(&scene.hook.path("/test"), &[]).await;
        assert_eq!(status, 200);
        readable(&page)
    };
    for (mood, words) in [
        (Mood::Says(200), "It arrived (status 200)."),
        (Mood::Slow(202), "It arrived (status 202)."),
        (Mood::Says(302), "leads on to another one (status 302)"),
        (Mood::Says(401), "newest secret"),
        (Mood::Says(404), "Check the address"),
        (Mood::Says(500), "status 500"),
        (Mood::Hangs, "No answer within 10 s"),
    ] {
        scene.ear.is(mood);
        let page = test().await;
        assert!(page.contains(words), "{mood:?}: {page}");
    }
    let heard = scene.ear.heard();
    assert!(heard.iter().all(|heard| heard.name() == "test" && heard.signed_by(&scene.hook.secret) == 1));
    assert_eq!(heard[0].json()["data"].as_object().unwrap().len(), 1, "it tells nothing of anybody");
    assert_eq!(his.submit(&scene.hook.path("/off"), &[]).await.0, 303);
    assert!(scene.page().await.contains("switched off"));
    Shopper::come(&scene.desk).await.open("hello").await;
    assert_eq!(scene.desk.count("select count(*) from webhook_deliveries").await, 0);
}
