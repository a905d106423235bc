//! The browsers of an agent: theirs alone, as long as they are signed in there; the worker and the manifest.

use super::{HALF_A_MINUTE, agree, agreed, chat, later, patient};
use crate::console::Browser;
use crate::harness::receiver::{Receiver, Service};
use crate::harness::{Desk, Hire, eventually};
use serde_json::{Value, json};

#[tokio::test]
async fn a_browser_is_listed_removed_by_its_owner_alone_and_goes_with_its_session() {
    let (desk, service) = (patient().open().await, Service::open().await);
    let (ana, _shopper, _chat) = chat(&desk).await;
    let (one, two) = (Browser::sign_in(&desk, &ana.staff).await, Browser::sign_in(&desk, &ana.staff).await);
    let (_first, second) = (agreed(&one, &service).await, agreed(&two, &service).await);
    let ben = desk.hire("Ben", Hire::default()).await;
    let his = Browser::sign_in(&desk, &ben).await;
    let (_, page) = one.get("/console/me").await;
    assert_eq!(page.matches("Chrome · Linux").count(), 4, "two lines, and whose each button is");
    assert_eq!(page.matches("this browser").count(), 1);
    assert!(page.contains("data-is-on=\"true\""));
    let (_, his_page) = his.get("/console/me").await;
    assert!(!his_page.contains("Chrome · Linux") && his_page.contains("data-is-on=\"false\""));
    let path = page.split("action=\"").find(|part| part.starts_with("/console/me/browsers/")).unwrap();
    let path = path.split('"').next().unwrap();
    assert_eq!(his.submit(path, &[]).await.0, 303);
    let count = async || desk.count("select count(*) from agent_browsers").await;
    assert_eq!(count().await, 2, "not his");
    assert_eq!(one.submit(path, &[]).await.0, 303);
    assert_eq!(count().await, 1);
    // Agreeing again with the same browser keeps one, and a colleague who signs in there takes it over.
    assert_eq!(agree(&one, &second.subscription()).await, 201);
    assert_eq!(agree(&one, &second.subscription()).await, 201);
    assert_eq!(count().await, 1);
    assert_eq!(agree(&his, &second.subscription()).await, 201);
    assert_eq!(
        desk.count("select count(*) from agent_browsers b join agents a on a.id = b.agent_id and a.name = 'Ben'").await,
        1
    );
    assert_eq!(his.submit("/console/logout", &[]).await.0, 303);
    assert_eq!(count().await, 0, "signed out");
    let _again = agreed(&one, &service).await;
    sqlx::query("update agents set disabled_at = now() where id = $1")
        .bind(ana.staff.id)
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    assert_eq!(count().await, 0, "switched off");
    later(&desk, HALF_A_MINUTE).await;
    assert_eq!(service.pushed().len(), 0);
}

#[tokio::test]
async fn a_session_that_has_expired_and_a_service_that_says_gone_end_it() {
    let (desk, service) = (patient().open().await, Service::open().await);
    let (ana, _shopper, _chat) = chat(&desk).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let _device = agreed(&browser, &service).await;
    sqlx::query("update sessions set expires_at = '-infinity' where kind = 'console'")
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    later(&desk, HALF_A_MINUTE).await;
    assert_eq!(service.pushed().len(), 0, "expired");
    let again = Browser::sign_in(&desk, &ana.staff).await;
    let _device = agreed(&again, &service).await;
    service.answers(410);
    later(&desk, HALF_A_MINUTE).await;
    service.until(1).await;
    eventually("it is forgotten", async || {
        (desk
            .count(
                "select count(*) from agent_browsers b join sessions s on s.id = b.session_id and s.expires_at > now()",
            )
            .await
            == 0)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_no_browser_or_leads_inside_is_refused_and_so_is_who_is_not_signed_in() {
    let (desk, service) = (Desk::open().await, Service::open().await);
    let staff = desk.hire("Ana", Hire::default()).await;
    let browser = Browser::sign_in(&desk, &staff).await;
    let good = Receiver::at(&service).subscription();
    for endpoint in ["http://127.0.0.2/x", "https://10.0.0.1/x", "https://[::1]/x", "ftp://127.0.0.1/", "nothing", ""] {
        let mut bad = good.clone();
        bad["endpoint"] = endpoint.into();
        assert_eq!(agree(&browser, &bad).await, 422, "{endpoint}");
    }
    for broken in [json!([]), json!({ "endpoint": 7 }), Value::Null] {
        assert_eq!(agree(&browser, &broken).await, 400, "{broken}");
    }
    let nobody = desk.http.post(format!("{}/console/me/browsers", desk.base)).header("origin", &desk.base);
    let nobody = nobody.header("accept", "application/json").json(&json!({ "subscription": good }));
    assert_eq!(nobody.send().await.unwrap().status(), 401);
    let foreign = desk.http.post(format!("{}/console/me/browsers", desk.base)).header("origin", "https://evil.example");
    let foreign = foreign.header("sec-fetch-site", "cross-site").header("cookie", &browser.cookie);
    let foreign = foreign.json(&json!({ "subscription": good })).send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    assert_eq!(desk.count("select count(*) from agent_browsers").await, 0);
}

#[tokio::test]
async fn the_app_has_a_manifest_and_a_worker_that_is_asked_for_anew() {
    let desk = Desk::open().await;
    let get = async |path: &str| desk.http.get(format!("{}{path}", desk.base)).send().await.unwrap();
    for (lang, word) in [
        ("en", "No connection"),
        ("de", "Keine Verbindung"),
        ("zh-CN", "没有连接"),
        ("ar", "لا يوجد اتصال"),
        ("xx", "No connection"),
    ] {
        let worker = get(&format!("/console/sw.js?lang={lang}")).await;
        let header = |name: &str| worker.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((header("service-worker-allowed"), header("cache-control")), ("/console".into(), "no-cache".into()));
        assert_eq!(header("content-type"), "text/javascript; charset=utf-8");
        assert!(header("content-security-policy").contains("worker-src 'self'"));
        assert!(worker.text().await.unwrap().contains(word), "{lang}");
    }
    let manifest = get("/console/manifest.webmanifest").await;
    assert_eq!(manifest.headers()["content-type"], "application/manifest+json");
    let manifest: Value = manifest.json().await.unwrap();
    assert_eq!(manifest["start_url"], "/console/inbox/mine");
    for icon in manifest["icons"].as_array().unwrap() {
        let answer = get(icon["src"].as_str().unwrap()).await;
        assert_eq!(answer.status(), 200, "{icon}");
        assert_eq!(answer.headers()["content-type"], icon["type"].as_str().unwrap());
    }
}
