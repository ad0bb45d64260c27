//! What formulas said beforehand, beside what was measured.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{mark::named, material::Material};
use crate::{cell::Comparison, prediction::PredictionRow, statistics::Spread, unit};

/// Cell, identity, quantity: the repeats of one prediction.
type Group<'a> = BTreeMap<(usize, usize, usize), Vec<&'a PredictionRow>>;

pub(super) fn section(material: &Material, comparison: &Comparison<'_>) -> Markup {
    let mut order: Vec<&str> = Vec::new();
    let mut groups: Group<'_> = BTreeMap::new();
    for row in &material.predictions {
        let identity = comparison
            .identities
            .iter()
            .position(|one| one.transport == row.transport && one.variant == row.variant);
        let cell = comparison
            .cells
            .iter()
            .position(|cell| cell.name == row.cell);
        let quantity = order
            .iter()
            .position(|known| *known == row.quantity)
            .unwrap_or_else(|| {
                order.push(&row.quantity);
                order.len() - 1
            });
        if let (Some(identity), Some(cell)) = (identity, cell) {
            groups
                .entry((cell, identity, quantity))
                .or_default()
                .push(row);
        }
    }
    if groups.is_empty() {
        return html! {};
    }
    let has_cells = comparison.cells.len() > 1;
    let outside = groups.values().filter(|rows| !all_within(rows)).count();
    html! {
        section id="predictions" {
            h2 { "Predicted and measured" }
            p.lead {
                "What follows from the protocols’ rules and the settings, by formula, beside the \
                 median of what was measured. "
                (verdict(outside))
            }
            div.scroll.long {
                table {
                    thead { tr {
                        @if has_cells { th { "cell" } }
                        th { "transport" } th { "quantity" } th.n { "predicted" } th.n { "measured" }
                        th.n { "difference" } th { "within" } th { "by" }
                    } }
                    tbody {
                        @for ((cell, identity, _), rows) in &groups {
                            tr {
                                @if has_cells { td { (comparison.cells[*cell].name) } }
                                td.who { (named(&comparison.identities[*identity])) }
                                (line(rows))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn verdict(outside: usize) -> String {
    match outside {
        0 => "Every prediction that could be held against a measurement is met within what its \
              formula leaves open."
            .to_owned(),
        1 => "One is not met within what its formula leaves open, and asks for an explanation."
            .to_owned(),
        _ => format!(
            "{outside} are not met within what their formulas leave open, and ask for an \
             explanation."
        ),
    }
}

fn all_within(rows: &[&PredictionRow]) -> bool {
    rows.iter().all(|row| row.within != Some(false))
}

fn line(rows: &[&PredictionRow]) -> Markup {
    // A group has at least one row, or it would not be.
    let first = rows[0];
    let median = |value: fn(&PredictionRow) -> Option<f64>| {
        Spread::of(rows.iter().filter_map(|row| value(row))).map(|spread| spread.median)
    };
    let predicted = median(|row| Some(row.predicted));
    let measured = median(|row| row.measured);
    let difference = median(|row| row.difference_percent);
    let amount = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| shown(value, &first.unit))
    };
    html! {
        td { (first.quantity) }
        td.n { (amount(predicted)) }
        td.n { (amount(measured)) }
        td.n { @if let Some(percent) = difference { (format!("{percent:+.1} %")) } @else { "–" } }
        td {
            @if measured.is_none() { "not measured" }
            @else if all_within(rows) { span.good { "yes" } }
            @else { span.bad { "no" } }
        }
        td.source { (first.source) }
    }
}

fn shown(value: f64, of: &str) -> String {
    match of {
        "us" => unit::latency(value),
        "B" => unit::bytes(value),
        "B/h" => format!("{}/h", unit::bytes(value)),
        _ => unit::count(value),
    }
}
