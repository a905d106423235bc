//! Tables drawn: lines over time, or bars. Where things stand is reckoned here; what it looks like is the style sheet's.

use super::numbers::show;
use super::tables::{Column, Drawn, Line, Table, Unit};
use crate::words::Lang;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 256.0;
const LEFT: f64 = 68.0;
const RIGHT: f64 = 32.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 26.0;
/// Most words below the axis, and most characters of each.
const TICKS: usize = 10;
const TICK_MAX: usize = 12;

/// Steps that people count time in, in seconds.
const TIMES: [f64; 17] = [
    4.0, 10.0, 20.0, 40.0, 60.0, 120.0, 240.0, 600.0, 1_200.0, 2_400.0, 3_600.0, 7_200.0, 14_400.0, 43_200.0, 86_400.0,
    172_800.0, 604_800.0,
];

/// Everything is in units of the drawing, which is [`WIDTH`] wide and [`HEIGHT`] high, from its upper left corner.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// Lines to read values by: how far down, and what they say.
    pub grid: Vec<(String, String)>,
    pub ticks: Vec<(String, String)>,
    pub series: Vec<Series>,
    pub bars: Vec<Bar>,
}

#[derive(Clone, Debug)]
pub struct Series {
    /// Its place among the colours and dashes.
    pub n: usize,
    /// An SVG path.
    pub path: String,
    /// Values with none beside them, which a line would not show.
    pub dots: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub struct Bar {
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
    pub says: String,
}

impl Chart {
    pub fn of(lang: Lang, table: &Table) -> Self {
        let columns: &[usize] = match &table.plan.drawn {
            Drawn::Lines(columns) => columns,
            Drawn::Bars(column) => std::slice::from_ref(column),
        };
        let Some(first) = columns.first().and_then(|n| table.plan.columns.get(*n)) else { return Self::default() };
        let values = |column: usize| table.lines.iter().map(move |line| line.numbers.get(column).copied().flatten());
        let highest = columns.iter().flat_map(|n| values(*n)).flatten().fold(0.0, f64::max);
        let top = ceiling(highest, first.unit);
        let plane = Plane { top, count: table.lines.len().max(1) };
        let mut chart = Self { grid: grid(lang, plane, first), ticks: ticks(plane, table), ..Self::default() };
        match table.plan.drawn {
            Drawn::Lines(columns) => {
                let all = columns.iter().enumerate();
                chart.series = all.map(|(n, column)| series(plane, n, &values(*column).collect::<Vec<_>>())).collect();
            }
            Drawn::Bars(column) => {
                let all = values(column).zip(&table.lines).enumerate();
                let known = all.filter_map(|(n, (value, line))| value.map(|value| (n, value, line)));
                chart.bars =
                    known.map(|(n, value, line)| bar(plane, n, value, says(lang, line, value, first))).collect();
            }
        }
        chart
    }
}

/// Where values stand.
#[derive(Clone, Copy)]
struct Plane {
    top: f64,
    count: usize,
}

impl Plane {
    fn slot(self) -> f64 {
        (WIDTH - LEFT - RIGHT) / number(self.count)
    }

    fn x(self, n: usize) -> f64 {
        LEFT + self.slot() * (number(n) + 0.5)
    }

    fn y(self, value: f64) -> f64 {
        TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - value / self.top)
    }
}

fn number(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

fn place(at: f64) -> String {
    format!("{at:.1}")
}

/// The end of the axis: round, and not below the highest value.
fn ceiling(highest: f64, unit: Unit) -> f64 {
    if unit == Unit::Seconds {
        return TIMES.into_iter().find(|time| *time >= highest).unwrap_or(highest);
    }
    let mut power = 1.0;
    while power * 10.0 < highest {
        power *= 10.0;
    }
    // Half of it is a whole number too.
    let ends = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0].map(|step| step * power);
    ends.into_iter().find(|end| *end >= highest.max(4.0)).unwrap_or(highest)
}

fn grid(lang: Lang, plane: Plane, column: &Column) -> Vec<(String, String)> {
    let values = [0.0, 0.5, 1.0].map(|part| plane.top * part);
    values.map(|value| (place(plane.y(value)), show(lang, Some(value), column.unit))).to_vec()
}

fn ticks(plane: Plane, table: &Table) -> Vec<(String, String)> {
    let every = table.lines.len().div_ceil(TICKS).max(1);
    let named = table.lines.iter().enumerate().step_by(every);
    // Where few stand side by side, each has more room.
    let most = TICK_MAX * TICKS / named.len().max(1);
    named.map(|(n, line)| (place(plane.x(n)), short(&line.label, most))).collect()
}

fn short(label: &str, most: usize) -> String {
    match label.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", label[..end].trim_end()),
        None => label.to_owned(),
    }
}

fn series(plane: Plane, n: usize, values: &[Option<f64>]) -> Series {
    let (mut path, mut dots) = (String::new(), Vec::new());
    let is_there = |n: Option<usize>| n.and_then(|n| values.get(n)).is_some_and(Option::is_some);
    for (at, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        let (x, y) = (place(plane.x(at)), place(plane.y(*value)));
        let (before, after) = (is_there(at.checked_sub(1)), is_there(Some(at + 1)));
        path.extend([if before { "L" } else { "M" }, &x, " ", &y]);
        if !before && !after {
            dots.push((x, y));
        }
    }
    Series { n, path, dots }
}

fn says(lang: Lang, line: &Line, value: f64, column: &Column) -> String {
    format!("{}: {}", line.label, show(lang, Some(value), column.unit))
}

fn bar(plane: Plane, n: usize, value: f64, says: String) -> Bar {
    let width = (plane.slot() * 0.7).min(56.0);
    let (y, floor) = (plane.y(value), plane.y(0.0));
    Bar { x: place(plane.x(n) - width / 2.0), y: place(y), width: place(width), height: place(floor - y), says }
}
