//! Search, as staff use it: what is found, what is not for somebody's eyes, what is gone, and what is asked with ill will.

use crate::console::Browser;
use crate::harness::people::Hire;
use crate::harness::{Desk, SHOP, Setup, Shopper, cid, eventually, text};
use crate::identity::begin_as;
use deskbell::domain::people::Role;
use deskbell::search::{FINDABLE_WITHIN, TURN, as_vector};
use deskbell::store::search::{Turn, turn};
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};

fn path(q: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
    format!("/console/search?{query}")
}

/// What is found, without the page around it.
async fn results(browser: &Browser<'_>, path: &str) -> String {
    let (status, page) = browser.get(path).await;
    assert_eq!(status, 200, "{path}: {page}");
    let main = page.split_once("</form>\n").map_or(page.as_str(), |(_, rest)| rest).to_owned();
    main.split_once("<ul class=\"hits\"").map_or_else(String::new, |(_, hits)| hits.to_owned())
}

async fn finds(browser: &Browser<'_>, q: &str) -> String {
    results(browser, &path(q)).await
}

/// Until everything that was written can be found.
async fn settled(desk: &Desk) {
    eventually("nothing waits to be taken apart", async || {
        let waiting = desk.count("select count(*) from search_todo").await;
        let old = desk.count("select count(*) from search_backfill where done_at is null").await;
        (waiting + old == 0).then_some(())
    })
    .await;
}

async fn write(shopper: &Shopper, frame: Value) -> String {
    let ack = shopper.must(frame).await;
    text(&ack, "conversation").to_owned()
}

async fn admin(desk: &Desk) -> Browser<'_> {
    let staff = desk.hire("Hugo", Hire { role: Role::Admin, capacity: 0, teams: Vec::new() }).await;
    Browser::sign_in(desk, &staff).await
}

#[tokio::test]
async fn words_names_addresses_numbers_notes_and_tickets_are_found_in_any_script() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let intake = json!({ "name": "Mei Größe", "email": "mei.li@post.example", "order": "#A-10423", "phone": "+49 (170) 555-0123" });
    let chat = write(
        &shopper,
        json!({ "type": "send", "body": "这件冲锋衣应该买M还是L？ Thanks <b>bold</b>", "intake": intake }),
    )
    .await;
    ana.given(&chat).await;
    ana.note(&chat, "She wants the RUBBER boots").await;
    let other = Shopper::come(&desk).await;
    let form = json!({ "cid": cid(), "name": "Nils", "email": "nils@mail.example", "body": "Kaffeekanne undicht" });
    let made =
        desk.http.post(format!("{}/v1/shopper/tickets", desk.base)).bearer_auth(&other.token).header("origin", SHOP);
    let made: Value = made.json(&form).send().await.unwrap().json().await.unwrap();
    settled(&desk).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;

    for (q, marked) in [
        ("冲锋", "<mark>冲锋</mark>衣"),
        ("衣", "<mark>衣</mark>"),
        ("冲锋衣应该", "<mark>冲锋衣应该</mark>"),
        ("thank", "<mark>Thanks</mark>"),
        ("bold", "&#60;b&#62;<mark>bold</mark>&#60;/b&#62;"),
        ("rubber", "<mark>RUBBER</mark>"),
        ("groesse", ""),
        ("grosse", "Mei <mark>Größe</mark>"),
        ("mei.li@post.example", "<mark>mei.li@post.example</mark>"),
        ("A-10423", "#<mark>A-10423</mark>"),
        ("10423", "<mark>10423</mark>"),
        ("1042", ""),
        ("0170 5550123", "+<mark>49 (170) 555-0123</mark>"),
        ("+491705550123", "+<mark>49 (170) 555-0123</mark>"),
        ("kaffeekanne", "<mark>Kaffeekanne</mark>"),
        ("nils@mail.example", "<mark>nils@mail.example</mark>"),
        (&made["number"].to_string(), "/console/tickets/"),
        ("锋冲", ""),
        ("boots rubber", "<mark>RUBBER</mark> <mark>boots</mark>"),
        ("\"boots rubber\"", ""),
        ("\"rubber boots\"", "<mark>RUBBER boots</mark>"),
    ] {
        let found = finds(&browser, q).await;
        assert!(if marked.is_empty() { found.is_empty() } else { found.contains(marked) }, "{q}: {found}");
        assert!(!found.contains("<b>bold"), "what was written is text");
    }
    let found = finds(&browser, "rubber").await;
    assert!(found.contains("Internal note") && found.contains(&format!("/console/c/{chat}?view=all#e-")), "{found}");
    let (_, page) = browser.get(&path("冲锋")).await;
    assert!(page.contains("<title>冲锋 · Search"), "{page}");
}

