//! The safety net: chats whose agent vanished go back to their old place, silent chats end, and whoever has waited too long
//! and left an address gets a ticket.

use crate::app::{self, App};
use crate::conversations::{self, Act, publish, site_by_id};
use crate::domain::event::{Author, Draft, Kind};
use crate::domain::id::{ConversationId, EventId, SiteId};
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::append::Outcome;
use crate::store::conversations::{Effect, Move, apply};
use crate::store::queue::{self as store, Abandoned};
use serde_json::json;

/// Leases say who is gone only where the database was there to renew them.
pub async fn run(app: &App, are_leases_true: bool) -> Result<()> {
    let now = app.clock.now();
    let abandoned = store::abandoned(&app.db.read, now).await?;
    for chat in abandoned.iter().filter(|_| are_leases_true) {
        give_back(app, chat).await?;
    }
    for (site_id, id) in store::idle(&app.db.read, now).await? {
        let site = site_by_id(app, site_id).await?;
        conversations::close(app, &by_system(site_id, id), &site, "idle").await?;
    }
    super::offers::sweep(app).await?;
    write_tickets(app).await
}

fn by_system(site: SiteId, conversation: ConversationId) -> Act {
    Act { site, conversation, by: Author::System, by_name: String::new(), cid: None, generation: None, origin: None }
}

/// The agent has been gone longer than the grace: the shopper is told and keeps the old place.
async fn give_back(app: &App, chat: &Abandoned) -> Result<()> {
    let draft = Draft {
        id: EventId(app::new_id()),
        cid: None,
        kind: Kind::Left,
        by: Author::System,
        by_name: String::new(),
        body: None,
        data: Some(json!({ "agent": { "id": chat.assignee_id, "name": chat.assignee_name, "avatar": null } })),
        internal: false,
    };
    let step = Move {
        site: chat.site_id,
        conversation: chat.id,
        draft,
        generation: None,
        at: app.clock.now(),
        effect: Effect::Leave { assignee: chat.assignee_id },
    };
    if let Outcome::Stored(stored) = apply(&app.db, step).await?.outcome {
        metrics::counter!("deskbell_lease_expiries_total").increment(1);
        publish(&app.hub, &stored, None);
        let item = Item::Unassigned { conversation: chat.id, generation: 0 };
        app.hub.tell(Topic::Agent(chat.assignee_id), &item);
    }
    Ok(())
}

async fn write_tickets(app: &App) -> Result<()> {
    let now = app.clock.now();
    for shopper in store::overdue(&app.db.read, now).await? {
        conversations::make_ticket(app, &by_system(shopper.site_id, shopper.id), &shopper.email, &shopper.name).await?;
    }
    Ok(())
}
