//! The look at a results folder: figures, predictions, the page and the table, from what was
//! measured and nothing else. `run` ends with it; `plot` is it.

mod summary;

use std::path::Path;

use analysis::{
    CellTable, digest,
    model::{
        self,
        prediction::{self, PredictionRow},
    },
    objective::{self, Check, Checks, Outcome},
};
use anyhow::Context;
use report::{Lang, figure, html, table};
use results::{
    Complaint, Digest, RunRow, Store,
    manifest::{self, Manifest},
};
use scenario::shipped;
use serde::Serialize;
use sheet::Sheet;

use crate::{args, folder, progress};

/// The contents of a results folder, and what was drawn from them.
#[derive(Debug)]
pub(crate) struct Rendered {
    digest: Digest,
    /// The number of files in `figures/`.
    pub(crate) figures: usize,
    tally: Tally,
    checks: Checks,
    /// The language of the table and the objectives.
    lang: Lang,
}

impl From<args::Lang> for Lang {
    fn from(lang: args::Lang) -> Self {
        match lang {
            args::Lang::En => Self::En,
            args::Lang::Zh => Self::Zh,
        }
    }
}

/// Draws and writes all that follows from a folder's CSV files, charts and page in one of the
/// languages. Others who draw in it wait.
pub(crate) fn render(folder: &Path, lang: Lang) -> anyhow::Result<Rendered> {
    let store = Store::open(folder)?;
    let _alone = folder::draw(folder);
    let mut digest = digest::of_folder(&store);
    let manifest = manifest_of(folder);
    let none = Manifest::default();
    let checks = Checks::of_manifest(manifest.as_ref().unwrap_or(&none), &digest.runs);
    digest.complaints.extend(unread(&checks));
    // First of all: whatever goes wrong after it may go wrong because of it.
    for complaint in &digest.complaints {
        progress::warn(&complaint.to_string());
    }
    let drawn = lang.drawing(|| figure::of_folder(&store, &digest))?;
    let figures = chart::write_all(&drawn, &folder.join("figures"))?.len();
    let mut tally = Tally::default();
    let predictions = model::compare_all(&digest).inspect(|row| tally.add(row));
    prediction::write(predictions, folder)
        .with_context(|| format!("cannot write {}", folder.join(prediction::FILE).display()))?;
    html::write_drawn(folder, manifest, &digest, &drawn, None, lang)?;
    Ok(Rendered {
        digest,
        figures,
        tally,
        checks,
        lang,
    })
}

/// Returns the manifest of a folder, if there is one that can be read. A scenario that comes with the
/// program has its sentences in Chinese, too.
pub(crate) fn manifest_of(folder: &Path) -> Option<Manifest> {
    let mut manifest = manifest::read(folder)?;
    let scenario = &mut manifest.scenario;
    for (key, sentence, chinese) in [
        ("question", &scenario.question, &mut scenario.question_zh),
        ("motive", &scenario.motive, &mut scenario.motive_zh),
        ("expect", &scenario.expect, &mut scenario.expect_zh),
    ] {
        if chinese.is_empty() {
            let said = shipped::chinese(&scenario.name, key, sentence);
            said.unwrap_or_default().clone_into(chinese);
        }
    }
    Some(manifest)
}

/// Says that a folder is being written, if it is: what follows is of the runs that are finished so
/// far. Returns whether it is.
pub(crate) fn warn_of_work(folder: &Path) -> bool {
    let is_at_work = folder::is_at_work(folder);
    if is_at_work {
        progress::warn(&format!(
            "another wirebench writes to {} at this moment; this is of the runs that are \
             finished so far",
            folder.display()
        ));
    }
    is_at_work
}

/// A tally of the predictions.
#[derive(Debug, Default)]
struct Tally {
    made: usize,
    unexplained: usize,
    /// The first of the unexplained differences, in words.
    told: Vec<String>,
}

/// A summary of a folder, in the order of its keys.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    expectations: &'a [Check],
    folder: String,
    objectives: &'a [Check],
    objectives_met: bool,
    runs: usize,
    table: Sheet,
    valid_runs: usize,
}

/// The number of unexplained differences, or of runs that are not valid, that are listed one by
/// one. The others are only counted.
const SHOWN: usize = 20;

