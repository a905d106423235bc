//! The letter for whoever left before they were answered: what they did not read, once, and a link to go on.

use crate::harness::post::Letter;
use crate::harness::receiver::Service;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, SHOP, Setup, Shopper, cid, eventually, number, text};
use crate::identity::{begin_as, statement};
use crate::place::{back, leaves, tap};
use crate::push::agreed;
use deskbell::reminders;
use serde_json::{Value, json};
use std::time::Duration;

/// Longer than a letter waits.
const LONG: Duration = Duration::from_secs(200);

/// The first message of somebody who says who they are.
async fn opens(shopper: &Shopper, body: &str, email: &str) -> String {
    let frame = json!({ "type": "send", "cid": cid(), "body": body, "files": [], "intake": { "email": email } });
    let ack = shopper.must(frame).await;
    text(&ack, "conversation").to_owned()
}

struct Scene {
    desk: Desk,
    ana: Agent,
    chat: String,
    token: String,
}

async fn away_from(desk: Desk, email: &str) -> Scene {
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = opens(&shopper, "<b>Buy pills at evil.example</b>", email).await;
    ana.given(&chat).await;
    let token = shopper.token.clone();
    leaves(&desk, shopper, &chat).await;
    Scene { desk, ana, chat, token }
}

async fn away() -> Scene {
    // No line ends in a ticket while the clock is moved.
    let desk = Setup::default().site(|site| site.settings.routing.ticket_after_s = 0).open().await;
    away_from(desk, "li@home.example").await
}

impl Scene {
    async fn later(&self) {
        self.desk.app.clock.advance(LONG);
        reminders::look(&self.desk.app).await.unwrap();
    }

    async fn letters(&self) -> Vec<Letter> {
        self.desk.outbox_empty().await;
        self.desk.letters()
    }

    async fn reads(&self) {
        let shopper = back(&self.desk, &self.token).await;
        let head = number(&shopper.session["conversation"], "head");
        shopper.send(&json!({ "type": "read", "conversation": self.chat, "upto": head }));
        shopper.probe().await;
        leaves(&self.desk, shopper, &self.chat).await;
    }

