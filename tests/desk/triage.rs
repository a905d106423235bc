//! Sorting the work: tags and priority, lists as somebody likes them, chats that sleep.

use crate::console::Browser;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, Hire, Setup, Shopper, eventually};
use crate::pages::Page;
use deskbell::domain::id::{AgentId, TeamId};
use deskbell::domain::people::Role;
use serde_json::json;

/// Ana and Chen of a team, Sam who oversees it.
struct Scene {
    desk: Desk,
    team: TeamId,
    ana: Agent,
}

impl Scene {
    async fn open() -> Self {
        let desk = Desk::open().await;
        let team = desk.team("Orders").await;
        let ana = desk.agent("Ana", team, 5).await;
        Self { desk, team, ana }
    }

    async fn chat(&self, body: &str) -> (Shopper, String) {
        let shopper = Shopper::come(&self.desk).await;
        let chat = shopper.open(body).await;
        self.ana.given(&chat).await;
        (shopper, chat)
    }

    async fn browser(&self) -> Browser<'_> {
        Browser::sign_in(&self.desk, &self.ana.staff).await
    }

    async fn sam(&self) -> Browser<'_> {
        let hire = Hire { role: Role::Supervisor, capacity: 5, teams: vec![self.team] };
        Browser::sign_in(&self.desk, &self.desk.hire("Sam", hire).await).await
    }

    /// A tag of the shop, made as a supervisor does.
    async fn tag(&self, name: &str, color: &str) -> String {
        let sam = self.sam().await;
        let (status, _) =
            sam.post(&format!("/admin/tags/{}", self.desk.site.id), &[("name", name), ("color", color)]).await;
        assert_eq!(status, 303);
        let id: uuid::Uuid = sqlx::query_scalar("select id from tags where name = $1")
            .bind(name)
            .fetch_one(&self.desk.app.db.read)
            .await
            .unwrap();
        id.to_string()
    }
}

impl Desk {
    /// For whatever sleeps. The clock stays: agents' leases would be over too.
    async fn time_comes(&self) {
        let done = sqlx::query("update conversations set snoozed_until = snoozed_at where snoozed_until is not null")
            .execute(&self.app.db.read)
            .await
            .unwrap();
        assert_eq!(done.rows_affected(), 1);
    }
}

