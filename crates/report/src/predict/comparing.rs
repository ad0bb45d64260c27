//! Predicted and measured, side by side.

use std::collections::HashMap;

use super::{Prediction, account::Measured, of_run};
use crate::{
    column::{Record, RunKey},
    prediction::PredictionRow,
    row::{LadderRow, LedgerRow, Rows, RunRow},
};

/// One run's predictions beside what its rows say. `ledger` and `ladder` are
/// those of this run; without them fewer quantities have a measured value.
#[must_use]
pub fn compare(run: &RunRow, ledger: &[&LedgerRow], ladder: &[&LadderRow]) -> Vec<PredictionRow> {
    let measured = Measured {
        run,
        ledger,
        ladder,
    };
    of_run(run)
        .iter()
        .map(|prediction| row(run, prediction, measured.of(prediction.quantity)))
        .collect()
}

/// Every run of a results folder. Runs that are not valid are left out: what
/// went wrong in them is not for a formula to explain.
#[must_use]
pub fn compare_all(rows: &Rows) -> Vec<PredictionRow> {
    let ledger = by_run(&rows.ledger);
    let ladder = by_run(&rows.ladder);
    let mut all = Vec::new();
    for run in rows.runs.iter().filter(|run| run.valid) {
        let of_run = |key| ledger.get(&key).map_or(&[][..], Vec::as_slice);
        let rungs = ladder.get(&run.run()).map_or(&[][..], Vec::as_slice);
        all.extend(compare(run, of_run(run.run()), rungs));
    }
    all
}

fn by_run<R: Record>(rows: &[R]) -> HashMap<RunKey<'_>, Vec<&R>> {
    let mut runs: HashMap<RunKey<'_>, Vec<&R>> = HashMap::new();
    for row in rows {
        runs.entry(row.run()).or_default().push(row);
    }
    runs
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
        // Of next to nothing, a percentage says nothing.
        difference_percent: measured
            .filter(|_| predicted.abs() > prediction.tolerance.amount)
            .map(percent),
        within: measured.map(|measured| prediction.tolerance.holds(predicted, measured)),
        source: prediction.source.to_owned(),
    }
}
