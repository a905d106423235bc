//! Letters: each once, to one person, with what its reader may read.

use crate::harness::people::Staff;
use crate::harness::post::{Mood, Relay, read};
use crate::harness::{Agent, Desk, Setup, Shopper, cid, eventually, text};
use crate::identity::{begin_as, statement};
use deskbell::conversations::{self, Act};
use deskbell::domain::id::LetterId;
use deskbell::store::outbox;
use serde_json::{Value, json};
use std::time::Duration;

async fn verified(desk: &Desk, email: &str) -> Shopper {
    Shopper::come_with(desk, begin_as(desk, None, &statement(desk, email, email)), json!([])).await
}

async fn talk(desk: &Desk, shopper: &Shopper) -> (Agent, String) {
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let chat = shopper.open("Where is my order? <b>好</b> 🙂").await;
    ana.given(&chat).await;
    ana.note(&chat, "a very angry person").await;
    ana.say(&chat, "On its way & soon there.").await;
    let regretted = ana.say(&chat, "It is the courier's fault, again").await;
    ana.must(json!({ "type": "recall", "event": regretted["id"], "conversation": chat })).await;
    (ana, chat)
}

#[tokio::test]
async fn a_verified_shoppers_transcript_is_mailed_once_at_close_without_notes_and_what_was_taken_back() {
    let desk = Setup::default().site(|site| site.settings.transcript_at_close = true).open().await;
    let shopper = verified(&desk, "li@shop.example").await;
    let (ana, chat) = talk(&desk, &shopper).await;
    let close = json!({ "type": "close", "conversation": chat, "cid": cid() });
    ana.must(close.clone()).await;
    ana.must(close).await;
    desk.letters_until(1).await;
    desk.outbox_empty().await;
    let letters = desk.letters();
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!(letter.to, "li@shop.example");
    assert!(letter.subject.contains("Tea & Things"), "{}", letter.subject);
    for said in ["Where is my order? <b>好</b> 🙂", "On its way & soon there."] {
        assert!(letter.text.contains(said), "{}", letter.text);
    }
    assert!(
        letter.html.contains("On its way &#38; soon there.") || letter.html.contains("On its way &amp; soon there."),
        "{}",
        letter.html
    );
    assert!(!letter.html.contains("<b>好"), "markup of a shopper in the letter");
    for secret in ["a very angry person", "courier", "staff.example"] {
        assert!(!letter.text.contains(secret) && !letter.html.contains(secret), "{secret} is in the letter");
    }
    let id: uuid::Uuid = sqlx::query_scalar("select id from outbox").fetch_one(&desk.app.db.read).await.unwrap();
    assert!(letter.message_id.starts_with(&id.to_string()), "{}", letter.message_id);
}

/// Its claim ended while it was being sent, somebody else sent it, and only then the first one failed.
#[tokio::test]
async fn a_letter_that_went_is_not_brought_back_by_a_hand_that_comes_late() {
    let desk = Setup::default().site(|site| site.settings.transcript_at_close = true).open().await;
    let shopper = verified(&desk, "li@shop.example").await;
    let (ana, chat) = talk(&desk, &shopper).await;
    ana.close(&chat).await;
    desk.letters_until(1).await;
    desk.outbox_empty().await;
    let db = &desk.app.db.read;
    let (id, attempts): (LetterId, i32) =
        sqlx::query_as("select id, attempts from outbox").fetch_one(db).await.unwrap();
    for next_at in [None, Some(desk.app.clock.now())] {
        outbox::failed(db, (id, attempts), "too late", next_at).await.unwrap();
        assert_eq!(desk.count("select count(*) from outbox where state = 'sent' and last_error is null").await, 1);
    }
    outbox::withdraw(db, id).await.unwrap();
    sqlx::query("update outbox set state = 'waiting', attempts = 2, next_at = 'infinity'").execute(db).await.unwrap();
    outbox::failed(db, (id, 1), "of an earlier attempt", None).await.unwrap();
    assert_eq!(desk.count("select count(*) from outbox where state = 'waiting' and last_error is null").await, 1);
}

#[tokio::test]
async fn nothing_is_mailed_at_close_to_an_address_that_was_only_typed() {
    let desk = Setup::default().site(|site| site.settings.transcript_at_close = true).open().await;
    let shopper = Shopper::come(&desk).await;
    let first = json!({ "type": "send", "body": "hi", "intake": { "email": "victim@elsewhere.example" } });
    let ack = shopper.must(first).await;
    shopper.close(text(&ack, "conversation")).await;
    // Somebody who is vouched for gets theirs afterwards: the worker is awake.
    let proof = verified(&desk, "li@shop.example").await;
    let chat = proof.open("hi").await;
    proof.close(&chat).await;
    desk.letters_until(1).await;
    desk.outbox_empty().await;
    assert_eq!(desk.letters().iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), ["li@shop.example"]);
}

