//! The claim about a chat over long polling and over WebSocket, up to the limit of two processors.
//!
//! It is code because what was measured decides which rate is judged, and whether any is.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run, Runs},
    figures::{Curve, Look, Plot},
    rule::Comparison,
};
use chart::{Figure, FigureError};

const PART: &str = "runs";
/// The factor over its median at the lowest rate from which long polling counts as near its limit.
/// The published values are 2 to 4 ms, and 50 to 700 ms near the limit.
const NEAR_ITS_LIMIT: f64 = 10.0;

fn runs<'a>(evidence: &'a Evidence, transport: &str) -> Runs<'a> {
    evidence.runs(&At {
        part: PART,
        transport,
        ..At::default()
    })
}

/// Returns the repeats of one transport by deliveries a second, the lowest rate first.
fn by_rate<'a>(evidence: &'a Evidence, transport: &str) -> Vec<(f64, Runs<'a>)> {
    let mut rates: Vec<(f64, Runs<'a>)> = Vec::new();
    for run in runs(evidence, transport).runs {
        let rate = run.run.rate_per_s * run.run.clients as f64;
        match rates
            .iter_mut()
            .find(|(known, _)| known.total_cmp(&rate).is_eq())
        {
            Some((_, runs)) => runs.runs.push(run),
            None => rates.push((rate, Runs { runs: vec![run] })),
        }
    }
    rates.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    rates
}

fn median(run: &Run<'_>) -> Option<f64> {
    run.run.p50_us.map(|us| us as f64 / 1e3)
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let (long, socket) = (
        by_rate(evidence, "long_poll"),
        by_rate(evidence, "websocket"),
    );
    let mut findings = Vec::new();
    for (at, (rate, polls)) in long.iter().enumerate() {
        let of = |name: &str, runs: &Runs<'_>| {
            let title = format!("{name}, p50 at {} deliveries a second", rate.round());
            let bad = runs.runs.iter().filter(|run| !run.run.valid).count();
            let finding = Finding::new(title, "ms").measured(runs.median(median));
            match bad {
                0 => finding,
                bad => finding.note(format!("{bad} of {} runs not valid.", runs.runs.len())),
            }
        };
        let polled = of("long poll", polls);
        findings.push(match at {
            0 => polled.published(claim, "far"),
            _ if (rate - 20_000.0).abs() < 1_000.0 => polled.published(claim, "near"),
            _ => polled,
        });
        let same = socket
            .iter()
            .find(|(other, _)| other.total_cmp(rate).is_eq());
        findings.extend(same.map(|(_, runs)| of("WebSocket", runs)));
    }
    findings.push(at_the_limit(claim, &long, &socket));
    Assessment::of(
        findings,
        "Only the order near the limit can be carried over; the milliseconds belong to their \
         machines. Where long polling's median does not rise, its limit was not reached, and \
         nothing is said of it.",
    )
}

/// Compares the two at the highest rate that long polling's and WebSocket's valid runs have in
/// common, if long polling is near its limit there.
fn at_the_limit(claim: &Claim, long: &[(f64, Runs<'_>)], socket: &[(f64, Runs<'_>)]) -> Finding {
    let valid = |runs: &Runs<'_>| runs.runs.iter().all(|run| run.run.valid);
    let far = long.first().and_then(|(_, runs)| runs.median(median));
    let last = long
        .iter()
        .rev()
        .filter(|(_, runs)| valid(runs))
        .find_map(|(rate, polls)| {
            let mut others = socket.iter();
            let (_, other) =
                others.find(|(other, runs)| other.total_cmp(rate).is_eq() && valid(runs))?;
            Some((*rate, polls, other))
        });
    let Some((rate, polls, sockets)) = last else {
        return Finding::new("long poll over WebSocket, p50", "x")
            .published(claim, "ratio")
            .compared(Comparison::more_than(1.0, Vec::new(), &[]));
    };
    let rise = polls.median(median).zip(far).map(|(near, far)| near / far);
    let unfit = rise.filter(|rise| *rise < NEAR_ITS_LIMIT).map(|rise| {
        format!(
            "needs long polling near its limit, {NEAR_ITS_LIMIT} times its median at the lowest \
             rate; it was {rise:.1} times"
        )
    });
    let ratio = Comparison::more_than(1.0, polls.each(median), &sockets.each(median));
    let title = format!(
        "long poll over WebSocket, p50 at {} deliveries a second, the highest with valid runs",
        rate.round()
    );
    Finding::new(title, "x")
        .published(claim, "ratio")
        .predicted(1.0)
        .at_least()
        .compared(ratio.unfit_because(unfit))
        .note("Of the order alone: more.")
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let points = |transport| -> Vec<(f64, f64)> {
        let rates = by_rate(evidence, transport);
        let points = rates.iter();
        points
            .filter_map(|(rate, runs)| Some((*rate, runs.median(median)?)))
            .collect()
    };
    let all = evidence.runs(&At {
        part: PART,
        ..At::default()
    });
    Plot {
        name: "latency_by_rate",
        title: "A chat's median latency by its rate of deliveries",
        reading: "Bursts of ten messages, a tenth of all people in each room. Server and swarm share the machine.",
        caption: &all.caption(),
        x: "deliveries a second (log scale)",
        y: "latency p50, ms (log scale)",
        log_x: true,
        log_y: true,
        curves: vec![
            Curve::new("long poll", Look::Line("long_poll"), points("long_poll")),
            Curve::new("WebSocket", Look::Line("websocket"), points("websocket")),
        ],
    }
    .draw()
}
