//! Macros: several actions at once, each under its own rules; nothing is begun that cannot be done whole, and pressing twice
//! does it once.

use crate::console::Browser;
use crate::harness::{Agent, Desk, Hire, Shopper, cid};
use deskbell::domain::id::TeamId;
use deskbell::domain::people::Role;
use serde_json::json;

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

    async fn sue(&self) -> Browser<'_> {
        let hire = Hire { role: Role::Supervisor, capacity: 5, teams: vec![self.team] };
        Browser::sign_in(&self.desk, &self.desk.hire("Sue", hire).await).await
    }

    async fn id(&self, statement: &'static str, name: &str) -> String {
        let id: uuid::Uuid = sqlx::query_scalar(statement).bind(name).fetch_one(&self.desk.app.db.read).await.unwrap();
        id.to_string()
    }

    async fn tag(&self, sue: &Browser<'_>, name: &str) -> String {
        sue.post(&format!("/admin/tags/{}", self.desk.site.id), &[("name", name), ("color", "1")]).await;
        self.id("select id from tags where name = $1", name).await
    }

    async fn reply(&self, by: &Browser<'_>, shortcut: &str, scope: &str, text: &str) -> String {
        let (id, site) = (cid(), self.desk.site.id.to_string());
        let fields = [
            ("shortcut", shortcut),
            ("scope", scope),
            ("language", "en"),
            ("text", text),
            ("language", "de"),
            ("text", "Guten Tag, {customer.name}."),
        ];
        assert_eq!(by.post(&format!("/console/canned/{id}?site={site}"), &fields).await.0, 303);
        id
    }

    /// Makes one, as its form does.
    async fn make(&self, by: &Browser<'_>, fields: &[(&str, &str)]) -> (u16, String, String) {
        let (_, form) = by.get(&format!("/console/macros/new?site={}", self.desk.site.id)).await;
        let id = form.split("action=\"/console/macros/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let site = self.desk.site.id.to_string();
        let all: Vec<_> = fields.iter().copied().chain([("site", site.as_str())]).collect();
        let (status, page) = by.post(&format!("/console/macros/{id}"), &all).await;
        (status, page, id)
    }

    async fn chat(&self, locale: &str, name: &str) -> (Shopper, String) {
        let mut begin = self.desk.begin();
        begin["locale"] = locale.into();
        let shopper = Shopper::come_with(&self.desk, begin, json!([])).await;
        let frame = json!({ "type": "send", "cid": cid(), "body": "hello", "files": [], "intake": { "name": name } });
        let chat = shopper.must(frame).await["conversation"].as_str().unwrap().to_owned();
        self.ana.given(&chat).await;
        (shopper, chat)
    }
}

#[tokio::test]
async fn a_macro_does_all_it_says_in_order_and_once() {
    let scene = Scene::open().await;
    let (sue, ana) = (scene.sue().await, Browser::sign_in(&scene.desk, &scene.ana.staff).await);
    let (refund, parcel) = (scene.tag(&sue, "Refund").await, scene.tag(&sue, "Parcel").await);
    let hello = scene.reply(&sue, "hello", "site", "Good day, {customer.name}.").await;
    let does = [
        ("name", "Refund and close"),
        ("scope", "site"),
        ("tag", refund.as_str()),
        ("untag", parcel.as_str()),
        ("class", "high"),
        ("note", "Refunded by {agent.name}."),
        ("reply", hello.as_str()),
        ("finish", "close"),
    ];
    let (status, page, id) = scene.make(&sue, &does).await;
    assert_eq!(status, 303, "{page}");
    let (shopper, chat) = scene.chat("de-AT", "Li").await;
    ana.post(&format!("/console/c/{chat}/tag"), &[("tag", &parcel)]).await;
    let (_, thread) = ana.get(&format!("/console/c/{chat}")).await;
    assert!(thread.contains("Refund and close") && thread.contains("send /hello"), "{thread}");
    let (path, once) = (format!("/console/c/{chat}/macro"), cid());
    let form = [("run", id.as_str()), ("cid", once.as_str())];
    let twice = futures_util::future::join_all((0..3).map(|_| ana.post(&path, &form))).await;
    assert!(twice.iter().any(|(status, _)| *status == 200), "{twice:?}");
    shopper.message(&chat, "Guten Tag, Li.").await;
    shopper.event(&chat, "that it is closed", |e| e["kind"] == "closed").await;
    for (statement, count) in [
        ("select count(*) from events where body = 'Guten Tag, Li.'", 1),
        ("select count(*) from events where body = 'Refunded by Ana.'", 1),
        ("select count(*) from events where kind = 'closed'", 1),
        ("select count(*) from conversation_tags c join tags t on t.id = c.tag_id where t.name = 'Refund'", 1),
        ("select count(*) from conversation_tags", 1),
        ("select count(*) from conversations where priority = 1 and state = 'closed'", 1),
    ] {
        assert_eq!(scene.desk.count(statement).await, count, "{statement}");
    }
    assert!(shopper.log(&chat).iter().all(|e| e["kind"] != "note"));
    let (status, page) = ana.submit(&path, &[("run", &id)]).await;
    assert_eq!(status, 409, "it is closed");
    assert!(page.contains("has ended"), "{page}");
}

