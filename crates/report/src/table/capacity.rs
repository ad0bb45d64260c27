//! The searches as a table, for a terminal and for Markdown.

use std::fmt::Write as _;

use sheet::{Column, Sheet};

use analysis::{
    capacity::{CapacityRow, Condition, StoppedBy},
    series::{Identity, identities},
    unit,
};
use results::RunRow;

use crate::Lang;

/// A search as texts.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) held: String,
    pub(crate) held_figure: String,
    pub(crate) broke: String,
    pub(crate) broke_figure: String,
    pub(crate) stopped_by: String,
}

/// Returns a table for a terminal of `width` columns, in one of the languages. `runs`
/// gives the names.
#[must_use]
pub fn terminal(searches: &[CapacityRow], runs: &[RunRow], width: u16, lang: Lang) -> String {
    let table = sheet(searches, runs).map(|sheet| lang.sheet(sheet).terminal(width));
    table.map_or_else(String::new, |table| {
        format!("{table}\n{}\n", lang.say(&note(searches)))
    })
}

/// Returns the same table in Markdown.
#[must_use]
pub fn markdown(searches: &[CapacityRow], runs: &[RunRow], lang: Lang) -> String {
    let table = sheet(searches, runs).map(|sheet| lang.sheet(sheet).markdown());
    table.map_or_else(String::new, |table| {
        format!("{table}\n{}\n", lang.say(&note(searches)))
    })
}

/// Builds the table; returns `None` without a search.
fn sheet(searches: &[CapacityRow], runs: &[RunRow]) -> Option<Sheet> {
    let [
        transport,
        held,
        held_figure,
        broke,
        broke_figure,
        stopped_by,
    ] = header(searches)?;
    let number = |name| Column::numbers(name).headed_left();
    let mut sheet = Sheet::new([
        Column::words(transport),
        number(held),
        number(held_figure),
        number(broke),
        number(broke_figure),
        Column::words(stopped_by),
    ]);
    for line in lines(searches, runs) {
        sheet.push([
            line.name,
            line.held,
            line.held_figure,
            line.broke,
            line.broke_figure,
            line.stopped_by,
        ]);
    }
    Some(sheet)
}

/// Describes how a load was judged, which every reader of the table must know.
pub(crate) fn note(searches: &[CapacityRow]) -> String {
    let first = &searches[0];
    let judged = match first.repeats {
        1 => "one run of each load: no verdict, a first look".to_owned(),
        most => format!(
            "a load holds if most of its {most} runs do; figures are medians of the valid ones"
        ),
    };
    format!("until {}; {judged}", first.condition)
}

/// Returns the heads of the columns; `None` without a search.
pub(crate) fn header(searches: &[CapacityRow]) -> Option<[String; 6]> {
    let first = searches.first()?;
    let figure = Condition::parse(&first.condition).map_or_else(
        |_| first.condition.clone(),
        |condition| condition.figure.clone(),
    );
    let unit = match first.grown.as_str() {
        "rate" => "messages/s in each room",
        _ => "clients",
    };
    Some([
        "transport".to_owned(),
        format!("held, {unit}"),
        figure.clone(),
        format!("broke, {unit}"),
        figure,
        "stopped by".to_owned(),
    ])
}

/// Returns the searches as texts, in their order.
pub(crate) fn lines(searches: &[CapacityRow], runs: &[RunRow]) -> Vec<Line> {
    let identities = identities(runs);
    let load = |load: Option<f64>| load.map_or_else(|| "–".to_owned(), unit::count);
    searches
        .iter()
        .map(|search| {
            let identity = identities
                .iter()
                .find(|one| one.transport == search.transport && one.variant == search.variant);
            let mut name = identity.map_or_else(
                || Identity::of(&search.transport, &search.variant).style.name,
                |one| one.style.name.clone(),
            );
            if search.cell != "-" {
                let _ = write!(name, " at {}", search.cell);
            }
            let condition = Condition::parse(&search.condition).ok();
            let figure = |value: Option<f64>| match (&condition, value) {
                (Some(condition), Some(value)) => condition.show(value),
                _ => "–".to_owned(),
            };
            Line {
                name,
                held: load(search.held),
                held_figure: figure(search.held_figure),
                broke: load(search.broke),
                broke_figure: figure(search.broke_figure),
                stopped_by: stopped_by(search),
            }
        })
        .collect()
}

fn stopped_by(search: &CapacityRow) -> String {
    let words = search.stopped_by.words();
    match search.stopped_by {
        _ if search.doubted => {
            format!("{words}; the generator doubted itself, so it may be its own")
        }
        StoppedBy::Condition | StoppedBy::Unfinished => words.to_owned(),
        _ if search.why.is_empty() => words.to_owned(),
        _ => format!("{words} ({})", in_short(&search.why)),
    }
}

/// Returns the first of several reasons; `capacity.csv` has them in full.
fn in_short(why: &str) -> &str {
    let end = why.find([':', ';']).unwrap_or(why.len());
    &why[..end]
}
