//! The bytes around a delivered message where libraries are compared: the envelope of the library,
//! and the heads of its way.

use wire::{Protocol, Way};

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
        .filter_map(|variant| bar(cell_table, cell, variant))
        .collect();
    if bars.is_empty() {
        return Ok(None);
    }
    let caption = caption::of_cell_summed(cell_table, cell);
    let chart = Chart {
        title: TITLE,
        reading: "Bytes both ways for a message, without the message itself, openings, drafts and \
                  heartbeats. +: more than the plain way.",
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

fn bar<'i>(
    cell_table: &'i CellTable<'_>,
    cell: &Cell<'_>,
    variant: &VariantRuns<'_>,
) -> Option<Bar<'i>> {
    let (around, heads) = added(variant)?;
    let whole = around + heads;
    let plain = plain_way(cell_table, cell, variant).and_then(added);
    let more = plain.map_or(String::new(), |(around, heads)| {
        let more = whole - around - heads;
        let sign = if more < 0.0 { "\u{2212}" } else { "+" };
        format!(", {sign}{}", unit::bytes(more.abs()))
    });
    Some(Bar {
        identity: &cell_table.identities[variant.identity].style,
        parts: vec![(around, Shade::Full), (heads, Shade::Pale)],
        range: (whole, whole),
        number: BYTES.show(whole),
        detail: format!("= {} + {}{more}", unit::bytes(around), unit::bytes(heads)),
        valid: variant.valid,
    })
}

/// Returns the runs of the plain contract over the way of a variant that is not plain itself.
fn plain_way<'c, 'a>(
    cell_table: &CellTable<'_>,
    cell: &'c Cell<'a>,
    variant: &VariantRuns<'_>,
) -> Option<&'c VariantRuns<'a>> {
    let of = |variant: &VariantRuns<'_>| {
        let identity = &cell_table.identities[variant.identity];
        let way = Way::from_columns(&identity.transport, &identity.variant);
        (way, Protocol::from_variant(&identity.variant))
    };
    let (way, protocol) = of(variant);
    let mut others = cell.variants.iter();
    others.find(|other| protocol != Protocol::Plain && of(other) == (way, Protocol::Plain))
}

/// Returns the bytes around a message within content, and those of heads, for each message.
fn added(variant: &VariantRuns<'_>) -> Option<(f64, f64)> {
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
    Some((around, heads))
}
