//! What the address of a report says. Whatever cannot be read, or is not the reader's to see, is as if it were not there.

use crate::domain::hours::day_begins;
use crate::domain::id::{SiteId, TeamId};
use crate::words::Key;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Offset, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use std::fmt::Display;
use std::str::FromStr;
use url::form_urlencoded;

/// Most days of one report.
const DAYS_MAX: u64 = 731;
const DAYS: u64 = 28;
/// There was no shop here before.
const FIRST: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day of the calendar");

/// How wide a line is in time. Weeks begin on Monday (ISO 8601).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Day,
    Week,
    Month,
}

/// A report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Overview,
    Volume,
    Response,
    Agents,
    Csat,
    Queue,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Overview, Self::Volume, Self::Response, Self::Agents, Self::Csat, Self::Queue];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Volume => "volume",
            Self::Response => "response",
            Self::Agents => "agents",
            Self::Csat => "csat",
            Self::Queue => "queue",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    pub fn label(self) -> Key {
        Key(match self {
            Self::Overview => "report-overview",
            Self::Volume => "report-volume",
            Self::Response => "report-response",
            Self::Agents => "report-agents",
            Self::Csat => "report-csat",
            Self::Queue => "report-queue",
        })
    }
}

/// So many days up to today.
pub const RANGES: [(u64, Key); 4] =
    [(7, Key("report-7")), (DAYS, Key("report-28")), (90, Key("report-90")), (365, Key("report-365"))];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub kind: Kind,
    /// So many days up to today; else the days below.
    pub days: Option<u64>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub compares: bool,
    pub site: Option<SiteId>,
    pub team: Option<TeamId>,
    pub zone: Option<Tz>,
    /// The table that is wanted as CSV.
    pub table: Option<String>,
}

impl Asked {
    pub fn read(kind: Kind, query: &str) -> Self {
        let mut asked = Self {
            kind,
            days: None,
            from: None,
            to: None,
            compares: false,
            site: None,
            team: None,
            zone: None,
            table: None,
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "range" => asked.days = read(&value).filter(|days| RANGES.iter().any(|(known, _)| known == days)),
                "from" => asked.from = read(&value),
                "to" => asked.to = read(&value),
                "compare" => asked.compares = value == "1",
                "site" => asked.site = read(&value),
                "team" => asked.team = read(&value),
                "zone" => asked.zone = read(&value),
                "csv" => asked.table = Some(value.into_owned()),
                _ => {}
            }
        }
        if asked.days.is_none() && asked.from.is_none() && asked.to.is_none() {
            asked.days = Some(DAYS);
        }
        asked
    }

    /// The days it is about, both included: in their order, none after today, and no more than a report takes.
    pub fn period(&self, today: NaiveDate) -> Period {
        let back = |day: NaiveDate, days: u64| day.checked_sub_days(Days::new(days - 1)).unwrap_or(NaiveDate::MIN);
        if let Some(days) = self.days {
            return Period { from: back(today, days), to: today };
        }
        let known = |day: NaiveDate| day.clamp(FIRST.min(today), today);
        let to = known(self.to.unwrap_or(today));
        let from = known(self.from.unwrap_or_else(|| back(to, DAYS)));
        let (from, to) = if from > to { (to, from) } else { (from, to) };
        Period { from: from.max(back(to, DAYS_MAX)), to }
    }

    /// The same in another report, without CSV.
    pub fn at(&self, kind: Kind) -> String {
        self.href(kind, None)
    }

    pub fn csv(&self, table: &str) -> String {
        self.href(self.kind, Some(table))
    }

    /// The same, of so many days up to today.
    pub fn over(&self, days: u64) -> String {
        Self { days: Some(days), ..self.clone() }.at(self.kind)
    }

    fn href(&self, kind: Kind, table: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        };
        put("range", text(self.days));
        if self.days.is_none() {
            put("from", text(self.from));
            put("to", text(self.to));
        }
        put("compare", self.compares.then(|| "1".to_owned()));
        put("site", text(self.site));
        put("team", text(self.team));
        put("zone", text(self.zone));
        put("csv", text(table));
        format!("/console/reports/{}?{}", kind.as_str(), query.finish())
    }
}

