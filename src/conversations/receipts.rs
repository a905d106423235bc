//! What has reached the other side. A shopper is told *delivered* once a console or program of the agent who has their chat was
//! sent it. Staff are told once the shopper's browser has proved it: by the pong to a ping that was sent after it, or by coming
//! back with it. Kept, so that whoever comes back is told again; never taken back.

use crate::app::App;
use crate::domain::event::Author;
use crate::domain::id::AgentId;
use crate::error::Result;
use crate::realtime::event::{Item, Signal, What};
use crate::realtime::hub::Topic;
use crate::store::conversations as store;
use crate::store::receipts::{Arrival, set_reached};
use std::sync::Arc;
use std::time::Duration;

/// Everything in this agent's chats has been sent to them.
pub async fn delivered(app: &App, agent: AgentId) -> Result<()> {
    for chat in store::set_got(&app.db.read, agent).await? {
        let signal = Signal {
            conversation: chat.id,
            by: Author::Agent(agent),
            by_name: String::new(),
            origin: None,
            what: What::Delivered { shopper_seq: chat.shopper_seq },
            preview: None,
        };
        app.hub.tell(Topic::Shopper(chat.shopper_id), &Item::Signal(Arc::new(signal)));
    }
    Ok(())
}

/// How often what came to shoppers is written down: what is read meanwhile needs no writing.
const KEEP_EVERY: Duration = Duration::from_secs(1);

/// Writes down what came to shoppers, all of a second at once, until the server stops. Once more where it was held: past that
/// the next message says the same again.
pub async fn keep_arrivals(app: Arc<App>) {
    let mut held = Vec::new();
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(KEEP_EVERY) => {}
        }
        let arrived = app.arrivals.take().into_iter();
        let fresh: Vec<_> = arrived.map(|(conversation, (site, upto))| Arrival { site, conversation, upto }).collect();
        held.retain(|old: &Arrival| fresh.iter().all(|new| new.conversation != old.conversation));
        held.extend_from_slice(&fresh);
        if held.is_empty() {
            continue;
        }
        match set_reached(&app.db.read, &held).await {
            Ok(news) => {
                for (conversation, upto) in news {
                    app.hub.tell(Topic::Conversation(conversation), &Item::Reached { conversation, upto });
                }
                held = fresh;
            }
            Err(error) => tracing::warn!(%error, "what came to shoppers is not written down; tried again in a second"),
        }
    }
}
