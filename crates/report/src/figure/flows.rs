//! Two quantities of each second of a run, one panel above the other, with a line for each variant.

use super::latency_over_time::{by_second, time_ticks};
use analysis::{
    caption,
    cell::{Cell, CellTable},
    statistics::Spread,
};
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Canvas, WIDTH},
    legend::{self, EndLabel, Notes},
    panel::Panel,
};
use palette::Style;
use results::digest::Second;

/// The upper or the lower panel.
pub(super) struct Half {
    /// The words along the axis.
    pub(super) title: &'static str,
    /// The value of a second; `None` if the row lacks it.
    pub(super) value: fn(&Second) -> Option<f64>,
    /// The function that writes a value beside the axis.
    pub(super) words: fn(f64) -> String,
    /// The function that sums up a line in the words beside its end.
    pub(super) note: fn(&Spread) -> String,
}

struct Flow<'a> {
    identity: &'a Style,
    valid: bool,
    points: Vec<(f64, f64)>,
}

/// Draws both panels under a title and a sentence on how to read them; `None` if no row has the
/// value of the upper panel.
pub(super) fn draw(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
    (title, reading): (&str, &str),
    [upper, lower]: [Half; 2],
) -> Result<Option<String>, FigureError> {
    let (above, below) = (
        flows(cell_table, cell, &upper),
        flows(cell_table, cell, &lower),
    );
    if above.is_empty() {
        return Ok(None);
    }
    let caption = caption::of_cell_medians(cell_table, cell);
    canvas::sheet(title, |canvas| {
        border::head(canvas, title, reading);
        border::foot(canvas, &caption);
        panel(canvas, &above, &upper, (172.0, 446.0), false);
        panel(canvas, &below, &lower, (518.0, 768.0), true);
    })
    .map(Some)
}

/// Returns the line of each variant that has one.
fn flows<'a>(cell_table: &'a CellTable<'_>, cell: &Cell<'_>, half: &Half) -> Vec<Flow<'a>> {
    let variants = cell.variants.iter();
    variants
        .map(|variant| Flow {
            identity: &cell_table.identities[variant.identity].style,
            valid: variant.valid,
            points: by_second(variant, half.value),
        })
        .filter(|flow| !flow.points.is_empty())
        .collect()
}

fn panel(
    canvas: &mut Canvas<'_>,
    flows: &[Flow<'_>],
    half: &Half,
    (top, bottom): (f64, f64),
    is_last: bool,
) {
    let points = || flows.iter().flat_map(|flow| &flow.points);
    let most = points().map(|point| point.1).fold(0.0, f64::max);
    let last = points().map(|point| point.0).fold(1.0, f64::max);
    let entries = flows
        .iter()
        .map(|flow| (flow.identity, flow.valid, noted(flow, half.note)));
    let gutter = legend::gutter(canvas, entries, Notes::Beside);
    let panel = Panel {
        left: 150.0,
        top,
        right: WIDTH - gutter,
        bottom: bottom - if is_last { 0.0 } else { 14.0 },
        x: Scale::Linear {
            low: 0.0,
            high: last,
        },
        y: Scale::from_zero(most),
    };
    panel.grid_y(canvas, Some(half.words));
    panel.grid_x(canvas, &time_ticks(last, 7.0));
    panel.title_y(canvas, half.title);
    for flow in flows {
        let points: Vec<_> = flow
            .points
            .iter()
            .map(|(second, value)| panel.at(*second, *value))
            .collect();
        canvas.series(&points, flow.identity, flow.valid);
    }
    for (at, flow) in flows.iter().enumerate() {
        // A marker every so often names the line without hiding it; each line
        // has its own seconds, so that close lines do not hide each other's.
        let step = flow.points.len().div_ceil(5).max(1);
        let first = step * (2 * at + 1) / (2 * flows.len());
        for (second, value) in flow.points.iter().skip(first).step_by(step) {
            canvas.marker(panel.at(*second, *value), 18.0, flow.identity, flow.valid);
        }
    }
    let labels: Vec<EndLabel<'_>> = flows
        .iter()
        .map(|flow| label(&panel, flow, half.note))
        .collect();
    legend::label_ends(canvas, &panel, &labels, Notes::Beside);
}

/// Returns the figure behind the name of a flow.
fn noted(flow: &Flow<'_>, note: fn(&Spread) -> String) -> String {
    let spread = Spread::of(flow.points.iter().map(|point| point.1));
    spread.as_ref().map_or_else(String::new, note)
}

fn label<'a>(panel: &Panel, flow: &Flow<'a>, note: fn(&Spread) -> String) -> EndLabel<'a> {
    // A flow without points is not made.
    let (second, value) = flow.points.last().copied().unwrap_or_default();
    EndLabel {
        identity: flow.identity,
        end: panel.at(second, value),
        note: noted(flow, note),
        valid: flow.valid,
    }
}
