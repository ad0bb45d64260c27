//! Dashes, hatching and markers, which the SVG backend of plotters lacks.

use crate::canvas::{Canvas, PAPER, Point};
use palette::{Colour, Fill, Marker, Style};

/// Cuts a line into strokes. `dash` holds the lengths of strokes and gaps in turn; if it is empty,
/// the line stays whole.
#[must_use]
pub fn dashed(points: &[Point], dash: &[f64]) -> Vec<Vec<Point>> {
    if dash.is_empty() {
        return vec![points.to_vec()];
    }
    let mut strokes: Vec<Vec<Point>> = Vec::new();
    let mut at = 0;
    let mut left = dash[0];
    let mut pen_is_down = false;
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut length = (to.0 - from.0).hypot(to.1 - from.1);
        while length > 0.0 {
            let step = left.min(length);
            let share = step / length;
            let next = (
                from.0 + (to.0 - from.0) * share,
                from.1 + (to.1 - from.1) * share,
            );
            if at % 2 == 0 {
                match strokes.last_mut() {
                    Some(stroke) if pen_is_down => stroke.push(next),
                    _ => strokes.push(vec![from, next]),
                }
            }
            pen_is_down = at % 2 == 0;
            length -= step;
            left -= step;
            from = next;
            if left <= 0.0 {
                at = (at + 1) % dash.len();
                left = dash[at];
                pen_is_down = false;
            }
        }
    }
    strokes
}

impl Canvas<'_> {
    /// Draws a line in a variant's colour and dash. The line of a run that is not valid is thin.
    pub fn series(&mut self, points: &[Point], identity: &Style, valid: bool) {
        let width = if valid { 4.5 } else { 2.0 };
        for stroke in dashed(points, &identity.dash) {
            self.path(&stroke, identity.colour, width);
        }
    }

    /// Draws a variant's marker, about `size` wide. The marker of a run that is not valid is
    /// crossed out.
    pub fn marker(&mut self, place: Point, size: f64, identity: &Style, valid: bool) {
        let radius = size / 2.0;
        self.shape(place, radius + 2.0, identity.marker, PAPER);
        self.shape(place, radius, identity.marker, identity.colour);
        match identity.fill {
            Fill::Full => {}
            Fill::Hollow => self.shape(place, radius * 0.6, identity.marker, PAPER),
            Fill::Cored => {
                self.shape(place, radius * 0.68, identity.marker, PAPER);
                self.shape(place, radius * 0.4, identity.marker, identity.colour);
            }
        }
        if !valid {
            let (x, y) = place;
            let arm = radius * 1.25;
            for (dx, dy) in [(arm, arm), (arm, -arm)] {
                self.line((x - dx, y - dy), (x + dx, y + dy), PAPER, 5.0);
                self.line((x - dx, y - dy), (x + dx, y + dy), super::canvas::INK, 2.5);
            }
        }
    }

    fn shape(&mut self, (x, y): Point, radius: f64, marker: Marker, colour: Colour) {
        // Shapes of one radius look unequal; these factors make them equal by area.
        let ring = |factor: f64, corners: &[(f64, f64)]| -> Vec<Point> {
            let reach = radius * factor;
            corners
                .iter()
                .map(|(dx, dy)| (x + dx * reach, y + dy * reach))
                .collect()
        };
        match marker {
            Marker::Circle => self.disc((x, y), radius, colour),
            Marker::Square => {
                self.rect(
                    (x - radius * 0.88, y - radius * 0.88),
                    (x + radius * 0.88, y + radius * 0.88),
                    colour,
                );
            }
            Marker::Triangle => {
                self.polygon(
                    &ring(1.3, &[(0.0, -0.95), (0.9, 0.65), (-0.9, 0.65)]),
                    colour,
                );
            }
            Marker::Diamond => {
                self.polygon(
                    &ring(1.3, &[(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]),
                    colour,
                );
            }
            Marker::Star => self.polygon(&ring(1.4, &star()), colour),
            Marker::Cross => self.polygon(&ring(1.1, &cross()), colour),
        }
    }

    /// Draws diagonal lines over a rectangle, such as the bar of a run that is not valid.
    pub fn hatch(&mut self, (left, top): Point, (right, bottom): Point, colour: Colour) {
        let (width, height) = (right - left, bottom - top);
        let mut reach = 9.0;
        while reach < width + height {
            // The line x + y = reach, cut off at the sides.
            let from = (left + reach.min(width), top + (reach - width).max(0.0));
            let to = (left + (reach - height).max(0.0), top + reach.min(height));
            self.line(from, to, colour, 2.0);
            reach += 14.0;
        }
    }
}

/// Returns the corners of a five-pointed star around the centre, with its points at distance one.
fn star() -> Vec<(f64, f64)> {
    (0..10)
        .map(|corner| {
            let angle = f64::from(corner) * std::f64::consts::PI / 5.0;
            let reach = if corner % 2 == 0 { 1.0 } else { 0.45 };
            (angle.sin() * reach, -angle.cos() * reach)
        })
        .collect()
}

fn cross() -> Vec<(f64, f64)> {
    let (arm, half) = (1.0, 0.33);
    vec![
        (-half, -arm),
        (half, -arm),
        (half, -half),
        (arm, -half),
        (arm, half),
        (half, half),
        (half, arm),
        (-half, arm),
        (-half, half),
        (-arm, half),
        (-arm, -half),
        (-half, -half),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_goes_on_around_corners() {
        let bend = [(0.0, 0.0), (3.0, 0.0), (3.0, 7.0)];
        let strokes = dashed(&bend, &[4.0, 2.0]);
        assert_eq!(
            strokes,
            [
                vec![(0.0, 0.0), (3.0, 0.0), (3.0, 1.0)],
                vec![(3.0, 3.0), (3.0, 7.0)]
            ]
        );
        assert_eq!(dashed(&bend, &[]), [bend.to_vec()]);
    }
}
