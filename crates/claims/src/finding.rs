//! A finding: one published figure beside what a formula predicts and what was
//! measured. Its verdict is computed from the three by a rule and cannot be set.

use super::{Claim, Published, rule::Rule};

/// What is to be said of a published figure, or of a whole claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Measured as published.
    Holds,
    /// Some of its figures are measured as published, and some are not.
    HoldsUnderConditions,
    /// Measured otherwise.
    DoesNotHold,
    /// The measurement does not settle it.
    NotShown,
    /// No measurement here can change it.
    ContextOnly,
}

impl Verdict {
    /// The words for it, of a whole claim.
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

    /// The words for it, of one published figure.
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
    /// The upper end, where a range was measured.
    pub measured_to: Option<f64>,
    pub(super) demand: Demand,
    pub(super) rule: Rule,
    /// What has to be said with it.
    pub note: String,
}

impl Finding {
    /// A figure of which nothing is known yet. Measured has to be predicted, and
    /// nothing is judged.
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

    /// The figure that was published under this name in the claim's file.
    pub(super) fn published(mut self, claim: &Claim, name: &str) -> Self {
        self.published = claim.published.get(name).cloned();
        self
    }

    /// A figure that follows from published ones.
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

    /// Judges by this rule.
    pub(super) fn judged(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// Judges whether what was measured lies within this share of the published
    /// figure, or of its range.
    pub(super) fn judged_within(self, share: f64) -> Self {
        self.judged(Rule::Published(share))
    }

    /// Judges whether what was measured is as predicted, because what is
    /// published is the formula or the bound.
    pub(super) fn judged_by_prediction(self) -> Self {
        self.judged(Rule::Prediction)
    }

    /// Whether the verdict of the claim takes it into account.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.rule != Rule::Context
    }

    /// On the published figure. Nothing for a figure that only checks the
    /// measurement against a formula.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        match self.rule {
            Rule::Context if self.predicted.is_some() => None,
            _ => Some(self.rule.judge(self)),
        }
    }

    /// The rule of its verdict in words; empty where nothing is judged.
    #[must_use]
    pub fn rule(&self) -> String {
        self.rule.words()
    }

    /// Whether measured and predicted agree as they have to; nothing where there
    /// is no prediction. What was to be measured and was not does not agree. Of
    /// runs that are compared, those do not that differ against the prediction by
    /// more than chance.
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

fn meets(demand: Demand, predicted: f64, measured: f64) -> bool {
    // What a decimal fraction loses in binary is no difference.
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
