//! Checks as lines for a terminal and as a table in Markdown.

use std::fmt::Write as _;

use super::{Check, Checks, Fared};

/// Returns a line for each objective and run: how it fared, which run, the figure, what was
/// measured and what was asked for. What is not met comes first.
#[must_use]
pub fn terminal(checks: &Checks) -> String {
    let mut text = String::new();
    let lists = [
        (
            "objective",
            &checks.objectives,
            Fared::words as fn(Fared) -> &'static str,
        ),
        ("expectation", &checks.expectations, Fared::expected),
    ];
    for (what, checks, word) in lists {
        for check in ordered(checks) {
            let _ = writeln!(text, "{what} {}: {}", word(check.fared), line(check));
        }
    }
    text
}

/// Returns the same as one table in Markdown; nothing where nothing was asked for.
#[must_use]
pub fn markdown(checks: &Checks) -> String {
    let mut text = String::new();
    let lists = [
        (
            "objective",
            &checks.objectives,
            Fared::words as fn(Fared) -> &'static str,
        ),
        ("expectation", &checks.expectations, Fared::expected),
    ];
    for (what, checks, word) in lists {
        if checks.is_empty() {
            continue;
        }
        let _ = writeln!(
            text,
            "| {what} | run | figure | limit | measured | result |\n\
             | --- | --- | --- | ---: | ---: | --- |"
        );
        for check in ordered(checks) {
            let measured = check.measured.as_deref().unwrap_or("–");
            let fared = match check.fared {
                Fared::CannotBeJudged => format!("{}: {}", word(check.fared), check.text),
                fared => word(fared).to_owned(),
            };
            let cells = [
                &check.objective,
                &check.run,
                &check.metric,
                &check.limit,
                measured,
                &fared,
            ];
            for cell in cells {
                let _ = write!(text, "| {} ", cell.replace('|', "\\|"));
            }
            text.push_str("|\n");
        }
        text.push('\n');
    }
    text
}

/// `WebSocket, repeat 1: p99 is 70.8 ms, not < 50 ms (websocket.p99 < 50 ms)`
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

/// What is not met before what is: a long list of what is met hides it.
fn ordered(checks: &[Check]) -> Vec<&Check> {
    let mut order: Vec<&Check> = checks.iter().collect();
    order.sort_by_key(|check| check.fared == Fared::Met);
    order
}
