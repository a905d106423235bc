//! Against the wall clock itself, minute by minute.

use super::{Exception, Hours, Interval, Span, day_began};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use proptest::prelude::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

fn on(day: u8, from: &str, until: &str) -> Interval {
    Interval { day, from: time(from), until: time(until) }
}

fn closed(date: &str) -> Exception {
    Exception { date: date.parse().unwrap(), name: "Holiday".into(), open: Vec::new() }
}

fn berlin(week: Vec<Interval>) -> Hours {
    Hours { zone: "Europe/Berlin".into(), week, exceptions: Vec::new() }
}

fn office() -> Hours {
    berlin((0..5).map(|day| on(day, "09:00", "17:00")).collect())
}

#[test]
fn hours_follow_the_shops_zone_through_the_change_of_clocks() {
    let hours = office();
    assert!(hours.is_open(at("2026-07-01T07:00:00Z")), "9:00 in summer");
    assert!(!hours.is_open(at("2026-01-07T07:30:00Z")), "8:30 in winter");
    assert!(!hours.is_open(at("2026-07-01T15:00:00Z")), "17:00 is closed");
    assert_eq!(hours.opens_at(at("2026-11-20T17:00:00Z")), Some(at("2026-11-23T08:00:00Z")), "Friday to Monday");
    assert!(Hours::default().is_open(at("2026-01-01T00:00:00Z")));
}

#[test]
fn an_evening_runs_over_midnight_and_over_the_end_of_the_week() {
    let hours = berlin(vec![on(6, "20:00", "02:00")]);
    assert!(hours.is_open(at("2026-11-22T22:00:00Z")), "Sunday 23:00");
    assert!(hours.is_open(at("2026-11-23T00:59:00Z")), "Monday 1:59");
    assert!(!hours.is_open(at("2026-11-23T01:00:00Z")), "Monday 2:00");
    assert!(!hours.is_open(at("2026-11-22T00:30:00Z")), "Sunday 1:30 is not that evening");
    assert_eq!(hours.between(at("2026-11-20T00:00:00Z"), at("2026-11-25T00:00:00Z")), 6 * 3_600);
    assert_eq!(hours.add(at("2026-11-20T00:00:00Z"), 5 * 3_600), Some(at("2026-11-23T00:00:00Z")));
}

#[test]
fn a_holiday_closes_its_date_and_what_runs_into_it_and_special_hours_replace_the_usual_ones() {
    let mut hours = berlin((0..7).map(|day| on(day, "20:00", "02:00")).collect());
    let eve = Span { from: time("09:00"), until: time("13:00") };
    hours.exceptions = vec![Exception { open: vec![eve], ..closed("2026-12-24") }, closed("2026-12-25")];
    assert!(hours.is_open(at("2026-12-23T22:30:00Z")), "the evening before");
    assert!(!hours.is_open(at("2026-12-24T00:30:00Z")), "not past midnight");
    assert!(hours.is_open(at("2026-12-24T08:00:00Z")) && !hours.is_open(at("2026-12-24T20:00:00Z")));
    assert!(!hours.is_open(at("2026-12-25T20:00:00Z")));
    assert_eq!(hours.opens_at(at("2026-12-24T12:00:00Z")), Some(at("2026-12-26T19:00:00Z")));
    let always = Hours { exceptions: vec![closed("2026-12-25")], ..Hours::default() };
    assert!(always.is_open(at("2026-12-24T23:59:00Z")) && !always.is_open(at("2026-12-25T00:00:00Z")));
    assert_eq!(always.opens_at(at("2026-12-25T07:00:00Z")), Some(at("2026-12-26T00:00:00Z")));
}

