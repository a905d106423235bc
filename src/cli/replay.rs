//! `replay --from T --to T [--rules FILE]`: what waits and loads would have been under other rules, from those who really came
//! and who was on duty. Each set of rules sends every chat where it would have gone by what was known when it opened. Nothing
//! is written.

mod rules;
mod tally;

use crate::domain::id::{AgentId, SiteId};
use crate::domain::line::{Rulebook, Rules, Waiting};
use crate::domain::route::{Facts, apply};
use crate::domain::routing::{Routing, Rule};
use crate::queue::simulate::{Arrival, Manners, Simulation, Step, Turn};
use crate::store::past::{Came, DutyRow, Past};
use crate::store::{Db, sites};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Map;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use tally::{Tally, Told};

/// A chat takes so long where nobody knows.
const HANDLE: TimeDelta = TimeDelta::minutes(5);
/// Who is still in line or in a chat at the end has this long.
const REST: TimeDelta = TimeDelta::days(1);
/// Chats whose length stands for those that nobody had.
const LENGTHS: usize = 500;

#[derive(clap::Args)]
pub struct Args {
    /// The beginning, for example 2026-11-02 or 2026-11-02T08:00:00Z
    #[arg(long, value_parser = moment)]
    from: DateTime<Utc>,
    /// The end, which is left out
    #[arg(long, value_parser = moment)]
    to: DateTime<Utc>,
    /// Changed rules, as JSON of the routing settings; what it leaves out stays as it is
    #[arg(long)]
    rules: Option<PathBuf>,
    /// The site's public key; needed where there are several sites
    #[arg(long, allow_hyphen_values = true)]
    site: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0).map(|at| at.and_utc());
    text.parse().ok().or_else(day).ok_or_else(|| "not a date or a time such as 2026-11-02T08:00:00Z".into())
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    anyhow::ensure!(args.from < args.to, "--from has to be before --to");
    let db = super::connect_for_upkeep().await?;
    let site = super::people::one_site(&db, args.site.as_deref()).await?;
    let changed = args.rules.as_deref().map(|file| rules::read(file, &site.settings.routing)).transpose()?;
    let (tallies, notes) = replay(&db, site.id, (args.from, args.to), [Some(site.settings.routing), changed]).await?;
    let teams = sites::teams(&db.read, site.id).await?;
    let names = teams.into_iter().map(|team| (team.id, team.name)).collect();
    let told = Told { tallies, names, notes };
    let text = if args.json { format!("{:#}\n", told.json()) } else { told.table() };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// One for what happened and one for each set of rules.
async fn replay(
    db: &Db,
    site: SiteId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    routings: [Option<Routing>; 2],
) -> anyhow::Result<(Vec<Tally>, Vec<String>)> {
    let teams: HashMap<_, _> = sites::teams(&db.read, site).await?.into_iter().map(|t| (t.id, t.settings)).collect();
    let mut past = Past::open(db, site, from, to).await?;
    let staff = past.staff().await?;
    let (turns, notes) = turns(&mut past).await?;
    let names = ["happened", "present rules", "changed rules"];
    let mut really = Tally::new(names[0], routings[0].as_ref().map_or(0, |routing| routing.bound_s));
    let mut desks = Vec::new();
    for (routing, name) in routings.into_iter().flatten().zip(&names[1..]) {
        let tally = Tally::new(name, routing.bound_s);
        let rules = routing.rules.clone();
        let rulebook = Rulebook::from([(site, Arc::new(Rules { routing, teams: teams.clone() }))]);
        let mut sim = Simulation::new(rulebook, Manners::default(), 1, from);
        for agent in &staff {
            sim.hire(agent.clone());
        }
        desks.push(Desk { sim, turns: turns.clone().into_iter().peekable(), tally, rules });
    }
    let mut lengths = Lengths::default();
    loop {
        let page = past.arrivals().await?;
        if page.is_empty() {
            break;
        }
        for came in page {
            really.happened(&came);
            let arrival = arrival(site, &came, &mut lengths);
            for desk in &mut desks {
                desk.come(routed(arrival.clone(), &came, &desk.rules));
            }
        }
    }
    let ends = desks.into_iter().map(|desk| desk.close(to + REST));
    Ok((std::iter::once(really).chain(ends).collect(), notes))
}

type Turns = Vec<(DateTime<Utc>, AgentId, Turn)>;

/// One set of rules while it is played.
struct Desk {
    sim: Simulation,
    turns: std::iter::Peekable<std::vec::IntoIter<(DateTime<Utc>, AgentId, Turn)>>,
    tally: Tally,
    rules: Vec<Rule>,
}

impl Desk {
    fn come(&mut self, arrival: Arrival) {
        self.until(arrival.shopper.queued_at);
        let step = self.sim.arrive(arrival);
        self.tally.arrivals += 1;
        self.count(&step);
    }