/// Whole days, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Period {
    fn days(self) -> u64 {
        (self.to - self.from).num_days().unsigned_abs() + 1
    }

    /// As many days, right before.
    pub fn before(self) -> Self {
        let back = |day: NaiveDate| day.checked_sub_days(Days::new(self.days())).unwrap_or(NaiveDate::MIN);
        Self { from: back(self.from), to: back(self.to) }
    }

    /// Where its lines begin and the last one ends, as moments: all within the days that were asked for.
    pub fn edges(self, zone: Tz) -> Vec<DateTime<Utc>> {
        let begins = self.lines().into_iter().map(|day| day_begins(zone, day.max(self.from)));
        begins.chain([day_begins(zone, self.to.succ_opt().unwrap_or(self.to))]).collect()
    }

    /// Since when the zone's clocks are ahead of UTC by how many seconds. Clocks change at whole quarters of an hour, and not
    /// twice a day.
    pub fn offsets(self, zone: Tz) -> Vec<(DateTime<Utc>, i32)> {
        let ahead = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
        let (mut at, until) = (day_begins(zone, self.from), day_begins(zone, self.to) + TimeDelta::days(2));
        let mut last = ahead(at);
        let mut offsets = vec![(at, last)];
        while at < until {
            let changes = ahead(at + TimeDelta::days(1)) != last;
            at += if changes { TimeDelta::minutes(15) } else { TimeDelta::days(1) };
            if ahead(at) != last {
                last = ahead(at);
                offsets.push((at, last));
            }
        }
        offsets
    }

    /// So that no chart has more than some 50 lines.
    pub fn step(self) -> Step {
        match self.days() {
            0..=45 => Step::Day,
            46..=300 => Step::Week,
            _ => Step::Month,
        }
    }

    /// The first day of every line.
    pub fn lines(self) -> Vec<NaiveDate> {
        let mut day = match self.step() {
            Step::Day => self.from,
            Step::Week => self.from.week(Weekday::Mon).first_day(),
            Step::Month => self.from.with_day(1).unwrap_or(self.from),
        };
        let mut lines = Vec::new();
        while day <= self.to {
            lines.push(day);
            let next = match self.step() {
                Step::Day => day.succ_opt(),
                Step::Week => day.checked_add_days(Days::new(7)),
                Step::Month => day.checked_add_months(Months::new(1)),
            };
            let Some(next) = next else { break };
            day = next;
        }
        lines
    }
}

fn read<T: FromStr>(value: &str) -> Option<T> {
    value.trim().parse().ok()
}

fn text(value: Option<impl Display>) -> Option<String> {
    value.map(|value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::{Asked, Kind, Period};
    use chrono::NaiveDate;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(query: &str) -> (String, String) {
        let Period { from, to } = Asked::read(Kind::Volume, query).period(day("2026-11-26"));
        (from.to_string(), to.to_string())
    }

    #[test]
    fn an_address_names_days_that_make_sense_whatever_it_says() {
        let cases = [
            ("", ("2026-10-30", "2026-11-26")),
            ("range=7", ("2026-11-20", "2026-11-26")),
            ("range=8&from=x", ("2026-10-30", "2026-11-26")),
            ("from=2026-11-01&to=2026-11-03", ("2026-11-01", "2026-11-03")),
            ("from=2026-11-03&to=2026-11-01", ("2026-11-01", "2026-11-03")),
            ("from=2030-01-01&to=2026-11-01", ("2026-11-01", "2026-11-26")),
            ("to=2026-11-10", ("2026-10-14", "2026-11-10")),
            ("from=-9999-01-01&to=-5000-01-01", ("2000-01-01", "2000-01-01")),
            ("from=1900-01-01&to=2026-11-26", ("2024-11-26", "2026-11-26")),
        ];
        for (query, (from, to)) in cases {
            assert_eq!(period(query), (from.to_owned(), to.to_owned()), "{query}");
        }
    }

    #[test]
    fn an_address_says_what_was_asked() {
        let query = "from=2026-11-01&to=2026-11-03&compare=1&zone=Asia%2FShanghai";
        let asked = Asked::read(Kind::Queue, query);
        assert_eq!(asked.at(Kind::Csat), format!("/console/reports/csat?{query}"));
        assert_eq!(asked.csv("rush"), format!("/console/reports/queue?{query}&csv=rush"));
    }

    #[test]
    fn offsets_change_when_the_clocks_do() {
        let year = Period { from: day("2026-01-01"), to: day("2026-12-31") };
        let changes = |zone: &str| {
            let offsets = year.offsets(zone.parse().unwrap());
            offsets
                .iter()
                .skip(1)
                .map(|(at, ahead)| format!("{} {ahead}", at.format("%m-%d %H:%M")))
                .collect::<Vec<_>>()
        };
        assert_eq!(changes("Europe/Berlin"), ["03-29 01:00 7200", "10-25 01:00 3600"]);
        assert_eq!(changes("Australia/Lord_Howe"), ["04-04 15:00 37800", "10-03 15:30 39600"]);
        assert!(changes("Asia/Kathmandu").is_empty());
    }

    #[test]
    fn lines_are_days_weeks_from_monday_or_months_and_the_time_before_is_as_long() {
        let lines = |from, to| Period { from: day(from), to: day(to) }.lines();
        assert_eq!(lines("2026-11-20", "2026-11-26").len(), 7);
        let weeks = lines("2026-08-29", "2026-11-26");
        assert_eq!((weeks[0], weeks.len()), (day("2026-08-24"), 14));
        assert_eq!(lines("2025-11-27", "2026-11-26").len(), 13);
        let before = Period { from: day("2026-11-20"), to: day("2026-11-26") }.before();
        assert_eq!(before, Period { from: day("2026-11-13"), to: day("2026-11-19") });
    }
}
