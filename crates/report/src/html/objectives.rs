//! The scenario's objectives and its author's expectations, and whether the results meet them.

use maud::{Markup, html};

use super::material::Material;
use analysis::objective::{Check, Fared};

pub(super) fn section(material: &Material<'_>) -> Markup {
    let (objectives, expectations) = (&material.checks.objectives, &material.checks.expectations);
    if objectives.is_empty() && expectations.is_empty() {
        return html! {};
    }
    html! {
        section id="objectives" {
            @if !objectives.is_empty() {
                h2 { "Objectives" }
                p.lead {
                    (summary(objectives, "checks are met", Fared::words))
                    " Each objective is held against every run that it names."
                }
                (table("objective", objectives, Fared::words))
            }
            @if !expectations.is_empty() {
                @if objectives.is_empty() { h2 { "Expectations" } } @else { h3 { "Expectations" } }
                p.lead {
                    (summary(expectations, "expectations held", Fared::expected))
                    " They were written before the first run, and nothing depends on them."
                }
                (table("expectation", expectations, Fared::expected))
            }
        }
    }
}

/// Returns `All 3 checks are met.`, or how many are not met or cannot be judged.
fn summary(checks: &[Check], all: &str, word: fn(Fared) -> &'static str) -> String {
    let count = |fared| checks.iter().filter(|check| check.fared == fared).count();
    let counts = [Fared::Missed, Fared::CannotBeJudged].map(|fared| (fared, count(fared)));
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(fared, count)| format!("{count} {}", word(fared)))
        .collect();
    if told.is_empty() {
        format!("All {} {all}.", checks.len())
    } else {
        format!("Of {} checks: {}.", checks.len(), told.join(", "))
    }
}

fn table(what: &str, checks: &[Check], word: fn(Fared) -> &'static str) -> Markup {
    // Missed checks come first, because a long list of met ones would hide them.
    let mut order: Vec<&Check> = checks.iter().collect();
    order.sort_by_key(|check| check.fared == Fared::Met);
    html! {
        div.scroll.long {
            table {
                thead { tr {
                    th { (what) } th { "run" } th { "limit" } th { "measured" } th { "result" }
                    th { "why" }
                } }
                tbody { @for check in order { (row(check, word(check.fared))) } }
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
                @if check.fared == Fared::Met { span.good { (word) } }
                @else { span.bad { (word) } }
            }
            td { (check.text) }
        }
    }
}
