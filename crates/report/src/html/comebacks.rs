//! The section about connections that were lost in the course of the runs.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use analysis::{cell::CellTable, metric::COMEBACKS};

/// Returns whether there are figures for this section: only runs with a cut have some.
pub(super) fn has_rows(cell_table: &CellTable<'_>) -> bool {
    has_any(cell_table, &COMEBACKS)
}

pub(super) fn section(cell_table: &CellTable<'_>) -> Markup {
    if !has_rows(cell_table) {
        return html! {};
    }
    html! {
        section id="comebacks" {
            h2 { "Who lost the connection, and came back" }
            p.lead {
                "A reader is away from the loss of its connection until it is back: a stream or \
                 WebSocket when its opening is answered, a poller when its first question is. The \
                 last one back counts from the first loss. The peak is of the second, wherever \
                 it begins, in which the server took the most connections from readers. Replayed is what was sent \
                 before its reader was back. What was lost, doubled or missed makes a run that is \
                 not valid, whatever else is told of it here."
            }
            (listing(cell_table, &COMEBACKS))
        }
    }
}
