//! Which agent. Pure, and it tells why: for everybody who was considered.

use super::rank::{is_past_bound, waited_s};
use crate::domain::id::{AgentId, SiteId, TeamId};
use crate::domain::line::{Candidate, Rules, Waiting};
use crate::domain::routing::{Language, Routing};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Whoever would not have a chat is not asked for it again so soon.
pub const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::seconds(60);
/// Most candidates kept with a decision: the chosen one first, then as they would have followed.
const CONSIDERED_MAX: usize = 50;

/// How many chats each team with a limit has.
pub type TeamLoads = HashMap<TeamId, u32>;

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Considered {
    pub agent: AgentId,
    pub name: String,
    /// In hundredths of a chat.
    pub load: i64,
    pub chats: i64,
    pub capacity: i16,
    /// What decided, most important first; nothing where something stood in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    pub reasons: Vec<String>,
}

/// How well an agent fits, compared from the first field to the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Preferred skills they have, and required ones that have fallen away.
    pub skills: usize,
    pub speaks_language: bool,
    pub knows_shopper: bool,
    pub load: i64,
    pub capacity: i16,
    pub last_assigned_at: Option<DateTime<Utc>>,
}

impl Score {
    /// The better one is less.
    fn compare(&self, other: &Self) -> Ordering {
        // load / capacity compared without division.
        let (left, right) = (self.load * i64::from(other.capacity), other.load * i64::from(self.capacity));
        other
            .skills
            .cmp(&self.skills)
            .then(other.speaks_language.cmp(&self.speaks_language))
            .then(other.knows_shopper.cmp(&self.knows_shopper))
            .then(left.cmp(&right))
            .then(self.last_assigned_at.cmp(&other.last_assigned_at))
    }
}

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    Shop,
    Team,
    Language,
    Skill(String),
    Refused,
    Full,
    TeamFull,
}

impl Obstacle {
    fn words(&self) -> String {
        match self {
            Self::Shop => "does not work for this shop".into(),
            Self::Team => "not in the team".into(),
            Self::Language => "does not answer in the shopper's language".into(),
            Self::Skill(skill) => format!("lacks the skill {skill}"),
            Self::Refused => "would not have this chat a moment ago".into(),
            Self::Full => "no place free".into(),
            Self::TeamFull => "the team has as many chats as it may".into(),
        }
    }
}

/// Two shoppers with the same need may be served by the same agents.
#[derive(PartialEq, Eq, Hash)]
pub struct Need<'a> {
    site: SiteId,
    teams: [Option<TeamId>; 2],
    required: &'a [String],
    tongue: Option<&'a str>,
}

/// One shopper's needs at one moment.
pub struct Case<'a, 'l> {
    pub shopper: &'a Waiting,
    pub rules: &'a Rules,
    pub team_loads: &'l TeamLoads,
    pub now: DateTime<Utc>,
    /// The first of the required skills, as many as are required still.
    required: &'a [String],
    requires_language: bool,
    /// The shopper's team and, after its time, the one that helps out; empty: any.
    teams: [Option<TeamId>; 2],
}

impl<'a, 'l> Case<'a, 'l> {
    pub fn new(shopper: &'a Waiting, rules: &'a Rules, team_loads: &'l TeamLoads, now: DateTime<Utc>) -> Self {
        let routing = &rules.routing;
        let waited = waited_s(shopper, now);
        let asks_language = routing.language == Language::Require;
        let all = shopper.required_skills.len() + usize::from(asks_language);
        let fell = waited.checked_div(u64::from(routing.relax_s)).unwrap_or_default();
        let is_free = is_past_bound(shopper, routing, now);
        let kept = if is_free { 0 } else { all.saturating_sub(usize::try_from(fell).unwrap_or(usize::MAX)) };
        let settings = shopper.team_id.and_then(|team| rules.teams.get(&team));
        let helps = settings.filter(|team| {
            let is_due = team.overflow_after_s > 0 && waited >= u64::from(team.overflow_after_s);
            is_due || (is_free && team.overflow_after_s > 0)
        });
        Self {
            shopper,
            rules,
            team_loads,
            now,
            required: &shopper.required_skills[..kept.saturating_sub(usize::from(asks_language))],
            requires_language: asks_language && kept > 0,
            teams: [shopper.team_id, helps.and_then(|team| team.overflow_team)],
        }
    }

