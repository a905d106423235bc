//! Agents are called while nobody looks: by notification where they agreed, then by one letter; not where they have seen it,
//! look at the console, or chose to be left in peace.

mod browsers;
mod letters;

use crate::console::Browser;
use crate::harness::receiver::{Receiver, Service, signed};
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, Setup, Shopper, cid, eventually};
use crate::pages::Page;
use deskbell::alerts;
use deskbell::domain::people::Status;
use deskbell::domain::prefs::Prefs;
use deskbell::domain::routing::Mode;
use deskbell::presence;
use deskbell::store::duty::Chosen;
use deskbell::store::{people, sites};
use serde_json::{Value, json};
use std::time::Duration;

const HALF_A_MINUTE: Duration = Duration::from_secs(31);

/// Nobody loses a chat because a test moved the clock.
fn patient() -> Setup {
    Setup::default().site(|site| site.settings.routing.grace_s = 100_000)
}

fn ringing() -> Setup {
    Setup::default().site(|site| {
        site.settings.routing.mode = Mode::Offer;
        site.settings.routing.grace_s = 100_000;
    })
}

async fn agree(browser: &Browser<'_>, subscription: &Value) -> u16 {
    let url = format!("{}/console/me/browsers", browser.desk.base);
    let request = browser.desk.http.post(url).header("cookie", &browser.cookie).header("origin", &browser.desk.base);
    let request = request.header("sec-fetch-site", "same-origin").header("accept", "application/json");
    let request = request.header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0 Safari/537.36");
    request.json(&json!({ "subscription": subscription })).send().await.unwrap().status().as_u16()
}

/// A browser of theirs that agreed.
pub(crate) async fn agreed(browser: &Browser<'_>, service: &Service) -> Receiver {
    let receiver = Receiver::at(service);
    assert_eq!(agree(browser, &receiver.subscription()).await, 201);
    receiver
}

pub(crate) async fn later(desk: &Desk, by: Duration) {
    desk.app.clock.advance(by);
    alerts::look(&desk.app).await.unwrap();
}

async fn becomes(desk: &Desk, agent: &Agent, status: Status) {
    let chosen = Chosen { status, reason: "", by: None };
    presence::set_status(&desk.app, agent.staff.id, &chosen).await.unwrap();
}

/// A chat of Ana's in which the shopper wrote.
async fn chat(desk: &Desk) -> (Agent, Shopper, String) {
    let ana = desk.agent("Ana", desk.team("Orders").await, 5).await;
    let mut begin = desk.begin();
    begin["locale"] = "en".into();
    let shopper = Shopper::come_with(desk, begin, json!([])).await;
    let chat = shopper.open("How tall is the lamp?").await;
    ana.given(&chat).await;
    (ana, shopper, chat)
}

async fn reads(ana: &Agent, chat: &str) {
    ana.send(&json!({ "type": "read", "conversation": chat, "upto": 1_000 }));
    ana.probe().await;
}

#[tokio::test]
async fn a_message_that_nobody_sees_is_pushed_once_sealed_and_again_when_more_comes() {
    let (desk, service) = (patient().open().await, Service::open().await);
    let (ana, shopper, chat) = chat(&desk).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let device = agreed(&browser, &service).await;
    later(&desk, Duration::from_secs(2)).await;
    assert_eq!(service.pushed().len(), 0, "her program is here, and half a minute has not passed");
    later(&desk, HALF_A_MINUTE).await;
    let pushed = service.until(1).await.pop().unwrap();
    let notice = device.open(&pushed);
    assert_eq!(notice["title"], "Visitor writes", "{notice}");
    assert_eq!((&notice["body"], &notice["tag"]), (&json!("How tall is the lamp?"), &json!(chat)));
    assert_eq!(notice["url"], format!("/console/c/{chat}"));
    assert_eq!(
        (&pushed.headers["urgency"], &pushed.headers["ttl"]),
        (&"high".parse().unwrap(), &"3600".parse().unwrap())
    );
    assert_eq!(signed(&pushed).0["aud"], service.origin);
    later(&desk, HALF_A_MINUTE).await;
    shopper.say("And how wide?").await;
    later(&desk, Duration::from_secs(10)).await;
    assert_eq!(service.pushed().len(), 1, "told a moment ago");
    later(&desk, HALF_A_MINUTE).await;
    let more = service.until(2).await.pop().unwrap();
    assert_eq!(device.open(&more)["body"], "And how wide?");
    assert_eq!(pushed.headers["topic"], more.headers["topic"], "it takes the other's place");
    shopper.say("And how heavy?").await;
    reads(&ana, &chat).await;
    later(&desk, Duration::from_mins(3)).await;
    assert_eq!(service.pushed().len(), 2, "seen");
    assert_eq!(desk.count("select count(*) from pushes where state <> 'sent'").await, 0);
}

