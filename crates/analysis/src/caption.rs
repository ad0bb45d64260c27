//! The captions of figures, made from rows: what was run, how often, and what was left out.

use crate::{
    cell::{Cell, Comparison},
    unit,
};
use results::{RunRow, row::Path};

/// Returns the caption of one cell, made from its rows.
#[must_use]
pub fn of_cell(comparison: &Comparison<'_>, cell: &Cell<'_>) -> String {
    let runs: Vec<&RunRow> = cell
        .variants
        .iter()
        .flat_map(|variant| variant.all.clone())
        .collect();
    let mut facts = of_runs(&runs);
    if cell.name != "-" && !cell.name.is_empty() {
        facts.insert(1, format!("cell {}", cell.name));
    }
    facts.extend(left_out(comparison, cell));
    facts.join(" · ")
}

/// Returns the caption of one cell whose figure adds up over the repeats.
#[must_use]
pub fn of_cell_summed(comparison: &Comparison<'_>, cell: &Cell<'_>) -> String {
    let runs = cell.variants.iter().flat_map(|variant| &variant.all);
    let most = runs.map(|run| run.repeat).max().unwrap_or(1);
    let summed = format!("{most} repeats together");
    of_cell(comparison, cell).replace(&repeats(most), if most > 1 { &summed } else { ONCE })
}

/// Returns the caption of a sweep whose figure shows every run by itself.
#[must_use]
pub fn of_sweep_by_run(comparison: &Comparison<'_>) -> String {
    let runs = comparison.cells.iter().flat_map(|cell| &cell.variants);
    let runs = runs.flat_map(|variant| &variant.all);
    let most = runs.map(|run| run.repeat).max().unwrap_or(1);
    let each = format!("{most} runs of each");
    of_sweep(comparison).replace(&repeats(most), if most > 1 { &each } else { ONCE })
}

/// Returns the caption of a sweep whose figure has medians and no whiskers.
#[must_use]
pub fn of_map(comparison: &Comparison<'_>) -> String {
    of_sweep(comparison).replace(WHISKERS, "")
}

/// Returns the caption of one run.
#[must_use]
pub fn of_run(run: &RunRow) -> String {
    of_runs(&[run]).join(" · ")
}

/// Returns the caption of several runs.
#[must_use]
pub fn of_all(runs: &[&RunRow]) -> String {
    of_runs(runs).join(" · ").replace(WHISKERS, "")
}

/// Returns the caption of a whole sweep.
#[must_use]
pub fn of_sweep(comparison: &Comparison<'_>) -> String {
    let runs: Vec<&RunRow> = comparison
        .cells
        .iter()
        .flat_map(|cell| &cell.variants)
        .flat_map(|variant| variant.all.iter().copied())
        .collect();
    let mut facts = of_runs(&runs);
    let bad = runs.iter().filter(|run| !run.valid).count();
    if bad > 0 {
        facts.push(format!(
            "{bad} of {} runs not valid",
            unit::grouped(runs.len() as u64)
        ));
    }
    facts.join(" · ")
}

fn of_runs(runs: &[&RunRow]) -> Vec<String> {
    let Some(first) = runs.first() else {
        return Vec::new();
    };
    let range = |value: fn(&RunRow) -> f64, text: fn(f64) -> String| {
        let low = runs.iter().map(|run| value(run)).fold(f64::MAX, f64::min);
        let high = runs.iter().map(|run| value(run)).fold(0.0, f64::max);
        if low < high {
            format!("{}–{}", text(low), text(high))
        } else {
            text(low)
        }
    };
    let rooms = range(|run| run.rooms as f64, unit::count);
    let room = if rooms == "1" { "room" } else { "rooms" };
    let rate = range(|run| run.rate_per_s, unit::count);
    let messages = if rate == "1" { "message" } else { "messages" };
    let most = runs.iter().map(|run| run.repeat).max().unwrap_or(1);
    vec![
        format!("Scenario “{}”", first.scenario),
        format!(
            "{} clients in {rooms} {room}",
            range(|run| run.clients as f64, unit::count)
        ),
        format!("{rate} {messages}/s in each room"),
        format!(
            "{} of text each",
            range(|run| run.payload_bytes as f64, unit::bytes)
        ),
        format!("{} headers", first.headers),
        format!(
            "{} s measured",
            range(|run| run.measured_ms as f64 / 1e3, unit::count)
        ),
        path(runs),
        repeats(most),
    ]
}

const WHISKERS: &str = ", whiskers from least to most";
const ONCE: &str = "one run each, which tells nothing apart";

fn repeats(most: u32) -> String {
    match most {
        0 | 1 => ONCE.to_owned(),
        _ => format!("median of {most} repeats{WHISKERS}"),
    }
}

/// Returns the path between people and server in words.
fn path(runs: &[&RunRow]) -> String {
    let mut paths: Vec<&str> = runs.iter().map(|run| run.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    match paths[..] {
        [path] if Path::read(path).is_loopback() => "loopback, one machine".to_owned(),
        [path] => path.to_owned(),
        _ => {
            let delays = runs.iter().filter_map(|run| run.read_delay_us);
            let (low, high) = (delays.clone().min(), delays.max());
            let text = |us: Option<u64>| unit::latency(us.unwrap_or(0) as f64);
            format!("link of {} to {} each way", text(low), text(high))
        }
    }
}

/// Returns sentences about the runs that a figure leaves out, or shows although they are not valid.
fn left_out(comparison: &Comparison<'_>, cell: &Cell<'_>) -> Vec<String> {
    let mut facts = Vec::new();
    let mut some = Vec::new();
    for variant in &cell.variants {
        let name = &comparison.identities[variant.identity].style.name;
        let bad: Vec<&&RunRow> = variant.all.iter().filter(|run| !run.valid).collect();
        if !variant.valid {
            let why = bad
                .iter()
                .map(|run| run.error.as_str())
                .find(|error| !error.is_empty());
            facts.push(format!(
                "{name} not valid: {}",
                why.unwrap_or("no reason given")
            ));
        } else if !bad.is_empty() {
            some.push(format!("{name} {} of {}", bad.len(), variant.all.len()));
        }
    }
    if !some.is_empty() {
        facts.push(format!("runs not valid, left out: {}", some.join(", ")));
    }
    facts
}
