//! The lines of the figures that formulas give: delays, bytes, requests and a phone's radio.

use analysis::model::Both;

use super::line::{Cell, Line, line};
use crate::advise::{
    figures::Figures,
    workload::{Workload, short},
};

const BYTES: &str = "the formulas that predict runs, to the byte (predictions.csv)";
/// The bytes of a megabyte, as data plans count them.
const MB: f64 = 1e6;

/// Returns the figures that formulas give.
pub(super) fn by_formula(all: &[Figures], workload: &Workload) -> Vec<Line> {
    let mut lines = of_latency(all);
    lines.extend(of_bytes(all, workload));
    lines.extend(of_requests(all));
    lines.extend(of_radio(all, workload));
    lines
}

/// Returns the lines of delays, in milliseconds.
fn of_latency(all: &[Figures]) -> Vec<Line> {
    let delays = |of: fn(&analysis::advice::Delays) -> f64| {
        move |one: &Figures| Cell::known(one.advice.delays.as_ref().map(|delays| of(delays) * 1e3))
    };
    vec![
        line(
            "latency, median",
            "ms",
            latency_basis(all),
            all,
            delays(|one| one.p50),
        ),
        line(
            "latency, 99 of 100",
            "ms",
            "as the median",
            all,
            delays(|one| one.p99),
        ),
        line(
            "staleness, mean",
            "ms",
            "mean latency + mean age of the newest message",
            all,
            delays(|one| one.staleness),
        ),
    ]
}

/// Returns the lines of bytes: of a message, of a draft and of a reader's month.
fn of_bytes(all: &[Figures], workload: &Workload) -> Vec<Line> {
    let both = |bytes: fn(&Figures) -> Option<Both>, part: fn(Both) -> f64| {
        move |one: &Figures| Cell::known(bytes(one).map(part))
    };
    let up = |both: Both| both.up;
    let down = |both: Both| both.down;
    let month = |one: &Figures| one.advice.month.map(|month| month.times(1.0 / MB));
    let usage = format!(
        "bytes a message, heartbeats and {} openings a day, for 30 days of {} h; without TCP, IP and \
         handshakes of TLS",
        short(workload.reconnects_a_day),
        short(workload.hours_a_day)
    );
    vec![
        line(
            "a message down to a reader",
            "B",
            BYTES,
            all,
            both(|one| one.advice.costs.read, down),
        ),
        line(
            "a message, up from a reader",
            "B",
            BYTES,
            all,
            both(|one| one.advice.costs.read, up),
        ),
        line(
            "a draft up",
            "B",
            BYTES,
            all,
            both(|one| one.advice.costs.say, up),
        ),
        line(
            "a draft's answer",
            "B",
            BYTES,
            all,
            both(|one| one.advice.costs.say, down),
        ),
        line(
            "a reader's month, down",
            "MB",
            usage.clone(),
            all,
            both(month, down),
        ),
        line("a reader's month, up", "MB", usage, all, both(month, up)),
    ]
}

/// Returns the lines of requests and connections.
fn of_requests(all: &[Figures]) -> Vec<Line> {
    let asked = |one: &Figures| {
        one.advice
            .costs
            .asked
            .map_or(0.0, |asked| asked.empty * 1e2)
    };
    vec![
        line(
            "requests",
            "1/s",
            "questions by formula, drafts that are POSTed, openings",
            all,
            |one| Cell::known(one.advice.requests),
        ),
        line(
            "questions that bring nothing",
            "%",
            "the share of silent intervals or holds",
            all,
            |one| Cell::number(asked(one)),
        ),
        line(
            "connections open",
            "",
            "one for each reader; speakers over HTTP need one more while they speak",
            all,
            |one| Cell::number(one.advice.open),
        ),
    ]
}

/// Returns the lines of a phone's radio.
fn of_radio(all: &[Figures], workload: &Workload) -> Vec<Line> {
    let radio = format!(
        "what moves more than {} s after the last thing that moved (LTE: Huang and others 2012)",
        short(workload.tail)
    );
    let radio_of = |one: &Figures| one.advice.radio;
    vec![
        line(
            "a phone's radio woken",
            "1/h",
            radio.clone(),
            all,
            move |one| Cell::known(radio_of(one).map(|radio| radio.wakes_per_hour)),
        ),
        line("a phone's radio awake", "%", radio, all, move |one| {
            Cell::known(radio_of(one).map(|radio| radio.awake * 1e2))
        }),
    ]
}

/// Returns the formulas of latency, of each way.
fn latency_basis(all: &[Figures]) -> String {
    let mut told: Vec<String> = Vec::new();
    for one in all {
        let Some(delays) = one.advice.delays else {
            continue;
        };
        let name = one.choice.way.transport().name();
        let words = format!("{name}: {}", delays.source);
        if !told.contains(&words) {
            told.push(words);
        }
    }
    told.push("a lower bound: software's time comes on top".to_owned());
    told.join("; ")
}
