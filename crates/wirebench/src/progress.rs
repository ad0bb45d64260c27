//! The display of progress while runs go on.
//!
//! A terminal shows a [`View`] with a line for each transport. Elsewhere there is a plain line
//! every few seconds and one at the end of a run. Both go to standard error, so that standard
//! output holds only the results.

mod columns;
mod line;
mod screen;
mod view;

pub(crate) use self::{
    columns::waiting,
    line::Line,
    screen::{leave, put, reasons, said, say, speak, warn},
    view::View,
};

/// Returns the number of columns of the terminal. Without a terminal the number is large, so that
/// nothing is cut in a file.
pub(crate) fn width() -> u16 {
    terminal_size::terminal_size_of(std::io::stdout()).map_or(u16::MAX, |(width, _)| width.0)
}
