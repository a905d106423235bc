//! Which shoppers have a socket on this node, and what of that other nodes cannot read yet: who came, who went, at which shops
//! something changed. Costs nothing while nobody comes or goes, however many are here.

use crate::domain::id::{ShopperId, SiteId};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long somebody may be without a socket before they have left: whoever goes to the next page has not.
const GRACE: Duration = Duration::from_secs(3);

/// Most who went and are not struck out yet. Past that the node strikes out everybody and writes down anew who is here.
const GONE_MAX: usize = 50_000;

pub type Who = (SiteId, ShopperId);

#[derive(Clone, Debug, Default)]
pub struct Visits(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    stays: HashMap<Who, Stay>,
    /// Whose last socket ended since the last round.
    left: Vec<Who>,
    /// Those without a socket, by when that was seen.
    leaving: VecDeque<(Instant, Who)>,
    unwritten: HashSet<Who>,
    gone: HashSet<Who>,
    changed: HashSet<SiteId>,
    is_lost: bool,
}

#[derive(Debug)]
struct Stay {
    since: DateTime<Utc>,
    sockets: u32,
    left_at: Option<Instant>,
}

/// Lasts as long as the socket it belongs to.
#[derive(Debug)]
pub struct Visit {
    visits: Visits,
    who: Who,
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.visits.leave(self.who);
    }
}

/// A part of what is to be written down.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Round {
    pub came: Vec<(Who, DateTime<Utc>)>,
    pub went: Vec<Who>,
    /// More waits than this.
    pub is_behind: bool,
}

impl Visits {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody has a socket from here on.
    pub fn enter(&self, who: Who, now: DateTime<Utc>) -> Visit {
        let mut guard = self.lock();
        let inner = &mut *guard;
        let mut is_new = false;
        let stay = inner.stays.entry(who).or_insert_with(|| {
            is_new = true;
            Stay { since: now, sockets: 0, left_at: None }
        });
        stay.sockets += 1;
        stay.left_at = None;
        if is_new {
            inner.unwritten.insert(who);
            inner.gone.remove(&who);
        }
        inner.changed.insert(who.0);
        Visit { visits: self.clone(), who }
    }

    fn leave(&self, who: Who) {
        let mut inner = self.lock();
        let Some(stay) = inner.stays.get_mut(&who) else { return };
        stay.sockets -= 1;
        if stay.sockets == 0 {
            inner.left.push(who);
        }
    }

    /// Something else about who is at this shop is different: where they are, what is in their cart.
    pub fn touch(&self, who: Who) {
        let mut inner = self.lock();
        if inner.stays.contains_key(&who) {
            inner.changed.insert(who.0);
        }
    }

    /// What nobody wrote down yet, at most so many of each. It stays until [`Self::written`] says that it was.
    pub fn round(&self, now: Instant, most: usize) -> Round {
        let mut inner = self.lock();
        inner.see_who_left(now);
        inner.part(now);
        let came = inner.unwritten.iter().take(most);
        let came = came.filter_map(|who| Some((*who, inner.stays.get(who)?.since))).collect();
        let went: Vec<_> = inner.gone.iter().take(most).copied().collect();
        Round { came, went, is_behind: inner.unwritten.len() > most || inner.gone.len() > most }
    }

    pub fn written(&self, round: &Round) {
        let mut inner = self.lock();
        for (who, _) in &round.came {
            inner.unwritten.remove(who);
        }
        for who in &round.went {
            inner.gone.remove(who);
        }
    }

    /// At which shops something changed since this was asked last.
    pub fn take_changed(&self) -> HashSet<SiteId> {
        std::mem::take(&mut self.lock().changed)
    }

    /// Nothing that was written holds any more.
    pub fn begin_anew(&self) {
        let mut inner = self.lock();
        inner.gone = HashSet::new();
        inner.unwritten = inner.stays.keys().copied().collect();
        inner.is_lost = false;
    }

    /// Too many went for each to be struck out: everybody is to be.
    pub fn is_lost(&self) -> bool {
        self.lock().is_lost
    }
}

impl Inner {
    fn see_who_left(&mut self, now: Instant) {
        for who in std::mem::take(&mut self.left) {
            if let Some(stay) = self.stays.get_mut(&who).filter(|stay| stay.sockets == 0 && stay.left_at.is_none()) {
                stay.left_at = Some(now);
                self.leaving.push_back((now, who));
            }
        }
    }

