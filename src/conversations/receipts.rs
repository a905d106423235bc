//! What has reached the desk: a shopper is told *delivered* once a console or program of the agent who has their chat was
//! sent it. Kept, so that a shopper who comes back is told again; never taken back.

use crate::app::App;
use crate::domain::event::Author;
use crate::domain::id::AgentId;
use crate::error::Result;
use crate::realtime::event::{Item, Signal, What};
use crate::realtime::hub::Topic;
use crate::store::conversations as store;
use std::sync::Arc;

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
