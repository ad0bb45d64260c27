//! Lines in pairs: thin, pale and dashed for before, thick for after.

use analysis::statistics::Spread;
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Align, Canvas, GREY, INK, Lettering, Point, WIDTH, tint},
    legend::{self, EndLabel, Notes},
    panel::Panel,
    stroke::dashed,
};
use palette::{Colour, Style};

/// A variant's points before and after.
pub(super) type Lines<'i> = Vec<(&'i Style, [Vec<(f64, Spread)>; 2])>;

pub(super) fn points<'l>(lines: &'l Lines<'_>) -> impl Iterator<Item = &'l (f64, Spread)> {
    lines.iter().flat_map(|(_, sides)| sides.iter().flatten())
}

/// Returns the colour of a line from before: the same colour, blended with white.
pub(super) fn pale(colour: Colour) -> Colour {
    tint(colour, 0.5)
}

/// A figure of lines in pairs.
pub(super) struct Sheet<'a> {
    pub(super) title: &'a str,
    /// The scale, ticks and title of the horizontal axis.
    pub(super) x: (Scale, Vec<(f64, String)>, String),
    pub(super) y: String,
    pub(super) show: fn(f64) -> String,
    pub(super) caption: String,
    pub(super) markers: bool,
}

impl Sheet<'_> {
    pub(super) fn draw(&self, lines: &Lines<'_>) -> Result<String, FigureError> {
        canvas::sheet(self.title, |canvas| {
            let reading = "Thin, pale and dashed: before. Thick: after. Lower is better.";
            border::head(canvas, self.title, reading);
            border::foot(canvas, &self.caption);
            let known = lines.iter().map(|(identity, _)| (*identity, true));
            let right = WIDTH - legend::gutter(canvas, known, Notes::Below);
            let panel = self.frame(canvas, lines, right);
            for (identity, [before, after]) in lines {
                let was = Style {
                    colour: pale(identity.colour),
                    dash: vec![9.0, 7.0],
                    ..(*identity).clone()
                };
                canvas.series(&places(&panel, before), &was, false);
                canvas.series(&places(&panel, after), identity, true);
                for place in places(&panel, after).into_iter().filter(|_| self.markers) {
                    canvas.marker(place, 18.0, identity, true);
                }
            }
            let labels: Vec<EndLabel<'_>> = lines
                .iter()
                .map(|(identity, sides)| self.label(&panel, identity, sides))
                .collect();
            legend::label_ends(canvas, &panel, &labels, Notes::Below);
        })
    }

    fn frame(&self, canvas: &mut Canvas<'_>, lines: &Lines<'_>, right: f64) -> Panel {
        let least = points(lines)
            .map(|point| point.1.median)
            .fold(f64::MAX, f64::min);
        let most = points(lines)
            .map(|point| point.1.median)
            .fold(0.0, f64::max);
        let is_log = least > 0.0;
        let panel = Panel {
            left: 150.0,
            top: 178.0,
            right,
            bottom: 714.0,
            x: self.x.0,
            y: if is_log {
                Scale::log_around(least, most)
            } else {
                Scale::from_zero(most)
            },
        };
        panel.grid_y(canvas, Some(self.show));
        panel.grid_x(canvas, &self.x.1);
        panel.title_x(canvas, &self.x.2);
        panel.title_y(
            canvas,
            &format!("{}{}", self.y, if is_log { " (log scale)" } else { "" }),
        );
        let key = [(false, "before"), (true, "after")];
        for (at, (is_now, word)) in key.into_iter().enumerate() {
            let x = WIDTH - 330.0 + 150.0 * at as f64;
            let (colour, width) = if is_now { (INK, 4.5) } else { (GREY, 2.0) };
            let dash: &[f64] = if is_now { &[] } else { &[9.0, 7.0] };
            for stroke in dashed(&[(x, 98.0), (x + 44.0, 98.0)], dash) {
                canvas.path(&stroke, colour, width);
            }
            canvas.text(word, (x + 56.0, 98.0), Align::Left, Lettering::grey(20.0));
        }
        panel
    }

    /// Returns the label with the name and the two values at the end of the lines.
    fn label<'i>(
        &self,
        panel: &Panel,
        identity: &'i Style,
        [before, after]: &[Vec<(f64, Spread)>; 2],
    ) -> EndLabel<'i> {
        let last = |side: &[(f64, Spread)]| side.last().map(|point| point.1.median);
        let show = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), self.show);
        let end = places(panel, after)
            .last()
            .copied()
            .unwrap_or((panel.right, panel.bottom));
        EndLabel {
            identity,
            end: (end.0 + 10.0, end.1),
            note: format!("{} → {}", show(last(before)), show(last(after))),
            valid: true,
        }
    }
}

fn places(panel: &Panel, points: &[(f64, Spread)]) -> Vec<Point> {
    points
        .iter()
        .map(|(at, spread)| panel.at(*at, spread.median))
        .collect()
}
