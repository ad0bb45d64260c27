//! The captions of figures, made from rows: what was run, how often, and what was left out.

use std::collections::BTreeSet;

use crate::{
    cell::{Cell, CellTable, VariantRuns},
    unit,
};
use results::{RunRow, row::Path};

/// The ways in which a figure shows repeats.
#[derive(Debug, Clone, Copy)]
enum Shown {
    /// Medians, with whiskers.
    Whiskers,
    /// Medians alone.
    Medians,
    /// The sum over the repeats.
    Sum,
    /// Every run by itself.
    Each,
}

/// Returns the caption of one cell whose figure has medians with whiskers.
#[must_use]
pub fn of_cell(cell_table: &CellTable<'_>, cell: &Cell<'_>) -> String {
    cell_showing(cell_table, cell, Shown::Whiskers)
}

/// Returns the caption of one cell whose figure has medians and no whiskers.
#[must_use]
pub fn of_cell_medians(cell_table: &CellTable<'_>, cell: &Cell<'_>) -> String {
    cell_showing(cell_table, cell, Shown::Medians)
}

/// Returns the caption of one cell whose figure adds up over the repeats.
#[must_use]
pub fn of_cell_summed(cell_table: &CellTable<'_>, cell: &Cell<'_>) -> String {
    cell_showing(cell_table, cell, Shown::Sum)
}

/// Returns the caption of a sweep whose figure has medians with whiskers.
#[must_use]
pub fn of_sweep(cell_table: &CellTable<'_>) -> String {
    sweep_showing(cell_table, Shown::Whiskers)
}

/// Returns the caption of a sweep whose figure shows every run by itself.
#[must_use]
pub fn of_sweep_by_run(cell_table: &CellTable<'_>) -> String {
    sweep_showing(cell_table, Shown::Each)
}

/// Returns the caption of a sweep whose figure has medians and no whiskers.
#[must_use]
pub fn of_map(cell_table: &CellTable<'_>) -> String {
    sweep_showing(cell_table, Shown::Medians)
}

/// Returns the caption of one run.
#[must_use]
pub fn of_run(run: &RunRow) -> String {
    let mut facts = settings(&[run]);
    facts.push(ONCE.to_owned());
    facts.join(" · ")
}

/// Returns the caption of several runs.
#[must_use]
pub fn of_all(runs: &[&RunRow]) -> String {
    let most = runs.iter().map(|run| run.repeat as usize).max();
    let repeats = Repeats {
        least: most.unwrap_or(1),
        most: most.unwrap_or(1),
        only_valid: false,
    };
    let mut facts = settings(runs);
    facts.push(repeats.words(Shown::Medians));
    facts.join(" · ")
}

fn cell_showing(cell_table: &CellTable<'_>, cell: &Cell<'_>, shown: Shown) -> String {
    let variants = cell.variants.iter();
    let runs: Vec<&RunRow> = variants.flat_map(|one| one.all.iter().copied()).collect();
    let mut facts = settings(&runs);
    if cell.name != "-" && !cell.name.is_empty() {
        facts.insert(1, format!("cell {}", cell.name));
    }
    facts.push(Repeats::of(cell.variants.iter()).words(shown));
    facts.extend(left_out(cell_table, cell));
    facts.join(" · ")
}

fn sweep_showing(cell_table: &CellTable<'_>, shown: Shown) -> String {
    let variants = || cell_table.cells.iter().flat_map(|cell| &cell.variants);
    let runs: Vec<&RunRow> = variants()
        .flat_map(|variant| variant.all.iter().copied())
        .collect();
    let mut facts = settings(&runs);
    facts.push(Repeats::of(variants()).words(shown));
    let bad = runs.iter().filter(|run| !run.valid).count();
    if bad > 0 {
        facts.push(format!(
            "{bad} of {} runs not valid",
            unit::grouped(runs.len() as u64)
        ));
    }
    facts.join(" · ")
}

