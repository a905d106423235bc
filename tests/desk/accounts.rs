//! Accounts of the staff: roles, and who may not come in any more.

use crate::console::Browser;
use crate::harness::people::{Hire, PASSWORD};
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Desk, Setup, Shopper, Socket, cid, eventually};
use crate::pages::Page;
use deskbell::domain::people::Role;
use serde_json::json;

/// What the page of somebody sends, with this role.
fn form(name: &str, role: &str) -> Vec<(String, String)> {
    [("name", name), ("role", role), ("capacity", "5"), ("languages", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

async fn save(by: &Browser<'_>, id: impl std::fmt::Display, name: &str, role: &str) -> (u16, String) {
    let fields = form(name, role);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    by.submit(&format!("/admin/people/{id}"), &fields).await
}

#[tokio::test]
async fn each_role_opens_what_the_page_of_roles_says() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let roles = [Role::Agent, Role::Supervisor, Role::Admin];
    let pages = [
        ("/console/inbox/mine", Role::Agent),
        ("/console/rooms", Role::Agent),
        ("/console/canned", Role::Agent),
        ("/console/customers", Role::Agent),
        ("/console/search", Role::Agent),
        ("/console/wall", Role::Supervisor),
        ("/console/reports/overview", Role::Supervisor),
        ("/admin/letters", Role::Supervisor),
        ("/admin/tags", Role::Supervisor),
        ("/admin/blocklist", Role::Supervisor),
        ("/admin/sites", Role::Admin),
        ("/admin/people", Role::Admin),
        ("/admin/roles", Role::Admin),
        ("/admin/audit", Role::Admin),
        ("/admin/privacy", Role::Admin),
    ];
    for (n, role) in roles.into_iter().enumerate() {
        let staff = desk.hire(&format!("Person {n}"), Hire { role, ..Hire::agent(team, 5) }).await;
        let browser = Browser::sign_in(&desk, &staff).await;
        for (path, from) in pages {
            let (status, page) = browser.get(path).await;
            assert_eq!(status == 200, role >= from, "{role:?} at {path}: {status}");
            if path == "/admin/roles" && status == 200 {
                assert!(page.contains("Person 0") && page.contains("Person 2"), "{page}");
                assert_eq!(page.matches("class=\"yes\"").count(), 5 + 11 + 15);
            }
        }
    }
}

#[tokio::test]
async fn a_role_holds_from_the_next_thing_somebody_does_and_the_last_admin_stays_one() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let hugo = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let (hers, his) = (Browser::sign_in(&desk, &ana.staff).await, Browser::sign_in(&desk, &hugo).await);
    assert_eq!(hers.get("/console/wall").await.0, 403);
    assert_eq!(save(&his, ana.staff.id, "Ana", "supervisor").await.0, 303);
    assert_eq!(hers.get("/console/wall").await.0, 200);
    let (status, page) = save(&his, ana.staff.id, "Ana", "emperor").await;
    assert!(status == 422 && page.contains("role-problem"), "{page}");
    // Who was invited and has not come yet is no admin who may come in.
    let invited = [("name", "Eve"), ("email", "eve@shop.example"), ("role", "admin"), ("team", &*team.to_string())];
    assert_eq!(his.submit("/admin/people", &invited).await.0, 303);
    let (status, page) = save(&his, hugo.id, "Hugo the Great", "agent").await;
    assert!(status == 422 && page.contains("no other admin") && page.contains("Hugo the Great"), "{page}");
    assert_eq!(desk.count("select count(*) from agents where name = 'Hugo the Great'").await, 0, "all or nothing");
    assert_eq!(save(&hers, ana.staff.id, "Ana", "admin").await.0, 403, "nobody makes themselves one");
    // A form that is older than somebody else's change neither undoes it nor hides it.
    let path = format!("/admin/people/{}", ana.staff.id);
    let send = async |role: &str, was: &str| {
        let fields = [("name", "Ana"), ("role", role), ("role_was", was), ("capacity", "4"), ("languages", "")];
        his.submit(&path, &fields).await
    };
    assert_eq!(send("agent", "agent").await.0, 303, "the role is not what was changed");
    assert_eq!(
        desk.count("select count(*) from agents where name = 'Ana' and role = 'supervisor' and capacity = 4").await,
        1
    );
    let (status, page) = send("admin", "agent").await;
    assert!(status == 422 && page.contains("another role meanwhile"), "{page}");
    assert_eq!(send("admin", "supervisor").await.0, 303);
    // Two admins who each make the other one an agent: one of them stays.
    let (one, other) = tokio::join!(save(&his, ana.staff.id, "Ana", "agent"), save(&hers, hugo.id, "Hugo", "agent"));
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert!(statuses == [303, 403] || statuses == [303, 422], "{statuses:?}");
    assert_eq!(desk.count("select count(*) from agents where role = 'admin' and password_hash is not null").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_switched_off_is_out_at_once_on_every_node_and_their_chats_are_in_line_again() {
    let redis = Redis::start().await;
    let desk = Setup::default().nodes(1, &redis.url(), ALL_ROLES).open().await;
    let node = desk.node(ALL_ROLES).await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("Is the lamp there?").await;
    ana.given(&chat).await;
    // One that sleeps till next week waits for nobody who does not come.
    let sleepy = Shopper::come(&desk).await;
    let asleep = sleepy.open("Next week, perhaps").await;
    ana.given(&asleep).await;
    sqlx::query("update conversations set seat = null, snoozed_at = now(), snoozed_until = now() + interval '7 days' where id = $1::uuid")
        .bind(&asleep)
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    let hers = Browser::sign_in(&node, &ana.staff).await;
    let page = Page::showing(&hers, vec![json!({ "topic": "list:mine" })]).await;
    let ticket = desk.fresh_ticket(&ana.session).await;
    let hugo = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let his = Browser::sign_in(&desk, &hugo).await;
    let off = format!("/admin/people/{}/off", ana.staff.id);
    assert_eq!(hers.submit(&off, &[]).await.0, 403);
    assert_eq!(his.submit(&off, &[]).await.0, 303);
    assert_eq!(his.submit(&off, &[]).await.0, 404, "twice is once");
    let opens = async |id: &str| his.get(&format!("/admin/people/{id}")).await.0;
    assert_eq!(
        (opens(&ana.staff.id.to_string()).await, opens(&cid()).await),
        (303, 404),
        "links to her lead to the list"
    );
    // Her page, her program and her ticket are good for nothing.
    eventually("the end of her page", async || page.told.has_changed().is_err().then_some(())).await;
    assert_eq!(hers.get("/console/inbox/mine").await.0, 303);
    assert_eq!(ana.closed().await, 4001);
    let late = Socket::open(&desk.socket_url("/v1/agent/socket"), None).await;
    late.send(&json!({ "type": "hello", "ticket": ticket, "resume": [] }));
    assert_eq!(late.closed().await, 4001);
    eventually("both chats in line", async || {
        let waiting = "select count(*) from conversations where state = 'waiting' and kind = 'support'";
        (desk.count(waiting).await == 2).then_some(())
    })
    .await;
    let login = async || {
        let account = json!({ "email": ana.staff.email, "password": PASSWORD });
        let answer = desk.http.post(format!("{}/v1/agent/session", desk.base)).json(&account).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(login().await, 401);
    // A colleague gets it at its place; and she is let in again.
    let ben = desk.agent("Ben", team, 5).await;
    ben.given(&chat).await;
    ben.given(&asleep).await;
    assert!(his.get("/admin/people").await.1.contains(&format!("/admin/people/{}/on", ana.staff.id)));
    assert_eq!(his.submit(&format!("/admin/people/{}/on", ana.staff.id), &[]).await.0, 303);
    assert_eq!(login().await, 200);
    // Nobody locks themselves out, and the last admin stays.
    let (status, page) = his.submit(&format!("/admin/people/{}/off", hugo.id), &[]).await;
    assert!(status == 422 && page.contains("their own account"), "{page}");
}
