//! A finding: one published figure beside what a formula predicts and what was
//! measured, and what follows from the three.

use super::{Claim, Kind, Published};

/// What is to be said of a published figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Measured as published.
    Holds,
    /// Measured as published under conditions that have to be said with it.
    HoldsUnderConditions,
    /// Measured otherwise.
    DoesNotHold,
    /// Bound to its machine and its time.
    ContextOnly,
}

impl Verdict {
    /// The words for it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::HoldsUnderConditions => "holds under conditions",
            Self::DoesNotHold => "does not hold",
            Self::ContextOnly => "context only",
        }
    }
}

/// How a measured value has to lie to a predicted one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Demand {
    /// Within this share of it; 0 is the very same.
    Near(f64),
    /// No more than it.
    AtMost,
    /// No less than it.
    AtLeast,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What it is, with its conditions.
    pub quantity: String,
    /// Unit of all three figures.
    pub unit: String,
    /// As published.
    pub published: Option<Published>,
    /// By formula.
    pub predicted: Option<f64>,
    /// As measured.
    pub measured: Option<f64>,
    pub(super) demand: Demand,
    /// On the published figure; nothing where nothing was published.
    pub verdict: Option<Verdict>,
    /// What has to be said with it.
    pub note: String,
}

impl Finding {
    /// A figure of which nothing is known yet. Measured has to be predicted.
    pub(super) fn new(quantity: impl Into<String>, unit: &str) -> Self {
        Self {
            quantity: quantity.into(),
            unit: unit.to_owned(),
            published: None,
            predicted: None,
            measured: None,
            demand: Demand::Near(0.0),
            verdict: None,
            note: String::new(),
        }
    }

    /// The figure that was published under this name in the claim's file.
    pub(super) fn published(mut self, claim: &Claim, name: &str) -> Self {
        self.published = claim.published.get(name).cloned();
        self
    }

    pub(super) fn predicted(mut self, value: f64) -> Self {
        self.predicted = Some(value);
        self
    }

    pub(super) fn measured(mut self, value: Option<f64>) -> Self {
        self.measured = value;
        self
    }

    /// Measured may differ from predicted by this share.
    pub(super) const fn within(mut self, share: f64) -> Self {
        self.demand = Demand::Near(share);
        self
    }

    /// Predicted is an upper bound.
    pub(super) const fn at_most(mut self) -> Self {
        self.demand = Demand::AtMost;
        self
    }

    /// Predicted is a lower bound.
    pub(super) const fn at_least(mut self) -> Self {
        self.demand = Demand::AtLeast;
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// A verdict that does not follow from the three figures alone.
    pub(super) const fn verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = Some(verdict);
        self
    }

    /// The published figure holds if what was measured lies within this share
    /// of it, or of its range.
    pub(super) fn judged_within(self, share: f64) -> Self {
        let verdict = match (&self.published, self.measured) {
            (Some(published), Some(measured)) => {
                let low = published.value * (1.0 - share);
                let high = published.to.unwrap_or(published.value) * (1.0 + share);
                if (low..=high).contains(&measured) {
                    Verdict::Holds
                } else {
                    Verdict::DoesNotHold
                }
            }
            _ => return self,
        };
        self.verdict(verdict)
    }

    /// Whether measured and predicted agree as they have to; nothing where there
    /// is no prediction. What was to be measured and was not does not agree.
    #[must_use]
    pub fn agrees(&self) -> Option<bool> {
        let predicted = self.predicted?;
        let Some(measured) = self.measured else {
            return Some(false);
        };
        // What a decimal fraction loses in binary is no difference.
        let grain = predicted.abs() * 1e-9;
        Some(match self.demand {
            Demand::Near(share) => (measured - predicted).abs() <= predicted.abs() * share + grain,
            Demand::AtMost => measured <= predicted + grain,
            Demand::AtLeast => measured >= predicted - grain,
        })
    }

