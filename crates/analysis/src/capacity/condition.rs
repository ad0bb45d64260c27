//! The conditions under which a load is too much: `p95 > 500ms`, `lost > 0`,
//! `bytes_per_delivery > 2kB`.
//!
//! The syntax is that of `[objective]`, and the same code reads it. Besides the columns of
//! `runs.csv`, every percentile of the ladder has a name here: `p95`.

use std::collections::HashMap;

use crate::{
    metric::Better,
    objective::{Bound, Column, Objective, ObjectiveError, Operator, meant},
    unit::Unit,
};
use results::{LadderRow, Record, RunKey, RunRow};

/// The number of deliveries that must lie beyond a percentile for it to be reported: as for p99
/// (1,000 deliveries) and p99.9 (10,000).
const BEYOND: f64 = 10.0;

/// A condition that ends a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The condition as written: `p95 > 500ms`.
    pub text: String,
    /// The name of the figure: `p95`.
    pub figure: String,
    /// The bound that the figure must meet for the condition to hold.
    pub bound: Bound,
    column: Column,
    /// The quantile on the ladder, if the figure is not a column.
    quantile: Option<f64>,
}

/// A condition that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// The condition contains no `<` or `>`.
    #[error("\"{0}\" compares nothing; write it as in \"p95 > 500ms\"")]
    NoOperator(String),
    /// The condition names a transport.
    #[error(
        "\"{0}\" names a transport, and each is searched by itself; \
         write \"{1}\", and --only for fewer transports"
    )]
    Transport(String, String),
    /// The percentile is not on the ladder.
    #[error(
        "ladder.csv has no {0}; its rungs are p10, p20 to p90, p91 to p99, p99.1 to p99.9 and so on"
    )]
    Rung(String),
    /// The figure is not a column.
    #[error(
        "no figure and no column of runs.csv is called \"{name}\"{}",
        meant(.nearest.as_deref())
    )]
    Column {
        /// The unknown name.
        name: String,
        /// The nearest correct name; `None` if none is similar.
        nearest: Option<String>,
    },
    /// The condition is true of a good result, or of every result.
    #[error("\"{text}\" says when a load is fine; say when it is too much, such as \"{right}\"")]
    Upside {
        /// The whole condition.
        text: String,
        /// A condition on the same figure that is true of a bad result.
        right: String,
    },
    /// The bound cannot be read.
    #[error("\"{text}\": {problem}")]
    Bound {
        /// The whole condition.
        text: String,
        /// The error in it, and a correct form.
        problem: String,
    },
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// Fails if the condition compares nothing, or if its figure or bound cannot be read.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        let text = text.trim();
        let at = text
            .find(['<', '>', '='])
            .ok_or_else(|| ConditionError::NoOperator(text.to_owned()))?;
        let (figure, bound) = (text[..at].trim(), &text[at..]);
        let quantile = quantile(figure)?;
        if let (None, Some((_, last))) = (quantile, figure.rsplit_once('.')) {
            let without = format!("{last} {bound}");
            return Err(ConditionError::Transport(text.to_owned(), without));
        }
        // A percentile of the ladder is a time like p99.
        let column = quantile.map_or(figure, |_| "p99");
        let objective =
            Objective::parse(column, bound).map_err(|error| of_condition(text, error))?;
        if is_of_a_good_result(&objective) {
            return Err(ConditionError::Upside {
                text: text.to_owned(),
                right: format!("{figure} {}", too_much(&objective, bound)),
            });
        }
        Ok(Self {
            text: text.to_owned(),
            figure: figure.to_owned(),
            bound: objective.bound,
            column: objective.column,
            quantile,
        })
    }

    /// Returns the figure of each run, or `None` for a run that does not report it.
    #[must_use]
    pub fn figures<'a>(
        &self,
        runs: &'a [RunRow],
        ladder: &'a [LadderRow],
    ) -> Vec<(&'a RunRow, Option<f64>)> {
        let Some(quantile) = self.quantile else {
            return runs
                .iter()
                .map(|run| (run, self.column.value(run)))
                .collect();
        };
        let at_quantile: HashMap<RunKey<'_>, f64> = ladder
            .iter()
            .filter(|rung| rung.clock == "due" && (rung.quantile - quantile).abs() < 1e-6)
            .map(|rung| (rung.run(), rung.latency_us as f64))
            .collect();
        let figure = |run: &RunRow| {
            let carried = run.delivered as f64 * (1.0 - quantile) >= BEYOND - 1e-6;
            at_quantile.get(&run.run()).copied().filter(|_| carried)
        };
        runs.iter().map(|run| (run, figure(run))).collect()
    }

    /// Returns a value of the figure in words: `512 ms`.
    #[must_use]
    pub fn show(&self, value: f64) -> String {
        self.column.show(value)
    }

    /// Returns the condition in words, such as `p95 > 500 ms`.
    #[must_use]
    pub fn words(&self) -> String {
        let sign = self.bound.operator.sign();
        format!("{} {sign} {}", self.figure, self.show(self.bound.value))
    }
}

