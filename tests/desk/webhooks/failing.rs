//! Receivers that are away, slow or unwilling, nodes that die, and networks that may not be reached.

use super::ear::{Ear, Heard, Mood};
use super::{Scene, add};
use crate::harness::process::Process;
use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Setup, Shopper, eventually};
use deskbell::app;
use deskbell::config::Roles;
use std::collections::BTreeSet;
use std::time::Duration;

const ALL_SENT: &str = "select case when bool_and(state = 'sent') then count(*) else 0 end from webhook_deliveries";
const MINUTE: Duration = Duration::from_mins(1);
const WITHOUT_MAIL: Roles = Roles { web: true, queue: true, mail: false };

fn ids(heard: &[Heard]) -> BTreeSet<String> {
    heard.iter().map(Heard::id).collect()
}

/// Half an hour of each trouble; the other webhook of the shop, on the same machine, hears everything meanwhile.
#[tokio::test]
async fn after_an_outage_everything_arrives_under_the_ids_it_was_tried_with_and_others_were_not_held_up() {
    for mood in [Mood::Says(500), Mood::Hangs, Mood::Slow(500)] {
        let scene = Scene::open().await;
        let well = Ear::open().await;
        add(&scene.boss().await, &well.origin).await;
        scene.ear.is(mood);
        let (_, shopper, _) = scene.talk().await;
        scene.ear.until_heard(1).await;
        let mut worst = Duration::ZERO;
        for n in 0..12 {
            let before = well.heard().len();
            let began = app::instant();
            shopper.say(&format!("message {n}")).await;
            well.until_taken(before + 1).await;
            worst = worst.max(began.elapsed());
        }
        println!("F24 {mood:?}: the other webhook heard within {} ms", worst.as_millis());
        assert!(worst < Duration::from_secs(5), "{mood:?}: {worst:?}");
        // Four more chats, so that it fails often enough to be left alone.
        for n in 0..4 {
            Shopper::come(&scene.desk).await.open(&format!("chat {n}")).await;
        }
        scene
            .in_time(
                "it is left alone",
                Duration::from_secs(5),
                "select count(*) from webhooks where failures >= 5 and next_at is not null",
            )
            .await;
        let shown = scene.page().await;
        assert!(shown.contains("fails") && shown.contains("tried again at"), "{shown}");
        for _ in 0..30 {
            scene.desk.app.clock.advance(MINUTE);
        }
        let tried = ids(&scene.ear.heard());
        assert!(scene.ear.taken().is_empty() && !tried.is_empty());
        scene.ear.is(Mood::Says(200));
        scene.in_time("everything arrives", MINUTE, ALL_SENT).await;
        let told = usize::try_from(scene.desk.count("select count(*) from events where shopper_seq is not null").await)
            .unwrap();
        let taken = ids(&scene.ear.taken());
        assert_eq!(taken.len(), told, "{mood:?}");
        assert!(tried.is_subset(&taken));
        assert_eq!(taken, ids(&well.taken()));
        assert_eq!(scene.desk.count("select count(*) from webhooks where failures > 0").await, 0);
        assert!(scene.page().await.contains("works"));
    }
}

