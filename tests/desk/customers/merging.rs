//! Contacts that are one person: offered, compared, put together, told apart, and never shown to any browser.

use super::{settled, signed_in, writes};
use crate::console::Browser;
use crate::harness::people::from_start;
use crate::harness::{Agent, Desk, Hire, SHOP, Shopper};
use crate::identity::{begin_as, statement};
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
        let ana = desk.agent("Ana", team, 9).await;
        Self { desk, team, ana }
    }

    async fn overseer(&self, name: &str) -> Browser<'_> {
        let hire = Hire { role: Role::Supervisor, capacity: 5, teams: vec![self.team] };
        Browser::sign_in(&self.desk, &self.desk.hire(name, hire).await).await
    }

    /// Somebody who typed this name and address.
    async fn typed(&self, name: &str, email: &str) -> (Shopper, String) {
        let shopper = Shopper::come(&self.desk).await;
        let intake = json!({ "name": name, "email": email });
        let chat = writes(&shopper, &format!("words of {name}"), Some(self.team), intake).await;
        (shopper, chat)
    }

    /// Who is with whom.
    async fn links(&self) -> Vec<(String, String)> {
        sqlx::query_as("select shopper_id::text, kept_id::text from contact_links order by at")
            .fetch_all(&self.desk.app.db.read)
            .await
            .unwrap()
    }
}

fn of(shopper: &Shopper) -> String {
    format!("/console/customers/{}", shopper.id)
}

fn merge(kept: &Shopper, other: &Shopper) -> String {
    format!("/console/customers/{}/merge/{}", kept.id, other.id)
}

#[tokio::test]
async fn contacts_that_look_alike_are_offered_to_who_oversees_compared_and_merged() {
    let scene = Scene::open().await;
    let sam = scene.overseer("Sam").await;
    let (first, chat) = scene.typed("Li <i>Wei</i>", "Li@Post.example").await;
    let (second, other) = scene.typed("L. Wei", "li@post.EXAMPLE").await;
    let (namesake, _) = scene.typed("Li <i>Wei</i>", "another@post.example").await;
    let silent = Shopper::come(&scene.desk).await;
    sqlx::query("update shoppers set email = 'li@post.example' where id = $1::uuid")
        .bind(&silent.id)
        .execute(&scene.desk.app.db.read)
        .await
        .unwrap();
    let (_, page) = sam.get(&of(&first)).await;
    assert!(page.contains("Perhaps the same person") && page.contains(&merge(&first, &second)), "{page}");
    assert!(
        !page.contains(&namesake.id) && !page.contains(&silent.id),
        "a name alone, or no chat, is no reason: {page}"
    );
    let (status, compared) = sam.get(&merge(&first, &second)).await;
    assert_eq!(status, 200);
    for there in ["Li &#60;i&#62;Wei", "L. Wei", "Keep the other one instead", "neither of the two sees"] {
        assert!(compared.contains(there), "{there}: {compared}");
    }
    assert_eq!(scene.links().await, [], "looking changes nothing");
    assert_eq!(sam.submit(&merge(&first, &second), &[]).await.0, 303);
    assert_eq!(scene.links().await, [(second.id.clone(), first.id.clone())]);
    let (_, page) = sam.get(&of(&first)).await;
    for there in [&chat, &other, "L. Wei, li@post.EXAMPLE", "Merged by Sam", "Sam merged L. Wei", "2 altogether"] {
        assert!(page.contains(there), "{there}: {page}");
    }
    assert!(!page.contains("Perhaps the same person"), "{page}");
    assert_eq!(sam.get(&of(&second)).await.0, 303, "the address of the other leads to the kept one");
    let (_, list) = sam.get("/console/customers").await;
    assert!(list.contains(&format!("p-{}", first.id)) && !list.contains(&format!("p-{}", second.id)), "{list}");
    assert!(list.contains("Also:"), "{list}");
    settled(&scene.desk).await;
    let (_, found) = sam.get("/console/customers?q=%22L.+Wei%22").await;
    assert!(found.contains(&format!("p-{}", first.id)) && found.contains("<mark>L. Wei</mark>"), "{found}");
    // By their telephone, whichever way it was given.
    let vouched = signed_in(&scene.desk, "cust-9", "Mo Ali", "mo@post.example").await;
    writes(&vouched, "hello", Some(scene.team), json!({})).await;
    let (guest, _) = scene.typed("mo ali", "elsewhere@post.example").await;
    guest.send(&json!({ "type": "context", "fields": { "Phone": "0170/555 01 23" } }));
    guest.probe().await;
    let (_, page) = sam.get(&of(&vouched)).await;
    assert!(page.contains(&merge(&vouched, &guest)) && page.contains("The same name and telephone"), "{page}");
    // Whom the shop vouches for is kept, whichever of the two was asked for.
    assert_eq!(sam.submit(&merge(&guest, &vouched), &[]).await.0, 303);
    assert!(scene.links().await.contains(&(guest.id.clone(), vouched.id.clone())));
}

