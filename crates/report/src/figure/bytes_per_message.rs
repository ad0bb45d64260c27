//! The bytes on the wire for a delivered message: the event itself, and the overhead.

use analysis::{
    caption,
    cell::{Cell, CellTable, VariantRuns},
    metric::{BYTES, of},
    unit,
};
use chart::{
    FigureError,
    bars::{Bar, Chart, Shade},
    canvas,
};
use palette::Style;

const TITLE: &str = "Bytes on the wire for each delivered message";

pub(super) fn draw(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let bars: Vec<Bar<'_>> = cell
        .variants
        .iter()
        .filter_map(|variant| bar(variant, &cell_table.identities[variant.identity].style))
        .collect();
    if bars.is_empty() {
        return Ok(None);
    }
    let caption = caption::of_cell(cell_table, cell);
    let chart = Chart {
        title: TITLE,
        reading: "All bytes at the socket while measuring, up and down. Shorter is better.",
        caption: &caption,
        axis: "bytes per message",
        tick: BYTES.unit.format(),
        key: Some([
            "payload: the event itself",
            "everything else, what speakers send included",
        ]),
    };
    canvas::sheet(TITLE, |canvas| chart.draw(canvas, &bars)).map(Some)
}

fn bar<'i>(variant: &VariantRuns<'_>, identity: &'i Style) -> Option<Bar<'i>> {
    let spread = variant.spread(BYTES.metric)?;
    // The ledger knows the overhead of all that the window brought; the mean text
    // of the counted deliveries is near it, and serves where there is no ledger.
    let rest = match variant.spread(of::overhead_bytes) {
        Some(overhead) => overhead.median,
        None => spread.median - variant.spread(of::payload_bytes)?.median,
    };
    let rest = rest.clamp(0.0, spread.median);
    let payload = spread.median - rest;
    Some(Bar {
        identity,
        parts: vec![(payload, Shade::Full), (rest, Shade::Pale)],
        range: (spread.min, spread.max),
        number: BYTES.show(spread.median),
        detail: format!("= {} + {}", unit::bytes(payload), unit::bytes(rest)),
        valid: variant.valid,
    })
}
