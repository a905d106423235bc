//! Whether waits keep to the range that those who wait were told.

use super::invent::{Day, Inventor, seconds};
use crate::domain::id::{ConversationId, SiteId, TeamId};
use crate::domain::line::{Arrives, Recent, Rules, Waiting};
use crate::domain::routing::{Language, Mode};
use crate::queue::chance::Chance;
use crate::queue::estimate::{Lately, Range, estimate, in_half_minutes};
use crate::queue::rank::rank;
use crate::queue::simulate::{End, Ended, Manners, Simulation, Step, Turn};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// What a shop remembers, as the store tells it.
const REMEMBERED: usize = 100;
const LATELY_S: i64 = 1_800;

#[derive(Default)]
struct Memory {
    handled: VecDeque<f64>,
    /// How each wait ended, lately: seconds, and whether they left.
    waits: VecDeque<(f64, bool)>,
    arrivals: VecDeque<(DateTime<Utc>, Option<TeamId>, i16)>,
}

impl Memory {
    fn keep(&mut self, ended: &Ended) {
        if ended.how == End::Served {
            self.handled.push_back(ended.handled.as_seconds_f64());
        }
        self.waits.push_back((ended.waited.as_seconds_f64(), ended.how != End::Served));
        self.handled.drain(..self.handled.len().saturating_sub(REMEMBERED));
        self.waits.drain(..self.waits.len().saturating_sub(REMEMBERED));
    }

    fn recent(&self, now: DateTime<Utc>) -> Recent {
        let mut handle_times: Vec<_> = self.handled.iter().copied().collect();
        handle_times.sort_by(f64::total_cmp);
        let waited: f64 = self.waits.iter().map(|(seconds, _)| seconds).sum();
        let left = self.waits.iter().filter(|(_, left)| *left).count() as f64;
        let mut counts: HashMap<(Option<TeamId>, i16), f64> = HashMap::new();
        for (_, team, priority) in self.arrivals.iter().filter(|(at, ..)| now - *at < TimeDelta::seconds(LATELY_S)) {
            *counts.entry((*team, *priority)).or_default() += 1.0 / LATELY_S as f64;
        }
        let arrivals = counts.into_iter().map(|((team, priority), per_s)| Arrives { team, priority, per_s });
        Recent { arrivals: arrivals.collect(), handle_times, leaving: if waited > 0.0 { left / waited } else { 0.0 } }
    }
}

#[derive(Default, Clone, Copy)]
struct Hits {
    told: usize,
    held: usize,
    below: usize,
    unknown: usize,
    width: f64,
}

impl Hits {
    fn add(&mut self, (low, high): Range, waited: TimeDelta) {
        let waited = waited.as_seconds_f64();
        self.told += 1;
        self.held += usize::from(waited >= low as f64 && waited <= (high + 1) as f64);
        self.below += usize::from(waited < low as f64);
        self.width += (high - low) as f64;
    }

    fn share(&self) -> f64 {
        100.0 * self.held as f64 / self.told.max(1) as f64
    }
}

/// What is known while a day is played.
struct Book {
    memories: HashMap<SiteId, Memory>,
    sites: HashMap<ConversationId, SiteId>,
    told: HashMap<ConversationId, Range>,
}

impl Book {
    fn hear(&mut self, step: Step, hits: &mut Hits) {
        for ended in step.ended {
            self.memories.entry(self.sites[&ended.id]).or_default().keep(&ended);
            if let (Some(range), End::Served) = (self.told.remove(&ended.id), ended.how) {
                hits.add(range, ended.waited);
            }
        }
    }
}

/// One of so many who have to wait is told, on arrival.
fn play(day: Day, seed: u64, one_of: usize, hits: &mut Hits) {
    let mut sim = Simulation::new(day.rulebook, day.manners, seed, day.begins);
    day.agents.into_iter().for_each(|agent| sim.hire(agent));
    // Yesterday was like today.
    let mut memories: HashMap<SiteId, Memory> = HashMap::new();
    for arrival in day.arrivals.iter().step_by(day.arrivals.len() / REMEMBERED + 1) {
        let memory = memories.entry(arrival.shopper.site_id).or_default();
        memory.handled.push_back(arrival.handle.as_seconds_f64());
    }
    let mut book = Book { memories, sites: HashMap::new(), told: HashMap::new() };
    let mut unknown = 0;
    let mut turns = day.turns.into_iter().peekable();
    for (n, arrival) in day.arrivals.into_iter().enumerate() {
        let at = arrival.shopper.queued_at;
        while let Some((at, agent, turn)) = turns.next_if(|(turn, ..)| *turn <= at) {
            while let Some(step) = sim.step(at) {
                book.hear(step, hits);
            }
            book.hear(sim.turn(at, agent, turn), hits);
        }
        while let Some(step) = sim.step(at) {
            book.hear(step, hits);
        }
        let (id, site) = (arrival.shopper.id, arrival.shopper.site_id);
        book.sites.insert(id, site);
        let came = (at, arrival.shopper.team_id, arrival.shopper.priority);
        book.memories.entry(site).or_default().arrivals.push_back(came);
        book.hear(sim.arrive(arrival), hits);
        if n % one_of > 0 {
            continue;
        }
        let Some((line, at)) = in_line(&sim, id) else { continue };
        match ranges(&sim, &line, &book.memories)[at] {
            Some(range) => drop(book.told.insert(id, in_half_minutes(range))),
            None => unknown += 1,
        }
    }
    while let Some(step) = sim.step(DateTime::<Utc>::MAX_UTC) {
        book.hear(step, hits);
    }
    hits.unknown += unknown;
}

