//! The checks of objectives, as lines for a terminal and as tables in Markdown.

use std::fmt::Write as _;

use analysis::objective::{Check, Checks, Outcome};
use sheet::{Column, Sheet};

use crate::Lang;

/// A list of checks, with the word for each of its entries and the function that gives the word for
/// a result.
type List<'a> = (&'static str, &'a [Check], fn(Outcome) -> &'static str);

/// Returns the lists in the order in which they are shown.
fn lists(checks: &Checks) -> [List<'_>; 2] {
    [
        ("objective", &checks.objectives, Outcome::words),
        ("expectation", &checks.expectations, Outcome::expected),
    ]
}

/// Returns a line for each objective and run: the result, the run, the figure, the measured value
/// and the limit. Checks that are not met come first.
#[must_use]
pub fn terminal(checks: &Checks) -> String {
    terminal_in(checks, Lang::En)
}

/// Returns the lines of [`terminal`] in one of the languages.
#[must_use]
pub fn terminal_in(checks: &Checks, lang: Lang) -> String {
    let mut text = String::new();
    for (what, checks, word) in lists(checks) {
        for check in ordered(checks) {
            let result = format!("{what} {}", word(check.outcome));
            let _ = writeln!(text, "{}: {}", lang.say(&result), line(check, lang));
        }
    }
    text
}

/// Returns the checks as tables in Markdown, one for objectives and one for expectations; an empty
/// list has no table.
#[must_use]
pub fn markdown(checks: &Checks) -> String {
    markdown_in(checks, Lang::En)
}

/// Returns the tables of [`markdown`] in one of the languages.
#[must_use]
pub fn markdown_in(checks: &Checks, lang: Lang) -> String {
    let mut text = String::new();
    for (what, checks, word) in lists(checks) {
        if checks.is_empty() {
            continue;
        }
        text += &lang.sheet(table(what, checks, word)).markdown();
        text.push('\n');
    }
    text
}

fn table(what: &str, checks: &[Check], word: fn(Outcome) -> &'static str) -> Sheet {
    let mut sheet = Sheet::new([
        Column::words(what),
        Column::words("run"),
        Column::words("figure"),
        Column::numbers("limit"),
        Column::numbers("measured"),
        Column::words("result"),
    ]);
    for check in ordered(checks) {
        let word = word(check.outcome);
        let result = match check.outcome {
            Outcome::CannotBeJudged => format!("{word}: {}", check.text),
            Outcome::Met | Outcome::Missed => word.to_owned(),
        };
        sheet.push([
            check.objective.as_str(),
            &check.run,
            &check.metric,
            &check.limit,
            check.measured.as_deref().unwrap_or("–"),
            &result,
        ]);
    }
    sheet
}

/// Returns a check as a line, such as
/// `WebSocket, repeat 1: p99 is 70.8 ms, not < 50 ms (websocket.p99 < 50 ms)`.
fn line(check: &Check, lang: Lang) -> String {
    let (run, why) = (lang.say(&check.run), lang.say(&check.text));
    match (check.outcome, check.run.as_str()) {
        (_, "") if check.metric.is_empty() => why,
        (_, "") => format!("{}: {why}", check.objective),
        (Outcome::CannotBeJudged, _) => format!("{run}: {}: {why}", check.objective),
        _ => {
            let measured = check.measured.as_deref().unwrap_or("–");
            let limit = lang.say("limit");
            format!(
                "{run}: {} {measured}, {limit} {}",
                check.metric, check.limit
            )
        }
    }
}

/// Returns the checks with those that are not met first, because a long list of those that are met
/// would hide them.
fn ordered(checks: &[Check]) -> Vec<&Check> {
    let mut order: Vec<&Check> = checks.iter().collect();
    order.sort_by_key(|check| check.outcome == Outcome::Met);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(outcome: Outcome, text: &str) -> Check {
        Check {
            objective: "websocket.p50 < 1 µs".to_owned(),
            run: "WebSocket, repeat 1".to_owned(),
            metric: "p50".to_owned(),
            limit: "< 1 µs".to_owned(),
            measured: Some("2 ms | 3".to_owned()),
            outcome,
            text: text.to_owned(),
        }
    }

    #[test]
    fn what_is_missed_comes_first_and_expectations_have_words_of_their_own() {
        let unread = Check {
            run: String::new(),
            metric: String::new(),
            measured: None,
            ..check(Outcome::CannotBeJudged, "no column is called \"foo\"")
        };
        let checks = Checks {
            objectives: vec![check(Outcome::Met, ""), unread, check(Outcome::Missed, "")],
            expectations: vec![check(Outcome::Met, "")],
        };
        insta::assert_snapshot!(terminal(&checks), @r#"
        objective cannot be judged: no column is called "foo"
        objective missed: WebSocket, repeat 1: p50 2 ms | 3, limit < 1 µs
        objective met: WebSocket, repeat 1: p50 2 ms | 3, limit < 1 µs
        expectation held: WebSocket, repeat 1: p50 2 ms | 3, limit < 1 µs
        "#);
        insta::assert_snapshot!(markdown(&checks), @r#"
        | objective | run | figure | limit | measured | result |
        | --- | --- | --- | ---: | ---: | --- |
        | websocket.p50 < 1 µs |  |  | < 1 µs | – | cannot be judged: no column is called "foo" |
        | websocket.p50 < 1 µs | WebSocket, repeat 1 | p50 | < 1 µs | 2 ms \| 3 | missed |
        | websocket.p50 < 1 µs | WebSocket, repeat 1 | p50 | < 1 µs | 2 ms \| 3 | met |

        | expectation | run | figure | limit | measured | result |
        | --- | --- | --- | ---: | ---: | --- |
        | websocket.p50 < 1 µs | WebSocket, repeat 1 | p50 | < 1 µs | 2 ms \| 3 | held |
        "#);
        assert_eq!(markdown(&Checks::default()), "");
    }
}
