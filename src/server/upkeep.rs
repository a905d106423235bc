//! What is done every now and then: expired rows go, counters are kept small.

use crate::app::{self, App};
use crate::store::{audit, mentions, orders, push, sessions, storefront, views, visits, webhooks};
use std::sync::Arc;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(30);
/// What was recorded waits in memory until it is summed up, some bytes for each message.
const SUM_UP_EVERY: Duration = Duration::from_secs(5);

pub async fn run(app: Arc<App>) {
    let mut due = app::instant() + EVERY;
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => return,
            () = tokio::time::sleep(SUM_UP_EVERY) => {}
        }
        app.metrics.run_upkeep();
        if app::instant() < due {
            continue;
        }
        due = app::instant() + EVERY;
        app.paces.sweep(app::instant());
        if let Err(error) = sessions::sweep(&app.db.read, app.clock.now()).await {
            tracing::warn!(%error, "expired sessions not removed; tried again");
        }
        if let Err(error) = storefront::sweep(&app.db.read, app.clock.now()).await {
            tracing::warn!(%error, "expired cards not removed; tried again");
        }
        if let Err(error) = orders::sweep(&app.db.read, app.clock.now()).await {
            tracing::warn!(%error, "expired answers on orders not removed; tried again");
        }
        if let Err(error) = push::sweep(&app.db.read, app.clock.now()).await {
            tracing::warn!(%error, "expired links and old notifications not removed; tried again");
        }
        if let Err(error) = mentions::sweep(&app.db.read, app.clock.now()).await {
            tracing::warn!(%error, "old mentions not removed; tried again");
        }
        if let Err(error) = audit::sweep(&app.db.read, app.clock.now()).await {
            tracing::warn!(%error, "what was changed long ago not removed; tried again");
        }
        if let Err(error) = webhooks::deliveries::sweep(&app.db.read, app.clock.now()).await {
            tracing::warn!(%error, "what webhooks were told long ago not removed; tried again");
        }
        if let Err(error) = views::sweep(&app.db.read, app.clock.now()).await {
            tracing::warn!(%error, "pages out of sight not removed; tried again");
        }
        if let Err(error) = visits::sweep(&app.db.read, app.clock.now()).await {
            tracing::warn!(%error, "visitors of nodes that died not removed; tried again");
        }
    }
}
