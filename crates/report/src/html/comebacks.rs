//! The section about connections that were lost in the course of the runs.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use analysis::{cell::Comparison, metric::COMEBACKS};

/// Returns whether there are figures for this section: only runs with a cut have some.
pub(super) fn has_rows(comparison: &Comparison<'_>) -> bool {
    has_any(comparison, &COMEBACKS)
}

pub(super) fn section(comparison: &Comparison<'_>) -> Markup {
    if !has_rows(comparison) {
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
            (listing(comparison, &COMEBACKS))
        }
    }
}
