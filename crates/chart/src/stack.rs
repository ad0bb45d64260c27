//! Stacked bars in two panels, up and down on one scale, which show where the bytes go.

use crate::{
    axis::Scale,
    bars, border,
    canvas::{Align, Canvas, INK, Lettering, PAPER, WIDTH},
    legend,
    look::Look,
    panel::Panel,
    pattern::Pattern,
};
use palette::Style;

/// The parts of one variant, in the order of the looks.
#[derive(Debug)]
pub struct Row<'a> {
    /// The name and look of the variant.
    pub identity: &'a Style,
    /// True if the run is valid.
    pub valid: bool,
    /// The parts in the direction up, then those down.
    pub ways: [Vec<f64>; 2],
}

/// The texts and looks of a chart.
#[derive(Debug)]
pub struct Chart<'a> {
    /// The subject of the chart.
    pub title: &'a str,
    /// An explanation of how to read the chart.
    pub reading: &'a str,
    /// A description of the scenario and its settings.
    pub caption: &'a str,
    /// The look of each part.
    pub looks: &'a [Look],
    /// A function that formats an amount with its unit.
    pub amount: fn(f64) -> String,
    /// A function that formats an amount without its unit.
    pub number: fn(f64) -> String,
}

const TOP: f64 = 226.0;
const BOTTOM: f64 = 752.0;
const HEADINGS: [&str; 2] = ["up: client → server", "down: server → client"];
/// The space to the right of a panel's longest bar, for its number.
const NUMBER: f64 = 118.0;
/// The narrowest panel without its number: the space for the text below a short bar.
const NARROWEST: f64 = 210.0;
/// The ratio of lengths from which a longer bar makes a shorter one unreadable.
const DWARFING: f64 = 6.0;

/// The least length of a shortened bar, as a share of the panel: longer than any whole one.
const LEAST_TORN: f64 = 0.75;

/// The number of bytes below which a part is left out of the text.
const UNSPOKEN: f64 = 0.005;

impl Row<'_> {
    /// Returns the amount counted in one direction, without estimates.
    fn counted(&self, way: usize, looks: &[Look]) -> f64 {
        let parts = self.ways[way].iter().zip(looks);
        parts
            .filter(|(_, look)| look.pattern != Pattern::Estimate)
            .map(|(value, _)| value)
            .sum()
    }

    fn length(&self, way: usize) -> f64 {
        self.ways[way].iter().sum()
    }

    /// Returns the factor by which the parts of a bar that is longer than the panel are shortened:
    /// they keep their shares, and of two shortened bars the longer one stays the longer.
    fn shortened(&self, way: usize, high: f64, longest: f64) -> f64 {
        let length = self.length(way);
        if length <= high * 1.001 {
            return 1.0;
        }
        high * (LEAST_TORN + (1.0 - LEAST_TORN) * length / longest) / length
    }
}

