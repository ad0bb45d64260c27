//! The transport that needs least, at every combination of two swept values.

use super::heat::Grid;
use crate::html::Ranking;
use analysis::{
    caption,
    cell::CellTable,
    effect::times,
    metric::{CROSSED, Metric},
};
use chart::{
    FigureError, border,
    canvas::{self, Align, Canvas, GREY, INK, Lettering, PAPER, WIDTH, tint},
    heat::{Tile, directions, tiles},
    legend,
};

const TITLE: &str = "Who needs least, over two swept values";
const READING: &str = "The marker is the winner, the number how many times as much the next one \
                       needs. Hatched: the first two are not told apart.";

/// The winner of a cell.
struct Winner {
    identity: usize,
    /// The ratio of the next one's need to the winner's; `None` if the winner is alone.
    lead: Option<f64>,
    /// True if the winner differs significantly from every other, by the rule of
    /// [`analysis::chance`].
    clear: bool,
}

/// Draws the figure; returns `None` unless at least two values were swept.
pub(super) fn draw(cell_table: &CellTable<'_>) -> Result<Option<String>, FigureError> {
    let Some(grid) = Grid::of(cell_table) else {
        return Ok(None);
    };
    let quantities: Vec<&Metric> = CROSSED
        .into_iter()
        .filter(|quantity| {
            grid.places()
                .any(|place| winner(cell_table, &grid, quantity, place).is_some())
        })
        .collect();
    if quantities.is_empty() {
        return Ok(None);
    }
    let caption = caption::of_map(cell_table);
    canvas::sheet(TITLE, |canvas| {
        border::head(canvas, TITLE, READING);
        border::foot(canvas, &caption);
        let identities = cell_table
            .identities
            .iter()
            .map(|identity| (&identity.style, true));
        let right = WIDTH - legend::gutter(canvas, identities, legend::Notes::Below) + 30.0;
        let places = tiles(&grid.sides, quantities.len(), right);
        for (quantity, tile) in quantities.iter().zip(places) {
            map(canvas, cell_table, &grid, quantity, &tile);
            tile.frame(canvas, &grid.sides, quantity.name);
        }
        directions(canvas, &grid.sides);
        key(canvas, cell_table, right + 44.0);
    })
    .map(Some)
}

fn winner(
    cell_table: &CellTable<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    (column, row): (usize, usize),
) -> Option<Winner> {
    let ranking = Ranking::of(cell_table, grid.cell(column, row)?, quantity)?;
    let lead = ranking.next().map(|(_, effect)| effect.ratio);
    Some(Winner {
        identity: ranking.first(),
        lead,
        clear: ranking.marked().len() == 1,
    })
}

fn map(
    canvas: &mut Canvas<'_>,
    cell_table: &CellTable<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    tile: &Tile,
) {
    let size = tile.lettering();
    for (column, row) in grid.places() {
        let (upper, lower) = tile.corners(column, row);
        let middle = (
            f64::midpoint(upper.0, lower.0),
            f64::midpoint(upper.1, lower.1),
        );
        let Some(winner) = winner(cell_table, grid, quantity, (column, row)) else {
            canvas.text("–", middle, Align::Middle, Lettering::grey(size));
            continue;
        };
        let identity = &cell_table.identities[winner.identity].style;
        canvas.rect(upper, lower, tint(identity.colour, 0.72));
        if !winner.clear {
            canvas.hatch(upper, lower, PAPER);
        }
        let text = match winner.lead {
            None => "alone".to_owned(),
            Some(lead) if !winner.clear => format!("≈{lead:.2}"),
            Some(lead) if lead < 9.95 => format!("×{lead:.2}"),
            Some(lead) => times(lead.round()),
        };
        let look = Lettering::bold(size);
        let width = canvas.width(&text, look);
        let start = middle.0 - f64::midpoint(width, size * 1.5);
        canvas.marker((start + size * 0.5, middle.1), size, identity, true);
        canvas.text(&text, (start + size * 1.5, middle.1), Align::Left, look);
    }
    for (column, row) in grid.places() {
        borders(canvas, cell_table, grid, quantity, tile, (column, row));
    }
}

/// Draws a thick line wherever one clear winner borders on another.
fn borders(
    canvas: &mut Canvas<'_>,
    cell_table: &CellTable<'_>,
    grid: &Grid<'_, '_>,
    quantity: &Metric,
    tile: &Tile,
    (column, row): (usize, usize),
) {
    let who = |column: usize, row: usize| {
        let inside = column < grid.sides.across.len() && row < grid.sides.up.len();
        inside
            .then(|| winner(cell_table, grid, quantity, (column, row)))
            .flatten()
            .filter(|won| won.clear)
            .map(|won| won.identity)
    };
    let Some(own) = who(column, row) else { return };
    let (upper, lower) = tile.corners(column, row);
    let differs = |other: Option<usize>| other.is_some_and(|other| other != own);
    if differs(who(column + 1, row)) {
        canvas.line((lower.0, upper.1), lower, INK, 5.0);
    }
    if differs(who(column, row + 1)) {
        canvas.line(upper, (lower.0, upper.1), INK, 5.0);
    }
}

fn key(canvas: &mut Canvas<'_>, cell_table: &CellTable<'_>, left: f64) {
    let mut y = 222.0;
    for identity in &cell_table.identities {
        let style = &identity.style;
        canvas.rect(
            (left, y - 20.0),
            (left + 44.0, y + 20.0),
            tint(style.colour, 0.72),
        );
        canvas.marker((left + 22.0, y), 24.0, style, true);
        let room = WIDTH - left - 100.0;
        let look = canvas.fitted(&style.name, Lettering::bold(21.0), room);
        canvas.text(&style.name, (left + 60.0, y), Align::Left, look);
        y += 56.0;
    }
    y += 20.0;
    canvas.rect((left, y - 20.0), (left + 44.0, y + 20.0), tint(GREY, 0.6));
    canvas.hatch((left, y - 20.0), (left + 44.0, y + 20.0), PAPER);
    canvas.text(
        "not told apart",
        (left + 60.0, y),
        Align::Left,
        Lettering::plain(20.0),
    );
    y += 56.0;
    canvas.line((left, y), (left + 44.0, y), INK, 5.0);
    let words = "the winner changes";
    canvas.text(words, (left + 60.0, y), Align::Left, Lettering::plain(20.0));
}