/// Returns what was set: the scenario, the people, the messages, the window and the path. A value
/// that differs between the runs is given as a range, a text as all of its values.
fn settings(runs: &[&RunRow]) -> Vec<String> {
    let range = |value: fn(&RunRow) -> f64, text: fn(f64) -> String| {
        let low = runs.iter().map(|run| value(run)).fold(f64::MAX, f64::min);
        let high = runs.iter().map(|run| value(run)).fold(0.0, f64::max);
        if low < high {
            format!("{}–{}", text(low), text(high))
        } else {
            text(low)
        }
    };
    if runs.is_empty() {
        return Vec::new();
    }
    let clients = range(|run| run.clients as f64, unit::count);
    let people = if clients == "1" {
        "client in"
    } else {
        "clients in"
    };
    let rooms = range(|run| run.rooms as f64, unit::count);
    let room = if rooms == "1" { "room" } else { "rooms" };
    let rate = range(|run| run.rate_per_s, unit::count);
    let messages = if rate == "1" { "message" } else { "messages" };
    let headers = distinct(runs, |run| run.headers.as_str());
    let mut facts = vec![
        match distinct(runs, |run| run.scenario.as_str())[..] {
            [name] => format!("Scenario “{name}”"),
            ref names => format!("Scenarios “{}”", names.join("”, “")),
        },
        format!("{clients} {people} {rooms} {room}"),
    ];
    // An agent's turns follow each other, and have no text of a chat.
    if runs.iter().any(|run| run.agent.is_empty()) {
        let text = range(|run| run.payload_bytes as f64, unit::bytes);
        facts.push(format!("{rate} {messages}/s in each room"));
        facts.push(format!("{text} of text each"));
    }
    facts.extend([
        format!("{} headers", headers.join(" / ")),
        format!(
            "{} s measured",
            range(|run| run.measured_ms as f64 / 1e3, unit::count)
        ),
        path(runs),
    ]);
    facts
}

/// Returns the values of a text column, each once, in the order of letters.
fn distinct<'r>(runs: &[&'r RunRow], value: fn(&RunRow) -> &str) -> Vec<&'r str> {
    let values: BTreeSet<&'r str> = runs.iter().copied().map(value).collect();
    values.into_iter().collect()
}

const ONCE: &str = "one run each, which tells nothing apart";

/// The number of runs that a figure shows of each variant.
struct Repeats {
    least: usize,
    most: usize,
    /// True if runs that are not valid were left out, and none of them is shown.
    only_valid: bool,
}

impl Repeats {
    fn of<'v, 'r: 'v>(variants: impl Iterator<Item = &'v VariantRuns<'r>>) -> Self {
        let (mut least, mut most) = (usize::MAX, 0);
        let (mut are_valid, mut some_left_out) = (true, false);
        for variant in variants {
            let count = variant.runs.len();
            (least, most) = (least.min(count), most.max(count));
            are_valid &= variant.valid;
            some_left_out |= count < variant.all.len();
        }
        Self {
            least,
            most,
            only_valid: are_valid && some_left_out,
        }
    }

    fn words(&self, shown: Shown) -> String {
        if self.most < 2 {
            return ONCE.to_owned();
        }
        let valid = if self.only_valid { " valid" } else { "" };
        let count = if self.least < self.most {
            format!("{} to {}{valid}", self.least, self.most)
        } else {
            format!("{}{valid}", self.most)
        };
        match shown {
            Shown::Whiskers => format!("median of {count} repeats, whiskers from least to most"),
            Shown::Medians => format!("median of {count} repeats"),
            Shown::Sum => format!("{count} repeats together"),
            Shown::Each => format!("{count} runs of each"),
        }
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
        // Proxies have names, and nothing that a range could be given of.
        _ if paths.iter().any(|path| Path::read(path).proxy.is_some()) => {
            format!("by way of: {}", paths.join(" / "))
        }
        _ => {
            let delays = runs.iter().filter_map(|run| run.read_delay_us);
            let (low, high) = (delays.clone().min(), delays.max());
            let text = |us: Option<u64>| unit::latency(us.unwrap_or(0) as f64);
            format!("link of {} to {} each way", text(low), text(high))
        }
    }
}

