//! The rules that judge published figures: each is a function of the measurements, and can describe
//! itself in words.

use super::{
    chance,
    evidence::{Run, Runs},
    finding::{Finding, Verdict},
};
use analysis::statistics::Spread;

/// A rule that judges a published figure.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    /// The figure is not judged: no measurement can change it, or the measured quantity is not the
    /// published one.
    Context,
    /// The measurement lies within this share of the published figure or range.
    Published(f64),
    /// The measurement is no less than the published figure.
    AtLeastPublished,
    /// The measurement is as predicted: the publication states the formula or the bound.
    Prediction,
    /// The published figure lies in a measured range that is no wider than this
    /// share of it to either side.
    Between(f64),
    /// The runs of a subject are compared with those of a baseline.
    Compared(Comparison),
}

impl Rule {
    pub(super) fn judge(&self, finding: &Finding) -> Verdict {
        let holds = |holds| match holds {
            Some(true) => Verdict::Holds,
            Some(false) => Verdict::DoesNotHold,
            None => Verdict::NotShown,
        };
        match self {
            Self::Context => Verdict::ContextOnly,
            Self::Published(share) => holds(near(finding, *share)),
            Self::AtLeastPublished => {
                let published = finding.published.as_ref();
                holds(
                    published
                        .zip(finding.measured)
                        .map(|(one, seen)| seen >= one.value),
                )
            }
            Self::Prediction => holds(finding.measured.and(finding.agrees())),
            Self::Between(share) => holds(between(finding, *share)),
            Self::Compared(comparison) => holds(comparison.holds()),
        }
    }

    pub(super) fn words(&self) -> String {
        let percent = |share: f64| format!("{} %", share * 1e2);
        match self {
            Self::Context => String::new(),
            Self::Published(0.0) => "exactly the published figure".to_owned(),
            Self::Published(share) => format!("within {} of the published figure", percent(*share)),
            Self::AtLeastPublished => "at least the published figure".to_owned(),
            Self::Prediction => "as predicted".to_owned(),
            Self::Between(share) => format!(
                "the published figure lies in the measured range, which reaches at most {} to \
                 either side",
                percent(*share)
            ),
            Self::Compared(comparison) => comparison.words(),
        }
    }
}

fn near(finding: &Finding, share: f64) -> Option<bool> {
    let (published, measured) = (finding.published.as_ref()?, finding.measured?);
    let low = published.value * (1.0 - share);
    let high = published.to.unwrap_or(published.value) * (1.0 + share);
    Some((low..=high).contains(&measured))
}

fn between(finding: &Finding, share: f64) -> Option<bool> {
    let published = finding.published.as_ref()?.value;
    let (low, high) = (finding.measured?, finding.measured_to?);
    if (low..=high).contains(&published) {
        let narrow = published - low <= published * share && high - published <= published * share;
        return narrow.then_some(true);
    }
    Some(false)
}

/// A comparison of a subject's runs with a multiple of a baseline's: the subject is published as
/// larger.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Comparison {
    subject: Vec<f64>,
    /// The values of the baseline, already multiplied by `times`.
    baseline: Vec<f64>,
    times: f64,
    /// The reason why the runs cannot support the claim, if they cannot.
    unfit: Option<String>,
}

impl Comparison {
    /// Compares for a subject that is published as more than `times` the baseline.
    pub(super) fn more_than(times: f64, subject: Vec<f64>, baseline: &[f64]) -> Self {
        Self {
            subject,
            baseline: baseline.iter().map(|value| value * times).collect(),
            times,
            unfit: None,
        }
    }

    /// Makes the comparison judge nothing if these runs cannot support the claim.
    pub(super) fn unfit_because(mut self, reason: Option<String>) -> Self {
        self.unfit = reason;
        self
    }

    /// Returns the ratio of the medians.
    pub(super) fn ratio(&self) -> Option<f64> {
        let median = |values: &[f64]| Some(Spread::of(values.iter().copied())?.median);
        let baseline = median(&self.baseline)? / self.times;
        (baseline > 0.0).then_some(median(&self.subject)? / baseline)
    }

    /// Returns whether the subject is larger; `None` if the difference may be due to chance.
    fn holds(&self) -> Option<bool> {
        if self.unfit.is_some() {
            return None;
        }
        let p = chance::two_sided(&self.subject, &self.baseline)?;
        (p <= chance::LEVEL).then_some(self.ratio()? > self.times)
    }

