//! The letter that follows: one for all that waits, and none for what was seen.

use super::{becomes, chat, later, patient};
use crate::harness::{Shopper, eventually};
use deskbell::alerts;
use deskbell::domain::people::Status;
use deskbell::domain::prefs::Prefs;
use std::time::Duration;

const FIVE_MINUTES: Duration = Duration::from_secs(301);

#[tokio::test]
async fn one_letter_says_how_many_wait_and_leads_there() {
    let desk = patient().open().await;
    let (ana, shopper, first) = chat(&desk).await;
    desk.prefers(ana.staff.id, &Prefs::default()).await;
    let other = Shopper::come(&desk).await;
    let second = other.open("Subject: x\r\nBcc: thief@evil.example").await;
    ana.given(&second).await;
    later(&desk, Duration::from_mins(4)).await;
    assert_eq!(desk.letters().len(), 0);
    later(&desk, Duration::from_secs(61)).await;
    let letter = desk.letters_until(1).await.remove(0);
    assert_eq!(letter.to, ana.staff.email);
    assert_eq!(letter.subject.replace(['\u{2068}', '\u{2069}'], ""), "2 chats wait for you");
    for part in [
        "How tall is the lamp?",
        "Subject: x",
        &format!("{}/console/c/{first}", desk.base),
        &format!("/console/c/{second}"),
        "/console/me",
    ] {
        assert!(
            letter.text.contains(part) && letter.html.contains(part.split('?').next().unwrap()),
            "{part}: {}",
            letter.text
        );
    }
    // More comes, and nobody has looked: nothing is said again. Once they have, there may be another, ten minutes after.
    shopper.say("hello?").await;
    later(&desk, Duration::from_mins(20)).await;
    assert_eq!(desk.count("select count(*) from outbox").await, 1, "nobody has looked");
    super::reads(&ana, &first).await;
    super::reads(&ana, &second).await;
    shopper.say("one").await;
    later(&desk, FIVE_MINUTES).await;
    assert_eq!(desk.letters_until(2).await.len(), 2);
    super::reads(&ana, &first).await;
    shopper.say("two").await;
    later(&desk, FIVE_MINUTES).await;
    assert_eq!(desk.count("select count(*) from outbox").await, 2, "a letter went five minutes ago");
    later(&desk, FIVE_MINUTES).await;
    desk.letters_until(3).await;
}

#[tokio::test]
async fn a_letter_says_nothing_of_what_was_written_to_whoever_wants_that_and_none_goes_for_what_was_seen() {
    let desk = patient().open().await;
    let (ana, shopper, chat) = chat(&desk).await;
    desk.prefers(ana.staff.id, &Prefs { is_discreet: true, ..Prefs::default() }).await;
    becomes(&desk, &ana, Status::Away).await;
    later(&desk, FIVE_MINUTES).await;
    let letter = desk.letters_until(1).await.remove(0);
    assert_eq!(letter.subject, "A chat waits for you");
    for part in ["lamp", "Visitor"] {
        assert!(!letter.text.contains(part) && !letter.html.contains(part), "{}", letter.text);
    }
    super::reads(&ana, &chat).await;
    shopper.say("and now?").await;
    desk.app.clock.advance(Duration::from_mins(30));
    super::reads(&ana, &chat).await;
    alerts::look(&desk.app).await.unwrap();
    assert_eq!(desk.letters().len(), 1, "seen");
    desk.prefers(ana.staff.id, &Prefs { mail_after_min: 0, ..Prefs::default() }).await;
    shopper.say("and now?").await;
    later(&desk, Duration::from_hours(1)).await;
    assert_eq!(desk.letters().len(), 1, "switched off");
}

#[tokio::test]
async fn a_letter_that_waits_is_withdrawn_when_it_has_been_seen_meanwhile() {
    let relay = crate::harness::post::Relay::open(None).await;
    relay.becomes(crate::harness::post::Mood::Refuses("451 later"));
    let desk = patient().smtp(relay.address).open().await;
    let (ana, _shopper, chat) = chat(&desk).await;
    desk.prefers(ana.staff.id, &Prefs::default()).await;
    later(&desk, FIVE_MINUTES).await;
    eventually("it is tried", async || {
        (desk.count("select count(*) from outbox where attempts > 0 and last_error is not null").await == 1)
            .then_some(())
    })
    .await;
    super::reads(&ana, &chat).await;
    relay.becomes(crate::harness::post::Mood::Takes);
    desk.app.clock.advance(Duration::from_mins(2));
    desk.app.wake_mail();
    eventually("it is withdrawn", async || (desk.count("select count(*) from outbox").await == 0).then_some(())).await;
    assert!(relay.posted().is_empty());
}