    /// When time alone next changes who may serve this shopper, or that they go before others.
    pub fn changes_at(shopper: &Waiting, rules: &Rules, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (routing, waited) = (&rules.routing, waited_s(shopper, now));
        let has_needs = routing.language == Language::Require || !shopper.required_skills.is_empty();
        let relaxes = u64::from(routing.relax_s);
        let steps = (has_needs && relaxes > 0).then(|| (waited / relaxes + 1) * relaxes);
        let team = shopper.team_id.and_then(|team| rules.teams.get(&team));
        let once = [Some(routing.bound_s), team.map(|team| team.overflow_after_s)].into_iter().flatten().map(u64::from);
        let waits =
            once.filter(|at| *at > waited).chain(steps).filter_map(|at| TimeDelta::try_seconds(at.try_into().ok()?));
        let asked_again = shopper.refused.iter().map(|refused| refused.at + ASK_AGAIN_AFTER).filter(|at| *at > now);
        waits.map(|wait| shopper.queued_at + wait).chain(asked_again).min()
    }

    /// What stands in the way now.
    pub fn obstacle(&self, candidate: &Candidate) -> Option<Obstacle> {
        if let Some(obstacle) = self.lacks(candidate) {
            return Some(obstacle);
        }
        let refused = self.shopper.refused.iter().find(|refused| refused.agent == candidate.id);
        if refused.is_some_and(|refused| self.now - refused.at < ASK_AGAIN_AFTER) {
            return Some(Obstacle::Refused);
        }
        if self.is_team_full() {
            return Some(Obstacle::TeamFull);
        }
        (!has_place(candidate, &self.rules.routing)).then_some(Obstacle::Full)
    }

    /// What the agent has not that the shopper needs, however busy they are.
    pub fn lacks(&self, candidate: &Candidate) -> Option<Obstacle> {
        let mut memberships = candidate.memberships.iter().filter(|m| m.site == self.shopper.site_id).peekable();
        if memberships.peek().is_none() {
            return Some(Obstacle::Shop);
        }
        if self.shopper.team_id.is_some() && !memberships.any(|m| self.teams.contains(&Some(m.team))) {
            return Some(Obstacle::Team);
        }
        if self.requires_language && !speaks(candidate, &self.shopper.locale) {
            return Some(Obstacle::Language);
        }
        let missing = self.required.iter().find(|skill| !self.has_skill(candidate, skill));
        missing.map(|skill| Obstacle::Skill(skill.clone()))
    }

    fn is_team_full(&self) -> bool {
        let Some(team) = self.shopper.team_id else { return false };
        let max = self.rules.teams.get(&team).map_or(0, |settings| settings.chats_max);
        max > 0 && self.team_loads.get(&team).is_some_and(|chats| *chats >= max)
    }

    fn has_skill(&self, candidate: &Candidate, skill: &str) -> bool {
        let mine = candidate.memberships.iter().filter(|m| m.site == self.shopper.site_id);
        mine.flat_map(|m| &m.skills).any(|s| s.eq_ignore_ascii_case(skill))
    }

    fn score(&self, candidate: &Candidate) -> Score {
        let fell_away = &self.shopper.required_skills[self.required.len()..];
        let wanted = fell_away.iter().chain(&self.shopper.preferred_skills);
        Score {
            skills: wanted.filter(|skill| self.has_skill(candidate, skill)).count(),
            speaks_language: self.rules.routing.language == Language::Ignore || speaks(candidate, &self.shopper.locale),
            knows_shopper: self.rules.routing.prefers_previous && self.shopper.previous_agent_id == Some(candidate.id),
            load: candidate.load,
            capacity: candidate.capacity,
            last_assigned_at: candidate.last_assigned_at,
        }
    }

