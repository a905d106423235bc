//! Which agent. Pure, and it tells why: for everybody who was considered.

use crate::domain::id::AgentId;
use crate::store::queue::{Candidate, Waiting};
use serde::Serialize;

#[derive(Debug, PartialEq, Eq)]
pub struct Decision {
    pub chosen: Option<AgentId>,
    pub considered: Vec<Considered>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Considered {
    pub agent: AgentId,
    pub name: String,
    pub load: i64,
    pub capacity: i16,
    pub reasons: Vec<&'static str>,
}

/// The team's agents with a free place; of these the one who had this shopper before, else the least loaded relative to
/// capacity, else who has been without a new chat longest.
pub fn pick(shopper: &Waiting, candidates: &[Candidate]) -> Decision {
    let eligible = candidates.iter().filter(|c| obstacle(shopper, c).is_none());
    let chosen = eligible.min_by(|a, b| {
        let previous = |c: &Candidate| Some(c.id) != shopper.previous_agent_id;
        // load / capacity compared without division: a.load * b.capacity against b.load * a.capacity.
        let (left, right) = (a.load * i64::from(b.capacity), b.load * i64::from(a.capacity));
        previous(a)
            .cmp(&previous(b))
            .then(left.cmp(&right))
            .then(a.last_assigned_at.cmp(&b.last_assigned_at))
            .then(a.id.cmp(&b.id))
    });
    let chosen = chosen.map(|c| c.id);
    let considered = candidates.iter().take(CONSIDERED_MAX).map(|c| consider(shopper, c, chosen)).collect();
    Decision { chosen, considered }
}

/// Most candidates kept with a decision.
const CONSIDERED_MAX: usize = 50;

fn obstacle(shopper: &Waiting, candidate: &Candidate) -> Option<&'static str> {
    if !candidate.sites.contains(&shopper.site_id) {
        return Some("does not work for this shop");
    }
    if shopper.team_id.is_some_and(|team| !candidate.teams.contains(&team)) {
        return Some("not in the team");
    }
    (candidate.load >= i64::from(candidate.capacity)).then_some("no place free")
}

fn consider(shopper: &Waiting, candidate: &Candidate, chosen: Option<AgentId>) -> Considered {
    let is_chosen = chosen == Some(candidate.id);
    let reason = match obstacle(shopper, candidate) {
        Some(obstacle) => obstacle,
        None if is_chosen && shopper.previous_agent_id == chosen => "had this shopper before",
        None if is_chosen => "least loaded, then longest without a new chat",
        None => "another was less loaded or waited longer",
    };
    Considered {
        agent: candidate.id,
        name: candidate.name.clone(),
        load: candidate.load,
        capacity: candidate.capacity,
        reasons: vec![reason],
    }
}

#[cfg(test)]
mod tests {
    use super::pick;
    use crate::domain::id::{AgentId, SiteId, TeamId};
    use crate::queue::rank::tests::{now, waiting};
    use crate::store::queue::Candidate;
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn agent(n: u128, load: i64, capacity: i16, idle_s: i64) -> Candidate {
        Candidate {
            id: AgentId(Uuid::from_u128(n)),
            name: format!("Agent {n}"),
            capacity,
            load,
            last_assigned_at: Some(now() - TimeDelta::seconds(idle_s)),
            sites: vec![SiteId(Uuid::from_u128(1))],
            teams: vec![TeamId(Uuid::from_u128(5))],
            busy_since: Vec::new(),
        }
    }

    fn chosen(candidates: &[Candidate], previous: Option<u128>) -> Option<u128> {
        let mut shopper = waiting(1, 0, 10);
        shopper.previous_agent_id = previous.map(|n| AgentId(Uuid::from_u128(n)));
        pick(&shopper, candidates).chosen.map(|id| id.0.as_u128())
    }

    #[test]
    fn previous_then_least_loaded_then_longest_idle() {
        let three = [agent(1, 1, 5, 90), agent(2, 1, 10, 10), agent(3, 1, 10, 60)];
        assert_eq!(chosen(&three, None), Some(3));
        assert_eq!(chosen(&three, Some(1)), Some(1));
        assert_eq!(
            chosen(&[agent(1, 5, 5, 0), agent(2, 4, 5, 0)], Some(1)),
            Some(2),
            "a full previous agent is not waited for"
        );
        assert_eq!(chosen(&[agent(1, 5, 5, 0)], None), None);
    }

    #[test]
    fn a_team_is_kept_to_and_the_decision_says_so() {
        let mut shopper = waiting(1, 0, 10);
        shopper.team_id = Some(TeamId(Uuid::from_u128(6)));
        let decision = pick(&shopper, &[agent(1, 0, 5, 0)]);
        assert_eq!(decision.chosen, None);
        assert_eq!(decision.considered[0].reasons, ["not in the team"]);
    }

    proptest! {
        #[test]
        fn nobody_over_capacity_is_ever_chosen(loads in prop::collection::vec((0_i64..8, 0_i16..8), 0..12)) {
            let candidates: Vec<_> = loads.iter().zip(1..).map(|((load, capacity), n)| agent(n, *load, *capacity, 0)).collect();
            let decision = pick(&waiting(1, 0, 0), &candidates);
            let free: Vec<_> = candidates.iter().filter(|c| c.load < i64::from(c.capacity)).map(|c| c.id).collect();
            prop_assert_eq!(decision.chosen.is_some(), !free.is_empty());
            prop_assert!(decision.chosen.is_none_or(|id| free.contains(&id)));
        }
    }
}
