//! Objectives held against runs: what was measured, and how it fared.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::{Objective, ObjectiveError, read};
use crate::series::identities;
use results::{
    RunRow,
    manifest::{Manifest, Settings},
};

/// What is said of an objective that names no run.
const NO_RUN: &str = "no run to hold it against";

/// How an objective fared in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fared {
    /// The run meets it.
    Met,
    /// The run does not.
    Missed,
    /// There is no such run, it may not be believed, it does not carry the figure, or the
    /// objective cannot be read.
    CannotBeJudged,
}

/// One objective held against one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// The objective in words: `websocket.p99 < 50 ms`.
    pub objective: String,
    /// Which run: `WebSocket at clients=100, repeat 2`; empty without one.
    pub run: String,
    /// The figure, as the key names it: `p99`.
    pub metric: String,
    /// What it must come to: `< 50 ms`.
    pub limit: String,
    /// What the run came to, in words; nothing where it does not say.
    pub measured: Option<String>,
    /// How it fared.
    pub fared: Fared,
    /// Why, in words.
    pub text: String,
}

/// All that a scenario asks of its figures, held against its runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Checks {
    /// What must be.
    pub objectives: Vec<Check>,
    /// What its author expects.
    pub expectations: Vec<Check>,
}

impl Fared {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::CannotBeJudged => "cannot be judged",
        }
    }

    /// In words for an expectation, on which nothing depends.
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
    /// Holds the objectives and expectations of a manifest against runs, each cell's against
    /// those of that cell.
    #[must_use]
    pub fn of_manifest(manifest: &Manifest, runs: &[RunRow]) -> Self {
        // Nothing was expected of a run that nobody asked for.
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
        // Every cell has the same mistakes.
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
        fared: Fared::CannotBeJudged,
        text: error.to_string(),
    }
}

/// Holds every objective against every run that it names, in the order of both.
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

/// Whether every objective is met by every run that it names.
#[must_use]
pub fn all_met(checks: &[Check]) -> bool {
    checks.iter().all(|check| check.fared == Fared::Met)
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
            fared: Fared::CannotBeJudged,
            text,
        }
    }

    fn check(&self, run: &RunRow, name: &str) -> Check {
        let value = self.column.value(run);
        let is_met = value.map(|value| self.bound.is_met(value));
        // What a run that may not be believed has lost, it has lost.
        let proves = is_met == Some(false) && self.column.counts_faults();
        let (fared, text) = match (value, is_met) {
            _ if !run.valid && !proves => (
                Fared::CannotBeJudged,
                format!("the run is not valid: {}", reason(run)),
            ),
            (Some(value), Some(is_met)) => self.judged(value, is_met),
            _ => (
                Fared::CannotBeJudged,
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
            fared,
            ..self.unjudged(text)
        }
    }

    fn judged(&self, value: f64, is_met: bool) -> (Fared, String) {
        let (name, shown) = (&self.column.name, self.column.show(value));
        if is_met {
            (Fared::Met, format!("{name} is {shown}"))
        } else {
            let limit = self.limit();
            (Fared::Missed, format!("{name} is {shown}, not {limit}"))
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
