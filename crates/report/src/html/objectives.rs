//! The scenario's objectives and its author's expectations, and whether the results meet them.

use maud::{Markup, html};

use super::page_input::PageInput;
use analysis::objective::{Check, Outcome, count_met};

/// Draws how the objectives fared, with which the page begins: how many of them are met, and the
/// first that is not.
pub(super) fn opening(input: &PageInput<'_>) -> Markup {
    let checks = &input.checks.objectives;
    if checks.is_empty() {
        return html! {};
    }
    let first = first_not_met(checks);
    html! {
        div class=(if first.is_some() { "answer missed" } else { "answer met" }) {
            p {
                (counted(checks))
                @if let Some(check) = first { (told(check)) }
            }
        }
    }
}

/// Returns how many of the objectives are met by every run that they name, as a sentence.
fn counted(checks: &[Check]) -> String {
    match count_met(checks) {
        (1, 1) => "The one objective is met.".to_owned(),
        (0, 1) => "The one objective is not met.".to_owned(),
        (0, all) => format!("None of the {all} objectives is met."),
        (1, all) => format!("1 of {all} objectives is met."),
        (met, all) if met == all => format!("All {all} objectives are met."),
        (met, all) => format!("{met} of {all} objectives are met."),
    }
}

/// Returns the first check that is missed, or else the first that cannot be judged.
fn first_not_met(checks: &[Check]) -> Option<&Check> {
    let first = |outcome: Outcome| checks.iter().find(|check| check.outcome == outcome);
    first(Outcome::Missed).or_else(|| first(Outcome::CannotBeJudged))
}

/// Draws a check that is not met: the objective, the run and the reason, each a text of its own.
fn told(check: &Check) -> Markup {
    html! {
        @if check.outcome == Outcome::Missed { " The first that is missed: " }
        @else { " The first that cannot be judged: " }
        code { (check.objective) }
        @if !check.run.is_empty() { " · " span { (check.run) } }
        " · " span { (check.text) }
    }
}

pub(super) fn section(input: &PageInput<'_>) -> Markup {
    let (objectives, expectations) = (&input.checks.objectives, &input.checks.expectations);
    if objectives.is_empty() && expectations.is_empty() {
        return html! {};
    }
    html! {
        section id="objectives" {
            @if !objectives.is_empty() {
                h2 { "Objectives" }
                p.lead {
                    (summary(objectives, "checks are met", Outcome::words))
                    " Each objective is held against every run that it names."
                }
                (table("objective", objectives, Outcome::words))
            }
            @if !expectations.is_empty() {
                @if objectives.is_empty() { h2 { "Expectations" } } @else { h3 { "Expectations" } }
                p.lead {
                    (summary(expectations, "expectations held", Outcome::expected))
                    " They were written before the first run, and nothing depends on them."
                }
                (table("expectation", expectations, Outcome::expected))
            }
        }
    }
}

/// Returns `All 3 checks are met.`, or how many are not met or cannot be judged; of a single check,
/// its result.
fn summary(checks: &[Check], all: &str, word: fn(Outcome) -> &'static str) -> String {
    if let [one] = checks {
        return format!("The one check: {}.", word(one.outcome));
    }
    let count = |outcome| {
        checks
            .iter()
            .filter(|check| check.outcome == outcome)
            .count()
    };
    let counts =
        [Outcome::Missed, Outcome::CannotBeJudged].map(|outcome| (outcome, count(outcome)));
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| format!("{count} {}", word(outcome)))
        .collect();
    if told.is_empty() {
        format!("All {} {all}.", checks.len())
    } else {
        format!("Of {} checks: {}.", checks.len(), told.join(", "))
    }
}

fn table(what: &str, checks: &[Check], word: fn(Outcome) -> &'static str) -> Markup {
    // Missed checks come first, because a long list of met ones would hide them.
    let mut order: Vec<&Check> = checks.iter().collect();
    order.sort_by_key(|check| check.outcome == Outcome::Met);
    html! {
        div.scroll.long {
            table {
                thead { tr {
                    th { (what) } th { "run" } th { "limit" } th { "measured" } th { "result" }
                    th { "why" }
                } }
                tbody { @for check in order { (row(check, word(check.outcome))) } }
            }
        }
    }
}

