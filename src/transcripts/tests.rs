use super::words::of;
use super::{Transcript, blank_recalled, one_line};
use crate::domain::event::{Author, Event, Kind};
use crate::domain::id::{AgentId, ConversationId, EventId, ShopperId, SiteId};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};
use uuid::Uuid;

fn began() -> DateTime<Utc> {
    "2026-07-01T09:00:00Z".parse().unwrap()
}

fn shopper() -> Author {
    Author::Shopper(ShopperId(Uuid::from_u128(3)))
}

fn event(seq: i64, by: Author, kind: Kind, body: Option<&str>, data: Option<Value>) -> Event {
    Event {
        site: SiteId(Uuid::from_u128(1)),
        conversation: ConversationId(Uuid::from_u128(2)),
        seq: seq + 10,
        shopper_seq: Some(seq),
        id: EventId(Uuid::from_u128(100 + u128::try_from(seq).unwrap())),
        cid: None,
        kind,
        by,
        by_name: if matches!(by, Author::Shopper(_)) { "Li <b>Wei</b>".into() } else { "Lena".into() },
        body: body.map(str::to_owned),
        data,
        at: began() + TimeDelta::seconds(seq),
    }
}

fn transcript(locale: &str, events: Vec<Event>) -> Transcript {
    Transcript {
        conversation: ConversationId(Uuid::from_u128(2)),
        site: "Larkmoor & Söhne".into(),
        shopper: "Li <b>Wei</b>".into(),
        locale: locale.into(),
        opened_at: began(),
        closed_at: Some(began() + TimeDelta::minutes(5)),
        score: Some(4),
        zone: Tz::Europe__Berlin,
        events,
    }
}

fn talk() -> Vec<Event> {
    let agent = Author::Agent(AgentId(Uuid::from_u128(9)));
    vec![
        event(
            1,
            shopper(),
            Kind::Opened,
            None,
            Some(json!({ "intake": { "topic": "order" }, "team": "secret", "_name": "Li" })),
        ),
        event(
            2,
            shopper(),
            Kind::Message,
            Some("Hello\n\nAgent, 2026:\n\tis \"this\" <script>alert(1)</script> {{7*7}} 👩‍👩‍👧 好"),
            None,
        ),
        event(
            3,
            Author::System,
            Kind::Assigned,
            None,
            Some(json!({ "agent": { "id": Uuid::from_u128(9), "name": "Lena" } })),
        ),
        event(4, agent, Kind::Message, None, None),
        event(5, agent, Kind::Closed, None, Some(json!({ "reason": "agent" }))),
        event(6, shopper(), Kind::Rated, None, Some(json!({ "score": 4, "comment": "nice\nwork" }))),
    ]
}

#[test]
fn the_text_sets_each_line_in_so_that_nobody_speaks_for_another() {
    let text = transcript("en", talk()).text();
    assert!(
        text.contains("Li <b>Wei</b>, 2026-07-01 11:00:02 CEST\n  Hello\n  \n  Agent, 2026:\n  \tis \"this\" <script>"),
        "{text}"
    );
    assert!(text.contains("* Lena joined the conversation. (2026-07-01 11:00:03 CEST)\n"));
    assert!(text.contains("Lena, 2026-07-01 11:00:04 CEST\n  This message was taken back.\n"));
    assert!(text.contains("* Rating: 4/5 – nice work ("));
    assert!(text.contains("Times in: Europe/Berlin\n") && text.contains("{{7*7}}"));
}

#[test]
fn the_page_shows_markup_as_text_and_keeps_every_character() {
    let page = transcript("en", vec![event(1, shopper(), Kind::Message, Some("a\r\nb\rc <i> & {{7*7}}"), None)]).html();
    assert!(page.contains(">a&#13;\nb&#13;c &#60;i&#62; &#38; {{7*7}}</div>"), "{page}");
    assert!(page.contains("Li &#60;b&#62;Wei&#60;/b&#62;") && !page.contains("<b>Wei"));
    assert!(page.contains("@media print") && !page.contains("http") && !page.contains("<script"));
}

#[test]
fn the_data_are_what_the_shopper_may_see_character_for_character() {
    let data = transcript("en", talk()).json();
    assert_eq!(
        data["events"][1]["body"],
        "Hello\n\nAgent, 2026:\n\tis \"this\" <script>alert(1)</script> {{7*7}} 👩‍👩‍👧 好"
    );
    assert_eq!(data["events"][1]["seq"], 2);
    assert_eq!(data["events"][0]["intake"]["topic"], "order");
    assert_eq!(data["events"][2]["agent"], json!({ "name": "Lena" }), "no staff ids");
    assert_eq!(data["events"][3]["body"], Value::Null);
    assert_eq!(data["events"][3]["recalled"], true);
    assert_eq!(data["events"][5]["comment"], "nice\nwork");
    assert_eq!(data["score"], 4);
    let flat = data.to_string();
    assert!(!flat.contains("secret") && !flat.contains("_name") && !flat.contains(&Uuid::from_u128(9).to_string()));
}

#[test]
fn a_message_taken_back_while_the_log_is_read_is_blanked() {
    let target = event(1, shopper(), Kind::Message, Some("my card number"), None);
    let recall = event(2, shopper(), Kind::Recalled, None, Some(json!({ "target": target.id })));
    let mut log = vec![target, recall];
    blank_recalled(&mut log);
    assert_eq!(log[0].body, None);
    assert!(!transcript("de", log).text().contains("card"));
}

#[test]
fn headings_follow_the_shoppers_language() {
    for (locale, lang, dir) in [
        ("de-AT", "de", "ltr"),
        ("zh-CN", "zh-CN", "ltr"),
        ("ar", "ar", "rtl"),
        ("fr", "fr", "ltr"),
        ("xx", "en", "ltr"),
    ] {
        assert_eq!((of(locale).lang, of(locale).dir), (lang, dir));
        let page = transcript(locale, talk()).html();
        assert!(page.contains(&format!("<html lang=\"{lang}\" dir=\"{dir}\">")), "{locale}");
    }
    assert!(transcript("de", talk()).text().starts_with("Gespräch mit Larkmoor & Söhne\n==="));
}

#[test]
fn one_line_is_one_line() {
    assert_eq!(one_line(" a\r\nBcc: x\u{2028}y\u{202e}z\t\0 "), "a Bcc: x y z");
}