async fn assignee(desk: &Desk, chat: &str) -> (String, Option<AgentId>, Option<i16>) {
    sqlx::query_as("select state, assignee_id, seat from conversations where id = $1::uuid")
        .bind(chat)
        .fetch_one(&desk.app.db.read)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_tag_is_made_by_who_oversees_put_on_by_an_agent_and_told_to_staff_alone() {
    let scene = Scene::open().await;
    let (shopper, chat) = scene.chat("hello").await;
    let ana = scene.browser().await;
    let path = format!("/admin/tags/{}", scene.desk.site.id);
    assert_ne!(ana.post(&path, &[("name", "VIP"), ("color", "2")]).await.0, 303, "agents only choose");
    let tag = scene.tag("Refund <b>", "5").await;
    let sam = scene.sam().await;
    for (name, color) in [("refund  <B>", "1"), ("", "0"), ("x", "9"), (&*"y".repeat(41), "0")] {
        assert_eq!(sam.post(&path, &[("name", name), ("color", color)]).await.0, 422, "{name}");
    }
    let path = format!("/console/c/{chat}/tag");
    let form = [("tag", tag.as_str())];
    let twice = futures_util::future::join_all((0..4).map(|_| ana.post(&path, &form))).await;
    assert!(twice.iter().all(|(status, _)| *status == 200), "{twice:?}");
    scene.ana.event(&chat, "a line of it", |e| e["body"] == "Ana added the tag \u{201c}Refund <b>\u{201d}.").await;
    assert_eq!(scene.desk.count("select count(*) from events where kind = 'note'").await, 1, "once");
    let (_, page) = ana.get(&format!("/console/c/{chat}")).await;
    assert!(page.contains("Refund &#60;b&#62;") && page.contains("Ana added the tag"), "{page}");
    assert!(!page.contains("Refund <b>"));
    assert_eq!(ana.post(&path, &[("untag", &tag)]).await.0, 200);
    scene.ana.event(&chat, "that it is off", |e| e["body"] == "Ana removed the tag \u{201c}Refund <b>\u{201d}.").await;
    assert_eq!(ana.post(&path, &[("tag", &uuid::Uuid::nil().to_string())]).await.0, 422);
    assert_eq!(ana.post(&path, &[]).await.0, 422);
    shopper.say("still here").await;
    assert!(shopper.log(&chat).iter().all(|e| e["kind"] != "note"));
}

#[tokio::test]
async fn somebody_elses_shop_and_chat_take_no_tag_from_here() {
    let scene = Scene::open().await;
    let (_shopper, chat) = scene.chat("hello").await;
    let tag = scene.tag("Ours", "0").await;
    let other = scene.desk.second_site().await;
    let team = scene.desk.team_of(&other, "Bikes").await;
    let hire = Hire { role: Role::Supervisor, capacity: 1, teams: vec![team] };
    let stranger = scene.desk.hire_at(&other, "Eve", hire).await;
    let eve = Browser::sign_in(&scene.desk, &stranger).await;
    assert_eq!(eve.post(&format!("/console/c/{chat}/tag"), &[("tag", &tag)]).await.0, 404);
    assert_eq!(eve.post(&format!("/console/c/{chat}/priority"), &[("class", "vip")]).await.0, 404);
    assert_eq!(eve.post(&format!("/admin/tags/{}/{tag}", scene.desk.site.id), &[("act", "remove")]).await.0, 404);
    assert_eq!(eve.post(&format!("/admin/tags/{}", scene.desk.site.id), &[("name", "x")]).await.0, 404);
    // The same tag under their own shop's address is not there.
    let (status, _) = eve.post(&format!("/admin/tags/{}/{tag}", other.id), &[("name", "mine"), ("color", "0")]).await;
    assert_eq!(status, 422);
    assert!(!eve.get("/admin/tags").await.1.contains("Ours"));
    assert_eq!(scene.desk.count("select count(*) from conversation_tags").await, 0);
}

#[tokio::test]
async fn a_higher_priority_moves_a_shopper_up_the_line_at_once() {
    let scene = Scene::open().await;
    scene.ana.available(false).await;
    let (first, second) = (Shopper::come(&scene.desk).await, Shopper::come(&scene.desk).await);
    let (one, two) = (first.open("first").await, second.open("second").await);
    second.wait("second in line", |f| f["type"] == "queue" && f["position"] == 2).await;
    let ana = scene.browser().await;
    let page = Page::showing(&ana, vec![json!({ "topic": "list:waiting" })]).await;
    assert_eq!(ana.post(&format!("/console/c/{two}/priority"), &[("class", "vip")]).await.0, 200);
    second.wait("first in line", |f| f["type"] == "queue" && f["position"] == 1).await;
    let order = json!([two, one]);
    page.is_told("the new order", |op| op["op"] == "list" && op["a"]["order"] == order).await;
    let (_, list) = ana.get("/console/inbox/waiting").await;
    assert!(list.find(&two) < list.find(&one) && list.contains("Urgent"), "{list}");
    for bad in ["", "highest"] {
        assert_eq!(ana.post(&format!("/console/c/{two}/priority"), &[("class", bad)]).await.0, 422, "{bad}");
    }
    second.close(&two).await;
    assert_eq!(ana.post(&format!("/console/c/{two}/priority"), &[("class", "low")]).await.0, 409);
}

#[tokio::test]
async fn a_list_keeps_its_sort_and_filters_over_reload_and_sign_in_and_new_rows_obey_them() {
    let scene = Scene::open().await;
    let tag = scene.tag("Parcel", "1").await;
    let (one_shopper, one) = scene.chat("first words").await;
    let (_two_shopper, two) = scene.chat("second words").await;
    let ana = scene.browser().await;
    ana.post(&format!("/console/c/{one}/tag"), &[("tag", &tag)]).await;
    let (_, plain) = ana.get("/console/inbox/mine").await;
    assert!(plain.contains(&one) && plain.contains(&two));
    let wish = format!("sort=oldest&tag={tag}");
    let (_, list) = ana.get(&format!("/console/inbox/mine?{wish}&team=&site=x")).await;
    let has_row = |list: &str, chat: &str| list.contains(&format!("row-{chat}"));
    assert!(has_row(&list, &one) && !has_row(&list, &two), "{list}");
    let again = scene.browser().await;
    let (status, _) = again.get("/console/inbox/mine").await;
    assert_eq!(status, 303, "as it was left");
    let (_, thread) = again.get(&format!("/console/c/{two}")).await;
    assert!(!has_row(&thread, &two) && has_row(&thread, &one), "the list beside a conversation too");
    assert!(!has_row(&again.get("/console/inbox/all?unread=0").await.1, "x"), "other lists are their own");
    // Live: a row that does not fit stays away, one that begins to fit comes.
    let page = Page::showing(&again, vec![json!({ "topic": format!("list:mine?{wish}") })]).await;
    let (_three_shopper, three) = scene.chat("third words").await;
    one_shopper.say("more of the first").await;
    page.is_told("the row that fits", |op| {
        op["op"] == "list" && op["html"].as_str().unwrap().contains("more of the first")
    })
    .await;
    ana.post(&format!("/console/c/{three}/tag"), &[("tag", &tag)]).await;
    let order = json!([three, one]);
    page.is_told("both, oldest first", |op| op["op"] == "list" && op["a"]["order"] == order).await;
    let told = page.told.borrow().clone();
    assert!(!json!(told).to_string().contains(&format!("row-{two}")), "what does not fit was never told");
    let (_, none) = ana.get(&format!("/console/inbox/mine?unassigned=1&tag={tag}")).await;
    assert!(none.contains("No conversation fits") && none.contains("/console/inbox/mine?sort=own"), "{none}");
    assert_eq!(ana.get("/console/inbox/mine?sort=own").await.0, 200);
    assert_eq!(ana.get("/console/inbox/mine").await.0, 200, "nothing is remembered any more");
}

#[tokio::test]
async fn a_chat_that_sleeps_frees_its_place_and_comes_back_at_its_time() {
    let scene = Scene::open().await;
    let (shopper, chat) = scene.chat("hello").await;
    let ana = scene.browser().await;
    let page = Page::showing(&ana, vec![json!({ "topic": "list:mine" })]).await;
    let heard = shopper.log(&chat).len();
    let path = format!("/console/c/{chat}/snooze");
    for bad in
        [[("until", ""), ("at", "")], [("until", "at"), ("at", "2001-01-01T10:00")], [("until", "at"), ("at", "x")]]
    {
        assert_eq!(ana.post(&path, &bad).await.0, 422, "{bad:?}");
    }
    let both =
        futures_util::future::join(ana.post(&path, &[("until", "hour")]), ana.post(&path, &[("until", "hour")])).await;
    assert_eq!((both.0.0, both.1.0), (200, 200));
    let (state, owner, seat) = assignee(&scene.desk, &chat).await;
    assert_eq!((state.as_str(), owner, seat), ("active", Some(scene.ana.staff.id), None));
    assert!(!ana.get("/console/inbox/mine").await.1.contains(&chat));
    assert!(ana.get("/console/inbox/snoozed").await.1.contains(&chat));
    scene.desk.time_comes().await;
    page.is_told("a call", |op| {
        op["a"]["name"] == "call"
            && op["a"]["conversation"] == chat.as_str()
            && op["a"]["text"] == "A snoozed chat is back."
    })
    .await;
    assert_eq!(assignee(&scene.desk, &chat).await.1, Some(scene.ana.staff.id));
    assert!(ana.get("/console/inbox/mine").await.1.contains(&chat));
    assert_eq!(shopper.log(&chat).len(), heard, "the shopper heard of nothing");
}

#[tokio::test]
async fn a_shopper_who_writes_wakes_their_chat_for_the_same_agent() {
    let scene = Scene::open().await;
    let (shopper, chat) = scene.chat("hello").await;
    let ana = scene.browser().await;
    ana.post(&format!("/console/c/{chat}/snooze"), &[("until", "week")]).await;
    shopper.say("one more thing").await;
    scene.ana.message(&chat, "one more thing").await;
    eventually("it is awake", async || assignee(&scene.desk, &chat).await.2).await;
    assert_eq!(assignee(&scene.desk, &chat).await.1, Some(scene.ana.staff.id));
    scene.ana.say(&chat, "of course").await;
    shopper.message(&chat, "of course").await;
}

#[tokio::test]
async fn who_is_busy_keeps_a_chat_that_slept_and_who_is_away_does_not() {
    for (status, is_kept) in [("busy", true), ("away", false)] {
        let scene = Scene::open().await;
        let (shopper, chat) = scene.chat("hello").await;
        let ana = scene.browser().await;
        ana.post(&format!("/console/c/{chat}/snooze"), &[("until", "week")]).await;
        assert_eq!(ana.post("/console/status", &[("status", status)]).await.0, 200);
        shopper.say("one more thing").await;
        let woke = async || {
            Some(assignee(&scene.desk, &chat).await).filter(|(state, _, seat)| state == "waiting" || seat.is_some())
        };
        let (state, owner, _) = eventually("it is awake", woke).await;
        assert_eq!((state == "active", owner == Some(scene.ana.staff.id)), (is_kept, is_kept), "{status}");
    }
}

#[tokio::test]
async fn a_chat_whose_agent_has_no_place_free_wakes_into_line() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let (shopper, other) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let path = format!("/console/c/{chat}/snooze");
    assert_eq!(browser.post(&path, &[("until", "tomorrow")]).await.0, 200);
    let second = other.open("me now").await;
    ana.given(&second).await;
    let (status, refused) = browser.post(&path, &[("until", "wake")]).await;
    assert!(status == 422 && refused.contains("All your places are taken"), "{status} {refused}");
    shopper.say("are you there?").await;
    shopper.event(&chat, "that they are in line", |e| e["kind"] == "left").await;
    let ben = desk.agent("Ben", team, 1).await;
    ben.given(&chat).await;
    let (state, owner, seat) = assignee(&desk, &chat).await;
    assert_eq!((state.as_str(), owner, seat), ("active", Some(ben.staff.id), Some(1)));
}