#[tokio::test]
async fn no_browser_sees_more_by_a_merge_whoever_typed_whose_address() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let victim = signed_in(desk, "cust-1", "Victim", "victim@post.example").await;
    let secret = writes(&victim, "my card ends in 4242", Some(scene.team), json!({})).await;
    scene.ana.given(&secret).await;
    let (attacker, chat) = scene.typed("Victim", "victim@post.example").await;
    scene.ana.given(&chat).await;
    let sam = scene.overseer("Sam").await;
    assert_eq!(sam.submit(&merge(&victim, &attacker), &[]).await.0, 303);
    // Both chats go on, each in its own browser.
    scene.ana.say(&secret, "for the victim alone").await;
    scene.ana.say(&chat, "for the other browser").await;
    victim.message(&secret, "for the victim alone").await;
    attacker.message(&chat, "for the other browser").await;
    let mut begin = desk.begin();
    begin["token"] = attacker.token.clone().into();
    let (status, session) = desk.session(&begin).await;
    assert_eq!(
        (status, &session["shopper"]["verified"], &session["conversation"]["id"]),
        (200, &json!(false), &json!(chat))
    );
    let late = attacker.again(desk, from_start(&secret)).await;
    late.wait("a refusal", |f| f["type"] == "nack" && f["code"] == "forbidden").await;
    let history = format!("{}/v1/shopper/conversations/{secret}/events", desk.base);
    let asked = desk.http.get(history).bearer_auth(&attacker.token).header("origin", SHOP).send().await.unwrap();
    assert_eq!(asked.status(), 404);
    attacker.close(&chat).await;
    let again = attacker.open("something new").await;
    assert_ne!(again, secret, "what they write opens a chat of their own");
    for (who, other, hidden) in [(&attacker, &victim, "4242"), (&victim, &attacker, "words of")] {
        let told: String = who.heard(|_| true).iter().map(ToString::to_string).collect();
        assert!(!told.contains(hidden) && !told.contains(&other.id), "{told}");
    }
    let told: String = late.heard(|_| true).iter().map(ToString::to_string).collect();
    assert!(!told.contains("4242") && !told.contains("victim alone"), "{told}");

    // Staff see both beside each other, whose is whose, and that this browser proved nothing.
    let ana = Browser::sign_in(desk, &scene.ana.staff).await;
    let (_, page) = ana.get(&format!("/console/c/{again}")).await;
    assert!(page.contains("This browser itself is not verified"), "{page}");
    assert!(page.contains(&format!("/console/c/{secret}?")) && page.contains("<bdi>Victim</bdi> (verified)"), "{page}");
    // Who may not open the victim's chat reads nothing of it here either.
    let returns = desk.team("Returns").await;
    let ben = desk.agent("Ben", returns, 5).await;
    let step = json!({ "type": "transfer", "conversation": again, "to": { "agent": ben.staff.id } });
    scene.ana.given(&again).await;
    scene.ana.must(step).await;
    ben.given(&again).await;
    let (_, page) = Browser::sign_in(desk, &ben.staff).await.get(&format!("/console/c/{again}")).await;
    assert!(!page.contains(&secret) && !page.contains("victim alone"), "{page}");
}

