//! The latencies of a run by formula, and the frequency of its readers' requests.
//!
//! The formulas cover the network and the way of reading, but not the time that the software takes.
//! So a latency is predicted only if it is long compared with that.

use wire::Exchange;

use super::{
    Prediction, Quantity, Tolerance, latency,
    situation::{Arrivals, Situation},
};

/// The latency in seconds below which the software contributes as much as the model.
const LONG: f64 = 0.02;
/// The number of readers who poll at spread phases, or of messages that come at random, from which
/// on a uniform distribution can be observed.
const MANY_READERS: f64 = 20.0;
const MANY_MESSAGES: f64 = 400.0;
/// The time that the software takes for an exchange, at most, in seconds: while it lasts, long
/// polling misses messages as on a network with that round trip.
const SOFTWARE: f64 = 0.002;

const UNIFORM: &str = "uniform over the interval: a message falls anywhere between two polls";
const ASKED: &str = "a poll each interval";
const PARKED: &str = "RFC 6202 2.2, Poisson: d (1 + f), f = 2dr / (2dr + exp(-2dr))";
const STEP: &str = "constant period P: d below P/2, then 2d";
const THREE: &str = "RFC 6202 2.2: answer, next question, answer";
const TRANSIT: &str = "RFC 6202 3: one transit";
const MERGED: &str = "2dr + exp(-2dr) messages an answer";

/// The frequency of readers' requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exchanges {
    /// The number of requests for each delivered message.
    pub(crate) per_delivery: f64,
    /// The share of requests that bring nothing.
    pub(crate) empty: f64,
    /// The tolerance of the number for each delivery.
    pub(crate) tolerance: Tolerance,
    source: [&'static str; 2],
}

impl Exchanges {
    /// Returns the formula of the number of requests.
    pub(super) const fn source(&self) -> &'static str {
        self.source[0]
    }
}

/// Returns the frequency of requests. Returns `None` for streams, which are requested once, for
/// bursts with long polling, where requests wait for each other, and if the rate or the arrivals are
/// not known.
pub(crate) fn exchanges(situation: &Situation) -> Option<Exchanges> {
    let (rate, arrivals) = (situation.rate, situation.arrivals?);
    if rate <= 0.0 || situation.takes_turns {
        return None;
    }
    match situation.way.exchange() {
        Exchange::Immediate => {
            let interval = situation.every.max(situation.away());
            let empty = match arrivals {
                Arrivals::Poisson => latency::empty_share(rate, interval),
                Arrivals::Constant => (1.0 - rate * interval).max(0.0),
                Arrivals::Burst { size } => (1.0 - rate / size * interval).max(0.0),
            };
            let source = match arrivals {
                Arrivals::Poisson => "exp(-rT): no arrival in an interval",
                _ => "1 - rT: the intervals in which nothing was due",
            };
            Some(Exchanges {
                per_delivery: 1.0 / (rate * interval),
                empty,
                // A reader also polls before the first and after the last message that counts.
                tolerance: Tolerance::share(0.03 + 1.5 * interval / situation.measured),
                source: [ASKED, source],
            })
        }
        Exchange::Held => long_poll(situation, arrivals, situation.every),
        Exchange::Open => None,
    }
}

fn long_poll(situation: &Situation, arrivals: Arrivals, hold: f64) -> Option<Exchanges> {
    let rate = situation.rate;
    let half = situation.away() / 2.0;
    let (per_answer, bringing, empty, sources) = match arrivals {
        Arrivals::Poisson => {
            let empty = latency::empty_share(rate, hold);
            let source = [MERGED, "exp(-rh): no arrival while held"];
            (
                latency::long_poll_batch(rate, half),
                1.0 - empty,
                empty,
                source,
            )
        }
        Arrivals::Constant => {
            let waits = (1.0 / (rate * hold)).floor();
            let source = [
                "2d/P messages an answer, at least one",
                "holds that end in a period",
            ];
            let per_answer = (2.0 * half * rate).max(1.0);
            (
                per_answer,
                1.0 / (1.0 + waits),
                waits / (1.0 + waits),
                source,
            )
        }
        // The software determines how a burst is divided into answers.
        Arrivals::Burst { .. } => return None,
    };
    Some(Exchanges {
        per_delivery: 1.0 / per_answer / bringing,
        empty,
        tolerance: Tolerance::share(0.03 + rate * SOFTWARE + 1.0 / (rate * situation.measured)),
        source: sources,
    })
}

pub(super) fn shares(situation: &Situation) -> Vec<Prediction> {
    let Some(asked) = exchanges(situation) else {
        return Vec::new();
    };
    vec![
        Prediction {
            quantity: Quantity::ExchangesPerDelivery,
            predicted: asked.per_delivery,
            tolerance: asked.tolerance,
            source: asked.source[0],
        },
        Prediction {
            quantity: Quantity::EmptyShare,
            predicted: asked.empty,
            tolerance: Tolerance::amount(asked.tolerance.share),
            source: asked.source[1],
        },
    ]
}

