//! The comparison as rows of texts, before it is decided how they are drawn.

use super::STAR;
use crate::{
    Lang,
    html::{Ranking, answer, between},
};
use analysis::{
    cell::{Cell, CellTable, VariantRuns},
    memory::growths,
    metric::{Column, Metric, P50, TABLE, of},
    unit,
};
use results::RunRow;

/// The placeholder for a value that a run lacks.
const UNKNOWN: &str = "–";

/// A table as texts, before it is decided how it is drawn.
pub(super) struct Grid {
    /// The name and the unit of each column.
    pub(super) header: Vec<(String, String)>,
    /// The values of each row.
    pub(super) rows: Vec<Vec<Value>>,
    /// The number of leftmost columns that are words.
    pub(super) words: usize,
    pub(super) notes: Vec<String>,
}

/// A value of the table.
pub(super) struct Value {
    pub(super) text: String,
    /// The number that the text was made of, in the unit of the column.
    pub(super) number: Option<f64>,
    /// True if it is the best of its column.
    pub(super) is_best: bool,
}

impl Value {
    fn word(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            number: None,
            is_best: false,
        }
    }
}

impl Grid {
    /// Returns the table in one of the languages. Cells of a sweep stay as they are written.
    pub(super) fn said(mut self, lang: Lang) -> Self {
        if lang == Lang::En {
            return self;
        }
        for (name, unit) in &mut self.header {
            (*name, *unit) = (lang.say(name), lang.say(unit));
        }
        let first = self.words.saturating_sub(1);
        for row in &mut self.rows {
            let words = row.iter_mut().skip(first);
            for value in words.filter(|value| value.number.is_none()) {
                value.text = lang.say(&value.text);
            }
        }
        for note in &mut self.notes {
            *note = lang.say(note);
        }
        self
    }
}

pub(super) fn grid(cell_table: &CellTable<'_>) -> Grid {
    let has_cells = cell_table.cells.len() > 1;
    let mut header = vec![("transport".to_owned(), String::new())];
    if has_cells {
        header.insert(0, ("cell".to_owned(), String::new()));
    }
    let words = header.len();
    header.push(("delivered".to_owned(), "messages".to_owned()));
    header.push(("lost".to_owned(), "messages".to_owned()));
    header.extend(columns().map(|(_, column)| (column.head.to_owned(), column.unit.to_owned())));
    header.push(("valid".to_owned(), "runs".to_owned()));
    let mut grid = Grid {
        header,
        rows: Vec::new(),
        words,
        notes: notes(cell_table),
    };
    for cell in &cell_table.cells {
        let best: Vec<Vec<usize>> = columns()
            .map(|(metric, _)| best(cell_table, cell, metric))
            .collect();
        for variant in &cell.variants {
            let name = cell_table.identities[variant.identity].style.name.clone();
            let mut row = vec![Value::word(name)];
            if has_cells {
                row.insert(0, Value::word(cell.name));
            }
            row.extend(numbers(variant, &best));
            grid.rows.push(row);
        }
    }
    grid
}

/// Returns the figures of the table, each with its column.
fn columns() -> impl Iterator<Item = (&'static Metric, Column)> {
    TABLE
        .into_iter()
        .filter_map(|metric| Some((metric, metric.column?)))
}

/// Returns the best of the column in the cell and those level with it, unless that is everybody.
fn best(cell_table: &CellTable<'_>, cell: &Cell<'_>, metric: &Metric) -> Vec<usize> {
    let ranking = Ranking::of(cell_table, cell, metric);
    let marked = ranking.map_or_else(Vec::new, |ranking| ranking.marked());
    let valid = cell.variants.iter().filter(|variant| variant.valid);
    let told = valid.filter(|variant| variant.spread(metric.metric).is_some());
    if marked.len() < told.count() {
        marked
    } else {
        Vec::new()
    }
}

fn numbers(variant: &VariantRuns<'_>, best: &[Vec<usize>]) -> Vec<Value> {
    let total = |value: fn(&RunRow) -> u64| {
        let sum: u64 = variant.all.iter().map(|run| value(run)).sum();
        Value {
            number: Some(sum as f64),
            ..Value::word(unit::grouped(sum))
        }
    };
    let mut row = vec![total(|run| run.delivered), total(|run| run.lost)];
    for ((metric, column), best) in columns().zip(best) {
        row.push(match variant.spread(metric.metric) {
            None => Value::word(UNKNOWN),
            Some(spread) => {
                let number = spread.median / column.scale;
                Value {
                    text: unit::count(number),
                    number: Some(number),
                    is_best: variant.valid && best.contains(&variant.identity),
                }
            }
        });
    }
    let valid = variant.all.iter().filter(|run| run.valid).count();
    let verdict = match (valid, variant.all.len()) {
        (1, 1) => "yes".to_owned(),
        (0, _) => "NO".to_owned(),
        (valid, all) => format!("{valid} of {all}"),
    };
    row.push(Value::word(verdict));
    row
}

