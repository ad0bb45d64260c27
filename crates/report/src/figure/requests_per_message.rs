//! The number of requests that readers send for each message they get, and of those in vain.

use analysis::{
    caption,
    cell::{Cell, CellTable, VariantRuns},
    metric::{REQUESTS, of},
};
use chart::{
    FigureError,
    bars::{Bar, Chart, Shade},
    canvas,
};
use palette::Style;

const TITLE: &str = "Requests for each delivered message";

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
        reading: "Each question of a poll counts. A stream or WebSocket is opened once and asks for nothing.",
        caption: &caption,
        axis: "requests per message",
        tick: REQUESTS.unit.format(),
        key: Some(["brought messages", "came back empty"]),
    };
    canvas::sheet(TITLE, |canvas| chart.draw(canvas, &bars)).map(Some)
}

fn bar<'i>(variant: &VariantRuns<'_>, identity: &'i Style) -> Option<Bar<'i>> {
    let spread = variant.spread(REQUESTS.metric)?;
    let empty = variant
        .spread(of::empty_requests)?
        .median
        .min(spread.median);
    let share = if spread.median > 0.0 {
        empty / spread.median
    } else {
        0.0
    };
    Some(Bar {
        identity,
        parts: vec![(spread.median - empty, Shade::Full), (empty, Shade::Pale)],
        range: (spread.min, spread.max),
        number: REQUESTS.show(spread.median),
        detail: match share * 100.0 {
            _ if spread.median <= 0.0 => "no request".to_owned(),
            percent if percent > 0.0 && percent < 1.0 => "under 1 % empty".to_owned(),
            percent => format!("{percent:.0} % empty"),
        },
        valid: variant.valid,
    })
}
