//! The questions that are asked of a sweep, each with the formula that answers it.

use analysis::{
    metric::{Of, of},
    model::{self, Situation},
    unit,
};
use results::RunRow;

/// A question with an axis and a formula.
pub(super) struct Question {
    pub(super) title: &'static str,
    pub(super) reading: &'static str,
    pub(super) x_title: &'static str,
    pub(super) y_title: &'static str,
    /// Returns the swept value of a run, in the axis' unit.
    pub(super) swept: fn(&RunRow) -> Option<f64>,
    pub(super) measured: Of,
    /// Evaluates the formula at another place on the axis.
    pub(super) formula: fn(Situation, f64) -> Option<f64>,
    pub(super) x_label: fn(f64) -> String,
    pub(super) y_label: fn(f64) -> String,
    pub(super) is_log: bool,
}

pub(super) const OVERHEAD: Question = Question {
    title: "How much of the bytes is not the message",
    reading: "Lines are formulas, markers are measured. Counted is all but events on their way down; what speakers send is in it.",
    x_title: "bytes of text in a message (log scale)",
    y_title: "bytes that are no event, share of all",
    swept: |run| Some(run.payload_bytes as f64),
    measured: overhead_percent,
    formula: |situation, text| {
        let text = text.round() as u64;
        model::overhead_share(&Situation { text, ..situation }).map(|share| share * 1e2)
    },
    x_label: unit::bytes,
    y_label: |value| format!("{} %", unit::count(value)),
    is_log: true,
};

pub(super) const DELAY: Question = Question {
    title: "What distance costs: latency over one-way delay",
    reading: "Lines are formulas, markers are measured means. A stream or a WebSocket adds nothing to the network.",
    x_title: "one-way delay between reader and server",
    y_title: "mean latency",
    swept: |run| run.read_delay_us.map(|us| us as f64),
    measured: mean_or_median,
    formula: |situation, us| {
        let read_delay = us / 1e6;
        // Speakers who share the readers' link move with them.
        let say_delay = if situation.say_delay > 0.0 {
            situation.say_delay / situation.read_delay.max(f64::MIN_POSITIVE) * read_delay
        } else {
            0.0
        };
        model::mean_latency(&Situation {
            read_delay,
            say_delay,
            ..situation
        })
    },
    x_label: unit::latency,
    y_label: |us| {
        // Zero is written without a unit: `0 µs` below `200 ms` would look odd.
        if us > 0.0 {
            unit::latency(us)
        } else {
            "0".to_owned()
        }
    },
    is_log: false,
};

fn overhead_percent(run: &RunRow) -> Option<f64> {
    let all = of::bytes_both_ways(run)?;
    (all > 0.0).then_some(())?;
    Some((1.0 - of::payload_bytes(run)? / all) * 1e2)
}

fn mean_or_median(run: &RunRow) -> Option<f64> {
    run.mean_us.or(run.p50_us).map(|us| us as f64)
}
