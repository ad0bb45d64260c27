//! The section about latency between the processes of a run.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use analysis::{cell::CellTable, metric::CROSS_SHARD};

/// Returns whether there are figures for this section: only runs of several processes have some.
pub(super) fn has_rows(cell_table: &CellTable<'_>) -> bool {
    has_any(cell_table, &CROSS_SHARD)
}

pub(super) fn section(cell_table: &CellTable<'_>) -> Markup {
    if !has_rows(cell_table) {
        return html! {};
    }
    html! {
        section id="shards" {
            h2 { "Latency between processes" }
            p.lead {
                "A message that one process sent and a reader of another heard has a latency by two \
                 calendar clocks, which agree only to within their errors. It lies between the \
                 least and the most that both errors allow, and the least may be negative. No other \
                 figure of latency has these deliveries in it."
            }
            (listing(cell_table, &CROSS_SHARD))
        }
    }
}
