//! Telling those who wait where they are: pushed when it changes.

use super::estimate::{Places, estimate};
use crate::app::App;
use crate::domain::id::{ConversationId, SiteId};
use crate::domain::line::{Candidate, Waiting};
use crate::error::Result;
use crate::realtime::event::{Item, queue};
use crate::realtime::hub::Topic;
use crate::store::queue as store;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

pub type Told = (usize, Option<(u64, u64)>);

/// What each shopper was told last.
#[derive(Default)]
pub struct Positions {
    told: HashMap<ConversationId, Told>,
}

impl Positions {
    /// Where this one is in line and their range in seconds, as told last.
    pub fn of(&self, conversation: ConversationId) -> Option<Told> {
        self.told.get(&conversation).copied()
    }

    pub fn clear(&mut self) {
        self.told = HashMap::new();
    }

    /// Tells everybody whose position or estimate has changed.
    pub async fn tell(&mut self, app: &App, waiting: &[Waiting], candidates: &[Candidate]) -> Result<()> {
        for asked in app.signals.take_asked() {
            self.told.remove(&asked);
        }
        let mut told = HashMap::with_capacity(waiting.len());
        let mut lines: HashMap<SiteId, Line> = HashMap::new();
        // Whoever was called and did not come is passed over, and nobody waits for them.
        for shopper in waiting.iter().filter(|shopper| !shopper.has_missed) {
            let line = match lines.entry(shopper.site_id) {
                Entry::Occupied(line) => line.into_mut(),
                Entry::Vacant(place) => place.insert(Line::read(app, shopper.site_id, candidates).await?),
            };
            line.position += 1;
            let now: Told = (line.position, line.wait());
            if self.told.get(&shopper.id) != Some(&now) {
                let item = Item::Frame { frame: queue(shopper.id, now.0, now.1), lossy: true };
                app.hub.tell(Topic::Shopper(shopper.shopper_id), &item);
            }
            told.insert(shopper.id, now);
        }
        self.told = told;
        Ok(())
    }
}

/// One site's line while it is walked.
struct Line {
    position: usize,
    agents: Vec<Places>,
    handle_times: Vec<f64>,
}

impl Line {
    async fn read(app: &App, site: SiteId, candidates: &[Candidate]) -> Result<Self> {
        let now = app.clock.now();
        let agents = candidates.iter().filter(|c| c.memberships.iter().any(|m| m.site == site)).map(|c| Places {
            capacity: c.capacity,
            elapsed: c.busy_since.iter().map(|since| (now - *since).as_seconds_f64()).collect(),
        });
        Ok(Self { position: 0, agents: agents.collect(), handle_times: store::handle_times(&app.db.read, site).await? })
    }

    /// In steps of half a minute, so that a ticking clock alone is no change.
    fn wait(&self) -> Option<(u64, u64)> {
        let (low, high) = estimate(self.position, &self.agents, &self.handle_times)?;
        Some((low / 30 * 30, high.div_ceil(30) * 30))
    }
}
