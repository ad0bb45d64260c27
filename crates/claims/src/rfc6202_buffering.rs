//! A proxy that keeps responses back: what of it each transport feels.

use super::{Assessment, Claim, Evidence, Finding, evidence::At, rule::Comparison};

/// All transports once, and streams five times: there a ratio decides.
const PARTS: [&str; 2] = ["runs", "streams"];
/// A stream is to be this many times slower behind 4 KiB.
const SLOWER: f64 = 10.0;
/// What others may differ by between a proxy that buffers and one that does not,
/// in milliseconds: machines have bad moments.
const UNCHANGED: f64 = 5.0;

pub(super) fn assess(_: &Claim, evidence: &Evidence) -> Assessment {
    let of = |part, transport, cell| {
        evidence.runs(&At {
            part,
            transport,
            variant: "",
            cell,
        })
    };
    let at = |transport, cell| of(PARTS[0], transport, cell);
    let median = |transport, cell| at(transport, cell).milliseconds(|run| run.p50_us);
    let heard = |transport, cell| {
        at(transport, cell)
            .median(|run| Some(run.run.delivered as f64 / run.run.expected.max(1) as f64 * 1e2))
    };
    let streams = |cell| {
        of(PARTS[1], "http_stream", cell).each(|run| run.run.p50_us.map(|us| us as f64 / 1e3))
    };
    let slower = Comparison::more_than(SLOWER, streams("buffer=4KiB"), &streams("buffer=none"));
    let mut findings = vec![
        Finding::new("SSE behind 4 KiB against none, p50", "x")
            .predicted(SLOWER)
            .at_least()
            .compared(slower)
            .note("What comes waits until 4 KiB have come together."),
        Finding::new("SSE behind a whole response, delivered", "%")
            .predicted(0.0)
            .measured(heard("http_stream", "buffer=response"))
            .judged_by_prediction()
            .note("The response never ends, so nothing is let through."),
    ];
    for (transport, name) in [("long_poll", "long poll"), ("websocket", "WebSocket")] {
        let plain = median(transport, "buffer=none");
        for buffer in ["buffer=4KiB", "buffer=response"] {
            findings.push(
                Finding::new(format!("{name}, p50, {}", buffer.replace('=', " ")), "ms")
                    .predicted(plain.map_or(f64::NAN, |plain| plain + UNCHANGED))
                    .measured(median(transport, buffer))
                    .at_most()
                    .judged_by_prediction()
                    .note("At most 5 ms more than without a buffer."),
            );
        }
        findings.push(
            Finding::new(format!("{name} behind a whole response, delivered"), "%")
                .predicted(100.0)
                .measured(heard(transport, "buffer=response"))
                .judged_by_prediction(),
        );
    }
    Assessment::of(
        findings,
        "Where something on the way buffers. Runs marked not valid here lost what the proxy kept, \
         which is the claim.",
    )
}
