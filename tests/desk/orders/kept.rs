//! Answers are kept for minutes, sealed, and asked once for everybody; keys lie sealed and are never shown.

use super::{Scene, TOKEN, ask, card};
use crate::console::Browser;
use crate::harness::eventually;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

fn one(number: &str) -> Value {
    json!({ "orders": [{ "number": number }] })
}

#[tokio::test]
async fn an_answer_is_kept_for_five_minutes_unless_somebody_asks_anew() {
    let scene = Scene::open("signed").await;
    let agent = scene.agent().await;
    let chat = scene.vouched("42", "li@shop.example").await;
    scene.till.says_json(&[one("N-1")]);
    let page = agent.get(&format!("/console/c/{chat}")).await.1;
    assert!(page.contains("Load the orders") && scene.till.asked().is_empty(), "a page asks nobody");
    for _ in 0..3 {
        assert!(card(&agent, &chat).await.contains("N-1"));
    }
    assert_eq!(scene.till.asked().len(), 1);
    assert!(agent.get(&format!("/console/c/{chat}")).await.1.contains("N-1"), "what is known is on the page at once");
    scene.till.says_json(&[one("N-2")]);
    scene.desk.app.clock.advance(Duration::from_secs(10));
    assert!(card(&agent, &chat).await.contains("N-1"));
    ask(&agent, &chat).await;
    assert!(card(&agent, &chat).await.contains("N-2"), "refreshed");
    ask(&agent, &chat).await;
    assert_eq!(scene.till.asked().len(), 2, "pressed twice, asked once");
    scene.desk.app.clock.advance(Duration::from_secs(299));
    card(&agent, &chat).await;
    assert_eq!(scene.till.asked().len(), 2);
    scene.desk.app.clock.advance(Duration::from_secs(2));
    card(&agent, &chat).await;
    assert_eq!(scene.till.asked().len(), 3);
    let without_script = agent.get(&format!("/console/c/{chat}?panel=context&card=orders")).await.1;
    assert!(without_script.contains("N-2"));
}

#[tokio::test]
async fn many_who_look_at_once_ask_once_and_few_customers_are_asked_about_at_a_time() {
    let scene = Scene::open("signed").await;
    let agent = scene.agent().await;
    let chat = scene.vouched("42", "li@shop.example").await;
    scene.till.says_json(&[one("N-1")]);
    scene.till.shut(true);
    let (shown, ()) = tokio::join!(join_all((0..12).map(|_| card(&agent, &chat))), async {
        eventually("the shop is asked", async || (!scene.till.asked().is_empty()).then_some(())).await;
        scene.till.shut(false);
    });
    assert!(shown.iter().all(|shown| shown.contains("N-1")));
    assert_eq!(scene.till.asked().len(), 1);
    let chats = join_all((0..8).map(|n| async move { n }).map(|n| async {
        let n = n.await;
        scene.vouched(&format!("c{n}"), &format!("c{n}@shop.example")).await
    }))
    .await;
    scene.till.shut(true);
    let (shown, most) = tokio::join!(join_all(chats.iter().map(|chat| card(&agent, chat))), async {
        eventually("three are asked about", async || (scene.till.asked().len() == 4).then_some(())).await;
        // Whoever else would ask has had the time to.
        agent.get("/console/inbox/all").await;
        let most = scene.till.asked().len() - 1;
        scene.till.shut(false);
        most
    });
    assert_eq!(most, 3);
    assert!(shown.iter().all(|shown| shown.contains("N-1")));
}

#[tokio::test]
async fn keys_and_answers_lie_sealed_and_keys_are_never_shown() {
    let scene = Scene::open("woocommerce").await;
    let (agent, boss) = (scene.agent().await, Browser::sign_in(&scene.desk, &scene.boss).await);
    let chat = scene.vouched("42", "li@shop.example").await;
    let order = json!([{ "id": 1, "number": "N-1", "status": "completed", "billing": { "email": "li@shop.example" } }]);
    scene.till.says_json(&[order]);
    assert!(card(&agent, &chat).await.contains("N-1"));
    let admin = boss.get(&format!("/admin/sites/{}/orders", scene.desk.site.id)).await.1;
    assert!(admin.contains("what is stored") && !admin.contains(TOKEN) && !admin.contains("ck_0123456789"), "{admin}");
    let db = &scene.desk.app.db.read;
    for table in ["order_sources", "order_answers"] {
        let rows: String = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "select string_agg(t::text || convert_from(decode(encode(t.sealed, 'hex'), 'escape'), 'latin1'), ' ') from {table} t"
        )))
        .fetch_one(db)
        .await
        .unwrap();
        assert!(rows.len() > 40, "{table}");
        for plain in [TOKEN, "ck_0123456789", "li@shop.example", "N-1"] {
            assert!(!rows.contains(plain), "{plain} in {table}: {rows}");
        }
    }
    scene.desk.app.clock.advance(Duration::from_mins(6));
    eventually("what has expired is gone or passed over", async || {
        card(&agent, &chat).await;
        (scene.till.asked().len() == 2).then_some(())
    })
    .await;
    // Keys that are moved to another address are not sent there.
    sqlx::query("update order_sources set url = 'http://127.0.0.1:9/'").execute(db).await.unwrap();
    scene.desk.app.clock.advance(Duration::from_mins(6));
    assert!(card(&agent, &chat).await.contains("cannot be opened"));
    assert_eq!(scene.till.asked().len(), 2);
    let admin = boss.get(&format!("/admin/sites/{}/orders", scene.desk.site.id)).await.1;
    assert!(admin.contains("cannot be opened. Enter them again."), "{admin}");
}
