//! The mailbox through its front door.

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::*;

const FIRST: &str = "01900000-0000-7000-8000-000000000001";
const SECOND: &str = "01900000-0000-7000-8000-000000000002";
const LETTER: &str = "From: Larkmoor <desk@larkmoor.example>\r\nTo: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>\r\n\
Subject: =?utf-8?b?SWhyIEdlc3Byw6RjaCA8Yj4=?=\r\nDate: Mon, 23 Nov 2026 20:14:03 +0100\r\nX-Folded: one\r\n two\r\n\
MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n\
Content-Type: multipart/alternative; boundary=inner\r\n\r\n--inner\r\nContent-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe & <i>Dank</i>\r\n--inner\r\n\
Content-Type: text/html; charset=utf-8\r\n\r\n<p>Danke</p><script>alert(1)</script>\r\n--inner--\r\n--outer\r\n\
Content-Type: text/plain; name=transcript.txt\r\nContent-Disposition: attachment; filename=transcript.txt\r\n\r\nhello\r\n--outer--\r\n";

struct Mailbox(PathBuf);

impl Mailbox {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("deskbell-mailbox-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }

    async fn open(&self, path: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (head, body) = routes::<()>(self.0.clone()).oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (head.status, head.headers, String::from_utf8(bytes.to_vec()).unwrap())
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn an_empty_box_says_so_even_before_its_directory_exists() {
    let mailbox = Mailbox::new("empty");
    assert!(mailbox.open("/demo/mail").await.2.contains("No mail yet"));
    std::fs::remove_dir(&mailbox.0).unwrap();
    let (status, _, body) = mailbox.open("/demo/mail").await;
    assert!(status == StatusCode::OK && body.contains("No mail yet"));
}

#[tokio::test]
async fn letters_are_listed_newest_first_and_bad_files_as_unreadable() {
    let mailbox = Mailbox::new("list");
    mailbox.put(&format!("{FIRST}.eml"), LETTER.as_bytes());
    let earlier = std::fs::File::options().write(true).open(mailbox.0.join(format!("{FIRST}.eml"))).unwrap();
    earlier.set_modified(std::time::UNIX_EPOCH).unwrap();
    mailbox.put(&format!("{SECOND}.eml"), &[0xff; 4096]);
    mailbox.put("notes.eml", LETTER.as_bytes());
    let (status, headers, body) = mailbox.open("/demo/mail").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'none'; style-src 'self'")
    );
    assert!(body.contains("Ihr Gespräch &#60;b&#62;") && body.contains("Jörg &#60;joerg@example.org&#62;"), "{body}");
    assert!(body.contains("23 Nov 2026, 19:14:03 UTC") && !body.contains("notes"));
    let (bad, good) = (body.find(SECOND).unwrap(), body.find(FIRST).unwrap());
    assert!(bad < good && body[bad..good].contains("cannot be read"));
}

#[tokio::test]
async fn an_opened_letter_shows_its_parts_and_keeps_its_html_in_a_sandbox() {
    let mailbox = Mailbox::new("open");
    mailbox.put(&format!("{FIRST}.eml"), LETTER.as_bytes());
    let (_, _, body) = mailbox.open(&format!("/demo/mail/{FIRST}")).await;
    assert!(body.contains("Grüße &#38; &#60;i&#62;Dank"), "{body}");
    assert!(body.contains("transcript.txt") && body.contains("text/plain") && body.contains("5 bytes"), "{body}");
    assert!(body.contains("X-Folded") && body.contains("one two"));
    assert!(body.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\"") && !body.contains("alert(1)"));
    let (status, headers, html) = mailbox.open(&format!("/demo/mail/{FIRST}/html")).await;
    assert!(status == StatusCode::OK && html.contains("<p>Danke</p>"));
    assert_eq!(
        headers[header::CONTENT_SECURITY_POLICY],
        "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox"
    );
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
}

#[tokio::test]
async fn a_letter_of_text_alone_has_no_html_and_a_bad_one_no_500() {
    let mailbox = Mailbox::new("plain");
    mailbox.put(&format!("{FIRST}.eml"), b"To: a@b.example\r\nSubject: hi\r\n\r\njust text\r\n");
    mailbox.put(&format!("{SECOND}.eml"), b"");
    let (_, _, body) = mailbox.open(&format!("/demo/mail/{FIRST}")).await;
    assert!(body.contains("just text") && !body.contains("<iframe"));
    assert_eq!(mailbox.open(&format!("/demo/mail/{FIRST}/html")).await.0, StatusCode::NOT_FOUND);
    let (status, _, body) = mailbox.open(&format!("/demo/mail/{SECOND}")).await;
    assert!(status == StatusCode::OK && body.contains("cannot be read"));
}

#[tokio::test]
async fn only_the_exact_spelling_of_an_id_opens_a_letter() {
    let mailbox = Mailbox::new("ids");
    mailbox.put("secret.eml", LETTER.as_bytes());
    mailbox.put(&format!("{FIRST}.eml"), LETTER.as_bytes());
    let bare = FIRST.replace('-', "");
    for id in ["secret", "..%2Fsecret", "%2e%2e", &bare, &format!("%7B{FIRST}%7D"), &format!("{FIRST}.eml"), SECOND] {
        for path in [format!("/demo/mail/{id}"), format!("/demo/mail/{id}/html")] {
            assert_eq!(mailbox.open(&path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }
}

#[tokio::test]
async fn the_list_is_bounded() {
    let mailbox = Mailbox::new("many");
    for n in 0..MOST_LETTERS + 5 {
        mailbox.put(&format!("01900000-0000-7000-8000-{n:012}.eml"), LETTER.as_bytes());
    }
    assert_eq!(mailbox.open("/demo/mail").await.2.matches("class=\"letter\"").count(), MOST_LETTERS);
}
