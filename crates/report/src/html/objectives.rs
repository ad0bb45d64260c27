//! What the scenario asked for, and whether it came to that.

use maud::{Markup, html};

use super::material::Material;
use crate::objective::{Check, Fared};

pub(super) fn section(material: &Material<'_>) -> Markup {
    let checks = &material.checks;
    if checks.is_empty() {
        return html! {};
    }
    let missed = checks
        .iter()
        .filter(|check| check.fared != Fared::Met)
        .count();
    // What is missed first: a long list of what is met hides it.
    let mut order: Vec<&Check> = checks.iter().collect();
    order.sort_by_key(|check| check.fared == Fared::Met);
    html! {
        section id="objectives" {
            h2 { "Objectives" }
            p.lead {
                @if missed == 0 { "All " (checks.len()) " checks are met." }
                @else { (missed) " of " (checks.len()) " checks are missed." }
                " Each objective is held against every run that it names."
            }
            div.scroll.long {
                table {
                    thead { tr { th { "objective" } th { "run" } th { "met" } th { "why" } } }
                    tbody { @for check in order { (row(check)) } }
                }
            }
        }
    }
}

fn row(check: &Check) -> Markup {
    html! {
        tr {
            td { code { (check.objective) } }
            td { (check.run) }
            td {
                @match check.fared {
                    Fared::Met => span.good { "yes" },
                    Fared::Missed => span.bad { "no" },
                    Fared::NoRun => span.bad { "no run" },
                }
            }
            td { (check.text) }
        }
    }
}
