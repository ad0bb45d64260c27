//! The scenario's objectives and its author's expectations, and whether the results meet them.

use maud::{Markup, html};

use super::page_input::PageInput;
use analysis::objective::{Check, Outcome};

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

/// Returns `All 3 checks are met.`, or how many are not met or cannot be judged.
fn summary(checks: &[Check], all: &str, word: fn(Outcome) -> &'static str) -> String {
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
