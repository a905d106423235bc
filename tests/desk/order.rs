//! Several writers commit one after another and publish in no particular order: each socket still gets every event once,
//! in the order of the numbers, and its own acknowledgement in its place among them.

use crate::harness::{Desk, Shopper, Socket, cid, number, text};
use deskbell::app;
use deskbell::domain::conversation::State;
use deskbell::domain::event::{Author, Draft, Kind};
use deskbell::domain::id::{ConnectionId, ConversationId, EventId, ShopperId};
use deskbell::domain::route::Route;
use deskbell::realtime::event::Published;
use deskbell::store::append::{Append, Outcome, Stored};
use deskbell::store::conversations::{Effect, Move, Opened, Opening, apply, open};
use serde_json::json;
use std::sync::Arc;

fn draft(kind: Kind, by: Author, body: Option<&str>, cid: Option<&str>) -> Draft {
    Draft {
        id: EventId(app::new_id()),
        cid: cid.map(|cid| cid.parse().unwrap()),
        kind,
        by,
        by_name: String::new(),
        body: body.map(str::to_owned),
        data: None,
        files: Vec::new(),
        internal: false,
        oversees: false,
    }
}

/// A conversation with its first message, committed by somebody who has not published it yet.
async fn opened_unheard(desk: &Desk, shopper: &Shopper) -> [Stored; 2] {
    let id = ShopperId(shopper.id.parse().unwrap());
    let by = Author::Shopper(id);
    let opening = Opening {
        site: desk.site.id,
        shopper: id,
        conversation: ConversationId(app::new_id()),
        team: None,
        route: Route::default(),
        locale: "en".into(),
        state: State::Waiting,
        opened: draft(Kind::Opened, by, None, None),
        message: draft(Kind::Message, by, Some("hello?"), Some(&cid())),
        at: desk.app.clock.now(),
        name: None,
        email: None,
        answers: None,
        ticket: None,
    };
    let Opened::New(first, message, _) = open(&desk.app.db, opening).await.unwrap() else { panic!("not opened") };
    [first, message]
}

/// A message of the shopper, committed and not published yet.
async fn said_unheard(desk: &Desk, shopper: &Shopper, chat: ConversationId, cid: &str) -> Stored {
    let (tell, told) = tokio::sync::oneshot::channel();
    let by = Author::Shopper(ShopperId(shopper.id.parse().unwrap()));
    desk.app.log.submit(Append {
        site: desk.site.id,
        conversation: chat,
        draft: draft(Kind::Message, by, Some("and mine"), Some(cid)),
        generation: None,
        shown: None,
        at: desk.app.clock.now(),
        done: Box::new(move |outcome| drop(tell.send(outcome))),
    });
    let Outcome::Stored(stored) = told.await.unwrap() else { panic!("not stored") };
    stored
}

async fn closed_unheard(desk: &Desk, chat: ConversationId) -> Stored {
    let step = Move {
        site: desk.site.id,
        conversation: chat,
        draft: draft(Kind::Closed, Author::System, None, None),
        generation: None,
        at: desk.app.clock.now(),
        effect: Effect::Close { transcript_to: None },
    };
    let Outcome::Stored(stored) = apply(&desk.app.db, step).await.unwrap().outcome else { panic!("not closed") };
    stored
}

fn publish(desk: &Desk, stored: &Stored, origin: Option<ConnectionId>) {
    desk.app.hub.publish(Published::new(Arc::clone(&stored.event), stored.shopper, origin));
}

/// What a socket was sent of a conversation, as frames: type and number.
fn frames(socket: &Socket, chat: &str) -> Vec<(String, i64)> {
    let of_chat = socket.heard(|f| (f["type"] == "event" || f["type"] == "ack") && f["conversation"] == chat);
    of_chat.iter().map(|f| (text(f, "type").to_owned(), number(f, "seq"))).collect()
}

fn expected(frames: &[(&str, i64)]) -> Vec<(String, i64)> {
    frames.iter().map(|(kind, seq)| ((*kind).to_owned(), *seq)).collect()
}

#[tokio::test]
async fn a_conversation_whose_beginning_is_published_last_arrives_in_order_and_once() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let [first, message] = opened_unheard(&desk, &shopper).await;
    let chat = first.event.conversation;
    let closed = closed_unheard(&desk, chat).await;
    for stored in [&closed, &first, &message] {
        publish(&desk, stored, None);
    }
    shopper.probe().await;
    let chat = chat.to_string();
    assert_eq!(frames(&shopper, &chat), expected(&[("event", 1), ("event", 2), ("event", 3)]));
    // The late beginning does not open again what has ended: the next message begins a new conversation.
    let next = shopper.open("one more thing").await;
    assert_ne!(next, chat);
    shopper.assert_sound();
}

#[tokio::test]
async fn an_own_message_published_after_a_later_event_is_acknowledged_once_and_in_its_place() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello?").await;
    let welcome = shopper.wait("welcome", |f| f["type"] == "welcome").await;
    let connection = ConnectionId(text(&welcome, "connection").parse().unwrap());
    // The socket has written under this client id: a rating, which is refused because the chat goes on.
    let mine = cid();
    shopper.refused(json!({ "type": "rate", "cid": mine, "score": 5 }), "closed").await;
    let id = chat.parse().unwrap();
    let message = said_unheard(&desk, &shopper, id, &mine).await;
    let closed = closed_unheard(&desk, id).await;
    publish(&desk, &closed, None);
    publish(&desk, &message, Some(connection));
    shopper.probe().await;
    assert_eq!(frames(&shopper, &chat), expected(&[("event", 1), ("ack", 2), ("ack", 3), ("event", 4)]));
    shopper.assert_sound();
}
