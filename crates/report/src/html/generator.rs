//! How the generator itself fared: whether what it says of others may be believed.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use crate::{cell::Comparison, quantity::Quantity, unit};

const TOLD: [Quantity; 5] = [
    Quantity {
        key: "late_p50",
        name: "how late messages left against their schedule, median",
        short: "late p50",
        metric: |run| run.late_p50_us.map(|us| us as f64),
        show: unit::latency,
    },
    Quantity {
        key: "late_p99",
        name: "how late messages left against their schedule, 99th percentile",
        short: "late p99",
        metric: |run| run.late_p99_us.map(|us| us as f64),
        show: unit::latency,
    },
    Quantity {
        key: "swarm_cpu_share",
        name: "processor time of the generator in all, over the window",
        short: "processors, in all",
        metric: |run| run.swarm_cpu_share,
        show: unit::percent,
    },
    Quantity {
        key: "busiest_cpu_share",
        name: "processor time of the generator's busiest thread, over the window",
        short: "busiest thread",
        metric: |run| run.busiest_cpu_share,
        show: unit::percent,
    },
    Quantity {
        key: "speaking_cpu_share",
        name: "processor time of the thread that says the messages, over the window",
        short: "speaking thread",
        metric: |run| run.speaking_cpu_share,
        show: unit::percent,
    },
];

/// Whether there is anything to tell: shares, which older files have not.
pub(super) fn has_rows(comparison: &Comparison<'_>) -> bool {
    has_any(comparison, &TOLD[2..])
}

pub(super) fn section(comparison: &Comparison<'_>) -> Markup {
    if !has_rows(comparison) {
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
            (listing(comparison, &TOLD))
        }
    }
}
