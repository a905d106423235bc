//! Reports: who sees them and of what, that page, CSV and database say the same, and whose days they are cut into.

mod past;

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{Desk, SHOP, Shopper, cid};
use chrono::Duration;
use deskbell::domain::id::TeamId;
use deskbell::domain::people::Role;
use past::{Past, Sheet, foot, remember, seconds_of};
use serde_json::json;

const KINDS: [&str; 6] = ["overview", "volume", "response", "agents", "csat", "queue"];
const TABLES: [(&str, &str); 9] = [
    ("volume", "volume"),
    ("volume", "hours"),
    ("response", "answers"),
    ("response", "waits"),
    ("agents", "agents"),
    ("csat", "ratings"),
    ("csat", "scores"),
    ("queue", "queue"),
    ("queue", "rush"),
];

async fn supervisor(desk: &Desk, team: TeamId) -> Browser<'_> {
    let sam = desk.hire("Sam", Hire { role: Role::Supervisor, capacity: 1, teams: vec![team] }).await;
    Browser::sign_in(desk, &sam).await
}

#[tokio::test]
async fn reports_are_for_supervisors_and_of_their_shops_alone() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 2).await;
    let sam = supervisor(&desk, team).await;
    let plain = Browser::sign_in(&desk, &ana.staff).await;
    for kind in KINDS {
        assert_eq!(plain.get(&format!("/console/reports/{kind}")).await.0, 403, "{kind}");
        assert_eq!(sam.get(&format!("/console/reports/{kind}")).await.0, 200, "{kind}");
    }
    assert_eq!(sam.get("/console/reports/secrets").await.0, 404);
    assert_eq!(sam.get("/console/reports/volume?csv=agents").await.0, 404, "that is another report's");

    let other = desk.second_site().await;
    let elsewhere = desk.team_of(&other, "Wheels").await;
    let eve = desk.hire_at(&other, "Eve", Hire::agent(elsewhere, 1)).await;
    let past = Past {
        opened: desk.app.clock.now() - Duration::days(1),
        answered_s: Some(5.0),
        length_s: 60.0,
        score: Some(5),
        left: false,
    };
    remember(&desk, other.id, elsewhere, eve.id.0, past).await;
    for query in ["x=".to_owned(), format!("site={}", other.id), format!("team={elsewhere}")] {
        for (report, table) in TABLES {
            let sheet = Sheet::of(&sam, report, table, &query).await;
            assert_eq!(sheet.all[1], "0", "{report} {table} {query}");
        }
        let (_, page) = sam.get(&format!("/console/reports/agents?{query}")).await;
        assert!(!page.contains("Wheels") && !page.contains("Eve") && !page.contains(&other.name), "{query}");
        let (_, csat) = sam.get(&format!("/console/reports/csat?{query}")).await;
        assert!(csat.contains("Nobody wrote a comment.") && !csat.contains("A comment"), "{query}");
    }
    let strange = "from=%00&to=9999999-99-99&zone=Mars%2FOlympus&site=all&team=-1&range=1e9&compare=yes";
    let (status, page) = sam.get(&format!("/console/reports/overview?{strange}")).await;
    assert!(status == 200 && page.contains("Nothing happened on these days."), "{status}");
    for days in ["from=-200000-01-01&to=-200000-01-02", "from=%2B200000-01-01", "from=2026-01-05&to=2026-01-01"] {
        assert_eq!(sam.get(&format!("/console/reports/queue?{days}")).await.0, 200, "{days}");
    }
}

