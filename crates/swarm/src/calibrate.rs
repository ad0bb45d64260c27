//! The cost of the generator itself: a run of the plan's shape against a server that does
//! next to nothing, in a thread of this program.
//!
//! Its latency and its CPU time per delivery show the order of magnitude of the swarm's part in
//! those of a run. They are no lower bounds: readers queue less behind a server that spreads its
//! writes than behind this one. The time that the swarm took to read is measured in each run itself
//! (`socket::arrival`).

mod charge;
mod null;

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use serde::Serialize;

use crate::{
    driver::start::{StartError, start},
    outcome::{Notice, Outcome},
    plan::{Arrivals, Pacing, Plan, Speak, Swarm, Traffic, Variant},
    target::Target,
};

pub use charge::{Charge, charge};

/// The largest number of readers: the ramp of more would take longer than the second that is
/// measured.
const MOST_CLIENTS: usize = 1_000;
/// The fewest drafts a second, so that there is something to count.
const FEWEST_DRAFTS: f64 = 20.0;
/// The most deliveries a second: a calibration is about latency, not about capacity.
const MOST_DELIVERIES: f64 = 20_000.0;

/// The time between two looks at whether the calibration is to be given up.
const LOOK: Duration = Duration::from_millis(50);

/// The time for starting and ending a calibration, beside its phases.
const AROUND: Duration = Duration::from_millis(200);

/// The latency and the cost that remain when the server does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CalibrationResult {
    /// Readers of the calibration.
    pub clients: usize,
    /// The number of deliveries that were measured.
    pub deliveries: u64,
    /// Latency from due, median, in microseconds.
    pub p50_us: u64,
    /// Latency from due, 99th percentile, in microseconds.
    pub p99_us: u64,
    /// Lateness of drafts, 99th percentile, in microseconds.
    pub late_p99_us: u64,
    /// CPU time of the swarm's threads for each delivery, in microseconds.
    pub cpu_us_per_delivery: f64,
    /// True if the speaking thread was given priority over the rest.
    pub speaks_first: bool,
}

/// Runs a load of the shape of `plan` for about a second over WebSockets against a null server.
/// Returns `None` if the result cannot be believed, or if the calibration was given up because
/// `is_over` became true.
///
/// # Errors
/// Fails like [`start`] if the plan is impossible on this machine.
pub fn calibrate(
    plan: &Plan,
    is_over: &dyn Fn() -> bool,
) -> Result<Option<CalibrationResult>, StartError> {
    let plan = shape(plan);
    let (sender, address) = mpsc::channel();
    let server = std::thread::Builder::new()
        .name("null".to_owned())
        .spawn(move || null::serve(&sender))
        .map_err(|error| StartError::System("start a thread", error))?;
    let Ok(null::Address { address, end }) = address.recv() else {
        return Ok(None);
    };
    let running = start(plan.clone(), Target::at(address))?;
    if !ends(&running.notices, is_over) {
        // Nobody waits for the run's threads, nor for the server, which ends when `end` is dropped.
        running.stop("given up");
        return Ok(None);
    }
    let outcome = running.finish();
    // The server may have ended by itself: then nobody receives this.
    let _ = end.send(());
    let _ = server.join();
    Ok(result_of(&plan, &outcome))
}

/// Waits until a run has ended. Returns false if it is to be given up before.
fn ends(notices: &mpsc::Receiver<Notice>, is_over: &dyn Fn() -> bool) -> bool {
    loop {
        match notices.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Disconnected) => return true,
            _ if is_over() => return false,
            _ => {}
        }
    }
}

/// Returns about how long the calibration of `plan` takes.
#[must_use]
pub fn calibration_takes(plan: &Plan) -> Duration {
    let shape = shape(plan);
    shape.swarm.ramp + shape.traffic.settle + shape.traffic.measure + AROUND
}

