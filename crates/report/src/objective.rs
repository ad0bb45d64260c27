//! What the figures must come to: `websocket.p99 = "< 50ms"`, `lost = 0`.
//!
//! A key is `[transport.][variant.]column`, a value an operator and a bound. Each
//! objective is held against every run that it names: one run that misses it is a
//! miss. A run that is not valid, and a figure that the run cannot carry, meet
//! nothing: a check that passes for want of evidence is worse than none.

mod bound;
mod column;
mod error;

use std::fmt::Write as _;

use serde_json::Value;

pub(crate) use self::column::Kind;
pub use self::{
    bound::{Bound, Operator},
    column::Column,
    error::ObjectiveError,
};
use crate::{row::RunRow, series::identities};

/// Transports that a key may begin with.
const TRANSPORTS: [&str; 4] = ["short_poll", "long_poll", "http_stream", "websocket"];

/// One objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// The key as written: `websocket.p99`.
    pub key: String,
    /// Only runs of this transport, if one is named.
    pub transport: Option<String>,
    /// Only this variant of it, if one is named.
    pub variant: Option<String>,
    /// The figure.
    pub column: Column,
    /// What it must come to.
    pub bound: Bound,
}

/// How an objective fared in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fared {
    /// The run meets it.
    Met,
    /// It does not, or cannot say.
    Missed,
    /// There is no such run.
    NoRun,
}

/// One objective held against one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The objective in words: `websocket.p99 < 50 ms`.
    pub objective: String,
    /// Which run: `WebSocket at clients=100, repeat 2`; empty without one.
    pub run: String,
    /// How it fared.
    pub fared: Fared,
    /// Why, in words.
    pub text: String,
}

/// Reads the `[objective]` table of a scenario, as the manifest has it.
///
/// # Errors
/// A key or a value that does not say what it should; the text names the nearest
/// right spelling.
pub fn read(table: &Value) -> Result<Vec<Objective>, ObjectiveError> {
    let mut objectives = Vec::new();
    collect(table, &mut Vec::new(), &mut objectives)?;
    Ok(objectives)
}

/// The objectives of a manifest, each cell's held against the runs of that cell.
///
/// # Errors
/// As [`read`].
pub fn of_manifest(manifest: &Value, runs: &[RunRow]) -> Result<Vec<Check>, ObjectiveError> {
    let cells = manifest["scenario"]["cells"].as_array();
    let mut checks = Vec::new();
    for cell in cells.into_iter().flatten() {
        let objectives = read(&cell["scenario"]["objective"])?;
        let label = cell["label"].as_str().unwrap_or("-");
        let runs: Vec<RunRow> = runs
            .iter()
            .filter(|run| run.cell == label)
            .cloned()
            .collect();
        checks.extend(evaluate(&objectives, &runs));
    }
    Ok(checks)
}

fn collect(
    value: &Value,
    path: &mut Vec<String>,
    found: &mut Vec<Objective>,
) -> Result<(), ObjectiveError> {
    match value {
        Value::Null if path.is_empty() => Ok(()),
        Value::Object(table) => {
            for (name, inner) in table {
                path.push(name.clone());
                collect(inner, path, found)?;
                path.pop();
            }
            Ok(())
        }
        Value::String(text) => {
            found.push(Objective::new(path, text)?);
            Ok(())
        }
        other => {
            found.push(Objective::new(path, &other.to_string())?);
            Ok(())
        }
    }
}

impl Objective {
    /// From a dotted key and a text: `("short_poll.250ms.p99", "< 300ms")`.
    ///
    /// # Errors
    /// As [`read`].
    pub fn parse(key: &str, text: &str) -> Result<Self, ObjectiveError> {
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        Self::new(&path, text)
    }

    fn new(path: &[String], text: &str) -> Result<Self, ObjectiveError> {
        let key = path.join(".");
        let (column, names) = match path {
            [names @ .., column] => (Column::find(column, &key)?, names),
            [] => return Err(ObjectiveError::NotATable),
        };
        let (transport, variant) = match names {
            [] => (None, None),
            [transport, variant @ ..] => {
                known_transport(transport, &key)?;
                let variant = (!variant.is_empty()).then(|| variant.join("."));
                (Some(transport.clone()), variant)
            }
        };
        let bound = Bound::parse(text, &column, &key)?;
        Ok(Self {
            key,
            transport,
            variant,
            column,
            bound,
        })
    }

    /// Whether a run is one that the key names.
    #[must_use]
    pub fn names(&self, run: &RunRow) -> bool {
        let is =
            |wish: &Option<String>, fits: &dyn Fn(&str) -> bool| wish.as_deref().is_none_or(fits);
        is(&self.transport, &|transport| transport == run.transport)
            && is(&self.variant, &|variant| fits(variant, &run.variant))
    }

    /// `websocket.p99 < 50 ms`
    #[must_use]
    pub fn words(&self) -> String {
        let bound = self.column.show(self.bound.value);
        format!("{} {} {bound}", self.key, self.bound.operator.sign())
    }

    fn check(&self, run: &RunRow, name: &str) -> Check {
        let (fared, text) = match self.column.value(run) {
            _ if !run.valid => (
                Fared::Missed,
                format!("the run is not valid: {}", reason(run)),
            ),
            None => (
                Fared::Missed,
                format!(
                    "{} is empty: the run cannot carry it ({} deliveries)",
                    self.column.name,
                    crate::unit::grouped(run.delivered)
                ),
            ),
            Some(value) => self.judge(value),
        };
        Check {
            objective: self.words(),
            run: name.to_owned(),
            fared,
            text,
        }
    }

    fn judge(&self, value: f64) -> (Fared, String) {
        let shown = self.column.show(value);
        if self.bound.is_met(value) {
            (Fared::Met, format!("{} is {shown}", self.column.name))
        } else {
            let (sign, bound) = (
                self.bound.operator.sign(),
                self.column.show(self.bound.value),
            );
            (
                Fared::Missed,
                format!("{} is {shown}, not {sign} {bound}", self.column.name),
            )
        }
    }
}

/// Holds every objective against every run that it names, in the order of both.
#[must_use]
pub fn evaluate(objectives: &[Objective], runs: &[RunRow]) -> Vec<Check> {
    let identities = identities(runs);
    let name = |run: &RunRow| {
        let identity = identities
            .iter()
            .find(|one| one.transport == run.transport && one.variant == run.variant);
        let mut name = identity.map_or_else(|| run.transport.clone(), |one| one.name.clone());
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
            checks.push(Check {
                objective: objective.words(),
                run: String::new(),
                fared: Fared::NoRun,
                text: "no run to hold it against: see the key's transport and variant, and --only"
                    .to_owned(),
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

/// `25s` and `hold_25s` both name the variant `hold 25s`.
fn fits(wish: &str, variant: &str) -> bool {
    let spoken = wish.replace('_', " ");
    let mut words = variant.split_whitespace();
    variant == spoken || words.next_back() == Some(spoken.as_str())
}

fn known_transport(name: &str, key: &str) -> Result<(), ObjectiveError> {
    if TRANSPORTS.contains(&name) {
        return Ok(());
    }
    Err(ObjectiveError::Transport {
        key: key.to_owned(),
        name: name.to_owned(),
        nearest: error::nearest(name, TRANSPORTS),
    })
}

fn reason(run: &RunRow) -> &str {
    if run.error.is_empty() {
        "no reason given"
    } else {
        &run.error
    }
}

#[cfg(test)]
mod tests;
