//! Visitors: who has the chat open is listed at once for whoever works for the shop, on every node, and is gone when they are.

use crate::console::Browser;
use crate::customers::{signed_in, writes};
use crate::fallback::stream;
use crate::harness::log::{assert_gapless, assert_same_as_shopper, assert_same_as_staff};
use crate::harness::people::{Hire, from_start};
use crate::harness::process::Process;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, PATIENCE, Setup, Shopper, cid, eventually, text};
use crate::pages::Page;
use deskbell::domain::id::{ShopperId, SiteId, TeamId};
use deskbell::domain::people::Role;
use deskbell::domain::site::Site;
use deskbell::domain::widget::Trail;
use deskbell::store::visits;
use futures_util::StreamExt;
use serde_json::{Value, json};
use sqlx::Executor;
use std::time::Duration;

const VISITORS: &str = "/console/visitors";

/// What the list says of somebody, if they are in it.
fn row(list: &str, shopper: &str) -> Option<String> {
    let from = list.split(&format!("<li id=\"row-{shopper}\">")).nth(1)?;
    from.split("</li>").next().map(str::to_owned)
}

async fn list(browser: &Browser<'_>) -> String {
    let (status, list) = browser.get(VISITORS).await;
    assert_eq!(status, 200, "{list}");
    list
}

/// Until they are listed.
async fn comes(browser: &Browser<'_>, shopper: &str) -> String {
    eventually("they are listed", async || row(&list(browser).await, shopper)).await
}

async fn goes(browser: &Browser<'_>, shopper: &str) {
    eventually("they are not listed any more", async || row(&list(browser).await, shopper).is_none().then_some(()))
        .await;
}

/// The list as an open page was told it last.
fn told(page: &Page) -> String {
    page.ops("#rows").last().map(|op| text(op, "html").to_owned()).unwrap_or_default()
}

