//! The comparison as a table, for a terminal and for Markdown.
//!
//! A row per variant and cell, units in the header, the best of each column
//! marked by a star, which needs no colour. Only valid runs can be best.

use std::fmt::Write as _;

use comfy_table::{Cell as TableCell, CellAlignment, ContentArrangement, Table, presets};

use crate::{
    cell::{Cell, Comparison, Metric, VariantRuns, metric},
    row::{Rows, RunRow},
    statistics::Spread,
    unit,
};

/// What stands where a run cannot say.
const UNKNOWN: &str = "–";

/// A column that can be best: the smaller the better.
struct Column {
    name: &'static str,
    unit: &'static str,
    metric: Metric,
    /// What one of the unit is in the metric.
    scale: f64,
}

const COLUMNS: [Column; 9] = [
    Column {
        name: "p50",
        unit: "ms",
        metric: metric::p50_us,
        scale: 1e3,
    },
    Column {
        name: "p99",
        unit: "ms",
        metric: metric::p99_us,
        scale: 1e3,
    },
    Column {
        name: "max",
        unit: "ms",
        metric: metric::max_us,
        scale: 1e3,
    },
    Column {
        name: "up",
        unit: "B/msg",
        metric: metric::bytes_up,
        scale: 1.0,
    },
    Column {
        name: "down",
        unit: "B/msg",
        metric: metric::bytes_down,
        scale: 1.0,
    },
    Column {
        name: "overhead",
        unit: "B/msg",
        metric: metric::overhead_bytes,
        scale: 1.0,
    },
    Column {
        name: "requests",
        unit: "per msg",
        metric: metric::requests,
        scale: 1.0,
    },
    Column {
        name: "server CPU",
        unit: "µs/msg",
        metric: metric::server_cpu_us,
        scale: 1.0,
    },
    Column {
        name: "server mem",
        unit: "KiB/client",
        metric: metric::server_kib_per_client,
        scale: 1.0,
    },
];

/// A table as texts, before it is decided how it is drawn.
struct Grid {
    /// Name and unit.
    header: Vec<(String, String)>,
    /// Texts, and whether each is the best of its column.
    rows: Vec<Vec<(String, bool)>>,
    /// How many of the columns on the left are words.
    words: usize,
    notes: Vec<String>,
}

/// A table for a terminal of this many columns. Where it is too wide, transports
/// become columns and figures rows.
#[must_use]
pub fn terminal(rows: &Rows, width: u16) -> String {
    let grid = grid(rows);
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

/// The same table in Markdown, the best of each column in bold.
#[must_use]
pub fn markdown(rows: &Rows) -> String {
    let grid = grid(rows);
    let mut text = String::new();
    for (name, unit) in &grid.header {
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!(", {unit}")
        };
        let _ = write!(text, "| {}{unit} ", escaped(name));
    }
    text.push_str("|\n");
    for column in 0..grid.header.len() {
        text.push_str(if column < grid.words {
            "| --- "
        } else {
            "| ---: "
        });
    }
    text.push_str("|\n");
    for row in &grid.rows {
        for (value, best) in row {
            let value = escaped(value);
            let _ = if *best {
                write!(text, "| **{value}** ")
            } else {
                write!(text, "| {value} ")
            };
        }
        text.push_str("|\n");
    }
    for note in &grid.notes {
        let _ = write!(text, "\n{}\n", escaped(&note.replace('*', "bold")));
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

fn grid(rows: &Rows) -> Grid {
    let comparison = Comparison::of(rows);
    let has_cells = comparison.cells.len() > 1;
    let mut header = vec![("transport".to_owned(), String::new())];
    if has_cells {
        header.insert(0, ("cell".to_owned(), String::new()));
    }
    let words = header.len();
    header.push(("delivered".to_owned(), "messages".to_owned()));
    header.push(("lost".to_owned(), "messages".to_owned()));
    header.extend(
        COLUMNS
            .iter()
            .map(|column| (column.name.to_owned(), column.unit.to_owned())),
    );
    header.push(("valid".to_owned(), "runs".to_owned()));
    let mut grid = Grid {
        header,
        rows: Vec::new(),
        words,
        notes: notes(rows, &comparison),
    };
    for cell in &comparison.cells {
        let best = COLUMNS.map(|column| best(cell, &column));
        for variant in &cell.variants {
            let name = comparison.identities[variant.identity].name.clone();
            let mut row = vec![(name, false)];
            if has_cells {
                row.insert(0, (cell.name.to_owned(), false));
            }
            row.extend(numbers(variant, &best));
            grid.rows.push(row);
        }
    }
    grid
}

/// The smallest text-equal value in the cell, if there is a choice to be made.
fn best(cell: &Cell<'_>, column: &Column) -> Option<String> {
    let medians = cell.variants.iter().filter(|variant| variant.valid);
    let spread = Spread::of(
        medians
            .filter_map(|variant| variant.spread(column.metric))
            .map(|s| s.median),
    )?;
    let is_choice = cell.variants.len() > 1 && !spread.is_flat();
    is_choice.then(|| unit::count(spread.min / column.scale))
}

fn numbers(variant: &VariantRuns<'_>, best: &[Option<String>]) -> Vec<(String, bool)> {
    let total = |value: fn(&RunRow) -> u64| -> (String, bool) {
        (
            unit::grouped(variant.all.iter().map(|run| value(run)).sum()),
            false,
        )
    };
    let mut row = vec![total(|run| run.delivered), total(|run| run.lost)];
    for (column, best) in COLUMNS.iter().zip(best) {
        row.push(match variant.spread(column.metric) {
            None => (UNKNOWN.to_owned(), false),
            Some(spread) => {
                // Values that read the same are equally good.
                let text = unit::count(spread.median / column.scale);
                let is_best = variant.valid && best.as_ref() == Some(&text);
                (text, is_best)
            }
        });
    }
    let valid = variant.all.iter().filter(|run| run.valid).count();
    let verdict = match (valid, variant.all.len()) {
        (1, 1) => "yes".to_owned(),
        (0, _) => "NO".to_owned(),
        (valid, all) => format!("{valid} of {all}"),
    };
    row.push((verdict, false));
    row
}

fn notes(rows: &Rows, comparison: &Comparison<'_>) -> Vec<String> {
    let mut notes = vec![
        "* best of the column among valid runs. msg: a message delivered to one reader.".to_owned(),
    ];
    if rows.runs.iter().any(|run| run.repeat > 1) {
        let text = "Medians over the valid repeats; delivered and lost are sums over all of them.";
        notes.push(text.to_owned());
    }
    for variant in comparison.cells.iter().flat_map(|cell| &cell.variants) {
        let name = &comparison.identities[variant.identity].name;
        for run in variant.all.iter().filter(|run| !run.valid) {
            let why = if run.error.is_empty() {
                "no reason given"
            } else {
                &run.error
            };
            let cell = if run.cell == "-" {
                String::new()
            } else {
                format!(", {}", run.cell)
            };
            notes.push(format!(
                "not valid: {name}{cell}, repeat {}: {why}",
                run.repeat
            ));
        }
    }
    notes
}

/// A star after the best; a blank after the others, so that digits stay in line.
fn marked((text, best): &(String, bool)) -> String {
    format!("{text}{}", if *best { '*' } else { ' ' })
}

fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table
}

/// A row per variant.
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

/// A column per variant, and as many tables as the width demands.
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