/// Predicts the latencies from the due time, in microseconds.
pub(super) fn latencies(situation: &Situation) -> Vec<Prediction> {
    if situation.rate <= 0.0 || situation.is_obscure {
        return Vec::new();
    }
    let mut list = all_latencies(situation);
    for prediction in &mut list {
        jittered(situation, prediction);
    }
    list.retain(|prediction| prediction.predicted >= LONG * 1e6);
    list
}

/// Allows for jitter. Each passage takes longer by at most the jitter, and the longest latency
/// consists of several passages. A mean or quantile moves by at most one jitter, because order is
/// kept.
fn jittered(situation: &Situation, prediction: &mut Prediction) {
    let jitter = situation.jitter * 1e6;
    let crossed = |delay: f64| f64::from(u8::from(delay > 0.0));
    if prediction.quantity == Quantity::Max {
        // The passages are the way to the reader, and before it the answer and the next request.
        let before = if situation.closes { 4.0 } else { 2.0 };
        let passages =
            crossed(situation.say_delay) + crossed(situation.read_delay) * (1.0 + before);
        prediction.predicted += jitter * passages;
    } else {
        prediction.tolerance.amount += jitter;
    }
}

/// Returns the mean latency from the due time in microseconds, however short.
#[must_use]
pub fn mean(situation: &Situation) -> Option<f64> {
    all_latencies(situation)
        .iter()
        .find(|prediction| prediction.quantity == Quantity::Mean)
        .map(|prediction| prediction.predicted)
}

fn all_latencies(situation: &Situation) -> Vec<Prediction> {
    if situation.takes_turns {
        // What waits for a connection comes later, by a time that no formula here knows.
        return Vec::new();
    }
    match situation.way.exchange() {
        Exchange::Immediate => short_poll(situation, situation.every),
        Exchange::Held => held(situation),
        Exchange::Open => {
            let transit = situation.say_delay + situation.read_delay;
            [Quantity::Mean, Quantity::P50]
                .map(|quantity| seconds(quantity, transit, 0.1, TRANSIT))
                .into()
        }
    }
}

fn seconds(quantity: Quantity, seconds: f64, share: f64, source: &'static str) -> Prediction {
    Prediction {
        quantity,
        predicted: seconds * 1e6,
        tolerance: Tolerance::share(share),
        source,
    }
}

fn short_poll(situation: &Situation, interval: f64) -> Vec<Prediction> {
    const SHARE: f64 = 0.05;
    let is_random = situation.arrivals == Some(Arrivals::Poisson)
        && situation.rate * situation.measured >= MANY_MESSAGES;
    let is_spread = situation.clients >= MANY_READERS || is_random;
    if !is_spread || situation.away() >= interval {
        return Vec::new();
    }
    let quantile = |share| {
        situation.say_delay + latency::short_poll_quantile(share, interval, situation.read_delay)
    };
    // Each reader polls at some phase within a slot of its own, so the reader at a rank is at most
    // a slot from the middle of that slot, and a rank is half a slot wide.
    let slots = 1.5 * interval * 1e6 / situation.clients;
    let ranked = |quantity, share| {
        let mut prediction = seconds(quantity, quantile(share), SHARE, UNIFORM);
        prediction.tolerance.amount = slots;
        prediction
    };
    let deviation = latency::short_poll_deviation(interval);
    let longest = seconds(Quantity::Max, quantile(1.0), 0.1, UNIFORM);
    vec![
        seconds(Quantity::Mean, quantile(0.5), SHARE, UNIFORM),
        seconds(Quantity::Deviation, deviation, SHARE, "T / sqrt(12)"),
        ranked(Quantity::P50, 0.5),
        ranked(Quantity::P95, 0.95),
        Prediction {
            tolerance: longest.tolerance.at_most(),
            ..longest
        },
    ]
}

fn held(situation: &Situation) -> Vec<Prediction> {
    let (rate, delay) = (situation.rate, situation.read_delay);
    // Without keep-alive the request is away for two round trips instead of one, and messages that
    // come meanwhile wait for half of that on average.
    let half = situation.away() / 2.0;
    let (wait, source) = match situation.arrivals {
        Some(Arrivals::Poisson) => (latency::long_poll_unparked(rate, half) * half, PARKED),
        Some(Arrivals::Constant) => {
            let wait = latency::long_poll_mean_constant(1.0 / rate, half) - half;
            (wait, STEP)
        }
        Some(Arrivals::Burst { .. }) | None => return Vec::new(),
    };
    let longest = situation.say_delay + delay + 2.0 * half;
    let longest = seconds(Quantity::Max, longest, 0.1, THREE);
    let mean = situation.say_delay + delay + wait;
    vec![
        seconds(Quantity::Mean, mean, 0.1, source),
        Prediction {
            tolerance: longest.tolerance.at_most(),
            ..longest
        },
    ]
}