#[tokio::test]
async fn one_that_sleeps_can_be_woken_by_hand_given_away_and_closed_by_none_but_its_agent() {
    let scene = Scene::open().await;
    let (_shopper, chat) = scene.chat("hello").await;
    let ana = scene.browser().await;
    let chen = scene.desk.hire("Chen", Hire::agent(scene.team, 5)).await;
    let chen = Browser::sign_in(&scene.desk, &chen).await;
    let path = format!("/console/c/{chat}/snooze");
    assert_eq!(chen.post(&path, &[("until", "hour")]).await.0, 409, "it is not theirs");
    assert_eq!(ana.post(&path, &[("until", "hour")]).await.0, 200);
    assert_eq!(ana.post(&path, &[("until", "wake")]).await.0, 200);
    assert!(assignee(&scene.desk, &chat).await.2.is_some());
    assert_eq!(ana.post(&path, &[("until", "hour")]).await.0, 200);
    let to = format!("team:{}", scene.team);
    assert_eq!(ana.post(&format!("/console/c/{chat}/transfer"), &[("to", &to)]).await.0, 200);
    scene.ana.given(&chat).await;
    eventually("it is given anew", async || assignee(&scene.desk, &chat).await.2).await;
    assert_eq!(ana.post(&path, &[("until", "hour")]).await.0, 200);
    assert_eq!(chen.post(&format!("/console/c/{chat}/close"), &[]).await.0, 409);
    assert_eq!(ana.post(&format!("/console/c/{chat}/close"), &[]).await.0, 200);
    assert_eq!(scene.desk.count("select count(*) from conversations where snoozed_until is not null").await, 0);
    assert_eq!(ana.post(&path, &[("until", "hour")]).await.0, 409);
    assert_eq!(ana.post(&path, &[("until", "wake")]).await.0, 200, "it does not sleep");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_one_wakes_it_and_a_new_node_wakes_what_slept_before_it_came() {
    let redis = Redis::start().await;
    let here = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let team = here.team("Orders").await;
    let ana = here.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&here).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    let browser = Browser::sign_in(&here, &ana.staff).await;
    assert_eq!(browser.post(&format!("/console/c/{chat}/snooze"), &[("until", "hour")]).await.0, 200);
    let there = here.node(ALL_ROLES).await;
    for node in [&here, &there] {
        node.is_whole().await;
    }
    here.time_comes().await;
    eventually("it is awake", async || assignee(&here, &chat).await.2).await;
    // Both have looked since.
    ana.note(&chat, "later").await;
    ana.event(&chat, "that it woke", |e| e["body"] == "The time it was snoozed until has come.").await;
    let woken = here.count("select count(*) from events where body like 'The time it was%'").await;
    assert_eq!(woken, 1);
}

