//! Fifty calls at once, six connections: what of the difference is the cap.

use super::{Assessment, Claim, Evidence, Finding, Verdict};
use crate::predict::latency;

/// One-way delay of the link, in seconds.
const DELAY: f64 = 0.050;
/// Connections that a browser opens to a host.
const CAP: u32 = 6;
const CALLS: [u32; 3] = [1, 10, 50];
const NEAR: f64 = 0.15;

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let trip = 2.0 * DELAY * 1e3;
    let mut findings = Vec::new();
    for calls in CALLS {
        let time = |subject: String| evidence.fact(&subject, "time");
        let of = |what: String, predicted: f64, measured| {
            Finding::new(what, "ms")
                .predicted(predicted)
                .measured(measured)
                .within(NEAR)
        };
        let capped = of(
            format!("{calls} calls over HTTP, at most {CAP} connections"),
            latency::pooled(calls, CAP, DELAY) * 1e3,
            time(format!("http {calls} {CAP}")),
        );
        let framed = of(
            format!("{calls} calls over one WebSocket, opening included"),
            3.0 * trip,
            time(format!("websocket {calls}")),
        )
        .note("A round trip to connect, one to upgrade, one for all calls.");
        if calls > CAP {
            findings.push(of(
                format!("{calls} calls over HTTP, no cap"),
                latency::pooled(calls, calls, DELAY) * 1e3,
                time(format!("http {calls} {calls}")),
            ));
        }
        if calls == 50 {
            let opened =
                time(format!("websocket {calls}")).zip(time(format!("websocket {calls} opened")));
            findings.push(capped.published(claim, "http").judged_within(0.2));
            findings.push(framed);
            findings.push(
                of(
                    format!("{calls} calls over a WebSocket that is open"),
                    trip,
                    opened.map(|(all, opened)| all - opened),
                )
                .published(claim, "websocket")
                .verdict(Verdict::HoldsUnderConditions)
                .note("The opening was not counted; the rest of the 180 ms is the server's and the browser's."),
            );
        } else {
            findings.push(capped);
            findings.push(framed);
        }
    }
    findings.push(cap_alone(claim));
    let mut assessment = Assessment::of(
        findings,
        "WebSocket is far faster than six capped connections, and no faster than fifty without a \
         cap; for one call it is slower, by the upgrade. The cap explains nine rounds, not five \
         seconds: the rest is the server or the browser of that test.",
    );
    assessment.verdict = Verdict::HoldsUnderConditions;
    assessment
}

/// The cap's share of the published five seconds, by its own time for one call.
fn cap_alone(claim: &Claim) -> Finding {
    let one_call = claim.published.get("one_call").map(|one| one.value);
    let rounds = f64::from(50_u32.div_ceil(CAP));
    Finding::new("what the cap explains of the published 5 s", "ms")
        .published(claim, "http")
        .measured(one_call.map(|call| rounds * call))
        .verdict(Verdict::DoesNotHold)
        .note("Nine rounds of the 107 ms that one call took there: arithmetic, not measured.")
}
