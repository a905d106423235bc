//! Telling those who wait where they are: a position as soon as it changes, an estimate within a second.

use super::estimate::{Lately, Range, estimate, in_half_minutes};
use crate::app::{self, App};
use crate::domain::id::{ConversationId, SiteId, TeamId};
use crate::domain::line::{Candidate, Rulebook, Waiting};
use crate::error::Result;
use crate::realtime::event::{Item, queue};
use crate::realtime::hub::Topic;
use crate::store::queue as store;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio::time::Instant;

/// Serving the line on paper takes milliseconds: not with every event of a busy hour.
const ESTIMATED_EVERY: Duration = Duration::from_secs(1);
const LATELY_READ_EVERY: Duration = Duration::from_secs(10);
/// An estimate that moved by less than this beyond what was told is no news, in seconds.
const NO_NEWS: u64 = 15;

type Told = (usize, Option<Range>);

/// What each shopper was told last.
#[derive(Default)]
pub struct Positions {
    told: HashMap<ConversationId, Told>,
    estimates: Estimates,
}

impl Positions {
    pub fn clear(&mut self) {
        self.told = HashMap::new();
        self.estimates = Estimates::default();
    }

    /// Tells everybody whose position or estimate has changed. `waiting` is in order.
    pub async fn tell(
        &mut self,
        app: &App,
        waiting: &[Waiting],
        candidates: &[Candidate],
        rulebook: &Rulebook,
    ) -> Result<()> {
        for asked in app.signals.take_asked() {
            self.told.remove(&asked);
        }
        self.estimates.renew(app, waiting, candidates, rulebook).await?;
        let mut told = HashMap::with_capacity(waiting.len());
        let mut ahead = Ahead::default();
        for shopper in waiting {
            let before = self.told.get(&shopper.id);
            let wait = self.estimates.of(shopper);
            let now: Told = (ahead.position(shopper), news(before.and_then(|(_, wait)| *wait), wait));
            if before != Some(&now) {
                let item = Item::Frame { frame: queue(shopper.id, now.0, now.1), lossy: true };
                app.hub.tell(Topic::Shopper(shopper.shopper_id), &item);
            }
            told.insert(shopper.id, now);
        }
        self.told = told;
        Ok(())
    }
}

/// What was told stands while the estimate is within it or near it, so that neither a ticking clock nor a fine line between two
/// half minutes is a change.
fn news(told: Option<Range>, now: Option<Range>) -> Option<Range> {
    let (low, high) = now?;
    let is_near = |(told_low, told_high): &Range| {
        low + NO_NEWS >= *told_low
            && low < told_low + 30 + NO_NEWS
            && high <= told_high + NO_NEWS
            && high + 30 + NO_NEWS > *told_high
    };
    told.filter(is_near).or(Some(in_half_minutes((low, high))))
}

/// Those already walked past, by who may serve them.
#[derive(Default)]
struct Ahead {
    sites: HashMap<SiteId, usize>,
    teams: HashMap<(SiteId, Option<TeamId>), usize>,
}

impl Ahead {
    /// Counts those ahead who want the same agents: of the same team, or where one of the two wants any.
    fn position(&mut self, shopper: &Waiting) -> usize {
        let site = self.sites.entry(shopper.site_id).or_default();
        *site += 1;
        let all = *site;
        let of = |team| self.teams.get(&(shopper.site_id, team)).copied().unwrap_or_default();
        let position = if shopper.team_id.is_none() { all } else { of(shopper.team_id) + of(None) + 1 };
        *self.teams.entry((shopper.site_id, shopper.team_id)).or_default() += 1;
        position
    }
}

#[derive(Default)]
struct Estimates {
    made_at: Option<Instant>,
    ranges: HashMap<ConversationId, Option<Range>>,
    /// The last of each team, for those who came since.
    ends: HashMap<(SiteId, Option<TeamId>), Option<Range>>,
    lately: Lately,
    sites: HashSet<SiteId>,
    read_at: Option<Instant>,
}

impl Estimates {
    async fn renew(
        &mut self,
        app: &App,
        waiting: &[Waiting],
        candidates: &[Candidate],
        rulebook: &Rulebook,
    ) -> Result<()> {
        let now = app::instant();
        if self.made_at.is_some_and(|at| now - at < ESTIMATED_EVERY) {
            return Ok(());
        }
        let sites: HashSet<SiteId> = waiting.iter().map(|shopper| shopper.site_id).collect();
        if sites != self.sites || self.read_at.is_none_or(|at| now - at >= LATELY_READ_EVERY) {
            let mut shops = HashMap::with_capacity(sites.len());
            for site in &sites {
                shops.insert(*site, store::lately(&app.db.read, *site, app.clock.now()).await?);
            }
            (self.lately, self.sites, self.read_at) = (Lately::new(shops), sites, Some(now));
        }
        let ranges = estimate(app.clock.now(), waiting, candidates, rulebook, &self.lately);
        let team = |shopper: &Waiting| (shopper.site_id, shopper.team_id);
        self.ends = waiting.iter().map(team).zip(ranges.iter().copied()).collect();
        self.ranges = waiting.iter().map(|shopper| shopper.id).zip(ranges).collect();
        self.made_at = Some(now);
        Ok(())
    }

    fn of(&self, shopper: &Waiting) -> Option<Range> {
        let end = || self.ends.get(&(shopper.site_id, shopper.team_id)).copied();
        self.ranges.get(&shopper.id).copied().or_else(end).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::{Ahead, news};
    use crate::domain::id::TeamId;
    use crate::domain::line::Waiting;
    use crate::queue::rank::tests::waiting;
    use uuid::Uuid;

    #[test]
    fn a_position_counts_those_who_want_the_same_agents() {
        let of =
            |n, team: Option<u128>| Waiting { team_id: team.map(|n| TeamId(Uuid::from_u128(n))), ..waiting(n, 0, 0) };
        let line = [of(1, Some(1)), of(2, Some(2)), of(3, Some(1)), of(4, None), of(5, Some(2)), of(6, Some(3))];
        let mut ahead = Ahead::default();
        let positions: Vec<_> = line.iter().map(|shopper| ahead.position(shopper)).collect();
        assert_eq!(positions, [1, 1, 2, 4, 3, 2]);
    }

    #[test]
    fn a_ticking_clock_is_no_news() {
        assert_eq!(news(None, Some((65, 119))), Some((60, 120)));
        for near in [(50, 110), (89, 130), (100, 134)] {
            assert_eq!(news(Some((60, 120)), Some(near)), Some((60, 120)), "{near:?}");
        }
        assert_eq!(news(Some((60, 120)), Some((44, 110))), Some((30, 120)));
        assert_eq!(news(Some((60, 120)), Some((70, 140))), Some((60, 150)));
        assert_eq!(news(Some((60, 120)), None), None);
    }
}