#[tokio::test]
async fn nothing_is_begun_that_cannot_be_done_whole() {
    let scene = Scene::open().await;
    let (sue, ana) = (scene.sue().await, Browser::sign_in(&scene.desk, &scene.ana.staff).await);
    let tag = scene.tag(&sue, "Refund").await;
    let order = scene.reply(&ana, "order", "me", "Order {order.number} is on its way.").await;
    let returns = scene.desk.team("Returns").await;
    let does = |name, reply| [("name", name), ("scope", "me"), ("tag", tag.as_str()), ("note", "x"), ("reply", reply)];
    let (status, page, unknown) = scene.make(&ana, &does("Order", &order)).await;
    assert_eq!(status, 303, "{page}");
    let to_team = format!("team:{returns}");
    let (status, page, gives) =
        scene.make(&ana, &[("name", "Give"), ("scope", "me"), ("tag", &tag), ("finish", &to_team)]).await;
    assert_eq!(status, 303, "{page}");
    let (_shopper, chat) = scene.chat("en", "Li").await;
    let path = format!("/console/c/{chat}/macro");
    let (status, page) = ana.submit(&path, &[("run", &unknown)]).await;
    assert_eq!(status, 422);
    assert!(page.contains("placeholder that is not known here"), "{page}");
    sqlx::query("delete from teams where id = $1").bind(returns).execute(&scene.desk.app.db.read).await.unwrap();
    let (status, page) = ana.submit(&path, &[("run", &gives)]).await;
    assert_eq!(status, 422);
    assert!(page.contains("is not there any more: a tag, a team or a ready reply"), "{page}");
    for none in ["", "x", "0190b1b4-0000-7000-8000-000000000001"] {
        assert_eq!(ana.post(&path, &[("run", none)]).await.0, 422, "{none}");
    }
    // A colleague has answered since: neither the answer nor the note is written. Nor is anything of a chat that is another by now.
    let hello = scene.reply(&ana, "hello", "me", "Good day.").await;
    let (_, _, both) = scene.make(&ana, &does("Both", &hello)).await;
    let joined = [("body", "I am here too"), ("cid", &cid())];
    assert_eq!(sue.post(&format!("/console/c/{chat}/reply"), &joined).await.0, 200);
    let (status, page) = ana.submit(&path, &[("run", &both), ("last", "2")]).await;
    assert!(status == 409 && page.contains("has answered meanwhile"), "{page}");
    assert_eq!(ana.post(&path, &[("run", &both), ("gen", "99")]).await.0, 409);
    assert_eq!(scene.desk.count("select count(*) from events where body = 'x'").await, 0);
    let (status, page, ends) =
        scene.make(&sue, &[("name", "End"), ("scope", "me"), ("note", "x"), ("finish", "close")]).await;
    assert_eq!(status, 303, "{page}");
    assert_eq!(sue.post(&path, &[("run", &ends)]).await.0, 409, "to end it they take it over first");
    assert_eq!(scene.desk.count("select count(*) from events where body = 'x'").await, 0);
    sqlx::query("delete from conversation_tags").execute(&scene.desk.app.db.read).await.unwrap();
    let before = scene.desk.count("select count(*) from events").await;
    // What is somebody else's own does not run for others, and a reply is only for whoever has the chat.
    assert_eq!(sue.post(&path, &[("run", &unknown)]).await.0, 422);
    let good = scene.reply(&sue, "good", "site", "Good day.").await;
    let (status, page, shared) = scene.make(&sue, &[("name", "Greet"), ("scope", "site"), ("reply", &good)]).await;
    assert_eq!(status, 303, "{page}");
    assert_eq!(sue.post(&path, &[("run", &shared)]).await.0, 409);
    assert_eq!(scene.desk.count("select count(*) from events").await, before, "nothing was written");
    assert_eq!(scene.desk.count("select count(*) from conversation_tags").await, 0);
    let other = scene.desk.second_site().await;
    let team = scene.desk.team_of(&other, "Bikes").await;
    let eve = scene.desk.hire_at(&other, "Eve", Hire { role: Role::Supervisor, capacity: 1, teams: vec![team] }).await;
    let eve = Browser::sign_in(&scene.desk, &eve).await;
    assert_eq!(eve.post(&path, &[("run", &shared)]).await.0, 404);
    assert_eq!(eve.get(&format!("/console/macros/{shared}")).await.0, 404);
    eve.post(&format!("/console/macros/{shared}/remove"), &[]).await;
    assert_eq!(ana.post(&path, &[("run", &shared)]).await.0, 200, "it is there still");
}

