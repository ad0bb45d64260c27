//! The comparison as a table, for a terminal and for Markdown.
//!
//! The table has a row per variant and cell, the units in the header, and the best of each column
//! marked by a star, which needs no colour. Only valid runs can be best.

pub mod capacity;
mod grid;
pub mod predictions;

use std::fmt::Write as _;

use comfy_table::{Cell as TableCell, CellAlignment, ContentArrangement, Table, presets};

use self::grid::{Grid, grid};
use analysis::cell::Comparison;
use sheet::{Column, Sheet};

/// The mark of the best value in a terminal.
const STAR: char = '*';

/// Returns a table for a terminal of `width` columns. If it is too wide, transports become columns
/// and figures become rows.
#[must_use]
pub fn terminal(comparison: &Comparison<'_>, width: u16) -> String {
    let grid = grid(comparison);
    let wide = upright(&grid);
    let fits = wide
        .lines()
        .all(|line| line.chars().count() <= usize::from(width));
    let mut text = if fits { wide } else { turned(&grid, width) };
    for note in &grid.notes {
        let _ = write!(text, "\n{note}");
    }
    text.push('\n');
    text
}

/// Returns the same table in Markdown, with the best of each column in bold.
#[must_use]
pub fn markdown(comparison: &Comparison<'_>) -> String {
    let grid = grid(comparison);
    let names = grid.header.iter().enumerate().map(|(at, (name, unit))| {
        let name = match unit.as_str() {
            "" => name.clone(),
            unit => format!("{name}, {unit}"),
        };
        if at < grid.words {
            Column::words(name)
        } else {
            Column::numbers(name)
        }
    });
    let mut sheet = Sheet::new(names);
    for row in &grid.rows {
        sheet.push(row.iter().map(|(value, best)| match best {
            true => format!("**{value}**"),
            false => value.clone(),
        }));
    }
    let mut text = sheet.markdown();
    for note in &grid.notes {
        let _ = write!(
            text,
            "\n{}\n",
            escaped(&note.replacen(STAR, "**Bold:**", 1))
        );
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Appends a star to the best value and a blank to the others, so that digits stay in line.
fn marked((text, best): &(String, bool)) -> String {
    format!("{text}{}", if *best { STAR } else { ' ' })
}

fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table
}

/// Draws the table with a row per variant.
fn upright(grid: &Grid) -> String {
    let mut table = new_table();
    table.set_header(grid.header.iter().enumerate().map(|(at, (name, unit))| {
        let text = if unit.is_empty() {
            name.clone()
        } else {
            format!("{name} \n{unit} ")
        };
        TableCell::new(text).set_alignment(alignment(at < grid.words))
    }));
    for row in &grid.rows {
        table.add_row(row.iter().enumerate().map(|(at, value)| {
            let is_word = at < grid.words;
            let text = if is_word {
                value.0.clone()
            } else {
                marked(value)
            };
            TableCell::new(text).set_alignment(alignment(is_word))
        }));
    }
    table.to_string()
}

/// Draws the table with a column per variant, in as many tables as the width demands.
fn turned(grid: &Grid, width: u16) -> String {
    const LABEL: usize = 27;
    const COLUMN: usize = 14;
    let fit = (usize::from(width).saturating_sub(LABEL) / COLUMN).max(1);
    let tables: Vec<String> = grid
        .rows
        .chunks(fit)
        .map(|rows| {
            let mut table = new_table();
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width);
            let names = rows.iter().map(|row| {
                row[..grid.words]
                    .iter()
                    .map(|value| value.0.as_str())
                    .collect::<Vec<_>>()
                    .join("\n")
            });
            let header = std::iter::once(String::new()).chain(names);
            table.set_header(
                header
                    .enumerate()
                    .map(|(at, name)| TableCell::new(name).set_alignment(alignment(at == 0))),
            );
            for (at, (name, unit)) in grid.header.iter().enumerate().skip(grid.words) {
                let label = TableCell::new(format!("{name}, {unit}"));
                let values = rows.iter().map(|row| {
                    TableCell::new(marked(&row[at])).set_alignment(CellAlignment::Right)
                });
                table.add_row(std::iter::once(label).chain(values));
            }
            table.to_string()
        })
        .collect();
    tables.join("\n")
}

fn alignment(is_word: bool) -> CellAlignment {
    if is_word {
        CellAlignment::Left
    } else {
        CellAlignment::Right
    }
}
