//! Opening hours, in the shop's own zone.

use chrono::{DateTime, Datelike, Duration, NaiveTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// Weekly opening hours in the shop's own zone. No intervals at all means always open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hours {
    pub zone: String,
    pub week: Vec<Interval>,
}

impl Default for Hours {
    fn default() -> Self {
        Self { zone: "UTC".into(), week: Vec::new() }
    }
}

/// `day` counts from Monday 0 to Sunday 6; `until` is exclusive, and 24:00 is written as 00:00.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    pub day: u8,
    pub from: NaiveTime,
    pub until: NaiveTime,
}

impl Hours {
    fn zone(&self) -> chrono_tz::Tz {
        self.zone.parse().unwrap_or(chrono_tz::UTC)
    }

    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        let local = now.with_timezone(&self.zone());
        let day = u8::try_from(local.weekday().num_days_from_monday()).unwrap_or_default();
        self.week.is_empty() || self.week.iter().any(|i| i.day == day && i.contains(local.time()))
    }

    /// When the shop opens next; `None` while it is open, or if it never does.
    pub fn opens_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.is_open(now) {
            return None;
        }
        let zone = self.zone();
        let today = now.with_timezone(&zone).date_naive();
        (0..8)
            .filter_map(|ahead| today.checked_add_signed(Duration::days(ahead)))
            .flat_map(|date| {
                let day = u8::try_from(date.weekday().num_days_from_monday()).unwrap_or_default();
                self.week.iter().filter(move |i| i.day == day).map(move |i| date.and_time(i.from))
            })
            .filter_map(|local| zone.from_local_datetime(&local).earliest())
            .map(|at| at.with_timezone(&Utc))
            .filter(|at| *at > now)
            .min()
    }
}

/// When today began in a zone. Where midnight is left out that day, as some changes of clocks do, with the first hour there is.
pub fn day_began(zone: &str, now: DateTime<Utc>) -> DateTime<Utc> {
    let zone: chrono_tz::Tz = zone.parse().unwrap_or(chrono_tz::UTC);
    let today = now.with_timezone(&zone).date_naive();
    let mut hours = (0..24).filter_map(|hour| today.and_hms_opt(hour, 0, 0));
    let first = hours.find_map(|local| zone.from_local_datetime(&local).earliest());
    first.map_or(now, |at| at.with_timezone(&Utc))
}

impl Interval {
    fn contains(&self, time: NaiveTime) -> bool {
        time >= self.from && (time < self.until || self.until == NaiveTime::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::{Hours, Interval, day_began};
    use chrono::{DateTime, NaiveTime, Utc};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn office() -> Hours {
        let time = |h| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
        let week = (0..5).map(|day| Interval { day, from: time(9), until: time(17) }).collect();
        Hours { zone: "Europe/Berlin".into(), week }
    }

    #[test]
    fn a_day_begins_at_midnight_of_its_zone() {
        let began = |zone, now| day_began(zone, at(now));
        assert_eq!(began("UTC", "2026-07-01T15:00:00Z"), at("2026-07-01T00:00:00Z"));
        assert_eq!(began("Asia/Shanghai", "2026-07-01T15:59:59Z"), at("2026-06-30T16:00:00Z"));
        assert_eq!(began("Asia/Shanghai", "2026-07-01T16:00:00Z"), at("2026-07-01T16:00:00Z"));
        assert_eq!(began("Asia/Beirut", "2026-03-29T12:00:00Z"), at("2026-03-28T22:00:00Z"), "it has no midnight");
        assert_eq!(began("nowhere", "2026-07-01T15:00:00Z"), at("2026-07-01T00:00:00Z"));
    }

    #[test]
    fn hours_follow_the_shops_zone_through_the_change_of_clocks() {
        let hours = office();
        assert!(hours.is_open(at("2026-07-01T07:00:00Z")), "9:00 in summer");
        assert!(!hours.is_open(at("2026-01-07T07:30:00Z")), "8:30 in winter");
        assert!(!hours.is_open(at("2026-07-01T15:00:00Z")), "17:00 is closed");
        assert_eq!(
            hours.opens_at(at("2026-11-20T17:00:00Z")),
            Some(at("2026-11-23T08:00:00Z")),
            "Friday evening to Monday"
        );
        assert!(Hours::default().is_open(at("2026-01-01T00:00:00Z")));
    }
}
