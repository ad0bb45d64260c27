//! The meaning of names and functions in an expression about a run.

use super::{
    super::evidence::Run,
    expression::{Argument, ExpressionError, Scope},
    formula::formula,
    named::{self, Named},
};
use analysis::model::{Situation, framing};

/// The bytes of `data: ` and the blank line of SSE.
const SSE_FIELDS: f64 = 8.0;

/// A function that computes a figure from a run and all rows of its part.
type OfPart = fn(&Run<'_>) -> Option<f64>;

/// The figures that need more than the run's row.
const OF_PART: [(&str, OfPart); 7] = [
    ("events", |run| Some(run.events())),
    ("window_s", |run| run.window_s()),
    ("interval_s", |run| Some(run.interval_s())),
    ("period_s", |run| Some(run.period_s())),
    ("read_delay_s", |run| Some(run.read_delay_s())),
    ("delay_s", |run| {
        Some(run.read_delay_s().max(run.say_delay_s()))
    }),
    ("sse_id_line", |run| {
        let situation = Situation::of(run.run)?;
        Some(situation.mean_over_seqs(framing::sse) - SSE_FIELDS)
    }),
];

/// Returns the question whether a similar name was meant; empty if none is similar.
pub(super) fn advice(name: &str) -> String {
    let of_part = OF_PART.into_iter().map(|(name, _)| name.to_owned());
    named::advice(name, of_part.chain(named::names()))
}

/// The meaning of names and functions for one run; without a run nothing is known.
pub(super) struct OfRun<'a> {
    pub(super) run: Option<Run<'a>>,
    /// The scope of the names that are no figures of a run.
    pub(super) beside: &'a dyn Scope,
}

impl Scope for OfRun<'_> {
    fn name(&self, name: &str) -> Result<Option<f64>, ExpressionError> {
        let run = self.run.as_ref();
        if let Some((_, of)) = OF_PART.into_iter().find(|(known, _)| *known == name) {
            return Ok(run.and_then(of));
        }
        // The set of names does not depend on the run.
        match Named::find(name) {
            Some(named) => Ok(run.and_then(|run| named.value(run.run))),
            None => self.beside.name(name),
        }
    }

    fn call(&self, name: &str, arguments: &[Argument]) -> Result<Option<f64>, ExpressionError> {
        let run = self.run.as_ref();
        match (name, arguments) {
            ("quantile_ms", [Argument::Of(share)]) => {
                let share = share.value(self)?;
                Ok(run
                    .zip(share)
                    .and_then(|(run, share)| run.quantile_ms(share)))
            }
            ("percent_later_than", [Argument::Of(ms)]) => {
                let ms = ms.value(self)?;
                let share = run.zip(ms).and_then(|(run, ms)| run.share_later_than(ms));
                Ok(share.map(|share| share * 1e2))
            }
            (
                "bytes" | "whole_bytes" | "count",
                [
                    Argument::Text(way),
                    Argument::Text(purpose),
                    Argument::Text(layer),
                ],
            ) => Ok(run.map(|run| match name {
                "bytes" => run.account(way, purpose, layer).0 as f64,
                "count" => run.account(way, purpose, layer).1 as f64,
                _ => run.whole_account(way, purpose, layer).0 as f64,
            })),
            _ if is_formula(name, arguments) => numbers(name, arguments, self),
            _ => self.beside.call(name, arguments),
        }
    }
}

/// Returns whether there is a formula of this name, which does not depend on what was measured.
pub(super) fn is_formula(name: &str, arguments: &[Argument]) -> bool {
    formula(name, &vec![1.0; arguments.len()]).is_some()
}

/// Calls a formula with numbers of a scope.
pub(super) fn numbers(
    name: &str,
    arguments: &[Argument],
    scope: &dyn Scope,
) -> Result<Option<f64>, ExpressionError> {
    let mut values = Vec::new();
    for argument in arguments {
        let Argument::Of(argument) = argument else {
            return Err(ExpressionError::Function(name.to_owned()));
        };
        values.push(argument.value(scope)?);
    }
    let values: Option<Vec<f64>> = values.into_iter().collect();
    Ok(values.and_then(|values| formula(name, &values)))
}
