//! The desk on paper: shoppers who come, wait, fall silent and leave, agents who come, decline, crash and go, over the very
//! code that decides for a running node. For `deskbell replay` and for tests. May not: know the time, or draw lots without a
//! seed.

mod agenda;
mod floor;
mod moves;

pub use floor::{Duty, Worked};

use super::chance::Chance;
use super::pick::{Case, TeamLoads};
use super::plan::{Action, Give, plan_untold};
use crate::domain::id::{AgentId, ConversationId, SiteId, TeamId};
use crate::domain::line::{Candidate, Rulebook, Rules, Waiting};
use agenda::{Agenda, Hand, Happening};
use chrono::{DateTime, TimeDelta, Utc};
use floor::Floor;
use std::collections::HashMap;
use std::sync::Arc;

/// Somebody who comes, and what they will do.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// In line from `queued_at`.
    pub shopper: Waiting,
    /// How long an agent is busy with them.
    pub handle: TimeDelta,
    /// Leaves the line after so long.
    pub patience: Option<TimeDelta>,
    /// Left an address to answer to.
    pub has_address: bool,
    /// Closes the tab after so long in line, and asks to be called.
    pub closes_tab: Option<TimeDelta>,
    /// How long it takes them to come when called.
    pub comes_after: TimeDelta,
    /// Their last word before a silence, counted from the beginning of the chat, and when they write again.
    pub silences: Vec<(TimeDelta, TimeDelta)>,
    /// So long after the beginning of the chat a supervisor moves it.
    pub moved: Option<(TimeDelta, MoveTo)>,
}

#[derive(Clone, Copy, Debug)]
pub enum MoveTo {
    Team(TeamId),
    /// Beyond the colleague's capacity, though not beyond the bound.
    Agent(AgentId),
}

/// How agents answer a ringing offer.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    pub after: TimeDelta,
    /// Shares of a hundred; the rest lets it ring.
    pub accepts: usize,
    pub declines: usize,
}

impl Default for Manners {
    fn default() -> Self {
        Self { after: TimeDelta::seconds(4), accepts: 100, declines: 0 }
    }
}

/// What an agent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Comes,
    /// Keeps chats, gets none.
    Pauses,
    /// The end of a shift: chats are handed over.
    Goes,
    /// Without a word; so long the lease says that they are here.
    Vanishes(TimeDelta),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Line,
    /// It rings there, or the shopper is being called.
    Reserved(AgentId),
    Active {
        agent: AgentId,
        since: DateTime<Utc>,
        is_silent: bool,
    },
}

struct Chat {
    arrival: Arrival,
    /// While they are not in line.
    shopper: Option<Waiting>,
    site: SiteId,
    stage: Stage,
    hand: Hand,
    first_given: Option<DateTime<Utc>>,
    handled: TimeDelta,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Served,
    Ticket,
    Left,
}

/// How it ended for a shopper.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    pub id: ConversationId,
    pub team: Option<TeamId>,
    pub priority: i16,
    pub how: End,
    /// In line until the first agent, or until it ended.
    pub waited: TimeDelta,
    pub handled: TimeDelta,
}

/// What one event led to.
#[derive(Debug, Default)]
pub struct Step {
    /// Places that were taken and given back, in order.
    pub moves: Vec<Moved>,
    pub ended: Vec<Ended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// By the pass.
    Given(ConversationId, AgentId),
    /// By a supervisor.
    Pushed(ConversationId, AgentId),
    Freed(ConversationId, AgentId),
}

pub struct Simulation {
    pub now: DateTime<Utc>,
    rulebook: Rulebook,
    manners: Manners,
    chance: Chance,
    floor: Floor,
    line: Vec<Waiting>,
    chats: HashMap<ConversationId, Chat>,
    team_loads: TeamLoads,
    agenda: Agenda,
    tick_at: Option<DateTime<Utc>>,
    step: Step,
}

impl Simulation {
    pub fn new(rulebook: Rulebook, manners: Manners, seed: u64, now: DateTime<Utc>) -> Self {
        Self {
            now,
            rulebook,
            manners,
            chance: Chance::seeded(seed),
            floor: Floor::default(),
            line: Vec::new(),
            chats: HashMap::new(),
            team_loads: TeamLoads::new(),
            agenda: Agenda::default(),
            tick_at: None,
            step: Step::default(),
        }
    }

    pub fn hire(&mut self, agent: Candidate) {
        self.floor.hire(agent, self.now);
    }

