//! Areas that differ in more than colour. A pattern survives grey print and colour blindness; a
//! colour is quicker to see.

use crate::{
    canvas::{Align, Canvas, GREY, Lettering, PAPER, Point},
    look::Look,
};
use palette::Colour;

/// The pattern that is drawn over an area's colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// The colour alone.
    Plain,
    /// Lines from lower left to upper right.
    Rising,
    /// Lines from upper left to lower right.
    Falling,
    /// Vertical lines.
    Upright,
    /// Horizontal lines.
    Level,
    /// Dots.
    Dots,
    /// Rising lines on paper, for values that are estimated and not counted.
    Estimate,
}

/// The distance between two lines or dots.
const STEP: f64 = 9.0;

impl Canvas<'_> {
    /// Draws an area between two corners in a part's look.
    pub fn area(&mut self, one: Point, other: Point, look: &Look) {
        if look.pattern == Pattern::Estimate {
            self.rect(one, other, PAPER);
            self.lines(one, other, GREY, Pattern::Rising);
            let ring = [one, (other.0, one.1), other, (one.0, other.1), one];
            self.path(&ring, GREY, 1.5);
        } else {
            self.rect(one, other, look.colour);
            self.lines(one, other, PAPER, look.pattern);
        }
    }

    fn lines(
        &mut self,
        (left, top): Point,
        (right, bottom): Point,
        colour: Colour,
        pattern: Pattern,
    ) {
        let (width, height) = (right - left, bottom - top);
        let slanted = match pattern {
            Pattern::Rising | Pattern::Falling => width + height,
            _ => 0.0,
        };
        let steps = |length: f64| {
            let mut at = STEP * 0.6;
            std::iter::from_fn(move || {
                let here = at;
                at += STEP;
                (here < length).then_some(here)
            })
        };
        for reach in steps(slanted) {
            // The line x + y = reach, cut off at the sides.
            let from = (reach.min(width), (reach - width).max(0.0));
            let to = ((reach - height).max(0.0), reach.min(height));
            let turned = |(x, y): Point| match pattern {
                Pattern::Falling => (left + x, bottom - y),
                _ => (left + x, top + y),
            };
            self.line(turned(from), turned(to), colour, 1.5);
        }
        match pattern {
            Pattern::Upright => {
                for x in steps(width) {
                    self.line((left + x, top), (left + x, bottom), colour, 1.5);
                }
            }
            Pattern::Level => {
                for y in steps(height) {
                    self.line((left, top + y), (right, top + y), colour, 1.5);
                }
            }
            Pattern::Dots => {
                for x in steps(width) {
                    for y in steps(height) {
                        self.disc((left + x, top + y), 1.7, GREY);
                    }
                }
            }
            _ => {}
        }
    }

    /// Draws the meaning of each look, from left to right; smaller if there is little room.
    pub fn looks(&mut self, left: f64, right: f64, y: f64, looks: &[&Look]) {
        const SAMPLE: f64 = 34.0;
        const GAP: f64 = 26.0;
        let mut size = 20.0;
        let room = |size: f64, canvas: &mut Self| -> f64 {
            let texts = looks.iter();
            texts
                .map(|look| SAMPLE + 9.0 + GAP + canvas.width(look.name, Lettering::plain(size)))
                .sum()
        };
        while room(size, self) > right - left && size > 13.0 {
            size -= 0.5;
        }
        let mut x = left;
        for look in looks {
            self.area((x, y - 11.0), (x + SAMPLE, y + 11.0), look);
            x += SAMPLE + 9.0;
            self.text(look.name, (x, y), Align::Left, Lettering::plain(size));
            x += self.width(look.name, Lettering::plain(size)) + GAP;
        }
    }
}