    /// What an agent has to be for this shopper; `None` where it differs from agent to agent.
    pub fn need(&self) -> Option<Need<'a>> {
        let tongue = self.requires_language.then_some(self.shopper.locale.as_str());
        let need = Need { site: self.shopper.site_id, teams: self.teams, required: self.required, tongue };
        self.shopper.refused.is_empty().then_some(need)
    }

    /// The agent who should have this shopper, by their place in a list.
    pub fn choose<'c>(&self, candidates: impl Iterator<Item = (usize, &'c Candidate)>) -> Option<usize> {
        let eligible = candidates.filter(|(_, c)| self.obstacle(c).is_none());
        let scored = eligible.map(|(at, candidate)| (self.score(candidate), candidate.id, at));
        scored.min_by(|a, b| a.0.compare(&b.0).then(a.1.cmp(&b.1))).map(|(_, _, at)| at)
    }

    /// Everybody, with what spoke for and against them: whoever could take the shopper first.
    pub fn explain(&self, candidates: &[Candidate], chosen: Option<AgentId>) -> Vec<Considered> {
        let mut all: Vec<_> = candidates.iter().map(|c| (self.obstacle(c), self.score(c), c)).collect();
        all.sort_by(|a, b| {
            let group =
                |(obstacle, _, c): &(Option<Obstacle>, Score, &Candidate)| (Some(c.id) != chosen, obstacle.is_some());
            group(a).cmp(&group(b)).then_with(|| a.1.compare(&b.1)).then(a.2.id.cmp(&b.2.id))
        });
        let winner = all.first().filter(|(_, _, c)| Some(c.id) == chosen).map(|(_, score, _)| score.clone());
        let told = all.into_iter().take(CONSIDERED_MAX);
        told.map(|(obstacle, score, candidate)| {
            let reason = match &obstacle {
                Some(obstacle) => obstacle.words(),
                None if chosen == Some(candidate.id) => why_chosen(&score),
                None => winner.as_ref().map_or_else(|| "could take it".into(), |winner| why_not(&score, winner)),
            };
            Considered {
                agent: candidate.id,
                name: candidate.name.clone(),
                load: candidate.load,
                chats: candidate.chats,
                capacity: candidate.capacity,
                score: obstacle.is_none().then_some(score),
                reasons: vec![reason],
            }
        })
        .collect()
    }
}

fn why_chosen(score: &Score) -> String {
    if score.knows_shopper {
        "had this shopper before".into()
    } else {
        "least loaded, then longest without a new chat".into()
    }
}

/// What the winner had that this one has not.
fn why_not(score: &Score, winner: &Score) -> String {
    if score.skills < winner.skills {
        "another has more of the skills".into()
    } else if winner.speaks_language && !score.speaks_language {
        "another answers in the shopper's language".into()
    } else if winner.knows_shopper && !score.knows_shopper {
        "another had this shopper before".into()
    } else {
        "another was less loaded or waited longer".into()
    }
}

/// Whether one chat more leaves the agent within their capacity, and within the bound however silent the others are.
pub fn has_place(candidate: &Candidate, routing: &Routing) -> bool {
    let capacity = i64::from(candidate.capacity);
    candidate.load + i64::from(routing.active_percent) <= capacity * 100
        && candidate.chats < capacity + i64::from(routing.over_max)
}

/// By the language alone, whatever the region; who lists none answers in any.
fn speaks(candidate: &Candidate, locale: &str) -> bool {
    candidate.languages.is_empty() || candidate.languages.iter().any(|spoken| are_one_language(spoken, locale))
}

fn are_one_language(left: &str, right: &str) -> bool {
    let language = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().len();
    left[..language(left)].eq_ignore_ascii_case(&right[..language(right)])
}

#[cfg(test)]
mod tests {
    use super::{Case, TeamLoads};
    use crate::domain::id::{AgentId, SiteId, TeamId};
    use crate::domain::line::{Candidate, Membership, Refused, Rules, Waiting};
    use crate::domain::routing::{Language, Routing, TeamSettings};
    use crate::queue::rank::tests::{now, waiting};
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn agent(n: u128, load: i64, capacity: i16, idle_s: i64) -> Candidate {
        Candidate {
            id: AgentId(Uuid::from_u128(n)),
            name: format!("Agent {n}"),
            capacity,
            load: load * 100,
            chats: load,
            last_assigned_at: Some(now() - TimeDelta::seconds(idle_s)),
            languages: Vec::new(),
            memberships: vec![member(5, &[])],
            busy_since: Vec::new(),
        }
    }

