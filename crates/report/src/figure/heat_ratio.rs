//! The ratio of one transport's need to another's at every combination of two swept values, and the
//! line on which that ratio crosses 1.
//!
//! The figures show the pairs of which each overtakes the other somewhere; if there are none, they
//! show each transport against the baseline. The rule of [`analysis::chance`] decides whether two
//! transports differ.

use super::{crossover::file_word, heat::Grid};
use crate::html::capital;
use analysis::{
    caption,
    cell::Comparison,
    effect::{baseline, factor},
    metric::{CROSSED, Metric},
};
use chart::{
    FigureError, border,
    canvas::{self, Align, Canvas, Lettering, PAPER, WIDTH, tint},
    heat::{Tile, directions, tiles},
};
use palette::Colour;

/// The colour of a need above the baseline's: the darker, the greater.
const MORE: Colour = Colour(0x6B, 0x73, 0x7C);
/// The colour of a need below the baseline's.
const LESS: Colour = Colour(0x8C, 0xC4, 0xE8);
/// The largest number of grids that can still be read.
const GRIDS: usize = 4;

/// Draws a figure for each quantity; returns none unless at least two values were swept.
pub(super) fn draw(comparison: &Comparison<'_>) -> Result<Vec<(String, String)>, FigureError> {
    let (Some(grid), Ok(base)) = (Grid::of(comparison), baseline(comparison, None)) else {
        return Ok(Vec::new());
    };
    let mut figures = Vec::new();
    for quantity in CROSSED {
        let overtaking = overtaking(comparison, &grid, quantity);
        let pairs = if overtaking.is_empty() {
            against(comparison, &grid, quantity, base)
        } else {
            overtaking.clone()
        };
        if pairs.is_empty() {
            continue;
        }
        let title = format!("{}: how many times as much", capital(quantity.name));
        let line = if overtaking.is_empty() {
            "None clearly overtakes another."
        } else {
            "Thick line: the two change places."
        };
        let caption = caption::of_map(comparison);
        let svg = canvas::sheet(&title, |canvas| {
            let reading = format!(
                "Above 1 (grey) the first named needs more, below 1 (hatched) less; \u{2248} (white): not told apart. \
                 {line}"
            );
            border::head(canvas, &title, &reading);
            border::foot(canvas, &caption);
            let right = WIDTH - 60.0;
            for (pair, tile) in pairs.iter().zip(tiles(&grid.sides, pairs.len(), right)) {
                map(canvas, comparison, &grid, quantity, *pair, &tile);
                let [first, second] = pair.map(|who| &comparison.identities[who].style.name);
                tile.frame(
                    canvas,
                    &grid.sides,
                    &format!("{first} as a multiple of {second}"),
                );
            }
            directions(canvas, &grid.sides, right);
        })?;
        figures.push((format!("heat_ratio_{}", file_word(quantity)), svg));
    }
    Ok(figures)
}

/// Returns the pairs of which each clearly needs less than the other somewhere.
fn overtaking(
    comparison: &Comparison<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
) -> Vec<[usize; 2]> {
    let count = comparison.identities.len();
    let pairs = (0..count).flat_map(|one| (one + 1..count).map(move |other| [one, other]));
    let changes = |pair: &[usize; 2]| {
        let told: Vec<f64> = grid
            .places()
            .filter_map(|place| ratio(comparison, grid, quantity, *pair, place))
            .filter(|(_, told)| *told)
            .map(|(ratio, _)| ratio)
            .collect();
        told.iter().any(|ratio| *ratio > 1.0) && told.iter().any(|ratio| *ratio < 1.0)
    };
    pairs.filter(changes).take(GRIDS).collect()
}

/// Returns each transport paired with the baseline, for when no pair changes places.
fn against(
    comparison: &Comparison<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    base: usize,
) -> Vec<[usize; 2]> {
    let others = (0..comparison.identities.len()).filter(|identity| *identity != base);
    others
        .map(|other| [other, base])
        .filter(|pair| {
            grid.places()
                .any(|place| ratio(comparison, grid, quantity, *pair, place).is_some())
        })
        .take(GRIDS)
        .collect()
}

/// Returns the ratio of the medians, and whether the two can be distinguished.
fn ratio(
    comparison: &Comparison<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    pair: [usize; 2],
    (column, row): (usize, usize),
) -> Option<(f64, bool)> {
    let effect = comparison.effect(grid.cell(column, row)?, quantity, pair)?;
    (effect.ratio > 0.0).then_some((effect.ratio, effect.counts()))
}

fn map(
    canvas: &mut Canvas<'_>,
    comparison: &Comparison<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    pair: [usize; 2],
    tile: &Tile,
) {
    let at = |place: (usize, usize)| ratio(comparison, grid, quantity, pair, place);
    // The darkness reaches its limit at a ratio of 100; darker would hide the number.
    let darkness = |ratio: f64| (ratio.ln().abs() / 100f64.ln()).min(1.0);
    for place in grid.places() {
        let (upper, lower) = tile.corners(place.0, place.1);
        match at(place) {
            // Neither more nor less: neither shade.
            Some((_, false)) => canvas.rect(upper, lower, PAPER),
            Some((ratio, true)) if ratio < 1.0 => {
                canvas.rect(upper, lower, tint(LESS, 0.7 - 0.5 * darkness(ratio)));
                canvas.hatch(upper, lower, PAPER);
            }
            Some((ratio, true)) => {
                canvas.rect(upper, lower, tint(MORE, 0.95 - 0.55 * darkness(ratio)));
            }
            None => {}
        }
    }
    tile.contour(canvas, |column, row| {
        let (ratio, told) = at((column, row))?;
        told.then(|| ratio.ln())
    });
    // Numbers are drawn last, on a patch of paper, so that no line runs through them.
    let size = tile.lettering();
    for place in grid.places() {
        let (upper, lower) = tile.corners(place.0, place.1);
        let middle = (
            f64::midpoint(upper.0, lower.0),
            f64::midpoint(upper.1, lower.1),
        );
        let text = at(place).map_or_else(|| "–".to_owned(), |(ratio, told)| words(ratio, told));
        let look = Lettering::bold(size);
        let half = (canvas.width(&text, look) / 2.0 + 6.0, size * 0.75);
        let corner = |sign: f64| (middle.0 + sign * half.0, middle.1 + sign * half.1);
        canvas.rect(corner(-1.0), corner(1.0), PAPER);
        canvas.text(&text, middle, Align::Middle, look);
    }
}

/// Returns `×1.30`, or `≈1.02` if the two do not differ significantly by 5 % or more.
fn words(ratio: f64, told: bool) -> String {
    let number = match ratio {
        ratio if ratio < 9.95 => format!("{ratio:.2}"),
        ratio => factor(ratio.round()),
    };
    let sign = if told { '×' } else { '≈' };
    format!("{sign}{number}")
}
