//! Files that go with ready replies: kept with them, copied for each message, and gone with the reply alone.

use super::console::{field, post};
use super::{file_part, get, picture};
use crate::console::Browser;
use crate::harness::{Desk, Hire, Shopper, cid, eventually, text};
use deskbell::domain::people::Role;
use image::ImageFormat;
use serde_json::Value;

const HTML: &str = "text/html";

#[tokio::test]
async fn each_message_gets_copies_and_what_is_taken_back_leaves_the_reply_whole() {
    let desk = Desk::open().await;
    let team = desk.team("Support").await;
    let staff = desk.hire("Ana", Hire { role: Role::Supervisor, ..Hire::agent(team, 5) }).await;
    let ana = desk.sign_in(&staff).await;
    ana.available(true).await;
    let browser = Browser::sign_in(&desk, &staff).await;
    let (id, site) = (cid(), desk.site.id);
    let path = format!("/console/canned/{id}?site={site}");
    let photo = file_part("size chart.jpg", "image/jpeg", &picture(640, 480, ImageFormat::Jpeg));
    let pdf = file_part("terms.pdf", "application/pdf", b"%PDF-1.7 x");
    let reply =
        [field("shortcut", "sizes"), field("scope", "site"), field("language", "en"), field("text", "Our sizes.")];
    // What is wrong elsewhere loses no file.
    let wrong = [reply[1..].to_vec(), vec![photo, pdf]].concat();
    let (status, page) = post(&browser, &path, &wrong, HTML).await;
    assert_eq!(status, 422);
    let uploaded: Vec<&str> =
        page.split("name=\"added\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(uploaded.len(), 2, "{page}");
    let again = [reply.to_vec(), uploaded.iter().map(|id| field("added", id)).collect()].concat();
    let (status, page) = post(&browser, &path, &again, HTML).await;
    assert!(status == 200 && page.contains("Saved."), "{page}");
    assert_eq!(desk.count("select count(*) from files where state = 'kept'").await, 2);

    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("which size?").await;
    ana.given(&chat).await;
    let page = format!("/console/c/{chat}");
    let (_, offered) = browser.get(&format!("{page}/canned?q=siz")).await;
    assert!(offered.contains("with 2 files"), "{offered}");
    let mut messages = Vec::new();
    for n in 0..2 {
        let (status, said) = browser.post(&format!("{page}/canned/{id}"), &[]).await;
        assert_eq!(status, 200, "{said}");
        let said: Value = serde_json::from_str(&said).unwrap();
        let files: Vec<_> = said["files"].as_array().unwrap().iter().map(|file| text(file, "id").to_owned()).collect();
        assert!(files.len() == 2 && files.iter().all(|id| !uploaded.contains(&id.as_str())), "copies: {files:?}");
        let body = format!("Our sizes, {n}.");
        let form = [("body", body.as_str()), ("files", &files.join(","))];
        assert_eq!(browser.post(&format!("{page}/reply"), &form).await.0, 200);
        messages.push(shopper.message(&chat, &body).await);
    }
    let url = |message: &Value, n: usize| text(&message["files"][n], "url").to_owned();
    assert_eq!(get(&desk, &url(&messages[0], 1)).await.bytes().await.unwrap(), "%PDF-1.7 x");
    assert!(text(&messages[0]["files"][0], "thumb").contains("/files/"));
    browser.post(&format!("{page}/recall"), &[("target", text(&messages[0], "id"))]).await;
    eventually("the first message's are gone", async || {
        (desk.count("select count(*) from files").await == 4).then_some(())
    })
    .await;
    assert_eq!(get(&desk, &url(&messages[0], 1)).await.status(), 404);
    assert_eq!(get(&desk, &url(&messages[1], 1)).await.status(), 200, "the other message has its own");

    // One is taken off, then the reply goes: so do their bytes, and messages keep theirs.
    let off = [reply.to_vec(), vec![field("drop", uploaded[1])]].concat();
    assert_eq!(post(&browser, &path, &off, HTML).await.0, 200);
    let (_, offered) = browser.get(&format!("{page}/canned?q=siz")).await;
    assert!(offered.contains("with 1 file") && !offered.contains("with 1 files"), "{offered}");
    assert_eq!(browser.post(&format!("/console/canned/{id}/remove"), &[]).await.0, 303);
    eventually("only the message's are left", async || {
        let rows = desk.count("select count(*) from files").await;
        (rows == 2 && desk.files_on_disk().len() == 3).then_some(())
    })
    .await;
    assert_eq!(get(&desk, &url(&messages[1], 0)).await.status(), 200);
}

#[tokio::test]
async fn what_is_too_much_or_somebody_elses_does_not_go_along() {
    let desk = Desk::open().await;
    let team = desk.team("Support").await;
    let (ana, eve) = (desk.hire("Ana", Hire::agent(team, 5)).await, desk.hire("Eve", Hire::agent(team, 5)).await);
    let (ana, eve) = (Browser::sign_in(&desk, &ana).await, Browser::sign_in(&desk, &eve).await);
    let reply = [field("shortcut", "a"), field("scope", "me"), field("language", "en"), field("text", "x")];
    let path = |id: &str| format!("/console/canned/{id}?site={}", desk.site.id);
    let many = (0..6).map(|n| file_part(&format!("{n}.txt"), "text/plain", b"x"));
    let (status, page) = post(&ana, &path(&cid()), &reply.iter().cloned().chain(many).collect::<Vec<_>>(), HTML).await;
    assert_eq!(status, 422);
    assert!(page.contains("Take some off"), "{page}");
    let uploaded = page.split("name=\"added\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let theirs = [reply.to_vec(), vec![field("added", uploaded)]].concat();
    assert_eq!(post(&eve, &path(&cid()), &theirs, HTML).await.0, 200);
    assert_eq!(desk.count("select count(*) from canned_files").await, 0, "it is not hers");
    let bad = file_part("photo.png", "image/png", b"<svg onload=alert(1)>");
    let (status, page) = post(&ana, &path(&cid()), &[reply.to_vec(), vec![bad]].concat(), HTML).await;
    assert_eq!(status, 422);
    assert!(page.contains("not taken") && page.contains("value=\"a\""), "{page}");
}
