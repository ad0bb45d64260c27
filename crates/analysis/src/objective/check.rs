//! Checks of objectives against runs: the measured values, and whether they meet the objectives.

use std::{collections::BTreeSet, fmt::Write as _};

use serde::Serialize;
use serde_json::Value;

use super::{Objective, ObjectiveError, read};
use crate::series::identities;
use results::{
    RunRow,
    manifest::{Manifest, Settings},
};

/// The text of a check whose objective selects no run.
const NO_RUN: &str = "no run to hold it against";

/// The result of checking an objective against one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The run meets the objective.
    Met,
    /// The run does not meet it.
    Missed,
    /// There is no such run, it may not be believed, it does not report the figure, or the
    /// objective cannot be read.
    CannotBeJudged,
}

/// The check of one objective against one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// The objective in words: `websocket.p99 < 50 ms`.
    pub objective: String,
    /// The run, such as `WebSocket at clients=100, repeat 2`; empty if there is none.
    pub run: String,
    /// The figure, as the key names it: `p99`.
    pub metric: String,
    /// The limit of the figure, such as `< 50 ms`.
    pub limit: String,
    /// The measured value, in words; `None` if the run does not report it.
    pub measured: Option<String>,
    /// The result of the check.
    #[serde(rename = "fared")]
    pub outcome: Outcome,
    /// The reason for the result, in words.
    pub text: String,
}

/// The checks of all objectives and expectations of a scenario against its runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Checks {
    /// The checks of the objectives.
    pub objectives: Vec<Check>,
    /// The checks of the expectations of the scenario's author.
    pub expectations: Vec<Check>,
}

impl Outcome {
    /// Returns the result in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::CannotBeJudged => "cannot be judged",
        }
    }

    /// Returns the result in words for an expectation, on which nothing depends.
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::Met => "held",
            Self::Missed => "not held",
            Self::CannotBeJudged => "cannot be judged",
        }
    }
}

impl Checks {
    /// Checks the objectives and expectations of a manifest against the runs of the same cell.
    #[must_use]
    pub fn of_manifest(manifest: &Manifest, runs: &[RunRow]) -> Self {
        // Expectations about runs that were not requested are left out.
        let mut expectations = of_table(manifest, |settings| &settings.expectation, runs);
        expectations.retain(|check| check.text != NO_RUN);
        Self {
            objectives: of_table(manifest, |settings| &settings.objective, runs),
            expectations,
        }
    }
}

fn of_table(manifest: &Manifest, table: fn(&Settings) -> &Value, runs: &[RunRow]) -> Vec<Check> {
    let mut checks: Vec<Check> = Vec::new();
    for cell in &manifest.scenario.cells {
        let found = read(table(&cell.scenario));
        let label = cell.label.as_str();
        let runs: Vec<RunRow> = runs
            .iter()
            .filter(|run| run.cell == label)
            .cloned()
            .collect();
        // All cells have the same errors, so each is reported once.
        for check in found.errors.iter().map(unreadable) {
            if !checks.contains(&check) {
                checks.push(check);
            }
        }
        checks.extend(in_cell(&found.objectives, &runs, label));
    }
    checks
}

fn unreadable(error: &ObjectiveError) -> Check {
    Check {
        objective: error.key().to_owned(),
        run: String::new(),
        metric: String::new(),
        limit: String::new(),
        measured: None,
        outcome: Outcome::CannotBeJudged,
        text: error.to_string(),
    }
}

/// Checks every objective against every run that it selects, in the order of both.
#[must_use]
pub fn evaluate(objectives: &[Objective], runs: &[RunRow]) -> Vec<Check> {
    in_cell(objectives, runs, "-")
}

fn in_cell(objectives: &[Objective], runs: &[RunRow], cell: &str) -> Vec<Check> {
    let identities = identities(runs);
    let name = |run: &RunRow| {
        let identity = identities
            .iter()
            .find(|one| one.transport == run.transport && one.variant == run.variant);
        let mut name = identity.map_or_else(|| run.transport.clone(), |one| one.style.name.clone());
        if run.cell != "-" {
            let _ = write!(name, " at {}", run.cell);
        }
        let _ = write!(name, ", repeat {}", run.repeat);
        name
    };
    let mut checks = Vec::new();
    for objective in objectives {
        let before = checks.len();
        let named = runs.iter().filter(|run| objective.names(run));
        checks.extend(named.map(|run| objective.check(run, &name(run))));
        if checks.len() == before {
            let place = if cell == "-" { "" } else { cell };
            checks.push(Check {
                run: place.to_owned(),
                ..objective.unjudged(NO_RUN.to_owned())
            });
        }
    }
    checks
}

/// Returns whether every objective is met by every run that it selects.
#[must_use]
pub fn all_met(checks: &[Check]) -> bool {
    checks.iter().all(|check| check.outcome == Outcome::Met)
}

impl Objective {
    fn limit(&self) -> String {
        let bound = self.column.show(self.bound.value);
        format!("{} {bound}", self.bound.operator.sign())
    }

    fn unjudged(&self, text: String) -> Check {
        Check {
            objective: self.words(),
            run: String::new(),
            metric: self.column.name.clone(),
            limit: self.limit(),
            measured: None,
            outcome: Outcome::CannotBeJudged,
            text,
        }
    }

    fn check(&self, run: &RunRow, name: &str) -> Check {
        let value = self.column.value(run);
        let is_met = value.map(|value| self.bound.is_met(value));
        // Faults such as losses are facts even in a run that may not be believed.
        let proves = is_met == Some(false) && self.column.counts_faults();
        let (outcome, text) = match (value, is_met) {
            _ if !run.valid && !proves => (
                Outcome::CannotBeJudged,
                format!("the run is not valid: {}", reason(run)),
            ),
            (Some(value), Some(is_met)) => self.judged(value, is_met),
            _ => (
                Outcome::CannotBeJudged,
                format!(
                    "{} is empty: the run cannot carry it ({} deliveries)",
                    self.column.name,
                    crate::unit::grouped(run.delivered)
                ),
            ),
        };
        Check {
            run: name.to_owned(),
            measured: value.map(|value| self.column.show(value)),
            outcome,
            ..self.unjudged(text)
        }
    }

    fn judged(&self, value: f64, is_met: bool) -> (Outcome, String) {
        let (name, shown) = (&self.column.name, self.column.show(value));
        if is_met {
            (Outcome::Met, format!("{name} is {shown}"))
        } else {
            let limit = self.limit();
            (Outcome::Missed, format!("{name} is {shown}, not {limit}"))
        }
    }
}

fn reason(run: &RunRow) -> &str {
    if run.error.is_empty() {
        "no reason given"
    } else {
        &run.error
    }
}

/// Returns how many objectives are met by every run that they name, and how many there are. An
/// objective has a check for each of its runs, and counts once.
#[must_use]
pub fn count_met(checks: &[Check]) -> (usize, usize) {
    let names = |is_counted: fn(&Check) -> bool| -> BTreeSet<&str> {
        let counted = checks.iter().filter(|check| is_counted(check));
        counted.map(|check| check.objective.as_str()).collect()
    };
    let all = names(|_| true).len();
    let not_met = names(|check| check.outcome != Outcome::Met).len();
    (all - not_met, all)
}