#[tokio::test]
async fn what_the_shop_vouches_for_and_what_changes_later_is_found_as_it_is_now() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let claims = |name: &str| {
        let exp = desk.app.clock.now().timestamp() + 3_600;
        json!({ "sub": "cust-77", "aud": desk.site.public_key, "exp": exp, "name": name, "attributes": { "plan": "platinum" } })
    };
    let statement = |name: &str| crate::identity::signed(&claims(name), Algorithm::HS256, &desk.site.secret);
    let shopper = Shopper::come_with(&desk, begin_as(&desk, None, &statement("Petra Alt")), json!([])).await;
    shopper.open("hello there").await;
    settled(&desk).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    for q in ["petra alt", "platinum", "cust-77"] {
        assert!(finds(&browser, q).await.contains("<mark>"), "{q}");
    }
    let (status, _) = desk.session(&begin_as(&desk, Some(&shopper.token), &statement("Petra Neu"))).await;
    assert_eq!(status, 200);
    settled(&desk).await;
    assert!(finds(&browser, "petra alt").await.is_empty());
    assert!(finds(&browser, "petra neu").await.contains("<mark>Petra</mark> <mark>Neu</mark>"));
}

#[tokio::test]
async fn what_is_not_for_somebodys_eyes_is_neither_found_nor_counted() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let bikes = desk.second_site().await;
    let cycling = desk.team_of(&bikes, "Cycling").await;
    let ana = desk.agent("Ana", orders, 5).await;
    let shopper = Shopper::come(&desk).await;
    let intake = json!({ "name": "Zora Quill", "email": "zora@post.example" });
    let chat = write(&shopper, json!({ "type": "send", "body": "zanzibar", "team": orders, "intake": intake })).await;
    ana.given(&chat).await;
    ana.note(&chat, "zanzibar note").await;
    settled(&desk).await;
    let hire = |role, teams| Hire { role, teams, ..Hire::default() };
    let ben = desk.hire("Ben", hire(Role::Agent, vec![returns])).await;
    let sam = desk.hire("Sam", hire(Role::Supervisor, vec![returns])).await;
    let cyd = desk.hire_at(&bikes, "Cyd", hire(Role::Supervisor, vec![cycling])).await;
    let nobody = desk.hire("Nobody", hire(Role::Agent, Vec::new())).await;
    for (staff, sees) in [(&ana.staff, true), (&sam, true), (&ben, false), (&cyd, false), (&nobody, false)] {
        let browser = Browser::sign_in(&desk, staff).await;
        for q in ["zanzibar", "zora", "zora@post.example", "quill"] {
            for place in ["", "&in=messages", "&in=people", "&state=active"] {
                let (status, page) = browser.get(&format!("{}{place}", path(q))).await;
                assert_eq!(status, 200);
                let is_there = page.contains(&chat);
                let is_expected = sees && !(place == "&in=messages" && q != "zanzibar" && !page.contains("<mark>"));
                let is_expected = is_expected && !(place == "&in=people" && q == "zanzibar");
                assert_eq!(is_there, is_expected, "{} {q} {place}: {page}", staff.name);
                if !sees {
                    let (_, other) = browser.get(&format!("{}{place}", path("wordnobodywrote"))).await;
                    let alike = |page: String, q: &str| page.replace(q, "Q").replace(&q.replace('@', "%40"), "Q");
                    assert_eq!(alike(page, q), alike(other, "wordnobodywrote"), "{} {q} {place}", staff.name);
                }
            }
        }
    }
    let browser = Browser::sign_in(&desk, &ben).await;
    let (_, page) = browser.get("/console/search").await;
    assert!(page.contains("Returns</option>") && !page.contains("Orders</option>"), "{page}");
}