/// Returns whether a bound is met by good results, as the direction of its figure says.
fn is_of_a_good_result(objective: &Objective) -> bool {
    let Bound { operator, value } = objective.bound;
    match objective.column.better {
        Better::Less => !matches!(operator, Operator::More | Operator::AtLeast),
        Better::More => {
            let is_true = operator == Operator::Equal && value >= 1.0;
            is_true || matches!(operator, Operator::More | Operator::AtLeast)
        }
        Better::Neither => false,
    }
}

/// Returns the bound that is met by bad results, for a figure with a direction.
fn too_much(objective: &Objective, bound: &str) -> String {
    match objective.column.unit {
        Unit::Microseconds | Unit::Milliseconds => return "> 500ms".to_owned(),
        Unit::Truth => return "= false".to_owned(),
        _ => {}
    }
    let sign = match objective.column.better {
        Better::More => '<',
        Better::Less | Better::Neither => '>',
    };
    let value = bound.trim_start_matches(['<', '>', '=']).trim();
    format!("{sign} {}", value.trim_start_matches('-'))
}

/// Returns the quantile of a percentile on the ladder: `p95` is 0.95, `p99.5` is 0.995. Returns
/// `None` if the figure is not a percentile, or is one with a column of its own.
fn quantile(figure: &str) -> Result<Option<f64>, ConditionError> {
    const COLUMNS: [&str; 4] = ["p50", "p90", "p99", "p999"];
    let percent = figure
        .strip_prefix('p')
        .filter(|_| !COLUMNS.contains(&figure))
        .and_then(|digits| digits.parse::<f64>().ok());
    let Some(percent) = percent else {
        return Ok(None);
    };
    let quantile = percent / 100.0;
    if is_rung(quantile) {
        Ok(Some(quantile))
    } else {
        Err(ConditionError::Rung(figure.to_owned()))
    }
}

/// Returns whether `ladder.csv` has the quantile: it has nine rungs for each further nine.
fn is_rung(quantile: f64) -> bool {
    (0..6).any(|decade| {
        let step = 10_f64.powi(decade + 1);
        (1..=9).any(|rung| (1.0 - (10.0 - f64::from(rung)) / step - quantile).abs() < 1e-9)
    })
}

fn of_condition(text: &str, error: ObjectiveError) -> ConditionError {
    match error {
        ObjectiveError::Column { name, nearest, .. } => ConditionError::Column { name, nearest },
        ObjectiveError::Bound { problem, .. } => ConditionError::Bound {
            text: text.to_owned(),
            problem,
        },
        ObjectiveError::Text { name, .. } => ConditionError::Bound {
            text: text.to_owned(),
            problem: format!("{name} is a text; a condition bounds a figure, such as p99"),
        },
        // A key without a dot names no transport, and one key is not a table.
        other => ConditionError::Bound {
            text: text.to_owned(),
            problem: other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        Condition::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_percentile_of_the_ladder_and_a_column_are_figures() {
        let p95 = Condition::parse("p95 > 500ms").unwrap();
        assert_eq!((p95.figure.as_str(), p95.quantile), ("p95", Some(0.95)));
        assert!(p95.bound.is_met(500_001.0) && !p95.bound.is_met(500_000.0));
        assert_eq!(p95.words(), "p95 > 500 ms");
        let rarer = Condition::parse("p99.5>=2s").unwrap();
        assert_eq!((rarer.quantile, rarer.bound.value), (Some(0.995), 2e6));
        let column = Condition::parse("bytes_per_delivery > 2kB").unwrap();
        assert_eq!((column.quantile, column.bound.value), (None, 2_000.0));
        assert_eq!(Condition::parse("p99 > 1s").unwrap().quantile, None);
    }

    #[test]
    fn what_cannot_be_read_says_what_would_be_right() {
        assert!(said("p95").contains("\"p95 > 500ms\""));
        assert!(said("p95 > 500").contains("a time needs its unit"));
        assert!(said("p75 > 1s").contains("p10, p20"));
        assert!(said("p98x > 1s").contains("did you mean"));
        for upside in ["p99 < 5ms", "p95 = 5ms"] {
            assert!(said(upside).contains("> 500ms\""), "{upside}");
        }
        assert!(said("p95 > -5ms").contains("no figure is below 0"));
        // The registry says which way a figure is better.
        for (upside, right) in [
            ("bytes_per_delivery < 2kB", "\"bytes_per_delivery > 2kB\""),
            ("coherence >= 90 %", "\"coherence < 90 %\""),
            ("lost = 0", "\"lost > 0\""),
            ("valid = true", "\"valid = false\""),
        ] {
            assert!(said(upside).contains(right), "{}", said(upside));
        }
        assert!(Condition::parse("coherence < 90 %").is_ok());
        assert!(Condition::parse("events_per_exchange < 2").is_ok());
        assert!(said("websocket.p99 > 1s").contains("write \"p99 > 1s\""));
    }
}
