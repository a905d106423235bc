//! Too large, too slow, too many, too full: each is a clear refusal, and nothing of it stays.

use super::{BOUNDARY, answer, file_part, form, form_type, part, picture, posting, taken, upload};
use crate::harness::{Desk, PATIENCE, SHOP, Setup, Shopper, eventually, text};
use deskbell::config::FilesTarget;
use deskbell::domain::file::Class;
use image::ImageFormat;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const MB: usize = 1024 * 1024;

/// Says the head of an upload; the body is the test's.
async fn begin(desk: &Desk, token: &str, length: &str) -> TcpStream {
    let host = desk.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST /v1/shopper/files HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nOrigin: {SHOP}\r\n\
         Content-Type: {}\r\n{length}\r\n\r\n",
        form_type()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The status, whatever follows it.
async fn status(stream: &mut TcpStream) -> String {
    let mut answer = vec![0; 12];
    let read = tokio::time::timeout(PATIENCE, stream.read_exact(&mut answer)).await.expect("an answer in time");
    read.map_or_else(|_| "closed".to_owned(), |_| String::from_utf8_lossy(&answer[9..]).into_owned())
}

fn opening() -> Vec<u8> {
    let headers = "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"";
    format!("--{BOUNDARY}\r\n{headers}\r\n\r\n").into_bytes()
}

async fn nothing_stays(desk: &Desk) {
    eventually("nothing is on the disk", async || desk.files_on_disk().is_empty().then_some(())).await;
    assert_eq!(desk.count("select count(*) from files").await, 0);
    assert_eq!(desk.count("select coalesce(sum(bytes), 0)::bigint from file_space").await, 0);
}

#[tokio::test]
async fn eleven_megabytes_are_read_and_refused_and_a_gigabyte_is_not_even_read() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let (code, said) = upload(&desk, &shopper, "big.txt", &vec![b'a'; 11 * MB]).await;
    assert_eq!((code, &said["error"]["code"]), (413, &json!("too_large")));
    assert!(text(&said["error"], "message").contains("10 MB"), "{said}");
    let mut huge = begin(&desk, &shopper.token, "Content-Length: 1073741824").await;
    assert_eq!(status(&mut huge).await, "413", "by its announced length alone");
    let mut endless = begin(&desk, &shopper.token, "Transfer-Encoding: chunked").await;
    let send = async {
        let chunk = [format!("{MB:x}\r\n").as_bytes(), &vec![b'a'; MB], b"\r\n"].concat();
        let first = opening();
        let first = [format!("{:x}\r\n", first.len()).as_bytes(), &first, b"\r\n"].concat();
        endless.write_all(&first).await?;
        let mut sent = 0;
        while sent < 1024 {
            endless.write_all(&chunk).await?;
            sent += 1;
        }
        Ok::<_, std::io::Error>(sent)
    };
    let sent = tokio::time::timeout(PATIENCE, send).await.expect("it is cut off");
    assert!(sent.is_err(), "it goes on for ever");
    nothing_stays(&desk).await;
}

#[tokio::test]
async fn an_upload_that_trickles_or_breaks_off_ends_and_leaves_nothing() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    // Announces more than it sends, and goes.
    let mut liar = begin(&desk, &shopper.token, "Content-Length: 5000000").await;
    liar.write_all(&[opening(), vec![b'a'; 400_000]].concat()).await.unwrap();
    drop(liar);
    // Announces less than it sends: the form has no end.
    let mut short = begin(&desk, &shopper.token, "Content-Length: 300").await;
    short.write_all(&[opening(), vec![b'a'; 400]].concat()).await.unwrap();
    assert_eq!(status(&mut short).await, "400");
    // A head of a part that never ends is not kept in memory for ever.
    let mut head = begin(&desk, &shopper.token, "Content-Length: 60000000").await;
    let written = head.write_all(&[format!("--{BOUNDARY}\r\nX: ").into_bytes(), vec![b'x'; 20 * MB]].concat()).await;
    assert!(written.is_err() || status(&mut head).await != "201");
    let mut slow = begin(&desk, &shopper.token, "Content-Length: 5000000").await;
    slow.write_all(&opening()).await.unwrap();
    slow.write_all(b"a").await.unwrap();
    assert_eq!(status(&mut slow).await, "408");
    nothing_stays(&desk).await;
    let measured = desk.http.get(format!("{}/metrics", desk.base)).send().await.unwrap().text().await.unwrap();
    assert!(measured.contains("deskbell_uploads_total{outcome=\"broken\"}"));
}

#[tokio::test]
async fn thousands_of_parts_or_files_are_too_many() {
    let desk = Setup::default().site(|site| site.settings.files.per_day = 30).open().await;
    let shopper = Shopper::come(&desk).await;
    let parts: Vec<_> =
        (0..10_000).map(|n| part(&format!("Content-Disposition: form-data; name=\"f{n}\""), b"x")).collect();
    let (code, _) = answer(posting(&desk, "/v1/shopper/files", &shopper.token, form(&parts))).await;
    assert_eq!(code, 413);
    let no_file = form(&[part("Content-Disposition: form-data; name=\"file\"", b"text")]);
    assert_eq!(answer(posting(&desk, "/v1/shopper/files", &shopper.token, no_file)).await.0, 400);
    let request =
        desk.http.post(format!("{}/v1/shopper/files", desk.base)).bearer_auth(&shopper.token).header("origin", SHOP);
    assert_eq!(answer(request.json(&json!({}))).await.0, 400);
    let mut codes = Vec::new();
    for _ in 0..60 {
        codes.push(upload(&desk, &shopper, "a.txt", b"x").await.0);
    }
    let kept = codes.iter().filter(|code| **code == 201).count();
    assert!(codes.iter().all(|code| matches!(code, 201 | 429)) && (10..=30).contains(&kept), "{codes:?}");
    assert_eq!(answer(posting(&desk, "/v1/shopper/files", "made up", form(&[]))).await.0, 401);
}

