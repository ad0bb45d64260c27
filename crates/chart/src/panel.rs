//! A rectangle with two scales, which turn values into places.

use crate::{
    axis::Scale,
    canvas::{Align, Canvas, FAINT, GREY, GRID, Lettering, Point},
};

/// The lettering of tick labels.
pub const TICK: Lettering = Lettering::grey(22.0);

/// The least distance of two labels above each other.
const APART: f64 = 20.0;

/// A plotting area.
#[derive(Debug, Clone, Copy)]
pub struct Panel {
    /// The left side on the sheet.
    pub left: f64,
    /// The upper side.
    pub top: f64,
    /// The right side.
    pub right: f64,
    /// The lower side.
    pub bottom: f64,
    /// The scale from left to right.
    pub x: Scale,
    /// The scale from the lower side to the upper one.
    pub y: Scale,
}

impl Panel {
    /// Returns the place of a pair of values on the sheet.
    #[must_use]
    pub fn at(&self, x: f64, y: f64) -> Point {
        (self.across(x), self.down(y))
    }

    /// Returns the horizontal position of a value.
    #[must_use]
    pub fn across(&self, x: f64) -> f64 {
        self.left + self.x.share(x) * (self.right - self.left)
    }

    /// Returns the vertical position of a value.
    #[must_use]
    pub fn down(&self, y: f64) -> f64 {
        self.bottom - self.y.share(y) * (self.bottom - self.top)
    }

    /// Draws horizontal lines at the vertical scale's ticks, labelled on the left unless `label` is
    /// `None`.
    pub fn grid_y(&self, canvas: &mut Canvas<'_>, label: Option<fn(f64) -> String>) {
        for value in self.y.minor_ticks() {
            let y = self.down(value);
            canvas.line((self.left, y), (self.right, y), FAINT, 1.0);
        }
        let ticks = self.y.ticks();
        let is_close = |pair: &[f64]| self.down(pair[0]) - self.down(pair[1]) < APART;
        let few = ticks.windows(2).any(is_close).then(|| self.y.few_ticks());
        let is_labelled = |value: f64| {
            let is_it = |one: &f64| (one - value).abs() <= value.abs() * 1e-9;
            few.as_ref().is_none_or(|few| few.iter().any(is_it))
        };
        for value in ticks {
            let y = self.down(value);
            canvas.line((self.left, y), (self.right, y), GRID, 1.5);
            if let Some(label) = label.filter(|_| is_labelled(value)) {
                canvas.text(&label(value), (self.left - 14.0, y), Align::Right, TICK);
            }
        }
    }

    /// Draws vertical lines at these values, labelled below.
    pub fn grid_x(&self, canvas: &mut Canvas<'_>, ticks: &[(f64, String)]) {
        for (value, label) in ticks {
            let x = self.across(*value);
            canvas.line((x, self.top), (x, self.bottom), FAINT, 1.5);
            canvas.line((x, self.bottom), (x, self.bottom + 8.0), GREY, 1.5);
            canvas.text(label, (x, self.bottom + 28.0), Align::Middle, TICK);
        }
        canvas.line(
            (self.left, self.bottom),
            (self.right, self.bottom),
            GREY,
            2.0,
        );
    }

    /// Writes the title of the vertical axis above it, horizontally, so that it is easy to read.
    pub fn title_y(&self, canvas: &mut Canvas<'_>, text: &str) {
        canvas.text(
            text,
            (self.left, self.top - 26.0),
            Align::Left,
            Lettering::bold(22.0),
        );
    }

    /// Writes the title of the horizontal axis.
    pub fn title_x(&self, canvas: &mut Canvas<'_>, text: &str) {
        let place = (f64::midpoint(self.left, self.right), self.bottom + 64.0);
        canvas.text(text, place, Align::Middle, Lettering::bold(22.0));
    }
}
