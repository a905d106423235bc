//! What is served, to whom, and under which name: nothing that a browser runs, and nothing to whoever has no signed address.

use super::{answer, file_part, form, get, part, picture, posting, taken, upload};
use crate::harness::{Desk, Setup, Shopper, text};
use deskbell::domain::file::Class;
use image::ImageFormat;
use serde_json::{Value, json};
use std::time::Duration;

/// Sends files; gives them as the event carries them.
async fn sent(desk: &Desk, shopper: &Shopper, files: &[String]) -> Vec<Value> {
    let ack = shopper.must(json!({ "type": "send", "body": "", "files": files })).await;
    let url = format!("{}/v1/shopper/conversations/{}/events", desk.base, text(&ack, "conversation"));
    let page: Value = desk.http.get(url).bearer_auth(&shopper.token).send().await.unwrap().json().await.unwrap();
    let newest = page["events"].as_array().unwrap().iter().find(|e| e["id"] == ack["id"]).unwrap();
    newest["files"].as_array().unwrap().clone()
}

#[tokio::test]
async fn hostile_names_are_plain_ones_on_disk_in_headers_and_in_events() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let png = picture(8, 8, ImageFormat::Png);
    let long = format!("{}.png", "n".repeat(4_096));
    let names = [
        ("%22><svg onload=alert(1)>.png", "svg onload"),
        ("photo\u{202e}gnp.exe", "photo_gnp.exe.png"),
        ("../../etc/passwd", "passwd.png"),
        ("..\\\\..\\\\boot.ini", "boot.ini.png"),
        ("con.png", "_con.png"),
        ("x\u{0}y.png", "x_y.png"),
        (long.as_str(), "nnnn"),
        ("", "file.png"),
    ];
    for (name, expected) in names {
        let (status, file) = upload(&desk, &shopper, name, &png).await;
        // A part may have no name at all, and no header holds a NUL.
        if status == 400 && (name.is_empty() || name.contains('\0')) {
            continue;
        }
        assert_eq!(status, 201, "{name:?}: {file}");
        let shown = text(&file, "name");
        assert!(shown.contains(expected) && shown.chars().count() <= 124, "{name:?} became {shown:?}");
        assert!(!shown.contains(['"', '<', '/', '\\', '\u{202e}', '\0', '\r', '\n']), "{shown:?}");
        let carried = sent(&desk, &shopper, &[text(&file, "id").to_owned()]).await;
        let served = get(&desk, text(&carried[0], "url")).await;
        let disposition = served.headers()["content-disposition"].to_str().unwrap();
        assert!(disposition.is_ascii() && !disposition.contains("onload=alert"), "{disposition}");
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
    }
    for path in desk.files_on_disk() {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.parse::<uuid::Uuid>().is_ok(), "{name}");
    }
    // A header that would begin another one ends the form, or is a part of the name.
    let headers = "Content-Disposition: form-data; name=\"file\"; filename=\"a\r\nSet-Cookie: x=1\r\n.png\"";
    let (status, file) =
        answer(posting(&desk, "/v1/shopper/files", &shopper.token, form(&[part(headers, &png)]))).await;
    assert!(status == 400 || status == 201 && !text(&file, "name").contains(['\r', '\n']), "{status} {file}");
}

const PAGES: [&[u8]; 6] = [
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    b"<!doctype html><script>alert(1)</script>",
    b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body onload='alert(1)'/></html>",
    b"<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><a/>",
    b"\xef\xbb\xbf\n <ScRiPt>alert(1)</ScRiPt>",
    b"GIF89a=1;alert(1)//",
];
const DECLARED: [&str; 4] = ["image/svg+xml; x", "IMAGE/SVG+XML", "image/png\r\nContent-Type: text/html", "image/gif"];

