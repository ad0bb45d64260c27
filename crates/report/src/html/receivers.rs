//! The first and the last receivers of a message, and how far readers fall behind.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use analysis::{cell::CellTable, metric::RECEIVERS, unit};

/// Returns whether there are figures for this section; older files have the spread alone.
pub(super) fn has_rows(cell_table: &CellTable<'_>) -> bool {
    has_any(cell_table, &RECEIVERS[..1])
}

pub(super) fn section(cell_table: &CellTable<'_>) -> Markup {
    if !has_rows(cell_table) {
        return html! {};
    }
    html! {
        section id="receivers" {
            h2 { "Who hears first and last" }
            p.lead {
                "Each message has a first, a median and a last receiver; these are the medians of \
                 their latencies over the messages, from when a message was due. Nobody should always \
                 be last: where turns are taken, ‘same last’ is little more than one in the readers \
                 of a room. Staleness is the \
                 age of the newest message that a reader holds, looked at again and again: even \
                 without any latency it is about half the distance between two messages, so compare \
                 it between transports, not with zero. "
                (bound(cell_table))
            }
            (listing(cell_table, &RECEIVERS))
        }
    }
}

/// Describes the bound within which a variant counts as coherent.
fn bound(cell_table: &CellTable<'_>) -> String {
    let variants = cell_table.cells.iter().flat_map(|cell| &cell.variants);
    let runs = variants.flat_map(|variant| &variant.all);
    let mut bounds: Vec<u64> = runs.filter_map(|run| run.coherent_within_ms).collect();
    bounds.sort_unstable();
    bounds.dedup();
    let within = match bounds[..] {
        [bound] => unit::latency(bound as f64 * 1e3),
        _ => "traffic.coherent_within".to_owned(),
    };
    format!(
        "Coherent is the share of looks in which the reader held every message that was due \
         {within} before or earlier."
    )
}
