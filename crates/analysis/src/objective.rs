//! What the figures must come to: `websocket.p99 = "< 50ms"`, `lost = 0`.
//!
//! A key is `[transport.][variant.]column`, a value an operator and a bound. Each
//! objective is held against every run that it names: one run that misses it is a
//! miss. A run that is not valid, and a figure that the run cannot carry, meet
//! nothing: a check that passes for want of evidence is worse than none.
//!
//! The expectations of a scenario are written and held in the same way; nothing depends
//! on whether they are met.

mod bound;
mod check;
mod column;
mod error;
mod show;

use serde_json::Value;
use wire::{Framing, Transport};

pub(crate) use self::column::Kind;
pub use self::{
    bound::{Bound, Operator},
    check::{Check, Checks, Fared, all_met, evaluate},
    column::Column,
    error::ObjectiveError,
    show::{markdown, terminal},
};
use results::RunRow;

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

/// What is asked of a scenario's figures, and what is wrong with how it is written.
#[derive(Debug, Default)]
pub struct Read {
    /// What can be read.
    pub objectives: Vec<Objective>,
    /// What cannot, each with the nearest right spelling.
    pub errors: Vec<ObjectiveError>,
}

/// Reads the `[objective]` or `[expectation]` table of a scenario, as the manifest has it.
/// One that cannot be read is no reason to leave out the others.
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
    /// A key or a value that does not say what it should; the text names the nearest
    /// right spelling.
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
            // The framings of a stream are ways of their own to whoever reads a table.
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

    /// Looks whether any of the runs that a scenario makes is one that the key names; `runs`
    /// are transports with their variants.
    ///
    /// # Errors
    /// None is; the text says which there are.
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
                    nearest: error::nearest(variant, of_it().map(|(_, run)| *run)),
                })
            }
            _ => Ok(()),
        }
    }
}

/// `25s` and `hold_25s` both name the variant `hold 25s`.
fn fits(wish: &str, variant: &str) -> bool {
    let spoken = wish.replace('_', " ");
    let mut words = variant.split_whitespace();
    variant == spoken || words.next_back() == Some(spoken.as_str())
}

fn known_transport(name: &str, key: &str) -> Result<(), ObjectiveError> {
    if name.parse::<Transport>().is_ok() {
        return Ok(());
    }
    Err(ObjectiveError::Transport {
        key: key.to_owned(),
        name: name.to_owned(),
        nearest: error::nearest(name, Transport::ALL.map(Transport::name)),
    })
}

#[cfg(test)]
mod tests;
