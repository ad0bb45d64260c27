//! A write for each event, or one for all that wait.

use std::collections::BTreeSet;

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run, Runs},
    rule::Comparison,
};

/// The three ways at one number of readers.
struct Ways<'a> {
    readers: u64,
    poll: Runs<'a>,
    one_write: Runs<'a>,
    each: Runs<'a>,
}

impl<'a> Ways<'a> {
    fn all(evidence: &'a Evidence) -> Vec<Self> {
        let every = evidence.runs(&At::default()).runs;
        let readers: BTreeSet<u64> = every.iter().map(|run| run.run.clients).collect();
        readers
            .into_iter()
            .map(|readers| {
                let of = |transport, cell| {
                    let at = At {
                        transport,
                        cell,
                        ..At::default()
                    };
                    let mut runs = evidence.runs(&at);
                    runs.runs.retain(|run| run.run.clients == readers);
                    runs
                };
                Self {
                    readers,
                    poll: of("long_poll", "coalesce=true"),
                    one_write: of("websocket", "coalesce=true"),
                    each: of("websocket", "coalesce=false"),
                }
            })
            .collect()
    }
}

fn p95(run: &Run<'_>) -> Option<f64> {
    run.quantile_ms(0.95)
}

fn cpu(run: &Run<'_>) -> Option<f64> {
    run.run.server_cpu_us_per_delivery
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mut findings = Vec::new();
    for ways in Ways::all(evidence) {
        findings.extend(shown(claim, &ways));
        findings.extend(compared(claim, &ways));
    }
    Assessment::of(
        findings,
        "What waits can go out in one write over WebSocket too: that is the server's choice and \
         not the protocol's. A difference in processor time comes before one in p95, which needs \
         a processor that is nearly busy.",
    )
}

/// Each way by itself: milliseconds of this machine beside those of another.
fn shown(claim: &Claim, ways: &Ways<'_>) -> Vec<Finding> {
    let readers = ways.readers;
    [
        ("long poll", "baseline", &ways.poll),
        (
            "WebSocket, one write for all that waits",
            "",
            &ways.one_write,
        ),
        ("WebSocket, a write for each event", "websocket", &ways.each),
    ]
    .map(|(what, name, runs)| {
        Finding::new(format!("{what}, p95 at {readers} readers"), "ms")
            .published(claim, &format!("{name}_{readers}"))
            .measured(runs.median(p95))
    })
    .into()
}

/// What was published, that p95 grew, and what its authors suspect: that a write
/// for each event is the reason.
fn compared(claim: &Claim, ways: &Ways<'_>) -> [Finding; 3] {
    let readers = ways.readers;
    let known = |name: &str| {
        let published = claim.published.get(&format!("{name}_{readers}"));
        published.map_or(f64::NAN, |one| one.value)
    };
    let times = |value: fn(&Run<'_>) -> Option<f64>, subject: &Runs<'_>, baseline: &Runs<'_>| {
        Comparison::more_than(1.0, subject.each(value), &baseline.each(value))
    };
    [
        Finding::new(
            format!("WebSocket, a write each, over long poll, p95 at {readers}"),
            "x",
        )
        .published_as(known("websocket") / known("baseline"))
        .compared(times(p95, &ways.each, &ways.poll))
        .note("Of the order alone: longer."),
        Finding::new(
            format!("a write each over one write, p95 at {readers}"),
            "x",
        )
        .predicted(1.0)
        .at_least()
        .compared(times(p95, &ways.each, &ways.one_write))
        .note("The suspicion of the authors: longer."),
        Finding::new(
            format!("a write each over one write, server's processor time at {readers}"),
            "x",
        )
        .predicted(1.0)
        .at_least()
        .compared(times(cpu, &ways.each, &ways.one_write))
        .note("What writes cost even where p95 does not show it."),
    ]
}
