//! The server's processor time for a delivered message.

use analysis::{
    caption,
    cell::{Cell, CellTable, VariantRuns},
    metric::SERVER_CPU,
    unit,
};
use chart::{
    FigureError,
    bars::{Bar, Chart, Shade},
    canvas,
};
use palette::Style;

const TITLE: &str = "Server processor time for each delivered message";
const READING: &str =
    "User and system time of the server process, read from outside it. Shorter is better.";
const READING_OF_SEVERAL: &str = "User and system time of all server processes together, read \
                                  from outside them. Shorter is better.";

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
        reading: if cell.has_several_servers() {
            READING_OF_SEVERAL
        } else {
            READING
        },
        caption: &caption,
        axis: "processor time per message",
        tick: SERVER_CPU.unit.format(),
        key: None,
    };
    canvas::sheet(TITLE, |canvas| chart.draw(canvas, &bars)).map(Some)
}

fn bar<'i>(variant: &VariantRuns<'_>, identity: &'i Style) -> Option<Bar<'i>> {
    let spread = variant.spread(SERVER_CPU.metric)?;
    let detail = if spread.is_flat() {
        String::new()
    } else {
        format!(
            "{} to {}",
            unit::latency(spread.min),
            unit::latency(spread.max)
        )
    };
    Some(Bar {
        identity,
        parts: vec![(spread.median, Shade::Full)],
        range: (spread.min, spread.max),
        number: SERVER_CPU.show(spread.median),
        detail,
        valid: variant.valid,
    })
}
