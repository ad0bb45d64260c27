//! One run in two parts: the latency between them is told as far as their calendar clocks allow, and
//! latency within a part does not depend on any calendar.

use std::time::{Duration, Instant};

use swarm::{
    Part, Running, Starter, Target,
    outcome::{ByClocks, Notice, Outcome},
    plan::{Plan, Variant},
};

use crate::fixture::{Server, plan};

const MS: i64 = 1_000_000;
/// The largest error that each part states of its clock.
const ERROR: Duration = Duration::from_millis(2);

/// Runs both parts of a plan, which begin at one moment.
fn two_parts(plan: &Plan, server: &Server) -> [Outcome; 2] {
    let start = |number| {
        let part = Part::new(number, 2).unwrap();
        swarm::start_part(plan.clone(), Target::at(server.address), part).unwrap()
    };
    let parts: [(Running, Starter); 2] = [start(1), start(2)];
    for (running, _) in &parts {
        let mut notices = running.notices.iter();
        assert!(notices.any(|notice| matches!(notice, Notice::Gathered)));
    }
    let at = Instant::now() + Duration::from_millis(200);
    for (_, starter) in &parts {
        starter.begin(at);
    }
    parts.map(|(running, _)| running.finish())
}

/// Merges both parts, with the clock of the second set off by so many milliseconds.
fn merged(plan: &Plan, parts: &[Outcome; 2], off: u64) -> Outcome {
    let copy = |outcome: &Outcome| -> Outcome {
        let text = serde_json::to_string(outcome).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let parts = Part::all(2).zip(parts.iter().map(copy));
    let parts = parts.map(|(part, mut outcome)| {
        outcome.clock_error = Some(ERROR);
        if part.number() == 2 {
            outcome.began_unix_ns = outcome.began_unix_ns.map(|ns| ns + off * 1_000_000);
        }
        (part, outcome)
    });
    swarm::merge(plan, parts.collect()).unwrap()
}

fn latency(outcome: &Outcome) -> &ByClocks {
    let told = outcome.cross_shard.as_ref().unwrap();
    told.latency.as_ref().unwrap()
}

#[test]
fn a_clock_that_is_off_shifts_latency_between_parts_and_no_other() {
    let server = Server::start();
    let plan = plan(Variant::Websocket);
    let parts = two_parts(&plan, &server);
    let crossed = parts.each_ref().map(|part| {
        let told = part.cross_shard.as_ref().unwrap();
        assert_eq!(told.latency, None);
        told.deliveries
    });
    // Each part sends ten of twenty drafts, and has six of twelve readers.
    assert_eq!(crossed, [60, 60]);
    let right = merged(&plan, &parts, 0);
    assert_eq!((right.delivered, right.due.len()), (240, 120));
    let told = latency(&right);
    let [low, high] = [&told.low, &told.high].map(|times| times.at(0.5).unwrap());
    // Both errors on either side, and nothing but rounding beside them; the calendar of a machine
    // may be moved by a little.
    assert!((high - low - 8 * MS).abs() < 2 * MS, "{low} {high}");
    assert!(high > 0 && low < 5_000 * MS, "{low} {high}");
    // Nothing takes a minute here.
    let off = merged(&plan, &parts, 60_000);
    let told = latency(&off);
    assert_eq!(told.negative, 60);
    let least = told.high.at(0.0).unwrap();
    assert!(least < -50_000 * MS, "{least}");
    let most = told.low.at(1.0).unwrap();
    assert!(most > 59_000 * MS, "{most}");
    assert_eq!((&off.due, &off.sent), (&right.due, &right.sent));
    assert_eq!((off.delivered, off.lost()), (240, 0));
}
