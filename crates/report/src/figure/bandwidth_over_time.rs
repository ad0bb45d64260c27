//! The bytes on the wire in each second, in each direction.

use super::latency_over_time::{by_second, time_ticks};
use analysis::{
    caption,
    cell::{Cell, Comparison},
    statistics::Spread,
    unit,
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

const TITLE: &str = "Bandwidth while the run goes on";
const READING: &str =
    "All bytes at the socket: messages, headers, framing and empty answers. All clients together.";

struct Flow<'a> {
    identity: &'a Style,
    valid: bool,
    points: Vec<(f64, f64)>,
}

pub(super) fn draw(
    comparison: &Comparison<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let flows = |up: bool| -> Vec<Flow<'_>> {
        let variants = cell.variants.iter();
        variants
            .map(|variant| Flow {
                identity: &comparison.identities[variant.identity].style,
                valid: variant.valid,
                points: if up {
                    by_second(variant, |row| Some(row.bytes_up as f64))
                } else {
                    by_second(variant, |row| Some(row.bytes_down as f64))
                },
            })
            .filter(|flow| !flow.points.is_empty())
            .collect()
    };
    let (down, up) = (flows(false), flows(true));
    if down.is_empty() {
        return Ok(None);
    }
    let caption = caption::of_cell(comparison, cell);
    canvas::sheet(TITLE, |canvas| {
        border::head(canvas, TITLE, READING);
        border::foot(canvas, &caption);
        panel(
            canvas,
            &down,
            "down: server to clients",
            (172.0, 446.0),
            false,
        );
        panel(canvas, &up, "up: clients to server", (518.0, 768.0), true);
    })
    .map(Some)
}

fn panel(
    canvas: &mut Canvas<'_>,
    flows: &[Flow<'_>],
    title: &str,
    (top, bottom): (f64, f64),
    is_last: bool,
) {
    let points = || flows.iter().flat_map(|flow| &flow.points);
    let most = points().map(|point| point.1).fold(0.0, f64::max);
    let last = points().map(|point| point.0).fold(1.0, f64::max);
    let identities = flows.iter().map(|flow| (flow.identity, flow.valid));
    let gutter = legend::gutter(canvas, identities, Notes::Beside);
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
    panel.grid_y(canvas, Some(rate));
    panel.grid_x(canvas, &time_ticks(last, 7.0));
    panel.title_y(canvas, title);
    for flow in flows {
        let points: Vec<_> = flow
            .points
            .iter()
            .map(|(second, bytes)| panel.at(*second, *bytes))
            .collect();
        canvas.series(&points, flow.identity, flow.valid);
    }
    for (at, flow) in flows.iter().enumerate() {
        // A marker every so often names the line without hiding it; each line
        // has its own seconds, so that close lines do not hide each other's.
        let step = flow.points.len().div_ceil(5).max(1);
        let first = step * (2 * at + 1) / (2 * flows.len());
        for (second, bytes) in flow.points.iter().skip(first).step_by(step) {
            canvas.marker(panel.at(*second, *bytes), 18.0, flow.identity, flow.valid);
        }
    }
    let labels: Vec<EndLabel<'_>> = flows.iter().map(|flow| label(&panel, flow)).collect();
    legend::label_ends(canvas, &panel, &labels, Notes::Beside);
}

fn label<'a>(panel: &Panel, flow: &Flow<'a>) -> EndLabel<'a> {
    // A flow without points is not made.
    let (second, bytes) = flow.points.last().copied().unwrap_or_default();
    let typical = Spread::of(flow.points.iter().map(|point| point.1));
    let note = typical.map_or_else(String::new, |spread| rate(spread.median));
    EndLabel {
        identity: flow.identity,
        end: panel.at(second, bytes),
        note,
        valid: flow.valid,
    }
}

fn rate(bytes: f64) -> String {
    format!("{}/s", unit::bytes(bytes))
}
