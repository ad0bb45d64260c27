//! The figure of the claim about a stall of the server, with latencies from the due time and from
//! the send time of each message; its checks are in the claim's file.

use super::{
    Claim, Evidence,
    evidence::At,
    figures::{Curve, Look, Plot},
};
use chart::{Figure, FigureError};

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
