//! Looking at a results folder: figures, predictions, the page and the table,
//! from what was measured and nothing else. `run` ends with it; `plot` is it.

use std::path::Path;

use anyhow::Context;
use report::{
    Comparison, Complaint, Digest, RunRow, Store, figure, html, manifest,
    objective::{self, Check},
    predict,
    prediction::{self, PredictionRow},
    table,
};

use crate::progress;

/// What was found and drawn.
#[derive(Debug)]
pub(crate) struct Looked {
    digest: Digest,
    /// Files in `figures/`.
    pub(crate) figures: usize,
    tally: Tally,
    objectives: Vec<Check>,
}

/// Draws and writes all that follows from a folder's CSV files.
pub(crate) fn look(folder: &Path) -> anyhow::Result<Looked> {
    let store = Store::open(folder)?;
    let mut digest = store.digest();
    let objectives = objectives(folder, &digest.runs).unwrap_or_else(|why| {
        digest.complaints.push(why);
        Vec::new()
    });
    // First of all: whatever goes wrong after it may go wrong because of it.
    for complaint in &digest.complaints {
        progress::say(&format!("warning: {complaint}"));
    }
    let drawn = figure::of_folder(&store, &digest)?;
    let figures = figure::write_all(&drawn, &folder.join("figures"))?.len();
    let mut tally = Tally::default();
    let predictions = predict::compare_all(&digest).inspect(|row| tally.add(row));
    prediction::write(predictions, folder)
        .with_context(|| format!("cannot write {}", folder.join(prediction::FILE).display()))?;
    html::write_drawn(folder, &digest, &drawn, None)?;
    Ok(Looked {
        digest,
        figures,
        tally,
        objectives,
    })
}

/// How the predictions fared.
#[derive(Debug, Default)]
struct Tally {
    made: usize,
    unexplained: usize,
    /// The first of these, in words.
    told: Vec<String>,
}

/// As many unexplained differences, or runs that are not valid, are told one by
/// one; of more only the number.
const TOLD: usize = 20;

impl Tally {
    fn add(&mut self, row: &PredictionRow) {
        self.made += 1;
        if row.within != Some(false) {
            return;
        }
        self.unexplained += 1;
        if self.told.len() < TOLD {
            self.told.push(format!(
                "unexplained: {} {} {}: {} predicted {:.3} {}, measured {:.3}",
                row.transport,
                row.variant,
                row.cell,
                row.quantity,
                row.predicted,
                row.unit,
                row.measured.unwrap_or_default()
            ));
        }
    }
}

/// A folder without a manifest that can be read has no objectives.
fn objectives(folder: &Path, runs: &[RunRow]) -> Result<Vec<Check>, Complaint> {
    let manifest = manifest::read(folder);
    objective::of_manifest(&manifest, runs).map_err(|why| Complaint {
        file: "manifest.json",
        line: None,
        column: None,
        what: format!("{why}; no objective is judged"),
        is_loss: true,
    })
}

impl Looked {
    /// The rows of `runs.csv`.
    pub(crate) fn runs(&self) -> &[RunRow] {
        &self.digest.runs
    }

    /// The table for a person.
    pub(crate) fn table(&self, markdown: bool) -> String {
        if markdown {
            table::markdown(&Comparison::of(&self.digest))
        } else {
            table::terminal(&Comparison::of(&self.digest), progress::width())
        }
    }

    /// Says what must not be overlooked: doubts, differences, objectives missed.
    pub(crate) fn warn(&self) {
        let bad: Vec<&RunRow> = self.digest.runs.iter().filter(|row| !row.valid).collect();
        for row in bad.iter().take(TOLD) {
            progress::say(&format!("not valid: {}: {}", title(row), row.error));
        }
        more("not valid", bad.len(), "runs.csv");
        for line in &self.tally.told {
            progress::say(line);
        }
        more("unexplained", self.tally.unexplained, prediction::FILE);
        for check in &self.objectives {
            progress::say(&format!("objective {}: {}", check.objective, check.text));
        }
    }

    /// How the predictions fared, in one line; nothing where none was made.
    pub(crate) fn predicted(&self) -> Option<String> {
        let Tally {
            made, unexplained, ..
        } = self.tally;
        (made > 0).then(|| {
            format!(
                "{made} predictions by formula, {unexplained} unexplained differences (predictions.csv)"
            )
        })
    }

    /// Whether nothing in the folder was left out as not to be believed.
    pub(crate) fn is_whole(&self) -> bool {
        self.digest.is_whole()
    }

    /// Whether every run is valid and every objective met.
    pub(crate) fn is_well(&self) -> bool {
        self.digest.runs.iter().all(|row| row.valid) && objective::all_met(&self.objectives)
    }
}

/// Which run it was: `short_poll 1s clients=10`.
fn title(row: &RunRow) -> String {
    let words = [&row.transport, &row.variant, &row.cell];
    let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
    let told = words.into_iter().filter(|word| *word != "-");
    told.collect::<Vec<_>>().join(" ")
}

/// Says how many more there are than were told.
fn more(what: &str, all: usize, file: &str) {
    if all > TOLD {
        progress::say(&format!("{what}: {} more, see {file}", all - TOLD));
    }
}
