//! Figures, drawn from rows alone: the same rows give the same bytes.
//!
//! One file per figure. What they share is in files named for what it is:
//! `canvas` and `stroke` (drawing), `axis` and `panel` (scales), `legend` and
//! `caption` (words), `bars` (the three bar charts), `stack` and `pattern` (bars
//! of many parts), `formula` (lines that were not measured), `sweep` (lines over
//! cells), `heat` (grids of cells), `picture` (SVG to PNG).

mod bandwidth_over_time;
mod by_cell;
mod bytes_by_account;
mod bytes_per_message;
pub(crate) mod capacity;
pub(crate) mod crossover;
mod formula;
mod heat_ratio;
mod heat_winner;
mod latency_by_percentile;
mod latency_over_time;
mod memory_by_clients;
mod open_and_closed;
mod overlay;
mod overlay_bars;
mod overlay_lines;
mod requests_per_message;
mod server_cpu_per_message;

mod axis;
mod bars;
mod canvas;
mod caption;
mod font;
mod heat;
mod legend;
mod look;
mod panel;
mod pattern;
mod picture;
pub(crate) mod plot;
mod stack;
mod stroke;
mod sweep;

pub use overlay::overlay;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use crate::{
    cell::{Cell, Comparison, is_drawn},
    digest::Digest,
    row::{Rows, RunRow},
    store::Store,
};

/// Why a figure could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// There is no run to draw.
    #[error("there is no run in runs.csv, so there is nothing to draw")]
    NoRuns,
    /// plotters refused.
    #[error("cannot draw the figure: {0}")]
    Drawing(String),
    /// The SVG could not be turned into a PNG.
    #[error("cannot turn the figure into a picture: {0}")]
    Picture(String),
    /// A file cannot be written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

/// A finished figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its file name without the ending.
    pub name: String,
    /// A whole SVG document.
    pub svg: String,
}

/// A figure of one cell; nothing where the rows do not carry it.
type OfCell = fn(&Comparison<'_>, &Cell<'_>) -> Result<Option<String>, FigureError>;

const OF_CELL: [(&str, OfCell); 9] = [
    ("latency_by_percentile", latency_by_percentile::draw),
    ("latency_over_time", latency_over_time::draw),
    ("bytes_per_message", bytes_per_message::draw),
    ("bytes_by_layer", bytes_by_account::by_layer),
    ("bytes_by_purpose", bytes_by_account::by_purpose),
    ("bytes_of_silence", bytes_by_account::of_silence),
    ("bandwidth_over_time", bandwidth_over_time::draw),
    ("requests_per_message", requests_per_message::draw),
    ("server_cpu_per_message", server_cpu_per_message::draw),
];

/// All figures of these rows, in the order in which a report shows them. A
/// sweep gets charts over the swept value first, then those of single cells,
/// whose names end in the cell's.
///
/// # Errors
/// When there is no run at all, or drawing fails.
pub fn all(rows: &Rows) -> Result<Vec<Figure>, FigureError> {
    let digest = Digest::of(rows);
    let comparison = Comparison::of(&digest);
    let loops = loops(rows, &comparison)?;
    Ok(loops.into_iter().chain(all_of(&comparison)?).collect())
}

/// The same of a folder's digest, with the figures of its searches. Those, and
/// the two loops side by side, need rungs that no digest keeps: the few folders
/// that have them are small, and are read whole.
///
/// # Errors
/// As [`all`].
pub fn of_folder(store: &Store, digest: &Digest) -> Result<Vec<Figure>, FigureError> {
    let comparison = Comparison::of(digest);
    let (searches, _) = crate::capacity::read(store.dir());
    let mut figures = Vec::new();
    if !searches.is_empty() || open_and_closed::has_both(&comparison) {
        let rows = store.read().rows;
        figures.extend(capacity::draw(&searches, &rows)?);
        figures.extend(loops(&rows, &comparison)?);
    }
    figures.extend(all_of(&comparison)?);
    Ok(figures)
}

fn loops(rows: &Rows, comparison: &Comparison<'_>) -> Result<Option<Figure>, FigureError> {
    let svg = open_and_closed::draw(rows, comparison)?;
    Ok(svg.map(|svg| Figure {
        name: "open_and_closed".to_owned(),
        svg,
    }))
}

