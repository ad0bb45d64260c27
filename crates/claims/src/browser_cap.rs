//! Fifty calls at once, six connections: what of the difference is the cap.

use super::{Assessment, Claim, Evidence, Finding, rule::Comparison};
use analysis::model::latency;

const CALLS: [u32; 3] = [1, 10, 50];
/// The published number of calls.
const MANY: u32 = 50;
const NEAR: f64 = 0.15;
/// How near a published time has to be met.
const PUBLISHED: f64 = 0.20;

/// What the experiment says of itself: the link's one-way delay in seconds, and
/// how many connections the capped client opens.
fn setting(evidence: &Evidence) -> (f64, u32) {
    let of = |quantity| evidence.fact("setting", quantity);
    let delay = of("delay").unwrap_or(f64::NAN) / 1e3;
    (delay, of("cap").unwrap_or(0.0) as u32)
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let (delay, cap) = setting(evidence);
    let trip = 2.0 * delay * 1e3;
    let time = |subject: String| evidence.fact(&subject, "time");
    let of = |what: String, predicted: f64, measured| {
        Finding::new(what, "ms")
            .predicted(predicted)
            .measured(measured)
            .within(NEAR)
    };
    let pooled = |calls, pool: u32| latency::pooled(calls, pool.max(1), delay) * 1e3;
    let mut findings = Vec::new();
    for calls in CALLS {
        let called = if calls == 1 { "call" } else { "calls" };
        let capped = of(
            format!("{calls} {called} over HTTP, at most {cap} connections"),
            pooled(calls, cap),
            time(format!("http {calls} {cap}")),
        );
        findings.push(if calls == MANY {
            capped.published(claim, "http").judged_within(PUBLISHED)
        } else {
            capped
        });
        let framed = of(
            format!("{calls} {called} over one WebSocket, opening included"),
            3.0 * trip,
            time(format!("websocket {calls}")),
        );
        findings.push(framed.note("A round trip to connect, one to upgrade, one for all calls."));
        if calls > cap {
            findings.push(of(
                format!("{calls} calls over HTTP, no cap"),
                pooled(calls, calls),
                time(format!("http {calls} {calls}")),
            ));
        }
    }
    findings.push(opened(claim, evidence, trip));
    findings.extend(orders(claim, evidence, cap));
    findings.push(cap_alone(claim, cap));
    Assessment::of(
        findings,
        "The cap alone makes rounds of round trips: nine for fifty calls. With the cap lifted \
         HTTP needs one round trip less than a WebSocket that has to be opened first. What the \
         published times hold beyond that is the server or the browser of that test.",
    )
}

/// The calls over a WebSocket that is open already, as it was published.
fn opened(claim: &Claim, evidence: &Evidence, trip: f64) -> Finding {
    let all = evidence.fact(&format!("websocket {MANY}"), "time");
    let opened = evidence.fact(&format!("websocket {MANY} opened"), "time");
    Finding::new(format!("{MANY} calls over a WebSocket that is open"), "ms")
        .published(claim, "websocket")
        .predicted(trip)
        .within(NEAR)
        .measured(all.zip(opened).map(|(all, opened)| all - opened))
        .judged_within(PUBLISHED)
        .note("The published time leaves the opening out.")
}

/// Which of the two is slower, with the cap, and without it.
fn orders(claim: &Claim, evidence: &Evidence, cap: u32) -> [Finding; 2] {
    let each = |subject: String| evidence.each_fact(&subject, "time");
    let published = |name: &str| claim.published.get(name).map_or(f64::NAN, |one| one.value);
    let framed = each(format!("websocket {MANY}"));
    let capped = Comparison::more_than(1.0, each(format!("http {MANY} {cap}")), &framed);
    let lifted = each(format!("http {MANY} {MANY}"));
    [
        Finding::new(
            format!("{MANY} calls, {cap} connections over one WebSocket, opening included"),
            "x",
        )
        .published_as(published("http") / published("websocket"))
        .predicted(1.0)
        .at_least()
        .compared(capped)
        .note("Of the order alone: slower."),
        Finding::new(
            format!("{MANY} calls, no cap over one WebSocket, opening included"),
            "x",
        )
        .predicted(2.0 / 3.0)
        .within(NEAR)
        .measured(Comparison::more_than(1.0, lifted, &framed).ratio())
        .note("Two round trips against three: with the cap lifted the effect is gone."),
    ]
}

/// The cap's share of the published time, by the source's own time for one call.
fn cap_alone(claim: &Claim, cap: u32) -> Finding {
    let one_call = claim.published.get("one_call").map(|one| one.value);
    let rounds = f64::from(MANY.div_ceil(cap.max(1)));
    Finding::new("what the cap explains of the published time", "ms")
        .published(claim, "http")
        .measured(one_call.map(|call| rounds * call))
        .note("Rounds times the time that one call took there: arithmetic, not measured.")
}
