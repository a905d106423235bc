//! Customers, as staff look them up: the list, one of them, and who sees whom.

mod merging;

use crate::console::Browser;
use crate::harness::{Agent, Desk, Hire, Shopper, eventually, text};
use crate::identity::{begin_as, signed};
use deskbell::domain::id::TeamId;
use deskbell::domain::people::Role;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

/// Somebody whom the shop vouches for.
pub(super) async fn signed_in(desk: &Desk, sub: &str, name: &str, email: &str) -> Shopper {
    let exp = desk.app.clock.now().timestamp() + 3_600;
    let claims = json!({ "sub": sub, "aud": desk.site.public_key, "exp": exp, "name": name, "email": email,
        "attributes": { "plan": "gold", "phone": "+49 170 5550123" } });
    let statement = signed(&claims, Algorithm::HS256, &desk.site.secret);
    Shopper::come_with(desk, begin_as(desk, None, &statement), json!([])).await
}

/// Writes as somebody who says who they are; gives the conversation.
pub(super) async fn writes(shopper: &Shopper, body: &str, team: Option<TeamId>, intake: Value) -> String {
    let ack = shopper.must(json!({ "type": "send", "body": body, "team": team, "intake": intake })).await;
    text(&ack, "conversation").to_owned()
}

/// Until everything that is known of people can be found.
pub(super) async fn settled(desk: &Desk) {
    eventually("nothing waits to be taken apart", async || {
        (desk.count("select count(*) from search_todo").await == 0).then_some(())
    })
    .await;
}

/// In which order these people stand in a page; those who are not there are left out.
fn order<'a>(page: &str, people: &[(&'a str, &str)]) -> Vec<&'a str> {
    let mut found: Vec<_> =
        people.iter().filter_map(|(name, id)| Some((page.find(&format!("id=\"p-{id}\""))?, *name))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

pub(super) fn link(page: &str, words: &str) -> Option<String> {
    let found = page.split("<a href=\"").find(|part| part.contains(&format!(">{words}<")))?;
    Some(found.split('"').next()?.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Two teams of one shop and somebody of each, who oversees it, and strangers of another shop.
struct Scene {
    desk: Desk,
    orders: TeamId,
    returns: TeamId,
    ana: Agent,
}

impl Scene {
    async fn open() -> Self {
        let desk = Desk::open().await;
        let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
        let ana = desk.agent("Ana", orders, 9).await;
        Self { desk, orders, returns, ana }
    }

    async fn browser(&self, name: &str, role: Role, teams: Vec<TeamId>) -> Browser<'_> {
        let staff = self.desk.hire(name, Hire { role, teams, ..Hire::default() }).await;
        Browser::sign_in(&self.desk, &staff).await
    }

    async fn stranger(&self) -> Browser<'_> {
        let bikes = self.desk.second_site().await;
        let team = self.desk.team_of(&bikes, "Cycling").await;
        let hire = Hire { role: Role::Supervisor, capacity: 1, teams: vec![team] };
        Browser::sign_in(&self.desk, &self.desk.hire_at(&bikes, "Eve", hire).await).await
    }
}

#[tokio::test]
async fn whoever_came_last_stands_first_and_who_never_wrote_is_not_there() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let ana = Browser::sign_in(desk, &scene.ana.staff).await;
    let (status, page) = ana.get("/console/customers").await;
    assert!(status == 200 && page.contains("No customers yet"), "{page}");
    let first = Shopper::come(desk).await;
    let old = writes(&first, "first", Some(scene.orders), json!({ "name": "Old <i>Friend</i>" })).await;
    let second = signed_in(desk, "cust-7", "Li Wei", "li@post.example").await;
    writes(&second, "second", Some(scene.orders), json!({})).await;
    let nameless = Shopper::come(desk).await;
    writes(&nameless, "third", Some(scene.orders), json!({})).await;
    let silent = Shopper::come(desk).await;
    let people = [("old", first.id.as_str()), ("li", &second.id), ("nameless", &nameless.id), ("silent", &silent.id)];
    let (_, page) = ana.get("/console/customers").await;
    assert_eq!(order(&page, &people), ["nameless", "li", "old"], "{page}");
    assert!(page.contains("Old &#60;i&#62;Friend") && !page.contains("<i>Friend"), "{page}");
    assert!(page.contains("Verified by the shop") && page.contains("Unverified") && page.contains("cust-7"), "{page}");
    first.close(&old).await;
    writes(&first, "again", Some(scene.orders), json!({})).await;
    let (_, page) = ana.get("/console/customers").await;
    assert_eq!(order(&page, &people), ["old", "nameless", "li"], "whoever comes again is the first");
    // A page by its address alone is nobody's, and a place that cannot be read is the beginning.
    for odd in
        ["?after=x", "?after=1_2", "?q=%ff&after=", "?after=9223372036854775807_00000000000000000000000000000000"]
    {
        assert_eq!(ana.get(&format!("/console/customers{odd}")).await.0, 200, "{odd}");
    }
}

