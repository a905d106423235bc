//! Wakes the chats that sleep, at their time or when their shopper has written.
//!
//! Any node of the queue's role may look, and several may: the row says that it sleeps, and whoever wakes it changes that
//! under its lock. May not decide who is given a chat that goes back into line.

use crate::app::{self, App};
use crate::conversations;
use crate::error::Result;
use crate::store::{patiently, snooze as store};
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(1);

/// Runs until the server stops.
pub async fn run(app: Arc<App>) {
    app::look_every(&app, (EVERY, TimeDelta::zero()), "chats that sleep were not looked at", async |app: &App| {
        patiently(look(app)).await
    })
    .await;
}

async fn look(app: &App) -> Result<()> {
    for sleeper in store::due(&app.db.read, app.clock.now()).await? {
        conversations::wake(app, &sleeper).await?;
    }
    Ok(())
}