fn notes(cell_table: &CellTable<'_>) -> Vec<String> {
    let mut notes = vec![format!(
        "{STAR} best of the column among valid runs, told from chance, and what is level with it. \
         msg: a message delivered to one reader."
    )];
    notes.extend(told(cell_table));
    let variants = || cell_table.cells.iter().flat_map(|cell| &cell.variants);
    let mut runs = variants().flat_map(|variant| &variant.all);
    if runs.any(|run| run.repeat > 1) {
        let text = "Medians over the valid repeats; delivered and lost are sums over all of them.";
        notes.push(text.to_owned());
    }
    notes.extend(memory(cell_table));
    let mut bad: Vec<String> = variants()
        .filter_map(|variant| not_valid(cell_table, variant))
        .collect();
    if bad.len() > NOTES {
        let rest = bad.split_off(NOTES - 1).len();
        bad.push(format!(
            "not valid: {} more, see runs.csv",
            unit::grouped(rest as u64)
        ));
    }
    notes.extend(bad);
    notes
}

/// Returns the answer that the page opens with, and its doubts.
fn told(cell_table: &CellTable<'_>) -> Vec<String> {
    let answer = answer(cell_table);
    let mut told: Vec<String> = [answer.sentences, answer.turns, answer.doubts].concat();
    if cell_table.identities.len() > 1 {
        told.push(cell_table.family().words());
    }
    told.extend(sittings(cell_table));
    told.iter()
        .map(|text| text.replace('\u{a0}', " "))
        .collect()
}

/// Describes how far the median latencies of sittings lie apart, if there are several.
fn sittings(cell_table: &CellTable<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for cell in &cell_table.cells {
        for variant in &cell.variants {
            let name = &cell_table.identities[variant.identity].style.name;
            let at = match cell.name {
                "-" => String::new(),
                cell => format!(" at {cell}"),
            };
            let between = between(cell, &P50, variant.identity);
            lines.extend(between.map(|text| format!("between sittings: {name}{at}, p50 {text}")));
        }
    }
    if lines.len() > NOTES {
        let rest = lines.split_off(NOTES - 1).len();
        lines.push(format!("between sittings: {rest} more, see report.html"));
    }
    lines
}

/// Describes how far memory divided by clients can be trusted, with the slopes if there are any.
fn memory(cell_table: &CellTable<'_>) -> Option<String> {
    let is_told = |variant: &VariantRuns<'_>| variant.spread(of::server_kib_per_client);
    let mut variants = cell_table.cells.iter().flat_map(|cell| &cell.variants);
    variants.find_map(is_told)?;
    let growths = growths(cell_table);
    let mut slopes: Vec<String> = growths
        .iter()
        .filter_map(|growth| {
            let name = &cell_table.identities[growth.identity].style.name;
            let at = if growth.held.is_empty() {
                String::new()
            } else {
                format!(" at {}", growth.held)
            };
            Some(format!("{name}{at} {}", growth.words()?))
        })
        .collect();
    if slopes.is_empty() {
        let text =
            "server mem: what the clients added, divided by them; a slope takes three counts.";
        return Some(text.to_owned());
    }
    if slopes.len() > NOTES {
        let rest = slopes.split_off(NOTES - 1).len();
        slopes.push(format!("{rest} more, see report.html"));
    }
    Some(format!(
        "server mem divides; what one client more adds, by regression: {}",
        slopes.join(" · ")
    ))
}

/// The largest number of notes, for a sweep that failed as a whole.
const NOTES: usize = 12;

/// Returns how many of a variant's runs are not valid, and the reason that the first one records.
fn not_valid(cell_table: &CellTable<'_>, variant: &VariantRuns<'_>) -> Option<String> {
    let bad: Vec<&&RunRow> = variant.all.iter().filter(|run| !run.valid).collect();
    let first = bad.first()?;
    let name = &cell_table.identities[variant.identity].style.name;
    let cell = if first.cell == "-" {
        String::new()
    } else {
        format!(" at {}", first.cell)
    };
    let why = if first.error.is_empty() {
        "no reason given"
    } else {
        &first.error
    };
    let (count, all) = (bad.len(), variant.all.len());
    Some(format!(
        "not valid: {name}{cell}, {count} of {all} runs: {why}"
    ))
}
