//! The server's memory for each client, where runs are compressed: a context of each reader is what
//! compression costs most.

use analysis::{
    caption,
    cell::{Cell, CellTable, VariantRuns},
    metric::SERVER_MEMORY,
    unit,
};
use chart::{
    FigureError,
    bars::{Bar, Chart, Shade},
    canvas,
};
use palette::Style;
use wire::Compression;

const TITLE: &str = "Server memory for each client";
const READING: &str =
    "Resident memory that the clients added to the server process. Shorter is better.";
const READING_OF_SEVERAL: &str = "Resident memory that the clients added to all server processes \
                                  together. Shorter is better.";

pub(super) fn draw(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let is_packed = |variant: &VariantRuns<'_>| {
        let identity = &cell_table.identities[variant.identity];
        Compression::from_variant(&identity.variant) != Compression::None
    };
    if !cell.variants.iter().any(is_packed) {
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
    let caption = caption::of_cell(cell_table, cell);
    let chart = Chart {
        title: TITLE,
        reading: if cell.has_several_servers() {
            READING_OF_SEVERAL
        } else {
            READING
        },
        caption: &caption,
        axis: "memory per client",
        tick: SERVER_MEMORY.unit.format(),
        key: None,
    };
    canvas::sheet(TITLE, |canvas| chart.draw(canvas, &bars)).map(Some)
}

fn bar<'i>(variant: &VariantRuns<'_>, identity: &'i Style) -> Option<Bar<'i>> {
    let spread = variant.spread(SERVER_MEMORY.metric)?;
    let detail = if spread.is_flat() {
        String::new()
    } else {
        format!(
            "{} to {}",
            unit::memory(spread.min),
            unit::memory(spread.max)
        )
    };
    Some(Bar {
        identity,
        parts: vec![(spread.median.max(0.0), Shade::Full)],
        range: (spread.min, spread.max),
        number: SERVER_MEMORY.show(spread.median),
        detail,
        valid: variant.valid,
    })
}