#[tokio::test]
async fn page_csv_and_database_say_the_same() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.hire("Ana", Hire::agent(orders, 3)).await;
    let zoe = desk.hire("=Zoë;\"cmd\"", Hire::agent(returns, 3)).await;
    let sam = supervisor(&desk, orders).await;
    let now = desk.app.clock.now();
    for n in 0..60_i32 {
        let answered_s = (n % 5 != 4).then_some(5.0 + f64::from(n * n % 41) * 7.0);
        let past = Past {
            opened: now - Duration::hours(i64::from(n) * 9 + 1),
            answered_s,
            length_s: 120.0 + f64::from(n) * 60.0,
            score: if n % 3 == 0 && answered_s.is_some() { Some(i16::try_from(n % 5 + 1).unwrap()) } else { None },
            left: n % 10 == 4,
        };
        let (team, agent) = if n % 2 == 0 { (orders, ana.id.0) } else { (returns, zoe.id.0) };
        remember(&desk, desk.site.id, team, agent, past).await;
    }
    let count = async |statement| desk.count(statement).await;
    let query = "range=28&zone=UTC";
    for (report, table) in TABLES {
        let sheet = Sheet::of(&sam, report, table, query).await;
        let (status, page) = sam.get(&format!("/console/reports/{report}?{query}")).await;
        assert_eq!(status, 200);
        let foot = foot(&page, table);
        assert_eq!(foot.len(), sheet.all.len() - 1, "{table}");
        for (n, head) in sheet.heads.iter().enumerate().skip(1).filter(|(_, head)| head.ends_with("(s)")) {
            let seconds: f64 = sheet.all[n].parse().unwrap();
            let (shown, within) = seconds_of(&foot[n - 1]);
            assert!((shown - seconds).abs() <= within, "{table}: {head} is the same on the page: {shown} {seconds}");
        }
        for (n, head) in
            sheet.heads.iter().enumerate().skip(1).filter(|(_, head)| !head.ends_with("(s)") && *head != "Mean score")
        {
            assert_eq!(sheet.sum(head), sheet.total(head), "{table}: {head} adds up");
            assert_eq!(foot[n - 1], sheet.all[n], "{table}: {head} is the same on the page");
        }
        assert!(page.contains("role=\"img\" aria-label=\""), "{report}");
    }
    let volume = Sheet::of(&sam, "volume", "volume", query).await;
    assert_eq!(volume.lines.len(), 28, "a line for every day, also for those without anything");
    assert_eq!(volume.total("Opened"), count("select count(*) from conversations").await);
    assert_eq!(
        volume.total("Answered"),
        count("select count(*) from conversations where answered_at is not null").await
    );
    assert_eq!(volume.total("Abandoned"), 6);
    assert_eq!(volume.total("Without an answer"), 6, "ended by itself");
    let ratings = Sheet::of(&sam, "csat", "ratings", query).await;
    assert_eq!(ratings.total("Rated"), count("select count(score) from conversations").await);
    assert_eq!(ratings.total("Rated 4 or 5"), count("select count(*) from conversations where score > 3").await);
    let half = |of: &'static str| {
        let statement = format!(
            "select percentile_cont(0.5) within group (order by extract(epoch from {of} - opened_at))::float8 from conversations"
        );
        let db = desk.app.db.read.clone();
        async move { sqlx::query_scalar::<_, f64>(sqlx::AssertSqlSafe(statement)).fetch_one(&db).await.unwrap() }
    };
    let answers = Sheet::of(&sam, "response", "answers", query).await;
    assert!((answers.seconds("First response, half within (s)") - half("answered_at").await).abs() < 0.06);
    assert!((answers.seconds("Length, half within (s)") - half("closed_at").await).abs() < 0.06);
    let waits = Sheet::of(&sam, "response", "waits", query).await;
    let within = count("select count(*) from conversations where answered_at - opened_at <= interval '30 s'").await;
    assert_eq!(waits.line("up to 30 s")[1], within.to_string());
    let agents = Sheet::of(&sam, "agents", "agents", query).await;
    assert_eq!(agents.lines.len(), 2);
    assert!(
        agents.lines.iter().any(|line| line[0] == "'=Zoë;\"cmd\""),
        "no formula for a spreadsheet: {:?}",
        agents.lines
    );
    let one = Sheet::of(&sam, "volume", "volume", &format!("{query}&team={orders}")).await;
    assert_eq!(one.total("Opened"), 30);
    assert_eq!(agents.total("Conversations"), 48);
    assert_eq!(agents.total("Rated"), ratings.total("Rated"));
    let queue = Sheet::of(&sam, "queue", "queue", query).await;
    assert!(
        (queue.seconds("Wait, half within (s)") * 2.0 - half("answered_at").await).abs() < 0.2,
        "not the first answer"
    );
    let longest = "select max(waited_ms)::float8 / 1000 from decisions";
    let longest: f64 = sqlx::query_scalar(longest).fetch_one(&desk.app.db.read).await.unwrap();
    assert!((queue.seconds("Longest wait (s)") - longest).abs() < 0.06);
    assert_eq!((queue.total("Waited"), queue.total("Got an agent"), queue.total("Abandoned")), (60, 48, 6));
}

