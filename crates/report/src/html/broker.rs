//! The section about the Redis that several servers share.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use analysis::{cell::CellTable, metric::BROKER};

/// Returns whether there are figures for this section: only runs with a Redis have some.
pub(super) fn has_rows(cell_table: &CellTable<'_>) -> bool {
    has_any(cell_table, &BROKER)
}

pub(super) fn section(cell_table: &CellTable<'_>) -> Markup {
    if !has_rows(cell_table) {
        return html! {};
    }
    html! {
        section id="broker" {
            h2 { "What the Redis took" }
            p.lead {
                "Processor time, memory and traffic of the Redis that has the logs, as it says \
                 itself, over the same window as the servers'. The processor time and memory of all \
                 servers are added up in the figures of the server."
            }
            (listing(cell_table, &BROKER))
        }
    }
}
