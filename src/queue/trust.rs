//! Whether leases say who is gone. They do not where nobody could renew them: while the database was away or hung, while the
//! whole house was down, or when this machine's clock was set. Then agents have a while to show that they are here.

use crate::app::{self, App};
use crate::store::{in_time, leases};
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;
use tokio::time::Instant;

/// A heartbeat of an agent's socket, and some.
const SETTLE: Duration = Duration::from_secs(15);
/// Without a look for so long: a lease outlives it, and two such in a row it does not.
const BLIND: Duration = Duration::from_secs(10);
/// A step of the clock, and not its unevenness.
const STEP: TimeDelta = TimeDelta::seconds(2);

pub struct Trust {
    from: Instant,
    looked_at: Instant,
    wall: DateTime<Utc>,
}

impl Trust {
    /// Whoever starts among leases that are all over was not there to see them renewed.
    pub async fn begin(app: &App) -> Self {
        let (now, wall) = (app::instant(), app.clock.followed());
        let asleep = in_time(async { Ok(leases::are_all_over(&app.db.read, app.clock.now()).await?) }).await;
        let from = if asleep.unwrap_or(true) { now + SETTLE } else { now };
        Self { from, looked_at: now, wall }
    }

    /// Asked before each look.
    pub fn holds(&mut self, now: Instant, wall: DateTime<Utc>) -> bool {
        let passed = TimeDelta::from_std(now - self.looked_at).unwrap_or(TimeDelta::MAX);
        let was_set = ((wall - self.wall) - passed).abs() > STEP;
        if was_set || now - self.looked_at > BLIND {
            self.from = now + SETTLE;
        }
        now >= self.from
    }

    /// Everything was seen, or not.
    pub fn looked(&mut self, is_whole: bool, now: Instant, wall: DateTime<Utc>) {
        if is_whole {
            (self.looked_at, self.wall) = (now, wall);
        } else {
            self.from = now + SETTLE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Trust;
    use chrono::{DateTime, TimeDelta, Utc};
    use std::time::Duration;

    #[test]
    fn leases_are_not_believed_for_a_while_after_nobody_could_renew_them() {
        let (began, wall) = (crate::app::instant(), DateTime::<Utc>::UNIX_EPOCH);
        let (at, told) = (|s: u64| began + Duration::from_secs(s), |s: i64| wall + TimeDelta::seconds(s));
        let mut trust = Trust { from: began, looked_at: began, wall };
        assert!(trust.holds(at(1), told(1)));
        trust.looked(true, at(1), told(1));
        assert!(trust.holds(at(5), told(5)), "a slow look is no outage");
        trust.looked(false, at(6), told(6));
        assert!(!trust.holds(at(7), told(7)), "a look that failed is one");
        trust.looked(true, at(20), told(20));
        assert!(!trust.holds(at(20), told(20)), "and for a while after it");
        trust.looked(true, at(30), told(30));
        assert!(trust.holds(at(31), told(31)));
        assert!(!trust.holds(at(45), told(45)), "so is a look that hung");
        trust.looked(true, at(61), told(61));
        assert!(trust.holds(at(62), told(62)));
        assert!(!trust.holds(at(63), told(663)), "the clock was set");
    }
}
