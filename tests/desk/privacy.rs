//! What is known of a person: handed out whole, erased whole, and gone by itself when it is old.

use crate::console::Browser;
use crate::files::{get, taken};
use crate::harness::people::{Hire, Staff, from_start};
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, Setup, Shopper, cid, eventually};
use crate::identity::{begin_as, statement};
use deskbell::domain::people::Role;
use deskbell::domain::site::IntakeField;
use deskbell::privacy::{look, walk};
use serde_json::{Value, json};
use std::time::Duration;

/// Stands in everything that is theirs, so that whatever is left of it is found.
const MARK: &str = "zebrafinch";
const DAY: Duration = Duration::from_hours(24);

async fn owner(desk: &Desk, name: &str) -> Staff {
    desk.hire(name, Hire { role: Role::Admin, ..Hire::default() }).await
}

/// Somebody the shop vouches for, with everything that can be known of them.
async fn known(desk: &Desk, ana: &Agent, his: &Browser<'_>) -> (Shopper, String) {
    let identity = statement(desk, &format!("{MARK}-7"), &format!("{MARK}@post.example"));
    let shopper = Shopper::come_with(desk, begin_as(desk, None, &identity), json!([])).await;
    let page = json!({ "url": format!("https://shop.example/{MARK}"), "title": MARK, "referrer": "" });
    shopper.send(&json!({ "type": "context", "page": page, "cart": null, "fields": { "size": MARK } }));
    let chat = shopper.open(&format!("my {MARK} is late")).await;
    ana.given(&chat).await;
    let file = taken(desk, &shopper, &format!("{MARK}.txt"), b"what the file holds").await;
    let with_file = json!({ "type": "send", "body": format!("see my {MARK}"), "files": [file] });
    shopper.must(with_file).await;
    taken(desk, &shopper, &format!("{MARK}-unsent.txt"), b"never sent").await;
    let mistake = shopper.say(&format!("the {MARK} that I take back")).await;
    shopper.must(json!({ "type": "recall", "event": mistake["id"] })).await;
    ana.say(&chat, &format!("it left yesterday, {MARK}")).await;
    ana.note(&chat, &format!("{MARK} again")).await;
    let (status, answer) = his.post(&format!("/console/c/{chat}/draft"), &[("body", MARK)]).await;
    assert!(status < 300, "{status} {answer}");
    shopper.must(json!({ "type": "transcript", "email": format!("{MARK}@other.example") })).await;
    (shopper, chat)
}

/// In which tables the mark stands, whatever they are called.
async fn traces(desk: &Desk) -> Vec<String> {
    let db = &desk.app.db.read;
    let tables: Vec<String> = sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
        .fetch_all(db)
        .await
        .unwrap();
    let mut found = Vec::new();
    for table in tables {
        let statement = format!("select exists (select from {table} t where t::text ilike '%{MARK}%')");
        if sqlx::query_scalar::<_, bool>(sqlx::AssertSqlSafe(statement)).fetch_one(db).await.unwrap() {
            found.push(table);
        }
    }
    found.sort();
    found
}

