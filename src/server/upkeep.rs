//! What is done every now and then: expired rows go, the clock follows the database's, counters are kept small.

use crate::app::{self, App};
use crate::store::{in_time, sessions};
use std::sync::Arc;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(30);
/// An answer that took longer says too little about the time.
const PROMPT: Duration = Duration::from_millis(200);
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
        follow_the_database(&app).await;
        if let Err(error) = sessions::sweep(&app.db.read, app.clock.now()).await {
            tracing::warn!(%error, "expired sessions not removed; tried again");
        }
    }
}

/// Machines are set right, or wrong, while a node runs.
async fn follow_the_database(app: &App) {
    let asked = app::instant();
    let told = in_time(async { Ok(app.db.now().await?) }).await;
    match told {
        Ok(now) if app::instant() - asked <= PROMPT => app.clock.follow(now),
        Ok(_) => {}
        Err(error) => tracing::warn!(error = error.cause(), "the database's time is not known; asked again"),
    }
}
