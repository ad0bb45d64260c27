//! Findings in words, for tables and pages alike.

use super::{Finding, Published};
use analysis::unit;

/// Formats a number with as many digits as its size requires.
pub(super) fn number(value: f64) -> String {
    // Binary rounding must not show as digits.
    let value = (value * 1e6).round() / 1e6;
    if value.abs() >= 1_000.0 || (value.abs() >= 100.0 && value.fract() == 0.0) {
        unit::grouped_signed(value.round() as i64)
    } else if value.abs() >= 100.0 {
        format!("{value:.1}")
    } else {
        unit::three_digits(value)
    }
}

/// Formats a published figure, with its own unit if that differs.
pub(super) fn published(published: &Published, unit: &str) -> String {
    let mut text = number(published.value);
    if let Some(to) = published.to {
        text = format!("{text} to {}", number(to));
    }
    if published.unit != unit {
        text = format!("{text} {}", published.unit);
    }
    text
}

/// Formats the prediction of a formula, with the sign of a bound.
pub(super) fn predicted(finding: &Finding) -> Option<String> {
    let value = finding.predicted?;
    Some(format!("{}{}", finding.sign(), number(value)))
}

/// Formats the measurement, or the measured range.
pub(super) fn measured(finding: &Finding) -> Option<String> {
    let measured = number(finding.measured?);
    Some(match finding.measured_to {
        Some(to) => format!("{measured} to {}", number(to)),
        None => measured,
    })
}

/// Describes whether the measurement is as predicted: `yes, +3.1 %`; without the difference for a
/// bound, where it means nothing.
pub(super) fn agreement(finding: &Finding) -> String {
    let word = match finding.agrees() {
        Some(true) => "yes",
        Some(false) => "NO",
        None => return String::new(),
    };
    match finding.difference() {
        Some(share) if share != 0.0 && finding.sign().is_empty() => {
            format!("{word}, {:+.1} %", share * 1e2)
        }
        _ => word.to_owned(),
    }
}

/// The placeholder for an unknown value.
pub(super) const NOTHING: &str = "–";
