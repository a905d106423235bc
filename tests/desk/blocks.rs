//! Shoppers who may not come in: at once, everywhere, for as long as was said, and by whoever works for the shop alone.

use crate::console::Browser;
use crate::harness::people::from_start;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, Hire, SHOP, Setup, Shopper, Socket, cid};
use crate::identity::{begin_as, statement};
use crate::nodes::BY_SWEEP;
use deskbell::app;
use deskbell::domain::id::TeamId;
use deskbell::domain::people::Role;
use serde_json::{Value, json};
use std::time::Duration;

const INSULT: &str = "insults <b>again</b>";
/// How late somebody's socket may end.
const AT_ONCE: Duration = Duration::from_secs(1);

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

    async fn overseer(&self, name: &str) -> Browser<'_> {
        let hire = Hire { role: Role::Supervisor, capacity: 5, teams: vec![self.team] };
        Browser::sign_in(&self.desk, &self.desk.hire(name, hire).await).await
    }

    async fn chat(&self, body: &str) -> (Shopper, String) {
        let shopper = Shopper::come(&self.desk).await;
        let chat = shopper.open(body).await;
        self.ana.given(&chat).await;
        (shopper, chat)
    }

    /// Where a supervisor ends the one block there is.
    async fn lift(&self) -> String {
        let (site, id): (String, String) = sqlx::query_as("select site_id::text, id::text from blocks")
            .fetch_one(&self.desk.app.db.read)
            .await
            .unwrap();
        format!("/admin/blocklist/{site}/{id}/lift")
    }
}

fn path(chat: &str) -> String {
    format!("/console/c/{chat}/block")
}

const DAY: [(&str, &str); 2] = [("reason", INSULT), ("length", "day")];

async fn begins(desk: &Desk, token: &str) -> (u16, Value) {
    let mut begin = desk.begin();
    begin["token"] = token.into();
    desk.session(&begin).await
}

fn is_refused((status, answer): &(u16, Value)) -> bool {
    *status == 403 && answer["error"]["code"] == "blocked"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocked_shopper_is_out_within_a_second_in_every_tab_and_does_not_come_back() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let (shopper, chat) = scene.chat("you are all fools").await;
    let tab = shopper.again(desk, from_start(&chat)).await;
    let (bystander, other) = scene.chat("hello").await;
    let (_, early) = begins(desk, &shopper.token).await;
    let ana = scene.browser().await;
    let asked = app::instant();
    assert_eq!(ana.post(&path(&chat), &DAY).await.0, 200);
    assert_eq!((shopper.closed().await, tab.closed().await), (4003, 4003));
    assert!(app::instant() - asked < AT_ONCE, "{:?}", app::instant() - asked);

    // Neither anew, nor with a ticket from before, nor without a socket.
    assert!(is_refused(&begins(desk, &shopper.token).await));
    let late = Socket::open(&desk.socket_url("/v1/shopper/socket"), Some(SHOP)).await;
    late.send(&json!({ "type": "hello", "ticket": early["ticket"], "resume": [] }));
    assert_eq!(late.closed().await, 4003);
    let post =
        |path: &str| desk.http.post(format!("{}{path}", desk.base)).bearer_auth(&shopper.token).header("origin", SHOP);
    let frame = json!({ "type": "send", "cid": cid(), "body": "still here", "files": [] });
    let form = json!({ "cid": cid(), "name": "X", "email": "x@post.example", "body": "still here" });
    for (path, body) in [("/v1/shopper/frames", &frame), ("/v1/shopper/tickets", &form)] {
        let answer = post(path).json(body).send().await.unwrap();
        let status = answer.status().as_u16();
        assert!(is_refused(&(status, answer.json().await.unwrap())), "{path}");
    }
    for path in [format!("/v1/shopper/conversations/{chat}/events"), "/v1/shopper/events".to_owned()] {
        let asked = desk.http.get(format!("{}{path}", desk.base)).bearer_auth(&shopper.token).header("origin", SHOP);
        assert_eq!(asked.send().await.unwrap().status(), 403, "{path}");
    }

    // The chat is over; why is for staff alone.
    scene.ana.wait("it is gone", |f| f["type"] == "unassigned" && f["conversation"] == chat).await;
    scene
        .ana
        .event(&chat, "who and why", |e| {
            e["body"].as_str().is_some_and(|b| b.starts_with("Ana blocked this shopper until"))
        })
        .await;
    let (_, page) = ana.get(&format!("/console/c/{chat}")).await;
    assert!(page.contains("Ana blocked the shopper (“insults &#60;b&#62;again&#60;/b&#62;”) until"), "{page}");
    assert!(page.contains("Closed, because the shopper was blocked") && page.contains("Blocked until"), "{page}");
    assert!(!page.contains("<b>again"), "what was written is text");
    let told: String = [&shopper, &tab].iter().flat_map(|one| one.heard(|_| true)).map(|f| f.to_string()).collect();
    assert!(told.contains("\"closed\"") && !told.contains("insults") && !told.contains("Ana blocked"), "{told}");
    // Nobody else is concerned.
    bystander.say("and I?").await;
    scene.ana.message(&other, "and I?").await;
    crate::harness::log::assert_gapless(desk, &chat).await;
}

