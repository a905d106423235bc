//! What has reached the other side. A shopper is told *delivered* once a console or program of the agent who has their chat was
//! sent it. Staff are told once the shopper's browser has proved it: by the pong to a ping that was sent after it, or by coming
//! back with it. Kept, so that whoever comes back is told again; never taken back.

use crate::app::App;
use crate::domain::event::Author;
use crate::domain::id::{AgentId, ConversationId, SiteId};
use crate::error::Result;
use crate::realtime::event::{Item, Signal, What};
use crate::realtime::hub::Topic;
use crate::store::conversations as store;
use crate::store::receipts::{Arrival, set_reached};
use std::collections::HashMap;
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

type Held = HashMap<ConversationId, (SiteId, i64)>;

/// Writes down what came to shoppers, all of a second at once, until the server stops. Once more where it was held: past that
/// the next message says the same again.
pub async fn keep_arrivals(app: Arc<App>) {
    let mut held = Held::new();
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(KEEP_EVERY) => {}
        }
        held = write_down(&app, held).await;
    }
}

/// The rest, once the sockets of a server that stops have gone.
pub async fn keep_last_arrivals(app: &App) {
    write_down(app, Held::new()).await;
}

/// Gives what is to be tried once more.
async fn write_down(app: &App, mut held: Held) -> Held {
    let fresh = app.arrivals.take();
    for (conversation, (site, upto)) in &fresh {
        let known = held.entry(*conversation).or_insert((*site, *upto));
        known.1 = known.1.max(*upto);
    }
    if held.is_empty() {
        return held;
    }
    let arrivals: Vec<_> = held
        .iter()
        .map(|(conversation, (site, upto))| Arrival { site: *site, conversation: *conversation, upto: *upto })
        .collect();
    match set_reached(&app.db.read, &arrivals).await {
        Ok(news) => {
            for (conversation, upto) in news {
                app.hub.tell(Topic::Conversation(conversation), &Item::Reached { conversation, upto });
            }
            fresh
        }
        Err(error) => {
            tracing::warn!(%error, "what came to shoppers is not written down; tried again in a second");
            held
        }
    }
}
