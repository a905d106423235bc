//! The line: who is given to whom, and what those who wait are told.

use crate::console::Browser;
use crate::harness::people::owner;
use crate::harness::{Agent, Desk, Hire, Setup, Shopper, cid, eventually, number, text};
use deskbell::domain::people::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

async fn opened_for(desk: &Desk, team: deskbell::domain::id::TeamId) -> (Shopper, String) {
    let shopper = Shopper::come(desk).await;
    let ack = shopper.must(json!({ "type": "send", "body": "hello", "team": team })).await;
    let chat = text(&ack, "conversation").to_owned();
    (shopper, chat)
}

/// The last position this shopper was told.
async fn told(shopper: &Shopper, position: i64) {
    shopper
        .until(&format!("position {position}"), |state| {
            let last = state.frames.iter().rev().find(|f| f["type"] == "queue")?;
            (last["position"] == position).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_chat_goes_to_the_least_loaded_and_then_to_whoever_had_none_longest() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agents = [desk.agent("Ana", team, 4).await, desk.agent("Ben", team, 2).await];
    let mut got = HashMap::new();
    for _ in 0..6 {
        let (_, chat) = opened_for(&desk, team).await;
        *got.entry(owner(&agents, &chat).await.staff.name.clone()).or_insert(0) += 1;
        desk.app.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(got, HashMap::from([("Ana".to_owned(), 4), ("Ben".to_owned(), 2)]), "relative to capacity, until full");
    let waiting = Shopper::come(&desk).await;
    let chat = waiting.open("and one too many").await;
    told(&waiting, 1).await;
    assert!(agents.iter().all(|agent| !agent.has(&chat)));
}

#[tokio::test]
async fn chats_take_turns_among_equals_and_a_shopper_comes_back_to_who_knew_them() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let agents = [desk.agent("Ana", team, 9).await, desk.agent("Ben", team, 9).await, desk.agent("Cem", team, 9).await];
    let mut first = Vec::new();
    for _ in 0..3 {
        let (shopper, chat) = opened_for(&desk, team).await;
        let name = owner(&agents, &chat).await.staff.name.clone();
        shopper.close(&chat).await;
        first.push((name, shopper));
        desk.app.clock.advance(Duration::from_secs(1));
    }
    let mut names: Vec<_> = first.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Ana", "Ben", "Cem"], "nobody gets a second one before everybody had one");
    for (name, shopper) in &first {
        // Others are idle longer, but this agent knows the matter.
        for _ in 0..2 {
            let chat = shopper.open("it is me again").await;
            assert_eq!(&owner(&agents, &chat).await.staff.name, name);
            shopper.close(&chat).await;
        }
    }
}

#[tokio::test]
async fn a_team_is_kept_to() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.agent("Ana", orders, 1).await;
    let (_first, first_chat) = opened_for(&desk, orders).await;
    ana.given(&first_chat).await;
    let (waiting, chat) = opened_for(&desk, returns).await;
    told(&waiting, 1).await;
    ana.close(&first_chat).await;
    let (_, second_chat) = opened_for(&desk, orders).await;
    ana.given(&second_chat).await;
    assert!(!ana.has(&chat), "the other team's chat is not Ana's, however long it waits");
    let ben = desk.agent("Ben", returns, 1).await;
    ben.given(&chat).await;
    waiting.kind(&chat, "assigned").await;
}

#[tokio::test]
async fn nobody_is_given_chats_who_is_not_available_or_not_here() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    ana.available(false).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("anybody?").await;
    told(&shopper, 1).await;
    assert!(!ana.has(&chat));
    ana.available(true).await;
    ana.given(&chat).await;
}

