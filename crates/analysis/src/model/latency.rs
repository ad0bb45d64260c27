//! Latencies that follow from the way of reading alone.
//!
//! Symbols: `delay` is the one-way network delay, `rate` the number of messages a second that reach
//! one reader. Times are in seconds; the time that the software takes is left out.

/// Returns a quantile of short polling's latency: it is uniform over the interval, because a
/// message falls anywhere between two polls, plus the delay to the reader.
#[must_use]
pub fn short_poll_quantile(quantile: f64, interval: f64, delay: f64) -> f64 {
    quantile * interval + delay
}

/// Returns the standard deviation of a uniform distribution over the interval.
#[must_use]
pub fn short_poll_deviation(interval: f64) -> f64 {
    interval / 12_f64.sqrt()
}

/// Returns the share of polls that bring nothing, for Poisson arrivals: the probability of no
/// arrival in an interval.
#[must_use]
pub fn empty_share(rate: f64, interval: f64) -> f64 {
    (-rate * interval).exp()
}

/// Returns the fraction of messages that find no parked request (Poisson arrivals; all waiting
/// messages are answered in one response).
///
/// After each response the request is away for a round trip, 2 x delay. A response that carries one
/// message starts a cycle: 2 x delay unparked, and then, if no message came meanwhile (probability
/// exp(-2 x delay x rate)), a wait of 1/rate parked. The messages that come while the request is
/// unparked are a share of 2dr / (2dr + exp(-2dr)) of all.
#[must_use]
pub fn long_poll_unparked(rate: f64, delay: f64) -> f64 {
    let away = 2.0 * delay * rate;
    away / (away + (-away).exp())
}

/// Returns the mean latency of long polling (RFC 6202, section 2.2, made exact for Poisson
/// arrivals): d (1 + f). An unparked message waits half a round trip on average.
#[must_use]
pub fn long_poll_mean(rate: f64, delay: f64) -> f64 {
    delay * (1.0 + long_poll_unparked(rate, delay))
}

/// Returns a quantile of long polling's latency, for Poisson arrivals: a message that finds a parked
/// request takes one delay, and the wait of any other is uniform over the round trip for which the
/// request is away.
#[must_use]
pub fn long_poll_quantile(quantile: f64, rate: f64, delay: f64) -> f64 {
    let unparked = long_poll_unparked(rate, delay);
    let among_them = quantile - (1.0 - unparked);
    if among_them <= 0.0 {
        delay
    } else {
        delay + 2.0 * delay * among_them / unparked
    }
}

/// Returns a quantile of long polling's latency for a source of constant period: up to a delay of
/// half the period that delay, beyond it uniform over the round trip that follows
/// ([`long_poll_mean_constant`]).
#[must_use]
pub fn long_poll_quantile_constant(quantile: f64, period: f64, delay: f64) -> f64 {
    if delay < period / 2.0 {
        delay
    } else {
        delay + 2.0 * delay * quantile
    }
}

/// Returns the longest latency of long polling: response, next request, response (RFC 6202, section
/// 2.2).
#[must_use]
pub const fn long_poll_max(delay: f64) -> f64 {
    3.0 * delay
}

/// Returns the mean number of messages in a response of long polling, for Poisson arrivals: those
/// that came while the request was away, or the one that ended the wait.
#[must_use]
pub fn long_poll_batch(rate: f64, delay: f64) -> f64 {
    let away = 2.0 * delay * rate;
    away + (-away).exp()
}

/// Returns the mean latency of long polling for a source of constant period.
///
/// Up to a delay of half the period, the request is always back before the next message, and the
/// mean is the delay. Beyond that, a request is never parked: responses leave a round trip apart,
/// and a message waits for the next of them. The wait is uniform over that round trip if it and the
/// period have no common measure, and the mean is twice the delay (Pimentel and Nickerson 2012
/// report the step).
#[must_use]
pub fn long_poll_mean_constant(period: f64, delay: f64) -> f64 {
    if delay < period / 2.0 {
        delay
    } else {
        2.0 * delay
    }
}

/// Returns the mean latency of long polling for the messages of one run: `count` of them from the
/// `first` on, counted from 0, of a source of constant period whose message 0 finds the request
/// parked.
///
/// If round trip and period have a common measure, as in any table of round figures, the waits
/// cycle through a few values, and a run of some dozen messages need not contain them evenly. If
/// request and message come at the same moment, the message counts as the earlier one, because a
/// real request is never early.
#[must_use]
pub fn long_poll_mean_of(period: f64, delay: f64, first: u32, count: u32) -> f64 {
    // This tolerance is far below any delay, and far above the rounding errors of the sums.
    let same = period * 1e-9;
    let mut back = 0.0_f64;
    let mut sum = 0.0;
    let mut next = 0;
    while next < first + count {
        let leaves = back.max(f64::from(next) * period);
        while f64::from(next) * period <= leaves + same && next < first + count {
            if next >= first {
                sum += leaves - f64::from(next) * period + delay;
            }
            next += 1;
        }
        back = leaves + 2.0 * delay;
    }
    sum / f64::from(count.max(1))
}