    pub fn is_on_duty(&self, agent: AgentId) -> bool {
        self.floor.duty(agent) != Duty::Off
    }

    /// Everybody of the staff, and what they did until now.
    pub fn worked(&mut self) -> impl Iterator<Item = (&Candidate, Worked)> {
        self.floor.worked(self.now)
    }

    /// What happens next, where that is not after `until`.
    pub fn step(&mut self, until: DateTime<Utc>) -> Option<Step> {
        let (at, what) = self.agenda.next(until)?;
        self.now = self.now.max(at);
        self.happen(what);
        Some(self.pass())
    }

    /// Somebody comes, now or at their time. Whatever was to happen before is over: see [`Simulation::step`].
    pub fn arrive(&mut self, arrival: Arrival) -> Step {
        self.now = self.now.max(arrival.shopper.queued_at);
        self.admit(arrival);
        self.pass()
    }

    pub fn turn(&mut self, at: DateTime<Utc>, agent: AgentId, turn: Turn) -> Step {
        self.now = self.now.max(at);
        match turn {
            Turn::Comes => self.floor.set_duty(agent, Duty::Available, self.now),
            Turn::Pauses => self.floor.set_duty(agent, Duty::Paused, self.now),
            Turn::Goes => self.go(agent),
            Turn::Vanishes(lease) => {
                let absence = self.floor.crash(agent);
                self.agenda.write(self.now + lease, Happening::LeaseEnds(agent, absence));
            }
        }
        self.pass()
    }

    fn pass(&mut self) -> Step {
        if !self.line.is_empty() && !self.floor.available().is_empty() {
            let line = std::mem::take(&mut self.line);
            let plan = plan_untold(self.now, line, self.floor.available_mut(), &self.rulebook, &mut self.team_loads);
            self.line = plan.waits;
            for give in plan.gives {
                self.give(give);
            }
            self.plan_tick();
        }
        std::mem::take(&mut self.step)
    }

    /// Looks again when time alone lets one of those in line be served by somebody else.
    fn plan_tick(&mut self) {
        let has_room = |agent: &Candidate| self.rulebook.values().any(|r| super::pick::has_place(agent, &r.routing));
        if !self.floor.available().iter().any(has_room) {
            return;
        }
        let changes = self.line.iter().filter(|shopper| !shopper.is_reserved && !shopper.has_missed);
        let changes = changes.filter_map(|shopper| {
            let rules = self.rulebook.get(&shopper.site_id)?;
            Case::changes_at(shopper, rules, self.now)
        });
        let Some(next) = changes.min() else { return };
        if self.tick_at.is_none_or(|at| at <= self.now || at > next) {
            self.tick_at = Some(next);
            self.agenda.write(next, Happening::Tick);
        }
    }

    fn give(&mut self, give: Give) {
        let Give { shopper, agent, action, .. } = give;
        let rules = self.rules(shopper.site_id);
        let routing = &rules.routing;
        let (id, active) = (shopper.id, i64::from(routing.active_percent));
        let (offer, hold) = (TimeDelta::seconds(routing.offer_s.into()), TimeDelta::seconds(routing.hold_s.into()));
        self.step.moves.push(Moved::Given(id, agent));
        // The pass has counted an active chat.
        self.floor.carry(agent, 0, 0, self.now);
        if action == Action::Assign {
            self.begin(shopper, agent);
            return;
        }
        self.floor.stop(agent, self.now);
        self.floor.carry(agent, 0, floor::RESERVED - active, self.now);
        let hand = self.reserve(shopper, agent);
        if action == Action::Offer {
            self.agenda.write(self.now + offer, Happening::OfferEnds(id, hand));
            self.answer(id, agent, hand, offer);
            return;
        }
        self.agenda.write(self.now + hold, Happening::HoldEnds(id, hand));
        let comes_after = self.chats[&id].arrival.comes_after;
        self.agenda.write(self.now + comes_after, Happening::Comes(id, hand));
    }

    fn answer(&mut self, id: ConversationId, agent: AgentId, hand: Hand, rings: TimeDelta) {
        let lot = self.chance.below(100);
        let Manners { after, accepts, declines } = self.manners;
        if self.floor.has_crashed(agent) || after >= rings || lot >= accepts + declines {
            return;
        }
        let answer = if lot < accepts { Happening::Accepts(id, hand) } else { Happening::Declines(id, hand) };
        self.agenda.write(self.now + after, answer);
    }

    fn rules(&self, site: SiteId) -> Arc<Rules> {
        self.rulebook.get(&site).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "tests count in small numbers")]
mod tests;