/// The line, and where somebody who has to wait stands in it.
fn in_line(sim: &Simulation, id: ConversationId) -> Option<(Vec<Waiting>, usize)> {
    let line = rank(sim.line.clone(), sim.now, &sim.rulebook);
    let at = line.iter().position(|shopper| shopper.id == id && !shopper.is_reserved)?;
    Some((line, at))
}

fn ranges(sim: &Simulation, line: &[Waiting], memories: &HashMap<SiteId, Memory>) -> Vec<Option<Range>> {
    let lately = Lately::new(memories.iter().map(|(site, memory)| (*site, memory.recent(sim.now))).collect());
    estimate(sim.now, line, sim.floor.available(), &sim.rulebook, &lately)
}

type Change = fn(&mut Day);

fn rules(day: &mut Day, change: impl Fn(&mut Rules)) {
    for rules in day.rulebook.values_mut() {
        let mut changed = Rules { routing: rules.routing.clone(), teams: rules.teams.clone() };
        change(&mut changed);
        *rules = Arc::new(changed);
    }
}

/// Nobody leaves, nobody is moved, everybody of the staff is here all day and any of them will do.
fn plain(day: &mut Day) {
    rules(day, |rules| {
        rules.routing.mode = Mode::Assign;
        rules.routing.language = Language::Ignore;
        (rules.routing.ticket_after_s, rules.routing.queue_max, rules.routing.over_max) = (0, 0, 0);
        rules.teams.values_mut().for_each(|team| team.chats_max = 0);
    });
    for arrival in &mut day.arrivals {
        (arrival.patience, arrival.closes_tab, arrival.moved) = (None, None, None);
        (arrival.has_address, arrival.shopper.team_id) = (false, None);
        arrival.silences.clear();
        arrival.shopper.required_skills.clear();
    }
    stay(day);
}

fn stay(day: &mut Day) {
    day.turns = day.agents.iter().map(|agent| (day.begins, agent.id, Turn::Comes)).collect();
}

fn one_class(day: &mut Day) {
    plain(day);
    day.arrivals.iter_mut().for_each(|arrival| arrival.shopper.priority = 0);
}

fn impatient(day: &mut Day) {
    plain(day);
    let mut draw = Inventor(Chance::seeded(7));
    day.arrivals.iter_mut().for_each(|arrival| arrival.patience = Some(seconds(draw.lognormal(500.0, 0.9))));
}

fn teams(day: &mut Day) {
    let kept: Vec<_> = day.arrivals.iter().map(|arrival| arrival.shopper.team_id).collect();
    plain(day);
    day.arrivals.iter_mut().zip(kept).for_each(|(arrival, team)| arrival.shopper.team_id = team);
}

fn skills(day: &mut Day) {
    let kept: Vec<_> = day.arrivals.iter().map(|arrival| arrival.shopper.required_skills.clone()).collect();
    plain(day);
    day.arrivals.iter_mut().zip(kept).for_each(|(arrival, skills)| arrival.shopper.required_skills = skills);
}

fn offers(day: &mut Day) {
    plain(day);
    rules(day, |rules| rules.routing.mode = Mode::Offer);
    day.manners = Manners { after: TimeDelta::seconds(5), accepts: 85, declines: 10 };
}

fn silent(day: &mut Day) {
    let kept: Vec<_> = day.arrivals.iter_mut().map(|arrival| std::mem::take(&mut arrival.silences)).collect();
    plain(day);
    rules(day, |rules| rules.routing.over_max = 2);
    day.arrivals.iter_mut().zip(kept).for_each(|(arrival, silences)| arrival.silences = silences);
}

const SCENARIOS: [(&str, Change); 8] = [
    ("one class", one_class),
    ("classes", plain),
    ("some leave", impatient),
    ("teams", teams),
    ("skills", skills),
    ("offers", offers),
    ("silent shoppers", silent),
    ("all of it, and agents who come and go", |_| {}),
];

#[test]
fn eight_of_ten_waits_keep_to_the_range_that_was_told() {
    let is_long = std::env::var("DESKBELL_DRILLS").is_ok_and(|set| set == "long");
    let (days, one_of) = if is_long { (60, 3) } else { (12, 12) };
    let mut all = Hits::default();
    for (name, change) in SCENARIOS {
        let mut hits = Hits::default();
        for seed in 1..=days {
            let mut day = Inventor(Chance::seeded(seed)).day(3);
            change(&mut day);
            play(day, seed, one_of, &mut hits);
        }
        println!(
            "estimate {name}: held={:.0}% of {} (below {:.0}%), unknown={} width={:.0}s",
            hits.share(),
            hits.told,
            100.0 * hits.below as f64 / hits.told.max(1) as f64,
            hits.unknown,
            hits.width / hits.told.max(1) as f64,
        );
        assert!((45.0..=97.0).contains(&hits.share()), "{name}: {:.1}% of waits kept to their range", hits.share());
        all.told += hits.told;
        all.held += hits.held;
    }
    println!("estimate over all: held={:.0}% of {}", all.share(), all.told);
    assert!((70.0..=90.0).contains(&all.share()), "{:.1}% of waits kept to their range", all.share());
}
