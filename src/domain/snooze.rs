//! Until when: what somebody means by tomorrow, in their zone.

use chrono::{
    DateTime, Datelike, Days, DurationRound, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;

/// As the menu offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    Hour,
    Tomorrow,
    /// Monday.
    NextWeek,
    /// By the wall clock of whoever says it.
    At(NaiveDateTime),
}

const MORNING: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("nine o'clock is a time");

impl Until {
    /// `at` is as a browser's field for date and time gives it.
    pub fn parse(choice: &str, at: &str) -> Option<Self> {
        match choice {
            "hour" => Some(Self::Hour),
            "tomorrow" => Some(Self::Tomorrow),
            "week" => Some(Self::NextWeek),
            "at" => NaiveDateTime::parse_from_str(at.trim().get(..16)?, "%Y-%m-%dT%H:%M").ok().map(Self::At),
            _ => None,
        }
    }

    /// As forms name it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Tomorrow => "tomorrow",
            Self::NextWeek => "week",
            Self::At(_) => "at",
        }
    }

    pub fn time(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&zone).date_naive();
        match self {
            // To the minute, so that pressing twice says the same.
            Self::Hour => (now + TimeDelta::hours(1)).duration_trunc(TimeDelta::minutes(1)).ok(),
            Self::Tomorrow => morning(today.checked_add_days(Days::new(1))?, zone),
            Self::NextWeek => morning(next_monday(today)?, zone),
            Self::At(local) => instant(*local, zone),
        }
    }
}

fn next_monday(today: NaiveDate) -> Option<NaiveDate> {
    let ahead = 7 - today.weekday().days_since(Weekday::Mon);
    today.checked_add_days(Days::new(ahead.into()))
}

fn morning(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    instant(day.and_time(MORNING), zone)
}

/// The first of a time that comes twice; of one that the change of clocks skips, the hour after.
pub fn instant(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let found = |local: &NaiveDateTime| zone.from_local_datetime(local).earliest();
    let later = || local.checked_add_signed(TimeDelta::hours(1));
    found(&local).or_else(|| found(&later()?)).map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::Until;
    use chrono::{DateTime, Utc};
    use chrono_tz::Tz;

    fn until(choice: &str, at: &str, now: &str, zone: Tz) -> String {
        let now: DateTime<Utc> = now.parse().unwrap();
        let until = Until::parse(choice, at).and_then(|until| until.time(now, zone));
        until.map(|at| at.format("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default()
    }

    #[test]
    fn tomorrow_and_next_week_are_mornings_where_the_agent_is() {
        let (berlin, shanghai) = (Tz::Europe__Berlin, Tz::Asia__Shanghai);
        assert_eq!(until("hour", "", "2026-11-26T12:34:00Z", berlin), "2026-11-26T13:34");
        assert_eq!(until("tomorrow", "", "2026-11-26T12:34:00Z", berlin), "2026-11-27T08:00");
        // There it is tomorrow already.
        assert_eq!(until("tomorrow", "", "2026-11-26T20:00:00Z", shanghai), "2026-11-28T01:00");
        assert_eq!(until("week", "", "2026-11-26T12:34:00Z", berlin), "2026-11-30T08:00");
        assert_eq!(until("week", "", "2026-11-30T12:34:00Z", berlin), "2026-12-07T08:00", "on a Monday, the next one");
        assert_eq!(
            until("tomorrow", "", "2026-03-28T12:00:00Z", berlin),
            "2026-03-29T07:00",
            "summer began that night"
        );
    }

    #[test]
    fn a_time_of_ones_own_is_by_the_wall_clock_even_where_it_is_skipped_or_comes_twice() {
        let berlin = Tz::Europe__Berlin;
        let at = |at| until("at", at, "2026-01-01T00:00:00Z", berlin);
        assert_eq!(at("2026-06-01T10:30"), "2026-06-01T08:30");
        assert_eq!(at("2026-06-01T10:30:00"), "2026-06-01T08:30");
        assert_eq!(at("2026-03-29T02:30"), "2026-03-29T01:30", "skipped");
        assert_eq!(at("2026-10-25T02:30"), "2026-10-25T00:30", "the first of two");
        for bad in ["", "tomorrow", "2026-13-01T10:00", "2026-06-01", "2026-06-01T1ü:30"] {
            assert_eq!(at(bad), "", "{bad}");
        }
        assert_eq!(until("never", "", "2026-01-01T00:00:00Z", berlin), "");
    }
}
