//! Checks: the figures of a claim as its file declares them (`[[claim.check]]`), each with its
//! runs, expression, formula, tolerance and rule. A claim with checks needs no code.

mod expression;
mod figure;
mod formula;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::{
    expression::{Argument, Expression, Scope},
    figure::{OfRun, is_formula, numbers},
};
use super::{
    Claim, Evidence, Finding,
    evidence::{At, Run, Runs},
    rule::{Comparison, Rule},
    words,
};
use analysis::Spread;

pub use expression::ExpressionError;
pub use figure::figure;
pub use formula::formula;

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

/// Evaluates all checks of a claim.
///
/// # Errors
/// Fails if one of them cannot be evaluated whatever was measured.
pub(super) fn findings(claim: &Claim, evidence: &Evidence) -> Result<Vec<Finding>, CheckError> {
    let mut facts = Facts {
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
    let mut findings = Vec::new();
    let together = |one: &Check, other: &Check| {
        let alone = one.each.is_empty() && one.by.is_none();
        !alone && one.each == other.each && one.by == other.by
    };
    for turns in claim.check.chunk_by(together) {
        let once = [BTreeMap::new()];
        let rows = match turns {
            [first, ..] if !first.each.is_empty() => &first.each[..],
            _ => &once[..],
        };
        for row in rows {
            let checks: Vec<Check> = turns.iter().map(|check| check.filled(row)).collect();
            findings.extend(of_groups(&checks, &mut facts)?);
        }
    }
    Ok(findings)
}

/// Evaluates checks that take turns, for each group of runs that they distinguish.
fn of_groups(checks: &[Check], facts: &mut Facts<'_>) -> Result<Vec<Finding>, CheckError> {
    let all = |facts: &Facts<'_>| -> Result<Vec<Finding>, CheckError> {
        checks.iter().map(|check| check.finding(facts)).collect()
    };
    let Some((quantity, by)) = checks
        .iter()
        .find_map(|check| Some((&check.quantity, check.by.as_ref()?)))
    else {
        return all(facts);
    };
    let expression = parsed(quantity, by)?;
    let mut groups = Vec::new();
    for of in checks.iter().filter_map(|check| check.of.as_ref()) {
        let runs = facts.runs(of);
        groups.extend(each(&expression, runs.runs.iter(), facts).map_err(told(quantity, by))?);
    }
    groups.sort_unstable_by(f64::total_cmp);
    groups.dedup_by(|one, other| one.total_cmp(other).is_eq());
    if groups.is_empty() {
        // There are no groups to distinguish, but mistakes are found nevertheless.
        all(facts)?;
    }
    let mut findings = Vec::new();
    for group in groups {
        facts.group = Some((expression.clone(), group));
        findings.extend(all(facts)?);
    }
    facts.group = None;
    Ok(findings)
}

impl Check {
    /// Returns the check with the values of a row filled in its texts.
    fn filled(&self, row: &BTreeMap<String, Word>) -> Self {
        self.with(&|text| {
            let mut text = text.to_owned();
            for (name, word) in row {
                let word = match word {
                    Word::Number(number) => number.to_string(),
                    Word::Text(word) => word.clone(),
                };
                text = text.replace(&format!("{{{name}}}"), &word);
            }
            Ok(text)
        })
        .unwrap_or_else(|_: std::convert::Infallible| self.clone())
    }

    /// Returns the check with the values of the expressions in brackets filled in its texts.
    fn told(&self, facts: &Facts<'_>) -> Result<Self, CheckError> {
        self.with(&|text| {
            let mut told = String::new();
            let mut rest = text;
            while let Some((before, (inner, after))) = rest
                .split_once('{')
                .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
            {
                let value = self.median(inner, self.of.as_ref(), facts)?;
                told += before;
                told += &value.map_or_else(|| words::NOTHING.to_owned(), plain);
                rest = after;
            }
            Ok(told + rest)
        })
    }

    /// Returns the check with each of its texts changed.
    fn with<E>(&self, change: &dyn Fn(&str) -> Result<String, E>) -> Result<Self, E> {
        let some = |text: &Option<String>| text.as_deref().map(change).transpose();
        let place = |of: &Where| {
            Ok(Where {
                part: change(&of.part)?,
                transport: change(&of.transport)?,
                variant: change(&of.variant)?,
                cell: change(&of.cell)?,
            })
        };
        let over = |over: &Over| {
            Ok(Over {
                of: over.of.as_ref().map(place).transpose()?,
                figure: change(&over.figure)?,
            })
        };
        Ok(Self {
            quantity: change(&self.quantity)?,
            unit: self.unit.clone(),
            each: Vec::new(),
            by: self.by.clone(),
            of: self.of.as_ref().map(place).transpose()?,
            figure: some(&self.figure)?,
            over: self.over.as_ref().map(over).transpose()?,
            formula: some(&self.formula)?,
            published: some(&self.published)?,
            published_times: some(&self.published_times)?,
            published_as: some(&self.published_as)?,
            note: change(&self.note)?,
            ..*self
        })
    }

    fn finding(&self, facts: &Facts<'_>) -> Result<Finding, CheckError> {
        let check = self.told(facts)?;
        check.as_told(facts)
    }

