//! `claims.html`: one self-contained page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Assessed, Finding, Verdict, words};

const STYLE: &str = include_str!("page.css");

/// Returns the whole page. `context` describes the place and time of the measurement, as lines of
/// name and value. `say` returns a text in the language of the reader, and is asked for what stands in
/// lists of definitions alone: the texts between all other tags are whole, and whoever translates the
/// page finds them.
#[must_use]
pub fn html(
    assessed: &[Assessed],
    context: &[(String, String)],
    say: impl Fn(&str) -> String,
) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "Published claims, put to the test" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "Published claims, put to the test" }
                    p.lead {
                        "What publications say about polling, streaming and WebSocket, beside \
                         what a formula predicts and what wirebench measured."
                    }
                    (summary(assessed))
                    @for one in assessed { (section(one, &say)) }
                    (reading(context))
                }
            }
        }
    };
    page.into_string()
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "verdict holds",
        Verdict::HoldsUnderConditions => "verdict conditions",
        Verdict::DoesNotHold => "verdict fails",
        Verdict::NotShown => "verdict open",
        Verdict::ContextOnly => "verdict context",
    }
}

fn badge(verdict: Verdict) -> Markup {
    html! { span class=(class(verdict)) { (verdict.words()) } }
}

fn figure_badge(verdict: Verdict) -> Markup {
    html! { span class=(class(verdict)) { (verdict.of_a_figure()) } }
}

fn summary(assessed: &[Assessed]) -> Markup {
    html! {
        div.scroll {
            table.summary {
                thead { tr { th { "claim" } th { "what is claimed" } th { "verdict" } } }
                tbody {
                    @for one in assessed {
                        tr {
                            td { a href={ "#" (one.name) } { (one.name) } }
                            td { (one.claim.statement) }
                            td { (badge(one.assessment.verdict)) }
                        }
                    }
                }
            }
        }
    }
}

fn section(one: &Assessed, say: &impl Fn(&str) -> String) -> Markup {
    let rule = format!("{}: {}", one.claim.kind.name(), one.claim.pass);
    html! {
        section id=(one.name) {
            h2 { (one.name) " " (badge(one.assessment.verdict)) }
            p.statement { (one.claim.statement) }
            dl {
                dt { "Source" }
                dd lang="en" { (one.claim.source) }
                @if !one.claim.wrong.is_empty() {
                    dt { "What is wrong with it" }
                    dd { (one.claim.wrong) }
                }
                dt { "Verdict" }
                dd { (say(&one.assessment.because)) }
                @if !one.assessment.comment.is_empty() {
                    dt { "Explanation" }
                    dd { (say(&one.assessment.comment)) }
                }
                dt { "Rule" }
                dd { (say(&rule)) }
            }
            @for reason in &one.not_valid {
                p.invalid { strong { "Not valid: " } (reason) }
            }
            (findings(&one.assessment.findings))
            @for figure in &one.figures {
                figure { (PreEscaped(&figure.svg)) }
            }
        }
    }
}

fn findings(findings: &[Finding]) -> Markup {
    html! {
        div.scroll {
            table.findings {
                thead {
                    tr {
                        th { "figure" } th.n { "published" } th.n { "predicted" }
                        th.n { "measured" } th.n { "as predicted" } th { "published figure" }
                    }
                }
                tbody { @for finding in findings { (row(finding)) } }
            }
        }
    }
}

fn row(finding: &Finding) -> Markup {
    let published = finding
        .published
        .as_ref()
        .map(|published| words::published(published, &finding.unit));
    let layer = finding
        .published
        .as_ref()
        .map_or("", |published| published.layer.as_str());
    let missed = finding.agrees() == Some(false);
    html! {
        tr class=[missed.then_some("missed")] {
            td {
                (finding.quantity)
                @if !finding.note.is_empty() { div.note { (finding.note) } }
            }
            td.n { (cell(published, "")) @if !layer.is_empty() { div.note { (layer) } } }
            td.n { (cell(words::predicted(finding), &finding.unit)) }
            td.n { (cell(words::measured(finding), &finding.unit)) }
            td.n { (words::agreement(finding)) }
            td {
                @if let Some(verdict) = finding.verdict() { (figure_badge(verdict)) }
                @if finding.is_judged() { div.note { "rule: " (finding.rule()) } }
            }
        }
    }
}

fn cell(text: Option<String>, unit: &str) -> Markup {
    html! {
        @if let Some(text) = text {
            (text) @if !unit.is_empty() { " " span.unit { (unit) } }
        } @else {
            (words::NOTHING)
        }
    }
}

fn reading(context: &[(String, String)]) -> Markup {
    html! {
        section {
            h2 { "How to read this" }
            p {
                "“Predicted” is a closed formula; “measured” comes from sockets on one machine, \
                 through a link in user space where a network is part of the claim. “As predicted” \
                 compares what was measured with the formula and checks the measurement. “Published \
                 figure” compares what was measured with the publication, by the rule that stands \
                 below it. So a figure can be measured as predicted and not as published."
            }
            p {
                "A claim's verdict follows from all its judged figures: it holds if all are as \
                 published, does not hold if none is, and holds under conditions if some are and \
                 everything that is predicted was measured so. Otherwise it is not shown. What no \
                 measurement here can change is context only and counts for nothing. An exact \
                 claim is byte arithmetic and must be met to the byte; a model must be met within \
                 its tolerance; of an order only the ranking can be carried over. Where a ratio \
                 decides, the runs are compared by a two-sided exact permutation test on ranks \
                 at 5 %."
            }
            @if !context.is_empty() {
                dl {
                    @for (name, value) in context { dt { (name) } dd translate="no" { (value) } }
                }
            }
        }
    }
}
