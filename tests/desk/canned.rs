//! Replies that are ready: kept by those who may, offered as they would read in a conversation, and never sent half filled.

use crate::console::Browser;
use crate::harness::{Desk, Hire, Shopper, text};
use deskbell::domain::people::Role;
use serde_json::json;

/// The address of the one with this shortcut, from the list.
fn link(list: &str, shortcut: &str) -> String {
    let at = list.find(&format!(">/{shortcut}<")).unwrap_or_else(|| panic!("/{shortcut} is not in {list}"));
    let from = list[..at].rfind("href=\"").unwrap() + 6;
    list[from..].split('"').next().unwrap().to_owned()
}

async fn make(browser: &Browser<'_>, desk: &Desk, fields: &[(&str, &str)]) -> (u16, String) {
    let (_, form) = browser.get(&format!("/console/canned/new?site={}", desk.site.id)).await;
    let action = form.split("action=\"/console/canned/").nth(1).unwrap().split('"').next().unwrap();
    let site = desk.site.id.to_string();
    let action = action.replace("&amp;", "&");
    assert!(action.ends_with(&site));
    browser.post(&format!("/console/canned/{action}"), fields).await
}

#[tokio::test]
async fn a_reply_is_offered_in_the_shoppers_language_with_what_is_known_and_the_likeliest_first() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 2).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    for (shortcut, german) in
        [("hello", "Guten Tag, {customer.name}! Hier ist {agent.name}."), ("hold", "Bestellung {order.number}?")]
    {
        let fields = [
            ("shortcut", shortcut),
            ("scope", "me"),
            ("language", "en"),
            ("text", "Hello."),
            ("language", "de"),
            ("text", german),
        ];
        let (status, _) = make(&browser, &desk, &fields).await;
        assert_eq!(status, 303);
    }
    let mut begin = desk.begin();
    begin["locale"] = "de-AT".into();
    let shopper = Shopper::come_with(&desk, begin, json!([])).await;
    let intake = json!({ "name": "Li & Söhne" });
    let ack = shopper.must(json!({ "type": "send", "body": "Wo ist meine Lampe?", "intake": intake })).await;
    let chat = text(&ack, "conversation").to_owned();
    ana.given(&chat).await;
    let (_, offered) = browser.get(&format!("/console/c/{chat}/canned?q=")).await;
    assert!(offered.find("/hello").unwrap() < offered.find("/hold").unwrap(), "{offered}");
    assert!(offered.contains("Guten Tag, Li &#38; Söhne! Hier ist Ana."), "{offered}");
    let (_, found) = browser.get(&format!("/console/c/{chat}/canned?q=hol")).await;
    assert!(found.contains("Bestellung {order.number}?") && !found.contains("/hello"), "{found}");
    let id = found.split("id=\"canned-").nth(2).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(browser.post(&format!("/console/c/{chat}/canned/{id}"), &[]).await.0, 200);
    let (_, offered) = browser.get(&format!("/console/c/{chat}/canned?q=")).await;
    assert!(offered.find("/hold").unwrap() < offered.find("/hello").unwrap(), "used lately comes first: {offered}");
    // Neither the language's code nor the way in which texts are kept is part of a text.
    for strange in ["%25_%27", "%22", "de%22"] {
        let (_, nothing) = browser.get(&format!("/console/c/{chat}/canned?q={strange}")).await;
        assert!(!nothing.contains("role=\"option\""), "{strange}: {nothing}");
    }
    let reply = format!("/console/c/{chat}/reply");
    let (status, page) = browser.post(&reply, &[("body", "Bestellung {order.number}?")]).await;
    assert_eq!(status, 422);
    assert!(page.contains("still in the text"), "{page}");
    assert_eq!(browser.post(&reply, &[("body", "Dear {custmer.name},")]).await.0, 422, "mistyped");
    let (status, _) = browser.post(&reply, &[("body", "Bestellung {unbekannt}?")]).await;
    assert_eq!(status, 200);
    let seen = shopper.message(&chat, "Bestellung {unbekannt}?").await;
    assert_eq!(text(&seen, "kind"), "message");
}

#[tokio::test]
async fn what_is_shared_is_a_supervisors_and_what_is_ones_own_nobody_elses() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let (ana, ben) = (desk.agent("Ana", orders, 2).await, desk.agent("Ben", returns, 2).await);
    let sue = desk.hire("Sue", Hire { role: Role::Supervisor, ..Hire::agent(orders, 2) }).await;
    let (ana, ben) = (Browser::sign_in(&desk, &ana.staff).await, Browser::sign_in(&desk, &ben.staff).await);
    let sue = Browser::sign_in(&desk, &sue).await;
    let shared = format!("team:{orders}");
    let said = [("language", "en"), ("text", "One moment.")];
    let (status, page) =
        make(&ana, &desk, &[&[("shortcut", "wait"), ("scope", "site")], said.as_slice()].concat()).await;
    assert_eq!(status, 422);
    assert!(page.contains("Choose who may use it") && page.contains("One moment."), "{page}");
    for (who, shortcut, scope) in [(&ana, "mine", "me"), (&sue, "ours", &shared), (&sue, "all", "site")] {
        let (status, _) =
            make(who, &desk, &[&[("shortcut", shortcut), ("scope", scope)], said.as_slice()].concat()).await;
        assert_eq!(status, 303, "{shortcut}");
    }
    let lists =
        [ana.get("/console/canned").await.1, ben.get("/console/canned").await.1, sue.get("/console/canned").await.1];
    let has = |list: &str| ["mine", "ours", "all"].map(|shortcut| list.contains(&format!(">/{shortcut}<")));
    assert_eq!(lists.each_ref().map(|list| has(list)), [[true, true, true], [false, false, true], [false, true, true]]);
    let (mine, ours) = (link(&lists[0], "mine"), link(&lists[0], "ours"));
    for (who, path) in [(&ben, &mine), (&sue, &mine), (&ana, &ours), (&ben, &ours)] {
        assert_eq!(who.get(path).await.0, 404, "{path}");
        let fields = [&[("shortcut", "taken"), ("scope", "me")], said.as_slice()].concat();
        assert_eq!(who.post(path, &fields).await.0, 404, "{path}");
        who.post(&format!("{path}/remove"), &[]).await;
    }
    assert!(has(&ana.get("/console/canned").await.1)[..2] == [true, true], "nobody took away what is not theirs");
    let (status, page) =
        make(&sue, &desk, &[&[("shortcut", "/All"), ("scope", "site")], said.as_slice()].concat()).await;
    assert_eq!(status, 422);
    assert!(page.contains("of this shortcut already"), "{page}");
    let (status, page) =
        make(&sue, &desk, &[("shortcut", " / "), ("scope", "site"), ("language", "en"), ("text", " ")]).await;
    assert_eq!(status, 422);
    assert!(page.contains("Give it a shortcut") && page.contains("Write its text"), "{page}");
    let mistyped = [("shortcut", "dear"), ("scope", "site"), ("language", "en"), ("text", "Dear {custmer.name},")];
    let (status, page) = make(&sue, &desk, &mistyped).await;
    assert_eq!(status, 422);
    assert!(page.contains("none of those below") && page.contains("{custmer.name}"), "{page}");
    sue.post(&format!("{ours}/remove"), &[]).await;
    assert!(!has(&ana.get("/console/canned").await.1)[1]);
}
