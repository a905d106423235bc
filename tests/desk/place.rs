//! A kept place in line: the tab may be closed, a letter calls, a place is held, and nobody comes in by another's link.

use crate::fallback::stream;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, SHOP, Setup, Shopper, cid, eventually, text};
use crate::identity::{begin_as, statement};
use deskbell::app;
use deskbell::domain::id::ConversationId;
use deskbell::domain::site::Site;
use deskbell::realtime::hub::Topic;
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::time::Duration;

const HOLD: Duration = Duration::from_secs(10);

/// A shop that holds a place for ten seconds, which no agent's lease feels.
fn short_hold(site: &mut Site) {
    site.settings.routing.hold_s = 10;
}

async fn shop() -> Desk {
    Setup::default().site(short_hold).open().await
}

/// Ana, and a chat that takes her only place.
async fn busy_ana(desk: &Desk) -> (Agent, String) {
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let first = Shopper::come(desk).await;
    let chat = first.open("I am first").await;
    ana.given(&chat).await;
    desk.app.clock.advance(Duration::from_secs(1));
    (ana, chat)
}

async fn ask(desk: &Desk, token: &str, method: Method, body: &str) -> (u16, Value) {
    let request = desk.http.request(method, format!("{}/v1/shopper/place", desk.base)).bearer_auth(token);
    let answer = request.header("origin", SHOP).body(body.to_owned()).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn keep(desk: &Desk, shopper: &Shopper, email: &str) {
    let (status, answer) = ask(desk, &shopper.token, Method::POST, &json!({ "email": email }).to_string()).await;
    assert_eq!((status, &answer["email"]), (200, &json!(email)), "{answer}");
}

/// Somebody who waits, keeps their place and closes the tab.
async fn away(desk: &Desk, email: &str) -> (String, String) {
    let shopper = Shopper::come(desk).await;
    let chat = shopper.open("<b>Buy pills at evil.example</b>").await;
    keep(desk, &shopper, email).await;
    let token = shopper.token.clone();
    leaves(desk, shopper, &chat).await;
    desk.app.clock.advance(Duration::from_secs(1));
    (chat, token)
}

fn id(chat: &str) -> ConversationId {
    ConversationId(chat.parse().unwrap())
}

/// Nobody views it any more, and the patience with those who only change the page is over.
pub(crate) async fn leaves(desk: &Desk, shopper: Shopper, chat: &str) {
    drop(shopper);
    eventually("the tab is closed", async || (!desk.app.hub.has_listeners(Topic::InView(id(chat)))).then_some(()))
        .await;
    desk.app.here.look(&HashSet::new(), app::instant() + Duration::from_secs(11), false);
}

pub(crate) async fn back(desk: &Desk, token: &str) -> Shopper {
    let mut begin = desk.begin();
    begin["token"] = token.into();
    Shopper::come_with(desk, begin, json!([])).await
}

async fn is(desk: &Desk, what: &str, chat: &str, statement: &'static str) {
    eventually(what, async || {
        let query = sqlx::query_scalar(statement).bind(id(chat).0);
        let found: bool = query.fetch_one(&desk.app.db.read).await.unwrap();
        found.then_some(())
    })
    .await;
}

async fn held(desk: &Desk, chat: &str) {
    is(
        desk,
        "a place is held",
        chat,
        "select reserved_as is not distinct from 'hold' from conversations where id = $1",
    )
    .await;
}

async fn missed(desk: &Desk, chat: &str) {
    is(desk, "they did not come", chat, "select missed_at is not null from conversations where id = $1").await;
}

/// The link in the only letter there is for this address.
async fn link(desk: &Desk, to: &str) -> String {
    let letter = eventually("the letter that calls", async || {
        let mut letters = desk.letters();
        letters.retain(|letter| letter.to == to);
        letters.pop()
    })
    .await;
    let start = letter.text.find(&desk.base).expect("a link");
    letter.text[start..].split_whitespace().next().unwrap().to_owned()
}

async fn exchange(desk: &Desk, site: &str, code: &str) -> (u16, Value) {
    let request = desk.http.post(format!("{}/v1/shopper/place/session", desk.base)).header("origin", &desk.base);
    let answer = request.body(json!({ "site": site, "code": code }).to_string()).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

/// What tapping the link does: the page, and its script's exchange.
pub(crate) async fn tap(desk: &Desk, link: &str) -> String {
    let page = desk.http.get(link).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let (_, code) = link.rsplit_once('/').unwrap();
    let (status, answer) = exchange(desk, &desk.site.public_key, code).await;
    assert_eq!(status, 200, "{answer}");
    text(&answer, "token").to_owned()
}

async fn places(desk: &Desk) -> i64 {
    desk.count("select count(*) from outbox where kind = 'place'").await
}

#[tokio::test]
async fn who_keeps_a_place_is_called_once_and_finds_it_held_behind_the_link() {
    let desk = shop().await;
    let (ana, busy) = busy_ana(&desk).await;
    let (chat, _) = away(&desk, "li@home.example").await;
    let link = link(&desk, "li@home.example").await;
    let letter = desk.letters().pop().unwrap();
    assert!(letter.subject.contains("your turn") && letter.subject.contains("Tea & Things"), "{}", letter.subject);
    assert!(letter.html.contains(&link) && !letter.text.contains("pills") && !letter.html.contains("pills"));
    ana.close(&busy).await;
    held(&desk, &chat).await;
    ana.probe().await;
    assert!(!ana.has(&chat), "nothing rings while the shopper is called");
    // A scanner that follows the link takes nothing.
    for _ in 0..2 {
        let page = desk.http.get(&link).send().await.unwrap();
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(page.headers()["referrer-policy"], "no-referrer");
        assert_eq!(page.headers()["cache-control"], "no-store");
        let html = page.text().await.unwrap();
        assert!(html.contains("Tea &#38; Things") && !html.contains(&chat) && !html.contains("pills"));
    }
    let shopper = back(&desk, &tap(&desk, &link).await).await;
    let conversation = &shopper.session["conversation"];
    assert_eq!((&conversation["id"], &conversation["place_kept"]), (&json!(chat), &json!(true)));
    assert_eq!(conversation["place_email"], Value::Null, "a link tells no address");
    ana.given(&chat).await;
    shopper.kind(&chat, "assigned").await;
    // Tapped again it works, and nobody is written to twice.
    tap(&desk, &link).await;
    desk.outbox_empty().await;
    assert_eq!((places(&desk).await, desk.letters().len()), (1, 1));
    let kinds: Vec<String> = sqlx::query_scalar("select kind from decisions where conversation_id = $1 order by n")
        .bind(id(&chat).0)
        .fetch_all(&desk.app.db.read)
        .await
        .unwrap();
    assert_eq!(kinds, ["held", "assigned"]);
}

#[tokio::test]
async fn who_does_not_come_is_passed_over_and_next_once_they_are_back() {
    let desk = shop().await;
    let (ana, busy) = busy_ana(&desk).await;
    let (chat, token) = away(&desk, "li@home.example").await;
    let second = Shopper::come(&desk).await;
    let second_chat = second.open("I am here").await;
    ana.close(&busy).await;
    held(&desk, &chat).await;
    assert!(!ana.has(&second_chat), "the place counts while it is held");
    desk.app.clock.advance(HOLD + Duration::from_secs(1));
    missed(&desk, &chat).await;
    ana.given(&second_chat).await;
    let third = Shopper::come(&desk).await;
    let third_chat = third.open("I came last").await;
    third
        .until("whoever was passed over is nobody to wait for", |state| {
            state.frames.iter().any(|f| f["type"] == "queue" && f["position"] == 1).then_some(())
        })
        .await;
    let shopper = back(&desk, &token).await;
    assert_eq!(shopper.session["conversation"]["place_email"], "li@home.example");
    is(&desk, "they are in line again", &chat, "select missed_at is null from conversations where id = $1").await;
    ana.close(&second_chat).await;
    ana.given(&chat).await;
    assert!(!ana.has(&third_chat), "their place was kept");
    assert_eq!(places(&desk).await, 1, "one letter, however often they go");
}

#[tokio::test]
async fn if_the_agent_has_gone_meanwhile_another_takes_over_at_once() {
    let desk = shop().await;
    let (ana, busy) = busy_ana(&desk).await;
    let (chat, token) = away(&desk, "li@home.example").await;
    ana.close(&busy).await;
    held(&desk, &chat).await;
    let team = desk.team("Returns").await;
    let ben = desk.agent("Ben", team, 1).await;
    ana.available(false).await;
    let shopper = back(&desk, &token).await;
    ben.given(&chat).await;
    shopper.kind(&chat, "assigned").await;
    assert!(!ana.has(&chat));
}

#[tokio::test]
async fn a_stream_without_a_socket_brings_the_shopper_back_too() {
    let desk = shop().await;
    let (ana, busy) = busy_ana(&desk).await;
    let (chat, token) = away(&desk, "li@home.example").await;
    ana.close(&busy).await;
    held(&desk, &chat).await;
    let mut events = stream(&desk, &token, None).await;
    assert_eq!(events.next().await.unwrap()["type"], "welcome");
    ana.given(&chat).await;
}

#[tokio::test]
async fn who_has_another_tab_open_or_kept_no_place_is_served_as_ever() {
    let desk = shop().await;
    let (ana, busy) = busy_ana(&desk).await;
    let first = Shopper::come(&desk).await;
    let chat = first.open("two tabs").await;
    let tab = first.again(&desk, json!([])).await;
    keep(&desk, &first, "li@home.example").await;
    drop(first);
    let second = Shopper::come(&desk).await;
    let absent = second.open("no place kept").await;
    leaves(&desk, second, &absent).await;
    ana.close(&busy).await;
    ana.given(&chat).await;
    tab.kind(&chat, "assigned").await;
    ana.close(&chat).await;
    ana.given(&absent).await;
    assert_eq!(places(&desk).await, 0);
}

#[tokio::test]
async fn without_redis_nobody_is_taken_for_absent() {
    let mut redis = Redis::start().await;
    let desk = Setup::default().nodes(1, &redis.url(), ALL_ROLES).site(short_hold).open().await;
    desk.is_whole().await;
    let team = desk.team("Orders").await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    keep(&desk, &shopper, "li@home.example").await;
    redis.kill();
    eventually("Redis is missed", async || (!desk.app.hub.is_whole()).then_some(())).await;
    leaves(&desk, shopper, &chat).await;
    let ana = desk.agent("Ana", team, 1).await;
    ana.given(&chat).await;
    assert_eq!(places(&desk).await, 0);
}

#[tokio::test]
async fn the_end_of_the_line_is_a_ticket_answered_to_the_address_and_the_link_ends_with_it() {
    let desk = shop().await;
    let (chat, _) = away(&desk, "li@home.example").await;
    let link = link(&desk, "li@home.example").await;
    tap(&desk, &link).await;
    desk.app.clock.advance(Duration::from_secs(901));
    is(&desk, "a ticket", &chat, "select state = 'ticketed' from conversations where id = $1").await;
    assert_eq!(desk.count("select count(*) from conversations where place_email is not null").await, 0);
    let letters = desk.letters_until(2).await;
    let opened = letters.iter().find(|letter| letter.subject.contains("[#")).expect("the ticket's letter");
    assert_eq!(opened.to, "li@home.example");
    let page = desk.http.get(&link).send().await.unwrap();
    assert_eq!(page.status(), 404);
    let html = page.text().await.unwrap();
    assert!(html.contains("This link has expired") && html.contains(&format!("href=\"{SHOP}\"")), "{html}");
    assert!(!html.contains("<script"));
    let (_, code) = link.rsplit_once('/').unwrap();
    assert_eq!(exchange(&desk, &desk.site.public_key, code).await.0, 404);
}

#[tokio::test]
async fn only_who_waits_keeps_a_place_and_only_with_an_address_of_theirs() {
    let desk = shop().await;
    let shopper = Shopper::come(&desk).await;
    let body = r#"{"email":"li@home.example"}"#;
    let (status, answer) = ask(&desk, &shopper.token, Method::POST, body).await;
    assert_eq!((status, text(&answer["error"], "code")), (409, "not_waiting"));
    assert_eq!(ask(&desk, "nobody", Method::POST, body).await.0, 401);
    shopper.open("hello").await;
    for bad in ["", "[]", r#"["li@home.example"]"#, r#"{"email":7}"#, r#"{"email":"a@b.co","x":1}"#, "null"] {
        assert_eq!(ask(&desk, &shopper.token, Method::POST, bad).await.0, 400, "{bad}");
    }
    for bad in ["nobody", "a@b.example,c@d.example", "a@b.example\nBcc: c@d.example", "A <a@b.example>"] {
        let (status, answer) = ask(&desk, &shopper.token, Method::POST, &json!({ "email": bad }).to_string()).await;
        assert_eq!(status, 422, "{bad}");
        text(&answer["error"]["fields"], "email");
    }
    assert_eq!(ask(&desk, &shopper.token, Method::POST, "{}").await.0, 422);
    let elsewhere = desk.http.post(format!("{}/v1/shopper/place", desk.base)).bearer_auth(&shopper.token);
    assert_eq!(elsewhere.header("origin", "https://evil.example").body(body).send().await.unwrap().status(), 403);
    let kept = async || {
        let mut begin = desk.begin();
        begin["token"] = shopper.token.clone().into();
        desk.session(&begin).await.1["conversation"]["place_kept"] == true
    };
    assert!(!kept().await);
    keep(&desk, &shopper, "li@home.example").await;
    assert!(kept().await);
    assert_eq!(ask(&desk, &shopper.token, Method::DELETE, "").await.0, 204);
    assert!(!kept().await);
    keep(&desk, &shopper, "li@home.example").await;
    assert_eq!(ask(&desk, &shopper.token, Method::POST, r#"{"email":" "}"#).await.0, 200);
    assert!(!kept().await);
}

async fn vouched(desk: &Desk) -> Shopper {
    let proof = statement(desk, "42", "li@shop.example");
    Shopper::come_with(desk, begin_as(desk, None, &proof), json!([])).await
}

#[tokio::test]
async fn a_shopper_the_shop_vouches_for_is_called_at_that_address_alone_and_the_link_shows_none_of_it() {
    let desk = shop().await;
    let (ana, busy) = busy_ana(&desk).await;
    let shopper = vouched(&desk).await;
    let earlier = shopper.open("about something else").await;
    shopper.close(&earlier).await;
    let chat = shopper.open("hello").await;
    let typed = json!({ "email": "thief@evil.example" }).to_string();
    let (status, answer) = ask(&desk, &shopper.token, Method::POST, &typed).await;
    assert_eq!(status, 422, "{answer}");
    let (status, answer) = ask(&desk, &shopper.token, Method::POST, "{}").await;
    assert_eq!((status, &answer["email"]), (200, &json!("li@shop.example")));
    leaves(&desk, shopper, &chat).await;
    let token = tap(&desk, &link(&desk, "li@shop.example").await).await;
    let passed_on = back(&desk, &token).await;
    assert_eq!(passed_on.session["shopper"]["email"], Value::Null);
    assert_eq!(passed_on.session["shopper"]["name"], "");
    // This conversation, and no other of theirs.
    let events = async |chat: &str| {
        let url = format!("{}/v1/shopper/conversations/{chat}/events", desk.base);
        desk.http.get(url).bearer_auth(&token).send().await.unwrap().status().as_u16()
    };
    assert_eq!((events(&chat).await, events(&earlier).await), (200, 404));
    passed_on.refused(json!({ "type": "close", "conversation": earlier }), "forbidden").await;
    let resumed = passed_on.mark();
    passed_on.send(&json!({ "type": "read", "conversation": earlier, "upto": 1 }));
    passed_on.wait_from(resumed, "a refusal", |f| f["type"] == "nack" && f["code"] == "forbidden").await;
    ana.close(&busy).await;
    ana.given(&chat).await;
    // It ends with the conversation, and begins none.
    ana.close(&chat).await;
    passed_on.kind(&chat, "closed").await;
    passed_on.must(json!({ "type": "rate", "score": 5 })).await;
    passed_on.send(&json!({ "type": "send", "cid": cid(), "body": "as somebody else" }));
    assert_eq!(passed_on.closed().await, 4001);
    let anonymous = back(&desk, &token).await;
    assert_eq!(anonymous.session["shopper"]["verified"], false);
    assert_ne!(anonymous.token, token);
}

#[tokio::test]
async fn an_address_that_was_typed_before_the_shop_vouched_for_another_is_not_written_to() {
    let desk = shop().await;
    let shopper = Shopper::come(&desk).await;
    let (_ana, _busy) = busy_ana(&desk).await;
    let chat = shopper.open("hello").await;
    keep(&desk, &shopper, "typed@home.example").await;
    let proof = statement(&desk, "42", "li@shop.example");
    let verified = Shopper::come_with(&desk, begin_as(&desk, Some(&shopper.token), &proof), json!([])).await;
    drop(shopper);
    leaves(&desk, verified, &chat).await;
    link(&desk, "li@shop.example").await;
    desk.outbox_empty().await;
    assert_eq!(desk.letters().len(), 1);
}

#[tokio::test]
async fn a_strangers_mailbox_gets_one_letter_in_ten_minutes() {
    let desk = shop().await;
    away(&desk, "victim@home.example").await;
    away(&desk, "Victim@home.example").await;
    eventually("both are called", async || (places(&desk).await == 2).then_some(())).await;
    let sent = "select count(*) from outbox where kind = 'place' and state = 'sent'";
    eventually("one letter is sent", async || (desk.count(sent).await == 1).then_some(())).await;
    // Somebody else's letter, written after them, goes: the worker has looked.
    let other = Shopper::come(&desk).await;
    other.open("hello").await;
    other.must(json!({ "type": "transcript", "email": "me@home.example" })).await;
    desk.letters_until(2).await;
    assert_eq!(desk.count(sent).await, 1);
    desk.app.clock.advance(Duration::from_secs(601));
    eventually("the other one is sent", async || (desk.count(sent).await == 2).then_some(())).await;
}

#[tokio::test]
async fn guessed_expired_and_other_shops_codes_are_told_alike() {
    let desk = Setup::default().site(|site| site.settings.routing.ticket_after_s = 0).open().await;
    let other = desk.second_site().await;
    let (_chat, _) = away(&desk, "li@home.example").await;
    let link = link(&desk, "li@home.example").await;
    let (_, code) = link.rsplit_once('/').unwrap();
    assert!(code.len() >= 22, "128 bits at least");
    let hashes = desk.count("select count(*) from place_links where length(code_hash) = 32").await;
    let clear = sqlx::query_scalar::<_, i64>("select count(*) from outbox where strpos(data::text, $1) > 0").bind(code);
    assert_eq!((hashes, clear.fetch_one(&desk.app.db.read).await.unwrap()), (1, 0), "the code is nowhere in clear");
    let guessed = exchange(&desk, &desk.site.public_key, &app::new_secret()).await;
    assert_eq!(guessed.0, 404);
    assert_eq!(exchange(&desk, &other.public_key, code).await, guessed);
    for odd in [json!([desk.site.public_key, code]), json!({ "site": desk.site.public_key }), json!("x")] {
        let request = desk.http.post(format!("{}/v1/shopper/place/session", desk.base));
        assert_eq!(request.body(odd.to_string()).send().await.unwrap().status(), 400, "{odd}");
    }
    let token = tap(&desk, &link).await;
    desk.app.clock.advance(Duration::from_secs(24 * 3_600 + 1));
    assert_eq!(exchange(&desk, &desk.site.public_key, code).await, guessed);
    let (status, answer) = ask(&desk, &token, Method::POST, r#"{"email":"li@home.example"}"#).await;
    assert_eq!(status, 401, "the token ends with its link: {answer}");
}

#[tokio::test]
async fn the_link_is_nowhere_for_an_agent_to_open() {
    let desk = shop().await;
    let link = format!("{}/w/{}/place/{}", desk.base, desk.site.public_key, "x".repeat(43));
    let mut begin = desk.begin();
    begin["page"] = json!({ "url": link, "title": "Your place in line" });
    let shopper = Shopper::come_with(&desk, begin, json!([])).await;
    for url in [link.as_str(), "https://shop.example/lamps"] {
        shopper.send(&json!({ "type": "context", "page": { "url": url }, "cart": { "total": 7 } }));
    }
    shopper.probe().await;
    let kept: Value = sqlx::query_scalar("select context from shoppers").fetch_one(&desk.app.db.read).await.unwrap();
    let urls: Vec<_> = kept["pages"].as_array().unwrap().iter().map(|page| text(page, "url")).collect();
    assert_eq!((urls, &kept["cart"]["total"]), (vec!["https://shop.example/lamps"], &json!(7)));
}