#[tokio::test]
async fn days_are_those_of_the_zone_that_is_asked_for_and_long_spans_are_cut_into_weeks_and_months() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.hire("Ana", Hire::agent(team, 3)).await;
    let sam = supervisor(&desk, team).await;
    let past = |opened: &str| Past {
        opened: opened.parse().unwrap(),
        answered_s: Some(9.0),
        length_s: 60.0,
        score: None,
        left: false,
    };
    // Half an hour before midnight of UTC; and inside the hour that Berlin's clocks have twice.
    remember(&desk, desk.site.id, team, ana.id.0, past("2025-10-24T23:30:00Z")).await;
    remember(&desk, desk.site.id, team, ana.id.0, past("2025-10-26T00:30:00Z")).await;
    remember(&desk, desk.site.id, team, ana.id.0, past("2025-10-26T01:30:00Z")).await;
    let days = async |zone: &str| {
        let query = format!("from=2025-10-24&to=2025-10-27&zone={zone}");
        let sheet = Sheet::of(&sam, "volume", "volume", &query).await;
        sheet.lines.into_iter().map(|line| format!("{} {}", line[0], line[1])).collect::<Vec<_>>()
    };
    assert_eq!(days("UTC").await, ["2025-10-24 1", "2025-10-25 0", "2025-10-26 2", "2025-10-27 0"]);
    assert_eq!(days("Asia%2FShanghai").await, ["2025-10-24 0", "2025-10-25 1", "2025-10-26 2", "2025-10-27 0"]);
    assert_eq!(days("Europe%2FBerlin").await, ["2025-10-24 0", "2025-10-25 1", "2025-10-26 2", "2025-10-27 0"]);
    let hours = Sheet::of(&sam, "volume", "hours", "from=2025-10-26&to=2025-10-26&zone=Europe%2FBerlin").await;
    assert_eq!(hours.line("02:00")[1], "2", "the hour that there is twice");
    // PostgreSQL takes this name for a fixed offset, and would put the hour after midnight into the day before.
    assert_eq!(days("CET").await, days("Europe%2FBrussels").await);
    let weeks = Sheet::of(&sam, "volume", "volume", "from=2025-09-01&to=2025-11-09&zone=UTC").await;
    assert_eq!((weeks.lines.len(), weeks.line("2025-10-20")[1].as_str()), (10, "3"), "from Monday to Sunday");
    let months = Sheet::of(&sam, "volume", "volume", "from=2025-01-01&to=2025-12-31&zone=UTC").await;
    assert_eq!((months.lines.len(), months.line("2025-10")[1].as_str()), (12, "3"));
}