#[tokio::test]
async fn positions_are_pushed_when_they_change_and_told_again_to_whoever_comes_back() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    let first = Shopper::come(&desk).await;
    let served = first.open("first").await;
    ana.given(&served).await;
    let (second, third) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let second_chat = second.open("second").await;
    told(&second, 1).await;
    desk.app.clock.advance(Duration::from_secs(1));
    third.open("third").await;
    told(&third, 2).await;
    assert_eq!(third.heard(|f| f["type"] == "queue").last().unwrap()["wait"], Value::Null, "nobody can know yet");
    let tab = third.again(&desk, json!([])).await;
    told(&tab, 2).await;
    ana.close(&served).await;
    ana.given(&second_chat).await;
    told(&third, 1).await;
    told(&tab, 1).await;
    let told_before = third.heard(|f| f["type"] == "queue").len();
    // Whoever gives up leaves the line at once.
    second.close(&second_chat).await;
    third
        .until("assigned", |state| {
            state.frames.iter().any(|f| f["type"] == "event" && f["kind"] == "assigned").then_some(())
        })
        .await;
    assert!(third.heard(|f| f["type"] == "queue").len() <= told_before + 1, "not repeated without a change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_arrivals_never_take_four_agents_over_their_three_places() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let mut agents = Vec::new();
    for name in ["Ana", "Ben", "Cem", "Dia"] {
        agents.push(desk.agent(name, team, 3).await);
    }
    let shoppers = join_all((0..60).map(|_| Shopper::come(&desk))).await;
    let chats = join_all(shoppers.iter().map(|shopper| shopper.open("me first"))).await;
    let mut served = 0;
    while served < 60 {
        let active = eventually("a chat to close", async || {
            let over = desk
                .count(
                    "select count(*) from (select 1 from conversations where state = 'active' group by assignee_id having count(*) > 3) x",
                )
                .await;
            assert_eq!(over, 0, "an agent is over capacity");
            let all: Vec<(uuid::Uuid, uuid::Uuid)> =
                sqlx::query_as("select id, assignee_id from conversations where state = 'active'")
                    .fetch_all(&desk.app.db.read)
                    .await
                    .unwrap();
            assert!(all.len() <= 12);
            (!all.is_empty()).then_some(all)
        })
        .await;
        served += active.len();
        join_all(active.iter().map(|(chat, owner)| {
            let agent = agents.iter().find(|agent| agent.staff.id.0 == *owner).unwrap();
            agent.must(json!({ "type": "close", "conversation": chat }))
        }))
        .await;
    }
    assert_eq!(desk.count("select count(*) from conversations where state = 'closed'").await, 60);
    assert_eq!(desk.count("select count(*) from events where kind = 'assigned'").await, 60, "each was given once");
    for (shopper, chat) in shoppers.iter().zip(&chats) {
        shopper.kind(chat, "closed").await;
        shopper.assert_sound();
    }
    // First come, first served: nobody was given to an agent before somebody who was in line earlier and still waited.
    let overtaken = desk
        .count(
            "select count(*) from conversations a join conversations b
                on b.queued_at < a.queued_at and b.assigned_at > a.assigned_at + interval '1 second'",
        )
        .await;
    assert_eq!(overtaken, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twelve_who_take_one_chat_at_once_one_gets_it_and_the_others_are_told_who() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let mut people = Vec::new();
    for n in 0..12 {
        let staff = desk.hire(&format!("Agent {n}"), Hire::agent(team, 5)).await;
        people.push(desk.sign_in(&staff).await);
    }
    for round in 0..3 {
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open("who wants me?").await;
        let answers =
            join_all(people.iter().map(|agent| agent.call(json!({ "type": "claim", "conversation": chat })))).await;
        let winners: Vec<_> = people.iter().zip(&answers).filter(|(_, a)| a["type"] == "ack").collect();
        assert_eq!(winners.len(), 1, "round {round}: {answers:?}");
        let winner = winners[0].0;
        winner.given(&chat).await;
        for answer in answers.iter().filter(|answer| answer["type"] == "nack") {
            assert_eq!(answer["code"], "not_assignee", "{answer}");
        }
        // Whoever asks once it is settled is told the name.
        let late = people.iter().find(|agent| agent.staff.id != winner.staff.id).unwrap();
        let nack = late.refused(json!({ "type": "claim", "conversation": chat }), "not_assignee").await;
        assert!(text(&nack, "message").contains(&winner.staff.name), "{nack}");
        let assigned = desk.stored(&chat).await.iter().filter(|row| row.kind == "assigned").count();
        assert_eq!(assigned, 1);
        winner.say(&chat, "I do").await;
        shopper.message(&chat, "I do").await;
    }
}

#[tokio::test]
async fn a_chat_can_be_taken_by_hand_while_the_shopper_types_into_it() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let staff = desk.hire("Ana", Hire::agent(team, 5)).await;
    let ana = desk.sign_in(&staff).await;
    let shopper = Shopper::come(&desk).await;
    let chat = shopper.open("one").await;
    // Somebody's transaction has the row, as a message on its way to the log does.
    let mut writing = desk.app.db.send.begin().await.unwrap();
    let row: uuid::Uuid = chat.parse().unwrap();
    sqlx::query("select from conversations where id = $1 for update").bind(row).execute(&mut *writing).await.unwrap();
    let taken = ana.must(json!({ "type": "claim", "conversation": chat }));
    let written = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        writing.commit().await.unwrap();
    };
    tokio::join!(taken, written);
    assert_eq!(ana.given(&chat).await, 1);
}