    fn member(team: u128, skills: &[&str]) -> Membership {
        let skills = skills.iter().map(|skill| (*skill).to_owned()).collect();
        Membership { site: SiteId(Uuid::from_u128(1)), team: TeamId(Uuid::from_u128(team)), skills }
    }

    fn skilled(n: u128, skills: &[&str]) -> Candidate {
        Candidate { memberships: vec![member(5, skills)], ..agent(n, 0, 5, 0) }
    }

    fn choose(shopper: &Waiting, candidates: &[Candidate], rules: &Rules) -> Option<u128> {
        let loads = TeamLoads::new();
        let chosen = Case::new(shopper, rules, &loads, now()).choose(candidates.iter().enumerate());
        chosen.map(|at| candidates[at].id.0.as_u128())
    }

    fn why(shopper: &Waiting, candidate: &Candidate, rules: &Rules) -> String {
        let loads = TeamLoads::from([(TeamId(Uuid::from_u128(5)), 3)]);
        let told = Case::new(shopper, rules, &loads, now()).explain(std::slice::from_ref(candidate), None);
        told[0].reasons.join(", ")
    }

    fn routing(change: impl FnOnce(&mut Routing)) -> Rules {
        let mut rules = Rules::default();
        change(&mut rules.routing);
        rules
    }

    #[test]
    fn previous_then_least_loaded_then_longest_idle() {
        let rules = Rules::default();
        let known = |n: u128| Waiting { previous_agent_id: Some(AgentId(Uuid::from_u128(n))), ..waiting(1, 0, 10) };
        let three = [agent(1, 1, 5, 90), agent(2, 1, 10, 10), agent(3, 1, 10, 60)];
        assert_eq!(choose(&waiting(1, 0, 10), &three, &rules), Some(3));
        assert_eq!(choose(&known(1), &three, &rules), Some(1));
        assert_eq!(choose(&known(1), &three, &routing(|r| r.prefers_previous = false)), Some(3));
        let full = [agent(1, 5, 5, 0), agent(2, 4, 5, 0)];
        assert_eq!(choose(&known(1), &full, &rules), Some(2), "a full previous agent is not waited for");
        assert_eq!(choose(&waiting(1, 0, 10), &full[..1], &rules), None);
    }

    #[test]
    fn a_team_is_kept_to_until_another_may_help_out() {
        let team = |n| TeamId(Uuid::from_u128(n));
        let mut shopper = waiting(1, 0, 10);
        shopper.team_id = Some(team(6));
        let mut rules = Rules::default();
        assert_eq!(why(&shopper, &agent(1, 0, 5, 0), &rules), "not in the team");
        let helps = TeamSettings { overflow_after_s: 60, overflow_team: Some(team(5)), ..TeamSettings::default() };
        rules.teams.insert(team(6), helps);
        assert_eq!(choose(&shopper, &[agent(1, 0, 5, 0)], &rules), None);
        shopper.queued_at = now() - TimeDelta::seconds(60);
        assert_eq!(choose(&shopper, &[agent(1, 0, 5, 0)], &rules), Some(1));
        let elsewhere = Candidate { memberships: Vec::new(), ..agent(1, 0, 5, 0) };
        assert_eq!(why(&shopper, &elsewhere, &rules), "does not work for this shop");
    }

