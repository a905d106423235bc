//! How soon shoppers are answered: which clocks run on a chat, when each is due, and how it stands. Pure.

use super::hours::Hours;
use super::routing::{Class, Sla};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// From opening until staff has answered.
    First,
    /// From the shopper's word until staff has answered it, the first answer aside.
    Next,
    /// From opening until the end.
    Resolution,
}

impl Target {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Next => "next",
            Self::Resolution => "resolution",
        }
    }

    /// At the beginning of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::First => "First answer",
            Self::Next => "Answer",
            Self::Resolution => "Resolution",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    InTime,
    /// So much of the time has passed that the site wants to be warned.
    Warned,
    Breached,
}

impl Standing {
    pub fn words(self) -> &'static str {
        match self {
            Self::InTime => "due",
            Self::Warned => "due soon",
            Self::Breached => "late",
        }
    }
}

/// A chat as far as its clocks are concerned.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    pub class: Class,
    pub opened_at: DateTime<Utc>,
    /// The first answer.
    pub answered_at: Option<DateTime<Utc>>,
    pub unanswered_since: Option<DateTime<Utc>>,
}

/// One clock that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    pub target: Target,
    pub since: DateTime<Utc>,
    /// Seconds of opening time.
    pub within_s: u32,
    /// Half of it has passed, or as much as the site warns at where that is less: lists show it in another colour.
    pub half_at: DateTime<Utc>,
    /// So much of it has passed that the site wants people to be called.
    pub warn_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

impl Clock {
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        if now >= self.due_at {
            Standing::Breached
        } else if now >= self.warn_at {
            Standing::Warned
        } else {
            Standing::InTime
        }
    }
}

/// The clocks that run on an open chat, in the opening time of its calendar. One that the calendar never lets end does not run.
pub fn clocks(sla: &Sla, hours: &Hours, facts: &Facts) -> impl Iterator<Item = Clock> {
    let targets = sla.of(facts.class);
    let next_since = facts.unanswered_since.filter(|_| facts.answered_at.is_some());
    let running = [
        (Target::First, Some(facts.opened_at).filter(|_| facts.answered_at.is_none()), targets.first_s),
        (Target::Next, next_since, targets.next_s),
        (Target::Resolution, Some(facts.opened_at), targets.resolution_s),
    ];
    let percent = u64::from(sla.warn_percent.min(100));
    running.into_iter().filter(|(_, _, within_s)| *within_s > 0).filter_map(move |(target, since, within_s)| {
        let since = since?;
        let warn_s = u32::try_from(u64::from(within_s) * percent / 100).unwrap_or(within_s);
        let warn_at = hours.add(since, warn_s)?;
        let half_at = hours.add(since, within_s / 2)?.min(warn_at);
        Some(Clock { target, since, within_s, half_at, warn_at, due_at: hours.add(since, within_s)? })
    })
}

/// The clock that asks for somebody first.
pub fn most_urgent(sla: &Sla, hours: &Hours, facts: &Facts) -> Option<Clock> {
    clocks(sla, hours, facts).min_by_key(|clock| clock.due_at)
}

#[cfg(test)]
mod tests {
    use super::{Facts, Standing, Target, clocks, most_urgent};
    use crate::domain::hours::{Hours, Interval};
    use crate::domain::routing::{Class, Sla, Targets};
    use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

    fn at(minute: i64) -> DateTime<Utc> {
        // A Wednesday, 16:00.
        "2026-11-25T16:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn sla() -> Sla {
        let normal = Targets { first_s: 600, next_s: 300, resolution_s: 7_200 };
        Sla { normal, vip: Targets { first_s: 60, ..normal }, ..Sla::default() }
    }

    fn facts(answered: Option<i64>, unanswered: Option<i64>) -> Facts {
        Facts {
            class: Class::Normal,
            opened_at: at(0),
            answered_at: answered.map(at),
            unanswered_since: unanswered.map(at),
        }
    }

    fn running(hours: &Hours, facts: &Facts) -> Vec<(Target, i64, i64)> {
        let minutes = |moment: DateTime<Utc>| (moment - at(0)).num_minutes();
        clocks(&sla(), hours, facts).map(|c| (c.target, minutes(c.warn_at), minutes(c.due_at))).collect()
    }

    #[test]
    fn each_clock_runs_from_its_own_beginning_until_its_own_end() {
        use Target::{First, Next, Resolution};
        let always = Hours::default();
        let cases = [
            (facts(None, Some(0)), vec![(First, 8, 10), (Resolution, 96, 120)]),
            (facts(Some(5), None), vec![(Resolution, 96, 120)]),
            (facts(Some(5), Some(20)), vec![(Next, 24, 25), (Resolution, 96, 120)]),
            (Facts { class: Class::Vip, ..facts(None, None) }, vec![(First, 0, 1), (Resolution, 96, 120)]),
            (Facts { class: Class::Low, ..facts(None, Some(0)) }, vec![]),
        ];
        for (facts, expected) in cases {
            assert_eq!(running(&always, &facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn a_list_warns_from_half_of_the_time_on_and_never_later_than_the_site_calls() {
        let halves = |warn_percent| {
            let half = |clock: super::Clock| (clock.half_at - at(0)).num_minutes();
            let sla = Sla { warn_percent, ..sla() };
            clocks(&sla, &Hours::default(), &facts(None, Some(0))).map(half).collect::<Vec<_>>()
        };
        assert_eq!(halves(80), [5, 60]);
        assert_eq!(halves(20), [2, 24]);
    }

    #[test]
    fn clocks_stand_still_while_the_shop_is_closed() {
        let time = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
        let week = (0..5).map(|day| Interval { day, from: time(9), until: time(17) }).collect();
        let office = Hours { week, ..Hours::default() };
        let next_day = 17 * 60;
        assert_eq!(
            running(&office, &facts(Some(1), Some(58))),
            [
                // Two minutes before closing, three after opening; its warning is due after four.
                (Target::Next, next_day + 2, next_day + 3),
                (Target::Resolution, next_day + 36, next_day + 60),
            ]
        );
        let never = Hours { week: vec![Interval { day: 9, from: time(9), until: time(17) }], ..Hours::default() };
        assert_eq!(running(&never, &facts(None, None)), []);
    }

    #[test]
    fn a_clock_stands_well_then_warns_then_is_late() {
        let clock = most_urgent(&sla(), &Hours::default(), &facts(None, Some(0))).unwrap();
        assert_eq!((clock.target, clock.within_s), (Target::First, 600));
        let cases = [
            (0, Standing::InTime),
            (7, Standing::InTime),
            (8, Standing::Warned),
            (9, Standing::Warned),
            (10, Standing::Breached),
        ];
        for (minute, expected) in cases {
            assert_eq!(clock.standing(at(minute)), expected, "after {minute} minutes");
        }
        let unwarned = Sla { warn_percent: 100, ..sla() };
        let clock = most_urgent(&unwarned, &Hours::default(), &facts(None, Some(0))).unwrap();
        assert_eq!(clock.standing(clock.due_at - TimeDelta::seconds(1)), Standing::InTime);
        assert_eq!(clock.standing(clock.due_at), Standing::Breached);
    }
}
