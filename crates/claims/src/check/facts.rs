//! The meaning of names and functions beside those of one run: facts, published figures, values of
//! the claim, and medians over runs.

use std::collections::BTreeMap;

use super::{
    CheckError, Where,
    expression::{Argument, Expression, ExpressionError, Scope},
    figure::{OfRun, is_formula, numbers},
};
use crate::{
    Claim, Evidence,
    evidence::{At, Run, Runs},
};
use analysis::Spread;

/// The meaning of names and functions without a run: facts, published figures, other runs.
pub(super) struct Facts<'a> {
    pub(super) claim: &'a Claim,
    evidence: &'a Evidence,
    /// The claim's own values.
    values: BTreeMap<&'a str, Option<f64>>,
    /// The repeat whose facts count; their medians count if there is none.
    repeat: Option<usize>,
    /// An expression and its value in the runs that count.
    pub(super) group: Option<(Expression, f64)>,
}

impl<'a> Facts<'a> {
    /// Evaluates the claim's own values.
    pub(super) fn new(claim: &'a Claim, evidence: &'a Evidence) -> Result<Self, CheckError> {
        let mut facts = Self {
            claim,
            evidence,
            values: BTreeMap::new(),
            repeat: None,
            group: None,
        };
        for (name, text) in &claim.values {
            let value = evaluated(name, text, &facts)?;
            facts.values.insert(name, value);
        }
        Ok(facts)
    }
}

impl Facts<'_> {
    pub(super) fn runs(&self, of: &Where) -> Runs<'_> {
        let mut runs = self.evidence.runs(&At {
            part: &of.part,
            transport: &of.transport,
            variant: &of.variant,
            cell: &of.cell,
        });
        if let Some((expression, group)) = &self.group {
            runs.runs.retain(|run| {
                let scope = OfRun {
                    run: Some(*run),
                    beside: self,
                };
                let value = expression.value(&scope).ok().flatten();
                value.is_some_and(|value| value.total_cmp(group).is_eq())
            });
        }
        runs
    }

    fn of_repeat(&self, repeat: Option<usize>) -> Self {
        Self {
            claim: self.claim,
            evidence: self.evidence,
            values: self.values.clone(),
            repeat,
            group: self.group.clone(),
        }
    }

    /// Evaluates an expression for each repeat of the facts in it.
    pub(super) fn each(&self, expression: &Expression) -> Result<Vec<f64>, ExpressionError> {
        let mut values = Vec::new();
        // There are no more repeats than facts.
        for repeat in 0..=self.evidence.facts.len() {
            let one = self.of_repeat(Some(repeat));
            match expression.value(&one)? {
                Some(value) => values.push(value),
                None => break,
            }
        }
        Ok(values)
    }

    fn fact(&self, subject: &str, quantity: &str) -> Option<f64> {
        match self.repeat {
            None => self.evidence.fact(subject, quantity),
            Some(repeat) => {
                let each = self.evidence.each_fact(subject, quantity);
                each.get(repeat).copied()
            }
        }
    }
}

impl Scope for Facts<'_> {
    fn name(&self, name: &str) -> Result<Option<f64>, ExpressionError> {
        let value = self.values.get(name).copied();
        value.ok_or_else(|| ExpressionError::Name(name.to_owned()))
    }

    fn call(&self, name: &str, arguments: &[Argument]) -> Result<Option<f64>, ExpressionError> {
        let unknown = || ExpressionError::Function(name.to_owned());
        match (name, arguments) {
            ("fact", [Argument::Text(subject), Argument::Text(quantity)]) => {
                Ok(self.fact(subject, quantity))
            }
            ("published", [Argument::Text(name)]) => {
                Ok(self.claim.published.get(name).map(|one| one.value))
            }
            ("median", [Argument::Text(runs), Argument::Of(expression)]) => {
                let of = self.claim.runs.get(runs).ok_or_else(unknown)?;
                median(expression, &self.runs(of), &self.of_repeat(None))
            }
            _ if is_formula(name, arguments) => numbers(name, arguments, self),
            _ => Err(unknown()),
        }
    }
}

/// Formats a number for a text, without the digits of binary rounding.
pub(super) fn plain(value: f64) -> String {
    ((value * 1e6).round() / 1e6).to_string()
}

pub(super) fn told<'a>(
    quantity: &'a str,
    text: &'a str,
) -> impl FnOnce(ExpressionError) -> CheckError + 'a {
    move |problem| CheckError::Expression {
        quantity: quantity.to_owned(),
        text: text.to_owned(),
        problem,
    }
}

pub(super) fn parsed(quantity: &str, text: &str) -> Result<Expression, CheckError> {
    Expression::parse(text).map_err(told(quantity, text))
}

pub(super) fn evaluated(
    quantity: &str,
    text: &str,
    scope: &dyn Scope,
) -> Result<Option<f64>, CheckError> {
    parsed(quantity, text)?
        .value(scope)
        .map_err(told(quantity, text))
}

/// Evaluates an expression for each of these runs.
pub(super) fn each<'a>(
    expression: &Expression,
    runs: impl Iterator<Item = &'a Run<'a>>,
    facts: &Facts<'_>,
) -> Result<Vec<f64>, ExpressionError> {
    // Also where there is no run, so that mistakes are found before anything is measured.
    let scope = |run| OfRun { run, beside: facts };
    expression.value(&scope(None))?;
    let mut values = Vec::new();
    for run in runs {
        values.extend(expression.value(&scope(Some(*run)))?);
    }
    Ok(values)
}

/// Returns the median over the runs that count; without runs, the value that needs none.
pub(super) fn median(
    expression: &Expression,
    runs: &Runs<'_>,
    facts: &Facts<'_>,
) -> Result<Option<f64>, ExpressionError> {
    let values = each(expression, runs.counting(), facts)?;
    if runs.runs.is_empty() {
        let scope = OfRun {
            run: None,
            beside: facts,
        };
        return expression.value(&scope);
    }
    Ok(Spread::of(values).map(|spread| spread.median))
}
