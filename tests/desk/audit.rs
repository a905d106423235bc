//! What owners change is noted with it: who, when, from what to what; secrets are named and not told.

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{Desk, Shopper};
use deskbell::domain::people::Role;
use deskbell::store::audit::{self, Noted};

/// What was noted of this kind, newest first.
async fn noted(desk: &Desk, what: &str) -> Vec<Noted> {
    let asked = audit::Asked { what: Some(what), ..audit::Asked::default() };
    audit::list(&desk.app.db.read, asked, 100).await.unwrap()
}

#[tokio::test]
async fn a_change_is_noted_in_the_transaction_that_makes_it_with_who_made_it() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let hugo = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let his = Browser::sign_in(&desk, &hugo).await;
    let person = format!("/admin/people/{}", ana.staff.id);
    let fields = [("name", "Ana B."), ("role", "supervisor"), ("capacity", "5"), ("languages", "en")];
    assert_eq!(his.submit(&person, &fields).await.0, 303);
    assert_eq!(his.submit(&person, &fields).await.0, 303, "again");
    let found = noted(&desk, "person").await;
    let change = &found[0];
    assert_eq!((change.by_id, change.by_name.as_str(), change.did.as_str()), (Some(hugo.id), "Hugo", "changed"));
    assert_eq!(change.subject, "Ana B.");
    assert_eq!(change.changes["role"], serde_json::json!(["agent", "supervisor"]));
    assert_eq!(change.changes["name"], serde_json::json!(["Ana", "Ana B."]));
    assert!(change.changes.get("capacity").is_none(), "it is what it was: {}", change.changes);
    assert_eq!(found.iter().filter(|one| one.did == "changed").count(), 1, "what changes nothing is not noted");
    let added = found.iter().find(|one| one.subject == "Ana" && one.did == "added").unwrap();
    assert!(added.by_id.is_none(), "by the command line");
    assert_eq!(added.changes["password_hash"], serde_json::json!([null, "…"]), "{}", added.changes);
    // What comes and goes with the day is no change of an owner's.
    ana.available(false).await;
    ana.available(true).await;
    assert_eq!(noted(&desk, "person").await.len(), found.len());
    // What was refused is not noted either: it is rolled back with what it would have noted.
    let (status, _) =
        his.submit(&format!("/admin/people/{}", hugo.id), &[("name", "H"), ("role", "agent"), ("capacity", "5")]).await;
    assert_eq!(status, 422);
    assert_eq!(noted(&desk, "person").await.len(), found.len());

    let tags = format!("/admin/tags/{}", desk.site.id);
    assert_eq!(his.submit(&tags, &[("name", "Returns"), ("color", "2")]).await.0, 303);
    let tag = noted(&desk, "tag").await.remove(0);
    assert_eq!((tag.did.as_str(), tag.subject.as_str(), tag.site_id), ("added", "Returns", Some(desk.site.id)));
    let one = format!("{tags}/{}", tag.subject_id.unwrap());
    assert_eq!(his.submit(&one, &[("act", "remove")]).await.0, 303);
    assert_eq!(noted(&desk, "tag").await[0].did, "removed");

    // What is for oneself is one's own; shared it is added, and for oneself again it is removed.
    let (_, form) = his.get(&format!("/console/canned/new?site={}", desk.site.id)).await;
    let action =
        form.split("action=\"/console/canned/").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    for (scope, did) in [("me", None), ("site", Some("added")), ("me", Some("removed")), ("site", Some("added"))] {
        let before = noted(&desk, "canned").await.len();
        let fields = [("shortcut", "hello"), ("scope", scope), ("language", "en"), ("text", "Hello.")];
        let (status, page) = his.submit(&format!("/console/canned/{action}"), &fields).await;
        assert_eq!(status, 303, "{page}");
        let fresh = noted(&desk, "canned").await;
        assert_eq!(fresh.len() > before, did.is_some(), "{scope}");
        if let Some(did) = did {
            assert_eq!((fresh[0].did.as_str(), fresh[0].by_id), (did, Some(hugo.id)));
        }
    }
    // What is rolled back leaves nothing.
    let before = noted(&desk, "team").await.len();
    let mut tx = audit::begin(&desk.app.db.read, Some(hugo.id)).await.unwrap();
    sqlx::query("update teams set name = 'Never'").execute(&mut *tx).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(noted(&desk, "team").await.len(), before);

    // Within settings, field by field; without the site's secret.
    sqlx::query(
        "update sites set settings = jsonb_set(settings, '{limits,recall_s}', '90'), secret = 'another' where id = $1",
    )
    .bind(desk.site.id)
    .execute(&desk.app.db.read)
    .await
    .unwrap();
    let site = noted(&desk, "site").await.remove(0);
    assert_eq!(site.changes["settings.limits.recall_s"][1], serde_json::json!(90), "{}", site.changes);
    assert_eq!(site.changes["secret"], serde_json::json!(["…", "…"]));
    assert!(!site.changes.to_string().contains("another"));
}

