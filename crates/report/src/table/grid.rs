//! The comparison as rows of texts, before it is decided how they are drawn.

use super::STAR;
use crate::{
    cell::{Cell, Comparison, Metric, VariantRuns, metric},
    memory::growths,
    row::RunRow,
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
        name: "no event",
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
pub(super) struct Grid {
    /// Name and unit.
    pub(super) header: Vec<(String, String)>,
    /// Texts, and whether each is the best of its column.
    pub(super) rows: Vec<Vec<(String, bool)>>,
    /// How many of the columns on the left are words.
    pub(super) words: usize,
    pub(super) notes: Vec<String>,
}

pub(super) fn grid(comparison: &Comparison<'_>) -> Grid {
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
        notes: notes(comparison),
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

fn notes(comparison: &Comparison<'_>) -> Vec<String> {
    let mut notes = vec![format!(
        "{STAR} best of the column among valid runs. msg: a message delivered to one reader."
    )];
    let variants = || comparison.cells.iter().flat_map(|cell| &cell.variants);
    let mut runs = variants().flat_map(|variant| &variant.all);
    if runs.any(|run| run.repeat > 1) {
        let text = "Medians over the valid repeats; delivered and lost are sums over all of them.";
        notes.push(text.to_owned());
    }
    notes.extend(memory(comparison));
    let mut bad: Vec<String> = variants()
        .filter_map(|variant| not_valid(comparison, variant))
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

/// What the division of memory by clients is worth, and the slopes where there
/// are any.
fn memory(comparison: &Comparison<'_>) -> Option<String> {
    let is_told = |variant: &VariantRuns<'_>| variant.spread(metric::server_kib_per_client);
    let mut variants = comparison.cells.iter().flat_map(|cell| &cell.variants);
    variants.find_map(is_told)?;
    let growths = growths(comparison);
    let mut slopes: Vec<String> = growths
        .iter()
        .filter_map(|growth| {
            let name = &comparison.identities[growth.identity].name;
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
        "server mem divides; what one client more adds, by regression: {}.",
        slopes.join(", ")
    ))
}

/// A sweep that went wrong as a whole says so in this many lines.
const NOTES: usize = 12;

/// How many of a variant's runs are not valid, and what the first says of it.
fn not_valid(comparison: &Comparison<'_>, variant: &VariantRuns<'_>) -> Option<String> {
    let bad: Vec<&&RunRow> = variant.all.iter().filter(|run| !run.valid).collect();
    let first = bad.first()?;
    let name = &comparison.identities[variant.identity].name;
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
