//! What is forgotten of a stall by counting from sent.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::At,
    figures::{Curve, Look, Plot},
};
use crate::{
    figure::{Figure, FigureError},
    predict::latency,
};

/// Seconds that the server stands still, and that the run is measured.
const STALL: f64 = 1.4;
const RUN: f64 = 30.0;
/// The least that p99 from due has to be of p99 from sent.
const TIMES: f64 = 100.0;

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let runs = evidence.runs(&At::default());
    let due = runs.milliseconds(|run| run.p99_us);
    let sent = runs.milliseconds(|run| run.sent_p99_us);
    let findings = vec![
        Finding::new("p99 from due", "ms")
            .published(claim, "due_p99")
            .predicted(latency::stall_quantile(0.99, STALL, RUN) * 1e3)
            .measured(due)
            .within(0.15)
            .judged_within(0.20)
            .note("The stall less a hundredth of the run: what was due in it waits for its end."),
        Finding::new("p99 from sent", "ms")
            .published(claim, "sent_p99")
            .measured(sent)
            .note("One message of each connection waited, too few for a p99."),
        Finding::new("p99 from due over p99 from sent", "x")
            .published(claim, "ratio")
            .predicted(TIMES)
            .measured(due.zip(sent).map(|(due, sent)| due / sent))
            .at_least()
            .judged_within(0.5),
    ];
    let ratio_holds = findings[2].agrees() == Some(true);
    let mut assessment = Assessment::of(
        findings,
        "The p99 from due follows from the length of the stall alone; how many times p99 from \
         sent it is depends on how fast the server is when it runs.",
    );
    if ratio_holds {
        // A faster server makes the ratio larger than published, which is the claim.
        assessment.verdict = super::Verdict::Holds;
    }
    assessment
}

pub(super) fn draw(_: &Claim, evidence: &Evidence) -> Result<Vec<Figure>, FigureError> {
    let Some(run) = evidence.runs(&At::default()).first() else {
        return Ok(Vec::new());
    };
    let ladder = |clock: &str| -> Vec<(f64, f64)> {
        run.ladder(clock)
            .into_iter()
            .filter(|rung| rung.quantile < 1.0)
            .map(|rung| {
                (
                    1.0 / (1.0 - rung.quantile),
                    rung.latency_us.max(1) as f64 / 1e3,
                )
            })
            .filter(|(rank, _)| *rank <= 2e4)
            .collect()
    };
    Plot {
        name: "two_clocks",
        title: "What is forgotten of a stall by counting from sent",
        reading: "One message in so many takes longer. 100 is p99. One run, two clocks.",
        caption: &run.caption(),
        x: "one message in so many (log scale)",
        y: "latency, ms (log scale)",
        log_x: true,
        log_y: true,
        curves: vec![
            Curve::new("from due", Look::Line("short_poll"), ladder("due")),
            Curve::new("from sent", Look::Line("websocket"), ladder("sent")),
        ],
    }
    .draw()
}
