//! Findings in words, for tables and pages alike.

use super::{Finding, Published};
use crate::unit;

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

/// `+3.1 %`; nothing for a bound, of which the distance means nothing.
pub(super) fn difference(finding: &Finding) -> Option<String> {
    let share = finding.difference()?;
    if !finding.sign().is_empty() {
        return None;
    }
    Some(if share == 0.0 {
        "0".to_owned()
    } else {
        format!("{:+.1} %", share * 1e2)
    })
}

/// What stands where nothing is known.
pub(super) const NOTHING: &str = "–";

/// Whether measured is as predicted, as a mark.
pub(super) fn mark(finding: &Finding) -> &'static str {
    match finding.agrees() {
        Some(true) => "✓",
        Some(false) => "✗",
        None => "",
    }
}
