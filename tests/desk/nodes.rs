//! Several nodes over Redis: they work as one, and losing Redis costs a moment and never a message.

use crate::harness::redis::Redis;
use crate::harness::{ALL_ROLES, Agent, Desk, Hire, Setup, Shopper, Socket, eventually, number, text};
use deskbell::app;
use deskbell::config::Roles;
use deskbell::domain::id::TeamId;
use deskbell::presence::shoppers;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const WEB: Roles = Roles { web: true, queue: false, mail: false };
const BACK: Roles = Roles { web: false, queue: true, mail: true };
/// How late something may be that only the sweep can find.
pub(crate) const BY_SWEEP: Duration = Duration::from_millis(2_500);

/// Two nodes that know of each other, and a team.
async fn pair(redis: &Redis) -> (Desk, Desk, TeamId) {
    let here = Setup::default().nodes(2, &redis.url(), ALL_ROLES).open().await;
    let there = here.node(ALL_ROLES).await;
    here.is_whole().await;
    there.is_whole().await;
    let team = here.team("Orders").await;
    (here, there, team)
}

/// A shopper on one node in a chat with an agent on the other.
async fn talk(here: &Desk, there: &Desk, team: TeamId) -> (Shopper, Agent, String) {
    let agent = there.agent("Ana", team, 5).await;
    let shopper = Shopper::come(here).await;
    let chat = shopper.open("hello").await;
    agent.given(&chat).await;
    (shopper, agent, chat)
}

