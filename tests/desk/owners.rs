//! The owner's pages: what they set is validated field by field and holds in the running queue.

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{Desk, Shopper, eventually, text};
use crate::identity::{begin_as, statement};
use deskbell::domain::people::Role;
use deskbell::domain::routing::{Class, When};
use deskbell::domain::site::Site;
use deskbell::store::{sites, staff};
use serde_json::json;

pub async fn owner(desk: &Desk) -> Browser<'_> {
    let team = desk.team("Office").await;
    let admin = desk.hire("Hugo", Hire { role: Role::Admin, capacity: 0, teams: vec![team] }).await;
    Browser::sign_in(desk, &admin).await
}

/// The fields of the form on a page, as a browser would send them.
pub fn fields(html: &str) -> Vec<(String, String)> {
    let form = html.split("<main").nth(1).unwrap();
    let written = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    let unescaped = |text: &str| written.iter().fold(text.to_owned(), |text, (as_is, one)| text.replace(as_is, one));
    let attribute = |tag: &str, name: &str| {
        let from = tag.split(&format!(" {name}=\"")).nth(1)?;
        Some(unescaped(from.split('"').next()?))
    };
    let mut fields = Vec::new();
    for (at, _) in form.match_indices('<') {
        let (tag, rest) = form[at..].split_once('>').unwrap_or_default();
        let Some(name) = attribute(tag, "name") else { continue };
        if tag.starts_with("<input") {
            let is_box = tag.contains("checkbox");
            if !is_box || tag.ends_with(" checked") {
                fields.push((name, attribute(tag, "value").unwrap_or_default()));
            }
        } else if tag.starts_with("<select") {
            let options = rest.split("</select>").next().unwrap();
            let chosen = options.split("<option").find(|option| option.contains(" selected>"));
            let chosen = chosen.or_else(|| options.split("<option").nth(1)).unwrap();
            fields.push((name, attribute(chosen, "value").unwrap()));
        } else if tag.starts_with("<textarea") {
            fields.push((name, unescaped(rest.split("</textarea>").next().unwrap().trim_start_matches('\n'))));
        }
    }
    fields
}

/// Opens a page, changes some of its fields and sends it.
pub async fn send(browser: &Browser<'_>, path: &str, changes: &[(&str, &str)]) -> (u16, String) {
    let (status, html) = browser.get(path).await;
    assert_eq!(status, 200, "{path}");
    let mut sent = fields(&html);
    for (name, value) in changes {
        sent.retain(|(field, _)| field != name);
        sent.push(((*name).to_owned(), (*value).to_owned()));
    }
    let sent: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(path, &sent).await
}

