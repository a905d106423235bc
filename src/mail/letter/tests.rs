use super::{Content, Draft, Office, Opened, Reply, address, crlf, words};
use crate::config::SecretKey;
use crate::domain::id::{LetterId, SiteId};
use crate::store::outbox::{Letter, LetterKind};
use lettre::Message;
use mail_parser::MessageParser;
use uuid::Uuid;

fn office() -> Office {
    Office {
        from: address("help@shop.example").unwrap(),
        host: "chat.shop.example".into(),
        public_url: "https://chat.shop.example".into(),
        key: SecretKey::new(&[7; 32]),
    }
}

fn letter(kind: LetterKind) -> Letter {
    Letter {
        id: LetterId(Uuid::from_u128(0x77)),
        site_id: SiteId(Uuid::from_u128(2)),
        conversation_id: None,
        kind,
        recipient: "li@example.com".into(),
        data: serde_json::json!({}),
        attempts: 1,
        created_at: "2026-07-01T09:00:00Z".parse().unwrap(),
        is_excess: false,
    }
}

fn message(kind: LetterKind, (site, subject, text): (&str, &str, &str), thread: Vec<LetterId>) -> Message {
    let content = Content { subject: subject.into(), text: text.into(), html: format!("<p>{text}</p>") };
    let now = "2026-07-01T10:00:00Z".parse().unwrap();
    let to = address("li@example.com").unwrap();
    Draft { letter: &letter(kind), to, site, content, thread, now }.message(&office()).unwrap()
}

const ID: &str = "00000000-0000-0000-0000-000000000077@chat.shop.example";

#[test]
fn a_letter_has_a_lasting_id_one_reader_and_says_that_it_is_automatic() {
    let sent = message(LetterKind::Transcript, ("Lärk \"& Co\", Ltd", "Gespräch 好", "Hello\nthere 👋"), Vec::new());
    assert_eq!(sent.envelope().to().len(), 1);
    let bytes = sent.formatted();
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(parsed.message_id(), Some(ID));
    let from = parsed.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("Lärk \"& Co\", Ltd"), Some("help@shop.example")));
    assert_eq!(parsed.subject(), Some("Gespräch 好"));
    assert_eq!(parsed.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
    assert_eq!(parsed.date().unwrap().to_rfc3339(), "2026-07-01T10:00:00Z");
    assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), "Hello\nthere 👋");
    assert_eq!(parsed.body_html(0).unwrap().replace("\r\n", "\n"), "<p>Hello\nthere 👋</p>");
    assert!(parsed.reply_to().is_none() && parsed.in_reply_to().as_text().is_none());
}

#[test]
fn names_and_subjects_cannot_add_headers_or_readers() {
    let nasty = "Shop\r\nBcc: victim@example.net\r\n\r\n<script>, \"x\" <victim@example.net>\u{2028}=?utf-8?q?=0D=0ABcc:_v@e.net?=";
    let sent = message(LetterKind::TicketReply, (nasty, nasty, "Hello"), Vec::new());
    assert_eq!(sent.envelope().to().iter().map(ToString::to_string).collect::<Vec<_>>(), ["li@example.com"]);
    let bytes = sent.formatted();
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    let names: Vec<_> = parsed.headers().iter().map(|h| h.name().to_ascii_lowercase()).collect();
    let expected = ["message-id", "date", "from", "to", "subject", "mime-version", "content-type"];
    assert!(names.len() == expected.len() && expected.iter().all(|name| names.iter().any(|n| n == name)), "{names:?}");
    assert_eq!(parsed.from().unwrap().as_list().unwrap().len(), 1);
    assert_eq!(parsed.from().unwrap().first().unwrap().address(), Some("help@shop.example"));
}

#[test]
fn no_lone_line_end_is_ever_handed_over() {
    assert_eq!(crlf("a\rb\nc\r\nd\r\r\n\n"), "a\r\nb\r\nc\r\nd\r\n\r\n\r\n");
    let smuggled = "Hi\r.\rMAIL FROM:<a@b.co>\n.\nRCPT TO:<c@d.co>\n\r.\r\nDATA";
    for text in [
        smuggled.to_owned(),
        format!("{smuggled} ü"),
        format!("{smuggled} 好好好好"),
        format!("{smuggled}{}", "x".repeat(3_000)),
    ] {
        let bytes = message(LetterKind::Transcript, ("Shop", "s", &text), Vec::new()).formatted();
        for (at, byte) in bytes.iter().enumerate() {
            let is_paired = match byte {
                b'\r' => bytes.get(at + 1) == Some(&b'\n'),
                b'\n' => at > 0 && bytes[at - 1] == b'\r',
                _ => true,
            };
            assert!(is_paired, "a lone line end at {at} of {text:?}");
        }
        assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 999 && line.is_ascii()));
    }
}

#[test]
fn a_tickets_letters_hang_together() {
    let thread: Vec<_> = (1..=20).map(|n| LetterId(Uuid::from_u128(n))).collect();
    let bytes = message(LetterKind::TicketReply, ("Shop", "Re: s", "Hello"), thread.clone()).formatted();
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    let id = |n: &LetterId| format!("{n}@chat.shop.example");
    assert_eq!(parsed.in_reply_to().as_text(), Some(id(&thread[19]).as_str()));
    let references: Vec<_> = parsed.references().as_text_list().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(references, thread.iter().map(id).collect::<Vec<_>>());
    assert!(parsed.header_raw("Auto-Submitted").is_none(), "a person wrote it");
}

#[test]
fn addresses_are_spelt_as_the_name_system_does() {
    assert_eq!(address("li@bücher.example").unwrap().to_string(), "li@xn--bcher-kva.example");
    for bad in ["", "li", "li@", "@shop.example", "li@127.0.0.1", "a b@c.co", "a\r\n@c.co"] {
        assert!(address(bad).is_none(), "{bad:?}");
    }
}

#[test]
fn a_ticket_is_confirmed_without_a_strangers_words() {
    let opened = |quote: Option<&str>| Opened {
        words: words::of("en"),
        number: 1001,
        site: "Larkmoor".into(),
        next: "Next.".into(),
        quote: quote.map(str::to_owned),
    };
    assert_eq!(opened(None).content().subject, "[#1001] Your request – Larkmoor");
    let bare = opened(None).content().text;
    assert_eq!(
        bare,
        "We have received your request.\n\nNumber: 1001\nShop: Larkmoor\n\nNext.\n\n--\nThis e-mail was sent automatically. If you did not ask for anything, please ignore it."
    );
    let quoted = opened(Some("one\ntwo <b>")).content().text;
    assert!(quoted.contains("You wrote:\n\n> one\n> two <b>\n"), "{quoted}");
    assert!(opened(Some("two <b>")).content().html.contains("two &#60;b&#62;</blockquote>"));
}

#[test]
fn an_answer_is_the_agents_words_and_nothing_runs_in_it() {
    let reply = Reply {
        words: words::of("ar"),
        number: 7,
        site: "<Shop>".into(),
        agent: "Lena".into(),
        body: "Hi {{7*7}}\n<img onerror=x>".into(),
    };
    assert!(reply.content().text.starts_with("Hi {{7*7}}\n<img onerror=x>\n\n--\nLena, <Shop>\n"));
    let page = reply.content().html;
    assert!(
        page.contains("dir=\"rtl\"") && page.contains("&#60;img onerror=x&#62;") && page.contains("&#60;Shop&#62;")
    );
}
