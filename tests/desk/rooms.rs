//! Rooms of the staff: who is in which, who hears what is said there, and that it stays among them.

use crate::alerts::{agreed, later};
use crate::console::Browser;
use crate::files::{console, file_part};
use crate::harness::people::{Hire, Staff};
use crate::harness::receiver::Service;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Desk, Setup, Shopper, cid, eventually, text};
use crate::pages::Page;
use deskbell::domain::people::Role;
use deskbell::domain::prefs::Prefs;
use deskbell::store::start::facts;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;

/// The address of the room of this name, as a page lists it.
fn room(list: &str, name: &str) -> Option<String> {
    let at = list.find(&format!("<bdi>{name}</bdi>"))?;
    let row = list[..at].rsplit("<li id=\"room-").next()?;
    let href = row.split("href=\"").nth(1)?;
    href.split('"').next().map(str::to_owned)
}

async fn lobby(browser: &Browser<'_>) -> String {
    let (status, list) = browser.get("/console/rooms").await;
    assert_eq!(status, 200, "{list}");
    room(&list, "Lobby").unwrap_or_else(|| panic!("no lobby in {list}"))
}

async fn talk(browser: &Browser<'_>, with: &Staff) -> String {
    assert_eq!(browser.submit(&format!("/console/rooms/with/{}", with.id), &[]).await.0, 303);
    room(&browser.get("/console/rooms").await.1, &with.name).unwrap()
}

async fn say(browser: &Browser<'_>, room: &str, body: &str) {
    let (status, answer) = browser.post(&format!("{room}/say"), &[("cid", &cid()), ("body", body)]).await;
    assert_eq!(status, 200, "{answer}");
}

fn id_of(room: &str) -> &str {
    room.rsplit('/').next().unwrap()
}

/// The calls that a page was told about a room, by their text.
fn calls(page: &Page, room: &str) -> Vec<String> {
    let about = |op: &&Value| op["a"]["name"] == "call" && op["a"]["conversation"] == id_of(room);
    let isolates = ['\u{2068}', '\u{2069}'];
    page.ops_named("event").iter().filter(about).map(|op| text(&op["a"], "text").replace(isolates, "")).collect()
}

/// How many rooms a page says are unread.
fn unread(page: &Page) -> String {
    let told = page.ops("[data-count=rooms]");
    text(&told.last().unwrap()["a"], "data-n").to_owned()
}

async fn becomes(page: &Page, count: &str) {
    eventually(&format!("{count} unread"), async || (unread(page) == count).then_some(())).await;
}