#[tokio::test]
async fn a_chat_taken_by_hand_needs_a_free_place_but_no_availability() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let staff = desk.hire("Ana", Hire::agent(team, 1)).await;
    let ana = desk.sign_in(&staff).await;
    let (first, second) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let (one, two) = (first.open("one").await, second.open("two").await);
    let claim = json!({ "type": "claim", "conversation": one, "cid": cid() });
    let first = ana.must(claim.clone()).await;
    assert_eq!(ana.given(&one).await, 1);
    let again = ana.must(claim).await;
    assert_eq!((&again["dup"], &again["id"], &again["seq"]), (&json!(true), &first["id"], &first["seq"]));
    let nack = ana.refused(json!({ "type": "claim", "conversation": two }), "bad_request").await;
    assert!(text(&nack, "message").contains("place"), "{nack}");
    ana.close(&one).await;
    ana.refused(json!({ "type": "claim", "conversation": one }), "closed").await;
    ana.must(json!({ "type": "claim", "conversation": two })).await;
    ana.refused(json!({ "type": "claim", "conversation": cid() }), "forbidden").await;
    told_nothing_of(&ana, &one);
}

fn told_nothing_of(agent: &Agent, chat: &str) {
    let given = agent.heard(|f| f["type"] == "assigned" && f["conversation"] == chat).len();
    assert_eq!(given, 1);
}

#[tokio::test]
async fn every_decision_is_kept_with_its_candidates_and_reasons() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.agent("Ana", orders, 5).await;
    let _ben = desk.agent("Ben", returns, 5).await;
    let full = desk.agent("Cem", orders, 0).await;
    let (_, chat) = opened_for(&desk, orders).await;
    ana.given(&chat).await;
    let decisions =
        deskbell::store::queue::decisions(&desk.app.db.read, desk.site.id, chat.parse().unwrap()).await.unwrap();
    assert_eq!(decisions.len(), 1);
    assert_eq!((decisions[0].generation, decisions[0].chosen_name.as_deref()), (1, Some("Ana")));
    assert!(decisions[0].waited_ms >= 0 && decisions[0].waited_ms < 20_000);
    let reasons = |name: &str| -> Value {
        let all = decisions[0].candidates.0.as_array().unwrap().clone();
        all.into_iter().find(|c| c["name"] == name).unwrap()["reasons"][0].clone()
    };
    assert_eq!(reasons("Ana"), "least loaded, then longest without a new chat");
    assert_eq!(reasons("Ben"), "not in the team");
    assert_eq!(reasons(&full.staff.name), "no place free");
}

#[tokio::test]
async fn a_silent_chat_ends_and_the_shopper_is_told() {
    let desk = Setup::default()
        .site(|site| {
            site.settings.routing.idle_close_s = 600;
            site.settings.routing.grace_s = 100_000;
        })
        .open()
        .await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let (quiet, busy) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let (quiet_chat, busy_chat) = (quiet.open("hm").await, busy.open("hello").await);
    ana.given(&quiet_chat).await;
    ana.given(&busy_chat).await;
    desk.app.clock.advance(Duration::from_secs(400));
    busy.say("still looking").await;
    desk.app.clock.advance(Duration::from_secs(250));
    let closed = quiet.kind(&quiet_chat, "closed").await;
    assert_eq!((&closed["reason"], &closed["by"]["role"]), (&json!("idle"), &json!("system")));
    ana.wait("unassigned", |f| f["type"] == "unassigned" && f["conversation"] == quiet_chat).await;
    busy.say("found it").await;
    ana.message(&busy_chat, "found it").await;
}

#[tokio::test]
async fn whoever_waits_too_long_and_left_an_address_gets_a_ticket() {
    let desk = Setup::default().site(|site| site.settings.routing.ticket_after_s = 900).open().await;
    let known = Shopper::come(&desk).await;
    let ack = known
        .must(
            json!({ "type": "send", "body": "my parcel?", "intake": { "name": "Li Wei", "email": "li@shop.example" } }),
        )
        .await;
    let chat = text(&ack, "conversation").to_owned();
    let unknown = Shopper::come(&desk).await;
    unknown.open("no address").await;
    told(&unknown, 2).await;
    desk.app.clock.advance(Duration::from_secs(901));
    let ticketed = known.kind(&chat, "ticketed").await;
    assert!(number(&ticketed, "number") >= 1_001);
    told(&unknown, 1).await;
    let letters = desk.letters_until(1).await;
    assert_eq!(letters[0].to, "li@shop.example");
    assert!(letters[0].subject.contains(&number(&ticketed, "number").to_string()), "{}", letters[0].subject);
    known.refused(json!({ "type": "send", "body": "and?", "conversation": chat }), "closed").await;
}

#[tokio::test]
async fn an_arrival_is_given_out_at_once_and_not_at_the_next_tick() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let supervisor = Hire { role: Role::Supervisor, capacity: 50, teams: vec![team] };
    let staff = desk.hire("Grace", supervisor).await;
    let grace = desk.sign_in(&staff).await;
    grace.available(true).await;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open("quickly").await;
        grace.given(&chat).await;
        let waited: i64 = sqlx::query_scalar("select waited_ms from decisions where conversation_id = $1")
            .bind(chat.parse::<uuid::Uuid>().unwrap())
            .fetch_one(&desk.app.db.read)
            .await
            .unwrap();
        waits.push(waited);
    }
    waits.sort_unstable();
    assert!(waits[6] < 300, "half of the arrivals waited {} ms or more: {waits:?}", waits[6]);
}