#[tokio::test]
async fn nothing_is_pushed_while_a_page_is_in_sight_and_at_once_when_none_is_open() {
    let (desk, service) = (patient().open().await, Service::open().await);
    let (ana, shopper, chat) = chat(&desk).await;
    reads(&ana, &chat).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let _device = agreed(&browser, &service).await;
    let page = Page::showing(&browser, vec![json!({ "topic": "list:mine" })]).await;
    let sight = async |visible: bool| {
        page.say(&json!({ "visible": visible, "probe": true }));
        eventually("it is noted", async || {
            let until: Option<chrono::DateTime<chrono::Utc>> =
                sqlx::query_scalar("select max(until) from agent_views").fetch_one(&desk.app.db.read).await.unwrap();
            let left = until.map_or(0, |until| (until - desk.app.clock.now()).num_seconds());
            ((left > 5) == visible).then_some(())
        })
        .await;
    };
    sight(true).await;
    shopper.say("Are you there?").await;
    desk.app.clock.advance(HALF_A_MINUTE);
    sight(true).await;
    alerts::look(&desk.app).await.unwrap();
    assert_eq!(service.pushed().len(), 0, "in sight");
    sight(false).await;
    later(&desk, Duration::from_secs(4)).await;
    service.until(1).await;
    reads(&ana, &chat).await;
    // Nobody is here any more: it does not wait.
    drop(page);
    drop(ana);
    eventually("her lease ended", async || {
        let now = desk.app.clock.now();
        let held: bool = sqlx::query_scalar("select exists (select from agent_leases where expires_at > $1)")
            .bind(now)
            .fetch_one(&desk.app.db.read)
            .await
            .unwrap();
        (!held).then_some(())
    })
    .await;
    shopper.say("Hello?").await;
    later(&desk, Duration::from_secs(6)).await;
    service.until(2).await;
}

