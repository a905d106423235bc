//! What supervisors may do in the chats of others: watch, whisper, join, take over, give away. And that nobody else may.

use crate::console::Browser;
use crate::harness::{Agent, Desk, Hire, Setup, Shopper, cid, text};
use deskbell::domain::id::TeamId;
use deskbell::domain::people::Role;
use serde_json::{Value, json};

async fn at_work(desk: &Desk) -> (TeamId, Agent, Shopper, String) {
    let team = desk.team("Orders").await;
    let ana = desk.agent("Ana", team, 5).await;
    let shopper = Shopper::come(desk).await;
    let chat = shopper.open("hello").await;
    ana.given(&chat).await;
    (team, ana, shopper, chat)
}

async fn supervisor(desk: &Desk, team: TeamId, capacity: i16) -> Agent {
    let hire = Hire { role: Role::Supervisor, capacity, teams: vec![team] };
    desk.sign_in(&desk.hire("Sam", hire).await).await
}

fn say(chat: &str, body: &str) -> Value {
    json!({ "type": "send", "conversation": chat, "body": body, "files": [] })
}

#[tokio::test]
async fn a_supervisor_joins_a_chat_under_their_own_name_and_whispers_unheard() {
    let desk = Desk::open().await;
    let (team, ana, shopper, chat) = at_work(&desk).await;
    let sam = supervisor(&desk, team, 1).await;
    sam.watch(&chat).await;
    sam.note(&chat, "offer her the refund").await;
    ana.event(&chat, "the whisper", |e| e["kind"] == "note" && e["by"]["name"] == "Sam").await;
    sam.must(say(&chat, "Sam here, may I?")).await;
    let heard = shopper.message(&chat, "Sam here, may I?").await;
    assert_eq!((&heard["by"]["name"], &heard["by"]["id"]), (&json!("Sam"), &json!(null)));
    ana.message(&chat, "Sam here, may I?").await;
    // It is Ana's still.
    ana.say(&chat, "thank you Sam").await;
    shopper.message(&chat, "thank you Sam").await;
    let kinds: Vec<_> = shopper.log(&chat).iter().map(|e| text(e, "kind").to_owned()).collect();
    assert!(!kinds.iter().any(|kind| kind == "note" || kind == "transferred"), "{kinds:?}");
    assert!(!shopper.heard(|f| f.to_string().contains("refund")).iter().any(|_| true));
    sam.refused(json!({ "type": "close", "conversation": chat }), "not_assignee").await;
    let mut late = say(&chat, "meant for another assignment");
    late["gen"] = json!(0);
    sam.refused(late, "not_assignee").await;
    shopper.assert_sound();
    sam.assert_sound();
}

#[tokio::test]
async fn who_only_watches_has_not_read_it_for_the_one_whose_chat_it_is() {
    let desk = Desk::open().await;
    let (team, ana, shopper, chat) = at_work(&desk).await;
    let sam = supervisor(&desk, team, 1).await;
    let boss = Browser::sign_in(&desk, &sam.staff).await;
    let hers = Browser::sign_in(&desk, &ana.staff).await;
    let path = format!("/console/c/{chat}");
    let (_, page) = boss.get(&format!("{path}?view=all&write=note")).await;
    assert!(page.contains("value=\"note\" checked") && !page.contains("data-read"), "{page}");
    assert!(hers.get(&path).await.1.contains("data-read"));
    boss.post(&format!("{path}/note"), &[("body", "psst")]).await;
    ana.event(&chat, "the whisper", |e| e["body"] == "psst").await;
    let read = async || desk.count("select staff_read from conversations").await;
    assert_eq!(read().await, 0);
    boss.post(&format!("{path}/reply"), &[("body", "hello from Sam")]).await;
    shopper.message(&chat, "hello from Sam").await;
    crate::harness::eventually("an answer is one", async || (read().await > 0).then_some(())).await;
}

#[tokio::test]
async fn a_supervisor_takes_a_chat_over_and_the_log_says_from_whom() {
    let desk = Desk::open().await;
    let (team, ana, shopper, chat) = at_work(&desk).await;
    let sam = supervisor(&desk, team, 1).await;
    let step = json!({ "type": "claim", "conversation": chat, "cid": cid() });
    let first = sam.must(step.clone()).await;
    assert_eq!(sam.given(&chat).await, 2);
    ana.wait("unassigned", |f| f["type"] == "unassigned" && f["conversation"] == chat).await;
    let told = sam.kind(&chat, "transferred").await;
    assert_eq!((&told["from"]["agent"], &told["to"]["agent"]), (&json!("Ana"), &json!("Sam")));
    shopper.event(&chat, "Sam", |e| e["kind"] == "assigned" && e["agent"]["name"] == "Sam").await;
    let again = sam.call(step).await;
    assert_eq!((&again["type"], &again["dup"], &again["id"]), (&json!("ack"), &json!(true), &first["id"]));
    ana.refused(say(&chat, "I was about to"), "not_assignee").await;
    sam.say(&chat, "Sam goes on").await;
    shopper.message(&chat, "Sam goes on").await;
    let kinds: Vec<_> = desk.stored(&chat).await.into_iter().map(|row| row.kind).collect();
    assert_eq!(kinds, ["opened", "message", "assigned", "transferred", "assigned", "message"]);
    let kept = desk.count("select count(*) from decisions where kind = 'taken' and gen = 2");
    assert_eq!(kept.await, 1);
    shopper.assert_sound();
}