#[tokio::test]
async fn what_is_taken_back_or_deleted_is_found_no_more_and_its_words_go() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("first words").await;
    ana.given(&chat).await;
    let slip = shopper.say("my secret is xylophone").await;
    settled(&desk).await;
    let browser = Browser::sign_in(&desk, &ana.staff).await;
    assert!(finds(&browser, "xylophone").await.contains("<mark>xylophone</mark>"));
    // From the moment it is taken back, even where nobody takes anything apart: this lock is the indexer's.
    let mut hold = desk.app.db.read.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(7375001)").execute(&mut *hold).await.unwrap();
    shopper.must(json!({ "type": "recall", "conversation": chat, "event": slip["id"] })).await;
    assert!(finds(&browser, "xylophone").await.is_empty());
    let words = "select count(*) from search_said where words @@ 'xylophone'";
    assert_eq!(desk.count(words).await, 1, "the index holds it still");
    hold.rollback().await.unwrap();
    eventually("its words are gone", async || (desk.count(words).await == 0).then_some(())).await;

    settled(&desk).await;
    assert!(finds(&browser, "first").await.contains("<mark>first</mark>"));
    sqlx::query("delete from shoppers").execute(&desk.app.db.read).await.unwrap();
    assert!(finds(&browser, "first").await.is_empty());
    eventually("nothing is left", async || {
        (desk.count("select (select count(*) from search_said) + (select count(*) from search_known)").await == 0)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_was_written_a_moment_ago_is_found_in_time() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    shopper.open("hello").await;
    settled(&desk).await;
    let browser = admin(&desk).await;
    let begun = deskbell::app::instant();
    shopper.say("a word nobody knew: quizzacious").await;
    eventually("it is found", async || (!finds(&browser, "quizzacious").await.is_empty()).then_some(())).await;
    let took = deskbell::app::instant() - begun;
    assert!(took < FINDABLE_WITHIN, "{took:?}");
}

#[tokio::test]
async fn filters_narrow_are_chips_in_the_address_and_pages_join_without_gap_or_repeat() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.agent("Ana", orders, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = write(&shopper, json!({ "type": "send", "body": "parcel 0", "team": orders })).await;
    ana.given(&chat).await;
    for n in 1..60 {
        shopper.say(&format!("parcel {n}")).await;
    }
    let other = Shopper::come(&desk).await;
    write(&other, json!({ "type": "send", "body": "parcel of returns", "team": returns })).await;
    settled(&desk).await;
    let browser = admin(&desk).await;

    let mut seen = Vec::new();
    let mut next = Some(format!("{}&in=messages", path("parcel")));
    while let Some(here) = next {
        let (status, page) = browser.get(&here).await;
        assert_eq!(status, 200);
        seen.extend(page.match_indices("id=\"m-").map(|(at, _)| page[at + 6..at + 42].to_owned()));
        let link = page.split("<a href=\"").find(|part| part.contains(">Older messages<"));
        next = link.map(|part| part.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&"));
    }
    assert_eq!(seen.len(), 61);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 61, "each once");

    let narrowed = async |filter: String| results(&browser, &format!("{}&{filter}", path("parcel"))).await;
    let of = |found: &str| (found.contains(">parcel</mark> 59"), found.contains(">parcel</mark> of returns"));
    assert_eq!(of(&narrowed(format!("agent={}", ana.staff.id)).await), (true, false));
    assert_eq!(of(&narrowed(format!("team={returns}")).await), (false, true));
    assert_eq!(of(&narrowed("state=waiting".into()).await), (false, true));
    assert_eq!(of(&narrowed("state=active".into()).await), (true, false));
    assert_eq!(of(&narrowed(format!("site={}", desk.site.id)).await), (true, true));
    assert_eq!(of(&narrowed(format!("site={}", cid())).await), (false, false));
    let today = desk.app.clock.now().date_naive();
    assert_eq!(of(&narrowed(format!("from={today}&to={today}")).await), (true, true));
    let yesterday = today.pred_opt().unwrap();
    assert_eq!(of(&narrowed(format!("to={yesterday}")).await), (false, false));
    // Days are those of whoever asks.
    let hour: u32 = desk.app.clock.now().format("%H").to_string().parse().unwrap();
    let (zone, theirs) =
        if hour < 10 { ("Etc/GMT+12", yesterday) } else { ("Pacific/Kiritimati", today.succ_opt().unwrap()) };
    sqlx::query("update agents set zone = $1").bind(zone).execute(&desk.app.db.read).await.unwrap();
    assert_eq!(of(&narrowed(format!("from={theirs}&to={theirs}")).await), (true, true), "{zone}");
    assert_eq!(of(&narrowed(format!("from={today}&to={today}")).await), (false, false), "{zone}");
    let tag: uuid::Uuid = cid().parse().unwrap();
    sqlx::query("insert into tags (site_id, id, name, color, created_at) values ($1, $2, 'Fragile', 1, now())")
        .bind(desk.site.id)
        .bind(tag)
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    assert_eq!(of(&narrowed(format!("tag={tag}")).await), (false, false));
    sqlx::query("insert into conversation_tags (site_id, conversation_id, tag_id, at) values ($1, $2, $3, now())")
        .bind(desk.site.id)
        .bind(chat.parse::<uuid::Uuid>().unwrap())
        .bind(tag)
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    assert_eq!(of(&narrowed(format!("tag={tag}")).await), (true, false));
    let (_, page) = browser.get(&format!("{}&tag={tag}", path("parcel"))).await;
    assert!(page.contains("aria-label=\"Remove: Tag Fragile\""), "{page}");
    let (_, page) = browser.get(&format!("{}&team={returns}&state=waiting", path("parcel"))).await;
    let without = "href=\"/console/search?q=parcel&#38;state=waiting\" aria-label=\"Remove: Team Returns\"";
    assert!(page.contains(without), "{page}");
    let (status, _) = browser.get(&format!("{}&agent=&team=&state=&from=&to=", path("parcel"))).await;
    assert_eq!(status, 303, "what a form sends in vain is not in the address");
}

#[tokio::test]
async fn hostile_long_short_and_empty_questions_get_a_page_that_says_what_to_do() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    shopper.open("100% sure it's a 'quoted' back\\slash under_score").await;
    settled(&desk).await;
    let browser = admin(&desk).await;
    for (q, says) in [
        ("", "What are you looking for?"),
        ("   ", "What are you looking for?"),
        ("%", "There is no word in this"),
        ("' \" \\ _ & | ! ( ) :* <->", "There is no word in this"),
        ("。，！", "There is no word in this"),
        ("a", "at least two letters"),
        ("\u{0}", "There is no word in this"),
        ("wordnobodywrote", "Nothing found for"),
        ("<script>alert(1)</script>", "Nothing found for"),
        ("' | 'x", "at least two letters"),
    ] {
        let (status, page) = browser.get(&path(q)).await;
        assert!(status == 200 && page.contains(says), "{q}: {status} {page}");
        assert!(!page.contains("<script>alert"), "{q}");
    }
    for (q, marked) in [
        ("100%", "<mark>100</mark>%"),
        ("it's", "<mark>it&#39;s</mark>"),
        ("'quoted'", "<mark>quoted</mark>"),
        ("back\\slash", "<mark>back\\slash</mark>"),
        ("under_score:*", "<mark>under_score</mark>"),
        ("sure & quoted", "<mark>quoted</mark>"),
    ] {
        let found = finds(&browser, q).await;
        assert!(found.contains(marked), "{q}: {found}");
    }
    // All of it must be there: an operator is no operator.
    assert!(
        finds(&browser, "sure | absent").await.is_empty() && finds(&browser, "sure & !quoted").await.contains("<mark>")
    );
    let long = "lamp ".repeat(2_048);
    let (status, page) = browser.get(&path(&long)).await;
    assert!(status == 200 && page.contains("longer than 200 characters") && page.contains(&long), "the text is kept");
    for odd in [
        "?q=x%ff%fe&after=1_2",
        "?q=sure&q=other",
        "?q=sure&agent=me&team=1&site=%00&state=odd&from=x&to=9999999-01-01&after=x",
        "?&&=&%",
    ] {
        let (status, _) = browser.get(&format!("/console/search{odd}")).await;
        assert!(status == 200 || status == 303, "{odd}: {status}");
    }
}

