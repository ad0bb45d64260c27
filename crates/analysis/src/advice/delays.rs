//! The latencies of one way to read, by formula.

use wire::Exchange;

use crate::model::{Arrivals, Situation, latency};

const UNIFORM: &str =
    "round trip + share of the interval: a message falls anywhere between two polls";
const HELD: &str = "one way up and one down; a message that finds no parked request waits for a share of a round trip (RFC 6202 2.2)";
const TRANSIT: &str = "one way up and one down (RFC 6202 3)";

/// The latencies from the due time of a message to a reader, in seconds. The time that software
/// takes is left out, so they are lower bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delays {
    /// The median.
    pub p50: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The mean.
    pub mean: f64,
    /// The mean age of the newest message that a reader holds, at a moment that is taken at random.
    pub staleness: f64,
    /// The source of the formulas.
    pub source: &'static str,
}

impl Delays {
    /// Returns the latencies of a situation; `None` if its arrivals are not known, or if software
    /// determines how they are divided into answers.
    #[must_use]
    pub fn of(situation: &Situation) -> Option<Self> {
        let arrivals = situation.arrivals?;
        if situation.rate <= 0.0 {
            return None;
        }
        let (read, up) = (situation.read_delay, situation.say_delay);
        // Polls ask no sooner than the answer to the question before is there.
        let interval = situation.every.max(situation.away());
        let half = situation.away() / 2.0;
        let wait = |share: f64| {
            Some(match (situation.way.exchange(), arrivals) {
                (Exchange::Immediate, _) => latency::short_poll_quantile(share, interval, read),
                (Exchange::Held, Arrivals::Poisson) => {
                    read - half + latency::long_poll_quantile(share, situation.rate, half)
                }
                (Exchange::Held, Arrivals::Constant) => {
                    let period = 1.0 / situation.rate;
                    read - half + latency::long_poll_quantile_constant(share, period, half)
                }
                (Exchange::Held, Arrivals::Burst { .. }) => return None,
                (Exchange::Open, _) => read,
            })
        };
        let mean = up
            + match (situation.way.exchange(), arrivals) {
                (Exchange::Held, Arrivals::Poisson) => {
                    read - half + latency::long_poll_mean(situation.rate, half)
                }
                (Exchange::Held, _) => {
                    read - half + latency::long_poll_mean_constant(1.0 / situation.rate, half)
                }
                _ => wait(0.5)?,
            };
        Some(Self {
            p50: up + wait(0.5)?,
            p99: up + wait(0.99)?,
            mean,
            staleness: mean + mean_age(arrivals, situation.rate),
            source: match situation.way.exchange() {
                Exchange::Immediate => UNIFORM,
                Exchange::Held => HELD,
                Exchange::Open => TRANSIT,
            },
        })
    }
}

/// Returns the mean age of the newest message at its source, at a moment that is taken at random:
/// half a period, and a whole mean distance where messages come by chance.
fn mean_age(arrivals: Arrivals, rate: f64) -> f64 {
    match arrivals {
        Arrivals::Poisson => 1.0 / rate,
        Arrivals::Constant => 0.5 / rate,
        Arrivals::Burst { size } => 0.5 * size / rate,
    }
}
