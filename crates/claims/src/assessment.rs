//! The assessment of a claim from all of its findings.

use super::{Claim, Finding, Kind, Verdict};

/// The findings of one claim, and the verdict that follows from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The findings, one for each figure.
    pub findings: Vec<Finding>,
    /// The verdict on the claim as a whole.
    pub verdict: Verdict,
    /// The counts of the findings from which the verdict follows.
    pub because: String,
    /// An explanation of the figures; empty unless they were measured as predicted.
    pub comment: String,
}

impl Assessment {
    /// Judges a claim by all its judged figures: it holds if each does, does not hold if none does,
    /// and holds under conditions if some do and everything that is predicted was measured so,
    /// because only then are the conditions known. Otherwise the verdict is that nothing is shown.
    /// `comment` explains figures that were measured as predicted.
    pub(super) fn of(findings: Vec<Finding>, comment: &str) -> Self {
        let judged: Vec<Verdict> = findings
            .iter()
            .filter(|finding| finding.is_judged())
            .filter_map(Finding::verdict)
            .collect();
        let missed = findings.iter().filter(|finding| is_missed(finding)).count();
        let unexplained = findings
            .iter()
            .any(|finding| !finding.is_judged() && is_missed(finding));
        let verdict = overall(&judged, missed, unexplained);
        Self {
            because: counted(&judged, missed),
            comment: if missed == 0 { comment } else { "" }.to_owned(),
            verdict,
            findings,
        }
    }
}

/// Returns whether a figure was not measured as predicted.
fn is_missed(finding: &Finding) -> bool {
    finding.agrees() == Some(false)
}

fn overall(judged: &[Verdict], missed: usize, unexplained: bool) -> Verdict {
    let all = |verdict| judged.iter().all(|one| *one == verdict);
    match judged {
        [] => Verdict::ContextOnly,
        _ if unexplained => Verdict::NotShown,
        _ if all(Verdict::Holds) => Verdict::Holds,
        _ if all(Verdict::DoesNotHold) => Verdict::DoesNotHold,
        _ if missed > 0 => Verdict::NotShown,
        _ if judged.contains(&Verdict::Holds) => Verdict::HoldsUnderConditions,
        _ => Verdict::NotShown,
    }
}

fn counted(judged: &[Verdict], missed: usize) -> String {
    let count = |verdict| judged.iter().filter(|one| **one == verdict).count();
    let are = |count: usize| if count == 1 { "is" } else { "are" };
    let (holds, open) = (count(Verdict::Holds), count(Verdict::NotShown));
    let fails = judged.len() - holds - open;
    let of_all = match judged.len() {
        0 => "No figure of it is judged: no measurement here could change one".to_owned(),
        all => format!(
            "Of {all} judged figures {holds} {} as published, {fails} {} not",
            are(holds),
            are(fails)
        ),
    };
    let undecided = match open {
        0 => String::new(),
        open => format!(", {open} {} not shown either way", are(open)),
    };
    let strange = match missed {
        0 => "",
        1 => {
            " One figure was not measured as predicted: find out why before anything is concluded."
        }
        _ => {
            " Some figures were not measured as predicted: find out why before anything is concluded."
        }
    };
    format!("{of_all}{undecided}.{strange}")
}

/// A claim with its assessment.
#[derive(Debug, Clone)]
pub struct Assessed {
    /// The claim's name.
    pub name: String,
    /// The statement of a publication, with its figures.
    pub claim: Claim,
    /// The assessment of the claim.
    pub assessment: Assessment,
    /// The runs that cannot be believed, with the reason of each.
    pub not_valid: Vec<String>,
    /// The figures drawn for the claim, each with its name and SVG.
    pub figures: Vec<chart::Figure>,
}

impl Assessed {
    /// Returns whether the measurement is sound, whatever the verdict on the claim: it is not if a
    /// run is not valid, if a judged figure was not measured, or if a prediction by byte
    /// arithmetic, a formula or an order was not met.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let binding = self.claim.kind != Kind::Context;
        let broken = |finding: &Finding| {
            is_missed(finding) || finding.is_judged() && finding.measured.is_none()
        };
        self.not_valid.is_empty() && !(binding && self.assessment.findings.iter().any(broken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(predicted: f64) -> Finding {
        Finding::new("x", "ms")
            .published_as(2.0)
            .predicted(predicted)
            .measured(Some(predicted))
            .judged_within(0.0)
    }

    fn verdict(findings: Vec<Finding>) -> Verdict {
        Assessment::of(findings, "").verdict
    }

    #[test]
    fn a_claim_follows_from_all_its_judged_figures() {
        let context = || {
            Finding::new("x", "ms")
                .published_as(7.0)
                .measured(Some(9.0))
        };
        assert_eq!(verdict(vec![judged(2.0), context()]), Verdict::Holds);
        assert_eq!(verdict(vec![judged(3.0)]), Verdict::DoesNotHold);
        let both = vec![judged(2.0), judged(3.0)];
        assert_eq!(verdict(both), Verdict::HoldsUnderConditions);
        assert_eq!(verdict(vec![context()]), Verdict::ContextOnly);
        assert_eq!(verdict(Vec::new()), Verdict::ContextOnly);
    }

    #[test]
    fn nothing_follows_from_what_was_not_measured_as_predicted() {
        let strange = || Finding::new("y", "ms").predicted(5.0).measured(Some(6.0));
        assert_eq!(verdict(vec![judged(2.0), strange()]), Verdict::NotShown);
        let missing = judged(2.0).measured(None);
        assert_eq!(verdict(vec![judged(2.0), missing]), Verdict::NotShown);
        let assessment = Assessment::of(vec![judged(2.0), strange()], "It holds everywhere.");
        assert_eq!(
            assessment.comment, "",
            "the explanation is not of these figures"
        );
        assert!(assessment.because.contains("not measured as predicted"));
    }

    #[test]
    fn an_order_that_is_not_measured_fails_too() {
        let of = |kind, ratio: f64| {
            let order = Finding::new("x", "x")
                .predicted(1.0)
                .at_least()
                .measured(Some(ratio))
                .judged_by_prediction();
            Assessed {
                name: "x".to_owned(),
                claim: Claim::for_test(kind),
                assessment: Assessment::of(vec![order], ""),
                not_valid: Vec::new(),
                figures: Vec::new(),
            }
            .is_sound()
        };
        for kind in [Kind::Exact, Kind::Model, Kind::Order] {
            assert!(of(kind, 1.2), "{kind:?}");
            assert!(!of(kind, 0.8), "{kind:?}");
        }
        assert!(of(Kind::Context, 0.8));
    }
}
