//! The wake-ups of a phone's radio by what moves on a connection, by formula.
//!
//! A radio stays awake for some seconds after the last thing that moved, its tail: 11.6 s on an LTE
//! network (Huang and others, A Close Examination of Performance and Power Characteristics of 4G LTE
//! Networks, `MobiSys` 2012). What moves later than that wakes it. Times are in seconds, rates in
//! messages a second that reach one reader.

use super::Arrivals;

/// The tail of an LTE network, in seconds (Huang and others 2012, section 4).
pub const LTE_TAIL: f64 = 11.6;
/// An hour, in seconds.
const HOUR: f64 = 3_600.0;

/// The work of a phone's radio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Radio {
    /// The number of times an hour that it is woken.
    pub wakes_per_hour: f64,
    /// The share of the time that it is awake, from 0 to 1.
    pub awake: f64,
}

impl Radio {
    /// Returns the work for questions at equal intervals.
    #[must_use]
    pub fn of_interval(interval: f64, tail: f64) -> Self {
        Self {
            wakes_per_hour: if interval > tail {
                HOUR / interval
            } else {
                0.0
            },
            awake: (tail / interval).min(1.0),
        }
    }

    /// Returns the work for messages that come unasked, with something that moves whenever nothing
    /// did for the time `beat`: a heartbeat, or the end of a hold.
    #[must_use]
    pub fn of_messages(arrivals: Arrivals, rate: f64, beat: f64, tail: f64) -> Self {
        match arrivals {
            Arrivals::Poisson => by_chance(rate, beat, tail),
            Arrivals::Constant => at_periods(1.0 / rate, beat, tail),
            Arrivals::Burst { size } => at_periods(size / rate, beat, tail),
        }
    }
}

/// Returns the work for Poisson arrivals: after anything that moves, the next thing comes after an
/// exponential time that is cut off at `beat`.
fn by_chance(rate: f64, beat: f64, tail: f64) -> Radio {
    // The mean distance is (1 - exp(-rh)) / r.
    let moves = rate / -(-rate * beat).exp_m1();
    let sleeps = if tail < beat {
        (-rate * tail).exp()
    } else {
        0.0
    };
    let awake = (-rate * tail.min(beat)).exp_m1() / (-rate * beat).exp_m1();
    Radio {
        wakes_per_hour: HOUR * moves * sleeps,
        awake,
    }
}

/// Returns the work for messages at equal distances: in each period as many beats as fit, then the
/// message.
fn at_periods(period: f64, beat: f64, tail: f64) -> Radio {
    let beats = beats_in(period, beat);
    let last = period - beats * beat;
    let wakes = |gap: f64| f64::from(u8::from(gap > tail));
    let awake = beats * beat.min(tail) + last.min(tail);
    Radio {
        wakes_per_hour: HOUR / period * (beats * wakes(beat) + wakes(last)),
        awake: awake / period,
    }
}

/// Returns the number of beats within a silence; one that is due together with the message that
/// ends it is not sent.
fn beats_in(silence: f64, beat: f64) -> f64 {
    ((silence / beat).ceil() - 1.0).max(0.0)
}

/// Returns the number of heartbeats a second on a connection that gets one whenever nothing moved
/// for the time `beat`.
#[must_use]
pub fn beats_per_second(arrivals: Arrivals, rate: f64, beat: f64) -> f64 {
    match arrivals {
        // The mean of the whole beats in an exponential silence is exp(-rh) / (1 - exp(-rh)).
        Arrivals::Poisson => rate * (-rate * beat).exp() / -(-rate * beat).exp_m1(),
        Arrivals::Constant => rate * beats_in(1.0 / rate, beat),
        Arrivals::Burst { size } => rate / size * beats_in(size / rate, beat),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, within: f64) {
        assert!(
            (found - expected).abs() <= within * expected.abs() + 1e-9,
            "{found} is not {expected}"
        );
    }

    /// Walks through messages at these distances, beat by beat; returns beats, wakes and time awake.
    fn walk(gaps: impl Iterator<Item = f64>, beat: f64, tail: f64) -> (f64, f64, f64) {
        let (mut beats, mut wakes, mut awake) = (0.0, 0.0, 0.0);
        for mut gap in gaps {
            loop {
                let next = gap.min(beat);
                wakes += f64::from(u8::from(next > tail));
                awake += next.min(tail);
                if gap <= beat {
                    break;
                }
                beats += 1.0;
                gap -= beat;
            }
        }
        (beats, wakes, awake)
    }

    /// Compares with a walk over the quantiles of an exponential distribution.
    #[test]
    fn chance_follows_a_walk_through_its_silences() {
        const GAPS: u32 = 200_000;
        for (rate, beat, tail) in [
            (0.1, 25.0, 11.6),
            (0.01, 25.0, 11.6),
            (1.0, 25.0, 5.0),
            (0.1, 10.0, 11.6),
        ] {
            let quantile = |step: u32| (f64::from(step) + 0.5) / f64::from(GAPS);
            let gaps = (0..GAPS).map(|step| -(1.0 - quantile(step)).ln() / rate);
            let (beats, wakes, awake) = walk(gaps, beat, tail);
            let time = f64::from(GAPS) / rate;
            let radio = Radio::of_messages(Arrivals::Poisson, rate, beat, tail);
            near(radio.wakes_per_hour, wakes / time * HOUR, 0.01);
            near(radio.awake, awake / time, 0.01);
            near(
                beats_per_second(Arrivals::Poisson, rate, beat),
                beats / time,
                0.01,
            );
        }
    }

    #[test]
    fn equal_distances_by_hand() {
        let radio = |period: f64| Radio::of_messages(Arrivals::Constant, 1.0 / period, 25.0, 10.0);
        // A message each 5 s lets it never sleep; one each 20 s wakes it each time.
        near(radio(5.0).wakes_per_hour, 0.0, 0.0);
        near(radio(5.0).awake, 1.0, 1e-12);
        near(radio(20.0).wakes_per_hour, 180.0, 1e-12);
        near(radio(20.0).awake, 0.5, 1e-12);
        // In a minute two heartbeats and the message, ten seconds after the second.
        near(radio(60.0).wakes_per_hour, 120.0, 1e-12);
        near(radio(60.0).awake, 0.5, 1e-12);
        let beats = |period: f64| beats_per_second(Arrivals::Constant, 1.0 / period, 25.0) * period;
        near(beats(60.0), 2.0, 1e-12);
        near(beats(25.0), 0.0, 1e-12);
        near(beats(24.0), 0.0, 1e-12);
    }

    #[test]
    fn a_question_each_interval_wakes_it_if_it_sleeps_in_between() {
        let radio = Radio::of_interval(30.0, 10.0);
        near(radio.wakes_per_hour, 120.0, 1e-12);
        near(radio.awake, 1.0 / 3.0, 1e-12);
        near(Radio::of_interval(1.0, 10.0).wakes_per_hour, 0.0, 0.0);
        near(Radio::of_interval(1.0, 10.0).awake, 1.0, 1e-12);
    }
}
