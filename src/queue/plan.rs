//! One pass over the line, on paper: everybody who waits, in order, to whoever may have them. Pure, so that a running node, a
//! replay and a simulation decide alike; carrying it out is another matter.

use super::pick::{Case, Considered, Need, TeamLoads, has_place};
use super::rank::rank;
use crate::domain::id::AgentId;
use crate::domain::line::{Candidate, Rulebook, Rules, Waiting};
use crate::domain::routing::{Mode, Routing};
use chrono::{DateTime, Utc};
use std::collections::HashSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Assign,
    /// It rings at the agent, who may decline.
    Offer,
    /// The agent's place is held while the shopper is called back.
    Hold,
}

pub struct Give {
    pub shopper: Waiting,
    pub agent: AgentId,
    pub action: Action,
    pub considered: Vec<Considered>,
}

pub struct Plan {
    pub gives: Vec<Give>,
    /// In order.
    pub waits: Vec<Waiting>,
}

/// Plans one pass. What is given counts at once: `candidates` and `team_loads` are as they will be afterwards.
pub fn plan(
    now: DateTime<Utc>,
    waiting: Vec<Waiting>,
    candidates: &mut [Candidate],
    rulebook: &Rulebook,
    team_loads: &mut TeamLoads,
) -> Plan {
    Pass { now, rulebook, candidates, team_loads, is_told: true }.over(waiting)
}

/// The same decisions without the words about them, which take longer than the decisions; and without an order where nobody
/// has a place free.
pub fn plan_untold(
    now: DateTime<Utc>,
    waiting: Vec<Waiting>,
    candidates: &mut [Candidate],
    rulebook: &Rulebook,
    team_loads: &mut TeamLoads,
) -> Plan {
    let pass = Pass { now, rulebook, candidates, team_loads, is_told: false };
    if pass.open().is_empty() { Plan { gives: Vec::new(), waits: waiting } } else { pass.over(waiting) }
}

struct Pass<'a> {
    now: DateTime<Utc>,
    rulebook: &'a Rulebook,
    candidates: &'a mut [Candidate],
    team_loads: &'a mut TeamLoads,
    is_told: bool,
}

/// What became of one shopper.
type Turn = Option<(AgentId, Action, Vec<Considered>)>;

impl Pass<'_> {
    fn over(mut self, waiting: Vec<Waiting>) -> Plan {
        let line = rank(waiting, self.now, self.rulebook);
        let turns = self.turns(&line);
        let mut plan = Plan { gives: Vec::new(), waits: Vec::with_capacity(line.len()) };
        for (shopper, turn) in line.into_iter().zip(turns.into_iter().chain(std::iter::repeat_with(|| None))) {
            match turn {
                Some((agent, action, considered)) => plan.gives.push(Give { shopper, agent, action, considered }),
                None => plan.waits.push(shopper),
            }
        }
        plan
    }

    /// One for each in line, until nobody has a place free.
    fn turns(&mut self, line: &[Waiting]) -> Vec<Turn> {
        let standard = Rules::default();
        let mut open = self.open();
        // Places only become fewer during a pass: what nobody could take is not asked for again.
        let mut hopeless: HashSet<Need<'_>> = HashSet::new();
        let mut turns = Vec::new();
        for shopper in line {
            if open.is_empty() {
                break;
            }
            if shopper.is_reserved || shopper.has_missed {
                turns.push(None);
                continue;
            }
            let rules = self.rulebook.get(&shopper.site_id).map_or(&standard, AsRef::as_ref);
            let turn = self.turn(shopper, rules, &open, &mut hopeless);
            if let Some((at, ..)) = &turn {
                self.count(*at, shopper, &rules.routing);
                open.retain(|at| self.has_room(*at));
            }
            turns.push(
                turn.map(|(at, considered)| (self.candidates[at].id, action(shopper, &rules.routing), considered)),
            );
        }
        turns
    }

    fn turn<'w>(
        &self,
        shopper: &'w Waiting,
        rules: &'w Rules,
        open: &[usize],
        hopeless: &mut HashSet<Need<'w>>,
    ) -> Option<(usize, Vec<Considered>)> {
        let case = Case::new(shopper, rules, self.team_loads, self.now);
        let need = case.need();
        if need.as_ref().is_some_and(|need| hopeless.contains(need)) {
            return None;
        }
        let Some(at) = case.choose(open.iter().map(|at| (*at, &self.candidates[*at]))) else {
            hopeless.extend(need);
            return None;
        };
        let told = self.is_told.then(|| case.explain(self.candidates, Some(self.candidates[at].id)));
        Some((at, told.unwrap_or_default()))
    }

    fn count(&mut self, at: usize, shopper: &Waiting, routing: &Routing) {
        let candidate = &mut self.candidates[at];
        candidate.load += i64::from(routing.active_percent);
        candidate.chats += 1;
        candidate.last_assigned_at = Some(self.now);
        candidate.busy_since.push(self.now);
        if let Some(team) = shopper.team_id {
            *self.team_loads.entry(team).or_default() += 1;
        }
    }

    /// Who may have a place free for somebody.
    fn open(&self) -> Vec<usize> {
        (0..self.candidates.len()).filter(|at| self.has_room(*at)).collect()
    }

    /// By the most generous of the shops.
    fn has_room(&self, at: usize) -> bool {
        let candidate = &self.candidates[at];
        let standard = Routing::default();
        self.rulebook.values().map(|rules| &rules.routing).chain([&standard]).any(|r| has_place(candidate, r))
    }
}

fn action(shopper: &Waiting, routing: &Routing) -> Action {
    match routing.mode {
        _ if shopper.is_to_be_called => Action::Hold,
        Mode::Offer => Action::Offer,
        Mode::Assign => Action::Assign,
    }
}