#[tokio::test]
async fn taking_over_goes_beyond_the_capacity_as_far_as_the_site_allows() {
    let desk = Setup::default().site(|site| site.settings.routing.over_max = 1).open().await;
    let (team, ana, _shopper, chat) = at_work(&desk).await;
    let sam = supervisor(&desk, team, 0).await;
    sam.must(json!({ "type": "claim", "conversation": chat })).await;
    sam.given(&chat).await;
    let other = Shopper::come(&desk).await;
    let second = other.open("me too").await;
    ana.given(&second).await;
    let nack = sam.refused(json!({ "type": "claim", "conversation": second }), "bad_request").await;
    assert!(text(&nack, "message").contains("places are taken"), "{nack}");
    ana.say(&second, "it stays mine").await;
}

#[tokio::test]
async fn a_supervisor_gives_a_chat_of_others_and_one_that_waits_to_somebody() {
    let desk = Desk::open().await;
    let (team, ana, shopper, chat) = at_work(&desk).await;
    let sam = supervisor(&desk, team, 1).await;
    let ben = desk.agent("Ben", team, 2).await;
    let to = |chat: &str, agent: &Agent| json!({ "type": "transfer", "conversation": chat, "to": { "agent": agent.staff.id }, "note": "you know lamps" });
    sam.must(to(&chat, &ben)).await;
    assert_eq!(ben.given(&chat).await, 2);
    ana.wait("unassigned", |f| f["type"] == "unassigned" && f["conversation"] == chat).await;
    ben.event(&chat, "the note", |e| e["kind"] == "note" && e["by"]["name"] == "Sam").await;
    assert_eq!(shopper.kind(&chat, "transferred").await["to"], json!({ "agent": "Ben" }));
    // Nobody of the team is there: the queue would let it wait.
    let returns = desk.team("Returns").await;
    let waits = Shopper::come(&desk).await;
    let ack = waits.must(json!({ "type": "send", "body": "anybody?", "team": returns })).await;
    let second = text(&ack, "conversation").to_owned();
    waits.wait("in line", |f| f["type"] == "queue").await;
    ben.available(false).await;
    sam.refused(to(&second, &ben), "bad_request").await;
    ben.available(true).await;
    sam.must(to(&second, &ben)).await;
    ben.given(&second).await;
}

#[tokio::test]
async fn an_agent_may_do_none_of_it_nor_a_supervisor_of_another_shop() {
    let desk = Desk::open().await;
    let (team, ana, shopper, chat) = at_work(&desk).await;
    let ben = desk.agent("Ben", team, 5).await;
    ben.watch(&chat).await;
    let give = json!({ "type": "transfer", "conversation": chat, "to": { "agent": ben.staff.id } });
    let claim = json!({ "type": "claim", "conversation": chat });
    for frame in [say(&chat, "let me"), claim.clone(), give.clone()] {
        ben.refused(frame, "not_assignee").await;
    }
    let other = desk.second_site().await;
    let elsewhere = desk.team_of(&other, "Orders").await;
    let hire = Hire { role: Role::Supervisor, capacity: 5, teams: vec![elsewhere] };
    let stranger = desk.sign_in(&desk.hire_at(&other, "Eve", hire).await).await;
    for frame in [say(&chat, "let me"), claim.clone(), give.clone()] {
        stranger.refused(frame, "forbidden").await;
    }
    // Nor one who was a supervisor when they came.
    let sam = supervisor(&desk, team, 5).await;
    sqlx::query("update agents set role = 'agent' where id = $1")
        .bind(sam.staff.id)
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    desk.app.hub.tell(deskbell::realtime::hub::Topic::Agent(sam.staff.id), &deskbell::realtime::event::Item::Rights);
    sam.probe().await;
    crate::harness::eventually("the role is the new one", async || {
        let answer = sam.call(say(&chat, "still the boss?")).await;
        (answer["code"] == "not_assignee").then_some(())
    })
    .await;
    ana.say(&chat, "only me").await;
    shopper.message(&chat, "only me").await;
    let admin = desk.sign_in(&desk.hire("Ada", Hire { role: Role::Admin, capacity: 1, teams: vec![] }).await).await;
    admin.must(say(&chat, "an admin may, of no team at all")).await;
    admin.must(claim).await;
    admin.given(&chat).await;
}