    /// Returns whether the runs differ in the opposite direction by more than chance.
    pub(super) fn is_against(&self) -> bool {
        self.holds() == Some(false)
    }

    fn words(&self) -> String {
        if let Some(reason) = &self.unfit {
            return reason.clone();
        }
        let times = match self.times {
            1.0 => "more".to_owned(),
            times => format!("more than {times} times as much"),
        };
        let runs = format!("{} and {} runs", self.subject.len(), self.baseline.len());
        match chance::two_sided(&self.subject, &self.baseline) {
            Some(p) => format!("{times}, by an exact permutation test of {runs}: p = {p:.3}"),
            None => format!("{times}, by an exact permutation test: no runs to compare"),
        }
    }
}

impl Finding {
    /// Compares runs, and shows the ratio of their medians as measured.
    pub(super) fn compared(self, comparison: Comparison) -> Self {
        let ratio = comparison.ratio();
        self.measured(ratio).judged(Rule::Compared(comparison))
    }
}

impl<'a> Runs<'a> {
    /// Returns a figure of each run that counts: of the valid runs, or of all if none is valid.
    pub(super) fn each(&self, value: impl Fn(&Run<'a>) -> Option<f64>) -> Vec<f64> {
        self.counting().filter_map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: [f64; 5] = [1.0, 1.1, 1.2, 1.3, 1.4];

    fn compared(factor: f64, times: f64) -> Finding {
        let subject = FIVE.map(|value| value * factor).to_vec();
        Finding::new("x", "x")
            .predicted(times)
            .at_least()
            .compared(Comparison::more_than(times, subject, &FIVE))
    }

    #[test]
    fn chance_does_not_satisfy_a_comparison() {
        assert_eq!(compared(2.0, 1.0).verdict(), Some(Verdict::Holds));
        assert_eq!(compared(0.5, 1.0).verdict(), Some(Verdict::DoesNotHold));
        assert_eq!(compared(0.5, 1.0).agrees(), Some(false));
        // The ratio is above 1, and the runs overlap.
        assert_eq!(compared(1.012, 1.0).verdict(), Some(Verdict::NotShown));
        assert_eq!(compared(1.012, 1.0).agrees(), Some(true));
        let single = Comparison::more_than(1.0, vec![9.0], &[1.0]);
        let single = Finding::new("x", "x").compared(single);
        assert_eq!(single.verdict(), Some(Verdict::NotShown), "single runs");
    }

    #[test]
    fn a_multiple_is_asked_for_as_such() {
        assert_eq!(compared(3.0, 2.0).verdict(), Some(Verdict::Holds));
        assert_eq!(compared(1.2, 2.0).verdict(), Some(Verdict::DoesNotHold));
        assert_eq!(compared(2.0, 2.0).verdict(), Some(Verdict::NotShown));
        let ratio = compared(3.0, 2.0).measured.expect("runs on both sides");
        assert!((ratio - 3.0).abs() < 1e-12, "{ratio}");
    }

    #[test]
    fn runs_that_cannot_carry_a_claim_show_nothing() {
        let subject = FIVE.map(|value| value * 9.0).to_vec();
        let unfit = Comparison::more_than(1.0, subject, &FIVE)
            .unfit_because(Some("nothing was near its limit".to_owned()));
        let finding = Finding::new("x", "x").compared(unfit);
        assert_eq!(finding.verdict(), Some(Verdict::NotShown));
        assert_eq!(finding.rule(), "nothing was near its limit");
    }

    #[test]
    fn a_range_has_to_hold_the_published_figure_and_be_narrow() {
        let range = |low: f64, high: f64| {
            let mut finding = Finding::new("x", "ms").published_as(125.0);
            finding = finding.measured(Some(low)).judged(Rule::Between(0.05));
            finding.measured_to = Some(high);
            finding.verdict()
        };
        assert_eq!(range(120.0, 130.0), Some(Verdict::Holds));
        assert_eq!(range(100.0, 110.0), Some(Verdict::DoesNotHold));
        assert_eq!(range(50.0, 200.0), Some(Verdict::NotShown), "too coarse");
    }
}