#[tokio::test]
async fn an_agent_reads_why_a_chat_is_theirs_or_not_and_why_one_still_waits() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let ana = desk.agent("Ana", orders, 1).await;
    let ben = desk.hire("Ben", Hire { teams: vec![orders, returns], ..Hire::agent(orders, 1) }).await;
    let page = Browser::sign_in(&desk, &ben).await;
    let (_shopper, chat) = opened_for(&desk, orders).await;
    ana.given(&chat).await;
    let (_, html) = page.get(&format!("/console/c/{chat}")).await;
    assert!(html.contains("<bdi>Ana</bdi></b> was given it, after 0 s"), "{html}");
    assert!(html.contains("<bdi>Ana</bdi>, 0 of 1 chats: least loaded, then longest without a new chat"), "{html}");
    assert!(html.contains("You were not on duty then."), "{html}");
    let ben = desk.sign_in(&ben).await;
    ben.available(true).await;
    let (_second, other) = opened_for(&desk, orders).await;
    ben.given(&other).await;
    let (_, html) = page.get(&format!("/console/c/{other}")).await;
    assert!(html.contains("<li class=\"me\"><bdi>Ben</bdi> (you), 0 of 1 chats: least loaded"), "{html}");
    assert!(html.contains("<bdi>Ana</bdi>, 1 of 1 chats: no place free"), "{html}");
    let (third, waits) = opened_for(&desk, returns).await;
    told(&third, 1).await;
    let (_, html) = page.get(&format!("/console/c/{waits}")).await;
    assert!(html.contains("It waits, after 0 s"), "{html}");
    assert!(html.contains("<bdi>Ana</bdi>, 1 of 1 chats: not in the team"), "{html}");
    assert!(html.contains("<bdi>Ben</bdi> (you), 1 of 1 chats: no place free"), "{html}");
}

#[tokio::test]
async fn whoever_has_to_wait_is_told_where_they_are_and_how_long_within_a_second() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 1).await;
    for _ in 0..5 {
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open("hello").await;
        ana.given(&chat).await;
        desk.app.clock.advance(Duration::from_secs(3));
        ana.close(&chat).await;
    }
    let (served, waiting) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let chat = served.open("first").await;
    ana.given(&chat).await;
    let began = deskbell::app::instant();
    waiting.open("second").await;
    let told = waiting
        .until("an estimate", |state| {
            state.frames.iter().rev().find(|f| f["type"] == "queue" && f["wait"].is_object()).cloned()
        })
        .await;
    let took = began.elapsed();
    assert_eq!(told["position"], 1);
    assert!(number(&told["wait"], "low_s") <= number(&told["wait"], "high_s"), "{told}");
    assert!(number(&told["wait"], "high_s") <= 60, "chats took seconds: {told}");
    // The opening itself, and a busy machine, have the rest.
    assert!(took < Duration::from_secs(3), "it took {took:?}");
}

#[tokio::test]
async fn the_next_in_line_is_taken_by_one_press_and_of_two_who_press_each_gets_another() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let hire = || Hire { teams: vec![team], ..Hire::default() };
    let (ana, ben) = (desk.hire("Ana", hire()).await, desk.hire("Ben", hire()).await);
    let (hers, his) = (Browser::sign_in(&desk, &ana).await, Browser::sign_in(&desk, &ben).await);
    let (one, other) = (Shopper::come(&desk).await, Shopper::come(&desk).await);
    let chats = [one.open("I came first").await, other.open("I came second").await];
    let next = "/console/inbox/next?sort=newest";
    let (first, second) = tokio::join!(hers.post(next, &[]), his.post(next, &[]));
    let mut given = [first, second].map(|(status, answer)| {
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["to"].as_str().unwrap().replace("/console/c/", "").replace("?view=mine", "")
    });
    given.sort();
    assert_eq!(given, chats, "each has one of them");
    let (status, answer) = hers.post(next, &[]).await;
    assert!(status == 422 && answer.contains("Nobody waits any more."), "{status} {answer}");
    assert_eq!(hers.submit(next, &[]).await.0, 303, "without script the list says it");
    sqlx::query("update agents set capacity = 1").execute(&desk.app.db.read).await.unwrap();
    let third = Shopper::come(&desk).await;
    third.open("I came last").await;
    let (status, answer) = hers.post(next, &[]).await;
    assert!(status == 422 && answer.contains("All your places are taken"), "{status} {answer}");
}