impl Tally {
    fn add(&mut self, row: &PredictionRow) {
        self.made += 1;
        if row.within != Some(false) {
            return;
        }
        self.unexplained += 1;
        if self.told.len() < SHOWN {
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

/// Returns a complaint for each objective that cannot be read, because it is not judged.
fn unread(checks: &Checks) -> Vec<Complaint> {
    let all = checks.objectives.iter().chain(&checks.expectations);
    all.filter(|check| check.metric.is_empty())
        .map(|check| Complaint {
            file: manifest::FILE,
            line: None,
            column: None,
            what: format!("{}; it is not judged", check.text),
            is_loss: true,
        })
        .collect()
}

impl Rendered {
    /// Returns the rows of `runs.csv`.
    pub(crate) fn runs(&self) -> &[RunRow] {
        &self.digest.runs
    }

    /// Returns the table for a person.
    pub(crate) fn table(&self, markdown: bool) -> String {
        if markdown {
            table::markdown_in(&CellTable::of(&self.digest), self.lang)
        } else {
            table::terminal_in(&CellTable::of(&self.digest), progress::width(), self.lang)
        }
    }

    /// Says what must not be overlooked: doubts, differences, objectives missed.
    pub(crate) fn warn(&self) {
        let bad: Vec<&RunRow> = self.digest.runs.iter().filter(|row| !row.valid).collect();
        for row in bad.iter().take(SHOWN) {
            let reasons = progress::reasons(&row.error);
            let what = progress::said("not valid");
            progress::put(&format!("{what}: {}: {reasons}", title(row)));
        }
        more("not valid", bad.len(), "runs.csv");
        let withheld = self.digest.runs.iter().filter(|row| row.valid);
        let withheld: Vec<&RunRow> = withheld
            .filter(|row| !row.p99_withheld.is_empty())
            .collect();
        if let Some(row) = withheld.first() {
            progress::say(&format!(
                "p99 withheld in {} of {} runs (column p99_withheld): {}: {}",
                withheld.len(),
                self.digest.runs.len(),
                title(row),
                row.p99_withheld
            ));
        }
        for line in &self.tally.told {
            progress::say(line);
        }
        more("unexplained", self.tally.unexplained, prediction::FILE);
    }

    /// Prints which objectives are not met, if no other output contains them.
    pub(crate) fn warn_of_objectives(&self) {
        let not_met = self
            .checks
            .objectives
            .iter()
            .filter(|one| one.outcome != Outcome::Met);
        let told = Checks {
            objectives: not_met.cloned().collect(),
            expectations: Vec::new(),
        };
        for line in table::objectives::terminal_in(&told, self.lang).lines() {
            progress::put(line);
        }
    }

    /// Returns the results of the objectives and expectations as lines or as one table; the text is
    /// empty if there are none.
    pub(crate) fn objectives(&self, markdown: bool) -> String {
        if markdown {
            table::objectives::markdown_in(&self.checks, self.lang)
        } else {
            table::objectives::terminal_in(&self.checks, self.lang)
        }
    }

    /// Returns the table as CSV, for other programs.
    pub(crate) fn csv(&self) -> String {
        table::data(&CellTable::of(&self.digest)).csv()
    }

    /// Returns a summary of the folder as JSON, for other programs.
    pub(crate) fn json(&self, folder: &Path) -> anyhow::Result<String> {
        let valid = self.digest.runs.iter().filter(|row| row.valid).count();
        let summary = Summary {
            expectations: &self.checks.expectations,
            folder: folder.display().to_string(),
            objectives: &self.checks.objectives,
            objectives_met: objective::all_met(&self.checks.objectives),
            runs: self.digest.runs.len(),
            table: table::data(&CellTable::of(&self.digest)),
            valid_runs: valid,
        };
        Ok(serde_json::to_string_pretty(&summary)?)
    }

    /// Returns the results of the predictions in one line, or `None` if there were none.
    pub(crate) fn predicted(&self) -> Option<String> {
        let Tally {
            made, unexplained, ..
        } = self.tally;
        (made > 0).then(|| {
            self.lang.say(&format!(
                "{made} predictions by formula, {unexplained} unexplained differences (predictions.csv)"
            ))
        })
    }

    /// Returns whether nothing in the folder was left out as unreliable.
    pub(crate) fn is_whole(&self) -> bool {
        self.digest.is_whole()
    }

    /// Returns whether every run is valid and every objective met.
    pub(crate) fn is_well(&self) -> bool {
        self.digest.runs.iter().all(|row| row.valid) && objective::all_met(&self.checks.objectives)
    }
}

/// Returns the title of a run: `short_poll 1s clients=10`.
fn title(row: &RunRow) -> String {
    let words = [&row.transport, &row.variant, &row.cell];
    let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
    let told = words.into_iter().filter(|word| *word != "-");
    told.collect::<Vec<_>>().join(" ")
}

/// Prints how many more there are than were listed.
fn more(what: &str, all: usize, file: &str) {
    if all > SHOWN {
        progress::say(&format!("{what}: {} more, see {file}", all - SHOWN));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_scenario_of_the_program_asks_in_chinese_as_long_as_it_is_unchanged() {
        let folder = tempfile::tempdir().expect("a folder");
        let quick = scenario::Study::load(Path::new("quick"), &[]).expect("a scenario");
        let manifest = json!({ "scenario": {
            "name": "quick", "question": quick.question, "motive": "Another.",
            "expect": quick.expect, "expect_zh": "我的。",
        } });
        fs::write(folder.path().join(manifest::FILE), manifest.to_string()).expect("written");
        let scenario = manifest_of(folder.path()).expect("a manifest").scenario;
        assert!(scenario.question_zh.starts_with("送达同一聊天"));
        assert_eq!(scenario.motive_zh, "");
        assert_eq!(scenario.expect_zh, "我的。");
    }
}