#[tokio::test]
async fn the_overview_says_what_a_day_came_down_to_and_the_days_before() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 3).await;
    let sam = supervisor(&desk, team).await;
    let mut chats = Vec::new();
    for n in 0..2 {
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open(&format!("hello {n}")).await;
        ana.given(&chat).await;
        chats.push((shopper, chat));
    }
    for (_, chat) in &chats {
        desk.app.clock.advance(std::time::Duration::from_secs(10));
        ana.say(chat, "here I am").await;
    }
    ana.close(&chats[0].1).await;
    chats[0].0.must(json!({ "type": "rate", "score": 4, "comment": "Quick <b>and</b> kind" })).await;
    ana.available(false).await;
    let gone = Shopper::come(&desk).await;
    let abandoned = gone.open("too slow").await;
    gone.close(&abandoned).await;
    let week = Past {
        opened: desk.app.clock.now() - Duration::days(8),
        answered_s: Some(90.0),
        length_s: 60.0,
        score: None,
        left: false,
    };
    remember(&desk, desk.site.id, team, ana.staff.id.0, week).await;

    let (_, page) = sam.get("/console/reports/overview?range=7&zone=UTC&compare=1").await;
    let tile = |label: &str| {
        let tile = page.split(&format!("<h2>{label}</h2>")).nth(1).unwrap_or_else(|| panic!("no {label}"));
        let text = |mark: &str| tile.split(mark).nth(1).unwrap().split('<').next().unwrap().to_owned();
        (text("class=\"big\"><bdi>"), text("<b><bdi>"))
    };
    let says = |now: &str, before: &str| (now.to_owned(), before.to_owned());
    assert_eq!(tile("Opened"), says("3", "1"));
    assert_eq!(tile("Answered"), says("67 %", "100 %"));
    assert_eq!(tile("Abandoned"), says("33 %", "0 %"));
    assert_eq!(tile("First response").1, "1:30 min");
    assert!(tile("First response").0.starts_with("15"), "half of 10 and 20 seconds: {:?}", tile("First response"));
    assert_eq!(tile("Rated 4 or 5"), says("100 %", "–"));
    let (_, csat) = sam.get("/console/reports/csat?range=7&zone=UTC").await;
    assert!(csat.contains("Quick &#60;b&#62;and&#60;/b&#62; kind") && csat.contains(&chats[0].1), "{csat}");
}

/// Letters, chats that are handed over or opened again: each is counted once, as what it was.
#[tokio::test]
async fn letters_wait_for_nobody_and_what_changes_hands_is_whose_it_was() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let (ana, zoe) = (desk.agent("Ana", team, 3).await, desk.agent("Zoe", team, 3).await);
    let sam = supervisor(&desk, team).await;
    zoe.available(false).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("who answers?").await;
    ana.given(&chat).await;
    desk.app.clock.advance(std::time::Duration::from_secs(30));
    ana.say(&chat, "I do").await;
    ana.available(false).await;
    zoe.available(true).await;
    ana.must(json!({ "type": "transfer", "conversation": chat, "to": { "team": team } })).await;
    zoe.given(&chat).await;
    zoe.close(&chat).await;
    shopper.must(json!({ "type": "rate", "score": 2, "comment": "" })).await;

    zoe.available(false).await;
    let lena = Shopper::come(&desk).await;
    let letter = json!({ "email": "lena@post.example", "name": "Lena", "body": "nobody is here", "cid": cid() });
    let url = format!("{}/v1/shopper/tickets", desk.base);
    let posted =
        desk.http.post(url).bearer_auth(&lena.token).header("origin", SHOP).json(&letter).send().await.unwrap();
    assert!(posted.status().is_success(), "{}", posted.text().await.unwrap());

    let query = "range=7&zone=UTC";
    let volume = Sheet::of(&sam, "volume", "volume", query).await;
    let came = ["Opened", "Answered", "By letter", "Abandoned", "Without an answer"].map(|head| volume.total(head));
    assert_eq!(came, [2, 1, 1, 0, 0]);
    let agents = Sheet::of(&sam, "agents", "agents", query).await;
    let answer = agents.column("First response, half within (s)");
    let (ana, zoe) = (agents.line("Ana").to_vec(), agents.line("Zoe").to_vec());
    assert!(ana[answer].starts_with("30") && zoe[answer].is_empty(), "who said the first word: {ana:?} {zoe:?}");
    let chats = agents.column("Conversations");
    assert_eq!((ana[chats].as_str(), zoe[chats].as_str()), ("0", "1"), "who had it last");
    let answers = Sheet::of(&sam, "response", "answers", query).await;
    assert_eq!(answers.total("Ended"), 1, "a letter has no length");
    let queue = Sheet::of(&sam, "queue", "queue", query).await;
    assert_eq!((queue.total("Waited"), queue.total("Got an agent")), (1, 1), "a letter waits for nobody");
}