    /// Measured less predicted, as a share of predicted.
    #[must_use]
    pub fn difference(&self) -> Option<f64> {
        let (predicted, measured) = (self.predicted?, self.measured?);
        (predicted != 0.0).then(|| (measured - predicted) / predicted)
    }

    /// The sign before a predicted figure: nothing, `≤` or `≥`.
    #[must_use]
    pub const fn sign(&self) -> &'static str {
        match self.demand {
            Demand::Near(_) => "",
            Demand::AtMost => "≤ ",
            Demand::AtLeast => "≥ ",
        }
    }
}

/// All findings of one claim, and what they come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// One by one.
    pub findings: Vec<Finding>,
    /// On the claim as a whole.
    pub verdict: Verdict,
    /// Why, and under which conditions, in a sentence or two.
    pub because: String,
}

impl Assessment {
    /// The whole holds if each published figure does, and holds under conditions
    /// if some do.
    pub(super) fn of(findings: Vec<Finding>, because: impl Into<String>) -> Self {
        let mut verdicts: Vec<Verdict> = findings
            .iter()
            .filter_map(|finding| finding.verdict)
            .filter(|verdict| *verdict != Verdict::ContextOnly)
            .collect();
        verdicts.sort_unstable();
        verdicts.dedup();
        let verdict = match verdicts[..] {
            [] => Verdict::ContextOnly,
            [one] => one,
            _ => Verdict::HoldsUnderConditions,
        };
        Self {
            findings,
            verdict,
            because: because.into(),
        }
    }
}

/// A claim with its assessment.
#[derive(Debug, Clone)]
pub struct Assessed {
    /// The claim's name.
    pub name: String,
    /// What a publication says.
    pub claim: Claim,
    /// What was found.
    pub assessment: Assessment,
    /// Runs that may not be believed, with the reason of each.
    pub not_valid: Vec<String>,
    /// Drawn of it: name and SVG.
    pub figures: Vec<crate::figure::Figure>,
}

impl Assessed {
    /// Whether something is wrong with the measurement rather than with the
    /// claim: a run is not valid, or what byte arithmetic or a formula predicts
    /// was not measured.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let binding = matches!(self.claim.kind, Kind::Exact | Kind::Model);
        let missed = |finding: &Finding| finding.agrees() == Some(false);
        self.not_valid.is_empty() && !(binding && self.assessment.findings.iter().any(missed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(predicted: f64, measured: Option<f64>) -> Finding {
        Finding::new("x", "ms")
            .predicted(predicted)
            .measured(measured)
    }

    #[test]
    fn measured_has_to_lie_where_it_is_asked_to() {
        assert_eq!(of(9.0, Some(9.0)).agrees(), Some(true));
        assert_eq!(of(0.3, Some(0.1 + 0.2)).agrees(), Some(true));
        assert_eq!(of(9.0, Some(9.1)).agrees(), Some(false));
        assert_eq!(of(10.0, Some(10.9)).within(0.1).agrees(), Some(true));
        assert_eq!(of(10.0, Some(9.0)).at_most().agrees(), Some(true));
        assert_eq!(of(10.0, Some(9.0)).at_least().agrees(), Some(false));
        assert_eq!(of(10.0, None).agrees(), Some(false), "not measured");
        assert_eq!(Finding::new("x", "ms").agrees(), None);
    }

    #[test]
    fn a_claim_of_which_some_holds_holds_under_conditions() {
        use Verdict::{ContextOnly, DoesNotHold, Holds, HoldsUnderConditions};
        let verdict = |verdicts: &[Verdict]| {
            let findings = verdicts
                .iter()
                .map(|&verdict| Finding::new("x", "ms").verdict(verdict));
            Assessment::of(findings.collect(), "").verdict
        };
        assert_eq!(verdict(&[Holds, ContextOnly, Holds]), Holds);
        assert_eq!(verdict(&[DoesNotHold]), DoesNotHold);
        assert_eq!(verdict(&[Holds, DoesNotHold]), HoldsUnderConditions);
        assert_eq!(verdict(&[ContextOnly]), ContextOnly);
        assert_eq!(verdict(&[]), ContextOnly);
    }
}