#[tokio::test]
async fn two_customers_of_the_shop_are_never_merged_not_even_by_those_with_them() {
    let scene = Scene::open().await;
    let one = signed_in(&scene.desk, "cust-1", "Twin", "twin@post.example").await;
    let two = signed_in(&scene.desk, "cust-2", "Twin", "twin@post.example").await;
    writes(&one, "one", Some(scene.team), json!({})).await;
    writes(&two, "two", Some(scene.team), json!({})).await;
    let (guest, _) = scene.typed("Twin", "twin@post.example").await;
    let sam = scene.overseer("Sam").await;
    let (_, page) = sam.get(&of(&one)).await;
    assert!(page.contains("as two different customers") && !page.contains(&merge(&one, &two)), "{page}");
    for path in [merge(&one, &two), merge(&two, &one)] {
        let (status, page) = sam.submit(&path, &[]).await;
        assert!(status == 409 && page.contains("as two different customers"), "{status} {page}");
    }
    assert_eq!(sam.get(&merge(&one, &two)).await.0, 409);
    assert_eq!(sam.submit(&merge(&one, &guest), &[]).await.0, 303);
    // The guest is with the first now: what is asked of the guest is asked of both.
    let (status, page) = sam.submit(&merge(&two, &guest), &[]).await;
    assert!(status == 409 && page.contains("Sam has merged one of them"), "{status} {page}");
    assert_eq!(scene.links().await, [(guest.id.clone(), one.id.clone())]);
}

#[tokio::test]
async fn of_two_who_merge_at_once_one_does_and_the_other_is_told_who() {
    let scene = Scene::open().await;
    let (sam, tess) = (scene.overseer("Sam").await, scene.overseer("Tess").await);
    for n in 0..12 {
        let (one, _) = scene.typed(&format!("Pair {n}"), &format!("pair{n}@post.example")).await;
        let (two, _) = scene.typed(&format!("Pair {n}"), &format!("pair{n}@post.example")).await;
        let (here, there) = (merge(&one, &two), merge(&two, &one));
        let (first, second) = tokio::join!(sam.submit(&here, &[]), tess.submit(&there, &[]));
        let mut statuses = [first.0, second.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 409], "{n}: {} {}", first.1, second.1);
        let (winner, told) = if first.0 == 303 { ("Sam", second.1) } else { ("Tess", first.1) };
        assert!(told.contains(&format!("{winner} has merged these two already")), "{told}");
    }
    assert_eq!(scene.links().await.len(), 12);
    assert_eq!(scene.desk.count("select count(*) from contact_changes").await, 12);
}