pub async fn stored(desk: &Desk) -> Site {
    sites::by_id(&desk.app.db.read, desk.site.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn only_admins_see_or_change_how_a_shop_routes() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let boss = desk.hire("Grace", Hire { role: Role::Supervisor, ..Hire::agent(team, 5) }).await;
    let browser = Browser::sign_in(&desk, &boss).await;
    let site = format!("/admin/sites/{}", desk.site.id);
    let pages = [
        format!("{site}/routing"),
        format!("{site}/teams"),
        format!("{site}/teams/{team}"),
        "/admin/people".to_owned(),
        format!("/admin/people/{}", boss.id),
    ];
    for page in &pages {
        assert_eq!(browser.get(page).await.0, 403, "{page}");
    }
    for page in pages.iter().filter(|page| *page != "/admin/people") {
        assert_eq!(browser.post(page, &[("name", "Mine")]).await.0, 403, "{page}");
    }
    assert_eq!(desk.count("select count(*) from teams where name = 'Mine'").await, 0);
    assert_eq!(desk.count("select count(*) from agents where name = 'Mine'").await, 0);
}

#[tokio::test]
async fn a_rule_that_an_admin_adds_routes_the_next_chat() {
    let desk = Desk::open().await;
    let browser = owner(&desk).await;
    let (orders, gold) = (desk.team("Orders").await, desk.team("Gold").await);
    let ana = desk.agent("Ana", orders, 5).await;
    let ben = desk.agent("Ben", gold, 5).await;
    let path = format!("/admin/sites/{}/routing", desk.site.id);
    let team = gold.to_string();
    let rule = [
        ("rule_when_0", "attribute"),
        ("rule_name_0", "plan"),
        ("rule_value_0", "Gold"),
        ("rule_team_0", team.as_str()),
        ("rule_class_0", "vip"),
        ("silent_percent", "0.25"),
        ("sla_vip_first", "2 min"),
        ("offer_s", "25 s"),
    ];
    let (status, _) = send(&browser, &path, &rule).await;
    assert_eq!(status, 303);
    let settings = stored(&desk).await.settings;
    assert_eq!(settings.routing.rules[0].when, When::Attribute("plan".into()));
    assert_eq!((settings.routing.silent_percent, settings.routing.offer_s), (25, 25));
    assert_eq!(settings.sla.of(Class::Vip).first_s, 120);
    // The page shows what is stored, and sent back as it is changes nothing.
    assert_eq!(send(&browser, &path, &[]).await.0, 303);
    let again = stored(&desk).await.settings;
    assert_eq!((again.routing, again.sla), (settings.routing, settings.sla));
    for n in 0..3 {
        let begin = begin_as(&desk, None, &statement(&desk, &n.to_string(), "li@shop.example"));
        let vip = Shopper::come_with(&desk, begin, json!([])).await;
        ben.given(&vip.open("I am gold").await).await;
    }
    assert!(ana.heard(|f| f["type"] == "assigned").is_empty(), "every one of them was Ben's");
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field_what_was_typed_stays_and_nothing_is_stored() {
    let desk = Desk::open().await;
    let browser = owner(&desk).await;
    let path = format!("/admin/sites/{}/routing", desk.site.id);
    let before = stored(&desk).await.settings;
    let bad = [("grace_s", "<b>soon</b>"), ("rule_when_1", "cart"), ("rule_value_1", "much"), ("queue_max", "7")];
    let (status, html) = send(&browser, &path, &bad).await;
    assert_eq!(status, 422);
    assert!(html.contains(r#"id="grace_s-problem">Write a time from 5 s to 1 h"#), "{html}");
    assert!(html.contains(r#"id="rule_1-problem">Write what the cart is worth"#));
    let shown = fields(&html);
    let value = |name: &str| shown.iter().find(|(field, _)| field == name).unwrap().1.as_str();
    assert_eq!((value("rule_when_1"), value("rule_value_1"), value("queue_max")), ("cart", "much", "7"));
    assert!(!html.contains("<b>soon"), "it is shown as text");
    let after = stored(&desk).await.settings;
    assert_eq!((after.routing, after.sla), (before.routing, before.sla));
    let site = format!("/admin/sites/{}", desk.site.id);
    let (status, html) = send(&browser, &site, &[("exceptions", "2026-12-25 Christmas\n25.12. Again")]).await;
    assert_eq!(status, 422);
    assert!(html.contains(r#"id="exceptions-problem""#) && html.contains("2026-12-25 Christmas\n25.12. Again"));
    assert!(stored(&desk).await.settings.hours.exceptions.is_empty());
}

#[tokio::test]
async fn holidays_are_kept_with_the_hours_and_close_the_shop_at_once() {
    let desk = Desk::open().await;
    let browser = owner(&desk).await;
    let today = desk.app.clock.now().date_naive();
    let (_, session) = desk.session(&desk.begin()).await;
    assert_eq!(session["site"]["open"], true);
    let dates = format!("{today} Inventory\n2030-12-24 09:00-13:00 Christmas Eve");
    let site = format!("/admin/sites/{}", desk.site.id);
    assert_eq!(send(&browser, &site, &[("exceptions", &dates)]).await.0, 303);
    let (_, session) = desk.session(&desk.begin()).await;
    assert_eq!(session["site"]["open"], false);
    assert!(text(&session["site"], "opens_at").ends_with("T00:00:00Z"));
    let (_, html) = browser.get(&site).await;
    assert!(html.contains(&dates), "shown as they were written");
}

#[tokio::test]
async fn a_team_is_made_and_filled_and_its_limit_and_helpers_hold() {
    let desk = Desk::open().await;
    let browser = owner(&desk).await;
    let others = desk.team("Others").await;
    let ana = desk.agent("Ana", others, 5).await;
    let ben = desk.hire("Ben", Hire::default()).await;
    let teams = format!("/admin/sites/{}/teams", desk.site.id);
    assert_eq!(browser.post(&teams, &[("name", " ")]).await.0, 422);
    let (status, html) = browser.post(&teams, &[("name", "Others")]).await;
    assert_eq!(status, 422);
    assert!(html.contains("Another team of this shop has that name."));
    assert_eq!(browser.post(&teams, &[("name", "Repairs")]).await.0, 303);
    let repairs = sites::team_named(&desk.app.db.read, desk.site.id, "Repairs").await.unwrap().unwrap().id;
    let path = format!("{teams}/{repairs}");
    let (member, skills) = (format!("member_{}", ben.id), format!("skills_{}", ben.id));
    let bad = [("overflow_after", "2 min"), ("chats_max", "many"), ("name", "Others")];
    let (status, html) = send(&browser, &path, &bad).await;
    assert_eq!(status, 422);
    assert!(html.contains(r#"id="overflow_team-problem""#) && html.contains(r#"id="chats_max-problem""#));
    assert_eq!(send(&browser, &path, &[("name", "Others")]).await.0, 422, "the name is taken");
    let helper = others.to_string();
    let good = [
        ("name", "Repair desk"),
        ("chats_max", "1"),
        ("overflow_team", helper.as_str()),
        ("overflow_after", "1 min"),
        (member.as_str(), "1"),
        (skills.as_str(), "bikes, Brakes"),
    ];
    assert_eq!(send(&browser, &path, &good).await.0, 303);
    assert_eq!(
        staff::members(&desk.app.db.read, desk.site.id, repairs).await.unwrap(),
        [(ben.id, vec!["bikes".to_owned(), "Brakes".to_owned()])]
    );
    let ben = desk.sign_in(&ben).await;
    ben.available(true).await;
    let asks = json!({ "type": "send", "body": "flat tyre", "files": [], "team": repairs });
    let (first, second) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let chat = text(&*first.must(asks.clone()).await, "conversation").to_owned();
    ben.given(&chat).await;
    second.must(asks).await;
    second.wait("a place in line", |f| f["type"] == "queue" && f["position"] == 1).await;
    assert!(ana.heard(|f| f["type"] == "assigned").is_empty());
    // Out of the team again, by the unticked box.
    let (_, html) = browser.get(&path).await;
    let sent: Vec<_> = fields(&html).into_iter().filter(|(name, _)| *name != member).collect();
    let sent: Vec<_> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(browser.post(&path, &sent).await.0, 303);
    assert_eq!(
        desk.count("select count(*) from team_members m join teams t on t.id = m.team_id where t.name = 'Repair desk'")
            .await,
        0
    );
}

#[tokio::test]
async fn what_somebody_can_carry_is_set_and_gives_them_the_next_chat() {
    let desk = Desk::open().await;
    let browser = owner(&desk).await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let (first, second) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    ana.given(&first.open("one").await).await;
    let waits = second.open("two").await;
    second.wait("a place in line", |f| f["type"] == "queue").await;
    let path = format!("/admin/people/{}", ana.staff.id);
    let (status, html) = send(&browser, &path, &[("capacity", "101"), ("languages", "English")]).await;
    assert_eq!(status, 422);
    assert!(html.contains("from 0 to 100") && html.contains("such as en, de or zh-CN"));
    assert_eq!(
        send(&browser, &path, &[("capacity", "2"), ("languages", "en, de-AT"), ("name", "Ana Silva")]).await.0,
        303
    );
    ana.given(&waits).await;
    eventually("the staff list shows it", async || {
        let (_, html) = browser.get("/admin/people").await;
        (html.contains("Ana Silva") && html.contains("en, de-AT") && html.contains("2 chats")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn short_addresses_lead_to_the_only_shop_or_to_the_list() {
    let desk = Desk::open().await;
    let hugo = desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let his = Browser::sign_in(&desk, &hugo).await;
    let site = desk.site.id;
    for (path, there) in [
        ("/console/queue", "/console/inbox/waiting".to_owned()),
        ("/admin/agents", "/admin/people".to_owned()),
        ("/admin/canned", "/console/canned".to_owned()),
        ("/admin/widget", format!("/admin/sites/{site}/widget")),
        ("/admin/hours", format!("/admin/sites/{site}#hours")),
        ("/admin/departments", format!("/admin/sites/{site}/teams")),
        ("/admin/routing", format!("/admin/sites/{site}/routing")),
    ] {
        assert_eq!(his.get_to(path).await, (303, Some(there)), "{path}");
    }
    desk.second_site().await;
    assert_eq!(his.get_to("/admin/widget").await, (303, Some("/admin/sites".to_owned())));
    let ana = desk.hire("Ana", Hire::default()).await;
    let hers = Browser::sign_in(&desk, &ana).await;
    assert_eq!(hers.get("/admin/widget").await.0, 403);
}
