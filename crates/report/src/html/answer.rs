//! The answer in two sentences, made from the rows: the fastest transport and its factor, and the
//! cost in bytes and processor time.
//!
//! The sentences follow from the rows alone. Two variants count as level if the rule of `chance`
//! does not tell them apart, or if they lie within 5 %. The terminal's table opens with the same
//! sentences.

use std::fmt::Write as _;

use super::{
    doubt::{doubts, fewest, reserved},
    ranking::Ranking,
};
use analysis::{
    cell::{Cell, CellTable},
    crossover::all_series,
    effect::{Effect, factor},
    metric::{BYTES, CROSSED, Metric, P50, P99, SERVER_CPU},
    unit,
};

/// The text at the head of the page and of the terminal's table.
pub(crate) struct Answer {
    pub(crate) sentences: Vec<String>,
    /// The crossings along a swept value.
    pub(crate) turns: Vec<String>,
    pub(crate) doubts: Vec<String>,
}

pub(crate) fn answer(cell_table: &CellTable<'_>) -> Answer {
    let sentences = match cell_table.cells.as_slice() {
        [cell] => one_cell(cell_table, cell),
        cells => sweep(cell_table, cells),
    };
    Answer {
        sentences: sentences.iter().map(|text| unbroken(text)).collect(),
        turns: crossings(cell_table)
            .iter()
            .map(|text| unbroken(text))
            .collect(),
        doubts: doubts(cell_table),
    }
}

/// Returns the text with non-breaking blanks between numbers and their units.
fn unbroken(text: &str) -> String {
    const UNITS: [&str; 8] = ["ms", "µs", "s", "B", "kB", "MB", "%", "times"];
    let mut unbroken = String::with_capacity(text.len() + 16);
    for (at, word) in text.split(' ').enumerate() {
        let bare = word.trim_end_matches(|letter: char| ",;.:()".contains(letter));
        let follows_number = unbroken.ends_with(|letter: char| letter.is_ascii_digit());
        let is_unit = UNITS.contains(&bare) && follows_number;
        if at > 0 {
            unbroken.push(if is_unit { '\u{a0}' } else { ' ' });
        }
        unbroken.push_str(word);
    }
    unbroken
}

/// Returns p99 if every valid variant carries it, else the median.
fn latency_of(cells: &[Cell<'_>]) -> &'static Metric {
    let mut valid = cells
        .iter()
        .flat_map(|cell| &cell.variants)
        .filter(|variant| variant.valid);
    if valid.all(|variant| variant.spread(P99.metric).is_some()) {
        &P99
    } else {
        &P50
    }
}

fn one_cell(cell_table: &CellTable<'_>, cell: &Cell<'_>) -> Vec<String> {
    let quantity = latency_of(std::slice::from_ref(cell));
    let Some(latency) = Ranking::of(cell_table, cell, quantity) else {
        return vec!["No run here may be believed, so there is no answer.".to_owned()];
    };
    let names = |who: &[usize]| joined(cell_table, who);
    let front = latency.front();
    let within = unit::latency(latency.least());
    let share = if quantity.key == P99.key {
        "99 of 100 deliveries arrive"
    } else {
        "half of the deliveries arrive"
    };
    let mut first = match front.len() {
        1 => format!(
            "{} delivers fastest: {share} within {within}",
            names(&front)
        ),
        _ => format!(
            "{} deliver fastest ({}): {share} within {within}",
            names(&front),
            latency.level_words()
        ),
    };
    if let Some((who, effect)) = latency.last() {
        let _ = write!(
            first,
            "; {} takes {} as long",
            names(&[who]),
            spoken(effect)
        );
    }
    let costs = [
        (&BYTES, "on the wire"),
        (&SERVER_CPU, "of the server’s processor time"),
    ];
    let mut is_told = latency.is_told();
    let parts: Vec<String> = costs
        .into_iter()
        .filter_map(|(quantity, what)| {
            let ranking = Ranking::of(cell_table, cell, quantity)?;
            is_told &= ranking.is_told();
            let front = ranking.front();
            let needs = if front.len() == 1 { "needs" } else { "need" };
            let least = quantity.show(ranking.least());
            // Variants that are level with the least need a little more than it.
            let about = if front.len() == 1 { "" } else { "about " };
            let mut part = format!(
                "{} {needs} least {what}, {about}{least} per message",
                names(&front)
            );
            if let Some((who, effect)) = ranking.last() {
                let _ = write!(part, ", and {} {} as much", names(&[who]), spoken(effect));
            }
            Some(part)
        })
        .collect();
    let second = parts.join("; ");
    first = reserved(&first, is_told, fewest(cell_table));
    [first, second]
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| text + ".")
        .collect()
}

fn sweep(cell_table: &CellTable<'_>, cells: &[Cell<'_>]) -> Vec<String> {
    let latency = latency_of(cells);
    let mut sentences: Vec<String> = Vec::new();
    let told = [
        (latency, ("fastest", ""), "takes", "as long"),
        (
            &BYTES,
            ("leanest", " on the wire"),
            "needs",
            "as many bytes",
        ),
        (
            &SERVER_CPU,
            ("cheapest", " for the server’s processor"),
            "takes",
            "as much time",
        ),
    ];
    let mut is_told = true;
    let parts: Vec<String> = told
        .into_iter()
        .filter_map(|(quantity, best, verb, much)| {
            let rankings: Vec<Ranking> = cells
                .iter()
                .filter_map(|cell| Ranking::of(cell_table, cell, quantity))
                .collect();
            let (clear, unclear): (Vec<_>, Vec<_>) =
                rankings.into_iter().partition(Ranking::is_told);
            // A cell that the runs cannot tell counts for nothing where others can be told.
            if clear.is_empty() {
                is_told = false;
                return overall(cell_table, &unclear, CELLS, best, (verb, much));
            }
            let cells = if unclear.is_empty() {
                CELLS
            } else {
                (
                    "the one cell with enough valid runs",
                    "cells with enough valid runs",
                )
            };
            overall(cell_table, &clear, cells, best, (verb, much))
        })
        .collect();
    if let Some((first, costs)) = parts.split_first() {
        let first = reserved(first, is_told, fewest(cell_table));
        sentences.push(format!("{first}, by {}.", latency.name));
        if !costs.is_empty() {
            sentences.push(format!("{}.", costs.join("; ")));
        }
    }
    if sentences.is_empty() {
        sentences.push("No run here may be believed, so there is no answer.".to_owned());
    }
    sentences
}

