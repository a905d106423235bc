//! `deskbell replay`: chats that really were, under other rules.

use crate::harness::process::command;
use crate::harness::{Agent, Desk, Setup, Shopper, text};
use serde_json::{Value, json};
use std::time::Duration;

/// Time goes on, and the agent stays.
async fn pass(desk: &Desk, agent: &Agent, seconds: u64) {
    desk.app.clock.advance(Duration::from_secs(seconds));
    drop(agent.again(desk, json!([])).await);
}

async fn comes(desk: &Desk, cart: u32, answers: Value) -> (Shopper, String) {
    let shopper = Shopper::come(desk).await;
    shopper.send(&json!({ "type": "context", "cart": { "total": cart } }));
    shopper.probe().await;
    let ack = shopper.must(json!({ "type": "send", "body": "hello", "intake": answers })).await;
    let chat = text(&ack, "conversation").to_owned();
    (shopper, chat)
}

async fn replayed(desk: &Desk, more: &[&str]) -> (bool, String, String) {
    let mut program = command(desk, &desk.base, None);
    program.args(["replay", "--from", "2000-01-01", "--to", "2100-01-01"]).args(more);
    let done =
        program.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).output().await.unwrap();
    let said = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.success(), said(done.stdout), said(done.stderr))
}

fn about(value: &Value, expected: f64) -> bool {
    (value.as_f64().unwrap() - expected).abs() < 4.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_that_was_not_there_would_have_served_a_full_cart_first() {
    let desk = Setup::default().site(|site| site.settings.routing.grace_s = 100_000).open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let mut chats = Vec::new();
    for (cart, topic) in [(0, "a"), (20, "b"), (500, "c")] {
        chats.push(comes(&desk, cart, json!({ "topic": topic })).await);
        ana.given(&chats[0].1).await;
        pass(&desk, &ana, 5).await;
    }
    for (_, chat) in &chats {
        ana.given(chat).await;
        pass(&desk, &ana, 15).await;
        ana.close(chat).await;
    }
    std::fs::create_dir_all(&desk.mail).unwrap();
    let file = desk.mail.join("rules.json");
    let rules = json!({ "rules": [{ "when": "cart", "value": "100", "class": "vip" }] });
    std::fs::write(&file, rules.to_string()).unwrap();
    let (is_done, said, _) = replayed(&desk, &["--json", "--rules", file.to_str().unwrap()]).await;
    assert!(is_done, "{said}");
    let told: Value = serde_json::from_str(&said).unwrap();
    for column in ["happened", "present_rules", "changed_rules"] {
        assert_eq!((&told[column]["arrivals"], &told[column]["served"]), (&json!(3), &json!(3)), "{said}");
    }
    // The first takes 30 s, the others 15: so the third waits 35 s behind the second, and 20 s before it.
    assert!(about(&told["happened"]["wait_s"]["max"], 35.0), "{said}");
    assert!(about(&told["present_rules"]["wait_s"]["max"], 35.0), "{said}");
    assert_eq!(told["present_rules"]["classes"]["vip"], Value::Null);
    assert_eq!(told["changed_rules"]["classes"]["vip"]["served"], 1, "{said}");
    assert!(about(&told["changed_rules"]["classes"]["vip"]["max"], 20.0), "{said}");
    assert!(about(&told["changed_rules"]["classes"]["normal"]["max"], 40.0), "{said}");

    let (is_done, table, _) = replayed(&desk, &["--rules", file.to_str().unwrap()]).await;
    assert!(is_done && table.contains("changed rules") && table.contains("wait p90"), "{table}");
    std::fs::write(&file, r#"{ "rules": [{ "when": "moon", "value": "full" }] }"#).unwrap();
    let (is_done, _, why) = replayed(&desk, &["--rules", file.to_str().unwrap()]).await;
    assert!(!is_done && why.contains("moon"), "{why}");
}