    /// Those whose grace is over have left.
    fn part(&mut self, now: Instant) {
        while let Some((at, who)) = self.leaving.front().copied().filter(|(at, _)| now - *at >= GRACE) {
            self.leaving.pop_front();
            if self.stays.get(&who).is_none_or(|stay| stay.left_at != Some(at)) {
                continue;
            }
            self.stays.remove(&who);
            self.unwritten.remove(&who);
            self.changed.insert(who.0);
            if self.gone.len() < GONE_MAX {
                self.gone.insert(who);
            } else {
                self.is_lost = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GONE_MAX, Round, Visits, Who};
    use crate::domain::id::{ShopperId, SiteId};
    use chrono::{DateTime, TimeDelta};
    use std::time::Duration;
    use tokio::time::Instant;
    use uuid::Uuid;

    fn who(n: u128) -> Who {
        (SiteId(Uuid::from_u128(1)), ShopperId(Uuid::from_u128(n)))
    }

    fn came(round: &Round) -> Vec<Who> {
        round.came.iter().map(|(who, _)| *who).collect()
    }

    #[expect(clippy::disallowed_methods, reason = "a moment to count from")]
    fn begin() -> Instant {
        Instant::now()
    }

    fn second(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn tabs_are_one_visit_and_the_next_page_is_no_leaving() {
        let (visits, begin, day) = (Visits::default(), begin(), DateTime::UNIX_EPOCH);
        let at = |n| {
            let round = visits.round(begin + second(n), 10);
            visits.written(&round);
            round
        };
        let one = visits.enter(who(7), day);
        let other = visits.enter(who(7), day + TimeDelta::seconds(9));
        assert_eq!(at(0).came, [(who(7), day)], "since the first of them");
        drop(one);
        assert_eq!(at(1), Round::default());
        drop(other);
        assert_eq!(at(2), Round::default());
        let back = visits.enter(who(7), day);
        assert_eq!(at(4), Round::default(), "another page");
        drop(back);
        assert_eq!(at(8), Round::default(), "seen to have left, and with all the grace before them");
        assert_eq!(at(11).went, [who(7)]);
        assert_eq!(at(12), Round::default());
        assert!(visits.take_changed().contains(&who(7).0) && visits.take_changed().is_empty());
        visits.touch(who(7));
        assert!(visits.take_changed().is_empty(), "what is said of whoever has left changes nothing");
    }

    #[test]
    fn what_was_not_written_is_asked_for_again_whoever_comes_and_goes_meanwhile() {
        let (visits, begin, day) = (Visits::default(), begin(), DateTime::UNIX_EPOCH);
        let stays: Vec<_> = (0..3).map(|n| visits.enter(who(n), day)).collect();
        let first = visits.round(begin, 2);
        assert!(first.came.len() == 2 && first.is_behind);
        assert_eq!(visits.round(begin, 10).came.len(), 3, "nothing was written");
        visits.written(&first);
        let rest = visits.round(begin, 10);
        assert!(rest.came.len() == 1 && !rest.is_behind);
        visits.written(&rest);
        drop(stays);
        visits.round(begin + second(1), 10);
        let gone = visits.round(begin + second(5), 10);
        assert_eq!(gone.went.len(), 3);
        // Back while they are struck out: written down again afterwards.
        let _back = visits.enter(who(0), day);
        visits.written(&gone);
        assert_eq!(came(&visits.round(begin + second(6), 10)), [who(0)]);
        visits.begin_anew();
        assert_eq!(came(&visits.round(begin + second(7), 10)), [who(0)]);
    }

    #[test]
    fn when_too_many_go_unwritten_everybody_is_written_anew() {
        let (visits, begin, day) = (Visits::default(), begin(), DateTime::UNIX_EPOCH);
        let stays = visits.enter(who(0), day);
        drop((1..=GONE_MAX as u128 + 1).map(|n| visits.enter(who(n), day)).collect::<Vec<_>>());
        visits.round(begin, 1);
        assert!(!visits.is_lost());
        visits.round(begin + second(4), 1);
        assert!(visits.is_lost());
        visits.begin_anew();
        let round = visits.round(begin + second(5), 10);
        assert_eq!((came(&round), round.went.len(), visits.is_lost()), (vec![who(0)], 0, false));
        drop(stays);
    }
}