    /// Ana answers, once she has the chat: the clock that was moved may have taken it from her for a moment.
    async fn answers(&self, body: &str) {
        let send = json!({ "type": "send", "conversation": self.chat, "body": body, "files": [] });
        eventually("Ana has it", async || {
            let answer = self.ana.call(send.clone()).await;
            (answer["type"] == "ack").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn what_was_not_read_is_mailed_once_with_a_link_that_goes_on() {
    let scene = away().await;
    scene.ana.say(&scene.chat, "It is 42 cm tall.\nAnd <i>blue</i>.").await;
    scene.ana.say(&scene.chat, "Shall I keep one?").await;
    scene.ana.note(&scene.chat, "a difficult one").await;
    reminders::look(&scene.desk.app).await.unwrap();
    assert_eq!(scene.desk.count("select count(*) from outbox").await, 0, "they may be back at once");
    scene.later().await;
    scene.later().await;
    let letters = scene.letters().await;
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!(letter.to, "li@home.example");
    assert_eq!(letter.subject, "Somebody at Tea & Things has answered");
    for said in ["It is 42 cm tall.", "And <i>blue</i>.", "Shall I keep one?", "Ana"] {
        assert!(letter.text.contains(said), "{said}: {}", letter.text);
    }
    assert!(letter.html.contains("&#60;i&#62;blue") || letter.html.contains("&lt;i&gt;blue"), "{}", letter.html);
    for secret in ["pills", "difficult"] {
        assert!(!letter.text.contains(secret) && !letter.html.contains(secret), "{secret}");
    }
    let start = letter.text.find(&scene.desk.base).expect("a link");
    let link = letter.text[start..].split_whitespace().next().unwrap();
    let page = scene.desk.http.get(link).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Your conversation") && !page.contains("place in line"), "{page}");
    scene.desk.app.clock.advance(Duration::from_hours(6 * 24));
    let shopper = back(&scene.desk, &tap(&scene.desk, link).await).await;
    assert_eq!(shopper.session["conversation"]["id"], scene.chat);
    assert_eq!(shopper.session["shopper"]["email"], Value::Null, "a link tells no address");
    shopper.say("Yes please").await;
    drop(shopper);
    scene.desk.app.clock.advance(Duration::from_hours(2 * 24));
    assert_eq!(scene.desk.http.get(link).send().await.unwrap().status(), 404, "seven days");
}

#[tokio::test]
async fn who_reads_meanwhile_or_is_here_gets_no_letter_and_the_next_answer_does() {
    let scene = away().await;
    scene.ana.say(&scene.chat, "one").await;
    scene.reads().await;
    scene.later().await;
    assert_eq!(scene.letters().await.len(), 0);
    scene.answers("two").await;
    scene.later().await;
    let letters = scene.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].text.contains("two") && !letters[0].text.contains("one:"), "{}", letters[0].text);
}

#[tokio::test]
async fn a_letter_that_waits_is_withdrawn_once_it_is_read_and_leaves_out_what_was_taken_back() {
    let scene = away().await;
    let wrong = scene.ana.say(&scene.chat, "wrong window").await;
    scene.ana.say(&scene.chat, "right window").await;
    scene.ana.must(json!({ "type": "recall", "event": wrong["id"], "conversation": scene.chat })).await;
    scene.later().await;
    let letters = scene.letters().await;
    assert!(letters[0].text.contains("right window") && !letters[0].text.contains("wrong window"));
    // Ten minutes lie between letters to somebody nobody vouches for; meanwhile they read.
    scene.reads().await;
    scene.answers("one more").await;
    scene.later().await;
    assert_eq!(scene.desk.count("select count(*) from outbox where state = 'waiting'").await, 1);
    scene.reads().await;
    scene.desk.app.clock.advance(Duration::from_mins(11));
    let letters = scene.letters().await;
    assert!(letters.iter().all(|letter| !letter.text.contains("one more")), "it was read");
    assert_eq!(scene.desk.count("select count(*) from outbox where state = 'dead'").await, 0, "nobody needs to look");
}

#[tokio::test]
async fn who_was_notified_gets_no_letter_unless_the_notification_failed() {
    for (status, letters) in [(201, 0), (410, 1), (400, 1)] {
        let service = Service::open().await;
        service.answers(status);
        let scene = away().await;
        let _browser = agreed(&scene.desk, &service, &scene.token).await;
        scene.ana.say(&scene.chat, "42 cm").await;
        scene.later().await;
        service.until(1).await;
        scene.later().await;
        scene.later().await;
        assert_eq!(scene.letters().await.len(), letters, "{status}");
        assert_eq!(service.pushed().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn an_answer_at_the_very_end_is_mailed_too_and_leads_to_the_shop() {
    let scene = away().await;
    scene.ana.say(&scene.chat, "42 cm. Goodbye!").await;
    scene.ana.close(&scene.chat).await;
    scene.later().await;
    let letters = scene.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(
        letters[0].text.contains("The conversation has ended") && letters[0].text.contains(SHOP),
        "{}",
        letters[0].text
    );
    assert!(!letters[0].text.contains("/place/"));
}

#[tokio::test]
async fn a_shop_may_do_without_and_nobody_unknown_is_written_to() {
    let scene =
        away_from(Setup::default().site(|site| site.settings.notify.mail = false).open().await, "li@home.example")
            .await;
    scene.ana.say(&scene.chat, "42 cm").await;
    scene.later().await;
    assert_eq!(scene.letters().await.len(), 0);
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    leaves(&desk, shopper, &chat).await;
    ana.say(&chat, "42 cm").await;
    desk.app.clock.advance(LONG);
    reminders::look(&desk.app).await.unwrap();
    assert_eq!(desk.count("select count(*) from outbox").await, 0);
}

#[tokio::test]
async fn who_the_shop_vouches_for_is_written_to_in_their_language_and_who_gets_the_transcript_is_not() {
    let desk = Setup::default().site(|site| site.settings.transcript_at_close = true).open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let mut begin = begin_as(&desk, None, &statement(&desk, "42", "li@shop.example"));
    begin["locale"] = "de-AT".into();
    let shopper = Shopper::come_with(&desk, begin, json!([])).await;
    let chat = opens(&shopper, "hallo", "thief@evil.example").await;
    ana.given(&chat).await;
    leaves(&desk, shopper, &chat).await;
    ana.say(&chat, "42 cm").await;
    desk.app.clock.advance(LONG);
    reminders::look(&desk.app).await.unwrap();
    let letter = desk.letters_until(1).await.remove(0);
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        ("li@shop.example", "Tea & Things hat Ihnen geantwortet")
    );
    eventually("she closes it", async || {
        let answer = ana.call(json!({ "type": "close", "conversation": chat })).await;
        (answer["type"] == "ack").then_some(())
    })
    .await;
    desk.letters_until(2).await;
    desk.app.clock.advance(LONG);
    reminders::look(&desk.app).await.unwrap();
    desk.outbox_empty().await;
    assert_eq!(desk.letters().len(), 2, "the answer and the transcript");
}

#[tokio::test]
async fn strangers_addresses_are_bounded_as_for_transcripts() {
    let scene = away().await;
    let shopper = back(&scene.desk, &scene.token).await;
    for to in ["a@one.example", "b@two.example"] {
        shopper.must(json!({ "type": "transcript", "email": to })).await;
    }
    leaves(&scene.desk, shopper, &scene.chat).await;
    scene.ana.say(&scene.chat, "42 cm").await;
    scene.later().await;
    assert_eq!(scene.desk.count("select count(*) from outbox where kind = 'answers'").await, 0, "two others today");
}

#[tokio::test]
async fn two_nodes_write_one_letter() {
    let redis = Redis::start().await;
    let first = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let second = first.node(ALL_ROLES).await;
    let scene = away_from(first, "li@home.example").await;
    scene.ana.say(&scene.chat, "42 cm").await;
    eventually("both know that they left", async || {
        let id = deskbell::domain::id::ConversationId(scene.chat.parse().unwrap());
        let left = deskbell::presence::shoppers::of(&second.app, id).await;
        (left == deskbell::presence::shoppers::Presence::Left).then_some(())
    })
    .await;
    for desk in [&scene.desk, &second] {
        desk.app.clock.advance(LONG);
    }
    let looks = (0..6).map(|n| reminders::look(if n % 2 == 0 { &scene.desk.app } else { &second.app }));
    for looked in futures_util::future::join_all(looks).await {
        looked.unwrap();
    }
    scene.desk.letters_until(1).await;
    assert_eq!(scene.desk.count("select count(*) from outbox").await, 1);
}
