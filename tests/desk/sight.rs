//! What an agent's program may see is looked at before anything is sent, whatever was lost, late or cut off on the way.

use crate::harness::{Agent, Desk, Hire, Shopper, text};
use deskbell::domain::conversation::Given;
use deskbell::domain::id::{ConversationId, TeamId};
use deskbell::domain::people::Role;
use deskbell::realtime::event::Item;
use deskbell::realtime::hub::Topic;
use serde_json::json;
use std::sync::Arc;

/// Ana has the chat; Chen of her team and Sam, a supervisor, watch. There is another team, of which nobody is here.
struct Scene {
    desk: Desk,
    shopper: Shopper,
    chat: String,
    ana: Agent,
    chen: Agent,
    sam: Agent,
    returns: TeamId,
}

impl Scene {
    async fn open() -> Self {
        let desk = Desk::open().await;
        let (orders, returns) = (desk.team("Orders").await, desk.team("Returns").await);
        let (ana, chen) = (desk.agent("Ana", orders, 5).await, desk.agent("Chen", orders, 0).await);
        let sam = Hire { role: Role::Supervisor, capacity: 0, teams: vec![orders] };
        let sam = desk.sign_in(&desk.hire("Sam", sam).await).await;
        let shopper = Shopper::come(&desk).await;
        let chat = shopper.open("hello").await;
        ana.given(&chat).await;
        for watcher in [&chen, &sam] {
            watcher.watch(&chat).await;
        }
        Self { desk, shopper, chat, ana, chen, sam, returns }
    }

    fn conversation(&self) -> ConversationId {
        self.chat.parse().unwrap()
    }

    /// Neither of those who lost sight heard the other team's words, and they follow it no more.
    async fn assert_out_of_sight(&self) {
        for agent in [&self.ana, &self.chen] {
            let heads = agent.probe().await;
            let heard: Vec<_> =
                agent.log(&self.chat).iter().map(|e| (text(e, "kind").to_owned(), e["body"].clone())).collect();
            assert!(heard.iter().all(|(_, body)| body != "not for them" && body != "nor this"), "{heard:?}");
            assert!(heads["heads"].get(&self.chat).is_none(), "{}: {heads}", agent.staff.name);
        }
    }
}

#[tokio::test]
async fn a_gap_that_hides_a_transfer_is_not_filled_for_who_lost_sight_by_it() {
    let scene = Scene::open().await;
    scene.desk.transfer_untold(&scene.chat, scene.returns, "not for them").await;
    scene.shopper.say("nor this").await;
    scene.sam.event(&scene.chat, "the note", |e| e["body"] == "not for them").await;
    scene.sam.message(&scene.chat, "nor this").await;
    scene.assert_out_of_sight().await;
    scene.ana.wait("unassigned", |f| f["type"] == "unassigned" && f["conversation"] == scene.chat.as_str()).await;
    scene.sam.assert_sound();
}

#[tokio::test]
async fn what_the_sweep_finds_is_not_shown_to_who_lost_sight_by_it() {
    let scene = Scene::open().await;
    scene.desk.transfer_untold(&scene.chat, scene.returns, "not for them").await;
    scene.sam.event(&scene.chat, "the note", |e| e["body"] == "not for them").await;
    scene.ana.wait("unassigned", |f| f["type"] == "unassigned" && f["conversation"] == scene.chat.as_str()).await;
    scene.assert_out_of_sight().await;
}

#[tokio::test]
async fn an_assignment_that_is_told_late_is_not_announced_to_who_has_lost_it() {
    let scene = Scene::open().await;
    let to = json!({ "type": "transfer", "conversation": scene.chat, "to": { "team": scene.returns }, "note": "not for them" });
    scene.ana.must(to).await;
    scene.ana.wait("unassigned", |f| f["type"] == "unassigned" && f["conversation"] == scene.chat.as_str()).await;
    let given = Given { conversation: scene.conversation(), site: scene.desk.site.id, generation: 1 };
    for item in [Item::Assigned { given, by: None }, Item::Load(Arc::new(vec![given]))] {
        let mark = scene.ana.mark();
        scene.desk.app.hub.tell(Topic::Agent(scene.ana.staff.id), &item);
        // Handled before what its socket says after it.
        scene.ana.probe().await;
        let said: Vec<_> = scene.ana.look(|state| state.frames[mark..].to_vec());
        assert!(said.iter().all(|f| f["type"] == "probe_ok"), "{item:?}: {said:?}");
    }
    scene.assert_out_of_sight().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assignment_that_was_cut_off_is_told_in_order_when_it_comes_again() {
    let scene = Scene::open().await;
    let ben = scene.desk.agent("Ben", scene.returns, 5).await;
    let said = scene.ana.say(&scene.chat, "I hand you over").await;
    scene.desk.hold(text(&said, "id")).await;
    let to = json!({ "type": "transfer", "conversation": scene.chat, "to": { "agent": ben.staff.id } });
    scene.ana.must(to).await;
    scene.desk.let_go().await;
    // Meets a socket that listens already, and was told nothing yet.
    scene.shopper.say("in between").await;
    ben.given(&scene.chat).await;
    ben.message(&scene.chat, "in between").await;
    let about: Vec<_> = ben.heard(|f| f["conversation"] == scene.chat.as_str());
    assert_eq!(about[0]["type"], "assigned", "{about:#?}");
    scene.shopper.say("and after").await;
    ben.message(&scene.chat, "and after").await;
    ben.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_looks_again_at_their_rights_while_they_give_a_chat_away_is_answered_still() {
    let scene = Scene::open().await;
    let (hub, ana) = (&scene.desk.app.hub, scene.ana.staff.id);
    let mut chat = scene.chat.clone();
    for _ in 0..25 {
        let to = json!({ "type": "transfer", "conversation": chat, "to": { "team": scene.returns } });
        let looking = async {
            loop {
                hub.tell(Topic::Agent(ana), &Item::Rights);
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            _ = scene.ana.must(to) => {}
            () = looking => {}
        }
        chat = Shopper::come(&scene.desk).await.open("hello").await;
        scene.ana.given(&chat).await;
    }
}
