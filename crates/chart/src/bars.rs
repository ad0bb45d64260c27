//! A bar chart with a row per variant: its name, its number in words, and a bar.
//!
//! The bars are horizontal, so that names can be read without turning the head, and start at zero
//! on a linear scale, so that lengths can be compared and stacked. If one bar is much longer than
//! others, a second panel shows the short ones magnified and tears off the long one.

use crate::{
    axis::Scale,
    border,
    canvas::{Align, Canvas, INK, Lettering, PAPER, WIDTH},
    legend,
    panel::{Panel, TICK},
    shade::shade_key,
};

pub use crate::shade::Shade;
use palette::Style;

/// The row of one variant.
#[derive(Debug)]
pub struct Bar<'a> {
    /// The name and look of the variant.
    pub identity: &'a Style,
    /// The pieces from left to right. Their sum is the bar's length.
    pub parts: Vec<(f64, Shade)>,
    /// The minimum and the maximum of the whole over the repeats.
    pub range: (f64, f64),
    /// The text of the whole, with its unit.
    pub number: String,
    /// A text that lists the parts of the whole.
    pub detail: String,
    /// True if the run is valid.
    pub valid: bool,
}

/// A bar chart.
#[derive(Debug)]
pub struct Chart<'a> {
    /// The subject of the chart.
    pub title: &'a str,
    /// An explanation of how to read the chart.
    pub reading: &'a str,
    /// A description of the scenario and its settings.
    pub caption: &'a str,
    /// The title of the axis along the lengths.
    pub axis: &'a str,
    /// A function that formats the values along the axis.
    pub tick: fn(f64) -> String,
    /// The meanings of full and pale, if there are two parts.
    pub key: Option<[&'a str; 2]>,
}

const TOP: f64 = 186.0;
const BOTTOM: f64 = 738.0;

/// The ratio of lengths from which a longer bar makes a shorter one unreadable.
const DWARFING: f64 = 6.0;

/// Returns the longest of the short bars, if there are any: those below the widest gap, or, where
/// lengths grow by small steps, those that the longest bar makes unreadable.
fn dwarfed(lengths: impl Iterator<Item = f64>) -> Option<f64> {
    let mut lengths: Vec<f64> = lengths.filter(|length| *length > 0.0).collect();
    lengths.sort_unstable_by(f64::total_cmp);
    let longest = *lengths.last()?;
    if longest / lengths.first()? <= DWARFING {
        return None;
    }
    let gap = |pair: &[f64]| pair[1] / pair[0];
    let widest = lengths
        .windows(2)
        .max_by(|one, other| gap(one).total_cmp(&gap(other)))?;
    if gap(widest) > DWARFING {
        return Some(widest[0]);
    }
    let is_short = |length: &&f64| longest / **length > DWARFING;
    lengths.iter().rev().find(is_short).copied()
}

impl Chart<'_> {
    /// Draws the bars, the first one on top.
    pub fn draw(&self, canvas: &mut Canvas<'_>, bars: &[Bar<'_>]) {
        border::head(canvas, self.title, self.reading);
        border::foot(canvas, self.caption);
        if let Some(meanings) = self.key {
            // Below the reading, which may be as wide as the figure.
            shade_key(canvas, 130.0, meanings, PALENESS);
        }
        let step = (BOTTOM - TOP) / bars.len() as f64;
        let names = words(canvas, bars, step);
        let longest = bars.iter().map(|bar| bar.range.1).fold(0.0, f64::max);
        let magnified = dwarfed(bars.iter().map(|bar| bar.range.1));
        let (left, right) = (names + 40.0, WIDTH - 90.0);
        if let Some(magnified) = magnified {
            let middle = left + (right - left) * 0.44;
            self.panel(
                canvas,
                bars,
                (left, middle - 55.0),
                Scale::from_zero(longest),
            );
            let heading = format!("{}, magnified", self.axis);
            let near = Chart {
                axis: &heading,
                ..*self
            };
            near.panel(
                canvas,
                bars,
                (middle + 55.0, right),
                Scale::from_zero(magnified),
            );
        } else {
            self.panel(canvas, bars, (left, right), Scale::from_zero(longest));
        }
    }

    fn panel(
        &self,
        canvas: &mut Canvas<'_>,
        bars: &[Bar<'_>],
        (left, right): (f64, f64),
        x: Scale,
    ) {
        let y = Scale::Linear {
            low: 0.0,
            high: bars.len() as f64,
        };
        let panel = Panel {
            left,
            top: TOP,
            right,
            bottom: BOTTOM,
            x,
            y,
        };
        let mut ticks = x.ticks();
        let widest = ticks
            .iter()
            .map(|tick| canvas.width(&(self.tick)(*tick), TICK))
            .fold(0.0, f64::max);
        while ticks.len() > 2 && (widest + 24.0) * (ticks.len() - 1) as f64 > right - left {
            ticks = ticks.into_iter().step_by(2).collect();
        }
        let ticks: Vec<_> = ticks
            .into_iter()
            .map(|value| (value, (self.tick)(value)))
            .collect();
        panel.grid_x(canvas, &ticks);
        canvas.text(
            self.axis,
            (left, TOP - 26.0),
            Align::Left,
            Lettering::bold(22.0),
        );
        let step = (BOTTOM - TOP) / bars.len() as f64;
        for (at, bar) in bars.iter().enumerate() {
            let centre = TOP + step * (at as f64 + 0.5);
            one(canvas, &panel, bar, centre, (step * 0.56).min(64.0));
        }
        canvas.line((left, TOP), (left, BOTTOM), INK, 2.5);
    }
}

