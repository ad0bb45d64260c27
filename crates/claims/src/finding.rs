//! A finding: one published figure beside the prediction of a formula and the measurement. A rule
//! computes its verdict from the three; the verdict cannot be set.

use super::{Claim, Published, rule::Rule};

/// The verdict on a published figure, or on a whole claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The figure was measured as published.
    Holds,
    /// Some of its figures are measured as published, and some are not.
    HoldsUnderConditions,
    /// The figure was measured to differ from the published one.
    DoesNotHold,
    /// The measurement does not settle it.
    NotShown,
    /// No measurement here can change it.
    ContextOnly,
}

impl Verdict {
    /// Returns the words for the verdict on a whole claim.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::HoldsUnderConditions => "holds under conditions",
            Self::DoesNotHold => "does not hold",
            Self::NotShown => "not shown",
            Self::ContextOnly => "context only",
        }
    }

    /// Returns the words for the verdict on one published figure.
    #[must_use]
    pub const fn of_a_figure(self) -> &'static str {
        match self {
            Self::Holds => "as published",
            Self::HoldsUnderConditions => "in part as published",
            Self::DoesNotHold => "not as published",
            Self::NotShown => "not shown",
            Self::ContextOnly => "context only",
        }
    }
}

/// The required relation of a measured value to the predicted one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Demand {
    /// The measured value lies within this share of the predicted one; 0 requires equality.
    Near(f64),
    /// The measured value is no more than the predicted one.
    AtMost,
    /// The measured value is no less than the predicted one.
    AtLeast,
}

/// A figure of a claim: published, predicted and measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The quantity, with its conditions.
    pub quantity: String,
    /// The unit of all three figures.
    pub unit: String,
    /// The published figure.
    pub published: Option<Published>,
    /// The figure that a formula predicts.
    pub predicted: Option<f64>,
    /// The measured figure.
    pub measured: Option<f64>,
    /// The upper end, if a range was measured.
    pub measured_to: Option<f64>,
    pub(super) demand: Demand,
    pub(super) rule: Rule,
    /// A note that is shown with the figure.
    pub note: String,
}

impl Finding {
    /// Creates a finding without figures. The measurement has to equal the prediction, and nothing
    /// is judged.
    pub(super) fn new(quantity: impl Into<String>, unit: &str) -> Self {
        Self {
            quantity: quantity.into(),
            unit: unit.to_owned(),
            published: None,
            predicted: None,
            measured: None,
            measured_to: None,
            demand: Demand::Near(0.0),
            rule: Rule::Context,
            note: String::new(),
        }
    }

    /// Sets the published figure to the one of this name in the claim's file.
    pub(super) fn published(mut self, claim: &Claim, name: &str) -> Self {
        self.published = claim.published.get(name).cloned();
        self
    }

    /// Sets the published figure to a value that follows from published ones.
    pub(super) fn published_as(mut self, value: f64) -> Self {
        self.published = value.is_finite().then(|| Published {
            value,
            to: None,
            unit: self.unit.clone(),
            layer: String::new(),
        });
        self
    }

    pub(super) fn predicted(mut self, value: f64) -> Self {
        self.predicted = value.is_finite().then_some(value);
        self
    }

    pub(super) fn measured(mut self, value: Option<f64>) -> Self {
        self.measured = value;
        self
    }

    /// Allows the measurement to differ from the prediction by this share.
    pub(super) const fn within(mut self, share: f64) -> Self {
        self.demand = Demand::Near(share);
        self
    }

    /// Makes the prediction an upper bound.
    pub(super) const fn at_most(mut self) -> Self {
        self.demand = Demand::AtMost;
        self
    }

    /// Makes the prediction a lower bound.
    pub(super) const fn at_least(mut self) -> Self {
        self.demand = Demand::AtLeast;
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Sets the rule of the verdict.
    pub(super) fn judged(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// Judges whether the measurement lies within this share of the published figure, or of its
    /// range.
    pub(super) fn judged_within(self, share: f64) -> Self {
        self.judged(Rule::Published(share))
    }

    /// Judges whether the measurement is as predicted, because the publication states the formula
    /// or the bound.
    pub(super) fn judged_by_prediction(self) -> Self {
        self.judged(Rule::Prediction)
    }

    /// Returns whether the verdict of the claim takes the finding into account.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.rule != Rule::Context
    }

    /// Returns the verdict on the published figure; `None` for a figure that only checks the
    /// measurement against a formula.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        match self.rule {
            Rule::Context if self.predicted.is_some() => None,
            _ => Some(self.rule.judge(self)),
        }
    }

    /// Returns the rule of the verdict in words; empty if nothing is judged.
    #[must_use]
    pub fn rule(&self) -> String {
        self.rule.words()
    }

    /// Returns whether the measurement agrees with the prediction as required; `None` if there is
    /// no prediction. A missing measurement does not agree. A comparison of runs disagrees only if
    /// they differ in the opposite direction by more than chance.
    #[must_use]
    pub fn agrees(&self) -> Option<bool> {
        let predicted = self.predicted?;
        let Some(measured) = self.measured else {
            return Some(false);
        };
        if let Rule::Compared(comparison) = &self.rule {
            return Some(!comparison.is_against());
        }
        Some(meets(self.demand, predicted, measured))
    }

    /// Returns the measurement less the prediction, as a share of the prediction.
    #[must_use]
    pub fn difference(&self) -> Option<f64> {
        let (predicted, measured) = (self.predicted?, self.measured?);
        (predicted != 0.0).then(|| (measured - predicted) / predicted)
    }

    /// Returns the sign before a predicted figure: nothing, `≤` or `≥`.
    #[must_use]
    pub const fn sign(&self) -> &'static str {
        match self.demand {
            Demand::Near(_) => "",
            Demand::AtMost => "≤ ",
            Demand::AtLeast => "≥ ",
        }
    }
}

fn meets(demand: Demand, predicted: f64, measured: f64) -> bool {
    // A difference from binary rounding does not count.
    let grain = predicted.abs() * 1e-9;
    match demand {
        Demand::Near(share) => (measured - predicted).abs() <= predicted.abs() * share + grain,
        Demand::AtMost => measured <= predicted + grain,
        Demand::AtLeast => measured >= predicted - grain,
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
}
