//! The order of the line. The same order gives position, estimate and assignment.

use crate::domain::id::SiteId;
use crate::store::queue::Waiting;
use chrono::{DateTime, Utc};
use std::cmp::Reverse;

/// Priority class first, one class more for each ageing step waited, so that nobody starves; then arrival.
pub fn rank(mut waiting: Vec<Waiting>, now: DateTime<Utc>, ageing_s: impl Fn(SiteId) -> Option<u32>) -> Vec<Waiting> {
    let class = |w: &Waiting| {
        let waited = (now - w.queued_at).num_seconds().max(0);
        let step = i64::from(ageing_s(w.site_id).unwrap_or_default());
        i64::from(w.priority) + if step > 0 { waited / step } else { 0 }
    };
    waiting.sort_by_cached_key(|w| (Reverse(class(w)), w.queued_at, w.id));
    waiting
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Waiting, rank};
    use crate::domain::id::{ConversationId, ShopperId, SiteId};
    use chrono::{DateTime, TimeDelta, Utc};
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
            shopper_email: None,
            shopper_name: String::new(),
        }
    }

    pub fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000, 0).unwrap()
    }

    fn order(waiting: Vec<Waiting>) -> Vec<u128> {
        rank(waiting, now(), |_| Some(180)).into_iter().map(|w| w.id.0.as_u128()).collect()
    }

    #[test]
    fn arrival_decides_within_a_class_and_waiting_raises_the_class() {
        assert_eq!(order(vec![waiting(1, 0, 10), waiting(2, 0, 20), waiting(3, 1, 5)]), [3, 2, 1]);
        assert_eq!(order(vec![waiting(1, 0, 400), waiting(2, 1, 5)]), [1, 2], "two steps of ageing pass one class");
    }
}