/// How long a message of the shopper takes to the agent.
pub(crate) async fn lateness(shopper: &Shopper, agent: &Socket, chat: &str, body: &str) -> Duration {
    shopper.say(body).await;
    let acknowledged = app::instant();
    agent.message(chat, body).await;
    app::instant() - acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shopper_agent_and_queue_on_three_nodes_work_as_one() {
    let redis = Redis::start().await;
    let first = Setup::default().nodes(3, &redis.url(), WEB).open().await;
    let (second, back) = (first.node(WEB).await, first.node(BACK).await);
    for node in [&first, &second, &back] {
        node.is_whole().await;
    }
    let team = first.team("Orders").await;
    let shopper = Shopper::come(&first).await;
    let chat = shopper.open("is anybody there?").await;
    let line = shopper.wait("a place in line", |f| f["type"] == "queue" && f["conversation"] == chat).await;
    assert_eq!(number(&line, "position"), 1);
    let agent = second.agent("Ana", team, 5).await;
    agent.given(&chat).await;
    shopper.event(&chat, "Ana comes", |e| e["kind"] == "assigned" && e["agent"]["name"] == "Ana").await;
    agent.send(&json!({ "type": "typing", "conversation": chat, "on": true }));
    shopper.wait("typing", |f| f["type"] == "typing" && f["on"] == true).await;
    let reply = agent.say(&chat, "yes, I am").await;
    shopper.message(&chat, "yes, I am").await;
    shopper.send(&json!({ "type": "read", "conversation": chat, "upto": number(&reply, "seq") }));
    agent.wait("the shopper read it", |f| f["type"] == "read" && f["by"]["role"] == "shopper").await;
    agent.note(&chat, "sounds nervous").await;
    // Another tab, on the other node.
    let tab = shopper.again(&second, json!([])).await;
    let said = tab.say("good").await;
    shopper.message(&chat, "good").await;
    agent.message(&chat, "good").await;
    tab.must(json!({ "type": "recall", "event": said["id"] })).await;
    agent.kind(&chat, "recalled").await;
    agent.close(&chat).await;
    for socket in [&shopper, &tab] {
        socket.kind(&chat, "closed").await;
        assert!(socket.log(&chat).iter().all(|e| e["kind"] != "note"));
    }
    shopper.assert_sound();
    agent.assert_sound();
    for node in [&first, &second, &back] {
        node.app.stopping.cancel();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_away_or_hangs_costs_a_moment_and_no_message() {
    let mut redis = Redis::start().await;
    let (here, there, team) = pair(&redis).await;
    let (shopper, agent, chat) = talk(&here, &there, team).await;
    lateness(&shopper, &agent, &chat, "all is well").await;
    redis.kill();
    let mut late = Vec::new();
    for n in 0..3 {
        late.push(lateness(&shopper, &agent, &chat, &format!("without Redis {n}")).await);
    }
    // Somebody new is served all the same.
    let other = Shopper::come(&here).await;
    let other_chat = other.open("me too").await;
    agent.given(&other_chat).await;
    redis.run().await;
    here.is_whole().await;
    there.is_whole().await;
    lateness(&shopper, &agent, &chat, "it is back").await;
    redis.pause();
    for n in 0..3 {
        late.push(lateness(&shopper, &agent, &chat, &format!("hung {n}")).await);
    }
    redis.go_on();
    here.is_whole().await;
    there.is_whole().await;
    lateness(&shopper, &agent, &chat, "it goes on").await;
    let worst = late.iter().max().unwrap();
    println!("P5 extra_delay_ms max={} of {} messages without Redis, 0 lost", worst.as_millis(), late.len());
    let bodies: Vec<_> =
        agent.log(&chat).iter().filter(|e| e["kind"] == "message").map(|e| e["body"].clone()).collect();
    assert_eq!(bodies.len(), 10, "{bodies:?}");
    shopper.assert_sound();
    agent.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_event_of_a_log_that_no_hint_told_is_found() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let (shopper, agent, chat) = talk(&desk, &desk, team).await;
    let began = app::instant();
    desk.close_untold(&chat).await;
    shopper.kind(&chat, "closed").await;
    agent.kind(&chat, "closed").await;
    println!("P5 tail_found_ms={}", (app::instant() - began).as_millis());
    agent.wait("it is no longer theirs", |f| f["type"] == "unassigned" && f["conversation"] == chat).await;
    // What is open is known again: the next message begins a new conversation.
    let next = shopper.open("one more thing").await;
    assert_ne!(next, chat);
    shopper.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_event_is_found_for_whoever_resumed_as_well() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let (shopper, agent, chat) = talk(&desk, &desk, team).await;
    let back = shopper.again(&desk, crate::harness::people::from_start(&chat)).await;
    back.wait("the log", |f| f["type"] == "synced" && f["conversation"] == chat).await;
    // The first socket goes: nobody else keeps the conversation in view.
    drop(shopper);
    drop(agent);
    let began = app::instant();
    desk.close_untold(&chat).await;
    back.kind(&chat, "closed").await;
    assert!(app::instant() - began < BY_SWEEP * 4);
    back.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assignment_that_no_hint_told_is_found() {
    let desk = Desk::open().await;
    let team = desk.team("Orders").await;
    let (shopper, agent, chat) = talk(&desk, &desk, team).await;
    sqlx::query("update conversations set gen = gen + 1 where id = $1")
        .bind(chat.parse::<Uuid>().unwrap())
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    let again = agent.wait("the new assignment", |f| f["type"] == "assigned" && f["gen"] == 2).await;
    assert_eq!(text(&again, "conversation"), chat);
    shopper.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_on_one_node_ends_the_sockets_on_another() {
    let redis = Redis::start().await;
    let (here, there, team) = pair(&redis).await;
    let (shopper, agent, _) = talk(&here, &there, team).await;
    let tab = shopper.again(&there, json!([])).await;
    let began = app::instant();
    let url = format!("{}/v1/agent/session", here.base);
    let signed_out = here.http.delete(url).bearer_auth(text(&agent.session, "access_token")).send().await.unwrap();
    assert!(signed_out.status().is_success(), "{signed_out:?}");
    assert_eq!(agent.closed().await, 4001);
    let url = format!("{}/v1/shopper/session", here.base);
    here.http.delete(url).bearer_auth(&shopper.token).send().await.unwrap();
    assert_eq!((shopper.closed().await, tab.closed().await), (4001, 4001));
    println!("P18 revoked_ms={}", (app::instant() - began).as_millis());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_disabled_or_leaves_a_team_is_noticed_without_a_word() {
    let desk = Desk::open().await;
    let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
    let (shopper, ana, _) = talk(&desk, &desk, orders).await;
    let ben = desk.sign_in(&desk.hire("Ben", Hire { teams: vec![orders, returns], ..Hire::default() }).await).await;
    let waiting = Shopper::come(&desk).await;
    let asked = waiting.must(json!({ "type": "send", "body": "for orders", "team": orders })).await;
    let asked = text(&asked, "conversation");
    ana.given(asked).await;
    ana.must(json!({ "type": "transfer", "conversation": asked, "to": { "team": orders } })).await;
    ben.watch(asked).await;
    let began = app::instant();
    sqlx::query("delete from team_members where agent_id = $1 and team_id = $2")
        .bind(ben.staff.id)
        .bind(orders)
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    eventually("Ben hears no more of it", async || {
        let heads = ben.probe().await;
        heads["heads"].get(asked).is_none().then_some(())
    })
    .await;
    println!("P18 narrowed_ms={}", (app::instant() - began).as_millis());
    sqlx::query("update agents set disabled_at = now() where id = $1")
        .bind(ana.staff.id)
        .execute(&desk.app.db.read)
        .await
        .unwrap();
    assert_eq!(ana.closed().await, 4001);
    shopper.say("still here?").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_cluster_carries_hints_by_shard() {
    let redis = Redis::start_cluster().await;
    let (here, there, team) = pair(&redis).await;
    let (shopper, agent, chat) = talk(&here, &there, team).await;
    let mut late = Vec::new();
    for n in 0..20 {
        late.push(lateness(&shopper, &agent, &chat, &format!("message {n}")).await);
    }
    late.sort();
    assert!(late[10] < BY_SWEEP / 5, "hints do not arrive, the sweep does: {late:?}");
    let channels = redis.ask("PUBSUB SHARDCHANNELS").await.unwrap();
    assert!(channels.contains(&chat), "{channels}");
    eventually("the other node knows that the shopper is here", async || {
        let presence = shoppers::of(&there.app, chat.parse().unwrap()).await;
        (presence == shoppers::Presence::Here).then_some(())
    })
    .await;
    shopper.assert_sound();
    agent.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shopper_on_three_nodes_has_one_allowance() {
    let redis = Redis::start().await;
    let first = Setup::default()
        .site(|site| (site.settings.limits.shopper_burst, site.settings.limits.shopper_per_s) = (12, 1))
        .nodes(3, &redis.url(), ALL_ROLES)
        .open()
        .await;
    let (second, third) = (first.node(ALL_ROLES).await, first.node(ALL_ROLES).await);
    for node in [&first, &second, &third] {
        node.is_whole().await;
    }
    let shopper = Shopper::come(&first).await;
    let tabs = [&shopper, &shopper.again(&second, json!([])).await, &shopper.again(&third, json!([])).await];
    let mut taken = 0;
    for n in 0..36 {
        let frame = json!({ "type": "send", "cid": crate::harness::cid(), "body": format!("message {n}") });
        taken += usize::from(tabs[n % 3].call(frame).await["type"] == "ack");
    }
    assert!((12..24).contains(&taken), "{taken} of 36; 12 at once on each node would be 36");
}
