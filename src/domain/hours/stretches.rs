//! When it is really open, one stretch after the other: the wall clock's hours laid on the time that passes.

use super::Hours;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};

/// How far ahead anybody looks.
const AHEAD: TimeDelta = TimeDelta::days(2 * 366);
/// Zones change their clocks less often than once in this.
const PIECE: TimeDelta = TimeDelta::days(1);

pub type Stretch = (DateTime<Utc>, DateTime<Utc>);

/// In order, without overlap, none of them empty; two may adjoin.
pub struct Stretches<'a> {
    hours: &'a Hours,
    zone: chrono_tz::Tz,
    at: DateTime<Utc>,
    end: DateTime<Utc>,
    ready: std::vec::IntoIter<Stretch>,
}

impl<'a> Stretches<'a> {
    pub fn from(hours: &'a Hours, at: DateTime<Utc>) -> Self {
        let end = at.checked_add_signed(AHEAD).unwrap_or(at);
        Self { hours, zone: hours.zone(), at, end, ready: Vec::new().into_iter() }
    }

    fn offset(&self, at: DateTime<Utc>) -> TimeDelta {
        TimeDelta::seconds(self.zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into())
    }

    /// The end of the next piece of time in which the clocks run evenly.
    fn even_until(&self) -> DateTime<Utc> {
        let (mut even, mut other) = (self.at, (self.at + PIECE).min(self.end));
        let offset = self.offset(even);
        if self.offset(other) == offset {
            return other;
        }
        while other - even > TimeDelta::seconds(1) {
            let middle = even + (other - even) / 2;
            if self.offset(middle) == offset {
                even = middle;
            } else {
                other = middle;
            }
        }
        // Clocks change on a whole second.
        DateTime::from_timestamp(other.timestamp(), 0).unwrap_or(other)
    }

    fn piece(&mut self) -> Vec<Stretch> {
        let (from, until, offset) = (self.at, self.even_until(), self.offset(self.at));
        self.at = until;
        let (wall_from, wall_until) = (from.naive_utc() + offset, until.naive_utc() + offset);
        let mut found = Vec::new();
        let mut date = Some(wall_from.date());
        while let Some(today) = date.filter(|date| date.and_time(NaiveTime::MIN) < wall_until) {
            for (begins, ends) in self.hours.on(today) {
                let begins = moment(today, begins).max(wall_from);
                let ends = moment(today, ends).min(wall_until);
                if begins < ends {
                    found.push(((begins - offset).and_utc(), (ends - offset).and_utc()));
                }
            }
            date = today.checked_add_days(Days::new(1));
        }
        found
    }
}

fn moment(date: NaiveDate, second: u32) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::seconds(second.into())
}

impl Iterator for Stretches<'_> {
    type Item = Stretch;

    fn next(&mut self) -> Option<Stretch> {
        loop {
            if let Some(stretch) = self.ready.next() {
                return Some(stretch);
            }
            if self.at >= self.end {
                return None;
            }
            self.ready = self.piece().into_iter();
        }
    }
}
