//! Opening hours: weekly, with dated exceptions, in the shop's own zone; and the business clock that runs while it is open.
//!
//! Open is when the wall clock in the shop's zone says so. An hour that the change of clocks skips is never open, one that
//! comes twice is open twice: the business clock counts the seconds that pass, each once.

mod stretches;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use serde::{Deserialize, Serialize};
use stretches::Stretches;

/// Opening hours in the shop's own zone. No intervals in the week means always open, exceptions aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hours {
    pub zone: String,
    pub week: Vec<Interval>,
    pub exceptions: Vec<Exception>,
}

impl Default for Hours {
    fn default() -> Self {
        Self { zone: "UTC".into(), week: Vec::new(), exceptions: Vec::new() }
    }
}

/// `day` counts from Monday 0 to Sunday 6; `until` is exclusive, and 24:00 is written as 00:00. What ends before it begins
/// runs over midnight into the next day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    pub day: u8,
    pub from: NaiveTime,
    pub until: NaiveTime,
}

/// One date that is not as usual. It replaces everything on that date, what would run over from the evening before among it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    pub date: NaiveDate,
    #[serde(default)]
    pub name: String,
    /// None: closed the whole day.
    #[serde(default)]
    pub open: Vec<Span>,
}

/// As [`Interval`], on one date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: NaiveTime,
    pub until: NaiveTime,
}

/// Seconds of a day by the wall clock, the end excluded.
type Range = (u32, u32);

const DAY: u32 = 86_400;

impl Hours {
    fn zone(&self) -> chrono_tz::Tz {
        self.zone.parse().unwrap_or(chrono_tz::UTC)
    }

    fn is_always_open(&self) -> bool {
        self.week.is_empty() && self.exceptions.is_empty()
    }

    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        let local = now.with_timezone(&self.zone());
        let second = local.time().num_seconds_from_midnight();
        self.is_always_open()
            || self.on(local.date_naive()).iter().any(|(from, until)| (*from..*until).contains(&second))
    }

    /// When the shop opens next; `None` while it is open, or if it does not within two years.
    pub fn opens_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_open(now) {
            return None;
        }
        Stretches::from(self, now).next().map(|(from, _)| from)
    }

    /// The moment at which so many seconds of opening time have passed since `at`; `None` if that takes more than two years.
    pub fn add(&self, at: DateTime<Utc>, seconds: u32) -> Option<DateTime<Utc>> {
        let mut left = TimeDelta::seconds(i64::from(seconds));
        if left.is_zero() || self.is_always_open() {
            return at.checked_add_signed(left);
        }
        for (from, until) in Stretches::from(self, at) {
            if until - from >= left {
                return Some(from + left);
            }
            left -= until - from;
        }
        None
    }

    /// Whole seconds of opening time from one moment to another, of two years at most; none where they run backwards.
    pub fn between(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> i64 {
        if self.is_always_open() {
            return (until - from).num_seconds().max(0);
        }
        let passed = Stretches::from(self, from).take_while(|(begins, _)| *begins < until);
        passed.map(|(begins, ends)| ends.min(until) - begins).sum::<TimeDelta>().num_seconds()
    }

    /// When it is open on a date by the wall clock: in order, and apart from each other.
    fn on(&self, date: NaiveDate) -> Vec<Range> {
        let today = self.begun_on(date).into_iter().map(|(from, until)| (from, until.min(DAY)));
        let before = if self.exception(date).is_some() { None } else { date.checked_sub_days(Days::new(1)) };
        let last_night = before.map(|date| self.begun_on(date)).unwrap_or_default();
        let over = last_night.into_iter().filter(|(_, until)| *until > DAY).map(|(_, until)| (0, until - DAY));
        merged(today.chain(over).collect())
    }

    /// What begins on a date; past midnight the seconds go on.
    fn begun_on(&self, date: NaiveDate) -> Vec<Range> {
        if let Some(exception) = self.exception(date) {
            return exception.open.iter().map(|span| range(span.from, span.until)).collect();
        }
        if self.week.is_empty() {
            return vec![(0, DAY)];
        }
        let day = date.weekday().num_days_from_monday();
        let today = self.week.iter().filter(|interval| u32::from(interval.day) == day);
        today.map(|interval| range(interval.from, interval.until)).collect()
    }

    fn exception(&self, date: NaiveDate) -> Option<&Exception> {
        self.exceptions.iter().find(|exception| exception.date == date)
    }
}

/// When today began in a zone.
pub fn day_began(zone: &str, now: DateTime<Utc>) -> DateTime<Utc> {
    let zone: chrono_tz::Tz = zone.parse().unwrap_or(chrono_tz::UTC);
    day_begins(zone, now.with_timezone(&zone).date_naive())
}

/// When a day begins in a zone. Where midnight is left out that day, as some changes of clocks do, with the first hour there is;
/// a day that a zone left out altogether begins where UTC's does.
pub fn day_begins(zone: chrono_tz::Tz, day: NaiveDate) -> DateTime<Utc> {
    let mut hours = (0..24).filter_map(|hour| day.and_hms_opt(hour, 0, 0));
    let first = hours.find_map(|local| zone.from_local_datetime(&local).earliest());
    first.map_or_else(|| day.and_time(NaiveTime::MIN).and_utc(), |at| at.with_timezone(&Utc))
}

fn range(from: NaiveTime, until: NaiveTime) -> Range {
    let (from, until) = (from.num_seconds_from_midnight(), until.num_seconds_from_midnight());
    (from, if until <= from { until + DAY } else { until })
}

fn merged(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut apart: Vec<Range> = Vec::with_capacity(ranges.len());
    for (from, until) in ranges {
        match apart.last_mut().filter(|last| from <= last.1) {
            Some(last) => last.1 = last.1.max(until),
            None => apart.push((from, until)),
        }
    }
    apart
}

#[cfg(test)]
mod tests;
