//! The bytes on the wire in each second, in each direction.

use super::flows::{Half, draw as draw_halves};
use analysis::{
    cell::{Cell, CellTable},
    unit,
};
use chart::FigureError;

const TITLE: &str = "Bandwidth while the run goes on";
const READING: &str =
    "All bytes at the socket: messages, headers, framing and empty answers. All clients together.";

pub(super) fn draw(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let down = Half {
        title: "down: server to clients",
        value: |row| Some(row.bytes_down as f64),
        words: rate,
        note: |spread| rate(spread.median),
    };
    let up = Half {
        title: "up: clients to server",
        value: |row| Some(row.bytes_up as f64),
        words: rate,
        note: |spread| rate(spread.median),
    };
    draw_halves(cell_table, cell, (TITLE, READING), [down, up])
}

fn rate(bytes: f64) -> String {
    format!("{}/s", unit::bytes(bytes))
}