    fn until(&mut self, until: DateTime<Utc>) {
        while let Some((at, agent, turn)) = self.turns.next_if(|(at, ..)| *at <= until) {
            self.steps(at);
            let step = self.sim.turn(at, agent, turn);
            self.count(&step);
        }
        self.steps(until);
    }

    fn steps(&mut self, until: DateTime<Utc>) {
        while let Some(step) = self.sim.step(until) {
            self.count(&step);
        }
    }

    fn count(&mut self, step: &Step) {
        for ended in &step.ended {
            self.tally.ended(ended);
        }
    }

    fn close(mut self, until: DateTime<Utc>) -> Tally {
        self.until(until);
        for (_, worked) in self.sim.worked() {
            self.tally.worked(&worked);
        }
        self.tally
    }
}

/// How long chats took lately, for those that nobody had.
#[derive(Default)]
struct Lengths {
    lately: Vec<TimeDelta>,
    next: usize,
}

impl Lengths {
    fn of(&mut self, came: &Came) -> TimeDelta {
        let took = came.assigned_at.zip(came.closed_at).map(|(began, ended)| ended - began);
        let Some(took) = took.filter(|took| *took > TimeDelta::zero()) else {
            self.next += 1;
            return self.lately.get(self.next % self.lately.len().max(1)).copied().unwrap_or(HANDLE);
        };
        if self.lately.len() < LENGTHS {
            self.lately.push(took);
        } else {
            self.lately[usize::from(came.id.0.as_bytes()[15]) % LENGTHS] = took;
        }
        took
    }
}

fn arrival(site: SiteId, came: &Came, lengths: &mut Lengths) -> Arrival {
    let gave_up = came.closed_at.filter(|_| came.assigned_at.is_none() && !came.is_ticket);
    let shopper = Waiting {
        site_id: site,
        id: came.id,
        shopper_id: came.shopper_id,
        team_id: came.team_id,
        priority: came.priority,
        queued_at: came.queued_at,
        locale: came.locale.clone(),
        previous_agent_id: came.previous_agent_id,
        required_skills: came.required_skills.clone(),
        preferred_skills: came.preferred_skills.clone(),
        refused: Vec::new(),
        is_reserved: false,
        is_to_be_called: false,
        has_missed: false,
    };
    Arrival {
        shopper,
        handle: lengths.of(came),
        patience: gave_up.map(|at| at - came.queued_at),
        has_address: came.has_address,
        closes_tab: None,
        comes_after: TimeDelta::zero(),
        silences: Vec::new(),
        moved: None,
    }
}

/// Where these rules send it. A chat of which nobody kept how it began goes where it went.
fn routed(mut arrival: Arrival, came: &Came, rules: &[Rule]) -> Arrival {
    let Some(opened) = came.opened.as_deref().filter(|opened| opened.get("_seen").is_some()) else { return arrival };
    let none = Map::new();
    let facts = Facts {
        locale: &came.locale,
        context: &opened["_seen"],
        attributes: &came.attributes,
        answers: opened["intake"].as_object().unwrap_or(&none),
        is_verified: came.is_verified,
    };
    let route = apply(rules, &facts);
    let asked = opened["team"].as_str().and_then(|team| team.parse().ok());
    arrival.shopper.team_id = asked.or(route.team);
    arrival.shopper.priority = route.class.number();
    (arrival.shopper.required_skills, arrival.shopper.preferred_skills) = (route.require, route.prefer);
    arrival
}

/// Who comes and goes, in order. A day of which nobody wrote that down is told from its assignments.
async fn turns(past: &mut Past) -> anyhow::Result<(Turns, Vec<String>)> {
    let duty = past.duty().await?;
    let known: HashSet<NaiveDate> = duty.iter().map(|row| row.at.date_naive()).collect();
    let mut turns: Turns = duty.iter().map(|row| (row.at, row.agent_id, turn(row))).collect();
    let mut guessed = BTreeSet::new();
    for worked in past.worked().await?.into_iter().filter(|worked| !known.contains(&worked.day)) {
        guessed.insert(worked.day);
        turns.push((worked.first, worked.agent_id, Turn::Comes));
        turns.push((worked.last, worked.agent_id, Turn::Pauses));
    }
    turns.sort_by_key(|(at, ..)| *at);
    let mut notes = Vec::new();
    if let (Some(first), Some(last)) = (guessed.first(), guessed.last()) {
        notes.push(format!(
            "Nobody wrote down who was on duty on {} of the days ({first} to {last}): there an agent is on duty from the first to the last assignment of the day.",
            guessed.len()
        ));
    }
    Ok((turns, notes))
}

fn turn(row: &DutyRow) -> Turn {
    match (row.is_here, row.status.as_str()) {
        (_, "offline") => Turn::Goes,
        (false, _) => Turn::Vanishes(TimeDelta::zero()),
        (true, "available") => Turn::Comes,
        (true, _) => Turn::Pauses,
    }
}