/// The status is the answer; ten megabytes after it are not waited for.
#[tokio::test]
async fn a_long_answer_is_not_read() {
    let scene = Scene::open().await;
    scene.ear.is(Mood::Slow(200));
    let (_, shopper, _) = scene.talk().await;
    for n in 0..10 {
        shopper.say(&format!("message {n}")).await;
    }
    let began = app::instant();
    scene.ear.until_taken(13).await;
    scene.until_nothing_waits().await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(scene.ear.heard().len(), 13, "each once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_node_was_sending_another_sends_again_under_the_same_id() {
    let redis = Redis::start().await;
    let scene = Scene::at(Setup::default().nodes(3, &redis.url(), WITHOUT_MAIL).open().await).await;
    scene.ear.is(Mood::Hangs);
    let variables = [("ROLES", "mail"), ("OUTBOUND_ALLOW", "127.0.0.1/32")];
    let mut node = Process::start_with(&scene.desk, Some(&redis.url()), &variables).await;
    let shopper = Shopper::come(&scene.desk).await;
    shopper.open("hello").await;
    let first = scene.ear.until_heard(1).await[0].id();
    node.kill().await;
    scene.ear.is(Mood::Says(200));
    assert_eq!(
        scene.desk.count("select count(*) from webhooks where claimed_until > now()").await,
        1,
        "it died with it"
    );
    let another = scene.desk.node(ALL_ROLES).await;
    another.app.clock.advance(MINUTE + Duration::from_secs(1));
    scene.until_nothing_waits().await;
    let taken = scene.ear.taken();
    assert_eq!((taken.len(), taken[0].id()), (2, first), "opened, and the message");
}

#[tokio::test]
async fn two_nodes_send_nothing_twice() {
    let redis = Redis::start().await;
    let scene = Scene::at(Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await).await;
    let another = scene.desk.node(ALL_ROLES).await;
    another.is_whole().await;
    for n in 0..8 {
        let shopper = Shopper::come(if n % 2 == 0 { &scene.desk } else { &another }).await;
        for m in 0..5 {
            shopper.say(&format!("{n} {m}")).await;
        }
    }
    scene.until_nothing_waits().await;
    let heard = scene.ear.heard();
    assert_eq!((heard.len(), ids(&heard).len()), (48, 48));
}

#[tokio::test]
async fn what_is_not_taken_for_a_day_is_given_up_and_shown_and_goes_again_when_an_owner_wants() {
    let scene = Scene::open().await;
    scene.ear.is(Mood::Says(503));
    let (_, shopper, _) = scene.talk().await;
    shopper.say("anybody?").await;
    scene.ear.until_heard(1).await;
    let hours = Duration::from_hours(1);
    for _ in 0..25 {
        scene.desk.app.clock.advance(hours);
    }
    scene
        .in_time(
            "all are given up",
            Duration::from_mins(15),
            "select case when bool_and(state = 'dead') then count(*) else 0 end from webhook_deliveries",
        )
        .await;
    let dead = scene.desk.count("select count(*) from webhook_deliveries").await;
    assert!(dead >= 3);
    let page = scene.page().await;
    assert!(page.contains(&format!("{dead} given up")) && page.contains("status 503"), "{page}");
    assert!(scene.boss().await.get("/admin/webhooks").await.1.contains(&format!("{dead} given up")));
    scene.ear.is(Mood::Says(200));
    let his = scene.boss().await;
    let one = page.split("/deliveries/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let again = scene.hook.path(&format!("/deliveries/{one}/again"));
    assert_eq!(his.submit(&again, &[]).await.0, 303);
    scene.in_time("one arrives", MINUTE, "select count(*) from webhook_deliveries where state = 'sent'").await;
    assert_eq!(his.submit(&again, &[]).await.0, 409, "it arrived");
    assert_eq!(his.submit(&scene.hook.path("/again"), &[]).await.0, 303);
    scene.in_time("all arrive", MINUTE, ALL_SENT).await;
    let told = scene.desk.count("select count(*) from webhook_deliveries").await;
    assert_eq!(ids(&scene.ear.taken()).len() as i64, told);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_switched_off_and_says_so_until_somebody_switches_it_on() {
    let scene = Scene::open().await;
    scene.ear.is(Mood::Says(410));
    let shopper = Shopper::come(&scene.desk).await;
    shopper.open("hello").await;
    eventually("it is switched off", async || {
        (scene.desk.count("select count(*) from webhooks where off_by = 'gone'").await == 1).then_some(())
    })
    .await;
    let page = scene.page().await;
    assert!(page.contains("not wanted any more") && page.contains("(410)"), "{page}");
    let heard = scene.ear.heard().len();
    shopper.say("nobody hears this").await;
    assert_eq!(
        scene.desk.count("select count(*) from webhook_deliveries").await,
        2,
        "what happens meanwhile is not told later"
    );
    assert_eq!(scene.desk.count("select count(*) from audit where what = 'webhook' and did = 'changed'").await, 0);
    scene.ear.is(Mood::Says(200));
    assert_eq!(scene.boss().await.submit(&scene.hook.path("/on"), &[]).await.0, 303);
    scene.until_nothing_waits().await;
    assert_eq!(scene.ear.taken().len(), 2);
    assert!(scene.ear.heard().len() >= heard + 2);
    shopper.say("somebody hears this").await;
    scene.ear.until_taken(3).await;
}

#[tokio::test]
async fn a_receiver_that_asks_to_be_left_alone_is() {
    let scene = Scene::open().await;
    scene.ear.is(Mood::Later(429, "1800"));
    Shopper::come(&scene.desk).await.open("hello").await;
    eventually("it is left alone", async || {
        (scene.desk.count("select count(*) from webhooks where next_at is not null").await == 1).then_some(())
    })
    .await;
    let heard = scene.ear.heard().len();
    scene.ear.is(Mood::Says(200));
    scene.desk.app.clock.advance(Duration::from_secs(1_700));
    Shopper::come(&scene.desk).await.open("another").await;
    // The worker looks four times a second: it has looked by the time another webhook was told.
    let other = Ear::open().await;
    add(&scene.boss().await, &other.origin).await;
    Shopper::come(&scene.desk).await.open("third").await;
    other.until_taken(2).await;
    assert_eq!(scene.ear.heard().len(), heard);
    scene.desk.app.clock.advance(Duration::from_secs(110));
    scene.until_nothing_waits().await;
    assert_eq!(ids(&scene.ear.taken()).len(), 6);
}

#[tokio::test]
async fn an_event_that_a_receiver_cannot_digest_holds_up_its_own_conversation_only() {
    let scene = Scene::open().await;
    scene.ear.is(Mood::Chokes("indigestible"));
    let (_, shopper, _) = scene.talk().await;
    shopper.say("indigestible").await;
    shopper.say("after it").await;
    let other = Shopper::come(&scene.desk).await;
    other.open("hello").await;
    for n in 0..5 {
        other.say(&format!("message {n}")).await;
    }
    eventually("all others arrive", async || {
        let waiting = scene.desk.count("select count(*) from webhook_deliveries where state = 'waiting'").await;
        (waiting == 2).then_some(())
    })
    .await;
    let is_taken = || scene.ear.taken().iter().any(|heard| String::from_utf8_lossy(&heard.body).contains("after it"));
    assert!(!is_taken(), "it waits behind what came before it");
    let given_up = "select count(*) from webhook_deliveries where state = 'dead'";
    scene.in_time("it is given up", Duration::from_mins(15), given_up).await;
    let over = "select case when bool_and(state <> 'waiting') then count(*) else 0 end from webhook_deliveries";
    scene.in_time("what followed arrives", MINUTE, over).await;
    assert!(is_taken());
    assert_eq!(scene.desk.count(given_up).await, 1);
}

#[tokio::test]
async fn a_network_that_is_not_allowed_any_more_is_not_reached() {
    let redis = Redis::start().await;
    let scene = Scene::at(Setup::default().nodes(2, &redis.url(), WITHOUT_MAIL).open().await).await;
    let shopper = Shopper::come(&scene.desk).await;
    shopper.open("hello").await;
    // A node that is not allowed to go where this one was when the address was kept.
    let _node = Process::start_with(&scene.desk, Some(&redis.url()), &[("ROLES", "mail")]).await;
    eventually("it is tried", async || {
        (scene.desk.count("select count(*) from webhooks where answer = 'private' and failures > 0").await == 1)
            .then_some(())
    })
    .await;
    assert!(scene.ear.heard().is_empty());
    let page = scene.page().await;
    assert!(page.contains("OUTBOUND_ALLOW"), "{page}");
}

#[tokio::test]
async fn another_secret_key_is_told_and_what_waits_goes_with_a_new_secret() {
    let scene = Scene::open().await;
    sqlx::query("update webhooks set sealed = sha256(sealed)").execute(&scene.desk.app.db.read).await.unwrap();
    Shopper::come(&scene.desk).await.open("hello").await;
    scene.in_time("it is tried", Duration::ZERO, "select count(*) from webhooks where answer = 'sealed'").await;
    let page = scene.page().await;
    assert!(page.contains("no secret") && page.contains("Make a new secret"), "{page}");
    assert!(scene.ear.heard().is_empty(), "nothing goes out unsigned");
    let (status, page) = scene.boss().await.submit(&scene.hook.path("/secret"), &[("edition", "1")]).await;
    assert_eq!(status, 200);
    let secret = super::secret_in(&page).unwrap();
    scene.in_time("it arrives", MINUTE, ALL_SENT).await;
    assert!(scene.ear.taken().iter().all(|heard| heard.signed_by(&secret) == 1));
}
