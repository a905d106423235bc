//! The supervisor's wall: who sees it, that its numbers are the database's, and how soon it changes.

use crate::console::Browser;
use crate::harness::{Agent, Desk, Hire, Setup, Shopper, eventually, text};
use crate::pages::Page;
use deskbell::app;
use deskbell::domain::id::{ConnectionId, TeamId};
use deskbell::domain::people::Role;
use deskbell::domain::site::Site;
use deskbell::presence;
use serde_json::json;
use std::time::Duration;

async fn boss(desk: &Desk, team: TeamId) -> Browser<'_> {
    let sam = desk.hire("Sam", Hire { role: Role::Supervisor, capacity: 1, teams: vec![team] }).await;
    Browser::sign_in(desk, &sam).await
}

/// The number on a tile.
fn tile(page: &str, id: &str) -> String {
    let tile = page.split(&format!("id=\"t-{id}\"")).nth(1).unwrap_or_else(|| panic!("no tile {id}"));
    plain(tile.split("class=\"big\">").nth(1).unwrap().split("</p>").next().unwrap())
}

fn note(page: &str, id: &str) -> String {
    let tile = page.split(&format!("id=\"t-{id}\"")).nth(1).unwrap();
    plain(tile.split("class=\"soft\">").nth(1).unwrap().split("</p>").next().unwrap())
}

/// What is read, without the marks.
fn plain(html: &str) -> String {
    let pieces = html.split('<').enumerate();
    pieces
        .map(|(n, piece)| if n == 0 { piece } else { piece.split_once('>').unwrap().1 })
        .collect::<String>()
        .trim()
        .into()
}

fn card<'a>(page: &'a str, agent: &Agent) -> &'a str {
    page.split(&format!("id=\"p-{}\"", agent.staff.id)).nth(1).unwrap().split("</li>").next().unwrap()
}

fn row(page: &str, team: &str) -> Vec<String> {
    let row = page.split("<tr").find(|row| row.contains(&format!("<bdi>{team}</bdi>"))).unwrap();
    row.split("<td>").skip(1).map(|cell| plain(cell.split("</td>").next().unwrap())).collect()
}

#[tokio::test]
async fn only_supervisors_see_the_wall_and_only_of_their_shops() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 2).await;
    let plain = Browser::sign_in(&desk, &ana.staff).await;
    for path in ["/console/wall".to_owned(), "/console/wall?tv=1".to_owned(), format!("/console/wall/{}", ana.staff.id)]
    {
        assert_eq!(plain.get(&path).await.0, 403, "{path}");
    }
    let page = Page::showing(&plain, vec![json!({ "topic": "board" }), json!({ "topic": "list:waiting" })]).await;
    page.is_told("its list", |op| op["to"] == "#rows").await;
    assert!(page.ops("#t-waiting").is_empty());
    let other = desk.second_site().await;
    let elsewhere = desk.team_of(&other, "Wheels").await;
    let stranger = Hire { role: Role::Supervisor, capacity: 1, teams: vec![elsewhere] };
    let stranger = desk.hire_at(&other, "Eve", stranger).await;
    let (status, wall) = Browser::sign_in(&desk, &stranger).await.get("/console/wall").await;
    assert_eq!(status, 200);
    assert!(wall.contains("Wheels") && !wall.contains("Orders") && !wall.contains(&ana.staff.id.to_string()));
}

