//! Lines in pairs: thin and pale for before, thick for after. Both keep the dash of their way, so
//! that a dash means the same as in every other figure.

use analysis::statistics::Spread;
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Align, Canvas, INK, Lettering, Point, WIDTH, tint},
    legend::{self, EndLabel, Notes},
    panel::Panel,
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

/// Returns the look of a line from before, which is drawn thin.
fn earlier(identity: &Style) -> Style {
    Style {
        colour: pale(identity.colour),
        ..identity.clone()
    }
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
            let reading = "Thin and pale: before. Thick: after. Lower is better.";
            border::head(canvas, self.title, reading);
            border::foot(canvas, &self.caption);
            let known = lines.iter().map(|(identity, _)| (*identity, true));
            let right = WIDTH - legend::gutter(canvas, known, Notes::Below);
            let panel = self.frame(canvas, lines, right);
            for (identity, [before, after]) in lines {
                canvas.series(&places(&panel, before), &earlier(identity), false);
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
        let key = [(pale(INK), 2.0, "before"), (INK, 4.5, "after")];
        for (at, (colour, width, word)) in key.into_iter().enumerate() {
            let x = WIDTH - 330.0 + 150.0 * at as f64;
            canvas.path(&[(x, 98.0), (x + 44.0, 98.0)], colour, width);
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

#[cfg(test)]
mod tests {
    use super::*;
    use palette::Hue;

    /// Checks that what tells before from after tells no two ways apart: each way keeps its dash,
    /// and no way has the colour of another's line from before.
    #[test]
    fn before_is_told_by_what_no_way_uses() {
        let hues = [Hue::Orange, Hue::Amber, Hue::Green, Hue::Sky, Hue::Night];
        for (at, hue) in hues.into_iter().enumerate() {
            let way = Style::new(format!("way {at}"), hue, at % 3);
            let was = earlier(&way);
            assert_eq!(was.dash, way.dash);
            assert!(hues.iter().all(|hue| hue.colour() != was.colour));
        }
    }
}
