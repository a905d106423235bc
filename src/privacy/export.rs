//! Everything that is kept of a person, as one JSON document, written while it is read: no more than a page of one log is in memory.

use super::doing;
use crate::app::App;
use crate::domain::event::{Event, Kind};
use crate::domain::file::{Addresses, Copy};
use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId};
use crate::error::{Error, Result};
use crate::realtime::event::Shown;
use crate::store::events::{Audience, Most, since};
use crate::store::privacy::{self as store, Amount, Record, Talk};
use crate::store::{customers, sites};
use futures_util::stream::{Stream, try_unfold};
use serde_json::{Value, json};
use std::sync::Arc;
use std::vec::IntoIter;

/// Says what the document is to whoever reads it by program.
const FORMAT: &str = "deskbell.person.1";
/// Of a log read at once.
const PAGE: Most = Most { events: 500, bytes: 1 << 20 };

/// What is to be handed out.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Also what staff wrote about them for each other.
    pub with_notes: bool,
}

/// The document in pieces; `None`: there is no such person any more. That it was handed out is noted before its first piece.
pub async fn export(
    app: &Arc<App>,
    by: AgentId,
    (site, person): (SiteId, ShopperId),
    wish: Wish,
) -> Result<Option<impl Stream<Item = Result<String>> + use<>>> {
    let db = &app.db.read;
    let contacts = customers::together(db, site, person).await?;
    let records = store::records(db, site, &contacts).await?;
    if records.is_empty() {
        return Ok(None);
    }
    let shop = sites::by_id(db, site).await?.ok_or(Error::NotFound)?;
    let talks = store::talks(db, site, &contacts).await?;
    let files = store::extent(db, (site, &contacts), app.clock.now()).await?.files;
    let many = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let amount = Amount {
        people: many(records.len()),
        conversations: many(talks.len()),
        files: i32::try_from(files).unwrap_or(i32::MAX),
    };
    let doing = doing(app, by, (site, person));
    store::note_export(db, &doing, amount).await?;
    let head = json!({
        "format": FORMAT,
        "made_at": doing.at,
        "shop": { "name": shop.name, "key": shop.public_key },
        "contacts": records.iter().map(contact).collect::<Vec<_>>(),
    });
    let writing = Writing {
        app: Arc::clone(app),
        site,
        wish,
        addresses: app.addresses(),
        begin: Some(opened(&head, "conversations")),
        talks: talks.into_iter(),
        log: None,
        is_first: true,
        is_done: false,
    };
    Ok(Some(try_unfold(writing, async |mut writing| Ok(writing.next().await?.map(|piece| (piece, writing))))))
}

fn contact(record: &Record) -> Value {
    json!({
        "id": record.id, "customer_number": record.external_id, "name": record.name, "email": record.email,
        "verified": record.verified, "language": record.locale, "known_since": record.created_at,
        "signed_by_the_shop": record.attributes, "reported_by_the_browser": record.context,
        "blocks": record.blocks, "notifications_agreed_at": record.browsers,
        "put_together": record.put_together, "uploaded_and_not_sent": record.unsent,
    })
}

fn talk(talk: &Talk) -> Value {
    json!({
        "id": talk.id, "contact": talk.shopper_id, "state": talk.state, "language": talk.locale, "team": talk.team,
        "opened_at": talk.opened_at, "closed_at": talk.closed_at, "tags": talk.tags, "rating": talk.rating,
        "ticket": talk.ticket, "letters": talk.letters, "address_for_a_kept_place": talk.place_email,
        "seen": talk.seen,
    })
}

/// An object without its end, with a list that begins in it.
fn opened(object: &Value, list: &str) -> String {
    let mut text = object.to_string();
    text.pop();
    text + &format!(",\"{list}\":[")
}

struct Writing {
    app: Arc<App>,
    site: SiteId,
    wish: Wish,
    addresses: Addresses,
    begin: Option<String>,
    talks: IntoIter<ConversationId>,
    /// The log that is being written.
    log: Option<Log>,
    is_first: bool,
    is_done: bool,
}

struct Log {
    id: ConversationId,
    after: i64,
    is_first: bool,
}

impl Writing {
    /// The next piece; `None`: the document is whole.
    async fn next(&mut self) -> Result<Option<String>> {
        if let Some(begin) = self.begin.take() {
            return Ok(Some(begin));
        }
        if let Some(log) = self.log.take() {
            return self.page(log).await.map(Some);
        }
        for id in self.talks.by_ref() {
            // Erased meanwhile.
            let Some(found) = store::talk(&self.app.db.read, self.site, id).await? else { continue };
            let comma = if std::mem::take(&mut self.is_first) { "" } else { "," };
            self.log = Some(Log { id, after: 0, is_first: true });
            return Ok(Some(format!("{comma}{}", opened(&talk(&found), "events"))));
        }
        Ok((!std::mem::replace(&mut self.is_done, true)).then(|| "]}\n".to_owned()))
    }

    async fn page(&mut self, mut log: Log) -> Result<String> {
        let key = (self.site, log.id);
        let page = since(&self.app.db.read, Audience::Staff, key, log.after, PAGE).await?;
        let events = page.map(|page| page.events).unwrap_or_default();
        let Some(last) = events.last() else { return Ok("]}".to_owned()) };
        log.after = last.seq;
        let mut text = String::new();
        for entry in events.iter().filter_map(|event| self.entry(event)) {
            if !std::mem::take(&mut log.is_first) {
                text.push(',');
            }
            text += &entry.to_string();
        }
        self.log = Some(log);
        Ok(text)
    }

    /// As the person saw it, without the staff's ids; and notes, if they are wanted.
    fn entry(&self, event: &Event) -> Option<Value> {
        let mut entry = match Shown::to_shopper(event, &self.addresses) {
            Some(shown) => json!(shown),
            None if self.wish.with_notes && event.kind == Kind::Note => json!({
                "kind": "note", "at": event.at, "by": { "role": event.by.role(), "name": event.by_name },
                "body": event.body, "files": event.files(),
            }),
            None => return None,
        };
        if let Some(object) = entry.as_object_mut() {
            object.remove("conversation");
            object.remove("cid");
        }
        let files = entry.get_mut("files").and_then(Value::as_array_mut);
        for (file, carried) in files.into_iter().flatten().zip(event.files()) {
            let address = self.addresses.of(carried.id, Copy::Whole);
            file["url"] = format!("{}{address}", self.app.config.public_url).into();
            if let Some(file) = file.as_object_mut() {
                file.remove("thumb");
            }
        }
        Some(entry)
    }
}
