//! What a node measures, and that the dashboard, the alerts and the README speak of what there is.

use crate::harness::people::from_start;
use crate::harness::process::Process;
use crate::harness::redis::Redis;
use crate::harness::{Desk, NO_ROLES, Setup, Shopper, cid, eventually, text};
use crate::identity::{begin_as, statement};
use deskbell::measure::ALL;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const DASHBOARD: &str = include_str!("../../assets/operations/grafana.json");
const ALERTS: &str = include_str!("../../assets/operations/alerts.yml");
const README: &str = include_str!("../../README.md");

struct Scrape(String);

impl Scrape {
    async fn of(desk: &Desk, base: &str) -> Self {
        Self(desk.http.get(format!("{base}/metrics")).send().await.unwrap().text().await.unwrap())
    }

    /// The value of exactly this series.
    fn value(&self, series: &str) -> f64 {
        let line = self.0.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')));
        line.map_or(0.0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
    }

    /// The names that `# HELP` or `# TYPE` lines give.
    fn told(&self, what: &str) -> BTreeSet<&str> {
        let lines =
            self.0.lines().filter_map(|line| line.strip_prefix("# ")?.strip_prefix(what)?.trim().split(' ').next());
        lines.filter(|name| name.starts_with("deskbell_")).collect()
    }
}

/// The names a text speaks of, as families: a histogram's three series are one.
fn named(text: &str) -> BTreeSet<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_word(c)).filter(|word| word.starts_with("deskbell_"));
    words
        .map(|word| ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word))
        .collect()
}

/// A bit of everything, on two nodes: shopper on one, agent on the other.
async fn live(desk: &Desk, here: &Desk, there: &Desk) {
    let team = desk.team("Orders").await;
    let agent = there.agent("Ana", team, 5).await;
    let begin = begin_as(desk, None, &statement(desk, "li", "li@shop.example"));
    let shopper = Shopper::come_with(here, begin, json!([])).await;
    let chat = shopper.open("one").await;
    agent.given(&chat).await;
    for n in 2..=10 {
        shopper.say(&format!("message {n}")).await;
    }
    agent.message(&chat, "message 10").await;
    agent.say(&chat, "hello").await;
    shopper.message(&chat, "hello").await;
    let twice = json!({ "type": "send", "cid": cid(), "body": "twice", "files": [] });
    shopper.must(twice.clone()).await;
    assert_eq!(shopper.call(twice).await["dup"], true);
    shopper.refused(json!({ "type": "send", "body": "x".repeat(8_001), "files": [] }), "too_long").await;
    let back = shopper.again(here, from_start(&chat)).await;
    back.wait("the log", |f| f["type"] == "synced").await;
    let elsewhere = json!([{ "conversation": chat, "epoch": cid(), "after": 1, "tip": cid() }]);
    shopper.again(here, elsewhere).await.wait("reset", |f| f["type"] == "reset").await;
    let closed = agent.close(&chat).await;
    assert_eq!(text(&closed, "type"), "ack");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_measured_is_what_happened_and_what_is_shown_is_there() {
    let redis = Redis::start().await;
    let url = redis.url();
    let desk =
        Setup::default().site(|site| site.settings.transcript_at_close = true).nodes(3, &url, NO_ROLES).open().await;
    let (here, there) = (Process::start(&desk, Some(&url)).await, Process::start(&desk, Some(&url)).await);
    for base in [&here.base, &there.base] {
        eventually("the nodes reach each other", async || {
            (Scrape::of(&desk, base).await.value("deskbell_bus_up") > 0.0).then_some(())
        })
        .await;
    }
    live(&desk, &desk.node_itself().through(&here.base), &desk.node_itself().through(&there.base)).await;
    eventually("the transcript is sent", async || {
        let scrapes = [Scrape::of(&desk, &here.base).await, Scrape::of(&desk, &there.base).await];
        scrapes.iter().any(|s| s.0.contains("deskbell_letters_total{")).then_some(())
    })
    .await;
    let (here, there) = (Scrape::of(&desk, &here.base).await, Scrape::of(&desk, &there.base).await);
    for (scrape, series, expected) in [
        (&here, "deskbell_ack_seconds_count", 11.0),
        (&here, "deskbell_duplicates_total", 1.0),
        (&here, "deskbell_nacks_total{code=\"too_long\"}", 1.0),
        (&here, "deskbell_nacks_total{code=\"cid_conflict\"}", 0.0),
        (&here, "deskbell_resumes_total", 1.0),
        (&here, "deskbell_resets_total{reason=\"epoch\"}", 1.0),
        (&here, "deskbell_ready", 1.0),
        (&there, "deskbell_database_up", 1.0),
    ] {
        let value = scrape.value(series);
        assert!((value - expected).abs() < 0.1, "{series} is {value}, not {expected}");
    }
    // Over the bus to the other node: the shopper's messages there, the agent's here, and none of them after a second.
    let to_staff = there.value("deskbell_delivery_seconds_count{to=\"staff\"}");
    assert!(to_staff >= 9.0, "{to_staff}");
    assert!(here.value("deskbell_delivery_seconds_count{to=\"shopper\"}") >= 1.0);
    println!(
        "P1 ack_ms mean={:.1} · delivery_ms mean={:.1} over {to_staff} on another node",
        here.value("deskbell_ack_seconds_sum") / 11.0 * 1_000.0,
        there.value("deskbell_delivery_seconds_sum{to=\"staff\"}") / to_staff * 1_000.0
    );
    let claims = |scrape: &Scrape| scrape.value("deskbell_claims_total{outcome=\"yes\"}");
    assert!((claims(&here) + claims(&there) - 1.0).abs() < 0.1, "one claim");
    let known: BTreeSet<_> = ALL.iter().map(|measure| measure.name).collect();
    let mut exported = here.told("TYPE");
    exported.extend(there.told("TYPE"));
    let mut helped = here.told("HELP");
    helped.extend(there.told("HELP"));
    assert_eq!(exported, known, "what is exported is what `measure` names");
    assert_eq!(helped, known, "each has its help");
    for (what, text) in [("the dashboard", DASHBOARD), ("the alerts", ALERTS)] {
        let shown = named(text);
        assert!(shown.is_subset(&known), "{what} speaks of {:?}", shown.difference(&known).collect::<Vec<_>>());
    }
    let missing: Vec<_> = ALL.iter().filter(|m| !README.contains(&format!("| `{}` | {} |", m.name, m.help))).collect();
    let rows: Vec<_> = missing.iter().map(|m| format!("| `{}` | {} |", m.name, m.help)).collect();
    assert!(rows.is_empty(), "the README lacks\n{}", rows.join("\n"));
}

#[test]
fn the_dashboard_has_a_row_for_each_promise_with_thresholds_and_one_source() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    let (mut rows, mut with_limits) = (Vec::new(), BTreeSet::new());
    for panel in panels {
        assert!(ids.insert(panel["id"].as_i64().unwrap()), "{panel}");
        let title = panel["title"].as_str().unwrap();
        if panel["type"] == "row" {
            rows.push(title.split(" ·").next().unwrap());
            continue;
        }
        let steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"].as_array().unwrap();
        if steps.len() > 1 {
            with_limits.insert(*rows.last().unwrap());
        }
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
            assert!(target["expr"].as_str().unwrap().contains("job=~\"$job\""), "{title}");
        }
    }
    let promises: Vec<_> = (1..=13).map(|n| format!("P{n}")).collect();
    assert_eq!(rows[..13], promises);
    for promise in &rows[..13] {
        assert!(with_limits.contains(promise), "{promise} has no threshold");
    }
}
