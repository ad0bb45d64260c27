//! Bars of several counts in groups, for the figures of published claims.

use crate::{
    Figure, FigureError, border,
    canvas::{self, Align, Canvas, INK, Lettering, WIDTH},
    shade::{Shade, shade_key},
};
use palette::Colour;

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
    /// The pieces from left to right. Their sum is the bar's length.
    pub parts: Vec<(f64, Shade)>,
    /// The colour of the bar.
    pub colour: Colour,
    /// The text at the end of the bar.
    pub number: String,
}

const TOP: f64 = 160.0;
const BOTTOM: f64 = 800.0;
const LEFT: f64 = 420.0;
/// The share of white in a pale piece.
const PALENESS: f64 = 0.62;

impl Bars<'_> {
    /// Draws the figure; each group has a scale of its own, from zero.
    ///
    /// # Errors
    /// Fails if drawing fails.
    pub fn draw(self) -> Result<Vec<Figure>, FigureError> {
        let svg = canvas::sheet(self.title, |canvas| {
            border::head(canvas, self.title, self.reading);
            border::foot(canvas, self.caption);
            shade_key(canvas, 132.0, self.key, PALENESS);
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
        self.parts.iter().map(|(value, _)| value).sum()
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
        for (value, shade) in &self.parts {
            let to = from + value / longest.max(f64::MIN_POSITIVE) * room;
            let (top, bottom) = (y - height / 2.0, y + height / 2.0);
            let colour = shade.of(self.colour, PALENESS);
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
