//! Looking at a results folder: figures, predictions, the page and the table,
//! from what was measured and nothing else. `run` ends with it; `plot` is it.

use std::{fs, path::Path};

use anyhow::Context;
use report::{
    Complaint, Rows, RunRow, Store, capacity, figure, html,
    objective::{self, Check},
    predict, prediction, table,
};

use crate::progress;

/// What was found and drawn.
#[derive(Debug)]
pub(crate) struct Looked {
    rows: Rows,
    /// What in the folder cannot be believed.
    pub(crate) complaints: Vec<Complaint>,
    /// Files in `figures/`.
    pub(crate) figures: usize,
    /// Predictions made, and how many of them were not met.
    predictions: usize,
    unexplained: Vec<String>,
    objectives: Vec<Check>,
}

/// Draws and writes all that follows from a folder's CSV files.
pub(crate) fn look(folder: &Path) -> anyhow::Result<Looked> {
    let reading = Store::open(folder)?.read();
    let (searches, complaints) = capacity::read(folder);
    let figures = [
        capacity::figures(&searches, &reading.rows)?,
        figure::all(&reading.rows)?,
    ]
    .concat();
    let figures = figure::write_all(&figures, &folder.join("figures"))?.len();
    let predictions = predict::compare_all(&reading.rows);
    prediction::write(&predictions, folder)
        .with_context(|| format!("cannot write {}", folder.join(prediction::FILE).display()))?;
    html::write(folder)?;
    Ok(Looked {
        objectives: objectives(folder, &reading.rows.runs)?,
        rows: reading.rows,
        complaints: [reading.complaints, complaints].concat(),
        figures,
        unexplained: predictions
            .iter()
            .filter(|row| row.within == Some(false))
            .map(|row| {
                format!(
                    "unexplained: {} {} {}: {} predicted {:.3} {}, measured {:.3}",
                    row.transport,
                    row.variant,
                    row.cell,
                    row.quantity,
                    row.predicted,
                    row.unit,
                    row.measured.unwrap_or_default()
                )
            })
            .collect(),
        predictions: predictions.len(),
    })
}

/// A folder without a manifest has no objectives.
fn objectives(folder: &Path, runs: &[RunRow]) -> anyhow::Result<Vec<Check>> {
    let Ok(text) = fs::read(folder.join("manifest.json")) else {
        return Ok(Vec::new());
    };
    let manifest = serde_json::from_slice(&text).context("manifest.json is not JSON")?;
    Ok(objective::of_manifest(&manifest, runs)?)
}

impl Looked {
    /// The rows of `runs.csv`.
    pub(crate) fn runs(&self) -> &[RunRow] {
        &self.rows.runs
    }

    /// The table for a person.
    pub(crate) fn table(&self, markdown: bool) -> String {
        if markdown {
            table::markdown(&self.rows)
        } else {
            table::terminal(&self.rows, progress::width())
        }
    }

    /// Says what must not be overlooked: doubts, differences, objectives missed.
    pub(crate) fn warn(&self) {
        for complaint in &self.complaints {
            progress::say(&format!("warning: {complaint}"));
        }
        for row in self.rows.runs.iter().filter(|row| !row.valid) {
            progress::say(&format!(
                "not valid: {} {} {}: {}",
                row.transport, row.variant, row.cell, row.error
            ));
        }
        for line in &self.unexplained {
            progress::say(line);
        }
        for check in &self.objectives {
            progress::say(&format!("objective {}: {}", check.objective, check.text));
        }
    }

    /// How the predictions fared, in one line; nothing where none was made.
    pub(crate) fn predicted(&self) -> Option<String> {
        (self.predictions > 0).then(|| {
            format!(
                "{} predictions by formula, {} unexplained differences (predictions.csv)",
                self.predictions,
                self.unexplained.len()
            )
        })
    }

    /// Whether every run is valid and every objective met.
    pub(crate) fn is_well(&self) -> bool {
        self.rows.runs.iter().all(|row| row.valid) && objective::all_met(&self.objectives)
    }
}
