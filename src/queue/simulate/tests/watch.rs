//! Looks at the desk after every event, and knows nothing of the code that decides: what it demands is written down here
//! again, as plainly as can be.

use crate::domain::id::{AgentId, ConversationId, TeamId};
use crate::domain::line::{Candidate, Rules, Waiting};
use crate::domain::routing::Language;
use crate::queue::simulate::{Ended, Moved, Simulation, Stage, Step};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};

#[derive(Default)]
pub struct Watch {
    owners: HashMap<ConversationId, AgentId>,
    pub came: HashSet<ConversationId>,
    pub ended: HashMap<ConversationId, Ended>,
}

impl Watch {
    pub fn after(&mut self, sim: &Simulation, step: &Step) {
        self.ledger(step);
        // Nothing else changes how many chats somebody has.
        if !step.moves.is_empty() {
            self.loads(sim, step);
        }
        self.order(sim, step);
        self.work_is_done(sim, sim.now);
    }

    /// One owner each, and one end.
    fn ledger(&mut self, step: &Step) {
        for moved in &step.moves {
            match *moved {
                Moved::Given(chat, agent) | Moved::Pushed(chat, agent) => {
                    assert!(self.came.contains(&chat) && !self.ended.contains_key(&chat), "{chat} is not in line");
                    let before = self.owners.insert(chat, agent);
                    assert_eq!(before, None, "two owners of {chat}");
                }
                Moved::Freed(chat, agent) => assert_eq!(self.owners.remove(&chat), Some(agent), "{chat} was another's"),
            }
        }
        for ended in &step.ended {
            assert!(!self.owners.contains_key(&ended.id), "{} ended and still has an owner", ended.id);
            assert!(self.ended.insert(ended.id, *ended).is_none(), "{} ended twice", ended.id);
        }
    }

    fn loads(&self, sim: &Simulation, step: &Step) {
        let mut carried: HashMap<AgentId, (i64, i64)> = HashMap::new();
        for (id, agent) in &self.owners {
            let chat = &sim.chats[id];
            let routing = &sim.rulebook[&chat.site].routing;
            let (load, owner) = match chat.stage {
                Stage::Active { agent, is_silent: true, .. } => (routing.silent_percent, agent),
                // As the pass counts it, who gives it; the store counts a whole chat.
                Stage::Active { agent, .. } | Stage::Reserved(agent) => (routing.active_percent, agent),
                Stage::Line => panic!("{id} is in line and has an owner"),
            };
            assert_eq!(owner, *agent, "the owner of {id}");
            let carried = carried.entry(owner).or_default();
            (carried.0, carried.1) = (carried.0 + 1, carried.1 + i64::from(load));
        }
        let over = sim.rulebook.values().map(|rules| i64::from(rules.routing.over_max)).max().unwrap_or_default();
        for (agent, (chats, _)) in &carried {
            let capacity = i64::from(sim.floor.get(*agent).unwrap().capacity);
            assert!(*chats <= capacity + over, "{agent} has {chats} chats, the bound is {capacity} and {over}");
        }
        // What the pass gave comes last: each at its moment, backwards from now.
        for moved in step.moves.iter().rev() {
            let Moved::Given(chat, agent) = moved else { break };
            let (chats, load) = carried.get_mut(agent).unwrap();
            let capacity = i64::from(sim.floor.get(*agent).unwrap().capacity);
            let routing = &sim.rulebook[&sim.chats[chat].site].routing;
            let over = i64::from(routing.over_max);
            assert!(*load <= capacity * 100, "{agent} was given a chat and carries {load} of {capacity} chats");
            assert!(*chats <= capacity + over, "{agent} was given a chat and has {chats} of {capacity} and {over}");
            (*chats, *load) = (*chats - 1, *load - i64::from(routing.active_percent));
        }
    }

    /// Whoever was served did not overtake somebody whom the same agent could have served.
    fn order(&self, sim: &Simulation, step: &Step) {
        for moved in &step.moves {
            let Moved::Given(chat, agent) = moved else { continue };
            let served = shopper_of(sim, *chat);
            let rules = &sim.rulebook[&served.site_id];
            let agent = sim.floor.get(*agent).unwrap();
            let others = sim.line.iter().filter(|other| can_be_served(other) && other.site_id == served.site_id);
            for other in others.filter(|other| is_before(other, served, rules, sim.now)) {
                let could = || suits(other, agent, rules, sim.now) && !self.is_team_full(sim, other.team_id, rules);
                assert!(!could(), "{} overtook {} at {}", served.id, other.id, agent.id);
            }
        }
    }

