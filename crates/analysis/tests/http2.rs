//! The bytes of a message over HTTP/2, by formula, held against the ledger of a published run.

use std::path::PathBuf;

use analysis::model::{Costs, Situation};
use results::{RunRow, Store};

/// Returns the folder of a run over both versions of HTTP, in the clear and under TLS.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../results/path")
}

/// Checks each valid run over HTTP/2: what streams and WebSockets brought a message is that of the
/// formulas to the byte, and of what has heads nothing is said.
#[test]
fn a_message_over_http_2_has_the_bytes_that_the_ledger_counted() {
    let rows = Store::open(folder()).expect("a folder").read().rows;
    let over = |run: &&RunRow| run.http == "2" && run.valid;
    let (mut known, mut unknown) = (0, 0);
    for run in rows.runs.iter().filter(over) {
        let situation = Situation::of(run).expect("a way that is known");
        let costs = Costs::of(&situation);
        assert_eq!(
            (costs.say, costs.opening.is_some()),
            (None, situation.way.polls())
        );
        let Some(read) = costs.read else {
            assert!(situation.way.polls(), "{} {}", run.transport, run.cell);
            unknown += 1;
            continue;
        };
        let sum = |direction: &str| -> u64 {
            let rows = rows.ledger.iter().filter(|row| {
                row.is_of_window()
                    && row.transport == run.transport
                    && row.variant == run.variant
                    && row.cell == run.cell
                    && row.repeat == run.repeat
                    && row.direction == direction
                    && row.purpose == "deliver"
                    && row.layer != "tcp_ip"
            });
            rows.map(|row| row.bytes).sum()
        };
        for (direction, predicted) in [("up", read.up), ("down", read.down)] {
            let measured = sum(direction) as f64 / run.delivered as f64;
            let is_near = (measured - predicted).abs() <= 1e-9 * predicted.abs();
            assert!(
                is_near,
                "{} {} {}: {predicted} predicted, {measured} measured {direction}",
                run.transport, run.cell, run.repeat
            );
        }
        known += 1;
    }
    // Streams and WebSockets, and both kinds of polls, in the clear and under TLS, seven times each; of
    // one of them a run is not valid.
    assert_eq!((known, unknown), (27, 28));
}
