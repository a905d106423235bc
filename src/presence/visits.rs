//! Who is at a shop with the chat open, written down for every node to read: at somebody's first socket and after their last,
//! many at a time. No socket waits for it; what could not be written while the database was away is written when it is back.
//!
//! Each row stands under its node's lease. A node that dies takes its visitors along when that lapses, and a node whose lease is
//! gone (a crash of the database empties both tables) begins anew.

use crate::app::{self, App};
use crate::error::Result;
use crate::realtime::event::Item;
use crate::realtime::hub::Topic;
use crate::store::{patiently, visits as store};
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const LOOK_EVERY: Duration = Duration::from_secs(1);
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// A lease outlives two renewals that failed.
const LEASE: TimeDelta = TimeDelta::seconds(16);
/// How long the visitors of a node that stops may take to come to another before they count as gone.
const MOVING: TimeDelta = TimeDelta::seconds(5);
/// Rows of one statement.
const PIECE: usize = 1_000;
/// Most statements of one look: whoever waits longer waits for the next, and the count says "at least" meanwhile.
const PIECES: usize = 10;

/// Runs until the server stops.
pub async fn run(app: Arc<App>) {
    let mut pen = Pen::default();
    loop {
        tokio::select! {
            () = app.stopping.cancelled() => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        if let Err(error) = patiently(pen.look(&app)).await {
            pen.renew_at = None;
            tracing::warn!(error = error.cause(), "who is at the shops was not written down; tried again");
        }
    }
    let until = app.clock.now() + MOVING;
    if let Err(error) = patiently(async { Ok(store::leave(&app.db.read, app.node, until).await?) }).await {
        tracing::warn!(error = error.cause(), "this node's visitors stay in the list until its lease lapses");
    }
}

/// What this node wrote of itself.
#[derive(Default)]
struct Pen {
    /// `None`: at once.
    renew_at: Option<Instant>,
    is_behind: bool,
}

impl Pen {
    async fn look(&mut self, app: &App) -> Result<()> {
        if app.visits.is_lost() {
            store::end(&app.db.read, app.node).await?;
            self.renew_at = None;
        }
        if self.renew_at.is_none_or(|at| app::instant() >= at) {
            self.renew(app).await?;
        }
        let is_behind = write(app).await?;
        if is_behind != self.is_behind {
            self.is_behind = is_behind;
            self.renew(app).await?;
        }
        for site in app.visits.take_changed() {
            app.hub.tell(Topic::Visits(site), &Item::Visits);
        }
        Ok(())
    }

    async fn renew(&mut self, app: &App) -> Result<()> {
        let (db, until) = (&app.db.read, app.clock.now() + LEASE);
        if !store::renew(db, app.node, until, self.is_behind).await? {
            // Before the lease is there: whatever becomes of this statement, nobody is taken for written down.
            app.visits.begin_anew();
            store::begin(db, app.node, until).await?;
            self.is_behind = true;
        }
        self.renew_at = Some(app::instant() + RENEW_EVERY);
        Ok(())
    }
}

/// Answers whether something still waits.
async fn write(app: &App) -> Result<bool> {
    for _ in 0..PIECES {
        let round = app.visits.round(app::instant(), PIECE);
        if !round.came.is_empty() {
            store::came(&app.db.read, app.node, &round.came).await?;
        }
        if !round.went.is_empty() {
            store::went(&app.db.read, app.node, &round.went).await?;
        }
        app.visits.written(&round);
        if !round.is_behind {
            return Ok(false);
        }
    }
    Ok(true)
}
