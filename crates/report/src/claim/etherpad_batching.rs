//! A write for each event, or one for all that wait.

use super::{
    Assessment, Claim, Evidence, Finding, Verdict,
    evidence::{At, Runs},
};

const CLIENTS: [(&str, &str); 2] = [("clients=100", "100"), ("clients=200", "200")];
/// What p95 may differ by for being called equal: two runs of one thing do.
const EQUAL: f64 = 1.05;

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let mut findings = Vec::new();
    for (cell, clients) in CLIENTS {
        let runs = |transport, coalesce: &str| {
            let cell = format!("{cell} coalesce={coalesce}");
            evidence.runs(&At {
                part: "",
                transport,
                variant: "",
                cell: &cell,
            })
        };
        let (poll, one_write, each) = (
            runs("long_poll", "true"),
            runs("websocket", "true"),
            runs("websocket", "false"),
        );
        for (what, name, runs) in [
            ("long poll", "baseline", &poll),
            ("WebSocket, one write for all that waits", "", &one_write),
            ("WebSocket, a write for each event", "websocket", &each),
        ] {
            findings.push(
                Finding::new(format!("{what}, p95 at {clients} readers"), "ms")
                    .published(claim, &format!("{name}_{clients}"))
                    .measured(p95(runs))
                    .verdict(Verdict::ContextOnly),
            );
        }
        let ratio = p95(&one_write).zip(p95(&each));
        let order = Finding::new(
            format!("one write over a write each, p95 at {clients}"),
            "x",
        )
        .predicted(EQUAL)
        .measured(ratio.map(|(one, each)| one / each))
        .at_most()
        .note("Packing is not slower, 5 % allowed.");
        let holds = order.agrees() == Some(true);
        findings.push(order.verdict(verdict(holds)));
        let ratio = p95(&each).zip(p95(&poll));
        let worse = Finding::new(
            format!("WebSocket, a write each, over long poll, p95 at {clients}"),
            "x",
        )
        .measured(ratio.map(|(each, poll)| each / poll))
        .note("Above 1 is what was reported.");
        let holds = worse.measured.is_some_and(|ratio| ratio > 1.0);
        findings.push(worse.verdict(verdict(holds)));
        let cpu = |runs: &Runs<'_>| runs.median(|run| run.run.server_cpu_us_per_delivery);
        findings.push(
            Finding::new(
                format!("server's processor time, a write each over one, {clients}"),
                "x",
            )
            .measured(
                cpu(&each)
                    .zip(cpu(&one_write))
                    .map(|(each, one)| each / one),
            )
            .note("What unpacked events cost even where p95 does not show it."),
        );
    }
    Assessment::of(
        findings,
        "Writing each event by itself costs processor time, and latency once there is none left. \
         Nothing in WebSocket makes it slower than polling where what waits goes out together.",
    )
}

const fn verdict(holds: bool) -> Verdict {
    if holds {
        Verdict::Holds
    } else {
        Verdict::DoesNotHold
    }
}

fn p95(runs: &Runs<'_>) -> Option<f64> {
    runs.median(|run| run.quantile_ms(0.95))
}
