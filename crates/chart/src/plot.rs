//! Measured points beside the line of a formula, for the figures of published claims.

use crate::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Canvas, WIDTH},
    legend::{self, EndLabel, Notes},
    panel::Panel,
};
use palette::Style;

/// The texts and scales of a plot.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// The subject of the plot.
    pub title: &'a str,
    /// An explanation of how to read the plot.
    pub reading: &'a str,
    /// A description of the scenario and its settings.
    pub caption: &'a str,
    /// The title of the horizontal axis.
    pub x: &'a str,
    /// The title of the vertical axis.
    pub y: &'a str,
    /// True if the horizontal scale is logarithmic, which applies if no value is zero.
    pub log_x: bool,
    /// True if the vertical scale is logarithmic, which applies if no value is zero.
    pub log_y: bool,
    /// A function that formats the values at both axes.
    pub tick: fn(f64) -> String,
}

/// A curve of a plot.
#[derive(Debug)]
pub struct Line<'a> {
    /// The name and look of the curve.
    pub identity: &'a Style,
    /// The points, from left to right.
    pub points: &'a [(f64, f64)],
    /// True if the points are joined by a line.
    pub stroke: bool,
    /// True if the points have markers.
    pub markers: bool,
}

/// The number of markers on one curve above which they run together.
const MARKERS: usize = 40;

/// Draws curves over a common horizontal axis.
///
/// # Errors
/// Fails if drawing fails.
pub fn draw(sheet: &Sheet<'_>, lines: &[Line<'_>]) -> Result<String, FigureError> {
    canvas::sheet(sheet.title, |canvas| {
        border::head(canvas, sheet.title, sheet.reading);
        border::foot(canvas, sheet.caption);
        let all = || lines.iter().flat_map(|line| line.points);
        let identities = lines.iter().map(|line| (line.identity, true));
        let gutter = legend::gutter(canvas, identities, Notes::Beside);
        let panel = Panel {
            left: 150.0,
            top: 186.0,
            right: WIDTH - gutter,
            bottom: 720.0,
            x: scale(all().map(|point| point.0), sheet.log_x),
            y: scale(all().map(|point| point.1), sheet.log_y),
        };
        panel.grid_y(canvas, Some(sheet.tick));
        let ticks: Vec<_> = panel
            .x
            .ticks()
            .into_iter()
            .map(|value| (value, (sheet.tick)(value)))
            .collect();
        panel.grid_x(canvas, &ticks);
        panel.title_y(canvas, sheet.y);
        panel.title_x(canvas, sheet.x);
        for line in lines {
            curve(canvas, &panel, line);
        }
        let labels: Vec<EndLabel<'_>> = lines.iter().map(|line| end(&panel, line)).collect();
        legend::label_ends(canvas, &panel, &labels, Notes::Beside);
    })
}

fn scale(values: impl Iterator<Item = f64>, log: bool) -> Scale {
    let (mut least, mut most) = (f64::MAX, 0f64);
    for value in values {
        least = least.min(value);
        most = most.max(value);
    }
    if log && least > 0.0 {
        Scale::log_around(least, most)
    } else {
        Scale::from_zero(most)
    }
}

fn curve(canvas: &mut Canvas<'_>, panel: &Panel, line: &Line<'_>) {
    let places: Vec<_> = line.points.iter().map(|&(x, y)| panel.at(x, y)).collect();
    if line.stroke {
        canvas.series(&places, line.identity, true);
    }
    if line.markers {
        let step = places.len().div_ceil(MARKERS);
        for place in places.iter().step_by(step.max(1)) {
            canvas.marker(*place, 18.0, line.identity, true);
        }
    }
}

fn end<'a>(panel: &Panel, line: &Line<'a>) -> EndLabel<'a> {
    // A line without points is not drawn at all.
    let (x, y) = line.points.last().copied().unwrap_or_default();
    let (x, y) = panel.at(x, y);
    EndLabel {
        identity: line.identity,
        end: (x + 12.0, y),
        note: String::new(),
        valid: true,
    }
}