#[tokio::test]
async fn a_form_says_what_is_wrong_and_keeps_what_was_chosen() {
    let scene = Scene::open().await;
    let (sue, ana) = (scene.sue().await, Browser::sign_in(&scene.desk, &scene.ana.staff).await);
    let tag = scene.tag(&sue, "Refund <b>").await;
    let own = scene.reply(&sue, "own", "me", "Mine.").await;
    for (fields, said) in [
        (vec![("name", ""), ("scope", "me"), ("finish", "close")], "Give it a name"),
        (vec![("name", "A"), ("scope", "me")], "Choose at least one thing"),
        (vec![("name", "A"), ("scope", "me"), ("tag", &tag), ("untag", &tag)], "not both"),
        (vec![("name", "A"), ("scope", "me"), ("finish", "team:0190b1b4-0000-7000-8000-000000000001")], "This team is"),
        (vec![("name", "A"), ("scope", "site"), ("reply", &own)], "Choose a shared one"),
        (vec![("name", "A"), ("scope", "team:x"), ("finish", "close")], "Choose who may use it"),
    ] {
        let (status, page, _) = scene.make(&sue, &fields).await;
        assert_eq!(status, 422, "{fields:?}");
        assert!(page.contains(said), "{said}: {page}");
    }
    let (status, page, _) = scene.make(&ana, &[("name", "A"), ("scope", "site"), ("note", "Kept <i>")]).await;
    assert_eq!(status, 422, "what is shared is a supervisor's");
    assert!(page.contains("Kept &#60;i&#62;") && page.contains("Refund &#60;b&#62;"), "{page}");
    assert_eq!(scene.make(&ana, &[("name", "Mine"), ("scope", "me"), ("finish", "close")]).await.0, 303);
    let (status, page, _) = scene.make(&ana, &[("name", "mine"), ("scope", "me"), ("finish", "close")]).await;
    assert_eq!(status, 422);
    assert!(page.contains("of this name already"), "{page}");
    let (_, list) = ana.get("/console/macros").await;
    assert!(list.contains("Mine") && list.contains("close"), "{list}");
    assert!(!sue.get("/console/macros").await.1.contains(">Mine<"), "one's own is nobody else's");
    let at = list.split("href=\"/console/macros/").find(|part| part.contains("Mine")).unwrap();
    let id = at.split('"').next().unwrap();
    assert_eq!(ana.post(&format!("/console/macros/{id}/remove"), &[]).await.0, 303);
    assert!(!ana.get("/console/macros").await.1.contains(">Mine<"));
}
