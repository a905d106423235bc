//! Whether the shopper of a conversation is still there: what this node sees itself, else what the nodes wrote into Redis.
//! For people to look at; nothing is decided by it, so that losing Redis moves no chat.

use crate::app::{self, App};
use crate::domain::id::ConversationId;
use crate::realtime::event::Item;
use crate::realtime::here::REFRESH;
use crate::realtime::hub::Topic;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long Redis may take to say who is here.
const ANSWER_WITHIN: Duration = Duration::from_millis(200);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Here,
    Left,
    /// Redis, which knows of the other nodes, is away or was a moment ago.
    Unknown,
}

pub async fn of(app: &App, conversation: ConversationId) -> Presence {
    if app.here.has(conversation) || app.hub.has_listeners(Topic::InView(conversation)) {
        return Presence::Here;
    }
    if !app.hub.has_other_nodes() {
        return Presence::Left;
    }
    let asked = app.hub.ask_who_is_here(conversation, now(app));
    match timeout(ANSWER_WITHIN, asked).await {
        Ok(Some(true)) => Presence::Here,
        Ok(Some(false)) => Presence::Left,
        Ok(None) | Err(_) => Presence::Unknown,
    }
}

fn now(app: &App) -> i64 {
    app.clock.now().timestamp_millis()
}

/// Writes down who is here until the server stops, and tells whoever looks at a conversation when that changes.
pub async fn run(app: Arc<App>) {
    let (mut was_whole, mut remind_at) = (false, app::instant() + REFRESH);
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let is_whole = app.hub.is_whole();
        let in_view: HashSet<_> = app.hub.listened(in_view).into_iter().collect();
        let changes = app.here.look(&in_view, app::instant(), is_whole && !was_whole);
        let is_time = is_whole != was_whole || app::instant() >= remind_at;
        if is_time || !(changes.due.is_empty() && changes.went.is_empty()) {
            app.hub.write_who_is_here(&changes.due, &changes.went, now(&app));
        }
        for conversation in changes.came.into_iter().chain(changes.went) {
            app.hub.tell(Topic::Conversation(conversation), &Item::Presence(conversation));
        }
        if is_time {
            // Of nodes that died, and of hints that were lost, nobody tells.
            for conversation in app.hub.listened(followed) {
                app.hub.tell_here(Topic::Conversation(conversation), &Item::Presence(conversation));
            }
            remind_at = app::instant() + REFRESH;
        }
        was_whole = is_whole;
    }
}

fn in_view(topic: Topic) -> Option<ConversationId> {
    if let Topic::InView(id) = topic { Some(id) } else { None }
}

fn followed(topic: Topic) -> Option<ConversationId> {
    if let Topic::Conversation(id) = topic { Some(id) } else { None }
}