impl Chart<'_> {
    /// Draws the rows, the first one on top.
    pub fn draw(&self, canvas: &mut Canvas<'_>, rows: &[Row<'_>]) {
        border::head(canvas, self.title, self.reading);
        let used: Vec<&Look> = self
            .looks
            .iter()
            .enumerate()
            .filter(|(at, _)| {
                rows.iter()
                    .any(|row| row.ways.iter().any(|way| way[*at] > 0.0))
            })
            .map(|(_, look)| look)
            .collect();
        canvas.looks(60.0, WIDTH - 60.0, 150.0, &used);
        let names = self.names(canvas, rows);
        let (left, right, gap) = (names + 36.0, WIDTH - 60.0, 30.0);
        let cap = capped(rows.iter().map(|row| row.length(0) + row.length(1)));
        let longest = [0, 1].map(|way| {
            let lengths = rows.iter().map(|row| row.length(way));
            lengths.fold(0.0, f64::max).min(cap)
        });
        let is_torn = |row: &Row<'_>| [0, 1].iter().any(|way| row.length(*way) > cap * 1.001);
        if rows.iter().any(is_torn) {
            let note = "a torn bar is shortened, its parts keep their shares";
            border::foot(canvas, &format!("{} · {note}", self.caption));
        } else {
            border::foot(canvas, self.caption);
        }
        let room = right - left - gap - 2.0 * NUMBER;
        let scale = pixels_a_byte(longest, room);
        let first = (longest[0] * scale).max(NARROWEST.min(room / 2.0));
        let starts = [left, left + first + NUMBER + gap];
        for way in [0, 1] {
            let end = if way == 0 {
                left + first
            } else {
                right - NUMBER
            };
            self.panel(canvas, rows, way, (starts[way], end), scale);
        }
    }

    /// Writes names and sums on the left, and returns where they end.
    fn names(&self, canvas: &mut Canvas<'_>, rows: &[Row<'_>]) -> f64 {
        let step = (BOTTOM - TOP) / rows.len() as f64;
        let size = (step * 0.27).clamp(14.0, 25.0);
        let mut end: f64 = 112.0;
        for (at, row) in rows.iter().enumerate() {
            let y = TOP + step * (at as f64 + 0.42);
            canvas.marker((78.0, y), size.max(20.0), row.identity, row.valid);
            let name = legend::full_name(row.identity, row.valid);
            let look = canvas.fitted(&name, Lettering::bold(size), 300.0);
            canvas.text(&name, (112.0, y - size * 0.65), Align::Left, look);
            let both = row.counted(0, self.looks) + row.counted(1, self.looks);
            let sum = format!("{} in all", (self.amount)(both));
            let small = Lettering::plain(size * 0.88);
            canvas.text(&sum, (112.0, y + size * 0.65), Align::Left, small);
            end = end
                .max(112.0 + canvas.width(&name, look))
                .max(112.0 + canvas.width(&sum, small));
        }
        end
    }

    fn panel(
        &self,
        canvas: &mut Canvas<'_>,
        rows: &[Row<'_>],
        way: usize,
        (left, right): (f64, f64),
        scale: f64,
    ) {
        let most = (right - left) / scale;
        let panel = Panel {
            left,
            top: TOP,
            right,
            bottom: BOTTOM,
            x: Scale::Linear {
                low: 0.0,
                high: most,
            },
            y: Scale::Linear {
                low: 0.0,
                high: 1.0,
            },
        };
        let ticks: Vec<_> = Scale::from_zero(most)
            .ticks()
            .into_iter()
            .filter(|value| *value <= most)
            .step_by(if right - left < 420.0 { 2 } else { 1 })
            .map(|value| (value, (self.amount)(value)))
            .collect();
        panel.grid_x(canvas, &ticks);
        let heading = (left, TOP - 24.0);
        canvas.text(HEADINGS[way], heading, Align::Left, Lettering::bold(22.0));
        let longest = rows.iter().map(|row| row.length(way)).fold(0.0, f64::max);
        let step = (BOTTOM - TOP) / rows.len() as f64;
        for (at, row) in rows.iter().enumerate() {
            let centre = TOP + step * (at as f64 + 0.42);
            let height = (step * 0.46).min(50.0);
            self.bar(canvas, &panel, row, way, longest, (centre, height));
            let words = self.words(row, way);
            let y = centre + (step * 0.46).min(50.0) / 2.0 + (step * 0.16).min(16.0);
            let look = Lettering::grey((step * 0.2).clamp(12.0, 17.0));
            let look = canvas.fitted(&words, look, right + NUMBER - left);
            canvas.text(&words, (left + 4.0, y), Align::Left, look);
        }
        canvas.line((left, TOP), (left, BOTTOM), INK, 2.5);
    }

    fn bar(
        &self,
        canvas: &mut Canvas<'_>,
        panel: &Panel,
        row: &Row<'_>,
        way: usize,
        longest: f64,
        (centre, height): (f64, f64),
    ) {
        let (top, bottom) = (centre - height / 2.0, centre + height / 2.0);
        let scale = row.shortened(way, Self::high(panel), longest);
        let is_torn = scale < 1.0;
        let mut from = 0.0;
        for (value, look) in row.ways[way].iter().zip(self.looks) {
            let drawn = value * scale;
            let (left, right) = (panel.across(from), panel.across(from + drawn));
            from += drawn;
            if right - left < 0.4 {
                continue;
            }
            canvas.area((left, top), (right, bottom), look);
            canvas.line((right, top), (right, bottom), PAPER, 1.5);
            let number = (self.amount)(*value);
            let lettering = Lettering {
                colour: look.ink(),
                ..Lettering::bold(19.0)
            };
            let fits = canvas.width(&number, lettering) + 14.0 < right - left;
            if fits && look.is_calm() {
                let middle = f64::midpoint(left, right);
                canvas.text(&number, (middle, centre), Align::Middle, lettering);
            }
        }
        let end = panel.across(from);
        if !row.valid {
            canvas.hatch((panel.left, top), (end, bottom), PAPER);
            canvas.hatch((panel.left + 3.0, top), (end, bottom), INK);
        }
        if is_torn {
            bars::torn(canvas, end, top, bottom);
        }
        let counted = row.counted(way, self.looks);
        let estimated = row.length(way) - counted;
        let counted = if estimated > UNSPOKEN {
            format!("{} + {}", (self.number)(counted), (self.amount)(estimated))
        } else {
            (self.amount)(counted)
        };
        let place = (end + if is_torn { 32.0 } else { 12.0 }, centre);
        let lettering = canvas.fitted(&counted, Lettering::bold(22.0), NUMBER - 30.0);
        canvas.text(&counted, place, Align::Left, lettering);
    }

    fn high(panel: &Panel) -> f64 {
        match panel.x {
            Scale::Linear { high, .. } | Scale::Log { high, .. } => high,
        }
    }

    /// Returns a text with the parts of a bar, the small ones too.
    fn words(&self, row: &Row<'_>, way: usize) -> String {
        let parts = row.ways[way].iter().zip(self.looks);
        let words: Vec<String> = parts
            .filter(|(value, _)| **value > UNSPOKEN)
            .map(|(value, look)| format!("{} {}", look.short, (self.number)(*value)))
            .collect();
        words.join(" + ")
    }
}

