//! Measured points beside the line of a formula, and bars of several counts, for the figures of
//! published claims.

use crate::{
    Figure, FigureError,
    axis::Scale,
    border,
    canvas::{self, Align, Canvas, INK, Lettering, WIDTH, tint},
    legend::{self, EndLabel, Notes},
    panel::Panel,
};
use palette::{Colour, Style};

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

/// A piece of a bar.
#[derive(Debug)]
pub struct Piece {
    /// The length of the piece.
    pub value: f64,
    /// True if the piece is drawn in a tint.
    pub pale: bool,
}

/// Bars in groups, with a number at the end of each.
#[derive(Debug)]
pub struct Bars<'a> {
    /// The part of the file name after the claim's name.
    pub name: &'a str,
    /// The subject of the chart.
    pub title: &'a str,
    /// An explanation of how to read the chart.
    pub reading: &'a str,
    /// A description of the scenario and its settings.
    pub caption: &'a str,
    /// The meanings of full and pale.
    pub key: [&'a str; 2],
    /// The heading of each group, and its bars.
    pub groups: Vec<(String, Vec<Bar>)>,
}

/// A bar of a group.
#[derive(Debug)]
pub struct Bar {
    /// The text before the bar.
    pub name: String,
    /// The pieces from left to right.
    pub pieces: Vec<Piece>,
    /// The colour of the bar.
    pub colour: Colour,
    /// The text at the end of the bar.
    pub number: String,
}

const TOP: f64 = 160.0;
const BOTTOM: f64 = 800.0;
const LEFT: f64 = 420.0;

impl Bars<'_> {
    /// Draws the figure; each group has a scale of its own, from zero.
    ///
    /// # Errors
    /// Fails if drawing fails.
    pub fn draw(self) -> Result<Vec<Figure>, FigureError> {
        let svg = canvas::sheet(self.title, |canvas| {
            border::head(canvas, self.title, self.reading);
            border::foot(canvas, self.caption);
            let grey = Colour(0x5A, 0x60, 0x68);
            let key = [(grey, self.key[0]), (tint(grey, 0.62), self.key[1])];
            legend::key(canvas, WIDTH - 60.0, 132.0, &key);
            let rows: usize = self.groups.iter().map(|(_, bars)| bars.len() + 1).sum();
            let step = (BOTTOM - TOP) / rows.max(1) as f64;
            let mut y = TOP + step * 0.5;
            for (heading, bars) in &self.groups {
                canvas.text(heading, (60.0, y), Align::Left, Lettering::bold(24.0));
                y += step;
                let longest = bars.iter().map(Bar::length).fold(0.0, f64::max);
                for bar in bars {
                    bar.draw(canvas, y, step * 0.6, longest);
                    y += step;
                }
            }
        })?;
        Ok(vec![Figure {
            name: self.name.to_owned(),
            svg,
        }])
    }
}

impl Bar {
    fn length(&self) -> f64 {
        self.pieces.iter().map(|piece| piece.value).sum()
    }

    fn draw(&self, canvas: &mut Canvas<'_>, y: f64, height: f64, longest: f64) {
        let room = WIDTH - 240.0 - LEFT;
        canvas.text(
            &self.name,
            (LEFT - 20.0, y),
            Align::Right,
            Lettering::plain(22.0),
        );
        let mut from = LEFT;
        for piece in &self.pieces {
            let to = from + piece.value / longest.max(f64::MIN_POSITIVE) * room;
            let colour = if piece.pale {
                tint(self.colour, 0.62)
            } else {
                self.colour
            };
            let (top, bottom) = (y - height / 2.0, y + height / 2.0);
            canvas.rect((from, top), (to.max(from + 1.0), bottom), colour);
            from = to;
        }
        canvas.line((LEFT, y - height / 2.0), (LEFT, y + height / 2.0), INK, 2.0);
        canvas.text(
            &self.number,
            (from + 16.0, y),
            Align::Left,
            Lettering::bold(22.0),
        );
    }
}