#[tokio::test]
async fn a_lobby_is_for_everybody_at_the_shop_and_a_teams_room_for_those_in_it() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.hire("Ana", Hire::agent(orders, 5)).await;
    let ben = desk.hire("Ben", Hire::agent(returns, 5)).await;
    let sam = desk.hire("Sam", Hire { role: Role::Supervisor, ..Hire::agent(returns, 0) }).await;
    let elsewhere = desk.second_site().await;
    let far = desk.team_of(&elsewhere, "Far").await;
    let eve = desk.hire_at(&elsewhere, "Eve", Hire::agent(far, 5)).await;
    let admin = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let [ana, ben, sam, eve, admin] =
        join_all([&ana, &ben, &sam, &eve, &admin].map(|one| Browser::sign_in(&desk, one)))
            .await
            .try_into()
            .ok()
            .unwrap();
    // Two who are the first at once furnish the shop once.
    let (one, other) = tokio::join!(ana.get("/console/rooms"), ben.get("/console/rooms"));
    assert_eq!((one.0, other.0), (200, 200));
    let (hers, his) = (ana.get("/console/rooms").await.1, ben.get("/console/rooms").await.1);
    let lobby = room(&hers, "Lobby").unwrap();
    assert_eq!(room(&his, "Lobby").unwrap(), lobby);
    let (of_orders, of_returns) = (room(&hers, "Orders").unwrap(), room(&his, "Returns").unwrap());
    assert_eq!((room(&hers, "Returns"), room(&his, "Orders")), (None, None));
    say(&ana, &lobby, "Lamps are late today").await;
    say(&ana, &of_orders, "For orders alone").await;
    let may = async |who: &Browser<'_>| {
        let mut may = Vec::new();
        for one in [&lobby, &of_orders, &of_returns] {
            may.push(who.get(one).await.0 == 200);
        }
        may
    };
    assert_eq!(may(&ana).await, [true, true, false]);
    assert_eq!(may(&ben).await, [true, false, true]);
    assert_eq!(may(&sam).await, [true, true, true], "a supervisor oversees every team of the shop");
    assert_eq!(may(&eve).await, [false, false, false], "of another shop");
    assert_eq!(may(&admin).await, [true, true, true]);
    assert!(ben.get(&lobby).await.1.contains("Lamps are late today"));
    for path in ["say", "recall", "correct", "read", "draft"] {
        assert_eq!(eve.post(&format!("{lobby}/{path}"), &[("body", "let me in")]).await.0, 404, "{path}");
    }
    assert_eq!(eve.get(&format!("{lobby}/colleagues?q=")).await.0, 404);
    // The same form twice says it once.
    let form = [("cid", &*cid()), ("body", "Once")];
    for _ in 0..2 {
        assert_eq!(ben.post(&format!("{lobby}/say"), &form).await.0, 200);
    }
    assert_eq!(desk.count("select count(*) from events where body = 'Once'").await, 1);
    // Without script, too.
    assert_eq!(ben.submit(&format!("{lobby}/say"), &[("cid", &cid()), ("body", "By hand")]).await.0, 303);
    let (status, page) = ben.submit(&format!("{lobby}/say"), &[("cid", &cid()), ("body", " ")]).await;
    assert!(status == 422 && page.contains("role=\"alert\""), "{page}");
    let (status, page) = ben.submit(&format!("{lobby}/say"), &[("cid", &cid()), ("body", &"x".repeat(8_001))]).await;
    assert!(status == 422 && page.contains(&"x".repeat(8_001)), "what was too long is in its field still");
}

