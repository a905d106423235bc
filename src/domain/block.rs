//! Shoppers who may not come in: why, and for how long.

use chrono::{DateTime, TimeDelta, Utc};

/// Longest reason, in characters.
pub const REASON_MAX: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    Day,
    Month,
    Ever,
}

impl Length {
    pub const ALL: [Self; 3] = [Self::Day, Self::Month, Self::Ever];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Ever => "ever",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|length| length.as_str() == text)
    }

    /// When it is over; never, where it is for good.
    pub fn until(self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Day => Some(from + TimeDelta::days(1)),
            Self::Month => Some(from + TimeDelta::days(30)),
            Self::Ever => None,
        }
    }
}

/// One line of text; `None`: there is nothing in it, or too much.
pub fn reason(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_good = (1..=REASON_MAX).contains(&line.chars().count()) && !line.chars().any(char::is_control);
    is_good.then_some(line)
}

#[cfg(test)]
mod tests {
    use super::{Length, REASON_MAX, reason};
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn a_block_is_for_a_day_thirty_days_or_for_good() {
        let now = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let days = |text| Length::parse(text).map(|length| length.until(now).map(|until| until - now));
        assert_eq!(days("day"), Some(Some(TimeDelta::days(1))));
        assert_eq!(days("month"), Some(Some(TimeDelta::days(30))));
        assert_eq!(days("ever"), Some(None));
        assert_eq!(days("hour"), None);
    }

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        assert_eq!(reason("  insults \r\n again ").as_deref(), Some("insults again"));
        assert_eq!(reason(&"ü".repeat(REASON_MAX)).map(|line| line.chars().count()), Some(REASON_MAX));
        for bad in ["", " \n ", "a\0b", &"x".repeat(REASON_MAX + 1)] {
            assert_eq!(reason(bad), None);
        }
    }
}
