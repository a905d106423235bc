//! A note that names a colleague calls them in their console; whoever may not see the conversation is neither offered nor
//! called, and the shopper hears nothing of it.

use crate::console::Browser;
use crate::harness::people::{Hire, Staff};
use crate::harness::{Agent, Desk, Shopper, cid, text};
use crate::pages::Page;
use deskbell::domain::people::Role;
use deskbell::store::people::{may_see, who_may_see};
use serde_json::json;

struct Scene {
    desk: Desk,
    ana: Agent,
    /// Of the team.
    ben: Staff,
    /// Of another team.
    chen: Staff,
    sam: Staff,
    shopper: Shopper,
    chat: String,
}

impl Scene {
    async fn open() -> Self {
        let desk = Desk::open().await;
        let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
        let ana = desk.agent("Ana", orders, 5).await;
        let ben = desk.hire("Ben Okafor", Hire::agent(orders, 5)).await;
        let chen = desk.hire("Chen", Hire::agent(returns, 5)).await;
        let sam = desk.hire("Sam", Hire { role: Role::Supervisor, capacity: 0, teams: vec![returns] }).await;
        let shopper = Shopper::come(&desk).await;
        let ack = shopper.must(json!({ "type": "send", "body": "hello", "team": orders })).await;
        let chat = text(&ack, "conversation").to_owned();
        ana.given(&chat).await;
        Self { desk, ana, ben, chen, sam, shopper, chat }
    }

    async fn note(&self, by: &Browser<'_>, cid: &str, body: &str) {
        let path = format!("/console/c/{}/note", self.chat);
        let (status, answer) = by.post(&path, &[("cid", cid), ("body", body)]).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// The calls that a page was told, by their text.
    fn calls(&self, page: &Page) -> Vec<String> {
        let calls = page.ops_named("event");
        let about = |op: &serde_json::Value| op["a"]["name"] == "call" && op["a"]["conversation"] == self.chat.as_str();
        let isolates = ['\u{2068}', '\u{2069}'];
        calls.iter().filter(|op| about(op)).map(|op| text(&op["a"], "text").replace(isolates, "")).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_named_in_a_note_is_called_and_nobody_else() {
    let scene = Scene::open().await;
    let hers = Browser::sign_in(&scene.desk, &scene.ana.staff).await;
    let mut pages = Vec::new();
    for staff in [&scene.ben, &scene.chen, &scene.sam, &scene.ana.staff] {
        let browser = Browser::sign_in(&scene.desk, staff).await;
        pages.push(Page::showing(&browser, vec![json!({ "topic": "list:all" })]).await);
    }
    let own = cid();
    scene.note(&hers, &own, "@Ben Okafor and @sam: @Chen knows, @Ana does not; b@Ben.example").await;
    pages[0].is_told("that he is called", |op| op["a"]["name"] == "call").await;
    pages[2].is_told("that he is called", |op| op["a"]["name"] == "call").await;
    // The same form again calls nobody again; another does, and comes after whatever the first one could have caused.
    scene.note(&hers, &own, "@Ben Okafor and @sam: @Chen knows, @Ana does not; b@Ben.example").await;
    scene.note(&hers, &cid(), "@Ben Okafor again").await;
    let told = || scene.calls(&pages[0]).len() >= 2;
    crate::harness::eventually("the second call", async || told().then_some(())).await;
    assert_eq!(scene.calls(&pages[0]), ["Ana mentions you in a note"; 2]);
    assert_eq!(scene.calls(&pages[2]).len(), 1);
    assert_eq!((scene.calls(&pages[1]).len(), scene.calls(&pages[3]).len()), (0, 0));
    scene.ana.say(&scene.chat, "@Ben Okafor is a reply").await;
    scene.shopper.message(&scene.chat, "@Ben Okafor is a reply").await;
    assert!(scene.shopper.log(&scene.chat).iter().all(|e| e["kind"] != "note"));
    assert_eq!(scene.calls(&pages[0]).len(), 2, "a reply calls nobody");
}

#[tokio::test]
async fn only_who_may_see_the_conversation_is_offered() {
    let scene = Scene::open().await;
    let hers = Browser::sign_in(&scene.desk, &scene.ana.staff).await;
    let offered =
        async |by: &Browser<'_>, q: &str| by.get(&format!("/console/c/{}/colleagues?q={q}", scene.chat)).await;
    let (status, all) = offered(&hers, "").await;
    assert_eq!(status, 200);
    for (name, is_there) in [("@Ben Okafor", true), ("@Sam", true), ("@Chen", false), ("@Ana", false)] {
        assert_eq!(all.contains(name), is_there, "{name}: {all}");
    }
    let (_, some) = offered(&hers, "OKA").await;
    assert!(some.contains("data-text=\"@Ben Okafor \"") && !some.contains("@Sam"), "{some}");
    assert!(!offered(&hers, "%25_").await.1.contains("role=\"option\""));
    let his = Browser::sign_in(&scene.desk, &scene.chen).await;
    assert_eq!(offered(&his, "").await.0, 404);
    let db = &scene.desk.app.db.read;
    let chat = scene.chat.parse().unwrap();
    let seeing: Vec<_> = who_may_see(db, chat).await.unwrap().into_iter().map(|(id, _)| id).collect();
    for (staff, role) in [
        (&scene.ana.staff, Role::Agent),
        (&scene.ben, Role::Agent),
        (&scene.chen, Role::Agent),
        (&scene.sam, Role::Supervisor),
    ] {
        let may = may_see(db, staff.id, role, chat).await.unwrap().is_some();
        assert_eq!(seeing.contains(&staff.id), may, "{}", staff.name);
    }
}
