//! Agents' files in the console, with script and without, and the owner's page.

use super::{file_part, form, form_type, part, picture, taken};
use crate::console::Browser;
use crate::harness::{Desk, Hire, Shopper, cid, text};
use deskbell::domain::people::Role;
use image::ImageFormat;
use serde_json::{Value, json};

pub async fn post(browser: &Browser<'_>, path: &str, parts: &[Vec<u8>], accept: &str) -> (u16, String) {
    let base = &browser.desk.base;
    let request = browser.desk.http.post(format!("{base}{path}")).header("cookie", &browser.cookie);
    let request = request.header("origin", base).header("sec-fetch-site", "same-origin").header("accept", accept);
    let answer = request.header("content-type", form_type()).body(form(parts)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

pub fn field(name: &str, text: &str) -> Vec<u8> {
    part(&format!("Content-Disposition: form-data; name=\"{name}\""), text.as_bytes())
}

fn no_file() -> Vec<u8> {
    file_part("", "application/octet-stream", b"")
}

#[tokio::test]
async fn an_agent_answers_with_files_with_and_without_script() {
    let desk = Desk::open().await;
    let team = desk.team("Support").await;
    let staff = desk.hire("Ana", Hire::agent(team, 5)).await;
    let agent = desk.sign_in(&staff).await;
    agent.available(true).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("my invoice?").await;
    agent.given(&chat).await;
    let browser = Browser::sign_in(&desk, &staff).await;
    let page = format!("/console/c/{chat}");
    assert!(browser.get(&page).await.1.contains("enctype=\"multipart/form-data\""));

    // With script: uploaded first, named by the message.
    let pdf = file_part("invoice.pdf", "application/pdf", b"%PDF-1.7 x");
    let (status, file) = post(&browser, &format!("{page}/files"), std::slice::from_ref(&pdf), "application/json").await;
    assert_eq!(status, 201, "{file}");
    let file: Value = serde_json::from_str(&file).unwrap();
    let id = text(&file, "id");
    let sent = cid();
    let fields = [("cid", sent.as_str()), ("body", ""), ("files", id)];
    assert_eq!(browser.post(&format!("{page}/reply"), &fields).await.0, 200);
    assert_eq!(browser.post(&format!("{page}/reply"), &fields).await.0, 200, "twice is once");
    let seen = shopper.event(&chat, "the invoice", |e| e["files"][0]["id"] == file["id"]).await;
    assert_eq!(seen["by"]["role"], "agent");

    // Without: the form brings them itself.
    let photo = file_part("lamp.jpg", "image/jpeg", &picture(640, 480, ImageFormat::Jpeg));
    let (first, html) = (cid(), "text/html");
    let parts = [field("cid", &first), field("body", "two\r\nlines"), photo, pdf.clone()];
    let (status, shown) = post(&browser, &format!("{page}/reply"), &parts, html).await;
    assert_eq!(status, 200, "{shown}");
    let seen = shopper.message(&chat, "two\nlines").await;
    assert_eq!(seen["files"].as_array().unwrap().len(), 2);
    let (_, shown) = browser.get(&page).await;
    let thumb = text(&seen["files"][0], "thumb").replace('&', "&#38;");
    assert!(shown.contains(&format!("<img src=\"{thumb}\" width=\"240\" height=\"180\"")), "{shown}");
    assert!(shown.contains("<bdi>invoice.pdf</bdi> <small>10 B</small>"), "{shown}");
    let none = [field("cid", &cid()), field("body", "without"), no_file()];
    assert_eq!(post(&browser, &format!("{page}/reply"), &none, html).await.0, 200);
    shopper.message(&chat, "without").await;

    // A file of a note stays with staff.
    let note = [field("cid", &cid()), field("body", "for us"), pdf];
    assert_eq!(post(&browser, &format!("{page}/note"), &note, html).await.0, 200);
    agent.event(&chat, "the note", |e| e["kind"] == "note").await;
    assert!(shopper.heard(|f| f.to_string().contains("for us")).is_empty());
}

#[tokio::test]
async fn a_refused_file_is_told_at_its_form_and_what_was_typed_stays() {
    let desk = Desk::open().await;
    let team = desk.team("Support").await;
    let staff = desk.hire("Ana", Hire::agent(team, 5)).await;
    let agent = desk.sign_in(&staff).await;
    agent.available(true).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    agent.given(&chat).await;
    let browser = Browser::sign_in(&desk, &staff).await;
    let page = format!("/console/c/{chat}");
    let bad = file_part("photo.png", "image/png", b"<svg onload=alert(1)>");
    let large = file_part("large.txt", "text/plain", &vec![b'a'; 11 * 1024 * 1024]);
    for (file, status, why) in [(bad, 415, "not taken"), (large, 413, "10 MB")] {
        let parts = [field("cid", &cid()), field("body", "I typed much"), file, no_file()];
        let (answered, shown) = post(&browser, &format!("{page}/reply"), &parts, "text/html").await;
        assert_eq!(answered, status);
        assert!(shown.contains("I typed much</textarea>") && shown.contains(why), "{shown}");
    }
    assert!(shopper.heard(|f| f.to_string().contains("I typed much")).is_empty());
    assert!(desk.files_on_disk().is_empty());
    let other = Shopper::come(&desk).await;
    let theirs = taken(&desk, &other, "a.txt", b"x").await;
    let fields = [("cid", &*cid()), ("body", "theirs"), ("files", &theirs)];
    assert_eq!(browser.post(&format!("{page}/reply"), &fields).await.0, 422, "a shopper's file is not the agent's");
    let nowhere = "/console/c/0197a1b2-0000-7000-8000-000000000000/files";
    let part = file_part("a.txt", "text/plain", b"x");
    assert_eq!(post(&browser, nowhere, std::slice::from_ref(&part), "application/json").await.0, 404);
    let base = &desk.base;
    let foreign = desk.http.post(format!("{base}{page}/files")).header("cookie", &browser.cookie);
    let foreign = foreign.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
    let answer = foreign.header("content-type", form_type()).body(form(&[part])).send().await.unwrap();
    assert_eq!(answer.status(), 403);
}

#[tokio::test]
async fn an_owner_says_what_a_shop_takes() {
    let desk = Desk::open().await;
    let staff = desk.hire("Olga", Hire { role: Role::Admin, ..Hire::default() }).await;
    let browser = Browser::sign_in(&desk, &staff).await;
    let page = format!("/admin/sites/{}/files", desk.site.id);
    assert!(browser.get(&page).await.1.contains("0 B are used"));
    let fields =
        [("on", "1"), ("max_mb", "1"), ("per_message", "2"), ("per_day", "9"), ("quota_mb", "50"), ("class_text", "1")];
    assert_eq!(browser.post(&page, &fields).await.0, 303);
    let shopper = Shopper::come(&desk).await;
    let offered = json!({ "max_bytes": 1_048_576, "per_message": 2, "classes": ["text"] });
    assert_eq!(shopper.session["site"]["files"], offered);
    let (status, _) = super::upload(&desk, &shopper, "a.png", &picture(4, 4, ImageFormat::Png)).await;
    assert_eq!(status, 415);
    let mut files = Vec::new();
    for _ in 0..3 {
        files.push(taken(&desk, &shopper, "a.txt", b"x").await);
    }
    shopper.refused(json!({ "type": "send", "body": "three", "files": files }), "bad_request").await;
    shopper.must(json!({ "type": "send", "body": "two", "files": files[..2] })).await;
    let bad = [("on", "1"), ("max_mb", "1000"), ("per_message", "2"), ("per_day", "9"), ("quota_mb", "50")];
    let (status, shown) = browser.post(&page, &bad).await;
    assert!(status == 422 && shown.contains("A whole number from 1 to 100."), "{shown}");
}

#[tokio::test]
async fn staff_whose_page_stayed_open_are_led_to_a_fresh_address_and_nobody_else_is() {
    let desk = Desk::open().await;
    let team = desk.team("Support").await;
    let staff = desk.hire("Ana", Hire::agent(team, 5)).await;
    let agent = desk.sign_in(&staff).await;
    agent.available(true).await;
    let shopper = Shopper::come(&desk).await;
    let id = taken(&desk, &shopper, "lamp.jpg", &picture(640, 480, ImageFormat::Jpeg)).await;
    let ack = shopper.must(json!({ "type": "send", "body": "look", "files": [id] })).await;
    let chat = text(&ack, "conversation").to_owned();
    agent.given(&chat).await;
    let seen = agent.message(&chat, "look").await;
    let browser = Browser::sign_in(&desk, &staff).await;
    // Who is in no team works for no shop.
    let outsider = desk.hire("Ben", Hire::default()).await;
    let outside = Browser::sign_in(&desk, &outsider).await;
    desk.app.clock.advance(std::time::Duration::from_hours(25));
    let get = async |path: &str, cookie: Option<&str>| {
        let mut request = desk.http.get(format!("{}{path}", desk.base));
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        request.send().await.unwrap().status().as_u16()
    };
    for field in ["url", "thumb"] {
        let stale = text(&seen["files"][0], field);
        assert_eq!(get(stale, None).await, 404, "{field}");
        assert_eq!(get(stale, Some(&outside.cookie)).await, 404, "{field}");
        let forged = stale.replace("&s=", "&s=A");
        assert_eq!(get(&forged, Some(&browser.cookie)).await, 404, "{field}");
        assert_eq!(get(stale, Some(&browser.cookie)).await, 200, "{field}: the address it leads to is read");
    }
    desk.recall_untold(&chat, text(&ack, "id")).await;
    assert_eq!(get(text(&seen["files"][0], "url"), Some(&browser.cookie)).await, 404, "it was taken back");
}