#[tokio::test]
async fn time_on_duty_is_counted_from_midnight_to_midnight_also_of_who_had_no_chat() {
    let desk = Desk::open().await;
    let (team, other) = (desk.team("Orders").await, desk.team("Returns").await);
    let sam = supervisor(&desk, team).await;
    let (ana, zoe) = (desk.hire("Ana", Hire::agent(team, 5)).await, desk.hire("Zoe", Hire::agent(other, 5)).await);
    // Available since the evening before, then busy, gone, here and off duty, and available until the morning after.
    let spells = [
        (-1, true, "available"),
        (1, true, "busy"),
        (2, false, "busy"),
        (3, true, "offline"),
        (4, true, "available"),
        (29, false, "available"),
    ];
    for (hour, is_here, status) in spells {
        sqlx::query("insert into duty (agent_id, at, is_here, status) values ($1, '2026-11-02Z'::timestamptz + make_interval(hours => $2), $3, $4)")
            .bind(ana.id)
            .bind(hour)
            .bind(is_here)
            .bind(status)
            .execute(&desk.app.db.read)
            .await
            .unwrap();
    }
    sqlx::query("insert into duty (agent_id, at, is_here, status) values ($1, '2026-11-02T12:00Z', true, 'busy')")
        .bind(zoe.id)
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    let query = "from=2026-11-02&to=2026-11-02&zone=UTC";
    let of = |sheet: &Sheet, name: &str| {
        let line = sheet.line(name);
        ["On duty (s)", "Of that available (s)"]
            .map(|head| line[sheet.column(head)].parse().unwrap_or(0.0_f64) / 3_600.0)
    };
    let sheet = Sheet::of(&sam, "agents", "agents", query).await;
    assert_eq!((of(&sheet, "Ana"), of(&sheet, "Zoe")), ([22.0, 21.0], [12.0, 0.0]));
    assert!((sheet.seconds("On duty (s)") - 34.0 * 3_600.0).abs() < 0.5);
    let sheet = Sheet::of(&sam, "agents", "agents", &format!("{query}&team={team}")).await;
    assert_eq!(sheet.lines.len(), 1, "who is in no such team is not there: {:?}", sheet.lines);
    // A day that has not ended is counted up to now; what lies ahead, not at all.
    let from = desk.app.clock.now().date_naive();
    let sheet = Sheet::of(&sam, "agents", "agents", &format!("from={from}&to={from}&zone=UTC")).await;
    let since_midnight = desk.app.clock.now().signed_duration_since(from.and_hms_opt(0, 0, 0).unwrap().and_utc());
    let hours = of(&sheet, "Zoe")[0] - f64::from(u32::try_from(since_midnight.num_seconds()).unwrap()) / 3_600.0;
    assert!(hours.abs() < 0.05, "{hours}");
}

#[tokio::test]
async fn a_third_report_waits_for_its_turn_and_is_told_when_that_takes_too_long() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let sam = supervisor(&desk, team).await;
    let one = desk.app.reporting.acquire().await.unwrap();
    let (status, page) = sam.get("/console/reports/volume").await;
    assert!(status == 200 && page.contains("Nothing happened"), "one more may be made");
    let other = desk.app.reporting.acquire().await.unwrap();
    let (status, page) = sam.get("/console/reports/volume").await;
    assert!(status == 503 && page.contains("Choose fewer days, or try again in a moment."), "{status}");
    drop((one, other));
    assert_eq!(sam.get("/console/reports/volume").await.0, 200);
}
