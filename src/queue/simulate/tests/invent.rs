//! Days that never were, each from a seed.

use crate::domain::id::{AgentId, ConversationId, ShopperId, SiteId, TeamId};
use crate::domain::line::{Candidate, Membership, Rulebook, Rules, Waiting};
use crate::domain::routing::{Language, Mode, Routing, TeamSettings};
use crate::queue::chance::Chance;
use crate::queue::simulate::{Arrival, Manners, MoveTo, Turn};
use chrono::{DateTime, TimeDelta, Utc};
use std::f64::consts::{PI, TAU};
use std::sync::Arc;
use uuid::Uuid;

const SKILLS: [&str; 3] = ["returns", "wine", "invoices"];
const TONGUES: [&str; 4] = ["en", "de", "zh-CN", "ar"];

pub struct Day {
    pub begins: DateTime<Utc>,
    pub rulebook: Rulebook,
    pub manners: Manners,
    pub agents: Vec<Candidate>,
    pub arrivals: Vec<Arrival>,
    /// In order of time.
    pub turns: Vec<(DateTime<Utc>, AgentId, Turn)>,
}

pub struct Inventor(pub Chance);

pub fn seconds(seconds: f64) -> TimeDelta {
    TimeDelta::milliseconds((seconds * 1_000.0) as i64)
}

