//! Tables of figures without a ranking, with a row for each variant and cell.

use maud::{Markup, html};

use super::mark::named;
use analysis::{
    cell::{CellTable, VariantRuns},
    metric::Metric,
    statistics::Spread,
};

/// The largest number of rows that a screen shows without a scrolling frame.
const ROWS: usize = 16;

/// Returns whether the table has more rows than a screen holds.
pub(super) fn is_long(cell_table: &CellTable<'_>) -> bool {
    cell_table
        .cells
        .iter()
        .map(|cell| cell.variants.len())
        .sum::<usize>()
        > ROWS
}

/// Returns whether any run has one of these figures; runs of an older version may lack them.
pub(super) fn has_any(cell_table: &CellTable<'_>, quantities: &[&Metric]) -> bool {
    let mut variants = cell_table.cells.iter().flat_map(|cell| &cell.variants);
    variants.any(|variant| {
        let mut told = quantities.iter();
        told.any(|quantity| variant.spread(quantity.metric).is_some())
    })
}

/// Draws the table; the title of a column's head describes the column in full.
pub(super) fn listing(cell_table: &CellTable<'_>, quantities: &[&Metric]) -> Markup {
    let has_cells = cell_table.cells.len() > 1;
    html! {
        div.scroll.long[is_long(cell_table)].wide[has_cells] {
            table {
                thead { tr {
                    @if has_cells { th { "cell" } }
                    th { "transport" }
                    @for quantity in quantities { th.n title=(quantity.name) { (quantity.short) } }
                } }
                @for cell in &cell_table.cells {
                    tbody {
                        @for (at, variant) in cell.variants.iter().enumerate() {
                            tr class=[(!variant.valid).then_some("invalid")] {
                                @if has_cells && at == 0 {
                                    th.cell scope="rowgroup" rowspan=(cell.variants.len()) { (cell.name) }
                                }
                                th.who scope="row" { (named(&cell_table.identities[variant.identity])) }
                                @for quantity in quantities { (figure(variant, quantity, false)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Draws a cell of a table: the median, and the minimum and maximum below it.
pub(super) fn figure(variant: &VariantRuns<'_>, quantity: &Metric, best: bool) -> Markup {
    let Some(spread) = variant.spread(quantity.metric) else {
        return html! { td.n title="too few deliveries carry it, or the run could not tell" { "–" } };
    };
    html! {
        td.n.best[best] {
            (quantity.show(spread.median))
            @if let Some(range) = range(quantity, &spread) { div.range { (range) } }
        }
    }
}

/// Returns a range such as `1.2 – 3.4 ms`, with the unit only once if both ends share it; `None` if
/// both ends read the same.
fn range(quantity: &Metric, spread: &Spread) -> Option<String> {
    let (low, high) = (quantity.show(spread.min), quantity.show(spread.max));
    let unit = high.split_once(' ').map_or("", |(_, unit)| unit);
    // The unit and the blank before it: `946 ms` does not end in ` s`.
    let short = low.strip_suffix(&format!(" {unit}")).unwrap_or(&low);
    (low != high).then(|| format!("{short} – {high}"))
}