#[tokio::test]
async fn a_shop_has_so_much_room_and_gets_it_back() {
    let change = |site: &mut deskbell::domain::site::Site| {
        site.settings.files.quota_mb = 1;
        site.settings.files.classes.push(Class::Archives);
    };
    let desk = Setup::default().site(change).open().await;
    let shopper = Shopper::come(&desk).await;
    let zip = [b"PK\x03\x04".as_slice(), &vec![7; 700 * 1024]].concat();
    let first = taken(&desk, &shopper, "42.zip", &zip).await;
    let both = tokio::join!(upload(&desk, &shopper, "a.zip", &zip), upload(&desk, &shopper, "b.zip", &zip));
    for (code, said) in [both.0, both.1] {
        assert_eq!((code, &said["error"]["code"]), (507, &json!("no_room")), "{said}");
    }
    let ack = shopper.must(json!({ "type": "send", "body": "", "files": [first] })).await;
    shopper.must(json!({ "type": "recall", "event": ack["id"] })).await;
    eventually("there is room again", async || (upload(&desk, &shopper, "c.zip", &zip).await.0 == 201).then_some(()))
        .await;
}

#[tokio::test]
async fn a_shop_that_takes_no_files_says_so_and_its_messages_go_on() {
    let desk = Setup::default().site(|site| site.settings.files.on = false).open().await;
    let shopper = Shopper::come(&desk).await;
    assert_eq!(shopper.session["site"]["files"], Value::Null);
    let (code, said) = upload(&desk, &shopper, "a.txt", b"x").await;
    assert_eq!((code, &said["error"]["code"]), (403, &json!("forbidden")), "{said}");
    shopper.say("without").await;
}

/// A disk of its own, of five megabytes; only root may make one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let at = std::env::temp_dir().join(format!("deskbell-disk-{}", deskbell::app::new_id()));
        std::fs::create_dir(&at).unwrap();
        let mut mount = std::process::Command::new("mount");
        let done = mount.args(["-t", "tmpfs", "-o", "size=5m", "tmpfs"]).arg(&at).status();
        if done.is_ok_and(|status| status.success()) {
            return Some(Self(at));
        }
        std::fs::remove_dir(&at).unwrap();
        assert!(!nix::unistd::geteuid().is_root(), "root could not mount a tmpfs");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// Of everything below a directory, in bytes.
fn bytes_below(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| if entry.path().is_dir() { bytes_below(&entry.path()) } else { entry.metadata().unwrap().len() })
        .sum()
}

#[tokio::test]
async fn on_a_full_disk_files_are_refused_and_text_flows() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("not root: the disk that is full was not tried");
        return;
    };
    let desk = Setup::default().files(FilesTarget::Disk(disk.0.join("files"))).open().await;
    let shopper = Shopper::come(&desk).await;
    let kept = taken(&desk, &shopper, "small.txt", &vec![b'a'; 900_000]).await;
    let before = bytes_below(&disk.0);
    for size in [3 * MB, 4 * MB, 9 * MB] {
        let (code, said) = upload(&desk, &shopper, "large.txt", &vec![b'b'; size]).await;
        assert_eq!((code, &said["error"]["code"]), (507, &json!("no_room")), "{size}: {said}");
        shopper.say("text flows").await;
        eventually("nothing half is left", async || (bytes_below(&disk.0) == before).then_some(())).await;
    }
    std::fs::write(disk.0.join("ballast"), vec![0; 9 * MB]).unwrap_err();
    let (code, _) = upload(&desk, &shopper, "p.png", &picture(300, 300, ImageFormat::Png)).await;
    assert_eq!(code, 507, "not a byte is free");
    std::fs::remove_file(disk.0.join("ballast")).unwrap();
    taken(&desk, &shopper, "p.png", &picture(300, 300, ImageFormat::Png)).await;
    shopper.must(json!({ "type": "send", "body": "", "files": [kept] })).await;
    eventually("every row has its bytes", async || {
        (desk.count("select count(*) from files where state in ('arriving', 'doomed')").await == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_form_with_other_fields_and_several_files_gives_the_first_of_the_right_name() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let parts = [
        part("Content-Disposition: form-data; name=\"note\"", b"hello"),
        part("Content-Disposition: form-data; name=\"other\"; filename=\"o.txt\"", b"other"),
        file_part("one.txt", "text/plain", b"one"),
        file_part("two.txt", "text/plain", b"two"),
    ];
    let (code, file) = answer(posting(&desk, "/v1/shopper/files", &shopper.token, form(&parts))).await;
    assert_eq!((code, text(&file, "name")), (201, "one.txt"));
    assert_eq!(desk.files_on_disk().len(), 1);
}
