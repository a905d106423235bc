//! Times, and what is said about them.

use std::time::Duration;

/// How long something took, many times.
#[derive(Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn merge(&mut self, others: &Self) {
        self.0.extend(&others.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that so many per cent of them do not exceed; zero where there are none.
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied().unwrap_or_default()
    }

    pub fn max(&self) -> Duration {
        self.percentile(100)
    }

    pub fn told(&self, name: &str) -> String {
        let [p50, p99, max] = [50, 99, 100].map(|percent| self.percentile(percent).as_millis());
        format!("{name}_ms p50={p50} p99={p99} max={max} n={}", self.len())
    }
}