#[tokio::test]
async fn what_a_browser_might_run_is_refused_whatever_it_calls_itself() {
    let desk = Desk::open().await;
    let mut shopper = Shopper::come(&desk).await;
    for page in PAGES {
        // Nobody sends so many in a row.
        shopper = Shopper::come(&desk).await;
        for declared in DECLARED {
            let body = form(&[file_part("photo.png", declared, page)]);
            let (status, said) = answer(posting(&desk, "/v1/shopper/files", &shopper.token, body)).await;
            let refused = [(415, "wrong_kind"), (413, "too_large")];
            let code = said["error"]["code"].as_str().unwrap_or_default();
            assert!(refused.contains(&(status, code)), "{declared}: {said}");
        }
        let none = part("Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"", page);
        let (status, _) = answer(posting(&desk, "/v1/shopper/files", &shopper.token, form(&[none]))).await;
        assert!(matches!(status, 415 | 413), "{status}");
    }
    assert!(desk.files_on_disk().is_empty());
    assert_eq!(desk.count("select count(*) from files").await, 0);
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1rest";
    let (_, said) = upload(&desk, &shopper, "IMG_1.HEIC", heic).await;
    assert!(text(&said["error"], "message").contains("JPEG"), "{said}");
}

#[tokio::test]
async fn where_a_shop_takes_anything_it_is_saved_and_never_shown() {
    let desk = Setup::default().site(|site| site.settings.files.classes = Class::ALL.to_vec()).open().await;
    let shopper = Shopper::come(&desk).await;
    let pdf = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj".as_slice();
    let bomb = [b"PK\x03\x04".as_slice(), b"../../evil.sh", &[0; 400]].concat();
    let all: Vec<&[u8]> = PAGES[..5].iter().copied().chain([pdf, &bomb]).collect();
    for bytes in all {
        let carried = sent(&desk, &shopper, &[taken(&desk, &shopper, "photo.png", bytes).await]).await;
        assert!(carried[0].get("thumb").is_none() && carried[0].get("width").is_none());
        let served = get(&desk, text(&carried[0], "url")).await;
        let header = |name: &str| served.headers()[name].to_str().unwrap().to_owned();
        let kind = header("content-type");
        let quiet = ["application/octet-stream", "application/pdf", "application/zip"];
        assert!(quiet.contains(&kind.as_str()), "{kind}");
        assert!(header("content-disposition").starts_with("attachment;"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(served.headers().get("set-cookie").is_none());
        assert_eq!(served.bytes().await.unwrap(), bytes, "kept as it was, and not looked into");
    }
}

#[tokio::test]
async fn without_a_good_address_a_file_cannot_be_told_from_one_that_does_not_exist() {
    let desk = Desk::open().await;
    let (shopper, other) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let waiting = taken(&desk, &shopper, "draft.txt", b"not sent").await;
    let carried = sent(&desk, &shopper, &[taken(&desk, &shopper, "list.txt", b"two lamps").await]).await;
    let (url, id) = (text(&carried[0], "url"), text(&carried[0], "id"));
    assert_eq!(get(&desk, url).await.text().await.unwrap(), "two lamps");
    let foreign = sent(&desk, &other, &[taken(&desk, &other, "x.txt", b"other").await]).await;
    let (path, query) = url.split_once('?').unwrap();
    let (until, signature) = query.split_once("&s=").unwrap();
    let flipped: String = signature.chars().rev().collect();
    let until_more: i64 = until.trim_start_matches("e=").parse::<i64>().unwrap() + 1;
    let foreign_query = text(&foreign[0], "url").split_once('?').unwrap().1;
    let random = uuid::Uuid::from_u128(7);
    let bad = [
        path.to_owned(),
        format!("{path}?{until}"),
        format!("{path}?{until}&s="),
        format!("{path}?{until}&s={flipped}"),
        format!("{path}?{until}&s={signature}A"),
        format!("{path}?e={until_more}&s={signature}"),
        format!("{path}?{until}&v=s&s={signature}"),
        format!("{path}?{foreign_query}"),
        format!("/files/{random}?{query}"),
        format!("/files/{waiting}?{query}"),
        format!("/files/..%2f{id}?{query}"),
        "/files/x".to_owned(),
    ];
    let mut answers = Vec::new();
    for bad in &bad {
        let answer = get(&desk, bad).await;
        answers.push((answer.status().as_u16(), answer.text().await.unwrap()));
    }
    desk.app.clock.advance(Duration::from_hours(25));
    let expired = get(&desk, url).await;
    answers.push((expired.status().as_u16(), expired.text().await.unwrap()));
    assert_eq!(answers[0].0, 404);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let fresh = desk.http.get(format!("{}/v1/shopper/files/{id}", desk.base)).bearer_auth(&shopper.token);
    let fresh: Value = fresh.send().await.unwrap().json().await.unwrap();
    assert_eq!(get(&desk, text(&fresh, "url")).await.status(), 200);
}

#[tokio::test]
async fn ids_tell_nothing() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let mut ids = Vec::new();
    for n in 0..20 {
        ids.push(taken(&desk, &shopper, "a.txt", format!("{n}").as_bytes()).await);
    }
    let in_order = ids.windows(2).filter(|pair| pair[0] < pair[1]).count();
    assert!((2..18).contains(&in_order), "{ids:?}");
    assert!(ids.iter().all(|id| id.as_bytes()[14] == b'4'), "{ids:?}");
}