#[tokio::test]
async fn a_talk_is_one_for_both_and_seen_by_nobody_else() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let (ana, ben) = (desk.hire("Ana", Hire::agent(team, 5)).await, desk.agent("Ben", team, 5).await);
    let admin = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let stranger = {
        let elsewhere = desk.second_site().await;
        let far = desk.team_of(&elsewhere, "Far").await;
        desk.hire_at(&elsewhere, "Eve", Hire::agent(far, 5)).await
    };
    let (hers, his) = (Browser::sign_in(&desk, &ana).await, Browser::sign_in(&desk, &ben.staff).await);
    // They turn to each other at the same moment, several times.
    let (to_ben, to_ana) = (format!("/console/rooms/with/{}", ben.staff.id), format!("/console/rooms/with/{}", ana.id));
    let asked = (0..8).map(|n| if n % 2 == 0 { hers.submit(&to_ben, &[]) } else { his.submit(&to_ana, &[]) });
    assert!(join_all(asked).await.iter().all(|(status, _)| *status == 303));
    assert_eq!(desk.count("select count(*) from conversations where kind = 'direct'").await, 1);
    let talk = talk(&hers, &ben.staff).await;
    assert_eq!(room(&his.get("/console/rooms").await.1, "Ana").unwrap(), talk);
    say(&hers, &talk, "Between us").await;
    assert!(his.get(&talk).await.1.contains("Between us"));
    // A link to a conversation leads there.
    assert_eq!(his.get(&format!("/console/c/{}", id_of(&talk))).await.0, 303);
    let boss = Browser::sign_in(&desk, &admin).await;
    for path in [talk.clone(), format!("/console/c/{}", id_of(&talk))] {
        assert_eq!(boss.get(&path).await.0, 404, "{path}");
    }
    assert!(!boss.get("/console/rooms").await.1.contains("Between us"));
    let page = Page::showing(&boss, vec![json!({ "topic": format!("conv:{}", id_of(&talk)) })]).await;
    let program = desk.sign_in(&admin).await;
    let frame = json!({ "type": "send", "conversation": id_of(&talk), "body": "I listen" });
    program.refused(frame, "forbidden").await;
    program.send(&json!({ "type": "watch", "conversation": id_of(&talk) }));
    say(&his, &talk, "Nobody hears").await;
    // What is said in the lobby afterwards has overtaken nothing.
    say(&his, &lobby(&his).await, "@Hugo, do you hear?").await;
    page.is_told("that he is called", |op| op["a"]["name"] == "call").await;
    assert_eq!(page.ops(&format!("#log-{}", id_of(&talk))).len(), 0);
    program.probe().await;
    assert!(program.heard(|frame| frame.to_string().contains("Nobody hears")).is_empty());
    // Nobody turns to whom they have nothing to do with, or to themselves.
    for nobody in [stranger.id.to_string(), ana.id.to_string(), cid()] {
        assert_eq!(hers.submit(&format!("/console/rooms/with/{nobody}"), &[]).await.0, 404);
    }
    // Nor does the talk end, become a ticket, or take a note.
    for path in ["close", "note", "ticket", "transfer", "reply", "claim"] {
        let (status, _) = hers.post(&format!("/console/c/{}/{path}", id_of(&talk)), &[("body", "x")]).await;
        assert_eq!(status, 404, "{path}");
    }
    ben.refused(json!({ "type": "close", "conversation": id_of(&talk) }), "forbidden").await;
    ben.refused(json!({ "type": "send", "conversation": id_of(&talk), "body": "x", "note": true }), "forbidden").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_written_to_is_called_and_counts_until_they_have_read() {
    let redis = Redis::start().await;
    let desk = Setup::default().nodes(1, &redis.url(), ALL_ROLES).open().await;
    let node = desk.node(ALL_ROLES).await;
    let team = desk.team("Orders").await;
    let (ana, ben) = (desk.hire("Ana", Hire::agent(team, 5)).await, desk.hire("Ben", Hire::agent(team, 5)).await);
    let (hers, his) = (Browser::sign_in(&desk, &ana).await, Browser::sign_in(&node, &ben).await);
    let (lobby, talk) = (lobby(&hers).await, talk(&hers, &ben).await);
    let inbox = Page::showing(&his, vec![json!({ "topic": "list:mine" })]).await;
    becomes(&inbox, "0").await;
    say(&hers, &talk, "Can you take the lamp?").await;
    eventually("that he is called", async || (!calls(&inbox, &talk).is_empty()).then_some(())).await;
    assert_eq!(calls(&inbox, &talk), ["Ana writes to you"]);
    becomes(&inbox, "1").await;
    say(&hers, &lobby, "Hello all").await;
    becomes(&inbox, "2").await;
    say(&hers, &lobby, "@Ben, you too").await;
    eventually("that he is called by name", async || (!calls(&inbox, &lobby).is_empty()).then_some(())).await;
    assert_eq!(calls(&inbox, &lobby), ["Ana calls you in a room"]);
    // His page of the rooms is kept up to date, and the talk's own page is told what is said.
    let at_talk = json!({ "topic": format!("conv:{}", id_of(&talk)), "after": 1 });
    let at_rooms = json!({ "topic": format!("rooms:{}", id_of(&talk)) });
    let page = Page::showing(&his, vec![at_talk, at_rooms]).await;
    page.say(&json!({ "visible": true, "probe": true }));
    page.is_told("its rooms", |op| op["to"] == "#rooms").await;
    say(&hers, &talk, "It is the red one").await;
    let log = format!("#log-{}", id_of(&talk));
    page.is_told("what she says", |op| op["to"] == log.as_str() && text(op, "html").contains("the red one")).await;
    // Whoever looks at it needs no bell: it would have come before what calls him elsewhere after it was due.
    eventually("that he has seen it", async || {
        let unseen = "select count(*) from mentions n join conversations c on c.id = n.conversation_id
            where c.kind = 'direct' and n.seen_at is null";
        (desk.count(unseen).await == 0).then_some(())
    })
    .await;
    say(&hers, &lobby, "@Ben, once more").await;
    eventually("the next call", async || (!calls(&page, &lobby).is_empty()).then_some(())).await;
    assert_eq!(calls(&page, &talk).len(), 0, "who looks at it needs no bell");
    for room in [&talk, &lobby] {
        assert_eq!(his.post(&format!("{room}/read"), &[("upto", "99")]).await.0, 200);
    }
    becomes(&inbox, "0").await;
    assert_eq!(desk.count("select count(*) from mentions where seen_at is null").await, 0);
    // One's own words are read.
    let own = Page::showing(&hers, vec![json!({ "topic": "list:mine" })]).await;
    assert_eq!(unread(&own), "0");
}

