//! 150 ms against 50 ms: what a connection for each message costs.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::{At, Run},
};
use analysis::model::latency;

/// One-way delay of the published figures, in seconds.
const PUBLISHED_DELAY: f64 = 0.050;
const NEAR: f64 = 0.10;

/// Runs of one transport of a part.
struct Way<'a> {
    part: &'a str,
    transport: &'a str,
    variant: &'a str,
    cell: &'a str,
}

impl Way<'_> {
    fn mean(&self, evidence: &Evidence) -> Option<f64> {
        evidence.runs(&self.at()).milliseconds(|run| run.mean_us)
    }

    /// The one-way delay of the link that these runs had, in seconds.
    fn delay(&self, evidence: &Evidence) -> f64 {
        let delay = |run: Run<'_>| run.read_delay_s().max(run.say_delay_s());
        evidence.runs(&self.at()).first().map_or(f64::NAN, delay)
    }

    fn at(&self) -> At<'_> {
        At {
            part: self.part,
            transport: self.transport,
            variant: self.variant,
            cell: self.cell,
        }
    }
}

/// A published figure, carried over to another delay than the published one.
fn published(finding: Finding, claim: &Claim, name: &str, delay: f64) -> Finding {
    let finding = finding.published(claim, name);
    let scale = delay / PUBLISHED_DELAY;
    match &finding.published {
        Some(one) if (scale - 1.0).abs() > 1e-9 && scale.is_finite() => {
            let value = one.value * scale;
            finding.published_as(value)
        }
        _ => finding,
    }
}

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let way = |part, transport, variant, cell| Way {
        part,
        transport,
        variant,
        cell,
    };
    let of = |what: &str, name: &str, delays: f64, way: Way<'_>, share: f64| {
        let delay = way.delay(evidence);
        published(Finding::new(what, "ms"), claim, name, delay)
            .predicted(delays * delay * 1e3)
            .measured(way.mean(evidence).map(|mean| mean * share))
            .within(NEAR)
            .judged_within(NEAR)
    };
    // TCP's handshake is a round trip before the transit (RFC 9293, section 3.5).
    let findings = vec![
        of(
            "to the server, a connection for each message",
            "poll",
            3.0,
            way("up", "websocket", "", "speak=post_close"),
            1.0,
        )
        .note("A round trip to connect, and one transit."),
        of(
            "to the server, on a kept connection",
            "poll",
            1.0,
            way("up", "websocket", "", "speak=post"),
            1.0,
        )
        .note("Keep-alive, the default of HTTP/1.1."),
        of(
            "to the server and back over one WebSocket, each way",
            "websocket",
            1.0,
            way("both", "websocket", "", ""),
            0.5,
        ),
        of(
            "from the server, WebSocket",
            "websocket",
            1.0,
            way("down", "websocket", "", ""),
            1.0,
        ),
        of(
            "from the server, stream",
            "websocket",
            1.0,
            way("down", "http_stream", "", ""),
            1.0,
        ),
        of(
            "from the server, long poll, kept connection",
            "poll",
            1.0,
            way("down", "long_poll", "hold 25s", ""),
            1.0,
        )
        .note("Just over one message a second: the next request is parked long before it."),
        of(
            "from the server, long poll, a connection for each",
            "poll",
            1.0,
            way("down", "long_poll", "hold 25s close", ""),
            1.0,
        )
        .note("The connection is opened while nothing is said."),
        short_poll(claim, evidence),
    ];
    Assessment::of(
        findings,
        "150 ms is the price of a new TCP connection for each message, on any transport. With \
         kept connections long polling takes one transit too at this rate, and what short \
         polling costs is half its interval, which the comparison leaves out.",
    )
}

fn short_poll(claim: &Claim, evidence: &Evidence) -> Finding {
    let at = At {
        part: "down",
        transport: "short_poll",
        ..At::default()
    };
    let runs = evidence.runs(&at);
    let (interval, delay) = runs.first().map_or((f64::NAN, f64::NAN), |run| {
        (run.interval_s(), run.read_delay_s())
    });
    let finding = Finding::new(
        format!("from the server, short poll every {interval} s, kept"),
        "ms",
    );
    published(finding, claim, "poll", delay)
        .predicted(latency::short_poll_quantile(0.5, interval, delay) * 1e3)
        .measured(runs.milliseconds(|run| run.mean_us))
        .within(NEAR)
        .judged_within(NEAR)
        .note("Half the interval and one transit.")
}