#[tokio::test]
async fn a_block_holds_for_whoever_signs_in_as_that_customer_and_in_this_browser_for_everybody() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let as_customer = |sub: &str| statement(desk, sub, "li@post.example");
    let shopper = Shopper::come_with(desk, begin_as(desk, None, &as_customer("cust-1")), json!([])).await;
    let chat = shopper.open("hello").await;
    scene.ana.given(&chat).await;
    let ana = scene.browser().await;
    assert_eq!(ana.post(&path(&chat), &[("reason", "fraud"), ("length", "ever")]).await.0, 200);
    assert_eq!(shopper.closed().await, 4003);
    assert!(is_refused(&desk.session(&begin_as(desk, None, &as_customer("cust-1"))).await), "another browser");
    let guest = Shopper::come(desk).await;
    assert!(is_refused(&desk.session(&begin_as(desk, Some(&guest.token), &as_customer("cust-1"))).await));
    assert_eq!(
        desk.count("select count(*) from shopper_tokens t join shoppers s on s.id = t.shopper_id and s.verified").await,
        1
    );
    assert_eq!(desk.session(&begin_as(desk, None, &as_customer("cust-2"))).await.0, 200, "another customer");
    assert_eq!(begins(desk, &guest.token).await.0, 200, "and the guest is who they were");
    // Who was blocked as a guest does not come in by signing in.
    let chat = guest.open("me again").await;
    assert_eq!(ana.post(&path(&chat), &DAY).await.0, 200);
    assert!(is_refused(&desk.session(&begin_as(desk, Some(&guest.token), &as_customer("cust-2"))).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_another_node_it_is_as_quick_and_a_hint_that_is_lost_costs_a_moment() {
    let mut redis = Redis::start().await;
    let here = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let there = here.node(ALL_ROLES).await;
    here.is_whole().await;
    there.is_whole().await;
    let scene = Scene::at(here).await;
    let far = async |body: &str| {
        let shopper = Shopper::come(&there).await;
        let chat = shopper.open(body).await;
        scene.ana.given(&chat).await;
        (shopper, chat)
    };
    let ((shopper, chat), (second, other)) = (far("one").await, far("two").await);
    let ana = scene.browser().await;
    let asked = app::instant();
    assert_eq!(ana.post(&path(&chat), &DAY).await.0, 200);
    assert_eq!(shopper.closed().await, 4003);
    assert!(app::instant() - asked < AT_ONCE, "{:?}", app::instant() - asked);
    assert!(is_refused(&begins(&there, &shopper.token).await));
    redis.kill();
    let asked = app::instant();
    assert_eq!(ana.post(&path(&other), &DAY).await.0, 200);
    assert_eq!(second.closed().await, 4003);
    assert!(app::instant() - asked < BY_SWEEP, "{:?}", app::instant() - asked);
    there.app.stopping.cancel();
}

#[tokio::test]
async fn a_supervisor_lets_them_in_again_and_it_stays_to_be_read() {
    let scene = Scene::open().await;
    let (shopper, chat) = scene.chat("grr").await;
    let ana = scene.browser().await;
    assert_eq!(ana.post(&path(&chat), &[("reason", INSULT), ("length", "ever")]).await.0, 200);
    assert_eq!(ana.get("/admin/blocklist").await.0, 403, "agents see it in the conversation");
    let (sam, tess) = (scene.overseer("Sam").await, scene.overseer("Tess").await);
    let (_, list) = sam.get("/admin/blocklist").await;
    for there in ["insults &#60;b&#62;again", "Blocked by Ana", "Blocked for good", "Unblock", &shopper.id] {
        assert!(list.contains(there), "{there}: {list}");
    }
    let (_, person) = sam.get(&format!("/console/customers/{}", shopper.id)).await;
    assert!(person.contains("Blocked for good") && person.contains("insults &#60;b&#62;again"), "{person}");
    let lift = scene.lift().await;
    let bikes = scene.desk.second_site().await;
    let cycling = scene.desk.team_of(&bikes, "Cycling").await;
    let hire = Hire { role: Role::Supervisor, capacity: 1, teams: vec![cycling] };
    let eve = Browser::sign_in(&scene.desk, &scene.desk.hire_at(&bikes, "Eve", hire).await).await;
    assert!(!eve.get("/admin/blocklist?all=1").await.1.contains("insults"));
    assert_eq!(eve.submit(&lift, &[]).await.0, 404);
    assert_eq!(ana.submit(&lift, &[]).await.0, 403);
    assert_eq!(sam.post_from(&lift, &[], Some("https://evil.example")).await.0, 403);
    assert!(is_refused(&begins(&scene.desk, &shopper.token).await));
    let (one, two) = tokio::join!(sam.submit(&lift, &[]), tess.submit(&lift, &[]));
    let mut statuses = [one.0, two.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "of two one is told that it is over");
    let name = if one.0 == 303 { "Sam" } else { "Tess" };
    assert!(sam.get("/admin/blocklist").await.1.contains("Nobody is blocked"));
    let (_, list) = sam.get("/admin/blocklist?all=1").await;
    assert!(list.contains(&format!("Ended by {name}")) && !list.contains("/lift"), "{list}");
    let (_, page) = ana.get(&format!("/console/c/{chat}")).await;
    assert!(page.contains(&format!("{name} ended the block")), "{page}");
    let back = shopper.again(&scene.desk, from_start(&chat)).await;
    let fresh = back.open("may I?").await;
    assert_ne!(fresh, chat);
    for odd in ["?after=x", "?after=1_2&all=1", "?all=2"] {
        assert_eq!(sam.get(&format!("/admin/blocklist{odd}")).await.0, 200, "{odd}");
    }
}

#[tokio::test]
async fn a_block_is_over_when_its_time_is_and_can_be_made_anew() {
    let scene = Scene::open().await;
    let (shopper, chat) = scene.chat("grr").await;
    let ana = scene.browser().await;
    assert_eq!(ana.post(&path(&chat), &DAY).await.0, 200);
    let day = Duration::from_hours(24);
    scene.desk.app.clock.advance(Duration::from_mins(24 * 60 - 1));
    assert!(is_refused(&begins(&scene.desk, &shopper.token).await));
    assert_eq!(ana.post(&path(&chat), &DAY).await.0, 422, "they are blocked already");
    scene.desk.app.clock.advance(Duration::from_secs(61));
    assert_eq!(begins(&scene.desk, &shopper.token).await.0, 200);
    let sam = scene.overseer("Sam").await;
    assert!(sam.get("/admin/blocklist").await.1.contains("Nobody is blocked"));
    let (_, all) = sam.get("/admin/blocklist?all=1").await;
    assert!(all.contains("It was over at") && !all.contains("/lift"), "{all}");
    assert_eq!(sam.submit(&scene.lift().await, &[]).await.0, 409);
    assert_eq!(ana.post(&path(&chat), &[("reason", "again"), ("length", "month")]).await.0, 200);
    scene.desk.app.clock.advance(day * 29);
    assert!(is_refused(&begins(&scene.desk, &shopper.token).await));
    scene.desk.app.clock.advance(day + Duration::from_secs(1));
    assert_eq!(begins(&scene.desk, &shopper.token).await.0, 200);
}

#[tokio::test]
async fn nobody_blocks_a_shopper_of_whom_they_may_see_nothing_nor_by_another_sites_page() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let returns = desk.team("Returns").await;
    let shopper = Shopper::come(desk).await;
    let ack = shopper.must(json!({ "type": "send", "body": "hello", "team": scene.team })).await;
    let chat = ack["conversation"].as_str().unwrap().to_owned();
    let bikes = desk.second_site().await;
    let cycling = desk.team_of(&bikes, "Cycling").await;
    let far = Hire { role: Role::Supervisor, capacity: 1, teams: vec![cycling] };
    let eve = Browser::sign_in(desk, &desk.hire_at(&bikes, "Eve", far).await).await;
    let ben = Browser::sign_in(desk, &desk.hire("Ben", Hire::agent(returns, 1)).await).await;
    for stranger in [&eve, &ben] {
        assert_eq!(stranger.post(&path(&chat), &DAY).await.0, 404);
    }
    let ana = scene.browser().await;
    assert_eq!(ana.post_from(&path(&chat), &DAY, Some("https://evil.example")).await.0, 403);
    assert_eq!(desk.count("select count(*) from blocks").await, 0);
    shopper.say("still here").await;
    for wrong in [
        vec![("length", "day")],
        vec![("reason", "  "), ("length", "day")],
        vec![("reason", "x")],
        vec![("reason", "x"), ("length", "century")],
        vec![("reason", &*"x".repeat(501)), ("length", "day")],
        vec![("reason", "a\0b"), ("length", "day")],
    ] {
        assert_eq!(ana.post(&path(&chat), &wrong).await.0, 422, "{wrong:?}");
    }
    let (status, page) = ana.submit(&path(&chat), &[("reason", "typed <i>in</i> vain"), ("length", "")]).await;
    assert!(status == 422 && page.contains("Choose for how long") && page.contains("typed &#60;i&#62;in"), "{page}");
    assert_eq!(desk.count("select count(*) from blocks").await, 0);
    // Of two who do it at once one does; the other is told.
    let sam = scene.overseer("Sam").await;
    let place = path(&chat);
    let (one, two) = tokio::join!(ana.post(&place, &DAY), sam.post(&place, &DAY));
    let mut statuses = [one.0, two.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422], "{} {}", one.1, two.1);
    assert!(one.1.contains("blocked this shopper already") || two.1.contains("blocked this shopper already"));
    assert_eq!(desk.count("select count(*) from blocks").await, 1);
    assert_eq!(desk.count("select count(*) from events where kind = 'closed'").await, 1);
}

#[tokio::test]
async fn what_no_hint_and_no_sweep_told_opens_no_chat_all_the_same() {
    let scene = Scene::open().await;
    let shopper = Shopper::come(&scene.desk).await;
    let chat = shopper.open("one").await;
    shopper.close(&chat).await;
    // From long ago: no sweep speaks of it, and the socket is open.
    sqlx::query(
        "insert into blocks (site_id, id, shopper_id, conversation_id, reason, by_name, at)
        select site_id, gen_random_uuid(), shopper_id, id, 'x', 'Ana', now() - interval '1 hour' from conversations",
    )
    .execute(&scene.desk.app.db.read)
    .await
    .unwrap();
    let again = json!({ "type": "send", "body": "two", "conversation": chat, "reopen": true });
    shopper.refused(again, "forbidden").await;
    shopper.refused(json!({ "type": "send", "body": "two" }), "forbidden").await;
    assert_eq!(scene.desk.count("select count(*) from conversations where state <> 'closed'").await, 0);
}