#[tokio::test]
async fn who_is_away_is_told_by_their_browser_and_by_letter_of_what_they_have_not_read() {
    let (desk, service) = (Desk::open().await, Service::open().await);
    let team = desk.team("Orders").await;
    let (ana, ben) = (desk.agent("Ana", team, 5).await, desk.agent("Ben", team, 5).await);
    let (hers, his) = (Browser::sign_in(&desk, &ana.staff).await, Browser::sign_in(&desk, &ben.staff).await);
    let device = agreed(&his, &service).await;
    desk.prefers(ben.staff.id, &Prefs::default()).await;
    let talk = talk(&hers, &ben.staff).await;
    say(&hers, &talk, "Are you there?").await;
    later(&desk, Duration::from_secs(31)).await;
    let pushed = service.until(1).await.pop().unwrap();
    let notice = device.open(&pushed);
    assert_eq!(text(&notice, "title").replace(['\u{2068}', '\u{2069}'], ""), "Ana writes to you");
    assert_eq!(
        (&notice["body"], &notice["url"]),
        (&json!("Are you there?"), &json!(format!("/console/c/{}", id_of(&talk))))
    );
    his.get(&talk).await;
    later(&desk, Duration::from_mins(20)).await;
    assert_eq!(desk.count("select count(*) from outbox").await, 0, "he has read it");
    say(&hers, &talk, "Good.").await;
    later(&desk, Duration::from_mins(20)).await;
    assert_eq!(desk.count("select count(*) from outbox where kind = 'unseen'").await, 1);
}

#[tokio::test]
async fn what_was_said_is_taken_back_or_corrected_by_who_said_it() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let (ana, ben) = (desk.hire("Ana", Hire::agent(team, 5)).await, desk.hire("Ben", Hire::agent(team, 5)).await);
    let sam = desk.hire("Sam", Hire { role: Role::Supervisor, ..Hire::agent(team, 0) }).await;
    let [hers, his, sams] =
        join_all([&ana, &ben, &sam].map(|one| Browser::sign_in(&desk, one))).await.try_into().ok().unwrap();
    let (lobby, talk) = (lobby(&hers).await, talk(&hers, &sam).await);
    let target = async |room: &str, words: &str| {
        let page = hers.get(room).await.1;
        let entry = page[..page.rfind(words).unwrap_or_else(|| panic!("{page}"))].rsplit("id=\"e-").next().unwrap();
        entry.split('"').next().unwrap().to_owned()
    };
    for room in [&lobby, &talk] {
        say(&hers, room, "A word too much").await;
    }
    let (in_lobby, in_talk) = (target(&lobby, "A word").await, target(&talk, "A word").await);
    assert_eq!(his.post(&format!("{lobby}/recall"), &[("target", &in_lobby)]).await.0, 404, "it is hers");
    assert_eq!(
        sams.post(&format!("{talk}/recall"), &[("target", &in_talk)]).await.0,
        404,
        "between two nobody oversees"
    );
    assert_eq!(sams.post(&format!("{lobby}/recall"), &[("target", &in_lobby)]).await.0, 200);
    let right = [("target", &*in_talk), ("body", "A word")];
    assert_eq!(hers.post(&format!("{talk}/correct"), &right).await.0, 200);
    let page = sams.get(&talk).await.1;
    assert!(page.contains(">A word</p>") && !page.contains("too much"), "{page}");
    assert!(!his.get(&lobby).await.1.contains("too much"));
    // Whoever has not seen it yet is called by what stands there now; who reads to the end has nothing left to read.
    say(&hers, &lobby, "@Ben, seven lamps").await;
    let wrong = target(&lobby, "@Ben, seven").await;
    let right = [("target", &*wrong), ("body", "@Ben, eight lamps, @Sam")];
    assert_eq!(hers.post(&format!("{lobby}/correct"), &right).await.0, 200);
    for who in [&his, &sams] {
        let named = who.get("/console/rooms/mentions").await.1;
        assert!(named.contains("eight lamps") && !named.contains("seven lamps"), "{named}");
    }
    let unread = async |who: &Browser<'_>| {
        let page = who.get("/console/inbox/mine").await.1;
        page.split("data-count=\"rooms\" data-n=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_eq!(unread(&hers).await, "0", "who corrects has read it");
    his.get(&lobby).await;
    assert_eq!(unread(&his).await, "0");
    say(&hers, &lobby, "Old").await;
    let old = target(&lobby, ">Old<").await;
    desk.app.clock.advance(Duration::from_mins(5));
    assert_eq!(hers.post(&format!("{lobby}/recall"), &[("target", &old)]).await.0, 409, "it is too late");
}

