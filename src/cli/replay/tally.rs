//! Waits and loads counted, and put side by side.

use crate::domain::id::TeamId;
use crate::domain::routing::Class;
use crate::queue::simulate::{End, Ended, Worked};
use crate::store::past::Came;
use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// Waits in milliseconds.
#[derive(Default)]
struct Waits(Vec<u32>);

impl Waits {
    fn add(&mut self, waited: TimeDelta) {
        self.0.push(u32::try_from(waited.num_milliseconds().max(0)).unwrap_or(u32::MAX));
    }

    fn seconds(&self, percent: usize) -> Option<f64> {
        let last = self.0.len().checked_sub(1)?;
        Some(f64::from(self.0[(last * percent + 50) / 100]) / 1_000.0)
    }

    fn within(&self, seconds: u32) -> Option<f64> {
        let count = self.0.partition_point(|wait| *wait <= seconds * 1_000);
        (!self.0.is_empty()).then(|| percent(count, self.0.len()))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of chats")]
fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}

pub struct Tally {
    name: &'static str,
    bound_s: u32,
    pub arrivals: usize,
    served: usize,
    tickets: usize,
    left: usize,
    over_bound: usize,
    waits: Waits,
    by_class: BTreeMap<Class, Waits>,
    by_team: BTreeMap<Option<TeamId>, Waits>,
    on_duty_s: f64,
    chat_seconds: f64,
    chats_max: Option<i64>,
}

impl Tally {
    pub fn new(name: &'static str, bound_s: u32) -> Self {
        Self {
            name,
            bound_s,
            arrivals: 0,
            served: 0,
            tickets: 0,
            left: 0,
            over_bound: 0,
            waits: Waits::default(),
            by_class: BTreeMap::new(),
            by_team: BTreeMap::new(),
            on_duty_s: 0.0,
            chat_seconds: 0.0,
            chats_max: None,
        }
    }

    pub fn ended(&mut self, ended: &Ended) {
        match ended.how {
            End::Served => self.served(ended.waited, ended.priority, ended.team),
            End::Ticket => self.tickets += 1,
            End::Left => self.left += 1,
        }
        self.bound(ended.waited);
    }

    /// Who really came, and how it ended for them.
    pub fn happened(&mut self, came: &Came) {
        self.arrivals += 1;
        let until = came.assigned_at.or(came.closed_at);
        if let Some(at) = came.assigned_at {
            self.served(at - came.queued_at, came.priority, came.team_id);
        } else if came.is_ticket {
            self.tickets += 1;
        } else if came.closed_at.is_some() {
            self.left += 1;
        }
        if let Some(until) = until {
            self.bound(until - came.queued_at);
        }
    }

    fn served(&mut self, waited: TimeDelta, priority: i16, team: Option<TeamId>) {
        self.served += 1;
        self.waits.add(waited);
        self.by_class.entry(Class::from_number(priority)).or_default().add(waited);
        self.by_team.entry(team).or_default().add(waited);
    }

    fn bound(&mut self, waited: TimeDelta) {
        self.over_bound += usize::from(self.bound_s > 0 && waited > TimeDelta::seconds(self.bound_s.into()));
    }

    pub fn worked(&mut self, worked: &Worked) {
        self.on_duty_s += worked.on_duty.as_seconds_f64();
        self.chat_seconds += worked.chat_seconds;
        self.chats_max = self.chats_max.max(Some(worked.chats_max));
    }

    fn load_mean(&self) -> Option<f64> {
        (self.on_duty_s > 0.0).then(|| self.chat_seconds / self.on_duty_s)
    }