    /// No free agent and shopper who suit each other are left apart, least of all one who has waited for the bound.
    pub fn work_is_done(&self, sim: &Simulation, now: DateTime<Utc>) {
        let has_any_room = |agent: &&Candidate| sim.rulebook.values().any(|rules| has_room(agent, rules));
        let free: Vec<_> = sim.floor.available().iter().filter(has_any_room).collect();
        if free.is_empty() {
            return;
        }
        for shopper in sim.line.iter().filter(|shopper| can_be_served(shopper)) {
            let rules = &sim.rulebook[&shopper.site_id];
            let mut could = free.iter().filter(|agent| has_room(agent, rules) && suits(shopper, agent, rules, now));
            let Some(agent) = could.next().filter(|_| !self.is_team_full(sim, shopper.team_id, rules)) else {
                continue;
            };
            let words = if is_beyond(shopper, rules, now) { "beyond the bound" } else { "" };
            panic!("{} waits {words} since {} while {} is free", shopper.id, now - shopper.queued_at, agent.id);
        }
    }

    fn is_team_full(&self, sim: &Simulation, team: Option<TeamId>, rules: &Rules) -> bool {
        let max = team.and_then(|team| rules.teams.get(&team)).map_or(0, |team| team.chats_max);
        let of_team = |chat: &&ConversationId| shopper_of(sim, **chat).team_id == team;
        max > 0 && self.owners.keys().filter(of_team).count() >= max as usize
    }
}

fn shopper_of(sim: &Simulation, chat: ConversationId) -> &Waiting {
    let in_line = || sim.line.iter().find(|shopper| shopper.id == chat);
    sim.chats[&chat].shopper.as_ref().or_else(in_line).unwrap()
}

fn can_be_served(shopper: &Waiting) -> bool {
    !shopper.is_reserved && !shopper.has_missed
}

fn waited(shopper: &Waiting, now: DateTime<Utc>) -> i64 {
    (now - shopper.queued_at).num_seconds()
}

fn is_beyond(shopper: &Waiting, rules: &Rules, now: DateTime<Utc>) -> bool {
    rules.routing.bound_s > 0 && waited(shopper, now) >= i64::from(rules.routing.bound_s)
}

fn is_before(left: &Waiting, right: &Waiting, rules: &Rules, now: DateTime<Utc>) -> bool {
    let came_first = (left.queued_at, left.id) < (right.queued_at, right.id);
    let class = |shopper: &Waiting| {
        let ageing = i64::from(rules.routing.ageing_s);
        i64::from(shopper.priority) + if ageing > 0 { waited(shopper, now) / ageing } else { 0 }
    };
    match (is_beyond(left, rules, now), is_beyond(right, rules, now)) {
        (true, false) => true,
        (false, true) => false,
        (true, true) => came_first,
        (false, false) if class(left) == class(right) => came_first,
        (false, false) => class(left) > class(right),
    }
}

fn has_room(agent: &Candidate, rules: &Rules) -> bool {
    let capacity = i64::from(agent.capacity);
    let is_within = agent.load <= capacity * 100 - i64::from(rules.routing.active_percent);
    is_within && agent.chats < capacity + i64::from(rules.routing.over_max)
}

/// By team, skills and language, and not asked in vain a moment ago.
fn suits(shopper: &Waiting, agent: &Candidate, rules: &Rules, now: DateTime<Utc>) -> bool {
    let here: Vec<_> = agent.memberships.iter().filter(|m| m.site == shopper.site_id).collect();
    let is_member = |team: TeamId| here.iter().any(|m| m.team == team);
    let is_of_team = shopper.team_id.is_none_or(|team| {
        let settings = &rules.teams[&team];
        let is_late = waited(shopper, now) >= i64::from(settings.overflow_after_s) || is_beyond(shopper, rules, now);
        let helps = settings.overflow_after_s > 0 && is_late;
        is_member(team) || (helps && settings.overflow_team.is_some_and(is_member))
    });
    let mut needs: Vec<&str> = Vec::new();
    let tongue = shopper.locale.split('-').next().unwrap();
    if rules.routing.language == Language::Require {
        needs.push(tongue);
    }
    needs.extend(shopper.required_skills.iter().map(String::as_str));
    let relax = i64::from(rules.routing.relax_s);
    let fell = if relax > 0 { waited(shopper, now) / relax } else { 0 };
    for _ in 0..fell {
        needs.pop();
    }
    if is_beyond(shopper, rules, now) {
        needs.clear();
    }
    let speaks = agent.languages.is_empty() || agent.languages.iter().any(|tag| tag.split('-').next() == Some(tongue));
    let knows = |need: &str| here.iter().any(|m| m.skills.iter().any(|skill| skill == need));
    let can = needs.iter().all(|need| if *need == tongue { speaks } else { knows(need) });
    let asked = shopper.refused.iter().any(|r| r.agent == agent.id && now - r.at < TimeDelta::seconds(60));
    !here.is_empty() && is_of_team && can && !asked
}