/// Returns sentences about the runs that a figure leaves out, or shows although they are not valid.
fn left_out(cell_table: &CellTable<'_>, cell: &Cell<'_>) -> Vec<String> {
    let mut facts = Vec::new();
    let mut some = Vec::new();
    for variant in &cell.variants {
        let name = &cell_table.identities[variant.identity].style.name;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest;
    use results::Rows;

    fn run(transport: &str, repeat: u32, valid: bool) -> RunRow {
        RunRow {
            scenario: "s".to_owned(),
            transport: transport.to_owned(),
            variant: "-".to_owned(),
            cell: "-".to_owned(),
            headers: "minimal".to_owned(),
            repeat,
            clients: 1,
            rooms: 1,
            valid,
            ..RunRow::default()
        }
    }

    /// Returns what `caption` says of these runs.
    fn said(runs: Vec<RunRow>, caption: fn(&CellTable<'_>) -> String) -> String {
        let rows = Rows {
            runs,
            ..Rows::default()
        };
        caption(&CellTable::of(&digest::of_rows(&rows)))
    }

    /// Checks that the number is of the runs that are drawn, and not of those that were made.
    #[test]
    fn the_repeats_are_those_that_the_figure_shows() {
        let runs = |bad: u32| -> Vec<RunRow> {
            let repeats = 1..=4;
            repeats
                .flat_map(|repeat| {
                    [
                        run("websocket", repeat, repeat > bad),
                        run("long_poll", repeat, true),
                    ]
                })
                .collect()
        };
        let cell = |cell_table: &CellTable<'_>| of_cell(cell_table, &cell_table.cells[0]);
        let whiskers = "repeats, whiskers from least to most";
        assert!(said(runs(0), cell).contains(&format!("median of 4 {whiskers}")));
        let some = said(runs(1), cell);
        assert!(some.contains(&format!("median of 3 to 4 valid {whiskers}")));
        assert!(some.contains("left out: WebSocket 1 of 4"), "{some}");
        // Where a variant has no valid run, its runs are shown and count.
        let none = said(runs(4), cell);
        assert!(none.contains(&format!("median of 4 {whiskers}")), "{none}");
    }

    #[test]
    fn whiskers_are_named_only_where_there_are_some() {
        let runs = || vec![run("websocket", 1, true), run("websocket", 2, true)];
        let medians = |all: &CellTable<'_>| of_cell_medians(all, &all.cells[0]);
        let summed = |all: &CellTable<'_>| of_cell_summed(all, &all.cells[0]);
        assert!(said(runs(), medians).ends_with("median of 2 repeats"));
        assert!(said(runs(), of_map).ends_with("median of 2 repeats"));
        assert!(said(runs(), summed).ends_with("2 repeats together"));
        assert!(said(runs(), of_sweep_by_run).ends_with("2 runs of each"));
        assert!(said(runs(), of_sweep).contains("whiskers"));
    }

    #[test]
    fn every_value_of_a_setting_is_named_and_one_client_is_singular() {
        let mut runs = vec![run("websocket", 1, true), run("long_poll", 1, true)];
        let one = said(runs.clone(), of_sweep);
        assert!(one.contains("1 client in 1 room ·"), "{one}");
        runs[1].headers = "browser".to_owned();
        runs[1].scenario = "t".to_owned();
        runs[1].clients = 20;
        let two = said(runs, of_sweep);
        for fact in [
            "Scenarios “s”, “t”",
            "browser / minimal headers",
            "1–20 clients in",
        ] {
            assert!(two.contains(fact), "{two}");
        }
    }

    /// Checks that the rate and the text of a chat, which such a run has none of, are not told of it.
    #[test]
    fn an_agents_turns_have_no_rate_and_no_text() {
        let mut runs = vec![run("websocket", 1, true), run("http_stream", 1, true)];
        let both = ["messages/s in each room", "of text each"];
        let chat = said(runs.clone(), of_sweep);
        assert!(both.iter().all(|fact| chat.contains(fact)), "{chat}");
        for run in &mut runs {
            run.agent = "20 turns, kept connection, reference".to_owned();
        }
        let turns = said(runs, of_sweep);
        assert!(!both.iter().any(|fact| turns.contains(fact)), "{turns}");
        assert!(turns.contains("minimal headers"), "{turns}");
    }

    /// Checks that a sweep with and without a proxy is not told as one of delays.
    #[test]
    fn proxies_are_named() {
        let mut runs = vec![run("websocket", 1, true), run("long_poll", 1, true)];
        runs[0].path = "loopback".to_owned();
        runs[1].path = "proxy nginx right".to_owned();
        let caption = said(runs, of_sweep);
        let path = "by way of: loopback / proxy nginx right";
        assert!(caption.contains(path), "{caption}");
    }
}
