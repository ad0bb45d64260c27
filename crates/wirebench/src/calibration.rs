//! Calibrations: the generator's own cost without a server, measured once for each shape of run,
//! printed and kept in the manifest.

use std::time::Duration;

use results::manifest;
use swarm::{
    CalibrationResult, Charge, calibrate, calibration_takes, charge,
    plan::{self, Accounting, Payload, Plan},
};

use crate::interrupt::Interrupt;

/// The results of a calibration: the generator's own cost for runs of one shape when the server
/// does nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Calibration {
    shape: Shape,
    /// The result; absent if the calibration itself failed.
    floor: Option<CalibrationResult>,
    /// The CPU time that the kernel charges for a message over loopback; measured once per call.
    loopback: Option<Charge>,
}

/// The properties of a plan on which the calibration depends.
#[derive(Debug, Clone, PartialEq)]
struct Shape {
    clients: usize,
    rooms: usize,
    publishers: usize,
    rate: f64,
    payload: Payload,
    shards: usize,
    accounting: Accounting,
}

impl Calibration {
    /// Returns what the manifest keeps of it.
    pub(crate) fn kept(&self) -> serde_json::Result<manifest::Calibration> {
        let shape = &self.shape;
        let floor = self.floor.map(|floor| manifest::Floor {
            clients: floor.clients as u64,
            cpu_us_per_delivery: floor.cpu_us_per_delivery,
            deliveries: floor.deliveries,
            late_p99_us: floor.late_p99_us,
            p50_us: floor.p50_us,
            p99_us: floor.p99_us,
            speaks_first: floor.speaks_first,
            others: manifest::Others::new(),
        });
        let loopback = self.loopback.map(|charge| manifest::Loopback {
            queued_us: charge.queued_us,
            receiver_share_at_most: charge.receiver_share_at_most,
            send_us: charge.send_us,
            others: manifest::Others::new(),
        });
        Ok(manifest::Calibration {
            accounting: serde_json::to_value(shape.accounting)?,
            clients: shape.clients as u64,
            floor,
            loopback,
            payload: manifest::Payload {
                max: shape.payload.max as u64,
                min: shape.payload.min as u64,
            },
            publishers: shape.publishers as u64,
            rate: shape.rate,
            rooms: shape.rooms as u64,
            shards: shape.shards as u64,
            others: manifest::Others::new(),
        })
    }
}

impl Shape {
    fn of(plan: &Plan) -> Self {
        Self {
            clients: plan.swarm.clients,
            rooms: plan.rooms(),
            publishers: plan.traffic.publishers,
            rate: plan.traffic.rate,
            payload: plan.traffic.payload,
            shards: plan.swarm.shards,
            accounting: plan.swarm.accounting,
        }
    }
}

/// Returns about how long these runs take, and the calibrations before them.
pub(crate) fn estimate(plans: &[Plan]) -> Duration {
    plan::estimate(plans) + takes(plans)
}

/// Returns about how long the calibrations of these plans take: one for each shape.
fn takes(plans: &[Plan]) -> Duration {
    let mut shapes: Vec<Shape> = Vec::new();
    let mut takes = Duration::ZERO;
    for plan in plans.iter().filter(|plan| plan.is_chat()) {
        let shape = Shape::of(plan);
        if !shapes.contains(&shape) {
            takes += calibration_takes(plan);
            shapes.push(shape);
        }
    }
    takes
}

/// Calibrates for `plan` unless its shape is among those `known`. Returns a line to print if it
/// calibrated. A calibration that is interrupted leaves nothing.
pub(crate) fn calibrate_once(
    known: &mut Vec<Calibration>,
    plan: &Plan,
    interrupt: &Interrupt,
) -> anyhow::Result<Option<String>> {
    let shape = Shape::of(plan);
    // What is no chat is not made by the load generator.
    if !plan.is_chat() || known.iter().any(|calibration| calibration.shape == shape) {
        return Ok(None);
    }
    let floor = calibrate(plan, &|| interrupt.seen())?;
    if interrupt.seen() {
        return Ok(None);
    }
    let loopback = match known.first() {
        Some(first) => first.loopback,
        None => charge(),
    };
    let mut told = floor.as_ref().map_or_else(
        || "calibration: it failed; the machine may be too busy to measure on".to_owned(),
        words,
    );
    if let Some(charge) = loopback.filter(|_| known.is_empty()) {
        let (cost, percent) = (charge.send_us, charge.receiver_share_at_most * 1e2);
        told = format!(
            "{told}; of a send's {cost:.1} \u{b5}s at most {percent:.0} % are its receiver's"
        );
    }
    known.push(Calibration {
        shape,
        floor,
        loopback,
    });
    Ok(Some(told))
}

fn words(floor: &CalibrationResult) -> String {
    format!(
        "calibration: p50 {:.2} ms, p99 {:.2} ms, {:.1} \u{b5}s of CPU a delivery (null server, {} readers)",
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
    fn each_shape_is_calibrated_once() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/quick.toml");
        let sets = ["swarm.clients=[100, 200]".to_owned()];
        let study = scenario::Study::load(file.as_ref(), &sets).expect("a scenario");
        // Two shapes, over five transports each: 60 and 70 ms of ramp, 1.4 s of the rest.
        let plans = study.plans();
        assert_eq!(
            (plans.len(), takes(&plans)),
            (10, Duration::from_millis(2_930))
        );
        assert_eq!(takes(&[]), Duration::ZERO);
    }

    #[test]
    fn a_floor_in_words() {
        let floor = CalibrationResult {
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
            "calibration: p50 0.12 ms, p99 1.46 ms, 2.3 \u{b5}s of CPU a delivery (null server, 100 readers)"
        );
    }
}
