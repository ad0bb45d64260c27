//! The section about the proxy before the server.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use analysis::{cell::CellTable, metric::PROXY};

/// Returns whether there are figures for this section: only runs through a proxy have some.
pub(super) fn has_rows(cell_table: &CellTable<'_>) -> bool {
    has_any(cell_table, &PROXY)
}

pub(super) fn section(cell_table: &CellTable<'_>) -> Markup {
    if !has_rows(cell_table) {
        return html! {};
    }
    html! {
        section id="proxy" {
            h2 { "What the proxy took" }
            p.lead {
                "Processor time and memory of the proxy's processes together, looked at from \
                 outside over the same window as the server's. Added bytes are those that came out of \
                 it beyond those that went in: the servers count their own sockets. Without a \
                 proxy they are what crosses at the window's edges. All other figures of these \
                 runs are those of the people's side: bytes and heads are as the proxy wrote them, \
                 which is why no formula predicts them."
            }
            (listing(cell_table, &PROXY))
        }
    }
}
