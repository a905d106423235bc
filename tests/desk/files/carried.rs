//! What a message carries: the same for everybody who sees it, once, and gone when it is taken back.

use super::{answer, file_part, form, get, picture, posting, taken, upload};
use crate::harness::{Desk, Shopper, cid, eventually, people::from_start, text};
use image::ImageFormat;
use serde_json::{Value, json};

#[tokio::test]
async fn a_picture_travels_with_its_message_and_is_gone_when_it_is_taken_back() {
    let desk = Desk::open().await;
    let team = desk.team("Support").await;
    let agent = desk.agent("Ana", team, 5).await;
    agent.available(true).await;
    let shopper = Shopper::come(&desk).await;
    assert_eq!(shopper.session["site"]["files"]["max_bytes"], 10 * 1024 * 1024);
    let (status, file) = upload(&desk, &shopper, "my lamp.jpg", &picture(900, 600, ImageFormat::Jpeg)).await;
    assert_eq!(status, 201, "{file}");
    assert_eq!((&file["name"], &file["mime"]), (&json!("my lamp.jpg"), &json!("image/jpeg")));
    assert_eq!((&file["width"], &file["height"]), (&json!(900), &json!(600)));
    assert_eq!(desk.files_on_disk().len(), 2, "the picture and its small copy");

    let sent = cid();
    let ack = shopper.must(json!({ "type": "send", "cid": sent, "body": "", "files": [file["id"]] })).await;
    let chat = text(&ack, "conversation").to_owned();
    agent.given(&chat).await;
    let seen = agent.event(&chat, "the message", |e| e["kind"] == "message").await;
    let carried = &seen["files"][0];
    assert_eq!((&carried["id"], &carried["size"]), (&file["id"], &file["size"]));
    let again = shopper.must(json!({ "type": "send", "cid": sent, "body": "", "files": [file["id"]] })).await;
    assert_eq!((&again["dup"], &again["id"]), (&json!(true), &ack["id"]));
    shopper.refused(json!({ "type": "send", "cid": sent, "body": "", "files": [] }), "bad_request").await;
    shopper.refused(json!({ "type": "send", "cid": sent, "body": "x", "files": [] }), "cid_conflict").await;

    let whole = get(&desk, text(carried, "url")).await;
    assert_eq!(whole.status(), 200);
    let header = |name: &str| whole.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/jpeg");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-disposition"), "inline; filename=\"my lamp.jpg\"; filename*=UTF-8''my%20lamp.jpg");
    assert!(header("content-security-policy").contains("sandbox"));
    let whole = image::load_from_memory(&whole.bytes().await.unwrap()).unwrap();
    assert_eq!((whole.width(), whole.height()), (900, 600));
    let small = get(&desk, text(carried, "thumb")).await.bytes().await.unwrap();
    assert_eq!(image::load_from_memory(&small).unwrap().width(), 480);

    let tab = shopper.again(&desk, from_start(&chat)).await;
    tab.event(&chat, "the message with its file", |e| e["files"][0]["id"] == file["id"]).await;
    shopper.must(json!({ "type": "recall", "event": ack["id"] })).await;
    agent.kind(&chat, "recalled").await;
    assert_eq!(get(&desk, text(carried, "url")).await.status(), 404);
    // The row goes when the bytes have gone.
    eventually("its bytes and its row are gone", async || {
        let is_gone = desk.files_on_disk().is_empty() && desk.count("select count(*) from files").await == 0;
        is_gone.then_some(())
    })
    .await;
    assert_eq!(desk.count("select bytes from file_space").await, 0);
    let late = shopper.again(&desk, from_start(&chat)).await;
    late.event(&chat, "an empty message", |e| e["recalled"] == true && e["files"] == json!([])).await;
}

#[tokio::test]
async fn a_file_is_its_uploaders_and_is_carried_once() {
    let desk = Desk::open().await;
    let (one, other) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let file = taken(&desk, &one, "list.txt", b"two lamps").await;
    other.refused(json!({ "type": "send", "body": "mine now", "files": [file] }), "bad_request").await;
    one.refused(json!({ "type": "send", "body": "twice", "files": [file, file] }), "bad_request").await;
    one.refused(json!({ "type": "send", "body": "no id", "files": ["../x"] }), "bad_request").await;
    assert_eq!(desk.count("select count(*) from events").await, 0, "nothing was opened by these");
    let ack = one.must(json!({ "type": "send", "body": "here", "files": [file] })).await;
    one.refused(json!({ "type": "send", "body": "again", "files": [file] }), "bad_request").await;
    let chat = text(&ack, "conversation");
    assert_eq!(desk.count("select max(seq) from events").await, 2, "refused messages leave no gap");

    let url = format!("{}/v1/shopper/files/{file}", desk.base);
    let fresh: Value = desk.http.get(&url).bearer_auth(&one.token).send().await.unwrap().json().await.unwrap();
    assert_eq!(get(&desk, text(&fresh, "url")).await.text().await.unwrap(), "two lamps");
    let foreign = desk.http.get(&url).bearer_auth(&other.token).send().await.unwrap();
    assert_eq!(foreign.status(), 404);
    assert!(!chat.is_empty());
}

#[tokio::test]
async fn agents_send_files_too_and_those_of_notes_stay_with_staff() {
    let desk = Desk::open().await;
    let team = desk.team("Support").await;
    let agent = desk.agent("Ana", team, 5).await;
    agent.available(true).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("my invoice?").await;
    agent.given(&chat).await;
    let token = text(&agent.session, "access_token");
    let path = format!("/v1/agent/files?conversation={chat}");
    let body = form(&[file_part("invoice.pdf", "text/html", b"%PDF-1.7 invoice")]);
    let (status, invoice) = answer(posting(&desk, &path, token, body.clone())).await;
    assert_eq!((status, &invoice["mime"]), (201, &json!("application/pdf")), "{invoice}");
    let (_, secret) = answer(posting(&desk, &path, token, body.clone())).await;
    let nowhere = "/v1/agent/files?conversation=0197a1b2-0000-7000-8000-000000000000";
    assert_eq!(answer(posting(&desk, nowhere, token, body)).await.0, 404);

    agent
        .must(json!({ "type": "send", "conversation": chat, "body": "staff", "note": true, "files": [secret["id"]] }))
        .await;
    agent.must(json!({ "type": "send", "conversation": chat, "body": "here", "files": [invoice["id"]] })).await;
    let seen = shopper.message(&chat, "here").await;
    assert_eq!(seen["files"][0]["id"], invoice["id"]);
    let given = get(&desk, text(&seen["files"][0], "url")).await;
    let shown = given.headers()["content-disposition"].to_str().unwrap();
    assert!(shown.starts_with("attachment;"), "{shown}");
    assert!(shopper.heard(|f| f.to_string().contains(text(&secret, "id"))).is_empty());
    let url = format!("{}/v1/shopper/files/{}", desk.base, text(&secret, "id"));
    assert_eq!(desk.http.get(&url).bearer_auth(&shopper.token).send().await.unwrap().status(), 404);
}
