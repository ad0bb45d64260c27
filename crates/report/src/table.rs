//! The comparison as a table, for a terminal, for Markdown and for programs.
//!
//! The table has a row per variant and cell, the units in the header, and the best of each column
//! marked by a star, which needs no colour. Only valid runs can be best.

pub mod capacity;
mod grid;
pub mod objectives;
pub mod predictions;

use std::fmt::Write as _;

use self::grid::{Grid, Value, grid};
use analysis::cell::CellTable;
use sheet::{Column, Entry, Sheet};

use crate::Lang;

/// The mark of the best value in a terminal.
const STAR: char = '*';

/// Returns a table for a terminal of `width` columns. If it is too wide, transports become columns
/// and figures become rows.
#[must_use]
pub fn terminal(cell_table: &CellTable<'_>, width: u16) -> String {
    terminal_in(cell_table, width, Lang::En)
}

/// Returns the table of [`terminal`] in one of the languages.
#[must_use]
pub fn terminal_in(cell_table: &CellTable<'_>, width: u16, lang: Lang) -> String {
    let grid = grid(cell_table).said(lang);
    let wide = upright(&grid).terminal(u16::MAX);
    let fits = wide
        .lines()
        .all(|line| sheet::width(line) <= usize::from(width));
    let mut text = if fits { wide } else { turned(&grid, width) };
    for note in &grid.notes {
        let _ = write!(text, "\n{note}");
    }
    text.push('\n');
    text
}

/// Returns the same table in Markdown, with the best of each column in bold.
#[must_use]
pub fn markdown(cell_table: &CellTable<'_>) -> String {
    markdown_in(cell_table, Lang::En)
}

/// Returns the table of [`markdown`] in one of the languages.
#[must_use]
pub fn markdown_in(cell_table: &CellTable<'_>, lang: Lang) -> String {
    let grid = grid(cell_table).said(lang);
    let bold_mark = format!("**{}:**", lang.say("Bold"));
    let bold = |value: &Value| {
        if value.is_best {
            Entry::from(format!("**{}**", value.text))
        } else {
            Entry::from(value.text.clone())
        }
    };
    let mut text = named(&grid, bold).markdown();
    for note in &grid.notes {
        let _ = write!(text, "\n{}\n", escaped(&note.replacen(STAR, &bold_mark, 1)));
    }
    text
}

/// Returns the same table for programs: numbers in the units of their columns, without marks and
/// notes.
#[must_use]
pub fn data(cell_table: &CellTable<'_>) -> Sheet {
    let grid = grid(cell_table);
    named(&grid, |value| match value.number {
        Some(number) => Entry::number(value.text.clone(), number),
        None => Entry::from(value.text.clone()),
    })
}

/// Returns the table with a row per variant, and the unit behind each name.
fn named(grid: &Grid, entry: impl Fn(&Value) -> Entry) -> Sheet {
    let names = grid.header.iter().enumerate().map(|(at, (name, unit))| {
        let name = match unit.as_str() {
            "" => name.clone(),
            unit => format!("{name}, {unit}"),
        };
        column(name, at < grid.words)
    });
    let mut sheet = Sheet::new(names);
    for row in &grid.rows {
        sheet.push(row.iter().map(&entry));
    }
    sheet
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Appends a star to the best value and a blank to the others, so that digits stay in line.
fn marked(value: &Value) -> String {
    format!("{}{}", value.text, if value.is_best { STAR } else { ' ' })
}

/// Returns the table with a row per variant, and the units below the names.
fn upright(grid: &Grid) -> Sheet {
    let names = grid.header.iter().enumerate().map(|(at, (name, unit))| {
        let name = if unit.is_empty() {
            name.clone()
        } else {
            format!("{name} \n{unit} ")
        };
        column(name, at < grid.words)
    });
    let mut sheet = Sheet::new(names);
    for row in &grid.rows {
        let texts = row.iter().enumerate().map(|(at, value)| {
            let is_word = at < grid.words;
            if is_word {
                value.text.clone()
            } else {
                marked(value)
            }
        });
        sheet.push(texts);
    }
    sheet
}

/// Draws the table with a column per variant, in as many tables as the width demands.
fn turned(grid: &Grid, width: u16) -> String {
    const LABEL: usize = 27;
    const COLUMN: usize = 14;
    let fit = (usize::from(width).saturating_sub(LABEL) / COLUMN).max(1);
    let tables = grid.rows.chunks(fit).map(|rows| {
        let names = rows.iter().map(|row| {
            let words: Vec<&str> = row[..grid.words]
                .iter()
                .map(|value| value.text.as_str())
                .collect();
            Column::numbers(words.join("\n"))
        });
        let mut sheet = Sheet::new(std::iter::once(Column::words("")).chain(names));
        for (at, (name, unit)) in grid.header.iter().enumerate().skip(grid.words) {
            let values = rows.iter().map(|row| marked(&row[at]));
            sheet.push(std::iter::once(format!("{name}, {unit}")).chain(values));
        }
        sheet.terminal(width)
    });
    tables.collect::<Vec<_>>().join("\n")
}

fn column(name: String, is_word: bool) -> Column {
    if is_word {
        Column::words(name)
    } else {
        Column::numbers(name)
    }
}
