//! How many times as much one needs as another, at every combination of two
//! swept values, and the line on which that ratio crosses 1.
//!
//! Shown are the pairs that change places; where there are none, everyone against
//! the baseline. What is told apart is told by the rule of [`analysis::chance`].

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

/// Needs more than the baseline: the darker, the more.
const MORE: Colour = Colour(0x6B, 0x73, 0x7C);
/// Needs less.
const LESS: Colour = Colour(0x8C, 0xC4, 0xE8);
/// More grids than this cannot be read.
const GRIDS: usize = 4;

/// A figure for each quantity; none unless at least two values were swept.
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

/// The pairs of which each clearly needs less than the other somewhere.
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

/// Everyone against the baseline, where no pair changes places.
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

/// Ratio of medians, and whether the two are told apart.
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
    // A hundred times is as dark as it gets; darker would hide the number.
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
    // Numbers last, on a little paper, so that no line runs through them.
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

/// `×1.30`, or `≈1.02` where the two are not told apart by 5 % or more.
fn words(ratio: f64, told: bool) -> String {
    let number = match ratio {
        ratio if ratio < 9.95 => format!("{ratio:.2}"),
        ratio => factor(ratio.round()),
    };
    let sign = if told { '×' } else { '≈' };
    format!("{sign}{number}")
}
