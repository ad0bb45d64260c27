//! Who hears a message first and who last, and how far behind readers are.

use maud::{Markup, html};

use super::listing::{has_any, listing};
use analysis::{cell::Comparison, quantity::Quantity, unit};
use results::RunRow;

const fn time(
    key: &'static str,
    short: &'static str,
    name: &'static str,
    metric: fn(&RunRow) -> Option<f64>,
) -> Quantity {
    Quantity {
        key,
        name,
        short,
        metric,
        show: unit::latency,
    }
}

fn us(value: Option<u64>) -> Option<f64> {
    value.map(|us| us as f64)
}

const TOLD: [Quantity; 8] = [
    time(
        "first_p50",
        "first",
        "latency of each message's first receiver, median over messages",
        |run| us(run.first_p50_us),
    ),
    time(
        "middle_p50",
        "median",
        "latency of each message's median receiver, median over messages",
        |run| us(run.middle_p50_us),
    ),
    time(
        "last_p50",
        "last",
        "latency of each message's last receiver, median over messages",
        |run| us(run.last_p50_us),
    ),
    time(
        "spread_p50",
        "first to last",
        "from a message's first receiver to its last, median over messages",
        |run| us(run.spread_p50_us),
    ),
    Quantity {
        key: "last_same_share",
        name: "share of messages that the same reader was the last to hear, of each room the one \
               who was last most often",
        short: "same last",
        metric: |run| run.last_same_share,
        show: unit::percent,
    },
    time(
        "staleness_p50",
        "staleness p50",
        "age of the newest message that a reader holds, median over looks",
        |run| us(run.staleness_p50_us),
    ),
    time(
        "staleness_p99",
        "staleness p99",
        "age of the newest message that a reader holds, 99th percentile over looks",
        |run| us(run.staleness_p99_us),
    ),
    Quantity {
        key: "coherence",
        name: "share of looks in which a reader held all that it should",
        short: "coherent",
        metric: |run| run.coherence,
        show: unit::percent,
    },
];

/// Whether there is anything to tell; older files know the spread alone.
pub(super) fn has_rows(comparison: &Comparison<'_>) -> bool {
    has_any(comparison, &TOLD[..1])
}

pub(super) fn section(comparison: &Comparison<'_>) -> Markup {
    if !has_rows(comparison) {
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
                (bound(comparison))
            }
            (listing(comparison, &TOLD))
        }
    }
}

/// What it takes to be coherent.
fn bound(comparison: &Comparison<'_>) -> String {
    let variants = comparison.cells.iter().flat_map(|cell| &cell.variants);
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