#[tokio::test]
async fn what_was_merged_is_separated_again_and_who_did_either_stays_to_be_read() {
    let scene = Scene::open().await;
    let (sam, tess) = (scene.overseer("Sam").await, scene.overseer("Tess").await);
    let (one, _) = scene.typed("One", "same@post.example").await;
    let (two, _) = scene.typed("Two", "same@post.example").await;
    let (three, _) = scene.typed("Three", "same@post.example").await;
    assert_eq!(sam.submit(&merge(&two, &three), &[]).await.0, 303);
    assert_eq!(sam.submit(&merge(&one, &two), &[]).await.0, 303);
    let mut links = scene.links().await;
    links.sort();
    let mut wanted = [(two.id.clone(), one.id.clone()), (three.id.clone(), one.id.clone())];
    wanted.sort();
    assert_eq!(links, wanted, "a star, no chain");
    let path = format!("{}/separate", of(&one));
    let form = [("contact", two.id.as_str())];
    let two_tries = tokio::join!(tess.submit(&path, &form), sam.submit(&path, &form));
    let mut statuses = [two_tries.0.0, two_tries.1.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(scene.links().await, [(three.id.clone(), one.id.clone())]);
    let (_, page) = sam.get(&of(&two)).await;
    assert!(page.contains("Sam merged Two, same@post.example into One") && page.contains("separated Two"), "{page}");
    assert!(page.contains(&merge(&two, &one)), "and they are offered again");
    assert_eq!(tess.submit(&path, &[("contact", &one.id)]).await.0, 409);
    assert_eq!(tess.submit(&path, &[("contact", "x")]).await.0, 422);
}

#[tokio::test]
async fn agents_strangers_and_other_peoples_pages_merge_nobody() {
    let scene = Scene::open().await;
    let (one, _) = scene.typed("One", "same@post.example").await;
    let (two, _) = scene.typed("Two", "same@post.example").await;
    let ana = Browser::sign_in(&scene.desk, &scene.ana.staff).await;
    let (_, page) = ana.get(&of(&one)).await;
    assert!(!page.contains("Perhaps the same person") && !page.contains("/merge/"), "{page}");
    assert_eq!(ana.get(&merge(&one, &two)).await.0, 404);
    assert_eq!(ana.submit(&merge(&one, &two), &[]).await.0, 404);
    let bikes = scene.desk.second_site().await;
    let cycling = scene.desk.team_of(&bikes, "Cycling").await;
    let hire = Hire { role: Role::Supervisor, capacity: 1, teams: vec![cycling] };
    let eve = Browser::sign_in(&scene.desk, &scene.desk.hire_at(&bikes, "Eve", hire).await).await;
    assert_eq!(eve.submit(&merge(&one, &two), &[]).await.0, 404);
    let sam = scene.overseer("Sam").await;
    let (status, _) = sam.post_from(&merge(&one, &two), &[], Some("https://evil.example")).await;
    assert_eq!(status, 403);
    // Nor across shops, by somebody who oversees both.
    let mut begin = scene.desk.begin();
    begin["site"] = bikes.public_key.clone().into();
    let (_, far) = scene.desk.session(&begin).await;
    let hugo = scene.desk.hire("Hugo", Hire { role: Role::Admin, ..Hire::default() }).await;
    let hugo = Browser::sign_in(&scene.desk, &hugo).await;
    let far = far["shopper"]["id"].as_str().unwrap();
    assert_eq!(hugo.submit(&format!("{}/merge/{far}", of(&one)), &[]).await.0, 404);
    assert_eq!(scene.links().await, []);
    assert_eq!(sam.submit(&merge(&one, &two), &[]).await.0, 303);
    assert_eq!(ana.submit(&format!("{}/separate", of(&one)), &[("contact", two.id.as_str())]).await.0, 404);
    assert_eq!(scene.links().await.len(), 1);
}

#[tokio::test]
async fn who_signs_in_at_the_shop_leaves_whom_staff_put_them_with_and_the_others_stay_together() {
    let scene = Scene::open().await;
    let sam = scene.overseer("Sam").await;
    let (kept, chat) = scene.typed("Kept", "same@post.example").await;
    let (one, _) = scene.typed("One", "same@post.example").await;
    let (two, _) = scene.typed("Two", "same@post.example").await;
    for other in [&one, &two] {
        assert_eq!(sam.submit(&merge(&kept, other), &[]).await.0, 303);
    }
    let proof = statement(&scene.desk, "cust-5", "real@post.example");
    let (status, session) = scene.desk.session(&begin_as(&scene.desk, Some(&kept.token), &proof)).await;
    assert_eq!((status, &session["conversation"]["id"]), (200, &json!(chat)));
    assert_eq!(scene.links().await, [(two.id.clone(), one.id.clone())]);
    let real = session["shopper"]["id"].as_str().unwrap();
    let (_, page) = sam.get(&format!("/console/customers/{real}")).await;
    assert!(page.contains(&chat) && page.contains("Verified by the shop"), "{page}");
    let (_, page) = sam.get(&of(&one)).await;
    assert!(page.contains("Also this person") && !page.contains(&chat), "{page}");
}
