//! The comparison of predicted and measured values.

use super::{Prediction, Quantity, account::Measured, of_run};
use crate::model::prediction::PredictionRow;
use results::{Digest, RunRow, digest::Account};

/// Compares the predictions of one run with its rows. `ledger` and `p95_us` are those of this run;
/// without them fewer quantities have a measured value.
pub(super) fn compare(
    run: &RunRow,
    ledger: &[Account<'_>],
    p95_us: Option<u64>,
) -> Vec<PredictionRow> {
    let measured = Measured {
        run,
        ledger,
        p95_us,
    };
    let all = of_run(run);
    let explains = |one: &&Prediction| run.valid || one.quantity == Quantity::ReadersAtOnce;
    all.iter()
        .filter(explains)
        .map(|prediction| row(run, prediction, measured.of(prediction.quantity)))
        .collect()
}

/// Compares all valid runs of a results folder, run by run. Runs that are not valid are left out,
/// because a formula does not explain what went wrong in them, but for the number of readers that
/// fitted through the workers of a link.
pub fn compare_all(digest: &Digest) -> impl Iterator<Item = PredictionRow> {
    let explained = digest
        .of_runs()
        .filter(|(run, _)| run.valid || run.link_workers.is_some());
    explained.flat_map(|(run, parts)| compare(run, &digest.accounts(&[parts]), parts.p95_us))
}

fn row(run: &RunRow, prediction: &Prediction, measured: Option<f64>) -> PredictionRow {
    let predicted = prediction.predicted;
    let percent = |measured: f64| (measured - predicted) / predicted * 1e2;
    PredictionRow {
        transport: run.transport.clone(),
        variant: run.variant.clone(),
        cell: run.cell.clone(),
        repeat: run.repeat,
        quantity: prediction.quantity.name().to_owned(),
        unit: prediction.quantity.unit().to_owned(),
        predicted,
        measured,
        // A percentage of a value close to zero is meaningless.
        difference_percent: measured
            .filter(|_| predicted.abs() > prediction.tolerance.amount)
            .map(percent),
        within: measured.map(|measured| prediction.tolerance.holds(predicted, measured)),
        source: prediction.source.to_owned(),
    }
}
