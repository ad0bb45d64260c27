//! The evaluation of checks: once for each row and each group of runs, from the measured rows to
//! findings.

use std::collections::BTreeMap;

use super::{
    Bound, Check, CheckError, Judge, Where,
    facts::{Facts, each, evaluated, median, parsed, told},
};
use crate::{
    Claim, Evidence, Finding,
    rule::{Comparison, Rule},
};

/// Evaluates all checks of a claim.
///
/// # Errors
/// Fails if one of them cannot be evaluated whatever was measured.
pub(crate) fn findings(claim: &Claim, evidence: &Evidence) -> Result<Vec<Finding>, CheckError> {
    let mut facts = Facts::new(claim, evidence)?;
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
    pub(super) fn median(
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
