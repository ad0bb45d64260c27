//! Predictions by formula: closed forms that need no measurement.
//!
//! A figure that differs from its prediction without a reason points to an error in the run or in
//! the formula.
//!
//! # Reading order
//!
//! [`framing`] and [`exchange`] count bytes, and [`latency`] computes times; they are independent
//! of runs. [`of_run`] turns a row of `runs.csv` into [`Prediction`]s: `size`, `batch`, `library`,
//! `library_size` and `in_page` predict bytes, `timing` predicts latencies and shares, `comebacks`,
//! [`eviction`] and `path` predict how often connections are made and ended. `account` finds the
//! same quantities in the measured rows, and [`compare_all`] compares both. [`Costs`] are the same
//! bytes, item by item, for a workload that was never run.

mod account;
mod batch;
mod comebacks;
mod comparing;
mod costs;
pub mod eviction;
pub mod exchange;
pub mod framing;
mod in_page;
pub mod latency;
mod library;
mod library_size;
mod path;
pub mod prediction;
mod quantity;
pub mod radio;
mod situation;
mod size;
#[cfg(test)]
pub(crate) mod tests;
mod timing;
mod tolerance;
mod totals;

pub use comparing::compare_all;
pub use costs::{Both, Costs, PollRequests};
pub use path::per_hour;
pub use quantity::Quantity;
pub use situation::{Arrivals, Situation};
pub use timing::mean as mean_latency;
pub use tolerance::Tolerance;
pub use totals::{event as event_bytes, overhead_share};

use results::RunRow;

/// A predicted number.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The predicted quantity, which also determines the unit.
    pub quantity: Quantity,
    /// The predicted value.
    pub predicted: f64,
    /// The permitted deviation of the measured value.
    pub tolerance: Tolerance,
    /// The source of the formula.
    pub source: &'static str,
}

/// Returns all predictions for a run, in the order of [`Quantity`]. Quantities that the parameters
/// of the run do not determine are left out.
#[must_use]
pub fn of_run(run: &RunRow) -> Vec<Prediction> {
    if !run.envelope.is_empty() || !run.agent.is_empty() {
        // The formulas are those of a chat.
        return Vec::new();
    }
    if !run.proxy.is_empty() {
        // No formula knows what a proxy does.
        return Vec::new();
    }
    if path::cuts(run) && run.cut.is_empty() {
        return path::of_cuts(run);
    }
    if !run.cut.is_empty() {
        // The other formulas know of no reader that was away.
        return comebacks::of(run).into_iter().collect();
    }
    if !run.churn.is_empty() {
        // No formula knows of readers that leave.
        return Vec::new();
    }
    if !run.connection_cap.is_empty() {
        // The other formulas know of no reader that a full server ended or did not let in.
        return eviction::of(run).into_iter().collect();
    }
    let Some(situation) = Situation::of(run) else {
        return Vec::new();
    };
    let mut predictions = timing::shares(&situation);
    predictions.extend(timing::latencies(&situation));
    // The sizes follow from the contract of the built-in server.
    if !results::row::Path::read(&run.path).has_own_contract() {
        predictions.extend(size::known(&situation));
        predictions.extend(totals::totals(&situation));
    }
    predictions.extend(path::at_once(run));
    predictions.sort_by_key(|prediction| prediction.quantity);
    predictions
}
