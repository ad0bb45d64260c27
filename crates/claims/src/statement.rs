//! What a publication says, as the `[claim]` table of a scenario file tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::{Check, Where};

/// The `[claim]` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// What is claimed, in one sentence.
    pub statement: String,
    /// Who published it, where and when.
    pub source: String,
    /// What is wrong with it as published; empty if nothing is.
    #[serde(default)]
    pub wrong: String,
    /// What may be asserted of it.
    pub kind: Kind,
    /// When it passes, in words.
    pub pass: String,
    /// The published figures, by a name that the claim's own judge knows.
    #[serde(default)]
    pub published: BTreeMap<String, Published>,
    /// Which experiment beside, or instead of, a chat; none by default.
    #[serde(default)]
    pub experiment: Option<String>,
    /// The scenario run with other values, each part for itself. None: once, as it is.
    #[serde(default)]
    pub part: Vec<Part>,
    /// Runs by a name, for `median("NAME", figure)` in an expression.
    #[serde(default)]
    pub runs: BTreeMap<String, Where>,
    /// Expressions whose values stand for `{name}` in the texts of checks.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Its figures. None: it is judged by code.
    #[serde(default)]
    pub check: Vec<Check>,
    /// What explains the figures where they were measured as predicted.
    #[serde(default)]
    pub comment: String,
}

/// What may be asserted of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Byte arithmetic: the same to the byte on any machine.
    Exact,
    /// Follows from a formula, within a tolerance.
    Model,
    /// Only the ranking or a rough ratio can be carried over.
    Order,
    /// Bound to its machine and its time: shown, never asserted.
    Context,
}

impl Kind {
    /// The word for it.
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
    /// Its unit, as published.
    pub unit: String,
    /// Which bytes were counted, where it is about bytes.
    #[serde(default)]
    pub layer: String,
}

/// One part of a claim: its scenario with other values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Name, also of the folder beneath the claim's.
    pub name: String,
    /// Values laid over the scenario, as `--set` does.
    #[serde(default)]
    pub set: Vec<String>,
    /// Only these transports.
    #[serde(default)]
    pub only: Vec<String>,
    /// Whether a run may lose messages because that is the very point.
    #[serde(default)]
    pub may_fail: bool,
}

#[cfg(test)]
impl Claim {
    /// A claim of this kind with nothing published.
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