#[tokio::test]
async fn what_rings_is_pushed_at_once_for_as_long_as_it_rings() {
    let (desk, service) = (ringing().open().await, Service::open().await);
    let ana = desk.agent("Ana", desk.team("Orders").await, 5).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let device = agreed(&browser, &service).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("is anybody there?").await;
    let rings = async |ana: &Agent, chat: &str| {
        ana.wait("it rings", |f| f["type"] == "offered" && f["conversation"] == chat).await;
    };
    rings(&ana, &chat).await;
    alerts::look(&desk.app).await.unwrap();
    let pushed = service.until(1).await.pop().unwrap();
    assert_eq!(device.open(&pushed)["title"], "A chat rings: Visitor");
    let ttl: i64 = pushed.headers["ttl"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&ttl), "{ttl}");
    ana.must(json!({ "type": "accept", "conversation": chat, "gen": 0, "cid": cid() })).await;
    reads(&ana, &chat).await;
    // What was accepted before the service took it is not told.
    let other = Shopper::come(&desk).await;
    service.answers(503);
    let second = other.open("me too").await;
    rings(&ana, &second).await;
    alerts::look(&desk.app).await.unwrap();
    service.until(2).await;
    ana.must(json!({ "type": "accept", "conversation": second, "gen": 0, "cid": cid() })).await;
    reads(&ana, &second).await;
    service.answers(201);
    later(&desk, HALF_A_MINUTE).await;
    assert_eq!(service.pushed().len(), 2);
    eventually("it is withdrawn", async || {
        (desk.count("select count(*) from pushes where state = 'waiting'").await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_is_named_in_a_note_is_told_until_they_look_and_not_while_they_are_away() {
    let (desk, service) = (patient().open().await, Service::open().await);
    let (ana, _shopper, chat) = chat(&desk).await;
    let ben = desk.agent("Ben", desk.team("Returns").await, 5).await;
    let orders = sites::team_named(&desk.app.db.read, desk.site.id, "Orders").await.unwrap().unwrap();
    people::join_team(&desk.app.db.read, desk.site.id, orders.id, ben.staff.id).await.unwrap();
    let hers = Browser::sign_in(&desk, &ana.staff).await;
    let his = Browser::sign_in(&desk, &ben.staff).await;
    let device = agreed(&his, &service).await;
    let note = async |body: &str| {
        let (status, answer) = hers.post(&format!("/console/c/{chat}/note"), &[("cid", &cid()), ("body", body)]).await;
        assert_eq!(status, 200, "{answer}");
    };
    note("@Ben is this one yours?").await;
    later(&desk, HALF_A_MINUTE).await;
    let pushed = service.until(1).await.pop().unwrap();
    let notice = device.open(&pushed);
    assert_eq!(notice["title"], "Ana mentions you in a note");
    assert_eq!(notice["body"], "@Ben is this one yours?");
    note("@Ben?").await;
    assert_eq!(his.get(&format!("/console/c/{chat}")).await.0, 200);
    later(&desk, Duration::from_mins(2)).await;
    assert_eq!(service.pushed().len(), 1, "he has looked");
    becomes(&desk, &ben, Status::Away).await;
    note("@Ben!").await;
    later(&desk, Duration::from_mins(2)).await;
    assert_eq!(service.pushed().len(), 1, "he is away");
    becomes(&desk, &ben, Status::Busy).await;
    later(&desk, Duration::from_secs(1)).await;
    service.until(2).await;
    // Whoever may not open it any more is not told of it.
    note("@Ben, once more").await;
    let leaves = sqlx::query("delete from team_members where agent_id = $1").bind(ben.staff.id);
    leaves.execute(&desk.app.db.read).await.unwrap();
    later(&desk, Duration::from_mins(2)).await;
    assert_eq!(service.pushed().len(), 2);
    assert_eq!(desk.count("select count(*) from mentions where seen_at is null").await, 0);
}

#[tokio::test]
async fn who_wants_nothing_shown_is_told_nothing_and_who_wants_no_push_gets_none() {
    let (desk, service) = (patient().open().await, Service::open().await);
    let (ana, shopper, chat) = chat(&desk).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let device = agreed(&browser, &service).await;
    let prefs = Prefs { is_discreet: true, mail_after_min: 0, ..Prefs::default() };
    desk.prefers(ana.staff.id, &prefs).await;
    later(&desk, HALF_A_MINUTE).await;
    let notice = device.open(&service.until(1).await[0]);
    assert_eq!((&notice["title"], &notice["body"]), (&json!("A shopper writes"), &json!("")));
    reads(&ana, &chat).await;
    desk.prefers(ana.staff.id, &Prefs { push_after_s: 0, ..prefs }).await;
    shopper.say("still there?").await;
    later(&desk, Duration::from_mins(10)).await;
    assert_eq!(service.pushed().len(), 1);
}

#[tokio::test]
async fn two_nodes_push_once_and_write_one_letter() {
    let redis = Redis::start().await;
    let first = patient().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let (second, service) = (first.node(ALL_ROLES).await, Service::open().await);
    let (ana, _shopper, _chat) = chat(&first).await;
    first.prefers(ana.staff.id, &Prefs::default()).await;
    let browser = Browser::sign_in(&first, &ana.staff).await;
    let _device = agreed(&browser, &service).await;
    for desk in [&first, &second] {
        desk.app.clock.advance(Duration::from_mins(6));
    }
    let looks = (0..8).map(|n| alerts::look(if n % 2 == 0 { &first.app } else { &second.app }));
    for looked in futures_util::future::join_all(looks).await {
        looked.unwrap();
    }
    service.until(1).await;
    first.letters_until(1).await;
    assert_eq!(first.count("select count(*) from pushes").await, 1);
    assert_eq!(first.count("select count(*) from outbox").await, 1);
    assert_eq!(service.pushed().len(), 1);
}
