//! What each report shows: tables, and which of their columns are drawn.

use super::asked::{Kind, Period, Step};
use crate::store::reports::{self as store, Cut};
use crate::words::{Key, Lang, ToArg};
use chrono::{Datelike, NaiveDate};

/// What a number is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Count,
    Seconds,
    /// Of 1 to 5.
    Score,
}

#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub label: Key,
    pub unit: Unit,
}

const fn count(label: &'static str) -> Column {
    Column { label: Key(label), unit: Unit::Count }
}

const fn seconds(label: &'static str) -> Column {
    Column { label: Key(label), unit: Unit::Seconds }
}

/// By what its lines are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Time,
    Hour,
    Within,
    Agent,
    Score,
}

/// How it is drawn, and which of its columns.
#[derive(Clone, Copy, Debug)]
pub enum Drawn {
    Lines(&'static [usize]),
    Bars(usize),
}

#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Its name in the address of its CSV.
    pub name: &'static str,
    pub title: Key,
    pub cut: Cut,
    pub by: By,
    pub columns: &'static [Column],
    pub drawn: Drawn,
}

const CAME: &[Column] = &[
    count("report-opened"),
    count("report-answered"),
    count("report-letters"),
    count("report-left"),
    count("report-unanswered"),
];

const VOLUME: Plan = Plan {
    name: "volume",
    title: Key("report-by-time"),
    cut: Cut::Volume,
    by: By::Time,
    columns: CAME,
    drawn: Drawn::Lines(&[0, 1, 2, 3]),
};

const HOURS: Plan = Plan {
    name: "hours",
    title: Key("report-by-hour"),
    cut: Cut::Hours,
    by: By::Hour,
    columns: CAME,
    drawn: Drawn::Bars(0),
};

const ANSWERS: Plan = Plan {
    name: "answers",
    title: Key("report-answers"),
    cut: Cut::Answers,
    by: By::Time,
    columns: &[
        count("report-answered"),
        seconds("report-answer-half"),
        seconds("report-answer-most"),
        count("report-ended"),
        seconds("report-length-half"),
        seconds("report-length-most"),
    ],
    drawn: Drawn::Lines(&[1, 2]),
};

const WAITS: Plan = Plan {
    name: "waits",
    title: Key("report-within"),
    cut: Cut::Waits,
    by: By::Within,
    columns: &[count("report-answered")],
    drawn: Drawn::Bars(0),
};

const AGENTS: Plan = Plan {
    name: "agents",
    title: Key("report-by-agent"),
    cut: Cut::Agents,
    by: By::Agent,
    columns: &[
        count("report-chats"),
        seconds("report-length-half"),
        seconds("report-answer-half"),
        seconds("report-answer-most"),
        count("report-rated"),
        count("report-happy"),
        seconds("report-on-duty"),
        seconds("report-open"),
    ],
    drawn: Drawn::Bars(0),
};

const RATINGS: Plan = Plan {
    name: "ratings",
    title: Key("report-ratings"),
    cut: Cut::Ratings,
    by: By::Time,
    columns: &[count("report-rated"), count("report-happy"), Column { label: Key("report-mean"), unit: Unit::Score }],
    drawn: Drawn::Lines(&[0, 1]),
};

const SCORES: Plan = Plan {
    name: "scores",
    title: Key("report-scores"),
    cut: Cut::Scores,
    by: By::Score,
    columns: &[count("report-rated")],
    drawn: Drawn::Bars(0),
};

const QUEUE: Plan = Plan {
    name: "queue",
    title: Key("report-line"),
    cut: Cut::Queue,
    by: By::Time,
    columns: &[
        count("report-waited"),
        count("report-got"),
        seconds("report-wait-half"),
        seconds("report-wait-most"),
        seconds("report-wait-max"),
        count("report-left"),
        count("report-late"),
    ],
    drawn: Drawn::Lines(&[2, 3]),
};

const RUSH: Plan = Plan {
    name: "rush",
    title: Key("report-rush"),
    cut: Cut::Rush,
    by: By::Hour,
    columns: &[count("report-waited"), seconds("report-wait-most"), count("report-left")],
    drawn: Drawn::Bars(1),
};

pub fn plans(kind: Kind) -> &'static [Plan] {
    match kind {
        Kind::Overview => &[VOLUME],
        Kind::Volume => &[VOLUME, HOURS],
        Kind::Response => &[ANSWERS, WAITS],
        Kind::Agents => &[AGENTS],
        Kind::Csat => &[RATINGS, SCORES],
        Kind::Queue => &[QUEUE, RUSH],
    }
}

/// A line as it is called on a page, and in a file.
#[derive(Clone, Debug)]
pub struct Line {
    pub label: String,
    pub key: String,
    pub numbers: Vec<Option<f64>>,
}

/// A table with every line that there could be, and all of them together at the end.
#[derive(Clone, Debug)]
pub struct Table {
    pub plan: &'static Plan,
    pub lines: Vec<Line>,
    pub total: Vec<Option<f64>>,
}

impl Table {
    pub fn of(lang: Lang, plan: &'static Plan, period: Period, found: Vec<store::Line>) -> Self {
        let (total, found): (Vec<_>, Vec<_>) = found.into_iter().partition(|line| line.label.is_none());
        let nothing = || plan.columns.iter().map(|column| (column.unit == Unit::Count).then_some(0.0)).collect();
        let line = |name: &str, label: String, key: String| {
            let known = found.iter().find(|line| line.label.as_deref() == Some(name));
            Line { label, key, numbers: known.map_or_else(nothing, |line| line.numbers.clone()) }
        };
        let same = |name: &str, label: String| line(name, label.clone(), label);
        let lines = match plan.by {
            By::Time => {
                let days = period.lines();
                let is_one_year = days.first().is_some_and(|first| first.year() == period.to.year());
                let named = days.iter().zip(1..).map(|(day, n): (_, usize)| {
                    line(&n.to_string(), said(period.step(), *day, is_one_year), said(period.step(), *day, false))
                });
                named.collect()
            }
            By::Hour => (0..24).map(|hour: u8| same(&hour.to_string(), format!("{hour:02}:00"))).collect(),
            By::Score => (1..=5)
                .rev()
                .map(|score: u8| {
                    let said = lang.say_with("report-score", &[("score", score.to_arg())]);
                    line(&score.to_string(), said, score.to_string())
                })
                .collect(),
            By::Within => WITHIN.iter().enumerate().map(|(n, key)| same(&n.to_string(), lang.say(key))).collect(),
            By::Agent => found
                .iter()
                .map(|line| {
                    let name = line.label.clone().unwrap_or_default();
                    Line { label: name.clone(), key: name, numbers: line.numbers.clone() }
                })
                .collect(),
        };
        let total = total.into_iter().next().map_or_else(nothing, |line| line.numbers);
        Self { plan, lines, total }
    }

    /// Nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.total.iter().all(|number| number.unwrap_or_default() == 0.0)
    }
}

const WITHIN: [&str; 6] = ["report-30s", "report-1min", "report-2min", "report-5min", "report-15min", "report-longer"];

/// A day, the first of its week or month. As ISO 8601 says it, which no reader takes for another day.
fn said(step: Step, day: NaiveDate, is_short: bool) -> String {
    let form = match step {
        Step::Month => "%Y-%m",
        Step::Day | Step::Week if is_short => "%m-%d",
        Step::Day | Step::Week => "%Y-%m-%d",
    };
    day.format(form).to_string()
}