const PALENESS: f64 = 0.68;

/// Writes names and numbers on the left, and returns where they end.
fn words(canvas: &mut Canvas<'_>, bars: &[Bar<'_>], step: f64) -> f64 {
    let size = (step * 0.3).clamp(14.0, 26.0);
    let (name, number) = (Lettering::bold(size), Lettering::plain(size * 0.92));
    let left = 112.0;
    let mut end = left;
    for (at, bar) in bars.iter().enumerate() {
        let centre = TOP + step * (at as f64 + 0.5);
        canvas.marker((78.0, centre), size.max(20.0), bar.identity, bar.valid);
        let title = legend::full_name(bar.identity, bar.valid);
        let (upper, lower) = (centre - size * 0.68, centre + size * 0.68);
        canvas.text(&title, (left, upper), Align::Left, name);
        let strong = Lettering {
            bold: true,
            ..number
        };
        canvas.text(&bar.number, (left, lower), Align::Left, strong);
        let from = left + canvas.width(&bar.number, strong) + 12.0;
        canvas.text(
            &bar.detail,
            (from, lower),
            Align::Left,
            Lettering::grey(size * 0.84),
        );
        let detail = canvas.width(&bar.detail, Lettering::grey(size * 0.84));
        end = end
            .max(from + detail)
            .max(left + canvas.width(&title, name));
    }
    end
}

fn one(canvas: &mut Canvas<'_>, panel: &Panel, bar: &Bar<'_>, centre: f64, height: f64) {
    let (top, bottom) = (centre - height / 2.0, centre + height / 2.0);
    let mut from = 0.0;
    for (value, shade) in &bar.parts {
        let colour = shade.of(bar.identity.colour, PALENESS);
        let (left, right) = (panel.across(from), panel.across(from + value));
        canvas.rect((left, top), (right, bottom), colour);
        from += value;
    }
    let (start, end) = (panel.left, panel.across(from));
    if end - start > 1.0 {
        let outline = [(start, top), (end, top), (end, bottom), (start, bottom)];
        canvas.path(&outline, bar.identity.colour, 2.0);
    } else if from > 0.0 {
        // The bar is too short to be seen at this scale, but not zero.
        canvas.line(
            (start + 1.5, top),
            (start + 1.5, bottom),
            bar.identity.colour,
            3.0,
        );
    }
    if !bar.valid {
        canvas.hatch((start, top), (end, bottom), PAPER);
        canvas.hatch((start + 3.0, top), (end, bottom), INK);
    }
    let Scale::Linear { high, .. } = panel.x else {
        return;
    };
    if from > high {
        torn(canvas, end, top, bottom);
    } else if bar.range.0.total_cmp(&bar.range.1).is_ne() {
        whisker(canvas, panel, bar.range, centre, height * 0.36);
    }
}

/// Draws the end of a bar that goes on beyond the panel.
pub fn torn(canvas: &mut Canvas<'_>, end: f64, top: f64, bottom: f64) {
    for shift in [-22.0, -8.0] {
        let (x, quarter) = (end + shift, (bottom - top) / 4.0);
        let edge: Vec<_> = (0..=4)
            .map(|at| {
                (
                    x + if at % 2 == 0 { -7.0 } else { 7.0 },
                    top + quarter * f64::from(at),
                )
            })
            .collect();
        canvas.path(&edge, PAPER, 6.0);
    }
    canvas.text(
        "→",
        (end + 16.0, f64::midpoint(top, bottom)),
        Align::Middle,
        Lettering::bold(26.0),
    );
}

/// Draws the range of the repeats across the end of a bar.
pub(crate) fn whisker(
    canvas: &mut Canvas<'_>,
    panel: &Panel,
    (least, most): (f64, f64),
    y: f64,
    height: f64,
) {
    let (min, max) = (panel.across(least), panel.across(most));
    for (colour, width, reach) in [(PAPER, 6.0, 2.0), (INK, 2.5, 0.0)] {
        canvas.line((min - reach, y), (max + reach, y), colour, width);
        for x in [min, max] {
            canvas.line(
                (x, y - height / 2.0 - reach),
                (x, y + height / 2.0 + reach),
                colour,
                width,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::dwarfed;

    #[test]
    fn bars_below_a_wide_gap_are_magnified_or_those_that_the_longest_hides() {
        let magnified = |lengths: &[f64]| dwarfed(lengths.iter().copied());
        assert_eq!(magnified(&[4.0, 7.0, 20.0]), None);
        assert_eq!(magnified(&[4.0, 150.0, 170.0, 1_200.0]), Some(4.0));
        assert_eq!(magnified(&[1_200.0, 20.0, 7.0, 0.0]), Some(20.0));
        // No step is wide, and the longest of those that cannot be read sets the scale.
        let steps = [4.0, 7.0, 21.0, 27.0, 42.0, 101.0, 247.0, 370.0];
        assert_eq!(magnified(&steps), Some(42.0));
    }
}
