//! The console's door from outside: cookies, other people's pages, other teams' conversations, headers.

use crate::harness::people::{Hire, PASSWORD, Staff};
use crate::harness::socket::knock;
use crate::harness::{Desk, SHOP, Shopper, cid, text};
use deskbell::domain::people::Role;
use serde_json::json;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// A browser that keeps its cookie and does not follow redirects.
pub(crate) struct Browser<'a> {
    pub(crate) desk: &'a Desk,
    http: reqwest::Client,
    pub(crate) cookie: String,
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

impl<'a> Browser<'a> {
    pub(crate) async fn sign_in(desk: &'a Desk, staff: &Staff) -> Self {
        let http = client();
        let form = [("email", staff.email.as_str()), ("password", PASSWORD), ("next", "")];
        let request = http.post(format!("{}/console/login", desk.base)).header("origin", &desk.base);
        // A cookie that somebody laid there before is not made into a session.
        let answer = request.header("cookie", "deskbell=laid-there-before").form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let set = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
        let cookie = set.split(';').next().unwrap().to_owned();
        assert!(!cookie.contains("laid-there-before") && cookie.len() > 40);
        Self { desk, http, cookie }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let request = self.http.get(format!("{}{path}", self.desk.base)).header("cookie", &self.cookie);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// As [`Browser::get`]; where it leads.
    pub(crate) async fn get_to(&self, path: &str) -> (u16, Option<String>) {
        let request = self.http.get(format!("{}{path}", self.desk.base)).header("cookie", &self.cookie);
        let answer = request.send().await.unwrap();
        let there = answer.headers().get("location").map(|there| there.to_str().unwrap().to_owned());
        (answer.status().as_u16(), there)
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        self.post_from(path, form, Some(&self.desk.base)).await
    }

    /// As a form without script does.
    pub(crate) async fn submit(&self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        let request = self.http.post(format!("{}{path}", self.desk.base)).header("cookie", &self.cookie);
        let request = request.header("origin", &self.desk.base).header("sec-fetch-site", "same-origin");
        let answer = request.header("accept", "text/html").form(form).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// As [`Browser::submit`], of a form that may carry files.
    pub(crate) async fn submit_parts(&self, path: &str, form: &[(&str, &str)], file: &str) -> (u16, String) {
        let part = |name: &str, more: &str, value: &str| {
            format!("--parts\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n")
        };
        let mut body: String = form.iter().map(|(name, value)| part(name, "", value)).collect();
        body += &(part("file", "; filename=\"a file.txt\"", file) + "--parts--\r\n");
        let request = self.http.post(format!("{}{path}", self.desk.base)).header("cookie", &self.cookie);
        let request = request.header("origin", &self.desk.base).header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "multipart/form-data; boundary=parts");
        let answer = request.header("accept", "text/html").body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// As [`Browser::submit`]; where it leads.
    pub(crate) async fn submit_to(&self, path: &str, form: &[(&str, &str)]) -> (u16, Option<String>) {
        let request = self.http.post(format!("{}{path}", self.desk.base)).header("cookie", &self.cookie);
        let request = request.header("origin", &self.desk.base).header("accept", "text/html").form(form);
        let answer = request.send().await.unwrap();
        let there = answer.headers().get("location").map(|there| there.to_str().unwrap().to_owned());
        (answer.status().as_u16(), there)
    }

    pub(crate) async fn post_from(&self, path: &str, form: &[(&str, &str)], origin: Option<&str>) -> (u16, String) {
        let mut request = self.http.post(format!("{}{path}", self.desk.base)).header("cookie", &self.cookie);
        match origin {
            Some(origin) if origin == self.desk.base => {
                request = request.header("origin", origin).header("sec-fetch-site", "same-origin");
            }
            Some(origin) => request = request.header("origin", origin).header("sec-fetch-site", "cross-site"),
            None => {}
        }
        let answer = request.header("accept", "application/json").form(form).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[tokio::test]
async fn the_consoles_socket_opens_for_its_own_page_with_its_cookie_only() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let staff = desk.hire("Ana", Hire::agent(team, 5)).await;
    let browser = Browser::sign_in(&desk, &staff).await;
    let open = async |origin: Option<&str>, cookie: Option<&str>| {
        let mut request = desk.socket_url("/console/live").into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "deskbell.v1".parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        if let Some(cookie) = cookie {
            request.headers_mut().insert("cookie", cookie.parse().unwrap());
        }
        match tokio_tungstenite::connect_async(request).await {
            Ok(_) => 101,
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => answer.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    };
    let cookie = Some(browser.cookie.as_str());
    assert_eq!(open(Some(&desk.base), cookie).await, 101);
    let elsewhere = desk.base.replacen("127.0.0.1", "localhost", 1);
    let port = desk.base.replacen("127.0.0.1:", "127.0.0.1:1", 1);
    for origin in [
        "https://evil.example",
        "null",
        SHOP,
        &elsewhere,
        &port,
        &desk.base.to_uppercase(),
        &format!("{}.evil.test", desk.base),
    ] {
        assert_eq!(open(Some(origin), cookie).await, 403, "{origin}");
    }
    assert_eq!(open(None, cookie).await, 403, "no origin at all");
    for bad in [None, Some("deskbell=made-up"), Some("deskbell=")] {
        assert_eq!(open(Some(&desk.base), bad).await, 401, "{bad:?}");
    }
    knock(&desk.socket_url("/v1/shopper/socket"), Some(SHOP)).await.expect("the shopper's door is another one");
}

#[tokio::test]
async fn another_sites_page_cannot_make_a_signed_in_browser_act() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let staff = desk.hire("Ana", Hire::agent(team, 5)).await;
    let browser = Browser::sign_in(&desk, &staff).await;
    for origin in ["https://evil.example", "null", SHOP] {
        for path in ["/console/status", "/console/logout", "/console/login"] {
            let (status, _) = browser
                .post_from(path, &[("status", "available"), ("email", "a"), ("password", "b")], Some(origin))
                .await;
            assert_eq!(status, 403, "{path} from {origin}");
        }
    }
    assert_eq!(desk.count("select count(*) from agents where available").await, 0);
    assert_eq!(browser.get("/console/inbox/mine").await.0, 200, "still signed in");
    for path in ["/console/logout", "/console/status", &format!("/console/c/{}/close", cid())] {
        assert_eq!(browser.get(path).await.0, 405, "{path} changes nothing by being read");
    }
    browser.post("/console/status", &[("status", "available")]).await;
    assert_eq!(desk.count("select count(*) from agents where available").await, 1);
    browser.post("/console/logout", &[]).await;
    assert_eq!(browser.get("/console/inbox/mine").await.0, 303, "to the sign-in page");
}

#[tokio::test]
async fn pages_of_other_teams_conversations_are_not_there() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.agent("Ana", orders, 5).await;
    let shopper = Shopper::come(&desk).await;
    let ack = shopper.must(json!({ "type": "send", "body": "for Orders alone", "team": orders })).await;
    let chat = text(&ack, "conversation").to_owned();
    ana.given(&chat).await;
    let staff = desk.hire("Ben", Hire::agent(returns, 5)).await;
    let ben = Browser::sign_in(&desk, &staff).await;
    let nobody = cid();
    // The same page but for the id asked for and what differs with every answer.
    let alike = |page: String, id: &str| page.replace(id, "ID");
    let (theirs, missing) =
        (ben.get(&format!("/console/c/{chat}")).await, ben.get(&format!("/console/c/{nobody}")).await);
    assert_eq!((theirs.0, missing.0), (404, 404));
    assert_eq!(alike(theirs.1, &chat), alike(missing.1, &nobody));
    let id = cid();
    let form = [
        ("body", "x"),
        ("cid", id.as_str()),
        ("note", "x"),
        ("to", "team:x"),
        ("event", id.as_str()),
        ("upto", "1"),
        ("email", "a@b.example"),
        ("name", "x"),
    ];
    for verb in ["reply", "note", "close", "transfer", "claim", "recall", "ticket", "read", "draft"] {
        let theirs = ben.post(&format!("/console/c/{chat}/{verb}"), &form).await;
        let missing = ben.post(&format!("/console/c/{nobody}/{verb}"), &form).await;
        assert_eq!((theirs.0, &theirs.1), (missing.0, &missing.1), "{verb}");
        assert!([404, 422, 403].contains(&theirs.0), "{verb}: {theirs:?}");
    }
    for view in ["mine", "waiting", "all", "closed"] {
        let (status, page) = ben.get(&format!("/console/inbox/{view}")).await;
        assert_eq!(status, 200);
        assert!(!page.contains("for Orders alone") && !page.contains(&chat), "{view}");
    }
    assert_eq!(desk.stored(&chat).await.len(), 3);
    assert!(ben.get("/admin/sites").await.0 == 403 && ben.get("/admin/letters").await.0 == 403);
    let colleague = desk.hire("Cem", Hire::agent(orders, 5)).await;
    let cem = Browser::sign_in(&desk, &colleague).await;
    let (status, page) = cem.get(&format!("/console/c/{chat}")).await;
    assert!(status == 200 && page.contains("for Orders alone"));
}

#[tokio::test]
async fn hostile_text_in_the_consoles_forms_is_only_text() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let payload = "<script>alert(1)</script>\"><img src=x onerror=alert(1)> '; drop table events; -- {{7*7}}";
    let intake = json!({ "name": payload, "question": payload });
    let ack = shopper.must(json!({ "type": "send", "body": payload, "intake": intake })).await;
    let chat = text(&ack, "conversation").to_owned();
    ana.given(&chat).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let (first, second) = (cid(), cid());
    let (status, _) =
        browser.post(&format!("/console/c/{chat}/reply"), &[("body", payload), ("cid", &first), ("gen", "1")]).await;
    assert!(status < 300, "{status}");
    browser.post(&format!("/console/c/{chat}/note"), &[("body", payload), ("cid", &second)]).await;
    shopper.event(&chat, "the reply", |e| e["by"]["role"] == "agent" && e["body"] == payload).await;
    for path in [format!("/console/c/{chat}"), "/console/inbox/mine".into(), "/console/inbox/all".into()] {
        let (status, page) = browser.get(&path).await;
        assert_eq!(status, 200);
        assert!(page.contains("alert(1)"), "{path} shows the text");
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{path} runs it");
    }
    // U+0000 in any field is an answer, never a failure of ours.
    let nul = "a\0b";
    for verb in ["reply", "note", "draft", "transfer", "ticket", "recall", "read", "close", "claim"] {
        let id = cid();
        let form = [
            ("body", nul),
            ("cid", id.as_str()),
            ("note", nul),
            ("to", nul),
            ("email", nul),
            ("name", nul),
            ("gen", "1"),
        ];
        let (status, answer) = browser.post(&format!("/console/c/{chat}/{verb}"), &form).await;
        assert!(status < 500, "{verb}: {status} {answer}");
    }
    for path in [
        "/console/login?next=%00",
        "/console/inbox/%00",
        "/console/c/%00",
        "/console/tickets?status=%00",
        "/console/inbox/all?before=%00",
    ] {
        let (status, _) = browser.get(path).await;
        assert!(status < 500, "{path}: {status}");
    }
}

#[tokio::test]
async fn every_answer_of_the_console_carries_its_policy_and_no_page_frames_it() {
    let desk = Desk::open().await;
    let admin = desk.hire("Hugo", Hire { role: Role::Admin, capacity: 0, teams: Vec::new() }).await;
    let browser = Browser::sign_in(&desk, &admin).await;
    let mut nonces = Vec::new();
    for path in [
        "/console/login",
        "/console/inbox/mine",
        "/console/nowhere",
        "/console/tickets",
        "/admin/sites",
        "/admin/nowhere",
        "/console/c/x",
    ] {
        let request = browser.http.get(format!("{}{path}", desk.base)).header("cookie", &browser.cookie);
        let answer = request.send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
        let policy = header("content-security-policy");
        for rule in [
            "frame-ancestors 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "default-src 'none'",
            "nonce-",
            "require-trusted-types-for 'script'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(!header("referrer-policy").is_empty(), "{path}");
        nonces.push(policy.to_owned());
    }
    let count = nonces.len();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), count, "a nonce is used once");
    let panel = format!("{}/w/panel?site={}&locale=de", desk.base, desk.site.public_key);
    let answer = desk.http.get(panel).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains(&format!("frame-ancestors 'self' {SHOP};")), "{policy}");
    assert!(!policy.contains("unsafe-inline"));
    let loader = desk.http.get(format!("{}/w/{}.js", desk.base, desk.site.public_key)).send().await.unwrap();
    assert_eq!(loader.headers()["cache-control"], "max-age=300, stale-while-revalidate=86400");
    assert!(loader.headers().contains_key("etag"));
    assert_eq!(desk.http.get(format!("{}/w/nobody.js", desk.base)).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_head_beyond_all_measure_is_refused() {
    let desk = Desk::open().await;
    for headers in [format!("X-Big: {}\r\n", "x".repeat(1 << 20)), "X-Many: 1\r\n".repeat(10_000)] {
        let (_, head) = crate::harness::raw::Raw::upgrade(&desk, "/v1/shopper/socket", &headers).await;
        assert!(head.starts_with("HTTP/1.1 431"), "{head}");
    }
    Shopper::come(&desk).await.say("others are served").await;
}

#[tokio::test]
async fn without_script_times_are_by_the_agents_own_clock() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("what time is it?").await;
    ana.given(&chat).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    let at: chrono::DateTime<chrono::Utc> = sqlx::query_scalar("select at from events where body = 'what time is it?'")
        .fetch_one(&desk.app.db.read)
        .await
        .unwrap();
    let (_, page) = browser.get(&format!("/console/c/{chat}")).await;
    assert!(page.contains(&at.format(">%Y-%m-%d %H:%M UTC</time>").to_string()), "{page}");
    sqlx::query("update agents set zone = 'Asia/Tokyo', locale = 'de'").execute(&desk.app.db.read).await.unwrap();
    let there = at + chrono::TimeDelta::hours(9);
    let (_, page) = browser.get(&format!("/console/c/{chat}")).await;
    assert!(page.contains(&there.format(">%Y-%m-%d %H:%M</time>").to_string()), "{page}");
}