#[tokio::test]
async fn a_search_that_takes_too_long_says_so_and_keeps_the_text() {
    let desk = Desk::open().await;
    let browser = admin(&desk).await;
    let mut hold = desk.app.db.read.begin().await.unwrap();
    sqlx::query("lock table search_said in access exclusive mode").execute(&mut *hold).await.unwrap();
    let (status, page) = browser.get(&path("lamp")).await;
    assert_eq!(status, 503);
    assert!(page.contains("took too long") && page.contains("value=\"lamp\""), "{page}");
    hold.rollback().await.unwrap();
    assert_eq!(browser.get(&path("lamp")).await.0, 200);
}

#[tokio::test]
async fn what_was_there_before_the_index_is_taken_apart_in_slices_and_by_one_at_a_time() {
    let roles = deskbell::config::Roles { web: true, queue: false, mail: false };
    let desk = Setup::default().nodes(1, "redis://127.0.0.1:1", roles).open().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("an old word: antediluvian").await;
    sqlx::query(
        "insert into events (site_id, conversation_id, seq, shopper_seq, id, kind, author, body, at)
        select site_id, id, 1000 + n, 1000 + n, gen_random_uuid(), 'message', 'system', 'line ' || n, now()
        from conversations, generate_series(1, 2500) as n",
    )
    .execute(&desk.app.db.read)
    .await
    .unwrap();
    // As a database is that was there before.
    sqlx::query("delete from search_todo").execute(&desk.app.db.read).await.unwrap();
    let db = &desk.app.db.read;
    let mut turns = Vec::new();
    loop {
        let (one, two) = tokio::join!(turn(db, as_vector, TURN), turn(db, as_vector, TURN));
        turns.extend([one.unwrap(), two.unwrap()]);
        if turns.iter().rev().take(2).any(|turn| turn.is_whole) {
            break;
        }
        // While it goes on, what is new goes first.
        if turns.len() == 2 {
            shopper.say("a new word: fresh").await;
            let Turn { noted, .. } = turn(db, as_vector, TURN).await.unwrap();
            assert_eq!(noted, 1);
        }
    }
    assert!(
        turns.iter().all(|turn| turn.old <= 1_000) && turns.iter().filter(|turn| turn.old > 0).count() >= 3,
        "{turns:?}"
    );
    let browser = admin(&desk).await;
    for q in ["antediluvian", "fresh", "\"line 1234\""] {
        assert!(finds(&browser, q).await.contains(&chat), "{q}");
    }
    assert_eq!(desk.count("select count(*) from search_said").await, 2_502);
}
