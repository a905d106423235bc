//! Notifications: only to browsers whose owner agreed, sealed for them, one for all that is unread, and nothing that is known.

use crate::harness::receiver::{Receiver, Service, signed};
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, SHOP, Setup, Shopper, eventually, number, text};
use crate::identity::{begin_as, statement};
use crate::place::leaves;
use deskbell::push::Key;
use deskbell::reminders;
use deskbell::store::{push, sites};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Longer than everybody's patience with a shopper who is away.
const A_WHILE: Duration = Duration::from_mins(1);

async fn ask(desk: &Desk, token: &str) -> (u16, Value) {
    let request = desk.http.post(format!("{}/v1/shopper/notify", desk.base)).bearer_auth(token).header("origin", SHOP);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

/// The code of an address that the panel asked for.
async fn code(desk: &Desk, token: &str) -> String {
    let (status, answer) = ask(desk, token).await;
    assert_eq!(status, 200, "{answer}");
    let url = text(&answer, "url");
    assert!(url.starts_with(&format!("/w/{}/notify/", desk.site.public_key)), "{url}");
    url.rsplit_once('/').unwrap().1.to_owned()
}

async fn told(desk: &Desk, method: Method, body: &Value) -> u16 {
    let url = format!("{}/v1/shopper/notify/subscription", desk.base);
    let request = desk.http.request(method, url).header("origin", &desk.base);
    request.body(body.to_string()).send().await.unwrap().status().as_u16()
}

async fn agree(desk: &Desk, code: &str, subscription: &Value) -> u16 {
    told(desk, Method::POST, &json!({ "site": desk.site.public_key, "code": code, "subscription": subscription })).await
}

/// A shopper's browser that agreed.
pub(crate) async fn agreed(desk: &Desk, service: &Service, token: &str) -> Receiver {
    let receiver = Receiver::at(service);
    assert_eq!(agree(desk, &code(desk, token).await, &receiver.subscription()).await, 201);
    receiver
}

struct Scene {
    desk: Desk,
    service: Service,
    ana: Agent,
    browser: Receiver,
    chat: String,
    token: String,
}

/// A chat whose shopper agreed and has left.
async fn away(desk: Desk) -> Scene {
    let service = Service::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("How tall is the lamp?").await;
    ana.given(&chat).await;
    let token = shopper.token.clone();
    let browser = agreed(&desk, &service, &token).await;
    leaves(&desk, shopper, &chat).await;
    Scene { desk, service, ana, browser, chat, token }
}

impl Scene {
    async fn later(&self) {
        self.desk.app.clock.advance(A_WHILE);
        reminders::look(&self.desk.app).await.unwrap();
    }

    async fn count(&self, statement: &'static str) -> i64 {
        self.desk.count(statement).await
    }

    /// Ana answers, once she has the chat: the clock that was moved may have taken it from her for a moment.
    async fn answers(&self, body: &str) {
        let send = json!({ "type": "send", "conversation": self.chat, "body": body, "files": [] });
        eventually("Ana has it", async || {
            let answer = self.ana.call(send.clone()).await;
            (answer["type"] == "ack").then_some(())
        })
        .await;
    }

    /// The shopper is back for a moment and reads everything.
    async fn reads(&self) {
        let mut begin = self.desk.begin();
        begin["token"] = self.token.clone().into();
        let shopper = Shopper::come_with(&self.desk, begin, json!([])).await;
        let head = number(&shopper.session["conversation"], "head");
        shopper.send(&json!({ "type": "read", "conversation": self.chat, "upto": head }));
        shopper.probe().await;
        leaves(&self.desk, shopper, &self.chat).await;
    }
}

#[tokio::test]
async fn an_answer_after_the_shopper_left_arrives_sealed_and_signed() {
    let scene = away(Desk::open().await).await;
    let page = format!(
        "{}/w/{}/notify/{}",
        scene.desk.base,
        scene.desk.site.public_key,
        code(&scene.desk, &scene.token).await
    );
    let html = scene.desk.http.get(page).send().await.unwrap().text().await.unwrap();
    scene.ana.say(&scene.chat, "42 cm, a secret").await;
    scene.later().await;
    let pushed = scene.service.until(1).await.pop().unwrap();
    let notice = scene.browser.open(&pushed);
    assert_eq!(notice["title"], "You have a new answer from Tea & Things");
    assert_eq!((&notice["body"], &notice["url"]), (&json!(""), &json!(format!("{SHOP}/"))), "{notice}");
    let (claims, key) = signed(&pushed);
    assert_eq!(claims["aud"], scene.service.origin);
    assert_eq!(claims["sub"], "mailto:help@desk.example");
    let left = number(&claims, "exp") - scene.desk.app.clock.now().timestamp();
    assert!((1..=86_400).contains(&left), "{left}");
    assert!(html.contains(&format!("data-key=\"{key}\"")), "the page offers the key it is sent with");
    assert!(scene.browser.endpoint.ends_with(&pushed.path));
    assert_eq!(pushed.headers["content-encoding"], "aes128gcm");
    assert_eq!(pushed.headers["ttl"], "86400");
    assert!(pushed.headers["topic"].len() <= 32 && pushed.body.len() <= 4_096);
    let stored: Vec<u8> =
        sqlx::query_scalar("select sealed from push_key").fetch_one(&scene.desk.app.db.read).await.unwrap();
    assert!(stored.len() > 32, "sealed");
}

#[tokio::test]
async fn all_that_is_unread_is_told_once_and_what_comes_after_reading_anew() {
    let scene = away(Desk::open().await).await;
    for body in ["one", "two"] {
        scene.ana.say(&scene.chat, body).await;
    }
    scene.later().await;
    scene.service.until(1).await;
    scene.answers("three").await;
    scene.later().await;
    scene.later().await;
    assert_eq!(scene.service.pushed().len(), 1, "they have not read the first ones");
    scene.reads().await;
    scene.later().await;
    assert_eq!(scene.service.pushed().len(), 1, "nothing is unread");
    scene.answers("four").await;
    scene.later().await;
    let pushed = scene.service.until(2).await;
    assert_eq!(pushed[0].headers["topic"], pushed[1].headers["topic"], "they replace each other");
}

#[tokio::test]
async fn who_is_here_or_has_written_since_is_not_told() {
    let desk = Desk::open().await;
    let service = Service::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    let _browser = agreed(&desk, &service, &shopper.token).await;
    ana.say(&chat, "hello yourself").await;
    shopper.message(&chat, "hello yourself").await;
    desk.app.clock.advance(A_WHILE);
    reminders::look(&desk.app).await.unwrap();
    assert_eq!(service.pushed().len(), 0, "here");
    shopper.say("thank you").await;
    leaves(&desk, shopper, &chat).await;
    reminders::look(&desk.app).await.unwrap();
    assert_eq!(service.pushed().len(), 0, "answered");
    assert_eq!(desk.count("select count(*) from pushes").await, 0);
}

#[tokio::test]
async fn what_was_taken_back_is_not_told_and_what_follows_is() {
    let scene = away(Desk::open().await).await;
    let wrong = scene.ana.say(&scene.chat, "wrong window").await;
    scene.service.answers(503);
    scene.later().await;
    scene.service.until(1).await;
    scene.ana.must(json!({ "type": "recall", "event": wrong["id"], "conversation": scene.chat })).await;
    scene.service.answers(201);
    scene.later().await;
    assert_eq!(scene.service.pushed().len(), 1, "it was not tried again");
    assert_eq!(scene.count("select count(*) from pushes").await, 0);
    scene.answers("42 cm").await;
    scene.later().await;
    scene.service.until(2).await;
}

#[tokio::test]
async fn a_browser_that_is_gone_is_forgotten_and_a_service_that_stumbles_is_tried_again() {
    let scene = away(Desk::open().await).await;
    scene.service.answers(500);
    scene.ana.say(&scene.chat, "42 cm").await;
    scene.later().await;
    scene.service.until(1).await;
    scene.service.answers(201);
    scene.later().await;
    scene.service.until(2).await;
    eventually("it is noted as sent", async || {
        (scene.count("select count(*) from pushes where state = 'sent'").await == 1).then_some(())
    })
    .await;
    scene.reads().await;
    scene.service.answers(410);
    scene.answers("and blue").await;
    scene.later().await;
    scene.service.until(3).await;
    eventually("it is forgotten", async || {
        (scene.count("select count(*) from push_subscriptions").await == 0).then_some(())
    })
    .await;
    scene.later().await;
    assert_eq!(scene.service.pushed().len(), 3);
}

#[tokio::test]
async fn an_address_is_good_once_for_ten_minutes_and_for_its_own_shop() {
    let desk = Desk::open().await;
    let service = Service::open().await;
    let shopper = Shopper::come(&desk).await;
    assert_eq!(shopper.session["site"]["push"], true);
    assert_eq!(ask(&desk, "nobody").await.0, 401);
    let browser = Receiver::at(&service).subscription();
    let code_of = async || code(&desk, &shopper.token).await;
    let page = async |code: &str| {
        let url = format!("{}/w/{}/notify/{code}", desk.base, desk.site.public_key);
        desk.http.get(url).header("accept-language", "de").send().await.unwrap()
    };
    let good = code_of().await;
    for _ in 0..2 {
        let answer = page(&good).await;
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(
            (&answer.headers()["referrer-policy"], &answer.headers()["cache-control"]),
            (&"no-referrer".parse().unwrap(), &"no-store".parse().unwrap())
        );
        let html = answer.text().await.unwrap();
        assert!(html.contains("when Tea &#38; Things answers") && html.contains("data-known=\"true\""), "{html}");
    }
    assert_eq!(agree(&desk, &good, &browser).await, 201);
    assert_eq!(agree(&desk, &good, &browser).await, 404, "used up");
    let spent = page(&good).await;
    assert_eq!(spent.status(), 404);
    assert!(spent.text().await.unwrap().contains("Dieser Link ist abgelaufen"));
    let (first, second) = (code_of().await, code_of().await);
    assert_eq!(agree(&desk, &first, &browser).await, 404, "a newer one was asked for");
    let other = desk.second_site().await;
    let elsewhere = json!({ "site": other.public_key, "code": second, "subscription": browser });
    assert_eq!(told(&desk, Method::POST, &elsewhere).await, 404);
    desk.app.clock.advance(Duration::from_secs(601));
    assert_eq!(agree(&desk, &second, &browser).await, 404, "too late");
    assert_eq!(agree(&desk, "made-up", &browser).await, 404);
    let foreign = desk.http.post(format!("{}/v1/shopper/notify", desk.base)).bearer_auth(&shopper.token);
    assert_eq!(foreign.header("origin", "https://evil.example").send().await.unwrap().status(), 403);
    let worker = desk.http.get(format!("{}/w/sw.js", desk.base)).send().await.unwrap();
    assert_eq!(
        (worker.status().as_u16(), &worker.headers()["content-type"]),
        (200, &"text/javascript; charset=utf-8".parse().unwrap())
    );
}

#[tokio::test]
async fn what_is_no_browser_or_leads_inside_is_refused_when_it_is_saved_and_when_it_is_sent() {
    let scene = away(Desk::open().await).await;
    let desk = &scene.desk;
    let good = Receiver::at(&scene.service).subscription();
    let with = |field: &str, value: Value| {
        let mut bad = good.clone();
        if field == "endpoint" {
            bad["endpoint"] = value;
        } else {
            bad["keys"][field] = value;
        }
        bad
    };
    let inside = [
        "http://127.0.0.2/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "http://shop.example/x",
        "ftp://127.0.0.1/",
        "https://me@push.example/",
        "nothing",
        "",
    ];
    let mut bad: Vec<Value> = inside.iter().map(|endpoint| with("endpoint", json!(endpoint))).collect();
    bad.extend([
        with("p256dh", json!("AAAA")),
        with("auth", json!("AAAA")),
        with("auth", json!("%")),
        with("endpoint", json!("x".repeat(5_000))),
    ]);
    let fresh = code(desk, &scene.token).await;
    for subscription in bad {
        assert_eq!(agree(desk, &fresh, &subscription).await, 422, "{subscription}");
    }
    for broken in [json!([]), json!({}), json!({ "endpoint": 7, "keys": {} }), Value::Null] {
        assert_eq!(agree(desk, &fresh, &broken).await, 400, "{broken}");
    }
    assert_eq!(agree(desk, &fresh, &good).await, 201, "a refusal uses nothing up");
    // What was saved may lead inside by the time it is sent.
    sqlx::query("update push_subscriptions set endpoint = 'https://10.0.0.1/x'")
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    scene.ana.say(&scene.chat, "42 cm").await;
    scene.later().await;
    eventually("they are forgotten", async || {
        (scene.count("select count(*) from push_subscriptions").await == 0).then_some(())
    })
    .await;
    assert_eq!(scene.service.pushed().len(), 0);
}

#[tokio::test]
async fn a_shopper_has_five_browsers_and_may_take_each_back() {
    let scene = away(Desk::open().await).await;
    let desk = &scene.desk;
    let mut browsers = vec![];
    for _ in 0..6 {
        desk.app.clock.advance(A_WHILE);
        browsers.push(agreed(desk, &scene.service, &scene.token).await);
    }
    assert_eq!(scene.count("select count(*) from push_subscriptions").await, 5);
    let ending = |endpoint: &str| json!({ "site": desk.site.public_key, "endpoint": endpoint });
    assert_eq!(told(desk, Method::DELETE, &ending(&browsers[5].endpoint)).await, 204);
    assert_eq!(told(desk, Method::DELETE, &ending("https://push.example/guess")).await, 204, "nothing is told by it");
    scene.answers("42 cm").await;
    scene.later().await;
    let pushed = scene.service.until(4).await;
    for browser in &browsers[1..5] {
        let own = pushed.iter().find(|pushed| browser.endpoint.ends_with(&pushed.path)).expect("each is told");
        assert_eq!(browser.open(own)["title"], "You have a new answer from Tea & Things");
    }
    assert_eq!(pushed.len(), 4);
}

#[tokio::test]
async fn who_signs_out_is_forgotten_and_who_is_recognised_is_kept() {
    let desk = Desk::open().await;
    let service = Service::open().await;
    let shopper = Shopper::come(&desk).await;
    shopper.open("hello").await;
    let _browser = agreed(&desk, &service, &shopper.token).await;
    let proof = statement(&desk, "42", "li@shop.example");
    let known = Shopper::come_with(&desk, begin_as(&desk, Some(&shopper.token), &proof), json!([])).await;
    let owner = "select count(*) from push_subscriptions b join shoppers s on s.id = b.shopper_id where s.verified";
    assert_eq!(desk.count(owner).await, 1);
    let gone = desk.http.delete(format!("{}/v1/shopper/session", desk.base)).bearer_auth(&known.token).send().await;
    assert_eq!(gone.unwrap().status(), 204);
    assert_eq!(desk.count("select count(*) from push_subscriptions").await, 0);
}

#[tokio::test]
async fn a_shop_may_show_the_text_or_do_without() {
    let shown = Setup::default().site(|site| site.settings.notify.push_text = true).open().await;
    let scene = away(shown).await;
    scene.ana.say(&scene.chat, "42 cm").await;
    scene.later().await;
    let pushed = scene.service.until(1).await;
    assert_eq!(scene.browser.open(&pushed[0])["body"], "42 cm");
    let mut site = scene.desk.site.clone();
    site.settings.notify.push = false;
    sites::update(&scene.desk.app.db.read, &site, None).await.unwrap();
    eventually("the setting holds", async || {
        let known = deskbell::conversations::site_by_id(&scene.desk.app, site.id).await.unwrap();
        let (_, session) = scene.desk.session(&scene.desk.begin()).await;
        (!known.settings.notify.push && session["site"]["push"] == false).then_some(())
    })
    .await;
    assert_eq!(ask(&scene.desk, &scene.token).await.0, 409);
    scene.reads().await;
    scene.answers("and blue").await;
    scene.later().await;
    assert_eq!(scene.service.pushed().len(), 1);
}

#[tokio::test]
async fn two_nodes_use_one_key_and_tell_once() {
    let redis = Redis::start().await;
    let first = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let second = first.node(ALL_ROLES).await;
    let keys =
        futures_util::future::join_all((0..8).map(|n| Key::load(if n % 2 == 0 { &first.app } else { &second.app })))
            .await;
    let keys: Vec<_> = keys.into_iter().map(|key| key.unwrap().public()).collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    let scene = away(first).await;
    eventually("both know that they left", async || {
        let id = deskbell::domain::id::ConversationId(scene.chat.parse().unwrap());
        let left = deskbell::presence::shoppers::of(&second.app, id).await;
        (left == deskbell::presence::shoppers::Presence::Left).then_some(())
    })
    .await;
    scene.ana.say(&scene.chat, "42 cm").await;
    for desk in [&scene.desk, &second] {
        desk.app.clock.advance(A_WHILE);
    }
    let looks = (0..6).map(|n| reminders::look(if n % 2 == 0 { &scene.desk.app } else { &second.app }));
    for looked in futures_util::future::join_all(looks).await {
        looked.unwrap();
    }
    scene.service.until(1).await;
    assert_eq!(scene.service.pushed().len(), 1);
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_is_made_anew() {
    let scene = away(Desk::open().await).await;
    let before = Key::load(&scene.desk.app).await.unwrap().public();
    assert_eq!(Key::load(&scene.desk.app).await.unwrap().public(), before);
    // As if SECRET_KEY were another one.
    sqlx::query("update push_key set sealed = overlay(sealed placing '\\x00'::bytea from 20)")
        .execute(&scene.desk.app.db.read)
        .await
        .unwrap();
    let after = Key::load(&scene.desk.app).await.unwrap().public();
    assert_ne!(before, after);
    assert_eq!(scene.count("select count(*) from push_subscriptions").await, 0, "they agreed to the old one");
    assert!(push::key(&scene.desk.app.db.read).await.unwrap().is_some());
}
