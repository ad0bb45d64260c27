//! A stall of the server, counted from when each message was due and from when it was sent.

use super::{
    Assessment, Claim, Evidence, Finding,
    evidence::At,
    figures::{Curve, Look, Plot},
    rule::Comparison,
};
use analysis::model::latency;
use chart::{Figure, FigureError};
use results::RunRow;

/// The least that p99 from due has to be of p99 from sent: half of what was
/// published, because the ratio grows with how fast the server is otherwise.
const TIMES: f64 = 100.0;

pub(super) fn assess(claim: &Claim, evidence: &Evidence) -> Assessment {
    let runs = evidence.runs(&At::default());
    let due = runs.milliseconds(|run| run.p99_us);
    let sent = runs.milliseconds(|run| run.sent_p99_us);
    let stall = evidence.fact("scenario", "stall").unwrap_or(f64::NAN) / 1e3;
    let measured = runs.median(|run| Some(run.run.measured_ms as f64 / 1e3));
    let measured = measured.unwrap_or(f64::NAN);
    let each =
        |column: fn(&RunRow) -> Option<u64>| runs.each(|run| Some(column(run.run)? as f64 / 1e3));
    let ratio = Comparison::more_than(TIMES, each(|run| run.p99_us), &each(|run| run.sent_p99_us));
    let findings = vec![
        Finding::new("p99 from due", "ms")
            .published(claim, "due_p99")
            .predicted(latency::stall_quantile(0.99, stall, measured) * 1e3)
            .measured(due)
            .within(0.15)
            .judged_within(0.20)
            .note("The stall less a hundredth of the time measured: what was due in it waits for its end."),
        Finding::new("p99 from sent", "ms")
            .published(claim, "sent_p99")
            .measured(sent)
            .note("How fast the server is when it runs. One message of each connection waited, too few for a p99."),
        Finding::new("p99 from due over p99 from sent", "x")
            .published(claim, "ratio")
            .predicted(TIMES)
            .at_least()
            .compared(ratio),
    ];
    Assessment::of(
        findings,
        "The p99 from due follows from the length of the stall and of the run; how many times \
         p99 from sent it is depends on how fast the server is when it runs.",
    )
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
        title: "Latency with a stalled server, from due time and from send time",
        reading: "The slowest of 100 messages takes the time at 100 (p99), or longer. One run, two clocks.",
        caption: &run.caption(),
        x: "1 / (1 - quantile): 100 is p99, 1,000 is p99.9 (log scale)",
        y: "latency, ms (log scale)",
        log_x: true,
        log_y: true,
        curves: vec![
            Curve::new("from due", Look::First, ladder("due")),
            Curve::new("from sent", Look::Second, ladder("sent")),
        ],
    }
    .draw()
}