/// Returns `plan` as a calibration runs it.
fn shape(plan: &Plan) -> Plan {
    let rooms = plan.rooms().clamp(1, MOST_CLIENTS);
    let in_a_room = (plan.swarm.clients / plan.rooms().max(1)).clamp(1, MOST_CLIENTS / rooms);
    let clients = rooms * in_a_room;
    let most = MOST_DELIVERIES / clients as f64;
    let fewest = FEWEST_DRAFTS / rooms as f64;
    Plan {
        scenario: "calibration".to_owned(),
        variant: Variant::Websocket,
        swarm: Swarm {
            clients,
            rooms: Some(rooms),
            room_sizes: None,
            rooms_per_clerk: None,
            presence: false,
            ramp: Duration::from_millis(50) + Duration::from_micros(100) * clients as u32,
            connect_within: Duration::from_secs(30),
            ..plan.swarm.clone()
        },
        traffic: Traffic {
            publishers: plan.traffic.publishers.clamp(1, in_a_room),
            // A room's deliveries are its rate times its people.
            rate: plan.traffic.rate.max(fewest).min(most),
            arrivals: match plan.traffic.arrivals {
                Arrivals::Poisson => Arrivals::Poisson,
                Arrivals::Constant | Arrivals::Burst { .. } => Arrivals::Constant,
            },
            speak: Speak::Same,
            pacing: Pacing::Open,
            settle: Duration::from_millis(200),
            measure: Duration::from_secs(1),
            drain: Duration::from_secs(2),
            ..plan.traffic.clone()
        },
        say_headers: Vec::new(),
        cut: None,
        churn: None,
        reconnect: None,
        answer: None,
        turns: None,
        foreign: None,
        ..plan.clone()
    }
}

fn result_of(plan: &Plan, outcome: &Outcome) -> Option<CalibrationResult> {
    let whole = !outcome.has_failures() && outcome.ended_early.is_none();
    if !whole || outcome.delivered == 0 || outcome.lost() > 0 {
        return None;
    }
    let micros = |histogram: &hdrhistogram::Histogram<u64>, quantile: f64| {
        histogram.value_at_quantile(quantile) / 1_000
    };
    Some(CalibrationResult {
        clients: plan.swarm.clients,
        deliveries: outcome.delivered,
        p50_us: micros(&outcome.due, 0.5),
        p99_us: micros(&outcome.due, 0.99),
        late_p99_us: micros(&outcome.lateness, 0.99),
        cpu_us_per_delivery: outcome.shards_cpu.as_secs_f64() * 1e6 / outcome.delivered as f64,
        speaks_first: outcome.speaks_first,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_shape_is_kept_within_what_a_second_can_hold() {
        let mut plan = sample::plan(Variant::LongPoll {
            hold: Duration::from_secs(25),
            keep_alive: true,
        });
        let mut load = |clients, rooms, rate, publishers| {
            (plan.swarm.clients, plan.swarm.rooms) = (clients, Some(rooms));
            (plan.traffic.rate, plan.traffic.publishers) = (rate, publishers);
            plan.clone()
        };
        let shaped = shape(&load(10_000, 100, 4.0, 2));
        assert_eq!(
            (
                shaped.swarm.clients,
                shaped.rooms(),
                shaped.traffic.publishers
            ),
            (1_000, 100, 2)
        );
        assert_eq!(
            (shaped.traffic.rate, shaped.variant),
            (4.0, Variant::Websocket)
        );
        let shaped = shape(&load(10_000, 1, 500.0, 2));
        assert_eq!((shaped.traffic.rate, shaped.swarm.clients), (20.0, 1_000));
        let plan = load(3, 1, 0.1, 0);
        let shaped = shape(&plan);
        assert_eq!(
            (
                shaped.swarm.clients,
                shaped.traffic.publishers,
                shaped.traffic.rate
            ),
            (3, 1, 20.0)
        );
        let takes = Duration::from_micros(50_300 + 200_000 + 1_000_000 + 200_000);
        assert_eq!(calibration_takes(&plan), takes);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test is no run")]
    fn a_calibration_is_given_up_as_soon_as_it_is_asked_to_end() {
        let plan = sample::plan(Variant::Websocket);
        // A busy machine may hold up one attempt; waiting for its end would hold up all of them, for
        // its phases alone take more than a second.
        let is_quick = (0..5).any(|_| {
            let began = std::time::Instant::now();
            let asked = || began.elapsed() > Duration::from_millis(100);
            assert_eq!(calibrate(&plan, &asked).unwrap(), None);
            began.elapsed() < Duration::from_secs(1)
        });
        assert!(is_quick);
    }

    #[test]
    fn a_null_server_gives_a_floor() {
        let mut plan = sample::plan(Variant::Websocket);
        plan.traffic.payload = crate::plan::Payload {
            min: 100,
            max: 70_000,
        };
        // Nobody leaves a calibration.
        plan.churn = Some(crate::plan::Churn {
            rate: 50.0,
            share: 1.0,
            away: Duration::from_secs(2),
            changes: true,
        });
        let result = calibrate(&plan, &|| false).unwrap().expect("all is heard");
        // Two rooms of five, ten drafts in each.
        assert_eq!((result.clients, result.deliveries), (10, 100));
        assert!(result.p50_us > 0 && result.p50_us <= result.p99_us);
        assert!(result.cpu_us_per_delivery > 0.0);
    }
}
