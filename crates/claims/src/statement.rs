//! The statement of a publication, as the `[claim]` table of a scenario file declares it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::{Check, Where};

/// The `[claim]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The claim, in one sentence.
    pub statement: String,
    /// The source of the claim: who published it, where and when.
    pub source: String,
    /// The fault of the claim as published; empty if there is none.
    #[serde(default)]
    pub wrong: String,
    /// The kind of the claim, which limits what may be asserted of it.
    pub kind: Kind,
    /// The condition under which the claim passes, in words.
    pub pass: String,
    /// The published figures, by a name that the claim's own judge knows.
    #[serde(default)]
    pub published: BTreeMap<String, Published>,
    /// The experiment beside, or instead of, a chat; none by default.
    #[serde(default)]
    pub experiment: Option<String>,
    /// The parts: the scenario run with other values. Without any, it runs once, as it is.
    #[serde(default)]
    pub part: Vec<Part>,
    /// Selections of runs by name, for `median("NAME", figure)` in an expression.
    #[serde(default)]
    pub runs: BTreeMap<String, Where>,
    /// Expressions whose values stand for `{name}` in the texts of checks.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// The checks of its figures. Without any, code judges the claim.
    #[serde(default)]
    pub check: Vec<Check>,
    /// An explanation of the figures, shown if they were measured as predicted.
    #[serde(default)]
    pub comment: String,
}

/// The kind of a claim, which limits what may be asserted of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Byte arithmetic: the same to the byte on any machine.
    Exact,
    /// The claim follows from a formula, within a tolerance.
    Model,
    /// Only the ranking or a rough ratio can be carried over.
    Order,
    /// The claim is bound to its machine and its time: it is shown, never asserted.
    Context,
}

impl Kind {
    /// Returns the word for the kind.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Model => "model",
            Self::Order => "order",
            Self::Context => "context",
        }
    }
}

/// A published figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The figure, or the lower end of a range.
    pub value: f64,
    /// The upper end of a range.
    #[serde(default)]
    pub to: Option<f64>,
    /// The unit, as published.
    pub unit: String,
    /// The bytes that were counted, if the figure is about bytes.
    #[serde(default)]
    pub layer: String,
}

/// A part of a claim: its scenario with other values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The name of the part, and of its folder beneath the claim's.
    pub name: String,
    /// Values that replace those of the scenario, as `--set` does.
    #[serde(default)]
    pub set: Vec<String>,
    /// The only transports of the part, if any are named.
    #[serde(default)]
    pub only: Vec<String>,
    /// True if a run may lose messages because that is the very point.
    #[serde(default)]
    pub may_fail: bool,
}

#[cfg(test)]
impl Claim {
    /// Returns a claim of this kind with nothing published.
    pub(super) fn for_test(kind: Kind) -> Self {
        Self {
            statement: String::new(),
            source: String::new(),
            wrong: String::new(),
            kind,
            pass: String::new(),
            published: BTreeMap::new(),
            experiment: None,
            part: Vec::new(),
            runs: BTreeMap::new(),
            values: BTreeMap::new(),
            check: Vec::new(),
            comment: String::new(),
        }
    }
}
