//! Figures, drawn from rows alone: the same rows give the same bytes.
//!
//! There is one file per figure. What several figures share is in `formula` (lines that were not
//! measured), `sweep` (lines over cells), `flows` (two panels over time), `heat` (grids of cells)
//! and `look` (layers and purposes of bytes). The crate `chart` draws.

mod bandwidth_over_time;
mod by_cell;
mod by_factor;
mod bytes_by_account;
mod bytes_per_message;
pub(crate) mod capacity;
mod connections_over_time;
mod conversations;
pub(crate) mod crossover;
mod flows;
mod formula;
mod heat_ratio;
mod heat_winner;
mod latency_by_percentile;
mod latency_over_time;
mod library_adds;
mod memory_by_clients;
mod open_and_closed;
mod overlay;
mod overlay_bars;
mod overlay_lines;
mod requests_per_message;
mod server_cpu_per_message;
mod server_memory_per_client;

mod heat;
mod look;
mod sweep;

pub use conversations::{Conversation, MOST_CONVERSATIONS, of_conversations};
pub use overlay::overlay;

use analysis::cell::{Cell, CellTable, is_drawn};
use chart::{Figure, FigureError};
use results::{Digest, Rows, Store, digest::MOST_TIMED};

/// The reasons why the figures of a folder cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum FiguresError {
    /// There is no run to draw.
    #[error("there is no run in runs.csv, so there is nothing to draw")]
    NoRuns,
    /// Drawing one of the figures failed.
    #[error(transparent)]
    Figure(#[from] FigureError),
}

/// A function that draws a figure of one cell; `None` if the rows lack the data.
type OfCell = fn(&CellTable<'_>, &Cell<'_>) -> Result<Option<String>, FigureError>;

const OF_CELL: [(&str, OfCell); 12] = [
    ("latency_by_percentile", latency_by_percentile::draw),
    ("latency_over_time", latency_over_time::draw),
    ("bytes_per_message", bytes_per_message::draw),
    ("library_adds", library_adds::draw),
    ("bytes_by_layer", bytes_by_account::by_layer),
    ("bytes_by_purpose", bytes_by_account::by_purpose),
    ("bytes_of_silence", bytes_by_account::of_silence),
    ("bandwidth_over_time", bandwidth_over_time::draw),
    ("connections_over_time", connections_over_time::draw),
    ("requests_per_message", requests_per_message::draw),
    ("server_cpu_per_message", server_cpu_per_message::draw),
    ("server_memory_per_client", server_memory_per_client::draw),
];

/// The figures of single cells that a sweep has as well: the two that are asked for most, and those
/// that only a scenario about them has. The others would come once for each cell that is drawn; what
/// they show is compared over all cells, or seen in a run of that cell alone.
const OF_SWEPT: [&str; 4] = [
    "latency_by_percentile",
    "bytes_per_message",
    "library_adds",
    "bytes_of_silence",
];

/// The figure that a sweep has of all its cells, because no chart compares it over them: how readers
/// come back, which is another picture for each policy.
const OF_EACH: &str = "connections_over_time";

/// Draws all figures of these rows, in the order in which a report shows them. A sweep gets charts
/// over the swept value first, then some of single cells, whose names end in the cell's name.
///
/// # Errors
/// Fails if there is no run at all, or drawing fails.
pub fn all(rows: &Rows) -> Result<Vec<Figure>, FiguresError> {
    let digest = analysis::digest::of_rows(rows);
    let cell_table = CellTable::of(&digest);
    let loops = loops(rows, &cell_table)?;
    Ok(loops.into_iter().chain(all_of(&cell_table)?).collect())
}

/// Draws all figures of a folder's digest, with the figures of its searches. Those, and the
/// comparison of the two loops, need rungs that no digest keeps: the few folders that have them are
/// small, and are read whole.
///
/// # Errors
/// Fails in the same cases as [`all`].
pub fn of_folder(store: &Store, digest: &Digest) -> Result<Vec<Figure>, FiguresError> {
    let cell_table = CellTable::of(digest);
    let (searches, _) = analysis::capacity::read(store.dir());
    let mut figures = Vec::new();
    if !searches.is_empty() || open_and_closed::has_both(&cell_table) {
        let rows = store.read().rows;
        figures.extend(capacity::draw(&searches, &rows)?);
        figures.extend(loops(&rows, &cell_table)?);
    }
    figures.extend(all_of(&cell_table)?);
    Ok(figures)
}

fn loops(rows: &Rows, cell_table: &CellTable<'_>) -> Result<Option<Figure>, FigureError> {
    let svg = open_and_closed::draw(rows, cell_table)?;
    Ok(svg.map(|svg| Figure {
        name: "open_and_closed".to_owned(),
        svg,
    }))
}

/// Draws the figures that a digest suffices for.
///
/// # Errors
/// Fails in the same cases as [`all`].
pub fn all_of(cell_table: &CellTable<'_>) -> Result<Vec<Figure>, FiguresError> {
    if cell_table.cells.is_empty() {
        return Err(FiguresError::NoRuns);
    }
    let mut figures = Vec::new();
    let winner = heat_winner::draw(cell_table)?;
    let sweeps = crossover::draw(cell_table)?
        .into_iter()
        .chain(winner.map(|svg| ("heat_winner".to_owned(), svg)))
        .chain(heat_ratio::draw(cell_table)?)
        .chain(by_cell::draw(cell_table)?)
        .chain(by_factor::draw(cell_table)?);
    for (name, svg) in sweeps {
        figures.push(Figure { name, svg });
    }
    let lines = [
        (
            "overhead_by_payload",
            formula::overhead_by_payload(cell_table)?,
        ),
        ("latency_by_delay", formula::latency_by_delay(cell_table)?),
        ("memory_by_clients", memory_by_clients::draw(cell_table)?),
    ];
    for (name, svg) in lines {
        figures.extend(svg.map(|svg| Figure {
            name: name.to_owned(),
            svg,
        }));
    }
    let count = cell_table.cells.len();
    for (at, cell) in cell_table.cells.iter().enumerate() {
        for (name, draw) in OF_CELL.into_iter().filter(|(name, _)| has(name, at, count)) {
            if let Some(svg) = draw(cell_table, cell)? {
                let name = match count {
                    1 => name.to_owned(),
                    _ => format!("{name}.{}", file_name(cell.name)),
                };
                figures.push(Figure { name, svg });
            }
        }
    }
    Ok(figures)
}

/// Returns whether the cell at this place among so many has the figure of this name.
fn has(name: &str, at: usize, count: usize) -> bool {
    let of_each = name == OF_EACH && count <= MOST_TIMED;
    let of_shown = count == 1 || name == OF_EACH || OF_SWEPT.contains(&name);
    of_each || (of_shown && is_drawn(at, count))
}

/// Turns a cell's name into a part of a file name: `clients=100 rate=4` into `clients-100_rate-4`.
fn file_name(cell: &str) -> String {
    cell.chars()
        .map(|letter| match letter {
            ' ' => '_',
            letter if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_') => letter,
            _ => '-',
        })
        .collect()
}