#[test]
fn a_skipped_hour_is_not_lost_and_a_doubled_one_counts_as_it_passes() {
    let night = |from, until| berlin((0..7).map(|day| on(day, from, until)).collect());
    let spring = (at("2026-03-28T12:00:00Z"), at("2026-03-29T12:00:00Z"));
    let autumn = (at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z"));
    let of = |hours: &Hours, (from, until)| hours.between(from, until) / 60;
    assert_eq!((of(&night("01:00", "05:00"), spring), of(&night("01:00", "05:00"), autumn)), (180, 300));
    assert_eq!((of(&night("02:30", "03:30"), spring), of(&night("02:30", "03:30"), autumn)), (30, 90));
    assert_eq!(of(&night("02:00", "03:00"), spring), 0, "that hour is not there");
    assert_eq!(
        night("02:30", "03:30").opens_at(spring.0),
        Some(at("2026-03-29T01:00:00Z")),
        "as soon as it is past 2:30"
    );
}

#[test]
fn what_never_opens_says_so() {
    let hours = Hours { exceptions: vec![], ..berlin(vec![on(9, "09:00", "17:00")]) };
    assert_eq!((hours.opens_at(at("2026-01-01T00:00:00Z")), hours.add(at("2026-01-01T00:00:00Z"), 1)), (None, None));
    assert_eq!(hours.between(at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z")), 0);
    assert_eq!(office().between(at("2026-02-02T00:00:00Z"), at("2026-02-01T00:00:00Z")), 0, "backwards");
}

#[test]
fn settings_of_before_are_read_as_they_were() {
    let old = r#"{"zone":"Europe/Berlin","week":[{"day":0,"from":"09:00:00","until":"17:00:00"}]}"#;
    assert_eq!(serde_json::from_str::<Hours>(old).unwrap(), berlin(vec![on(0, "09:00", "17:00")]));
}

/// What the wall clock says, without any of the machinery.
fn says_open(hours: &Hours, now: DateTime<Utc>) -> bool {
    let wall = now.with_timezone(&hours.zone.parse::<chrono_tz::Tz>().unwrap());
    let (today, time) = (wall.date_naive(), wall.time());
    let spans = |date: NaiveDate| -> Vec<(NaiveTime, NaiveTime)> {
        if let Some(exception) = hours.exceptions.iter().find(|e| e.date == date) {
            return exception.open.iter().map(|s| (s.from, s.until)).collect();
        }
        if hours.week.is_empty() {
            return vec![(NaiveTime::MIN, NaiveTime::MIN)];
        }
        let day = date.weekday().num_days_from_monday();
        hours.week.iter().filter(|i| u32::from(i.day) == day).map(|i| (i.from, i.until)).collect()
    };
    let is_exception = hours.exceptions.iter().any(|e| e.date == today);
    spans(today).iter().any(|(from, until)| time >= *from && (until <= from || time < *until))
        || (!is_exception
            && spans(today.pred_opt().unwrap()).iter().any(|(from, until)| until <= from && time < *until))
}

fn minute() -> impl Strategy<Value = NaiveTime> {
    // Often on the hours at which clocks change.
    let minutes = prop_oneof![0_u32..1_440, (0_u32..8).prop_map(|half| half * 30)];
    minutes.prop_map(|m| NaiveTime::from_hms_opt(m / 60, m % 60, 0).unwrap())
}

/// A zone and a day at which its clocks do something.
const NIGHTS: [(&str, &str); 7] = [
    ("Europe/Berlin", "2026-03-28T00:00:00Z"),
    ("Europe/Berlin", "2026-10-24T00:00:00Z"),
    ("America/New_York", "2026-10-31T00:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T00:00:00Z"),
    ("Africa/Casablanca", "2026-02-14T00:00:00Z"),
    ("Pacific/Apia", "2011-12-29T00:00:00Z"),
    ("Asia/Kathmandu", "2026-06-01T00:00:00Z"),
];

fn calendars() -> impl Strategy<Value = (Hours, DateTime<Utc>)> {
    let interval = (0_u8..7, minute(), minute()).prop_map(|(day, from, until)| Interval { day, from, until });
    let week = prop::collection::vec(interval, 0..12);
    let open = prop::collection::vec((minute(), minute()).prop_map(|(from, until)| Span { from, until }), 0..3);
    let exceptions = prop::collection::vec((0_u64..4, open), 0..3);
    (0..NIGHTS.len(), week, exceptions).prop_map(|(n, week, exceptions)| {
        let (zone, start) = (NIGHTS[n].0, at(NIGHTS[n].1));
        let dated = |(ahead, open)| Exception {
            date: start.date_naive() + chrono::Days::new(ahead),
            name: String::new(),
            open,
        };
        (Hours { zone: zone.into(), week, exceptions: exceptions.into_iter().map(dated).collect() }, start)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn the_calendar_is_the_wall_clock_minute_by_minute((hours, start) in calendars(), from in 0_i64..2_000, length in 0_i64..3_000) {
        let minute = |n: i64| start + TimeDelta::minutes(n);
        let open: Vec<i64> = (from..from + length).filter(|n| says_open(&hours, minute(*n))).collect();
        for n in (from..from + length).step_by(7) {
            prop_assert_eq!(hours.is_open(minute(n)), says_open(&hours, minute(n)));
        }
        prop_assert_eq!(hours.between(minute(from), minute(from + length)), 60 * i64::try_from(open.len()).unwrap());
        let opens = if says_open(&hours, minute(from)) { None } else { open.first().map(|n| minute(*n)) };
        if opens.is_some() || !open.is_empty() {
            prop_assert_eq!(hours.opens_at(minute(from)), opens);
        }
        // Half of a minute into the middle one of the open minutes.
        if let Some(n) = open.get(open.len() / 2) {
            let passed = u32::try_from(open.len() / 2).unwrap() * 60 + 30;
            prop_assert_eq!(hours.add(minute(from), passed), Some(minute(*n) + TimeDelta::seconds(30)));
        }
    }

    #[test]
    fn adding_and_counting_agree((hours, start) in calendars(), seconds in 1_u32..500_000) {
        let Some(end) = hours.add(start, seconds) else { return Ok(()) };
        prop_assert_eq!(hours.between(start, end), i64::from(seconds));
        prop_assert!(hours.is_open(end - TimeDelta::seconds(1)), "the last second is one of opening");
    }
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
