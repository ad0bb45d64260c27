//! The costs of a connection beside messages: opening it, keeping it idle, memory, and the server's
//! threads.

use maud::{Markup, html};

use super::{
    listing::{has_any, listing},
    mark::named,
};
use analysis::{
    bootstrap::LEAST_RUNS,
    cell::CellTable,
    memory::{Growth, growths},
    metric::{CONNECTION, PACKED, SERVER_MEMORY},
    slope::LEAST_STEPS,
    unit,
};

/// Returns whether any run has figures for this section.
pub(super) fn has_rows(cell_table: &CellTable<'_>) -> bool {
    has_any(cell_table, &CONNECTION)
}

pub(super) fn section(cell_table: &CellTable<'_>) -> Markup {
    if !has_rows(cell_table) {
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
            (listing(cell_table, &CONNECTION))
            @if has_any(cell_table, &PACKED) {
                h3 { "What compression saves" }
                p.lead {
                    "The JSON of events, as readers decoded it, for each byte of the compressed \
                     content that brought it. Below 1, compression made it longer."
                }
                (listing(cell_table, &PACKED))
            }
            (memory(cell_table))
        }
    }
}

/// Lists the slopes, or states what a run needs for them.
fn memory(cell_table: &CellTable<'_>) -> Markup {
    let growths = growths(cell_table);
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
                            th.who scope="row" { (named(&cell_table.identities[growth.identity])) }
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
        td.n { @if line.base > 0.0 { (unit::memory(line.base)) } @else { "–" } }
        td.n { (line.runs) }
        td.n { (line.steps) }
    }
}
