//! The order of the line. The same order gives position, estimate and assignment.

use crate::domain::line::{Rulebook, Waiting};
use crate::domain::routing::Routing;
use chrono::{DateTime, Utc};
use std::cmp::Reverse;

/// Whoever has waited for the site's bound first, by arrival; then by class, one class more for each ageing step waited, so
/// that nobody starves; then by arrival.
pub fn rank(mut waiting: Vec<Waiting>, now: DateTime<Utc>, rulebook: &Rulebook) -> Vec<Waiting> {
    let standard = Routing::default();
    waiting.sort_by_cached_key(|w| {
        let routing = rulebook.get(&w.site_id).map_or(&standard, |rules| &rules.routing);
        let is_first = is_past_bound(w, routing, now);
        let class = if is_first { 0 } else { class(w, routing, now) };
        (!is_first, Reverse(class), w.queued_at, w.id)
    });
    waiting
}

/// Seconds in line; none for an arrival whose clock is ahead.
pub fn waited_s(shopper: &Waiting, now: DateTime<Utc>) -> u64 {
    u64::try_from((now - shopper.queued_at).num_seconds()).unwrap_or_default()
}

pub fn is_past_bound(shopper: &Waiting, routing: &Routing, now: DateTime<Utc>) -> bool {
    routing.bound_s > 0 && waited_s(shopper, now) >= u64::from(routing.bound_s)
}

fn class(shopper: &Waiting, routing: &Routing, now: DateTime<Utc>) -> i64 {
    let steps = waited_s(shopper, now).checked_div(u64::from(routing.ageing_s)).unwrap_or_default();
    i64::from(shopper.priority) + i64::try_from(steps).unwrap_or(i64::MAX / 2)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::rank;
    use crate::domain::id::{ConversationId, ShopperId, SiteId};
    use crate::domain::line::{Rulebook, Rules, Waiting};
    use crate::domain::routing::Routing;
    use chrono::{DateTime, TimeDelta, Utc};
    use std::sync::Arc;
    use uuid::Uuid;

    pub fn waiting(n: u128, priority: i16, waited_s: i64) -> Waiting {
        Waiting {
            site_id: SiteId(Uuid::from_u128(1)),
            id: ConversationId(Uuid::from_u128(n)),
            shopper_id: ShopperId(Uuid::from_u128(n)),
            team_id: None,
            priority,
            queued_at: now() - TimeDelta::seconds(waited_s),
            locale: "en".into(),
            previous_agent_id: None,
            required_skills: Vec::new(),
            preferred_skills: Vec::new(),
            refused: Vec::new(),
            is_reserved: false,
            is_to_be_called: false,
            has_missed: false,
        }
    }

    pub fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000, 0).unwrap()
    }

    fn order(waiting: Vec<Waiting>, routing: Routing) -> Vec<u128> {
        let rules = Rules { routing, ..Rules::default() };
        let rulebook = Rulebook::from([(SiteId(Uuid::from_u128(1)), Arc::new(rules))]);
        rank(waiting, now(), &rulebook).into_iter().map(|w| w.id.0.as_u128()).collect()
    }

    #[test]
    fn arrival_decides_within_a_class_and_waiting_raises_the_class() {
        let ages = Routing { ageing_s: 180, ..Routing::default() };
        assert_eq!(order(vec![waiting(1, 0, 10), waiting(2, 0, 20), waiting(3, 1, 5)], ages.clone()), [3, 2, 1]);
        assert_eq!(
            order(vec![waiting(1, 0, 400), waiting(2, 1, 5)], ages),
            [1, 2],
            "two steps of ageing pass one class"
        );
        let never = Routing { ageing_s: 0, bound_s: 0, ..Routing::default() };
        assert_eq!(order(vec![waiting(1, 0, 4_000), waiting(2, 1, 5)], never), [2, 1]);
    }

    #[test]
    fn whoever_has_waited_for_the_bound_goes_before_every_class() {
        let bound = Routing { ageing_s: 0, bound_s: 300, ..Routing::default() };
        let line = vec![waiting(1, 2, 10), waiting(2, 0, 300), waiting(3, -1, 301), waiting(4, 2, 299)];
        assert_eq!(order(line, bound), [3, 2, 4, 1]);
    }
}