/// The assignment that a page names in the form for taking over; empty where the form names none.
fn believed(page: &str) -> String {
    let form = page.split("/claim\"").nth(1).and_then(|rest| rest.split("</form>").next()).unwrap_or_default();
    let value = form.split("name=\"gen\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    value.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn of_two_who_oversee_and_take_a_waiting_chat_one_has_it_and_taking_over_is_for_who_saw_whose_it_is() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let boss = |capacity| Hire { role: Role::Supervisor, capacity, teams: vec![team] };
    let (sue, tom) = (desk.hire("Sue", boss(3)).await, desk.hire("Tom", boss(3)).await);
    let (hers, his) = (Browser::sign_in(&desk, &sue).await, Browser::sign_in(&desk, &tom).await);
    let chat = Shopper::come(&desk).await.open("hello").await;
    let path = format!("/console/c/{chat}");
    let (_, page) = hers.get(&format!("{path}?view=all")).await;
    assert!(page.contains("Take chat") && believed(&page).is_empty(), "{page}");
    let claim = format!("{path}/claim");
    let (one, other) = tokio::join!(hers.post(&claim, &[]), his.post(&claim, &[]));
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.1, other.1);
    let told = if one.0 == 409 { &one.1 } else { &other.1 };
    assert!(told.contains(if one.0 == 409 { "Tom" } else { "Sue" }), "{told}");
    let (winner, loser) = if one.0 == 200 { (&hers, &his) } else { (&his, &hers) };
    // Whoever sees that a colleague has it takes it over, unless it is somebody else's by then.
    let (_, page) = loser.get(&format!("{path}?view=all")).await;
    let seen = believed(&page);
    assert!(page.contains("Take over") && !seen.is_empty(), "{page}");
    assert_eq!(loser.post(&claim, &[("gen", &seen)]).await.0, 200);
    let (status, told) = winner.post(&claim, &[("gen", &seen)]).await;
    assert_eq!(status, 409, "{told}");
}
