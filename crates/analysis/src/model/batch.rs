//! The number of events in an answer that brings any, by formula.

use wire::Exchange;

use super::{
    latency,
    situation::{Arrivals, Situation},
};

/// The probability below which a number of events is left out.
const UNLIKELY: f64 = 1e-6;

/// Returns the possible numbers of events in an answer, each with its share of the answers. The
/// shares add up to 1.
pub(super) fn sizes(situation: &Situation) -> Vec<(u64, f64)> {
    let rate = situation.rate;
    let interval = situation.every;
    match (situation.way.exchange(), situation.arrivals) {
        // A burst falls completely between two polls.
        (Exchange::Immediate, Some(Arrivals::Burst { size })) => {
            let bursts = between(rate / size * interval);
            let events = |(bursts, share): (u64, f64)| ((bursts as f64 * size) as u64, share);
            bursts.into_iter().map(events).collect()
        }
        (Exchange::Immediate, Some(Arrivals::Poisson)) => poisson(rate * interval),
        (Exchange::Immediate, _) => between(rate * interval),
        // An answer brings the events that came while the reader was away. Its distribution is
        // approximated by the two whole numbers around the mean.
        (Exchange::Held, Some(Arrivals::Poisson)) => {
            between(latency::long_poll_batch(rate, situation.away() / 2.0))
        }
        (Exchange::Held, _) => between(rate * situation.away()),
        (Exchange::Open, _) => vec![(1, 1.0)],
    }
}

/// Returns the two whole numbers around a mean, with shares that give that mean; the mean is taken
/// as at least one.
fn between(mean: f64) -> Vec<(u64, f64)> {
    let mean = mean.max(1.0);
    let (fewer, share) = (mean.floor(), mean.fract());
    vec![(fewer as u64, 1.0 - share), (fewer as u64 + 1, share)]
}

/// Returns Poisson's distribution with this mean, restricted to one event or more.
fn poisson(mean: f64) -> Vec<(u64, f64)> {
    let mut sizes = Vec::new();
    let most = mean + 10.0 * mean.sqrt() + 10.0;
    let mut logarithm = -mean;
    for events in 1..=most as u64 {
        logarithm += mean.ln() - (events as f64).ln();
        let share = logarithm.exp();
        if share > UNLIKELY {
            sizes.push((events, share));
        }
    }
    let all: f64 = sizes.iter().map(|(_, share)| share).sum();
    if all <= 0.0 {
        return between(mean);
    }
    for (_, share) in &mut sizes {
        *share /= all;
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(sizes: &[(u64, f64)]) -> f64 {
        let shares: f64 = sizes.iter().map(|(_, share)| share).sum();
        assert!((shares - 1.0).abs() < 1e-9, "{shares}");
        sizes.iter().map(|(size, share)| *size as f64 * share).sum()
    }

    #[test]
    fn neighbours_make_a_mean() {
        assert_eq!(between(0.2), [(1, 1.0), (2, 0.0)]);
        assert_eq!(between(2.25), [(2, 0.75), (3, 0.25)]);
    }

    /// Checks the mean of Poisson's distribution without its zero: m / (1 - exp(-m)).
    #[test]
    fn what_chance_gathers() {
        for mean_of_all in [0.01_f64, 1.0, 16.0, 500.0] {
            let expected = mean_of_all / (1.0 - (-mean_of_all).exp());
            let found = mean(&poisson(mean_of_all));
            assert!((found / expected - 1.0).abs() < 1e-3, "{found} {expected}");
        }
        assert_eq!(poisson(0.0), [(1, 1.0), (2, 0.0)]);
    }

    #[test]
    fn each_way_gathers_in_its_own_manner() {
        let situation = |transport, variant, rate, arrivals: &str| {
            let mut row = crate::model::tests::row(transport, variant, rate, 10_000);
            arrivals.clone_into(&mut row.arrivals);
            Situation::of(&row).expect("known")
        };
        let bursts = situation("short_poll", "4s", 10.0, "burst 20");
        assert_eq!(sizes(&bursts)[0], (40, 1.0));
        let even = situation("short_poll", "1s", 16.0, "constant");
        assert_eq!(sizes(&even)[0], (16, 1.0));
        let held = situation("long_poll", "hold 25s", 16.0, "burst 20");
        assert_eq!(sizes(&held)[0], (1, 1.0));
        let chance = sizes(&situation("short_poll", "1s", 4.0, "poisson"));
        assert!((mean(&chance) - 4.0 / (1.0 - (-4.0_f64).exp())).abs() < 1e-3);
        assert!((mean(&sizes(&situation("websocket", "-", 4.0, "poisson"))) - 1.0).abs() < 1e-9);
    }
}