#[tokio::test]
async fn a_transcript_is_mailed_when_it_is_asked_for_and_once_however_often() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let (ana, chat) = talk(&desk, &shopper).await;
    ana.close(&chat).await;
    shopper.kind(&chat, "closed").await;
    let frame = json!({ "type": "transcript", "email": "me@home.example", "cid": cid() });
    let ack = shopper.must(frame.clone()).await;
    assert_eq!(ack["conversation"], chat.as_str());
    shopper.must(frame).await;
    shopper.must(json!({ "type": "transcript", "email": "ME@home.example" })).await;
    desk.letters_until(1).await;
    desk.outbox_empty().await;
    let letters = desk.letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "me@home.example");
    assert!(letters[0].text.contains("On its way & soon there.") && !letters[0].text.contains("angry"));
    for bad in
        ["", "nobody", "a@b.example,c@d.example", "a@b.example\nBcc: c@d.example", "A <a@b.example>", "a@[127.0.0.1]"]
    {
        shopper.refused(json!({ "type": "transcript", "email": bad }), "bad_request").await;
    }
    assert_eq!(desk.count("select count(*) from outbox").await, 1);
}

#[tokio::test]
async fn an_address_nobody_vouches_for_gets_few_letters() {
    let desk = Desk::open().await;
    for _ in 0..6 {
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open("spam").await;
        shopper.close(&chat).await;
        let answer = shopper.call(json!({ "type": "transcript", "email": "victim@elsewhere.example" })).await;
        assert!(answer["type"] == "ack" || answer["code"] == "rate_limited", "{answer}");
        desk.app.clock.advance(Duration::from_mins(1));
    }
    desk.letters_until(1).await;
    for _ in 0..6 {
        let waiting = desk.count("select count(*) from outbox where state = 'waiting'").await;
        desk.app.clock.advance(Duration::from_mins(11));
        eventually("the outbox is looked through", async || {
            desk.app.signals.mail.notify_one();
            let now = desk.count("select count(*) from outbox where state = 'waiting'").await;
            (now < waiting || now == 0).then_some(())
        })
        .await;
    }
    desk.outbox_empty().await;
    assert!(desk.letters().len() <= 3, "{} letters on a stranger's word", desk.letters().len());
}

fn by_ana(desk: &Desk, ana: &Staff, chat: uuid::Uuid) -> Act {
    Act {
        site: desk.site.id,
        conversation: deskbell::domain::id::ConversationId(chat),
        by: deskbell::domain::event::Author::Agent(ana.id),
        by_name: "Ana".into(),
        cid: Some(deskbell::domain::id::ClientId(deskbell::app::new_id())),
        generation: None,
        origin: None,
        oversees: false,
    }
}

#[tokio::test]
async fn a_ticket_is_confirmed_and_answered_by_letters_of_one_thread() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let form = json!({ "cid": cid(), "name": "Li Wei", "email": "li@home.example", "body": "<i>Buy pills</i> at evil.example" });
    let url = format!("{}/v1/shopper/tickets", desk.base);
    let made: Value =
        desk.http.post(url).bearer_auth(&shopper.token).json(&form).send().await.unwrap().json().await.unwrap();
    let number = made["number"].to_string();
    let opened = &desk.letters_until(1).await[0];
    assert_eq!(opened.to, "li@home.example");
    assert!(opened.subject.contains(&number));
    assert!(
        !opened.text.contains("pills") && !opened.html.contains("pills"),
        "a stranger's words to an unproven address"
    );
    let chat: uuid::Uuid =
        sqlx::query_scalar("select conversation_id from tickets").fetch_one(&desk.app.db.read).await.unwrap();
    let ana = desk.hire("Ana", crate::harness::Hire::default()).await;
    let act = by_ana(&desk, &ana, chat);
    conversations::reply_to_ticket(&desk.app, &act, "We do not sell pills.".into()).await.unwrap();
    conversations::reply_to_ticket(&desk.app, &act, "We do not sell pills.".into()).await.unwrap();
    desk.letters_until(2).await;
    desk.outbox_empty().await;
    let letters = desk.letters();
    assert_eq!(letters.len(), 2);
    let reply = letters.iter().find(|letter| letter.text.contains("We do not sell pills.")).unwrap();
    assert!(reply.subject.contains(&number), "{}", reply.subject);
}

#[tokio::test]
async fn what_went_on_by_mail_is_not_taken_back_but_a_note_is() {
    let desk = Desk::open().await;
    let shopper = verified(&desk, "li@shop.example").await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let chat = shopper.open("It will take a while").await;
    ana.given(&chat).await;
    let said = ana.say(&chat, "We write to you").await;
    let note = ana.note(&chat, "call the courier").await;
    let act = || by_ana(&desk, &ana.staff, chat.parse().unwrap());
    conversations::make_ticket(&desk.app, &act(), "li@shop.example", "Li Wei").await.unwrap();
    conversations::reply_to_ticket(&desk.app, &act(), "It is on its way".into()).await.unwrap();
    let sql = "select id from events where body = 'It is on its way'";
    let reply: uuid::Uuid = sqlx::query_scalar(sql).fetch_one(&desk.app.db.read).await.unwrap();
    let recall = |event: &Value| json!({ "type": "recall", "event": event, "conversation": chat });
    let nack = ana.refused(recall(&json!(reply)), "too_late").await;
    assert_eq!(nack["terminal"], true);
    for event in [&said["id"], &note["id"]] {
        ana.must(recall(event)).await;
    }
    let kept = desk.stored(&chat).await;
    assert!(kept.iter().any(|row| row.body.as_deref() == Some("It is on its way")));
    assert!(kept.iter().all(|row| row.body.as_deref() != Some("call the courier")));
}