fn row(check: &Check, word: &str) -> Markup {
    html! {
        tr {
            td { code { (check.objective) } }
            td { (check.run) }
            td { (check.limit) }
            td { (check.measured.as_deref().unwrap_or("–")) }
            td {
                @if check.outcome == Outcome::Met { span.good { (word) } }
                @else { span.bad { (word) } }
            }
            td { (check.text) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lang;

    /// Returns checks of objectives by their names, each with its result.
    fn checks(results: &[(&str, Outcome)]) -> Vec<Check> {
        let check = |(objective, outcome): &(&str, Outcome)| Check {
            objective: (*objective).to_owned(),
            run: String::new(),
            metric: String::new(),
            limit: String::new(),
            measured: None,
            outcome: *outcome,
            text: String::new(),
        };
        results.iter().map(check).collect()
    }

    const MET: Outcome = Outcome::Met;
    const MISSED: Outcome = Outcome::Missed;

    #[test]
    fn objectives_are_counted_once_however_many_runs_they_name() {
        for (results, english, chinese) in [
            (
                vec![("a", MET)],
                "The one objective is met.",
                "唯一的目标达到。",
            ),
            (
                vec![("a", MET), ("a", MISSED)],
                "The one objective is not met.",
                "唯一的目标未达到。",
            ),
            (
                vec![("a", MISSED), ("b", Outcome::CannotBeJudged)],
                "None of the 2 objectives is met.",
                "2 个目标都未达到。",
            ),
            (
                vec![("a", MET), ("a", MISSED), ("b", MET), ("b", MET)],
                "1 of 2 objectives is met.",
                "2 个目标中 1 个达到。",
            ),
            (
                vec![("a", MISSED), ("b", MET), ("c", MET)],
                "2 of 3 objectives are met.",
                "3 个目标中 2 个达到。",
            ),
            (
                vec![("a", MET), ("b", MET)],
                "All 2 objectives are met.",
                "全部 2 个目标都达到。",
            ),
        ] {
            let said = counted(&checks(&results));
            assert_eq!(said, english);
            assert_eq!(Lang::Zh.say(&said), chinese);
        }
    }

    #[test]
    fn a_missed_one_is_named_before_one_that_cannot_be_judged() {
        let found = checks(&[("a", MET), ("b", Outcome::CannotBeJudged), ("c", MISSED)]);
        let first = |checks: &[Check]| first_not_met(checks).map(|check| check.objective.clone());
        assert_eq!(first(&found).as_deref(), Some("c"));
        assert_eq!(first(&found[..2]).as_deref(), Some("b"));
        assert_eq!(first(&found[..1]), None);
    }

    #[test]
    fn a_single_check_is_not_told_in_the_plural() {
        for (results, english, chinese) in [
            (vec![("a", MET)], "The one check: met.", "唯一一项：达到。"),
            (
                vec![("a", MISSED)],
                "The one check: missed.",
                "唯一一项：未达到。",
            ),
            (
                vec![("a", MET); 2],
                "All 2 checks are met.",
                "全部 2 项都达到。",
            ),
            (
                vec![("a", MET), ("a", MISSED)],
                "Of 2 checks: 1 missed.",
                "共 2 项：1 项未达到。",
            ),
        ] {
            let said = summary(&checks(&results), "checks are met", Outcome::words);
            assert_eq!(said, english);
            assert_eq!(Lang::Zh.say(&said), chinese);
        }
        let one = checks(&[("a", MISSED)]);
        let said = summary(&one, "expectations held", Outcome::expected);
        assert_eq!(said, "The one check: not held.");
        assert_eq!(Lang::Zh.say(&said), "唯一一项：不成立。");
    }
}
