//! What must come out, by formula: closed forms that need no measurement.
//!
//! A figure that differs from its prediction without a reason is an error to
//! find, in the run or in the formula.
//!
//! # Reading order
//!
//! [`framing`] and [`exchange`] count bytes, [`latency`] times; they know
//! nothing of runs. [`of_run`] turns a row of `runs.csv` into [`Prediction`]s:
//! `size` and `batch` for bytes, `timing` for latency and shares. `account` finds the same
//! quantities in what was measured, and [`compare_all`] holds them side by side.

mod account;
mod batch;
mod comparing;
pub mod exchange;
pub mod framing;
pub mod latency;
pub mod prediction;
mod quantity;
mod situation;
mod size;
#[cfg(test)]
mod tests;
mod timing;
mod tolerance;

pub use comparing::compare_all;
pub use quantity::Quantity;
pub use situation::Situation;
pub use size::overhead_share;
pub use timing::mean as mean_latency;
pub use tolerance::Tolerance;

use results::{RunRow, row::CONTRACT_OF_ITS_OWN};

/// One number that must come out.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Of what; says the unit too.
    pub quantity: Quantity,
    /// How much.
    pub predicted: f64,
    /// What may be measured instead.
    pub tolerance: Tolerance,
    /// Where the formula comes from.
    pub source: &'static str,
}

/// All that formulas say of a run, in the order of [`Quantity`]. A quantity
/// that its parameters do not decide is left out.
#[must_use]
pub fn of_run(run: &RunRow) -> Vec<Prediction> {
    let Some(situation) = Situation::of(run) else {
        return Vec::new();
    };
    let mut predictions = timing::shares(&situation);
    predictions.extend(timing::latencies(&situation));
    // Sizes follow from our own contract.
    if !run.path.contains(CONTRACT_OF_ITS_OWN) {
        predictions.extend(size::of(&situation));
        predictions.extend(size::totals(&situation));
    }
    predictions.sort_by_key(|prediction| prediction.quantity);
    predictions
}