#[tokio::test]
async fn a_colleague_who_has_left_is_written_to_in_vain_and_what_was_typed_stays() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let (ana, ben) = (desk.hire("Ana", Hire::agent(team, 5)).await, desk.hire("Ben", Hire::agent(team, 5)).await);
    let hers = Browser::sign_in(&desk, &ana).await;
    let talk = talk(&hers, &ben).await;
    say(&hers, &talk, "See you tomorrow").await;
    sqlx::query("update agents set disabled_at = now() where id = $1")
        .bind(ben.id)
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    let (status, answer) = hers.post(&format!("{talk}/say"), &[("cid", &cid()), ("body", "Half a thought")]).await;
    assert!(status == 422 && answer.contains("nobody would read it"), "{status} {answer}");
    let (status, page) = hers.get(&talk).await;
    assert!(status == 200 && page.contains("See you tomorrow") && page.contains("Half a thought"), "{page}");
    assert!(!page.contains("/say\""), "there is nothing to write with");
}

#[tokio::test]
async fn rooms_are_no_chats_of_shoppers() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let admin = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let boss = Browser::sign_in(&desk, &admin).await;
    let (lobby, talk) = (lobby(&boss).await, talk(&boss, &ana.staff).await);
    for room in [&lobby, &talk] {
        say(&boss, room, "Zanzibar").await;
    }
    let chat = Shopper::come(&desk).await.open("A lamp from Zanzibar?").await;
    crate::customers::settled(&desk).await;
    for path in [
        "/console/inbox/all",
        "/console/inbox/closed",
        "/console/inbox/waiting",
        "/console/tickets",
        "/console/customers",
        "/console/search?q=Zanzibar&in=messages",
        "/console/reports/overview",
        "/console/wall",
        "/console/start",
    ] {
        let (status, page) = boss.get(path).await;
        assert_eq!(status, 200, "{path}");
        if path.contains("search") {
            assert!(page.contains("<mark>Zanzibar") && page.contains(&chat), "{path}: {page}");
        }
        assert!(!page.contains(id_of(&lobby)) && !page.contains(id_of(&talk)), "{path}");
    }
    assert!(!facts(&desk.app.db.read).await.unwrap().was_answered, "no shopper was answered yet");
}

/// Leads to the entries of rooms that the search shows.
async fn found(browser: &Browser<'_>, query: &str) -> Vec<String> {
    let (status, page) = browser.get(&format!("/console/search?q={query}&in=rooms")).await;
    assert_eq!(status, 200, "{page}");
    let rows = page.split("<a class=\"hit\"").skip(1).map(|row| row.split("href=\"").nth(1).unwrap());
    rows.map(|row| row.split('"').next().unwrap().replace("&amp;", "&")).collect()
}

