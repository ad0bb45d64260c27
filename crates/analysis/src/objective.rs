//! Objectives: requirements on the figures of runs, such as `websocket.p99 = "< 50ms"` or
//! `lost = 0`.
//!
//! A key is `[transport.][variant.]figure`, and a value is an operator and a bound. The figure is one
//! of [`crate::metric`], or else a column of `runs.csv`. Each objective
//! is checked against every run that its key selects; a single run that does not meet it counts as
//! missed. A run that is not valid and a figure that the run does not report never meet an
//! objective, because a check that passes for lack of evidence is worse than no check.
//!
//! The expectations of a scenario are written and checked in the same way, but nothing depends on
//! whether they are met.

mod bound;
mod check;
mod column;
mod error;

use serde_json::Value;
use wire::{Framing, Transport};

pub use self::{
    bound::{Bound, Operator},
    check::{Check, Checks, Outcome, all_met, count_met, evaluate},
    column::Column,
    error::{ObjectiveError, alike, meant},
};
use results::RunRow;

/// An objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// The key as written: `websocket.p99`.
    pub key: String,
    /// The transport whose runs the objective is about; `None` for all.
    pub transport: Option<String>,
    /// The variant that the objective is about; `None` for all.
    pub variant: Option<String>,
    /// The figure that the objective is about.
    pub column: Column,
    /// The bound that the figure must meet.
    pub bound: Bound,
}

/// The objectives that were read from a table, and the errors in it.
#[derive(Debug, Default)]
pub struct Read {
    /// The objectives that can be read.
    pub objectives: Vec<Objective>,
    /// The errors for those that cannot, each with the nearest correct spelling.
    pub errors: Vec<ObjectiveError>,
}

/// Reads the `[objective]` or `[expectation]` table of a scenario, in the form that it has in the
/// manifest. An objective that cannot be read does not affect the others.
#[must_use]
pub fn read(table: &Value) -> Read {
    let mut found = Read::default();
    match table {
        Value::Null => {}
        Value::Object(_) => found.collect(table, &mut Vec::new()),
        _ => found.errors.push(ObjectiveError::NotATable),
    }
    found
}

impl Read {
    fn collect(&mut self, value: &Value, path: &mut Vec<String>) {
        let text = match value {
            Value::Object(table) if table.is_empty() && !path.is_empty() => {
                let key = path.join(".");
                return self.errors.push(ObjectiveError::Empty { key });
            }
            Value::Object(table) => {
                for (name, inner) in table {
                    path.push(name.clone());
                    self.collect(inner, path);
                    path.pop();
                }
                return;
            }
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match Objective::new(path, &text) {
            Ok(objective) => self.objectives.push(objective),
            Err(error) => self.errors.push(error),
        }
    }
}

impl Objective {
    /// Reads a dotted key and a text: `("short_poll.250ms.p99", "< 300ms")`.
    ///
    /// # Errors
    /// Fails if the key or the value is not in the required form; the text names the nearest
    /// correct spelling.
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
            // In a table the framings of a stream are used like transports.
            [framing, rest @ ..] if Framing::ALL.iter().any(|one| one.name() == framing) => {
                let variant = [std::slice::from_ref(framing), rest].concat().join(" ");
                (Some(Transport::HttpStream.to_string()), Some(variant))
            }
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

    /// Returns whether the key selects a run.
    #[must_use]
    pub fn names(&self, run: &RunRow) -> bool {
        let is =
            |wish: &Option<String>, fits: &dyn Fn(&str) -> bool| wish.as_deref().is_none_or(fits);
        is(&self.transport, &|transport| transport == run.transport)
            && is(&self.variant, &|variant| fits(variant, &run.variant))
    }

    /// Returns the objective in words, such as `websocket.p99 < 50 ms`.
    #[must_use]
    pub fn words(&self) -> String {
        let bound = self.column.show(self.bound.value);
        format!("{} {} {bound}", self.key, self.bound.operator.sign())
    }

    /// Checks that the key selects at least one of the runs that a scenario makes; `runs` are
    /// transports with their variants.
    ///
    /// # Errors
    /// Fails if it selects none; the text lists those that there are.
    pub fn against(&self, runs: &[(&str, &str)]) -> Result<(), ObjectiveError> {
        let Some(transport) = &self.transport else {
            return Ok(());
        };
        let of_it = || runs.iter().filter(|(name, _)| name == transport);
        if of_it().next().is_none() {
            let mut names: Vec<&str> = runs.iter().map(|(name, _)| *name).collect();
            names.dedup();
            return Err(ObjectiveError::NotRun {
                key: self.key.clone(),
                transport: transport.clone(),
                runs: names.join(", "),
            });
        }
        match &self.variant {
            Some(variant) if !of_it().any(|(_, run)| fits(variant, run)) => {
                Err(ObjectiveError::Variant {
                    key: self.key.clone(),
                    transport: transport.clone(),
                    variant: variant.clone(),
                    runs: of_it().map(|(_, run)| *run).collect::<Vec<_>>().join(", "),
                })
            }
            _ => Ok(()),
        }
    }
}

/// Returns whether a wish names a variant: `25s` and `hold_25s` both name the variant `hold 25s`.
fn fits(wish: &str, variant: &str) -> bool {
    let spoken = wish.replace('_', " ");
    variant == spoken || last_words(variant) == spoken
}

/// Returns the last word of a variant, or the whole duration that it ends with: that of
/// `hold 1m 30s` is `1m 30s`.
fn last_words(variant: &str) -> String {
    let words: Vec<&str> = variant.split_whitespace().collect();
    let backwards = words.iter().rev();
    let durations = backwards.take_while(|word| humantime::parse_duration(word).is_ok());
    let first = words.len().saturating_sub(durations.count().max(1));
    words[first..].join(" ")
}

fn known_transport(name: &str, key: &str) -> Result<(), ObjectiveError> {
    if name.parse::<Transport>().is_ok() {
        return Ok(());
    }
    Err(ObjectiveError::Transport {
        key: key.to_owned(),
        name: name.to_owned(),
        nearest: alike(name, Transport::ALL.map(Transport::name)).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests;
