//! The lines of the figures that formulas give: delays, bytes, requests and a phone's radio.

use analysis::advice::{Advice, Delays};

use super::line::{Cell, Line, line};
use crate::advise::{
    figures::Figures,
    workload::{Workload, short},
};

const BYTES: &str = "the formulas that predict runs, to the byte (predictions.csv)";
const COMPRESSED: &str = "over HTTP/2 a head is as long as those before it make it (HPACK, RFC 7541), \
                          so that what has one is not known";
/// The bytes of a megabyte, as data plans count them.
const MB: f64 = 1e6;

/// A figure that formulas give: its name, its unit and where it stands in the figures of a way.
#[derive(Debug, Clone, Copy)]
pub(in crate::advise) struct Formula {
    pub(in crate::advise) figure: &'static str,
    pub(in crate::advise) unit: &'static str,
    /// Returns the figure; `None` where no formula knows it.
    pub(in crate::advise) of: fn(&Advice) -> Option<f64>,
    basis: Basis,
}

/// The text that says what a figure rests on.
#[derive(Debug, Clone, Copy)]
enum Basis {
    Latency,
    Bytes,
    Usage,
    Radio,
    Words(&'static str),
}

const fn formula(
    figure: &'static str,
    unit: &'static str,
    basis: Basis,
    of: fn(&Advice) -> Option<f64>,
) -> Formula {
    Formula {
        figure,
        unit,
        of,
        basis,
    }
}

/// The figures that formulas give, in the order of presentation: delays, bytes of a message, of a draft
/// and of a reader's month, requests and connections, and a phone's radio.
pub(in crate::advise) const FORMULAS: [Formula; 14] = [
    formula("latency, median", "ms", Basis::Latency, |one| {
        delay(one, |delays| delays.p50)
    }),
    formula(
        "latency, 99 of 100",
        "ms",
        Basis::Words("as the median"),
        |one| delay(one, |delays| delays.p99),
    ),
    formula(
        "staleness, mean",
        "ms",
        Basis::Words("mean latency + mean age of the newest message"),
        |one| delay(one, |delays| delays.staleness),
    ),
    formula("a message down to a reader", "B", Basis::Bytes, |one| {
        Some(one.costs.read?.down)
    }),
    formula("a message, up from a reader", "B", Basis::Bytes, |one| {
        Some(one.costs.read?.up)
    }),
    formula("a draft up", "B", Basis::Bytes, |one| {
        Some(one.costs.say?.up)
    }),
    formula("a draft's answer", "B", Basis::Bytes, |one| {
        Some(one.costs.say?.down)
    }),
    formula("a reader's month, down", "MB", Basis::Usage, |one| {
        Some(one.month?.down / MB)
    }),
    formula("a reader's month, up", "MB", Basis::Usage, |one| {
        Some(one.month?.up / MB)
    }),
    formula(
        "requests",
        "1/s",
        Basis::Words("questions by formula, drafts that are POSTed, openings"),
        |one| one.requests,
    ),
    formula(
        "questions that bring nothing",
        "%",
        Basis::Words("the share of silent intervals or holds"),
        |one| Some(one.costs.asked.map_or(0.0, |asked| asked.empty * 1e2)),
    ),
    formula(
        "connections open",
        "",
        Basis::Words("one for each reader; speakers over HTTP need one more while they speak"),
        |one| Some(one.open),
    ),
    formula("a phone's radio woken", "1/h", Basis::Radio, |one| {
        Some(one.radio?.wakes_per_hour)
    }),
    formula("a phone's radio awake", "%", Basis::Radio, |one| {
        Some(one.radio?.awake * 1e2)
    }),
];

/// Returns a delay in milliseconds.
fn delay(one: &Advice, of: fn(&Delays) -> f64) -> Option<f64> {
    one.delays.as_ref().map(|delays| of(delays) * 1e3)
}

/// Returns the figures that formulas give.
pub(super) fn by_formula(all: &[Figures], workload: &Workload) -> Vec<Line> {
    let of = |formula: &Formula| {
        let basis = basis(formula.basis, all, workload);
        line(formula.figure, formula.unit, basis, all, |one| {
            Cell::known((formula.of)(&one.advice), one.situation.is_http2)
        })
    };
    FORMULAS.iter().map(of).collect()
}

/// Returns what a figure rests on.
fn basis(basis: Basis, all: &[Figures], workload: &Workload) -> String {
    let is_compressed = all.iter().any(|one| one.situation.is_http2);
    let with_heads = |text: String| {
        if is_compressed {
            format!("{text}; {COMPRESSED}")
        } else {
            text
        }
    };
    match basis {
        Basis::Latency => latency_basis(all),
        Basis::Bytes => with_heads(BYTES.to_owned()),
        Basis::Usage => with_heads(format!(
            "bytes a message, heartbeats and {} openings a day, for 30 days of {} h; without TCP, IP \
             and handshakes of TLS",
            short(workload.reconnects_a_day),
            short(workload.hours_a_day)
        )),
        Basis::Radio => format!(
            "what moves more than {} s after the last thing that moved (LTE: Huang and others 2012)",
            short(workload.tail)
        ),
        Basis::Words(words) => words.to_owned(),
    }
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
