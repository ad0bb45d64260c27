//! The state of the load generator, which shows whether its measurements can be believed.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use analysis::{
    cell::CellTable,
    metric::{GENERATOR, OF_LATENCY},
};

/// Returns whether any run has the shares that this section shows; older files lack them.
pub(super) fn has_rows(cell_table: &CellTable<'_>) -> bool {
    has_any(cell_table, &GENERATOR[2..])
}

pub(super) fn section(cell_table: &CellTable<'_>) -> Markup {
    if !has_rows(cell_table) {
        return html! {};
    }
    html! {
        section id="generator" {
            h2 { "How the generator fared" }
            p.lead {
                "What plays the clients must not be what is measured. Late is how long after its time \
                 a message left; shares are of one processor, so 150 % is one and a half. A run beyond \
                 the limits, which the machine’s section states, is marked as not valid."
            }
            (listing(cell_table, &GENERATOR))
            @if has_any(cell_table, &OF_LATENCY[1..]) {
                h3 { "How much of the latency is the generator’s" }
                p.lead {
                    "A thread of the generator reads one socket after the other. As arrived is when \
                     the kernel had received the bytes, reading is from there until they were decoded, \
                     at a few readers of each thread. What is not reading is the way up, the server \
                     and the way down. Medians of the parts do not add up to the median of the whole."
                }
                (listing(cell_table, &OF_LATENCY))
            }
        }
    }
}
