//! The safety net: chats whose agent vanished go back to their old place, silent chats end, and whoever has waited too long
//! and left an address gets a ticket.

use crate::app::App;
use crate::conversations::{self, Act, Why, give_back, site_by_id};
use crate::domain::event::Author;
use crate::domain::id::{ConversationId, SiteId};
use crate::error::Result;
use crate::presence;
use crate::store::duty;
use crate::store::queue as store;

/// Leases say who is gone only where the database was there to renew them.
pub async fn run(app: &App, are_leases_true: bool) -> Result<()> {
    let now = app.clock.now();
    if are_leases_true {
        for chat in store::abandoned(&app.db.read, now).await? {
            give_back(app, &chat, Why::Vanished).await?;
        }
        presence::note_all(app).await?;
    }
    // What was not handed over when their agent went off duty, because the node that did it died over it.
    for chat in duty::left_behind(&app.db.read).await? {
        give_back(app, &chat, Why::OffDuty).await?;
    }
    for (site_id, id) in store::idle(&app.db.read, now).await? {
        let site = site_by_id(app, site_id).await?;
        conversations::close(app, &by_system(site_id, id), &site, "idle").await?;
    }
    super::offers::sweep(app).await?;
    write_tickets(app).await
}

fn by_system(site: SiteId, conversation: ConversationId) -> Act {
    Act {
        site,
        conversation,
        by: Author::System,
        by_name: String::new(),
        cid: None,
        generation: None,
        origin: None,
        oversees: false,
    }
}

async fn write_tickets(app: &App) -> Result<()> {
    let now = app.clock.now();
    for shopper in store::overdue(&app.db.read, now).await? {
        conversations::make_ticket(app, &by_system(shopper.site_id, shopper.id), &shopper.email, &shopper.name).await?;
    }
    Ok(())
}
