//! Findings in words, for tables and pages alike.

use super::{Finding, Published};
use analysis::unit;

/// A number with as many digits as its size asks for.
pub(super) fn number(value: f64) -> String {
    // What a decimal fraction loses in binary is no digit.
    let value = (value * 1e6).round() / 1e6;
    if value.abs() >= 1_000.0 || (value.abs() >= 100.0 && value.fract() == 0.0) {
        unit::grouped_signed(value.round() as i64)
    } else if value.abs() >= 100.0 {
        format!("{value:.1}")
    } else {
        unit::three_digits(value)
    }
}

/// A figure as published, with its own unit where that differs.
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

/// What a formula says, with the sign of a bound.
pub(super) fn predicted(finding: &Finding) -> Option<String> {
    let value = finding.predicted?;
    Some(format!("{}{}", finding.sign(), number(value)))
}

/// What was measured, or from where to where.
pub(super) fn measured(finding: &Finding) -> Option<String> {
    let measured = number(finding.measured?);
    Some(match finding.measured_to {
        Some(to) => format!("{measured} to {}", number(to)),
        None => measured,
    })
}

/// Whether measured is as predicted: `yes, +3.1 %`; without the distance for a
/// bound, of which it means nothing.
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

/// What stands where nothing is known.
pub(super) const NOTHING: &str = "–";