#[tokio::test]
async fn the_page_is_for_admins_and_shows_what_was_changed_and_nothing_runs_in_it() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let sam = desk.hire("Sam", Hire { role: Role::Supervisor, ..Hire::agent(team, 0) }).await;
    let hugo = desk.hire("Hugo <b>", Hire { role: Role::Admin, ..Hire::default() }).await;
    let (sams, his) = (Browser::sign_in(&desk, &sam).await, Browser::sign_in(&desk, &hugo).await);
    assert_eq!(sams.get("/admin/audit").await.0, 403);
    let evil = "<script>alert(1)</script>";
    let fields = [("name", evil), ("role", "agent"), ("capacity", "5"), ("languages", "")];
    assert_eq!(his.submit(&format!("/admin/people/{}", ana.staff.id), &fields).await.0, 303);
    // A supervisor's block is theirs, and ends as whoever ends it.
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("x").await;
    ana.given(&chat).await;
    let block = [("reason", "rude"), ("length", "day")];
    assert_eq!(sams.post(&format!("/console/c/{chat}/block"), &block).await.0, 200);
    let (status, page) = his.get("/admin/audit").await;
    assert_eq!(status, 200);
    assert!(page.contains("&#60;script&#62;") && !page.contains(evil), "{page}");
    assert!(page.contains("rude"), "{page}");
    let (_, only) = his.get("/admin/audit?what=block").await;
    assert!(only.contains("rude") && !only.contains("&#60;script&#62;"), "{only}");
    let blocked = noted(&desk, "block").await.remove(0);
    assert_eq!((blocked.by_id, blocked.by_name.as_str()), (Some(sam.id), "Sam"));
    let lift = format!("/admin/blocklist/{}/{}/lift", desk.site.id, blocked.subject_id.unwrap());
    assert_eq!(his.submit(&lift, &[]).await.0, 303);
    let lifted = noted(&desk, "block").await.remove(0);
    assert_eq!((lifted.by_id, lifted.did.as_str()), (Some(hugo.id), "changed"), "{}", lifted.changes);
    let (_, none) = his.get(&format!("/admin/audit?by={}&what=tag", hugo.id)).await;
    assert!(none.contains("Nothing was changed"), "{none}");
    for odd in ["by=nobody", "what=%00", "before=-1", "before=99999999999"] {
        let (status, _) = his.get(&format!("/admin/audit?{odd}")).await;
        assert_eq!(status, 200, "{odd}");
    }
    assert!(matches!(his.get("/admin/audit?before=x").await.0, 400 | 422));
    // Many are turned by the page.
    for n in 0..60 {
        sqlx::query(
            "insert into tags (site_id, id, name, color, created_at) values ($1, gen_random_uuid(), $2, 0, now())",
        )
        .bind(desk.site.id)
        .bind(format!("Tag {n}"))
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    }
    let (_, first) = his.get("/admin/audit?what=tag").await;
    assert_eq!(first.matches("<li><div>").count(), 50);
    let older =
        first.split("class=\"more\"><a href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(his.get(&older).await.1.matches("<li><div>").count(), 10, "{older}");
}