    fn sort(&mut self) {
        let waits = self.by_class.values_mut().chain(self.by_team.values_mut()).chain([&mut self.waits]);
        waits.for_each(|waits| waits.0.sort_unstable());
    }
}

/// Everything that is printed.
pub struct Told {
    pub tallies: Vec<Tally>,
    pub names: HashMap<TeamId, String>,
    pub notes: Vec<String>,
}

type Row = (String, Vec<String>);

impl Told {
    pub fn table(mut self) -> String {
        self.tallies.iter_mut().for_each(Tally::sort);
        let mut rows = self.rows();
        for class in Class::ALL {
            let of = |tally: &Tally| tally.by_class.get(&class).map(three);
            self.part(&mut rows, &format!("class {}", class.as_str()), of);
        }
        for (team, name) in self.teams() {
            let of = |tally: &Tally| tally.by_team.get(&team).map(three);
            self.part(&mut rows, &format!("team {name}"), of);
        }
        let wide = |column: usize| {
            let cells = rows.iter().filter_map(|(_, cells)| cells.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let label = rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default();
        let mut text = String::new();
        for (name, cells) in &rows {
            let _ = write!(text, "{name:label$}");
            for (column, cell) in cells.iter().enumerate() {
                let _ = write!(text, "  {cell:>width$}", width = wide(column));
            }
            text.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(text, "\n{note}");
        }
        text
    }

    fn rows(&self) -> Vec<Row> {
        let row =
            |name: &str, cell: &dyn Fn(&Tally) -> String| (name.to_owned(), self.tallies.iter().map(cell).collect());
        let wait = |percent| move |tally: &Tally| duration(tally.waits.seconds(percent));
        let within = |seconds| move |tally: &Tally| share(tally.waits.within(seconds));
        vec![
            row("", &|tally| tally.name.to_owned()),
            row("arrivals", &|tally| tally.arrivals.to_string()),
            row("served", &|tally| tally.served.to_string()),
            row("tickets", &|tally| tally.tickets.to_string()),
            row("left", &|tally| tally.left.to_string()),
            row("wait p50", &wait(50)),
            row("wait p90", &wait(90)),
            row("wait p99", &wait(99)),
            row("wait max", &wait(100)),
            row("within 30 s", &within(30)),
            row("within 2 min", &within(120)),
            row("over the bound", &|tally| tally.over_bound.to_string()),
            row("load mean", &|tally| tally.load_mean().map_or_else(dash, |load| format!("{load:.2}"))),
            row("load max", &|tally| tally.chats_max.map_or_else(dash, |chats| chats.to_string())),
        ]
    }

    /// One row where somebody was served at all.
    fn part(&self, rows: &mut Vec<Row>, name: &str, of: impl Fn(&Tally) -> Option<String>) {
        let cells: Vec<_> = self.tallies.iter().map(of).collect();
        if cells.iter().any(Option::is_some) {
            let label = format!("{name}, wait p50 p90 p99");
            rows.push((label, cells.into_iter().map(|cell| cell.unwrap_or_else(dash)).collect()));
        }
    }

    fn teams(&self) -> Vec<(Option<TeamId>, String)> {
        let mut teams: Vec<_> = self.names.iter().map(|(id, name)| (Some(*id), name.clone())).collect();
        teams.sort_by(|left, right| left.1.cmp(&right.1));
        teams.push((None, "any".to_owned()));
        teams
    }

    pub fn json(mut self) -> Value {
        self.tallies.iter_mut().for_each(Tally::sort);
        let teams = self.teams();
        let tallies = self.tallies.iter().map(|tally| (tally.name.replace(' ', "_"), whole(tally, &teams)));
        let mut told: Map<String, Value> = tallies.collect();
        told.insert("notes".to_owned(), json!(self.notes));
        Value::Object(told)
    }
}

fn whole(tally: &Tally, teams: &[(Option<TeamId>, String)]) -> Value {
    let classes = tally.by_class.iter().map(|(class, waits)| (class.as_str().to_owned(), of_waits(waits)));
    let teams = teams.iter().filter_map(|(id, name)| Some((name.clone(), of_waits(tally.by_team.get(id)?))));
    json!({
        "arrivals": tally.arrivals,
        "served": tally.served,
        "tickets": tally.tickets,
        "left": tally.left,
        "over_bound": tally.over_bound,
        "wait_s": of_waits(&tally.waits),
        "load": { "mean": tally.load_mean(), "max": tally.chats_max },
        "classes": classes.collect::<Map<_, _>>(),
        "teams": teams.collect::<Map<_, _>>(),
    })
}

fn of_waits(waits: &Waits) -> Value {
    json!({
        "served": waits.0.len(),
        "p50": waits.seconds(50),
        "p90": waits.seconds(90),
        "p99": waits.seconds(99),
        "max": waits.seconds(100),
        "within_30s_percent": waits.within(30),
        "within_2min_percent": waits.within(120),
    })
}

fn three(waits: &Waits) -> String {
    [50, 90, 99].map(|percent| duration(waits.seconds(percent))).join(" ")
}

fn dash() -> String {
    "-".to_owned()
}

fn share(percent: Option<f64>) -> String {
    percent.map_or_else(dash, |percent| format!("{percent:.1} %"))
}

fn duration(seconds: Option<f64>) -> String {
    let Some(seconds) = seconds else { return dash() };
    if seconds < 100.0 { format!("{seconds:.1}s") } else { format!("{:.1}m", seconds / 60.0) }
}
