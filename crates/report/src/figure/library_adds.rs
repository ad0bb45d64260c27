//! The bytes around a delivered message where libraries are compared: the envelope of the library,
//! and the heads of its way.

use wire::Protocol;

use super::bytes_by_account::{messages, window};
use analysis::{
    caption,
    cell::{Cell, CellTable, VariantRuns},
    metric::BYTES,
    unit,
};
use chart::{
    FigureError,
    bars::{Bar, Chart, Shade},
    canvas,
};
use palette::Style;

const TITLE: &str = "What the library adds to each message";

pub(super) fn draw(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let speaks = |variant: &VariantRuns<'_>| {
        let identity = &cell_table.identities[variant.identity];
        Protocol::from_variant(&identity.variant) != Protocol::Plain
    };
    if !cell.variants.iter().any(speaks) {
        return Ok(None);
    }
    let bars: Vec<Bar<'_>> = cell
        .variants
        .iter()
        .filter_map(|variant| bar(variant, &cell_table.identities[variant.identity].style))
        .collect();
    if bars.is_empty() {
        return Ok(None);
    }
    let caption = caption::of_cell_summed(cell_table, cell);
    let chart = Chart {
        title: TITLE,
        reading: "Bytes to and from a reader for each message, without the message itself. \
                  Questions are in it; opening, drafts and heartbeats are not.",
        caption: &caption,
        axis: "bytes per message",
        tick: BYTES.unit.format(),
        key: Some([
            "around the message: envelope, batch JSON",
            "heads: of HTTP, frames, chunks and lines",
        ]),
    };
    canvas::sheet(TITLE, |canvas| chart.draw(canvas, &bars)).map(Some)
}

fn bar<'i>(variant: &VariantRuns<'_>, identity: &'i Style) -> Option<Bar<'i>> {
    let messages = messages(variant);
    if messages <= 0.0 {
        return None;
    }
    let sum = |has: fn(&str) -> bool| {
        let rows = window(variant).filter(|row| has(row.layer));
        let read = rows.filter(|row| matches!(row.purpose, "deliver" | "empty" | "setup"));
        read.map(|row| row.bytes as f64).sum::<f64>() / messages
    };
    let around = sum(|layer| matches!(layer, "envelope" | "batch"));
    let heads = sum(|layer| {
        matches!(
            layer,
            "http_head" | "ws_head" | "ws_mask" | "h2_frame" | "chunk" | "text_frame"
        )
    });
    let whole = around + heads;
    Some(Bar {
        identity,
        parts: vec![(around, Shade::Full), (heads, Shade::Pale)],
        range: (whole, whole),
        number: BYTES.show(whole),
        detail: format!("= {} + {}", unit::bytes(around), unit::bytes(heads)),
        valid: variant.valid,
    })
}
