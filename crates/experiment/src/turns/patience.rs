//! The longest time that an agent waits for a turn.

use std::time::Duration;

use tokio::time::timeout;

use super::{ANSWER, ExperimentError, STEP};

/// The factor by which a turn may take longer than its passages and bytes need.
const TIMES: f64 = 10.0;
/// The passages of a turn, one way each: two to connect, two to upgrade, and two for the question and
/// its answer.
const PASSAGES: u32 = 6;
/// The most bytes around a turn's question and answer, an upgrade among them.
const AROUND: usize = 1_000;

/// The path between an agent and its server, as far as the time of a turn depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The time that is waited at least, for software on a busy machine.
    pub least: Duration,
    /// The longest time of one passage, in one direction.
    pub passage: Duration,
    /// The bytes a second that pass in each direction; `None` without a limit.
    pub rate: Option<f64>,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            least: Duration::from_secs(10),
            passage: Duration::ZERO,
            rate: None,
        }
    }
}

impl Patience {
    /// Returns the longest time of a turn, counted from 1: ten times what its passages and bytes need
    /// on the path.
    fn limit(&self, turn: usize) -> Duration {
        let bytes = (turn * STEP + ANSWER + AROUND) as f64;
        let crossing = self.rate.map_or(0.0, |rate| bytes / rate);
        let passages = (self.passage * PASSAGES).as_secs_f64();
        let needed = Duration::try_from_secs_f64(TIMES * (passages + crossing));
        needed.unwrap_or(Duration::MAX).max(self.least)
    }

    /// Waits until a turn, counted from 1, is taken, but no longer than it may take.
    pub(super) async fn wait<T>(
        &self,
        turn: usize,
        taken: impl Future<Output = Result<T, ExperimentError>>,
    ) -> Result<T, ExperimentError> {
        let limit = self.limit(turn);
        let late = |_| Err(ExperimentError::NoAnswer { turn, limit });
        timeout(limit, taken).await.unwrap_or_else(late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_may_take_ten_times_what_its_path_needs() {
        let near = Patience::default();
        assert_eq!(near.limit(1), near.least);
        let far = Patience {
            passage: Duration::from_millis(500),
            ..near
        };
        assert_eq!(far.limit(40), Duration::from_secs(30));
        let narrow = Patience {
            rate: Some(1_000.0),
            ..far
        };
        assert_eq!(narrow.limit(40), Duration::from_secs(30 + 412));
    }
}
