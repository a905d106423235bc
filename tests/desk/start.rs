//! An admin's first steps: told by what is there; and how a colleague is invited and comes in.

use crate::console::Browser;
use crate::harness::people::PASSWORD;
use crate::harness::{Desk, Hire, SHOP, Shopper, eventually};
use deskbell::domain::people::Role;
use deskbell::domain::start::Facts;
use deskbell::store::start;
use serde_json::json;

/// A desk on which nothing is set up: its site is gone.
async fn empty() -> Desk {
    let desk = Desk::open().await;
    sqlx::query("delete from sites").execute(&desk.app.db.read).await.unwrap();
    desk
}

async fn admin(desk: &Desk) -> Browser<'_> {
    let hugo = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    Browser::sign_in(desk, &hugo).await
}

async fn facts(desk: &Desk) -> Facts {
    start::facts(&desk.app.db.read).await.unwrap()
}

/// Where a sign-in leads.
async fn led(desk: &Desk, email: &str) -> String {
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = [("email", email), ("password", PASSWORD), ("next", "/console/inbox/mine")];
    let request = http.post(format!("{}/console/login", desk.base)).header("origin", &desk.base).form(&form);
    let answer = request.send().await.unwrap();
    answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn an_admin_without_a_shop_begins_there_and_nobody_else_sees_it() {
    let desk = empty().await;
    let hugo = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let ana = desk.hire("Ana", Hire::default()).await;
    assert_eq!(led(&desk, &hugo.email).await, "/console/start");
    assert_eq!(led(&desk, &ana.email).await, "/console/inbox/mine");
    let (his, hers) = (Browser::sign_in(&desk, &hugo).await, Browser::sign_in(&desk, &ana).await);
    for path in ["/console/start", "/console/start/try"] {
        assert_eq!(hers.get(path).await.0, 403, "{path}");
    }
    for path in ["/console/start/site", "/console/start/skip"] {
        assert_eq!(
            hers.submit(path, &[("name", "x"), ("address", "x.example"), ("step", "hours")]).await.0,
            403,
            "{path}"
        );
    }
    assert!(!hers.get("/console/inbox/mine").await.1.contains("/console/start"));
    let (status, page) = his.get("/console/start").await;
    assert_eq!(status, 200);
    assert!(page.contains("1 of 5 done") && page.contains("name=\"address\""), "two people work here: {page}");
    assert_eq!(his.get("/console/start/try").await.0, 404, "no shop yet");
    assert!(his.get("/console/inbox/mine").await.1.contains("href=\"/console/start\""));
    // What is wrong is told at its field, and what was typed stays.
    let (status, page) = his.submit("/console/start/site", &[("name", " "), ("address", "my shop")]).await;
    assert_eq!(status, 422);
    assert!(page.contains("name-problem") && page.contains("address-problem") && page.contains("value=\"my shop\""));
    assert_eq!(facts(&desk).await.site, None);
}

#[tokio::test]
async fn each_step_is_ticked_by_what_is_there() {
    let desk = empty().await;
    let his = admin(&desk).await;
    // Two presses at once make one shop.
    let form = [("name", "Tea & Things"), ("address", "shop.example/tea?x=1")];
    let (one, two) = tokio::join!(his.submit("/console/start/site", &form), his.submit("/console/start/site", &form));
    assert_eq!((one.0, two.0), (303, 303));
    assert_eq!(desk.count("select count(*) from sites").await, 1);
    assert_eq!(desk.count("select count(*) from team_members").await, 1, "whoever makes it can be given its chats");
    let mut desk = desk;
    let site = facts(&desk).await.site.unwrap();
    desk.site = deskbell::store::sites::by_id(&desk.app.db.read, site).await.unwrap().unwrap();
    assert_eq!(desk.site.origins, [SHOP]);
    let his = admin(&desk).await;
    let done = async || facts(&desk).await.done();
    assert_eq!(done().await, 2, "the shop, and two admins");
    // The snippet: a page of the shop loads it, and no other counts.
    let script = format!("{}/w/{}.js", desk.base, desk.site.public_key);
    let loads = async |referrer: &str| {
        let answer = desk.http.get(&script).header("referer", referrer).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    };
    for other in [
        "https://evil.example/",
        "nonsense",
        &format!("{}/console/start/try", desk.base),
        "https://shop.example.evil.example/",
    ] {
        loads(other).await;
    }
    assert!(facts(&desk).await.seen_at.is_empty());
    loads(&format!("{SHOP}/lamps?secret=1")).await;
    assert_eq!(facts(&desk).await.seen_at, [SHOP], "and nothing of the path");
    assert!(his.get("/console/start").await.1.contains("Loaded by pages of"));
    // Another address of the shop's is another matter.
    sqlx::query("update sites set origins = '{https://new.example}'").execute(&desk.app.db.read).await.unwrap();
    assert!(facts(&desk).await.seen_at.is_empty());
    sqlx::query("update sites set origins = '{https://shop.example}'").execute(&desk.app.db.read).await.unwrap();
    // A chat: written to, and then answered.
    let (status, page) = his.get("/console/start/try").await;
    assert_eq!(status, 200);
    assert!(page.contains(&format!("src=\"/w/{}.js\"", desk.site.public_key)));
    let team = deskbell::store::sites::team_named(&desk.app.db.read, site, "Support").await.unwrap().unwrap();
    let ana = desk.agent("Ana", team.id, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    assert!(!facts(&desk).await.was_answered);
    ana.say(&chat, "hello yourself").await;
    eventually("it is answered", async || facts(&desk).await.was_answered.then_some(())).await;
    // Left out, taken up again, and done all the same.
    assert_eq!(his.submit("/console/start/skip", &[("step", "site")]).await.0, 404);
    assert_eq!(his.submit("/console/start/skip", &[("step", "hours")]).await.0, 303);
    assert!(facts(&desk).await.is_complete());
    assert!(!his.get("/console/inbox/mine").await.1.contains("4/5"));
    assert!(his.get("/admin/sites").await.1.contains("href=\"/console/start\""), "still found from there");
    assert_eq!(his.submit("/console/start/skip", &[("step", "hours"), ("undo", "1")]).await.0, 303);
    assert!(his.get("/console/inbox/mine").await.1.contains("4/5"));
    let week = json!({ "hours": { "zone": "UTC", "week": [{ "day": 0, "from": "09:00:00", "until": "17:00:00" }], "exceptions": [] } });
    sqlx::query("update sites set settings = settings || $1").bind(week).execute(&desk.app.db.read).await.unwrap();
    assert_eq!(done().await, 5);
}

#[tokio::test]
async fn a_colleague_is_invited_by_letter_and_chooses_a_password_once() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let his = admin(&desk).await;
    let team = team.to_string();
    let form =
        |email: &'static str| [("name", "Ana Lindqvist"), ("email", email), ("role", "agent"), ("team", team.as_str())];
    let bad = [("name", ""), ("email", "a@b"), ("role", "owner"), ("team", "x")];
    let (status, page) = his.submit("/admin/people", &bad).await;
    assert_eq!(status, 422);
    for field in ["name", "email", "role", "team"] {
        assert!(page.contains(&format!("{field}-problem")), "{field}");
    }
    assert_eq!(his.submit("/admin/people", &form("ana@shop.example")).await.0, 303);
    let (status, page) = his.submit("/admin/people", &form("Ana@shop.example")).await;
    assert_eq!(status, 422);
    assert!(page.contains("Somebody has this address already."));
    let letter = desk.letters_until(1).await.remove(0);
    assert_eq!(
        (letter.to.as_str(), letter.subject.replace(['\u{2068}', '\u{2069}'], "").as_str()),
        ("ana@shop.example", "Hugo invites you to Deskbell")
    );
    let link = letter.text.lines().find(|line| line.contains("/console/welcome/")).unwrap().to_owned();
    let path = link.strip_prefix(&desk.base).unwrap().to_owned();
    assert!(letter.html.contains(&path));
    let person =
        desk.count("select count(*) from agents where email = 'ana@shop.example' and password_hash is null").await;
    assert_eq!(person, 1, "nobody knows a password");
    assert_eq!(led(&desk, "ana@shop.example").await.len(), 0);
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let choose = async |path: &str, password: &str| {
        let request = http.post(format!("{}{path}", desk.base)).header("origin", &desk.base);
        let answer =
            request.header("sec-fetch-site", "same-origin").form(&[("password", password)]).send().await.unwrap();
        (answer.status().as_u16(), answer.headers().contains_key("set-cookie"))
    };
    for _ in 0..2 {
        let page = desk.http.get(&link).send().await.unwrap();
        assert_eq!((page.status().as_u16(), &page.headers()["cache-control"]), (200, &"no-store".parse().unwrap()));
        assert!(page.text().await.unwrap().contains("ana@shop.example"));
    }
    assert_eq!(choose(&path, "too short").await, (422, false));
    // Another letter makes this one void.
    let id: uuid::Uuid = sqlx::query_scalar("select id from agents where email = 'ana@shop.example'")
        .fetch_one(&desk.app.db.read)
        .await
        .unwrap();
    assert_eq!(his.submit(&format!("/admin/people/{id}/invite"), &[]).await.0, 303);
    assert_eq!(choose(&path, PASSWORD).await, (404, false));
    let again = desk.letters_until(2).await;
    let fresh = again
        .iter()
        .flat_map(|letter| letter.text.lines())
        .find(|line| line.contains("/console/welcome/") && **line != link);
    let fresh = fresh.unwrap().strip_prefix(&desk.base).unwrap().to_owned();
    assert!(his.get(&format!("/admin/people/{id}")).await.1.contains(&fresh), "the admin may pass it on");
    let (one, two) = tokio::join!(choose(&fresh, PASSWORD), choose(&fresh, PASSWORD));
    assert_eq!(usize::from(one.1) + usize::from(two.1), 1, "once: {one:?} {two:?}");
    assert_eq!(choose(&fresh, PASSWORD).await, (404, false));
    assert_eq!(led(&desk, "ana@shop.example").await, "/console/inbox/mine");
    assert!(!his.get(&format!("/admin/people/{id}")).await.1.contains("/console/welcome/"));
    assert_eq!(his.submit(&format!("/admin/people/{id}/invite"), &[]).await.0, 303);
    desk.outbox_empty().await;
    assert_eq!(desk.letters().len(), 2, "who has a password is not invited");
}

#[tokio::test]
async fn who_lost_their_password_is_out_at_once_and_chooses_another_by_a_link() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let his = admin(&desk).await;
    let ana = desk.agent("Ana", team, 5).await;
    let hers = Browser::sign_in(&desk, &ana.staff).await;
    let email = ana.staff.email.clone();
    let path = format!("/admin/people/{}", ana.staff.id);
    assert!(his.get(&path).await.1.contains("Another password"));
    assert_eq!(hers.submit(&format!("{path}/password"), &[]).await.0, 403);
    assert_eq!(his.submit(&format!("{path}/password"), &[]).await.0, 303);
    assert_eq!(hers.get("/console/inbox/mine").await.0, 303, "signed out");
    assert_eq!(led(&desk, &email).await, "", "the old one is void");
    let link = desk.letters_until(1).await.remove(0);
    let link = link.text.lines().find(|line| line.contains("/console/welcome/")).unwrap().to_owned();
    assert!(his.get(&path).await.1.contains(&link), "the admin may pass it on");
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let choose = http.post(&link).header("origin", &desk.base).header("sec-fetch-site", "same-origin");
    assert!(choose.form(&[("password", PASSWORD)]).send().await.unwrap().headers().contains_key("set-cookie"));
    assert_eq!(led(&desk, &email).await, "/console/inbox/mine");
    // Nobody shuts themselves out, and who is switched off stays so.
    let me: uuid::Uuid =
        sqlx::query_scalar("select id from agents where role = 'admin'").fetch_one(&desk.app.db.read).await.unwrap();
    assert!(!his.get(&format!("/admin/people/{me}")).await.1.contains("Another password"));
    assert_eq!(his.submit(&format!("/admin/people/{me}/password"), &[]).await.0, 404);
}

#[tokio::test]
async fn an_invitation_ends_after_seven_days_and_with_the_account() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await.to_string();
    let his = admin(&desk).await;
    let form = [("name", "Ben"), ("email", "ben@shop.example"), ("role", "supervisor"), ("team", team.as_str())];
    assert_eq!(his.submit("/admin/people", &form).await.0, 303);
    let letter = desk.letters_until(1).await.remove(0);
    let link = letter.text.lines().find(|line| line.contains("/console/welcome/")).unwrap().to_owned();
    let opens = async || desk.http.get(&link).send().await.unwrap().status().as_u16();
    assert_eq!(opens().await, 200);
    sqlx::query("update agents set disabled_at = now() where email = 'ben@shop.example'")
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    assert_eq!(opens().await, 404);
    sqlx::query("update agents set disabled_at = null").execute(&desk.app.db.read).await.unwrap();
    assert_eq!(opens().await, 200);
    desk.app.clock.advance(std::time::Duration::from_hours(24 * 7 + 1));
    assert_eq!(opens().await, 404);
    assert_eq!(desk.http.get(format!("{}/console/welcome/guess", desk.base)).send().await.unwrap().status(), 404);
}