/// The figures that a digest carries.
///
/// # Errors
/// As [`all`].
pub fn all_of(comparison: &Comparison<'_>) -> Result<Vec<Figure>, FigureError> {
    if comparison.cells.is_empty() {
        return Err(FigureError::NoRuns);
    }
    let mut figures = Vec::new();
    let winner = heat_winner::draw(comparison)?;
    let sweeps = crossover::draw(comparison)?
        .into_iter()
        .chain(winner.map(|svg| ("heat_winner".to_owned(), svg)))
        .chain(heat_ratio::draw(comparison)?)
        .chain(by_cell::draw(comparison)?);
    for (name, svg) in sweeps {
        figures.push(Figure { name, svg });
    }
    let lines = [
        (
            "overhead_by_payload",
            formula::overhead_by_payload(comparison)?,
        ),
        ("latency_by_delay", formula::latency_by_delay(comparison)?),
        ("memory_by_clients", memory_by_clients::draw(comparison)?),
    ];
    for (name, svg) in lines {
        figures.extend(svg.map(|svg| Figure {
            name: name.to_owned(),
            svg,
        }));
    }
    for cell in shown(&comparison.cells) {
        for (name, draw) in OF_CELL {
            if let Some(svg) = draw(comparison, cell)? {
                let name = match comparison.cells.len() {
                    1 => name.to_owned(),
                    _ => format!("{name}.{}", file_name(cell.name)),
                };
                figures.push(Figure { name, svg });
            }
        }
    }
    Ok(figures)
}

/// Draws all figures into a folder, each as SVG and as PNG, and names the files.
///
/// # Errors
/// When there is no run at all, drawing fails, or a file cannot be written.
pub fn draw_all(rows: &Rows, out_dir: &Path) -> Result<Vec<PathBuf>, FigureError> {
    write_all(&all(rows)?, out_dir)
}

/// Writes figures into a folder, each as SVG and as PNG, and names the files.
///
/// # Errors
/// When a picture cannot be made or a file not be written.
pub fn write_all(figures: &[Figure], out_dir: &Path) -> Result<Vec<PathBuf>, FigureError> {
    fs::create_dir_all(out_dir).map_err(|source| io_error(out_dir, source))?;
    // A picture takes much longer than its drawing; pictures do not depend on
    // each other.
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(figures.len());
    let next = AtomicUsize::new(0);
    let paint = || -> Result<(), FigureError> {
        while let Some(figure) = figures.get(next.fetch_add(1, Ordering::Relaxed)) {
            write(&path(out_dir, figure, "png"), &picture::png(&figure.svg)?)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let painters: Vec<_> = (0..threads).map(|_| scope.spawn(paint)).collect();
        painters.into_iter().try_for_each(|painter| {
            painter
                .join()
                .unwrap_or_else(|_| Err(FigureError::Picture("the painter panicked".to_owned())))
        })
    })?;
    let mut paths = Vec::with_capacity(figures.len() * 2);
    for figure in figures {
        let svg = path(out_dir, figure, "svg");
        write(&svg, figure.svg.as_bytes())?;
        paths.extend([svg, path(out_dir, figure, "png")]);
    }
    Ok(paths)
}

/// What one run was, for the foot of a figure.
pub(crate) fn caption_of(run: &RunRow) -> String {
    caption::of_run(run)
}

/// The caption of several runs: what differs between them is given as a range.
pub(crate) fn caption_of_all(runs: &[&RunRow]) -> String {
    caption::of_all(runs)
}

/// The cells whose own figures are drawn.
fn shown<'c, 'a>(cells: &'c [Cell<'a>]) -> impl Iterator<Item = &'c Cell<'a>> {
    let count = cells.len();
    let drawn = cells.iter().enumerate();
    drawn
        .filter(move |(at, _)| is_drawn(*at, count))
        .map(|(_, cell)| cell)
}

/// A cell's name as part of a file name: `clients=100 rate=4` as `clients-100_rate-4`.
fn file_name(cell: &str) -> String {
    cell.chars()
        .map(|letter| match letter {
            ' ' => '_',
            letter if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_') => letter,
            _ => '-',
        })
        .collect()
}

fn path(dir: &Path, figure: &Figure, ending: &str) -> PathBuf {
    dir.join(format!("{}.{ending}", figure.name))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), FigureError> {
    fs::write(path, bytes).map_err(|source| io_error(path, source))
}

fn io_error(path: &Path, source: io::Error) -> FigureError {
    FigureError::Io {
        path: path.to_owned(),
        source,
    }
}
