//! What a connection costs beside messages: coming in, keeping still, memory,
//! and the server's threads.

use maud::{Markup, html};

use super::{
    listing::{has_any, listing},
    mark::named,
};
use analysis::{
    bootstrap::LEAST_RUNS,
    cell::{Comparison, metric},
    memory::{Growth, growths},
    quantity::{Quantity, SERVER_MEMORY},
    slope::LEAST_STEPS,
    unit,
};
use results::RunRow;

const TOLD: [Quantity; 9] = [
    Quantity {
        key: "opening_p50",
        name: "from connecting to being ready to hear, median over clients",
        short: "set-up",
        metric: |run| run.opening_p50_us.map(|us| us as f64),
        show: unit::latency,
    },
    Quantity {
        key: "setup_bytes_per_client",
        name: "bytes of handshakes and stream openings, both directions",
        short: "set-up bytes",
        metric: |run| run.setup_bytes_per_client,
        show: unit::bytes,
    },
    Quantity {
        key: "silence_bytes_per_client_hour",
        name: "bytes of empty answers and heartbeats, scaled to a client and an hour",
        short: "silence/h",
        metric: |run| run.silence_bytes_per_client_hour.map(|bytes| bytes as f64),
        show: unit::bytes,
    },
    Quantity {
        key: "empty_share",
        name: "share of exchanges that brought no event",
        short: "empty",
        metric: empty_share,
        show: unit::percent,
    },
    Quantity {
        key: "events_per_exchange",
        name: "events that an exchange brought which brought any",
        short: "events/exchange",
        metric: events_per_exchange,
        show: unit::count,
    },
    Quantity {
        key: "batch_max",
        name: "the most events that one exchange brought",
        short: "most",
        metric: |run| run.batch_max.map(|events| events as f64),
        show: unit::count,
    },
    Quantity {
        key: SERVER_MEMORY.key,
        name: SERVER_MEMORY.name,
        short: SERVER_MEMORY.short,
        metric: SERVER_MEMORY.metric,
        show: SERVER_MEMORY.show,
    },
    Quantity {
        key: "server_threads",
        name: "threads of the server at the end",
        short: "threads",
        metric: |run| run.server_threads.map(|threads| threads as f64),
        show: unit::count,
    },
    Quantity {
        key: "server_wakeups_per_delivery",
        name: "how often a thread of the server went to wait and was woken, for each message delivered",
        short: "wake-ups/msg",
        metric: |run| metric::per_message(run, run.server_voluntary_switches?),
        show: unit::count,
    },
];

fn empty_share(run: &RunRow) -> Option<f64> {
    (run.exchanges > 0).then(|| run.empty_exchanges as f64 / run.exchanges as f64)
}

fn events_per_exchange(run: &RunRow) -> Option<f64> {
    let full = run.exchanges.saturating_sub(run.empty_exchanges);
    let events = run.exchange_events?;
    (full > 0).then(|| events as f64 / full as f64)
}

/// Whether there is anything to tell.
pub(super) fn has_rows(comparison: &Comparison<'_>) -> bool {
    has_any(comparison, &TOLD)
}

pub(super) fn section(comparison: &Comparison<'_>) -> Markup {
    if !has_rows(comparison) {
        return html! {};
    }
    html! {
        section id="connection" {
            h2 { "What a connection costs" }
            p.lead {
                "Coming in, keeping still and being served. Silence is what answers without an \
                 event and heartbeats come to in an hour: while messages flow, a stream, a socket \
                 and a held question have few or none, so a silent room is a scenario of its own \
                 (idle). Memory is the server’s: " (SERVER_MEMORY.name) ", what it sets aside once \
                 included. A wake-up is a thread that had gone to wait."
            }
            (listing(comparison, &TOLD))
            (memory(comparison))
        }
    }
}

/// The slopes, or what it takes to have them.
fn memory(comparison: &Comparison<'_>) -> Markup {
    let growths = growths(comparison);
    let lines: Vec<&Growth> = growths.iter().filter(|one| one.line.is_some()).collect();
    if lines.is_empty() {
        return html! {
            p.note {
                "No line through memory over clients: that takes valid runs with at least "
                (LEAST_STEPS) " counts of clients, as from --set ‘swarm.clients=[100, 200, 400]’."
            }
        };
    }
    let has_held = lines.iter().any(|growth| !growth.held.is_empty());
    html! {
        h3 { "Memory by regression over client counts" }
        p.lead {
            "The slope of a line through what each run’s clients added (Theil and Sen: the median of \
             the slopes between all pairs of runs), so that what the server sets aside once is not \
             charged to them. In brackets the 95 % bootstrap interval, from " (LEAST_RUNS) " runs on."
        }
        div.scroll {
            table {
                thead { tr {
                    @if has_held { th { "at" } }
                    th { "transport" }
                    th.n { "memory for one client more" } th.n { "set aside once" } th.n { "runs" } th.n { "counts of clients" }
                } }
                tbody {
                    @for growth in lines {
                        tr {
                            @if has_held { th.cell { (growth.held) } }
                            th.who scope="row" { (named(&comparison.identities[growth.identity])) }
                            (slope(growth))
                        }
                    }
                }
            }
        }
    }
}

fn slope(growth: &Growth) -> Markup {
    let Some((line, words)) = growth.line.zip(growth.words()) else {
        return html! {};
    };
    html! {
        td.n { (words) }
        td.n { @if line.base > 0.0 { (unit::bytes(line.base)) } @else { "–" } }
        td.n { (line.runs) }
        td.n { (line.steps) }
    }
}