async fn export(his: &Browser<'_>, person: &str, fields: &[(&str, &str)]) -> Value {
    let (status, text) = his.submit(&format!("/admin/privacy/{person}/export"), fields).await;
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// Whom the page of a person shows.
async fn shown(his: &Browser<'_>, person: &str) -> String {
    let (_, page) = his.get(&format!("/admin/privacy/{person}")).await;
    page.split("name=\"ids\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

async fn erase(his: &Browser<'_>, person: &str) -> (u16, String) {
    let ids = shown(his, person).await;
    his.submit(&format!("/admin/privacy/{person}/erase"), &[("sure", "1"), ("ids", &ids)]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_handed_out_is_everything_of_this_person_and_nothing_of_others_or_of_the_staff() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let hugo = owner(&desk, "Hugo").await;
    let his = Browser::sign_in(&desk, &hugo).await;
    let (shopper, chat) = known(&desk, &ana, &his).await;
    let other = Shopper::come(&desk).await;
    let elsewhere = other.open("somebody else's words").await;
    ana.given(&elsewhere).await;
    shopper.close(&chat).await;
    shopper.must(json!({ "type": "rate", "score": 4, "comment": format!("fine, {MARK}") })).await;

    let whole = export(&his, &shopper.id, &[("notes", "1")]).await;
    assert_eq!(
        (whole["format"].as_str(), whole["shop"]["name"].as_str()),
        (Some("deskbell.person.1"), Some("Tea & Things"))
    );
    let contact = &whole["contacts"][0];
    assert_eq!(contact["customer_number"], json!(format!("{MARK}-7")));
    assert_eq!(
        (contact["signed_by_the_shop"]["plan"].as_str(), contact["verified"].as_bool()),
        (Some("gold"), Some(true))
    );
    assert_eq!(contact["reported_by_the_browser"]["fields"]["size"], json!(MARK), "{contact}");
    let unsent = contact["uploaded_and_not_sent"].as_array().unwrap();
    assert_eq!((unsent.len(), unsent[0]["name"].as_str()), (1, Some("zebrafinch-unsent.txt")), "{contact}");
    let talk = &whole["conversations"][0];
    assert_eq!(whole["conversations"].as_array().unwrap().len(), 1);
    assert_eq!((talk["id"].as_str(), talk["rating"]["score"].as_i64()), (Some(chat.as_str()), Some(4)));
    assert_eq!(talk["letters"][0]["to"], json!(format!("{MARK}@other.example")));
    let events = talk["events"].as_array().unwrap();
    let said: Vec<_> = events.iter().filter_map(|event| event["body"].as_str()).collect();
    for text in ["my zebrafinch is late", "see my zebrafinch", "it left yesterday, zebrafinch", "zebrafinch again"] {
        assert!(said.contains(&text), "{text}: {said:?}");
    }
    let text = whole.to_string();
    assert!(!text.contains("take back"), "what was taken back is gone here too");
    for foreign in
        ["somebody else", &other.id, &elsewhere, &hugo.id.to_string(), &ana.staff.id.to_string(), &ana.staff.email]
    {
        assert!(!text.contains(foreign), "{foreign}");
    }
    let file = events.iter().find_map(|event| event["files"].get(0)).unwrap();
    let url = file["url"].as_str().unwrap();
    assert!(url.starts_with("http"), "a link that works from the file: {url}");
    let path = &url[url.find("/files/").unwrap()..];
    assert_eq!(get(&desk, path).await.bytes().await.unwrap(), "what the file holds");

    let without = export(&his, &shopper.id, &[]).await.to_string();
    assert!(!without.contains("zebrafinch again") && without.contains("it left yesterday"), "{without}");
    let (_, record) = his.get("/admin/privacy").await;
    assert_eq!(record.matches("Handed out</p>").count(), 2, "{record}");
    assert!(record.contains("Hugo") && !record.contains(MARK), "how much, never whose");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_erased_leaves_no_word_in_any_table_no_file_and_no_open_socket() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let hugo = owner(&desk, "Hugo").await;
    let his = Browser::sign_in(&desk, &hugo).await;
    let (shopper, chat) = known(&desk, &ana, &his).await;
    let tab = shopper.again(&desk, from_start(&chat)).await;
    let hers = Browser::sign_in(&desk, &ana.staff).await;
    let block = [("reason", MARK), ("length", "day")];
    // A block, so that the record of changes tells of them too.
    let identity = statement(&desk, "other", "other@post.example");
    let second = Shopper::come_with(&desk, begin_as(&desk, None, &identity), json!([])).await;
    let second_chat = second.open("hello").await;
    ana.given(&second_chat).await;
    assert_eq!(hers.post(&format!("/console/c/{second_chat}/block"), &block).await.0, 200);
    eventually("the search knows them", async || {
        let known = desk.count("select count(*) from search_said").await;
        (known > 3).then_some(())
    })
    .await;
    let before = traces(&desk).await;
    for table in ["audit", "blocks", "drafts", "events", "files", "outbox", "search_known", "search_said", "shoppers"] {
        assert!(before.iter().any(|found| found == table), "{table}: {before:?}");
    }
    assert_eq!(desk.files_on_disk().len(), 2);

    // Not without making sure, and not by whoever is no admin.
    let path = format!("/admin/privacy/{}/erase", shopper.id);
    let (status, page) = his.submit(&path, &[]).await;
    assert!(status == 422 && page.contains("nothing was erased"), "{status} {page}");
    assert_eq!(hers.submit(&path, &[("sure", "1")]).await.0, 403);
    assert_eq!(hers.get(&format!("/admin/privacy/{}", shopper.id)).await.0, 403);
    assert_eq!(traces(&desk).await, before);

    let (_, page) = his.get(&format!("/admin/privacy/{}", shopper.id)).await;
    assert!(page.contains("They have a chat open right now"), "{page}");
    assert_eq!(erase(&his, &shopper.id).await.0, 303);
    assert_eq!((shopper.closed().await, tab.closed().await), (4001, 4001));
    ana.wait("the chat is gone", |f| f["type"] == "unassigned" && f["conversation"] == chat.as_str()).await;
    let refused = ana.call(json!({ "type": "send", "conversation": chat, "body": "late", "files": [] })).await;
    assert_eq!(refused["type"], "nack", "{refused}");
    assert_eq!(hers.get(&format!("/console/c/{chat}")).await.0, 404);
    assert_eq!(erase(&his, &second.id).await.0, 303);
    eventually("nothing is left", async || traces(&desk).await.is_empty().then_some(())).await;
    eventually("the files are gone", async || desk.files_on_disk().is_empty().then_some(())).await;

    // Their browser begins anew, as somebody nobody knows.
    let anew = shopper.again(&desk, json!([])).await;
    assert_ne!(anew.id, shopper.id);
    assert_eq!(anew.session["conversation"], Value::Null);
    // Whoever comes too late is told; so is whoever looks them up.
    let (status, there) = his.submit_to(&path, &[("sure", "1")]).await;
    assert_eq!((status, there.as_deref()), (303, Some("/admin/privacy?did=gone")));
    assert!(his.get(&format!("/admin/privacy?by={MARK}@post.example")).await.1.contains("Nobody is known by this"));
    let (_, record) = his.get("/admin/privacy").await;
    assert_eq!(record.matches("Erased on request").count(), 2, "{record}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_erase_at_once_one_does_it_and_what_is_being_written_does_not_survive() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let (hugo, iris) = (owner(&desk, "Hugo").await, owner(&desk, "Iris").await);
    let (his, hers) = (Browser::sign_in(&desk, &hugo).await, Browser::sign_in(&desk, &iris).await);
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open(MARK).await;
    ana.given(&chat).await;
    for n in 0..200 {
        let body = format!("{MARK} {n}");
        shopper.send(&json!({ "type": "send", "cid": cid(), "body": body, "files": [] }));
        ana.send(&json!({ "type": "send", "cid": cid(), "conversation": chat, "body": body, "files": [] }));
    }
    let path = format!("/admin/privacy/{}/erase", shopper.id);
    let ids = shown(&his, &shopper.id).await;
    let sure = [("sure", "1"), ("ids", ids.as_str())];
    let both = tokio::join!(his.submit_to(&path, &sure), hers.submit_to(&path, &sure));
    let mut outcomes = [both.0, both.1].map(|(status, there)| (status, there.unwrap_or_default()));
    outcomes.sort();
    let to = |did| (303, format!("/admin/privacy?did={did}"));
    assert_eq!(outcomes, [to("erased"), to("gone")]);
    assert_eq!(shopper.closed().await, 4001);
    eventually("nothing is left", async || traces(&desk).await.is_empty().then_some(())).await;
    // The writer goes on, and the agent has a place free.
    let next = Shopper::come(&desk).await;
    let chat = next.open("next").await;
    ana.given(&chat).await;
    assert_eq!(desk.count("select count(*) from privacy_log where did = 'erased'").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contacts_that_are_one_person_go_together_on_every_node() {
    let redis = Redis::start().await;
    let here = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let there = here.node(ALL_ROLES).await;
    here.is_whole().await;
    there.is_whole().await;
    let team = here.team("Orders").await;
    let ana = here.agent("Ana", team, 5).await;
    let hugo = owner(&here, "Hugo").await;
    let his = Browser::sign_in(&here, &hugo).await;
    let (one, other) = (Shopper::come(&here).await, Shopper::come(&there).await);
    for shopper in [&one, &other] {
        let chat = shopper.open(MARK).await;
        ana.given(&chat).await;
    }
    let merged = his.submit(&format!("/console/customers/{}/merge/{}", one.id, other.id), &[]).await;
    assert_eq!(merged.0, 303, "{}", merged.1);
    let kept = here.count("select count(*) from contact_links").await;
    assert_eq!(kept, 1);
    let (_, page) = his.get(&format!("/admin/privacy/{}", one.id)).await;
    assert!(page.contains("2 conversations"), "{page}");
    let whole = export(&his, &one.id, &[]).await;
    let contacts = whole["contacts"].as_array().unwrap();
    let with: Vec<_> = contacts.iter().filter_map(|contact| contact["put_together"]["with"].as_str()).collect();
    assert!(contacts.len() == 2 && with.len() == 1 && [&*one.id, &*other.id].contains(&with[0]), "{whole}");
    // A page from before they were put together erases nobody.
    let path = format!("/admin/privacy/{}/erase", one.id);
    let (status, page) = his.submit(&path, &[("sure", "1"), ("ids", &one.id)]).await;
    assert!(status == 409 && page.contains("nobody was erased"), "{status} {page}");
    assert!(!traces(&here).await.is_empty());
    assert_eq!(erase(&his, &one.id).await.0, 303);
    assert_eq!((one.closed().await, other.closed().await), (4001, 4001));
    eventually("nothing is left", async || traces(&here).await.is_empty().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_known_of_somebody_before_they_signed_in_goes_with_them() {
    let desk = Setup::default()
        .site(|site| {
            let field = |name: &str, kind: &str| IntakeField {
                name: name.into(),
                label: name.into(),
                kind: kind.into(),
                ..IntakeField::default()
            };
            site.settings.intake = vec![field("name", "text"), field("email", "email")];
        })
        .open()
        .await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let hugo = owner(&desk, "Hugo").await;
    let his = Browser::sign_in(&desk, &hugo).await;
    let guest = Shopper::come(&desk).await;
    let intake = json!({ "name": format!("Guest {MARK}"), "email": format!("{MARK}@post.example") });
    let ack = guest.must(json!({ "type": "send", "body": MARK, "files": [], "intake": intake })).await;
    ana.given(ack["conversation"].as_str().unwrap()).await;
    let identity = statement(&desk, "7", "li@post.example");
    let signed = Shopper::come_with(&desk, begin_as(&desk, Some(&guest.token), &identity), json!([])).await;
    assert_ne!(signed.id, guest.id);
    assert_eq!(desk.count("select count(*) from shoppers").await, 1, "one person, one contact");
    assert_eq!(erase(&his, &signed.id).await.0, 303);
    eventually("nothing is left", async || traces(&desk).await.is_empty().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_out_and_never_wrote_is_forgotten_at_once_and_who_wrote_is_found_by_where_they_are_called() {
    let desk = Desk::open().await;
    desk.team("Orders").await;
    let hugo = owner(&desk, "Hugo").await;
    let his = Browser::sign_in(&desk, &hugo).await;
    let identity = statement(&desk, &format!("{MARK}-1"), &format!("{MARK}@post.example"));
    let one = Shopper::come_with(&desk, begin_as(&desk, None, &identity), json!([])).await;
    let other = Shopper::come_with(&desk, begin_as(&desk, None, &identity), json!([])).await;
    assert_eq!(one.id, other.id);
    let signs_out = async |token: &str| {
        let end = desk.http.delete(format!("{}/v1/shopper/session", desk.base)).bearer_auth(token).send().await;
        assert_eq!(end.unwrap().status(), 204);
    };
    signs_out(&one.token).await;
    assert_eq!(desk.count("select count(*) from shoppers").await, 1, "another browser of theirs is signed in");
    taken(&desk, &other, &format!("{MARK}.txt"), b"never sent").await;
    signs_out(&other.token).await;
    eventually("nothing is left", async || traces(&desk).await.is_empty().then_some(())).await;
    // Of two who sign out at once the later one is the last.
    for _ in 0..10 {
        let one = Shopper::come_with(&desk, begin_as(&desk, None, &identity), json!([])).await;
        let other = Shopper::come_with(&desk, begin_as(&desk, None, &identity), json!([])).await;
        tokio::join!(signs_out(&one.token), signs_out(&other.token));
        assert_eq!(desk.count("select count(*) from shoppers").await, 0);
    }

    // Who waits and wants to be called elsewhere is meant by that address.
    let guest = Shopper::come(&desk).await;
    guest.open("is anybody there?").await;
    let kept = desk.http.post(format!("{}/v1/shopper/place", desk.base)).bearer_auth(&guest.token);
    let kept = kept.json(&json!({ "email": "Li@home.example" })).send().await.unwrap();
    assert!(kept.status().is_success(), "{}", kept.text().await.unwrap());
    let (_, found) = his.get("/admin/privacy?by=li@home.example").await;
    assert!(found.contains(&guest.id), "{found}");
    signs_out(&guest.token).await;
    assert_eq!(desk.count("select count(*) from shoppers").await, 1, "who wrote stays with what they wrote");
    // Somebody whom nothing leads to any more, among others.
    let silent = Shopper::come(&desk).await;
    sqlx::query(
        "insert into shoppers (site_id, id, name, email)
        select site_id, gen_random_uuid(), $1, $1 from shoppers, generate_series(1, 1500) limit 1500",
    )
    .bind(MARK)
    .execute(&desk.app.db.read)
    .await
    .unwrap();
    walk(&desk.app).await.unwrap();
    assert_eq!(desk.count("select count(*) from shoppers").await, 2, "who wrote, and who may come back: {}", silent.id);
}

/// A chat that has ended.
async fn ended(desk: &Desk, ana: &Agent, body: &str) -> (Shopper, String) {
    let shopper = Shopper::come(desk).await;
    let chat = shopper.open(body).await;
    ana.given(&chat).await;
    shopper.close(&chat).await;
    (shopper, chat)
}

async fn is_there(desk: &Desk, chat: &str) -> bool {
    sqlx::query_scalar("select exists (select from conversations where id = $1::text::uuid)")
        .bind(chat)
        .fetch_one(&desk.app.db.read)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ended_long_ago_goes_by_itself_and_what_is_open_stays() {
    let desk = Setup::default().site(|site| site.settings.keep_days = Some(30)).open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 9).await;
    let (old, old_chat) = ended(&desk, &ana, MARK).await;
    taken(&desk, &old, "never-sent.txt", b"x").await;
    let open = Shopper::come(&desk).await;
    let open_chat = open.open("still here").await;
    ana.given(&open_chat).await;
    let blocked = Shopper::come(&desk).await;
    let blocked_chat = blocked.open("rude").await;
    ana.given(&blocked_chat).await;
    let hers = Browser::sign_in(&desk, &ana.staff).await;
    let forever = [("reason", "rude"), ("length", "ever")];
    assert_eq!(hers.post(&format!("/console/c/{blocked_chat}/block"), &forever).await.0, 200);
    // Two tickets: one is solved, one waits for an answer.
    let mut tickets = Vec::new();
    for name in ["solved", "unsolved"] {
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open(name).await;
        ana.given(&chat).await;
        let form = json!({ "cid": cid(), "name": name, "email": format!("{name}@post.example"), "body": name });
        shopper.close(&chat).await;
        let request = desk.http.post(format!("{}/v1/shopper/tickets", desk.base)).bearer_auth(&shopper.token);
        let made = request.header("origin", crate::harness::SHOP).json(&form).send().await.unwrap();
        assert!(made.status().is_success(), "{}", made.text().await.unwrap());
        tickets.push(name);
    }
    sqlx::query("update tickets set status = 'solved' where email like 'solved%'")
        .execute(&desk.app.db.read)
        .await
        .unwrap();

    desk.app.clock.advance(29 * DAY);
    look(&desk.app).await.unwrap();
    assert!(is_there(&desk, &old_chat).await, "not before its time");
    let (_, late_chat) = ended(&desk, &ana, "younger").await;
    desk.app.clock.advance(2 * DAY);
    look(&desk.app).await.unwrap();
    for (chat, stays) in [(&old_chat, false), (&blocked_chat, false), (&open_chat, true), (&late_chat, true)] {
        assert_eq!(is_there(&desk, chat).await, stays, "{chat}");
    }
    let left: Vec<String> = sqlx::query_scalar("select email from tickets").fetch_all(&desk.app.db.read).await.unwrap();
    assert_eq!(left, ["unsolved@post.example"], "a ticket ends when it is solved");
    eventually("no word of it is left", async || traces(&desk).await.is_empty().then_some(())).await;
    // Who is blocked stays blocked, though nothing else is known of them.
    let mut begin = desk.begin();
    begin["token"] = blocked.token.clone().into();
    assert_eq!(desk.session(&begin).await.0, 403);
    let named =
        "select count(*) from shoppers p where (name <> '' or email is not null or attributes <> '{}') and not exists
        (select from conversations c where c.shopper_id = p.id)";
    assert_eq!(desk.count(named).await, 0, "whoever stays without a conversation has no name");
    // A browser that comes back is let in with its token, and holds nothing.
    let back = old.again(&desk, json!([])).await;
    assert_eq!((back.id.as_str(), &back.session["conversation"]), (old.id.as_str(), &Value::Null));
    // What grew old in a day is one line.
    look(&desk.app).await.unwrap();
    assert_eq!(desk.count("select count(*) from privacy_log where did = 'aged'").await, 1);
    assert!(desk.count("select conversations::bigint from privacy_log").await >= 4);

    // Whoever never wrote is forgotten with their last token.
    let silent = Shopper::come(&desk).await;
    let counted = || desk.count("select count(*) from shoppers");
    let before = counted().await;
    desk.app.clock.advance(181 * DAY);
    look(&desk.app).await.unwrap();
    assert_eq!(desk.count("select count(*) from shopper_tokens").await, 0, "{}", silent.id);
    let after = counted().await;
    assert!(after < before, "{after} of {before}");
    let idle =
        "select count(*) from shoppers p where not exists (select from conversations c where c.shopper_id = p.id)
        and not exists (select from blocks b where b.shopper_id = p.id)";
    assert_eq!(desk.count(idle).await, 0);
}

#[tokio::test]
async fn a_shop_that_keeps_for_good_erases_nothing_and_keeping_shorter_is_said_twice() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let hugo = owner(&desk, "Hugo").await;
    let (_, chat) = ended(&desk, &ana, MARK).await;
    desk.app.clock.advance(400 * DAY);
    look(&desk.app).await.unwrap();
    assert!(is_there(&desk, &chat).await);
    let his = Browser::sign_in(&desk, &hugo).await;
    let path = format!("/admin/sites/{}/privacy", desk.site.id);
    for bad in ["0", "-1", "3651", "a month", "1.5"] {
        let (status, page) = his.submit(&path, &[("days", bad)]).await;
        assert!(status == 422 && page.contains("from 1 to 3650"), "{bad}: {page}");
    }
    let (status, page) = his.submit(&path, &[("days", "365")]).await;
    assert!(status == 422 && page.contains("nothing was saved") && page.contains("value=\"365\""), "{page}");
    assert!(page.contains("conversation ended longer ago than that"), "{page}");
    look(&desk.app).await.unwrap();
    assert!(is_there(&desk, &chat).await, "nothing was saved");
    assert_eq!(his.submit(&path, &[("days", "401")]).await.0, 303, "it erases nothing, and needs no second word");
    assert_eq!(his.submit(&path, &[("days", "365"), ("sure", "1")]).await.0, 303);
    look(&desk.app).await.unwrap();
    assert!(!is_there(&desk, &chat).await);
    assert!(his.get("/admin/privacy").await.1.contains("365 days"));
    assert_eq!(his.submit(&path, &[("days", "")]).await.0, 303);
    assert!(his.get("/admin/privacy").await.1.contains("For good"));
    let hers = Browser::sign_in(&desk, &ana.staff).await;
    for path in [path.as_str(), "/admin/privacy"] {
        assert_eq!(hers.get(path).await.0, 403);
    }
}

/// Without one, each conversation that is erased reads a whole table.
#[tokio::test]
async fn whatever_goes_with_a_conversation_or_a_contact_is_found_by_an_index() {
    let desk = Desk::open().await;
    let without: Vec<String> = sqlx::query_scalar(
        "select c.conrelid::regclass || ' (' || c.conname || ')'
        from pg_constraint c
        where c.contype = 'f' and c.confrelid in ('conversations'::regclass, 'shoppers'::regclass,
                'shopper_tokens'::regclass, 'push_subscriptions'::regclass)
            and not exists (select from pg_index i
                where i.indrelid = c.conrelid
                    and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) ~ '^\\(\\w+ IS NOT NULL\\)$')
                    and (i.indkey[0] = c.conkey[cardinality(c.conkey)]
                        or (array[i.indkey[0], i.indkey[1]]::int2[] <@ c.conkey
                            and c.conkey <@ array[i.indkey[0], i.indkey[1]]::int2[])))",
    )
    .fetch_all(&desk.app.db.read)
    .await
    .unwrap();
    assert!(without.is_empty(), "{without:?}");
}