#[tokio::test]
async fn the_walls_numbers_are_the_databases() {
    let patient = |site: &mut Site| {
        site.settings.sla.normal.first_s = 60;
        site.settings.routing.grace_s = 3_600;
    };
    let desk = Setup::default().site(patient).open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.agent("Ana", orders, 3).await;
    let sam = boss(&desk, orders).await;
    let mut open = Vec::new();
    for n in 0..3 {
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open(&format!("hello {n}")).await;
        ana.given(&chat).await;
        open.push((shopper, chat));
    }
    // Answered after 10 and 20 seconds; one of them is rated.
    for (_, chat) in open.iter().take(2) {
        desk.app.clock.advance(Duration::from_secs(10));
        ana.say(chat, "here I am").await;
    }
    ana.close(&open[0].1).await;
    open[0].0.must(json!({ "type": "rate", "score": 5, "comment": "" })).await;
    ana.available(false).await;
    let mut line = Vec::new();
    for team in [Some(returns), Some(returns), None] {
        let shopper = Shopper::come(&desk).await;
        let ack = shopper.must(json!({ "type": "send", "body": "anybody?", "team": team })).await;
        line.push((shopper, text(&ack, "conversation").to_owned()));
    }
    let gone = Shopper::come(&desk).await;
    let abandoned = gone.open("too slow").await;
    gone.close(&abandoned).await;
    desk.app.clock.advance(Duration::from_secs(40));
    // Longer than a lease: as her next heartbeat does.
    presence::renew(&desk.app, ana.staff.id, ConnectionId(app::new_id())).await.unwrap();

    let (_, wall) = sam.get("/console/wall").await;
    let count = async |statement| desk.count(statement).await.to_string();
    assert_eq!(tile(&wall, "waiting"), count("select count(*) from conversations where state = 'waiting'").await);
    assert_eq!(tile(&wall, "waiting"), "3");
    assert_eq!(tile(&wall, "chatting"), count("select count(*) from conversations where state = 'active'").await);
    assert_eq!(tile(&wall, "people"), "0");
    assert_eq!(note(&wall, "people"), "1 busy · 0 away · 1 offline");
    let waited = desk.count("select count(*) from conversations").await;
    assert_eq!(tile(&wall, "abandoned"), format!("{} %", (100 + waited / 2) / waited));
    assert_eq!(note(&wall, "abandoned"), format!("1 of {waited} who waited today"));
    assert_eq!((tile(&wall, "csat").as_str(), note(&wall, "csat").as_str()), ("100 %", "1 of 1 rated 4 or 5 today"));
    let times: Vec<f64> = sqlx::query_scalar(
        "select extract(epoch from answered_at - opened_at)::float8 from conversations where answered_at is not null order by 1",
    )
    .fetch_all(&desk.app.db.read)
    .await
    .unwrap();
    let (half, most) = (times[0] + (times[1] - times[0]) * 0.5, times[0] + (times[1] - times[0]) * 0.9);
    let clock = |s: f64| format!("{}:{:02}", s as i64 / 60, s as i64 % 60);
    assert_eq!(tile(&wall, "answer"), format!("{} / {}", clock(half), clock(most)));
    assert_eq!(clock(half), "0:15");
    let oldest: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select min(queued_at) from conversations where state = 'waiting'")
            .fetch_one(&desk.app.db.read)
            .await
            .unwrap();
    let iso = oldest.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    assert!(wall.split("id=\"t-longest\"").nth(1).unwrap().split("</section>").next().unwrap().contains(&iso));
    assert!(note(&wall, "longest").ends_with("close to target"), "40 of 60 seconds: {}", note(&wall, "longest"));
    assert_eq!((row(&wall, "Returns")[0].as_str(), row(&wall, "Returns")[2].as_str()), ("2", "0"));
    assert_eq!((row(&wall, "Orders")[0].as_str(), row(&wall, "No team")[0].as_str()), ("0", "1"));
    let her = card(&wall, &ana);
    assert!(her.contains("Busy") && her.contains("2/3"), "{her}");
    assert!(her.contains("unanswered") && her.contains("over target"), "{her}");
    ana.available(true).await;
    let places = async || {
        let (_, wall) = sam.get("/console/wall").await;
        (tile(&wall, "waiting") == "2" && row(&wall, "Orders")[2] == "0").then_some(())
    };
    eventually("she is given the one of no team, and is full", places).await;
    drop(line);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wall_changes_within_two_seconds_and_each_piece_at_most_once_a_second() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let sam = boss(&desk, team).await;
    let page = Page::showing(&sam, vec![json!({ "topic": "board" })]).await;
    page.is_told("the wall", |op| op["to"] == "#t-waiting").await;
    let shoppers: Vec<_> = {
        let mut shoppers = Vec::new();
        for _ in 0..8 {
            shoppers.push(Shopper::come(&desk).await);
        }
        shoppers
    };
    let began = app::instant();
    let before = page.ops("#t-waiting").len();
    for (n, shopper) in shoppers.iter().enumerate() {
        shopper.open(&format!("number {n}")).await;
    }
    let said = app::instant();
    page.is_told("all eight", |op| {
        op["to"] == "#t-waiting" && plain(op["html"].as_str().unwrap()).contains("Waiting\n8")
    })
    .await;
    let took = app::instant() - said;
    assert!(took < Duration::from_secs(2), "{took:?}");
    let told = page.ops("#t-waiting").len() - before;
    let most = (app::instant() - began).as_secs() as usize + 2;
    assert!(told <= most, "{told} updates of one tile, {most} at most");
    // Somebody comes, and chooses: the same.
    let ana = desk.agent("Ana", team, 1).await;
    let said = app::instant();
    let piece = format!("#p-{}", ana.staff.id);
    page.is_told("Ana", |op| (op["to"] == "#people" || op["to"] == *piece) && text(op, "html").contains("1/1")).await;
    assert!(app::instant() - said < Duration::from_secs(2));
    // And nothing is told while nothing changes: what a heartbeat finds the same is not drawn.
    let quiet = page.ops("#t-csat").len();
    assert_eq!(quiet, 1);
}

#[tokio::test]
async fn colours_and_words_turn_at_half_of_the_target_and_past_it() {
    let desk = Setup::default().site(|site| site.settings.sla.normal.first_s = 60).open().await;
    let team = desk.team("Orders").await;
    let sam = boss(&desk, team).await;
    let shopper = Shopper::come(&desk).await;
    shopper.open("hello").await;
    for (after, class, word) in
        [(0, "l-ok", "on target"), (31, "l-warn", "close to target"), (30, "l-over", "over target")]
    {
        desk.app.clock.advance(Duration::from_secs(after));
        let (_, wall) = sam.get("/console/wall").await;
        let tile = wall.split("<section").find(|tile| tile.contains("id=\"t-longest\"")).unwrap();
        assert!(tile.contains(class) && tile.contains(word), "{tile}");
    }
}
