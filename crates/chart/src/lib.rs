//! The drawing crate of all figures: a sheet of fixed size, scales and panels, names beside their
//! lines, and charts made of these. It knows neither rows nor runs: the caller passes the values,
//! their looks, and functions that format numbers.
//!
//! Drawing is deterministic: the same calls give the same bytes. `examples/gallery.rs` draws each
//! chart once.
//!
//! # Reading order
//!
//! [`canvas`] and [`stroke`] draw, [`axis`] and [`panel`] place values, [`border`] and [`legend`]
//! write text, [`words`] is their language, [`look`] and [`pattern`] fill areas. [`bars`],
//! [`clusters`], [`grouped`], [`stack`], [`plot`] and [`heat`] are charts. A [`Figure`] is a
//! finished one; [`write_all`] writes it as SVG and PNG.

pub mod axis;
pub mod bars;
pub mod border;
pub mod canvas;
pub mod clusters;
mod font;
pub mod grouped;
pub mod heat;
pub mod legend;
pub mod look;
mod outlines;
pub mod panel;
pub mod pattern;
mod picture;
pub mod plot;
mod shade;
pub mod stack;
pub mod stroke;
pub mod words;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// The reasons why a figure cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The crate plotters reported an error.
    #[error("cannot draw the figure: {0}")]
    Drawing(String),
    /// The SVG could not be turned into a PNG.
    #[error("cannot turn the figure into a picture: {0}")]
    Picture(String),
    /// A file cannot be written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// A finished figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The file name without its extension.
    pub name: String,
    /// A whole SVG document.
    pub svg: String,
}

/// Writes figures into a folder, each as SVG and as PNG, and returns the files' paths.
///
/// # Errors
/// Fails if a picture cannot be made or a file not be written.
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
