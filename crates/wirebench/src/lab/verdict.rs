//! A prediction against what was measured.

use lessons::{Check, Lang, Lesson};

use super::{answers::Answers, experiment::Evidence, value, words};

/// The verdict on a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The prediction is within the check's first tolerance.
    Right,
    /// The prediction is within the check's second tolerance.
    Close,
    /// The prediction is outside both tolerances.
    Off,
    /// The student made no prediction.
    NoAnswer,
    /// There is no measured value to compare with.
    NotMeasured,
}

/// A check with its answer, its measured value and its verdict.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    pub(super) check: &'a Check,
    pub(super) answer: Option<f64>,
    pub(super) measured: Option<f64>,
    pub(super) formula: Option<f64>,
    pub(super) verdict: Verdict,
}

impl Judged<'_> {
    pub(super) fn answer_text(&self, lang: Lang) -> String {
        self.with_unit(self.answer, lang)
    }

    pub(super) fn measured_text(&self, lang: Lang) -> String {
        self.with_unit(self.measured, lang)
    }

    pub(super) fn formula_text(&self, lang: Lang) -> String {
        self.with_unit(self.formula, lang)
    }

    fn with_unit(&self, value: Option<f64>, lang: Lang) -> String {
        value.map_or("-".to_owned(), |value| {
            format!("{} {}", digits(value), words::unit(&self.check.unit, lang))
        })
    }
}

/// Judges every check of a lesson.
pub(super) fn judge<'a>(
    lesson: &'a Lesson,
    answers: &Answers,
    evidence: &Evidence,
) -> Vec<Judged<'a>> {
    let checks = lesson.experiment.check.iter();
    checks
        .map(|check| {
            let answer = answers.to(check);
            let measured = value::measured(check, evidence);
            Judged {
                check,
                answer,
                measured,
                formula: value::predicted(check),
                verdict: verdict(answer, measured, check.right, check.close),
            }
        })
        .collect()
}

fn verdict(answer: Option<f64>, measured: Option<f64>, right: f64, close: f64) -> Verdict {
    let (answer, measured) = match (answer, measured) {
        (_, None) => return Verdict::NotMeasured,
        (None, _) => return Verdict::NoAnswer,
        (Some(answer), Some(measured)) => (answer, measured),
    };
    // A value at the very edge is within, whatever rounding does to it.
    let within = |share: f64| (answer - measured).abs() <= share * measured.abs() + 1e-9;
    if within(right) {
        Verdict::Right
    } else if within(close) {
        Verdict::Close
    } else {
        Verdict::Off
    }
}

/// Formats a value with about three significant digits; from 100 on, as a whole number.
fn digits(value: f64) -> String {
    match value.abs() {
        small if small < 0.1 => format!("{value:.4}"),
        small if small < 10.0 => format!("{value:.2}"),
        small if small < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances_are_shares_of_what_was_measured() {
        let judged = |answer| verdict(Some(answer), Some(200.0), 0.1, 0.5);
        assert_eq!(judged(180.0), Verdict::Right);
        assert_eq!(judged(220.0), Verdict::Right);
        assert_eq!(judged(300.0), Verdict::Close);
        assert_eq!(judged(301.0), Verdict::Off);
        assert_eq!(verdict(None, Some(1.0), 0.1, 0.5), Verdict::NoAnswer);
        assert_eq!(verdict(Some(1.0), None, 0.1, 0.5), Verdict::NotMeasured);
        assert_eq!(digits(6.0), "6.00");
        assert_eq!(digits(0.0125), "0.0125");
        assert_eq!(digits(1163.2), "1163");
    }
}