/// The names of the cells of a sweep: of a single one, and of several.
const CELLS: (&str, &str) = ("the one cell", "cells");

fn overall(
    cell_table: &CellTable<'_>,
    rankings: &[Ranking],
    (cell, cells): (&str, &str),
    (best, place): (&str, &str),
    (verb, much): (&str, &str),
) -> Option<String> {
    let mut wins = vec![0_usize; cell_table.identities.len()];
    for who in rankings.iter().flat_map(Ranking::front) {
        wins[who] += 1;
    }
    let most = *wins.iter().max().filter(|most| **most > 0)?;
    let leaders: Vec<usize> = (0..wins.len()).filter(|who| wins[*who] == most).collect();
    let (is, all) = (
        if leaders.len() == 1 { "is" } else { "are" },
        rankings.len(),
    );
    let where_in = if all == 1 {
        cell.to_owned()
    } else if most == all {
        format!("all {all} {cells}")
    } else {
        format!("{most} of {all} {cells}")
    };
    let mut text = format!(
        "{} {is} {best} or level with the {best}{place} in {where_in}",
        joined(cell_table, &leaders)
    );
    let lasts: Vec<(usize, &Effect)> = rankings.iter().filter_map(Ranking::last).collect();
    let ratios = || lasts.iter().map(|(_, effect)| effect.ratio);
    let (low, high) = (
        ratios().fold(f64::MAX, f64::min),
        ratios().fold(0.0, f64::max),
    );
    let same = lasts.windows(2).all(|pair| pair[0].0 == pair[1].0);
    if let Some((who, _)) = lasts.first() {
        let last = if same {
            joined(cell_table, &[*who])
        } else {
            "the last in each cell".to_owned()
        };
        let (low, high) = (factor(low), factor(high));
        let range = if low == high {
            high
        } else {
            format!("{low} to {high}")
        };
        let _ = write!(text, ", and {last} {verb} {range} times {much}");
    }
    Some(text)
}

/// Returns sentences such as
/// `Between 1 and 4 messages/s Short poll 1 s overtakes Long poll: below, …`.
fn crossings(cell_table: &CellTable<'_>) -> Vec<String> {
    CROSSED
        .into_iter()
        .filter_map(|quantity| Some((quantity, all_series(cell_table, quantity)?)))
        .flat_map(|(quantity, all_series)| {
            let sentence = |crossing: &analysis::crossover::Crossing| {
                let words = crossing.words(cell_table, all_series.key);
                format!("{}: {words}", capital(quantity.name))
            };
            all_series
                .crossings()
                .iter()
                .map(sentence)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Returns the text with a capital first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Returns the effect in words: `142 times (95 % interval 120 to 150)`.
fn spoken(effect: &Effect) -> String {
    match effect.interval {
        Some(interval) if interval.low < interval.high => format!(
            "{} times (95 % interval {} to {})",
            factor(effect.ratio),
            factor(interval.low),
            factor(interval.high)
        ),
        _ => format!("{} times", factor(effect.ratio)),
    }
}

/// Joins the names: `A`, `A and B`, `A, B and C`.
pub(super) fn joined(cell_table: &CellTable<'_>, who: &[usize]) -> String {
    let names: Vec<&str> = who
        .iter()
        .map(|who| cell_table.identities[*who].style.name.as_str())
        .collect();
    match names.as_slice() {
        [] => String::new(),
        [name] => (*name).to_owned(),
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}
