//! Values in pairs: a pale bar for before above a full one for after. On a log scale, which has no
//! zero for a length to start from, dots stand in place of bars.

use super::{overlay::Both, overlay_lines::pale};
use analysis::{caption, cell::Cell, effect::Effect, metric::Metric, statistics::Spread};
use chart::{
    FigureError,
    axis::Scale,
    border,
    canvas::{self, Align, Canvas, GREY, INK, Lettering, PAPER, WIDTH},
    legend,
    panel::Panel,
};
use palette::{Colour, Style};

const TOP: f64 = 178.0;
const BOTTOM: f64 = 744.0;
/// The left end of the bars, to the right of names and numbers.
const LEFT: f64 = 560.0;

/// A variant's values before and after.
struct Pair<'i> {
    identity: &'i Style,
    spreads: [Spread; 2],
    words: String,
}

/// Draws a quantity of one cell; returns `None` unless both folders have it.
pub(super) fn draw(
    both: &Both<'_>,
    cells: [&Cell<'_>; 2],
    quantity: &Metric,
) -> Result<Option<String>, FigureError> {
    let pairs: Vec<Pair<'_>> = both
        .variants(cells)
        .filter_map(|(identity, variants)| {
            let [was, is] = variants.map(|variant| quantity.sample(&variant.runs));
            let (before, after) = (was.spread()?, is.spread()?);
            let ratio = Effect::between(&is, &was).map(|effect| effect.words());
            let (was, is) = (quantity.show(before.median), quantity.show(after.median));
            let words = format!("{was} → {is} · {}", ratio.unwrap_or_default());
            Some(Pair {
                identity,
                spreads: [before, after],
                words,
            })
        })
        .collect();
    if pairs.is_empty() {
        return Ok(None);
    }
    let title = format!("Before and after: {}", quantity.name);
    let caption = both.caption(|after| caption::of_cell(after, cells[1]));
    canvas::sheet(&title, |canvas| {
        let reading = "Pale above: before. Full below: after. Whiskers from least to most.";
        border::head(canvas, &title, reading);
        border::foot(canvas, &caption);
        bars(canvas, quantity, &pairs);
    })
    .map(Some)
}

fn bars(canvas: &mut Canvas<'_>, quantity: &Metric, pairs: &[Pair<'_>]) {
    let spreads = || pairs.iter().flat_map(|pair| &pair.spreads);
    let least = spreads().map(|spread| spread.min).fold(f64::MAX, f64::min);
    let most = spreads().map(|spread| spread.max).fold(0.0, f64::max);
    // If one value dwarfs the others, places on a log scale show more than lengths.
    let is_log = least > 0.0 && most / least > 12.0;
    let x = if is_log {
        Scale::log_around(least, most)
    } else {
        Scale::from_zero(most)
    };
    let panel = Panel {
        left: LEFT,
        top: TOP,
        right: WIDTH - 90.0,
        bottom: BOTTOM,
        x,
        y: Scale::Linear {
            low: 0.0,
            high: 1.0,
        },
    };
    let ticks: Vec<_> = x
        .ticks()
        .into_iter()
        .map(|tick| (tick, quantity.show(tick)))
        .collect();
    panel.grid_x(canvas, &ticks);
    let axis = format!(
        "{}{}",
        quantity.name,
        if is_log { " (log scale)" } else { "" }
    );
    canvas.text(
        &axis,
        (LEFT, TOP - 26.0),
        Align::Left,
        Lettering::bold(22.0),
    );
    let step = (BOTTOM - TOP) / pairs.len() as f64;
    let size = (step * 0.24).clamp(14.0, 24.0);
    for (at, pair) in pairs.iter().enumerate() {
        let centre = TOP + step * (at as f64 + 0.5);
        words(canvas, pair, centre, size);
        let height = (step * 0.3).min(30.0);
        let colours = [pale(pair.identity.colour), pair.identity.colour];
        for (side, (spread, colour)) in pair.spreads.iter().zip(colours).enumerate() {
            let top = if side == 0 {
                centre - height - 1.0
            } else {
                centre + 1.0
            };
            if is_log {
                dot(canvas, &panel, spread, (top, top + height), colour);
            } else {
                bar(canvas, &panel, spread, (top, top + height), colour);
            }
        }
    }
    if !is_log {
        canvas.line((LEFT, TOP), (LEFT, BOTTOM), INK, 2.5);
    }
}

/// Writes the name and the two values to the left of the panel.
fn words(canvas: &mut Canvas<'_>, pair: &Pair<'_>, centre: f64, size: f64) {
    canvas.marker((78.0, centre), size.max(20.0), pair.identity, true);
    let name = legend::full_name(pair.identity, true);
    let room = LEFT - 112.0 - 20.0;
    let look = canvas.fitted(&name, Lettering::bold(size), room);
    canvas.text(&name, (112.0, centre - size * 0.68), Align::Left, look);
    let plain = Lettering {
        colour: GREY,
        ..Lettering::plain(size * 0.86)
    };
    let look = canvas.fitted(&pair.words, plain, room);
    let place = (112.0, centre + size * 0.68);
    canvas.text(&pair.words, place, Align::Left, look);
}

fn bar(
    canvas: &mut Canvas<'_>,
    panel: &Panel,
    spread: &Spread,
    (top, bottom): (f64, f64),
    colour: Colour,
) {
    canvas.rect((LEFT, top), (panel.across(spread.median), bottom), colour);
    whisker(canvas, panel, spread, f64::midpoint(top, bottom));
}

fn dot(
    canvas: &mut Canvas<'_>,
    panel: &Panel,
    spread: &Spread,
    (top, bottom): (f64, f64),
    colour: Colour,
) {
    let place = (panel.across(spread.median), f64::midpoint(top, bottom));
    let radius = (bottom - top) / 2.0;
    canvas.disc(place, radius, PAPER);
    canvas.disc(place, radius - 2.0, colour);
    whisker(canvas, panel, spread, place.1);
}

fn whisker(canvas: &mut Canvas<'_>, panel: &Panel, spread: &Spread, middle: f64) {
    if spread.is_flat() {
        return;
    }
    let (low, high) = (panel.across(spread.min), panel.across(spread.max));
    canvas.line((low, middle), (high, middle), PAPER, 6.0);
    canvas.line((low, middle), (high, middle), INK, 2.5);
    for x in [low, high] {
        canvas.line((x, middle - 6.0), (x, middle + 6.0), INK, 2.5);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use analysis::metric::BYTES;
    use palette::Hue;

    /// Returns how many rectangles of a way's colours are drawn for these values.
    fn rectangles(values: [f64; 2]) -> usize {
        let identity = Style::new("SSE".to_owned(), Hue::Sky, 0);
        let pair = Pair {
            identity: &identity,
            spreads: values.map(|value| Spread::of([value]).expect("a value")),
            words: String::new(),
        };
        let svg = canvas::sheet("title", |canvas| bars(canvas, &BYTES, &[pair]));
        let svg = svg.expect("a sheet");
        let colours = [pale(identity.colour), identity.colour]
            .map(|Colour(red, green, blue)| format!("#{red:02X}{green:02X}{blue:02X}"));
        let rectangles = svg.lines().filter(|line| line.starts_with("<rect"));
        rectangles
            .filter(|line| colours.iter().any(|colour| line.contains(colour)))
            .count()
    }

    /// Checks that no length is drawn where lengths would not be in proportion to the values.
    #[test]
    fn there_are_bars_on_a_linear_scale_only() {
        assert_eq!(rectangles([100.0, 250.0]), 2);
        assert_eq!(rectangles([100.0, 2_500.0]), 0);
    }
}
