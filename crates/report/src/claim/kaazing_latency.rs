//! 150 ms against 50 ms: what a connection for each message costs.

use super::{Assessment, Claim, Evidence, Finding, Verdict, evidence::At};
use crate::predict::latency;

/// One-way delay of the scenario's link, in seconds.
const DELAY: f64 = 0.050;
/// Seconds between two short polls, and drafts a second, as the scenario says.
const INTERVAL: f64 = 1.0;
const NEAR: f64 = 0.10;

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mean = |part, transport, variant, cell| {
        let at = At {
            part,
            transport,
            variant,
            cell,
        };
        evidence.runs(&at).milliseconds(|run| run.mean_us)
    };
    let of = |what: &str, published: &str, delays: f64, measured: Option<f64>| {
        Finding::new(what, "ms")
            .published(claim, published)
            .predicted(delays * DELAY * 1e3)
            .measured(measured)
            .within(NEAR)
            .judged_within(NEAR)
    };
    // TCP's handshake is a round trip before the transit (RFC 9293, section 3.5).
    let findings = vec![
        of(
            "to the server, a connection for each message",
            "poll",
            3.0,
            mean("up", "websocket", "", "speak=post_close"),
        )
        .note("A round trip to connect, and one transit."),
        of(
            "to the server, on a kept connection",
            "poll",
            1.0,
            mean("up", "websocket", "", "speak=post"),
        )
        .note("Keep-alive, the default of HTTP/1.1."),
        of(
            "to the server and back over one WebSocket, each way",
            "websocket",
            1.0,
            mean("both", "websocket", "", "").map(|there_and_back| there_and_back / 2.0),
        ),
        of(
            "from the server, WebSocket",
            "websocket",
            1.0,
            mean("down", "websocket", "", ""),
        ),
        of(
            "from the server, stream",
            "websocket",
            1.0,
            mean("down", "http_stream", "", ""),
        ),
        of(
            "from the server, long poll, kept connection",
            "poll",
            1.0,
            mean("down", "long_poll", "hold 25s", ""),
        )
        .note("Just over one message a second: the next request is parked long before it."),
        of(
            "from the server, long poll, a connection for each",
            "poll",
            1.0,
            mean("down", "long_poll", "hold 25s close", ""),
        )
        .note("The connection is opened while nothing is said."),
        short_poll(claim, "kept", mean("down", "short_poll", "1s", "")),
    ];
    Assessment::of(
        findings,
        "150 ms is the price of a new TCP connection for each message, on any transport. With \
         kept connections long polling is as fast as WebSocket at this rate, and what short \
         polling costs is half its interval, which the comparison leaves out.",
    )
}

fn short_poll(claim: &Claim, how: &str, measured: Option<f64>) -> Finding {
    let median = latency::short_poll_quantile(0.5, INTERVAL, DELAY) * 1e3;
    Finding::new(
        format!("from the server, short poll each second, {how}"),
        "ms",
    )
    .published(claim, "poll")
    .predicted(median)
    .measured(measured)
    .within(NEAR)
    .note("Half the interval and one transit.")
    .verdict(Verdict::DoesNotHold)
}