async fn shows(page: &Page, what: &str, fits: impl Fn(&str) -> bool) {
    let looking = async {
        while !fits(&told(page)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let shown = tokio::time::timeout(PATIENCE, looking).await.is_ok();
    assert!(shown, "the page never showed {what}, but {}", told(page));
}

struct Scene {
    desk: Desk,
    team: TeamId,
    ana: Agent,
}

impl Scene {
    async fn open() -> Self {
        Self::at(Desk::open().await).await
    }

    async fn at(desk: Desk) -> Self {
        let team = desk.team("Orders").await;
        let ana = desk.agent("Ana", team, 5).await;
        Self { desk, team, ana }
    }

    async fn browser(&self) -> Browser<'_> {
        Browser::sign_in(&self.desk, &self.ana.staff).await
    }

    /// Somebody at this page of the shop.
    async fn visitor(&self, url: &str, title: &str) -> Shopper {
        let mut begin = self.desk.begin();
        begin["page"] = json!({ "url": url, "title": title, "referrer": "" });
        Shopper::come_with(&self.desk, begin, json!([])).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_opens_the_chat_appears_by_itself_and_is_gone_seconds_after_their_last_tab() {
    let scene = Scene::open().await;
    let (desk, ana) = (&scene.desk, scene.browser().await);
    let (status, empty) = ana.get(VISITORS).await;
    assert!(status == 200 && empty.contains("Nobody has the chat open"), "{empty}");
    let page = Page::showing(&ana, vec![json!({ "topic": "visitors:" })]).await;
    shows(&page, "that nobody is there", |list| list.contains("Nobody has the chat open")).await;
    let reader = desk.session(&desk.begin()).await.1;
    let shopper = scene.visitor("https://shop.example/lamps", "Lamps").await;
    shows(&page, "they came", |list| row(list, &shopper.id).is_some()).await;
    let shown = row(&told(&page), &shopper.id).unwrap();
    for there in ["Visitor", "Unverified", "href=\"https://shop.example/lamps\"", "Lamps", "Has not written yet"] {
        assert!(shown.contains(there), "{there}: {shown}");
    }
    assert!(told(&page).contains("1 visitor<"), "{}", told(&page));
    assert_eq!(row(&list(&ana).await, &shopper.id).unwrap(), shown, "page and live update are one piece");
    assert!(row(&told(&page), text(&reader["shopper"], "id")).is_none(), "a session alone is nobody with a chat open");
    // Another tab, and the next page of the shop.
    let since = shown.split("datetime=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let tab = shopper.again(desk, json!([])).await;
    let token = shopper.token.clone();
    drop(shopper);
    let mut begin = desk.begin();
    begin["token"] = token.clone().into();
    begin["page"] = json!({ "url": "https://shop.example/cart", "title": "The cart", "referrer": "" });
    drop(tab);
    let next = Shopper::come_with(desk, begin, json!([])).await;
    shows(&page, "where they are now", |list| row(list, &next.id).is_some_and(|row| row.contains("The cart"))).await;
    assert!(row(&told(&page), &next.id).unwrap().contains(&since), "they have been here since they came");
    assert!(told(&page).contains("1 visitor<"), "{}", told(&page));
    // Without WebSocket, in a browser of its own and in the same one.
    let (_, fetching) = desk.session(&desk.begin()).await;
    let mut events = stream(desk, text(&fetching, "token"), None).await;
    let mut same = stream(desk, &token, None).await;
    for stream in [&mut events, &mut same] {
        assert_eq!(stream.next().await.unwrap()["type"], "welcome");
    }
    let other = text(&fetching["shopper"], "id").to_owned();
    shows(&page, "the other came", |list| row(list, &other).is_some() && list.contains("2 visitors<")).await;
    let ids = |list: &str| list.split("<li id=\"row-").skip(1).map(|row| row[..36].to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&told(&page)), [other.clone(), next.id.clone()], "the newest first");
    let id = next.id.clone();
    drop((next, events));
    shows(&page, "they left", |list| row(list, &other).is_none()).await;
    assert!(row(&told(&page), &id).is_some(), "a stream is a tab as well");
    drop(same);
    shows(&page, "nobody is there", |list| list.contains("Nobody has the chat open")).await;
    goes(&ana, &id).await;
    assert_eq!(desk.count("select count(*) from visits").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_it_stands_with_them_is_said_and_a_chat_is_linked_for_whoever_may_open_it() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let returns = desk.team("Returns").await;
    let ben = desk.hire("Ben", Hire::agent(returns, 5)).await;
    let (ana, ben) = (scene.browser().await, Browser::sign_in(desk, &ben).await);
    let page = Page::showing(&ben, vec![json!({ "topic": "visitors:" })]).await;
    let shopper = signed_in(desk, "cust-1", "Li Wei", "li@post.example").await;
    comes(&ana, &shopper.id).await;
    let chat = writes(&shopper, "hello", Some(scene.team), json!({})).await;
    scene.ana.given(&chat).await;
    let link = format!("/console/c/{chat}");
    let hers = eventually("that they talk", async || {
        row(&list(&ana).await, &shopper.id).filter(|row| row.contains("In a chat with Ana"))
    })
    .await;
    assert!(hers.contains(&link) && hers.contains("Li Wei") && hers.contains("Verified by the shop"), "{hers}");
    shows(&page, "that they talk", |list| row(list, &shopper.id).is_some_and(|row| row.contains("chat with Ana")))
        .await;
    let his = row(&told(&page), &shopper.id).unwrap();
    assert!(!his.contains(&link) && !his.contains("earlier"), "of another team: {his}");
    scene.ana.close(&chat).await;
    shopper.kind(&chat, "closed").await;
    let after = row(&list(&ana).await, &shopper.id).unwrap();
    let past = format!("<a href=\"/console/customers/{}\">1 earlier conversation</a>", shopper.id);
    assert!(after.contains(&past) && after.contains("No open chat"), "{after}");
    assert_eq!(ana.get(&format!("/console/customers/{}", shopper.id)).await.0, 200);
    let his = row(&list(&ben).await, &shopper.id).unwrap();
    assert!(his.contains("No open chat") && !his.contains("earlier"), "what he may not see is not counted: {his}");
    scene.ana.available(false).await;
    let again = writes(&shopper, "one more", Some(scene.team), json!({})).await;
    let waits = row(&list(&ana).await, &shopper.id).unwrap();
    assert!(waits.contains("Waiting") && waits.contains(&format!("/console/c/{again}")), "{waits}");
    assert!(waits.contains("data-wait"), "{waits}");
    let cart = json!({ "items": [{ "title": "Lamp", "quantity": 2, "price": 40 }], "total": 80, "currency": "EUR" });
    shopper.send(
        &json!({ "type": "context", "page": { "url": "https://shop.example/pay", "title": "Pay" }, "cart": cart }),
    );
    let has_cart = |list: &str| row(list, &shopper.id).is_some_and(|row| row.contains("80 EUR"));
    eventually("their cart is known", async || has_cart(&list(&ana).await).then_some(())).await;
    shows(&page, "their cart", |list| {
        row(list, &shopper.id).is_some_and(|row| row.contains("80 EUR") && row.contains("https://shop.example/pay"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_the_visitors_of_a_shop_they_do_not_work_for() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let bikes = desk.second_site().await;
    let team = desk.team_of(&bikes, "Bikes").await;
    let eve = desk.hire_at(&bikes, "Eve", Hire { role: Role::Supervisor, ..Hire::agent(team, 5) }).await;
    let hugo = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let (ana, eve) = (scene.browser().await, Browser::sign_in(desk, &eve).await);
    let hugo = Browser::sign_in(desk, &hugo).await;
    let (here, there) = (scene.visitor("https://shop.example/", "Lamps").await, cyclist(desk, &bikes).await);
    comes(&hugo, &here.id).await;
    comes(&hugo, &there.id).await;
    let of = |site: &Site| format!("{VISITORS}?site={}", site.id);
    for (who, sees, not, other) in [(&ana, &here, &there, &bikes), (&eve, &there, &here, &desk.site)] {
        for path in [VISITORS.to_owned(), of(other), format!("{VISITORS}?site=x"), format!("{VISITORS}?site=")] {
            let (status, page) = who.get(&path).await;
            assert!(status == 200 && row(&page, &sees.id).is_some() && row(&page, &not.id).is_none(), "{path}: {page}");
            assert!(page.contains("1 visitor<") && !page.contains("<select id=\"site\""), "{page}");
        }
        let page = Page::showing(who, vec![json!({ "topic": format!("visitors:{}", other.id) })]).await;
        shows(&page, "their own", |list| row(list, &sees.id).is_some()).await;
        assert!(row(&told(&page), &not.id).is_none(), "{}", told(&page));
    }
    let all = list(&hugo).await;
    assert!(
        all.contains("2 visitors<") && all.contains("<bdi>Bikes</bdi>") && all.contains("<select id=\"site\""),
        "{all}"
    );
    let (_, one) = hugo.get(&of(&bikes)).await;
    assert!(
        row(&one, &there.id).is_some() && row(&one, &here.id).is_none() && one.contains(" selected>Bikes"),
        "{one}"
    );
    assert!(one.contains(&format!("data-sub=\"visitors:{}\"", bikes.id)), "{one}");
    assert_eq!(reqwest::get(format!("{}{VISITORS}", desk.base)).await.unwrap().url().path(), "/console/login");
}

/// A visitor of the other shop.
async fn cyclist(desk: &Desk, bikes: &Site) -> Shopper {
    let mut begin = desk.begin();
    begin["site"] = bikes.public_key.clone().into();
    let answer = desk.http.post(format!("{}/v1/shopper/session", desk.base)).json(&begin).send().await.unwrap();
    let session: Value = answer.json().await.unwrap();
    let socket =
        crate::harness::Socket::open(&desk.socket_url("/v1/shopper/socket"), Some("https://bikes.example")).await;
    socket.send(&json!({ "type": "hello", "ticket": session["ticket"], "resume": [] }));
    socket.wait("welcome", |f| f["type"] == "welcome").await;
    let (token, id) = (text(&session, "token").to_owned(), text(&session["shopper"], "id").to_owned());
    Shopper { socket, session, token, id }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_browser_says_is_text_and_a_script_is_no_link() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let ana = scene.browser().await;
    let script = scene.visitor("javascript:alert(document.cookie)", "<img src=x onerror=alert(1)>").await;
    let long = scene.visitor(&format!("https://shop.example/{}", "a".repeat(1_900)), &"ي".repeat(480)).await;
    let name = "\"><script>alert(1)</script>\u{202e}";
    let named = signed_in(desk, "cust-2", name, "x@post.example").await;
    let blank = Shopper::come_with(
        desk,
        {
            let mut begin = desk.begin();
            begin["page"] = Value::Null;
            begin
        },
        json!([]),
    )
    .await;
    for shopper in [&script, &long, &named, &blank] {
        comes(&ana, &shopper.id).await;
    }
    let list = list(&ana).await;
    assert!(!list.contains("<img src=x") && !list.contains("<script>alert"), "{list}");
    let of_script = row(&list, &script.id).unwrap();
    assert!(!of_script.contains("javascript:") && of_script.contains("onerror"), "{of_script}");
    let of_long = row(&list, &long.id).unwrap();
    assert!(of_long.contains(&format!("{}…", "ي".repeat(200))) && !of_long.contains(&"ي".repeat(201)), "{of_long}");
    assert!(row(&list, &named.id).unwrap().contains("&#60;script&#62;"), "{list}");
    assert!(!row(&list, &blank.id).unwrap().contains("Page:"), "{list}");
    // What the shop tracks is no page.
    let chat = writes(&named, "hello", Some(scene.team), json!({})).await;
    for (url, title) in [("https://shop.example/tea", "Tea"), ("track:invitation", "shown")] {
        named.send(&json!({ "type": "context", "page": { "url": url, "title": title } }));
    }
    named.probe().await;
    let (_, page) = ana.get(VISITORS).await;
    assert!(row(&page, &named.id).unwrap().contains(">Tea<"), "{page}");
    named.close(&chat).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_follows_nobody_is_told_no_page_and_who_is_blocked_is_not_shown() {
    let scene = Scene::at(Setup::default().site(|site| site.settings.trail = Trail::Off).open().await).await;
    let ana = scene.browser().await;
    let page = Page::showing(&ana, vec![json!({ "topic": "visitors:" })]).await;
    let shopper = scene.visitor("https://shop.example/secret", "Secret").await;
    assert!(!comes(&ana, &shopper.id).await.contains("secret"));
    // From a time when the shop did.
    sqlx::query("update shoppers set context = '{\"pages\": [{\"url\": \"https://shop.example/secret\", \"title\": \"Secret\"}]}'")
        .execute(&scene.desk.app.db.read)
        .await
        .unwrap();
    assert!(!comes(&ana, &shopper.id).await.contains("ecret"));
    let chat = shopper.open("you fools").await;
    scene.ana.given(&chat).await;
    shows(&page, "that they talk", |list| row(list, &shopper.id).is_some_and(|row| row.contains("In a chat"))).await;
    let form = [("reason", "insults"), ("length", "day")];
    assert_eq!(ana.post(&format!("/console/c/{chat}/block"), &form).await.0, 200);
    assert!(row(&list(&ana).await, &shopper.id).is_none(), "at once, before their socket has ended");
    shows(&page, "they are gone", |list| row(list, &shopper.id).is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visitors_of_every_node_are_one_list_and_those_of_a_node_that_was_killed_are_gone_soon() {
    let redis = Redis::start().await;
    let here = Setup::default().nodes(3, &redis.url(), ALL_ROLES).open().await;
    let there = here.node(ALL_ROLES).await;
    here.is_whole().await;
    there.is_whole().await;
    let mut third = Process::start(&here, Some(&redis.url())).await;
    let team = here.team("Orders").await;
    let ana = there.hire("Ana", Hire::agent(team, 5)).await;
    let ana = Browser::sign_in(&there, &ana).await;
    let page = Page::showing(&ana, vec![json!({ "topic": "visitors:" })]).await;
    let shopper = Shopper::come(&here).await;
    shows(&page, "they came", |list| row(list, &shopper.id).is_some()).await;
    let since = |list: &str| row(list, &shopper.id).unwrap().split("datetime=\"").nth(1).unwrap()[..24].to_owned();
    let came = since(&told(&page));
    let on_third = here.node_itself().through(&third.base);
    let tab = shopper.again(&on_third, json!([])).await;
    let lost = Shopper::come(&on_third).await;
    shows(&page, "somebody on the third", |list| row(list, &lost.id).is_some() && list.contains("2 visitors<")).await;
    eventually("both tabs are written down", async || {
        (here.count("select count(*) from visits").await == 3).then_some(())
    })
    .await;
    assert_eq!(since(&list(&ana).await), came, "whoever moves to another node has been here as long");
    let id = shopper.id.clone();
    drop(shopper);
    eventually("one tab is left", async || (here.count("select count(*) from visits").await == 2).then_some(())).await;
    let two = list(&ana).await;
    assert!(row(&two, &id).is_some() && two.contains("2 visitors<"), "{two}");
    third.kill().await;
    shows(&page, "they are gone with their node", |list| list.contains("Nobody has the chat open")).await;
    drop((tab, lost));
    // Swept by whoever looks.
    visits::sweep(&here.app.db.read, here.app.clock.now()).await.unwrap();
    let left = "select (select count(*) from visits) + (select count(*) from node_leases)";
    assert_eq!(here.count(left).await, 2, "the leases of those that live");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stops_takes_its_visitors_away() {
    let redis = Redis::start().await;
    let here = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let mut there = here.node(ALL_ROLES).await;
    let team = here.team("Orders").await;
    let ana = here.hire("Ana", Hire::agent(team, 5)).await;
    let ana = Browser::sign_in(&here, &ana).await;
    let shopper = Shopper::come(&there).await;
    comes(&ana, &shopper.id).await;
    there.server.take().unwrap().stop().await;
    let until: (bool,) =
        sqlx::query_as("select until <= clock_timestamp() + interval '5 s' from node_leases where node = $1")
            .bind(there.app.node)
            .fetch_one(&here.app.db.read)
            .await
            .unwrap();
    assert!(until.0, "sooner than any lease lapses");
    goes(&ana, &shopper.id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_crash_of_the_database_empties_is_written_anew_and_nobody_waits_for_it() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let ana = scene.browser().await;
    let first = Shopper::come(desk).await;
    comes(&ana, &first.id).await;
    // As recovery leaves unlogged tables.
    sqlx::query("truncate node_leases, visits").execute(&desk.app.db.read).await.unwrap();
    comes(&ana, &first.id).await;
    // While it cannot be written to, shoppers come, talk and go as ever.
    let mut lock = desk.app.db.send.begin().await.unwrap();
    lock.execute("lock table visits in share mode").await.unwrap();
    let second = Shopper::come(desk).await;
    let chat = second.open("nobody waits for a list").await;
    scene.ana.given(&chat).await;
    desk.waits_for_lock("insert into visits").await;
    drop(first);
    let third = Shopper::come(desk).await;
    assert!(row(&list(&ana).await, &second.id).is_none());
    lock.rollback().await.unwrap();
    for shopper in [&second, &third] {
        comes(&ana, &shopper.id).await;
    }
    eventually("who left meanwhile is gone", async || list(&ana).await.contains("2 visitors<").then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_sockets_are_written_once_and_a_list_that_is_not_whole_says_at_least() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let ana = scene.browser().await;
    let mut shoppers = Vec::new();
    for _ in 0..3 {
        shoppers.push(Shopper::come(desk).await);
    }
    for shopper in &shoppers {
        comes(&ana, &shopper.id).await;
    }
    let rows = "select sum(xmin::text::bigint)::bigint from visits";
    let before = desk.count(rows).await;
    // Two renewals of the lease.
    for _ in 0..2 {
        let until = "select extract(epoch from max(until))::bigint from node_leases";
        let then = desk.count(until).await;
        eventually("the lease is renewed", async || (desk.count(until).await > then).then_some(())).await;
    }
    assert_eq!(desk.count(rows).await, before, "nothing but the lease is written");
    sqlx::query("update node_leases set is_behind = true").execute(&desk.app.db.read).await.unwrap();
    assert!(list(&ana).await.contains("At least 3 visitors"));
    // A hundred are listed of however many there are.
    let (site, node) = (desk.site.id, desk.app.node);
    let mut came: Vec<((SiteId, ShopperId), _)> = Vec::new();
    for _ in 0..120 {
        let id = ShopperId(deskbell::app::new_id());
        sqlx::query("insert into shoppers (site_id, id) values ($1, $2)")
            .bind(site)
            .bind(id)
            .execute(&desk.app.db.read)
            .await
            .unwrap();
        came.push(((site, id), desk.app.clock.now()));
    }
    visits::came(&desk.app.db.read, node, &came).await.unwrap();
    visits::came(&desk.app.db.read, node, &came).await.unwrap();
    let many =
        eventually("it is whole again", async || Some(list(&ana).await).filter(|list| !list.contains("At least")))
            .await;
    assert!(many.contains("123 visitors The newest 100 are shown."), "{many}");
    assert_eq!(many.matches("<li id=\"row-").count(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_a_chat_by_the_link_of_a_letter_is_not_at_the_shop() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let ana = scene.browser().await;
    scene.ana.available(false).await;
    let shopper = Shopper::come(desk).await;
    let chat = shopper.open("call me back").await;
    comes(&ana, &shopper.id).await;
    sqlx::query("update shopper_tokens set conversation_id = $1")
        .bind(chat.parse::<uuid::Uuid>().unwrap())
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    let by_link = shopper.again(desk, from_start(&chat)).await;
    let id = shopper.id.clone();
    drop(shopper);
    goes(&ana, &id).await;
    let said = by_link.say("still here").await;
    assert_eq!(text(&said, "conversation"), chat);
}

/// Where an agent writes to a visitor first.
fn first(desk: &Desk, shopper: &Shopper) -> String {
    format!("{VISITORS}/{}/{}", desk.site.id, shopper.id)
}

async fn write(browser: &Browser<'_>, to: &str, cid: &str, body: &str) -> (u16, String) {
    browser.submit(to, &[("cid", cid), ("body", body)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_agent_writes_first_is_in_every_open_panel_at_once_and_the_chat_is_theirs() {
    let scene = Scene::open().await;
    let (desk, ana) = (&scene.desk, scene.browser().await);
    let shopper = scene.visitor("https://shop.example/lamps", "Lamps").await;
    let tab = shopper.again(desk, json!([])).await;
    comes(&ana, &shopper.id).await;
    let to = first(desk, &shopper);
    assert!(list(&ana).await.contains(&to), "the list leads there");
    let (status, page) = ana.get(&to).await;
    assert!(status == 200 && page.contains(">Shop<") && page.contains("<textarea"), "{page}");
    let form = cid();
    let (one, other) =
        tokio::join!(write(&ana, &to, &form, "May I help?\r\nYes"), write(&ana, &to, &form, "May I help?\r\nYes"));
    assert_eq!((one.0, other.0), (303, 303), "the same form twice");
    let chat: String =
        sqlx::query_scalar("select id::text from conversations").fetch_one(&desk.app.db.read).await.unwrap();
    scene.ana.given(&chat).await;
    for socket in [&shopper, &tab] {
        let said = socket.message(&chat, "May I help?\nYes").await;
        assert_eq!((text(&said["by"], "role"), text(&said["by"], "name")), ("agent", "Ana"));
        assert!(said["by"]["id"].is_null(), "{said}");
    }
    let kinds = |socket: &Shopper| socket.log(&chat).iter().map(|e| text(e, "kind").to_owned()).collect::<Vec<_>>();
    assert_eq!(kinds(&shopper), ["opened", "assigned", "message"]);
    // Both sides go on as in any chat.
    let answer = tab.say("Yes, please").await;
    assert_eq!(text(&answer, "conversation"), chat);
    scene.ana.message(&chat, "Yes, please").await;
    scene.ana.say(&chat, "Which one?").await;
    shopper.message(&chat, "Which one?").await;
    let late = shopper.again(desk, json!([])).await;
    assert_eq!(text(&late.session["conversation"], "id"), chat);
    let rows = assert_gapless(desk, &chat).await;
    assert_same_as_shopper(&shopper, &chat, &rows);
    assert_same_as_staff(&scene.ana, &chat, &rows);
    assert_eq!(
        desk.count("select count(*) from conversations where seat = 1 and state = 'active' and team_id is not null")
            .await,
        1
    );
    let (_, page) = ana.get(&format!("/console/c/{chat}")).await;
    assert!(page.contains("May I help?") && page.contains("wrote first"), "{page}");
    // Once it has ended they may be written to anew, and the old form opens nothing.
    scene.ana.close(&chat).await;
    shopper.kind(&chat, "closed").await;
    assert_eq!(write(&ana, &to, &form, "May I help?\r\nYes").await.0, 303);
    assert_eq!(desk.count("select count(*) from conversations").await, 1);
    assert_eq!(write(&ana, &to, &cid(), "One more thing").await.0, 303);
    assert_eq!(desk.count("select count(*) from conversations").await, 2);
    eventually("it is shown", async || shopper.look(|s| s.logs.len() == 2).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_write_first_one_does_and_the_other_is_told_who_and_keeps_the_text() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let other = desk.agent("Ben", scene.team, 5).await;
    let (ana, ben) = (scene.browser().await, Browser::sign_in(desk, &other.staff).await);
    for round in 0..5 {
        let shopper = Shopper::come(desk).await;
        comes(&ana, &shopper.id).await;
        let (to, hers, his) = (first(desk, &shopper), cid(), cid());
        let (one, two) = tokio::join!(write(&ana, &to, &hers, "from Ana"), write(&ben, &to, &his, "from Ben"));
        let mut both = [(one, "Ben", "from Ana"), (two, "Ana", "from Ben")];
        both.sort_by_key(|((status, _), ..)| *status);
        let [((won, _), ..), ((lost, page), winner, kept)] = &both;
        assert_eq!((*won, *lost), (303, 409), "round {round}: {page}");
        assert!(page.contains(&format!("{winner} is in a chat with them")) && page.contains(kept), "{page}");
        assert!(page.contains("Open the chat"), "{page}");
        // The shopper writes at the same moment as an agent.
        let quick = Shopper::come(desk).await;
        comes(&ana, &quick.id).await;
        let (to, form) = (first(desk, &quick), cid());
        let (said, wrote) = tokio::join!(quick.open("I am quick"), write(&ana, &to, &form, "so am I"));
        assert!(matches!(wrote.0, 303 | 409), "{}", wrote.1);
        assert!(wrote.0 == 303 || wrote.1.contains("so am I"), "{}", wrote.1);
        let rows = assert_gapless(desk, &said).await;
        assert!(rows.iter().any(|row| row.body.as_deref() == Some("I am quick")), "{rows:?}");
        assert_eq!(rows.iter().any(|row| row.body.as_deref() == Some("so am I")), wrote.0 == 303, "{rows:?}");
        for shopper in [&shopper, &quick] {
            let open = "select count(*) from conversations where shopper_id = $1 and state in ('waiting', 'active')";
            let count: i64 = sqlx::query_scalar(open)
                .bind(shopper.id.parse::<uuid::Uuid>().unwrap())
                .fetch_one(&desk.app.db.read)
                .await
                .unwrap();
            assert_eq!(count, 1);
        }
        sqlx::query("update conversations set state = 'closed', seat = null, closed_at = now()")
            .execute(&desk.app.db.read)
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_write_first_is_told_why_and_keeps_the_text() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let cara = desk.agent("Cara", scene.team, 1).await;
    let hugo = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let bikes = desk.second_site().await;
    let team = desk.team_of(&bikes, "Bikes").await;
    let eve = desk.hire_at(&bikes, "Eve", Hire { role: Role::Supervisor, ..Hire::agent(team, 5) }).await;
    scene.ana.available(false).await;
    let [cara_at, hugo, eve, ana] = futures_util::future::join_all(
        [&cara.staff, &hugo, &eve, &scene.ana.staff].map(|one| Browser::sign_in(desk, one)),
    )
    .await
    .try_into()
    .ok()
    .unwrap();
    let (one, two) = (Shopper::come(desk).await, Shopper::come(desk).await);
    comes(&cara_at, &one.id).await;
    comes(&cara_at, &two.id).await;
    let refused = async |who: &Browser<'_>, to: &Shopper, body: &str, why: &str| {
        let (status, page) = write(who, &first(desk, to), &cid(), body).await;
        assert!(status >= 400 && page.contains(why) && page.contains("role=\"alert\""), "{status} {why}: {page}");
        let kept = body.replace('<', "&#60;").replace('>', "&#62;");
        assert!(page.contains(&kept), "{kept}: {page}");
    };
    // Of another shop.
    assert_eq!(eve.get(&first(desk, &one)).await.0, 404);
    assert_eq!(write(&eve, &first(desk, &one), &cid(), "let me in").await.0, 404);
    let elsewhere = format!("{VISITORS}/{}/{}", bikes.id, one.id);
    assert_eq!(write(&eve, &elsewhere, &cid(), "let me in").await.0, 404);
    let nowhere = format!("{VISITORS}/{}/{}", desk.site.id, deskbell::app::new_id());
    assert_eq!(cara_at.get(&nowhere).await.0, 404);
    assert_eq!(
        cara_at.post_from(&first(desk, &one), &[("cid", &cid()), ("body", "x")], Some("https://evil.example")).await.0,
        403
    );
    refused(&hugo, &one, "an admin of no team", "no team of this shop").await;
    refused(&cara_at, &one, " ", "").await;
    refused(&cara_at, &one, &"x".repeat(8_001), "8,000 characters").await;
    refused(&cara_at, &one, "Dear {customer.name}", "placeholder").await;
    assert_eq!(desk.count("select count(*) from conversations").await, 0, "whatever was refused opened nothing");
    assert_eq!(write(&cara_at, &first(desk, &one), &cid(), "hello").await.0, 303);
    refused(&cara_at, &two, "<b>and you</b>", "All your places are taken").await;
    assert_eq!(desk.count("select count(*) from conversations").await, 1);
    let (_, status) = ana.post("/console/status", &[("status", "offline")]).await;
    assert!(!status.contains("error"), "{status}");
    refused(&ana, &two, "out of hours", "You are offline").await;
    let (id, to) = (two.id.clone(), first(desk, &two));
    drop(two);
    goes(&cara_at, &id).await;
    let (status, page) = write(&cara_at, &to, &cid(), "are you there?").await;
    assert!(status == 422 && page.contains("has left") && page.contains("are you there?"), "{page}");
    // What was sent is not refused when it comes again because nobody heard the answer.
    let (id, to, form) = (one.id.clone(), first(desk, &one), cid());
    sqlx::query("update conversations set state = 'closed', seat = null, closed_at = now()")
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    assert_eq!(write(&cara_at, &to, &form, "once").await.0, 303);
    drop(one);
    goes(&cara_at, &id).await;
    assert_eq!(write(&cara_at, &to, &form, "once").await.0, 303);
    assert_eq!(desk.count("select count(*) from events where body = 'once'").await, 1);
    // Blocked a moment ago.
    let three = Shopper::come(desk).await;
    comes(&cara_at, &three.id).await;
    sqlx::query(
        "insert into blocks (site_id, id, shopper_id, conversation_id, reason, by_name, at)
        select site_id, gen_random_uuid(), $1, id, 'insults', 'Cara', now() from conversations limit 1",
    )
    .bind(three.id.parse::<uuid::Uuid>().unwrap())
    .execute(&desk.app.db.read)
    .await
    .unwrap();
    refused(&cara_at, &three, "to somebody blocked", "nobody would read it").await;
    assert_eq!(desk.count("select count(*) from conversations").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_of_several_teams_says_for_which_and_no_other_is_taken() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let returns = desk.team("Returns").await;
    let theirs = desk.team("Wholesale").await;
    deskbell::store::people::join_team(&desk.app.db.read, desk.site.id, returns, scene.ana.staff.id).await.unwrap();
    let ana = scene.browser().await;
    let of = async |shopper: &Shopper| {
        let team = "select t.name from conversations c join teams t on t.id = c.team_id where c.shopper_id = $1
            order by c.opened_at desc limit 1";
        let team = sqlx::query_scalar(team).bind(shopper.id.parse::<uuid::Uuid>().unwrap());
        team.fetch_one(&desk.app.db.read).await.map(|name: String| name).unwrap()
    };
    let (returns, theirs) = (returns.to_string(), theirs.to_string());
    let stranger = Shopper::come(desk).await;
    comes(&ana, &stranger.id).await;
    let (status, page) =
        ana.submit(&first(desk, &stranger), &[("cid", &cid()), ("body", "Hi"), ("team", &theirs)]).await;
    assert!(status == 422 && page.contains("not in this team any more"), "{page}");
    for (team, wanted) in [("", "Orders"), (returns.as_str(), "Returns")] {
        let shopper = Shopper::come(desk).await;
        comes(&ana, &shopper.id).await;
        let to = first(desk, &shopper);
        let (_, page) = ana.get(&to).await;
        assert!(page.contains(">Returns</option>") && !page.contains("Wholesale"), "{page}");
        let (status, page) = ana.submit(&to, &[("cid", &cid()), ("body", "Hi"), ("team", team)]).await;
        assert_eq!(status, 303, "{page}");
        assert_eq!(of(&shopper).await, wanted);
        // What is refused keeps the choice; next time the team that they spoke for last comes first.
        let (status, page) = ana.submit(&to, &[("cid", &cid()), ("body", "Hi"), ("team", &returns)]).await;
        assert!(status == 409 && page.contains(&format!("value=\"{returns}\" selected")), "{page}");
        if wanted == "Returns" {
            let (_, page) = ana.get(&to).await;
            assert!(page.find(">Returns</option>") < page.find(">Orders</option>"), "{page}");
        }
    }
}

/// A form with questions is sent in the moment that an agent writes: who they are is not lost, whether their tab knows of the chat
/// or not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_says_of_themselves_as_an_agent_writes_first_is_kept() {
    let scene = Scene::open().await;
    let (desk, ana) = (&scene.desk, scene.browser().await);
    for knows in [true, false] {
        let shopper = scene.visitor("https://shop.example/lamps", "Lamps").await;
        comes(&ana, &shopper.id).await;
        assert_eq!(write(&ana, &first(desk, &shopper), &cid(), "May I help?").await.0, 303);
        let chat: String = sqlx::query_scalar("select id::text from conversations order by opened_at desc limit 1")
            .fetch_one(&desk.app.db.read)
            .await
            .unwrap();
        shopper.message(&chat, "May I help?").await;
        let tab = if knows { shopper } else { shopper.again(desk, json!([])).await };
        let form = json!({ "type": "send", "cid": cid(), "body": "About my order",
            "intake": { "name": "Kim", "email": "kim@post.example", "order": "A-17" } });
        let ack = tab.must(form.clone()).await;
        assert_eq!(text(&ack, "conversation"), chat);
        let heard = scene.ana.message(&chat, "About my order").await;
        assert_eq!(text(&heard["by"], "name"), "Kim");
        // What the shop's page sets afterwards takes nothing of it away.
        tab.send(&json!({ "type": "context", "page": null, "cart": null, "fields": { "plan": "gold" } }));
        assert_eq!(tab.must(form.clone()).await["dup"], true, "sent again");
        let mut other = form;
        (other["body"], other["intake"]["name"]) = ("Another text".into(), "Eve".into());
        tab.refused(other, "cid_conflict").await;
        let known: (String, Option<String>, Value) =
            sqlx::query_as("select name, email, context from shoppers where id = $1")
                .bind(tab.id.parse::<uuid::Uuid>().unwrap())
                .fetch_one(&desk.app.db.read)
                .await
                .unwrap();
        assert_eq!((known.0.as_str(), known.1.as_deref()), ("Kim", Some("kim@post.example")));
        let context = known.2;
        assert_eq!((&context["answers"]["order"], &context["fields"]["plan"]), (&json!("A-17"), &json!("gold")));
        assert!(context["pages"].as_array().is_some_and(|pages| !pages.is_empty()), "{context}");
        let (_, page) = ana.get(&format!("/console/c/{chat}?view=all")).await;
        assert!(page.contains("A-17") && page.contains("gold"), "{page}");
        scene.ana.close(&chat).await;
    }
}
