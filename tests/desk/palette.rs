//! The palette: who and what is found by a few letters, and for whom.

use crate::console::Browser;
use crate::customers::{settled, signed_in, writes};
use crate::harness::Desk;
use crate::harness::people::Hire;
use deskbell::domain::people::Role;
use serde_json::json;

#[tokio::test]
async fn people_are_found_whether_they_are_open_closed_or_colleagues_and_only_those_one_may_see() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.agent("Ana", orders, 5).await;
    let ben = desk.hire("Ben Lindqvist", Hire::agent(returns, 5)).await;
    let sam = desk.hire("Sam", Hire { role: Role::Supervisor, ..Hire::agent(orders, 0) }).await;
    let li = signed_in(&desk, "1", "Linnea Berg", "linnea@shop.example").await;
    let closed = writes(&li, "hello", Some(orders), json!({})).await;
    ana.given(&closed).await;
    ana.close(&closed).await;
    let other = signed_in(&desk, "2", "Linus Dahl", "linus@shop.example").await;
    writes(&other, "hello", Some(returns), json!({})).await;
    let far = desk.second_site().await;
    let far_team = desk.team_of(&far, "Orders").await;
    desk.hire_at(&far, "Lin Stranger", Hire::agent(far_team, 5)).await;
    settled(&desk).await;

    let hers = Browser::sign_in(&desk, &ana.staff).await;
    let found = hers.get("/console/palette?q=lin").await.1;
    assert!(found.contains("data-go=\"/console/customers/") && found.contains("linnea@shop.example"), "{found}");
    assert!(found.contains(&format!("data-write=\"/console/rooms/with/{}\"", ben.id)), "{found}");
    assert!(found.contains("Write to Ben Lindqvist") && !found.contains("/console/wall/"), "{found}");
    for unseen in ["Linus", "Stranger"] {
        assert!(!found.contains(unseen), "{unseen} in {found}");
    }
    assert!(!hers.get("/console/palette?q=ana").await.1.contains("data-write"), "nobody writes to themselves");
    let his = Browser::sign_in(&desk, &sam).await;
    let found = his.get("/console/palette?q=lin").await.1;
    assert!(found.contains("Linus") && found.contains(&format!("data-go=\"/console/wall/{}\"", ben.id)), "{found}");
    assert!(!found.contains("Stranger"), "{found}");
    // Signs alone, and the longest that may be typed, find nothing and break nothing.
    for odd in ["%27%22%3C", "%00", &"x".repeat(5000), "%25_"] {
        let (status, found) = hers.get(&format!("/console/palette?q={odd}")).await;
        assert!(status == 200 && !found.contains("data-go=\"/console/customers/"), "{odd}: {status}");
    }
}

#[tokio::test]
async fn what_can_be_done_here_is_named_by_its_keys_and_the_rest_is_not() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = Browser::sign_in(&desk, &desk.hire("Ana", Hire::agent(team, 5)).await).await;
    let all = ana.get("/console/palette?keys=rtesp/").await.1;
    for (key, name) in [("r", "Reply"), ("t", "Transfer"), ("e", "Close the conversation"), ("s", "Snooze")] {
        assert!(all.contains(&format!("data-press=\"{key}\"><bdi>{name}</bdi>")), "{key} in {all}");
    }
    assert!(!all.contains("data-press=\"b\"") && !all.contains("data-press=\"/\""), "{all}");
    let some = ana.get("/console/palette?keys=rtesp&q=trans").await.1;
    assert!(some.matches("data-press").count() == 1 && some.contains("data-press=\"t\""), "{some}");
    assert!(!ana.get("/console/palette?q=trans").await.1.contains("data-press"));
    let (status, odd) = ana.get("/console/palette?keys=%E5%9C%A8").await;
    assert!(status == 200 && !odd.contains("data-press"), "{odd}");
}