/// Returns the share of polls that bring nothing, for a source of constant period: all but one of
/// the P/T polls in a period (Bozdag and others 2007 call them redundant).
#[must_use]
pub fn empty_share_constant(period: f64, interval: f64) -> f64 {
    (1.0 - interval / period).max(0.0)
}

/// Returns the share of messages that come later than one period of their source, for polls that
/// are spread evenly: latency is uniform over the interval.
#[must_use]
pub fn late_share_constant(period: f64, interval: f64) -> f64 {
    (1.0 - period / interval).max(0.0)
}

/// Returns a quantile of the latency from the due time in a run of `run` seconds with one stall,
/// for quantiles within the stall: messages that are due during the stall wait for its end, so a
/// share x of the run waits at least the stall less x of the run.
#[must_use]
pub fn stall_quantile(quantile: f64, stall: f64, run: f64) -> f64 {
    (stall - (1.0 - quantile) * run).max(0.0)
}

/// Returns the time until `calls` simultaneous calls are answered over at most `pool` HTTP/1.1
/// connections: a round trip to connect, and one for each round.
#[must_use]
pub fn pooled(calls: u32, pool: u32, delay: f64) -> f64 {
    let rounds = calls.div_ceil(pool.max(1));
    2.0 * delay * (1.0 + f64::from(rounds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64, within: f64) -> bool {
        (left - right).abs() <= within
    }

    #[test]
    fn short_poll_at_one_second() {
        assert!(close(short_poll_quantile(0.5, 1.0, 0.0), 0.5, 1e-12));
        assert!(close(short_poll_quantile(0.95, 1.0, 0.0), 0.95, 1e-12));
        assert!(close(short_poll_deviation(1.0), 0.2887, 1e-4));
    }

    /// Compares the mean of the quantiles with the mean, which an independent simulation holds.
    #[test]
    fn quantiles_of_a_long_poll_have_its_mean() {
        const STEPS: u32 = 10_000;
        let middles = || (0..STEPS).map(|step| (f64::from(step) + 0.5) / f64::from(STEPS));
        let mean =
            |quantile: &dyn Fn(f64) -> f64| middles().map(quantile).sum::<f64>() / f64::from(STEPS);
        for (rate, delay) in [(1.0, 0.050), (4.0, 0.025), (50.0, 0.050)] {
            let found = mean(&|share| long_poll_quantile(share, rate, delay));
            assert!(close(found, long_poll_mean(rate, delay), 1e-6), "{rate}");
            assert!(close(
                long_poll_quantile(1.0, rate, delay),
                long_poll_max(delay),
                1e-12
            ));
        }
        for delay in [0.1, 0.2] {
            let found = mean(&|share| long_poll_quantile_constant(share, 0.25, delay));
            assert!(
                close(found, long_poll_mean_constant(0.25, delay), 1e-6),
                "{delay}"
            );
        }
        assert!(close(long_poll_quantile(0.5, 1.0, 0.0), 0.0, 1e-12));
    }

    /// Compares means and batch sizes with an independent simulation, in milliseconds.
    #[test]
    fn long_poll_follows_the_simulation() {
        for (rate, delay, mean, batch) in [
            (1.0, 0.050, 55.0, 1.00),
            (4.0, 0.050, 68.7, 1.07),
            (10.0, 0.050, 86.5, 1.37),
            (50.0, 0.050, 99.9, 5.03),
            (4.0, 0.025, 29.9, 1.02),
        ] {
            assert!(
                close(long_poll_mean(rate, delay) * 1e3, mean, 0.51),
                "{rate} {delay}"
            );
            assert!(
                close(long_poll_batch(rate, delay), batch, 0.03),
                "{rate} {delay}"
            );
        }
    }

    /// Compares with waits computed by hand: at 150 ms they are 0, 50, ... 250 in turn, and the
    /// sixteen messages after the sixth have 0 to 150 once more than the rest.
    #[test]
    fn a_run_of_some_messages_of_a_constant_source() {
        let mean = |delay, first, count| long_poll_mean_of(0.250, delay, first, count) * 1e3;
        assert!(close(mean(0.050, 6, 16), 50.0, 1e-6));
        assert!(close(mean(0.150, 0, 6), 150.0 + 125.0, 1e-6));
        assert!(close(mean(0.150, 6, 16), 150.0 + 112.5, 1e-6));
        assert!(close(mean(0.200, 8, 16), 200.0 + 175.0, 1e-6));
    }

    /// Compares with a simulation of the mechanism. If round trip and period have a common measure,
    /// the waits are not quite uniform, hence the 5 %.
    #[test]
    fn the_step_is_at_half_the_period() {
        for (delay, mean) in [
            (0.050, 50.0),
            (0.120, 120.0),
            (0.130, 257.0),
            (0.150, 287.0),
            (0.200, 406.0),
        ] {
            let predicted = long_poll_mean_constant(0.250, delay) * 1e3;
            assert!(
                close(predicted, mean, mean * 0.05),
                "{delay}: {predicted} against {mean}"
            );
        }
    }
}
