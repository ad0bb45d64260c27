//! The predictions of formulas beside the measurements.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use maud::{Markup, html};

use super::mark::named;
use analysis::{cell::CellTable, model::prediction::PredictionRow, statistics::Spread, unit};

/// The repeats of one prediction.
struct Group {
    unit: String,
    source: String,
    predicted: Vec<f64>,
    measured: Vec<f64>,
    difference_percent: Vec<f64>,
    all_within: bool,
}

/// All predictions of a folder, by cell, variant and quantity.
pub(super) struct Groups {
    quantities: Vec<String>,
    of: BTreeMap<(usize, usize, usize), Group>,
}

impl Groups {
    /// Reads `predictions.csv` as far as it can be read, because the file can be written again at
    /// any time.
    pub(super) fn read(folder: &Path, cell_table: &CellTable<'_>) -> Self {
        let mut groups = Self {
            quantities: Vec::new(),
            of: BTreeMap::new(),
        };
        let identities: HashMap<(&str, &str), usize> = (0..)
            .zip(&cell_table.identities)
            .map(|(at, one)| ((one.transport.as_str(), one.variant.as_str()), at))
            .collect();
        let cells: HashMap<&str, usize> = (0..)
            .zip(&cell_table.cells)
            .map(|(at, cell)| (cell.name, at))
            .collect();
        results::each_row(folder, |row: PredictionRow| {
            let quantity = groups.quantity(&row.quantity);
            let identity = identities.get(&(row.transport.as_str(), row.variant.as_str()));
            if let (Some(identity), Some(cell)) = (identity, cells.get(row.cell.as_str())) {
                groups.add((*cell, *identity, quantity), &row);
            }
        });
        groups
    }

    /// Returns whether there are no predictions.
    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    fn quantity(&mut self, name: &str) -> usize {
        let known = self.quantities.iter().position(|known| known == name);
        known.unwrap_or_else(|| {
            self.quantities.push(name.to_owned());
            self.quantities.len() - 1
        })
    }

    fn add(&mut self, key: (usize, usize, usize), row: &PredictionRow) {
        let group = self.of.entry(key).or_insert_with(|| Group {
            unit: row.unit.clone(),
            source: row.source.clone(),
            predicted: Vec::new(),
            measured: Vec::new(),
            difference_percent: Vec::new(),
            all_within: true,
        });
        group.predicted.push(row.predicted);
        group.measured.extend(row.measured);
        group.difference_percent.extend(row.difference_percent);
        group.all_within &= row.within != Some(false);
    }
}

pub(super) fn section(groups: &Groups, cell_table: &CellTable<'_>) -> Markup {
    if groups.is_empty() {
        return html! {};
    }
    let has_cells = cell_table.cells.len() > 1;
    let outside = groups.of.values().filter(|group| !group.all_within).count();
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
                        @for ((cell, identity, quantity), group) in &groups.of {
                            tr {
                                @if has_cells { td { (cell_table.cells[*cell].name) } }
                                td.who { (named(&cell_table.identities[*identity])) }
                                (line(&groups.quantities[*quantity], group))
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

fn line(quantity: &str, group: &Group) -> Markup {
    let median = |values: &[f64]| Spread::of(values.iter().copied()).map(|spread| spread.median);
    let predicted = median(&group.predicted);
    let measured = median(&group.measured);
    let difference = median(&group.difference_percent);
    let amount = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| shown(value, &group.unit))
    };
    html! {
        td { (quantity) }
        td.n { (amount(predicted)) }
        td.n { (amount(measured)) }
        td.n { @if let Some(percent) = difference { (format!("{percent:+.1} %")) } @else { "–" } }
        td {
            @if measured.is_none() { "not measured" }
            @else if group.all_within { span.good { "yes" } }
            @else { span.bad { "no" } }
        }
        td.source { (group.source) }
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
