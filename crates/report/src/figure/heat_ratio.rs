//! The ratio of one transport's need to another's at every combination of two swept values, and the
//! line on which that ratio crosses 1.
//!
//! The figures show the pairs of which each overtakes the other somewhere, and in the room that is
//! left the other transports against the baseline. The rule of [`analysis::chance`] decides whether two
//! transports differ.

use super::{crossover::file_word, heat::Grid};
use crate::html::capital;
use analysis::{
    caption,
    cell::Comparison,
    effect::{Shown, baseline, factor},
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
        let pairs = filled(&overtaking, against(comparison, &grid, quantity, base));
        if pairs.is_empty() {
            continue;
        }
        let verdicts = verdicts(comparison, &grid, quantity, &pairs);
        let title = format!("{}: how many times as much", capital(quantity.name));
        let line = if !overtaking.is_empty() {
            "Thick line: the two change places."
        } else if nothing_is_told(&verdicts) {
            "Too few runs to tell any of them."
        } else {
            "None clearly overtakes another."
        };
        let caption = caption::of_map(comparison);
        let svg = canvas::sheet(&title, |canvas| {
            let white = white(&verdicts);
            let reading =
                format!("Grey: the first named needs more; hatched: less; {white}. {line}");
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
        let verdicts = verdicts(comparison, grid, quantity, &[*pair]);
        verdicts.contains(&Shown::More) && verdicts.contains(&Shown::Less)
    };
    pairs.filter(changes).take(GRIDS).collect()
}

/// Returns the pairs that change places, then the others until no more grids can be read.
fn filled(overtaking: &[[usize; 2]], others: Vec<[usize; 2]>) -> Vec<[usize; 2]> {
    let others = others
        .into_iter()
        .filter(|[one, other]| !overtaking.contains(&[*other, *one]))
        .filter(|pair| !overtaking.contains(pair));
    overtaking
        .iter()
        .copied()
        .chain(others)
        .take(GRIDS)
        .collect()
}

/// Returns each transport paired with the baseline.
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

/// Returns the verdicts on all cells of these pairs.
fn verdicts(
    comparison: &Comparison<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    pairs: &[[usize; 2]],
) -> Vec<Shown> {
    pairs
        .iter()
        .flat_map(|pair| grid.places().map(move |place| (pair, place)))
        .filter_map(|(pair, place)| ratio(comparison, grid, quantity, *pair, place))
        .map(|(_, shown)| shown)
        .collect()
}

/// Returns whether there are too few runs for a verdict in any cell of these pairs.
fn nothing_is_told(verdicts: &[Shown]) -> bool {
    !verdicts.is_empty() && verdicts.iter().all(|shown| *shown == Shown::TooFewRuns)
}

/// Returns the meaning of the signs in white cells, of those signs that are there.
fn white(verdicts: &[Shown]) -> String {
    let few = verdicts.contains(&Shown::TooFewRuns);
    let alike = verdicts
        .iter()
        .any(|shown| matches!(shown, Shown::NoDifference | Shown::Small));
    match (alike, few) {
        (_, false) => "\u{2248} (white): no clear difference".to_owned(),
        (true, true) => "white: no clear difference (\u{2248}) or too few runs (?)".to_owned(),
        (false, true) => "? (white): too few runs to tell".to_owned(),
    }
}

/// Returns the ratio of the medians, and the verdict on it.
fn ratio(
    comparison: &Comparison<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    pair: [usize; 2],
    (column, row): (usize, usize),
) -> Option<(f64, Shown)> {
    let effect = comparison.effect(grid.cell(column, row)?, quantity, pair)?;
    (effect.ratio > 0.0).then_some((effect.ratio, effect.shown()))
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
            Some((ratio, Shown::Less)) => {
                canvas.rect(upper, lower, tint(LESS, 0.7 - 0.5 * darkness(ratio)));
                canvas.hatch(upper, lower, PAPER);
            }
            Some((ratio, Shown::More)) => {
                canvas.rect(upper, lower, tint(MORE, 0.95 - 0.55 * darkness(ratio)));
            }
            // Neither more nor less: neither shade.
            Some(_) => canvas.rect(upper, lower, PAPER),
            None => {}
        }
    }
    tile.contour(canvas, |column, row| {
        let (ratio, shown) = at((column, row))?;
        matches!(shown, Shown::Less | Shown::More).then(|| ratio.ln())
    });
    // Numbers are drawn last, on a patch of paper, so that no line runs through them.
    let size = tile.lettering();
    for place in grid.places() {
        let (upper, lower) = tile.corners(place.0, place.1);
        let middle = (
            f64::midpoint(upper.0, lower.0),
            f64::midpoint(upper.1, lower.1),
        );
        let text = at(place).map_or_else(|| "–".to_owned(), |(ratio, shown)| words(ratio, shown));
        let look = Lettering::bold(size);
        let half = (canvas.width(&text, look) / 2.0 + 6.0, size * 0.75);
        let corner = |sign: f64| (middle.0 + sign * half.0, middle.1 + sign * half.1);
        canvas.rect(corner(-1.0), corner(1.0), PAPER);
        canvas.text(&text, middle, Align::Middle, look);
    }
}

/// Returns `×1.30`, `≈1.02` if the two do not differ significantly by 5 % or more, or `1.30 ?` if
/// there are too few runs to tell.
fn words(ratio: f64, shown: Shown) -> String {
    let number = match ratio {
        ratio if ratio < 9.95 => format!("{ratio:.2}"),
        ratio => factor(ratio.round()),
    };
    match shown {
        Shown::TooFewRuns => format!("{number} ?"),
        Shown::NoDifference | Shown::Small => format!("\u{2248}{number}"),
        Shown::Less | Shown::More => format!("\u{d7}{number}"),
    }
}
