//! Calibrations: what the generator comes to without a server, once for each
//! shape of run, printed and kept in the manifest.

use serde::Serialize;
use swarm::{
    Floor, calibrate,
    plan::{Accounting, Payload, Plan},
};

/// The floor under all runs of one shape.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Calibration {
    #[serde(flatten)]
    shape: Shape,
    /// Absent where the calibration itself went wrong.
    floor: Option<Floor>,
}

/// What the floor depends on.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Shape {
    clients: usize,
    rooms: usize,
    publishers: usize,
    rate: f64,
    payload: Payload,
    shards: usize,
    accounting: Accounting,
}

impl Shape {
    const fn of(plan: &Plan) -> Self {
        Self {
            clients: plan.clients,
            rooms: plan.rooms,
            publishers: plan.publishers,
            rate: plan.rate,
            payload: plan.payload,
            shards: plan.shards,
            accounting: plan.accounting,
        }
    }
}

/// Calibrates for `plan` unless its shape is among those `known`; a line to
/// print when it did.
pub(crate) fn look(known: &mut Vec<Calibration>, plan: &Plan) -> anyhow::Result<Option<String>> {
    let shape = Shape::of(plan);
    if known.iter().any(|calibration| calibration.shape == shape) {
        return Ok(None);
    }
    let floor = calibrate(plan)?;
    known.push(Calibration { shape, floor });
    Ok(Some(floor.as_ref().map_or_else(
        || "floor: the calibration failed; the machine may be too busy to measure on".to_owned(),
        words,
    )))
}

fn words(floor: &Floor) -> String {
    format!(
        "floor: p50 {:.2} ms, p99 {:.2} ms, {:.1} \u{b5}s of CPU a delivery (null server, {} readers)",
        floor.p50_us as f64 / 1e3,
        floor.p99_us as f64 / 1e3,
        floor.cpu_us_per_delivery,
        floor.clients
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_in_words() {
        let floor = Floor {
            clients: 100,
            deliveries: 2_000,
            p50_us: 123,
            p99_us: 1_456,
            late_p99_us: 80,
            cpu_us_per_delivery: 2.345,
            speaks_first: true,
        };
        assert_eq!(
            words(&floor),
            "floor: p50 0.12 ms, p99 1.46 ms, 2.3 \u{b5}s of CPU a delivery (null server, 100 readers)"
        );
    }
}