impl Inventor {
    pub fn is(&mut self, percent: usize) -> bool {
        self.0.below(100) < percent
    }

    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + u32::try_from(self.0.below((high - low + 1) as usize)).unwrap()
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.below(of.len())]
    }

    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.0.unit()).ln()
    }

    pub fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        let normal = (-2.0 * (1.0 - self.0.unit()).ln()).sqrt() * (TAU * self.0.unit()).cos();
        median * (sigma * normal).exp()
    }

    pub fn day(&mut self, hours: u32) -> Day {
        let begins = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let rulebook: Rulebook = (1..=u128::from(self.between(1, 2)))
            .map(|n| (SiteId(Uuid::from_u128(n)), Arc::new(self.rules(n))))
            .collect();
        let agents = self.agents(&rulebook);
        let places: i16 = agents.iter().map(|agent| agent.capacity).sum();
        let median = f64::from(self.between(60, 400));
        let load = f64::from(self.between(40, 130)) / 100.0;
        let gap = median * 1.4 / (f64::from(places) * load);
        let (mut arrivals, mut at) = (Vec::new(), 0.0);
        let length = f64::from(hours) * 3_600.0;
        while at < length {
            at += self.exponential(gap / 1.6);
            // A quiet morning, a full noon, a quiet evening.
            if self.0.unit() < 0.3 + 0.7 * (PI * at / length).sin() {
                arrivals.push(self.arrival(begins + seconds(at), median, &rulebook, &agents));
            }
        }
        let turns = self.turns(begins, length, &agents);
        let accepts = self.between(40, 90) as usize;
        let manners =
            Manners { after: seconds(f64::from(self.between(1, 12))), accepts, declines: (100 - accepts) / 2 };
        Day { begins, rulebook, manners, agents, arrivals, turns }
    }

    fn rules(&mut self, site: u128) -> Rules {
        let routing = Routing {
            grace_s: self.between(5, 60),
            ticket_after_s: self.one(&[0, 600, 900, 1_800]),
            ageing_s: self.one(&[0, 60, 180]),
            bound_s: self.one(&[0, 300, 600]),
            mode: self.one(&[Mode::Assign, Mode::Offer]),
            offer_s: self.one(&[15, 20, 30]),
            prefers_previous: self.is(70),
            language: self.one(&[Language::Ignore, Language::Prefer, Language::Require]),
            relax_s: self.one(&[30, 60, 120]),
            queue_max: self.one(&[0, 0, 40]),
            active_percent: self.one(&[100, 100, 80]),
            silent_percent: self.one(&[30, 0, 100]),
            silent_after_s: self.one(&[60, 180]),
            over_max: u8::try_from(self.between(0, 3)).unwrap(),
            hold_s: 60,
            ..Routing::default()
        };
        let count = u128::from(self.between(1, 3));
        let team = |n| TeamId(Uuid::from_u128(site * 10 + n % count));
        let teams = (0..count).map(|n| {
            let helps = self.is(50);
            let settings = TeamSettings {
                chats_max: self.one(&[0, 0, 0, 4]),
                overflow_after_s: if helps { self.between(20, 120) } else { 0 },
                overflow_team: helps.then_some(team(n + 1)),
                ..TeamSettings::default()
            };
            (team(n), settings)
        });
        Rules { routing, teams: teams.collect() }
    }

    fn agents(&mut self, rulebook: &Rulebook) -> Vec<Candidate> {
        let mut teams: Vec<_> =
            rulebook.iter().flat_map(|(site, rules)| rules.teams.keys().map(|team| (*site, *team))).collect();
        teams.sort_unstable();
        let count = teams.len() + self.between(1, 6) as usize;
        (0..count).map(|n| self.agent(n, &teams)).collect()
    }

    /// The first of them make sure that no team is without an agent.
    fn agent(&mut self, n: usize, teams: &[(SiteId, TeamId)]) -> Candidate {
        let mut joins = vec![teams[n % teams.len()]];
        if self.is(40) {
            joins.push(self.one(teams));
        }
        joins.sort_unstable();
        joins.dedup();
        let memberships = joins.into_iter().map(|(site, team)| {
            let skills = SKILLS.iter().filter(|_| self.is(50)).map(|skill| (*skill).to_owned());
            Membership { site, team, skills: skills.collect() }
        });
        let memberships = memberships.collect();
        Candidate {
            id: AgentId(Uuid::from_u128(1_000 + n as u128)),
            name: String::new(),
            capacity: i16::try_from(self.between(1, 5)).unwrap(),
            load: 0,
            chats: 0,
            last_assigned_at: None,
            languages: TONGUES.iter().filter(|_| self.is(40)).map(|tongue| (*tongue).to_owned()).collect(),
            memberships,
            busy_since: Vec::new(),
        }
    }

    fn arrival(&mut self, at: DateTime<Utc>, median: f64, rulebook: &Rulebook, agents: &[Candidate]) -> Arrival {
        let mut sites: Vec<_> = rulebook.keys().copied().collect();
        sites.sort_unstable();
        let site = self.one(&sites);
        let mut teams: Vec<_> = rulebook[&site].teams.keys().copied().collect();
        teams.sort_unstable();
        let team_id = self.is(80).then(|| self.one(&teams));
        let skills = |draw: &mut Self| SKILLS.iter().filter(|_| draw.is(15)).map(|skill| (*skill).to_owned()).collect();
        let id = Uuid::from_u128(u128::from(self.0.number()) << 64 | u128::from(self.0.number()));
        let shopper = Waiting {
            site_id: site,
            id: ConversationId(id),
            shopper_id: ShopperId(id),
            team_id,
            priority: self.one(&[-1, 0, 0, 0, 0, 1, 2]),
            queued_at: at,
            locale: self.one(&TONGUES).to_owned(),
            previous_agent_id: self.is(20).then(|| agents[self.0.below(agents.len())].id),
            required_skills: skills(self),
            preferred_skills: skills(self),
            refused: Vec::new(),
            is_reserved: false,
            is_to_be_called: false,
            has_missed: false,
        };
        let handle = seconds(self.lognormal(median, 0.8));
        let closes_tab = self.is(15).then(|| seconds(f64::from(self.between(1, 120))));
        let has_address = self.is(60);
        let moved = self.is(10).then(|| {
            let to = if self.is(50) {
                MoveTo::Team(self.one(&teams))
            } else {
                MoveTo::Agent(agents[self.0.below(agents.len())].id)
            };
            (seconds(f64::from(self.between(5, 200))), to)
        });
        Arrival {
            shopper,
            handle,
            // Whoever has closed the tab may never come when called.
            patience: (closes_tab.is_some() || self.is(60)).then(|| seconds(self.lognormal(500.0, 0.9))),
            has_address,
            closes_tab,
            comes_after: seconds(self.lognormal(25.0, 1.2)),
            silences: self.silences(handle),
            moved,
        }
    }

    fn silences(&mut self, handle: TimeDelta) -> Vec<(TimeDelta, TimeDelta)> {
        let (mut silences, mut at) = (Vec::new(), 0.0);
        while self.is(50) {
            let said = at + self.exponential(60.0);
            at = said + self.lognormal(120.0, 0.8);
            if seconds(at) > handle {
                break;
            }
            silences.push((seconds(said), seconds(at)));
        }
        silences
    }

    /// They come, pause, crash and come again; in the end all of them are here, and stay.
    fn turns(
        &mut self,
        begins: DateTime<Utc>,
        length: f64,
        agents: &[Candidate],
    ) -> Vec<(DateTime<Utc>, AgentId, Turn)> {
        let mut turns = Vec::new();
        for agent in agents {
            let mut at = self.exponential(600.0);
            while at < length {
                turns.push((begins + seconds(at), agent.id, Turn::Comes));
                at += self.exponential(3_000.0);
                let (turn, back) = match self.0.below(10) {
                    0..4 => (Turn::Vanishes(seconds(f64::from(self.between(1, 25)))), self.exponential(60.0)),
                    4..7 => (Turn::Pauses, self.exponential(400.0)),
                    _ => (Turn::Goes, self.exponential(1_500.0)),
                };
                turns.push((begins + seconds(at), agent.id, turn));
                at += back;
            }
            turns.push((begins + seconds(at.max(length)), agent.id, Turn::Comes));
        }
        turns.sort_by_key(|(at, ..)| *at);
        turns
    }
}
