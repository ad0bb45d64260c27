//! The display of checks, as lines for a terminal and as tables in Markdown.

use std::fmt::Write as _;

use super::{Check, Checks, Fared};

/// A list of checks, with the word for each of its entries and the function that gives the word for
/// a result.
type List<'a> = (&'static str, &'a [Check], fn(Fared) -> &'static str);

/// Returns the lists in the order in which they are shown.
fn lists(checks: &Checks) -> [List<'_>; 2] {
    [
        ("objective", &checks.objectives, Fared::words),
        ("expectation", &checks.expectations, Fared::expected),
    ]
}

/// Returns a line for each objective and run: the result, the run, the figure, the measured value
/// and the limit. Checks that are not met come first.
#[must_use]
pub fn terminal(checks: &Checks) -> String {
    let mut text = String::new();
    for (what, checks, word) in lists(checks) {
        for check in ordered(checks) {
            let _ = writeln!(text, "{what} {}: {}", word(check.fared), line(check));
        }
    }
    text
}

/// Returns the checks as tables in Markdown, one for objectives and one for expectations; an empty
/// list has no table.
#[must_use]
pub fn markdown(checks: &Checks) -> String {
    let mut text = String::new();
    for (what, checks, word) in lists(checks) {
        if checks.is_empty() {
            continue;
        }
        let _ = writeln!(
            text,
            "| {what} | run | figure | limit | measured | result |\n\
             | --- | --- | --- | ---: | ---: | --- |"
        );
        for check in ordered(checks) {
            row(&mut text, check, word(check.fared));
        }
        text.push('\n');
    }
    text
}

/// Adds a check as a row of the table.
fn row(text: &mut String, check: &Check, word: &str) {
    let fared = match check.fared {
        Fared::CannotBeJudged => format!("{word}: {}", check.text),
        _ => word.to_owned(),
    };
    let cells = [
        &check.objective,
        &check.run,
        &check.metric,
        &check.limit,
        check.measured.as_deref().unwrap_or("–"),
        &fared,
    ];
    for cell in cells {
        let _ = write!(text, "| {} ", cell.replace('|', "\\|"));
    }
    text.push_str("|\n");
}

/// Returns a check as a line, such as
/// `WebSocket, repeat 1: p99 is 70.8 ms, not < 50 ms (websocket.p99 < 50 ms)`.
fn line(check: &Check) -> String {
    match (check.fared, check.run.as_str()) {
        (_, "") if check.metric.is_empty() => check.text.clone(),
        (_, "") => format!("{}: {}", check.objective, check.text),
        (Fared::CannotBeJudged, run) => format!("{run}: {}: {}", check.objective, check.text),
        (_, run) => {
            let measured = check.measured.as_deref().unwrap_or("–");
            format!("{run}: {} {measured}, limit {}", check.metric, check.limit)
        }
    }
}

/// Returns the checks with those that are not met first, because a long list of those that are met
/// would hide them.
fn ordered(checks: &[Check]) -> Vec<&Check> {
    let mut order: Vec<&Check> = checks.iter().collect();
    order.sort_by_key(|check| check.fared == Fared::Met);
    order
}
