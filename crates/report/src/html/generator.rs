//! How the generator itself fared: whether what it says of others may be believed.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use analysis::{cell::Comparison, quantity::Quantity, unit};

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

/// How much of each figure is the generator's: latency when the bytes had
/// arrived, and what reading them took.
const OF_LATENCY: [Quantity; 8] = [
    Quantity {
        key: "p50",
        name: "latency as read, median",
        short: "p50 as read",
        metric: |run| run.p50_us.map(|us| us as f64),
        show: unit::latency,
    },
    Quantity {
        key: "arrived_p50",
        name: "latency as arrived at the generator, median",
        short: "as arrived",
        metric: |run| run.arrived_p50_us.map(|us| us as f64),
        show: unit::latency,
    },
    Quantity {
        key: "reading_p50",
        name: "from arrived to read, median",
        short: "reading",
        metric: |run| run.reading_p50_us.map(|us| us as f64),
        show: unit::latency,
    },
    Quantity {
        key: "reading_share_p50",
        name: "share of the median latency that is the generator’s reading",
        short: "the generator’s share",
        metric: |run| share(run.reading_p50_us, run.p50_us),
        show: unit::percent,
    },
    Quantity {
        key: "p99",
        name: "latency as read, 99th percentile",
        short: "p99 as read",
        metric: |run| run.p99_us.map(|us| us as f64),
        show: unit::latency,
    },
    Quantity {
        key: "arrived_p99",
        name: "latency as arrived at the generator, 99th percentile",
        short: "as arrived",
        metric: |run| run.arrived_p99_us.map(|us| us as f64),
        show: unit::latency,
    },
    Quantity {
        key: "reading_p99",
        name: "from arrived to read, 99th percentile",
        short: "reading",
        metric: |run| run.reading_p99_us.map(|us| us as f64),
        show: unit::latency,
    },
    Quantity {
        key: "generator_wait_share",
        name: "share of the window in which a thread of the generator waited for a processor",
        short: "waited for a processor",
        metric: |run| run.generator_wait_share,
        show: unit::percent,
    },
];

fn share(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let whole = whole.filter(|whole| *whole > 0)?;
    Some((part? as f64 / whole as f64).min(1.0))
}

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
            @if has_any(comparison, &OF_LATENCY[1..]) {
                h3 { "How much of the latency is the generator’s" }
                p.lead {
                    "A thread of the generator reads one socket after the other. As arrived is when \
                     the kernel had received the bytes, reading is from there until they were decoded, \
                     at a few readers of each thread. What is not reading is the way up, the server \
                     and the way down. Medians of the parts do not add up to the median of the whole."
                }
                (listing(comparison, &OF_LATENCY))
            }
        }
    }
}