#[tokio::test]
async fn several_at_once_are_each_told_what_became_of_them() {
    let scene = Scene::open().await;
    let chen = scene.desk.agent("Chen", scene.team, 0).await;
    let (_a, mine) = scene.chat("mine").await;
    let (b, over) = scene.chat("over").await;
    b.close(&over).await;
    let tag = scene.tag("Batch", "3").await;
    let other = scene.desk.second_site().await;
    let stranger = scene.desk.team_of(&other, "Bikes").await;
    let ana = scene.browser().await;
    let form = [("view", "all"), ("do", "close"), ("c", &mine), ("c", &over), ("c", &mine)];
    let unseen = uuid::Uuid::nil().to_string();
    let mut tags = form.to_vec();
    tags[1].1 = &*Box::leak(format!("tag:{tag}").into_boxed_str());
    tags.push(("c", &unseen));
    let (status, told) = ana.post("/console/bulk", &tags).await;
    assert!(status == 200 && told.contains("2 done.") && told.contains("1 refused."), "{told}");
    assert_eq!(scene.desk.count("select count(*) from conversation_tags").await, 2);
    let theirs = Browser::sign_in(&scene.desk, &chen.staff).await;
    let (_, told) = theirs.post("/console/bulk", &form).await;
    assert!(told.contains("0 done.") && told.contains("2 refused.") && told.contains("Ana has this"), "{told}");
    // Who oversees gives away what they saw, not what a colleague has taken since.
    let boss = Hire { role: Role::Supervisor, capacity: 0, teams: vec![scene.team] };
    let sue = scene.desk.hire("Sue", boss).await;
    let sues = Browser::sign_in(&scene.desk, &sue).await;
    let (_, page) = sues.get("/console/inbox/all").await;
    let ticked =
        page.split("name=\"c\" value=\"").find_map(|rest| rest.split('"').next().filter(|v| v.starts_with(&mine)));
    let ticked = ticked.unwrap().to_owned();
    let returns = format!("team:{}", scene.desk.team("Returns").await);
    let waited = format!("{mine}:0");
    let (_, told) = sues.post("/console/bulk", &[("do", &returns), ("c", &waited)]).await;
    assert!(told.contains("0 done.") && told.contains("1 refused."), "{told}");
    assert_eq!(scene.desk.count("select count(*) from conversations where state = 'active'").await, 1);
    assert!(ticked.len() > mine.len() + 1 && ticked != waited, "{ticked}");
    let away = format!("team:{stranger}");
    let (_, told) = ana.post("/console/bulk", &[("do", &away), ("c", &mine)]).await;
    assert!(told.contains("0 done."), "another shop's team: {told}");
    let (_, told) = ana.post("/console/bulk", &[("do", "snooze:week"), ("c", &mine)]).await;
    assert!(told.contains("1 done."), "{told}");
    let (_, told) = ana.post("/console/bulk", &form).await;
    assert!(told.contains("1 done.") && told.contains("1 refused."), "{told}");
    for (bad, why) in [
        (vec![("do", "close")], "Tick at least one"),
        (vec![("c", mine.as_str())], "Choose what"),
        (vec![("do", "explode"), ("c", mine.as_str())], "Choose what"),
    ] {
        let (status, told) = ana.post("/console/bulk", &bad).await;
        assert!(status == 422 && told.contains(why), "{told}");
    }
}
