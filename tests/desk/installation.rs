//! The installation check: an owner names a page of the shop and reads whether the snippet works there, and what to change.

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::shop::{Page, Shop};
use crate::harness::{Desk, free_address};
use deskbell::domain::people::Role;

async fn admin(desk: &Desk, role: Role) -> Browser<'_> {
    let team = desk.team(role.as_str()).await;
    let staff = desk.hire("Hugo", Hire { role, capacity: 0, teams: vec![team] }).await;
    Browser::sign_in(desk, &staff).await
}

/// What the page says after checking an address.
async fn verdict(browser: &Browser<'_>, url: &str) -> (u16, String) {
    let path = format!("/admin/sites/{}/check", browser.desk.site.id);
    let (status, html) = browser.post(&path, &[("url", url)]).await;
    let text = html.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">");
    (status, text.replace("&#38;", "&"))
}

fn tag(desk: &Desk) -> String {
    format!("<script async src=\"{}/w/{}.js\"></script>", desk.base, desk.site.public_key)
}

#[tokio::test]
async fn each_verdict_is_told_with_what_to_do() {
    let mut desk = Desk::open().await;
    let (shop, other) = (Shop::of(&mut desk).await, Shop::open().await);
    let browser = admin(&desk, Role::Admin).await;
    let (tag, key) = (tag(&desk), desk.site.public_key.clone());
    let works = "The snippet is on this page, and nothing forbids it.";
    let policy = "content-security-policy";
    let line = |directive: &str| format!("{directive} 'self' {}", desk.base);
    let meta = format!("<meta http-equiv=Content-Security-Policy content=\"frame-src 'self'\">{tag}");
    let cases: [(&str, Page, Vec<String>); 15] = [
        ("/works", Page::html(tag.clone()), vec![works.into()]),
        ("/none", Page::html("<p>hello"), vec!["not on this page".into(), tag.clone()]),
        ("/twice", Page::html(tag.repeat(2)), vec!["on this page 2 times".into()]),
        (
            "/key",
            Page::html(tag.replace(&key, &"B".repeat(22))),
            vec![format!("has the key {}", "B".repeat(22)), tag.clone()],
        ),
        (
            "/address",
            Page::html(tag.replace(&desk.base, "https://old.example")),
            vec!["loaded from https://old.example".into()],
        ),
        (
            "/script",
            Page::html(tag.clone()).with(policy, "script-src 'self'"),
            vec!["header forbids".into(), line("script-src")],
        ),
        (
            "/frame",
            Page::html(tag.clone()).with(policy, &format!("default-src 'self'; script-src {}", desk.base)),
            vec![line("frame-src")],
        ),
        (
            "/both",
            Page::html(tag.clone()).with(policy, "default-src 'self'"),
            vec![line("script-src"), line("frame-src")],
        ),
        ("/meta", Page::html(meta), vec!["<meta> forbids".into(), line("frame-src")]),
        (
            "/fine",
            Page::html(tag.clone()).with(policy, &format!("default-src 'self' {}", desk.base)),
            vec![works.into()],
        ),
        (
            "/embedder",
            Page::html(tag.clone()).with("cross-origin-embedder-policy", "require-corp"),
            vec!["require-corp".into()],
        ),
        ("/moved", Page::to("/works"), vec![format!("leads on to {}", shop.at("/works")), works.into()]),
        (
            "/away",
            Page::to(&other.at("/works")),
            vec![format!("leads on to {}", other.at("/works")), "none of the site's origins".into()],
        ),
        ("/broken", Page { status: 500, ..Page::html(tag.clone()) }, vec!["answered with status 500".into()]),
        ("/json", Page::of("application/json", "{}"), vec!["no HTML page but application/json".into()]),
    ];
    for (path, page, said) in cases {
        shop.put(path, page);
        let (status, html) = verdict(&browser, &shop.at(path)).await;
        assert_eq!(status, 200, "{path}");
        for said in said {
            assert!(html.contains(&said), "{path} should say {said}: {}", html.split("<main").nth(1).unwrap());
        }
        assert_eq!(html.contains(works), matches!(path, "/works" | "/fine" | "/moved"), "{path}");
    }
    assert_eq!(other.asked("/works"), 0, "what leads away is not followed");
}

#[tokio::test]
async fn a_page_that_cannot_be_had_is_told_with_the_reason() {
    let mut desk = Desk::open().await;
    let nobody = format!("http://{}", free_address());
    let inside =
        ["http://127.0.0.2:8080".to_owned(), "http://10.0.0.1".to_owned(), "http://nowhere.invalid".to_owned()];
    desk.site.origins.extend(inside.iter().chain([&nobody]).cloned());
    deskbell::store::sites::update(&desk.app.db.read, &desk.site, None).await.unwrap();
    let browser = admin(&desk, Role::Admin).await;
    assert!(verdict(&browser, &nobody).await.1.contains("nobody answers there"));
    for private in &inside[..2] {
        let said = verdict(&browser, private).await.1;
        assert!(said.contains("a network that is not public") && said.contains("OUTBOUND_ALLOW"), "{private}");
    }
    assert!(verdict(&browser, &inside[2]).await.1.contains("name is not known"));
}

#[tokio::test]
async fn only_admins_check_and_only_pages_of_the_shop() {
    let mut desk = Desk::open().await;
    let (shop, other) = (Shop::of(&mut desk).await, Shop::open().await);
    let path = format!("/admin/sites/{}/check", desk.site.id);
    let supervisor = admin(&desk, Role::Supervisor).await;
    assert_eq!(supervisor.get(&path).await.0, 403);
    assert_eq!(verdict(&supervisor, &shop.at("/")).await.0, 403);
    let browser = admin(&desk, Role::Admin).await;
    let (status, html) = browser.get(&path).await;
    assert!(status == 200 && html.contains("value=\"https://shop.example/\""), "{html}");
    for bad in ["", "shop.example", "javascript:alert(1)", "file:///etc/passwd", &other.at("/"), "http://127.0.0.1/"] {
        let (status, html) = verdict(&browser, bad).await;
        assert_eq!(status, 422, "{bad}");
        assert!(html.contains("id=\"url-problem\""), "{bad}");
    }
    assert_eq!((shop.asked("/"), other.asked("/")), (0, 0));
}
