//! Predicted and measured values and their differences as a table, for a terminal and for Markdown:
//! a row per quantity of a variant, with medians over its repeats.

use std::{collections::BTreeMap, fmt::Write as _};

use sheet::{Column, Sheet};

use analysis::{
    model::{Quantity, prediction::PredictionRow},
    series::Identity,
    statistics::Spread,
    unit,
};

/// The placeholder for a value that was not measured.
const UNKNOWN: &str = "–";
/// The mark of a difference that nothing explains.
const UNEXPLAINED: &str = "NO";

const HEADER: [&str; 7] = [
    "what",
    "unit",
    "predicted",
    "measured",
    "difference",
    "agrees",
    "source",
];
/// The columns that are numbers.
const NUMBERS: std::ops::Range<usize> = 2..5;

/// The rows of one variant in one cell.
struct Group<'a> {
    heading: String,
    lines: Vec<[String; 7]>,
    rows: BTreeMap<usize, Vec<&'a PredictionRow>>,
}

/// Returns a table for a terminal of `width` columns, with sources if there is room.
#[must_use]
pub fn terminal(rows: &[PredictionRow], width: u16) -> String {
    let groups = groups(rows);
    let mut text = String::new();
    for group in &groups {
        let table = [HEADER.len(), HEADER.len() - 1]
            .map(|columns| sheet(&group.lines, columns).terminal(u16::MAX))
            .into_iter()
            .find(|table| widest(table) <= usize::from(width))
            .unwrap_or_else(|| sheet(&group.lines, HEADER.len() - 1).terminal(u16::MAX));
        let _ = write!(text, "{}\n{table}\n\n", group.heading);
    }
    text + &summary(&groups) + "\n"
}

/// Returns the same table in Markdown.
#[must_use]
pub fn markdown(rows: &[PredictionRow]) -> String {
    let groups = groups(rows);
    let mut text = String::new();
    for group in &groups {
        let table = sheet(&group.lines, HEADER.len()).markdown();
        let _ = write!(text, "**{}**\n\n{table}\n", group.heading);
    }
    text + &summary(&groups) + "\n"
}

fn widest(table: &str) -> usize {
    let widths = table.lines().map(sheet::width);
    widths.max().unwrap_or(0)
}

/// Builds a table of the first `columns` columns.
fn sheet(lines: &[[String; 7]], columns: usize) -> Sheet {
    let names = HEADER.into_iter().enumerate().take(columns);
    let mut sheet = Sheet::new(names.map(|(at, name)| {
        if NUMBERS.contains(&at) {
            Column::numbers(name)
        } else {
            Column::words(name)
        }
    }));
    for line in lines {
        sheet.push(line.iter().cloned());
    }
    sheet
}

/// Returns the counts of the rows, and a note that an unexplained difference is an error to find.
fn summary(groups: &[Group<'_>]) -> String {
    let count = |word: &str| {
        let lines = groups.iter().flat_map(|group| &group.lines);
        lines.filter(|line| line[5] == word).count() as u64
    };
    let (yes, no) = (count("yes"), count(UNEXPLAINED));
    let held = format!(
        "{} of {} measured quantities agree with their formulas.",
        unit::grouped(yes),
        unit::grouped(yes + no)
    );
    match no {
        0 => held,
        _ => format!("{held} {UNEXPLAINED}: an error to find, in the run or in the formula."),
    }
}

fn groups(rows: &[PredictionRow]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for row in rows {
        let identity = Identity::of(&row.transport, &row.variant);
        let heading = match row.cell.as_str() {
            "" | "-" => identity.style.name,
            cell => format!("{} · {cell}", identity.style.name),
        };
        let at = groups.iter().position(|group| group.heading == heading);
        let at = at.unwrap_or_else(|| {
            groups.push(Group {
                heading,
                lines: Vec::new(),
                rows: BTreeMap::new(),
            });
            groups.len() - 1
        });
        let order = Quantity::ALL
            .iter()
            .position(|quantity| quantity.name() == row.quantity)
            .unwrap_or(usize::MAX);
        groups[at].rows.entry(order).or_default().push(row);
    }
    for group in &mut groups {
        group.lines = group.rows.values().map(|rows| line(rows)).collect();
    }
    groups
}

/// Summarizes the repeats of one quantity in one line.
fn line(rows: &[&PredictionRow]) -> [String; 7] {
    // A group is made for a row.
    let first = rows[0];
    let quantity = Quantity::ALL
        .iter()
        .find(|quantity| quantity.name() == first.quantity);
    let what = quantity.map_or(first.quantity.as_str(), |quantity| quantity.spoken());
    let number = |value: f64| match first.unit.as_str() {
        "us" => (unit::three_digits(value / 1e3), "ms"),
        "1" => (unit::three_digits(value), ""),
        "B" => (bytes(value), "B"),
        other => (unit::count(value), other),
    };
    let measured = Spread::of(rows.iter().filter_map(|row| row.measured));
    let difference = Spread::of(rows.iter().filter_map(|row| row.difference_percent));
    // The verdict is that of most runs, as the median is.
    let verdicts: Vec<bool> = rows.iter().filter_map(|row| row.within).collect();
    let agree = verdicts.iter().filter(|within| **within).count();
    let agrees = match verdicts.len() {
        0 => UNKNOWN,
        all if 2 * agree > all => "yes",
        _ => UNEXPLAINED,
    };
    let (predicted, unit) = number(first.predicted);
    [
        what.to_owned(),
        unit.to_owned(),
        predicted,
        measured.map_or(UNKNOWN.to_owned(), |measured| number(measured.median).0),
        difference.map_or(UNKNOWN.to_owned(), |difference| percent(difference.median)),
        agrees.to_owned(),
        first.source.clone(),
    ]
}

/// Formats bytes to the hundredth: means over numbers of different length are no integers.
fn bytes(value: f64) -> String {
    if value >= 10_000.0 {
        unit::count(value)
    } else {
        let text = format!("{value:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

fn percent(value: f64) -> String {
    if value.abs() < 0.005 {
        "0 %".to_owned()
    } else {
        let decimals = if value.abs() < 9.95 { 2 } else { 0 };
        format!("{value:+.decimals$} %")
    }
}
