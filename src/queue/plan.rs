//! One pass over the line, on paper: everybody who waits, in order, to whoever may have them. Pure, so that a running node, a
//! replay and a simulation decide alike; carrying it out is another matter.

use super::pick::{Case, Considered, TeamLoads};
use super::rank::rank;
use crate::domain::id::AgentId;
use crate::domain::line::{Candidate, Rulebook, Rules, Waiting};
use crate::domain::routing::Mode;
use chrono::{DateTime, Utc};

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
    let standard = Rules::default();
    let mut plan = Plan { gives: Vec::new(), waits: Vec::new() };
    for shopper in rank(waiting, now, rulebook) {
        let rules = rulebook.get(&shopper.site_id).map_or(&standard, AsRef::as_ref);
        let chosen = {
            let case = Case::new(&shopper, rules, team_loads, now);
            let may_be_served = !shopper.is_reserved && !shopper.has_missed;
            let at = may_be_served.then(|| case.choose(candidates)).flatten();
            at.map(|at| (at, case.explain(candidates, Some(candidates[at].id))))
        };
        let Some((at, considered)) = chosen else {
            plan.waits.push(shopper);
            continue;
        };
        let candidate = &mut candidates[at];
        candidate.load += i64::from(rules.routing.active_percent);
        candidate.chats += 1;
        candidate.last_assigned_at = Some(now);
        candidate.busy_since.push(now);
        if let Some(team) = shopper.team_id {
            *team_loads.entry(team).or_default() += 1;
        }
        let action = match rules.routing.mode {
            _ if shopper.is_to_be_called => Action::Hold,
            Mode::Offer => Action::Offer,
            Mode::Assign => Action::Assign,
        };
        plan.gives.push(Give { agent: candidate.id, shopper, action, considered });
    }
    plan
}