#[tokio::test]
async fn a_relay_is_given_one_recipient_a_letter_and_the_text_unharmed() {
    let relay = Relay::open(None).await;
    let desk = Setup::default().smtp(relay.address).site(|site| site.settings.transcript_at_close = true).open().await;
    let shopper = verified(&desk, "li@shop.example").await;
    let chat = shopper.open(".\n..\r\n.\r\nQUIT\r\nRCPT TO:<victim@evil.example>\nFrom here on").await;
    shopper.close(&chat).await;
    let posted = relay.until(1).await;
    desk.outbox_empty().await;
    assert_eq!(relay.posted().len(), 1);
    assert_eq!(posted[0].recipients, ["RCPT TO:<li@shop.example>"]);
    let letter = read(&posted[0].content);
    assert_eq!(letter.to, "li@shop.example");
    assert!(
        letter.text.contains("From here on") && letter.text.contains("RCPT TO:<victim@evil.example>"),
        "{}",
        letter.text
    );
    let raw = String::from_utf8_lossy(&posted[0].content);
    assert!(!raw.replace("\r\n", "").contains(['\r', '\n']), "only CR LF ends a line");
}

#[tokio::test]
async fn a_letter_refused_for_good_is_laid_aside_and_can_be_tried_again() {
    let relay = Relay::open(Some("550 no such mailbox")).await;
    let desk = Setup::default().smtp(relay.address).site(|site| site.settings.transcript_at_close = true).open().await;
    let shopper = verified(&desk, "gone@shop.example").await;
    let chat = shopper.open("hello").await;
    shopper.close(&chat).await;
    let dead =
        eventually("a dead letter", async || deskbell::store::outbox::dead(&desk.app.db.read).await.unwrap().pop())
            .await;
    assert_eq!((dead.recipient.as_str(), dead.attempts), ("gone@shop.example", 1));
    assert!(dead.last_error.unwrap().contains("no such mailbox"));
    assert!(deskbell::store::outbox::revive(&desk.app.db.read, dead.id, desk.app.clock.now()).await.unwrap());
    desk.app.signals.mail.notify_one();
    eventually("it is tried again", async || {
        let again = deskbell::store::outbox::dead(&desk.app.db.read).await.unwrap().pop()?;
        (again.attempts == 1).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_letter_refused_for_now_is_tried_again_later() {
    let relay = Relay::open(Some("451 try again later")).await;
    let desk = Setup::default().smtp(relay.address).site(|site| site.settings.transcript_at_close = true).open().await;
    let shopper = verified(&desk, "busy@shop.example").await;
    let chat = shopper.open("hello").await;
    shopper.close(&chat).await;
    let attempts = async |wanted: i32| {
        eventually(&format!("attempt {wanted}"), async || {
            desk.app.signals.mail.notify_one();
            let (attempts, waits): (i32, bool) =
                sqlx::query_as("select attempts, state = 'waiting' and claimed_until is null from outbox")
                    .fetch_one(&desk.app.db.read)
                    .await
                    .unwrap();
            (attempts == wanted && waits).then_some(())
        })
        .await;
    };
    attempts(1).await;
    desk.app.clock.advance(Duration::from_secs(31));
    attempts(2).await;
    assert_eq!(relay.posted().len(), 0);
    relay.becomes(Mood::Takes);
    desk.app.clock.advance(Duration::from_secs(61));
    desk.app.signals.mail.notify_one();
    assert_eq!(relay.until(1).await[0].recipients, ["RCPT TO:<busy@shop.example>"]);
}

#[tokio::test]
async fn strangers_cannot_be_mailed_through_the_shop() {
    let desk = Desk::open().await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("BUY PILLS").await;
    let ask = |to: String| json!({ "type": "transcript", "email": to, "conversation": chat });
    for n in 0..2 {
        shopper.must(ask(format!("victim{n}@victim.example"))).await;
    }
    shopper.must(ask("VICTIM1@victim.example".into())).await;
    for n in 2..5 {
        shopper.refused(ask(format!("victim{n}@victim.example")), "bad_request").await;
    }
    let addresses = "select count(distinct lower(recipient)) from outbox";
    assert_eq!(desk.count(addresses).await, 2);
    // Nor by coming as somebody else each time: what one place in the network may cause is bounded.
    let mut asked = 0;
    for n in 0..12 {
        let other = Shopper::come(&desk).await;
        let chat = other.open("BUY MORE").await;
        let frame = json!({ "type": "transcript", "email": format!("more{n}@victim.example"), "conversation": chat });
        asked += usize::from(other.call(frame).await["type"] == "ack");
    }
    assert!(asked <= 6, "{asked}");
}