#[tokio::test]
async fn pages_join_without_gap_or_repeat_also_where_many_came_at_one_moment() {
    let scene = Scene::open().await;
    sqlx::query(
        "with new as (
            insert into shoppers (site_id, id, name) select id, gen_random_uuid(), 'Crowd ' || n
            from sites, generate_series(1, 130) as n returning site_id, id
        )
        insert into conversations (site_id, id, shopper_id, state, last_at, opened_at, closed_at)
        select site_id, gen_random_uuid(), id, 'closed', timestamptz '2026-01-02', timestamptz '2026-01-01', timestamptz '2026-01-02'
        from new cross join generate_series(1, 2)",
    )
    .execute(&scene.desk.app.db.read)
    .await
    .unwrap();
    settled(&scene.desk).await;
    let ana = Browser::sign_in(&scene.desk, &scene.ana.staff).await;
    for from in ["/console/customers", "/console/customers?q=crowd"] {
        let (mut seen, mut pages, mut next) = (Vec::new(), 0, Some(from.to_owned()));
        while let Some(here) = next {
            let (status, page) = ana.get(&here).await;
            assert_eq!(status, 200, "{here}");
            seen.extend(page.match_indices("id=\"p-").map(|(at, _)| page[at + 6..at + 42].to_owned()));
            pages += 1;
            next = link(&page, "Further customers");
        }
        assert_eq!((seen.len(), pages), (130, 6), "{from}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 130, "{from}: each once");
    }
}

#[tokio::test]
async fn a_customer_is_found_by_name_address_and_number_and_what_cannot_be_asked_says_so() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let li = signed_in(desk, "cust-4711", "Li Größe", "li@post.example").await;
    writes(&li, "hello", Some(scene.orders), json!({})).await;
    let mei = Shopper::come(desk).await;
    writes(&mei, "hello", Some(scene.orders), json!({ "name": "李梅", "email": "mei@mail.example" })).await;
    settled(desk).await;
    let ana = Browser::sign_in(desk, &scene.ana.staff).await;
    let asked = async |q: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
        ana.get(&format!("/console/customers?{query}")).await
    };
    let people = [("li", li.id.as_str()), ("mei", mei.id.as_str())];
    for (q, found, marked) in [
        ("grosse", vec!["li"], "Li <mark>Größe</mark>"),
        ("LI@POST.example", vec!["li"], "<mark>li@post.example</mark>"),
        ("cust-4711", vec!["li"], "<mark>cust-4711</mark>"),
        ("0170 5550123", vec!["li"], "<mark>49 170 5550123</mark>"),
        ("李梅", vec!["mei"], "<mark>李梅</mark>"),
        ("mei@", vec!["mei"], "<mark>mei</mark>@mail.example"),
        ("  ", vec!["mei", "li"], "Größe"),
        ("wordnobodywrote", vec![], "Nothing found for"),
        ("a", vec![], "at least two letters"),
        ("%'\"", vec![], "There is no word in this"),
        ("<script>alert(1)</script>", vec![], "Nothing found for"),
    ] {
        let (status, page) = asked(q).await;
        assert_eq!((status, order(&page, &people)), (200, found), "{q}: {page}");
        assert!(page.contains(marked) && !page.contains("<script>alert"), "{q}: {page}");
    }
    let long = "lamp ".repeat(60);
    let (_, page) = asked(&long).await;
    assert!(page.contains("longer than 200 characters") && page.contains(long.trim()), "the text is kept: {page}");
    let mut hold = desk.app.db.read.begin().await.unwrap();
    sqlx::query("lock table search_known in access exclusive mode").execute(&mut *hold).await.unwrap();
    let (status, page) = asked("grosse").await;
    hold.rollback().await.unwrap();
    assert!(status == 503 && page.contains("took too long") && page.contains("value=\"grosse\""), "{status} {page}");
}

