//! What a shopper's browser says of where they are and what they want to buy.

use crate::app::App;
use crate::domain::id::{ShopperId, SiteId};
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::{conversations as store, people};
use serde_json::Value;

/// Kept beside the shopper, and told to whoever has their open conversation before them.
pub async fn report(app: &App, (site, shopper): (SiteId, ShopperId), context: &Value) -> Result<()> {
    people::set_context(&app.db.read, (site, shopper), context).await?;
    app.visits.touch((site, shopper));
    if let Some(latest) = store::latest(&app.db.read, site, shopper).await?.filter(|latest| latest.state.is_open()) {
        app.hub.tell(Topic::Conversation(latest.id), &Item::Reported(latest.id));
    }
    Ok(())
}