    /// Evaluates a check whose texts are complete.
    fn as_told(&self, facts: &Facts<'_>) -> Result<Finding, CheckError> {
        let mut finding = Finding::new(&self.quantity, &self.unit).note(&self.note);
        finding = self.published(finding, facts)?;
        if let Some(text) = &self.formula {
            let value = self.median(text, self.of.as_ref(), facts)?;
            finding = finding.predicted(value.unwrap_or(f64::NAN));
        }
        finding = match self.bound {
            Some(Bound::AtMost) => finding.at_most(),
            Some(Bound::AtLeast) => finding.at_least(),
            None => finding.within(self.within.unwrap_or(0.0)),
        };
        if let Some(Judge::MoreThan(times)) = self.judge {
            return self.compared(finding, times, facts);
        }
        if let Some(text) = &self.figure {
            let mut measured = self.median(text, self.of.as_ref(), facts)?;
            if let Some(over) = &self.over {
                let of = over.of.as_ref().or(self.of.as_ref());
                let under = self.median(&over.figure, of, facts)?;
                let under = under.filter(|under| *under > 0.0);
                measured = measured.zip(under).map(|(above, under)| above / under);
            }
            finding = finding.measured(measured);
        }
        Ok(match self.judge {
            Some(Judge::AsPredicted) => finding.judged_by_prediction(),
            Some(Judge::AtLeastPublished) => finding.judged(Rule::AtLeastPublished),
            Some(Judge::NearPublished(share)) => finding.judged_within(share),
            Some(Judge::MoreThan(_)) | None => finding,
        })
    }

    fn published(&self, finding: Finding, facts: &Facts<'_>) -> Result<Finding, CheckError> {
        if let Some(text) = &self.published_as {
            let value = self.median(text, self.of.as_ref(), facts)?;
            return Ok(finding.published_as(value.unwrap_or(f64::NAN)));
        }
        let Some(name) = &self.published else {
            return Ok(finding);
        };
        let Some(published) = facts.claim.published.get(name) else {
            if self.by.is_some() {
                // The name follows from the values that were run.
                return Ok(finding);
            }
            return Err(CheckError::Published {
                quantity: self.quantity.clone(),
                name: name.clone(),
            });
        };
        let finding = finding.published(facts.claim, name);
        let times = match &self.published_times {
            Some(text) => self.median(text, self.of.as_ref(), facts)?,
            None => None,
        };
        Ok(match times {
            // A factor that differs from 1 only by binary rounding carries nothing over.
            Some(times) if (times - 1.0).abs() > 1e-9 => {
                finding.published_as(published.value * times)
            }
            _ => finding,
        })
    }

    fn compared(
        &self,
        finding: Finding,
        times: f64,
        facts: &Facts<'_>,
    ) -> Result<Finding, CheckError> {
        let (Some(figure), Some(over)) = (&self.figure, &self.over) else {
            return Err(CheckError::Comparison {
                quantity: self.quantity.clone(),
            });
        };
        let subject = self.each_of(figure, self.of.as_ref(), facts)?;
        let baseline = self.each_of(&over.figure, over.of.as_ref().or(self.of.as_ref()), facts)?;
        Ok(finding.compared(Comparison::more_than(times, subject, &baseline)))
    }

    /// Evaluates an expression for each run that counts, or each repeat of the facts, and returns
    /// the median. An expression that needs no run has a value without any.
    fn median(
        &self,
        text: &str,
        of: Option<&Where>,
        facts: &Facts<'_>,
    ) -> Result<Option<f64>, CheckError> {
        let Some(of) = of else {
            return evaluated(&self.quantity, text, facts);
        };
        let expression = parsed(&self.quantity, text)?;
        median(&expression, &facts.runs(of), facts).map_err(told(&self.quantity, text))
    }

    fn each_of(
        &self,
        text: &str,
        of: Option<&Where>,
        facts: &Facts<'_>,
    ) -> Result<Vec<f64>, CheckError> {
        let expression = parsed(&self.quantity, text)?;
        match of {
            Some(of) => each(&expression, facts.runs(of).counting(), facts),
            None => facts.each(&expression),
        }
        .map_err(told(&self.quantity, text))
    }
}

/// Formats a number for a text, without the digits of binary rounding.
fn plain(value: f64) -> String {
    ((value * 1e6).round() / 1e6).to_string()
}

fn told<'a>(quantity: &'a str, text: &'a str) -> impl FnOnce(ExpressionError) -> CheckError + 'a {
    move |problem| CheckError::Expression {
        quantity: quantity.to_owned(),
        text: text.to_owned(),
        problem,
    }
}

fn parsed(quantity: &str, text: &str) -> Result<Expression, CheckError> {
    Expression::parse(text).map_err(told(quantity, text))
}

fn evaluated(quantity: &str, text: &str, scope: &dyn Scope) -> Result<Option<f64>, CheckError> {
    parsed(quantity, text)?
        .value(scope)
        .map_err(told(quantity, text))
}

/// Evaluates an expression for each of these runs.
fn each<'a>(
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
fn median(
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

/// The meaning of names and functions without a run: facts, published figures, other runs.
struct Facts<'a> {
    claim: &'a Claim,
    evidence: &'a Evidence,
    /// The claim's own values.
    values: BTreeMap<&'a str, Option<f64>>,
    /// The repeat whose facts count; their medians count if there is none.
    repeat: Option<usize>,
    /// An expression and its value in the runs that count.
    group: Option<(Expression, f64)>,
}

impl Facts<'_> {
    fn runs(&self, of: &Where) -> Runs<'_> {
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
    fn each(&self, expression: &Expression) -> Result<Vec<f64>, ExpressionError> {
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