    #[test]
    fn required_skills_fall_away_one_after_the_other_and_are_preferred_from_then_on() {
        let rules = routing(|r| {
            (r.relax_s, r.bound_s, r.language) = (60, 600, Language::Require);
        });
        let in_line = |waited_s| {
            let required_skills = vec!["returns".to_owned(), "Wine".to_owned()];
            Waiting { required_skills, locale: "de-AT".into(), ..waiting(1, 0, waited_s) }
        };
        let speaks = |tongue: &str, agent: Candidate| Candidate { languages: vec![tongue.into()], ..agent };
        let one = speaks("de", skilled(1, &["returns"]));
        let none = speaks("de", skilled(2, &[]));
        let foreign = speaks("fr", skilled(3, &["returns", "wine"]));
        assert_eq!(why(&in_line(0), &one, &rules), "lacks the skill Wine");
        assert_eq!(choose(&in_line(0), &[speaks("de-DE", skilled(4, &["wine", "Returns"]))], &rules), Some(4));
        assert_eq!(choose(&in_line(60), &[none.clone(), one.clone()], &rules), Some(1));
        assert_eq!(choose(&in_line(120), &[none.clone(), one.clone()], &rules), Some(1), "still preferred");
        assert_eq!(choose(&in_line(120), std::slice::from_ref(&none), &rules), Some(2));
        assert_eq!(why(&in_line(120), &foreign, &rules), "does not answer in the shopper's language");
        assert_eq!(choose(&in_line(180), std::slice::from_ref(&foreign), &rules), Some(3));
        let never = routing(|r| (r.relax_s, r.bound_s) = (0, 300));
        assert_eq!(choose(&in_line(299), std::slice::from_ref(&none), &never), None);
        assert_eq!(
            choose(&in_line(300), std::slice::from_ref(&none), &never),
            Some(2),
            "past the bound nobody is waited for"
        );
    }

    #[test]
    fn a_silent_chat_counts_less_and_the_bound_beyond_the_capacity_holds() {
        let rules = routing(|r| r.over_max = 1);
        let loaded = |load, chats| Candidate { load, chats, ..agent(1, 0, 3, 0) };
        assert_eq!(choose(&waiting(1, 0, 0), &[loaded(200, 2)], &rules), Some(1));
        assert_eq!(choose(&waiting(1, 0, 0), &[loaded(201, 2)], &rules), None);
        assert_eq!(choose(&waiting(1, 0, 0), &[loaded(90, 3)], &rules), Some(1), "three silent ones leave room");
        assert_eq!(choose(&waiting(1, 0, 0), &[loaded(120, 4)], &rules), None, "all four may wake");
    }

    #[test]
    fn whoever_refused_is_asked_again_only_after_a_while_and_a_full_team_takes_none() {
        let mut shopper = waiting(1, 0, 10);
        let refused = |s| Refused { agent: AgentId(Uuid::from_u128(1)), at: now() - TimeDelta::seconds(s) };
        shopper.refused = vec![refused(59)];
        assert_eq!(choose(&shopper, &[agent(1, 0, 5, 0), agent(2, 4, 5, 0)], &Rules::default()), Some(2));
        assert_eq!(why(&shopper, &agent(1, 0, 5, 0), &Rules::default()), "would not have this chat a moment ago");
        shopper.refused = vec![refused(60)];
        assert_eq!(choose(&shopper, &[agent(1, 0, 5, 0)], &Rules::default()), Some(1));
        let team = TeamId(Uuid::from_u128(5));
        shopper.team_id = Some(team);
        let mut rules = Rules::default();
        rules.teams.insert(team, TeamSettings { chats_max: 3, ..TeamSettings::default() });
        assert_eq!(why(&shopper, &agent(1, 0, 5, 0), &rules), "the team has as many chats as it may");
        rules.teams.insert(team, TeamSettings { chats_max: 4, ..TeamSettings::default() });
        assert_eq!(why(&shopper, &agent(1, 0, 5, 0), &rules), "could take it");
    }

    proptest! {
        #[test]
        fn nobody_over_capacity_is_ever_chosen(loads in prop::collection::vec((0_i64..8, 0_i16..8), 0..12)) {
            let candidates: Vec<_> = loads.iter().zip(1..).map(|((load, capacity), n)| agent(n, *load, *capacity, 0)).collect();
            let chosen = choose(&waiting(1, 0, 0), &candidates, &Rules::default());
            let free: Vec<_> = candidates.iter().filter(|c| c.chats < i64::from(c.capacity)).map(|c| c.id.0.as_u128()).collect();
            prop_assert_eq!(chosen.is_some(), !free.is_empty());
            prop_assert!(chosen.is_none_or(|id| free.contains(&id)));
        }
    }
}
