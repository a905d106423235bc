//! Who works, and what each carries.

use crate::domain::id::AgentId;
use crate::domain::line::Candidate;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;

/// What a reserved place counts, in hundredths of a chat: as much as in the store.
pub const RESERVED: i64 = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    Available,
    /// Keeps chats, gets none.
    Paused,
    Off,
}

/// What was counted of one agent.
#[derive(Clone, Copy, Debug)]
pub struct Worked {
    /// Whether this agent was on duty at all.
    pub on_duty: TimeDelta,
    /// Chats times seconds.
    pub chat_seconds: f64,
    pub chats_max: i64,
    since: DateTime<Utc>,
    carries: i64,
    duty: Duty,
}

struct Staff {
    worked: Worked,
    has_crashed: bool,
    /// Counts comings and goings: a lease ends only for the absence it belongs to.
    comings: u32,
}

/// Those available stand first, so that a pass sees them and nobody else.
#[derive(Default)]
pub struct Floor {
    candidates: Vec<Candidate>,
    staff: Vec<Staff>,
    available: usize,
    places: HashMap<AgentId, usize>,
}

impl Floor {
    /// Somebody of the staff, who is not here yet.
    pub fn hire(&mut self, agent: Candidate, now: DateTime<Utc>) {
        self.places.insert(agent.id, self.candidates.len());
        self.candidates.push(agent);
        let worked = Worked {
            on_duty: TimeDelta::zero(),
            chat_seconds: 0.0,
            chats_max: 0,
            since: now,
            carries: 0,
            duty: Duty::Off,
        };
        self.staff.push(Staff { worked, has_crashed: false, comings: 0 });
    }

    pub fn available(&self) -> &[Candidate] {
        &self.candidates[..self.available]
    }

    pub fn available_mut(&mut self) -> &mut [Candidate] {
        &mut self.candidates[..self.available]
    }

    pub fn get(&self, agent: AgentId) -> Option<&Candidate> {
        self.places.get(&agent).map(|at| &self.candidates[*at])
    }

    pub fn duty(&self, agent: AgentId) -> Duty {
        self.places.get(&agent).map_or(Duty::Off, |at| self.staff[*at].worked.duty)
    }

    pub fn comings(&self, agent: AgentId) -> u32 {
        self.places.get(&agent).map_or(0, |at| self.staff[*at].comings)
    }

    pub fn has_crashed(&self, agent: AgentId) -> bool {
        self.places.get(&agent).is_some_and(|at| self.staff[*at].has_crashed)
    }

    /// Everybody and what they did until now.
    pub fn worked(&mut self, now: DateTime<Utc>) -> impl Iterator<Item = (&Candidate, Worked)> {
        for at in 0..self.staff.len() {
            self.count(at, now);
        }
        self.candidates.iter().zip(self.staff.iter().map(|staff| staff.worked))
    }

    /// The agent's machine is gone; nobody knows it yet.
    pub fn crash(&mut self, agent: AgentId) -> u32 {
        let Some(at) = self.places.get(&agent) else { return 0 };
        self.staff[*at].has_crashed = true;
        self.staff[*at].comings += 1;
        self.staff[*at].comings
    }

    pub fn set_duty(&mut self, agent: AgentId, duty: Duty, now: DateTime<Utc>) {
        let Some(at) = self.places.get(&agent).copied() else { return };
        self.count(at, now);
        self.staff[at].worked.duty = duty;
        if duty != Duty::Off {
            self.staff[at].has_crashed = false;
            self.staff[at].comings += 1;
        }
        let is_first = at < self.available;
        if duty == Duty::Available && !is_first {
            self.swap(at, self.available);
            self.available += 1;
        } else if duty != Duty::Available && is_first {
            self.available -= 1;
            self.swap(at, self.available);
        }
    }

    fn swap(&mut self, left: usize, right: usize) {
        self.candidates.swap(left, right);
        self.staff.swap(left, right);
        self.places.insert(self.candidates[left].id, left);
        self.places.insert(self.candidates[right].id, right);
    }

    /// A chat or a kept place more, or one less; `load` in hundredths.
    pub fn carry(&mut self, agent: AgentId, chats: i64, load: i64, now: DateTime<Utc>) {
        let Some(at) = self.places.get(&agent).copied() else { return };
        self.candidates[at].chats += chats;
        self.candidates[at].load += load;
        self.count(at, now);
    }

    pub fn begin(&mut self, agent: AgentId, now: DateTime<Utc>) {
        let Some(at) = self.places.get(&agent).copied() else { return };
        self.candidates[at].busy_since.push(now);
        self.candidates[at].last_assigned_at = Some(now);
    }

    /// The chat that began then is over, or none was after all.
    pub fn stop(&mut self, agent: AgentId, began: DateTime<Utc>) {
        let Some(at) = self.places.get(&agent).copied() else { return };
        let busy = &mut self.candidates[at].busy_since;
        if let Some(chat) = busy.iter().position(|since| *since == began) {
            busy.swap_remove(chat);
        }
    }

    fn count(&mut self, at: usize, now: DateTime<Utc>) {
        let (worked, chats) = (&mut self.staff[at].worked, self.candidates[at].chats);
        let passed = now - worked.since;
        if worked.duty != Duty::Off {
            worked.on_duty += passed;
        }
        #[expect(clippy::cast_precision_loss, reason = "a small count")]
        let carried = worked.carries as f64;
        worked.chat_seconds += carried * passed.as_seconds_f64();
        worked.chats_max = worked.chats_max.max(chats);
        (worked.since, worked.carries) = (now, chats);
    }
}
