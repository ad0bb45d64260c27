//! The ratio of one transport's need to another's at every combination of two swept values, and the
//! line on which that ratio crosses 1.
//!
//! The figures show the pairs that are asked about most, then those of which each overtakes the
//! other somewhere, and in the room that is left the other transports against the baseline. The
//! rule of [`analysis::chance`] decides whether two transports differ.

use super::{crossover::file_word, heat::Grid};
use crate::html::capital;
use analysis::{
    caption,
    cell::CellTable,
    effect::{Shown, baseline, factor},
    metric::{CROSSED, Metric},
    series::Identity,
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
pub(super) fn draw(cell_table: &CellTable<'_>) -> Result<Vec<(String, String)>, FigureError> {
    let (Some(grid), Ok(base)) = (Grid::of(cell_table), baseline(cell_table, None)) else {
        return Ok(Vec::new());
    };
    let mut figures = Vec::new();
    for quantity in CROSSED {
        let overtaking = overtaking(cell_table, &grid, quantity);
        let pairs = asked(&cell_table.identities)
            .into_iter()
            .chain(overtaking.iter().copied())
            .chain(against(cell_table.identities.len(), base))
            .filter(|pair| has_ratio(cell_table, &grid, quantity, *pair));
        let pairs = shown(pairs);
        if pairs.is_empty() {
            continue;
        }
        let verdicts = verdicts(cell_table, &grid, quantity, &pairs);
        let title = format!("{}: ratio of two transports", capital(quantity.name));
        let line = if !overtaking.is_empty() {
            "Thick line: the two change places."
        } else if nothing_is_told(&verdicts) {
            "Too few runs to tell any of them."
        } else {
            "None clearly overtakes another."
        };
        let caption = caption::of_map(cell_table);
        let svg = canvas::sheet(&title, |canvas| {
            let white = white(&verdicts);
            let reading =
                format!("Grey: the first named needs more; hatched: less; {white}. {line}");
            border::head(canvas, &title, &reading);
            border::foot(canvas, &caption);
            let right = WIDTH - 60.0;
            for (pair, tile) in pairs.iter().zip(tiles(&grid.sides, pairs.len(), right)) {
                map(canvas, cell_table, &grid, quantity, *pair, &tile);
                let [first, second] = pair.map(|who| &cell_table.identities[who].style.name);
                tile.frame(
                    canvas,
                    &grid.sides,
                    &format!("{first} as a multiple of {second}"),
                );
            }
            directions(canvas, &grid.sides);
        })?;
        figures.push((format!("heat_ratio_{}", file_word(quantity)), svg));
    }
    Ok(figures)
}

/// Returns the pairs of which each clearly needs less than the other somewhere.
fn overtaking(
    cell_table: &CellTable<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
) -> Vec<[usize; 2]> {
    let count = cell_table.identities.len();
    let pairs = (0..count).flat_map(|one| (one + 1..count).map(move |other| [one, other]));
    let changes = |pair: &[usize; 2]| {
        let verdicts = verdicts(cell_table, grid, quantity, &[*pair]);
        verdicts.contains(&Shown::More) && verdicts.contains(&Shown::Less)
    };
    pairs.filter(changes).take(GRIDS).collect()
}

/// Returns the pairs that are asked about most: a long poll with a WebSocket, and with a stream, by
/// server-sent events if there are any.
fn asked(identities: &[Identity]) -> Vec<[usize; 2]> {
    let find = |transport: &str, variant: &str| {
        let is_it = |one: &Identity| one.transport == transport && one.variant.starts_with(variant);
        identities.iter().position(is_it)
    };
    let Some(long_poll) = find("long_poll", "") else {
        return Vec::new();
    };
    let stream = find("http_stream", "sse").or_else(|| find("http_stream", ""));
    let others = [find("websocket", ""), stream].into_iter().flatten();
    others.map(|other| [long_poll, other]).collect()
}

/// Returns each transport paired with the baseline.
fn against(count: usize, base: usize) -> impl Iterator<Item = [usize; 2]> {
    let others = (0..count).filter(move |identity| *identity != base);
    others.map(move |other| [other, base])
}

/// Returns the first pairs, each once, until no more grids can be read.
fn shown(pairs: impl Iterator<Item = [usize; 2]>) -> Vec<[usize; 2]> {
    let mut shown: Vec<[usize; 2]> = Vec::new();
    for [one, other] in pairs {
        if !shown.contains(&[one, other]) && !shown.contains(&[other, one]) {
            shown.push([one, other]);
        }
    }
    shown.truncate(GRIDS);
    shown
}

/// Returns whether a pair has a ratio in any cell.
fn has_ratio(
    cell_table: &CellTable<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    pair: [usize; 2],
) -> bool {
    grid.places()
        .any(|place| ratio(cell_table, grid, quantity, pair, place).is_some())
}

/// Returns the verdicts on all cells of these pairs.
fn verdicts(
    cell_table: &CellTable<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    pairs: &[[usize; 2]],
) -> Vec<Shown> {
    pairs
        .iter()
        .flat_map(|pair| grid.places().map(move |place| (pair, place)))
        .filter_map(|(pair, place)| ratio(cell_table, grid, quantity, *pair, place))
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
    cell_table: &CellTable<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    pair: [usize; 2],
    (column, row): (usize, usize),
) -> Option<(f64, Shown)> {
    let effect = cell_table.effect(grid.cell(column, row)?, quantity, pair)?;
    (effect.ratio > 0.0).then_some((effect.ratio, effect.shown()))
}

fn map(
    canvas: &mut Canvas<'_>,
    cell_table: &CellTable<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    pair: [usize; 2],
    tile: &Tile,
) {
    let at = |place: (usize, usize)| ratio(cell_table, grid, quantity, pair, place);
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
            // A cell without a significant difference is white.
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

#[cfg(test)]
mod tests {
    use super::*;
    use palette::{Hue, Style};

    fn identities(ways: &[(&str, &str)]) -> Vec<Identity> {
        let identity = |(transport, variant): &(&str, &str)| Identity {
            transport: (*transport).to_owned(),
            variant: (*variant).to_owned(),
            style: Style::new(String::new(), Hue::Grey, 0),
        };
        ways.iter().map(identity).collect()
    }

    /// Checks that a long poll is held against a WebSocket and a stream, however many other pairs
    /// overtake each other.
    #[test]
    fn the_pairs_that_are_asked_about_come_first() {
        let ways = identities(&[
            ("short_poll", "1s"),
            ("long_poll", "hold 25s"),
            ("http_stream", "ndjson"),
            ("http_stream", "sse"),
            ("websocket", "-"),
        ]);
        let overtaking = [[0, 1], [0, 2], [0, 3], [1, 4]];
        let pairs = asked(&ways).into_iter().chain(overtaking);
        assert_eq!(shown(pairs), [[1, 4], [1, 3], [0, 1], [0, 2]]);
        assert_eq!(asked(&ways[..3]), [[1, 2]]);
        assert!(asked(&ways[2..]).is_empty());
    }

    #[test]
    fn a_pair_is_shown_once_and_without_the_baseline_itself() {
        let pairs = [[4, 1]].into_iter().chain(against(3, 1)).chain([[1, 4]]);
        assert_eq!(shown(pairs), [[4, 1], [0, 1], [2, 1]]);
    }
}