/// Returns the length up to which bars are drawn whole.
fn capped(lengths: impl Iterator<Item = f64>) -> f64 {
    let mut lengths: Vec<f64> = lengths.filter(|length| *length > 0.0).collect();
    lengths.sort_unstable_by(f64::total_cmp);
    let (Some(least), Some(most)) = (lengths.first(), lengths.last()) else {
        return 0.0;
    };
    if most / least <= DWARFING {
        return *most;
    }
    let gap = |pair: &[f64]| pair[1] / pair[0];
    let widest = lengths
        .windows(2)
        .max_by(|one, other| gap(one).total_cmp(&gap(other)));
    // The limit is long enough beside the longest whole bar to be visibly longer.
    widest.map_or(*most, |pair| (pair[0] * 1.5).min(*most))
}

/// Returns one scale for both panels, so that up and down can be compared.
fn pixels_a_byte(longest: [f64; 2], room: f64) -> f64 {
    let [up, down] = longest;
    let together = room / (up + down).max(f64::MIN_POSITIVE);
    let narrow = NARROWEST.min(room / 2.0);
    if up * together < narrow {
        ((room - narrow) / down.max(f64::MIN_POSITIVE)).min(narrow / up.max(f64::MIN_POSITIVE))
    } else if down * together < narrow {
        ((room - narrow) / up).min(narrow / down.max(f64::MIN_POSITIVE))
    } else {
        together
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use palette::Hue;

    /// Checks that of two bars beyond the panel the longer stays the longer, and that each shows
    /// all of its parts.
    #[test]
    fn shortened_bars_keep_their_order_and_their_shares() {
        let style = Style::new("a line".to_owned(), Hue::Night, 0);
        let row = |parts: [f64; 2]| Row {
            identity: &style,
            valid: true,
            ways: [parts.to_vec(), Vec::new()],
        };
        let (long, longer) = (row([18.0, 1_700.0]), row([1_394.0, 4_112.0]));
        let drawn = |row: &Row<'_>| row.length(0) * row.shortened(0, 560.0, longer.length(0));
        assert!(drawn(&long) < drawn(&longer) * 0.9);
        assert!(drawn(&longer) <= 560.0 * 1.001 && drawn(&long) > 560.0 * 0.7);
        assert!((row([1.0, 2.0]).shortened(0, 560.0, 5_506.0) - 1.0).abs() < 1e-9);
    }
}
