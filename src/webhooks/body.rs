//! What receivers are told of an event.

use crate::domain::event::Event;
use crate::domain::file::Addresses;
use crate::domain::id::{EventId, SiteId};
use crate::domain::webhook;
use crate::realtime::event::Shown;
use crate::store::webhooks::deliveries::Person;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// `None`: it is never told.
pub fn of(event: &Event, person: &Person, at: &Addresses) -> Option<String> {
    let name = webhook::name(event.kind).filter(|_| event.shopper_seq.is_some())?;
    let data = json!({
        "site": event.site,
        "conversation": event.conversation,
        "seq": event.seq,
        "event": shown(event, at),
        "shopper": {
            "id": person.id,
            "external_id": person.external_id,
            "name": person.name,
            "email": person.email,
            "verified": person.verified,
        },
    });
    Some(envelope(name, event.id, event.at, &data))
}

pub fn test(site: SiteId, id: EventId, now: DateTime<Utc>) -> String {
    envelope(webhook::TEST, id, now, &json!({ "site": site }))
}

fn envelope(name: &str, id: EventId, at: DateTime<Utc>, data: &Value) -> String {
    json!({ "type": name, "id": id, "timestamp": at, "data": data }).to_string()
}

/// As agents see it, without the sender's own mark, and without the signed addresses of files: whoever has one may read the file.
fn shown(event: &Event, at: &Addresses) -> Value {
    let mut shown = serde_json::to_value(Shown::to_staff(event, at)).unwrap_or_default();
    if let Some(fields) = shown.as_object_mut() {
        for name in ["cid", "conversation", "seq"] {
            fields.remove(name);
        }
    }
    for file in shown["files"].as_array_mut().into_iter().flatten() {
        if let Some(fields) = file.as_object_mut() {
            fields.retain(|name, _| !matches!(name.as_str(), "url" | "thumb"));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{Person, of};
    use crate::domain::event::{Author, Event, Kind};
    use crate::domain::file::Addresses;
    use crate::domain::id::{AgentId, ClientId, ConversationId, EventId, ShopperId, SiteId};
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn told(kind: Kind, shopper_seq: Option<i64>, body: Option<&str>) -> Option<Value> {
        let event = Event {
            site: SiteId(Uuid::from_u128(1)),
            conversation: ConversationId(Uuid::from_u128(2)),
            seq: 7,
            shopper_seq,
            id: EventId(Uuid::from_u128(3)),
            cid: Some(ClientId(Uuid::from_u128(4))),
            kind,
            by: Author::Agent(AgentId(Uuid::from_u128(5))),
            by_name: "Ana".into(),
            body: body.map(str::to_owned),
            data: Some(json!({ "_back": { "by": "Sam" }, "files": [
                { "id": Uuid::from_u128(6), "name": "a.png", "mime": "image/png", "size": 9, "width": 1, "height": 1 }] })),
            at: chrono::DateTime::UNIX_EPOCH,
        };
        let person = Person {
            id: ShopperId(Uuid::from_u128(8)),
            external_id: None,
            name: "Li".into(),
            email: None,
            verified: false,
        };
        of(&event, &person, &Addresses::new([0; 32], event.at)).map(|body| serde_json::from_str(&body).unwrap())
    }

    #[test]
    fn files_are_named_and_cannot_be_read_and_nothing_is_said_that_is_the_staffs_own() {
        let told = told(Kind::Message, Some(5), Some("hello")).unwrap();
        assert_eq!((&told["type"], &told["data"]["seq"]), (&json!("message.created"), &json!(7)));
        assert_eq!(told["data"]["event"]["by"]["role"], "agent");
        assert_eq!(told["data"]["event"]["files"][0]["name"], "a.png");
        let whole = told.to_string();
        for secret in ["\"url\"", "\"thumb\"", "\"cid\"", "_back", "Sam", "/files/"] {
            assert!(!whole.contains(secret), "{secret}: {whole}");
        }
    }

    #[test]
    fn what_was_taken_back_has_no_text_and_what_shoppers_may_not_see_is_not_told() {
        let taken_back = told(Kind::Message, Some(5), None).unwrap();
        assert_eq!(taken_back["data"]["event"]["recalled"], true);
        assert_eq!(taken_back["data"]["event"]["body"], Value::Null);
        assert!(!taken_back.to_string().contains("a.png"));
        assert!(told(Kind::Recalled, None, None).is_none(), "of a note");
        assert!(told(Kind::Note, None, Some("x")).is_none());
    }
}
