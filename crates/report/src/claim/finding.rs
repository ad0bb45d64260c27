//! A finding: one published figure beside what a formula predicts and what was
//! measured, and what follows from the three.

use serde::Serialize;

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
enum Demand {
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
    demand: Demand,
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
            Demand::Near(share) => {
                (measured - predicted).abs() <= predicted.abs() * share + grain
            }
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

/// One finding as a row of `claims.csv`.
#[derive(Debug, Clone, Serialize)]
pub struct FindingRow<'a> {
    claim: &'a str,
    ids: String,
    kind: &'static str,
    source: &'a str,
    quantity: &'a str,
    unit: &'a str,
    published: Option<f64>,
    published_to: Option<f64>,
    published_unit: &'a str,
    published_layer: &'a str,
    demand: &'static str,
    predicted: Option<String>,
    measured: Option<String>,
    difference_percent: Option<String>,
    agrees: Option<bool>,
    verdict: &'static str,
    claim_verdict: &'static str,
    note: &'a str,
    wrong: &'a str,
}

/// `claims.csv`: a row for each finding.
///
/// # Errors
/// When a row cannot be written as CSV.
pub fn csv(assessed: &[Assessed]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for one in assessed {
        for finding in &one.assessment.findings {
            writer.serialize(row(one, finding))?;
        }
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn row<'a>(one: &'a Assessed, finding: &'a Finding) -> FindingRow<'a> {
    let published = finding.published.as_ref();
    let digits = |value: f64| format!("{value:.3}");
    FindingRow {
        claim: &one.name,
        ids: one.claim.ids.join(" "),
        kind: one.claim.kind.name(),
        source: &one.claim.source,
        quantity: &finding.quantity,
        unit: &finding.unit,
        published: published.map(|published| published.value),
        published_to: published.and_then(|published| published.to),
        published_unit: published.map_or("", |published| &published.unit),
        published_layer: published.map_or("", |published| &published.layer),
        demand: match finding.demand {
            Demand::Near(0.0) => "the same",
            Demand::Near(_) => "near",
            Demand::AtMost => "at most",
            Demand::AtLeast => "at least",
        },
        predicted: finding.predicted.map(digits),
        measured: finding.measured.map(digits),
        difference_percent: finding
            .difference()
            .map(|share| format!("{:.2}", share * 1e2)),
        agrees: finding.agrees(),
        verdict: finding.verdict.map_or("", Verdict::words),
        claim_verdict: one.assessment.verdict.words(),
        note: &finding.note,
        wrong: &one.claim.wrong,
    }
}