#[tokio::test]
async fn what_was_said_in_a_room_is_found_by_those_who_are_in_it() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.hire("Ana", Hire::agent(orders, 5)).await;
    let ben = desk.hire("Ben", Hire::agent(returns, 5)).await;
    let admin = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let (hers, his) = (Browser::sign_in(&desk, &ana).await, Browser::sign_in(&desk, &ben).await);
    let boss = Browser::sign_in(&desk, &admin).await;
    let (list, lobby) = (hers.get("/console/rooms").await.1, lobby(&hers).await);
    let (team, talk) = (room(&list, "Orders").unwrap(), talk(&hers, &ben).await);
    for (place, body) in [(&lobby, "Zanzibar for all"), (&team, "Zanzibar for us"), (&talk, "Zanzibar between us")] {
        say(&hers, place, body).await;
    }
    say(&his, &lobby, "Zanzibar? Where is that?").await;
    let chat = Shopper::come(&desk).await.open("A lamp from Zanzibar?").await;
    crate::customers::settled(&desk).await;
    let of = |hits: &[String], place: &str| hits.iter().filter(|hit| hit.starts_with(place)).count();
    for (browser, counts) in [(&hers, [2, 1, 1]), (&his, [2, 0, 1]), (&boss, [2, 1, 0])] {
        let hits = found(browser, "zanzibar").await;
        assert_eq!([&lobby, &team, &talk].map(|place| of(&hits, place)), counts, "{hits:?}");
        assert!(!hits.iter().any(|hit| hit.contains(&chat)), "chats are not rooms: {hits:?}");
    }
    let (_, page) = his.get("/console/search?q=zanzibar").await;
    assert!(page.contains("between us") && page.contains("A lamp from") && !page.contains("for us"), "{page}");
    assert!(page.contains("<bdi>Ana</bdi>"), "a talk is called as the other one is: {page}");
    // Who is asked for wrote it; and where it leads it stands.
    let hits = found(&hers, &format!("zanzibar&agent={}", ben.id)).await;
    assert_eq!(hits.len(), 1, "{hits:?}");
    let (place, anchor) = hits[0].split_once('#').unwrap();
    let (status, page) = hers.get(place).await;
    assert!(status == 200 && page.contains(&format!("id=\"{anchor}\"")), "{place} {anchor}: {page}");
    // What is taken back is found no more, from that moment.
    let event = anchor.trim_start_matches("e-");
    assert_eq!(his.post(&format!("{lobby}/recall"), &[("target", event)]).await.0, 200);
    assert_eq!(of(&found(&boss, "zanzibar").await, &lobby), 1);
}

#[tokio::test]
async fn files_of_a_talk_are_for_the_two_of_it() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let (ana, ben) = (desk.agent("Ana", team, 5).await, desk.hire("Ben", Hire::agent(team, 5)).await);
    let admin = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let (hers, his) = (Browser::sign_in(&desk, &ana.staff).await, Browser::sign_in(&desk, &ben).await);
    let boss = Browser::sign_in(&desk, &admin).await;
    let talk = talk(&hers, &ben).await;
    let plan = file_part("plan.txt", "text/plain", b"between us");
    let (status, file) = console::post(&hers, &format!("{talk}/files"), &[plan], "application/json").await;
    assert_eq!(status, 201, "{file}");
    let file: Value = serde_json::from_str(&file).unwrap();
    let fields = [("cid", &*cid()), ("body", "Look"), ("files", text(&file, "id"))];
    assert_eq!(hers.post(&format!("{talk}/say"), &fields).await.0, 200);
    let page = his.get(&talk).await.1;
    let href =
        page.split("class=\"file\" href=\"").nth(1).unwrap_or_else(|| panic!("{page}")).split('"').next().unwrap();
    let path = href.replace("&#38;", "&").replace(&desk.base, "");
    assert_eq!(his.get(&path).await.0, 200, "{path}");
    // An address that has expired is made anew for the two of it alone.
    desk.app.clock.advance(Duration::from_hours(49));
    assert_eq!((his.get(&path).await.0, boss.get(&path).await.0), (307, 404));
}
