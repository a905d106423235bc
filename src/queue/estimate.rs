//! How long a wait may be: a range from when the agents' current chats should end and how long recent chats took. Says so
//! when it cannot know.

/// Fewer recent chats than this say nothing.
const KNOWN_MIN: usize = 5;
/// Longest wait put into words, in seconds.
const WAIT_MAX: f64 = 4.0 * 3_600.0;

/// One agent's places: how many, and for how long each chat they have now has run, in seconds.
pub struct Places {
    pub capacity: i16,
    pub elapsed: Vec<f64>,
}

/// Low and high seconds until the shopper at `position` (from 1) is served; `None` when it cannot be known.
/// `handle_times` are sorted, in seconds.
pub fn estimate(position: usize, agents: &[Places], handle_times: &[f64]) -> Option<(u64, u64)> {
    if handle_times.len() < KNOWN_MIN || agents.iter().all(|a| a.capacity <= 0) {
        return None;
    }
    let low = wait_at(0.25, position, agents, handle_times)?;
    let high = wait_at(0.75, position, agents, handle_times)?;
    Some((whole_seconds(low.min(high)), whole_seconds(low.max(high))))
}

fn wait_at(quantile: f64, position: usize, agents: &[Places], handle_times: &[f64]) -> Option<f64> {
    let whole = at_quantile(handle_times, quantile)?;
    let mut free_at: Vec<f64> = agents.iter().flat_map(|agent| free_times(agent, quantile, handle_times)).collect();
    let mut wait = 0.0;
    for _ in 0..position {
        let next = free_at.iter_mut().min_by(|a, b| a.total_cmp(b))?;
        wait = *next;
        *next += whole;
    }
    Some(wait)
}

/// When each place of an agent is free: now, or when its chat should end given how long it has run already.
fn free_times(agent: &Places, quantile: f64, handle_times: &[f64]) -> Vec<f64> {
    let capacity = usize::try_from(agent.capacity).unwrap_or_default();
    let busy = agent.elapsed.iter().take(capacity).map(|elapsed| {
        let longer = handle_times.partition_point(|t| t <= elapsed);
        let whole = at_quantile(&handle_times[longer..], quantile);
        whole.map_or_else(|| elapsed * quantile, |whole| whole - elapsed).max(0.0)
    });
    let free = capacity.saturating_sub(agent.elapsed.len());
    busy.chain(std::iter::repeat_n(0.0, free)).collect()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts"
)]
fn at_quantile(sorted: &[f64], quantile: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((last as f64 * quantile).round() as usize).copied()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small positive range")]
fn whole_seconds(seconds: f64) -> u64 {
    seconds.clamp(0.0, WAIT_MAX) as u64
}

#[cfg(test)]
mod tests {
    use super::{Places, estimate};

    const TIMES: [f64; 5] = [100.0, 200.0, 300.0, 400.0, 500.0];

    #[test]
    fn the_first_in_line_waits_for_the_first_place_to_become_free() {
        let busy = |elapsed: f64| Places { capacity: 1, elapsed: vec![elapsed] };
        assert_eq!(estimate(1, &[busy(0.0)], &TIMES), Some((200, 400)));
        assert_eq!(estimate(2, &[busy(0.0)], &TIMES), Some((400, 800)));
        assert_eq!(estimate(1, &[busy(0.0), busy(150.0)], &TIMES), Some((150, 250)));
        assert_eq!(estimate(1, &[Places { capacity: 2, elapsed: vec![0.0] }], &TIMES), Some((0, 0)));
    }

    #[test]
    fn it_says_so_when_it_cannot_know() {
        assert_eq!(estimate(1, &[], &TIMES), None);
        assert_eq!(estimate(1, &[Places { capacity: 1, elapsed: vec![] }], &TIMES[..4]), None);
        assert_eq!(estimate(1, &[Places { capacity: 0, elapsed: vec![] }], &TIMES), None);
    }
}
