//! Checks: the figures of a claim as its file declares them (`[[claim.check]]`), each with its
//! runs, expression, formula, tolerance and rule. A claim with checks needs no code.

mod evaluate;
mod expression;
mod facts;
mod figure;
mod fill;
mod formula;
mod named;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) use evaluate::findings;
pub use expression::ExpressionError;
pub use formula::formula;
pub use named::figure;

/// A figure of a claim: the published value, the prediction of a formula, and the measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The quantity, with its conditions.
    pub quantity: String,
    /// The unit of the quantity.
    #[serde(default)]
    pub unit: String,
    /// Rows for each of which the check is made once: `{size}` in a text is the row's `size`. Other
    /// words in such brackets are expressions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub each: Vec<BTreeMap<String, Word>>,
    /// An expression for each value of which among the runs the check is made once, in rising
    /// order; the runs of the check are then those with that value. Consecutive checks with the
    /// same `each` and `by` take turns.
    #[serde(default)]
    pub by: Option<String>,
    /// The runs over which figures are medians. Without it there are no runs, but facts.
    #[serde(default)]
    pub of: Option<Where>,
    /// The measured figure, as an expression.
    #[serde(default)]
    pub figure: Option<String>,
    /// The divisor of the figure; the two are compared run by run if `judge` asks for it.
    #[serde(default)]
    pub over: Option<Over>,
    /// The predicted value, as an expression.
    #[serde(default)]
    pub formula: Option<String>,
    /// The published figure, by its name in `[claim.published]`.
    #[serde(default)]
    pub published: Option<String>,
    /// An expression that multiplies the published figure, to carry it over to other conditions.
    #[serde(default)]
    pub published_times: Option<String>,
    /// A figure that follows from published ones, as an expression.
    #[serde(default)]
    pub published_as: Option<String>,
    /// The share by which the measurement may differ from the formula. The default is 0.
    #[serde(default)]
    pub within: Option<f64>,
    /// The kind of bound that the formula is, if it is one.
    #[serde(default)]
    pub bound: Option<Bound>,
    /// The rule that judges the published figure; it is not judged if left out.
    #[serde(default)]
    pub judge: Option<Judge>,
    /// A note that is shown with the figure.
    #[serde(default)]
    pub note: String,
}

/// A number or a text of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Word {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// A selection of runs: an empty field fits all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Where {
    /// The claim's part; the only one of a claim without any is `""`.
    pub part: String,
    /// The transport.
    pub transport: String,
    /// The `variant` column.
    pub variant: String,
    /// The words of the cell, such as `delay=50ms`, all of which must be present.
    pub cell: String,
}

/// The divisor of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Over {
    /// The runs of the divisor; those of the check if left out.
    #[serde(default)]
    pub of: Option<Where>,
    /// The expression.
    pub figure: String,
}

/// A formula that is a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The measurement may be no more than the formula's value.
    AtMost,
    /// The measurement may be no less than the formula's value.
    AtLeast,
}

/// A rule that judges a published figure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judge {
    /// The measurement agrees with the formula, because the publication states the formula or
    /// bound.
    AsPredicted,
    /// The measurement is no less than the published figure.
    AtLeastPublished,
    /// The measurement lies within this share of the published figure or range.
    NearPublished(f64),
    /// The runs of `figure` exceed this multiple of those of `over`, by an exact permutation test.
    MoreThan(f64),
}

/// A check that cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// An expression is malformed or cannot be evaluated.
    #[error("the check of {quantity:?}: {text:?}: {problem}")]
    Expression {
        /// The check's quantity.
        quantity: String,
        /// The expression.
        text: String,
        /// The error in the expression.
        problem: ExpressionError,
    },
    /// The check uses a name that `[claim.published]` does not have.
    #[error("the check of {quantity:?}: nothing is published under {name:?}")]
    Published {
        /// The check's quantity.
        quantity: String,
        /// The name.
        name: String,
    },
    /// A comparison lacks one of its two sides.
    #[error("the check of {quantity:?}: more_than needs figure and over")]
    Comparison {
        /// The check's quantity.
        quantity: String,
    },
}
