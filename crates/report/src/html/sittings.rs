//! The differences between sittings: the distance between their medians.

use maud::{Markup, html};

use super::mark::named;
use analysis::{
    cell::{Cell, CellTable},
    effect::times,
    metric::{BYTES, Metric, P50, P99, SERVER_CPU},
};

const SHOWN: [&Metric; 4] = [&P50, &P99, &BYTES, &SERVER_CPU];

/// Draws the section; empty if all runs are of one sitting.
pub(super) fn section(cell_table: &CellTable<'_>) -> Markup {
    let is_several = |cell: &Cell<'_>| {
        let figures = cell.variants.iter().flat_map(|variant| {
            let between = |quantity: &&Metric| between(cell, quantity, variant.identity);
            SHOWN.iter().filter_map(between)
        });
        figures.count() > 0
    };
    let cells: Vec<&Cell<'_>> = cell_table
        .cells
        .iter()
        .filter(|cell| is_several(cell))
        .collect();
    if cells.is_empty() {
        return html! {};
    }
    let has_cells = cell_table.cells.len() > 1;
    html! {
        section id="sittings" {
            h2 { "Between sittings" }
            p.lead {
                "The runs were made in several sittings. Least and most of the medians of sittings, \
                 and how many times as much the most is: what no repeat within a sitting can show."
            }
            div.scroll {
                table {
                    thead { tr {
                        @if has_cells { th { "cell" } }
                        th { "transport" }
                        @for quantity in SHOWN { th.n { (quantity.short) } }
                    } }
                    @for cell in cells { tbody { (rows(cell_table, cell, has_cells)) } }
                }
            }
        }
    }
}

fn rows(cell_table: &CellTable<'_>, cell: &Cell<'_>, has_cells: bool) -> Markup {
    html! {
        @for (at, variant) in cell.variants.iter().enumerate() {
            tr {
                @if has_cells && at == 0 { th.cell scope="rowgroup" rowspan=(cell.variants.len()) { (cell.name) } }
                th.who scope="row" { (named(&cell_table.identities[variant.identity])) }
                @for quantity in SHOWN {
                    td.n { (between(cell, quantity, variant.identity).unwrap_or_else(|| "–".to_owned())) }
                }
            }
        }
    }
}

/// Returns the range of the sittings' medians and its ratio: `670 µs to 1.37 ms, ×2.04`.
pub(crate) fn between(cell: &Cell<'_>, quantity: &Metric, who: usize) -> Option<String> {
    let spread = cell.sample(quantity, who)?.between_sittings()?;
    let show = quantity.unit.format();
    let ratio = spread.max / spread.min;
    let ratio = if ratio.is_finite() {
        format!(", {}", times(ratio))
    } else {
        String::new()
    };
    Some(format!(
        "{} to {}{ratio}",
        show(spread.min),
        show(spread.max)
    ))
}
