//! The readers that are connected in each second, and the connections that they make. Drawn only
//! where some are made in the window: after a cut, an eviction or a leave.

use super::flows::{Half, draw as draw_halves};
use analysis::{
    cell::{Cell, CellTable},
    unit,
};
use chart::FigureError;

const TITLE: &str = "Connections while the run goes on";
const READING: &str = "Readers that are connected at the end of each second, and the connections that all readers \
     make in it.";

pub(super) fn draw(
    cell_table: &CellTable<'_>,
    cell: &Cell<'_>,
) -> Result<Option<String>, FigureError> {
    let parts = cell.variants.iter().flat_map(|variant| &variant.parts);
    let mut seconds = parts.flat_map(|parts| &parts.seconds);
    if !seconds.any(|second| second.connections.is_some_and(|made| made > 0)) {
        return Ok(None);
    }
    let connected = Half {
        title: "readers connected",
        value: |row| row.connected.map(|count| count as f64),
        words: unit::count,
        note: |spread| format!("least {}", unit::count(spread.min)),
    };
    let made = Half {
        title: "connections made",
        value: |row| row.connections.map(|count| count as f64),
        words: rate,
        note: |spread| format!("most {}", rate(spread.max)),
    };
    draw_halves(cell_table, cell, (TITLE, READING), [connected, made])
}

fn rate(count: f64) -> String {
    format!("{}/s", unit::count(count))
}