#[tokio::test]
async fn nobody_sees_a_customer_of_whom_they_may_open_no_conversation() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let zora = signed_in(desk, "cust-1", "Zora Quill", "zora@post.example").await;
    let seen = writes(&zora, "to the orders", Some(scene.orders), json!({})).await;
    zora.close(&seen).await;
    let hidden = writes(&zora, "to the returns", Some(scene.returns), json!({})).await;
    settled(desk).await;
    let people = [("zora", zora.id.as_str())];
    let everybody = [
        (Browser::sign_in(desk, &scene.ana.staff).await, true, false),
        (scene.browser("Ben", Role::Agent, vec![scene.returns]).await, false, true),
        (scene.browser("Sam", Role::Supervisor, vec![scene.returns]).await, true, true),
        (scene.browser("Hugo", Role::Admin, Vec::new()).await, true, true),
        (scene.browser("Nobody", Role::Agent, Vec::new()).await, false, false),
        (scene.stranger().await, false, false),
    ];
    for (n, (browser, orders, returns)) in everybody.into_iter().enumerate() {
        let sees = orders || returns;
        for list in ["/console/customers", "/console/customers?q=zora"] {
            let (_, page) = browser.get(list).await;
            assert_eq!(order(&page, &people).len(), usize::from(sees), "{n} {list}: {page}");
            assert!(sees || !page.contains("zora@post.example"), "{n} {list}");
        }
        let (status, page) = browser.get(&format!("/console/customers/{}", zora.id)).await;
        assert_eq!(status, if sees { 200 } else { 404 }, "{n}");
        assert_eq!((page.contains(&seen), page.contains(&hidden)), (orders, returns), "{n}: {page}");
        if !sees {
            let nobody = deskbell::app::new_id().to_string();
            let (_, other) = browser.get(&format!("/console/customers/{nobody}")).await;
            assert_eq!(
                page.replace(&zora.id, "X"),
                other.replace(&nobody, "X"),
                "{n}: not there and not theirs are alike"
            );
        }
    }
}

#[tokio::test]
async fn a_customers_page_says_who_they_are_and_leads_to_all_they_had() {
    let scene = Scene::open().await;
    let desk = &scene.desk;
    let li = signed_in(desk, "cust-42", "Li <b>Wei</b>", "li@post.example").await;
    let mut chats = Vec::new();
    for n in 0..27 {
        let chat = writes(&li, &format!("question {n}"), Some(scene.orders), json!({})).await;
        li.close(&chat).await;
        chats.push(chat);
    }
    let mailed = writes(&li, "by mail, please", Some(scene.orders), json!({})).await;
    scene.ana.given(&mailed).await;
    let ana = Browser::sign_in(desk, &scene.ana.staff).await;
    let (status, _) = ana.post(&format!("/console/c/{mailed}/ticket"), &[("email", "li@post.example")]).await;
    assert_eq!(status, 200);
    let number = desk.count("select number from tickets").await;
    let (status, page) = ana.get(&format!("/console/customers/{}", li.id)).await;
    assert_eq!(status, 200);
    for there in [
        "Li &#60;b&#62;Wei",
        "Verified by the shop",
        "li@post.example",
        "cust-42",
        "gold",
        "First contact",
        "28 altogether",
    ] {
        assert!(page.contains(there), "{there}: {page}");
    }
    assert!(!page.contains("<b>Wei"), "{page}");
    assert!(
        page.contains(&format!("/console/tickets/{number}")) && !page.contains(&mailed),
        "a ticket leads to its page"
    );
    assert!(page.contains(&chats[26]) && !page.contains(&chats[0]) && page.find(&chats[26]) < page.find(&chats[25]));
    let older = link(&page, "Older conversations").unwrap();
    let (_, rest) = ana.get(&older).await;
    assert!(rest.contains(&chats[0]) && !rest.contains(&chats[26]), "{rest}");
    assert!(link(&rest, "Newest conversations").is_some() && link(&rest, "Older conversations").is_none());
    // From the side panel it is one step, and from the palette.
    let (_, thread) = ana.get(&format!("/console/c/{}", chats[3])).await;
    assert!(thread.contains(&format!("href=\"/console/customers/{}\"", li.id)), "{thread}");
    assert!(ana.get("/console/palette?q=customers").await.1.contains("data-go=\"/console/customers\""));
    assert_eq!(ana.get("/console/customers/not-an-id").await.0, 400);
}
